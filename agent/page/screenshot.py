"""The picture of a page: sensible size, secret fields masked, the control that matters outlined.

A page that stands still and holds no secret is photographed by the browser's own command, which is a third
faster than Playwright's way; wherever something moves, or was typed into a field, Playwright waits, and masks
what is secret.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import CDPSession, ElementHandle, Locator, Page
from playwright.async_api import Error as PlaywrightError

from agent.page.failed_page import SECRET_FIELDS

_QUALITY = 72
_TIMEOUT_MS = 10_000
TALLEST = 4000
"""Pixels: of a taller page only the window is photographed."""

_MARK = """e => {
  e.dataset.unsellOutline = JSON.stringify([e.style.outline, e.style.outlineOffset]);
  e.style.setProperty('outline', '4px solid #d4111b', 'important');
  e.style.setProperty('outline-offset', '3px', 'important');
  e.scrollIntoViewIfNeeded();
}"""
_UNMARK = """e => {
  if (!e.dataset.unsellOutline) return;
  [e.style.outline, e.style.outlineOffset] = JSON.parse(e.dataset.unsellOutline);
  e.removeAttribute('data-unsell-outline');
  if (!e.getAttribute('style')) e.removeAttribute('style');
}"""
_VIEW = """masked => {
  let searched = '';
  try { searched = decodeURIComponent(location.search); } catch { /* not UTF-8: nothing is let pass by it */ }
  const secret = e => e.matches(masked + ', iframe') || e.shadowRoot || (e.matches('input')
    && !/^(hidden|radio|checkbox|button|submit|reset|image)$/.test(e.type)
    && e.value && !(e.value.length > 9 && searched.includes(e.value)));
  const moves = animation => animation.playState === 'running' && animation.effect
    && animation.effect.getKeyframes().some(frame => 'opacity' in frame || 'transform' in frame
      || 'visibility' in frame || 'height' in frame || 'maxHeight' in frame || 'translate' in frame);
  return {
    plain: devicePixelRatio === 1 && document.fonts.status === 'loaded'
      && !document.getAnimations().some(moves) && ![...document.querySelectorAll('*')].some(secret),
    wide: document.documentElement.clientWidth,
    tall: document.documentElement.scrollHeight,
    window: innerHeight,
  };
}"""
"""``plain``: nothing moves or is still to be drawn, and nothing that may be secret stands in a field, a frame
or a shadow root. An order number that was searched for, and so stands in the address, is no secret."""

_SEE = f"return ({_VIEW})(masked);"
_EACH = "[...document.querySelectorAll(pin)].forEach"


@asynccontextmanager
async def _viewed(page: Page, marked: ElementHandle | str | None) -> AsyncIterator[dict[str, Any]]:
    """What is to be known before a picture; until its end the element is outlined, and in view."""
    if marked is None:
        yield await page.evaluate(_VIEW, SECRET_FIELDS)
        return
    try:
        if isinstance(marked, str):
            yield await page.evaluate(
                f"([pin, masked]) => {{ {_EACH}({_MARK}); {_SEE} }}", [marked, SECRET_FIELDS]
            )
        else:
            yield await marked.evaluate(f"(e, masked) => {{ ({_MARK})(e); {_SEE} }}", SECRET_FIELDS)
    finally:
        if isinstance(marked, str):
            await page.evaluate(f"pin => {{ {_EACH}({_UNMARK}); }}", marked)
        else:
            await marked.evaluate(_UNMARK)


class Camera:
    """Takes one account's pictures; keeps a session with each tab, which ends with the tab."""

    def __init__(self) -> None:
        self._sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()

    async def take(
        self,
        page: Page,
        *,
        secrets: Sequence[Locator],
        outline: ElementHandle | str | None = None,
        full: bool = False,
    ) -> bytes:
        """A JPEG of the page. ``full``: the whole page, unless it is taller than ``TALLEST``.

        ``outline`` is scrolled into view. Password and code fields are masked: those
        that say so themselves, and ``secrets``.
        Raises Playwright's errors: the caller decides what a missing picture means.
        """
        async with _viewed(page, outline) as view:
            full = full and view["window"] < view["tall"] <= TALLEST
            if view["plain"] and (shot := await self._at_once(page, view["wide"], view["tall"] * full)):
                return shot
            return await page.screenshot(
                type="jpeg",
                quality=_QUALITY,
                full_page=full,
                scale="css",
                animations="disabled",
                caret="initial",
                mask=[*(frame.locator(SECRET_FIELDS) for frame in page.frames), *secrets],
                timeout=_TIMEOUT_MS,
            )

    async def _at_once(self, page: Page, wide: float, tall: float) -> bytes | None:
        """The window as it is (``tall`` 0) or the whole page, pixels, by the browser's own command.

        None: the tab's session has ended; the next picture gets another.
        """
        how: dict[str, Any] = {"format": "jpeg", "quality": _QUALITY, "optimizeForSpeed": True}
        if tall:
            whole = {"x": 0, "y": 0, "width": wide, "height": tall, "scale": 1}
            how |= {"captureBeyondViewport": True, "clip": whole}
        try:
            if page not in self._sessions:
                self._sessions[page] = await page.context.new_cdp_session(page)
            answer = await self._sessions[page].send("Page.captureScreenshot", how)
        except PlaywrightError:
            self._sessions.pop(page, None)
            return None
        return base64.b64decode(answer["data"])
