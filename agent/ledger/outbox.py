"""The ledger's messages to buyers: owed when a row settles, one row a kind for ever, intent before press.

A message is a second thing that cannot be taken back. ``owe`` is part of the transaction that settles the
order, so that a crash in between loses none; ``intend`` is a durable compare-and-set right before the
click; ``settle`` says what came of it. A message that is sent or in doubt never changes again: the database
itself forbids it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from agent.domain.codes import SOMEBODY_ELSE, Code
from agent.domain.errors import AccountBusy
from agent.domain.i18n import _
from agent.domain.order import MessageKind, MessageState, State
from agent.ledger.database import reading, writing
from agent.ledger.schema import BuyerMessage, Row, events, messages, now, orders, row_of, storable

MOST_TRIES = 10
"""How often a message is tried that cannot be sent, before it is given up. "Too many" does not count."""

_OPEN = (MessageState.DUE.value, MessageState.SENDING.value)


def owed(row: Row) -> MessageKind | None:
    """Which message the row's state asks for: only of what this ledger submitted, and only when wanted."""
    others = row.closed_by in SOMEBODY_ELSE or row.code == Code.ALREADY_OPEN
    if not row.wishes.get("tell_buyer") or not row.submits or others:
        return None
    if row.state is State.PENDING:
        return MessageKind.SUBMITTED
    return MessageKind.VERDICT if row.state in (State.CANCELLED, State.DECLINED) else None


class Outbox:
    """The messages of one open ledger; reached as ``ledger.outbox``."""

    def __init__(self, engine: sa.Engine, worker: str) -> None:
        self._engine = engine
        self._worker = worker

    def owe(self, db: sa.Connection, row: Row) -> None:
        """Within the transaction that settles ``row``: what the buyer is to be told now, if it is new.

        At a verdict the first message, where it still waits, is no longer sent: it would come too late.
        """
        if row.state in (State.CANCELLED, State.DECLINED):
            late = (
                messages.c.order_id == row.id,
                messages.c.kind == MessageKind.SUBMITTED.value,
                messages.c.state == MessageState.DUE.value,
            )
            why = {"state": MessageState.NOT_SENT.value, "detail": _("the verdict came first")}
            db.execute(sa.update(messages).where(*late).values({**why, "updated_at": now()}))
        kind = owed(row)
        if kind is None:
            return
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        values = {"order_id": row.id, "kind": kind.value, "state": MessageState.DUE.value, "presses": 0}
        db.execute(insert(messages).values(**values, tries=0, updated_at=now()).on_conflict_do_nothing())

    def of(self, row: Row) -> list[BuyerMessage]:
        """The order's messages, oldest first."""
        with reading(self._engine) as db:
            found = db.execute(
                sa.select(messages).where(messages.c.order_id == row.id).order_by(messages.c.id)
            ).mappings()
            return [_message_of(line) for line in found]

    def waiting(self, account: str | None = None) -> list[Row]:
        """The orders with a message that is due, or whose sending was never ended; oldest first."""
        where: list[sa.ColumnElement[bool]] = [
            orders.c.id.in_(sa.select(messages.c.order_id).where(messages.c.state.in_(_OPEN)))
        ]
        if account is not None:
            where.append(orders.c.account == account)
        with reading(self._engine) as db:
            found = db.execute(sa.select(orders).where(*where).order_by(orders.c.id))
            return [row_of(line) for line in found]

    def intend(self, message: BuyerMessage) -> BuyerMessage:
        """The intent, durable when this returns: the very next thing is the click.

        AccountBusy: it is not due any more; another run has taken it up.
        """
        return self._move(
            message, MessageState.DUE, {"state": MessageState.SENDING, "presses": message.presses + 1}
        )

    def settle(self, message: BuyerMessage, state: MessageState, detail: str | None = None) -> BuyerMessage:
        """What became of it. Back to ``due``: it was not sent, and may be tried again."""
        values: dict[str, object] = {"state": state, "detail": detail}
        if state is MessageState.DUE and message.state is MessageState.DUE:
            values["tries"] = message.tries + 1
            if message.tries + 1 >= MOST_TRIES:
                values |= {
                    "state": MessageState.NOT_SENT,
                    "detail": _(
                        "given up after {most_tries}: {detail}", most_tries=MOST_TRIES, detail=detail
                    ),
                }
        return self._move(message, message.state, values)

    def _move(self, message: BuyerMessage, was: MessageState, values: dict[str, object]) -> BuyerMessage:
        """Compare and set; the order's history keeps it."""
        where = (
            messages.c.id == message.id,
            messages.c.state == was.value,
            messages.c.presses == message.presses,
        )
        given = {name: storable(value) for name, value in values.items()}
        with writing(self._engine) as db:
            changed = db.execute(
                sa.update(messages).where(*where).values({**given, "updated_at": now()})
            ).rowcount
            found = db.execute(sa.select(messages).where(messages.c.id == message.id)).mappings().one()
            if changed != 1:
                raise AccountBusy(
                    _(
                        "the message ({kind}) is {found}: another run has it",
                        kind=message.kind,
                        found=found["state"],
                    )
                )
            state = db.execute(sa.select(orders.c.state).where(orders.c.id == message.order_id)).scalar_one()
            line = {"order_id": message.order_id, "at": now(), "kind": "message", "worker": self._worker}
            told = storable({"message": message.kind, "was": was, **given})
            db.execute(sa.insert(events).values({**line, "state": state, "detail": told}))
            return _message_of(found)


def _message_of(found: sa.RowMapping) -> BuyerMessage:
    values = dict(found)
    return BuyerMessage(
        **{**values, "kind": MessageKind(values["kind"]), "state": MessageState(values["state"])}
    )
