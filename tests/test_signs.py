"""A form must carry what this order alone has: orders of one listing share the item's number."""

from __future__ import annotations

from typing import Any

import pytest

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.order import State
from agent.page.signs import ITEM, contradicts, strangers
from agent.profile.profile import load
from tests.consoles.layouts import Layout
from tests.pages import ORDER, ClerkOn, form
from tests.test_right_order import commit_of
from tests.world import World, manifest

NEAR = "12-34567-89013"
ITEM_NO = "110000555555"
HEX, OTHER_HEX = "ff80800000000000000000000000000a", "ff80800000000000000000000000000b"
EBAY_IDS = {
    "order number": (ORDER,),
    ITEM: ("110000089012", "110000089099"),
    "transaction id": ("2123456789012", "2123456789099"),
}


# -- another order's id, by any name -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orderId", NEAR), ("ORDERID", NEAR), ("ordid", NEAR), ("order_id", "110000089012-2123456789013"),
        ("itemId", "110000089013"), ("item_id", "110000089013"), ("transactionId", "2123456789013"),
        ("data-transid", "2123456789013"), ("params.orderNumber", NEAR),
        ("transIds", "2123456789012,2123456789013"),
        ("", "/cancel/110000089012-2123456789013/submit"),
    ],
)  # fmt: skip
def test_another_orders_id_contradicts(name: str, value: str) -> None:
    with pytest.raises(NeedsHuman) as raised:
        contradicts([(name, value)], "", EBAY_IDS, load("ebay"))
    assert raised.value.code is Code.OTHER_ORDER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orderId", ORDER), ("itemId", "110000089099"), ("transId", "2123456789099"), ("transId", "0"),
        ("orderLineItemId", "110000089099-2123456789099"), ("csrf", NEAR + "x"), ("orderId", ""),
        ("orderId", "110000089012-0"), ("itemIds", "110000089012,110000089099"), ("phone", "2123456789013"),
    ],
)  # fmt: skip
def test_the_orders_own_ids_of_all_its_lines_do_not(name: str, value: str) -> None:
    contradicts([(name, value)], "", EBAY_IDS, load("ebay"))


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("ebay", f"Order number: {NEAR}"), ("ebay", f"about {NEAR}"), ("ebay", "Item ID: 110000089013"),
        ("ebay", "Line 110000089013-2123456789013"), ("dhgate", f"id {OTHER_HEX}"),
        ("dhgate", "订单号：1330312163"),
    ],
)  # fmt: skip
def test_a_text_about_another_order_contradicts(platform: str, text: str) -> None:
    ids = EBAY_IDS if platform == "ebay" else {"order number": ("1330312162",), "order id": (HEX,)}
    assert strangers([], text, ids, load(platform))


# -- what is a sign ------------------------------------------------------------------------------------


async def test_an_items_number_alone_is_no_sign(clerk_on: ClerkOn) -> None:
    # As it was: the item's number alone was one, though all orders of its listing share it.
    page = form("<input type=hidden name=itemId value=110000089012>", order_no="of yours")
    clerk = await clerk_on(page)
    with pytest.raises(NeedsHuman) as raised:
        await commit_of(clerk)
    assert raised.value.code is Code.NO_SIGN
    assert await commit_of(clerk, alone=True)


