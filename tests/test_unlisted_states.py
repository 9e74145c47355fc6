"""A state that nobody listed: no bar to a first submit, but a person has to see it; never a "none"."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from agent.domain.codes import Code
from agent.domain.order import State
from agent.domain.seal import seal_of
from tests.consoles import ebay
from tests.consoles.layouts import Layout
from tests.world import World

NO = "1330312162"
pytestmark = pytest.mark.timeout(300)


def shop(world: World) -> None:
    world.shop("dh", "dhgate", language="zh-CN", layout=Layout(form="dialog", states="unlisted"))
    world.order("dh", NO)


async def test_without_a_terminal_it_is_a_persons_and_the_entry_is_said(world: World) -> None:
    # As it was: needs_human at a terminal, too, and nothing said what would help.
    shop(world)
    done = world.cli("cancel", NO, "--account", "dh", "--reason", "buyer-asked", "--yes", "--json", check=4)
    told = json.loads(done.stdout)
    assert (told["state"], told["code"]) == ("needs_human", Code.STATE_NOT_RECOGNISED.value), told
    assert world.store.truth() == []
    assert 'words = ["商家备货阶段"]' in done.stderr


@pytest.mark.long
async def test_at_a_terminal_it_is_shown_and_may_be_submitted_once(world: World) -> None:
    shop(world)
    world.store.faults.on("error-before", NO, word="503")
    outcome = await world.cancel("dh", NO)
    assert any("商家备货阶段" in line for line in world.voice.must_see)
    # Its own words again are no "no cancellation".
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 1), outcome


@pytest.mark.long
async def test_an_approval_that_showed_it_lets_it_through(world: World) -> None:
    shop(world)
    world.voice.asks = False
    approved = world.wanted("dh", NO, expect_total=Decimal("41.20"))
    sealed: dict[str, Any] = {
        "expect_total": Decimal("41.20"),
        "approved_by": f"boss #{seal_of(approved, approved.expected)}",
    }
    outcome = await world.cancel("dh", NO, **sealed)
    assert (outcome.state, outcome.code) == (State.NEEDS_HUMAN, Code.STATE_NOT_RECOGNISED), outcome
    outcome = await world.cancel("dh", NO, dry_run=True)
    assert outcome.state is State.REHEARSED
    assert "商家备货阶段" in (outcome.detail or "")
    outcome = await world.cancel("dh", NO, **sealed)
    assert (outcome.state, len(world.commits(NO))) == (State.PENDING, 1), outcome


@pytest.mark.long
async def test_a_buyers_request_with_a_date_in_it_is_no_order_to_be_shipped(world: World) -> None:
    # As it was: 请于11月30日前回复买家的取消申请 began with 请于, like an order that is to be shipped.
    world.shop("hub", "ebay", language="zh-CN", layout=Layout(states="dated"))
    number = world.order("hub", "12-34567-89012")
    ebay.ask_as_buyer(world.store, number)
    outcome = await world.cancel("hub", number)
    assert (outcome.state, outcome.submits) == (State.NEEDS_HUMAN, 0), outcome
    assert "unsell answer" in (outcome.detail or "")
    assert world.store.truth() == []
