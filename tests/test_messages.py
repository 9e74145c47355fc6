"""Telling the buyer: each message at most once, the right buyer or nobody; judged by the consoles' own log."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.errors import AccountBusy, UsageError
from agent.ledger import Ledger
from agent.letters import VARIABLES, Letters
from agent.messages import check_letters
from agent.order import NOT_BY_US, Action, MessageKind, MessageState, Reason, State, WaitsFor
from agent.outbox import MOST_TRIES, owed
from agent.profile import load, platforms
from tests.consoles.dhgate.review import decide
from tests.consoles.ebay.orders import ask_as_buyer
from tests.consoles.layouts import Layout
from tests.consoles.store import Truth
from tests.ledgers import WANTED
from tests.world import World, manifest

EBAY = [f"12-34567-8901{n}" for n in range(2, 8)]
DHGATE = [f"133031216{n}" for n in range(2, 6)]
EACH = pytest.mark.parametrize("platform", ["ebay", "dhgate"])


def told(world: World, order_no: str | None = None) -> list[Truth]:
    """What the consoles really received for buyers."""
    return world.store.truth(order_no, "message")


def stands(world: World, order_no: str) -> dict[str, str]:
    """The order's messages as the ledger has them: kind and state."""
    with Ledger(world.settings.database) as ledger:
        [row] = ledger.find(order_no)
        return {m.kind.value: m.state.value for m in ledger.outbox.of(row)}


def own_template(world: World, name: str, text: str) -> Path:
    file = world.home / "messages" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


# -- at the consoles ------------------------------------------------------------------------------------


async def test_a_dhgate_buyer_is_told_twice_in_all_however_often_one_runs(world: World) -> None:
    world.shop("dh", "dhgate", language="zh-CN", TITLE="Golden River")
    number = world.order("dh", DHGATE[0], title="Steel watch, see www.example.com")
    ask = {"reason": "out-of-stock", "tell_buyer": True}
    assert (await world.cancel("dh", number, dry_run=True, **ask)).state is State.REHEARSED
    assert told(world) == []
    assert any("nothing is sent" in said and "Steel watch" in said for said in world.voice.said)
    for _ in range(2):
        pending = await world.cancel("dh", number, **ask)
        assert (pending.state, pending.submits) == (State.PENDING, 1), pending
    [first] = told(world)
    assert (first.order_no, first.extra["title"], first.extra["how"]) == (number, f"PO#{number}", "send")
    assert first.extra["to"] == "buyer_jane"
    for words in ("out of stock", "DHgate reviews the request", "Steel watch", "Golden River"):
        assert words in first.note, first.note
    assert "www" not in first.note
    decide(world.store, number, approve=True)
    for _ in range(2):
        await world.sync()
    again = await world.cancel("dh", number, **ask)
    assert again.state is State.CANCELLED
    verdict = told(world)[1:]
    assert [(t.order_no, t.extra["how"]) for t in verdict] == [(number, "reply")]
    assert "has been cancelled" in verdict[0].note
    assert stands(world, number) == {"submitted": "sent", "verdict": "sent"}
    assert len(world.commits(number)) == 1
