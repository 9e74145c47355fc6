"""Whole runs with the ledger in PostgreSQL: every command once, as a user starts it. One day of one shop."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.ledger.store import Ledger
from tests.consoles import dhgate
from tests.consoles.dhgate.review import buyer_asks
from tests.postgres import own_database
from tests.world import World

TYPED, SHEET, ASKED = "1330312162", ("1330312173", "1330312184"), "1330312195"


@pytest.fixture
def database(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    """A fresh database, and the world's program pointed at it by UNSELL_DATABASE_URL alone."""
    with own_database(request.getfixturevalue("postgres_server")) as url:
        world.env["UNSELL_DATABASE_URL"] = url
        yield url


def printed(world: World, *words: str, check: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in world.cli(*words, check=check).stdout.splitlines()]


def states(found: list[dict[str, Any]]) -> dict[str, str]:
    return {one["order_no"]: one["state"] for one in found}


def test_every_command_once(world: World, database: str) -> None:
    # Broken on purpose: _tell_postgres left out its commit; `insert` of SQLite in _find_or_create.
    world.shop("dh", "dhgate", language="zh-CN")
    for number in (TYPED, *SHEET, ASKED):
        world.order("dh", number)
    buyer_asks(world.store, ASKED)

    [asked] = printed(world, "requests", "--account", "dh", "--json")
    assert asked["order_no"] == ASKED
    typed = ("--account", "dh", "--reason", "buyer-asked", "--yes", "--json")
    assert states(printed(world, "cancel", TYPED, *typed)) == {TYPED: "pending"}
    _write(world.home / "sheet.csv", [("dh", number, "缺货") for number in SHEET])
    ran = printed(world, "run", "sheet.csv", "--yes", "--json")
    assert states(ran) == dict.fromkeys(SHEET, "pending")
    answered = printed(world, "answer", ASKED, "--account", "dh", "--accept", "--yes", "--json")
    assert states(answered) == {ASKED: "pending"}, "the buyer's money is on its way"

    dhgate.decide(world.store, TYPED, True)
    dhgate.decide(world.store, SHEET[0], False, "原因不符")
    after = {TYPED: "cancelled", SHEET[0]: "declined", SHEET[1]: "pending", ASKED: "pending"}
    assert states(printed(world, "sync", "--json", check=3)) == after
    assert states(printed(world, "status", "--json")) == after
    assert states(printed(world, "run", "sheet.csv", "--yes", "--json", check=3)) == {
        SHEET[0]: "declined", SHEET[1]: "pending",
    }  # fmt: skip
    report = Path(world.cli("report", check=0).stdout.strip()).read_text(encoding="utf-8")
    assert all(number in report for number in (TYPED, *SHEET, ASKED))

    assert sorted(t.order_no for t in world.store.truth()) == sorted((TYPED, *SHEET, ASKED)), "once each"
    with Ledger(database) as ledger:
        assert {row.submits for row in ledger.find()} == {1}
    assert not list(world.home.rglob("ledger.sqlite3")), "nothing was kept in a file beside it"


@pytest.mark.long
def test_a_killed_run_goes_on_from_the_servers_ledger(world: World, database: str) -> None:
    # Broken on purpose: `Doubt` that takes an order in doubt for a queued one.
    world.shop("hub", "ebay")
    number = world.order("hub", "12-34567-89012")
    words = ("cancel", number, "--account", "hub", "--reason", "buyer-asked", "--yes", "--json")
    world.cli(*words, check=-9, PRACTICE_CRASH_AT="clicked:1")
    [found] = printed(world, *words)
    assert (found["state"], found["submits"]) == ("cancelled", 1)
    assert len(world.commits(number)) == 1


def _write(file: Path, rows: list[tuple[str, str, str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([("account", "order_no", "reason"), *rows])
