"""A press is stopped at its own events where the page puts another order in this one's place."""

from __future__ import annotations

import pytest

from agent.domain.order import State
from agent.page.steady import Steady
from tests.consoles.layouts import Layout
from tests.pages import ClerkOn, found_order, pressed
from tests.world import World

ORDER, OTHER, ITEM = "12-34567-89012", "12-34567-89999", "4400000001"
PAGE = """<form id=form action=/do method=get><p id=no>{order}</p>
<input type=hidden name=itemId value={item}><input type=hidden name=moves value=0>
<label><input type=checkbox name=relist> Relist</label><button type=button id=go {does}>Submit</button></form>
<p id=clock>59 s</p>"""
SWAPS = {
    "the id that is sent": "document.forms[0].itemId.value = '4400000002'",
    "an id more": "document.all.form.append(Object.assign(document.createElement('input'), "
    "{type: 'hidden', name: 'itemId', value: '4400000002'}))",
    "the number that is shown": f"document.all.no.textContent = '{OTHER}'",
    "the form's target": "document.forms[0].action = '/do?itemId=4400000002'",
    "a box": "document.forms[0].relist.checked = true",
    "a number elsewhere": f"document.all.clock.textContent = '{OTHER}'",
    "the control itself": "this.replaceWith(this.cloneNode(true))",
}
HARMLESS = {
    "a countdown elsewhere": "document.all.clock.textContent = '58 s'",
    "a field that counts": "document.forms[0].moves.value = '17'",
    "a class": "this.className = 'down'",
    "nothing": "",
}


async def press(clerk_on: ClerkOn, event: str, script: str) -> tuple[bool, list[str]]:
    """Whether the press was stopped, and which controls saw a click."""
    clerk = await clerk_on(PAGE.format(order=ORDER, item=ITEM, does=f'{event}="{script}"'))
    go, form = [await clerk.page.query_selector(css) for css in ("#go", "#form")]
    assert go
    assert form
    order = found_order(order_no=ORDER, ids={"order number": (ORDER,), "item id": (ITEM,)})
    async with Steady(go, [form], order, clerk.profile) as page:
        await go.click(timeout=2000, force=True)
        stopped = await page.stopped()
    return stopped, await pressed(clerk)


@pytest.mark.parametrize(
    "event", ["onmouseover", "onpointermove", "onpointerdown", "onmousedown", "onmouseup"]
)
async def test_what_changes_on_the_way_stops_the_press(clerk_on: ClerkOn, event: str) -> None:
    # As it was: the click went through, and the other order was cancelled.
    assert await press(clerk_on, event, SWAPS["the id that is sent"]) == (True, [])


@pytest.mark.parametrize("what", SWAPS)
async def test_each_part_of_what_the_press_is_about_is_watched(clerk_on: ClerkOn, what: str) -> None:
    stopped, clicks = await press(clerk_on, "onmousedown", SWAPS[what])
    assert (stopped, clicks) == (True, [])


@pytest.mark.parametrize("what", HARMLESS)
async def test_what_says_nothing_of_the_order_stops_no_press(clerk_on: ClerkOn, what: str) -> None:
    stopped, clicks = await press(clerk_on, "onmousedown", HARMLESS[what])
    assert not stopped
    assert len(clicks) == 1


async def test_the_watch_ends_with_the_press(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(PAGE.format(order=ORDER, item=ITEM, does=""))
    go = await clerk.page.query_selector("#go")
    assert go
    async with Steady(go, [], found_order(order_no=ORDER), clerk.profile) as page:
        assert await page.kept()
    await clerk.page.evaluate(SWAPS["the id that is sent"])
    await go.click()
    assert len(await pressed(clerk)) == 1


@pytest.mark.parametrize(("change", "kept"), [
    ("document.forms[0].itemId.value = '4400000002'", False),
    ("document.forms[0].relist.click()", False),
    ("document.all.no.textContent = 'sent'", True),
    ("document.forms[0].remove()", True),
])  # fmt: skip
async def test_what_the_form_held_is_asked_again_before_the_yes(
    clerk_on: ClerkOn, change: str, kept: bool
) -> None:
    clerk = await clerk_on(PAGE.format(order=ORDER, item=ITEM, does=""))
    go = await clerk.page.query_selector("#go")
    assert go
    async with Steady(go, [], found_order(order_no=ORDER, ids={"item id": (ITEM,)}), clerk.profile) as page:
        await go.click()
        assert not await page.stopped()
        await clerk.page.evaluate(change)
        assert await page.kept() is kept


@pytest.mark.parametrize("when", ["down", "opens", "yes"])
async def test_ids_that_are_swapped_on_the_way_cancel_nobody(world: World, when: str) -> None:
    # As it was: the neighbour was cancelled, and the order told as pending or in doubt.
    world.shop("hub", "ebay", layout=Layout(confirm="page"))
    numbers = [world.order("hub", number) for number in ("12-34567-89012", "12-34567-89013")]
    world.store.faults.on("ids-swapped", word=when)
    outcome = await world.cancel("hub", numbers[0])
    assert world.store.truth() == []
    assert outcome.state is State.NEEDS_HUMAN, outcome
