"""Copies the whole ledger while runs go on.

Copying ``ledger.sqlite3`` by itself is no copy: what was written last lies in its ``-wal``. SQLite's own
backup reads both at one moment, and no writer has to wait.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.ledger.database import told
from agent.ledger.migrations import BUSY_SECONDS, is_postgres, parse_url


def back_up(url: str, target: Path) -> None:
    """Write the ledger at ``url`` to ``target``, whole or not at all, for its owner only.

    UsageError: there is something already, no ledger yet, or a server that has its own tool. LedgerFailed or
    OSError: it could not be read or written; nothing is left there.
    """
    if is_postgres(url):
        raise UsageError(
            _("the ledger lies in PostgreSQL: use pg_dump, which copies it whole while runs go on")
        )
    source = Path(str(parse_url(url).database))
    if not source.is_file():
        raise UsageError(_("there is no ledger yet at {file}", file=source))
    _not_there(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with told():
            _copy(source, draft)
        _publish(draft, target)
    finally:
        for file in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm", "-journal"))):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)


def _copy(source: Path, draft: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as ledger,
        contextlib.closing(sqlite3.connect(draft)) as copy,
    ):
        ledger.backup(copy)  # all pages in one step: no writer has to wait
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with no -wal beside it
        if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.OperationalError("the copy is damaged")


def _publish(draft: Path, target: Path) -> None:
    """Give the finished and synced copy its name; never replace a file."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(draft, target)
    except FileExistsError:
        _not_there(target)
    except OSError:  # a file system without links
        _not_there(target)
        draft.rename(target)


def _not_there(target: Path) -> None:
    if target.exists():
        raise UsageError(_("{file} is there already: nothing is overwritten", file=target))
