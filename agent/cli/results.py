"""Results on standard output: the table, the summary, one JSON object a line; and the exit code."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from agent.domain.codes import Code
from agent.domain.i18n import N_, _, language
from agent.domain.labels import in_words, reason_words, shop, state_words, waits_words
from agent.domain.order import MessageState, Outcome, Reason, Request, State
from agent.domain.printable import one_line, printable, within_json
from agent.domain.redact import clean

if TYPE_CHECKING:
    from agent.ledger.schema import BuyerMessage

_STOPPED = frozenset(
    {Code.INTERRUPTED, Code.CAP_REACHED, Code.DOUBTS_IN_A_ROW, Code.FAILURES_IN_A_ROW, Code.FIRST_SUBMIT}
)
"""Why an account stopped before an order: told once an account, with the number of its orders."""
_LOOK_AT = (State.NEEDS_HUMAN, State.SUBMITTING, State.FAILED, State.QUEUED)
_NAMED = 3
"""Orders that are named where many have one cause; of more, the number is said."""
_COLUMNS = (
    *(N_("account"), N_("order"), N_("state"), N_("waits for"), N_("reason")),
    *(N_("submits"), N_("detail")),
)
COLOUR = {
    State.CANCELLED: "green",
    State.PENDING: "cyan",
    State.REHEARSED: "cyan",
    State.REFUSED: "yellow",
    State.DECLINED: "yellow",
    State.QUEUED: "yellow",
    State.FAILED: "red",
    State.SUBMITTING: "magenta",
    State.NEEDS_HUMAN: "magenta",
}


def exit_code(outcomes: Iterable[Outcome], *, busy: bool, broken: bool = False) -> int:
    """Return the exit code: the lowest row of the contract's table that applies. Our own decline is 0.

    ``broken``: the ledger failed in the middle, so that some order ended technically whatever is told of it.
    """
    states = {o.state for o in outcomes if o.code != Code.DECLINED_BY_US}
    states |= {State.FAILED} if broken else set()
    code = 0
    for found, worse in (
        ({State.REFUSED, State.DECLINED}, 3),
        ({State.FAILED}, 1),
        ({State.QUEUED}, 5),
        ({State.NEEDS_HUMAN, State.SUBMITTING}, 4),
    ):
        if states & found:
            code = worse
    return 75 if busy else code


def as_json(found: Outcome | Request) -> str:
    """Return one order as a line of JSON, with ``null`` for absent values."""
    return within_json(clean(json.dumps(asdict(found), ensure_ascii=False)))


def requests_table(requests: Iterable[Request]) -> None:
    """Print the buyers' requests as a table on standard output."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in (N_("order"), N_("buyer"), N_("reason"), N_("hours left")):
        grid.add_column(_(name), overflow="fold", no_wrap=name == "order")
    for one in requests:
        hours = "?" if one.hours_left is None else str(one.hours_left)
        grid.add_row(
            one.order_no, escaped(one_line(one.buyer or "")), escaped(one_line(one.reason or "")), hours
        )
    Console(width=None if sys.stdout.isatty() else 160).print(grid)


def not_begun(outcome: Outcome) -> bool:
    """Return whether its account had stopped before this order."""
    return outcome.state is State.QUEUED and outcome.code in _STOPPED


def table(outcomes: Iterable[Outcome], *, together: bool = False) -> None:
    """Print the results as a table on standard output. ``together``: orders not begun share a line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        grid.add_column(_(name), overflow="fold", no_wrap=name == "order")
    for *others, o in _together(outcomes) if together else ([one] for one in outcomes):
        count = len(others) + 1
        state = f"[{COLOUR[o.state]}]{state_words(o.state, o.waits_for)}[/]"
        grid.add_row(
            escaped(shop(o.account)), _("{count} orders", count=count) if others else o.order_no,
            state, waits_words(o.waits_for) if o.waits_for else "",
            "" if others else _reason(o), "" if others else str(o.submits),
            escaped(one_line(o.detail or o.site_state or "")),
        )  # fmt: skip
    wide = None if sys.stdout.isatty() else 160
    Console(width=wide).print(grid)


def _together(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Each order by itself, but for those of an account that were not begun for one cause."""
    groups: dict[object, list[Outcome]] = {}
    for n, one in enumerate(outcomes):
        groups.setdefault((one.account, one.code) if not_begun(one) else n, []).append(one)
    return list(groups.values())


def _reason(outcome: Outcome) -> str:
    return reason_words(Reason(outcome.reason)) if outcome.reason else ""


def messages(told: Iterable[BuyerMessage]) -> None:
    """Print what an order's buyer was told. A message whose sending never ended counts as in doubt."""
    for one in told:
        doubt = one.state in (MessageState.DOUBT, MessageState.SENDING)
        words = _("in doubt, not sent again") if doubt else one.state.value.replace("_", " ")
        why = "; ".join(filter(None, (one.updated_at, one.detail)))
        said = _("message to the buyer, {kind}: {words} ({why})", kind=one.kind, words=words, why=why)
        sys.stdout.write(printable(clean(said)) + "\n")


def summary(outcomes: Sequence[Outcome], mends: Sequence[str] = ()) -> str:
    """Return the end of a run as plain text, fit for a mail: how many orders stand where, what to look at.

    ``mends``: a line for each entry that the profile lacked. Orders that were not begun are one line an
    account, and so are more than three with one cause.
    """
    words = Counter(in_words(o.state, o.waits_for) for o in outcomes)
    lines = [_("Unsell: {count} orders", count=len(outcomes))]
    lines += [f"  {count} × {word}" for word, count in words.most_common()]
    groups: dict[tuple[object, ...], list[Outcome]] = {}
    for one in outcomes:
        if one.state in _LOOK_AT:
            cause = None if not_begun(one) else one.detail
            groups.setdefault((one.account, one.state, one.waits_for, cause, one.code), []).append(one)
    if groups:
        lines.append(_("to look at:"))
        lines += [f"  {line}" for group in groups.values() for line in _looked_at(group)]
    lines += [f"  {line}" for line in mends]
    return printable(clean("\n".join(lines)))


def _looked_at(group: list[Outcome]) -> list[str]:
    """The lines for orders of one account that stand alike, for one cause."""
    first, count = group[-1], len(group)  # the last: one that was in hand may have words of its own
    called, word = shop(first.account), in_words(first.state, first.waits_for)
    why = one_line(first.detail or "")
    if not_begun(first):
        return [
            _(
                "{shop}: {count} not begun ({why}); the same command goes on with them",
                shop=called,
                count=count,
                why=why,
            )
        ]
    stop, colon = ("。", "：") if language() == "zh-CN" else (". ", ": ")
    if count <= _NAMED:
        return [f"{called} {o.order_no}{colon}{word}{stop}{why}".rstrip() for o in group]
    some = ", ".join(o.order_no for o in group[:_NAMED])
    rest = _("and {more} more", more=count - _NAMED)
    return [f"{called}{colon}{count} × {word}{stop}{why} ({some}, {rest})"]


def escaped(text: str) -> str:
    """Return a text that is safe to print: no markup, no secret, nothing that moves the cursor."""
    from rich.markup import escape

    return escape(printable(clean(text)))
