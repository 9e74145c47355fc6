"""``unsell run FILE --enqueue`` and ``unsell worker``, as a user types them, on a real PostgreSQL."""

from __future__ import annotations

import csv
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.pointers import proof_of
from agent.domain.order import Outcome, State
from agent.ledger.jobs import HeldFor
from agent.ledger.store import Ledger
from tests.postgres import own_database
from tests.world import World

FIRST, SECOND, THIRD = "12-34567-80001", "12-34567-80002", "12-34567-80003"


@pytest.fixture
def database(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    with own_database(request.getfixturevalue("postgres_server")) as url:
        world.env["UNSELL_DATABASE_URL"] = url
        yield url


def write(world: World, *rows: tuple[str, ...]) -> None:
    with (world.home / "sheet.csv").open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(("account", "order_no", "reason", "approved_by"))
        lines.writerows(rows)


def open_orders(url: str) -> list[str]:
    with Ledger(url) as ledger:
        return [ledger.by_id(job.order_id).order_no for job in ledger.jobs.open() if job.order_id]


def test_what_cannot_be_is_a_usage_error(world: World) -> None:
    world.shop("hub", "ebay")
    write(world, ("hub", FIRST, "buyer-asked", ""))
    for words in (("worker",), ("worker", "--status"), ("run", "sheet.csv", "--enqueue", "--yes")):
        assert "UNSELL_DATABASE_URL" in world.cli(*words, check=2).stderr


@pytest.mark.long
def test_only_what_was_approved_is_handed_over_and_no_more_than_the_cap(world: World, database: str) -> None:
    # Broken on purpose: `may` always true; the cap not counted.
    world.shop("hub", "ebay")
    write(world, ("hub", FIRST, "buyer-asked", "Li"), ("hub", SECOND, "buyer-asked", ""))
    for word in ("--dry-run", "--submit-again", "--trace"):
        assert (
            "--enqueue goes with" in world.cli("run", "sheet.csv", "--enqueue", "--yes", word, check=2).stderr
        )
    world.cli("run", "sheet.csv", "--enqueue", check=5)
    assert open_orders(database) == [FIRST]
    write(world, *(("hub", number, "buyer-asked", "") for number in (FIRST, SECOND, THIRD)))
    assert "nobody said yes" in world.cli("run", "sheet.csv", "--enqueue", check=2).stderr
    done = world.cli(
        "run", "sheet.csv", "--enqueue", "--yes", "--json", check=5, UNSELL_MAX_SUBMITS_PER_RUN="2"
    )
    assert [json.loads(line)["order_no"] for line in done.stdout.splitlines()] == [FIRST, SECOND, THIRD]
    assert open_orders(database) == [FIRST, SECOND]
    key = world.env.pop("UNSELL_SESSION_KEY")
    assert "UNSELL_SESSION_KEY" in world.cli("run", "sheet.csv", "--enqueue", "--yes", check=2).stderr
    world.env["UNSELL_SESSION_KEY"] = key

    standing = json.loads(world.cli("worker", "--status", "--json", check=0).stdout)
    assert (standing["depth"], standing["accounts"], standing["workers"]) == (2, 1, [])
    assert standing["waiting"] == {"order": 2}
    with Ledger(database) as ledger:
        ledger.jobs.hold(ledger.jobs.open()[0].hand, "hub", HeldFor.PERSON, "a captcha")
    told = world.cli("worker", "--status", check=0, UNSELL_LANG="zh-CN").stdout
    assert "待处理 2" in told
    assert "账号 hub 已暂停：a captcha" in told
    assert world.cli("worker", "--drain", check=0).stdout.startswith("0 workers")


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_worker_does_what_was_handed_in_tells_of_it_and_is_drained(world: World, database: str) -> None:
    # Broken on purpose: `_keep_evidence` left out; SIGTERM not handled.
    world.shop("hub", "ebay")
    world.shop("dh", "dhgate", language="zh-CN")
    for number in (FIRST, SECOND):
        world.order("hub", number)
    world.order("dh", "1330312162")
    rows = [("hub", FIRST), ("hub", SECOND), ("dh", "1330312162")]
    write(world, *((*row, "buyer-asked", "") for row in rows))
    world.env["UNSELL_EVIDENCE_URL"] = f"file://{world.home}/for all"
    world.cli("run", "sheet.csv", "--enqueue", "--yes", check=0)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = world.home / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "agent", "worker", "--metrics", str(port)], cwd=world.home,
            env=world.environment(PRACTICE_WORKER_POLL="0.2"), stdin=subprocess.DEVNULL, stdout=out,
            stderr=out,
        )  # fmt: skip
    try:
        ends = time.monotonic() + 150
        while open_orders(database):
            assert time.monotonic() < ends, log.read_text()
            assert worker.poll() is None, log.read_text()
            time.sleep(0.5)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            told = answer.read().decode()
        assert "unsell_workers 1.0" in told
        assert "unsell_orders_last_hour 3.0" in told
        [holder] = json.loads(world.cli("worker", "--status", "--json", check=0).stdout)["workers"]
        assert holder["pid"] == worker.pid
        assert world.cli("worker", "--drain", check=0).stdout.startswith("1 workers")
        assert worker.wait(60) == 0, log.read_text()
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    assert sorted(one.order_no for one in world.commits()) == sorted(number for _shop, number in rows)
    with Ledger(database) as ledger:
        kept = {row.order_no: (row.state, str(row.evidence)) for row in ledger.find()}
    assert {number: state for number, (state, _) in kept.items()} == {
        FIRST: State.CANCELLED, SECOND: State.CANCELLED, "1330312162": State.PENDING,
    }  # fmt: skip
    for _state, address in kept.values():
        assert (Path(address.removeprefix("file://")) / "manifest.json").is_file(), address
    assert "for all" in world.cli("status", FIRST, "--json", check=0).stdout
    world.cli("report", check=0)


def test_an_address_elsewhere_is_no_folder_of_this_machine(world: World) -> None:
    outcome = Outcome(
        account="hub", platform="ebay", order_no=FIRST, state=State.CANCELLED, evidence="s3://proof/ebay/1/a"
    )
    assert proof_of([outcome], world.settings) is None
