"""A sheet's file as cells: CSV and JSON Lines here, XLSX by ``agent.sheet.xlsx``.

What the cells mean is decided by ``agent.sheet.parse``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from agent.domain.errors import UsageError
from agent.domain.faults import of_the_system
from agent.domain.i18n import _
from agent.sheet.columns import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Fault,
    Formula,
    Problem,
    Unreadable,
    Value,
    field_of,
    heading_of,
    nearest_column,
    short,
)

KEYS = ("account", "order_no", "reason")
_MAY_BE_EMPTY = ("note", "approved_by")
_MOST_TITLES = 10
"""Rows that may stand above the headings."""
_UNKNOWN = ("", "")
"""Stands for a heading that means no column: what is under it is not looked at."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: by column, its heading as written and its value; ``problem`` when it has no such shape."""

    number: int
    cells: dict[str, tuple[str, Value]]
    problem: Problem | None = None


@dataclass(slots=True)
class Table:
    """A file's rows that are not blank, and whether its numbers are JSON's."""

    records: list[Record]
    json: bool = False
    remarks: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the headings."""
    missing: set[str] = field(default_factory=set)
    """Columns that there must be and that no heading means."""


def read_table(path: Path) -> Table:
    """The file's rows. Unreadable: one sentence on the sheet; UsageError: no such file, or no sheet."""
    try:
        before = path.stat()
        if before.st_size > MOST_BYTES:
            raise Unreadable(
                _("the file is larger than {most_bytes} MB; split it", most_bytes=MOST_BYTES // 1000000)
            )
        raw = path.read_bytes()
        after = path.stat()
    except OSError as error:
        raise UsageError(
            _("{path} cannot be read: {strerror}", path=path, strerror=of_the_system(error))
        ) from None
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise UsageError(
            _("{path} changed while it was read; wait until it is saved, and start again", path=path)
        )
    if raw.startswith(b"PK\x03\x04"):
        from agent.sheet.xlsx import cells_of

        rows, remarks = cells_of(raw)
        return _table(rows, remarks)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("the file is an old Excel file or has a password; save it as .xlsx without one"))
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson", ".json"):
        return _json_lines(_text(raw))
    if suffix in (".csv", ".tsv", ".txt"):
        return _delimited(_text(raw))
    if suffix in (".xlsx", ".xlsm"):
        raise Unreadable(
            _("the file is not an Excel workbook, whatever its name says; save it as .xlsx again")
        )
    raise UsageError(_("{path} is no sheet that is read here: use .csv, .xlsx or .jsonl", path=path))


def kind_of(sheet: Path) -> str:
    """The ending of what is written for a sheet."""
    ending = sheet.suffix.lower()
    if ending in (".xlsx", ".xlsm"):
        return ".xlsx"
    if ending in (".jsonl", ".ndjson", ".json"):
        return ".jsonl"
    return ".tsv" if ending == ".tsv" else ".csv"


def _text(raw: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8, else GB18030; bytes that fit none become U+FFFD."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    for little, codec in ((1, "utf-16-le"), (0, "utf-16-be")):  # without a mark: every other byte is NUL
        if len(raw) >= 4 and not any(raw[little:20:2]) and all(raw[1 - little : 20 : 2]):
            return raw.decode(codec, "replace")
    western = raw.decode("utf-8-sig", "replace")
    damaged = western.count("\ufffd")
    if not damaged:
        return western
    if sum(1 for c in western if c > "\x7f") > 2 * damaged:
        return western  # UTF-8 with a bad byte, which GB18030 would read throughout, as rare signs
    chinese = raw.decode("gb18030", "replace")
    _must_be_chinese(chinese)
    return chinese


def _must_be_chinese(text: str) -> None:
    """Refuse a Western sheet, which GB18030 reads too: ``Müller`` would reach a buyer as ``M黮ler``."""
    foreign = [c for c in text[:200_000] if c > "\x7f" and c != "\ufffd"]
    common = sum(1 for c in foreign if _in_gb2312(c))
    if foreign and common < len(foreign) / 5:
        raise Unreadable(_("the file is neither UTF-8 nor Chinese GB18030 text; save it as CSV UTF-8"))


def _in_gb2312(char: str) -> bool:
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


# -- CSV ----------------------------------------------------------------------------------------------------


def _delimited(text: str) -> Table:
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r"\s*sep=(.)\s*", first, re.IGNORECASE)  # Excel's own first line, which it hides
    if told:
        text = rest
    delimiter = told[1] if told else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return _table(_numbered(reader), [])


