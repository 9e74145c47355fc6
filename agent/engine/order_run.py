"""One order from start to end: the picture in ``docs/design.md`` as code."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from loguru import logger
from playwright.async_api import Error as PlaywrightError

from agent.account.session import AccountSession
from agent.domain.codes import SOMEBODY_ELSE, Code
from agent.domain.errors import (
    AccountBusy,
    LedgerFailed,
    NeedsHuman,
    Refused,
    UnsellError,
    first_line,
)
from agent.domain.i18n import _
from agent.domain.order import (
    BUYERS_REASON,
    BY_SOMEONE_ELSE,
    Action,
    Asker,
    Cancellation,
    Commit,
    Order,
    Outcome,
    Role,
    SiteReading,
    State,
    Verdict,
    WaitsFor,
)
from agent.domain.seal import is_sealed
from agent.domain.text import lasting
from agent.engine import preflight
from agent.engine.doubt import UNKNOWN, Doubt
from agent.engine.failpoints import failpoint
from agent.engine.messages import MessageSender, preview
from agent.engine.profile_entry import keep
from agent.engine.read_back import ReadBack
from agent.engine.remarks import about_commit, about_found, about_order, must_be_seen, remarks_on
from agent.engine.submit import submit
from agent.engine.verdict import closed_by, is_silent, settled_later
from agent.ledger.not_received import Leave, NotReceived
from agent.ledger.stats import against_this_month, counts_against
from agent.ledger.store import MOST_SUBMITS, Ledger, Row
from agent.page.evidence import Evidence
from agent.page.retry import retried
from agent.settings.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the whole run, from the command line."""

    dry_run: bool = False
    settle: bool = True
    """False: leave an unknown outcome ``submitting`` for ``sync``."""
    submit_again: bool = False
    wait_for_lock: bool = False
    trace: bool = False
    """True: Playwright's trace of each order lies, scrubbed, in its evidence."""


Approve = Callable[[Cancellation, Commit], Awaitable[str | None]]
"""Asks whether this may be submitted now: who said yes, or None."""


