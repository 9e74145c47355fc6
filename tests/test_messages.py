"""Telling the buyer: each message at most once, the right one or nobody; the consoles' log judges."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.domain.codes import ClosedBy, Code
from agent.domain.errors import AccountBusy, NeedsHuman, UsageError
from agent.domain.order import (
    Action,
    Commit,
    MessageKind,
    MessageState,
    Reason,
    State,
    Via,
    WaitsFor,
)
from agent.engine.message_text import VARIABLES, Letters
from agent.engine.messages import check_letters
from agent.ledger.database import writing
from agent.ledger.outbox import MOST_TRIES, owed
from agent.ledger.store import Ledger, Row
from agent.page.clerk import Clerk
from agent.page.form import About, Form
from agent.profile.profile import load, platforms
from tests.consoles.dhgate.review import decide
from tests.consoles.ebay.orders import ask_as_buyer
from tests.consoles.layouts import Layout
from tests.consoles.store import Truth
from tests.ledgers import WANTED
from tests.pages import ORDER, ClerkOn, found_order
from tests.test_profiles import override
from tests.world import World, manifest

EBAY = [f"12-34567-8901{n}" for n in range(2, 8)]
DHGATE = [f"133031216{n}" for n in range(2, 6)]
EACH = pytest.mark.parametrize("platform", ["ebay", "dhgate"])
pytestmark = pytest.mark.timeout(300)


def told(world: World, order_no: str | None = None) -> list[Truth]:
    """What the consoles really received for buyers."""
    return world.store.truth(order_no, "message")


def stands(world: World, order_no: str) -> dict[str, str]:
    """The order's messages as the ledger has them: kind and state."""
    with Ledger(world.settings.database) as ledger:
        [row] = ledger.find(order_no)
        return {m.kind.value: m.state.value for m in ledger.outbox.of(row)}


def own_template(world: World, name: str, text: str) -> Path:
    file = world.home / "messages" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


DUMB = """
[element."message.done"]
what = "words that no page shows"
candidates = [{ css = "#no-such-words" }]
mark = "U"
source = "this test"
"""


# -- at the consoles ------------------------------------------------------------------------------------


@pytest.mark.long
async def test_a_dhgate_buyer_is_told_twice_in_all_however_often_one_runs(world: World) -> None:
    world.shop("dh", "dhgate", language="zh-CN", TITLE="Golden River")
    number = world.order("dh", DHGATE[0], title="Steel watch, see www.example.com")
    # The page's own words are not known: what the page's script is answered must be enough.
    override(world.home, "dhgate", DUMB)
    ask: dict[str, Any] = {"reason": "out-of-stock", "tell_buyer": True}
    assert (await world.cancel("dh", number, dry_run=True, **ask)).state is State.REHEARSED
    assert told(world) == []
    assert any("nothing is sent" in said and "Steel watch" in said for said in world.voice.said)
    for _ in range(2):
        pending = await world.cancel("dh", number, **ask)
        assert (pending.state, pending.submits) == (State.PENDING, 1), pending
    [first] = told(world)
    assert (first.order_no, first.extra["title"], first.extra["how"]) == (number, f"PO#{number}", "send")
    assert first.extra["to"] == "buyer_jane"
    for words in ("out of stock", "DHgate reviews the request", "Steel watch", "Golden River"):
        assert words in first.note, first.note
    assert "www" not in first.note
    decide(world.store, number, approve=True)
    for _ in range(2):
        await world.sync()
    again = await world.cancel("dh", number, **ask)
    assert again.state is State.CANCELLED
    verdict = told(world)[1:]
    assert [(t.order_no, t.extra["how"]) for t in verdict] == [(number, "reply")]
    assert "has been cancelled" in verdict[0].note
    assert stands(world, number) == {"submitted": "sent", "verdict": "sent"}
    assert len(world.commits(number)) == 1


LAYOUTS = [
    Layout(),
    Layout(menu="fake", tab="new", answer="in-place", submit="link", seller_hub=False),
]


