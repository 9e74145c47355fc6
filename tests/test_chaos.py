"""A short run of ``make chaos``: both platforms, every kind of fault, kills at random moments and points."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain.order import State
from agent.ledger.store import Ledger
from tests.chaos import run
from tests.kits import Kit
from tests.verdict import Tally, judge_told
from tests.world import World


@pytest.mark.timeout(1800)
def test_never_twice_never_wrong_nothing_lost_under_fire_and_kills(tmp_path: Path) -> None:
    # Broken on purpose: `make breaks`.
    tally = run(orders=30, kills=5, seed=20261122, home=tmp_path)
    assert tally.bad == []
    assert tally.kills >= 5
    assert tally.commits >= 10, tally.lines()
    assert sum(tally.faults.values()) >= 15, tally.faults


@pytest.mark.parametrize(
    ("state", "detail"),
    [
        (State.FAILED, None),
        (State.NEEDS_HUMAN, "two pages say that nothing was received"),
        (State.REFUSED, ""),
    ],
)
async def test_what_was_told_under_the_faults_is_judged_as_it_was_told(
    world: World, state: State, detail: str | None
) -> None:
    """A row that says "nothing", of an order that the site cancelled, is a lie, whatever it says later."""
    world.shop("dh", "dhgate")
    number = world.order("dh", "1330312162")
    await world.cancel("dh", number)
    with Ledger(world.settings.database) as ledger:
        [row] = ledger.find()
    asked = {number: ("dh", Kit(name="healthy"))}
    true, lie = Tally(), Tally()
    judge_told(true, world, asked, [row])
    judge_told(lie, world, asked, [replace(row, state=state, detail=detail)])
    assert (true.bad, len(lie.bad)) == ([], 1)
