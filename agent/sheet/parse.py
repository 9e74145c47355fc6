"""A batch's sheet: CSV, XLSX or JSON Lines in, cancellations and problems out. Nothing is begun here.

Every row is checked as a whole: it becomes a ``SheetRow``, or it has a ``Problem`` that names row and column.
Texts are taken as they stand, also those that begin with ``= + - @``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.money import Amount
from agent.domain.order import Action, Cancellation, Reason
from agent.domain.seal import is_sealed
from agent.settings.settings import Account, Settings
from agent.sheet.columns import (
    ACTIONS,
    CAUSES,
    COLUMNS,
    LONGEST,
    LONGEST_NOTE,
    REASONS,
    YES_NO,
    CellError,
    Problem,
    Unreadable,
    amount_of,
    is_sample,
    order_no_of,
    short,
    text_of,
    word_of,
)
from agent.sheet.files import Record, Table, read_table
from agent.sheet.formula_guard import taken_back

__all__ = ["CheckOrder", "Problem", "Sheet", "SheetRow", "amount_of", "read"]

CheckOrder = Callable[[Cancellation], str | None]
"""What the platform and the role say of a row that is well-formed: a sentence, or None for nothing."""

_OFTEN = {"account", "reason", "action", "tell_buyer", "relist", "cause"}
"""Columns with few different values, each of which is worked out once."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that can be run."""

    number: int
    """The row as the spreadsheet counts it, the line in JSON Lines."""
    wanted: Cancellation


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says. A row is in ``rows`` or has a problem, never both; ``rows`` has no order twice."""

    rows: list[SheetRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """What is wrong, by row. Where the sheet as a whole cannot be read: one problem, and no rows."""
    remarks: list[Problem] = field(default_factory=list)
    """What is not wrong but has to be said: an order that stands twice, a second sheet that is not read."""
    records: list[Record] = field(default_factory=list)
    """Every row that is not blank, as it came in."""
    wanted_at: dict[int, Cancellation] = field(default_factory=dict)
    """By row, also for an order that stands twice alike: what the row wants."""


@dataclass(slots=True)
class _Read:
    """A row on its way: the headings as written, for the sentences."""

    number: int
    headings: dict[str, str]
    wanted: Cancellation

    def heading(self, name: str) -> str:
        return self.headings.get(name, name)


def read(path: Path | str, settings: Settings, check: CheckOrder | None = None) -> Sheet:
    """Read a sheet and look at every row of it.

    ``check`` is asked about each well-formed row. Raises UsageError when the file cannot be opened or
    is no sheet by its name; whatever is wrong inside is a problem in the result.
    """
    try:
        table = read_table(Path(path))
    except Unreadable as error:
        return Sheet(problems=[error.problem])
    table.records = [_as_it_was(record) for record in table.records]
    _without_samples(table)
    if not table.records and not table.problems:
        return Sheet(problems=[Problem(None, None, _("no order is filled in yet: write one a row"))])
    reader = _Reader(settings, table, check)
    good: list[_Read] = []
    problems: list[Problem] = []
    for record in table.records:
        found = reader.row(record)
        if isinstance(found, _Read):
            good.append(found)
        else:
            problems += found
    placed = {row.number: row.wanted for row in good}
    sheet = Sheet([], [*table.problems, *problems], list(table.remarks), table.records, placed)
    _once_each(good, sheet)
    if table.problems:  # with a column less, a row is not what its writer meant
        sheet.rows.clear()
    sheet.problems.sort(key=lambda problem: problem.row or 0)
    return sheet


def _without_samples(table: Table) -> None:
    """Leave out the rows of the sample sheet that were not filled in, and say so."""
    rows = [record for record in table.records if is_sample(record.cells.get("order_no", ("", ""))[1])]
    if rows:
        table.records = [record for record in table.records if record not in rows]
        said = _("{count} rows of the sample are skipped", count=len(rows))
        table.remarks.append(Problem(None, None, said))


def _as_it_was(record: Record) -> Record:
    """A row that our approval page wrote, with what it defused for the spreadsheet taken back."""
    approved_by = record.cells.get("approved_by", ("", ""))[1]
    if not isinstance(approved_by, str) or not is_sealed(approved_by.strip()):
        return record
    cells = {
        name: (said, taken_back(value) if isinstance(value, str) else value)
        for name, (said, value) in record.cells.items()
    }
    return replace(record, cells=cells)


class _Reader:
    """Reads rows one by one."""

    def __init__(self, settings: Settings, table: Table, check: CheckOrder | None) -> None:
        self._settings = settings
        self._json = table.json
        self._missing = table.missing
        self._check = check
        self._known: dict[tuple[str, object], Any] = {}

    def row(self, record: Record) -> _Read | list[Problem]:
        """The row's cancellation, or all that is wrong with it."""
        if record.problem:
            return [record.problem]
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name in COLUMNS:
            heading, value = record.cells.get(name, (name, ""))
            try:
                values[name] = self._value(name, value)
            except CellError as error:
                problems.append(Problem(record.number, heading, str(error)))
        headings = {name: heading for name, (heading, _) in record.cells.items()}
        problems += self._lacking(values, headings, record.number)
        if problems or self._missing:
            return problems
        read = _Read(record.number, headings, _cancellation(values))
        complaint = self._complaint(read.wanted)
        return [Problem(record.number, *_placed(complaint, read))] if complaint else read

    def _value(self, name: str, value: Any) -> Any:
        """One cell's meaning, None when it is blank. CellError: what is wrong with it."""
        if name not in _OFTEN:
            return self._meaning(name, value)
        # ``True``, ``1`` and ``Decimal(1)`` are one key to a dictionary, and may differ in a sheet.
        key = (f"{name} {type(value).__name__}", value)
        if key not in self._known:
            try:
                self._known[key] = self._meaning(name, value)
            except CellError as error:
                self._known[key] = error
        known = self._known[key]
        if isinstance(known, CellError):
            raise CellError(str(known))
        return known

    def _meaning(self, name: str, value: Any) -> Any:  # noqa: PLR0911 - one return a kind of column
        if isinstance(value, str) and not value.strip():
            return None
        match name:
            case "account":
                return self._account(text_of(value))
            case "order_no":
                return order_no_of(value, quoted=self._json)
            case "reason":
                return word_of(value, REASONS, "reason")
            case "action":
                return word_of(value, ACTIONS, "action")
            case "expect_total":
                return amount_of(value)
            case "tell_buyer" | "relist":
                return word_of(value, YES_NO, "yes_no")
            case "cause":
                return word_of(value, CAUSES, "cause")
            case _:
                return text_of(value, longest=LONGEST_NOTE if name == "note" else LONGEST) or None

    def _account(self, called: str) -> tuple[str, Account]:
        try:
            return self._settings.account(called)
        except UsageError as error:
            raise CellError(str(error)) from None

    def _lacking(self, values: dict[str, Any], headings: dict[str, str], number: int) -> list[Problem]:
        """The cells that must not be blank and are. An answer to a buyer's request needs no reason."""
        needed = ["account", "order_no"]
        if values.get("action") in (None, Action.CANCEL):
            needed.append("reason")
        return [
            Problem(number, headings.get(name, name), _("is empty"))
            for name in needed
            if name in values and not values[name] and name not in self._missing
        ]

    def _complaint(self, wanted: Cancellation) -> str | None:
        try:
            return self._check(wanted) if self._check else None
        except UsageError as error:
            return str(error)


