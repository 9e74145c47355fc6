"""What the workers of many machines are to do: a row for each order, and for each account's reviews.

The engine that hands jobs out (``agent.cluster``) is told an id and a turn, nothing else, and is never asked
what was done. A turn that is over is over: a copy of it that an engine hands out again finds another turn
here and does nothing. So its tables may be lost at any time: whatever is open here is handed to it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from agent.ledger.database import reading, writing
from agent.ledger.schema import hands, jobs, now, sessions


class Stage(StrEnum):
    """What the job's next turn is. The two waits are slept by one process, at no account's cost."""

    ORDER = "order"
    WAIT = "wait"
    """The settle time, from the moment that the worker took the doubt up."""
    FIRST_READ = "first-read"
    WAIT_AGAIN = "wait-again"
    """Half of it, between the two readings."""
    SECOND_READ = "second-read"
    REVIEW = "review"

    @property
    def waits(self) -> bool:
        return self in (Stage.WAIT, Stage.WAIT_AGAIN)


class HeldFor(StrEnum):
    """Why an account's jobs are not handed out. A person ends the first two, by enqueueing or signing in."""

    PERSON = "person"
    FAILURES = "failures"
    DOUBTS = "doubts"
    """Ends by itself, when none of the account's orders is in doubt any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``hand``: the account's lock key as a digest, the queue's partition. ``reading``: the list's, kept
    between the two readings of the doubt with this ``token``. ``since``: UTC, for people.
    """

    key: str
    order_id: int | None
    account: str
    hand: str
    stage: Stage
    turn: int
    handed: int
    tries: int
    delay: float
    token: str | None
    reading: dict[str, Any] | None
    open: bool
    since: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """How an account fares: ``failures`` and ``doubts`` in a row, and what it is held for."""

    hand: str
    account: str
    failures: int
    doubts: int
    held_for: HeldFor | None
    why: str | None
    held_at: str | None

    def holds(self, stage: Stage) -> bool:
        """Whether such a turn is not to be done now. Doubts are read back, as long as somebody gets in."""
        return self.held_for is HeldFor.PERSON or (self.held_for is not None and stage is Stage.ORDER)


def order_key(order_id: int) -> str:
    return f"order-{order_id}"


def review_key(account: str) -> str:
    return f"review-{account}"


def _job(row: Mapping[str, Any]) -> Job:
    return Job(**{**row, "stage": Stage(row["stage"])})


def _hand(row: Mapping[str, Any]) -> Hand:
    return Hand(**{**row, "held_for": HeldFor(row["held_for"]) if row["held_for"] else None})


