"""The right order or none: a number on a page proves nothing, two independent signs must agree.

First whole runs at the consoles, with neighbours one digit off and numbers that stand where they mean
nothing; then flows and forms on pages that no console shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from agent.account.session import AccountSession, open_session
from agent.browser.launcher import Browser
from agent.domain.errors import NeedsHuman, Refused, TechnicalError
from agent.domain.order import Commit, Role, State, Verdict, Via
from agent.marketplace.flow import Shop
from agent.page.clerk import Clerk
from agent.page.form import About, Form
from agent.profile.profile import load
from flows.dhgate import DHgate, _Row
from flows.ebay import Ebay
from tests.consoles.layouts import Layout
from tests.pages import IDS, ITEM, ORDER, ClerkOn, form, found_order, pressed, wish
from tests.world import World, manifest

NEIGHBOUR = "12-34567-89013"

pytestmark = pytest.mark.timeout(240)


@asynccontextmanager
async def session_of(world: World, shop: str) -> AsyncIterator[AccountSession]:
    """That shop's session, signed in, for a test that asks the flow directly."""
    async with (
        Browser(world.settings) as browser,
        open_session(browser, world.settings, shop, wait=False) as session,
    ):
        yield session


# -- whole runs ----------------------------------------------------------------------------------------


@pytest.mark.long
async def test_neighbours_one_digit_off_stay_untouched(world: World) -> None:
    """In lists that show them all: My eBay > Sold, the purchase history, DHgate's contains-search."""
    # Broken on purpose: {order_no} taken out of orders.row in selectors/dhgate.toml.
    world.shop("classic", "ebay", layout=Layout(seller_hub=False, stale_copy=True))
    world.shop("buyer", "ebay", role="buyer")
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(stale_copy=True))
    sold = [world.order("classic", f"12-34567-8901{n}") for n in range(1, 6)]
    bought = [world.order("buyer", f"22-34567-8901{n}", age_days=0.01) for n in range(1, 6)]
    dhgate = [
        world.order("dh", number) for number in ("1330312162", "1330312163", "13303121620", "91330312162")
    ]
    wanted = [
        world.wanted("classic", sold[2]),
        world.wanted("buyer", bought[2], "mistake"),
        world.wanted("dh", dhgate[0]),
    ]
    outcomes = (await world.run(*wanted)).outcomes
    assert {o.state for o in outcomes} <= {State.CANCELLED, State.PENDING}, outcomes
    assert sorted(c.order_no for c in world.commits()) == sorted([sold[2], bought[2], dhgate[0]])


@pytest.mark.long
async def test_a_number_that_only_others_mention_is_not_found(world: World) -> None:
    """In another order's buyer's message, its title, or as a part of a longer number."""
    # As it was: sold.row took the number anywhere in a card, and the neighbour was cancelled in its place.
    world.shop("hub", "ebay")
    world.shop("classic", "ebay", layout=Layout(seller_hub=False))
    world.shop("buyer", "ebay", role="buyer")
    world.shop("dh", "dhgate", language="zh-CN")
    says = f"please cancel {ORDER}, I have 1330312162 too"
    for shop, number in (
        ("hub", "12-34567-89013"),
        ("classic", "32-34567-89013"),
        ("buyer", "42-34567-89013"),
    ):
        world.order(shop, number, message=says, title=f"Refund for {ORDER}", age_days=0.01)
    world.order("dh", "13303121629", message=says, title="Refund for 1330312162")
    wanted = [
        world.wanted("hub", ORDER), world.wanted("buyer", ORDER, "mistake"), world.wanted("dh", "1330312162"),
    ]  # fmt: skip
    outcomes = (await world.run(*wanted)).outcomes
    # One row for ever by platform, role and number: the classic shop asks in a run of its own.
    outcomes += (await world.run(world.wanted("classic", ORDER))).outcomes
    assert [(o.account, o.state, o.submits) for o in outcomes if o.state is not State.REFUSED] == []
    assert all("not found" in (o.detail or "") for o in outcomes), outcomes
    assert world.store.truth() == []


