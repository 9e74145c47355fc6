"""What readings mean for an order: who cancelled, and how a doubt ends. It touches no page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from agent.domain.codes import ClosedBy, Code
from agent.domain.i18n import N_, _
from agent.domain.order import (
    BY_SOMEONE_ELSE,
    Action,
    Asker,
    Cancellation,
    SiteReading,
    State,
    Verdict,
    WaitsFor,
)
from agent.domain.text import plain
from agent.ledger.not_received import Objection
from agent.ledger.store import Row

NAMES_NOBODY = N_("the page names nobody who asked; no cancellation was open before the submit")
SHOWN = (Verdict.PENDING, Verdict.CANCELLED, Verdict.DECLINED)


class Finding(StrEnum):
    """What reading back has shown."""

    SETTLED = "settled"
    NOT_RECEIVED = "not received"
    """Two pages, at two times, agree: there is no cancellation, and no other sign of an effect."""
    UNCLEAR = "unclear"
    INTERRUPTED = "interrupted"


@dataclass(slots=True, kw_only=True)
class Conclusion:
    finding: Finding
    state: State | None = None
    detail: str | None = None
    waits_for: WaitsFor | None = None
    site_state: str | None = None
    code: Code | str | None = None
    """A ``Code``; one from the ledger may be a newer program's."""
    closed_by: ClosedBy | None = None
    readings: tuple[SiteReading, ...] = ()
    """The pages that were read, where more than one was needed."""


