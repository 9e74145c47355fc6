"""Orders at consoles that were drawn from seeds (tests/strangers): nothing of the product was made for them.

Each run must end as its case allows; what the product can't do yet stands in the output of `make strangers`.
"""

from pathlib import Path

import pytest

from .strangers.cases import BY_NAME, world_for
from .strangers.judge import DONE, NEEDLESS, RIGHT, WRONG, judge
from .strangers.run import run_one
from .strangers.site import Served
from .strangers.walk import walk
from .strangers.world import ROLES, World

QUICK = ["6:entry-post:dhgate-seller", "7:entry-fetch:dhgate-seller"]
LONG = [
    "9:neighbour-form:ebay-seller",
    "26:plain:dhgate-seller",  # its form lies in a frame
    "40:plain:ebay-buyer",  # so does this one
    "4021:unpaid:dhgate-seller",  # the form's first step only goes on, its reasons unfold from a button
    "4054:banner:ebay-seller",  # the cookie banner is accepted by a link
    "3037:twins:ebay-seller",  # the list shows the reason, and then the state
]
RUNS = [*QUICK, *(pytest.param(each, marks=pytest.mark.long) for each in LONG)]


@pytest.mark.parametrize("name", RUNS)
def test_an_order_at_a_console_never_seen(name: str, tmp_path: Path):
    seed, case, role = name.split(":")
    with Served(1) as served:
        run = run_one(served, served.ports()[0], tmp_path / "home", int(seed), case, role)
    assert run.verdict.kind in {DONE, RIGHT}, run.line()


@pytest.mark.long
def test_the_drawn_consoles_can_be_cancelled_at():
    assert walk([world_for(seed, "plain", role)[0] for seed in (11, 12) for role in ROLES]) == []


def committed(**told: object) -> tuple[World, str]:
    """A plain order that was cancelled at the site, and what the judge says of what was told."""
    world, case = world_for(5, "plain", "ebay-seller")
    world.commit(world.target, reason=world.value)
    state = "cancelled" if world.target.cancel and world.target.cancel.state == "cancelled" else "pending"
    return world, judge(world, case, {"state": state, "submits": 1} | told, 0).kind


def test_the_judge_knows_done_from_stopped():
    assert committed()[1] == DONE
    assert committed(state="needs_human")[1] == NEEDLESS


@pytest.mark.parametrize("told", [{"state": "refused"}, {"state": "declined"}, {"submits": 0}])
def test_the_judge_finds_a_lie(told):
    assert committed(**told)[1] == WRONG


def test_the_judge_finds_each_wrong_commit():
    for name, reason, other in (("plain", "", False), ("plain", None, True), ("dry-run", None, False)):
        world, case = world_for(5, name, "ebay-seller")
        order = next(o for o in world.orders if o is not world.target) if other else world.target
        world.commit(order, reason=world.value if reason is None else reason)
        assert judge(world, case, {"state": "needs_human", "submits": 1}, 4).kind == WRONG, name


def test_rebuilt_changes_names_alone():
    before, after = (world_for(3, "plain", "ebay-seller", rebuilt=rebuilt)[0] for rebuilt in (False, True))
    assert before.target == after.target
    assert before.words("cancel") == after.words("cancel")
    assert before.draw.css("list") != after.draw.css("list")


def test_every_case_names_an_end():
    assert all(case.done or case.stops or case.dry for case in BY_NAME.values())
