"""A control of a row is pressed only while that row names this order, whatever the list does meanwhile.

Pages that move by themselves in the very moment between proof and press; then whole runs at consoles whose
lists do so.
"""

from __future__ import annotations

import pytest

from agent.domain.errors import NeedsHuman, TechnicalError
from agent.domain.order import Role, State
from agent.marketplace.flow import Shop
from agent.page.clerk import Clerk
from agent.profile.profile import load
from flows.ebay import Ebay
from tests.consoles.layouts import Layout
from tests.pages import ITEM, ORDER, ClerkOn, found_order, pressed
from tests.world import World

NEIGHBOUR = "12-34567-89013"
ROW = """<tr class=order-info id="orderid_{no}__order-info"><td>
  <a href="https://www.ebay.com/mesh/ord/details?orderid={no}">{no}</a>
  <a class=item-title href="https://www.ebay.com/itm/{item}">Camera</a>
  <button aria-haspopup=true aria-controls="menu-{no}"
    onclick="document.getElementById('menu-{no}').hidden = false">More actions</button>
  <div role=menu id="menu-{no}" hidden><button role=menuitem>Cancel order</button></div>
</td></tr>"""
LIST = f"<table>{ROW.format(no=ORDER, item=ITEM)}{ROW.format(no=NEIGHBOUR, item=ITEM)}</table>"
SWAPS = """<script>{
  // The nodes stay, their order becomes the neighbour's.
  const swap = event => {
    const row = event.target.closest && event.target.closest('tr');
    if (!row || !event.target.matches(WHICH)) return;
    document.removeEventListener(EVENT, swap, true);
    for (const one of document.querySelectorAll('tr')) {
      const [from, to] = one.id.includes(MINE) ? [MINE, OTHERS] : [OTHERS, MINE];
      one.id = one.id.replace(from, to);
      const link = one.querySelector('a');
      link.href = link.href.replace(from, to);
      link.textContent = to;
    }
  };
  document.addEventListener(EVENT, swap, true);
}</script>"""

pytestmark = pytest.mark.timeout(240)


def swaps(event: str, which: str) -> str:
    script = SWAPS.replace("EVENT", repr(event)).replace("WHICH", repr(which))
    return LIST + script.replace("MINE", repr(ORDER)).replace("OTHERS", repr(NEIGHBOUR))


async def press_cancel(clerk: Clerk) -> str:
    flow = Ebay(clerk, Shop("shop", Role.SELLER, "ebay.com"))
    order = found_order(ids={"order number": (ORDER,), "item id": (ITEM,), "transaction id": ()})
    return await flow._press_in_menu(order, ("menu.cancel",))


async def test_the_rows_own_menu_is_opened(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(LIST, load("ebay"))
    assert await press_cancel(clerk) == "menu.cancel"
    assert await pressed(clerk) == ["More actions", "Cancel order"]


@pytest.mark.parametrize("event", ["mouseover", "pointerdown"])
async def test_a_row_that_becomes_the_neighbours_under_the_hand_is_not_pressed(
    clerk_on: ClerkOn, event: str
) -> None:
    # As it was: the neighbour's menu was opened.
    clerk = await clerk_on(swaps(event, "button[aria-haspopup]"), load("ebay"))
    with pytest.raises(TechnicalError, match="another order's"):
        await press_cancel(clerk)
    assert await pressed(clerk) == []


async def test_an_entry_of_a_row_that_becomes_the_neighbours_is_not_pressed(clerk_on: ClerkOn) -> None:
    # As it was: Cancel order in the neighbour's menu was pressed.
    clerk = await clerk_on(swaps("mouseover", "[role=menuitem]"), load("ebay"))
    with pytest.raises(TechnicalError, match="another order's"):
        await press_cancel(clerk)
    assert await pressed(clerk) == ["More actions"]


async def test_a_menu_that_another_button_opened_is_not_used(clerk_on: ClerkOn) -> None:
    # As it was: the only open menu was taken, whosesoever it was.
    html = LIST.replace(f"getElementById('menu-{ORDER}')", f"getElementById('menu-{NEIGHBOUR}')")
    clerk = await clerk_on(html, load("ebay"))
    with pytest.raises(NeedsHuman, match="not the one"):
        await press_cancel(clerk)
    assert await pressed(clerk) == ["More actions"]


async def test_a_row_that_names_two_orders_is_a_persons(clerk_on: ClerkOn) -> None:
    other = f'<a href="https://www.ebay.com/mesh/ord/details?orderid={NEIGHBOUR}">details</a>'
    clerk = await clerk_on(LIST.replace("<button aria", f"{other}<button aria", 1), load("ebay"))
    with pytest.raises(NeedsHuman, match="other orders"):
        await press_cancel(clerk)
    assert await pressed(clerk) == []


@pytest.mark.long
async def test_lists_that_sort_themselves_under_the_hand(world: World) -> None:
    """The walk begins again; a list that never stands still is a technical fault, and nothing is sent."""
    world.shop("classic", "ebay", layout=Layout(seller_hub=False))
    world.shop("buyer", "ebay", role="buyer")
    world.shop("dh", "dhgate", language="zh-CN")
    numbers = {"classic": "22-34567-89012", "buyer": "32-34567-89012", "dh": "1330312162"}
    for shop, number in numbers.items():
        world.order(shop, number, age_days=0.01)
        world.order(shop, number + "0" if shop == "dh" else number[:-1] + "3", age_days=0.01)
    wanted = [
        world.wanted(shop, number, "mistake" if shop == "buyer" else "buyer-asked")
        for shop, number in numbers.items()
    ]
    world.store.faults.on("resort")
    outcomes = (await world.run(*wanted)).outcomes
    assert {one.state for one in outcomes} <= {State.FAILED, State.NEEDS_HUMAN}, outcomes
    assert world.store.truth() == []
    world.store.faults.off()
    done = (await world.run(*wanted)).outcomes
    assert {one.state for one in done} <= {State.CANCELLED, State.PENDING}, done
    assert sorted(c.order_no for c in world.commits()) == sorted(numbers.values())