def judge(wanted: Cancellation, reading: SiteReading) -> Conclusion | None:
    """What one reading settles by itself; None when it settles nothing.

    A cancellation counts as ours when the page says that our side asked and names no other reason. A
    request of the other party's proves nothing about our submit.
    """
    words = reading.words or None
    if reading.guessed:
        return None
    if reading.for_person and not names_another(wanted, reading):
        return Conclusion(
            finding=Finding.SETTLED, state=State.NEEDS_HUMAN, site_state=words,
            detail=_("{words}: only a person can go on, in the console", words=reading.words),
            code=Code.LEFT_TO_A_PERSON,
        )  # fmt: skip
    if reading.verdict is Verdict.CANCELLED:
        code, detail = _whose(wanted, reading)
        return Conclusion(
            finding=Finding.SETTLED, state=State.CANCELLED, detail=detail, site_state=words, code=code,
            closed_by=closed_by(wanted, reading),
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


def judge_list(row: Row, wanted: Cancellation, listed: SiteReading) -> Conclusion | None:
    """What a list settles by itself: it must say whose the cancellation is, or why it was asked for.

    Of an order that is pending already, a list that names no party and shows it still open says enough.
    """
    if listed.verdict not in SHOWN:
        return None
    if not is_silent(listed):
        return judge(wanted, listed)
    if row.state is not State.PENDING or listed.verdict is not Verdict.PENDING or listed.for_person:
        return None
    return still_pending(row, wanted, listed)


def still_pending(row: Row, wanted: Cancellation, reading: SiteReading) -> Conclusion:
    """A page that names no party shows a pending order as open: its detail stays as it is."""
    same = row.site_state and plain(row.site_state) == plain(reading.words)
    return Conclusion(
        finding=Finding.SETTLED, state=State.PENDING, detail=row.detail, code=row.code,
        closed_by=row.closed_by,
        site_state=row.site_state if same else reading.words,
        waits_for=not_for(wanted, reading),
    )  # fmt: skip


def is_silent(reading: SiteReading) -> bool:
    """Whether the page says neither who asked nor why."""
    return reading.asker is Asker.UNKNOWN and reading.reason is None


def not_for(wanted: Cancellation, reading: SiteReading) -> WaitsFor | None:
    """Whom our request waits for, according to the page: never ourselves."""
    return None if reading.waits_for == wanted.role.value else reading.waits_for


def names_another(wanted: Cancellation, reading: SiteReading) -> bool:
    """Whether the page names another party, or another reason than ours."""
    other = reading.asker not in (Asker.UNKNOWN, Asker(wanted.role.value))
    if wanted.action is not Action.CANCEL:
        return reading.asker == Asker(wanted.role.value)
    return other or reading.reason not in (None, wanted.reason.value)


def is_ours(wanted: Cancellation, reading: SiteReading) -> bool:
    """Who asked and why, as far as the page says it, fit what was submitted; silence about both does not.

    An answer is about the other party's request, whatever its reason: it was open and waited for us when we
    answered, so a page that names nobody speaks of it.
    """
    if wanted.action is not Action.CANCEL:
        return reading.asker != Asker(wanted.role.value)
    if reading.asker is Asker.UNKNOWN:
        return reading.reason == wanted.reason.value
    return reading.asker == Asker(wanted.role.value) and reading.reason in (None, wanted.reason.value)


def closed_by(wanted: Cancellation, reading: SiteReading) -> ClosedBy:
    """Who made the cancellation that the page shows, as far as it says."""
    if is_ours(wanted, reading):
        return ClosedBy.US
    if reading.asker is Asker.PLATFORM:
        return ClosedBy.PLATFORM
    return ClosedBy.UNKNOWN if is_silent(reading) else ClosedBy.OTHER


def of_an_answer(wanted: Cancellation, reading: SiteReading) -> SiteReading:
    """What a page says of our answer: a request that still waits for us says that nothing was received."""
    if wanted.action is Action.CANCEL:
        return reading
    if reading.verdict is Verdict.PENDING and reading.waits_for == WaitsFor(wanted.role.value):
        return replace(reading, verdict=Verdict.NONE)
    said_no = reading.verdict is Verdict.DECLINED and wanted.action is not Action.DECLINE
    if reading.verdict is Verdict.NONE or said_no:
        return replace(reading, verdict=Verdict.UNCLEAR)  # taken back, or answered by another
    return reading


def _whose(wanted: Cancellation, reading: SiteReading) -> tuple[Code | None, str | None]:
    """The code and detail of a cancellation that is not ours, or may not be."""
    if is_silent(reading):
        return Code.ASKER_UNKNOWN, _("cancelled; the page does not say by whom")
    if is_ours(wanted, reading):
        return None, None
    return Code.BY_SOMEONE_ELSE, _(
        "{by_someone_else} ({asker}, reason: {reason})",
        by_someone_else=_(BY_SOMEONE_ELSE),
        asker=reading.asker.value,
        reason=reading.reason or _("not shown"),
    )


def settled_later(row: Row, found: Conclusion) -> Conclusion:
    """What a later look means for a row: an order stays pending unless the opposite is proved."""
    if found.finding is Finding.SETTLED:
        return found
    if found.finding is Finding.NOT_RECEIVED:
        code, why = (
            Code.NOT_RECEIVED,
            _("nothing was received, two pages agree: unsell cancel may submit once more"),
        )
        if not row.doubt:
            code, why = (
                Code.NO_LONGER_OPEN,
                _("the cancellation that waited is gone, two pages agree: look at the order in the console"),
            )
        return Conclusion(
            finding=Finding.SETTLED, state=State.NEEDS_HUMAN, detail=why, site_state=found.site_state,
            code=code,
        )  # fmt: skip
    if row.doubt:
        return Conclusion(
            finding=Finding.SETTLED, state=State.NEEDS_HUMAN, detail=a_persons(row, found), code=found.code
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


def a_persons(row: Row, found: Conclusion) -> str:
    """Why a doubt remains, and the command by which a person continues after a look at the console."""
    what = row.action.value if row.action is not Action.CANCEL else ""
    command = f"unsell cancel {row.order_no} --account {row.account} --reason {row.reason.value}"
    if what:
        command = f"unsell answer {row.order_no} --account {row.account} --{what}"
    return _(
        "{why}; look at the order in the console: if nothing has arrived there, {command} --submit-again "
        "submits once more",
        why=found.detail,
        command=command,
    )


def fuller(listed: SiteReading, detail: SiteReading | None) -> SiteReading:
    """The detail page's reading, where it is about the same cancellation as the list."""
    return detail if detail and detail.verdict in SHOWN else listed


def agreed(wanted: Cancellation, readings: list[SiteReading | None]) -> Conclusion | None:
    """What pages settle together whose words are only guessed: at least two, and all say the same."""
    pages = [r for r in readings if r]
    if len({r.view for r in pages}) < 2 or len(pages) < len(readings) or len({r.verdict for r in pages}) > 1:
        return None
    named = next((r for r in reversed(pages) if not is_silent(r)), pages[-1])
    if any(names_another(wanted, r) for r in pages):
        return None
    return judge(wanted, replace(named, guessed=False))


def unclear(readings: list[SiteReading | None], against: Objection | None) -> Conclusion:
    pages = tuple(r for r in readings if r)
    if against is not None:
        return Conclusion(
            finding=Finding.UNCLEAR, detail=against.why, code=against.code, readings=pages,
            site_state=pages[-1].words or None,
        )  # fmt: skip
    seen = "; ".join(f"{r.view}: {r.words or r.verdict.value}" if r else _("unreadable") for r in readings)
    others = [r for r in pages if r.verdict is Verdict.PENDING]
    why = (
        _("another party's request is open, which proves nothing about ours")
        if others
        else _("no two pages say the same")
    )
    return Conclusion(
        finding=Finding.UNCLEAR, code=Code.UNCLEAR_AFTER_SETTLING, readings=pages,
        detail=_("still unclear after settling, {why} ({seen})", why=why, seen=seen),
    )  # fmt: skip
