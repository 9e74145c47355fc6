"""Reads back every order that is pending or in doubt, and settles it (同步状态). Submits nothing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace

from agent.browser import Browser
from agent.desk import Desk, open_desk
from agent.errors import AccountBusy, NeedsHuman, TechnicalError, UnsellError
from agent.evidence import Evidence
from agent.ledger import Ledger, Row
from agent.order import State
from agent.runner import Result, Voice
from agent.settings import Settings
from agent.settle import Conclusion, Finding, Settler


class Sync:
    """One reading round over the ledger's unsettled orders."""

    def __init__(self, settings: Settings, ledger: Ledger, voice: Voice, stop: asyncio.Event) -> None:
        self._settings = settings
        self._ledger = ledger
        self._voice = voice
        self._stop = stop
        self._result = Result()

    async def run(self, account: str | None, *, wait: bool = False) -> Result:
        """Settle what can be settled. ``account`` None: all. No browser starts when nothing waits."""
        by_account: dict[str, list[Row]] = {}
        for row in self._ledger.unsettled(account):
            by_account.setdefault(row.account, []).append(row)
        if by_account:
            async with Browser(self._settings) as browser, asyncio.TaskGroup() as group:
                for name, rows in by_account.items():
                    group.create_task(self._account(browser, name, rows, wait))
        return self._result

    async def _account(self, browser: Browser, name: str, rows: list[Row], wait: bool) -> None:
        try:
            async with open_desk(browser, self._settings, name, wait=wait) as desk:
                for row in rows:
                    if self._stop.is_set():
                        return
                    self._tell(await self._one(desk, row))
        except AccountBusy as error:
            self._voice.say(str(error))
            self._result.busy.append(name)
        except (NeedsHuman, TechnicalError) as error:
            self._voice.say(f"{name}: {error}; its orders stay as they are")
            for row in rows:
                self._tell(row)

    async def _one(self, desk: Desk, row: Row) -> Row:
        """Read one order back; its own evidence folder shows the pages."""
        wanted = replace(self._ledger.to_cancellation(row), account=desk.name)
        about = {
            "order_no": row.order_no,
            "account": desk.name,
            "platform": row.platform,
            "role": row.role.value,
        }
        evidence = Evidence.begin(self._settings.evidence_dir, row.platform, row.order_no, "read-back", about)
        await desk.take_up(evidence)
        settler = Settler(desk.flow, self._settings.settle_seconds, self._voice.say, self._stop)
        try:
            found = await settler.look_again(wanted)
            if found is None and row.doubt:
                found = await settler.wait_and_read(wanted)
            after = self._settled(row, found, evidence)
        except UnsellError as error:
            self._voice.say(f"{row.order_no}: {error}; it stays as it is")
            after = row
        evidence.seal({**asdict(self._ledger.to_outcome(after)), "state": after.state.value})
        return after

    def _settled(self, row: Row, found: Conclusion | None, evidence: Evidence) -> Row:
        """What the reading makes of the row; nothing is ever submitted from here."""
        if found is None:
            return self._ledger.settle(
                row, State.NEEDS_HUMAN, evidence=evidence.folder,
                detail="the cancellation that waited is not shown any more: look at the order in the console",
            )  # fmt: skip
        if found.finding is Finding.INTERRUPTED:
            return row
        state, detail = found.state, found.detail
        if found.finding is Finding.NOT_RECEIVED:
            state = State.NEEDS_HUMAN
            detail = "nothing was received, two pages agree: unsell cancel may submit once more"
        return self._ledger.settle(
            row, state or State.NEEDS_HUMAN, detail=detail, waits_for=found.waits_for,
            site_state=found.site_state, evidence=evidence.folder,
        )  # fmt: skip

    def _tell(self, row: Row) -> None:
        outcome = self._ledger.to_outcome(row)
        self._result.outcomes.append(outcome)
        self._voice.ended(outcome)
