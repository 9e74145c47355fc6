"""Transactions on the ledger's database, and its errors as one sentence of ours.

A locked, full or lost database is a fault neither of an order nor of the program: LedgerFailed. What the
schema itself forbids (a trigger, a constraint) is a fault of the program, and is raised as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from agent.domain.errors import LedgerFailed, UsageError, first_line
from agent.domain.i18n import N_, _
from agent.domain.redact import clean
from agent.ledger.schema import purpose

_CAUSES = (
    (("locked", "busy"), N_("another program holds it locked, and did not let go in time")),
    (("full", "no space", "disk quota"), N_("the disk that holds it is full: make room, or unsell prune")),
    (("readonly", "read-only"), N_("it may not be written: look at the rights of its folder")),
)
"""Words in a database's own error, and what they mean to the user."""


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to read by. LedgerFailed where the database does not answer."""
    with told(), engine.connect() as db:
        yield db


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One durable transaction, all or nothing. LedgerFailed: it may be taken for not written.

    A server that is lost in the very moment of the commit may have written it all the same; whoever reads
    the row again finds out.
    """
    with told(), engine.execution_options(writes=True).begin() as db:
        yield db


@contextmanager
def told() -> Iterator[None]:
    """Within the block, a database error is LedgerFailed."""
    try:
        yield
    except sa.exc.TimeoutError as error:  # no connection of the pool came free
        raise LedgerFailed(_("the ledger does not answer: {why}", why=str(error))) from error
    except (OperationalError, InterfaceError, sqlite3.OperationalError) as error:
        raise LedgerFailed(_("the ledger does not answer: {why}", why=complaint(error))) from error
    except DatabaseError as error:  # "malformed" has no class of its own
        if type(error) is not DatabaseError:
            raise
        raise LedgerFailed(_("the ledger does not answer: {why}", why=complaint(error))) from error


def is_passing(error: Exception) -> bool:
    """Whether the database is only locked or full: later it may work."""
    return any(word in _own_words(error).lower() for words, _said in _CAUSES[:2] for word in words)


def _own_words(error: Exception) -> str:
    """The first line of the database's own complaint. SQLite's is not wrapped while it connects."""
    return first_line(getattr(error, "orig", error))


def complaint(error: Exception) -> str:
    """The database's error in our words where they are known, else its own; one line, no secret."""
    own = _own_words(error)
    said = next((said for words, said in _CAUSES if any(word in own.lower() for word in words)), None)
    return _(said) if said else clean(own)


def keep_apart(engine: sa.Engine, *, practice: bool) -> None:
    """Mark the ledger as practice's or real, once and for all. UsageError: it is marked as the other."""
    asked = sa.select(purpose.c.practice)
    with reading(engine) as db:
        found = db.execute(asked).scalar()
    if found is None:
        insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        with writing(engine) as db:
            db.execute(insert(purpose).values(id=1, practice=practice).on_conflict_do_nothing())
            found = db.execute(asked).scalar()
    if found and not practice:
        raise UsageError(_("this ledger is practice's: unset UNSELL_DATABASE_URL, or name another one"))
    if practice and not found:
        raise UsageError(
            _(
                "this ledger is the real sites', and practice never shares it: unset UNSELL_DATABASE_URL to "
                "practise (practice keeps its own), or name another one"
            )
        )
