"""Which workers are alive: each holds a numbered slot, an advisory lock on a connection of its own.

The server ends that connection when its holder dies, or gives no sign for ``LOST_AFTER_SECONDS`` (a process
that was stopped, a machine that sleeps). Then the slot is free, and others take over what it had in hand.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform as machine
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from agent.domain.errors import TechnicalError
from agent.domain.i18n import _
from agent.ledger.database import told
from agent.ledger.lock import LOST_AFTER_SECONDS
from agent.ledger.migrations import open_engine

_OURS = 0x556E736C
"""The first half of each slot's lock; the second is its number. The accounts' locks are of another kind."""
MOST_SLOTS = 1000
_HELD = sa.text(
    "SELECT l.objid::int AS slot, a.application_name AS name, a.backend_start AS since "
    "FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid::bigint = :ours "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a slot: a worker that is alive. ``pid`` 0: it has not told its name."""

    slot: int
    pid: int
    host: str
    since: str


class Slots:
    """The slots of one database, asked on one connection. LedgerFailed where it does not answer."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(
            url, poolclass=sa.NullPool, pool_pre_ping=False, isolation_level="AUTOCOMMIT"
        )
        self._connection: sa.Connection | None = None
        self.number: int | None = None

    def take(self) -> int:
        """Take the first free slot. TechnicalError: there is none."""
        for number in range(1, MOST_SLOTS + 1):
            if self._take(number):
                return number
        raise TechnicalError(_("all {slots} workers' slots are taken", slots=MOST_SLOTS))

    def take_again(self) -> bool:
        """The slot that we had, on a new connection; False: it is another's by now."""
        self.close()
        return self.number is not None and self._take(self.number)

    def _take(self, number: int) -> bool:
        with told():
            if self._connection is None:
                self._connection = self._connect()
            if _lock(self._connection, number):
                self.number = number
                return True
            return False

    def _connect(self) -> sa.Connection:
        db = self._engine.connect()
        name = json.dumps([os.getpid(), machine.node()[:40]])
        db.execute(sa.text("SELECT set_config('application_name', :name, false)"), {"name": name})
        db.exec_driver_sql(f"SET idle_session_timeout = '{LOST_AFTER_SECONDS}s'")
        return db

    def is_held(self) -> bool:
        """Whether our own is still ours, asked of the server; and a sign of life."""
        if self._connection is None:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def holders(self) -> dict[int, Holder]:
        """The slots that are held, ours too, and by whom."""
        with told(), self._engine.connect() as db:
            found = db.execute(_HELD, {"ours": _OURS}).all()
        return {row.slot: _holder(row.slot, row.name, row.since) for row in found}

    @contextlib.contextmanager
    def nobodys(self, number: int) -> Iterator[bool]:
        """Within the block, whether this slot was free and is now kept free of others."""
        with told(), self._engine.connect() as db:  # closed, it lets go by itself
            yield _lock(db, number)

    def close(self) -> None:
        """Give our slot back."""
        if self._connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._connection.close()
        self._connection = None


def _lock(db: sa.Connection, number: int) -> bool:
    query = sa.text("SELECT pg_try_advisory_lock(:ours, :n)")
    return bool(db.execute(query, {"ours": _OURS, "n": number}).scalar())


def _holder(slot: int, name: str, since: object) -> Holder:
    try:
        pid, host = json.loads(name)
    except (ValueError, TypeError):
        pid, host = 0, ""
    return Holder(slot=slot, pid=int(pid), host=str(host), since=str(since))
