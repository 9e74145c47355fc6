"""The password goes to one host: whatever the sign-in page does, the posers receive nothing.

The browser of these tests reaches every name at the consoles, which the product's own never does: so what
is not received was held back by the product and not by the missing name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Page

from agent.account.signin import SignIn
from agent.browser import launcher as browser_module
from agent.browser.launcher import Browser
from agent.browser.network_guard import AccountScope
from agent.domain.errors import NeedsHuman
from agent.domain.order import Role
from agent.marketplace.flow import Shop, flow_of
from agent.page.clerk import Clerk
from agent.page.evidence import Evidence
from agent.profile.profile import load as load_profile
from agent.settings.settings import load
from tests.consoles.server import Consoles
from tests.world import PASSWORD, World

EVIL = "https://signin.ebay.com.evil.tld/"


@pytest.fixture(scope="session")
async def open_browser(
    consoles: Consoles, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """A browser like the product's, in which every name in the world leads to the consoles."""
    home = tmp_path_factory.mktemp("open")
    environ = {"UNSELL_HOME": str(home), "UNSELL_PRACTICE": consoles.address}
    names = browser_module.practice_arguments

    def every_name(practice: str) -> list[str]:
        return [one.replace("MAP * ~NOTFOUND", f"MAP * {practice}") for one in names(practice)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser_module, "practice_arguments", every_name)
        async with Browser(load(environ=environ, cwd=home)) as browser:
            await browser._launched()
            yield browser


QUOTINGS = (
    "quoted", "quoted-twice", "escaped", "as-form", "as-parts", "as-json", "as-base64", "in-a-name",
)  # fmt: skip
"""Ways in which a page's script may write a secret, all of which can be undone."""
UNLIKE = ("in-a-header", "letters", "turned-round", "by-css", "by-worker", "by-frame", "by-hint")
UNANSWERED = ("frame", "beacon", "blob", *QUOTINGS, *UNLIKE)
"""Traps that leave the page as it stands: the step's whole time is waited."""

Lure = Callable[[str, str, str], Awaitable[str]]


@pytest.fixture(scope="session")
async def scopes(open_browser: Browser) -> AsyncIterator[dict[str, tuple[Page, AccountScope]]]:
    """One guarded context a marketplace, for all tests here."""
    opened = {
        name: await open_browser.open(load_profile(name), f"{name}.com", None, None)
        for name in ("ebay", "dhgate")
    }
    yield opened
    for page, _ in opened.values():
        await page.context.close()


@pytest.fixture
def lure(world: World, scopes: dict[str, tuple[Page, AccountScope]]) -> Lure:
    """What the sign-in says that meets this trap; it must have met it, and signed in nowhere."""
    posers = world.consoles.posers

    async def met(platform: str, trap: str, to: str) -> str:
        world.shop(platform, platform)
        account, (first, scope) = world.settings.accounts[platform], scopes[platform]
        page = await first.context.new_page()
        evidence = Evidence.begin(world.home, platform, "_sign-in", trap, {"account": platform})
        clerk = Clerk(
            page, scope.profile, site=account.site, evidence=evidence, practice=world.consoles.address,
            step_timeout=4 if trap in UNANSWERED else 20, account_scope=scope,
        )  # fmt: skip
        clerk.signing_in = True
        entering = SignIn(
            flow_of(platform)(clerk, Shop(platform, Role.SELLER, account.site)),
            name=platform, username=account.username, password=lambda: account.password,
            totp_secret=lambda: None, held_to=None,
        )  # fmt: skip
        posers.set(trap, to)
        try:
            with pytest.raises(NeedsHuman) as stopped:
                await entering.by_password()
        finally:
            posers.trap = ""
            await scope.typing_done()
            await clerk.tabs.close_popups()
            await page.close()
        assert posers.sprung, "the trap was not met"
        assert world.store.rows("SELECT * FROM sessions") == []
        assert PASSWORD not in str(stopped.value)
        return str(stopped.value)

    return met


