"""What machines that share a PostgreSQL share beside the orders: sign-ins, and what the workers are to do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id", name="jobs_of_order")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("account", "hand", "stage")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("turn", "handed", "tries")),
        sa.Column("delay", sa.Float, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("reading", sa.JSON(none_as_null=True)),
        sa.Column("open", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("since", "updated_at")),
    )
    op.create_index("jobs_to_hand", "jobs", ["open", "handed"])
    op.create_index("jobs_by_hand", "jobs", ["hand", "open"])
    op.create_table(
        "hands",
        sa.Column("hand", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("failures", "doubts")),
        *(sa.Column(name, sa.Text) for name in ("held_for", "why", "held_at")),
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is never thrown away")
