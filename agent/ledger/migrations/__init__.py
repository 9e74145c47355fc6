"""Opens the ledger's database and brings its schema up to date. Alembic is imported only when it is behind.

One revision is one hand-written file in ``versions/``, numbered: ``v0002_what.py`` with
``revision = "0002"``. A new one raises ``SCHEMA``; a test compares the two, and the tables in
``agent/ledger/schema.py``. There is no downgrade: the ledger is never thrown away.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from agent.domain.errors import LedgerFailed, UsageError
from agent.domain.files import private_folder
from agent.ledger.database import complaint, is_passing

SCHEMA = "0005"
"""The newest revision in ``versions/``."""
BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x756E73656C6C  # "unsell": one machine at a time migrates a PostgreSQL ledger
_POSTGRES_OPTIONS: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 15_000,  # a server that is cut off is lost after that, not after many minutes
}


def parse_url(url: str) -> URL:
    """The database's address, PostgreSQL by the psycopg driver. UsageError never repeats the password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError(
            "UNSELL_DATABASE_URL is no database address: write sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        ) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise UsageError(f"the ledger lives in SQLite or PostgreSQL, not in {parsed.drivername}")
    if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
        raise UsageError("the ledger must outlive the program: name a file, sqlite:///FILE")
    return parsed


def is_postgres(url: str) -> bool:
    """Whether the ledger at this address is one that many machines may share."""
    return parse_url(url).get_backend_name() == "postgresql"


def open_engine(url: str, **options: Any) -> Engine:
    """The engine, not yet connected. A connection with the option ``writes=True`` begins as a writer."""
    parsed = parse_url(url)
    common: dict[str, Any] = {
        "hide_parameters": True,
        "json_serializer": lambda value: json.dumps(value, ensure_ascii=False),
        **options,
    }
    if parsed.get_backend_name() == "postgresql":
        arguments = {name: value for name, value in _POSTGRES_OPTIONS.items() if name not in parsed.query}
        common = {"isolation_level": "READ COMMITTED", "pool_pre_ping": True, **common}
        try:
            engine = create_engine(parsed, connect_args=arguments, **common)
        except ImportError:
            raise UsageError("a PostgreSQL ledger needs its driver: pip install 'unsell[postgres]'") from None
        event.listen(engine, "connect", _tell_postgres)
        return engine
    _make_private(Path(str(parsed.database)))
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, **common)
    event.listen(engine, "connect", _tell_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(file: Path) -> None:
    """Make the file private before SQLite makes it with the usual rights; its -wal and -shm get the same."""
    try:
        private_folder(file.parent)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise UsageError(f"the ledger {file} cannot be opened: {error.strerror}") from None


def _tell_postgres(connection: Any, _record: object) -> None:
    """Durable whatever the server's default is: an intent survives a crash once its commit has returned."""
    connection.execute("SET synchronous_commit TO on")
    connection.commit()


def _tell_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    _switch_to_wal(connection)
    for setting in ("synchronous=FULL", "fullfsync=ON", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Needed once per file. Of two that switch at once, one gets "locked" without a wait: so wait here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def bring_up_to_date(engine: Engine) -> None:
    """Migrates when the schema is behind; UsageError when it is newer than this program, or not ours."""
    try:
        with engine.connect() as connection:
            if _schema_of(connection) == SCHEMA:
                return
        with engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
            if _schema_of(connection) != SCHEMA:  # another process may have been quicker
                _migrate(connection)
    except (DBAPIError, sqlite3.OperationalError) as error:
        said = f"the ledger {engine.url!r} cannot be opened: {complaint(error)}"
        raise (LedgerFailed if is_passing(error) else UsageError)(said) from None


def _schema_of(connection: Connection) -> str | None:
    there = inspect(connection)
    if not there.has_table("alembic_version"):
        if there.has_table("orders"):
            raise UsageError(
                "that database already has a table `orders` of another program: "
                "give the ledger a database of its own"
            )
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is None or not str(found).isdigit():
        raise UsageError("that database belongs to another program: give the ledger a database of its own")
    if int(found) > int(SCHEMA):
        raise UsageError(
            f"the ledger was written by a newer Unsell (schema {found}, this one knows {SCHEMA}): "
            "update this program"
        )
    return str(found)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, SCHEMA)
