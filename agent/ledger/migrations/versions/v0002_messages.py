"""Messages to buyers: one row an order and kind for ever, never pressed again once sent or in doubt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FORBIDDEN = (
    ("messages_remain", "BEFORE DELETE ON messages", "", "a message has one row for ever"),
    (
        "messages_end",
        "BEFORE UPDATE ON messages",
        "WHEN (old.state IN ('sent', 'doubt', 'not_sent'))",
        "a message that is sent, in doubt or given up stays so",
    ),
    (
        "presses_count",
        "BEFORE UPDATE ON messages",
        "WHEN (new.presses < old.presses OR (new.state = 'sending' AND new.presses = old.presses))",
        "presses are counted for ever",
    ),
)


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "order_id", sa.Integer, sa.ForeignKey("orders.id", name="messages_of_order"), nullable=False
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("presses", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.UniqueConstraint("order_id", "kind", name="messages_once"),
        sa.CheckConstraint("kind IN ('submitted', 'verdict')", name="messages_are_two"),
        sa.CheckConstraint("state IN ('due', 'not_sent') OR presses > 0", name="message_has_an_intent"),
    )
    op.create_index("messages_by_state", "messages", ["state"])
    if op.get_bind().dialect.name == "postgresql":
        _forbid_on_postgres()
    else:
        for name, when, condition, words in _FORBIDDEN:
            op.execute(f"CREATE TRIGGER {name} {when} {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END")


def _forbid_on_postgres() -> None:
    """By the function that the first revision made."""
    for name, when, condition, words in _FORBIDDEN:
        op.execute(
            f"CREATE TRIGGER {name} {when} FOR EACH ROW {condition} EXECUTE FUNCTION unsell_forbid('{words}')"
        )
    op.execute(
        "CREATE TRIGGER messages_not_emptied BEFORE TRUNCATE ON messages "
        "FOR EACH STATEMENT EXECUTE FUNCTION unsell_forbid('the ledger is never emptied')"
    )


def downgrade() -> None:
    raise NotImplementedError("the ledger is never thrown away")
