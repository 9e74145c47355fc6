"""Runs many orders: accounts side by side, the orders of one account one after another, within limits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from loguru import logger
from playwright.async_api import Error as PlaywrightError

from agent.account.session import AccountSession, open_session, owner_of
from agent.browser.launcher import Browser
from agent.domain.codes import Code
from agent.domain.errors import AccountBusy, LedgerFailed, NeedsHuman, UnsellError, UsageError, first_line
from agent.domain.i18n import _
from agent.domain.labels import shop
from agent.domain.order import Action, Cancellation, Commit, Outcome, Role, State
from agent.domain.redact import clean
from agent.engine.first_submit import FirstSubmit, needs_a_terminal, not_read_back
from agent.engine.messages import check_letters
from agent.engine.order_run import Options, OrderRun
from agent.engine.profile_entry import Mending
from agent.engine.read_back import ReadBack
from agent.ledger.store import Ledger, Row
from agent.settings.settings import Settings

FAILURES_IN_A_ROW = 3
DOUBTS_IN_A_ROW = 2


class Voice(Protocol):
    """Reports to the user (standard error), and asks before a submit.

    ``asks``: whether there is a terminal to ask at.
    """

    asks: bool

    def say(self, text: str) -> None: ...
    def ended(self, outcome: Outcome) -> None: ...
    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None: ...

    def need_a_person(self, waiting: Mapping[str, str]) -> None: ...


@dataclass(slots=True)
class Result:
    """``outcomes`` as they came; ``busy``: accounts that another run holds (exit 75).

    ``hindered``: accounts that only a person gets into, and why; ``left``: their orders that were not begun
    for that, as (platform, order number). ``again``: the command that takes up what
    is left; None: each order's own. ``broken``: the ledger failed an account in the middle of its work.
    ``mends``: a line for each entry that the profile lacked.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    hindered: dict[str, str] = field(default_factory=dict)
    left: set[tuple[str, str]] = field(default_factory=set)
    again: tuple[str, ...] | None = None
    dry_run: bool = False
    broken: bool = False
    mends: Sequence[str] = ()


