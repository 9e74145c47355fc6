"""The ledger: one row for ever per order, the intent on disk before the click, the history beside it.

Only three methods change a row: ``take`` (the order is wanted), ``intend`` (the click is next)
and ``settle`` (something was learnt). Each is one durable transaction.

``doubt`` is true from the intent until a read-back settles it; no state change but the ones below clears
it. ``needs_human`` in doubt therefore goes back to ``submitting`` when it is taken up again, never to
``queued``. A ``token`` names the wish or intent that a caller read; a caller with an old one changes
nothing. Times are for people; no decision depends on them.
"""

from __future__ import annotations

import os
import platform as machine
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from agent.domain.codes import ClosedBy, Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.domain.order import Cancellation, Role, State, Via, WaitsFor
from agent.ledger.database import keep_apart, reading, writing
from agent.ledger.jobs import Jobs
from agent.ledger.migrations import bring_up_to_date, open_engine
from agent.ledger.not_received import Before, Leave, NotReceived, objection, objection_to_form
from agent.ledger.outbox import Outbox
from agent.ledger.schema import (
    Event,
    Row,
    events,
    holds,
    now,
    orders,
    row_of,
    same_act,
    storable,
    to_cancellation,
    to_outcome,
    unchanged,
    wishes_of,
)

__all__ = ["LEGAL", "MOST_SUBMITS", "Event", "IllegalTransition", "Ledger", "Row"]

MOST_SUBMITS = 2
"""The most submits of one order, ever; a further one needs a person's ``--submit-again``."""