@pytest.mark.long
@pytest.mark.parametrize(("language", "layout"), [("en", LAYOUTS[0]), ("de", LAYOUTS[1])])
async def test_an_ebay_buyer_hears_the_verdict_alone_where_there_is_one_at_once(
    world: World, language: str, layout: Layout
) -> None:
    # Broken on purpose: `menu.contact` without its German name.
    world.shop("hub", "ebay", language=language, layout=layout)
    number = world.order("hub", EBAY[0], buyer="buyer_jane")
    world.order("hub", EBAY[1], buyer="buyer_john")
    outcome = await world.cancel("hub", number, tell_buyer=True)
    assert (outcome.state, outcome.detail) == (State.CANCELLED, None)
    [message] = told(world)
    assert (message.order_no, message.extra["to"]) == (number, "buyer_jane")
    assert "you asked us to cancel it" in message.note
    assert "tell us in a word why" in message.note, "no reason of the buyer's own is known"
    assert message.note.endswith("hub Shop"), "signed as the console greets the account"
    assert stands(world, number) == {"verdict": "sent"}
    assert "DH8" not in str(manifest(outcome)), "its pictures lie in a folder of their own"


@pytest.mark.long
@EACH
async def test_a_cut_answer_is_doubt_for_ever_and_too_many_is_tried_again_by_sync(
    world: World, platform: str
) -> None:
    # Broken on purpose: Said.NOTHING becomes due; Said.LATER becomes doubt; `put_off` not looked at.
    world.env["UNSELL_STEP_TIMEOUT_SECONDS"] = "8"
    world.shop("shop", platform)
    cut, limited, third = numbers = (EBAY if platform == "ebay" else DHGATE)[:3]
    kind, state = ("verdict", State.CANCELLED) if platform == "ebay" else ("submitted", State.PENDING)
    wanted = [world.wanted("shop", world.order("shop", number), tell_buyer=True) for number in numbers]
    world.store.faults.on("message-cut", cut)
    world.store.faults.on("message-limit", limited, most=1)
    result = await world.run(*wanted)
    assert [o.state for o in result.outcomes] == [state] * 3, "the order stands, whatever its message did"
    assert [t.order_no for t in told(world)] == [cut], "after a `too many` no other is tried in this run"
    assert [stands(world, n) for n in numbers] == [{kind: "doubt"}, {kind: "due"}, {kind: "due"}]
    assert any(cut in said and "it is not sent again" in said for said in world.voice.said)
    assert all(
        any(n in said and "unsell sync tries again" in said for said in world.voice.said)
        for n in (limited, third)
    )
    for _ in range(2):
        await world.sync()
    await world.run(*wanted)
    assert [t.order_no for t in told(world)] == [cut, limited, third]
    assert [stands(world, n) for n in numbers] == [{kind: "doubt"}, {kind: "sent"}, {kind: "sent"}]


@pytest.mark.long
@EACH
async def test_a_form_that_is_for_somebody_else_sends_nothing(world: World, platform: str) -> None:
    # Broken on purpose: `to` left out of the call of Form.commit in the flow.
    world.shop("shop", platform)
    numbers = (EBAY if platform == "ebay" else DHGATE)[:2]
    world.order("shop", numbers[0])
    world.order("shop", numbers[1], buyer="buyer_john", buyer_name="John Smith")
    world.store.faults.on("message-wrong", numbers[0], word=numbers[1])
    world.store.faults.on("message-other-buyer", numbers[1])
    result = await world.run(*(world.wanted("shop", number, tell_buyer=True) for number in numbers))
    assert {o.state for o in result.outcomes} <= {State.CANCELLED, State.PENDING}
    assert told(world) == []
    assert [list(stands(world, number).values()) for number in numbers] == [["due"]] * 2
    for number in numbers:
        assert any(number in said and "not told yet" in said for said in world.voice.said), world.voice.said
    assert any(numbers[1] in said and "does not say that it is for" in said for said in world.voice.said)


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
@pytest.mark.parametrize(
    ("point", "left", "arrived", "ends"),
    [("settled", "due", 0, "sent"), ("message-intended", "sending", 0, "doubt")],
)
def test_a_run_that_dies_on_the_way_to_the_message(
    world: World, point: str, left: str, arrived: int, ends: str
) -> None:
    """Before the intent it is still owed, though the order is settled; after it nobody knows, for ever."""
    # Broken on purpose: `owe` left out of Ledger.settle; a leftover `sending` left as it is.
    world.shop("hub", "ebay")
    number = world.order("hub", EBAY[0])
    words = ("cancel", number, "--account", "hub", "--reason", "buyer-asked", "--yes", "--tell-buyer")
    assert world.cli(*words, PRACTICE_CRASH_AT=point).returncode == -9
    assert len(told(world)) == arrived
    assert stands(world, number) == {"verdict": left}
    said = world.cli("sync", check=0).stderr
    assert ("is not known" in said) == (ends == "doubt"), said
    assert len(told(world)) == (1 if ends == "sent" else arrived)
    status = world.cli("status", number, check=0).stdout
    assert f"verdict: {'sent' if ends == 'sent' else 'in doubt'}" in status, status
    assert world.cli("sync", check=0).stderr == ""
    assert len(world.commits(number)) == 1