class Runner:
    """One run. ``stop`` set (Ctrl-C): the order in hand ends safely, the rest stays ``queued``.

    ``real``: whether the first submit of an account is watched, as it is on the real sites; None: so set.
    ``browser``: one that is open already and stays open; None: one of the run's own. ``read_back``: how an
    order in doubt is read back.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        options: Options,
        voice: Voice,
        stop: asyncio.Event,
        *,
        real: bool | None = None,
        browser: Browser | None = None,
        read_back: Callable[..., ReadBack] = ReadBack,
    ) -> None:
        self._first = FirstSubmit(settings, ledger, real=settings.practice is None if real is None else real)
        self._settings = settings
        self._browser = browser
        self._how_read_back = read_back
        self._ledger = ledger
        self._options = options
        self._voice = voice
        self._stop = stop
        self._result = Result(dry_run=options.dry_run)
        self._reached: list[Outcome] = []
        self._mending = Mending(settings.home, voice.say, dry_run=options.dry_run)
        self._under_way: dict[tuple[str, Role, str], Row] = {}
        """Orders pending or in doubt when the run began: so they are reported if the ledger fails."""

    @property
    def reached(self) -> list[Outcome]:
        """What became of the orders that this run has begun, also where it is stopped in the middle."""
        return self._reached

    async def run(self, wanted: Sequence[Cancellation]) -> Result:
        """Cancel what is wanted.

        UsageError, before anything begins: another reason is under way, a message has a fault, or leave for a
        further submit is asked for more than one order, or where nobody sits at a terminal.
        """
        if self._options.submit_again and not (len(wanted) == 1 and self._voice.asks):
            raise UsageError(
                _("--submit-again is a person's leave: for one order, at a terminal; nothing was begun")
            )
        check_letters(self._settings, {one.account for one in wanted if one.tell_buyer})
        by_owner: dict[str, dict[str, list[Cancellation]]] = {}
        seen: set[tuple[str, Role, str]] = set()
        for one in wanted:
            key = (one.platform, one.role, one.order_no)
            if row := self._ledger.check(one):
                self._under_way[key] = row
            if key in seen:
                raise UsageError(_("order {order_no} is wanted twice in one run", order_no=one.order_no))
            seen.add(key)
            usual = self._settings.notes.get(one.reason) if one.action is Action.CANCEL else None
            note = one.note or usual
            accounts = by_owner.setdefault(owner_of(self._settings, one.account), {})
            accounts.setdefault(one.account, []).append(replace(one, note=note))
        gate = _Gate(len(by_owner))
        own = Browser(self._settings) if self._browser is None else contextlib.nullcontext(self._browser)
        async with own as browser, asyncio.TaskGroup() as group:
            for accounts in by_owner.values():
                group.create_task(self._owner(browser, accounts, gate))
            group.create_task(self._call(gate, sum(map(len, by_owner.values()))))
        self._result.mends = self._mending.summary()
        return self._result

    async def _call(self, gate: _Gate, accounts: int) -> None:
        """Before the first order, report the accounts that need a person to sign in, while others go on."""
        await gate.all_arrived()
        if 0 < len(self._result.hindered) < accounts:
            self._voice.need_a_person(dict(self._result.hindered))

    async def _owner(self, browser: Browser, accounts: dict[str, list[Cancellation]], gate: _Gate) -> None:
        """All accounts of one sign-in (a seller's and a buyer's, for example), one after another."""
        for name, orders in accounts.items():
            await self._account(browser, name, orders, gate)

    async def _account(self, browser: Browser, name: str, orders: list[Cancellation], gate: _Gate) -> None:
        """One account's whole work; its faults do not stop the other accounts."""
        left = list(orders)
        try:
            await self._with_session(browser, name, left, gate)
        except LedgerFailed as error:
            self._voice.say(f"{shop(name)}: {error}")
            self._result.broken = True
            self._tell_unwritten(left, str(error))
        finally:
            gate.arrive(name)

    async def _with_session(self, browser: Browser, name: str, left: list[Cancellation], gate: _Gate) -> None:
        """Open the account's session and work there; where it cannot go on, report the rest, and why."""
        try:
            with logger.contextualize(account=name):
                wait, say = self._options.wait_for_lock, self._voice.say
                async with open_session(browser, self._settings, name, wait=wait, say=say) as session:
                    gate.arrive(name)
                    await gate.all_arrived()
                    await self._orders(session, left)
        except AccountBusy as error:
            self._voice.say(str(error))
            self._result.busy.append(name)
            self._leave(left, None, str(error), error.code)
        except (UsageError, LedgerFailed):
            raise
        except NeedsHuman as error:
            self._voice.say(f"{shop(name)}: {error}")
            self._result.hindered[name] = str(error)
            if error.mend and left:
                self._mending.tell(left[0], error.mend)
            self._result.left |= {(one.platform, one.order_no) for one in left}
            self._leave(left, State.NEEDS_HUMAN, str(error), error.code, error.evidence)
        except (UnsellError, PlaywrightError, OSError) as error:
            why = clean(first_line(error))
            self._voice.say(f"{shop(name)}: {why}")
            self._leave(left, State.FAILED, why, Code.TECHNICAL)

    async def _orders(self, session: AccountSession, left: list[Cancellation]) -> None:
        """Take orders from the front of ``left`` until it is empty or a limit is reached."""
        watch = _Watch(self._settings.max_submits_per_run)
        while left:
            stopped = (_("interrupted"), Code.INTERRUPTED) if self._stop.is_set() else watch.why_stop()
            if stopped:
                why, code = stopped
                self._voice.say(
                    _("{desk}: stopped, {why}; {left} left", desk=shop(session.name), why=why, left=len(left))
                )
                self._leave(left, State.QUEUED, why, code)
                return
            began = time.monotonic()
            case = OrderRun(
                session, left[0], self._ledger, self._settings, self._options,
                submits_left=watch.left, read_back=self._how_read_back,
                approve=self._approve, at_terminal=self._voice.asks, say=self._voice.say, stop=self._stop,
            )  # fmt: skip
            try:
                with logger.contextualize(order=left[0].order_no):
                    outcome = await case.go()
            except LedgerFailed as error:
                if case.row.doubt or case.row.state is State.PENDING:
                    left.pop(0)
                    self._tell(replace(self._ledger.to_outcome(case.row), detail=str(error), code=error.code))
                raise
            left.pop(0)
            self._reached.append(outcome)
            self._tell(outcome)
            if case.mend:
                self._mending.tell(case.wanted, case.mend)
            watch.saw(case, outcome)
            if outcome.code == Code.FIRST_SUBMIT:
                watch.stop_for(needs_a_terminal(session.name), Code.FIRST_SUBMIT)
            elif case.submits and self._first.is_next(case.wanted):
                watch.stop_for(not_read_back(session.name), Code.FIRST_SUBMIT)
            if left and case.evidence:
                await self._pace(began)

    async def _approve(self, wanted: Cancellation, commit: Commit) -> str | None:
        """Who approves this submit. NeedsHuman: it must be watched, and there is no terminal."""
        if self._first.is_next(wanted):
            if not self._voice.asks:
                raise NeedsHuman(needs_a_terminal(wanted.account), code=Code.FIRST_SUBMIT)
            commit.first = True
        return await self._voice.approve(wanted, commit)

    async def _pace(self, began: float) -> None:
        rest = self._settings.pace_seconds - (time.monotonic() - began)
        if rest > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), rest)

    def _leave(
        self,
        orders: list[Cancellation],
        state: State | None,
        why: str,
        code: Code | None,
        evidence: Path | None = None,
    ) -> None:
        """Orders that were not begun: their row says so; what is under way or settled stays as it is.

        ``state`` None: another run is at work there, and nothing is written.
        """
        for wanted in orders:
            row = self._ledger.get(wanted.platform, wanted.role, wanted.order_no)
            if state is not None and not (row and (row.doubt or row.state is State.PENDING)):
                row = self._ledger.take(wanted)
                if row.state is State.QUEUED:
                    row = self._ledger.settle(row, state, detail=why, code=code, evidence=evidence)
            if row is not None:
                self._tell(self._ledger.to_outcome(row))
        orders.clear()

    def _tell_unwritten(self, orders: list[Cancellation], why: str) -> None:
        """Report orders not begun that the ledger cannot take: as they stood, else ``failed``."""
        for one in orders:
            row = self._under_way.get((one.platform, one.role, one.order_no))
            if row:
                outcome = replace(self._ledger.to_outcome(row), detail=why, code=Code.LEDGER_FAILED)
            else:
                outcome = Outcome(
                    account=one.account, platform=one.platform, order_no=one.order_no, state=State.FAILED,
                    reason=one.reason.value, detail=why, code=Code.LEDGER_FAILED,
                )  # fmt: skip
            self._tell(outcome)
        orders.clear()

    def _tell(self, outcome: Outcome) -> None:
        self._result.outcomes.append(outcome)
        self._voice.ended(outcome)


