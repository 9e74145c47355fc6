"""What the ledger keeps: its tables, and their rows as objects.

The tables are as the newest revision in ``migrations/`` leaves them; a test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa

from agent.domain.codes import ClosedBy, Code
from agent.domain.errors import AccountBusy, UsageError
from agent.domain.i18n import _
from agent.domain.labels import reason_words, state_words
from agent.domain.order import (
    Action,
    Cancellation,
    Cause,
    MessageKind,
    MessageState,
    Outcome,
    Reason,
    Role,
    State,
    Via,
    WaitsFor,
)
from agent.domain.redact import clean

metadata = sa.MetaData()
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *(
        sa.Column(name, sa.Text, nullable=False)
        for name in ("platform", "role", "order_no", "account", "state")
    ),
    sa.Column("doubt", sa.Boolean, nullable=False),
    sa.Column("waits_for", sa.Text),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("reason", "action")),
    sa.Column("note", sa.Text),
    sa.Column("via", sa.Text, nullable=False),
    *(sa.Column(name, sa.Text) for name in ("cause", "approved_by", "approved_at")),
    sa.Column("wishes", sa.JSON, nullable=False),
    sa.Column("detail", sa.Text),
    sa.Column("offered", sa.JSON(none_as_null=True)),
    sa.Column("site_state", sa.Text),
    sa.Column("submits", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Text) for name in ("token", "evidence")),
    sa.Column("seconds", sa.Float),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("created_at", "updated_at")),
    *(sa.Column(name, sa.Text) for name in ("closed_by", "code")),
    sa.UniqueConstraint("platform", "role", "order_no", name="orders_once"),
    sa.Index("orders_by_number", "order_no"),
    sa.Index("orders_by_account", "account", "state"),
    sa.Index("orders_by_state", "state"),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id", name="events_of_order"), nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "kind", "worker", "state")),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index("events_by_order", "order_id"),
)
messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id", name="messages_of_order"), nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "state")),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("presses", "tries")),
    sa.Column("detail", sa.Text),
    sa.Column("updated_at", sa.Text, nullable=False),
    sa.UniqueConstraint("order_id", "kind", name="messages_once"),
    sa.Index("messages_by_state", "state"),
)
purpose = sa.Table(
    "purpose",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("practice", sa.Boolean, nullable=False),
)
"""One row: whether this ledger is practice's, or the real sites'."""
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("updated_at", sa.Text, nullable=False),
)
"""Saved sign-ins, encrypted, where machines share the ledger; else they are files."""
jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id", name="jobs_of_order")),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("account", "hand", "stage")),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("turn", "handed", "tries")),
    sa.Column("delay", sa.Float, nullable=False),
    sa.Column("token", sa.Text),
    sa.Column("reading", sa.JSON(none_as_null=True)),
    sa.Column("open", sa.Boolean, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("since", "updated_at")),
    sa.Index("jobs_to_hand", "open", "handed"),
    sa.Index("jobs_by_hand", "hand", "open"),
)
"""What workers are to do, a row for each order and for each account's reviews (``agent.ledger.jobs``)."""
hands = sa.Table(
    "hands",
    metadata,
    sa.Column("hand", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("failures", "doubts")),
    *(sa.Column(name, sa.Text) for name in ("held_for", "why", "held_at")),
)
"""How the workers' accounts fare: failures and doubts in a row, and what an account is held for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One order. ``wishes`` are the options of the order that have no column of their own."""

    id: int
    platform: str
    role: Role
    order_no: str
    account: str
    state: State
    doubt: bool
    waits_for: WaitsFor | None
    reason: Reason
    action: Action
    note: str | None
    via: Via
    cause: Cause | None
    approved_by: str | None
    approved_at: str | None
    wishes: Mapping[str, Any]
    detail: str | None
    offered: tuple[str, ...] | None
    site_state: str | None
    submits: int
    token: str | None
    evidence: str | None
    seconds: float | None
    created_at: str
    updated_at: str
    closed_by: ClosedBy | None
    code: str | None
    """The detail as one word, of ``Code``; a newer program on the same database may know more of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of an order's history; ``state`` is the state after it."""

    id: int
    order_id: int
    at: str
    kind: str
    worker: str
    state: State
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerMessage:
    """A message to an order's buyer: the row that is written before it is sent, one a kind for ever."""

    id: int
    order_id: int
    kind: MessageKind
    state: MessageState
    presses: int
    """How often its intent was written: more than once only after the site said "too many, later"."""
    tries: int
    """How often it could not be sent and nothing had been pressed."""
    detail: str | None
    updated_at: str


