"""No cell of a CSV of ours begins a formula, under any separator; and every text comes back as it was."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.sheet.formula_guard import defused, taken_back
from agent.sheet.result import _csv

BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
TEXTS = st.text(st.sampled_from(list("=+-@'\";,\t\r\n x1＝\u200b")), max_size=12) | st.text(max_size=20)


@given(TEXTS)
@example("'=1")
@example("it's '=1+1 and ''=2")
@example('x;"=1+1;y')
def test_what_was_defused_comes_back_exactly(text: str) -> None:
    assert taken_back(defused(text)) == text


def cells(text: str, separator: str) -> list[str]:
    """The cells of a CSV as another country's spreadsheet program splits them."""
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=3))
@example([["a", 'x;"=1+1;y']])
@example([["a", "x\n"], ["b", "c"]])
@example([["a", "x;", "=1"]])
@example([["a", "b\t", "c"]])
@example([['""', ";\t", "\r"]])
def test_no_cell_begins_a_formula_under_any_separator(quoting: int, rows: list[list[str]]) -> None:
    made = io.StringIO(newline="")
    csv.writer(made, quoting=quoting).writerows([map(defused, row) for row in rows])  # type: ignore[arg-type]
    for separator in ",;\t":
        found = [
            cell
            for cell in cells(made.getvalue(), separator)
            if cell.lstrip(" \ufeff\u200b").startswith(BEGINS)
        ]
        assert not found, (separator, made.getvalue())


def test_the_result_goes_through_it_and_a_number_below_zero_too() -> None:
    text = _csv([["a", 'x;"=1+1;y', Decimal(-5)]]).decode("utf-8-sig")
    assert not [cell for separator in ",;\t" for cell in cells(text, separator) if cell.startswith(BEGINS)]


@pytest.mark.parametrize("plain", ["12-34567-89012, a-b, x = y, shop@home", "", "好的, 谢谢", "a; b", "it's"])
def test_an_ordinary_text_stays_as_it_is(plain: str) -> None:
    assert defused(plain) == plain
