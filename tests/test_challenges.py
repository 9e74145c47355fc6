"""What may stand in the way of a sign-in: handed over with picture and command, or waited for in place."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pyotp
import pytest

from agent.account import signin
from agent.account.session import open_session
from agent.browser.launcher import Browser
from agent.domain.errors import NeedsHuman
from agent.profile.profile import load
from tests.consoles.ebay import session
from tests.pages import ClerkOn
from tests.person import a_person, signing_in
from tests.world import World

SECRET = pyotp.random_base32()

# (platform, challenge, what is seen, what a person does about it)
CHALLENGES = [
    ("ebay", "captcha", "eBay asks for a captcha", [("#captcha-verify", "")]),
    ("ebay", "trust", "whether to trust this device", [("button[value=yes]", "")]),
    ("ebay", "question", "the secret question", [("text=Not now", "")]),
    ("ebay", "code", "one-time code", [("#code-input", "123456"), (".btn--primary", "")]),
    ("dhgate", "slider", "请拖动滑块完成拼图", [("#practice-slider-done", "")]),
]


async def entered(world: World, browser: Browser, name: str) -> str:
    """The name that the console greets after a run's sign-in."""
    async with open_session(
        browser, world.settings, name, wait=False, say=world.voice.say
    ) as account_session:
        return account_session.shown_as


@pytest.mark.parametrize(("platform", "challenge", "seen", "_"), CHALLENGES, ids=lambda one: str(one)[:9])
async def test_a_challenge_is_handed_over_with_a_picture_and_the_command(
    world: World, kept_browser: Browser, platform: str, challenge: str, seen: str, _: object
) -> None:
    # Broken on purpose: `_by_a_person` returns where nobody is asked; `Tabs.guarded` never set.
    world.env["UNSELL_STEP_TIMEOUT_SECONDS"] = "30"
    world.shop("one", platform, challenge=challenge)
    with pytest.raises(NeedsHuman) as stopped:
        await entered(world, kept_browser, "one")
    assert seen in str(stopped.value)
    assert "unsell login one" in str(stopped.value)
    assert world.voice.said == []
    [folder] = (world.settings.evidence_dir / platform / "_sign-in").iterdir()
    assert list(folder.glob("*failed*.jpg"))
    [step] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["steps"]
    assert seen in step["error"]
    assert step["seconds"] < 30, "it was noticed at the step's deadline only"


@pytest.mark.parametrize(("platform", "challenge", "seen", "does"), CHALLENGES, ids=lambda one: str(one)[:9])
async def test_before_a_visible_window_the_run_waits_and_goes_on_by_itself(
    world: World, kept_browser: Browser, platform: str, challenge: str, seen: str,
    does: list[tuple[str, str]],
) -> None:  # fmt: skip
    # Broken on purpose: `clerk.ask` left None; `hindered` always False reloads the trust page.
    world.env["UNSELL_HEADLESS"] = "false"
    world.shop("one", platform, challenge=challenge)
    async with a_person(kept_browser, world.voice.said, *does):
        assert await entered(world, kept_browser, "one") == "one Shop"
    [said] = world.voice.said
    assert said.startswith("one: ")
    assert seen in said
    assert "in the browser window" in said
    assert all(n <= 2 for path, n in world.store.loads().items() if "acctsec" in path or "captcha" in path)


async def test_the_password_was_wrong_and_the_person_types_the_right_one(
    world: World, kept_browser: Browser
) -> None:
    world.env["UNSELL_HEADLESS"] = "false"
    username = world.shop("one", "dhgate", password="not-the-right-one")
    async with a_person(kept_browser, world.voice.said, *signing_in("dhgate", username)):
        assert await entered(world, kept_browser, "one") == "one Shop"
    assert "did not accept the sign-in" in world.voice.said[0]


