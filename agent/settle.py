"""From doubt to a state: wait out what may still be in flight, read two pages, and decide.

Measured (``docs/reliability.md``): checking at once after a crash and clicking again made 17 duplicates in
36 orders; waiting first made none. So the wait counts, by the monotonic clock, from the moment *this*
process took the doubt up, and "nothing was received" needs two pages that agree, half a wait apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from loguru import logger

from agent.codes import ClosedBy, Code
from agent.errors import NeedsHuman, Refused, SignInNeeded, TechnicalError
from agent.flow import Flow
from agent.i18n import _
from agent.ledger import Row
from agent.order import (
    BY_SOMEONE_ELSE,
    Action,
    Asker,
    Cancellation,
    Reading,
    State,
    Verdict,
    WaitsFor,
)

_SHOWN = (Verdict.PENDING, Verdict.CANCELLED, Verdict.DECLINED)


class Account(Protocol):
    """Whose pages are read: an account's desk."""

    async def ensure_signed_in(self) -> None: ...
    async def still_ours(self) -> None: ...


class Finding(StrEnum):
    """What reading back has shown."""

    SETTLED = "settled"
    NOT_RECEIVED = "not received"
    """Two pages, apart in time, agree: there is no cancellation."""
    UNCLEAR = "unclear"
    INTERRUPTED = "interrupted"


@dataclass(slots=True, kw_only=True)
class Conclusion:
    finding: Finding
    state: State | None = None
    detail: str | None = None
    code: Code | None = None
    closed_by: ClosedBy | None = None
    waits_for: WaitsFor | None = None
    site_state: str | None = None
    proof: tuple[Reading, ...] = ()
    """The two readings of a "not received"."""


def judge(wanted: Cancellation, reading: Reading) -> Conclusion | None:
    """What one reading settles by itself; None when it settles nothing.

    A cancellation counts as ours when the page says that our side asked and names no other reason. A
    request of the other party's proves nothing about our submit.
    """
    words = reading.words or None
    if reading.for_person and is_ours(wanted, reading):
        return Conclusion(
            finding=Finding.SETTLED, state=State.NEEDS_HUMAN, site_state=words,
            detail=_("{words}: only a person can go on, in the console", words=reading.words),
            code=Code.LEFT_TO_A_PERSON,
        )  # fmt: skip
    if reading.verdict is Verdict.CANCELLED:
        detail, code = (None, None) if is_ours(wanted, reading) else _whose(reading)
        return Conclusion(
            finding=Finding.SETTLED, state=State.CANCELLED, detail=detail, code=code,
            closed_by=closed_by(wanted, reading), site_state=words,
        )  # fmt: skip
    if not is_ours(wanted, reading):
        return None
    if reading.verdict is Verdict.PENDING:
        return Conclusion(
            finding=Finding.SETTLED, state=State.PENDING, waits_for=reading.waits_for, site_state=words,
            closed_by=ClosedBy.US,
        )  # fmt: skip
    if reading.verdict is Verdict.DECLINED:
        detail, code, whose = words, Code.THE_SITE_SAYS_NO, ClosedBy.UNKNOWN
        if wanted.action is not Action.CANCEL:
            detail = _("the buyer's request was declined, as asked")
            code, whose = Code.DECLINED_BY_US, ClosedBy.US
        return Conclusion(
            finding=Finding.SETTLED, state=State.DECLINED, detail=detail, code=code, closed_by=whose,
            site_state=words,
        )  # fmt: skip
    return None


def judge_list(wanted: Cancellation, listed: Reading) -> Conclusion | None:
    """What a list settles by itself: it must say whose the cancellation is, or why it was asked for."""
    return None if _silent(listed) or listed.verdict not in _SHOWN else judge(wanted, listed)


