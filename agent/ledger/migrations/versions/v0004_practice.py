"""Whether a ledger is practice's or the real sites': one row, written by whoever opens it first.

A ledger that held orders before may hold real ones: it counts as the real sites'.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "purpose",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("practice", sa.Boolean, nullable=False),
        sa.CheckConstraint("id = 1", name="one_purpose"),
    )
    db = op.get_bind()
    orders = sa.table("orders", sa.column("id"))
    if db.execute(sa.select(orders.c.id).limit(1)).first():
        purpose = sa.table("purpose", sa.column("id"), sa.column("practice"))
        db.execute(sa.insert(purpose).values(id=1, practice=False))


def downgrade() -> None:
    raise NotImplementedError("the ledger is never thrown away")
