"""One account, one hand: within a process, across processes, across machines that share a PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.domain.errors import AccountBusy, LedgerFailed
from agent.ledger.lock import account_lock, lock_key
from tests.ledgers import child
from tests.postgres import POSTGRES_ALONE

KEY = lock_key("ebay", "Shop_One")
HOLDER = """
import asyncio
from pathlib import Path
from agent.ledger.lock import account_lock
async def hold():
    async with account_lock(Path(sys.argv[1]), sys.argv[2], sys.argv[3], wait=False):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
asyncio.run(hold())
"""


def holder(home: Path, url: str, key: str = KEY) -> subprocess.Popen[str]:
    process = child(HOLDER, str(home), url, key)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.communicate(timeout=30)


@pytest.fixture
def home(tmp_path: Path, ledger_url: str) -> Path:
    """Where this run keeps its state; ``elsewhere`` is another machine when they share a PostgreSQL."""
    return tmp_path / "home"


@pytest.fixture
def elsewhere(tmp_path: Path, ledger_url: str) -> Path:
    return tmp_path / ("home" if ledger_url.startswith("sqlite") else "home of another machine")


async def test_the_key_is_platform_and_user_name_case_folded(home: Path, ledger_url: str) -> None:
    assert lock_key("eBay", " Shop_ONE ") == KEY != lock_key("dhgate", "Shop_One")
    async with account_lock(home, ledger_url, KEY, wait=False):
        with pytest.raises(AccountBusy):
            async with account_lock(home, ledger_url, "eBay/SHOP_one", wait=False):
                pass
        async with account_lock(home, ledger_url, lock_key("ebay", "shop_two"), wait=False):
            pass
    assert "shop" not in " ".join(file.name for file in (home / "locks").iterdir())


async def test_two_tasks_of_one_process_are_excluded(home: Path, ledger_url: str) -> None:
    at_work, most = 0, 0

    async def work() -> None:
        nonlocal at_work, most
        async with account_lock(home, ledger_url, KEY, wait=True):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.02)
            at_work -= 1

    await asyncio.gather(*(work() for _ in range(4)))
    assert (at_work, most) == (0, 1)


async def test_the_same_run_says_so(home: Path, ledger_url: str) -> None:
    async with account_lock(home, ledger_url, KEY, wait=False):
        with pytest.raises(AccountBusy, match="this very run, since 20"):
            async with account_lock(home, ledger_url, KEY, wait=False):
                pass


async def test_another_process_is_told_who_holds_it(home: Path, elsewhere: Path, ledger_url: str) -> None:
    process = holder(elsewhere, ledger_url)
    with pytest.raises(AccountBusy, match=rf"process {process.pid} on this machine, since 20\d\d-.*Z"):
        async with account_lock(home, ledger_url, KEY, wait=False):
            pass
    process.communicate("\n", timeout=30)
    async with account_lock(home, ledger_url, KEY, wait=False) as held:
        assert held.left_by is None


async def test_the_lock_is_free_after_sigkill_of_its_holder(
    home: Path, elsewhere: Path, ledger_url: str
) -> None:
    process = holder(elsewhere, ledger_url)
    kill(process)
    async with asyncio.timeout(10), account_lock(elsewhere, ledger_url, KEY, wait=True) as held:
        assert held.left_by is not None
        assert held.left_by.pid == process.pid
        held.check()
        (side,) = (elsewhere / "locks").glob("*.json")
        assert json.loads(side.read_text())["pid"] == os.getpid()
    assert not side.exists()


async def test_a_name_that_a_dead_run_left_is_never_given_as_the_owner(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    kill(process := holder(tmp_path, url))
    (side,) = (tmp_path / "locks").glob("*.json")
    left = side.read_text()
    async with account_lock(tmp_path, url, KEY, wait=False):
        side.write_text(left)  # as in the moment before the new holder has written its own
        with pytest.raises(AccountBusy, match="not told its name") as raised:
            async with account_lock(tmp_path, url, KEY, wait=False):
                pass
        side.write_text("{half a na")
        with pytest.raises(AccountBusy, match="not told its name"):
            async with account_lock(tmp_path, url, KEY, wait=False):
                pass
    assert str(process.pid) not in str(raised.value)


@pytest.mark.timeout(60)
async def test_waiting_leaves_the_event_loop_free(home: Path, elsewhere: Path, ledger_url: str) -> None:
    """The holder lets go at the loop's twentieth turn: held up by the waiting, the loop never gets there."""
    # Broken on purpose: time.sleep between two tries.
    process = holder(elsewhere, ledger_url)
    assert process.stdin is not None

    async def let_go() -> None:
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert not held
        process.stdin.write("\n")
        process.stdin.flush()

    held = False
    letting = asyncio.create_task(let_go())
    async with account_lock(home, ledger_url, KEY, wait=True):
        held = True
        assert letting.done()
    await letting
    process.communicate(timeout=30)


async def test_a_waiting_task_that_is_cancelled_leaves_nothing_held(
    home: Path, elsewhere: Path, ledger_url: str
) -> None:
    process = holder(elsewhere, ledger_url)

    async def work() -> None:
        async with account_lock(home, ledger_url, KEY, wait=True):
            pass

    task = asyncio.create_task(work())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    process.communicate("\n", timeout=30)
    async with account_lock(home, ledger_url, KEY, wait=False):
        pass


async def test_an_error_within_frees_the_lock(home: Path, ledger_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with account_lock(home, ledger_url, KEY, wait=False):
            raise ZeroDivisionError
    async with account_lock(home, ledger_url, KEY, wait=False):
        pass


@POSTGRES_ALONE
async def test_a_lost_connection_is_a_lost_lock(home: Path, elsewhere: Path, ledger_url: str) -> None:
    engine = sa.create_engine(ledger_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    async with account_lock(home, ledger_url, KEY, wait=False) as held:
        held.check()
        with engine.connect() as db:
            db.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        async with asyncio.timeout(10), account_lock(elsewhere, ledger_url, KEY, wait=True):
            for _ in range(2):
                with pytest.raises(AccountBusy, match="is lost"):
                    held.check()


async def test_a_server_that_is_not_there_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(LedgerFailed, match="does not answer") as raised:
        async with account_lock(tmp_path, "postgresql://u:Geheim@127.0.0.1:1/d", KEY, wait=True):
            pass
    assert "Geheim" not in str(raised.value)