def _numbered(reader: Iterable[list[str]]) -> Iterator[tuple[int, list[Value]]]:
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, list(cells)
    except csv.Error as error:
        why = _("a cell is far too long") if "limit" in str(error) else _("a quotation mark is not closed")
        raise Unreadable(
            _("{why}; where the rows after it begin cannot be told", why=why), row=number + 1
        ) from None


def _delimiter(text: str) -> str:
    """The one that stands most often in the first line: no heading holds any of them."""
    lines = [line for line in re.split(r"[\r\n]+", text[:100_000]) if line.strip(" ,;\t\ufeff")]
    heading = next((line for line in lines if re.search("[,;\t]", line)), "")
    return max(",;\t", key=heading.count)


def _table(rows: Iterator[tuple[int, list[Value]]], remarks: list[Problem]) -> Table:
    table = Table([], remarks=remarks)
    table.records = list(_records(_untitled(rows, remarks), table))
    return table


def _untitled(
    rows: Iterator[tuple[int, list[Value]]], remarks: list[Problem]
) -> Iterator[tuple[int, list[Value]]]:
    """The rows without titles, which stand above the row of known headings. What is left out is said."""
    above: list[tuple[int, list[Value]]] = []
    titles = 0
    for number, row in rows:
        above.append((number, row))
        filled = [cell for cell in row if not _blank(cell)]
        titles += bool(filled)
        known = {field_of(str(cell)) for cell in filled if isinstance(cell, str)} - {None}
        if len(known) > 1:
            for n, cells in above[:-1]:
                said = " ".join(_shown(cell) for cell in cells if not _blank(cell))
                if said:
                    remarks.append(Problem(n, None, _("a title, skipped: {text}", text=said)))
            above = above[-1:]
            break
        if titles > _MOST_TITLES:
            break
    yield from above
    yield from rows


def _records(rows: Iterator[tuple[int, list[Value]]], table: Table) -> Iterator[Record]:
    """The rows under the first that is not blank, which is the heading."""
    number, heading = next(((n, row) for n, row in rows if not all(map(_blank, row))), (0, []))
    if not heading:
        raise Unreadable(_("the sheet is empty"))
    fields = _fields(number, heading, table)
    count = 0
    for number, row in rows:
        record = _record(number, row, fields)
        if record is None:
            continue
        count += 1
        if count > MOST_ROWS:
            raise Unreadable(_("the sheet has more than {most_rows:,} rows; split it", most_rows=MOST_ROWS))
        yield record
    if not count and not table.problems:
        raise Unreadable(_("the sheet has a heading and no rows: write one order a row"))


def _record(number: int, row: list[Value], fields: list[tuple[str, str] | None]) -> Record | None:
    """One row under its headings; None when it is blank."""
    cells: dict[str, tuple[str, Value]] = {}
    loose: Value = ""
    for at, value in enumerate(row):
        place = fields[at] if at < len(fields) else None
        if place == _UNKNOWN:
            continue
        if place:
            cells[place[0]] = (place[1], _result(place[0], value) if isinstance(value, Formula) else value)
        elif not _blank(value):
            loose = value
    if not _blank(loose):
        sentence = _("{loose} stands under no heading (is a comma not in quotes?)", loose=_shown(loose))
        return Record(number, cells, Problem(number, None, sentence))
    if all(_blank(v) or (isinstance(v, Fault) and v.of_nothing) for _, v in cells.values()):
        return None
    cells |= {place[0]: (place[1], "") for place in fields[len(row) :] if place and place != _UNKNOWN}
    return Record(number, cells)


def _result(name: str, formula: Formula) -> Value:
    """A formula's saved result, where one may stand and there is one."""
    if name in KEYS:
        return Fault(_("holds a formula; paste the value instead"))
    if _blank(formula.saved) and name not in _MAY_BE_EMPTY:
        # An expectation that is silently empty would let any order pass.
        return Fault(_("holds a formula without a saved result; paste the value instead"), of_nothing=True)
    return formula.saved


