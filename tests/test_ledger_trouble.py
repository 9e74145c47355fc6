"""A ledger that is locked, full or lost: one sentence, the other accounts go on, no intent is forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from agent.cli.errors import errors_told
from agent.cli.terminal import exit_code
from agent.domain.codes import Code
from agent.domain.errors import LedgerFailed, UsageError
from agent.domain.order import Cancellation, Commit, State
from agent.engine import submit
from agent.ledger import migrations
from agent.ledger.backup import back_up
from agent.ledger.database import writing
from agent.ledger.store import Ledger
from tests.ledgers import WANTED, in_state
from tests.world import World

EBAY, DHGATE = "12-34567-89012", "1330312162"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits half a minute for a lock waits a blink here."""
    monkeypatch.setattr(migrations, "BUSY_SECONDS", 0.2)


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes, and does not end."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.mark.usefixtures("impatient")
def test_a_locked_ledger_is_one_sentence_and_leaves_the_row_as_it_was(tmp_path: Path) -> None:
    # Broken on purpose: `told` lets the OperationalError through.
    file = tmp_path / "ledger.db"
    with Ledger(f"sqlite:///{file}") as ledger:
        row = in_state(ledger, State.SUBMITTING)
        with locked(file), pytest.raises(LedgerFailed, match="another program holds it locked"):
            ledger.settle(row, State.CANCELLED)
        assert ledger.find() == [row]
        assert ledger.settle(row, State.CANCELLED).state is State.CANCELLED


def test_a_full_disk_is_one_sentence_and_a_fault_of_ours_is_none(tmp_path: Path) -> None:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        with ledger._engine.connect() as db:
            pages = db.exec_driver_sql("PRAGMA page_count").scalar()
        sa.event.listen(
            ledger._engine, "checkout", lambda db, *_: db.execute(f"PRAGMA max_page_count={pages}")
        )
        with pytest.raises(LedgerFailed, match="the disk that holds it is full"):
            ledger.take(replace(WANTED, note="x" * 100_000))
        ledger.intend(ledger.take(WANTED), worker="w")
        with pytest.raises(sa.exc.IntegrityError), writing(ledger._engine) as db:
            db.exec_driver_sql("UPDATE orders SET submits = 0")


@pytest.mark.usefixtures("impatient")
async def test_when_the_ledger_fails_after_the_intent_the_order_is_in_doubt_and_the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: `except LedgerFailed` taken out of Runner._account; `broken` not handed to exit_code.
    world.shop("hub", "ebay")
    world.shop("dh", "dhgate")
    file, hold, failed = world.settings.state / "ledger.sqlite3", contextlib.ExitStack(), asyncio.Event()

    def failpoint(name: str) -> None:
        if name == "after-intent" and not failed.is_set():
            hold.enter_context(locked(file))

    def say(text: str) -> None:
        world.voice.said.append(text)
        if "the ledger does not answer" in text:
            hold.close()
            failed.set()

    async def approve(wanted: Cancellation, _commit: Commit) -> str:
        if wanted.account == "dh":
            await failed.wait()
        return "tester"

    monkeypatch.setattr(submit, "failpoint", failpoint)
    monkeypatch.setattr(world.voice, "say", say)
    monkeypatch.setattr(world.voice, "approve", approve)
    orders = [world.wanted("hub", world.order("hub", number)) for number in (EBAY, "12-34567-89013")]
    result = await world.run(*orders, world.wanted("dh", world.order("dh", DHGATE)))
    told = {one.order_no: one for one in result.outcomes}
    assert failed.is_set()
    assert (told[EBAY].state, told[EBAY].submits, told[EBAY].code) == (State.SUBMITTING, 1, "ledger-failed")
    assert told["12-34567-89013"].state is State.FAILED
    assert told[DHGATE].state is State.PENDING
    assert exit_code(result.outcomes, busy=False, broken=result.broken) == 4
    with Ledger(world.settings.database) as ledger:
        kept = {row.order_no: row.state for row in ledger.find()}
    assert kept == {EBAY: State.SUBMITTING, DHGATE: State.PENDING}
    settled = {one.order_no: one.state for one in await world.sync()}
    assert settled[EBAY] is State.CANCELLED
    assert [commit.order_no for commit in world.commits()] == [EBAY, DHGATE]


def test_a_sync_that_the_ledger_fails_is_no_good_end() -> None:
    assert exit_code([], busy=False, broken=True) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process there")