@pytest.mark.long
async def test_the_right_card_beside_one_whose_title_names_the_order(world: World) -> None:
    # As it was: sold.row took the number anywhere in a card: two matches, a person was asked.
    world.shop("classic", "ebay", layout=Layout(seller_hub=False))
    world.shop("buyer", "ebay", role="buyer")
    for shop, first in (("classic", "12"), ("buyer", "22")):
        world.order(shop, f"{first}-34567-89013", title=f"Box for {first}-34567-89012", age_days=0.01)
        world.order(shop, f"{first}-34567-89012", age_days=0.02)
    wanted = [world.wanted("classic", "12-34567-89012"), world.wanted("buyer", "22-34567-89012", "mistake")]
    outcomes = (await world.run(*wanted)).outcomes
    assert [o.submits for o in outcomes] == [1, 1], outcomes
    assert sorted(c.order_no for c in world.commits()) == ["12-34567-89012", "22-34567-89012"]


@pytest.mark.long
async def test_a_page_that_repeats_the_number_of_no_order_proves_nothing(world: World) -> None:
    """eBay's "Order not found" names the number; so does DHgate's search field."""
    # Broken on purpose: "page.not_found" looked for last in Ebay._order_page.
    world.shop("hub", "ebay")
    world.shop("dh", "dhgate", language="zh-CN")
    world.order("hub", ORDER, seller="somebody_else")
    world.order("dh", "1330312162", seller="somebody_else")
    for shop, number in (("hub", ORDER), ("dh", "1330312162")):
        wanted = world.wanted(shop, number)
        async with session_of(world, shop) as session:
            reading = await session.flow.read_back(wanted, "detail")
            assert reading.verdict is Verdict.ABSENT, reading
            with pytest.raises(Refused, match="not found"):
                await session.flow.find(wanted)
            assert number in await session.clerk.page.content()


# -- forms that speak of another order -----------------------------------------------------------------


async def commit_of(clerk: Clerk, **about: Any) -> Commit:
    opened = await Form.opened(clerk)
    await opened.choose(wish())
    given = About(**{"order": found_order(), "ids": IDS, **about})
    return await opened.commit("form.submit", step="T2", about=given, via=Via.CANCEL)


