"""The picture of a page: sensible size, secret fields masked, the control that matters outlined."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from playwright.async_api import ElementHandle, Locator, Page

MASKED = "input[type=password], input[autocomplete='one-time-code'], input[autocomplete*='password']"
_OUTLINE = "[data-unsell-outline]{outline:4px solid #d4111b !important;outline-offset:3px !important}"
_QUALITY = 72
_TIMEOUT_MS = 10_000
TALLEST = 4000
"""Pixels: a taller page is photographed by its window alone."""


@asynccontextmanager
async def outlined(handles: Sequence[ElementHandle]) -> AsyncIterator[None]:
    """Mark the elements for the picture's style sheet, the first in view, and take the marks off again."""
    try:
        for handle in reversed(handles):
            await handle.evaluate("e => { e.dataset.unsellOutline = ''; e.scrollIntoViewIfNeeded(); }")
        yield
    finally:
        for handle in handles:
            await handle.evaluate("e => e.removeAttribute('data-unsell-outline')")


async def take(
    page: Page, *, secrets: Sequence[Locator], outline: Sequence[ElementHandle] = (), full: bool = False
) -> bytes:
    """A JPEG of the page. ``full``: the whole page, unless it is taller than ``TALLEST``.

    With ``outline`` the first element is scrolled into view. Password and code fields are masked: those that
    say so themselves, and ``secrets``.
    Raises Playwright's errors: the caller decides what a missing picture means.
    """
    if full:
        full = await page.evaluate("() => document.documentElement.scrollHeight") <= TALLEST
    async with outlined(outline):
        return await page.screenshot(
            type="jpeg",
            quality=_QUALITY,
            full_page=full,
            scale="css",
            animations="disabled",
            caret="initial",
            mask=[page.locator(MASKED), *secrets],
            style=_OUTLINE,
            timeout=_TIMEOUT_MS,
        )