def test_a_full_disk_is_found_before_the_first_order(world: World) -> None:
    # Broken on purpose: _prove_room not called. The limit of a file stands for the disk's.
    world.shop("hub", "ebay")
    world.order("hub", EBAY)
    words = ["-m", "agent", "cancel", EBAY, "--account", "hub", "--reason", "buyer-asked", "--yes"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 1024; exec "$0" "$@"', sys.executable, *words], cwd=world.home,
        env=world.environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be written" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not list(world.home.rglob(".room*"))
    assert not world.store.loads()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a real disk of its own in memory, with these options; only root of Linux may."""
    place = tmp_path / "disk"
    place.mkdir()

    def mounted(options: str) -> Path:
        words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if sys.platform != "linux" or subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("no leave to mount here")
        return place

    yield mounted
    if sys.platform == "linux":
        subprocess.run(["umount", str(place)], capture_output=True, check=False)


@pytest.mark.parametrize(
    ("options", "code", "says"), [("size=2m", 1, "No space left"), ("ro", 2, "Read-only file system")]
)
def test_a_disk_that_is_full_or_read_only_is_found_before_the_first_order(
    world: World, small_disk: Callable[[str], Path], options: str, code: int, says: str
) -> None:
    # Broken on purpose: _prove_room not called; make_state's OSError not told.
    world.shop("hub", "ebay")
    world.order("hub", EBAY)
    home = str(small_disk(options))
    told = world.cli(
        "cancel", EBAY, "--account", "hub", "--reason", "buyer-asked", "--yes", check=code, UNSELL_HOME=home
    )
    assert told.stdout == ""
    assert says in told.stderr
    assert home in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1, told.stderr
    assert not world.store.loads()


def test_errors_of_the_system_are_one_sentence_also_out_of_a_group(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as raised, errors_told():
        raise ExceptionGroup("", [LedgerFailed("the ledger"), OSError(28, "No space left on device", "f")])
    assert raised.value.exit_code == 1
    assert capsys.readouterr().err == "the ledger\n"
    with pytest.raises(ExceptionGroup), errors_told():
        raise ExceptionGroup("", [LedgerFailed("the ledger"), KeyError("bug")])


# -- a whole copy ----------------------------------------------------------------------------------------


def test_a_backup_made_while_a_writer_writes_is_one_moment_of_the_ledger(tmp_path: Path) -> None:
    # Broken on purpose: shutil.copy of the file alone (the last rows lie in its -wal).
    url, copy = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "copy.db"
    ends = threading.Event()

    def write() -> None:
        with Ledger(url) as ledger:
            for number in range(1, 100_000):
                in_state(ledger, State.SUBMITTING, str(number))
                if ends.is_set():
                    return

    with Ledger(url) as ledger:
        last = in_state(ledger, State.SUBMITTING, "0")
        writer = threading.Thread(target=write)
        writer.start()
        try:
            deadline = time.monotonic() + 20
            while len(before := ledger.find(states=[State.SUBMITTING])) < 30 and time.monotonic() < deadline:
                time.sleep(0.01)
            back_up(url, copy)
        finally:
            ends.set()
            writer.join()
        with Ledger(f"sqlite:///{copy}") as restored:
            rows = restored.find()
            assert before == [row for row in rows if row.id <= before[-1].id], "all that was there, whole"
            assert restored.get(last.platform, last.role, "0") == last, "an intent is not lost"
            assert all(restored.events(row)[-1].kind in ("taken", "intended") for row in rows)
    assert copy.stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert not list(tmp_path.glob(".copy*"))


def test_a_backup_overwrites_nothing_and_says_what_to_use_for_postgresql(tmp_path: Path) -> None:
    url, copy = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "copy.db"
    with pytest.raises(UsageError, match="no ledger yet"):
        back_up(url, copy)
    with Ledger(url):
        copy.write_text("mine")
        with pytest.raises(UsageError, match="nothing is overwritten"):
            back_up(url, copy)
    assert copy.read_text() == "mine"
    with pytest.raises(UsageError, match="pg_dump"):
        back_up("postgresql://u@h/d", tmp_path / "other.db")


def test_the_command_copies_the_ledger_of_this_run(world: World) -> None:
    world.shop("hub", "ebay")
    with Ledger(world.settings.database) as ledger:
        row = ledger.settle(ledger.take(WANTED), State.REFUSED, code=Code.NOT_FOUND)
    world.cli("ledger", "backup", "copy.db", check=0)
    with Ledger(f"sqlite:///{world.home / 'copy.db'}") as restored:
        assert restored.find() == [row]
    assert "nothing is overwritten" in world.cli("ledger", "backup", "copy.db", check=2).stderr
