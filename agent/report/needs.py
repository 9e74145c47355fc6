"""What the report puts first: orders that wait for a person, each with the command that goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agent.domain.codes import Code
from agent.domain.command import typed, words_of
from agent.domain.i18n import _
from agent.domain.order import State
from agent.ledger.schema import Row, to_cancellation
from agent.ledger.stats import local
from agent.report.entries import Entry

_ENOUGH = 5
"""Cancellations that came to their end, from which on their time says what is usual."""
_USUAL = timedelta(days=3)
"""What is usual as long as there are fewer."""
_LEAST = timedelta(days=1)
_NINE_OF_TEN = 0.9
_ORDER = (State.SUBMITTING, State.NEEDS_HUMAN, State.FAILED, State.PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An order that waits for a person: what goes on with it, and since when it stands so."""

    entry: Entry
    why: str
    command: str
    days: int


def needs(entries: Iterable[Entry], submitted: Mapping[int, str]) -> list[Need]:
    """What is in doubt, then what waits for a person, what failed, and what waits longer than usual."""
    found = list(entries)
    usual, now = usual_wait([entry.row for entry in found], submitted), datetime.now(UTC)
    waiting = []
    for entry in found:
        row, age = entry.row, now - local(entry.at)
        late = row.state is State.PENDING and age > usual
        if row.doubt or late or row.state in (State.NEEDS_HUMAN, State.FAILED):
            why = row.detail or ""
            if late and not row.doubt:
                days = max(usual.days, 1)
                why = _("waits longer than usual (more than {days} d)", days=days)
            waiting.append(Need(entry=entry, why=why, command=_goes_on(row), days=age.days))
    return sorted(waiting, key=lambda need: (_rank(need.entry.row), -need.days))


def usual_wait(rows: Sequence[Row], submitted: Mapping[int, str]) -> timedelta:
    """The time in which nine of ten cancellations came to their end, and at least a day."""
    took = sorted(
        local(row.updated_at) - local(submitted[row.id])
        for row in rows
        if row.id in submitted and row.state in (State.CANCELLED, State.DECLINED)
    )
    if len(took) < _ENOUGH:
        return _USUAL
    return max(took[int(len(took) * _NINE_OF_TEN)], _LEAST)


def _rank(row: Row) -> int:
    return 0 if row.doubt else _ORDER.index(row.state)


def _goes_on(row: Row) -> str:
    """The command, as it is typed."""
    if row.doubt or row.state is State.PENDING:
        return typed(["unsell", "sync", "--account", row.account], dry_run=False)
    if row.code == Code.REQUEST_WAITS_FOR_US:
        return typed(["unsell", "answer", row.order_no, "--account", row.account, "--accept"], dry_run=False)
    if row.code == Code.SIGN_IN:
        return typed(["unsell", "login", row.account], dry_run=False)
    return typed(words_of(to_cancellation(row)), dry_run=False)
