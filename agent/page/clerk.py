"""The clerk: eyes and hands on one account's page. Reads, moves and fills; cannot press a commit.

Everything a flow does goes through here. Hands wait for the picture that is being taken; reading does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any
from urllib.parse import urlsplit

from loguru import logger
from playwright.async_api import ElementHandle, Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent.browser.network_guard import AccountScope
from agent.browser.press_guard import PRESSES, Posting, Press, entry_of, place
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, TechnicalError
from agent.domain.i18n import _
from agent.page.banners import dialog_over
from agent.page.banners import entry_of as banner_entry
from agent.page.evidence import Evidence, StepRecord
from agent.page.lookout import OBSTRUCTED_MS
from agent.page.reader import Reader
from agent.page.row_guard import RowGuard, led_by, lies_in
from agent.page.together import together
from agent.profile.profile import Profile

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
_LABELS = "e => e.tagName === 'SELECT' ? [...e.options].map(one => one.disabled ? '' : one.label) : []"
_LINGERS = 1.0
"""Seconds for which a form that was opened is watched: a page may show it, and act a moment later."""
_BEGINS_MS = 3000.0
"""How long a picture waits for a page that is only just arriving."""
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
                with contextlib.suppress(PlaywrightTimeout):  # a page that has only just begun has no picture
                    await page.wait_for_load_state("domcontentloaded", timeout=_BEGINS_MS)
                secrets = self.locators.secrets(page)
                shot = await self.camera.take(page, secrets=secrets, outline=focus, full=full)
            evidence.write(record, ".jpg", shot, name=name)
        except Exception as error:  # noqa: BLE001 - it is not awaited here; a missing picture fails nothing
            why = (str(error) or type(error).__name__).splitlines()[0]
            record.notes["no picture"] = why
            logger.warning("{}: no picture: {}", record.id, why)

    async def close_popups(self) -> None:
        """Back to the first tab; a picture of a tab that our clicks opened is taken before it is closed."""
        await self.developed()
        await self.tabs.close_popups()

    # -- hands -----------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def guarded(self, *, form: bool = False) -> AsyncIterator[None]:
        """Around a press that should only move, and the wait for what it opens: nothing but reading leaves.

        Where the page sends something else, the wait ends, and every tab of the account is closed before the
        guard is lifted, else the page would try again: NeedsHuman. Nothing stopped, and what was waited for
        recognised: it is lifted. ``form``: what opens is a form; it is filled in inside, since a choice may
        act as well, and watched for a moment before the guard is lifted.
        """
        if self.press or self.account_scope is None:  # within a longer one; or a test's own page
            yield
            return
        press = self.press = Press(self.profile, tell=self.tabs.moved.set)
        await self.account_scope.guard(press)
        try:
            try:
                yield
                if form:
                    await press.quiet(_LINGERS)
            finally:
                await _to_its_end(self._lift(self.account_scope, press))
        except BaseException as error:
            if press.stopped:
                raise press.error() from error
            raise
        if press.stopped:
            raise press.error()

    async def _lift(self, scope: AccountScope, press: Press) -> None:
        """Lift the guard; where something was stopped, also at the last moment, only with all tabs closed."""
        closed = False
        while True:
            if press.stopped and not closed:
                await scope.guard(press)
                await self._close_all(press)
                closed = True
            await scope.lift()
            if closed or not press.stopped:
                break
        self.press = None
        if self.record:
            self.record.notes |= press.notes()

    async def _close_all(self, press: Press) -> None:
        """The page as it stands goes into the evidence; then all tabs go, timers and all."""
        self.restart_clock()
        logger.warning("stopped while a control was pressed: {}", press.notes()["stopped"])
        await self.photograph(full=True, name="stopped")
        await self.developed()
        if self.record:
            self.record.url = self.page.url
        await self.tabs.shut()

    async def click(
        self, name: str, posting: Posting | None = None, *, row: str = "", step_of: str = "", **values: str
    ) -> None:
        """Press a control that only moves, inside a guard. One that commits is refused, always.

        So is one that would post a form of the page: NeedsHuman, nothing pressed. ``posting``: what a
        wizard's Continue may post all the same. ``row``: the element that must hold it and name this order
        alone, where the profile does not say so. ``step_of``: see ``hold``.
        """
        if self.profile.element[name].commit:
            raise RuntimeError(f"{name} commits: only agent.engine.submit may press it")
        if not self.press and self.account_scope and not self.signing_in:
            raise RuntimeError(f"{name}: pressed outside of guarded()")
        found = await self.hold(name, step_of=step_of, **values)
        told = await found.evaluate(PRESSES)
        if self.press:
            self.press.label, self.press.posting = " ".join(told["label"].split()) or name, posting
            _only_moves(told, posting, self.profile)
        self.tabs.reset()
        async with self._in_its_row(found, row or self._row_of(name, values), **values):
            await found.click(timeout=self.left_ms())

    def filling(self, what: str) -> None:
        """This part of a form is touched next: what the page sends then is told by it, and may not post."""
        if self.press:
            self.press.label, self.press.posting = what, None

    def _row_of(self, name: str, values: dict[str, str]) -> str:
        """The element within which it is looked for, where that names the order; '' elsewhere."""
        within = self.profile.element[name].within or ""
        ways = self.profile.element[within].candidates if within and "order_no" in values else ()
        names = any(way.means == "row" or "{order_no}" in f"{way.css}{way.xpath}" for way in ways)
        return within if names else ""

    @contextlib.asynccontextmanager
    async def _in_its_row(
        self, found: Locator | ElementHandle, row: str, **values: str
    ) -> AsyncIterator[None]:
        """Press inside: only while the row that holds this very control names this order, and no other.

        TechnicalError: the list changed under the hand, and the page saw no press. NeedsHuman: the row names
        several orders.
        """
        if not row:
            yield
            return
        what, order_no = _(self.profile.element[row].what), values["order_no"]
        control = await found.element_handle(timeout=self.left_ms()) if isinstance(found, Locator) else found
        rows = await self.locators.union(self.page, row, **values).element_handles()
        changed = TechnicalError(
            _(
                "the list changed while {what} was pressed: nothing was opened, as it may be another "
                "order's now",
                what=what,
            )
        )
        guard = await RowGuard.arm(self.page, control, rows, self.profile.order_no, order_no)
        state = await guard.state()
        try:
            if state == "several":
                raise NeedsHuman(
                    _("{what} names other orders beside {order_no}", what=what, order_no=order_no),
                    code=Code.OTHER_ORDER,
                )
            if state != "armed":
                raise changed
            yield
        finally:
            state = await guard.disarm()
        if state != "armed":
            raise changed

    async def open_menu(self, button: str, menu: str, *, order_no: str) -> str:
        """Press a row's menu button; the menu that opens must be that button's. NeedsHuman: it is another's.

        Returns the row's name where the menu lies in the row, else ''.
        """
        row = self._row_of(button, {"order_no": order_no})
        self.by_meaning.order_at_hand = order_no
        before = await self.locators.union(self.page, menu).element_handles()
        handle = await (await self.only(button, order_no=order_no)).element_handle(timeout=self.left_ms())
        await self.click(button, order_no=order_no)
        await self.see(menu)
        menus = await self.locators.union(self.page, menu).element_handles()
        if await led_by(self.page, handle, before, menus) != [True]:
            raise NeedsHuman(
                _(
                    "the menu that is open is not the one of {order_no}'s row, or not the only one",
                    order_no=order_no,
                ),
                code=Code.OTHER_ORDER,
            )
        rows = await self.locators.union(self.page, row, order_no=order_no).element_handles() if row else []
        return row if await lies_in(self.page, menus[0], rows) else ""

    async def choose(self, name: str, entries: Sequence[str], **values: str) -> str | None:
        """Choose an entry of a row's list: the first of these elements that it offers exactly once.

        The list only moves, as ``click`` does; None: it offers none of them, and nothing was chosen.
        """
        found = await self.hold(name, **values)
        handle = await found.element_handle(timeout=self.left_ms()) if isinstance(found, Locator) else found
        labels: list[str] = await handle.evaluate(_LABELS)
        for entry in entries:
            words = self.profile.element[entry].name_pattern()
            fitting = [index for index, label in enumerate(labels) if words.fullmatch(label)]
            if len(fitting) != 1:
                continue
            if self.press:
                self.press.label, self.press.posting = labels[fitting[0]].strip(), None
            self.tabs.reset()
            async with self._in_its_row(handle, self._row_of(name, values), **values):
                await handle.select_option(index=fitting[0], timeout=self.left_ms())
            return entry
        return None

    async def hold(self, name: str, *, step_of: str = "", **values: str) -> Locator | ElementHandle:
        """The very control, proved not to commit, and not covered by anything that the profile closes.

        ``step_of``: the commit of a form that this control is a step of; both may have one name ("Continue").
        """
        self._settled = None  # what a press draws is waited for anew
        for attempt in (1, 2):
            one, pin = await self.one(name, **values)
            found = one if pin else await one.element_handle(timeout=self.left_ms())
            await together(self._not_a_commit(found, name, step_of), self.developed())
            if pin and await self.page.evaluate(_PINNED_WITHIN_REACH, pin):
                break
            try:
                await found.click(trial=True, timeout=min(OBSTRUCTED_MS, self.left_ms()))
                break
            except PlaywrightTimeout:
                if attempt == 2 or not await self.clear():
                    await self._covered(found)
                    raise
        return found

    async def _covered(self, control: Locator | ElementHandle) -> None:
        """NeedsHuman with the words of the dialog that lies over a control, where one does."""
        handle = await control.element_handle() if isinstance(control, Locator) else control
        dialog = await dialog_over(handle, self.profile)
        if dialog:
            raise NeedsHuman(
                _(
                    "a dialog that is not listed lies in front, and was left alone: {words} ({buttons})",
                    words=dialog.text[:300],
                    buttons="; ".join(dialog.buttons),
                ),
                code=Code.COVERED,
                mend=banner_entry(dialog, self.profile, self.profile.languages[0]),
            )

    async def in_reach(self, handle: ElementHandle) -> None:
        """Wait until a click would land on this control. Playwright's time-out: something covers it."""
        if not await handle.evaluate(_WITHIN_REACH):
            try:
                await handle.click(trial=True, timeout=min(OBSTRUCTED_MS, self.left_ms()))
            except PlaywrightTimeout:
                await self._covered(handle)
                raise

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
        async with self.guarded():
            await self.click(name)
            await self.page.wait_for_url(re.compile(f"^(?!{re.escape(before)}$)"), timeout=self.left_ms())

    async def fill(self, name: str, text: str) -> None:
        """Type a text that is no secret into the one field."""
        field = await self.held(name)
        await self.developed()
        await field.fill(text, timeout=self.left_ms())


def _only_moves(told: dict[str, str], posting: Posting | None, profile: Profile) -> None:
    """NeedsHuman where a press would post a form, and may not."""
    target = place(told["target"])
    if target and posting is None and not profile.reads(target):
        raise NeedsHuman(
            _(
                "{label} would post a form to {path}: it was not pressed",
                label=told["label"],
                path=urlsplit(target).path,
            ),
            code=Code.ACTS_AT_ONCE,
            mend=entry_of(target, told["label"]),
        )


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await it to its end, also where the waiting task is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
