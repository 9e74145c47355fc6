"""The tabs in hand: the first one, those that clicks opened, and what the site answered them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Page, Response

from agent.page.quiet import Traffic

_LEAVES_MS = 3000
"""How long a page may take to be left; then it is closed as it stands."""
_LAST_WORDS = 0.4
"""Seconds in which what a page sends as it is left comes before the network guard."""


class Tabs:
    """One account's tabs. ``moved`` is set when another tab is in hand or a page broke under us."""

    def __init__(self, first: Page, is_guarded: Callable[[str], bool], is_own: Callable[[str], bool]) -> None:
        self.traffic = Traffic(is_own)
        self._is_guarded = is_guarded
        """Whether a page at this address is one that stands in the way: nothing looked for will appear."""
        self.moved = asyncio.Event()
        self.broken: int | None = None
        """The status of a 5xx or 429 answer to a whole page since it was last reset."""
        self.documents = 0
        """How many documents were in hand so far: it changes whenever what we look at may be another."""
        self.strayed: str | None = None
        """Where a tab wanted to go and was not let, since it was last reset."""
        self.guarded = False
        """A page arrived whose very address stands in the way."""
        self._pages: list[Page] = []
        self._closing: list[asyncio.Future[None]] = []
        """Kept, or a task that nobody waits for may be forgotten before it has run."""
        self._adopt(first)

    @property
    def page(self) -> Page:
        """The page in hand: the newest tab that our own clicks opened."""
        return self._pages[-1]

    async def close_popups(self) -> None:
        """Back to the first tab; the tabs that our clicks opened are closed."""
        for page in list(self._pages[1:]):
            await _close(page)
        del self._pages[1:]
        self.documents += 1

    async def fresh(self) -> None:
        """A new first tab in the place of all: one that has walked many pages holds their memory."""
        old = self._pages
        page = await old[0].context.new_page()
        self._pages = []
        self._adopt(page)
        for one in old:
            await _close(one)

    async def shut(self) -> None:
        """Leave and close every tab of the account's, whatever opened it, and take a new one.

        They are left first, so that what a page sends as it is left is sent while somebody still looks.
        """
        old, context = self._pages, self._pages[0].context
        page = await context.new_page()
        self._pages = []
        self._adopt(page)
        while left := [one for one in context.pages if one is not page]:
            for one in left:
                with contextlib.suppress(PlaywrightError):
                    await one.goto("about:blank", timeout=_LEAVES_MS)
            await asyncio.sleep(_LAST_WORDS)
            for one in left:
                await _close(one)
            if not old:
                break  # a page that opens others for ever
            old = []
        self._pages = [page]

    def abandon(self) -> None:
        """Close every tab in hand, without waiting for it: what is being pressed there finds no page."""
        self._closing = [asyncio.ensure_future(_close(page)) for page in self._pages]

    def reset(self) -> None:
        """What happened so far is settled."""
        self.broken = self.strayed = None

    def stray(self, place: str) -> None:
        """The network guard has blocked a tab's way to this place."""
        self.strayed = place
        self.moved.set()

    def _adopt(self, page: Page) -> None:
        self._pages.append(page)
        page.on("popup", self._adopt)
        page.on("request", self.traffic.begin)
        page.on("requestfinished", self.traffic.end)
        page.on("requestfailed", self.traffic.end)
        page.on("response", self._answered)
        page.on("framenavigated", self._arrived)
        page.on("close", self._gone)
        self.documents += 1
        self.moved.set()

    def _gone(self, page: Page) -> None:
        """A tab that closed itself is no longer in hand; the first one stays, to say so."""
        if page in self._pages[1:]:
            self._pages.remove(page)
            self.documents += 1
            self.moved.set()

    def _arrived(self, frame: Frame) -> None:
        if frame.parent_frame is not None:
            return
        self.documents += 1
        self.traffic.another_document()
        if self._is_guarded(frame.url):
            self.guarded = True
            self.moved.set()

    def _answered(self, response: Response) -> None:
        with contextlib.suppress(PlaywrightError):
            whole_page = response.request.is_navigation_request() and response.frame.parent_frame is None
            if whole_page and (response.status >= 500 or response.status == 429):
                self.broken = response.status
                self.moved.set()


async def _close(page: Page) -> None:
    with contextlib.suppress(PlaywrightError):  # it is gone already
        await page.close()
