"""The clerk: eyes and hands on one account's page. Reads, moves and fills; cannot press a commit.

Everything a flow does goes through here. Hands wait for the picture that is being taken; reading does not.
"""

from __future__ import annotations

import asyncio
import re

from loguru import logger
from playwright.async_api import ElementHandle, Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent.evidence import Evidence, StepRecord
from agent.lookout import OBSTRUCTED_MS
from agent.reader import Reader
from agent.together import together

_WITHIN_REACH = """e => {
  e.scrollIntoViewIfNeeded();
  const box = e.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
  const hit = document.elementFromPoint(x, y);
  return !e.disabled && hit !== null && e.contains(hit);
}"""
"""Whether a click would land on the control now; a no (a label, a frame, a banner) is tried out."""
_PINNED_WITHIN_REACH = f"""pin => {{
  const found = document.querySelectorAll(pin);
  return found.length === 1 && ({_WITHIN_REACH})(found[0]);
}}"""
_PICTURE_SECONDS = 12.0
"""The longest that a picture may take: a page that does not answer has none."""


class Clerk(Reader):
    """A reader with a camera and hands: what a flow is walked by."""

    # -- pictures --------------------------------------------------------------------------------

    async def point_at(self, name: str, **values: str) -> None:
        """Outline this element in the step's picture, and scroll it into view."""
        one = await self.one(name, **values)
        self.focus = one.pin or await one.found.element_handle(timeout=self.left_ms())

    async def show(self, name: str = "", **values: str) -> None:
        """The page is as this step leaves it: begin its picture now, the element outlined, and read on."""
        if name:
            await self.point_at(name, **values)
        await self.photograph(full=self.whole)
        self.shown = True

    async def photograph(self, *, full: bool = False, name: str = "") -> None:
        """Begin a picture, what was pointed at outlined: reading may go on, hands wait for it.

        One that cannot be taken fails nothing.
        """
        await self.developed()
        if self.record is None:
            return
        taking = self._take(self.page, self.evidence, self.record, self.focus, full=full, name=name)
        self._picture, self.focus = asyncio.ensure_future(taking), None

    async def _take(
        self, page: Page, evidence: Evidence, record: StepRecord, focus: ElementHandle | str | None,
        *, full: bool, name: str,
    ) -> None:  # fmt: skip
        try:
            async with asyncio.timeout(_PICTURE_SECONDS):
                secrets = self.locators.secrets(page)
                shot = await self.camera.take(page, secrets=secrets, outline=focus, full=full)
            evidence.write(record, ".jpg", shot, name=name)
        except Exception as error:  # noqa: BLE001 - nobody waits for it here; a missing picture fails nothing
            why = (str(error) or type(error).__name__).splitlines()[0]
            record.notes["no picture"] = why
            logger.warning("{}: no picture: {}", record.id, why)

    async def close_popups(self) -> None:
        """Back to the first tab; a picture of a tab that our clicks opened is taken before it is closed."""
        await self.developed()
        await self.tabs.close_popups()

    # -- hands -----------------------------------------------------------------------------------

    async def click(self, name: str, **values: str) -> None:
        """Press a control that only moves. One that the profile says commits is refused, always."""
        if self.profile.element[name].commit:
            raise RuntimeError(f"{name} commits: only agent.submit may press it")
        found = await self.hold(name, **values)
        self.tabs.reset()
        await found.click(timeout=self.left_ms())

    async def hold(self, name: str, **values: str) -> Locator | ElementHandle:
        """The very control, proved not to commit, and not covered by anything that the profile closes."""
        self._settled = None  # what a press draws is waited for anew
        for attempt in (1, 2):
            one, pin = await self.one(name, **values)
            found = one if pin else await one.element_handle(timeout=self.left_ms())
            await together(self._not_a_commit(found, name), self.developed())
            if pin and await self.page.evaluate(_PINNED_WITHIN_REACH, pin):
                break
            try:
                await found.click(trial=True, timeout=min(OBSTRUCTED_MS, self.left_ms()))
                break
            except PlaywrightTimeout:
                if attempt == 2 or not await self.clear():
                    raise
        return found

    async def in_reach(self, handle: ElementHandle) -> None:
        """Wait until a click would land on this control. Playwright's time-out: something covers it."""
        if not await handle.evaluate(_WITHIN_REACH):
            await handle.click(trial=True, timeout=self.left_ms())

    async def follow(self, link: str, page: str, **values: str) -> None:
        """Press the documented link; where it is not on the page, go to the address, and say so."""
        if self._new():
            await self.clear()
        if await self.locators.union(self.page, link).count() == 1:
            await self.click(link)
            return
        if self.record:
            self.record.drift.append(f"{link} is not on the page: went to the address of {page}")
        await self.open(page, **values)

    async def turn(self, name: str) -> None:
        """Press a list's "next page" and wait until the address has changed. Each page has a step's time."""
        self.restart_clock()
        before = self.page.url
        await self.click(name)
        await self.page.wait_for_url(re.compile(f"^(?!{re.escape(before)}$)"), timeout=self.left_ms())

    async def fill(self, name: str, text: str) -> None:
        """Type a text that is no secret into the one field."""
        field = await self.held(name)
        await self.developed()
        await field.fill(text, timeout=self.left_ms())