class Jobs:
    """The jobs in the ledger's database. LedgerFailed where it does not answer."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # -- coming in ---------------------------------------------------------------------------------

    def add(self, key: str, *, order_id: int | None, account: str, hand: str, delay: float = 0.0) -> bool:
        """Open the job: a new one, or one that was over. False: it is open already, and stays as it is."""
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        stage = Stage.ORDER if order_id is not None else Stage.REVIEW
        moment = now()
        fresh = {
            "order_id": order_id, "account": account, "hand": hand, "stage": stage.value, "tries": 0,
            "delay": delay, "token": None, "reading": None, "open": True, "since": moment,
            "updated_at": moment,
        }  # fmt: skip
        with writing(self._engine) as db:
            made = insert(jobs).values(key=key, turn=1, handed=0, **fresh).on_conflict_do_nothing()
            if db.execute(made.returning(jobs.c.key)).first():  # rowcount says nothing of an insert
                return True
            again = sa.update(jobs).where(jobs.c.key == key, sa.not_(jobs.c.open))
            return bool(db.execute(again.values(turn=jobs.c.turn + 1, **fresh)).rowcount)

    # -- going out to the engine -------------------------------------------------------------------

    def to_hand(self, limit: int) -> list[Job]:
        """Open jobs whose turn the engine was not given yet, of accounts that are not held; oldest first."""
        query = sa.select(jobs).outerjoin(hands, hands.c.hand == jobs.c.hand)
        free = sa.or_(
            hands.c.held_for.is_(None),
            sa.and_(hands.c.held_for != HeldFor.PERSON.value, jobs.c.stage != Stage.ORDER.value),
        )
        query = query.where(jobs.c.open, jobs.c.handed < jobs.c.turn, free)
        return self._jobs(query.order_by(jobs.c.since, jobs.c.order_id).limit(limit))

    def handed(self, given: Iterable[Job]) -> None:
        """The engine has these turns."""
        with writing(self._engine) as db:
            for one in given:
                update = sa.update(jobs).where(jobs.c.key == one.key, jobs.c.handed < one.turn)
                db.execute(update.values(handed=one.turn, updated_at=now()))

    def hand_anew(self, lost: Iterable[Job]) -> int:
        """The engine has lost these turns: the next one is due. How many were not over meanwhile."""
        return sum(self._end(one, {"turn": one.turn + 1, "handed": jobs.c.handed}) for one in lost)

    def in_engine(self) -> list[Job]:
        """What the engine should have."""
        return self._jobs(sa.select(jobs).where(jobs.c.open, jobs.c.handed == jobs.c.turn))

    # -- a turn ------------------------------------------------------------------------------------

    def current(self, key: str, turn: int) -> Job | None:
        """The job, where this very turn is the one that is due; None: it is over, and nothing is to do."""
        query = sa.select(jobs).where(jobs.c.key == key, jobs.c.turn == turn, jobs.c.open)
        found = self._jobs(query)
        return found[0] if found else None

    def get(self, key: str) -> Job | None:
        found = self._jobs(sa.select(jobs).where(jobs.c.key == key))
        return found[0] if found else None

    def go_on(
        self,
        job: Job,
        stage: Stage,
        *,
        delay: float = 0.0,
        tries: int = 0,
        token: str | None = None,
        reading: dict[str, Any] | None = None,
    ) -> bool:
        """End this turn, and make the next one due. False: another worker ended it."""
        values = {
            "turn": job.turn + 1, "stage": stage.value, "delay": delay, "tries": tries, "token": token,
            "reading": reading,
        }  # fmt: skip
        return self._end(job, values)

    def close(self, job: Job) -> bool:
        """End this turn, and the job. False: another worker ended it."""
        return self._end(job, {"open": False})

    def _end(self, job: Job, values: dict[str, Any]) -> bool:
        this = (jobs.c.key == job.key, jobs.c.turn == job.turn, jobs.c.open)
        with writing(self._engine) as db:
            ended = db.execute(sa.update(jobs).where(*this).values({**values, "updated_at": now()}))
            return bool(ended.rowcount)

    # -- accounts ----------------------------------------------------------------------------------

    def fared(self, hand: str, account: str, *, failed: bool, doubtful: bool) -> Hand:
        """Count an order that ended: failures and doubts in a row."""
        before = self._make_hand(hand, account)
        with writing(self._engine) as db:
            update = sa.update(hands).where(hands.c.hand == hand)
            db.execute(
                update.values(
                    account=account,
                    failures=hands.c.failures + 1 if failed else 0,
                    doubts=hands.c.doubts + 1 if doubtful else 0,
                )
            )
        return self.hand(hand) or before

    def hold(self, hand: str, account: str, held_for: HeldFor, why: str) -> None:
        """Hand out no more jobs of this account. One that is held for a person stays so."""
        self._make_hand(hand, account)
        with writing(self._engine) as db:
            free = sa.or_(hands.c.held_for.is_(None), hands.c.held_for != HeldFor.PERSON.value)
            values = {"held_for": held_for.value, "why": why, "held_at": now()}
            db.execute(sa.update(hands).where(hands.c.hand == hand, free).values(values))

    def release(self, those: Sequence[str]) -> None:
        """Hand their jobs out again."""
        with writing(self._engine) as db:
            values = {"held_for": None, "why": None, "held_at": None, "failures": 0, "doubts": 0}
            db.execute(sa.update(hands).where(hands.c.hand.in_(those)).values(values))

    def hand(self, hand: str) -> Hand | None:
        found = self._hands(hands.c.hand == hand)
        return found[0] if found else None

    def held(self) -> list[Hand]:
        """The accounts that are held, and why."""
        return self._hands(hands.c.held_for.is_not(None))

    def to_release(self, session_names: dict[str, str]) -> list[str]:
        """Held accounts whose cause is over. ``session_names``: by account, what its saved sign-in is called.

        A doubt is over when none of the account's orders is in it; a sign-in, when it was saved since.
        """
        doubtful = {Stage.WAIT, Stage.FIRST_READ, Stage.WAIT_AGAIN, Stage.SECOND_READ}
        over = []
        with reading(self._engine) as db:
            for one in self.held():
                if one.held_for is HeldFor.DOUBTS:
                    left = sa.select(jobs.c.key).where(
                        jobs.c.hand == one.hand, jobs.c.open, jobs.c.stage.in_([*doubtful])
                    )
                    if db.execute(left.limit(1)).first() is None:
                        over.append(one.hand)
                elif one.held_for is HeldFor.PERSON and one.account in session_names:
                    name = session_names[one.account]
                    saved = db.execute(sa.select(sessions.c.updated_at).where(sessions.c.name == name))
                    when = saved.scalar()
                    if when is not None and one.held_at is not None and when > one.held_at:
                        over.append(one.hand)
        return over

    # -- reading -----------------------------------------------------------------------------------

    def closed_since(self, moment: str) -> int:
        """How many orders have come to their end since (UTC)."""
        query = sa.select(sa.func.count()).where(
            sa.not_(jobs.c.open), jobs.c.order_id.is_not(None), jobs.c.updated_at > moment
        )
        with reading(self._engine) as db:
            return int(db.execute(query).scalar_one())

    def open(self) -> list[Job]:
        return self._jobs(sa.select(jobs).where(jobs.c.open).order_by(jobs.c.since))

    def _make_hand(self, hand: str, account: str) -> Hand:
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        new = {"hand": hand, "account": account, "failures": 0, "doubts": 0}
        with writing(self._engine) as db:
            db.execute(insert(hands).values(new).on_conflict_do_nothing())
        return self._hands(hands.c.hand == hand)[0]

    def _jobs(self, query: sa.Select[Any]) -> list[Job]:
        with reading(self._engine) as db:
            return [_job(dict(row)) for row in db.execute(query).mappings()]

    def _hands(self, where: sa.ColumnElement[bool]) -> list[Hand]:
        with reading(self._engine) as db:
            found = db.execute(sa.select(hands).where(where).order_by(hands.c.account))
            return [_hand(dict(row)) for row in found.mappings()]
