"""Keeps the engine fed from the ledger, and puts right what was lost: each worker does so, none has to."""

from __future__ import annotations

import time
from collections.abc import Callable

from loguru import logger

from agent.account.session import owner_of
from agent.account.storage_state import session_name
from agent.cluster.dispatch import Dispatch, InHand, slot_of, workflow_id
from agent.cluster.slots import Slots
from agent.ledger.jobs import Jobs
from agent.settings.settings import Settings

_AT_ONCE = 200
FREE_FOR_SECONDS = 10.0
"""How long a slot has to be free before what it had in hand is taken over: a database that was started anew
frees them all for a moment, and their workers are alive."""


class Feed:
    """One worker's part of it. Its calls block: not for the event loop."""

    def __init__(self, settings: Settings, jobs: Jobs, dispatch: Dispatch, slots: Slots, *, own: int) -> None:
        self._settings = settings
        self._jobs = jobs
        self._dispatch = dispatch
        self._slots = slots
        self._own = own
        self._free_since: dict[int, float] = {}
        self._due: dict[str, float] = {}

    def look(self) -> None:
        """Do what is due."""
        self._every(0.5, "hand", self.hand)
        self._every(3.0, "take over", self.take_over)
        self._every(5.0, "release", self.release)
        self._every(30.0, "lost", self.find_lost)
        self._every(600.0, "prune", self._dispatch.prune)

    def _every(self, seconds: float, name: str, work: Callable[[], object]) -> None:
        clock = time.monotonic()
        if clock >= self._due.get(name, 0.0):
            self._due[name] = clock + seconds
            work()

    def hand(self) -> int:
        """Give the engine the turns that are due. Two workers may give the same: the engine keeps one."""
        due = self._jobs.to_hand(_AT_ONCE)
        for job in due:
            self._dispatch.give(job)
        if due:
            self._jobs.handed(due)
        return len(due)

    def find_lost(self) -> int:
        """Turns that the engine should have and has not: its tables were lost, or a turn failed."""
        should_have = self._jobs.in_engine()
        if not should_have:
            return 0
        live = self._dispatch.live()
        lost = [job for job in should_have if workflow_id(job) not in live]
        if lost and (many := self._jobs.hand_anew(lost)):
            logger.warning("{} turns were lost by the engine, and are handed to it anew", many)
        return len(lost)

    def release(self) -> None:
        """Accounts whose hindrance is over."""
        names = {
            name: session_name(owner_of(self._settings, name))
            for name in (hand.account for hand in self._jobs.held())
            if name in self._settings.accounts
        }
        if over := self._jobs.to_release(names):
            self._jobs.release(over)

    def take_over(self) -> int:
        """Resume what workers had in hand that are dead: their slots have been free for a while."""
        by_slot: dict[int, list[InHand]] = {}
        for one in self._dispatch.in_hand():
            slot = slot_of(one.executor)
            if slot is not None and slot != self._own:
                by_slot.setdefault(slot, []).append(one)
        held = self._slots.holders() if by_slot else {}
        clock, taken = time.monotonic(), 0
        self._free_since = {slot: self._free_since.get(slot, clock) for slot in by_slot if slot not in held}
        for slot, since in list(self._free_since.items()):
            if clock - since < FREE_FOR_SECONDS:
                continue
            with self._slots.nobodys(slot) as free:
                if free:
                    self._dispatch.resume(by_slot[slot])
                    taken += len(by_slot[slot])
                    logger.warning("slot {} is nobody's: {} turns are taken over", slot, len(by_slot[slot]))
        return taken
