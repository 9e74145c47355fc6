"""From a sheet to what is still to be done. A sheet with a problem begins nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.errors import UsageError
from agent.ledger import Ledger
from agent.order import Action, Cancellation, State
from agent.rows import holds, wishes_of
from agent.settings import Settings
from agent.sheet import read

_MOST_SAID = 20


def wanted_rows(
    file: Path, settings: Settings, *, accept_defect: bool, check: Callable[[Cancellation], str | None]
) -> list[Cancellation]:
    """The sheet's cancellations. UsageError that names every bad row (the first twenty) and column."""
    sheet = read(file, settings, lambda wanted: check(wanted) or _not_yet(wanted))
    if sheet.problems:
        said = [str(problem) for problem in sheet.problems[:_MOST_SAID]]
        more = len(sheet.problems) - len(said)
        if more > 0:
            said.append(f"and {more} more")
        good = f"; {len(sheet.rows)} rows are good, and nothing was begun" if sheet.rows else ""
        raise UsageError(f"{file}: {len(sheet.problems)} to mend{good}\n" + "\n".join(said))
    return [replace(row.wanted, accept_defect=accept_defect) for row in sheet.rows]


def _not_yet(wanted: Cancellation) -> str | None:
    """What the sheet's columns already name and this version cannot do: said, not skipped."""
    if wanted.action is not Action.CANCEL:
        return f"action: {wanted.action.value} (answering a buyer's request) is not built yet; do it in the console"
    if wanted.tell_buyer:
        return "tell_buyer: messages to the buyer are not built yet; leave the column empty"
    return None


def unsettled_rows(wanted: list[Cancellation], ledger: Ledger) -> list[Cancellation]:
    """What a second run of the same sheet takes up: not what is settled for the same wishes."""
    return [one for one in wanted if not _done(one, ledger)]


def _done(wanted: Cancellation, ledger: Ledger) -> bool:
    row = ledger.get(wanted.platform, wanted.role, wanted.order_no)
    if row is None or not row.state.terminal:
        return False
    return row.state is State.CANCELLED or holds(row, wishes_of(wanted))