@pytest.mark.long
async def test_an_answer_to_a_buyers_request_is_told_too(world: World) -> None:
    # Broken on purpose: what the buyer said not noted in OrderRun._note_commit.
    world.shop("hub", "ebay")
    accept, decline = EBAY[:2]
    for number, action in ((accept, Action.ACCEPT), (decline, Action.DECLINE)):
        world.order("hub", number)
        ask_as_buyer(world.store, number, age_hours=1.5)
        await world.run(world.wanted("hub", number, action=action, tell_buyer=True))
    texts = {t.order_no: t.note for t in told(world)}
    assert "has been cancelled: you asked us to cancel it" in texts[accept]
    assert "tell us in a word why" not in texts[accept], "the buyer gave a reason when asking"
    assert "cannot cancel" in texts[decline]
    assert len(told(world)) == 2


# -- the form, on pages of the tests' own ---------------------------------------------------------------


async def letter_of(clerk: Clerk, inside: str, to: str = "buyer_jane") -> Commit:
    fields = f"<p>{inside}</p><textarea></textarea><button type=button>Submit</button>"
    await clerk.page.set_content(f"<p>For buyer_jane</p><form>Order {ORDER}{fields}</form>")
    opened = await Form.opened(clerk)
    await opened.letter("form.note", "Hello,\nyour order")
    about = About(order=found_order(), ids={"order number": (ORDER,)}, to=to)
    return await opened.commit("form.submit", step="T2", about=about, via=Via.EITHER)


async def test_a_letter_must_name_its_reader_in_the_form_and_keep_its_text(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `to` not looked for in Form._signs; _letter_kept left out of Form._still.
    clerk = await clerk_on("")
    for inside in ("", "buyer_jane2", "buyer_john", "my_buyer_jane", "buyer_jane.shop"):
        with pytest.raises(NeedsHuman, match="does not say that it is for buyer_jane"):
            await letter_of(clerk, inside)
    for inside in ("To: Buyer_Jane.", "<input type=hidden name=to value=buyer_jane>"):
        commit = await letter_of(clerk, inside)
        assert await commit.still_proved()
    await clerk.page.locator("textarea").fill("Hello,\nsomebody else's words")
    assert not await commit.still_proved()


# -- templates ------------------------------------------------------------------------------------------


async def test_an_unknown_variable_is_named_with_its_line_before_anything_is_begun(world: World) -> None:
    # Broken on purpose: check_letters left out of Runner.run.
    world.shop("dh", "dhgate")
    number = world.order("dh", DHGATE[0])
    file = own_template(
        world, "dhgate-verdict.txt", "Hello,\n{% if state %}\n{{ order_number }}\n{% endif %}\n"
    )
    with pytest.raises(UsageError) as raised:
        await world.cancel("dh", number, reason="out-of-stock", tell_buyer=True)
    assert f"{file}, line 3: a message has no variable 'order_number'; known: order_no" in str(raised.value)
    assert (world.store.truth(), world.store.loads()) == ([], {})
    with Ledger(world.settings.database) as ledger:
        assert ledger.find() == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n{% if %}", "line 2: "),
        ("a\n\n{{ order_no.nothing }}", "line 3: "),
        ("{{ next }}\n{{ 1 // 0 }}", "line 2: "),
        ("{{ ''.__class__.__mro__ }}", "line 1: "),
        ("x{% if action == 'decline' %}{{ items[0] }}{% endif %}", "line 1: "),
        ("{% include 'x' %}", "line 1: "),
        ("write to me@shop.com", "no e-mail address in a message: 'me@shop.com'"),
        ("see https://shop.example/x", "no link in a message: 'https://shop.example/x'"),
        ("our shop.com/sale", "no link in a message: 'shop.com/sale'"),
        ("x" * 1001, "1001 letters, DHgate takes 1000"),
        ("{# nothing #}", "the message is empty"),
    ],
)
def test_a_template_with_a_fault_is_told(world: World, text: str, said: str) -> None:
    # Broken on purpose: an ordinary Environment for the sandboxed one; ``check`` tries one action alone.
    world.shop("dh", "dhgate")
    file = own_template(world, "dhgate-submitted.txt", text)
    with pytest.raises(UsageError) as raised:
        check_letters(world.settings, {"dh"})
    assert str(file) in str(raised.value)
    assert said in str(raised.value), raised.value
    assert len(str(raised.value).splitlines()) == 1


