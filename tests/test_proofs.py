"""Right before the press all is proved: reason, note, boxes and amounts, at their wished values."""

from __future__ import annotations

from typing import Any

import pytest

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.order import Commit, State, Via
from agent.page.fields import editable, states_amount, whole_amounts
from agent.page.form import About, Form
from tests.consoles.layouts import Layout
from tests.pages import IDS, ORDER, ClerkOn, element, form, found_order, tiny_profile, wish
from tests.world import World

RELIST = {
    "form__relist": element("label", names=("Relist item",), within="form.scope"),
    "form__no_relist": element("label", names=("Do not relist item",), within="form.scope"),
}
BOX = "<label><input type=checkbox id=box {0}>Relist item</label>"


async def filled(clerk: Any, *, relist: bool = False) -> Commit:
    opened = await Form.opened(clerk)
    await opened.choose(wish())
    await opened.write("form.note", "two lines\nof a note")
    await opened.tick_if_there("form.relist", relist, contrary="form.no_relist")
    about = About(order=found_order(total="US $41.20"), ids=IDS)
    return await opened.commit("form.submit", step="T2", about=about, via=Via.CANCEL)


CHANGES = {
    "the box ticked again": "document.querySelector('#box').checked = true",
    "the note emptied": "document.querySelector('textarea').value = ''",
    "the note cut": "document.querySelector('textarea').value = 'two lines'",
    "another reason": "document.querySelectorAll('[type=radio]')[1].checked = true",
    "another value": "document.querySelector('[type=radio]').value = 'x'",
    "another box": "document.querySelector('#more').checked = true",
    "an amount filled in": "document.querySelector('#sum').value = '1.00'",
    "a ticked box drawn": "document.querySelector('form').insertAdjacentHTML("
    "'beforeend', '<label><input type=checkbox checked>Yes</label>')",
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changes_after_it_was_filled_in_is_seen(clerk_on: ClerkOn, change: str) -> None:
    # As it was: only the reason's label and the signs were looked at again.
    inside = BOX.format("checked") + "<input id=sum><label><input type=checkbox id=more>More</label>"
    clerk = await clerk_on(form(inside), tiny_profile(**RELIST))
    commit = await filled(clerk)
    assert await commit.still_proved()
    await clerk.page.evaluate(CHANGES[change])
    assert not await commit.still_proved()


async def test_a_box_worded_the_other_way_round_is_set_the_other_way(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(form(BOX.format("").replace("Relist", "Do not relist")), tiny_profile(**RELIST))
    await filled(clerk)
    assert await clerk.page.evaluate("document.querySelector('#box').checked")


@pytest.mark.parametrize(
    "box",
    ["<div class='box on'>Relist item</div>", "<div aria-label='Relist item' class=on>x</div>",
     "<label><input type=checkbox checked>List it once more</label>"],
)  # fmt: skip
async def test_a_box_whose_state_is_not_told_is_a_persons(clerk_on: ClerkOn, box: str) -> None:
    clerk = await clerk_on(form(box), tiny_profile(**RELIST))
    with pytest.raises(NeedsHuman) as raised:
        await filled(clerk)
    assert raised.value.code is Code.BOX_NOT_RECOGNISED


async def test_a_wished_box_that_is_not_there_is_said(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(form(), tiny_profile(**RELIST))
    assert len((await filled(clerk, relist=True)).missing) == 1
    clerk = await clerk_on(form(), tiny_profile(**RELIST))
    assert (await filled(clerk)).missing == ()


@pytest.mark.parametrize(
    ("field", "whole"),
    [
        ("<input name=refundAmount value=20.60>", False), ("<input name=refundAmount value=41.20>", True),
        ("<input name=refundAmount value=20>", False), ("<input type=number name=x value=41.20>", True),
        ("<input name=refundAmount>", True), ("<input name=phone value=2123456789>", True),
        ("<label>退款金额 <input value='1'></label>", False), ("<input name=q value=1.00 readonly>", False),
    ],
)  # fmt: skip
async def test_a_prefilled_part_of_the_amount_stops(clerk_on: ClerkOn, field: str, whole: bool) -> None:
    clerk = await clerk_on(form(field))
    scope = await clerk.held("form.scope")
    fields = await editable(scope)
    if whole:
        whole_amounts(fields, [], "US $41.20")
        return
    with pytest.raises(NeedsHuman) as raised:
        whole_amounts(fields, [], "US $41.20")
    assert raised.value.code is Code.AMOUNT_DIFFERS


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("退款金额：US $41.20", True), ("退款金额 41.20", True),
        ("退款金额：US $20.60", False), ("41.20", False),
        ("退款金额：US $41.20 退款金额：US $1.00", False), ("订单金额：US $41.20", False),
    ],
)  # fmt: skip
def test_the_whole_total_stated(text: str, states: bool) -> None:
    assert states_amount(text, ["退款金额", "全额退款"], "US $41.20") == states
    assert not states_amount(text, ["退款金额"], "")


MANY = "Cancel all orders of this buyer"
RADIO = "<label><input type=radio name=what {}>{}</label>"
LIST = f"<select><option value=1>This order</option><option value=2 selected>{MANY}</option></select>"


@pytest.mark.parametrize(
    ("more", "stops"),
    [
        (f"<label><input type=checkbox checked>{MANY}</label>", True),
        ("<label><input type=checkbox checked>同时取消该买家的其他订单</label>", True),
        (f"<div role=switch aria-checked=true aria-label='{MANY}'>x</div>", True),
        (RADIO.format("", "This order") + RADIO.format("checked", MANY), True),
        (LIST, True),
        (f"<label><input type=checkbox>{MANY}</label>", False),
        (RADIO.format("checked", "This order") + RADIO.format("", MANY), False),
        ("<label><input type=checkbox checked>Send me a copy</label>", False),
        ("<input type=hidden name=refundAmount value=20.60>", True),
        ("<input type=hidden name=refundAmount value=41.20>", False),
        ("<input type=hidden name=refundAmount value=0.00>", False),
        ("<input type=hidden name=shippingAmount value=5.00>", False),
    ],
)  # fmt: skip
async def test_what_the_form_chose_by_itself_is_no_more_and_no_less_than_this_order(
    clerk_on: ClerkOn, more: str, stops: bool
) -> None:
    # As it was: a ticked "all orders of this buyer" was submitted with the rest, so was a part of the money.
    clerk = await clerk_on(form(more))
    opened = await Form.opened(clerk)
    await opened.choose(wish())
    about = About(order=found_order(total="US $41.20"), ids=IDS)
    if not stops:
        assert await opened.commit("form.submit", step="T2", about=about, via=Via.CANCEL)
        return
    with pytest.raises(NeedsHuman) as raised:
        await opened.commit("form.submit", step="T2", about=about, via=Via.CANCEL)
    assert raised.value.code in (Code.OTHER_ORDER, Code.AMOUNT_DIFFERS)


# -- whole runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["box-back", "note-gone"])
async def test_a_form_that_takes_back_what_was_put_into_it_is_not_submitted(world: World, fault: str) -> None:
    # As it was: the order was cancelled and relisted, or went without its note.
    world.shop("hub", "ebay")
    world.store.faults.on(fault)
    outcome = await world.cancel("hub", world.order("hub", ORDER), note="as agreed")
    assert (outcome.state, outcome.submits) == (State.FAILED, 0), outcome
    assert world.store.truth() == []


@pytest.mark.parametrize(
    ("refund", "state"),
    [("stated", State.PENDING), ("part", State.NEEDS_HUMAN), ("unstated", State.NEEDS_HUMAN)],
)
async def test_a_refund_is_whole_or_a_persons(world: World, refund: Any, state: State) -> None:
    # As it was: part and unstated were submitted.
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(refund=refund))
    outcome = await world.cancel("dh", world.order("dh", "1330312162", controls="refund"))
    assert outcome.state is state, outcome
    assert len(world.store.truth()) == (state is State.PENDING)


@pytest.mark.long
async def test_a_relisting_that_the_form_does_not_offer_is_said(world: World) -> None:
    world.shop("hub", "ebay", layout=Layout(entry="resolve", menu="fake"))
    outcome = await world.cancel("hub", world.order("hub", ORDER), relist=True)
    assert outcome.state is State.CANCELLED, outcome
    assert "Relist item" in (outcome.detail or "")
