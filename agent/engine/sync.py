"""Reads back every order that is pending or in doubt, and settles it (同步状态). Submits nothing.

Then it sends the messages to buyers that are due: a verdict's, and those that the site put off.

Many orders a page: the list first, an order's own page only where the list is not clear, and the doubts of
one account are waited out side by side.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext
from dataclasses import asdict, dataclass, replace

from loguru import logger
from playwright.async_api import Error as PlaywrightError

from agent.account.session import AccountSession, open_session
from agent.browser.launcher import Browser
from agent.domain.errors import AccountBusy, LedgerFailed, NeedsHuman, TechnicalError, UnsellError, UsageError
from agent.domain.i18n import _
from agent.domain.order import Cancellation, SiteReading, State
from agent.engine.messages import MessageSender
from agent.engine.read_back import ReadBack
from agent.engine.runner import Result, Voice
from agent.engine.verdict import Conclusion, Finding, judge_list, of_an_answer, settled_later
from agent.ledger.store import Ledger, Row
from agent.page.evidence import Evidence
from agent.page.step import recorded
from agent.settings.settings import Settings


@dataclass(slots=True)
class _Waiting:
    """An order to settle; ``listed`` is what a list page said of it, where that was not clear."""

    row: Row
    wanted: Cancellation
    listed: SiteReading | None = None
    evidence: Evidence | None = None


class Sync:
    """One reading round over the ledger's unsettled orders.

    ``browser``: one that is open already and stays open; None: one of the round's own.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        voice: Voice,
        stop: asyncio.Event,
        *,
        browser: Browser | None = None,
    ) -> None:
        self._browser = browser
        self._settings = settings
        self._ledger = ledger
        self._voice = voice
        self._stop = stop
        self._result = Result()

    async def run(self, account: str | None, *, wait: bool = False, doubts: bool = True) -> Result:
        """Settle what can be settled. ``account`` None: all. No browser starts when nothing waits.

        ``doubts`` False: the pending ones alone, none of which has to be waited for.
        """
        by_account: dict[str, list[Row]] = {}
        for row in self._ledger.unsettled(account):
            if doubts or row.state is State.PENDING:
                by_account.setdefault(row.account, []).append(row)
        for row in self._ledger.outbox.waiting(account):
            by_account.setdefault(row.account, [])
        if by_account:
            own = Browser(self._settings) if self._browser is None else nullcontext(self._browser)
            async with own as browser, asyncio.TaskGroup() as group:
                for name, rows in by_account.items():
                    group.create_task(self._account(browser, name, rows, wait))
        return self._result

    async def _account(self, browser: Browser, name: str, rows: list[Row], wait: bool) -> None:
        """One account's rows; its faults do not stop the other accounts, and every row is reported."""
        if name not in self._settings.accounts:
            kept = (
                _("its {rows} orders stay as they are", rows=len(rows))
                if rows
                else _("its messages to buyers wait")
            )
            self._voice.say(_("account {name} is not in the settings any more: {kept}", name=name, kept=kept))
            for row in rows:
                self._tell(row)
            return
        wanted = (replace(self._ledger.to_cancellation(row), account=name) for row in rows)
        left = [_Waiting(row, one) for row, one in zip(rows, wanted, strict=True)]
        try:
            async with open_session(browser, self._settings, name, wait=wait, say=self._voice.say) as session:
                if len(left) > 1:
                    await self._lists(session, left)
                await self._one_by_one(session, left)
                await self._tell_buyers(session, name)
        except AccountBusy as error:
            self._voice.say(str(error))
            self._result.busy.append(name)
        except UsageError:
            raise
        except LedgerFailed as error:
            self._voice.say(_("{name}: {error}; its orders stay as they are", name=name, error=error))
            self._result.broken = True
        except (UnsellError, PlaywrightError, OSError) as error:
            self._voice.say(_("{name}: {error}; its orders stay as they are", name=name, error=error))
            if isinstance(error, NeedsHuman):
                self._result.hindered[name] = str(error)
        for one in left:
            self._tell(one.row)

    async def _tell_buyers(self, session: AccountSession, name: str) -> None:
        sender = MessageSender(session, self._ledger, self._settings, self._voice.say)
        for row in self._ledger.outbox.waiting(name):
            if self._stop.is_set():
                return
            await sender.tell(row)

    # -- the list: many orders a page --------------------------------------------------------------------

    async def _lists(self, session: AccountSession, left: list[_Waiting]) -> None:
        """Page by page until all were seen, and never more pages than orders; the settled leave ``left``."""
        sought, most = {one.row.order_no: one for one in left}, len(left)
        folder = Evidence.begin(
            self._settings.evidence_dir, session.profile.platform, "_list", session.name, {}
        )
        session.record_to(folder)
        pages = 0
        try:
            async with aclosing(session.flow.listed()) as listing:
                async for readings in listing:
                    for number in [number for number in readings if number in sought]:
                        one = sought.pop(number)
                        if await self._listed(session, one, readings[number]):
                            left.remove(one)
                    session.record_to(folder)
                    pages += 1
                    if self._stop.is_set() or not sought or pages >= most:
                        break
        except (TechnicalError, NeedsHuman) as error:
            logger.warning(
                "{}: the list cannot be read, each order is read by itself: {}", session.name, error
            )
        folder.seal({"pages": pages, "left": len(left)})

    async def _listed(self, session: AccountSession, one: _Waiting, reading: SiteReading) -> bool:
        """Settle one order by the list alone. False: the list is not clear."""
        one.listed = of_an_answer(one.wanted, reading)
        found = judge_list(one.row, one.wanted, one.listed)
        if found is None:
            return False
        if _changes(one.row, found):
            await self._photograph(session, one)
            self._settle(one, found)
        self._tell(one.row)
        return True

    async def _photograph(self, session: AccountSession, one: _Waiting) -> None:
        """The evidence of a change: the list with this order's row outlined, in a folder of its own."""
        one.evidence = self._evidence(session, one.row)
        session.record_to(one.evidence)
        session.clerk.start_clock()
        async with recorded(session.clerk, one.evidence.step("read-back", "the order's row in the list")):
            await session.clerk.point_at(session.flow.listed_row, order_no=one.row.order_no)

    # -- what the list does not say ------------------------------------------------------------------------

    async def _one_by_one(self, session: AccountSession, left: list[_Waiting]) -> None:
        """The order's own page; a doubt that it does not end is waited out together with the others."""
        read_back = ReadBack(
            session.flow, self._ledger, self._settings.settle_seconds,
            say=self._voice.say, stop=self._stop, account=session,
        )  # fmt: skip
        doubts: dict[str, _Waiting] = {}
        for one in list(left):
            if self._stop.is_set():
                return
            one.evidence = self._evidence(session, one.row)
            await session.begin(one.evidence)
            found = await read_back.look_again(one.wanted, one.listed)
            session.lock.check()  # lost: the page was closed, and says nothing
            if one.row.doubt and found.finding is not Finding.SETTLED:
                doubts[one.row.order_no] = one
            else:
                left.remove(one)
                self._end(one, found)

        def begin(wanted: Cancellation) -> None:
            session.record_to(doubts[wanted.order_no].evidence or session.evidence)

        found_all = await read_back.wait_out([one.wanted for one in doubts.values()], begin)
        session.lock.check()
        for number, found in found_all.items():
            left.remove(doubts[number])
            self._end(doubts[number], found)

    def _evidence(self, session: AccountSession, row: Row) -> Evidence:
        """A folder of its own shows the pages that were read."""
        about = {
            "order_no": row.order_no,
            "account": session.name,
            "platform": row.platform,
            "role": row.role.value,
        }
        return Evidence.begin(self._settings.evidence_dir, row.platform, row.order_no, "read-back", about)

    def _end(self, one: _Waiting, found: Conclusion) -> None:
        if found.finding is not Finding.INTERRUPTED:
            self._settle(one, settled_later(one.row, found))
        self._tell(one.row)

    def _settle(self, one: _Waiting, found: Conclusion) -> None:
        """Write what the reading makes of the row; nothing is ever submitted from here."""
        folder = one.evidence.folder if one.evidence else None
        one.row = self._ledger.settle(
            one.row, found.state or State.NEEDS_HUMAN, detail=found.detail, code=found.code,
            closed_by=found.closed_by, waits_for=found.waits_for, site_state=found.site_state,
            evidence=folder,
        )  # fmt: skip
        if one.evidence:
            one.evidence.seal({**asdict(self._ledger.to_outcome(one.row)), "state": one.row.state.value})

    def _tell(self, row: Row) -> None:
        outcome = self._ledger.to_outcome(row)
        self._result.outcomes.append(outcome)
        self._voice.ended(outcome)


def _changes(row: Row, found: Conclusion) -> bool:
    """Whether what was read differs from what the ledger has."""
    kept = (row.state, row.waits_for, row.site_state, row.code, row.closed_by)
    return row.doubt or kept != (
        *(found.state, found.waits_for, found.site_state),
        *(found.code, found.closed_by),
    )