class _Watch:
    """Batch safety: the cap of submits, orders left in doubt in a row, orders that only fail."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self.left = cap
        self._doubts = 0
        self._failures = 0
        self._stopped: tuple[str, Code] | None = None

    def stop_for(self, why: str, code: Code) -> None:
        self._stopped = why, code

    def saw(self, case: OrderRun, outcome: Outcome) -> None:
        self.left -= case.submits
        self._doubts = self._doubts + 1 if case.doubtful else 0
        self._failures = self._failures + 1 if outcome.state is State.FAILED else 0

    def why_stop(self) -> tuple[str, Code] | None:
        """Why the account stops, as a sentence and a code; None: it goes on."""
        if self._stopped:
            return self._stopped
        if self.left <= 0:
            why = _("the cap of {cap} submits a run is reached (UNSELL_MAX_SUBMITS_PER_RUN)", cap=self._cap)
            return why, Code.CAP_REACHED
        if self._doubts >= DOUBTS_IN_A_ROW:
            why = _("{doubts_in_a_row} orders in a row ended in doubt", doubts_in_a_row=DOUBTS_IN_A_ROW)
            return why, Code.DOUBTS_IN_A_ROW
        if self._failures >= FAILURES_IN_A_ROW:
            why = _(
                "{failures_in_a_row} orders in a row failed technically", failures_in_a_row=FAILURES_IN_A_ROW
            )
            return why, Code.FAILURES_IN_A_ROW
        return None


class _Gate:
    """Holds the first order until every account's session is checked, also those that fail."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._arrived: set[str] = set()
        self._open = asyncio.Event()

    def arrive(self, name: str) -> None:
        self._arrived.add(name)
        if len(self._arrived) >= self._expected:
            self._open.set()

    async def all_arrived(self) -> None:
        await self._open.wait()
