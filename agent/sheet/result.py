"""The result of a sheet, written back beside it: every column that came in, then state, detail, evidence.

Texts come from outside too (a buyer's note, a page's words), and the file is opened in a spreadsheet
program: whatever it could take for a formula is defused.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from agent.domain.files import write_shared
from agent.domain.i18n import N_, _
from agent.domain.labels import in_words
from agent.domain.order import Cancellation, Outcome, State
from agent.domain.redact import clean
from agent.sheet.columns import Formula, Value, text_of
from agent.sheet.formula_guard import defused
from agent.sheet.parse import Sheet

_ADDED = (N_("state"), N_("detail"), N_("evidence"))
_LONGEST = 32_000
"""Characters; a spreadsheet's cell holds 32,767."""
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Cell = str | Decimal


def result_file(sheet: Path) -> Path:
    """``orders.csv`` → ``orders.result.csv``; a workbook's result is a workbook."""
    ending = ".xlsx" if sheet.suffix.lower() in (".xlsx", ".xlsm") else ".csv"
    return sheet.with_name(f"{sheet.stem}.result{ending}")


def write_result(file: Path, sheet: Sheet, outcome_of: Callable[[Cancellation], Outcome | None]) -> Path:
    """Write the result beside ``file``, whole or not at all, and return its name.

    ``outcome_of`` says how an order stands, None when it was not begun. When the result is open in another
    program, a name with the time is taken. OSError: it cannot be written there at all.
    """
    target = result_file(file)
    rows = _rows(sheet, outcome_of)
    data = (_workbook if target.suffix == ".xlsx" else _csv)(rows)
    try:
        write_shared(target, data)
    except OSError:
        target = target.with_stem(f"{target.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        write_shared(target, data)
    return target


def _rows(sheet: Sheet, outcome_of: Callable[[Cancellation], Outcome | None]) -> Iterable[list[Cell]]:
    headings = {name: said for record in sheet.records for name, (said, _value) in record.cells.items()}
    yield [*headings.values(), *map(_, _ADDED)]
    for record in sheet.records:
        outcome = outcome_of(sheet.wanted_at[record.number])
        kept = [_shown(record.cells.get(name, ("", ""))[1]) for name in headings]
        if outcome is None:
            yield [*kept, in_words(State.QUEUED, None), "", ""]
        else:
            words = in_words(outcome.state, outcome.waits_for)
            yield [*kept, words, outcome.detail or "", outcome.evidence or ""]


def _shown(value: Value) -> Cell:
    saved = value.saved if isinstance(value, Formula) else value
    return saved if isinstance(saved, Decimal) else text_of(value)


def _fit(text: str) -> str:
    return _UNFIT.sub(" ", clean(text))[:_LONGEST]


def _csv(rows: Iterable[list[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(defused(str(cell) if isinstance(cell, Decimal) else _fit(cell)) for cell in row)
    return text.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for the local codepage


def _workbook(rows: Iterable[list[Cell]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    page = book.create_sheet("result")
    page.freeze_panes = "A2"
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(page, value if isinstance(value, Decimal) else _fit(value))
            if isinstance(value, str):
                # Text for good: without the mark, editing the cell would make a formula of it.
                cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
            cells.append(cell)
        page.append(cells)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()