_LEARNT = frozenset({State.PENDING, State.CANCELLED, State.DECLINED, State.NEEDS_HUMAN})
LEGAL: Mapping[State, frozenset[State]] = {
    # Nothing was submitted since it was taken: it may end in any way. `queued` again: not submitted, and why.
    State.QUEUED: _LEARNT | {State.QUEUED, State.REHEARSED, State.REFUSED, State.FAILED},
    # Doubt: only what was read back ends it, and "nothing was submitted" can never be said again.
    State.SUBMITTING: _LEARNT | {State.SUBMITTING},
    State.PENDING: _LEARNT,
    State.NEEDS_HUMAN: _LEARNT,
    # Final states. Only `take` begins them again, except `cancelled`, which never changes.
    State.REHEARSED: frozenset(),
    State.FAILED: frozenset(),
    State.REFUSED: frozenset(),
    State.DECLINED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""What ``settle`` may do. Only ``intend`` leads to ``submitting``, only ``take`` back to ``queued``."""

_AT_ONCE = 500
"""Order numbers that one query names: an old SQLite takes 999 values."""
_SAID = ("waits_for", "detail", "code", "closed_by", "offered")
_BLANK = dict.fromkeys((*_SAID, "site_state", "evidence", "seconds"))


class IllegalTransition(RuntimeError):
    """A fault of the program: it asked for a state that an order in this state never takes."""


class Ledger:
    """Opens the ledger at ``url`` (SQLite file or PostgreSQL), migrating it when its schema is behind.

    ``practice``: what it is opened for; practice and the real sites never share one (UsageError). None: the
    caller only looks.
    """

    def __init__(self, url: str, *, practice: bool | None = None) -> None:
        self.worker = f"{machine.node()}:{os.getpid()}"
        self._engine = open_engine(url)
        self.outbox = Outbox(self._engine, self.worker)
        """The messages to buyers; ``settle`` owes them within its own transaction."""
        self.jobs = Jobs(self._engine)
        """What the workers of many machines are to do."""
        try:
            bring_up_to_date(self._engine)
            if practice is not None:
                keep_apart(self._engine, practice=practice)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._engine.dispose()

    # -- the three that change a row ------------------------------------------------------------------------

    def take(self, wanted: Cancellation) -> Row:
        """The order's row: made ``queued``, begun again, or as it stands when it is under way or cancelled.

        UsageError while it is under way or in doubt for another action or reason. Asked again for the same,
        a row that is under way keeps its token: the run that works on it is not disturbed.
        """
        wishes = wishes_of(wanted)
        with writing(self._engine) as db:
            row, made = self._find_or_create(db, wanted, wishes)
            if made:
                return self._record(db, row, "taken", wishes)
            if row.state is State.CANCELLED or (row.state is State.QUEUED and holds(row, wishes)):
                return self._record(db, row, "asked", wishes)
            if row.doubt or row.state is State.PENDING:
                return self._take_up(db, row, wanted, wishes)
            approved_at = None if wanted.approved_by is None else now()
            anew = {**wishes, "approved_at": approved_at, "state": State.QUEUED, "token": uuid4().hex}
            return self._change(db, row, {**_BLANK, **anew}, "taken", {"was": row.state, **wishes})

    def check(self, wanted: Cancellation) -> Row | None:
        """The order's row where it is under way or in doubt; UsageError: for another act or reason."""
        row = self.get(wanted.platform, wanted.role, wanted.order_no)
        if row is None or not (row.doubt or row.state is State.PENDING):
            return None
        same_act(row, wanted)
        return row

    def intend(
        self,
        row: Row,
        *,
        worker: str,
        via: Via | None = None,
        before: Before | None = None,
        proof: NotReceived | None = None,
        leave: Leave | None = None,
    ) -> Row:
        """The intent, durable when this returns: the very next thing is the click.

        ``before``: what pages and form were, kept for a proof; ``via`` the control that will be used. A row
        in doubt takes ``proof`` that nothing was received, held against its history; else IllegalTransition.
        ``leave``, a person's, is kept, and stands for the proof and for one submit more than
        ``MOST_SUBMITS``. AccountBusy: another run changed the row. NeedsHuman: submits spent.
        """
        if row.state not in (State.QUEUED, State.SUBMITTING):
            raise IllegalTransition(f"order {row.order_no} is {row.state}: no intent can follow")
        with writing(self._engine) as db:
            after = self._to_submitting(db, row, via, most=MOST_SUBMITS if leave is None else None)
            if leave is not None:
                self._record(db, after, "leave", {"by": leave.by, "seen": leave.seen}, worker=worker)
            elif row.doubt:
                self._must_prove(db, row, proof)
            kept = before.kept() if before else None
            detail = {"submit": after.submits, "was": row.state, "via": after.via, "before": kept}
            return self._record(db, after, "intended", detail, worker=worker)

    def _to_submitting(self, db: sa.Connection, row: Row, via: Via | None, *, most: int | None) -> Row:
        """Compare and set: one submit more, at most ``most``. AccountBusy, NeedsHuman: see ``intend``."""
        where = [orders.c.id == row.id, orders.c.token == row.token, orders.c.state == row.state]
        where += [] if most is None else [orders.c.submits < most]
        changes: dict[str, Any] = {
            "state": State.SUBMITTING.value,
            "doubt": True,
            "submits": orders.c.submits + 1,
            "token": uuid4().hex,
            "updated_at": now(),
            **dict.fromkeys(_SAID),
        }
        changes |= {} if via is None else {"via": via.value}
        changed = db.execute(sa.update(orders).where(*where).values(changes)).rowcount
        after = self._read(db, row.id)
        if changed != 1:
            unchanged(row, after)
            raise NeedsHuman(
                _(
                    "order {order_no}: {submits} submits spent, and the program makes no more; look at "
                    "the order in the console, then `--submit-again` allows one more",
                    order_no=row.order_no,
                    submits=after.submits,
                ),
                code=Code.SUBMITS_SPENT,
            )
        return after

    def _must_prove(self, db: sa.Connection, row: Row, proof: NotReceived | None) -> None:
        """IllegalTransition where the proof does not stand against the order's history."""
        if proof is None:
            raise IllegalTransition(f"order {row.order_no} is in doubt, and nothing is proved")
        history = self._events(db, row.id)
        if found := objection(history, proof.readings) or objection_to_form(history, proof.form):
            raise IllegalTransition(f"order {row.order_no} is in doubt: {found.why}")

    def settle(
        self,
        row: Row,
        state: State,
        *,
        detail: str | None = None,
        code: Code | str | None = None,
        closed_by: ClosedBy | None = None,
        waits_for: WaitsFor | None = None,
        site_state: str | None = None,
        offered: Iterable[str] | None = None,
        evidence: str | os.PathLike[str] | None = None,
        seconds: float | None = None,
        via: Via | None = None,
    ) -> Row:
        """What was learnt: any change of state but the intent, within ``LEGAL``, else IllegalTransition.

        ``pending``, ``cancelled`` and ``declined`` end the doubt, nothing else does; ``needs_human`` out of
        ``pending`` brings it back when the order was ever submitted. ``evidence``, ``seconds`` and ``via``
        stay as they were when not given; the rest is what this call says.
        """
        doubt = row.doubt or (row.state is State.PENDING and row.submits > 0)
        given: dict[str, Any] = {
            "state": state,
            "doubt": doubt and state in (State.SUBMITTING, State.NEEDS_HUMAN),
            "detail": storable(detail),
            "code": storable(code),
            "closed_by": closed_by,
            "waits_for": waits_for if state is State.PENDING else None,
            "site_state": storable(site_state),
            "offered": None if offered is None else storable(list(offered)),
        }
        kept = {"evidence": None if evidence is None else os.fspath(evidence), "seconds": seconds, "via": via}
        given |= {name: value for name, value in kept.items() if value is not None}
        with writing(self._engine) as db:
            unchanged(row, self._read(db, row.id, lock=True))
            if state not in LEGAL[row.state]:
                raise IllegalTransition(f"order {row.order_no} is {row.state}: it can never become {state}")
            told = {name: value for name, value in given.items() if value is not None and name != "state"}
            after = self._change(db, row, given, "settled", {"was": row.state, **told})
            self.outbox.owe(db, after)
            return after

    # -- the rest -------------------------------------------------------------------------------------------

    def note(self, row: Row, kind: str, /, **detail: Any) -> None:
        """Adds a line to the order's history; the row stays as it is."""
        with writing(self._engine) as db:
            self._record(db, row, kind, detail)

    def keep_address(self, row: Row, evidence: str) -> None:
        """Where the evidence of the row lies by now, unless the row has newer one."""
        with writing(self._engine) as db:
            same = (orders.c.id == row.id, orders.c.evidence == row.evidence)
            db.execute(sa.update(orders).where(*same).values(evidence=evidence))

    def get(self, platform: str, role: Role, order_no: str) -> Row | None:
        with reading(self._engine) as db:
            where = (
                orders.c.platform == platform,
                orders.c.role == role.value,
                orders.c.order_no == order_no,
            )
            found = db.execute(sa.select(orders).where(*where)).one_or_none()
            return row_of(found) if found else None

    def by_id(self, order_id: int) -> Row:
        with reading(self._engine) as db:
            return self._read(db, order_id)

    def many(self, wanted: Iterable[Cancellation]) -> dict[tuple[str, Role, str], Row]:
        """The rows of many orders at once, by platform, role and number; without those never asked for."""
        keys = {(one.platform, one.role, one.order_no) for one in wanted}
        numbers = sorted({number for _platform, _role, number in keys})
        found: dict[tuple[str, Role, str], Row] = {}
        for at in range(0, len(numbers), _AT_ONCE):
            for row in self._select(orders.c.order_no.in_(numbers[at : at + _AT_ONCE]), None):
                found[row.platform, row.role, row.order_no] = row
        return {key: row for key, row in found.items() if key in keys}

    def find(
        self,
        order_no: str | None = None,
        *,
        account: str | None = None,
        platform: str | None = None,
        states: Iterable[State] = (),
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that meet all that is given, oldest first."""
        asked = {"order_no": order_no, "account": account, "platform": platform}
        where = [orders.c[name] == value for name, value in asked.items() if value is not None]
        if wanted := [state.value for state in states]:
            where.append(orders.c.state.in_(wanted))
        return self._select(sa.and_(sa.true(), *where), limit)

    def with_evidence_in(self, folder: str) -> list[Row]:
        """The rows whose newest evidence lies in this folder, of whatever machine."""
        return self._select(orders.c.evidence.startswith(folder, autoescape=True), None)

    def unsettled(self, account: str | None = None) -> list[Row]:
        """What ``sync`` reads back: the ``pending`` and those in doubt, ``needs_human`` in doubt included."""
        standing = [State.PENDING.value, State.SUBMITTING.value, State.NEEDS_HUMAN.value]
        where = [orders.c.state.in_(standing), sa.or_(orders.c.doubt, orders.c.state == State.PENDING.value)]
        if account is not None:
            where.append(orders.c.account == account)
        return self._select(sa.and_(*where), None)

    def submitted(self) -> dict[int, str]:
        """When each order was last submitted, by the row's id; orders never submitted are not in it."""
        last = sa.select(events.c.order_id, sa.func.max(events.c.at).label("last"))
        last = last.where(events.c.kind == "intended").group_by(events.c.order_id)
        with reading(self._engine) as db:
            return {line.order_id: line.last for line in db.execute(last)}

    def events(self, row: Row) -> list[Event]:
        """The order's history, oldest first."""
        with reading(self._engine) as db:
            return self._events(db, row.id)

    def _events(self, db: sa.Connection, order_id: int) -> list[Event]:
        query = sa.select(events).where(events.c.order_id == order_id).order_by(events.c.id)
        return [Event(**{**line, "state": State(line["state"])}) for line in db.execute(query).mappings()]

    to_outcome = staticmethod(to_outcome)
    to_cancellation = staticmethod(to_cancellation)

    def _select(self, where: sa.ColumnElement[bool], limit: int | None) -> list[Row]:
        with reading(self._engine) as db:
            found = db.execute(sa.select(orders).where(where).order_by(orders.c.id).limit(limit))
            return [row_of(line) for line in found]

    def _read(self, db: sa.Connection, order_id: int, *, lock: bool = False) -> Row:
        query = sa.select(orders).where(orders.c.id == order_id)
        return row_of(db.execute(query.with_for_update() if lock else query).one())

    def _find_or_create(
        self, db: sa.Connection, wanted: Cancellation, wishes: Mapping[str, Any]
    ) -> tuple[Row, bool]:
        """The order's row, locked, and whether it was made by this call (another process may be quicker)."""
        order = {name: str(getattr(wanted, name)) for name in ("platform", "role", "order_no")}
        query = sa.select(orders).filter_by(**order).with_for_update()
        found = db.execute(query).one_or_none()
        if found:
            return row_of(found), False
        moment, token = now(), uuid4().hex
        begun = {"state": State.QUEUED.value, "doubt": False, "submits": 0, "token": token}
        times = {"created_at": moment, "updated_at": moment}
        approved_at = None if wanted.approved_by is None else moment
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        values = {**order, **wishes, **begun, **times, "approved_at": approved_at}
        db.execute(insert(orders).values(values).on_conflict_do_nothing())
        row = row_of(db.execute(query).one())
        return row, row.token == token

    def _take_up(self, db: sa.Connection, row: Row, wanted: Cancellation, wishes: Mapping[str, Any]) -> Row:
        """A row under way goes on as it was wanted first; only the shop's name and a consent may be newer."""
        same_act(row, wanted)
        changes: dict[str, Any] = {"account": wanted.account}
        if wanted.approved_by is not None:
            changes |= {"approved_by": wishes["approved_by"], "approved_at": now()}
        kind = "asked"
        if row.state is State.NEEDS_HUMAN:
            changes |= {"state": State.SUBMITTING, "token": uuid4().hex}
            kind = "taken"
        return self._change(db, row, changes, kind, {"was": row.state, **wishes})

    def _change(
        self, db: sa.Connection, row: Row, changes: Mapping[str, Any], kind: str, detail: Mapping[str, Any]
    ) -> Row:
        values = {name: storable(value) for name, value in changes.items()} | {"updated_at": now()}
        db.execute(sa.update(orders).where(orders.c.id == row.id).values(values))
        return self._record(db, self._read(db, row.id), kind, detail)

    def _record(
        self, db: sa.Connection, row: Row, kind: str, detail: Mapping[str, Any], *, worker: str | None = None
    ) -> Row:
        line = {
            "order_id": row.id,
            "at": now(),
            "kind": kind,
            "worker": worker or self.worker,
            "state": row.state.value,
        }
        db.execute(sa.insert(events).values({**line, "detail": storable(detail)}))
        return row
