"""What the site asks after the submit gets a yes by its whole text, on the very element that was read."""

from __future__ import annotations

import tomllib
from types import SimpleNamespace
from typing import Any

import pytest

from agent.browser.press_guard import Press
from agent.domain.order import Action, State
from agent.page.confirmation import WeighedQuestion, asked_first, held, mend, weigh
from agent.profile.profile import Profile, load
from tests.consoles.layouts import Layout
from tests.consoles.questions import asked
from tests.pages import ORDER, ClerkOn, found_order
from tests.test_profiles import override, refusal
from tests.world import World

TITLE = "Vintage film camera 35mm"
DHGATE = "1330312162"


def commit(order_no: str = ORDER, action: Action = Action.CANCEL, **more: Any) -> Any:
    order = found_order(
        order_no=order_no, total="US $41.20", items=(TITLE,), buyer="Jane Doe buyer_jane", **more
    )
    return SimpleNamespace(order=order, action=action, reason_label="Buyer asked to cancel")


def text_of(kind: str) -> str:
    row = {"order_no": ORDER, "total": "41.20", "title": TITLE}
    return "\n".join(asked(kind, row))


def weighed(profile: Profile, about: Any, text: str) -> WeighedQuestion:
    return weigh(profile, about.order, about.action, text, reason=about.reason_label)


def says_yes(platform: str, text: str, order_no: str = ORDER) -> bool:
    return weighed(load(platform), commit(order_no), text).listed


# -- the whole text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["about", "goods"])
def test_honest_questions_in_other_words_get_a_yes(kind: str) -> None:
    assert says_yes("ebay", text_of(kind))


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        (
            "ebay",
            "Cancel this order?\nAre you sure you want to cancel order 12-34567-89012? This can't be undone.",
        ),
        ("ebay", "Are you sure you want to cancel this order?"),
        (
            "ebay",
            "Möchten Sie diese Bestellung wirklich stornieren?\nDies kann nicht rückgängig gemacht werden.",
        ),
        ("ebay", "确定要取消此订单吗？此操作不可撤销。"),
        ("ebay", "確定要取消訂單 12-34567-89012 嗎？此操作無法復原。"),
        ("ebay", "Cancel order 12-34567-89012\nJane Doe buyer_jane will be refunded US $41.20."),
        ("ebay", "Do you want to cancel this order?\nReason: Buyer asked to cancel\nRefund: US $41.20"),
        ("dhgate", "确定要取消订单 1330312162 吗？提交后不能撤回。"),
        ("dhgate", "操作确认 \n 您确定要取消这个订单吗？此操作不可撤销。全额款项将退回买家。"),
        ("dhgate", "是否取消该订单"),
        ("dhgate", "确认取消并为该订单申请退款吗？"),
    ],
)
def test_listed_as_a_whole(platform: str, text: str) -> None:
    assert says_yes(platform, text, DHGATE if platform == "dhgate" else ORDER)


@pytest.mark.parametrize("kind", ["unlisted", "request", "all", "neighbour", "keeps", "part", "new"])
def test_what_contains_a_listed_question_gets_no_yes(kind: str) -> None:
    # As it was: containing one listed question was enough for request, all, keeps and part.
    assert not says_yes("ebay", text_of(kind))


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("dhgate", "确定要取消订单的退款申请吗？"),
        ("dhgate", "确定要取消该买家的全部订单吗？"),
        ("dhgate", "确定要取消订单 1330312162 和 1330312163 吗？"),
        ("dhgate", "确定不取消订单吗？"),
        ("dhgate", "确定要取消吗？"),
        ("ebay", "Cancel this order?\nIt will be relisted."),
        ("ebay", "Are you sure you want to cancel this order? Are you sure you want to cancel this sale?"),
        ("ebay", "This can't be undone."),
        ("ebay", "Are you sure you want to cancel this order and 4 more?"),
        ("ebay", ""),
    ],
)
def test_no_yes(platform: str, text: str) -> None:
    assert not says_yes(platform, text, DHGATE if platform == "dhgate" else ORDER)


def test_an_answer_has_questions_of_its_own() -> None:
    says = (
        "Accept the cancellation?\nAre you sure you want to accept the cancellation of order 12-34567-89012?"
    )
    listed = {a: weighed(load("ebay"), commit(action=a), says).listed for a in Action}
    assert listed == {Action.CANCEL: False, Action.ACCEPT: True, Action.DECLINE: False}


# -- the entry that would list it ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unlisted", "request", "all", "all-zh", "request-zh", "neighbour", "part"])
def test_no_entry_is_offered_for_what_is_not_about_one_order(kind: str) -> None:
    done = commit()
    assert mend(done.action, weighed(load("ebay"), done, text_of(kind))) == ""


def test_the_entry_offered_lets_the_next_run_say_yes(tmp_path: Any) -> None:
    done, text = commit(), text_of("new") + " Shall the order go?"
    entry = mend(done.action, weighed(load("ebay"), done, text))
    assert tomllib.loads(entry) == {
        "remarks": ["Order {order_no} leaves your shop's ranking.", "Shall the order go?"]
    }
    override(tmp_path, "ebay", entry)
    own: Profile = load("ebay", tmp_path)
    assert weighed(own, done, text).listed
    assert weighed(own, done, text_of("about")).listed, "what was listed before still is"


