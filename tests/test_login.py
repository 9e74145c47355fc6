"""A person signs in once; later runs find the session, encrypted on disk, and sign in no more."""

from __future__ import annotations

import asyncio
import socket
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from agent.account.login import check, login
from agent.account.session import open_session
from agent.browser.launcher import Browser
from agent.domain.errors import UsageError
from agent.domain.order import State
from agent.settings.settings import Settings
from tests.conftest import Kept
from tests.person import a_person, signing_in
from tests.world import PASSWORD, World, manifest

if sys.platform != "win32":
    import pexpect  # type: ignore[import-untyped]


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def opened(kept_browser: Browser, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which browsers ``login`` has opened, in order: hidden or visible."""
    seen: list[str] = []

    class Seen(Kept):
        def __init__(self, settings: Settings) -> None:
            super().__init__(kept_browser)
            seen.append("hidden" if settings.headless else "visible")

    monkeypatch.setattr("agent.account.login.Browser", Seen)
    return seen


def sign_ins(world: World) -> int:
    """How many sessions the sites have opened."""
    return len(world.store.rows("SELECT * FROM sessions"))


@pytest.mark.parametrize(
    ("platform", "challenge", "does", "order_no"),
    [
        ("ebay", "", [], "12-34567-89012"),
        ("dhgate", "slider", [("#practice-slider-done", "")], "1330312162"),
    ],
)
async def test_a_person_signs_in_once_and_runs_find_the_session(
    world: World, kept_browser: Browser, opened: list[str], platform: str, challenge: str,
    does: list[tuple[str, str]], order_no: str,
) -> None:  # fmt: skip
    # Broken on purpose: `check` returns all names; `sessions.save` left out of still_signed_in and ensure.
    language = "zh-CN" if platform == "dhgate" else "en"
    username = world.shop("one", platform, password=None, challenge=challenge, language=language)
    world.order("one", order_no)
    before = await world.cancel("one", order_no, dry_run=True)
    assert before.state is State.NEEDS_HUMAN
    assert "unsell login one" in (before.detail or "")
    assert "failed.jpg" in str(manifest(before)["steps"][0]["files"])
    said = world.voice.said = []
    async with a_person(kept_browser, said, *signing_in(platform, username), *does):
        assert await login(world.settings, ["one"], world.voice.say) == []
    assert said[0] == "one: no saved session"
    assert said[-1] == "one: signed in as one Shop, session saved"
    assert opened == ["visible"]
    [file] = world.settings.sessions_dir.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"cookies" not in file.read_bytes()
    # Again: nobody is asked, no window opens, one page load tells.
    loads, signed_in = sum(world.store.loads().values()), sign_ins(world)
    assert await login(world.settings, ["one"], world.voice.say) == []
    assert opened == ["visible", "hidden"]
    assert sum(world.store.loads().values()) == loads + 1
    outcome = await world.cancel("one", order_no, dry_run=True)
    assert outcome.state is State.REHEARSED, outcome
    assert sign_ins(world) == signed_in, "it signed in again"


@pytest.mark.long
async def test_only_who_must_signs_in_and_one_account_does_not_stop_the_next(
    world: World, kept_browser: Browser, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: `missed.append` made a raise; the account that is still signed in asked all the same.
    monkeypatch.setattr("agent.browser.discovery.has_display", lambda: True)  # else a password is enough
    for name in ("still", "wrong", "new"):
        world.shop(name, "ebay", password=None if name == "new" else PASSWORD)
    for name in ("still", "wrong"):
        async with open_session(kept_browser, world.settings, name, wait=False):
            pass
    world.store.do("DELETE FROM sessions WHERE username='wrong_user'")
    names, said = ["still", "wrong", "new"], world.voice.said
    assert await check(world.settings, names, world.voice.say) == ["wrong", "new"]
    assert said == ["new: no saved session", "still: signed in as still Shop", "wrong: signed out"]
    said.clear()
    by_hand = [*signing_in("ebay", "still_user"), *signing_in("ebay", "new_user")]
    async with a_person(kept_browser, said, *by_hand):
        assert await login(world.settings, names, world.voice.say) == ["wrong"]
    assert [text for text in said if "please" in text] == [
        "wrong: please sign in to eBay in the browser window",
        "new: please sign in to eBay in the browser window",
    ]
    assert any("signed in as still Shop, not as wrong Shop" in text for text in said)
    assert said[-1] == "new: signed in as new Shop, session saved"
    assert opened == ["hidden", "hidden", "visible"]


@pytest.mark.long
async def test_status_and_forget_at_the_command_line(world: World, kept_browser: Browser) -> None:
    # Broken on purpose: `forget` leaves the file; `--status` exits 0 always.
    world.shop("one", "dhgate", TITLE="深圳一店")
    assert world.cli("login", "--status", check=4).stdout == "one: no saved session\n"
    async with open_session(kept_browser, world.settings, "one", wait=False):
        pass
    loads = sum(world.store.loads().values())
    assert world.cli("login", "--status", "深圳一店", check=0).stdout == "one: signed in as one Shop\n"
    assert sum(world.store.loads().values()) == loads + 1
    assert world.cli("login", "--forget", "one", check=0).stdout == "one: the saved session is removed\n"
    assert list(world.settings.sessions_dir.iterdir()) == []
    assert "names" in world.cli("login", "--forget", check=2).stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_login_says_what_to_do(world: World) -> None:
    world.shop("one", "ebay", password=None)
    told = world.cli("login", "one", check=4, DISPLAY="", WAYLAND_DISPLAY="").stderr
    assert "one: no display: a browser window cannot be shown here; sign in on a machine" in told


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_a_password_signs_in_and_the_key_is_made_by_itself(world: World) -> None:
    # Broken on purpose: `by_password` left empty; the key's file not made.
    world.shop("one", "ebay")
    world.shop("two", "ebay", password=None)
    del world.env["UNSELL_SESSION_KEY"]
    env = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    told = world.cli("login", check=4, **env).stderr
    assert "one: signed in as one Shop, session saved" in told
    assert "two: no display" in told
    assert told.count("session.key") == 1
    again = world.cli("login", "one", check=0, **env)
    assert "one: signed in as one Shop\n" in again.stderr
    assert "session.key" not in again.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal there")
def test_one_ctrl_c_ends_a_login_that_waits(world: World) -> None:
    # As it was: the first one did nothing, and the command sat on for minutes.
    world.shop("one", "ebay")
    env = world.environment(DISPLAY="", WAYLAND_DISPLAY="", UNSELL_STEP_TIMEOUT_SECONDS="300")
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        deaf.settimeout(60)
        env["UNSELL_PRACTICE"] = f"127.0.0.1:{deaf.getsockname()[1]}"
        words = ["-m", "agent", "login", "one"]
        with pexpect.spawn(sys.executable, words, cwd=str(world.home), env=env, encoding="utf-8") as child:
            with deaf.accept()[0]:  # the browser waits for an answer that never comes
                child.sendintr()
                child.expect_exact("interrupted", timeout=20)
                child.expect_exact(pexpect.EOF, timeout=20)
            assert "Traceback" not in child.before
            child.close()
            assert child.exitstatus == 130


async def test_the_browser_is_quietly_in_another_account(world: World, kept_browser: Browser) -> None:
    # Broken on purpose: `held_to` left out where account_session makes the SignIn.
    world.shop("one", "ebay")
    world.shop("two", "ebay")
    world.order("one", "12-34567-89012")
    async with open_session(kept_browser, world.settings, "one", wait=False):
        pass
    world.store.do("UPDATE sessions SET username='two_user'")
    outcome = await world.cancel("one", "12-34567-89012")
    assert outcome.state is State.NEEDS_HUMAN
    assert "signed in as two Shop, not as one Shop" in (outcome.detail or "")
    assert world.commits() == []


@pytest.mark.long
async def test_every_account_of_the_sheet_is_checked_before_the_first_order(
    world: World, kept_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: `await gate.all_arrived()` taken out of Runner._account.
    async def slowly(_: str) -> str:
        await asyncio.sleep(3)
        return "123456"

    monkeypatch.setattr("agent.account.signin._fresh_code", slowly)
    world.shop("quick", "dhgate")
    async with open_session(kept_browser, world.settings, "quick", wait=False):
        pass
    world.shop("slow", "ebay", challenge="code", TOTP_SECRET="JBSWY3DPEHPK3PXP")
    world.shop("out", "dhgate", password=None)
    wanted = [
        world.wanted("quick", world.order("quick", "1330312162")),
        world.wanted("slow", world.order("slow", "12-34567-89012")),
        world.wanted("out", world.order("out", "1330312163")),
    ]
    found = {o.account: o for o in (await world.run(*wanted, dry_run=True)).outcomes}
    assert {name: o.state for name, o in found.items()} == {
        "quick": State.REHEARSED, "slow": State.REHEARSED, "out": State.NEEDS_HUMAN,
    }  # fmt: skip
    assert "unsell login out" in (found["out"].detail or "")
    assert world.voice.waiting == {"out": found["out"].detail}, "told before the first order"
    walks = [manifest(found[name])["steps"] for name in ("quick", "slow")]
    checked = max(ended(steps[0]) for steps in walks)
    assert all(datetime.fromisoformat(steps[1]["started_at"]) >= checked for steps in walks)


def ended(step: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(step["started_at"]) + timedelta(seconds=step["seconds"])


async def test_a_session_of_another_key_is_no_session_and_no_crash(world: World) -> None:
    world.shop("one", "ebay")
    world.order("one", "12-34567-89012")
    world.env["UNSELL_SESSION_KEY"] = Fernet.generate_key().decode()
    assert (await world.cancel("one", "12-34567-89012", dry_run=True)).state is State.REHEARSED
    world.env["UNSELL_SESSION_KEY"] = Fernet.generate_key().decode()
    assert (await world.cancel("one", "12-34567-89012", dry_run=True)).state is State.REHEARSED


async def test_another_name_than_before_is_for_a_person(world: World) -> None:
    world.shop("one", "ebay", SHOWN_AS="somebody else")
    world.order("one", "12-34567-89012")
    outcome = await world.cancel("one", "12-34567-89012")
    assert outcome.state is State.NEEDS_HUMAN
    assert "signed in as one Shop, not as somebody else" in (outcome.detail or "")
    assert world.commits() == []


async def test_where_no_key_can_be_kept_login_says_so_before_it_opens_anything(
    world: World, no_keyring: None
) -> None:
    world.shop("one", "ebay", password=None)
    del world.env["UNSELL_SESSION_KEY"]
    world.settings.key_file.mkdir()
    with pytest.raises(UsageError, match="could not be saved"):
        await login(world.settings, ["one"], world.voice.say)
    assert world.store.loads() == {}


async def test_a_wrong_password_is_typed_once_and_told(world: World) -> None:
    world.shop("one", "ebay", password="not-the-right-one")
    world.order("one", "12-34567-89012")
    outcome = await world.cancel("one", "12-34567-89012")
    assert outcome.state is State.NEEDS_HUMAN
    assert "not a match" in (outcome.detail or "")