async def test_the_link_that_opened_it_or_its_own_page_is_one(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(form(order_no="of yours"))
    assert (await commit_of(clerk, link=[("transId", "2123456789012")])).signs
    with pytest.raises(NeedsHuman):
        await commit_of(clerk, link=[("transId", "2123456789013")])
    clerk = await clerk_on(f"<h1>Order number: {ORDER}</h1>" + form(order_no="of yours"))
    assert (await commit_of(clerk)).signs == ("order number in the page",)
    clerk = await clerk_on(f"<p>{ORDER}</p><p>{NEAR}</p>" + form(order_no="of yours"))
    with pytest.raises(NeedsHuman):
        await commit_of(clerk)


async def test_an_address_that_we_typed_is_no_sign(clerk_on: ClerkOn) -> None:
    """It says what we asked for. One that the page led to is one."""
    # Broken on purpose: the page's address taken as it is.
    clerk = await clerk_on("")
    page = f"<!doctype html><body>{form(order_no='of yours')}"
    await clerk.page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=page))
    await clerk.page.goto(f"https://shop.test/cancel?orderId={ORDER}")
    clerk.opened = clerk.page.url
    with pytest.raises(NeedsHuman) as raised:
        await commit_of(clerk)
    assert raised.value.code is Code.NO_SIGN
    clerk.opened = "https://shop.test/orders"
    assert (await commit_of(clerk)).signs


# -- whole runs: orders of one listing, and the neighbour's form ---------------------------------------


def two_of_one_listing(world: World, layout: Layout) -> str:
    """The seller's two orders of one listing; the form that opens for the first is the other's."""
    world.shop("hub", "ebay", layout=layout)
    for number in (ORDER, NEAR):
        world.order("hub", number, item_id=ITEM_NO)
    world.store.faults.on("form-of", ORDER, word=NEAR)
    return ORDER


async def test_a_neighbours_form_of_the_same_listing_is_left_alone(world: World) -> None:
    # As it was: the item's number counted as the sign, and the neighbour was cancelled.
    layout = Layout(entry="resolve", menu="fake", summary=False, ids="item")
    outcome = await world.cancel("hub", two_of_one_listing(world, layout))
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 0), outcome
    assert world.store.truth() == []


@pytest.mark.long
@pytest.mark.parametrize("ids", ["fields", "target", "item"])
@pytest.mark.parametrize("hub", [True, False])
@pytest.mark.parametrize("entry", ["cancel", "resolve"])
async def test_neighbours_forms_wherever_they_carry_their_ids(
    world: World, ids: Any, hub: bool, entry: Any
) -> None:
    if (entry, ids) == ("cancel", "item"):
        pytest.skip("opened by a link with the right ids, and saying nothing else: nobody could tell")
    layout = Layout(entry=entry, summary=False, ids=ids, seller_hub=hub)
    outcome = await world.cancel("hub", two_of_one_listing(world, layout))
    assert outcome.state is State.NEEDS_HUMAN, outcome
    assert world.store.truth() == []


@pytest.mark.long
@pytest.mark.parametrize("hub", [True, False])
@pytest.mark.parametrize("others", [0, 1])
async def test_an_items_number_counts_where_the_list_shows_this_order_alone(
    world: World, hub: bool, others: int
) -> None:
    layout = Layout(entry="resolve", menu="fake", summary=False, ids="item", seller_hub=hub)
    world.shop("hub", "ebay", layout=layout)
    world.order("hub", ORDER, item_id=ITEM_NO)
    for n in range(others):
        world.order("hub", f"12-34567-8902{n}", item_id=ITEM_NO)
    world.order("hub", "12-34567-89031")
    outcome = await world.cancel("hub", ORDER)
    assert outcome.state is (State.NEEDS_HUMAN if others else State.CANCELLED), manifest(outcome)["signs"]
    assert [c.order_no for c in world.commits()] == ([] if others else [ORDER])


@pytest.mark.long
@pytest.mark.parametrize("ids", ["fields", "target", "script"])
@pytest.mark.parametrize("menu", ["roles", "fake"])
async def test_honest_forms_that_show_little_are_done(world: World, ids: Any, menu: Any) -> None:
    world.shop("hub", "ebay", layout=Layout(summary=False, ids=ids, menu=menu))
    for number in (ORDER, NEAR):
        world.order("hub", number, item_id=ITEM_NO)
    outcome = await world.cancel("hub", ORDER)
    assert outcome.state is State.CANCELLED, outcome
    assert [c.order_no for c in world.commits()] == [ORDER]