def _fields(row: int, heading: list[Value], table: Table) -> list[tuple[str, str] | None]:
    """Column and heading by position, None where the heading is blank. What is wrong is in ``table``.

    Unreadable: too many columns, or none that is known: that row is no heading.
    """
    if len(heading) > MOST_COLUMNS:
        raise Unreadable(
            _("the sheet has more than {most_columns} columns", most_columns=MOST_COLUMNS), row=row
        )
    texts = [str(value.saved if isinstance(value, Formula) else value) for value in heading]
    said = [
        "" if isinstance(value, Fault) else text.strip().lstrip("\ufeff")
        for value, text in zip(heading, texts, strict=True)
    ]
    found: list[tuple[str, str] | None] = []
    seen: dict[str, str] = {}
    meant: set[str | None] = set()
    known = [text for text in said if field_of(text)]
    for text in said:
        if not text:
            found.append(None)
            continue
        name = field_of(text)
        if name is None:
            unknown = _not_a_column(text, row)
            if not known:
                raise unknown
            table.problems.append(unknown.problem)
            meant.add(field_of(nearest_column(text[:60])))
        elif name in seen:
            sentence = _("stands twice (also as {seen}); remove one", seen=short(seen[name]))
            table.problems.append(Problem(row, text, sentence))
            name = None
        else:
            seen[name] = text
        found.append((name, text) if name else _UNKNOWN)
    # A sheet of answers to buyers' requests needs no reason; its rows are looked at one by one.
    table.missing = {name for name in (KEYS if "action" not in seen else KEYS[:2]) if name not in seen}
    for name in KEYS:
        if name in table.missing - meant:
            sentence = _("the column {name} is missing", name=heading_of(name))
            table.problems.append(Problem(row, None, sentence))
    return found


def _not_a_column(heading: str, row: int) -> Unreadable:
    said = _("{heading} is not a column", heading=short(heading))
    if nearest := nearest_column(heading[:60]):
        said += _("; the nearest is {nearest}", nearest=nearest)
    return Unreadable(said + _(" (`unsell run --template` shows all)"), row=row)


def known_column(heading: str, *, row: int) -> str:
    """The column that a heading means; Unreadable naming the nearest."""
    name = field_of(heading)
    if name is None:
        raise _not_a_column(heading, row)
    return name


def _blank(value: Value) -> bool:
    if isinstance(value, Formula):
        value = value.saved
    return isinstance(value, str) and not value.strip()


def _shown(value: Value) -> str:
    return _("a cell") if isinstance(value, Fault) else short(str(value))


# -- JSON Lines ---------------------------------------------------------------------------------------------


class _Twice(ValueError):
    """A key stands twice in one object."""


def _json_lines(text: str) -> Table:
    records: list[Record] = []
    for number, line in enumerate(re.split(r"\r?\n|\r", text), 1):
        if not line.strip():
            continue
        if len(records) == MOST_ROWS:
            raise Unreadable(_("the sheet has more than {most_rows:,} rows; split it", most_rows=MOST_ROWS))
        try:
            records.append(Record(number, _json_cells(line, number)))
        except Unreadable as error:
            records.append(Record(number, {}, error.problem))
    if not records:
        raise Unreadable(_("the sheet is empty"))
    return Table(records, json=True)


def _json_cells(line: str, number: int) -> dict[str, tuple[str, Value]]:
    try:
        found = json.loads(
            line,
            object_pairs_hook=_pairs,
            parse_int=lambda digits: Decimal(digits) if len(digits) < 40 else Decimal("Infinity"),
            parse_float=lambda digits: Decimal(repr(float(digits))),
            parse_constant=lambda _: Decimal("NaN"),
        )
    except _Twice as error:
        raise Unreadable(_("stands twice; remove one"), row=number, column=str(error)) from None
    except (ValueError, RecursionError):
        raise Unreadable(_("is not a JSON object on one line"), row=number) from None
    if not isinstance(found, dict):
        raise Unreadable(
            _("is not a JSON object; write one object a line, without a list around them"), row=number
        )
    cells: dict[str, tuple[str, Value]] = {}
    for key, value in found.items():
        name = known_column(key, row=number)
        if name in cells:
            raise Unreadable(
                _("stands twice (also as {cells})", cells=short(cells[name][0])), row=number, column=key
            )
        cells[name] = (key.strip(), _from_json(value))
    return cells


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(next(key for key in keys if keys.count(key) > 1))
    return found


def _from_json(value: object) -> Value:
    if value is None:
        return ""
    if isinstance(value, str | bool | Decimal):
        return value
    return Fault(_("is a list or an object; write a text or a number"))
