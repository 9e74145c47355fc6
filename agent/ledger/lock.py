"""One run an account: the lock that a run holds while it works with a sign-in.

Its key is the platform and the user name, not the account's name: two names for one login share one
lock. A file lock keeps processes of one machine apart; where the ledger is in PostgreSQL, an advisory lock
on a connection of its own keeps machines apart as well. Both belong to the operating system or the server
and are freed when their holder dies. Who holds it is written beside the file, only for the message:
no decision depends on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import platform as machine
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.domain.errors import AccountBusy
from agent.domain.files import private_folder, write_private
from agent.domain.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

_POLL_SECONDS = 0.2
"""How often a lock that another run holds is tried again."""
BEAT_SECONDS = 4.0
"""How often a lock on a server is looked after."""
LOST_AFTER_SECONDS = 24
"""A holder that gives no sign for so long (stopped, asleep, cut off) loses it: the server hangs up."""
_here: dict[Path, asyncio.Lock] = {}
"""The same locks between the tasks of this process: some file systems (NFS) keep only processes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who holds a lock, and since when (UTC)."""

    pid: int
    host: str
    since: str

    @property
    def here(self) -> bool:
        """Whether it is, or was, a process of this machine."""
        return self.host == machine.node()

    def __str__(self) -> str:
        where = _("this machine") if self.here else self.host
        who = (
            _("this very run")
            if self == _me(self.since)
            else _("process {pid} on {where}", pid=self.pid, where=where)
        )
        return _("{who}, since {since}", who=who, since=self.since)


@dataclass(slots=True, kw_only=True)
class Held:
    """The lock, while it is held. ``left_by`` is the run that held it before and died without letting go."""

    left_by: Owner | None = None
    connection: Connection | None = None
    when_lost: list[Callable[[], object]] = field(default_factory=list)
    """Called once when the lock is found lost: whoever works under it stops touching the account."""
    _lost: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it is still ours, asked of the server."""
        if self.connection is None or self._lost:
            return not self._lost
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self.connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            self._lost = True
            for tell in self.when_lost:
                tell()
        return not self._lost

    def check(self) -> None:
        """AccountBusy when the lock was lost with its connection: to be asked just before an intent."""
        if not self.is_held:
            raise AccountBusy(
                _(
                    "the connection that held this account's lock is lost, and another run may hold it "
                    "now: this run leaves the account alone"
                )
            )

    async def look_after(self) -> None:
        """Keep the server's session alive, and find out soon when it is gone. Ends when it is."""
        while self.is_held:  # noqa: ASYNC110 - nothing but time tells
            await asyncio.sleep(BEAT_SECONDS)


def lock_key(platform: str, username: str) -> str:
    """The key of a sign-in: platform and user name, case-folded."""
    return f"{platform.strip()}/{username.strip()}".casefold()


@asynccontextmanager
async def account_lock(settings_home: Path, ledger_url: str, key: str, wait: bool) -> AsyncIterator[Held]:
    """Hold the account's lock. Where another run holds it: AccountBusy, which names it, or a wait."""
    digest = hashlib.sha256(key.casefold().encode()).digest()
    file = _lock_file(settings_home, digest)
    side = file.with_suffix(".json")
    async with AsyncExitStack() as stack:
        await _hold_file(file, stack, wait=wait)
        left_by = _read_owner(side)
        stack.callback(_remove_owner, side)
        _write_owner(side)
        connection = await _hold_on_server(ledger_url, digest, stack, wait=wait)
        held = Held(left_by=left_by, connection=connection)
        if connection is not None:
            beat = asyncio.ensure_future(held.look_after())
            stack.callback(beat.cancel)
        yield held


def _lock_file(home: Path, digest: bytes) -> Path:
    return private_folder(home.resolve() / "locks") / f"{digest.hex()[:24]}.lock"


async def _hold_file(file: Path, stack: AsyncExitStack, *, wait: bool) -> None:
    from filelock import AsyncFileLock, Timeout

    lock = AsyncFileLock(file, mode=0o600, run_in_executor=False)
    here = _here.setdefault(file, asyncio.Lock())
    try:
        if here.locked() and not wait:
            raise Timeout(str(file))
        await stack.enter_async_context(here)
        await lock.acquire(poll_interval=_POLL_SECONDS, blocking=wait)
    except Timeout:
        raise _busy(_read_owner(file.with_suffix(".json"))) from None
    stack.push_async_callback(lock.release)


async def _hold_on_server(url: str, digest: bytes, stack: AsyncExitStack, *, wait: bool) -> Connection | None:
    """The same across machines that share one PostgreSQL; session-level, so it ends with its connection."""
    from agent.ledger.migrations import is_postgres, open_engine

    if not is_postgres(url):
        return None
    from sqlalchemy import NullPool, text

    from agent.ledger.database import told

    number = int.from_bytes(digest[:8], "big", signed=True)
    engine = open_engine(url, poolclass=NullPool, pool_pre_ping=False, isolation_level="AUTOCOMMIT")
    with told():
        connection = stack.enter_context(engine.connect())
        name = json.dumps([os.getpid(), machine.node()[:40]])
        connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})
        connection.exec_driver_sql(f"SET idle_session_timeout = '{LOST_AFTER_SECONDS}s'")
        while not connection.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}).scalar():
            if not wait:
                raise _busy(_server_owner(connection, number))
            await asyncio.sleep(_POLL_SECONDS)
    return connection


def _server_owner(connection: Connection, number: int) -> Owner | None:
    from sqlalchemy import text

    found = connection.execute(
        text(
            "SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
            "AND l.classid::bigint = :high AND l.objid::bigint = :low"
        ),
        {"high": (number >> 32) & 0xFFFFFFFF, "low": number & 0xFFFFFFFF},
    ).first()
    try:
        pid, host = json.loads(found.application_name) if found else (0, "")
        since = found.backend_start.astimezone(UTC).isoformat(timespec="seconds") if found else ""
        return Owner(pid=int(pid), host=str(host), since=since.replace("+00:00", "Z")) if pid else None
    except (TypeError, ValueError, AttributeError):  # another user's session is not shown to us
        return None


def _busy(owner: Owner | None) -> AccountBusy:
    who = str(owner) if owner and not _is_gone(owner) else _("it has not told its name")
    return AccountBusy(_("another run is at work on this account ({who}): this run leaves it alone", who=who))


def _is_gone(owner: Owner) -> bool:
    """Whether a dead run left this name: the lock's new holder has not written its own yet."""
    if not owner.here:
        return False
    import psutil  # type: ignore[import-untyped]

    return not psutil.pid_exists(owner.pid)


def _me(since: str | None = None) -> Owner:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Owner(pid=os.getpid(), host=machine.node(), since=since or now)


def _read_owner(side: Path) -> Owner | None:
    try:
        return Owner(**json.loads(side.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write_owner(side: Path) -> None:
    with contextlib.suppress(OSError):  # the lock holds without a name, too
        write_private(side, json.dumps(asdict(_me())))


def _remove_owner(side: Path) -> None:
    with contextlib.suppress(OSError):  # Windows: another process may be reading it
        side.unlink()
