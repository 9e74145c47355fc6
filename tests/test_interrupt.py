"""Ctrl-C and SIGTERM in mid-run: a safe end, nothing in doubt forgotten, no browser left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from agent.domain.order import State
from agent.ledger.store import Ledger
from tests.consoles.server import Consoles
from tests.world import World

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups and SIGTERM are POSIX")

NUMBERS = [f"12-34567-8901{n}" for n in range(2, 5)]
CANCEL = ["cancel", *NUMBERS, "--account", "hub", "--reason", "buyer-asked", "--yes", "--json"]
LONGEST = 60.0


class Run:
    """The program in a process group of its own, as a terminal's foreground job."""

    def __init__(self, world: World, *words: str, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent", *words], cwd=world.home, env=world.environment(**env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        self.said = ""
        self.printed = ""
        self.family: list[psutil.Process] = []
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._hear, self._collect)]
        for reader in self._readers:
            reader.start()

    def _hear(self) -> None:
        for line in self.process.stderr:
            self.said += line

    def _collect(self) -> None:
        self.printed = self.process.stdout.read()

    def until(self, there: Callable[[], object]) -> None:
        """Wait until something is so; the program must still be running then."""
        ends = time.monotonic() + LONGEST
        while not there():
            assert self.process.poll() is None, f"exit {self.process.returncode}\n{self.said}"
            assert time.monotonic() < ends, self.said
            time.sleep(0.01)

    def until_said(self, words: str) -> None:
        self.until(lambda: words in self.said)

    def ctrl_c(self) -> None:
        """As a terminal sends it: to the whole group, the browser's driver included."""
        self._remember()
        os.killpg(self.process.pid, signal.SIGINT)

    def terminate(self) -> None:
        self._remember()
        self.process.terminate()

    def _remember(self) -> None:
        self.family += psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> int:
        """Its exit code; by then none of its processes may be left, and no trace may have been shown."""
        code = self.process.wait(LONGEST)
        for reader in self._readers:
            reader.join(5)
        assert len(self.family) > 2, "the driver, the browser and its helpers were running"
        _, left = psutil.wait_procs(self.family, timeout=5)
        assert left == [], [process.cmdline()[:3] for process in left]
        for trace in (
            "Traceback",
            "exception was never retrieved",
            "Task was destroyed",
            "KeyboardInterrupt",
        ):
            assert trace not in self.said, self.said
        return code

    @property
    def states(self) -> dict[str, str]:
        found: list[dict[str, Any]] = [json.loads(line) for line in self.printed.splitlines()]
        return {one["order_no"]: one["state"] for one in found}

    def kill(self) -> None:
        for process in [
            *self.family,
            *([psutil.Process(self.process.pid)] if self.process.poll() is None else []),
        ]:
            if process.is_running():
                process.kill()
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def started() -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(world: World, *words: str, **env: str) -> Run:
        runs.append(Run(world, *words, **env))
        return runs[-1]

    yield start
    for run in runs:
        run.kill()
        run.process.wait(10)


@pytest.fixture
def hub(world: World) -> World:
    world.shop("hub", "ebay")
    for number in NUMBERS:
        world.order("hub", number)
    return world


def rows(world: World) -> dict[str, State]:
    with Ledger(world.settings.database) as ledger:
        return {row.order_no: row.state for row in ledger.find()}


@pytest.mark.long
def test_ctrl_c_after_a_submit_reads_it_back_and_leaves_the_rest(
    hub: World, started: Callable[..., Run]
) -> None:
    run = started(hub, *CANCEL)
    run.until(hub.commits)
    run.ctrl_c()
    assert run.end() == 5, run.said
    wanted = {NUMBERS[0]: "cancelled", NUMBERS[1]: "queued", NUMBERS[2]: "queued"}
    assert run.states == wanted == rows(hub)
    assert [commit.order_no for commit in hub.commits()] == [NUMBERS[0]]
    assert "stopping at the next safe point" in run.said


@pytest.mark.long
def test_sigterm_on_the_way_to_a_submit_submits_nothing(hub: World, started: Callable[..., Run]) -> None:
    """The order in hand has not been submitted yet: the safe point is before its submit."""
    run = started(hub, *CANCEL)
    run.until_said("ES1 ")
    run.terminate()
    assert run.end() == 5, run.said
    assert run.states == dict.fromkeys(NUMBERS, "queued") == rows(hub)
    assert hub.commits() == []


@pytest.mark.long
def test_ctrl_c_while_an_outcome_is_unknown_keeps_the_doubt_for_sync(
    tmp_path: Path, started: Callable[..., Run]
) -> None:
    """The site goes away with the answer; the wait is cut short; later ``sync`` settles it."""
    database = tmp_path / "consoles.sqlite3"
    with Consoles(database) as consoles:
        world = World(consoles, tmp_path / "home")
        world.home.mkdir()
        world.shop("hub", "ebay")
        for number in NUMBERS:
            world.order("hub", number)
        run = started(world, *CANCEL, UNSELL_SETTLE_SECONDS="300", UNSELL_STEP_TIMEOUT_SECONDS="5")
        run.until(world.commits)
        port = int(consoles.address.rpartition(":")[2])
    run.until_said("the outcome is unknown; reading back after 300 s")
    run.ctrl_c()
    assert run.end() == 4, run.said
    assert run.states == {NUMBERS[0]: "submitting", NUMBERS[1]: "queued", NUMBERS[2]: "queued"} == rows(world)
    with Consoles(database, port) as consoles:
        assert [truth.order_no for truth in consoles.store.truth()] == [NUMBERS[0]]
        done = world.cli("sync", "--json", check=0)
        [found] = [json.loads(line) for line in done.stdout.splitlines()]
        assert (found["order_no"], found["state"], found["submits"]) == (NUMBERS[0], "cancelled", 1)
        assert [truth.order_no for truth in consoles.store.truth()] == [NUMBERS[0]]


def test_a_second_ctrl_c_ends_at_once(hub: World, started: Callable[..., Run]) -> None:
    """A site that takes the connection and never answers: no safe point comes, a second signal needs none."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        run = started(hub, *CANCEL, UNSELL_PRACTICE=address, UNSELL_STEP_TIMEOUT_SECONDS="300")
        silent.settimeout(LONGEST)
        with silent.accept()[0]:
            run.ctrl_c()
            run.until_said("stopping at the next safe point")
            began = time.monotonic()
            run.ctrl_c()
            code = run.end()
            assert time.monotonic() - began < 10
    assert code == 5, run.said
    assert "stopped at once" in run.said
    assert run.printed == ""
    assert rows(hub) == {}, "nothing was begun"
