"""Each way in which a site or a line misbehaves, once: one commit at most, and the state that is true."""

from __future__ import annotations

import pytest

from agent.domain.order import State
from agent.page import clerk
from tests.consoles import dhgate
from tests.consoles.faults import STANDING, Rule
from tests.consoles.layouts import Layout
from tests.kits import DONE, Kit, kits
from tests.world import World

pytestmark = pytest.mark.timeout(600)

LINGERS = clerk._LINGERS
SETTLE, SLOW = 4.0, 2.8
"""Seconds. A site that acts more slowly than a second look and walk take, and faster than the settle time."""
KITS = kits(SLOW)
SHOPS = {"ebay": "hub", "dhgate": "console"}
DONE_AT = {"ebay": State.CANCELLED, "dhgate": State.PENDING}
PARTS = 3


def number_of(platform: str, n: int) -> str:
    return f"12-34567-8{n:03d}1" if platform == "ebay" else str(1330312101 + n * 10)


def chosen(platform: str, part: int) -> list[Kit]:
    """A part of the kits that fit this platform: each kit is taken at one, in turn where it fits both."""
    turn, here = 0, []
    for kit in KITS:
        fitting = [name for name, shop in SHOPS.items() if shop in kit.shops]
        turn += len(fitting) > 1
        if fitting[turn % len(fitting)] == platform:
            here.append(kit)
    return spread(here[part::PARTS])


def spread(some: list[Kit]) -> list[Kit]:
    """No two in a row that end in doubt or fail: a run stops there, which is another test's matter."""
    doubtful = [kit for kit in some if kit.ends is not DONE and (kit.submits or "failed" in kit.ends)]
    others = [kit for kit in some if kit not in doubtful]
    assert len(doubtful) <= len(others) + 1, [kit.name for kit in doubtful]
    for n, kit in enumerate(doubtful):
        others.insert(2 * n, kit)
    return others


@pytest.fixture(autouse=True)
def _as_in_a_schedule(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal; and a form that was opened is watched for as long as in the product."""
    world.voice.asks = False
    monkeypatch.setattr("agent.page.clerk._LINGERS", LINGERS)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("platform", SHOPS)
async def test_one_commit_at_most_and_the_state_is_true(world: World, platform: str, part: int) -> None:
    """Every kit at one platform; ``make chaos`` puts all of them to all kinds of shops."""
    # Broken on purpose: see docs/reliability.md.
    world.env["UNSELL_SETTLE_SECONDS"] = str(SETTLE)
    world.shop("shop", platform)
    some = chosen(platform, part)
    numbers = {number_of(platform, n): kit for n, kit in enumerate(some)}
    rules: list[Rule] = []
    for number, kit in numbers.items():
        rules += kit.put(world, "shop", SHOPS[platform], number, Layout())
    wanted = {
        number: world.wanted("shop", number, **kit.wanted(SHOPS[platform])) for number, kit in numbers.items()
    }
    told = {outcome.order_no: outcome for outcome in (await world.run(*wanted.values())).outcomes}
    wrong = []
    for number, kit in numbers.items():
        outcome = told[number]
        ends = [DONE_AT[platform].value] if kit.ends is DONE else kit.ends
        commits = len(world.commits(number))
        if outcome.state.value not in ends or commits != kit.commits or outcome.submits != kit.submits:
            wrong.append((kit.name, outcome.state.value, commits, outcome.submits, outcome.detail))
    assert wrong == []
    standing = [rule for rule in rules if rule.kind not in STANDING and not rule.struck]
    assert standing == [], "a fault that never struck tests nothing"
    assert {truth.order_no for truth in world.store.truth()} <= set(numbers), "a neighbour was touched"
    assert world.store.extras["/practice/accept-all"] == 0
    for number in (number for number, kit in numbers.items() if kit.taken_back):
        dhgate.forget(world.store, number)
        await world.sync()
        [outcome] = (await world.run(wanted[number])).outcomes
        assert (outcome.state, len(world.commits(number))) == (State.NEEDS_HUMAN, 1), outcome


@pytest.mark.long
async def test_the_list_read_twice_is_not_two_pages(world: World) -> None:
    """A shop without Seller Hub whose list is stale: it has no second page, so nothing is proved."""
    # As it was: the detail reading fell back to the same list, "nothing was received", and the form again.
    layout = Layout(seller_hub=False, entry="resolve")
    world.shop("classic", "ebay", layout=layout)
    order_no = world.order("classic", "12-34567-89012")
    world.store.faults.on("lag", order_no, number=600.0, word="list")
    world.store.faults.on("cut-middle", order_no, most=1)
    outcome = await world.cancel("classic", order_no)
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 1), outcome
    assert "still unclear" in (outcome.detail or ""), outcome
    assert len(world.commits(order_no)) == 1
