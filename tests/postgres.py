"""A PostgreSQL for the tests: the one that UNSELL_TEST_POSTGRES names, else a temporary cluster of our own.

With neither, the tests' ``postgresql`` parameter is not made, and pytest's header says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from agent.ledger.store import Ledger

GIVEN = os.environ.get("UNSELL_TEST_POSTGRES", "")


def _programs() -> Path | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("postgres")
    found = installed[-1] if installed else Path(on_path) if on_path else None
    return (
        found.parent if found and (os.name == "nt" or os.geteuid() != 0 or shutil.which("runuser")) else None
    )


PROGRAMS = None if GIVEN else _programs()
DATABASES = ["sqlite", "postgresql"] if GIVEN or PROGRAMS else ["sqlite"]
POSTGRES_ALONE = pytest.mark.parametrize("ledger_url", DATABASES[1:], indirect=True)
"""For what SQLite has no equal of: pytest shows it as skipped where there is no PostgreSQL."""


def pytest_report_header() -> str:
    if GIVEN:
        return "postgresql: the server that UNSELL_TEST_POSTGRES names"
    if PROGRAMS:
        return f"postgresql: a temporary cluster of {PROGRAMS}"
    return "postgresql: NOT TESTED (no UNSELL_TEST_POSTGRES, no server program found): SQLite alone"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server's address. Ours ends with the tests."""
    with a_server() as address:
        yield address


class Server:
    """A temporary cluster of ours, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAMS is not None, "no PostgreSQL server program was found"
        self._made_by = _as_postgres(folder)
        self._data, self._log = str(folder / "data"), str(folder / "log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={folder} "
            "-c max_connections=200"
        )
        self.address = f"postgresql://unsell@127.0.0.1:{port}/postgres"
        self._do("initdb", "-D", self._data, "-A", "trust", "-U", "unsell", "-N", "-E", "UTF8")

    def start(self) -> None:
        self._do("pg_ctl", "-D", self._data, "-o", self._options, "-l", self._log, "-w", "start")

    def stop(self) -> None:
        """At once, as a crash would: every connection is cut."""
        self._do("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def _do(self, program: str, *words: str) -> None:
        _run(*self._made_by, f"{PROGRAMS}/{program}", *words)


@contextlib.contextmanager
def a_server_of_our_own() -> Iterator[Server]:
    """A started one, which goes when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="unsell-postgres-"))
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def a_server() -> Iterator[str]:
    """The address of the one that is named, else of one of our own."""
    if GIVEN:
        yield GIVEN
        return
    with a_server_of_our_own() as server:
        yield server.address


def _as_postgres(folder: Path) -> list[str]:
    """The server refuses to run as root."""
    if os.name == "nt" or os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def own_schema(server: str) -> Iterator[str]:
    """An address whose tables are nobody else's; they go when the block ends."""
    name = f"t_{uuid4().hex[:12]}"
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as db:
        db.execute(sa.text(f"CREATE SCHEMA {name}"))
    try:
        own = url.update_query_dict({"options": f"-csearch_path={name}"})
        yield own.render_as_string(hide_password=False)
    finally:
        with engine.connect() as db:
            db.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))


@contextlib.contextmanager
def own_database(server: str) -> Iterator[str]:
    """The address of a database that is nobody else's: its advisory locks and the engine's tables as well."""
    name = f"d_{uuid4().hex[:12]}"
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as db:
        db.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as db:
            db.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=DATABASES)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh ledger's address, on every database at hand."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    with own_schema(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened
