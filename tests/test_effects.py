"""Any sign that a submit had an effect rules out "nothing was received": no second press without a person."""

from __future__ import annotations

import pytest

from agent.domain.codes import Code
from agent.domain.errors import UsageError
from agent.domain.order import Outcome, Role, State
from agent.ledger.store import Ledger, Row
from tests.consoles import dhgate
from tests.consoles.layouts import Layout
from tests.world import World

NO = "1330312162"
pytestmark = pytest.mark.timeout(300)


def row_of(world: World, order_no: str = NO) -> Row:
    with Ledger(world.settings.database) as ledger:
        row = ledger.get("dhgate" if "-" not in order_no else "ebay", Role.SELLER, order_no)
    assert row is not None
    return row


def shop(world: World, **layout: object) -> None:
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(form="dialog").but(**layout))
    world.order("dh", NO)


def code_of(world: World, order_no: str = NO) -> str:
    """The word for the detail that the order ended with last."""
    return str(row_of(world, order_no).code)


async def twice(world: World) -> list[Outcome]:
    """Two unattended runs, one after the other: each may press once at most."""
    return [await world.cancel("dh", NO), await world.cancel("dh", NO)]


def assert_a_persons(world: World, outcomes: list[Outcome], code: Code) -> None:
    told = [(o.state, o.submits) for o in outcomes]
    assert told == [(State.NEEDS_HUMAN, 1)] * len(outcomes), outcomes
    assert code_of(world) == code.value, outcomes


async def test_a_partial_refund_is_not_made_twice(world: World) -> None:
    """The order is still to be shipped, in other words than before."""
    # As it was: 部分退款后，等待发货 counted as "no cancellation", and the money went out twice.
    shop(world)
    world.store.faults.on("part-refund", NO)
    world.store.faults.on("error-after", NO)
    assert_a_persons(world, await twice(world), Code.NOT_AS_BEFORE)
    assert len(world.commits(NO)) == 1


@pytest.mark.long
async def test_a_partial_refund_that_is_shown_and_then_no_more_is_not_made_twice(world: World) -> None:
    """What one run saw, the next one knows, though all pages say by then what they said before the press."""
    # Broken on purpose: what a look shows not kept in the history.
    shop(world)
    world.store.faults.on("part-refund", NO)
    world.store.faults.on("error-after", NO)
    assert (await world.cancel("dh", NO)).state is State.NEEDS_HUMAN
    world.store.do("UPDATE orders SET status='to_ship' WHERE order_no=?", NO)
    assert_a_persons(world, await twice(world), Code.NOT_AS_BEFORE)
    assert len(world.commits(NO)) == 1


@pytest.mark.long
async def test_pending_seen_and_gone_again(world: World) -> None:
    """A page that takes back what it showed proves nothing, however often two pages agree."""
    # As it was: sync made it a person's, and the next unattended run pressed again.
    shop(world)
    world.store.faults.on("no-guard", NO)
    assert (await world.cancel("dh", NO)).state is State.PENDING
    dhgate.forget(world.store, NO)
    [outcome] = await world.sync()
    assert outcome.state is State.NEEDS_HUMAN, outcome
    assert_a_persons(world, await twice(world), Code.SEEN_AND_GONE)
    assert len(world.commits(NO)) == 1


@pytest.mark.long
async def test_the_forms_own_no_is_a_persons(world: World) -> None:
    """It says no after it acted, and no page shows what it did."""
    # As it was: needs_human, and the next unattended run pressed again.
    shop(world, answer="in-place")
    world.store.faults.on("says-no", NO)
    world.store.faults.on("no-guard", NO)
    world.store.faults.on("lag", NO, number=600.0)
    assert_a_persons(world, await twice(world), Code.THE_FORM_SAID_NO)
    assert len(world.commits(NO)) == 1


@pytest.mark.long
async def test_the_forms_own_done_is_a_persons(world: World) -> None:
    # As it was: two pages as before, and it was pressed again in the same run.
    shop(world)
    world.store.faults.on("lies", NO)
    assert_a_persons(world, await twice(world), Code.THE_FORM_SAID_DONE)


@pytest.mark.long
async def test_an_unlisted_question_is_a_persons(world: World) -> None:
    # As it was: the next unattended run opened the same question again.
    shop(world, confirm="native", asks="unlisted")
    assert_a_persons(world, await twice(world), Code.QUESTION_NOT_LISTED)