async def test_posers_can_be_reached_and_do_record(open_browser: Browser, consoles: Consoles) -> None:
    # Otherwise all that follows would pass for want of a way there.
    consoles.posers.set("", "")
    browser, _ = await open_browser._launched()
    guard = open_browser._guard
    assert guard is not None
    await guard._session.send("Fetch.disable")
    context = await browser.new_context(ignore_https_errors=True)
    try:
        page = await context.new_page()
        await page.goto(EVIL + "?p=1")
        await page.locator("#pass").fill("typed")
        await page.locator("#sgnBt").click()
        await page.wait_for_load_state()
    finally:
        await context.close()
        await guard.raise_up()
    first, *_, last = [one for one in consoles.posers.received if "favicon" not in one.path]
    assert (first.host, first.said) == ("signin.ebay.com.evil.tld", "p=1\n")
    assert last.method == "POST"
    assert "password=typed" in last.said


@pytest.mark.parametrize(
    ("platform", "to"),
    [
        ("ebay", EVIL),
        ("ebay", "https://signin.ebay.com@evil.tld/"),
        ("ebay", "https://signin.ebay.com:443@evil.tld/"),
        ("ebay", "https://xn--gnin-g2a.xn--eby-7cd.com/"),
        ("ebay", "https://evilsignin-ebay.com/"),
        ("ebay", "https://secure.dhgate.com.evil.tld/"),
        ("ebay", "https://ebay-signin.dhgate.com/"),
        ("dhgate", "https://secure.dhgate.com.evil.tld/"),
        ("dhgate", "https://signin.evil.tld/secure.dhgate.com"),
    ],
)
async def test_a_sign_in_page_that_lies_elsewhere_is_never_asked_for(
    lure: Lure, consoles: Consoles, platform: str, to: str
) -> None:
    assert "a place that is not" in await lure(platform, "moved", to)
    assert consoles.posers.received == []


@pytest.mark.parametrize(
    ("trap", "says"),
    [
        ("script", "a place that is not eBay"),
        ("frame", "not recognised"),
        ("action", "the form's target (https://signin.ebay.com.evil.tld/) is no sign-in host"),
        ("base", "the form's target"),
        ("hidden-action", "the form's target"),
        ("button", "the form's target"),
        ("action-later", "nothing was sent"),
        ("leaves", "a place that is not eBay"),
        ("action-at-click", "a place that is not eBay"),
        ("pop-up", "a place that is not eBay"),
        ("form-in-pop-up", "a place that is not eBay"),
        ("beacon", "not recognised"),
        ("blob", "not recognised"),
        ("sent-on", "a place that is not eBay"),
        ("sent-on-in-pop-up", "a place that is not eBay"),
    ],
)
async def test_a_sign_in_page_that_leads_elsewhere_gives_nothing_away(
    lure: Lure, consoles: Consoles, trap: str, says: str
) -> None:
    assert says in await lure("ebay", trap, EVIL)
    assert consoles.posers.received == []
    assert not [one for one in consoles.store.loads() if "dhgate" in one]


@pytest.mark.parametrize("trap", [*QUOTINGS, *UNLIKE])
async def test_nothing_at_all_leaves_for_another_host_until_the_sign_in_is_answered(
    lure: Lure, consoles: Consoles, trap: str
) -> None:
    await lure("ebay", trap, EVIL)
    assert consoles.posers.received == []


@pytest.mark.parametrize("trap", QUOTINGS)
async def test_what_leaves_for_the_marketplaces_other_hosts_is_compared_as_the_browser_writes_it(
    lure: Lure, consoles: Consoles, trap: str
) -> None:
    await lure("dhgate", trap, "https://ebay-signin.dhgate.com/")
    assert consoles.posers.received == []


@pytest.mark.parametrize("trap", ["moved", "script", "action", "action-later", "asks-again"])
async def test_a_host_of_the_marketplace_that_is_no_sign_in_host_gets_no_password(
    lure: Lure, consoles: Consoles, trap: str
) -> None:
    said = await lure("dhgate", trap, "https://ebay-signin.dhgate.com/")
    assert "nothing was" in said or "while a secret was typed" in said
    assert not [one for one in consoles.posers.received if one.method == "POST"]
    assert PASSWORD not in repr(consoles.posers.received)
