"""An order in doubt: read back, settle, and once more only with the whole proof or a person's leave."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from agent.account.session import AccountSession
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused
from agent.domain.i18n import N_, _
from agent.domain.order import Cancellation, Commit, Order, State, Verdict
from agent.domain.text import lasting
from agent.engine.read_back import ReadBack
from agent.engine.verdict import Conclusion, Finding, a_persons
from agent.ledger.not_received import Leave, NotReceived, answered, objection, objection_to_form, since_begun
from agent.ledger.store import MOST_SUBMITS, Event, Ledger, Row
from agent.settings.settings import Settings

UNKNOWN = N_("the outcome is not known yet: unsell sync reads it back")


class Doubt(ABC):
    """An order from the moment that a submit's outcome is not known. ``OrderRun`` is the whole order."""

    session: AccountSession
    ledger: Ledger
    row: Row
    wanted: Cancellation
    doubtful = False
    submits = 0
    _read_back: ReadBack
    _settings: Settings
    _stop: asyncio.Event
    _say: Callable[[str], None]
    _submits_left: int
    _submit_again: bool
    """Whether a person may be asked for one further submit."""
    _settles: bool
    """False: an unknown outcome is left ``submitting`` for ``sync``."""

    @abstractmethod
    async def _walk(self) -> Commit | Order:
        """Find, check and prepare. An Order: cancelled or asked already."""

    @abstractmethod
    async def _approved(self, commit: Commit) -> str | None:
        """Who approves this submit now; None: it is not approved."""

    @abstractmethod
    async def _submit(
        self, commit: Commit, *, proof: NotReceived | None = None, leave: Leave | None = None
    ) -> None: ...

    @abstractmethod
    def _note_commit(self, commit: Commit) -> None: ...

    @abstractmethod
    def _end(self, state: State, detail: str | None, code: Code | str | None, **more: Any) -> None: ...

    async def _conclude(self, *, fresh: bool, remarks: str | None = None) -> None:
        """Read back and settle; one further submit where it is proved that nothing was received."""
        found = await self._read_back.first_look(self.wanted)
        if found is None:
            self.doubtful = True
            if not self._settles or self._stop.is_set():
                self._end(State.SUBMITTING, _(UNKNOWN), Code.OUTCOME_UNKNOWN)
                return
            found = await self._read_back.wait_and_read(self.wanted)
        if found.finding is Finding.SETTLED:
            self.doubtful = False
            found.detail = "; ".join(filter(None, (found.detail, remarks))) or None
            self._settle(found)
        elif found.finding is Finding.INTERRUPTED:
            self._end(State.SUBMITTING, _("interrupted; {unknown}", unknown=_(UNKNOWN)), Code.OUTCOME_UNKNOWN)
        elif fresh and not answered(self._history()):
            found.detail, found.code = _("the form's answer could not be kept"), Code.UNCLEAR_AFTER_SETTLING
            self._a_persons(found)
        elif found.finding is Finding.UNCLEAR:
            await self._undecided(found, fresh=fresh)
        else:
            await self._once_more(found, fresh=fresh)

    async def _undecided(self, found: Conclusion, *, fresh: bool) -> None:
        """A person decides: in the console, or here, where a further submit may be allowed."""
        if fresh or not self._submit_again:
            self._a_persons(found)
        else:
            await self._with_leave(found)

    async def _once_more(self, found: Conclusion, *, fresh: bool) -> None:
        """Nothing was received: allowed again if the same form, opened afresh, is offered."""
        if self.row.submits >= MOST_SUBMITS:
            found.code = Code.SUBMITS_SPENT
            found.detail = _("{submits} submits spent, nothing was received", submits=self.row.submits)
            await self._undecided(found, fresh=fresh)
            return
        if self._stop.is_set() or self.submits >= self._submits_left:
            self._end(
                State.SUBMITTING,
                _("nothing was received, two pages agree; a later run may submit once more"),
                Code.NOT_RECEIVED,
            )  # fmt: skip
            return
        self._say(
            _(
                "{order_no}: nothing was received, two pages agree; opening the form again",
                order_no=self.wanted.order_no,
            )
        )
        read_at = asyncio.get_running_loop().time()
        commit = await self._form_again()
        history = self._history()
        if against := objection(history, found.readings) or objection_to_form(history, commit.form):
            found.code, found.detail = against
            await self._undecided(found, fresh=fresh)
            return
        self._note_commit(commit)
        if self._stop.is_set() or (not fresh and not await self._approved(commit)):
            self._end(
                State.SUBMITTING, _("nothing was received, two pages agree; not approved to submit again"),
                Code.NOT_APPROVED,
            )  # fmt: skip
            return
        if still := await self._still_true(found, commit, read_at):
            await self._submit(still, proof=NotReceived(readings=found.readings, form=still.form))

    async def _with_leave(self, found: Conclusion) -> None:
        """A person at the terminal, shown what was seen, may have it submitted once more."""
        read_at = asyncio.get_running_loop().time()
        commit = await self._form_again()
        commit.must_see = self._was_seen(found)
        self._note_commit(commit)
        who = await self._approved(commit)
        if who is None:
            self._a_persons(found)
        elif still := await self._still_true(found, commit, read_at):
            await self._submit(still, leave=Leave(by=who, seen=commit.must_see))

    async def _still_true(self, found: Conclusion, commit: Commit, read_at: float) -> Commit | None:
        """The commit to press: where a person took longer than the settle time, both pages are read again.

        None: the order was settled by that, or is a person's.
        """
        if asyncio.get_running_loop().time() - read_at <= self._settings.settle_seconds:
            return commit
        self._say(_("{order_no}: time has passed, both pages are read again", order_no=self.wanted.order_no))
        now = await self._read_back.read_both(self.wanted)
        if now.finding is Finding.SETTLED:
            self._settle(now)
            return None
        again = await self._form_again()
        if (now.finding, _pages(now)) == (found.finding, _pages(found)) and _shown(again) == _shown(commit):
            return again
        now.code, now.detail = Code.NOT_AS_BEFORE, _("pages or form changed while a person was asked")
        self._a_persons(now)
        return None

    async def _form_again(self) -> Commit:
        """The form, opened afresh. One that is not offered any more is a sign of an effect."""
        try:
            found = await self._walk()
        except Refused as error:
            self._seen("form", Verdict.UNCLEAR, str(error))
            raise
        if isinstance(found, Order):
            self._seen("form", found.reading.verdict, found.status)
            raise NeedsHuman(
                _("the order changed while it was in doubt: {status}", status=found.status),
                code=Code.CHANGED_IN_DOUBT,
            )
        for page in found.order.pages:
            self._read_back.keep(self.wanted, page)
        return found

    def _seen(self, view: str, verdict: Verdict, words: str) -> None:
        self.ledger.note(self.row, "seen", view=view, verdict=verdict.value, words=words)

    def _history(self) -> list[Event]:
        return self.ledger.events(self.row)

    def _was_seen(self, found: Conclusion) -> tuple[str, ...]:
        """What a person is shown before they allow a further submit."""
        lines = [_("{submits} submits were made so far", submits=self.row.submits)]
        for line in since_begun(self._history()):
            if line.kind == "answered":
                lines.append(
                    _("the form answered: {words}", words=line.detail["words"] or line.detail["said"])
                )
            elif line.kind == "seen":
                words = f"{line.detail['view']}: {line.detail['words']}"
                lines.append(_("seen after the submit: {words}", words=words))
        now = "; ".join(f"{r.view}: {r.words or r.verdict.value}" for r in found.readings)
        return (*lines, _("now: {words}", words=now or _("unreadable")), found.detail or "")

    def _a_persons(self, found: Conclusion) -> None:
        """End ``needs_human``. NeedsHuman: a profile entry is known that would let a later run go on."""
        answers = [line.detail for line in since_begun(self._history()) if line.kind == "answered"]
        mend = answers[-1].get("mend") if answers else None
        if mend and found.code is Code.QUESTION_NOT_LISTED:
            raise NeedsHuman(a_persons(self.row, found), code=Code.QUESTION_NOT_LISTED, mend=mend)
        self._end(State.NEEDS_HUMAN, a_persons(self.row, found), found.code, site_state=found.site_state)

    def _settle(self, found: Conclusion) -> None:
        self._end(
            found.state or State.NEEDS_HUMAN, found.detail, found.code, closed_by=found.closed_by,
            waits_for=found.waits_for, site_state=found.site_state,
        )  # fmt: skip


def _pages(found: Conclusion) -> list[tuple[str, Verdict, str]]:
    return sorted((r.view, r.verdict, lasting(r.words)) for r in found.readings)


def _shown(commit: Commit) -> tuple[object, ...]:
    """What a person has approved."""
    order = commit.order
    about = (order.buyer, order.total, order.items, lasting(order.status))
    return (*about, commit.reason_label, commit.label, commit.via, commit.form)
