"""One worker: a slot, a browser, an engine, and the turns that it is handed, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from loguru import logger
from sqlalchemy.exc import ProgrammingError

from agent.browser.launcher import Browser
from agent.cluster.dispatch import Dispatch, Handlers
from agent.cluster.feed import Feed
from agent.cluster.slots import Slots
from agent.cluster.status import serve_metrics
from agent.cluster.turn import Turns, WorkerVoice
from agent.cluster.upload import Upload
from agent.domain.errors import LedgerFailed, TechnicalError
from agent.domain.i18n import _
from agent.domain.order import Outcome, Role, State
from agent.ledger.lock import BEAT_SECONDS
from agent.ledger.store import Ledger
from agent.settings.settings import Settings

_DATABASE_BACK_WITHIN = 600.0
"""Seconds that a turn waits for a database that does not answer."""
_ENGINE_FAULTS = 10
"""Looks in a row that failed, after which the worker ends."""
_LOST_ENDS_WITHIN = 10
"""Seconds that a worker which cannot go on gives to the orders in hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """``accounts``: how many this worker serves at once; ``metrics``: a loopback port; ``poll``: seconds
    between two looks for work; ``sweep``: cron of the look at orders that a person's own runs left pending.
    """

    accounts: int = 2
    metrics: int | None = None
    poll: float = 1.0
    sweep: str | None = "*/30 * * * *"


class Worker:
    """``await Worker(...).run()``. ``stop`` set: the orders in hand end at a safe point, then it ends."""

    turns_class = Turns
    browser_class = Browser

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        share: Share,
        stop: asyncio.Event,
        call: Callable[[Mapping[str, str]], None],
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._share = share
        self._stop = stop
        self._slots = Slots(settings.database)
        self._upload = Upload(settings, ledger)
        self._turns = self.turns_class(
            settings, ledger, self._ready_browser, WorkerVoice(call), stop, keep=self._keep_evidence
        )
        self._browser = self.browser_class(settings)
        self._loop = asyncio.get_running_loop()
        self._lost = self._broken = False

    async def run(self) -> None:
        """Until told to stop. TechnicalError: the slot was lost to another, or the engine is no more."""
        number = self._slots.take()
        logger.info("worker in slot {}: {} accounts at once", number, self._share.accounts)
        if self._share.metrics is not None:
            serve_metrics(self._ledger, Slots(self._settings.database), self._share.metrics)
        handlers = Handlers(turn=self._in_loop, wait=self._turns.wait, sweep=self._sweep)
        dispatch = Dispatch(self._settings.database, number, handlers)
        # What it asks of the slots has a connection of its own: it runs in another thread.
        feed = Feed(self._settings, self._ledger.jobs, dispatch, Slots(self._settings.database), own=number)
        self._loop.run_in_executor(None, self._keep_left)
        async with self._browser, self._looked_after():
            await asyncio.to_thread(
                dispatch.launch, accounts=self._share.accounts, pace=self._settings.pace_seconds,
                poll=self._share.poll, sweep=self._share.sweep,
            )  # fmt: skip
            try:
                await self._feed(feed)
            finally:
                self._stop.set()
                patience = _LOST_ENDS_WITHIN if self._lost or self._broken else 3600
                await asyncio.to_thread(dispatch.stop, patience)
        self._slots.close()
        if self._lost:
            raise TechnicalError(
                _("slot {slot} was lost to another worker: this one has stopped", slot=number)
            )

    async def _ready_browser(self) -> Browser:
        return self._browser

    @contextlib.asynccontextmanager
    async def _looked_after(self) -> AsyncIterator[None]:
        beat = asyncio.ensure_future(self._beat())
        try:
            yield
        finally:
            beat.cancel()

    async def _beat(self) -> None:
        """A sign of life for the slot; where it is lost, the same one again, else this worker ends."""
        number = self._slots.number
        while not self._lost:
            await asyncio.sleep(BEAT_SECONDS)
            if self._slots.is_held():
                continue
            with contextlib.suppress(LedgerFailed):
                self._lost = not self._slots.take_again()
        logger.error("slot {} is another worker's by now: this one stops", number)
        self._stop.set()

    async def _feed(self, feed: Feed) -> None:
        faults = 0
        while not self._stop.is_set():
            try:
                await asyncio.to_thread(feed.look)
                faults = 0
            except Exception as error:
                faults += 1
                logger.warning("the look for work failed: {}", str(error).partition("\n")[0])
                gone = isinstance(error, ProgrammingError)  # its tables: no later look would find them
                if gone or (faults >= _ENGINE_FAULTS and not isinstance(error, LedgerFailed)):
                    self._broken = True
                    raise TechnicalError(
                        _(
                            "the engine cannot go on ({error}): start this worker again",
                            error=type(error).__name__,
                        )
                    ) from error
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), min(1.0, self._share.poll))

    # -- called by the engine, in its own threads --------------------------------------------------

    def _in_loop(self, key: str, number: int) -> None:
        asyncio.run_coroutine_threadsafe(self._one(key, number), self._loop).result()

    async def _one(self, key: str, number: int) -> None:
        """A turn; one that the database interrupts begins again when it answers."""
        ends = time.monotonic() + _DATABASE_BACK_WITHIN
        while True:
            try:
                await self._turns.turn(key, number)
            except LedgerFailed as error:
                logger.warning("{}: {}", key, error)
                if time.monotonic() > ends or self._stop.is_set():
                    raise
                await asyncio.sleep(2.0)
            else:
                return

    def _sweep(self) -> None:
        """Orders that are pending with no follow-up: a person's own runs left them."""
        for row in self._ledger.find(states=[State.PENDING]):
            if row.account in self._settings.accounts:
                self._turns.review_later(row.account, delay=0.0)

    def _keep_left(self) -> None:
        with contextlib.suppress(LedgerFailed):  # the next worker of this machine finds it
            self._upload.keep_left()

    def _keep_evidence(self, outcome: Outcome) -> None:
        account = self._settings.accounts.get(outcome.account)
        row = account and self._ledger.get(outcome.platform, Role(account.role), outcome.order_no)
        if row:
            self._loop.run_in_executor(None, self._upload.keep, row.id)
