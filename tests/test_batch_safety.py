"""A run that goes wrong stops by itself: an account in doubt, a run that only fails. The others go on."""

from __future__ import annotations

import pytest

from agent.account import session
from agent.domain.order import State
from agent.page.tabs import Tabs
from tests.consoles.layouts import Layout
from tests.world import World

EBAY = [f"12-34567-890{n}1" for n in range(10, 15)]
DHGATE = "1330312162"

pytestmark = pytest.mark.timeout(300)


@pytest.mark.long
async def test_two_doubts_in_a_row_stop_the_account_and_no_other(world: World) -> None:
    # Broken on purpose: DOUBTS_IN_A_ROW made 20.
    world.shop("hub", "ebay", layout=Layout(confirm="page", asks="unlisted"))
    world.shop("dh", "dhgate")
    orders = [world.wanted("hub", world.order("hub", number)) for number in EBAY[:4]]
    outcomes = await world.run(*orders, world.wanted("dh", world.order("dh", DHGATE)))
    told = {outcome.order_no: outcome for outcome in outcomes.outcomes}
    assert [told[number].state for number in EBAY[:4]] == [State.NEEDS_HUMAN] * 2 + [State.QUEUED] * 2
    assert "2 orders in a row ended in doubt" in (told[EBAY[2]].detail or "")
    assert any("hub: stopped" in said and "2 left" in said for said in world.voice.said), world.voice.said
    assert told[DHGATE].state is State.PENDING
    assert [commit.order_no for commit in world.commits()] == [DHGATE]


@pytest.mark.long
async def test_three_failures_in_a_row_stop_the_account(world: World) -> None:
    """One that succeeds between them begins the count anew."""
    # Broken on purpose: FAILURES_IN_A_ROW made 30.
    world.shop("hub", "ebay")
    for number in EBAY:
        world.order("hub", number)
    broken = [EBAY[0], EBAY[2], EBAY[3], EBAY[4]]
    rules = [world.store.faults.on("page-error", number, word="500") for number in broken]
    world.order("hub", "12-34567-89099")
    wanted = [world.wanted("hub", number) for number in [*EBAY, "12-34567-89099"]]
    told = {outcome.order_no: outcome for outcome in (await world.run(*wanted)).outcomes}
    assert [rule.struck for rule in rules] == [3] * 4, "each page was asked for three times, not nine"
    states = [told[number].state for number in EBAY]
    assert states == [State.FAILED, State.CANCELLED, State.FAILED, State.FAILED, State.FAILED], told
    assert told["12-34567-89099"].state is State.QUEUED
    assert "3 orders in a row failed technically" in (told["12-34567-89099"].detail or "")
    assert [commit.order_no for commit in world.commits()] == [EBAY[1]]


@pytest.mark.long
async def test_the_tab_is_replaced_and_no_other_is_left_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: the old tabs not closed in Tabs.fresh; fresh never called.
    monkeypatch.setattr(session, "ORDERS_A_TAB", 1)
    fresh, open_tabs = Tabs.fresh, list[int]()

    async def counted(self: Tabs) -> None:
        await fresh(self)
        open_tabs.append(len(self.page.context.pages))

    monkeypatch.setattr(Tabs, "fresh", counted)
    world.shop("hub", "ebay")
    numbers = [world.order("hub", f"12-34567-8901{n}") for n in range(3)]
    outcomes = (await world.run(*(world.wanted("hub", number) for number in numbers))).outcomes
    assert [o.state for o in outcomes] == [State.CANCELLED] * 3, outcomes
    assert open_tabs == [1, 1]
    assert len(world.commits()) == 3