def is_ours(wanted: Cancellation, reading: Reading) -> bool:
    """Who asked and why, as far as the page says it, fit what was submitted; silence about both does not.

    An answer is about the other party's request, whatever its reason.
    """
    if wanted.action is not Action.CANCEL:
        return reading.asker not in (Asker.UNKNOWN, Asker(wanted.role.value))
    if reading.asker is Asker.UNKNOWN:
        return reading.reason == wanted.reason.value
    return reading.asker == Asker(wanted.role.value) and reading.reason in (None, wanted.reason.value)


def closed_by(wanted: Cancellation, reading: Reading) -> ClosedBy:
    """Whose the cancellation is that the page shows, as far as it says so."""
    if is_ours(wanted, reading):
        return ClosedBy.US
    if reading.asker is Asker.PLATFORM:
        return ClosedBy.PLATFORM
    return ClosedBy.UNKNOWN if _silent(reading) else ClosedBy.OTHER


def _silent(reading: Reading) -> bool:
    """Whether the page says neither who asked nor why."""
    return reading.asker is Asker.UNKNOWN and reading.reason is None


def of_an_answer(wanted: Cancellation, reading: Reading) -> Reading:
    """What a page says of our answer: a request that still waits for us says that nothing was received."""
    if wanted.action is Action.CANCEL:
        return reading
    if reading.verdict is Verdict.PENDING and reading.waits_for == WaitsFor(wanted.role.value):
        return replace(reading, verdict=Verdict.NONE)
    said_no = reading.verdict is Verdict.DECLINED and wanted.action is not Action.DECLINE
    if reading.verdict is Verdict.NONE or said_no:
        return replace(reading, verdict=Verdict.UNCLEAR)  # taken back, or somebody else answered
    return reading


def _whose(reading: Reading) -> tuple[str, Code]:
    if _silent(reading):
        return _("cancelled; the page does not say by whom"), Code.ASKER_UNKNOWN
    detail = _(
        "{by_someone_else} ({asker}, reason: {reason})",
        by_someone_else=_(BY_SOMEONE_ELSE),
        asker=reading.asker.value,
        reason=reading.reason or _("not shown"),
    )
    return detail, Code.BY_SOMEONE_ELSE


def settled_later(row: Row, found: Conclusion) -> Conclusion:
    """What a later look makes of a row: what is not proved leaves a pending order as it is."""
    if found.finding is Finding.SETTLED:
        return found
    if found.finding is Finding.NOT_RECEIVED:
        why = _("nothing was received, two pages agree: unsell cancel may submit once more")
        code = Code.NOT_RECEIVED
        if not row.doubt:
            why = _("the cancellation that waited is gone, two pages agree: look at the order in the console")
            code = Code.NO_LONGER_OPEN
        return Conclusion(
            finding=Finding.SETTLED,
            state=State.NEEDS_HUMAN,
            detail=why,
            code=code,
            site_state=found.site_state,
        )
    if row.doubt:
        return Conclusion(
            finding=Finding.SETTLED, state=State.NEEDS_HUMAN, detail=found.detail, code=found.code
        )
    kept = _("could not be read back, stays as it was ({detail})", detail=found.detail)
    return Conclusion(
        finding=Finding.SETTLED,
        state=row.state,
        detail=kept,
        code=Code.NOT_READ_BACK,
        closed_by=row.closed_by,
        waits_for=row.waits_for,
        site_state=row.site_state,
    )


