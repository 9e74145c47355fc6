"""The first submit of an account on the real sites is watched: at a terminal, and read back before the next.

No test reaches the real sites: the runner is told by its constructor to take the practice consoles for them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.cli.terminal import Terminal, exit_code
from agent.domain.codes import ClosedBy, Code
from agent.domain.order import Cancellation, Commit, Order, SiteReading, State, Verdict
from agent.engine.first_submit import FirstSubmit
from agent.engine.order_run import Options
from agent.engine.runner import Result, Runner
from agent.ledger.store import Ledger
from agent.settings.settings import Settings
from tests.ledgers import WANTED, in_state
from tests.world import World

EBAY = ["12-34567-89012", "12-34567-89013", "12-34567-89014"]


async def run_as_real(world: World, *wanted: Cancellation, **options: Any) -> Result:
    with Ledger(world.settings.database) as ledger:
        runner = Runner(world.settings, ledger, Options(**options), world.voice, asyncio.Event(), real=True)
        return await runner.run(wanted)


def hub_orders(world: World) -> list[Cancellation]:
    world.shop("hub", "ebay")
    return [world.wanted("hub", world.order("hub", number)) for number in EBAY]


async def test_without_a_terminal_the_first_submit_is_a_persons(world: World) -> None:
    # Broken on purpose: `asks` not looked at in Runner._approve; watch.stop_for not called.
    wanted = hub_orders(world)
    world.voice.asks = False  # a schedule: no terminal, and --yes, which the voice answers with
    result = await run_as_real(world, *wanted)
    assert world.commits() == []
    assert [one.state for one in result.outcomes] == [State.NEEDS_HUMAN, State.QUEUED, State.QUEUED]
    assert {one.code for one in result.outcomes} == {Code.FIRST_SUBMIT}
    assert "UNSELL_ACCOUNTS__HUB__PROVEN=true" in (result.outcomes[0].detail or "")
    assert exit_code(result.outcomes, busy=False) == 4
    assert world.voice.asked == []


async def test_at_a_terminal_the_run_goes_on_once_the_first_is_read_back(world: World) -> None:
    result = await run_as_real(world, *hub_orders(world))
    assert [one.state for one in result.outcomes] == [State.CANCELLED] * 3
    assert len(world.commits()) == 3


async def test_the_run_stops_after_the_first_that_is_not_read_back(world: World) -> None:
    # Broken on purpose: `is_next` not asked again after the submit.
    wanted = hub_orders(world)
    world.store.faults.on("lag", EBAY[0], number=60)
    result = await run_as_real(world, *wanted, settle=False)
    assert [commit.order_no for commit in world.commits()] == [EBAY[0]]
    assert [one.state for one in result.outcomes] == [State.SUBMITTING, State.QUEUED, State.QUEUED]
    assert result.outcomes[1].code == Code.FIRST_SUBMIT
    assert any("not shown there as cancelled or pending yet" in said for said in world.voice.said)


async def test_a_dry_run_needs_nobody(world: World) -> None:
    wanted = hub_orders(world)
    world.voice.asks = False
    result = await run_as_real(world, *wanted, dry_run=True)
    assert {one.state for one in result.outcomes} == {State.REHEARSED}


def test_what_lets_an_account_past_it(ledger: Ledger, tmp_path: Any) -> None:
    # Broken on purpose: `made` not asked; `proven` or the smoke order not looked at; the account left out.
    shop: dict[str, Any] = {"platform": WANTED.platform, "role": "seller", "site": "ebay.com"}
    settings = Settings(home=tmp_path, accounts={"shop1": cast("Any", shop), "shop2": cast("Any", shop)})

    def watched(**more: Any) -> bool:
        rule = {"settings": settings, "real": True, "environ": {}, **more}
        return FirstSubmit(rule.pop("settings"), ledger, **rule).is_next(WANTED)

    assert watched()
    assert not watched(real=False)
    proven = {"shop1": cast("Any", {**shop, "proven": True})}
    assert not watched(settings=Settings(home=tmp_path, accounts=proven))
    assert not watched(environ={"UNSELL_SMOKE_ORDER_SHOP1": WANTED.order_no})
    assert watched(
        environ={"UNSELL_SMOKE_ORDER_SHOP1": "another", "UNSELL_SMOKE_ORDER_SHOP2": WANTED.order_no}
    )
    for number, state in enumerate((State.SUBMITTING, State.DECLINED, State.NEEDS_HUMAN, State.REHEARSED)):
        in_state(ledger, state, f"1{number}")
    ledger.settle(ledger.take(replace(WANTED, order_no="2")), State.CANCELLED, code=Code.ALREADY_CANCELLED)
    others = ledger.intend(ledger.take(replace(WANTED, order_no="3")), worker="w")
    ledger.settle(others, State.CANCELLED, closed_by=ClosedBy.OTHER)
    second = ledger.intend(ledger.take(replace(WANTED, order_no="4", account="shop2")), worker="w")
    ledger.settle(second, State.CANCELLED, closed_by=ClosedBy.US)
    assert watched(), "none of these is a submit of this account that the site shows"
    in_state(ledger, State.PENDING, "5")
    assert watched(), "from before practice had a ledger of its own"
    row = ledger.intend(ledger.take(replace(WANTED, order_no="6")), worker="w")
    ledger.settle(row, State.PENDING, closed_by=ClosedBy.UNKNOWN)
    assert not watched()


@pytest.mark.parametrize(("typed", "who"), [("y", True), ("", False)])
async def test_yes_for_all_does_not_answer_for_the_first(
    typed: str, who: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: `and not commit.first` left out.
    voice = Terminal(yes=True, json_lines=False, quiet=False, call=lambda _: None)
    voice.asks = True
    asked: list[str] = []

    async def ask(question: str, _prompt: str) -> str:
        asked.append(question)
        return typed

    monkeypatch.setattr(voice, "_ask", ask)
    order = Order(order_no="1", status="", reading=SiteReading(verdict=Verdict.NONE, view="list"), pages=())
    commit = cast(
        "Commit",
        SimpleNamespace(
            first=False,
            must_see=(),
            order=order,
            reason_label="",
            label="",
            against=None,
            overridden=False,
            element="",
        ),
    )
    assert await voice.approve(WANTED, commit)
    assert asked == []
    commit.first = True
    assert bool(await voice.approve(WANTED, commit)) is who
    assert "the first submit of this account on the real site" in asked[0]
