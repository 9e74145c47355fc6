"""Saved sign-ins in the ledger's database, so that any machine serves any account with no new sign-in.

What is kept here was encrypted before it came (``agent.account.storage_state``), with the same key on all
machines.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from agent.ledger.database import keep_apart, reading, writing
from agent.ledger.migrations import bring_up_to_date, open_engine
from agent.ledger.schema import now, sessions


class SavedInLedger:
    """Sessions by name. LedgerFailed where the database does not answer."""

    def __init__(self, url: str, *, practice: bool) -> None:
        self._engine = open_engine(url, poolclass=sa.NullPool)
        bring_up_to_date(self._engine)
        keep_apart(self._engine, practice=practice)

    def read(self, name: str) -> bytes | None:
        with reading(self._engine) as db:
            found = db.execute(sa.select(sessions.c.content).where(sessions.c.name == name)).scalar()
            return None if found is None else bytes(found)

    def write(self, name: str, content: bytes) -> None:
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        values = {"content": content, "updated_at": now()}
        with writing(self._engine) as db:
            made = insert(sessions).values(name=name, **values)
            db.execute(made.on_conflict_do_update(index_elements=["name"], set_=values))

    def remove(self, name: str) -> bool:
        """False: nothing was there."""
        with writing(self._engine) as db:
            return db.execute(sa.delete(sessions).where(sessions.c.name == name)).rowcount > 0
