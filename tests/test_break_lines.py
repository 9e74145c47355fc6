"""``make breaks`` takes a long time: here only that each line it would change is there, and once."""

from __future__ import annotations

import pytest

from tests.break_lines import BREAKS, Break
from tests.figures import ROOT


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.what)
def test_a_line_that_is_broken_on_purpose_is_there_once(broken: Break) -> None:
    text = (ROOT / broken.file).read_text(encoding="utf-8")
    assert text.count(broken.was) == 1, "the code has changed: make the same break in the line as it is now"
    assert (ROOT / broken.tests.split()[0]).is_file()


def test_each_break_has_a_name_of_its_own() -> None:
    assert len({broken.what for broken in BREAKS}) == len(BREAKS)