def test_a_shop_that_is_named_like_a_link_is_told_before_the_run(world: World) -> None:
    world.shop("dh", "dhgate", TITLE="bestwatches.com")
    with pytest.raises(UsageError, match=r"no link in a message: 'bestwatches\.com'"):
        check_letters(world.settings, {"dh"})


@pytest.mark.parametrize("platform", platforms())
def test_our_own_words_fit_every_end_and_the_users_take_their_place(platform: str, tmp_path: Path) -> None:
    # Broken on purpose: `why` left out of _WHY for a reason, `_WHY_ELSE` None.
    profile = load(platform)
    assert profile.message
    letters = Letters(tmp_path, profile, profile.message, "Blue Shop")
    letters.check()
    ends = [
        (MessageKind.SUBMITTED, State.PENDING),
        *((MessageKind.VERDICT, s) for s in (State.CANCELLED, State.DECLINED)),
    ]
    texts = set()
    for kind, state in ends:
        for reason in Reason:
            for waits in (None, *WaitsFor) if state is State.PENDING else (None,):
                text = letters.text(
                    kind, order_no="1234567890", items=["Lamp " * 40], reason=reason, action=Action.CANCEL,
                    state=state, waits_for=waits,
                )  # fmt: skip
                assert "1234567890" in text
                assert "None" not in text
                assert "{" not in text
                assert len(text) < 600
                texts.add(text)
    assert len(texts) > 20
    (tmp_path / "messages").mkdir()
    own = " | ".join(f"{{{{ {name} }}}}" for name in VARIABLES)
    (tmp_path / "messages" / f"{platform}-verdict.txt").write_text(own, encoding="utf-8-sig")
    given = {"order_no": "7", "items": ["Lamp"], "reason": Reason.OUT_OF_STOCK, "action": Action.CANCEL}
    text = letters.text(MessageKind.VERDICT, state=State.DECLINED, waits_for=None, **given)  # type: ignore[arg-type]
    assert text.startswith("7 | ['Lamp'] | Blue Shop | ")
    assert "| out-of-stock | we are sorry, the item is out of stock | None | cancel | declined |" in text


# -- the ledger, on every database ------------------------------------------------------------------------

TELL = replace(WANTED, tell_buyer=True)


def settled(ledger: Ledger, state: State) -> Row:
    """An order that was submitted, its buyer to be told, and has come to this state."""
    return ledger.settle(ledger.intend(ledger.take(TELL), worker="w"), state)