class Settler:
    """Reads one order back until it is settled or the time is up. ``settle``: seconds.

    ``stop`` ends a wait early (Ctrl-C): the order stays in doubt, for a later run.
    """

    def __init__(
        self,
        flow: Flow,
        settle: float,
        say: Callable[[str], None],
        stop: asyncio.Event,
        account: Account,
    ) -> None:
        self._flow = flow
        self._account = account
        self._settle = settle
        self._say = say
        self._stop = stop

    async def first_look(self, wanted: Cancellation) -> Conclusion | None:
        """One look right after the submit; it can prove a success, never a failure.

        The list alone where it says whose the cancellation is, else the detail page too.
        """
        return await self._judged(wanted, await self._read(wanted, "list"))

    async def look_again(self, wanted: Cancellation, listed: Reading | None = None) -> Conclusion:
        """A later look at an order that waits: the list, and the detail page where that is not clear.

        ``listed``: what the list was just read to say. NOT_RECEIVED: both pages say that no cancellation is
        there (any more). UNCLEAR: nothing is proved.
        """
        listed = listed or await self._read(wanted, "list")
        found = await self._judged(wanted, listed)
        if found is None:
            detail = await self._read(wanted, "detail")
            found = (judge(wanted, detail) if detail else None) or _decide([listed, detail])
        return found

    async def _judged(self, wanted: Cancellation, listed: Reading | None) -> Conclusion | None:
        if listed is None or listed.verdict not in _SHOWN:
            return None
        if _silent(listed):
            listed = _fuller(listed, await self._read(wanted, "detail"))
        return judge(wanted, listed)

    async def wait_and_read(self, wanted: Cancellation) -> Conclusion:
        """Wait the settle time, read the list, wait half of it again, read the detail, decide."""
        return (await self.wait_out([wanted]))[wanted.order_no]

    async def wait_out(
        self, doubts: Sequence[Cancellation], before: Callable[[Cancellation], None] = lambda _: None
    ) -> dict[str, Conclusion]:
        """Several doubts of one account side by side, one wait for all; by order number.

        ``before`` is told whose page is read next. Each order's two looks are half the time apart.
        """
        clock = asyncio.get_running_loop().time  # monotonic, and the very one that the waits go by
        due = {one.order_no: clock() + self._settle for one in doubts}
        readings: dict[str, list[Reading | None]] = {number: [] for number in due}
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
        return {n: found.get(n) or _decide(readings[n]) for n in due}

    async def _stopped_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stop.wait(), max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    async def _read(self, wanted: Cancellation, view: str) -> Reading | None:
        """One reading; a page that cannot be read says nothing, and that is logged."""
        try:
            try:
                reading = await self._present(wanted, view)
            except SignInNeeded:
                self._say(_("{account}: signed out, signing in again to read back", account=wanted.account))
                await self._account.ensure_signed_in()
                reading = await self._present(wanted, view)
            await self._flow.clerk.developed()  # the proof is on disk before anything rests on it
            return of_an_answer(wanted, reading)
        except (TechnicalError, NeedsHuman, Refused) as error:
            if error.code is Code.OTHER_ACCOUNT:
                raise
            logger.warning("{}: the {} page could not be read back: {}", wanted.order_no, view, error)
            return None

    async def _present(self, wanted: Cancellation, view: str) -> Reading:
        """A reading; an order that a page does not show may be another account's page."""
        reading = await self._flow.read_back(wanted, view)
        if reading.verdict is Verdict.ABSENT:
            await self._account.still_ours()
        return reading


def _fuller(listed: Reading, detail: Reading | None) -> Reading:
    """The detail page's word, where it speaks of the same cancellation as the list."""
    return detail if detail and detail.verdict in _SHOWN else listed


def _decide(readings: list[Reading | None]) -> Conclusion:
    """What two readings without a proof of ours amount to."""
    if all(r is not None and r.verdict is Verdict.NONE for r in readings):
        words = next(r.words for r in readings if r)
        proof = tuple(r for r in readings if r)
        return Conclusion(finding=Finding.NOT_RECEIVED, site_state=words or None, proof=proof)
    seen = "; ".join(f"{r.view}: {r.words or r.verdict.value}" if r else _("unreadable") for r in readings)
    others = [r for r in readings if r and r.verdict is Verdict.PENDING]
    why = (
        _("another party's request is open, which proves nothing about ours")
        if others
        else _("no two pages say the same")
    )
    return Conclusion(
        finding=Finding.UNCLEAR, code=Code.UNCLEAR_AFTER_SETTLING,
        detail=_("still unclear after settling, {why} ({seen})", why=why, seen=seen),
    )  # fmt: skip