def test_an_unknown_hole_is_told(tmp_path: Any) -> None:
    override(tmp_path, "ebay", 'confirmations = ["Cancel {order}?"]\n')
    assert "{order}" in refusal(tmp_path, "ebay")


# -- the element ---------------------------------------------------------------------------------------

BOX = (
    "<div role=dialog id=box><h2>Cancel this order?</h2><p>{text}</p>{more}"
    "<button>No</button> <button>Yes</button></div>"
)


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ("<p style='display:none'>All of them.</p>", False),
        ("<p>All of <b>them</b>.</p>", True),
        ("<a href='#'>and all others</a>", True),
        ("<style>#x::after { content: ' and all others' }</style><i id=x></i>", True),
        ("<iframe></iframe>", True),
        ("<input type=text value='all'>", True),
        ("<span aria-hidden=true>×</span>", False),
    ],
)
async def test_all_that_is_seen_is_read(clerk_on: ClerkOn, more: str, seen: bool) -> None:
    clerk = await clerk_on(BOX.format(text="This can't be undone.", more=more), load("ebay"))
    element = await clerk.page.query_selector("#box")
    assert element
    dialog = await held(clerk, element)
    assert dialog.answerable
    assert weighed(clerk.profile, commit(), dialog.text).listed != seen, dialog.text
    assert await dialog.again(clerk)
    await clerk.page.evaluate("document.querySelector('#box p').textContent = 'Cancel ALL open orders?'")
    assert not await dialog.again(clerk)


# -- whole runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("confirm", ["page", "native"])
async def test_a_question_about_all_orders_gets_no_yes(world: World, confirm: Any) -> None:
    # As it was: a yes to "cancel all 5 orders of this buyer", in the page and by window.confirm.
    world.shop("hub", "ebay", layout=Layout(confirm=confirm, asks="all"))
    outcome = await world.cancel("hub", world.order("hub", ORDER))
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 1), outcome
    assert "all 5 orders of this buyer" in (outcome.detail or "")
    assert world.store.truth() == []


async def test_a_question_that_gives_way_to_another_is_not_pressed(world: World) -> None:
    # As it was: the live locator waited, found the new dialog's Continue, and cancelled both orders.
    world.shop("hub", "ebay", layout=Layout(confirm="page"))
    numbers = [world.order("hub", ORDER), world.order("hub", "12-34567-89013")]
    world.store.faults.on("question-replaced")
    outcome = await world.cancel("hub", numbers[0])
    assert world.store.truth() == []
    assert outcome.state is State.NEEDS_HUMAN, outcome
    assert "changed while it was answered" in (outcome.detail or ""), "it had given way before it was read"


@pytest.mark.long
@pytest.mark.parametrize("asks", ["about", "goods", "honest-zh"])
@pytest.mark.parametrize("confirm", ["page", "native"])
async def test_honest_questions_are_answered(world: World, asks: str, confirm: Any) -> None:
    world.shop("hub", "ebay", layout=Layout(confirm=confirm, asks=asks, form="dialog"))
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(confirm=confirm, asks="honest-zh"))
    wanted = [world.wanted("hub", world.order("hub", ORDER)), world.wanted("dh", world.order("dh", DHGATE))]
    outcomes = (await world.run(*wanted)).outcomes
    assert {o.submits for o in outcomes} == {1}
    assert len(world.commits()) == 2, [o.detail for o in outcomes]


@pytest.mark.long
@pytest.mark.parametrize("asks", ["request", "all", "neighbour", "keeps", "part", "unlisted"])
async def test_misleading_questions_are_left_alone(world: World, asks: str) -> None:
    layout = Layout(confirm="page", asks=asks, form="dialog", answer="in-place")
    world.shop("hub", "ebay", layout=layout)
    world.shop("dh", "dhgate", language="zh-CN", layout=layout)
    wanted = [world.wanted("hub", world.order("hub", ORDER)), world.wanted("dh", world.order("dh", DHGATE))]
    outcomes = (await world.run(*wanted)).outcomes
    assert {(o.state, o.submits) for o in outcomes} == {(State.NEEDS_HUMAN, 1)}, outcomes
    assert world.store.truth() == []


# -- before the form -----------------------------------------------------------------------------------

FIRST = "<button onclick=\"if (confirm('{text}')) document.title = 'goes on'\">Cancel order</button>"


@pytest.mark.parametrize("text", ["Are you sure you want to cancel this order?", "Cancel all open orders?"])
async def test_what_is_asked_before_the_form_gets_a_no(clerk_on: ClerkOn, text: str) -> None:
    # As it was: a listed question got its yes, in a dry run too, and the page behind it may cancel by itself.
    clerk = await clerk_on(FIRST.format(text=text), load("ebay"))
    clerk.press = press = Press(clerk.profile)
    async with asked_first(clerk):
        await clerk.page.click("button")
    assert await clerk.page.title() != "goes on"
    assert text in str(press.asked)
