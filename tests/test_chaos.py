"""A short run of ``make chaos``: both platforms, every kind of fault, kills at random moments and points."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import run


@pytest.mark.timeout(1800)
def test_never_twice_never_wrong_nothing_lost_under_fire_and_kills(tmp_path: Path) -> None:
    # Broken on purpose: `make breaks`.
    tally = run(orders=30, kills=5, seed=20261122, home=tmp_path)
    assert tally.bad == []
    assert tally.kills >= 5
    assert tally.commits >= 15, tally.lines()
    assert sum(tally.faults.values()) >= 15, tally.faults
