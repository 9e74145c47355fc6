"""A press is stopped at its own events where the page puts another order in this one's place."""

from __future__ import annotations

import pytest

from agent.page.steady import Steady
from tests.pages import ClerkOn, found_order, pressed

ORDER, OTHER, ITEM = "12-34567-89012", "12-34567-89999", "4400000001"
PAGE = """<form id=form action=/do method=get><p id=no>{order}</p>
<input type=hidden name=itemId value={item}><input type=hidden name=moves value=0>
<label><input type=checkbox name=relist> Relist</label><button type=button id=go {does}>Submit</button></form>
<p id=clock>59 s</p>"""
SWAPS = {
    "the id that is sent": "document.forms[0].itemId.value = '4400000002'",
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
    async with Steady(go, [], found_order(order_no=ORDER), clerk.profile):
        pass
    await clerk.page.evaluate(SWAPS["the id that is sent"])
    await go.click()
    assert len(await pressed(clerk)) == 1
