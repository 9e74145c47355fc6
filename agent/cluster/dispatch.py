"""The engine that hands turns out to workers: DBOS Transact, on tables of its own beside the ledger's.

It is told a job's key and its turn, nothing else. What it believes about a turn decides nothing: a copy that
it hands out once too often finds in the ledger that its turn is over. The only module that imports ``dbos``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from agent.ledger.jobs import Job
from agent.ledger.migrations import parse_url

APPLICATION = "unsell"
VERSION = "unsell-1"
"""Pinned: by default it is a hash of the source, and work of another version is never taken up. Raised only
for turns of another shape."""
SCHEMA = "unsell_engine"
ACCOUNTS = "unsell-accounts"
"""Partitioned by hand (a sign-in's lock key): one turn at a time each, so that no sleep may be in one."""
WAITS = "unsell-waits"
"""Turns that only wait: of no account, as many at once as wanted."""
_TURN, _WAIT, _SWEEP = "turn", "wait", "sweep"
_LIVE = ["ENQUEUED", "DELAYED", "PENDING"]
_MOST_WAITS = 1000
_KEEP_HOURS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What the engine calls. ``turn`` in a thread of its own, where it may take minutes."""

    turn: Callable[[str, int], None]
    wait: Callable[[str, int], Awaitable[None]]
    sweep: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A turn that some executor has begun, as the engine believes."""

    executor: str
    id: str
    queue: str


_handlers: list[Handlers] = []


def _turn(key: str, turn: int) -> None:
    _handlers[-1].turn(key, turn)


async def _wait(key: str, turn: int) -> None:
    await _handlers[-1].wait(key, turn)


def _sweep(_due: datetime, _context: object) -> None:
    _handlers[-1].sweep()


def executor_of(slot: int) -> str:
    """A worker's executor id is its slot: two processes with one id would each do the other's turns."""
    return f"slot-{slot}"


def slot_of(executor: str) -> int | None:
    head, _, number = executor.partition("-")
    return int(number) if head == "slot" and number.isdigit() else None


def workflow_id(job: Job) -> str:
    return f"{job.key}.{job.turn}"


class Dispatch:
    """The engine within one worker. Its calls block: not for the event loop."""

    def __init__(self, url: str, slot: int, handlers: Handlers) -> None:
        _handlers.append(handlers)
        address = parse_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        config = DBOSConfig(
            name=APPLICATION, system_database_url=address, dbos_system_schema=SCHEMA,
            executor_id=executor_of(slot), application_version=VERSION,
            serializer=DBOSPortableJSONSerializer(), use_listen_notify=False, sys_db_pool_size=5,
            log_level="WARNING", console_log_level="ERROR", scheduler_polling_interval_sec=10.0,
        )  # fmt: skip
        DBOS(config=config)
        DBOS.workflow(name=_TURN)(_turn)
        DBOS.workflow(name=_WAIT)(_wait)
        self._sweep = DBOS.workflow(name=_SWEEP)(_sweep)

    def launch(self, *, accounts: int, pace: float, poll: float, sweep: str | None) -> None:
        """Open the queues and begin to take turns. ``accounts``: at once on each worker; ``sweep``: cron."""
        DBOS.listen_queues([ACCOUNTS, WAITS])
        DBOS.launch()
        DBOS.register_queue(
            ACCOUNTS,
            worker_concurrency=accounts,
            partition_concurrency=1,
            partition_limiter={"limit": 1, "period": pace} if pace else None,
            polling_interval_sec=poll,
            on_conflict="always_update",
        )
        DBOS.register_queue(
            WAITS, worker_concurrency=_MOST_WAITS, polling_interval_sec=poll, on_conflict="always_update"
        )
        if sweep:
            DBOS.apply_schedules(
                [{"schedule_name": "unsell-sweep", "workflow_fn": self._sweep, "schedule": sweep}]
            )

    def stop(self, seconds: int) -> None:
        """Take no more turns; wait so long for those in hand."""
        DBOS.destroy(workflow_completion_timeout_sec=seconds)

    def give(self, job: Job) -> None:
        """Hand a job's turn in. A turn that is there already stays as it is."""
        options: EnqueueOptions = {
            "workflow_name": _WAIT if job.stage.waits else _TURN,
            "queue_name": WAITS if job.stage.waits else ACCOUNTS,
            "workflow_id": workflow_id(job),
            "app_version": VERSION,
        }
        if not job.stage.waits:
            options["queue_partition_key"] = job.hand
        if job.delay:
            options["delay_seconds"] = job.delay
        DBOS.enqueue_workflow_with_options(options, job.key, job.turn)

    def live(self) -> set[str]:
        """The ids of all turns that are queued, delayed or begun."""
        found = DBOS.list_workflows(
            status=_LIVE, load_input=False, load_output=False, application_name=APPLICATION
        )
        return {one.workflow_id for one in found}

    def in_hand(self) -> list[InHand]:
        """The turns that any worker has begun."""
        found = DBOS.list_workflows(
            status="PENDING", load_input=False, load_output=False, application_name=APPLICATION
        )
        return [
            InHand(executor=one.executor_id or "", id=one.workflow_id, queue=one.queue_name or "")
            for one in found
        ]

    def resume(self, those: Iterable[InHand]) -> None:
        """Hand out anew what a dead worker had in hand, in the queue it came from: without the name it would
        leave its partition, and with it the rule of one turn at a time.
        """
        by_queue: dict[str, list[str]] = {}
        for one in those:
            by_queue.setdefault(one.queue, []).append(one.id)
        for queue, ids in by_queue.items():
            DBOS.resume_workflows(ids, queue_name=queue or ACCOUNTS)

    def prune(self, limit: int = 2000) -> int:
        """Forget turns that were over an hour ago; how many."""
        before = (datetime.now(UTC) - timedelta(hours=_KEEP_HOURS)).isoformat()
        found = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"], completed_before=before, limit=limit,
            load_input=False, load_output=False, application_name=APPLICATION,
        )  # fmt: skip
        if found:
            DBOS.delete_workflows([one.workflow_id for one in found])
        return len(found)
