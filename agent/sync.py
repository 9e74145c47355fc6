"""Reads back every order that is pending or in doubt, and settles it (同步状态). Submits nothing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace

from playwright.async_api import Error as PlaywrightError

from agent.browser import Browser
from agent.desk import Desk, open_desk
from agent.errors import AccountBusy, UnsellError, UsageError
from agent.evidence import Evidence
from agent.ledger import Ledger, Row
from agent.order import State
from agent.runner import Result, Voice
from agent.settings import Settings
from agent.settle import Conclusion, Finding, Settler, settled_later


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
        """One account's rows; its trouble is its own, and every row is told."""
        left = list(rows)
        if name not in self._settings.accounts:
            self._voice.say(
                f"account {name} is not in the settings any more: its {len(rows)} orders stay as they are"
            )
            for row in rows:
                self._tell(row)
            return
        try:
            async with open_desk(browser, self._settings, name, wait=wait, say=self._voice.say) as desk:
                while left and not self._stop.is_set():
                    row = await self._one(desk, left[0])
                    left.pop(0)
                    self._tell(row)
        except AccountBusy as error:
            self._voice.say(str(error))
            self._result.busy.append(name)
        except UsageError:
            raise
        except (UnsellError, PlaywrightError, OSError) as error:
            self._voice.say(f"{name}: {error}; its orders stay as they are")
        for row in left:
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
        settler = Settler(
            desk.flow, self._settings.settle_seconds, self._voice.say, self._stop, desk.ensure_signed_in
        )
        found = await settler.look_again(wanted)
        if row.doubt and found.finding is not Finding.SETTLED:
            found = await settler.wait_and_read(wanted)
        if found.finding is not Finding.INTERRUPTED:
            row = self._settled(row, settled_later(row, found), evidence)
        evidence.seal({**asdict(self._ledger.to_outcome(row)), "state": row.state.value})
        return row

    def _settled(self, row: Row, found: Conclusion, evidence: Evidence) -> Row:
        """Write what the reading makes of the row; nothing is ever submitted from here."""
        return self._ledger.settle(
            row, found.state or State.NEEDS_HUMAN, detail=found.detail, waits_for=found.waits_for,
            site_state=found.site_state, evidence=evidence.folder,
        )  # fmt: skip

    def _tell(self, row: Row) -> None:
        outcome = self._ledger.to_outcome(row)
        self._result.outcomes.append(outcome)
        self._voice.ended(outcome)
