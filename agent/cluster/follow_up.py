"""Reading a doubt back after a wait that was slept elsewhere.

The settle time is counted by the monotonic clock of the one process that waits, as on one machine; but there
it waits in a turn of its own, and the account is free meanwhile. That the time has passed is what the job
says, for one submit of the order (its token) alone: after another submit it is waited for anew.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agent.domain.order import Asker, Cancellation, SiteReading, Verdict, WaitsFor
from agent.engine.read_back import ReadBack
from agent.engine.verdict import Conclusion, Finding, judge
from agent.ledger.jobs import Job, Stage


class AfterWait(ReadBack):
    """The read-back of one turn. What is still to be waited for ends it as interrupted."""

    def __init__(self, *given: Any, job: Job, **more: Any) -> None:
        super().__init__(*given, **more)
        self._job = job
        self.listed: SiteReading | None = None
        """What the list said at this turn."""

    async def first_look(self, wanted: Cancellation) -> Conclusion | None:
        self.listed = await self._read(wanted, "list")
        return (await self._look(wanted, self.listed))[0]

    async def wait_and_read(self, wanted: Cancellation) -> Conclusion:
        row = self._row(wanted)
        waited = row is not None and row.token == self._job.token
        if not waited or self._job.stage is not Stage.SECOND_READ:
            return Conclusion(finding=Finding.INTERRUPTED)
        detail = await self._read(wanted, "detail")
        if detail and (found := judge(wanted, detail)):
            return found
        return await self._decide(wanted, [_from_ledger(self._job.reading), detail])


def for_ledger(reading: SiteReading | None) -> dict[str, Any] | None:
    return None if reading is None else {name: _plain(value) for name, value in asdict(reading).items()}


def _plain(value: Any) -> Any:
    return value.value if hasattr(value, "value") else value


def _from_ledger(kept: dict[str, Any] | None) -> SiteReading | None:
    if not kept:
        return None
    waits_for = kept["waits_for"]
    return SiteReading(
        **{
            **kept,
            "verdict": Verdict(kept["verdict"]),
            "asker": Asker(kept["asker"]),
            "waits_for": None if waits_for is None else WaitsFor(waits_for),
        }
    )
