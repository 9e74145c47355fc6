"""Whatever two runs do to one order, in whatever sequence, crashes between: no state goes backwards."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from agent.domain.errors import AccountBusy, NeedsHuman, UsageError
from agent.domain.order import Reason, Role, State
from agent.ledger.store import Event, IllegalTransition, Ledger, Row
from tests.ledgers import BEFORE, LEAVE, PROOF, WANTED

RUNS = st.integers(0, 1)
"""Which of two runs acts, each with a ledger of its own."""
AGE = st.sampled_from([0, 0, 0, 0, 1, 2, 3])
"""Which row it holds: 0 the newest that anybody has read, else an older one."""
STATES = st.sampled_from([*State, *[State.PENDING, State.NEEDS_HUMAN, State.SUBMITTING] * 3])
"""Every state, but more often those from which there is a way on."""
NOTHING_SUBMITTED = {State.QUEUED, State.REHEARSED, State.REFUSED, State.FAILED}
REFUSALS = (AccountBusy, NeedsHuman, UsageError, IllegalTransition)


class OneOrder(RuleBasedStateMachine):
    url: str

    def __init__(self) -> None:
        super().__init__()
        self.runs = [Ledger(self.url), Ledger(self.url)]
        self.wanted = replace(WANTED, order_no=uuid4().hex)
        self.intents = 0
        self.leave_given = 0
        self.shown = False
        """Whether a page showed a cancellation since the order was last begun."""
        self.history: list[Event] = []

    @initialize()
    def first(self) -> None:
        self.seen = [self.runs[0].take(self.wanted)]
        self.last = self.seen[0]

    def now(self) -> Row:
        row = self.runs[0].get(self.wanted.platform, Role.SELLER, self.wanted.order_no)
        assert row is not None
        return row

    def held(self, age: int) -> Row:
        return self.seen[max(-1 - age, -len(self.seen))]

    @rule(run=RUNS, reason=st.sampled_from([Reason.BUYER_ASKED] * 3 + [Reason.OTHER]))
    def take(self, run: int, reason: Reason) -> None:
        under_way = self.last.doubt or self.last.state is State.PENDING
        try:
            self.seen.append(self.runs[run].take(replace(self.wanted, reason=reason)))
        except UsageError:
            assert under_way
            assert reason is not self.last.reason
            assert self.now() == self.last
        else:
            assert not under_way or reason is self.last.reason

    @rule(run=RUNS, age=AGE, again=st.integers(0, 9).map(lambda n: n == 0))
    def intend(self, run: int, age: int, again: bool) -> None:
        row = self.held(age)
        try:
            after = self.runs[run].intend(
                row, worker=str(run), before=BEFORE, proof=PROOF, leave=LEAVE if again else None
            )
        except REFUSALS:
            assert self.now() == self.last
            return
        assert (row.token, row.state) == (self.last.token, self.last.state)
        assert again or self.last.submits < 2
        assert again or not (self.last.doubt and self.shown)
        self.leave_given += again and self.last.submits >= 2
        self.intents += 1
        self.seen.append(after)

    @rule(run=RUNS, age=AGE, state=STATES)
    def settle(self, run: int, age: int, state: State) -> None:
        row = self.held(age)
        try:
            after = self.runs[run].settle(row, state)
        except REFUSALS:
            assert self.now() == self.last
            return
        assert (row.token, row.state) == (self.last.token, self.last.state)
        self.seen.append(after)

    @rule(run=RUNS)
    def crash(self, run: int) -> None:
        """All that the run knew is gone but the rows that it may have handed on."""
        before = self.now()
        self.runs[run].close()
        self.runs[run] = Ledger(self.url)
        assert self.now() == before

    @precondition(lambda self: hasattr(self, "last"))
    @invariant()
    def nothing_goes_backwards(self) -> None:
        was, row = self.last, self.now()
        assert row.submits == self.intents <= 2 + self.leave_given
        if was.state is State.CANCELLED:
            assert row == was
        if was.doubt or (was.state is State.PENDING and was.submits):
            assert row.state not in NOTHING_SUBMITTED
            assert row.doubt or row.state in (State.PENDING, State.CANCELLED, State.DECLINED)
        if was.state is State.PENDING:
            assert row.state not in NOTHING_SUBMITTED
        self.shown = row.state is not State.QUEUED and (
            self.shown or row.state in (State.PENDING, State.DECLINED)
        )
        if row.submits > was.submits:
            assert (row.state, row.doubt, row.submits) == (State.SUBMITTING, True, was.submits + 1)
            assert row.token != was.token
        self.last = row

    @precondition(lambda self: hasattr(self, "last"))
    @invariant()
    def the_history_only_grows_and_counts_every_intent(self) -> None:
        history = self.runs[1].events(self.last)
        assert history[: len(self.history)] == self.history
        assert sum(line.kind == "intended" for line in history) == self.intents
        assert history[-1].state is self.last.state
        self.history = history

    def teardown(self) -> None:
        for ledger in self.runs:
            ledger.close()


def test_no_state_goes_backwards_and_no_intent_is_lost_whatever_happens(ledger_url: str) -> None:
    class Here(OneOrder):
        url = ledger_url

    quick = settings(
        max_examples=30 if ledger_url.startswith("sqlite") else 10,  # a connection costs more there
        stateful_step_count=25,
        deadline=None,
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    run(Here, settings=quick)
