"""What the ledger owes to its database: durable commits, racing and dying processes, migrations, speed."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.domain.errors import UsageError
from agent.domain.order import Role, State
from agent.ledger.database import writing
from agent.ledger.store import Ledger
from tests.ledgers import ROOT, WANTED, child, in_state, together
from tests.postgres import POSTGRES_ALONE

# -- processes that race and die -----------------------------------------------------------------------------


def test_an_intent_survives_kill_9_right_after_it_returned(ledger_url: str) -> None:
    code = f"""
row = Ledger(sys.argv[1]).take(WANTED)
row = Ledger(sys.argv[1]).intend(row, worker="child")
os.kill(os.getpid(), {getattr(signal, "SIGKILL", signal.SIGTERM).value})
"""
    process = child(code, ledger_url)
    process.communicate(timeout=60)
    assert process.returncode == -9 or os.name == "nt"
    with Ledger(ledger_url) as reopened:
        (row,) = reopened.unsettled("shop1")
        assert (row.state, row.doubt, row.submits) == (State.SUBMITTING, True, 1)
        assert reopened.events(row)[-1].worker == "child"


def test_of_two_racing_processes_exactly_one_intends(ledger_url: str) -> None:
    numbers = [str(n) for n in range(15)]
    with Ledger(ledger_url) as ledger:
        for number in numbers:
            ledger.take(replace(WANTED, order_no=number))
    code = """
from agent.domain.errors import AccountBusy
ledger = Ledger(sys.argv[1])
rows = ledger.find(account="shop1")
print("ready", flush=True)
sys.stdin.readline()
for row in rows:
    try:
        ledger.intend(row, worker="w")
        print(row.order_no, end=" ")
    except AccountBusy:
        pass
"""
    won = " ".join(together(code, ledger_url)).split()
    assert sorted(won, key=int) == numbers
    with Ledger(ledger_url) as ledger:
        assert {row.submits for row in ledger.find()} == {1}


def test_processes_that_open_a_fresh_ledger_and_take_at_once_make_one_row(ledger_url: str) -> None:
    code = """
print("ready", flush=True)
sys.stdin.readline()
print(Ledger(sys.argv[1]).take(WANTED).id)
"""
    assert len(set(together(code, ledger_url, processes=3))) == 1


# -- the database -------------------------------------------------------------------------------------------


def test_a_hundred_thousand_rows_stay_quick(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    with Ledger(f"sqlite:///{file}") as ledger:
        in_state(ledger, State.PENDING)
        with sqlite3.connect(file) as db:
            names = [name for _, name, *_ in db.execute("PRAGMA table_info(orders)")]
            like = dict(zip(names, db.execute("SELECT * FROM orders").fetchone(), strict=True))
            own = {
                "id": ":id",
                "order_no": "'n' || :id",
                "account": "'shop' || (:id % 50)",
                "state": "'cancelled'",
            }
            columns = ", ".join(own.get(name, f":{name}") for name in names)
            many = ({**like, "id": n} for n in range(2, 100_002))
            db.executemany(f"INSERT INTO orders VALUES ({columns})", many)
        db.close()
        begun = time.perf_counter()
        assert len(ledger.find("n77777")) == 1
        assert len(ledger.find(account="shop7", states=[State.CANCELLED], limit=20)) == 20
        assert len(ledger.unsettled()) == len(ledger.unsettled("shop1")) == 1
        assert ledger.get("ebay", Role.SELLER, "n50000") is not None
        ledger.intend(ledger.take(replace(WANTED, order_no="new")), worker="w")
        assert time.perf_counter() - begun < 0.5


def test_a_commit_is_durable_on_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "ledger.db"
    with Ledger(f"sqlite:///{file}") as ledger, ledger._engine.connect() as db:
        asked = ("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 30_000)  # 2 is FULL
        for name, value in asked:
            assert db.exec_driver_sql(f"PRAGMA {name}").scalar() == value
    assert os.name == "nt" or file.stat().st_mode & 0o077 == 0


@POSTGRES_ALONE
def test_a_commit_is_durable_whatever_the_server_is_set_to(ledger_url: str) -> None:
    with Ledger(ledger_url + "%20-csynchronous_commit%3Doff") as ledger, ledger._engine.connect() as db:
        assert db.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.db'}") as ledger:
        other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, other.execute, ["COMMIT"])
        timer.start()
        assert ledger.find() == []  # a reader does not wait
        assert ledger.take(WANTED).state is State.QUEUED
        timer.join()
        other.close()


def test_alembic_is_imported_only_when_the_schema_is_behind(tmp_path: Path) -> None:
    code = "Ledger(sys.argv[1]).close(); print('alembic' in sys.modules)"
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    printed = [child(code, url).communicate(timeout=60)[0] for _ in range(2)]
    assert printed == ["True\n", "False\n"]


def test_the_tables_are_as_the_migrations_leave_them(ledger: Ledger) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from agent.ledger import migrations, schema

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.SCHEMA]
    with ledger._engine.connect() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


@pytest.mark.parametrize(("version", "words"), [("9999", "newer Unsell"), ("ae1027a6f7", "another program")])
def test_a_newer_or_foreign_schema_is_refused(ledger_url: str, version: str, words: str) -> None:
    with Ledger(ledger_url) as ledger, writing(ledger._engine) as db:
        db.execute(sa.text(f"UPDATE alembic_version SET version_num = '{version}'"))
    with pytest.raises(UsageError, match=words):
        Ledger(ledger_url)


def test_the_orders_of_another_program_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE orders (id INTEGER)")
    db.close()
    with pytest.raises(UsageError, match="database of its own"):
        Ledger(f"sqlite:///{file}")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite://", "outlive"),
        ("sqlite:///:memory:", "outlive"),
        ("mysql://u:Geheim@h/d", "not in mysql"),
        ("nonsense Geheim", "no database address"),
        ("postgresql://u:Geheim@127.0.0.1:1/d", "cannot be opened"),
        (f"sqlite:///{ROOT}", "cannot be opened"),
    ],
)
def test_a_ledger_that_cannot_be_is_a_usage_error_without_the_password(url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        Ledger(url)
    assert "Geheim" not in str(raised.value)
