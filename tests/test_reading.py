"""Reading a page that is not ready, redraws itself, or hides something in front of it."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Route

from agent.domain.errors import NeedsHuman, TechnicalError
from agent.page.clerk import Clerk
from agent.page.screenshot import Camera
from agent.page.step import step
from agent.page.together import together
from agent.profile.profile import load
from tests.pages import ClerkOn, element, pressed, tiny_profile


async def test_a_mover_that_is_redrawn_presses_nothing(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `hold` gives back what finds a control of that name again, whichever it is by then.
    profile = tiny_profile(t__go=element("role:button", names=("Continue",)))
    clerk = await clerk_on("<div id=d><button>Continue</button></div>", profile)
    held = await clerk.hold("t.go")
    await clerk.page.evaluate("d.innerHTML = '<form><button type=button>Continue</button></form>'")
    with pytest.raises(PlaywrightError):
        await held.click(timeout=500)
    assert await pressed(clerk) == []


async def test_a_page_that_is_still_coming_is_looked_over_when_it_is_there(clerk_on: ClerkOn) -> None:
    # Broken on purpose: PARSED left out of STYLED, and of what `_clear` asks.
    clerk = await clerk_on("", load("ebay"))
    clerk._looked_over = -1
    await clerk.page.evaluate(
        """() => {
            document.open();
            document.write('<!doctype html><body><p>the head of a page');
            setTimeout(() => document.write("<b class=gh-identity__greeting>Hi!</b>"), 300);
            setTimeout(() => { document.write("<h1>Let’s verify it’s you</h1>"); document.close(); }, 900);
        }"""
    )
    with pytest.raises(NeedsHuman, match="verify that it is you"):
        await clerk.see("home.shown_as")


async def test_what_a_style_sheet_hides_is_not_there_before_it_came(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the first element asked for while the page is looked over.
    profile = tiny_profile(t__hidden=element(".x"), t__shown=element(".y"))
    clerk = await clerk_on("", profile)

    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.6)
        await route.fulfill(body=".x { display: none }", content_type="text/css")

    await clerk.page.route("**/slow.css", slowly)
    clerk._looked_over = -1
    await clerk.page.evaluate(
        """() => {
            const link = document.createElement('link');
            Object.assign(link, {rel: 'stylesheet', href: 'https://shop.test/slow.css'});
            document.head.append(link);
            document.body.innerHTML = '<p class=x>one</p><p class=y>two</p>';
            Object.defineProperty(document, 'readyState', {get: () => 'interactive'});
        }"""
    )
    assert await clerk.see("t.hidden", "t.shown") == "t.shown"


async def test_readings_side_by_side_close_a_banner_once(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the lock left out of `clear`.
    banner = (
        "<div class=cookie-banner><p>We use cookies.</p>"
        "<button onclick='setTimeout(() => this.parentNode.remove(), 200)'>"
        "Accept all</button></div><b class=gh-identity__greeting>Hi!</b><p class=order-status>Paid</p>"
    )
    clerk = await clerk_on(banner, load("ebay"))
    clerk._looked_over = -1
    await together(*(clerk.text("home.shown_as") for _ in range(4)))
    assert await pressed(clerk) == ["Accept all"]


class _Walk:
    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.tries = 0

    @step("T2", "a step that fails once", retry=True)
    async def read(self) -> None:
        self.tries += 1
        if self.tries == 1:
            await self.clerk.show()
            raise TechnicalError("once")


async def test_each_attempt_has_a_picture_of_its_own(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `shown` not reset in `_once`.
    clerk = await clerk_on("<p>text</p>", tiny_profile())
    await _Walk(clerk).read()
    await clerk.developed()
    assert len(clerk.evidence.steps[-1].files) == 2


@pytest.mark.parametrize("fault", ["hangs", "breaks"])
async def test_a_picture_that_cannot_be_taken_fails_nothing(
    clerk_on: ClerkOn, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    # Broken on purpose: no limit in `_take`; an error that is not the browser's raised by `developed`.
    async def take(*_: object, **__: object) -> bytes:
        if fault == "hangs":
            await asyncio.sleep(60)
        raise ValueError("a fault of the program")

    monkeypatch.setattr(Camera, "take", take)
    monkeypatch.setattr("agent.page.clerk._PICTURE_SECONDS", 0.2)
    clerk = await clerk_on("<button id=first>one</button>", tiny_profile())
    for _time in range(2):
        await clerk.photograph()
        async with asyncio.timeout(3):
            await clerk.click("page.link")
    assert clerk.record
    assert "no picture" in clerk.record.notes
    assert await pressed(clerk) == ["one", "one"]
