"""The text of a notice: counts by account, what needs a person, and the command for it.

No buyer's name, address or reason: order number, account, state, and the program's own sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.domain.codes import Code
from agent.domain.command import leaves_out, typed, words_of
from agent.domain.i18n import _
from agent.domain.labels import in_words
from agent.domain.order import Outcome, State

if TYPE_CHECKING:
    from agent.engine.runner import Result
    from agent.ledger.store import Ledger

MOST_LINES = 20
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Notice:
    """``attention``: a person has to do something."""

    title: str
    body: str
    attention: bool


def at_once(waiting: Mapping[str, str]) -> Notice:
    """Accounts that wait for a person, and why, while others go on."""
    lines = [_line(account, why) for account, why in waiting.items()]
    title = _("Unsell: accounts that wait for a person: {count}", count=len(waiting))
    return Notice(
        title, "\n".join([*_capped(lines), _("The other accounts go on meanwhile.")]), attention=True
    )


class News:
    """How the orders stood before the run, to be compared with its end."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._before = {_key(one): _standing(one) for one in map(ledger.to_outcome, ledger.find())}

    def at_end(self, result: Result) -> Notice | None:
        """The message; None when nothing has changed and no person is needed."""
        fresh = [one for one in result.outcomes if one.state.left_open or self._is_new(one)]
        if not fresh and not result.hindered:
            return None
        look = [one for one in fresh if _to_look_at(one) and not _told_with_its_account(one, result)]
        lines = [self._hindered(account, why, result) for account, why in result.hindered.items()]
        busy = _("another run is at work there, and nothing was begun")
        lines += [_line(account, busy) for account in result.busy]
        lines += [self._order(one, result) for one in look]
        title = _("Unsell: orders: {count}", count=len(result.outcomes))
        if needed := sum(map(_to_look_at, fresh)):
            title += _(", to look at: {count}", count=needed)
        body = "\n".join([*self._counts(result.outcomes), *_capped(lines)])
        return Notice(title, body, attention=bool(needed or result.hindered))

    def _is_new(self, one: Outcome) -> bool:
        return self._before.get(_key(one)) != _standing(one)

    def _counts(self, outcomes: Sequence[Outcome]) -> list[str]:
        """A line an account: how many orders stand where."""
        by_account: dict[str, Counter[str]] = {}
        for one in outcomes:
            words = in_words(one.state, one.waits_for)
            by_account.setdefault(one.account, Counter())[words] += 1
        return [
            f"{account}: " + ", ".join(f"{count} × {words}" for words, count in counted.most_common())
            for account, counted in by_account.items()
        ]

    def _hindered(self, account: str, why: str, result: Result) -> str:
        again = typed(result.again, dry_run=result.dry_run) if result.again else None
        return _line(account, why) + self._then(again)

    def _order(self, one: Outcome, result: Result) -> str:
        words = in_words(one.state, one.waits_for)
        line = _line(f"{one.account} {one.order_no}", f"{words}. {one.detail or ''}")
        return line + self._then(self._goes_on(one, result))

    def _then(self, command: str | None) -> str:
        return "\n  " + _("then: {command}", command=command) if command else ""

    def _goes_on(self, one: Outcome, result: Result) -> str | None:
        """The command that goes on with this order; None: no command does, or its detail names another."""
        if one.state is State.DECLINED or one.code == Code.REQUEST_WAITS_FOR_US:
            return None
        found = self._ledger.find(one.order_no, account=one.account, platform=one.platform)
        if not found or found[0].doubt:
            return f"unsell sync --account {one.account}"
        if result.again:
            return typed(result.again, dry_run=result.dry_run)
        wanted = self._ledger.to_cancellation(found[0])
        return typed(words_of(wanted, whole=False), dry_run=result.dry_run) + (
            _(" (with its note and expectations, as before)") if leaves_out(wanted) else ""
        )


def _to_look_at(one: Outcome) -> bool:
    declined = one.state is State.DECLINED and one.code != Code.DECLINED_BY_US
    return declined or one.state.left_open


def _told_with_its_account(one: Outcome, result: Result) -> bool:
    """Orders of a sheet that were left for one reason: their account's line says it for all of them."""
    return result.again is not None and (one.platform, one.order_no) in result.left


def _line(who: str, what: str) -> str:
    text = " ".join(f"{who}: {what}".split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _capped(lines: list[str]) -> list[str]:
    """Channels refuse what is too long."""
    more = len(lines) - MOST_LINES
    if more <= 0:
        return lines
    return [*lines[:MOST_LINES], _("and {more} more: unsell status", more=more)]


def _key(one: Outcome) -> tuple[str, str, str]:
    return one.platform, one.order_no, one.account


def _standing(one: Outcome) -> tuple[object, ...]:
    return one.state, one.waits_for, one.code
