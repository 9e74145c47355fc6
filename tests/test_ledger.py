"""The ledger's guarantees, a test each, on SQLite and (where there is one) on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.domain import redact
from agent.domain.errors import AccountBusy, NeedsHuman, UsageError
from agent.domain.order import (
    Action,
    Cancellation,
    Cause,
    FormPrint,
    Reason,
    Role,
    SiteReading,
    State,
    Verdict,
    Via,
    WaitsFor,
)
from agent.ledger.database import writing
from agent.ledger.not_received import NotReceived
from agent.ledger.schema import settles
from agent.ledger.store import IllegalTransition, Ledger
from tests.ledgers import AS_NOTHING_HAPPENED, BEFORE, FORM, LEAVE, PAGES, PROOF, WANTED, in_state

# -- one row for ever ---------------------------------------------------------------------------------------


def test_an_order_has_one_row_for_ever(ledger: Ledger) -> None:
    first = ledger.take(WANTED)
    again = ledger.take(replace(WANTED, account="renamed_shop", reason=Reason.OTHER))
    assert first.id == again.id
    assert (again.account, again.reason) == ("renamed_shop", Reason.OTHER)
    assert len(ledger.find()) == 1
    assert ledger.take(replace(WANTED, role=Role.BUYER)).id != first.id


def test_an_order_is_never_deleted(ledger: Ledger) -> None:
    ledger.take(WANTED)
    with pytest.raises(sa.exc.DBAPIError, match="one row for ever"), writing(ledger._engine) as db:
        db.execute(sa.text("DELETE FROM orders"))


@pytest.mark.parametrize(
    "state", [State.FAILED, State.REFUSED, State.REHEARSED, State.DECLINED, State.QUEUED]
)
def test_asked_again_it_begins_again_and_keeps_its_history(ledger: Ledger, state: State) -> None:
    before = in_state(ledger, state)
    history = ledger.events(before)
    again = ledger.take(replace(WANTED, order_no="1", reason=Reason.OTHER, note="new", approved_by="ann"))
    assert (again.state, again.reason, again.note, again.detail) == (State.QUEUED, Reason.OTHER, "new", None)
    assert (again.approved_by, bool(again.approved_at)) == ("ann", True)
    assert again.submits == before.submits
    assert ledger.events(again)[: len(history)] == history


def test_submits_stay_counted_after_a_decline(ledger: Ledger) -> None:
    for _ in range(2):
        row = ledger.settle(ledger.intend(ledger.take(WANTED), worker="w"), State.DECLINED)
    assert row.submits == 2
    with pytest.raises(NeedsHuman, match="2 submits spent"):
        ledger.intend(ledger.take(WANTED), worker="w")


def test_a_declined_order_is_settled_for_the_wish_that_was_declined_and_no_other(ledger: Ledger) -> None:
    """What was filled in on the way (the control, the note, an accepted defect) makes no new wish of it."""
    # As it was: the sheet says "either", the row says which control was pressed, and the sheet, run again,
    # submitted the declined order once more.
    wanted = replace(WANTED, via=Via.EITHER, note=None)
    row = ledger.take(replace(wanted, note="the usual note", accept_defect=True))
    row = ledger.settle(ledger.intend(row, worker="w", via=Via.CANCEL), State.DECLINED)
    assert settles(row, wanted)
    assert not settles(row, replace(wanted, note="another"))
    assert not settles(row, replace(wanted, reason=Reason.OTHER))
    assert not settles(row, replace(wanted, via=Via.REFUND))
    refused = ledger.settle(ledger.take(replace(wanted, order_no="2")), State.REFUSED)
    assert settles(refused, replace(wanted, order_no="2"))
    assert not settles(refused, replace(wanted, order_no="2", accept_defect=True))


def test_asked_again_for_the_same_a_queued_order_is_not_disturbed(ledger: Ledger) -> None:
    row = ledger.take(WANTED)
    assert ledger.take(WANTED) == row
    ledger.intend(row, worker="w")


def test_a_wish_that_changed_before_the_click_stops_the_click(ledger: Ledger) -> None:
    row = ledger.take(WANTED)
    ledger.take(replace(WANTED, reason=Reason.OUT_OF_STOCK))
    with pytest.raises(AccountBusy):
        ledger.intend(row, worker="w")


def test_cancelled_stays(ledger: Ledger) -> None:
    row = in_state(ledger, State.CANCELLED)
    assert ledger.take(replace(WANTED, order_no="1", reason=Reason.OTHER)) == row
    with pytest.raises(sa.exc.DBAPIError, match="stays cancelled"), writing(ledger._engine) as db:
        db.execute(sa.text("UPDATE orders SET state = 'queued'"))


# -- doubt --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SUBMITTING, State.PENDING, State.NEEDS_HUMAN])
def test_another_reason_under_way_is_a_usage_error_that_names_both(ledger: Ledger, state: State) -> None:
    row = in_state(ledger, state)
    with pytest.raises(UsageError, match=r"buyer-asked.*other"):
        ledger.take(replace(WANTED, order_no="1", reason=Reason.OTHER))
    with pytest.raises(UsageError, match=r"cancel.*accept"):
        ledger.take(replace(WANTED, order_no="1", action=Action.ACCEPT))
    assert ledger.find() == [row]


def test_asked_again_for_the_same_an_order_under_way_goes_on(ledger: Ledger) -> None:
    row = in_state(ledger, State.SUBMITTING)
    asked = ledger.take(replace(WANTED, order_no="1", account="renamed", note="ignored", approved_by="ann"))
    assert (asked.state, asked.doubt, asked.token, asked.note) == (State.SUBMITTING, True, row.token, None)
    assert (asked.account, asked.approved_by) == ("renamed", "ann")
    ledger.settle(row, State.CANCELLED)


def test_needs_human_in_doubt_goes_back_to_submitting_never_to_queued(ledger: Ledger) -> None:
    row = in_state(ledger, State.NEEDS_HUMAN)
    assert row.doubt
    assert ledger.unsettled() == [row]
    taken = ledger.take(replace(WANTED, order_no="1"))
    assert (taken.state, taken.doubt) == (State.SUBMITTING, True)


def test_needs_human_before_any_intent_begins_again(ledger: Ledger) -> None:
    row = ledger.settle(ledger.take(WANTED), State.NEEDS_HUMAN, detail="captcha")
    assert not row.doubt
    assert ledger.unsettled() == []
    assert ledger.take(WANTED).state is State.QUEUED


def test_an_own_pending_request_that_a_person_must_look_at_is_doubt_again(ledger: Ledger) -> None:
    row = ledger.settle(in_state(ledger, State.PENDING), State.NEEDS_HUMAN)
    assert row.doubt
    assert ledger.take(replace(WANTED, order_no="1")).state is State.SUBMITTING


@pytest.mark.parametrize("state", [State.PENDING, State.CANCELLED, State.DECLINED])
def test_only_a_read_back_ends_doubt(ledger: Ledger, state: State) -> None:
    row = in_state(ledger, State.SUBMITTING)
    row = ledger.settle(row, State.SUBMITTING, detail="still waiting")
    assert row.doubt
    assert not ledger.settle(row, state).doubt


# -- the intent ---------------------------------------------------------------------------------------------


def test_the_intent_is_written_with_a_new_token_and_counted(ledger: Ledger) -> None:
    row = ledger.take(WANTED)
    after = ledger.intend(row, worker="here:1", via=Via.REFUND)
    assert (after.state, after.doubt, after.submits, after.via) == (State.SUBMITTING, True, 1, Via.REFUND)
    assert after.token != row.token
    last = ledger.events(row)[-1]
    assert (last.kind, last.worker, last.state, last.detail["submit"]) == (
        "intended",
        "here:1",
        "submitting",
        1,
    )


def test_at_most_two_submits_unless_a_person_gives_leave(ledger: Ledger) -> None:
    """Leave stands for the proof, too, and who gave it after seeing what stays in the history."""
    row = ledger.intend(ledger.take(WANTED), worker="w", before=BEFORE)
    row = ledger.intend(row, worker="w", before=BEFORE, proof=PROOF)
    with pytest.raises(NeedsHuman, match="submit-again"):
        ledger.intend(row, worker="w", proof=PROOF)
    assert ledger.find() == [row]
    after = ledger.intend(row, worker="w", leave=LEAVE)
    assert after.submits == 3
    [leave] = [line for line in ledger.events(after) if line.kind == "leave"]
    assert leave.detail == {"by": "a person", "seen": ["list: Paid"]}


def _pages(*pages: SiteReading) -> NotReceived:
    return NotReceived(readings=pages, form=FORM)


LIST, DETAIL = PAGES


@pytest.mark.parametrize(
    ("proof", "history"),
    [
        (None, None),
        (_pages(), None),
        (_pages(LIST), None),
        (_pages(LIST, LIST), None),
        (_pages(LIST, replace(DETAIL, verdict=Verdict.ABSENT)), None),
        (_pages(LIST, replace(DETAIL, verdict=Verdict.UNCLEAR)), None),
        (_pages(LIST, DETAIL, replace(LIST, verdict=Verdict.PENDING)), None),
        (_pages(LIST, replace(DETAIL, words="Paid, US $5.00 refunded")), None),
        (
            NotReceived(readings=PAGES, form=FormPrint(fields=("reason", "amount"), reasons=FORM.reasons)),
            None,
        ),
        (NotReceived(readings=PAGES, form=FormPrint(fields=FORM.fields)), None),
        *((PROOF, ("answered", {"said": said, "words": ""})) for said in ("done", "no", "other", "unlisted")),
        (PROOF, ("seen", {"view": "list", "verdict": "pending", "words": "in review"})),
    ],
)
def test_in_doubt_no_intent_without_the_whole_proof(
    ledger: Ledger, proof: NotReceived | None, history: tuple[str, dict[str, str]] | None
) -> None:
    # As it was: any two readings that say "none" of two pages.
    row = ledger.intend(ledger.take(WANTED), worker="w", before=BEFORE)
    if history:
        ledger.note(row, history[0], **history[1])
    with pytest.raises(IllegalTransition, match="in doubt"):
        ledger.intend(row, worker="w", proof=proof)
    assert ledger.find() == [row]


def test_an_intent_that_kept_nothing_to_compare_with_takes_a_persons_leave(ledger: Ledger) -> None:
    """As those of an older version."""
    row = ledger.intend(ledger.take(WANTED), worker="w")
    with pytest.raises(IllegalTransition, match="in doubt"):
        ledger.intend(row, worker="w", proof=PROOF)
    assert ledger.intend(row, worker="w", leave=LEAVE).submits == 2


def test_once_shown_as_pending_no_proof_helps(ledger: Ledger) -> None:
    """What a page showed and took back, in whichever run it was."""
    row = ledger.intend(ledger.take(WANTED), worker="w", before=BEFORE)
    row = ledger.settle(ledger.settle(row, State.PENDING), State.NEEDS_HUMAN)
    row = ledger.take(WANTED)
    assert (row.state, row.doubt) == (State.SUBMITTING, True)
    with pytest.raises(IllegalTransition, match="gone again"):
        ledger.intend(row, worker="w", proof=PROOF)


def test_an_old_row_intends_and_settles_nothing(ledger: Ledger) -> None:
    old = ledger.take(WANTED)
    row = ledger.intend(old, worker="w")
    for attempt in (lambda: ledger.intend(old, worker="x"), lambda: ledger.settle(old, State.FAILED)):
        with pytest.raises(AccountBusy):
            attempt()
    assert ledger.find() == [row]


def test_a_row_from_before_a_person_looked_intends_nothing(ledger: Ledger) -> None:
    old = ledger.intend(ledger.take(WANTED), worker="w")
    ledger.settle(old, State.NEEDS_HUMAN)
    with pytest.raises(AccountBusy):
        ledger.intend(old, worker="w", proof=PROOF)
    assert ledger.take(WANTED).state is old.state
    with pytest.raises(AccountBusy):
        ledger.intend(old, worker="w", proof=PROOF)


@pytest.mark.parametrize("state", [s for s in State if s not in (State.QUEUED, State.SUBMITTING)])
def test_no_intent_from_any_other_state(ledger: Ledger, state: State) -> None:
    row = in_state(ledger, state)
    with pytest.raises(IllegalTransition):
        ledger.intend(row, worker="w", leave=LEAVE)
    assert ledger.find() == [row]


def test_an_intent_that_was_not_finished_never_was(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ledger.take(WANTED)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger, "_record", die)
    with pytest.raises(KeyboardInterrupt):
        ledger.intend(row, worker="w")
    assert ledger.find() == [row]


# -- settling -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_no_state_goes_backwards(ledger: Ledger, state: State) -> None:
    learnt = {State.PENDING, State.CANCELLED, State.DECLINED, State.NEEDS_HUMAN}
    allowed = {
        State.QUEUED: learnt | AS_NOTHING_HAPPENED,
        State.SUBMITTING: learnt | {State.SUBMITTING},
        State.PENDING: learnt,
        State.NEEDS_HUMAN: learnt,
    }.get(state, set())
    for number, target in enumerate(State):
        row = in_state(ledger, state, str(number))
        if target in allowed:
            assert ledger.settle(row, target).state is target
            continue
        with pytest.raises(IllegalTransition, match=f"{state}.*{target}"):
            ledger.settle(row, target)
        assert ledger.find(str(number)) == [row]


def test_settle_stores_what_was_learnt(ledger: Ledger, tmp_path: Path) -> None:
    row = in_state(ledger, State.SUBMITTING)
    row = ledger.settle(
        row, State.PENDING, detail="审核中 \ud83d\x00", waits_for=WaitsFor.PLATFORM, site_state="取消审核中",
        offered=["缺货", "其他"], evidence=tmp_path, seconds=1.5, via=Via.CANCEL,
    )  # fmt: skip
    assert (row.detail, row.waits_for, row.site_state) == ("审核中 ?", WaitsFor.PLATFORM, "取消审核中")
    assert (row.offered, row.evidence, row.seconds) == (("缺货", "其他"), str(tmp_path), 1.5)
    row = ledger.settle(row, State.CANCELLED, waits_for=WaitsFor.REFUND)
    assert (row.detail, row.waits_for, row.offered, row.evidence) == (None, None, None, str(tmp_path))
    outcome = ledger.to_outcome(row)
    assert (outcome.state, outcome.reason, outcome.via, outcome.submits) == (
        "cancelled",
        "buyer-asked",
        "cancel",
        1,
    )
    assert outcome.updated_at == row.updated_at


def test_what_was_wanted_comes_back_whole(ledger: Ledger) -> None:
    wanted = Cancellation(
        account="shop1", platform="dhgate", role=Role.SELLER, order_no="=1+1", reason=Reason.OUT_OF_STOCK,
        note="缺货", action=Action.CANCEL, via=Via.REFUND, expect_total=Decimal("41.20"), expect_buyer="b",
        expect_item="i", tell_buyer=True, relist=True, cause=Cause.STOCK, approved_by="ann",
        accept_defect=True,
    )  # fmt: skip
    assert ledger.to_cancellation(ledger.take(wanted)) == wanted
    assert ledger.to_outcome(ledger.take(WANTED)).via is None


# -- the history, secrets, speed ----------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["UPDATE events SET kind = 'x'", "DELETE FROM events", "TRUNCATE events"])
def test_the_history_is_append_only(ledger: Ledger, change: str) -> None:
    if change.startswith("TRUNCATE") and ledger._engine.dialect.name == "sqlite":
        change = "DELETE FROM events WHERE id > 0"  # SQLite has no TRUNCATE
    row = ledger.take(WANTED)
    ledger.note(row, "drift", element="orders.row", tried=2, total=Decimal("1.2"))
    with pytest.raises(sa.exc.DBAPIError, match=r"append-only|never emptied"), writing(ledger._engine) as db:
        db.execute(sa.text(change))
    assert [line.kind for line in ledger.events(row)] == ["taken", "drift"]
    assert ledger.events(row)[-1].detail == {"element": "orders.row", "tried": 2, "total": "1.2"}


def test_submits_are_never_counted_down(ledger: Ledger) -> None:
    in_state(ledger, State.DECLINED)
    with pytest.raises(sa.exc.DBAPIError, match="counted for ever"), writing(ledger._engine) as db:
        db.execute(sa.text("UPDATE orders SET submits = 0"))


def test_no_secret_reaches_the_ledger(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "_hidden", [])
    secret = "Pa55word!"
    redact.hide(secret)
    row = ledger.take(replace(WANTED, note=secret, expect_buyer=secret, approved_by=secret))
    row = ledger.settle(row, State.FAILED, detail=f"at {secret}", site_state=secret, offered=[secret])
    ledger.note(row, "error", text={secret: [secret]})
    with ledger._engine.connect() as db:
        for table in ("orders", "events"):
            assert "Pa55word" not in repr(db.execute(sa.text(f"SELECT * FROM {table}")).all())


def test_find_and_unsettled(ledger: Ledger) -> None:
    states = (State.PENDING, State.NEEDS_HUMAN, State.FAILED)
    rows = [in_state(ledger, state, str(n)) for n, state in enumerate(states)]
    other = ledger.take(replace(WANTED, account="shop2", order_no="9"))
    assert ledger.find() == [*rows, other]
    assert ledger.find("1") == [rows[1]]
    assert ledger.find(account="shop1", states=[State.FAILED, State.PENDING]) == [rows[0], rows[2]]
    assert ledger.find(platform="dhgate") == []
    assert ledger.find(limit=2) == rows[:2]
    assert ledger.unsettled() == ledger.unsettled("shop1") == rows[:2]
    assert ledger.unsettled("shop2") == []
    assert ledger.get("ebay", Role.SELLER, "9") == other
    assert ledger.get("ebay", Role.BUYER, "9") is None


def test_many_orders_at_once_are_each_their_own(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    # Broken on purpose: role or platform not asked for; the last query's numbers left out.
    monkeypatch.setattr("agent.ledger.store._AT_ONCE", 2)
    asked = [replace(WANTED, order_no=str(n)) for n in range(4)]
    rows = [ledger.take(one) for one in asked]
    for other in (
        replace(WANTED, order_no="1", role=Role.BUYER),
        replace(WANTED, order_no="1", platform="dhgate"),
    ):
        ledger.take(other)
    never = replace(WANTED, order_no="00")
    assert ledger.many([*asked, never]) == {
        (one.platform, one.role, one.order_no): row for one, row in zip(asked, rows, strict=True)
    }
    assert ledger.many([]) == {}
    assert ledger.many([never]) == {}