class OrderRun(Doubt):
    """One order in an account's session. ``go`` returns how it ended.

    It raises AccountBusy, and LedgerFailed, after which ``row`` is what was last known to be written.
    """

    def __init__(
        self, session: AccountSession, wanted: Cancellation, ledger: Ledger, settings: Settings,
        options: Options, *, submits_left: int, approve: Approve, at_terminal: bool,
        say: Callable[[str], None],
        stop: asyncio.Event, read_back: type[ReadBack] | Callable[..., ReadBack] = ReadBack,
    ) -> None:  # fmt: skip
        self.session = session
        self.ledger = ledger
        self.options = options
        self.evidence: Evidence | None = None
        self.mend = ""
        """The profile entry that would let the order go on, where one is missing."""
        self._submits_left = submits_left
        self._submit_again, self._settles = options.submit_again, options.settle
        self._approve = approve
        self._at_terminal = at_terminal
        self._say = say
        self._stop = stop
        self._read_back = read_back(
            session.flow, ledger, settings.settle_seconds, say=say, stop=stop, account=session
        )
        self._settings = settings
        self._began = time.monotonic()
        self.row, self.wanted = self._take(wanted)

    def _take(self, wanted: Cancellation) -> tuple[Row, Cancellation]:
        """The row, and what is wanted: an order under way continues with its first wish."""
        row = self.ledger.get(wanted.platform, wanted.role, wanted.order_no)
        under_way = row is not None and (row.doubt or row.state is State.PENDING)
        if row is None or not (self.options.dry_run and (under_way or row.state is State.DECLINED)):
            row = self.ledger.take(wanted)
        if not under_way:
            return row, wanted
        first = self.ledger.to_cancellation(row)
        return row, replace(first, account=wanted.account, approved_by=wanted.approved_by)

    async def go(self) -> Outcome:
        """Take the order from start to end. Refusals, faults and hand-overs become states of the order."""
        if self.row.state is State.CANCELLED and self.wanted.action is Action.DECLINE:
            return replace(
                self.ledger.to_outcome(self.row), state=State.REFUSED, code=Code.NO_OPEN_REQUEST,
                detail=_("no request waits for an answer: the order is cancelled"),
            )  # fmt: skip
        stands = self.row.doubt or self.row.state in (State.PENDING, State.DECLINED)
        if self.row.state is State.CANCELLED or (stands and self.options.dry_run):
            return self.ledger.to_outcome(self.row)
        try:
            await self._begin()
            await self._mendable()
        except Refused as error:
            self._end(
                State.REFUSED, str(error), error.code, offered=error.offered, site_state=error.site_state
            )
        except NeedsHuman as error:
            self._end(State.NEEDS_HUMAN, str(error), error.code)
        except (AccountBusy, LedgerFailed):
            raise
        except (UnsellError, PlaywrightError, OSError) as error:
            self._end(State.FAILED, first_line(error), Code.TECHNICAL)
        except Exception as error:  # noqa: BLE001 - logged; one order's fault must not stop the others
            logger.exception("{}: a fault of the program", self.wanted.order_no)
            self._end(
                State.FAILED,
                _("a fault of the program: {kind}: {error}", kind=type(error).__name__, error=error),
                Code.TECHNICAL,
            )
        finally:
            if self.evidence:
                await self.session.end(self.evidence)
        outcome = self._seal()
        if self.row.wishes.get("tell_buyer") and not self._stop.is_set():
            await MessageSender(self.session, self.ledger, self._settings, self._say).tell(self.row)
        return outcome

    async def _mendable(self) -> None:
        """The order's steps; a profile entry that an error carries is kept with the evidence."""
        try:
            await self._way()
        except UnsellError as error:
            self.mend = error.mend
            if self.mend and self.evidence:
                with contextlib.suppress(OSError):  # it is printed all the same
                    keep(self.evidence, self.mend)
            raise

    async def _begin(self) -> None:
        kind = "dry-run" if self.options.dry_run else self.wanted.action.value
        about = about_order(self.wanted, self.session)
        self.evidence = Evidence.begin(
            self._settings.evidence_dir, self.wanted.platform, self.wanted.order_no, kind, about
        )
        await self.session.begin(self.evidence, trace=self.options.trace)

    def _seal(self) -> Outcome:
        outcome = self.ledger.to_outcome(self.row)
        try:
            if self.evidence:
                self.evidence.seal({**asdict(outcome), "state": outcome.state.value})
        except OSError as error:
            self._say(
                _(
                    "{order_no}: the evidence could not be written: {error}",
                    order_no=self.wanted.order_no,
                    error=error,
                )
            )
        failpoint("sealed")
        return outcome

    async def _way(self) -> None:
        if self.row.state is State.SUBMITTING:
            await self._conclude(fresh=False)
        elif self.row.state is State.PENDING:
            await self._look_again()
        else:
            preflight.before_opening(self.wanted, self.session.profile)
            found = await self._walk()
            if isinstance(found, Order):
                await self._already(found)
            else:
                await self._offer(found)

    async def _look_again(self) -> None:
        """Read a pending order back: approved, rejected, or still waiting."""
        self._settle(settled_later(self.row, await self._read_back.look_again(self.wanted)))

    async def _walk(self) -> Commit | Order:
        """Find, check and prepare; again on a technical fault. An Order: cancelled or asked already."""
        return await retried(lambda: self.session.signed_in_again(self._walk_once, self._say))

    async def _walk_once(self) -> Commit | Order:
        flow, wanted = self.session.flow, self.wanted
        await flow.clerk.close_popups()
        try:
            found = await flow.find(wanted)
        except Refused as error:
            if error.code is Code.NOT_FOUND:
                await self.session.still_ours()
            raise
        if self.evidence:
            self.evidence.about.update(about_found(found))
        order = await self._with_hours(found)
        if not preflight.may_go_on(wanted, order):
            return order
        return await flow.prepare(wanted, order)

    async def _with_hours(self, order: Order) -> Order:
        """The other party's request that waits for us, with the hours that the list of requests shows."""
        if self.wanted.action is not Action.CANCEL or not preflight.waits_for_us(self.wanted, order):
            return order
        with contextlib.suppress(UnsellError):  # the order goes to a person all the same
            listed = await self.session.flow.read_back(self.wanted, "list")
            return replace(order, reading=replace(order.reading, hours_left=listed.hours_left))
        return order

    async def _already(self, order: Order) -> None:
        """The site shows a cancellation that this ledger never submitted: nothing to press."""
        reading = await self.session.flow.read_back(self.wanted, "detail")
        await self.session.clerk.developed()
        if reading.verdict in (Verdict.NONE, Verdict.UNCLEAR, Verdict.ABSENT):
            reading = order.reading
        # The list may not say whose the request is, and may lag: the detail page then knows better.
        reading = await self._with_asker(reading)
        preflight.no_request_for_us(self.wanted, await self._with_hours(replace(order, reading=reading)))
        if reading.verdict is Verdict.DECLINED:
            raise Refused(
                _("a cancellation was already declined: {words}", words=reading.words),
                site_state=order.status,
                code=Code.ALREADY_DECLINED,
            )
        whose_it_is = closed_by(self.wanted, reading)
        whose = _(
            "{asker}, reason: {reason}", asker=reading.asker.value, reason=reading.reason or _("not shown")
        )
        if reading.verdict is Verdict.CANCELLED:
            detail, code = _("already cancelled"), Code.ALREADY_CANCELLED
            if whose_it_is in SOMEBODY_ELSE:
                detail, code = f"{_(BY_SOMEONE_ELSE)} ({whose})", Code.BY_SOMEONE_ELSE
            self._end(State.CANCELLED, detail, code, closed_by=whose_it_is, site_state=order.status)
        else:
            detail = _(
                "{already_open} ({whose}): nothing was submitted",
                already_open=_("a cancellation is already open"),
                whose=whose,
            )
            self._end(
                State.PENDING, detail, Code.ALREADY_OPEN, closed_by=whose_it_is, waits_for=reading.waits_for,
                site_state=order.status,
            )  # fmt: skip

    async def _with_asker(self, reading: SiteReading) -> SiteReading:
        """Where an open request names no party, the list of requests says whether it waits for us."""
        open_one = reading.verdict is Verdict.PENDING and is_silent(reading)
        if not open_one or not await self.session.flow.request_listed(self.wanted.order_no):
            return reading
        ours = self.wanted.role
        other = Asker.BUYER if ours is Role.SELLER else Asker.SELLER
        return replace(reading, asker=other, waits_for=WaitsFor(ours.value))

    async def _offer(self, commit: Commit) -> None:
        """At the last control: stop here in a dry run, else ask, and submit."""
        self._note_commit(commit)
        status, leave = commit.order.status, None
        if self.options.dry_run:
            await self.session.clerk.developed()
            if self.wanted.tell_buyer:
                texts = preview(self._settings, self.session, self.wanted, commit.order)
                self._say(
                    _(
                        "{order_no}: what the buyer would be told; nothing is sent\n{texts}",
                        order_no=self.wanted.order_no,
                        texts=texts,
                    )
                )
            self._end(State.REHEARSED, self._remarks(commit), None, via=commit.via, site_state=status)
        elif not (who := await self._approved(commit)):
            why, code = _("not approved"), Code.NOT_APPROVED
            if self._stop.is_set():
                why, code = _("interrupted"), Code.INTERRUPTED
            self._end(State.QUEUED, _("{why}: nothing was submitted", why=why), code, site_state=status)
        else:
            if self.row.submits >= MOST_SUBMITS:
                leave = Leave(by=who, seen=commit.must_see)
            await self._submit(commit, leave=leave)

    async def _approved(self, commit: Commit) -> str | None:
        """Who approves this submit now; None: it is not approved.

        What only a person may decide is shown to one here, or was when the order was approved.
        """
        if must_be_seen(commit.order) and not self._was_approved(commit.order):
            commit.must_see = (*commit.must_see, *must_be_seen(commit.order))
            if not self._at_terminal:
                raise NeedsHuman(
                    _("{what}: nothing was submitted", what="; ".join(commit.must_see)),
                    code=Code.STATE_NOT_RECOGNISED, mend=preflight.state_entry(commit.order),
                )  # fmt: skip
        if self.row.submits >= MOST_SUBMITS and not commit.must_see:
            if not self._submit_again:
                raise NeedsHuman(
                    _("{submits} submits spent: --submit-again allows one more", submits=self.row.submits),
                    code=Code.SUBMITS_SPENT,
                )
            commit.must_see = (_("{submits} submits were made so far", submits=self.row.submits),)
        if counts_against(self.wanted, self.session.profile):
            name, number = self.session.name, self.wanted.order_no
            commit.against = against_this_month(self.ledger, name, self.session.profile, but=number)
        approved_by = await self._approve(self.wanted, commit)
        if approved_by is None or self._stop.is_set():
            return None
        self.ledger.note(self.row, "approved", by=approved_by, seen=commit.must_see)
        return approved_by

    def _was_approved(self, order: Order) -> bool:
        """Whether the approver saw the very state that the page shows now."""
        shown = [line.detail.get("site_state") for line in self._history() if line.state is State.REHEARSED]
        return is_sealed(self.wanted.approved_by) and lasting(order.status) in [
            lasting(words or "") for words in shown
        ]

    async def _submit(
        self, commit: Commit, *, proof: NotReceived | None = None, leave: Leave | None = None
    ) -> None:
        await submit(
            self.session.clerk, commit, self.row, self.ledger,
            proof=proof, leave=leave, lock=self.session.lock, intended=self._intended,
        )  # fmt: skip
        await self._conclude(fresh=True, remarks=self._remarks(commit))

    def _intended(self, row: Row) -> None:
        self.row = row
        self.submits += 1

    def _remarks(self, commit: Commit) -> str | None:
        return remarks_on(commit, self.wanted, dry_run=self.options.dry_run)

    def _note_commit(self, commit: Commit) -> None:
        if self.evidence:
            self.evidence.add(**about_commit(commit))
        if said := commit.order.facts.get(BUYERS_REASON):
            self.ledger.note(self.row, "buyer said", reason=said)

    def _end(self, state: State, detail: str | None, code: Code | str | None, **more: Any) -> None:
        """Write the state. Once an intent is on disk, "nothing was submitted" can no longer be said.

        AccountBusy: the lock is lost, and what was read since says nothing (the page was closed).
        """
        self.session.lock.check()
        if self.row.doubt and state is State.REFUSED:
            state, detail = State.NEEDS_HUMAN, _("in doubt, and now refused: {detail}", detail=detail)
        if self.row.doubt and state is State.FAILED:
            state, detail, code = State.SUBMITTING, f"{_(UNKNOWN)} ({detail})", Code.OUTCOME_UNKNOWN
        if self.row.state is State.PENDING and state in (State.REFUSED, State.FAILED):
            state, code = State.PENDING, Code.NOT_READ_BACK
            detail = _("could not be read back, stays as it was: {detail}", detail=detail)
            more = {name: getattr(self.row, name) for name in ("waits_for", "site_state", "closed_by")}
        offered = more.pop("offered", None) or None
        seconds = round(time.monotonic() - self._began, 2)
        evidence = self.evidence.folder if self.evidence else None
        failpoint("before-settled")
        self.row = self.ledger.settle(
            self.row, state, detail=detail, code=code, offered=offered, evidence=evidence, seconds=seconds,
            **more,
        )  # fmt: skip
        failpoint("settled")