def wishes_of(wanted: Cancellation) -> dict[str, Any]:
    """What is wanted, as columns: those of the row, and one for the rest."""
    own = ("account", "reason", "action", "note", "via", "cause", "approved_by")
    rest = ("expect_total", "expect_buyer", "expect_item", "tell_buyer", "relist", "accept_defect")
    columns = {name: storable(getattr(wanted, name)) for name in own}
    wishes = {name: storable(getattr(wanted, name)) for name in rest}
    if wanted.expect_currency:  # a row of an older version has none
        wishes["expect_currency"] = wanted.expect_currency
    return {**columns, "wishes": wishes}


def holds(row: Row, wishes: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in wishes.items())


def settles(row: Row, wanted: Cancellation) -> bool:
    """Whether this very wish has been settled, so that a sheet that is run again skips the order.

    What the wish left open (which control, the note) was filled in meanwhile; once submitted, it no longer
    matters whether this run accepts a defect.
    """
    if row.state is State.CANCELLED:
        return True
    if row.code == Code.NOT_FOUND:  # the search may have failed
        return False
    wishes = wishes_of(wanted)
    if wanted.via is Via.EITHER:
        wishes["via"] = row.via
    if wanted.note is None:
        wishes["note"] = row.note
    if row.submits:
        wishes["wishes"]["accept_defect"] = row.wishes.get("accept_defect")
    return row.state.terminal and holds(row, wishes)


_TOLD = [f.name for f in fields(Outcome) if f.name not in ("reason", "via")]
_WANTED = sorted({f.name for f in fields(Row)} & {f.name for f in fields(Cancellation)})


def to_outcome(row: Row) -> Outcome:
    """The object that ``--json`` prints. ``via`` is null as long as no control was chosen."""
    shared = {name: getattr(row, name) for name in _TOLD}
    via = None if row.via is Via.EITHER else row.via.value
    return Outcome(**shared, reason=row.reason.value, via=via)


def to_cancellation(row: Row) -> Cancellation:
    """What was wanted, as ``take`` got it: a worker on another machine has only the row."""
    wishes = dict(row.wishes)
    total = wishes.pop("expect_total")
    columns = {name: getattr(row, name) for name in _WANTED}
    return Cancellation(**columns, **wishes, expect_total=None if total is None else Decimal(total))


_NAMES = tuple(orders.c.keys())
_KINDS: tuple[tuple[str, type[Enum]], ...] = (
    ("role", Role),
    ("state", State),
    ("waits_for", WaitsFor),
    ("reason", Reason),
    ("action", Action),
    ("via", Via),
    ("cause", Cause),
    ("closed_by", ClosedBy),
)
_WORDS = [(name, {one.value: one for one in kind}) for name, kind in _KINDS]
"""The values of a column and their meanings, made once: a thousand rows are read at a time."""


def row_of(found: sa.Row[Any]) -> Row:
    """A line of ``select(orders)``."""
    values = dict(zip(_NAMES, found, strict=True))
    for name, meanings in _WORDS:
        if (word := values[name]) is not None:
            values[name] = meanings[word]
    if values["offered"] is not None:
        values["offered"] = tuple(values["offered"])
    return Row(**values)


def storable(value: Any) -> Any:
    """The value as JSON can hold it: secrets blotted out, without characters that a database refuses."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {str(storable(str(name))): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(inner) for inner in value]
    return clean(str(value)).replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def now() -> str:
    """For people: no decision depends on it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def same_act(row: Row, wanted: Cancellation) -> None:
    """While an order is under way, another action or reason is a usage error that names both."""
    where = _("order {order_no} is {state}", order_no=row.order_no, state=state_words(row.state))
    if row.doubt:
        where = _(
            "order {order_no} is {state} and in doubt", order_no=row.order_no, state=state_words(row.state)
        )
    if wanted.action is not row.action:
        raise UsageError(
            _(
                "{where} with the action {action}: it cannot be asked for {asked} meanwhile",
                where=where,
                action=row.action,
                asked=wanted.action,
            )
        )
    if wanted.action is Action.CANCEL and wanted.reason is not row.reason:
        raise UsageError(
            _(
                "{where} for the reason {reason}: it cannot be asked for {asked} meanwhile",
                where=where,
                reason=reason_words(row.reason),
                asked=reason_words(wanted.reason),
            )
        )


def unchanged(read: Row, current: Row) -> None:
    if (current.token, current.state) != (read.token, read.state):
        raise AccountBusy(
            _(
                "order {order_no} was changed by another run: it was {state} and is {now}; this run "
                "leaves it alone",
                order_no=read.order_no,
                state=state_words(read.state),
                now=state_words(current.state),
            )
        )
