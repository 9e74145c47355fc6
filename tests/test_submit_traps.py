"""What chance meets too seldom, at the marketplace in memory: single traps, and the limit that is documented.

``tests/test_submit_machine.py`` is the same in any order.
"""

from __future__ import annotations

import pytest

from agent.domain.order import Asker, SiteReading, State, Verdict
from agent.engine.verdict import is_ours
from tests.inmemory import Manners, Script
from tests.inmemory_session import InMemory
from tests.ledgers import WANTED

STUCK = 100_000
"""Seconds that a page lags which shows nothing new for ever."""


def state_of(world: InMemory) -> State:
    assert world.row is not None
    return world.row.state


CRASHES = ["last look", "before the intent", "intent on disk", "pressed", "answered", "read back"]


@pytest.mark.parametrize("clock", ["goes on", "forward", "back", "stopped"])
@pytest.mark.parametrize("place", [*CRASHES, "before it settles", "settled, not sealed"])
def test_killed_anywhere_and_the_clock_set_before_the_next_run(sold_at, place: str, clock: str) -> None:
    # Broken on purpose: the wait counted from the intent's time on disk; an evidence folder's name that may
    # be taken already.
    world = sold_at(Manners(guard=False, flight=60, list_lag=50))
    assert not world.cancel(WANTED, Script([(place, "crash")]))
    assert world.cancel(WANTED, Script(clock=clock))
    assert (state_of(world), world.site.commits, world.site.doubles) == (State.CANCELLED, 1, 0)


def test_a_dry_run_of_an_order_in_doubt_changes_nothing(sold_at) -> None:
    # Broken on purpose: the dry run takes it up and goes on as a real one would.
    world = sold_at(Manners())
    world.cancel(WANTED, Script(answers=["nothing at all"]), settle=False)
    before = world.row
    world.cancel(WANTED, Script(), dry_run=True)
    assert (world.row, world.site.presses) == (before, 1)


def test_one_page_that_says_nothing_was_received_is_not_enough(sold_at) -> None:
    # Broken on purpose: any instead of all in agent.engine.read_back._decide, and one page is enough for
    # the ledger.
    world = sold_at(Manners(guard=False, list_lag=STUCK, detail_tells=False, at_once=False))
    world.cancel(WANTED, Script())
    world.cancel(WANTED, Script())
    assert (state_of(world), world.site.presses) == (State.NEEDS_HUMAN, 1)


def test_a_list_that_lags_behind_a_declined_request(sold_at) -> None:
    """The list still shows it as open; the order's own page knows better."""
    # Broken on purpose: the detail page's "declined" reported as "a cancellation is already open".
    world = sold_at(Manners(at_once=False, list_lag=50, list_tells=False))
    world.cancel(WANTED, Script())
    world.wait(100)
    world.site.decide(approve=False)
    world.sync(Script())
    assert state_of(world) is State.DECLINED
    world.cancel(WANTED, Script())
    assert (state_of(world), world.site.presses) == (State.REFUSED, 1)


def test_a_buyers_request_that_the_list_does_not_tell_from_ours(sold_at) -> None:
    # Broken on purpose: whose request it is asked of the list alone.
    world = sold_at(Manners(list_tells=False))
    world.site.buyer_asks()
    world.cancel(WANTED, Script())
    assert (state_of(world), world.site.presses) == (State.NEEDS_HUMAN, 0)
    assert "unsell answer" in world.row.detail


def test_a_buyers_request_that_no_page_tells_from_ours(sold_at) -> None:
    """It came in right after the press, which did nothing: the list of requests alone knows whose it is."""
    # Broken on purpose: the list of requests not asked.
    world = sold_at(Manners(list_tells=False, detail_tells=False))
    world.cancel(WANTED, Script([("pressed", "buyer asks")], answers=["nothing at all"]))
    assert (state_of(world), world.site.presses, world.site.commits) == (State.NEEDS_HUMAN, 1, 0)


@pytest.mark.parametrize(
    ("flight", "lag", "guard", "commits"),
    [
        (60, 59, False, 1),
        (119, 0, False, 1),
        (1, 118, False, 1),
        # The documented limit: in flight for longer than the settle time, at a site that lets it pass. Where
        # the form said done before (it was not killed), its word rules out a second submit.
        (400, 0, False, 2),
        (100, 100, False, 2),
        (400, 0, True, 1),
        (100, 100, True, 1),
    ],
)
@pytest.mark.parametrize("killed", [True, False])
def test_the_limit_is_the_settle_time(
    sold_at, flight: float, lag: float, guard: bool, commits: int, killed: bool
) -> None:
    """Beyond it only the site's own guard stands; flight and the pages' lag count together."""
    world = sold_at(Manners(guard=guard, flight=flight, list_lag=lag, detail_lag=lag))
    world.cancel(WANTED, Script([("pressed", "crash")] if killed else ()))
    world.cancel(WANTED, Script())
    world.wait(1000)
    world.sync(Script())
    world.cancel(WANTED, Script())
    assert (world.site.commits, state_of(world)) == (commits if killed else 1, State.CANCELLED)


def test_an_hour_before_the_consent_is_no_settle_time(sold_at) -> None:
    """Nobody answered, two pages show nothing, and the request lands while a person is asked."""
    # As it was: pressed by readings that were an hour old: two commits.
    world = sold_at(Manners(guard=False, flight=400))
    world.cancel(WANTED, Script(answers=["no answer"]), settle=False)
    world.cancel(WANTED, Script([("approve", "an hour goes by")]))
    assert (world.site.commits, world.site.presses, state_of(world)) == (1, 1, State.CANCELLED)


@pytest.mark.parametrize("answer", ["a lie", "no", "unlisted", "other"])
def test_what_the_form_said_rules_out_a_second_press_in_any_later_run(sold_at, answer: str) -> None:
    # As it was: the next run pressed again by itself.
    world = sold_at(Manners(guard=False))
    world.cancel(WANTED, Script(answers=[answer]))
    world.sync(Script())
    world.cancel(WANTED, Script())
    world.sync(Script())
    assert (state_of(world), world.site.presses, world.row.submits) == (State.NEEDS_HUMAN, 1, 1)
    world.cancel(WANTED, Script(), submit_again=True)
    assert (state_of(world), world.site.presses) == (State.CANCELLED, 2)


@pytest.mark.parametrize(
    ("asker", "reason", "ours"),
    [
        (Asker.SELLER, None, True),
        (Asker.SELLER, "buyer-asked", True),
        (Asker.SELLER, "out-of-stock", False),
        (Asker.BUYER, "buyer-asked", False),
        (Asker.BUYER, None, False),
        (Asker.PLATFORM, None, False),
        (Asker.UNKNOWN, "buyer-asked", True),
        (Asker.UNKNOWN, None, False),
    ],
)
def test_whose_an_open_cancellation_is(asker: Asker, reason: str | None, ours: bool) -> None:
    reading = SiteReading(verdict=Verdict.PENDING, view="list", asker=asker, reason=reason)
    assert is_ours(WANTED, reading) is ours
