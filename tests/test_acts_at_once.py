"""Controls that should only move, and act: nothing leaves, the page is closed before it can try again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.domain.codes import Code
from agent.domain.order import Action, State
from agent.page import clerk
from tests.consoles.ebay import orders as ebay_orders
from tests.consoles.layouts import Layout
from tests.world import World, manifest

LINGERS = clerk._LINGERS
ORDERS = {"ebay": ("12-34567-89012", "22-34567-89012"), "dhgate": ("1330312162", "2330312162")}
DIALOG = Layout(form="dialog")
AGAIN = 2.5
"""Seconds in which a page that was left open would have tried again."""
ACTS = [
    *(("dhgate", Layout(acts=how)) for how in ("form", "fetch", "get", "tab")),
    *(("ebay", Layout(acts=how)) for how in ("form", "fetch", "tab")),
    ("ebay", Layout(acts="fetch", menu="fake")),
    *((platform, DIALOG.but(acts="late")) for platform in ORDERS),
]


def noted(outcome: Any, what: str) -> list[Any]:
    """What the steps of the evidence noted under this name."""
    return [step["notes"][what] for step in manifest(outcome)["steps"] if what in step["notes"]]


@pytest.fixture(autouse=True)
def _lingers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as in the product."""
    monkeypatch.setattr("agent.page.clerk._LINGERS", LINGERS)


async def run_both(world: World, platform: str, layout: Layout, **options: Any) -> list[Any]:
    """An order of this layout, then a plain one of the same shop, in one run."""
    world.shop("shop", platform, language="zh-CN" if platform == "dhgate" else "en")
    first, second = ORDERS[platform]
    world.order("shop", first, layout=layout)
    world.order("shop", second)
    result = await world.run(*(world.wanted("shop", number) for number in (first, second)), **options)
    await asyncio.sleep(AGAIN)
    return sorted(result.outcomes, key=lambda outcome: outcome.order_no != first)


@pytest.mark.parametrize(
    ("platform", "layout"),
    [
        pytest.param(platform, layout, id=f"{platform}-{layout.acts}-{layout.menu}",
                     marks=() if layout.acts == "fetch" else pytest.mark.long)
        for platform, layout in ACTS
    ],
)  # fmt: skip
async def test_an_entry_that_acts_at_once_is_stopped_and_the_next_order_goes_on(
    world: World, platform: str, layout: Layout
) -> None:
    # Broken on purpose: the guard lifted before the tab is closed, or the tab left open; no linger.
    acted, plain = await run_both(world, platform, layout, dry_run=True)
    assert world.store.truth() == []
    assert acted.state is State.NEEDS_HUMAN, acted
    entry = {"ebay": "Cancel order", "dhgate": "取消订单"}[platform]
    method = "GET" if layout.acts == "get" else "POST"
    place = {"ebay": "/afs/Cancel/Submit", "dhgate": "/sellerordmng/orderOperation/cancelOrder.do"}[platform]
    detail = acted.detail or ""
    assert detail.endswith(f" sends {method} {place} at once; it was stopped and nothing was sent"), detail
    if layout.acts != "late":  # which control of the form was touched by then is a matter of time
        assert detail.startswith(f"pressing {entry} sends ")
    [[sent, *_again]] = noted(acted, "stopped")
    assert sent["fields"][:1] == {"ebay": ["itemId"], "dhgate": ["orderId"]}[platform]
    assert "?" not in sent["address"]
    assert plain.state is State.REHEARSED, plain


@pytest.mark.long
@pytest.mark.parametrize("platform", ORDERS)
async def test_a_real_run_stops_there_as_well(world: World, platform: str) -> None:
    acted, plain = await run_both(world, platform, Layout(acts="fetch"))
    assert (acted.state, acted.submits) == (State.NEEDS_HUMAN, 0), acted
    assert plain.state in (State.CANCELLED, State.PENDING)
    assert [commit.order_no for commit in world.commits()] == [plain.order_no]


@pytest.mark.parametrize(
    ("platform", "menu"),
    [
        ("dhgate", "roles"),
        *(pytest.param("ebay", menu, marks=pytest.mark.long) for menu in ("roles", "fake")),
    ],
)
async def test_a_button_that_would_post_a_form_is_not_pressed(world: World, platform: str, menu: Any) -> None:
    # Broken on purpose: `formmethod`, `form=` or the implicit type left out of what a press would post.
    acted, plain = await run_both(world, platform, Layout(acts="button", menu=menu), dry_run=True)
    assert world.store.truth() == []
    assert (acted.state, plain.state) == (State.NEEDS_HUMAN, State.REHEARSED), acted
    assert "it was not pressed" in (acted.detail or "")
    assert noted(acted, "stopped") == []