def test_what_is_owed_is_written_with_the_state_itself(ledger: Ledger) -> None:
    # Broken on purpose: `owe` asks for no submit of ours; SOMEBODY_ELSE or ALREADY_OPEN not looked for.
    for number, state, said, kind in (
        ("1", State.PENDING, {}, "submitted"),
        ("2", State.CANCELLED, {"closed_by": ClosedBy.UNKNOWN}, "verdict"),
        ("3", State.DECLINED, {"code": Code.THE_SITE_SAYS_NO}, "verdict"),
        ("4", State.CANCELLED, {"closed_by": ClosedBy.OTHER}, None),
        ("5", State.NEEDS_HUMAN, {}, None),
        ("6", State.SUBMITTING, {}, None),
        ("9", State.PENDING, {"code": Code.ALREADY_OPEN, "closed_by": ClosedBy.US}, None),
    ):
        row = ledger.intend(ledger.take(replace(TELL, order_no=number)), worker="w")
        row = ledger.settle(row, state, **said)
        assert [m.kind for m in ledger.outbox.of(row)] == ([kind] if kind else []), state
    unasked = ledger.intend(ledger.take(replace(WANTED, order_no="7")), worker="w")
    unsubmitted = ledger.take(replace(TELL, order_no="8"))
    assert owed(ledger.settle(unasked, State.CANCELLED)) is None
    assert owed(ledger.settle(unsubmitted, State.CANCELLED)) is None
    assert {row.order_no for row in ledger.outbox.waiting("shop1")} == {"1", "2", "3"}


def test_where_the_message_cannot_be_owed_the_state_is_not_settled(ledger: Ledger) -> None:
    # Broken on purpose: `owe` called after the transaction of Ledger.settle.
    row = ledger.intend(ledger.take(TELL), worker="w")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger.outbox, "owe", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ledger.settle(row, State.CANCELLED)
    assert ledger.find()[0].state is State.SUBMITTING


def test_a_message_is_pressed_by_one_hand_and_ends_for_ever(ledger: Ledger) -> None:
    # Broken on purpose: the state left out of the compare-and-set; the trigger messages_end left out.
    row = settled(ledger, State.CANCELLED)
    [due] = ledger.outbox.of(row)
    sending = ledger.outbox.intend(due)
    with pytest.raises(AccountBusy):
        ledger.outbox.intend(due)
    put_off = ledger.outbox.settle(sending, MessageState.DUE, "too many")
    assert (put_off.presses, put_off.tries) == (1, 0)
    doubt = ledger.outbox.settle(ledger.outbox.intend(put_off), MessageState.DOUBT, "cut")
    for state in MessageState:
        with pytest.raises((AccountBusy, sa.exc.DBAPIError)):
            ledger.outbox.settle(doubt, state)
    for change in ("DELETE FROM messages", "UPDATE messages SET state = 'due'"):
        with pytest.raises(sa.exc.DBAPIError), writing(ledger._engine) as db:
            db.execute(sa.text(change))
    told = [e.detail["state"] for e in ledger.events(row) if e.kind == "message"]
    assert told == ["sending", "due", "sending", "doubt"]
    with writing(ledger._engine) as db:
        ledger.outbox.owe(db, row)
    assert [m.state for m in ledger.outbox.of(row)] == [MessageState.DOUBT]


def test_a_message_that_waits_is_given_up_or_comes_too_late(ledger: Ledger) -> None:
    # Broken on purpose: MOST_TRIES not looked at; a late first message left due.
    row = settled(ledger, State.PENDING)
    ledger.settle(row, State.CANCELLED)
    first, verdict = ledger.outbox.of(row)
    assert (first.state, first.detail) == (MessageState.NOT_SENT, "the verdict came first")
    for _ in range(MOST_TRIES):
        assert verdict.state is MessageState.DUE
        verdict = ledger.outbox.settle(verdict, MessageState.DUE, "no form")
    assert (verdict.state, verdict.detail) == (MessageState.NOT_SENT, f"given up after {MOST_TRIES}: no form")
    assert ledger.outbox.waiting() == []


def test_an_older_ledger_is_brought_up_to_date_with_its_orders(ledger_url: str) -> None:
    # Broken on purpose: `down_revision = None` in the second revision.
    with Ledger(ledger_url) as ledger:
        settled(ledger, State.PENDING)
        with writing(ledger._engine) as db:
            for table in ("messages", "purpose", "sessions", "jobs", "hands"):
                db.execute(sa.text(f"DROP TABLE {table}"))
            for column in ("closed_by", "code"):
                db.execute(sa.text(f"ALTER TABLE orders DROP COLUMN {column}"))
            db.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    with Ledger(ledger_url) as ledger:
        [row] = ledger.find()
        assert (row.state, ledger.outbox.of(row)) == (State.PENDING, [])
        assert [m.kind for m in ledger.outbox.of(ledger.settle(row, State.CANCELLED))] == ["verdict"]
