"""Runs many orders: accounts side by side, the orders of one account one after another, within limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from agent.browser import Browser
from agent.case import Case, Options
from agent.desk import Desk, open_desk
from agent.errors import AccountBusy, NeedsHuman, TechnicalError
from agent.ledger import Ledger
from agent.order import Cancellation, Commit, Outcome, State
from agent.settings import Settings

FIRST_FAILURES = 3
"""A run of an account whose first orders all fail technically stops after so many."""
DOUBTS_IN_A_ROW = 2


class Voice(Protocol):
    """Who tells the user what goes on (standard error), and asks before a submit."""

    def say(self, text: str) -> None: ...
    def ended(self, outcome: Outcome) -> None: ...
    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None: ...


@dataclass(slots=True)
class Result:
    """``outcomes`` in the order of the accounts' work; ``busy`` accounts were left alone (exit 75)."""

    outcomes: list[Outcome] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)


class Runner:
    """One run. ``stop`` set (Ctrl-C): the order in hand ends safely, what is left stays ``queued``."""

    def __init__(
        self, settings: Settings, ledger: Ledger, options: Options, voice: Voice, stop: asyncio.Event
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._options = options
        self._voice = voice
        self._stop = stop
        self._result = Result()

    async def run(self, wanted: Sequence[Cancellation]) -> Result:
        """Cancel what is wanted. UsageError, before anything begins, where another reason is under way."""
        by_account: dict[str, list[Cancellation]] = {}
        for one in wanted:
            self._ledger.check(one)
            note = one.note or self._settings.notes.get(one.reason)
            by_account.setdefault(one.account, []).append(replace(one, note=note))
        async with Browser(self._settings) as browser, asyncio.TaskGroup() as group:
            signed_in = asyncio.Barrier(len(by_account))
            for name, orders in by_account.items():
                group.create_task(self._account(browser, name, orders, signed_in))
        return self._result

    async def _account(
        self, browser: Browser, name: str, orders: list[Cancellation], all_in: asyncio.Barrier
    ) -> None:
        """One account's whole work; its trouble is its own, the others go on."""
        left = list(orders)
        async with _counted_out(all_in) as arrive:
            try:
                async with open_desk(browser, self._settings, name, wait=self._options.wait_for_lock) as desk:
                    await arrive()
                    await self._orders(desk, left)
            except AccountBusy as error:
                self._voice.say(str(error))
                self._result.busy.append(name)
            except (NeedsHuman, TechnicalError) as error:
                self._voice.say(f"{name}: {error}")
                state = State.NEEDS_HUMAN if isinstance(error, NeedsHuman) else State.FAILED
                self._leave(left, state, str(error))

    async def _orders(self, desk: Desk, left: list[Cancellation]) -> None:
        """Take the orders from the front of ``left`` until it is empty or a limit says stop."""
        watch = _Watch(self._settings.max_submits_per_run)
        while left:
            why = "interrupted" if self._stop.is_set() else watch.why_stop()
            if why:
                self._voice.say(f"{desk.name}: stopped, {why}; {len(left)} left")
                self._leave(left, State.QUEUED, why)
                return
            began = time.monotonic()
            case = Case(
                desk, left[0], self._ledger, self._settings, self._options,
                approve=self._voice.approve, say=self._voice.say, stop=self._stop,
            )  # fmt: skip
            outcome = await case.go()
            left.pop(0)
            self._tell(outcome)
            watch.saw(case, outcome)
            if left and case.evidence:
                await self._pace(began)

    async def _pace(self, began: float) -> None:
        rest = self._settings.pace_seconds - (time.monotonic() - began)
        if rest > 0:
            await asyncio.wait([asyncio.ensure_future(self._stop.wait())], timeout=rest)

    def _leave(self, orders: list[Cancellation], state: State, why: str) -> None:
        """Orders that were not begun: their row says so; what is in doubt or settled stays as it is."""
        for wanted in orders:
            row = self._ledger.take(wanted)
            if row.state is State.QUEUED:
                row = self._ledger.settle(row, state, detail=why)
            self._tell(self._ledger.to_outcome(row))
        orders.clear()

    def _tell(self, outcome: Outcome) -> None:
        self._result.outcomes.append(outcome)
        self._voice.ended(outcome)


class _Watch:
    """Batch safety: the cap of submits, two doubts in a row, a start that only fails."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._submits = 0
        self._doubts = 0
        self._ends: list[State] = []

    def saw(self, case: Case, outcome: Outcome) -> None:
        self._submits += case.submits
        self._doubts = self._doubts + 1 if case.doubtful else 0
        self._ends.append(outcome.state)

    def why_stop(self) -> str | None:
        if self._submits >= self._cap:
            return f"the cap of {self._cap} submits a run is reached (UNSELL_MAX_SUBMITS_PER_RUN)"
        if self._doubts >= DOUBTS_IN_A_ROW:
            return f"{DOUBTS_IN_A_ROW} orders in a row ended in doubt"
        if len(self._ends) == FIRST_FAILURES and all(state is State.FAILED for state in self._ends):
            return f"the first {FIRST_FAILURES} orders all failed technically"
        return None


@asynccontextmanager
async def _counted_out(barrier: asyncio.Barrier) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Every account's session is checked before the first order: all arrive here, also those that fail."""
    arrived = False

    async def arrive() -> None:
        nonlocal arrived
        arrived = True
        await barrier.wait()

    try:
        yield arrive
    finally:
        if not arrived:
            await arrive()
