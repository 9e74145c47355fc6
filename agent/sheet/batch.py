"""From a sheet to what is still to be done, and back to its result. A sheet with a problem begins nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from agent.domain.errors import LedgerFailed, NeedsHuman, Refused, UsageError
from agent.domain.faults import of_the_system
from agent.domain.i18n import _
from agent.domain.labels import listed, named
from agent.domain.order import Cancellation, Outcome, Outlook
from agent.engine.preflight import before_opening
from agent.ledger.schema import settles
from agent.ledger.stats import against_this_month, counts_against
from agent.ledger.store import Ledger
from agent.profile.profile import Profile, load
from agent.settings.settings import Settings
from agent.sheet.columns import Problem, said_at
from agent.sheet.parse import Sheet, read
from agent.sheet.result import write_result

_MOST_SAID = 20
_MOST_ROWS = 8
"""Rows that are named where one thing is wrong in many."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A sheet that was read without a problem."""

    file: Path
    sheet: Sheet
    wanted: list[Cancellation]

    def split(self, ledger: Ledger) -> tuple[list[Outcome], list[Cancellation]]:
        """Split the sheet: the orders that an earlier run settled for the same wishes, and the rest."""
        settled: list[Outcome] = []
        left: list[Cancellation] = []
        rows = ledger.many(self.wanted)
        for one in self.wanted:
            row = rows.get((one.platform, one.role, one.order_no))
            if row and settles(row, one):
                settled.append(ledger.to_outcome(row))
            else:
                left.append(one)
        return settled, left

    def outlook(self, left: list[Cancellation], ledger: Ledger, settings: Settings) -> Outlook:
        """What is known of these orders before any page is opened."""
        profiles, against = profiles_of(settings), _against(ledger, settings)
        ready = [one for one in left if _may_open(one, profiles[one.platform])]
        made = [(one.account, count) for one in ready if (count := against(one)) is not None]
        return Outlook(ready=len(ready), refused=len(left) - len(ready), against=len(made), made=dict(made))

    def write_result(self, ledger: Ledger, say: Callable[[str], None]) -> None:
        """Write the result beside the sheet, from the ledger; print why where it cannot be written."""
        _written(
            _("result"),
            lambda: write_result(self.file, self.sheet, _outcomes(ledger, self.wanted)),
            say,
        )

    def write_approval(
        self, ledger: Ledger, settings: Settings, reached: list[Outcome], say: Callable[[str], None]
    ) -> None:
        """The approval page of the orders that this dry run reached, beside the sheet.

        What cannot be written is said. An order that only an earlier run reached is not on it.
        """
        from agent.sheet.approval import write_approval

        against = _against(ledger, settings)
        found = {(one.account, one.order_no): one for one in reached}

        def outcome_of(wanted: Cancellation) -> Outcome | None:
            return found.get((wanted.account, wanted.order_no))

        _written(
            _("look and approve"),
            lambda: write_approval(self.file, self.sheet, outcome_of, against),
            say,
        )


def _outcomes(ledger: Ledger, wanted: list[Cancellation]) -> Callable[[Cancellation], Outcome | None]:
    """How each of these orders stands now."""
    rows = ledger.many(wanted)

    def outcome_of(wanted: Cancellation) -> Outcome | None:
        row = rows.get((wanted.platform, wanted.role, wanted.order_no))
        return ledger.to_outcome(row) if row else None

    return outcome_of


def _against(ledger: Ledger, settings: Settings) -> Callable[[Cancellation], int | None]:
    """How many cancellations of the month count against the shop as this one would; None: it does not."""
    profiles = profiles_of(settings)

    @functools.cache
    def made(account: str, platform: str) -> int:
        return against_this_month(ledger, account, profiles[platform])

    def against(wanted: Cancellation) -> int | None:
        counts = counts_against(wanted, profiles[wanted.platform])
        return made(wanted.account, wanted.platform) if counts else None

    return against


def _written(what: str, write: Callable[[], Path], say: Callable[[str], None]) -> None:
    try:
        say(named(what, str(write())))
    except LedgerFailed as error:
        say(named(what, str(error)))
    except OSError as error:
        say(
            _(
                "{what}: cannot be written beside the sheet ({strerror}); unsell status shows it",
                what=what,
                strerror=of_the_system(error),
            )
        )


def profiles_of(settings: Settings) -> dict[str, Profile]:
    """The profiles of all platforms that the settings name."""
    return {name: load(name, settings.home) for name in {a.platform for a in settings.accounts.values()}}


def _may_open(wanted: Cancellation, profile: Profile) -> bool:
    try:
        before_opening(wanted, profile)
    except (Refused, NeedsHuman):
        return False
    return True


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
    sheet = read(file, settings, check)
    if sheet.problems:
        good = _("; {rows} rows are good, and nothing was begun", rows=len(sheet.rows)) if sheet.rows else ""
        raise UsageError(
            "\n".join(
                [
                    _(
                        "{file}: {problems} to mend{good}",
                        file=file,
                        problems=len({(p.column, p.sentence) for p in sheet.problems}),
                        good=good,
                    ),
                    *_sentences(sheet.problems),
                ]
            )
        )
    for sentence in _sentences(sheet.remarks):
        say(f"{file.name}: {sentence}")
    return Batch(file, sheet, [replace(row.wanted, accept_defect=accept_defect) for row in sheet.rows])


def _sentences(problems: list[Problem]) -> list[str]:
    """The first twenty, and how many more there are. What is wrong alike in several rows is said once."""
    groups: dict[tuple[str | None, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.column, problem.sentence), []).append(problem)
    said = [_sentence(group) for group in list(groups.values())[:_MOST_SAID]]
    more = len(groups) - len(said)
    return [*said, _("and {more} more", more=more)] if more else said


def _sentence(alike: list[Problem]) -> str:
    first, count = alike[0], len(alike)
    if count == 1 or first.row is None:
        return str(first)
    rows = listed(str(problem.row) for problem in alike[:_MOST_ROWS])
    place = _("rows {rows}", rows=rows)
    if count > _MOST_ROWS:
        place = _("rows {rows} … ({count} rows)", rows=rows, count=count)
    return said_at(place, first.column, first.sentence)
