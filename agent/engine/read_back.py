"""From doubt to a state: wait until nothing can still be in flight, read two pages, and decide.

Measured (``docs/reliability.md``): checking at once after a crash and clicking again made 17 duplicates in
36 orders; waiting first made none. So the wait counts, by the monotonic clock, from the moment *this*
process took the doubt up, and "nothing was received" needs two pages that agree, half a wait apart, and no
sign of an effect: none in what the form said, in what any page showed since, in what they say now
(``agent.ledger.not_received``). A look that shows such a sign is kept in the order's history before anything
depends on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from loguru import logger

from agent.domain.codes import ClosedBy, Code
from agent.domain.errors import NeedsHuman, Refused, SignInNeeded, TechnicalError
from agent.domain.i18n import _
from agent.domain.order import Action, Asker, Cancellation, SiteReading, State, Verdict
from agent.engine.verdict import (
    NAMES_NOBODY,
    SHOWN,
    Conclusion,
    Finding,
    agreed,
    fuller,
    is_silent,
    judge,
    names_another,
    not_for,
    of_an_answer,
    still_pending,
    unclear,
)
from agent.ledger.not_received import is_sign, objection, was_none
from agent.ledger.store import Ledger, Row
from agent.marketplace.flow import Flow


class SignedIn(Protocol):
    """The account whose pages are read."""

    async def ensure_signed_in(self) -> None: ...
    async def still_ours(self) -> None: ...


class ReadBack:
    """Reads one order back until it is settled or the time is up. ``settle``: seconds.

    ``stop`` ends a wait early (Ctrl-C): the order stays in doubt, for a later run.
    """

    def __init__(
        self,
        flow: Flow,
        ledger: Ledger,
        settle: float,
        *,
        say: Callable[[str], None],
        stop: asyncio.Event,
        account: SignedIn,
    ) -> None:
        self._flow = flow
        self._ledger = ledger
        self._account = account
        self._settle = settle
        self._say = say
        self._stop = stop

    async def first_look(self, wanted: Cancellation) -> Conclusion | None:
        """One look right after the submit; it can prove a success, never a failure.

        Only the list where it says who cancelled, else the detail page too.
        """
        return (await self._look(wanted, await self._read(wanted, "list")))[0]

    async def look_again(self, wanted: Cancellation, listed: SiteReading | None = None) -> Conclusion:
        """A later look at an order that waits: the list, and the detail page where that is not clear.

        ``listed``: what the list was just read to say. NOT_RECEIVED: both pages say that no cancellation is
        there (any more). UNCLEAR: nothing is proved.
        """
        if listed is None:
            listed = await self._read(wanted, "list")
        else:
            self.keep(wanted, listed)
        found, readings = await self._look(wanted, listed)
        if found is None and len(readings) < 2:
            readings.append(detail := await self._read(wanted, "detail"))
            found = judge(wanted, detail) if detail else None
        return found or await self._decide(wanted, readings)

    async def _look(
        self, wanted: Cancellation, listed: SiteReading | None
    ) -> tuple[Conclusion | None, list[SiteReading | None]]:
        """What the list settles; with the detail page, where the list does not say who cancelled."""
        readings = [listed]
        if listed is None or listed.verdict not in SHOWN:
            return None, readings
        if not is_silent(listed):
            return judge(wanted, listed), readings
        detail = await self._read(wanted, "detail")
        readings.append(detail)
        return judge(wanted, fuller(listed, detail)) or await self._unnamed(wanted, readings), readings

    async def read_both(self, wanted: Cancellation) -> Conclusion:
        """Both pages at once, once more: a doubt was waited out before, and time has passed since."""
        readings = [await self._read(wanted, view) for view in ("list", "detail")]
        judged = [found for reading in readings if reading and (found := judge(wanted, reading))]
        return judged[0] if judged else await self._decide(wanted, readings)

    async def wait_and_read(self, wanted: Cancellation) -> Conclusion:
        """Wait the settle time, read the list, wait half of it again, read the detail, decide."""
        return (await self.wait_out([wanted]))[wanted.order_no]

    async def wait_out(
        self, doubts: Sequence[Cancellation], before: Callable[[Cancellation], None] = lambda _: None
    ) -> dict[str, Conclusion]:
        """Several doubts of one account side by side, one wait for all; by order number.

        ``before`` is called with the order that is read next. Each order's two looks are half the time apart.
        """
        clock = asyncio.get_running_loop().time  # monotonic, and the clock of the waits
        due = {one.order_no: clock() + self._settle for one in doubts}
        readings: dict[str, list[SiteReading | None]] = {number: [] for number in due}
        found: dict[str, Conclusion] = {}
        for number in due:
            self._say(
                _(
                    "{number}: the outcome is unknown; reading back after {settle:g} s",
                    number=number,
                    settle=self._settle,
                )
            )
        for view in ("list", "detail"):
            for one in doubts:
                number = one.order_no
                if number in found:
                    continue
                if await self._stopped_within(due[number] - clock()):
                    return {n: found.get(n, Conclusion(finding=Finding.INTERRUPTED)) for n in due}
                before(one)
                reading = await self._read(one, view)
                due[number] = clock() + self._settle / 2
                readings[number].append(reading)
                if reading and (judged := judge(one, reading)):
                    found[number] = judged
        return {
            one.order_no: found.get(one.order_no) or await self._decide(one, readings[one.order_no])
            for one in doubts
        }

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stop.wait(), max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    async def _read(self, wanted: Cancellation, view: str) -> SiteReading | None:
        """One reading; None, and a line in the log, where the page cannot be read."""
        try:
            try:
                reading = await self._present(wanted, view)
            except SignInNeeded:
                self._say(_("{account}: signed out, signing in again to read back", account=wanted.account))
                await self._account.ensure_signed_in()
                reading = await self._present(wanted, view)
            await self._flow.clerk.developed()  # the sign is on disk before any decision depends on it
        except (TechnicalError, NeedsHuman, Refused) as error:
            if error.code is Code.OTHER_ACCOUNT:
                raise
            logger.warning("{}: the {} page could not be read back: {}", wanted.order_no, view, error)
            return None
        reading = of_an_answer(wanted, self._guessed(reading))
        self.keep(wanted, reading)
        return reading

    def _guessed(self, reading: SiteReading) -> SiteReading:
        """An unlisted state with what its words seem to say."""
        profile = self._flow.profile
        if reading.verdict is not Verdict.UNCLEAR or profile.grammar is None:
            return reading
        guess = profile.grammar.guess(reading.words, self._flow.shop.role)
        if guess is None:
            return reading
        asker = reading.asker if reading.asker is not Asker.UNKNOWN else guess.asker
        return replace(reading, verdict=guess.verdict, asker=asker, guessed=True)

    async def _present(self, wanted: Cancellation, view: str) -> SiteReading:
        """One reading. Where the page does not show the order, check first that it is this account's page."""
        reading = await self._flow.read_back(wanted, view)
        if reading.verdict is Verdict.ABSENT:
            await self._account.still_ours()
        return reading

    def _row(self, wanted: Cancellation) -> Row | None:
        return self._ledger.get(wanted.platform, wanted.role, wanted.order_no)

    def keep(self, wanted: Cancellation, reading: SiteReading) -> None:
        """Keep in the history a sign that the submit had an effect, whatever later pages show."""
        row = self._row(wanted)
        if row and row.doubt and is_sign(self._ledger.events(row), reading):
            self._ledger.note(
                row, "seen", view=reading.view, verdict=reading.verdict.value, words=reading.words
            )

    async def _unnamed(self, wanted: Cancellation, readings: list[SiteReading | None]) -> Conclusion | None:
        """What pages that name no party settle, where the order had no cancellation before the press.

        Both show one that is open, and no request of the other party is listed: it is ours. Of an order
        that is pending already nothing has to be proved anew.
        """
        row, pages = self._row(wanted), [r for r in readings if r]
        if row is None or len(pages) < 2 or any(names_another(wanted, page) for page in pages):
            return None
        last = pages[-1]
        if row.state is State.PENDING and last.verdict is Verdict.DECLINED:
            return Conclusion(
                finding=Finding.SETTLED, state=State.DECLINED, detail=last.words, site_state=last.words,
                code=Code.ASKER_UNKNOWN, closed_by=ClosedBy.UNKNOWN,
            )  # fmt: skip
        if any(page.verdict is not Verdict.PENDING for page in pages):
            return None
        if row.state is State.PENDING:
            return still_pending(row, wanted, last)
        if not await self._newly_open(wanted, row):
            return None
        return Conclusion(
            finding=Finding.SETTLED, state=State.PENDING, waits_for=not_for(wanted, last),
            site_state=last.words, code=Code.ASKER_UNKNOWN, detail=_(NAMES_NOBODY),
            closed_by=ClosedBy.UNKNOWN,
        )  # fmt: skip

    async def _newly_open(self, wanted: Cancellation, row: Row) -> bool:
        """Whether no cancellation was there before the press, and no request of the other party is listed."""
        if wanted.action is not Action.CANCEL or not row.doubt or not was_none(self._ledger.events(row)):
            return False
        try:
            return not await self._flow.request_listed(wanted.order_no)
        except (TechnicalError, NeedsHuman, Refused) as error:
            logger.warning("{}: the other party's requests cannot be read: {}", wanted.order_no, error)
            return False

    async def _decide(self, wanted: Cancellation, readings: list[SiteReading | None]) -> Conclusion:
        """What two readings that do not prove our cancellation come to."""
        if found := await self._unnamed(wanted, readings) or agreed(wanted, readings):
            return found
        row = self._row(wanted)
        pages = tuple(r for r in readings if r)
        none = len(pages) == len(readings) and all(r.verdict is Verdict.NONE for r in pages)
        against = objection(self._ledger.events(row), readings) if none and row and row.doubt else None
        if none and against is None:
            words = next((r.words for r in pages if r.words), None)
            return Conclusion(finding=Finding.NOT_RECEIVED, site_state=words, readings=pages)
        return unclear(readings, against)
