"""From a sheet to what is still to be done, and back to its result. A sheet with a problem begins nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import UsageError
from agent.ledger import Ledger
from agent.order import Cancellation, Outcome, State
from agent.result import write_result
from agent.rows import holds, wishes_of
from agent.settings import Settings
from agent.sheet import Problem, Sheet, read

_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """A sheet that was read and found good."""

    file: Path
    sheet: Sheet
    wanted: list[Cancellation]

    def split(self, ledger: Ledger) -> tuple[list[Outcome], list[Cancellation]]:
        """How it goes on where it stopped: what an earlier run settled for the same wishes, and the rest."""
        settled: list[Outcome] = []
        left: list[Cancellation] = []
        for one in self.wanted:
            row = ledger.get(one.platform, one.role, one.order_no)
            if row and (row.state is State.CANCELLED or (row.state.terminal and holds(row, wishes_of(one)))):
                settled.append(ledger.to_outcome(row))
            else:
                left.append(one)
        return settled, left

    def write_result(self, ledger: Ledger, say: Callable[[str], None], *, chinese: bool) -> None:
        """The result beside the sheet, as the ledger has it now; what cannot be written is said."""

        def outcome_of(wanted: Cancellation) -> Outcome | None:
            row = ledger.get(wanted.platform, wanted.role, wanted.order_no)
            return ledger.to_outcome(row) if row else None

        try:
            say(f"result: {write_result(self.file, self.sheet, outcome_of, chinese=chinese)}")
        except OSError as error:
            why = error.strerror or error
            say(f"the result could not be written beside {self.file}: {why}; unsell status shows it")


def read_batch(
    file: Path,
    settings: Settings,
    *,
    accept_defect: bool,
    check: Callable[[Cancellation], str | None],
    say: Callable[[str], None],
) -> Batch:
    """The sheet's cancellations. UsageError that names every bad row (the first twenty) and column.

    What is not wrong but has to be known (a row that stands twice) is said, and stops nothing.
    """
    sheet = read(file, settings, lambda wanted: check(wanted) or _not_yet(wanted))
    if sheet.problems:
        good = f"; {len(sheet.rows)} rows are good, and nothing was begun" if sheet.rows else ""
        raise UsageError(
            "\n".join([f"{file}: {len(sheet.problems)} to mend{good}", *_sentences(sheet.problems)])
        )
    for sentence in _sentences(sheet.remarks):
        say(f"{file.name}: {sentence}")
    return Batch(file, sheet, [replace(row.wanted, accept_defect=accept_defect) for row in sheet.rows])


def _sentences(problems: list[Problem]) -> list[str]:
    """The first twenty, and how many more there are."""
    said = [str(problem) for problem in problems[:_MOST_SAID]]
    more = len(problems) - len(said)
    return [*said, f"and {more} more"] if more else said


def _not_yet(wanted: Cancellation) -> str | None:
    """What the sheet's columns already name and this version cannot do: said, not skipped."""
    if wanted.tell_buyer:
        return "tell_buyer: messages to the buyer are not built yet; leave the column empty"
    return None