async def test_nobody_comes(world: World, kept_browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("page.lookout", "account.signin"):
        monkeypatch.setattr(f"agent.{module}.PATIENCE", 0.5)
    world.env["UNSELL_HEADLESS"] = "false"
    world.shop("one", "ebay", challenge="captcha")
    with pytest.raises(NeedsHuman, match="unsell login one"):
        await entered(world, kept_browser, "one")


async def test_a_code_that_would_expire_while_it_is_typed_is_not_typed(
    world: World, kept_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: `_CODE_LASTS = 0`.
    ends = 1_700_000_010.0 - 0.15  # a half minute ends a moment after the first look at the clock
    looked: list[float] = []

    def clock() -> float:
        looked.append(time.monotonic())
        return ends + looked[-1] - looked[0]

    monkeypatch.setattr(signin, "time", SimpleNamespace(time=clock, monotonic=time.monotonic))
    monkeypatch.setattr(session, "clock", clock)
    world.shop("one", "ebay", challenge=f"code:{SECRET}", TOTP_SECRET=SECRET)
    assert await entered(world, kept_browser, "one") == "one Shop"


async def test_a_code_is_typed_where_the_label_alone_says_so_and_never_where_two_fields_might_be_it(
    world: World, kept_browser: Browser
) -> None:
    # Broken on purpose: `{ label = true }` taken out of selectors/ebay.toml; the count in type_and_send.
    world.shop("one", "ebay", challenge=f"code-by-label:{SECRET}", TOTP_SECRET=SECRET)
    assert await entered(world, kept_browser, "one") == "one Shop"
    world.shop("two", "ebay", challenge=f"code-twice:{SECRET}", TOTP_SECRET=SECRET)
    before = world.store.loads()["signin.ebay.com/signin/mfa"]
    with pytest.raises(
        NeedsHuman, match="2 matches where one is needed: the field of a one-time code"
    ) as stopped:
        await entered(world, kept_browser, "two")
    assert "unsell login two" in str(stopped.value)
    assert world.store.loads()["signin.ebay.com/signin/mfa"] == before + 1, (
        "the page was shown, nothing was sent"
    )


async def test_what_asks_for_more_than_a_code_is_for_a_person(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `unless` taken out of the guard; `_shows` always False.
    asked = "<h1>Let’s verify it’s you</h1><p>Approve it in the app.</p>"
    clerk = await clerk_on(asked, load("ebay"))
    with pytest.raises(NeedsHuman, match="by a way that needs a person"):
        await clerk.see("signin.code")
    clerk = await clerk_on(f"{asked}<label>Security code <input></label>", load("ebay"))
    assert await clerk.see("home.shown_as", "signin.code") == "signin.code"


@pytest.mark.parametrize(
    ("platform", "field", "masked"),
    [
        ("ebay", "<label for=f>Sicherheits-code</label><input id=f>", False),
        ("ebay", "<label for=f>Sicherheitscode</label><input id=f>", True),
        ("ebay", "<input id=f autocomplete=one-time-code>", True),
        ("ebay", "<input id=pass>", True),
        ("dhgate", "<label>动态验证码 <input id=f></label>", True),
        ("dhgate", "<input placeholder=请输入登录密码>", True),
    ],
)
async def test_no_picture_shows_what_was_typed_into_a_secret_field(
    clerk_on: ClerkOn, platform: str, field: str, masked: bool
) -> None:
    # Broken on purpose: `*secrets` left out of the mask. The first field is not listed: its pictures differ.
    clerk = await clerk_on(f"<main>{field}</main>", load(platform))
    pictures = []
    for typed in ("123456", "987 04"):
        await clerk.page.locator("input").fill(typed)
        await clerk.photograph(full=True)
        await clerk.developed()
        assert clerk.record
        pictures.append((clerk.evidence.folder / clerk.record.files[-1]).read_bytes())
    assert (pictures[0] == pictures[1]) is masked


async def test_the_passkey_offer_is_skipped(world: World, kept_browser: Browser) -> None:
    world.shop("one", "ebay", challenge="passkey")
    assert await entered(world, kept_browser, "one") == "one Shop"
    assert world.store.loads()["accounts.ebay.com/acctsec/authn-register"] == 1


async def test_a_page_translated_by_the_browser_is_for_a_person(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the guard taken out of selectors/ebay.toml; the step's clock goes on while waiting.
    clerk = await clerk_on("<b class=gh-identity__greeting>Hi one!</b>", load("ebay"))
    await clerk.page.evaluate("document.documentElement.classList.add('translated-ltr')")
    with pytest.raises(NeedsHuman, match="请关闭网页翻译后重试"):
        await clerk.text("home.shown_as")
    # With a person at the window it goes on as soon as the translation is off, past the step's deadline.
    said: list[str] = []
    clerk.ask, clerk.step_timeout = said.append, 1.5
    off = "document.documentElement.classList.remove('translated-ltr')"
    await clerk.page.evaluate(f"setTimeout(() => {off}, 2500)")
    async with clerk.clock():
        assert await clerk.text("home.shown_as") == "Hi one!"
    assert "请关闭网页翻译后重试" in said[0]