def _cancellation(values: dict[str, Any]) -> Cancellation:
    name, account = values["account"]
    total: Amount | None = values["expect_total"]
    return Cancellation(
        account=name,
        platform=account.platform,
        role=account.role,
        order_no=values["order_no"],
        # Only an answer may lack one, and nothing chooses it there: the buyer did ask.
        reason=values["reason"] or Reason.BUYER_ASKED,
        note=values["note"],
        action=values["action"] or Action.CANCEL,
        expect_total=total.value if total else None,
        expect_currency=total.currency if total else None,
        expect_buyer=values["expect_buyer"],
        expect_item=values["expect_item"],
        tell_buyer=bool(values["tell_buyer"]),
        relist=bool(values["relist"]),
        cause=values["cause"],
        approved_by=values["approved_by"],
    )


def _placed(complaint: str, row: _Read) -> tuple[str, str]:
    """The column that a platform's sentence is about, by what it quotes, and the sentence."""
    wanted = row.wanted
    for name, said in (("order_no", wanted.order_no), ("reason", wanted.reason.value)):
        if said in complaint:
            return row.heading(name), complaint
    return row.heading("account"), complaint


def _once_each(found: list[_Read], sheet: Sheet) -> None:
    """Every order once: the same wishes again are said, other wishes refuse all rows of that order."""
    groups: dict[tuple[str, str, str], list[_Read]] = {}
    for row in found:
        groups.setdefault((row.wanted.platform, row.wanted.role, row.wanted.order_no), []).append(row)
    for first, *others in groups.values():
        other = next((row for row in others if row.wanted != first.wanted), None)
        if other is None:
            sheet.rows.append(SheetRow(first.number, first.wanted))
            sheet.remarks.extend(_again(first, row) for row in others)
        else:
            sheet.problems.extend(_at_odds(first, other, row) for row in (first, *others))


def _again(first: _Read, row: _Read) -> Problem:
    sentence = _(
        "{order_no} stands in row {number} already, with the same wishes: done once",
        order_no=short(row.wanted.order_no),
        number=first.number,
    )
    return Problem(row.number, row.heading("order_no"), sentence)


def _at_odds(first: _Read, other: _Read, row: _Read) -> Problem:
    name = next(
        f.name for f in fields(Cancellation) if getattr(first.wanted, f.name) != getattr(other.wanted, f.name)
    )
    here, there = getattr(first.wanted, name), getattr(other.wanted, name)
    said = (
        _("{here} and {there}", here=short(str(here)), there=short(str(there)))
        if here and there
        else _("given once, and once not")
    )
    sentence = _(
        "order {order_no} stands in rows {number} and {other} with different wishes ({name}: "
        "{said}); neither is taken, leave one",
        order_no=short(row.wanted.order_no),
        number=first.number,
        other=other.number,
        name=name,
        said=said,
    )
    return Problem(row.number, row.heading(name), sentence)
