"""A workbook's first visible sheet as cells.

calamine gives the values, fast, but of a formula only its saved result, and it lays the whole rectangle
out in memory: one stray cell in the last corner would be 17 thousand million. So the sheet's XML is
walked before, for formulas, errors and size (openpyxl could too, and takes ten times as long).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat

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
)

_MOST_CELLS = MOST_ROWS * MOST_COLUMNS
_UNPACKED = 4 * MOST_BYTES
_MOST_NAMED = 10
_NO_HEIGHT = 0.5
"""Points, below which a row shows nothing."""
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def cells_of(raw: bytes) -> tuple[Iterator[tuple[int, list[Value]]], list[Problem]]:
    """The rows, numbered as the spreadsheet does, and remarks. Unreadable: one sentence."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _must_be_sane(archive)
            (name, part), *others = _visible(raw)
            marks = _Walk(archive, part)
            unread = [other for other, path in others if _Walk(archive, path, only_look=True).filled]
        rows = _values(raw, name)
        # calamine ends where the saved values end: rows of formulas that were never worked out come after.
        rows += [[""] * len(rows[0])] * (marks.last_row - len(rows)) if rows else []
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001 - a broken file makes three libraries raise almost anything
        raise Unreadable(
            _("the file is not a readable Excel workbook ({kind})", kind=type(error).__name__)
        ) from None
    numbered = (
        (number, [marks.cell(number, at, value) for at, value in enumerate(row, 1)])
        for number, row in enumerate(rows, 1)
        if number not in marks.hidden
    )
    remark = _(
        "only the first sheet, {name}, is read; these are not: {unread}", name=name, unread=", ".join(unread)
    )
    remarks = [Problem(None, None, remark)] if unread else []
    if hidden := sorted(marks.hidden & marks.rows):
        shown = ", ".join(map(str, hidden[:_MOST_NAMED])) + (" …" if len(hidden) > _MOST_NAMED else "")
        said = _("{count} hidden rows are skipped: {rows}", count=len(hidden), rows=shown)
        remarks.append(Problem(None, None, said))
    return numbered, remarks


def _must_be_sane(archive: zipfile.ZipFile) -> None:
    if sum(part.file_size for part in archive.infolist()) > _UNPACKED:
        raise Unreadable(
            _("the workbook unpacks to more than {unpacked} MB; split it", unpacked=_UNPACKED // 1000000)
        )


def _visible(raw: bytes) -> list[tuple[str, str]]:
    """The visible worksheets' names and parts of the archive, in order."""
    from openpyxl.reader.excel import ExcelReader

    reader = ExcelReader(io.BytesIO(raw), read_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_workbook()
    found = [
        (str(sheet.name), str(rel.target))
        for sheet, rel in reader.parser.find_sheets()
        if sheet.state == "visible" and rel.Type.endswith("/worksheet")
    ]
    if not found:
        raise Unreadable(_("the workbook has no visible sheet"))
    return found


def _values(raw: bytes, name: str) -> list[list[Any]]:
    from python_calamine import load_workbook

    return load_workbook(io.BytesIO(raw)).get_sheet_by_name(name).to_python(skip_empty_area=False)


class _Enough(Exception):
    """Raised to end the walk early: everything needed was seen."""


@dataclass(slots=True)
class _Walk:
    """One look through a sheet's XML: where formulas and errors stand, and how far the cells reach.

    ``only_look`` stops at the first cell that holds anything. Unreadable: the sheet is too large.
    """

    archive: zipfile.ZipFile
    part: str
    only_look: bool = False
    filled: int = 0
    """Rows that hold anything."""
    last_row: int = 0
    """The last of them."""
    formulas: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    """Rows that the spreadsheet does not show: hidden by hand or by a filter, or of no height."""
    rows: set[int] = field(default_factory=set)
    """Rows that hold anything."""
    errors: set[tuple[int, int]] = field(default_factory=set)
    arrays: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Formulas that fill more cells than their own: first row, first column, last row, last column."""
    _all_hidden: bool = False
    _row: int = 0
    _column: int = 0
    _kind: str = ""
    _widest: int = 0

    def __post_init__(self) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            with self.archive.open(self.part) as file:
                parser.ParseFile(file)
        except _Enough:
            pass

    def cell(self, row: int, column: int, value: object) -> Value:
        """What calamine gave for a cell, with what it did not say."""
        place = (row, column)
        if place in self.formulas or any(a <= row <= c and b <= column <= d for a, b, c, d in self.arrays):
            return Formula(_plain(value))
        if place in self.errors:
            return Fault(_("shows an error such as #N/A or #REF!"))
        return _plain(value)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition("}")[2]:
            case "row":
                self._row, self._column = int(attributes.get("r") or self._row + 1), 0
                if self._unseen(attributes):
                    self.hidden.add(self._row)
            case "sheetFormatPr":
                self._all_hidden = attributes.get("zeroHeight") in ("1", "true")
            case "c":
                place = _PLACE.fullmatch(attributes.get("r", ""))
                self._column = _number(place[1]) if place else self._column + 1
                self._kind = attributes.get("t", "")
            case "v" | "is" | "f" as what:
                self._holds(what, attributes)

    def _unseen(self, row: dict[str, str]) -> bool:
        """Whether a row is not shown. Where none is by itself, a row that says its height is."""
        height = row.get("ht")
        if row.get("hidden") in ("1", "true"):
            return True
        if height is not None:
            return float(height) < _NO_HEIGHT
        return self._all_hidden and row.get("hidden") is None

    def _holds(self, what: str, attributes: dict[str, str]) -> None:
        self.rows.add(self._row)
        if self.last_row != self._row:
            self.last_row, self.filled = self._row, self.filled + 1
        if self.only_look:
            raise _Enough
        if self.filled > MOST_ROWS + 1:
            raise Unreadable(_("the sheet has more than {most_rows:,} rows; split it", most_rows=MOST_ROWS))
        if self._column > MOST_COLUMNS:
            raise Unreadable(
                _("the sheet has more than {most_columns} columns", most_columns=MOST_COLUMNS), row=self._row
            )
        self._widest = max(self._widest, self._column)
        if self._row * self._widest > _MOST_CELLS:
            raise Unreadable(
                _("there is a stray cell in row {row:,}; delete the rows under the orders", row=self._row)
            )
        if what == "f":
            self.formulas.add((self._row, self._column))
            ends = [_PLACE.fullmatch(end) for end in attributes.get("ref", "").split(":")]
            if attributes.get("t") in ("array", "dataTable") and ends[0] and ends[-1]:
                first, last = ends[0], ends[-1]
                self.arrays.append((int(first[2]), _number(first[1]), int(last[2]), _number(last[1])))
        elif self._kind == "e":
            self.errors.add((self._row, self._column))

    def _doctype(self, *_told: object) -> None:
        raise Unreadable(_("the workbook holds a document type, which no spreadsheet writes; save it anew"))


def _number(letters: str) -> int:
    """A column's number: ``A`` is 1, ``AA`` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _plain(value: object) -> str | Decimal | bool | Fault:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return Decimal(int(value)) if value == value // 1 else Decimal(repr(value))
    return Fault(_("the spreadsheet has made a date of this; format the column as text and type it again"))
