"""Orders, one row for ever each, and their history, which only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_FORBIDDEN = (
    ("events_stay", "BEFORE UPDATE ON events", "", "events are append-only"),
    ("events_remain", "BEFORE DELETE ON events", "", "events are append-only"),
    ("orders_remain", "BEFORE DELETE ON orders", "", "an order has one row for ever"),
    (
        "submits_count",
        "BEFORE UPDATE ON orders",
        "WHEN (new.submits < old.submits)",
        "submits are counted for ever",
    ),
    (
        "cancelled_stays",
        "BEFORE UPDATE ON orders",
        "WHEN (old.state = 'cancelled' AND new.state <> 'cancelled')",
        "a cancelled order stays cancelled",
    ),
)


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("order_no", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("doubt", sa.Boolean, nullable=False),
        sa.Column("waits_for", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("cause", sa.Text),
        sa.Column("approved_by", sa.Text),
        sa.Column("approved_at", sa.Text),
        sa.Column("wishes", sa.JSON, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("offered", sa.JSON),
        sa.Column("site_state", sa.Text),
        sa.Column("submits", sa.Integer, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("evidence", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.UniqueConstraint("platform", "role", "order_no", name="orders_once"),
        sa.CheckConstraint("NOT doubt OR state IN ('submitting', 'needs_human')", name="doubt_has_a_state"),
        sa.CheckConstraint("state <> 'submitting' OR doubt", name="submitting_is_doubt"),
        sa.CheckConstraint("NOT doubt OR submits > 0", name="doubt_has_an_intent"),
    )
    op.create_index("orders_by_number", "orders", ["order_no"])
    op.create_index("orders_by_account", "orders", ["account", "state"])
    op.create_index("orders_by_state", "orders", ["state"])
    _create_events()
    if op.get_bind().dialect.name == "postgresql":
        _forbid_on_postgres()
    else:
        _forbid_on_sqlite()


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id", name="events_of_order"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("events_by_order", "events", ["order_id"])


def _forbid_on_sqlite() -> None:
    for name, when, condition, words in _FORBIDDEN:
        op.execute(f"CREATE TRIGGER {name} {when} {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END")


def _forbid_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION unsell_forbid() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0]; END $$"
    )
    for name, when, condition, words in _FORBIDDEN:
        op.execute(
            f"CREATE TRIGGER {name} {when} FOR EACH ROW {condition} EXECUTE FUNCTION unsell_forbid('{words}')"
        )
    for table in ("orders", "events"):
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION unsell_forbid('the ledger is never emptied')"
        )


def downgrade() -> None:
    raise NotImplementedError("the ledger is never thrown away")