@pytest.mark.long
async def test_another_form_than_before_is_a_persons(world: World) -> None:
    """Nothing was received, but the form that is offered now has other reasons."""
    # As it was: the other form was filled and pressed.
    shop(world)
    world.store.faults.on("error-before", NO, word="503", most=1)
    assert (await world.cancel("dh", NO, settle=False)).state is State.SUBMITTING
    world.store.do("UPDATE orders SET reasons='buyer-asked,other' WHERE order_no=?", NO)
    assert_a_persons(world, await twice(world), Code.FORM_NOT_AS_BEFORE)
    assert world.commits(NO) == []


@pytest.mark.long
@pytest.mark.parametrize("status", ["503", "429"])
@pytest.mark.parametrize("answer", ["navigate", "in-place"])
async def test_a_failure_text_after_no_answer_is_no_answer(world: World, status: str, answer: str) -> None:
    # As it was: the text that the page's script shows after a 503 counted as the form's own no.
    shop(world, answer=answer)
    world.store.faults.on("error-before", NO, word=status, most=1)
    outcome = await world.cancel("dh", NO)
    assert (outcome.state, outcome.submits, len(world.commits(NO))) == (State.PENDING, 2, 1), outcome


@pytest.mark.long
async def test_a_person_gives_leave_and_it_is_kept(world: World) -> None:
    """Shown what was seen; who and what is in the ledger; one order, at a terminal."""
    # As it was: --submit-again helped after two submits alone, nobody was asked and nothing was kept.
    shop(world)
    world.store.faults.on("lies", NO, most=1)
    outcome = await world.cancel("dh", NO)
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 1), outcome
    world.voice.asks = False
    with pytest.raises(UsageError, match="terminal"):
        await world.cancel("dh", NO, submit_again=True)
    world.voice.asks = True
    with pytest.raises(UsageError, match="one order"):
        await world.run(
            world.wanted("dh", NO), world.wanted("dh", world.order("dh", "1330312172")), submit_again=True
        )
    outcome = await world.cancel("dh", NO, submit_again=True)
    assert (outcome.state, outcome.submits, len(world.commits(NO))) == (State.PENDING, 2, 1), outcome
    with Ledger(world.settings.database) as ledger:
        [leave] = [e for e in ledger.events(row_of(world)) if e.kind == "leave"]
    assert leave.detail["by"] == "tester"
    assert "等待发货" in " ".join(leave.detail["seen"])
    assert any("等待发货" in line for line in world.voice.must_see)


@pytest.mark.long
async def test_a_console_that_names_nobody_is_pending(world: World) -> None:
    """Both pages show an open request that was not there before, and no request of the buyer is listed."""
    # As it was: every order ended with a person, and a batch stopped after two.
    shop(world, states="other", names_asker=False)
    other = world.order("dh", "1330312172")
    dhgate.buyer_asks(world.store, world.order("dh", "1330312182"))
    for number in (NO, other):
        outcome = await world.cancel("dh", number)
        assert (outcome.state, outcome.submits) == (State.PENDING, 1), outcome
        assert code_of(world, number) == Code.ASKER_UNKNOWN.value
        assert "names nobody" in (outcome.detail or "")
    found = {o.order_no: o for o in await world.sync()}
    assert {o.state for o in found.values()} == {State.PENDING}, found
    assert {code_of(world, number) for number in found} == {Code.ASKER_UNKNOWN.value}
    dhgate.decide(world.store, NO, True)
    dhgate.decide(world.store, other, False, "原因不符")
    found = {o.order_no: o for o in await world.sync()}
    assert (found[NO].state, found[other].state) == (State.CANCELLED, State.DECLINED), found


@pytest.mark.long
async def test_an_ebay_console_that_names_nobody_and_a_buyer_who_asks(world: World) -> None:
    """What the pages leave open, the list of requests says: this one waits for us, and is no sign of ours."""
    # As it was: "cancellation requested" was the buyer's by its words alone.
    world.shop("hub", "ebay", layout=Layout(names_asker=False))
    number = world.order("hub", "12-34567-89012")
    world.store.faults.on("other-asks", number, most=1)
    outcome = await world.cancel("hub", number)
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 1), outcome
    assert world.commits(number) == []
