"""A person before the browser's window: acts through a second handle on whatever page is open."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.browser.launcher import Browser
from tests.world import PASSWORD


def signing_in(platform: str, username: str, password: str = PASSWORD) -> list[tuple[str, str]]:
    """What a person does with the form: (what, the text to type; '' clicks)."""
    if platform == "ebay":
        return [("#userid", username), ("#signin-continue-btn", ""), ("#pass", password), ("#sgnBt", "")]
    return [("input[name=username]", username), ("input[name=password]", password), (".login-btn", "")]


@contextlib.asynccontextmanager
async def a_person(browser: Browser, told: list[str], *does: tuple[str, str]) -> AsyncIterator[None]:
    """Once told, does these things one after another, as soon as each can be done; all must get done."""
    hands = asyncio.ensure_future(_do(browser, told, does))
    try:
        yield
        assert hands.done(), "the run went on without the person"
        await hands
    finally:
        hands.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hands


async def _do(browser: Browser, told: list[str], does: tuple[tuple[str, str], ...]) -> None:
    while not any("in the browser window" in text for text in told):  # noqa: ASYNC110 - a list
        await asyncio.sleep(0.05)
    for css, text in does:
        found = await _find(browser, css)
        await (found.fill(text) if text else found.click())


async def _find(browser: Browser, css: str) -> Locator:
    while True:
        for context in browser._browser.contexts if browser._browser else ():
            for page in context.pages:
                with contextlib.suppress(PlaywrightError):
                    found = page.locator(css)
                    if await found.count() == 1 and await found.is_visible():
                        return found
        await asyncio.sleep(0.05)