async def test_a_hidden_stale_copy_is_neither_read_nor_chosen_in(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `.filter(visible=True)` taken out of Locators.each.
    stale = f"<div hidden>{form(order_no=NEIGHBOUR)}</div>"
    clerk = await clerk_on(stale + form())
    commit = await commit_of(clerk)
    assert (ORDER in commit.form_text, NEIGHBOUR in commit.form_text) == (True, False)
    assert await clerk.page.evaluate("document.querySelector('[hidden] input:checked')") is None


async def test_a_form_of_another_order_stops_the_run(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the check of `others` taken out of Form._signs (the item id is the neighbour's too).
    same_item = f"<input type=hidden name=itemId value={ITEM}>"
    clerk = await clerk_on(form(same_item, order_no=NEIGHBOUR))
    with pytest.raises(NeedsHuman, match=NEIGHBOUR):
        await commit_of(clerk)
    assert "Submit" not in await pressed(clerk)


async def test_a_form_that_names_no_order_stops_the_run(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `if not signs` taken out of Form._signs.
    clerk = await clerk_on(form(order_no="of yours"))
    with pytest.raises(NeedsHuman, match="nothing on the form"):
        await commit_of(clerk)
    assert "Submit" not in await pressed(clerk)


@pytest.mark.parametrize("nearly", [f"1{ORDER}", f"{ORDER}0", f"{ORDER}-1", f"A{ORDER}"])
async def test_a_longer_number_is_another_number(clerk_on: ClerkOn, nearly: str) -> None:
    # Broken on purpose: the look-arounds taken out of the pattern in Form._signs.
    clerk = await clerk_on(form(order_no=nearly))
    with pytest.raises(NeedsHuman):
        await commit_of(clerk)


async def test_goods_named_like_the_order_are_no_sign(clerk_on: ClerkOn) -> None:
    """The neighbour's form, whose goods are called after our number."""
    # Broken on purpose: the goods' words left in the text that Form._signs reads.
    title = f"Box for {ORDER}"
    clerk = await clerk_on(form(f"<p>{title}</p>", order_no=NEIGHBOUR))
    opened = await Form.opened(clerk)
    await opened.choose(wish())
    about = About(order=found_order(items=(title,)), ids=IDS)
    with pytest.raises(NeedsHuman):
        await opened.commit("form.submit", step="T2", about=about, via=Via.CANCEL)
    assert "Submit" not in await pressed(clerk)


# -- ids that disagree ---------------------------------------------------------------------------------

MENU = """
<table><tr class=order-info id="orderid_{no}__order-info"><td>
  <a href="https://www.ebay.com/mesh/ord/details?orderid={no}">{no}</a>
  <a class=item-title href="https://www.ebay.com/itm/{item}">Camera</a>
  <button aria-haspopup=true onclick="this.nextElementSibling.hidden = false">More actions</button>
  <div role=menu hidden><a role=menuitem href="#{address}">Cancel order</a></div>
</td></tr></table><form hidden><select></select></form>
"""


async def press_cancel(clerk: Clerk, item: str) -> str:
    flow = Ebay(clerk, Shop("shop", Role.SELLER, "ebay.com"))
    return await flow._press_in_menu(
        found_order(ids={"order number": (ORDER,), "item id": (item,), "transaction id": ()}),
        ("menu.cancel",),
    )


@pytest.mark.parametrize("key", ["itemId", "itemid", "ITEM_ID", "item"])
async def test_a_menu_entry_about_another_item_is_not_pressed(clerk_on: ClerkOn, key: str) -> None:
    # Broken on purpose: the call of _belongs taken out of Ebay._press_in_menu.
    html = MENU.format(no=ORDER, item=ITEM, address=f"/afs/Cancel/Start?{key}=110000089013")
    html = html.replace('href="#/', 'href="/')
    clerk = await clerk_on(html, load("ebay"))
    with pytest.raises(NeedsHuman, match="110000089013"):
        await press_cancel(clerk, ITEM)
    assert await pressed(clerk) == ["More actions"]


async def test_a_menu_entry_about_the_rows_item_is_pressed(clerk_on: ClerkOn) -> None:
    html = MENU.format(no=ORDER, item=ITEM, address=f"?itemId={ITEM}")
    clerk = await clerk_on(html, load("ebay"))
    assert await press_cancel(clerk, ITEM) == "menu.cancel"
    assert await pressed(clerk) == ["More actions", "Cancel order"]


@pytest.mark.parametrize(("row_id", "linked"), [
    (ORDER, NEIGHBOUR), (NEIGHBOUR, ORDER),
])  # fmt: skip
async def test_a_row_whose_id_and_link_disagree_is_no_row(
    clerk_on: ClerkOn, row_id: str, linked: str
) -> None:
    # Broken on purpose: `:has(a[...])` taken off hub.row.
    link = f'<a href="/mesh/ord/details?orderid={linked}">{ORDER}</a>'
    row = f'<tr class=order-info id="orderid_{row_id}__order-info"><td>{link}</td></tr>'
    clerk = await clerk_on(f"<table>{row}</table>", load("ebay"))
    assert not await clerk.any("hub.row", order_no=ORDER)


async def test_dhgates_detail_page_must_carry_the_rows_id(clerk_on: ClerkOn) -> None:
    # Broken on purpose: {order_id} taken out of detail.order_id.
    mine, other = "ff80800000000000000000000000000a", "ff80800000000000000000000000000b"
    page = (
        f"<p>订单号：1330312162</p><input type=hidden name=orderId value={other}>"
        "<div class=order-imfor-dt>订单状态：</div><div class=order-imfor-dd>等待发货</div>"
    )
    clerk = await clerk_on(page, load("dhgate"), seconds=3)
    flow = DHgate(clerk, Shop("dh", Role.SELLER, "dhgate.com"))
    row = _Row(order_id=mine, status="等待发货", total="", items=())
    with pytest.raises(NeedsHuman, match="not recognised"):
        await flow._order("1330312162", row)
    clerk.start_clock()
    assert (await flow._order("1330312162", replace(row, order_id=other))).ids["order id"] == (other,)


@pytest.mark.long
async def test_a_page_that_had_no_time_is_slow_and_not_unknown(clerk_on: ClerkOn) -> None:
    # Broken on purpose: FAIR_LOOK at 0. As it was: a long list on a slow machine became a person's.
    clerk = await clerk_on("<p>nothing that is known</p>", load("ebay"), seconds=4)
    await asyncio.sleep(2.5)
    with pytest.raises(TechnicalError, match="over before"):
        await clerk.see("sold.row", "sold.list", order_no=ORDER)
    clerk.restart_clock()
    with pytest.raises(NeedsHuman, match="not recognised"):
        await clerk.see("sold.row", "sold.list", order_no=ORDER)


@pytest.mark.long
async def test_the_buyers_name_is_read_without_the_word_before_it(world: World) -> None:
    # As it was: a full-width colon was kept, so that a sheet's expected buyer never fitted in Chinese.
    world.shop("tw", "ebay", language="zh-TW", layout=Layout(seller_hub=False, entry="resolve", menu="fake"))
    number = world.order("tw", "13-45678-90123")
    assert manifest(await world.cancel("tw", number, dry_run=True))["buyer"] == "buyer_jane"
