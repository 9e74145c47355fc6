"""What a worker does in one turn, and what the next one is. The ledger decides all of it.

An order's turn walks the ordinary way (``agent.engine.runner``), and ends where it would have to wait: a
doubt's waits are turns of their own, of no account, and a review is looked at again later.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from loguru import logger

from agent.browser.launcher import Browser
from agent.cluster.enqueue import hand_of
from agent.cluster.follow_up import AfterWait, for_ledger
from agent.domain.codes import Code
from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Cancellation, Commit, Outcome, SiteReading, State
from agent.engine.order_run import Options
from agent.engine.runner import DOUBTS_IN_A_ROW, FAILURES_IN_A_ROW, Result, Runner
from agent.engine.sync import Sync
from agent.ledger.jobs import HeldFor, Job, Jobs, Stage, review_key
from agent.ledger.store import Ledger, Row
from agent.settings.settings import Settings

REVIEW_AFTER = 900.0
"""Seconds to the first look at an order that somebody reviews; each next one is twice as far."""
_LONGEST_REVIEW = 6 * 3600.0
_TRIES = 3
"""How often a technical fault is tried in all, before the order is left ``failed``."""
_READS = 8
"""How often a doubt that cannot be read back is waited out anew, before it is left for ``sync``."""
_BUSY_AFTER = 5.0
_LONGEST_BUSY = 60.0


@dataclass(slots=True)
class WorkerVoice:
    """Nobody sits at a worker: what was approved when it was enqueued is approved, and nothing else."""

    call: Callable[[Mapping[str, str]], None]
    asks: bool = False

    def say(self, text: str) -> None:
        logger.info(text)

    def ended(self, outcome: Outcome) -> None:
        logger.bind(order=outcome.order_no, state=outcome.state.value).info(
            "{} {}: {} {}", outcome.account, outcome.order_no, outcome.state.value, outcome.detail or ""
        )

    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None:
        return None if commit.must_see else wanted.approved_by

    def need_a_person(self, waiting: Mapping[str, str]) -> None:
        self.call(waiting)


class Turns:
    """Does turns in this process's event loop. ``stop`` set: the order in hand ends at a safe point."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        browser: Callable[[], Awaitable[Browser]],
        voice: WorkerVoice,
        stop: asyncio.Event,
        *,
        keep: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._jobs: Jobs = ledger.jobs
        self._browser = browser
        self._voice = voice
        self._stop = stop
        self._keep = keep

    async def turn(self, key: str, number: int) -> None:
        """One turn of an order or of an account's reviews. LedgerFailed: the database does not answer."""
        job = self._jobs.current(key, number)
        if job is None:
            return
        try:
            strange = hand_of(self._settings, job.account) != job.hand
        except UsageError:
            strange = True
        if strange:
            logger.warning("account {} is not in this worker's settings: left to another", job.account)
            self._jobs.go_on(job, job.stage, delay=_BUSY_AFTER, tries=job.tries, token=job.token,
                             reading=job.reading)  # fmt: skip
        elif self._is_held(job) or self._stop.is_set():
            self._again(job)
        else:
            try:
                await (self._review(job) if job.stage is Stage.REVIEW else self._order(job))
            except UsageError as error:  # settings, or a wish that cannot be: no turn would ever end
                logger.error("{}: {}", job.account, error)
                self._jobs.hold(job.hand, job.account, HeldFor.PERSON, str(error))
                self._again(job)

    async def wait(self, key: str, number: int) -> None:
        """Sleep what a doubt is to wait, by this process's monotonic clock; not at all when stopped first."""
        job = await asyncio.to_thread(self._jobs.current, key, number)
        if job is None or not job.stage.waits:
            return
        first = job.stage is Stage.WAIT
        seconds = self._settings.settle_seconds * (1.0 if first else 0.5)
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0:
            if self._stop.is_set():  # another worker waits anew: what this one has waited counts for nobody
                await asyncio.to_thread(self._again, job)
                return
            await asyncio.sleep(min(left, 0.5))
        after = Stage.FIRST_READ if first else Stage.SECOND_READ
        go_on = functools.partial(self._jobs.go_on, job, after, token=job.token, reading=job.reading)
        await asyncio.to_thread(go_on, tries=job.tries)

    def _again(self, job: Job, *, delay: float = 0.0, tries: int | None = None) -> None:
        self._jobs.go_on(
            job, job.stage, delay=delay, tries=job.tries if tries is None else tries, token=job.token,
            reading=job.reading,
        )  # fmt: skip

    def _is_held(self, job: Job) -> bool:
        hand = self._jobs.hand(job.hand)
        return hand is not None and hand.holds(job.stage)

    # -- an order ----------------------------------------------------------------------------------

    async def _order(self, job: Job) -> None:
        row = self._ledger.by_id(job.order_id or 0)
        result, listed = await self._walk(job, row)
        after = self._ledger.by_id(row.id)
        self._keep(self._ledger.to_outcome(after))
        if result.busy or result.broken:
            wait = min(_LONGEST_BUSY, _BUSY_AFTER * 2**job.tries)
            self._again(job, delay=wait, tries=min(job.tries + 1, 10))
            return
        self._count(job, after, result)
        if result.hindered and after.state is State.SUBMITTING:
            self._again(job)  # nothing was read: the same turn, when a person has signed in
        else:
            self._next(job, after, for_ledger(listed))

    async def _walk(self, job: Job, row: Row) -> tuple[Result, SiteReading | None]:
        """The ordinary way of one order; and what the list said, where it was read back."""
        reads: list[AfterWait] = []

        def read_back(*given: object, **more: object) -> AfterWait:
            reads.append(AfterWait(*given, job=job, **more))
            return reads[-1]

        waited = job.stage in (Stage.FIRST_READ, Stage.SECOND_READ)
        runner = Runner(
            self._settings, self._ledger, Options(settle=waited), self._voice, self._stop,
            browser=await self._browser(), read_back=read_back,
        )  # fmt: skip
        result = await runner.run([self._ledger.to_cancellation(row)])
        return result, reads[-1].listed if reads else None

    def _next(self, job: Job, row: Row, listed: dict[str, object] | None) -> None:
        """What comes after this turn, by what the ledger has now."""
        match row.state:
            case State.SUBMITTING:
                self._doubt(job, row, listed)
            case State.PENDING:
                if self._jobs.close(job):
                    self.review_later(row.account)
            case State.FAILED if job.tries + 1 < _TRIES:
                self._jobs.go_on(job, Stage.ORDER, delay=10.0 * (job.tries + 1), tries=job.tries + 1)
            case State.QUEUED if row.code in (Code.INTERRUPTED, None):  # None: handed in anew at this moment
                self._jobs.go_on(job, Stage.ORDER, tries=job.tries)
            case _:
                self._jobs.close(job)

    def _doubt(self, job: Job, row: Row, listed: dict[str, object] | None) -> None:
        if row.token != job.token:  # a submit that nobody has waited for yet
            self._jobs.go_on(job, Stage.WAIT, token=row.token)
        elif job.stage is Stage.FIRST_READ and not self._stop.is_set():
            self._jobs.go_on(job, Stage.WAIT_AGAIN, token=row.token, tries=job.tries, reading=listed)
        elif row.code == Code.NOT_APPROVED or job.tries >= _READS:
            self._jobs.close(job)  # for a person, or for `unsell sync`
        else:
            delay = 0.0 if self._stop.is_set() else 30.0 * job.tries
            self._jobs.go_on(job, Stage.WAIT, delay=delay, token=row.token, tries=job.tries + 1)

    def _count(self, job: Job, row: Row, result: Result) -> None:
        """Batch safety, as within one run: what stops an account there holds it here."""
        name = row.account
        if result.hindered or row.code == Code.FIRST_SUBMIT:
            why = result.hindered.get(name) or row.detail or ""
            self._jobs.hold(job.hand, name, HeldFor.PERSON, why)
            self._voice.need_a_person({name: why})
            return
        again = row.state is State.FAILED and job.tries + 1 < _TRIES
        if job.stage is not Stage.ORDER or again:
            return
        fared = self._jobs.fared(
            job.hand, name, failed=row.state is State.FAILED, doubtful=row.state is State.SUBMITTING
        )
        if fared.failures >= FAILURES_IN_A_ROW:
            why = _(
                "{failures_in_a_row} orders in a row failed technically", failures_in_a_row=fared.failures
            )
            self._jobs.hold(job.hand, name, HeldFor.FAILURES, why)
            self._voice.need_a_person({name: why})
        elif fared.doubts >= DOUBTS_IN_A_ROW:
            why = _("{doubts_in_a_row} orders in a row ended in doubt", doubts_in_a_row=fared.doubts)
            self._jobs.hold(job.hand, name, HeldFor.DOUBTS, why)

    # -- reviews -----------------------------------------------------------------------------------

    def review_later(self, account: str, *, delay: float | None = None) -> bool:
        """Have the account's pending orders looked at; False: that is to be done already."""
        hand, usual = hand_of(self._settings, account), REVIEW_AFTER
        if self._settings.practice:  # there a platform decides within seconds
            usual = 10 * self._settings.settle_seconds
        after = usual if delay is None else delay
        return self._jobs.add(review_key(account), order_id=None, account=account, hand=hand, delay=after)

    async def _review(self, job: Job) -> None:
        sync = Sync(self._settings, self._ledger, self._voice, self._stop, browser=await self._browser())
        result = await sync.run(job.account, doubts=False)
        for outcome in result.outcomes:
            self._keep(outcome)
        if result.hindered:
            self._jobs.hold(job.hand, job.account, HeldFor.PERSON, next(iter(result.hindered.values())))
            self._voice.need_a_person(result.hindered)
        if result.busy or result.broken or result.hindered:
            self._again(job, delay=_LONGEST_BUSY)
        elif self._ledger.find(account=job.account, states=[State.PENDING], limit=1):
            after = min(_LONGEST_REVIEW, max(job.delay, 1.0) * 2)
            self._jobs.go_on(job, Stage.REVIEW, delay=after)
        else:
            self._jobs.close(job)
