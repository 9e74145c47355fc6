"""``sync``: many orders a page load, the own page only where the list is not clear, doubts side by side."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from agent.domain.order import Action, Outcome, State, WaitsFor
from agent.ledger.store import Ledger
from tests.consoles import dhgate, ebay
from tests.consoles.ebay.orders import retry_refund
from tests.consoles.layouts import Layout
from tests.pending import pending
from tests.world import World, manifest

MANY, ROWS = 1_000, 50
"""Orders, and how many a list page shows (a number that the real console sets)."""
LIST = "seller.dhgate.com/sellerordmng/orderList/list.do"
DETAIL = "seller.dhgate.com/sellerordmng/sellerOrderDetail/pageload.do"


def by_number(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {outcome.order_no: outcome for outcome in outcomes}


@pytest.mark.long
async def test_a_thousand_pending_orders_take_one_load_a_list_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: `_lists` left out.
    monkeypatch.setattr("tests.consoles.dhgate.listing.ROWS", ROWS)
    world.shop("dh", "dhgate", language="zh-CN")
    numbers = [str(1_330_300_000 + n) for n in range(MANY)]
    with world.store.transaction():
        for number in numbers:
            world.order("dh", number)
    await pending(world, "dh", numbers, "buyer-asked")
    approved, rejected, asked_anew = numbers[17], numbers[500], numbers[-1]
    dhgate.decide(world.store, approved, True)
    dhgate.decide(world.store, rejected, False, "原因不符")
    before = world.store.loads()
    began = time.monotonic()
    found = by_number(await world.sync())
    print(f"{MANY} pending orders: {time.monotonic() - began:.1f} s")
    loads = {path: n - before.get(path, 0) for path, n in world.store.loads().items()}
    assert len(found) == MANY
    assert (found[approved].state, found[rejected].state) == (State.CANCELLED, State.DECLINED)
    waiting = [o for o in found.values() if o.state is State.PENDING]
    assert len(waiting) == MANY - 2
    assert {o.waits_for for o in waiting} == {WaitsFor.PLATFORM}
    assert found[asked_anew].site_state == "取消申请审核中"
    # 999 stand in 待发货, one in 交易取消; two are not clear there: each a search and its own page more.
    assert loads[LIST] <= -(-(MANY - 1) // ROWS) + 1 + 2, loads
    assert loads[DETAIL] == 2
    assert [Path(str(found[n].evidence)).name.endswith("read-back") for n in (approved, rejected)] == [
        True
    ] * 2
    assert len(world.commits()) == MANY, "nothing is submitted by looking"


@pytest.mark.long
async def test_ebays_lists_settle_a_buyers_and_a_sellers_orders(world: World) -> None:
    # Broken on purpose: for_person ignored by judge.
    world.shop("hub", "ebay")
    world.shop("jane", "ebay", role="buyer")
    bought = [f"14-56789-0{n:04}" for n in range(1, 31)]
    for number in bought:
        world.order("jane", number, age_days=0.01)
    await pending(world, "jane", bought, "mistake")
    failed, kept = "12-34567-89012", "12-34567-89013"
    for number in (failed, kept):
        world.order("hub", number, verdict="reject")
        outcome = await world.cancel("hub", number)
        assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 1), outcome
        assert "only a person can go on" in str(outcome.detail)
    ebay.decide(world.store, "ebay", bought[3], True)
    ebay.decide(world.store, "ebay", bought[4], False)
    account = world.store.account("ebay", "hub_user")
    assert account is not None
    retry_refund(world.store, account, failed)
    before = world.store.loads()
    found = by_number(await world.sync())
    loads = {path: n - before.get(path, 0) for path, n in world.store.loads().items()}
    states = {number: found[number].state for number in bought}
    assert [states.pop(bought[3]), states.pop(bought[4])] == [State.CANCELLED, State.DECLINED]
    assert set(states.values()) == {State.PENDING}
    assert (found[failed].state, found[kept].state) == (State.CANCELLED, State.NEEDS_HUMAN)
    # The cancelled one's card does not say by whom: its own page is read too.
    assert loads["order.ebay.com/ord/show"] <= 2, loads
    assert loads["www.ebay.com/mye/myebay/purchase"] <= 4, loads
    assert loads["www.ebay.com/sh/ord/cancel"] == 1, loads
    [step] = [s for s in manifest(found[failed])["steps"] if "row in the list" in s["label"]]
    assert step["files"], "the row is in the picture"


@pytest.mark.long
async def test_the_doubts_of_an_account_are_waited_out_side_by_side(world: World) -> None:
    # Broken on purpose: wait_out called for each doubt by itself; `due` not set anew after the list.
    world.shop("dh", "dhgate", layout=Layout(confirm="native"))
    numbers = [world.order("dh", f"133031216{n}") for n in range(2, 5)]
    world.store.faults.on("question", word="unlisted")
    for number in numbers:
        assert (await world.cancel("dh", number, settle=False)).state is State.SUBMITTING
    settle = 6.0
    world.env["UNSELL_SETTLE_SECONDS"] = str(settle)
    found = by_number(await world.sync())
    assert {o.state for o in found.values()} == {State.NEEDS_HUMAN}
    looks = [_looks(found[number]) for number in numbers]
    assert all(detail - listed >= settle / 2 for listed, detail in looks), looks
    first_looks = [listed for listed, _ in looks]
    assert max(first_looks) - min(first_looks) < settle * 1.5, "one by one they would be so far apart"
    assert world.commits() == []


def _looks(outcome: Outcome) -> tuple[float, float]:
    """When the list and the detail page were read after the wait."""
    steps = [s for s in manifest(outcome)["steps"] if s["id"] == "DH7"]
    times = [datetime.fromisoformat(s["started_at"]).timestamp() + s["seconds"] for s in steps[-2:]]
    return times[0], times[1]


@pytest.mark.long
@pytest.mark.parametrize("action", [Action.ACCEPT, Action.DECLINE])
async def test_an_answer_in_doubt_is_read_back_by_sync(world: World, action: Action) -> None:
    # Broken on purpose: of_an_answer left out of Sync._listed.
    world.shop("hub", "ebay", layout=Layout(confirm="native"))
    world.shop("other", "ebay")
    for number in ("12-34567-89012", "12-34567-89013"):
        world.order("hub", number)
        ebay.ask_as_buyer(world.store, number)
    world.store.faults.on("question", word="unlisted")
    wanted = [world.wanted("hub", n, action=action) for n in ("12-34567-89012", "12-34567-89013")]
    doubtful = (await world.run(*wanted, settle=False)).outcomes
    assert {o.state for o in doubtful} == {State.SUBMITTING}
    ebay.decide(world.store, "ebay", "12-34567-89012", action is Action.ACCEPT)  # it had arrived after all
    found = by_number(await world.sync())
    ended = State.CANCELLED if action is Action.ACCEPT else State.DECLINED
    assert found["12-34567-89012"].state is ended
    assert found["12-34567-89013"].state is State.NEEDS_HUMAN
    assert f"--{action} --submit-again" in str(found["12-34567-89013"].detail)
    with Ledger(world.settings.database) as ledger:
        assert {row.submits for row in ledger.find()} == {1}
