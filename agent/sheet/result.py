"""The result of a sheet, beside it and of its kind: every column that came in, then how the order stands.

Texts come from outside too (a buyer's note, a page's words), and the file is opened in a spreadsheet
program: whatever it could take for a formula is defused.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from agent.domain.files import write_shared
from agent.domain.i18n import N_, _
from agent.domain.labels import in_words, place
from agent.domain.money import read_amount
from agent.domain.order import Cancellation, Outcome, State
from agent.domain.redact import clean
from agent.sheet.columns import Formula, Value, text_of
from agent.sheet.files import kind_of
from agent.sheet.formula_guard import defused
from agent.sheet.parse import Sheet

_ADDED: Mapping[str, str] = {
    "site": N_("site"),
    "state": N_("state"),
    "detail": N_("detail"),
    "site_state": N_("state on the page"),
    "total": N_("order total"),
    "evidence": N_("evidence"),
}
"""What is added to the columns that came in. JSON Lines has the names, for programs; the others the words."""
_LONGEST = 32_000
"""Characters; a spreadsheet's cell holds 32,767."""
_WIDEST = 60
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Cell = str | Decimal


def result_file(sheet: Path) -> Path:
    """``orders.csv`` → ``orders.result.csv``; the result is of the kind that came in."""
    return sheet.with_name(f"{sheet.stem}.result{kind_of(sheet)}")


def write_result(file: Path, sheet: Sheet, outcome_of: Callable[[Cancellation], Outcome | None]) -> Path:
    """Write the result beside ``file``, whole or not at all, and return its name.

    ``outcome_of`` says how an order stands, None when it was not begun. When the result is open in another
    program, a name with the time is taken. OSError: it cannot be written there at all.
    """
    target = result_file(file)
    write = {".xlsx": _workbook, ".jsonl": _json_lines, ".tsv": _tsv}.get(target.suffix, _csv)
    data = write(_rows(sheet, outcome_of, plain=target.suffix == ".jsonl"))
    try:
        write_shared(target, data)
    except OSError:
        target = target.with_stem(f"{target.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        write_shared(target, data)
    return target


def _rows(
    sheet: Sheet, outcome_of: Callable[[Cancellation], Outcome | None], *, plain: bool
) -> Iterable[list[Cell]]:
    """The headings, then a row an order. ``plain``: names and the contract's words, for programs."""
    headings = {name: said for record in sheet.records for name, (said, _value) in record.cells.items()}
    yield [*headings.values(), *(name if plain else _(words) for name, words in _ADDED.items())]
    for record in sheet.records:
        wanted = sheet.wanted_at[record.number]
        outcome = outcome_of(wanted)
        where = place(wanted.account, plain=plain)
        kept = [_shown(record.cells.get(name, ("", ""))[1]) for name in headings]
        state = outcome.state if outcome else State.QUEUED
        words = state.value if plain else in_words(state, outcome.waits_for if outcome else None)
        if outcome is None:
            yield [*kept, where, words, "", "", "", ""]
        else:
            told = (outcome.detail, outcome.site_state, _total(outcome), outcome.evidence)
            yield [*kept, where, words, *(text or "" for text in told)]


def _total(outcome: Outcome) -> str:
    """What the pages showed last as the order's total, with its currency; "" where it was not read."""
    newest = Path(outcome.evidence) if outcome.evidence else None
    earlier = sorted(newest.parent.iterdir(), reverse=True) if newest and newest.parent.is_dir() else []
    for folder in earlier:  # a reading back, or a sign-in, shows no total
        try:
            kept = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            shown = kept["total"] if kept["order_no"] == outcome.order_no else ""
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if shown:
            return str(read_amount(str(shown)) or shown)
    return ""


def _shown(value: Value) -> Cell:
    saved = value.saved if isinstance(value, Formula) else value
    return saved if isinstance(saved, Decimal) else text_of(value)


def _fit(text: str) -> str:
    return _UNFIT.sub(" ", clean(text))[:_LONGEST]


def _csv(rows: Iterable[list[Cell]], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    for row in rows:
        writer.writerow(defused(str(cell) if isinstance(cell, Decimal) else _fit(cell)) for cell in row)
    return text.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for the local codepage


def _tsv(rows: Iterable[list[Cell]]) -> bytes:
    return _csv(rows, "\t")


def _json_lines(rows: Iterable[list[Cell]]) -> bytes:
    names, *values = rows
    lines = [
        {str(name): clean(str(cell)) or None for name, cell in zip(names, row, strict=True)} for row in values
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _workbook(rows: Iterable[list[Cell]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    page = book.active
    page.title, page.freeze_panes = _("result"), "A2"
    widths: dict[int, int] = {}
    for number, row in enumerate(rows, 1):
        for at, value in enumerate(row, 1):
            cell = page.cell(number, at, value if isinstance(value, Decimal) else _fit(value))
            if isinstance(value, str):
                # Text for good: without the mark, editing the cell would make a formula of it.
                cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=number == 1)
            widths[at] = max(widths.get(at, 0), _width(str(value)))
        if number > 1 and row[-1] and (proof := Path(str(row[-1])) / "index.html").is_absolute():
            cell.hyperlink, cell.style = proof.as_uri(), "Hyperlink"
    for at, width in widths.items():
        page.column_dimensions[page.cell(1, at).column_letter].width = min(width, _WIDEST) + 3
    page.auto_filter.ref = page.dimensions
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _width(text: str) -> int:
    """Columns that the longest line takes; a Chinese character takes two."""
    return max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) for line in text.split("\n"))
