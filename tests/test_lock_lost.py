"""A lock on a server that is lost in the middle of a submit: whoever had it presses nothing any more.

Real browser, real server; the server ends the lock's connection at a named point, as it does with a process
that was stopped for too long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from agent.domain.order import Role, State
from agent.engine.failpoints import Point
from agent.ledger.migrations import open_engine
from agent.ledger.store import Ledger, Row
from tests.consoles.layouts import Layout
from tests.postgres import own_database
from tests.test_right_order import session_of
from tests.world import World

NUMBER = "12-34567-89012"


@pytest.fixture
def database(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    with own_database(request.getfixturevalue("postgres_server")) as url:
        world.env["UNSELL_DATABASE_URL"] = url
        yield url


def hang_up(url: str) -> None:
    """The server ends every connection that holds an account's lock."""
    engine = open_engine(url, poolclass=sa.NullPool)
    with engine.begin() as db:
        ended = db.execute(
            sa.text(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                "WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND d.datname = current_database()"
            )
        ).all()
    assert len(ended) == 1, "one run holds one account"


def row_of(url: str) -> Row:
    with Ledger(url) as ledger:
        row = ledger.get("ebay", Role.SELLER, NUMBER)
    assert row is not None
    return row


@pytest.mark.long
@pytest.mark.parametrize(
    ("point", "layout", "submits"),
    [
        ("before-intent", Layout(), 1),
        ("after-intent", Layout(), 1),
        ("confirmation-open", Layout(confirm="page"), 1),
        ("confirmation-open", Layout(confirm="native"), 1),
    ],
    ids=["before the intent", "before the press", "before the page's yes", "before the yes to a dialog"],
)
async def test_nothing_is_pressed_once_the_lock_is_lost(
    world: World, database: str, monkeypatch: pytest.MonkeyPatch, point: Point, layout: Layout, submits: int
) -> None:
    # Broken on purpose: no look at the lock before the press, before the page's yes, before the dialog's yes;
    # an order's end that is written without the lock.
    world.shop("hub", "ebay", layout=layout)
    world.order("hub", NUMBER)
    passed: list[Point] = []

    def lose(at: Point) -> None:
        passed.append(at)
        if at == point and passed.count(at) == 1:
            hang_up(database)

    with monkeypatch.context() as patched:
        patched.setattr("agent.engine.submit.failpoint", lose)
        result = await world.run(world.wanted("hub", NUMBER))
    assert point in passed
    assert world.commits(NUMBER) == [], "nothing was pressed"
    assert result.busy == ["hub"], "whoever has the lock now decides"
    row = row_of(database)
    assert (row.state, row.doubt, row.submits) == (State.SUBMITTING, True, submits)

    [outcome] = (await world.run(world.wanted("hub", NUMBER))).outcomes
    assert (outcome.state, outcome.submits) == (State.CANCELLED, submits + 1), outcome.detail
    assert len(world.commits(NUMBER)) == 1


@pytest.mark.long
async def test_no_message_is_sent_once_the_lock_is_lost(
    world: World, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: no look at the lock between a message's intent and its click.
    world.shop("hub", "ebay")
    world.order("hub", NUMBER, buyer="buyer_jane")
    passed: list[Point] = []

    def lose(at: Point) -> None:
        passed.append(at)
        if at == "message-intended":
            hang_up(database)

    with monkeypatch.context() as patched:
        patched.setattr("agent.engine.submit.failpoint", lose)
        await world.run(world.wanted("hub", NUMBER, tell_buyer=True))
    assert "message-intended" in passed
    assert world.store.truth(NUMBER, "message") == [], "nothing was pressed"
    assert len(world.commits(NUMBER)) == 1
    with Ledger(database) as ledger:
        assert {m.state.value for m in ledger.outbox.of(row_of(database))} == {"doubt"}


@pytest.mark.long
async def test_every_tab_in_hand_is_closed_when_the_lock_is_lost(world: World) -> None:
    # As it was: the tab that the session began with alone, which a long run had replaced by then.
    world.shop("hub", "ebay")
    async with session_of(world, "hub") as session:
        tabs, context = session.clerk.tabs, session.clerk.page.context
        await tabs.fresh()
        async with context.expect_page():
            await tabs.page.evaluate("() => { window.open('about:blank') }")
        assert len(context.pages) == 2
        closed = [one.wait_for_event("close", timeout=5000) for one in context.pages]
        for tell in session.lock.when_lost:
            tell()
        await asyncio.gather(*closed)
        assert context.pages == []
