"""A reason is chosen by its whole label or its machine value, never by a word inside a label."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import NeedsHuman, Refused
from agent.domain.order import Reason, Role, State
from agent.page.clerk import Clerk
from agent.page.form import Form
from agent.profile.profile import load
from tests.consoles.layouts import Layout
from tests.pages import ClerkOn, element, pressed, tiny_profile, wish
from tests.test_profiles import override
from tests.world import World


def radios(*labels: str) -> str:
    """A form with these labels, each as it stands inside ``<label>``."""
    group = "".join(
        f"<label style='display:block'><input type=radio name=why value={n}>{label}</label>"
        for n, label in enumerate(labels)
    )
    return f"<form><p>1330312162</p>{group}<textarea></textarea><button type=button>提交</button></form>"


async def chosen(clerk: Clerk, reason: str) -> str:
    opened = await Form.opened(clerk)
    await opened.choose(wish(reason))
    return opened.reason_label


MISLEADING = {
    "agreed-with-buyer": "未与买家协商一致",
    "buyer-asked": "买家要求修改地址",
    "out-of-stock": "非缺货原因",
    "address-issue": "其他（地址以外的原因）",
    "unpaid": "买家未付款以外的原因",
}


@pytest.mark.parametrize(("reason", "label"), MISLEADING.items())
async def test_a_label_that_only_contains_the_word_is_refused(
    clerk_on: ClerkOn, reason: str, label: str
) -> None:
    # As it was: each of these was chosen.
    clerk = await clerk_on(radios(label, "其它"), load("dhgate"))
    with pytest.raises(Refused) as refused:
        await chosen(clerk, reason)
    assert refused.value.offered == (label, "其它")
    assert list(tomllib.loads(refused.value.mend)["reason"]["seller"]) == [reason]
    assert await pressed(clerk) == []


@pytest.mark.parametrize(
    "label",
    [
        "缺货 <small>商品已售完，无法发货</small>",
        "<b>缺货</b><p>商品已售完</p>",
        "<span>缺货</span><div class=hint>非卖家原因</div>",
        "<div>商品缺货</div><div>无法发货</div>",
        "库存不足",
        " 断 货 ",
    ],
)
async def test_an_explanation_set_apart_is_no_part_of_the_label(clerk_on: ClerkOn, label: str) -> None:
    clerk = await clerk_on(radios("买家要求取消", label, "其他"), load("dhgate"))
    assert await chosen(clerk, "out-of-stock")
    assert await clerk.page.evaluate("document.querySelector('input:checked').value") == "1"


@pytest.mark.parametrize(
    "label",
    [
        "<b>非</b>缺货",
        "缺货<b>以外的原因</b>",
        "缺货<br>以外的原因",
        "<span>缺货</span><span>除外</span>",
        "<p>非</p>缺货",
        "缺货<small>（</small>除外",
    ],
)
async def test_what_stands_in_the_same_line_belongs_to_the_label(clerk_on: ClerkOn, label: str) -> None:
    clerk = await clerk_on(radios("买家要求取消", label), load("dhgate"))
    with pytest.raises(Refused):
        await chosen(clerk, "out-of-stock")
    assert await pressed(clerk) == []


async def test_a_label_of_one_reason_with_the_value_of_another_is_a_persons(clerk_on: ClerkOn) -> None:
    page = radios("Buyer asked to cancel", "Out of stock").replace("value=1", "value=BUYER_ASKED_CANCEL")
    clerk = await clerk_on(page.replace("<form>", "<form action=/Cancel>"), load("ebay"))
    with pytest.raises(NeedsHuman, match="machine value"):
        await chosen(clerk, "out-of-stock")
    assert await pressed(clerk) == []


CUSTOM = """<form><p>12-34567-89012</p><div role=radiogroup>
<div role=radio {told} onclick="this.setAttribute('{how}', 'true')">Buyer asked</div>
<div role=radio {told}>Other</div></div><textarea></textarea><button type=button>Submit</button></form>"""


async def test_a_drawn_choice_counts_where_aria_tells_its_state(clerk_on: ClerkOn) -> None:
    profile = tiny_profile(form__scope=element("form"))
    clerk = await clerk_on(CUSTOM.format(told="aria-checked=false", how="aria-checked"), profile)
    assert await chosen(clerk, "buyer-asked") == "Buyer asked"
    clerk = await clerk_on(CUSTOM.format(told="", how="class"), profile)
    with pytest.raises(NeedsHuman, match="does not tell"):
        await chosen(clerk, "buyer-asked")


def test_a_users_label_is_added_and_a_page_that_shows_it_is_read(tmp_path: Path) -> None:
    override(tmp_path, "dhgate", '[reason.seller.out-of-stock]\nnames.zh-CN = ["货卖完了"]\n')
    own = load("dhgate", tmp_path)
    assert own.canonical_reason(Role.SELLER, "货卖完了") is Reason.OUT_OF_STOCK
    assert own.canonical_reason(Role.SELLER, "缺货") is Reason.OUT_OF_STOCK
    assert own.reason[Role.SELLER][Reason.OUT_OF_STOCK].names["zh-CN"][0] == "缺货"
    assert own.canonical_reason(Role.SELLER, "非缺货原因") is None


async def test_a_misleading_label_ends_refused_with_what_was_offered(world: World) -> None:
    # As it was: 未与买家协商一致 was sent as agreed-with-buyer.
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(labels="misleading"))
    number = world.order("dh", "1330312162")
    outcome = await world.cancel("dh", number, "agreed-with-buyer")
    assert (outcome.state, outcome.submits) == (State.REFUSED, 0), outcome
    assert "未与买家协商一致" in (outcome.offered or ())
    assert world.store.truth() == []


@pytest.mark.long
@pytest.mark.parametrize("labels", ["explained", "other"])
@pytest.mark.parametrize("reason", ["radios", "covered"])
async def test_honest_labels_in_other_words_are_chosen(world: World, labels: Any, reason: Any) -> None:
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(labels=labels, reason=reason))
    wanted = [
        world.wanted("dh", world.order("dh", f"133031216{n}"), word)
        for n, word in enumerate(("buyer-asked", "out-of-stock", "address-issue", "agreed-with-buyer"))
    ]
    await world.run(*wanted)
    assert {c.order_no: c.reason for c in world.commits()} == {w.order_no: w.reason for w in wanted}