@pytest.mark.parametrize(
    ("platform", "layout"),
    [
        ("dhgate", Layout()),
        *(pytest.param(platform, layout, marks=pytest.mark.long) for platform, layout in (
            ("dhgate", DIALOG.but(reason="select")), ("ebay", Layout()), ("ebay", Layout(entry="resolve")),
            ("ebay", DIALOG.but(reason="covered")))),
    ],
)  # fmt: skip
async def test_a_reason_that_acts_as_it_is_chosen_is_stopped(
    world: World, platform: str, layout: Layout
) -> None:
    # As it was: the form was filled in with no guard, and a dry run cancelled the order.
    acted, plain = await run_both(world, platform, layout.but(chosen="posts"), dry_run=True)
    assert world.store.truth() == []
    assert (acted.state, acted.code) == (State.NEEDS_HUMAN, Code.ACTS_AT_ONCE), acted
    assert "sends POST" in (acted.detail or "")
    assert len(noted(acted, "stopped")) == 1
    assert plain.state is State.REHEARSED, plain


async def test_what_only_reads_goes_through_once_it_is_listed(world: World) -> None:
    # Broken on purpose: `reading` not asked; asked without the host.
    world.shop("shop", "dhgate", language="zh-CN", layout=DIALOG.but(opened_by="post"))
    number = world.order("shop", ORDERS["dhgate"][0])
    stopped = await world.cancel("shop", number, dry_run=True)
    assert stopped.state is State.NEEDS_HUMAN
    [mend] = noted(stopped, "would go on with")
    folder = world.home / "selectors"
    folder.mkdir()
    (folder / "dhgate.toml").write_text(mend, encoding="utf-8")
    assert (await world.cancel("shop", number, dry_run=True)).state is State.REHEARSED
    assert (await world.cancel("shop", number)).state is State.PENDING
    assert len(world.commits()) == 1


@pytest.mark.parametrize("platform", ["dhgate", pytest.param("ebay", marks=pytest.mark.long)])
async def test_visits_that_are_counted_are_dropped_and_no_verdict(world: World, platform: str) -> None:
    # Broken on purpose: pings are verdicts; other hosts are.
    world.shop("shop", platform, layout=DIALOG.but(chatter=True))
    outcome = await world.cancel("shop", world.order("shop", ORDERS[platform][0]))
    assert outcome.state in (State.PENDING, State.CANCELLED), outcome
    assert len(world.commits()) == 1
    if platform == "dhgate":
        assert world.store.extras["/sellerordmng/orderList/getSummaryOrderStat.do"]
    assert noted(outcome, "stopped") == []
    assert "/practice/beacon" in str(noted(outcome, "dropped"))


@pytest.mark.parametrize("wizard", [pytest.param("post", marks=pytest.mark.long), "post-more"])
async def test_a_wizard_may_post_ids_and_its_listed_choice(world: World, wizard: Any) -> None:
    # Broken on purpose: any field is let through; the wizard's Continue refused like any other button.
    layout = Layout(seller_hub=False, entry="resolve", wizard=wizard)
    world.shop("shop", "ebay", layout=layout)
    number = world.order("shop", ORDERS["ebay"][0])
    outcome = await world.cancel("shop", number, dry_run=True)
    assert world.store.truth() == []
    if wizard == "post":
        assert outcome.state is State.REHEARSED, outcome
        assert (await world.cancel("shop", number)).state is State.CANCELLED
    else:
        assert outcome.state is State.NEEDS_HUMAN
        assert "reason" in (outcome.detail or "")


@pytest.mark.long
@pytest.mark.parametrize("action", ["accept", "decline"])
async def test_an_answer_that_acts_at_once_is_stopped(world: World, action: str) -> None:
    world.shop("shop", "ebay", layout=Layout(acts="fetch"))
    number = world.order("shop", ORDERS["ebay"][0])
    ebay_orders.ask_as_buyer(world.store, number)
    wanted = world.wanted("shop", number, action=Action(action))
    [outcome] = (await world.run(wanted)).outcomes
    await asyncio.sleep(AGAIN)
    assert outcome.state is State.NEEDS_HUMAN, outcome
    assert "sends POST /Cancel/Respond at once" in (outcome.detail or "")
    assert world.store.truth() == []
