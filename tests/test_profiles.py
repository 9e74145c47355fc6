"""What is known of the pages is data that says where it comes from; a status is never read too kindly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.errors import UsageError
from agent.domain.order import Asker, Role, State, Verdict
from agent.domain.text import plain
from agent.profile.profile import Profile, load, platforms
from tests.world import World

PROFILES = [load(name) for name in platforms()]
EACH = pytest.mark.parametrize("profile", PROFILES, ids=platforms())


def override(home: Path, platform: str, text: str) -> Path:
    """A profile of the user's own."""
    file = home / "selectors" / f"{platform}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def refusal(home: Path, platform: str) -> str:
    with pytest.raises(UsageError) as raised:
        load(platform, home)
    return str(raised.value)


def test_both_platforms_are_known() -> None:
    assert {"dhgate", "ebay"} <= set(platforms())
    assert "known: dhgate, ebay" in refusal(Path("nowhere"), "amazon")


@EACH
def test_every_entry_says_how_sure_and_where_from(profile: Profile) -> None:
    # Broken on purpose: `source = ""` in one element.
    reasons = [entry for entries in profile.reason.values() for entry in entries.values()]
    entries: list[Any] = [*profile.element.values(), *profile.page.values(), *profile.status, *reasons]
    assert [e for e in entries if e.mark not in tuple("ABCU") or not e.source.strip()] == []
    assert profile.checked.strip()
    assert [name for name, e in profile.element.items() if not e.what.strip()] == []


@EACH
def test_every_control_that_commits_is_looked_for_in_one_place_alone(profile: Profile) -> None:
    # Broken on purpose: `within` taken off form.submit in selectors/dhgate.toml.
    commits = dict(profile.commits())
    assert {"form.submit", "confirm.yes"} <= set(commits)
    assert [name for name, element in commits.items() if not element.within] == []


@EACH
def test_no_guard_presses_what_commits(profile: Profile) -> None:
    # Broken on purpose: `press = "form.submit"` in a guard.
    pressed = [guard.press for guard in profile.guard if guard.press]
    assert pressed
    assert [name for name in pressed if profile.element[name].commit] == []
    assert [guard.says for guard in profile.guard if (guard.kind == "close") != bool(guard.press)] == []


@EACH
def test_no_way_out_of_a_dialog_is_a_way_to_commit(profile: Profile) -> None:
    # Broken on purpose: 取消 added to confirm.yes of selectors/dhgate.toml.
    names = {
        n: {plain(w) for ws in profile.element[n].names.values() for w in ws}
        for n in ("confirm.yes", "confirm.no", "form.submit")
    }
    assert not names["confirm.no"] & (names["confirm.yes"] | names["form.submit"])


@EACH
def test_no_label_means_two_reasons(profile: Profile) -> None:
    # Broken on purpose: 缺货 added to the names of another reason.
    for role, entries in profile.reason.items():
        for word, entry in entries.items():
            labels = [name for names in entry.names.values() for name in names]
            assert [label for label in labels if profile.canonical_reason(role, label) != word] == []


# -- a file with a fault -------------------------------------------------------------------------------

ELEMENT = """
[element."form.note"]
what = "the note"
candidates = [{ css = "textarea" }]
mark = "U"
source = "mine"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[element\nwhat", ("line 1",)),
        (ELEMENT.replace('mark = "U"', 'mark = "X"'), ("line 2", "form.note", "mark")),
        (ELEMENT.replace('what = "the note"', 'wat = "the note"'), ("line 2", "form.note", "wat")),
        (ELEMENT + 'within = "form.nowhere"\n', ("form.note", "form.nowhere")),
        (
            ELEMENT.replace('{ css = "textarea" }', '{ css = "a", label = true }'),
            ("line 2", "form.note", "exactly one of"),
        ),
        (ELEMENT.replace('{ css = "textarea" }', "{ label = true }"), ("line 2", "form.note", "needs names")),
        ('[reason.seller.no-such]\nmark = "U"\nsource = "mine"\n', ("line 1", "no-such")),
        ('[[status]]\nwords = ["Done"]\nverdict = "well"\n', ("line 1", "status", "verdict")),
        ('[[guard]]\nkind = "close"\nsays = "mine"\nelement = "nothing.here"\n', ("mine", "nothing.here")),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    # Broken on purpose: _line_of returns "".
    file = override(tmp_path, "dhgate", text)
    sentence = refusal(tmp_path, "dhgate")
    assert str(file) in sentence
    assert [part for part in said if part not in sentence] == [], sentence
    assert len(sentence.splitlines()) == 1


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = override(tmp_path, "dhgate", "")
    file.write_bytes(b"\xff\xfe\x00nothing")
    assert str(file) in refusal(tmp_path, "dhgate")


# -- the user's own selectors --------------------------------------------------------------------------


def test_an_override_replaces_one_entry_and_is_marked(tmp_path: Path) -> None:
    # Broken on purpose: the line that sets `overridden` taken out of _override.
    override(tmp_path, "dhgate", ELEMENT + '\n[[status]]\nwords = ["Gone"]\nverdict = "cancelled"\n')
    own, shipped = load("dhgate", tmp_path), load("dhgate")
    assert own.element["form.note"].source == "mine"
    assert [name for name, element in own.element.items() if element.overridden] == ["form.note"]
    assert not any(element.overridden for element in shipped.element.values())
    assert own.meaning("gone").verdict is Verdict.CANCELLED
    assert shipped.meaning("gone") is None
    assert own.meaning("订单取消").verdict is Verdict.CANCELLED


async def test_an_overridden_commit_is_named_in_the_outcome(world: World) -> None:
    # Broken on purpose: `overridden` left out of the Commit that Form.commit makes.
    override(
        world.home,
        "dhgate",
        '[element."form.submit"]\nwhat = "mine"\ncommit = true\nwithin = "form.scope"\n'
        'mark = "U"\nsource = "mine"\n'
        'candidates = [{ css = ".j-cancel-submit" }]\n',
    )
    world.shop("own", "dhgate", language="zh-CN")
    outcome = await world.cancel("own", world.order("own", "1330312162"), dry_run=True)
    assert outcome.state is State.REHEARSED
    assert "your own selectors (form.submit)" in (outcome.detail or "")
    assert world.store.truth() == []


# -- what a status means -------------------------------------------------------------------------------

DENIALS = [
    "not cancelled yet",
    "This order isn't canceled yet",
    "This order was not cancelled",
    "Not canceled",
    "Uncancelled",
    "Cancelled?",
    "Cancel",
    "Cancellation failed",
    "The cancellation request was withdrawn",
    "Refund not approved",
    "Diese Bestellung ist noch nicht abgebrochen",
    "Nicht abgebrochen",
    "Abbruch fehlgeschlagen",
    "Nicht storniert",
    "尚未取消",
    "此訂單尚未取消:退款失敗",
    "订单未取消",
    "订单取消失败",
    "取消申请未通过",
    "不能取消订单",
    "未能取消",
    "已取消失败",
    "已撤销取消",
    "买家取消退款申请",
    "取消订单",
    "申请取消",
    "订单取消申请审核中",
    "",
]


@EACH
@pytest.mark.parametrize("text", DENIALS)
def test_a_denial_is_never_read_as_cancelled(profile: Profile, text: str) -> None:
    # Broken on purpose: `inside = ["取消", "cancel"]` given to the status cancelled.
    found = profile.meaning(text)
    assert found is None or found.verdict is not Verdict.CANCELLED


CANCELLED = [
    (p, word) for p in PROFILES for s in p.status if s.verdict is Verdict.CANCELLED for word in s.words
]
AROUND = st.sampled_from(
    ["not ", "nicht ", "尚未", "未", " yet", " failed", " fehlgeschlagen", "失败", "?", " requested", "申请"]
)


@settings(deadline=None)
@given(st.sampled_from(CANCELLED), AROUND, st.booleans())
def test_more_words_around_it_take_the_cancellation_back(
    pair: tuple[Profile, str], more: str, before: bool
) -> None:
    # Broken on purpose: Profile.meaning compares `in` instead of `==`.
    profile, word = pair
    found = profile.meaning(more + word if before else word + more)
    assert found is None or found.verdict is not Verdict.CANCELLED


@EACH
def test_no_status_text_means_two_things(profile: Profile) -> None:
    # Broken on purpose: 已取消 added to the words of the status none in selectors/dhgate.toml.
    meant: dict[str, tuple[object, ...]] = {}
    for status in profile.status:
        for word in status.words:
            means = (status.verdict, status.asker, status.waits_for, status.eligible)
            assert meant.setdefault(plain(word), means) == means, word


@EACH
def test_only_a_declined_state_leaves_free_words_open(profile: Profile) -> None:
    """How a text begins says nothing of how it goes on."""
    free = [s.verdict for s in profile.status if any("{remark}" in word for word in s.words)]
    assert set(free) <= {Verdict.DECLINED}


@pytest.mark.parametrize("word", ["Ship by {when}", "Declined {remark}", "{remark}: declined"])
def test_a_sentence_leaves_open_what_is_known(tmp_path: Path, word: str) -> None:
    file = tmp_path / "selectors" / "ebay.toml"
    file.parent.mkdir()
    file.write_text(f'[[status]]\nwords = ["{word}"]\nverdict = "declined"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="leave open"):
        load("ebay", tmp_path)


OTHERS = [
    # Whole sentences that begin, or end, like a listed one.
    ("ebay", "请于11月30日前回复买家的取消申请", Verdict.PENDING),
    ("ebay", "请于11月30日前处理退货申请", None),
    ("ebay", "Ship by Nov 30 or answer the buyer's request", None),
    ("ebay", "Versenden bis 3. Nov, Abbruch angefragt", None),
    ("ebay", "Respond by Nov 30 to the buyer's cancellation request", Verdict.PENDING),
    ("ebay", "Shipped on Nov 30", Verdict.NONE),
    ("dhgate", "等待发货，剩余3天5小时", Verdict.NONE),
    ("dhgate", "等待发货，买家已申请取消", None),
    ("dhgate", "部分退款 US $10.00 后，等待发货", None),
    ("dhgate", "取消申请未通过审核前，请勿发货", None),
    *((platform, text, Verdict.PENDING) for platform in ("ebay", "dhgate") for text in (
        "已提交申请", "处理中", "审核中", "申请已提交，请等待平台审核", "申请已提交，请等待平台审核。",
        "Cancellation requested", "Cancellation in progress", "Cancellation requested on Nov 30, 2026",
    )),
    *((platform, text, Verdict.CANCELLED) for platform in ("ebay", "dhgate") for text in (
        "canceled", "cancelled", "This order has been cancelled", "Canceled on Nov 30",
    )),
    ("ebay", "Abbruch in Bearbeitung", Verdict.PENDING),
    ("ebay", "訂單已於11月30日取消", Verdict.CANCELLED),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "text", "verdict"), OTHERS)
def test_a_state_is_what_its_words_say_as_a_whole(platform: str, text: str, verdict: Verdict | None) -> None:
    # As it was: whatever began with 请于 or "Ship by" meant "no cancellation".
    found = load(platform).meaning(text)
    assert (found.verdict if found else None) is verdict


NAMED = (
    "卖家",
    "賣家",
    "買家",
    "买家",
    "您",
    "你",
    "buyer",
    "Buyer",
    "seller",
    "Seller",
    "You",
    "by you",
    "Sie",
    "äufer",
)


@EACH
def test_words_that_name_nobody_say_nobody(profile: Profile) -> None:
    # As it was: "refund pending" was the seller's, "cancellation requested" the buyer's.
    for status in profile.status:
        if status.asker is not Asker.UNKNOWN:
            assert [word for word in status.words if not any(name in word for name in NAMED)] == []


@pytest.mark.parametrize(
    ("platform", "text", "verdict"),
    [
        ("ebay", "CANCELED", Verdict.CANCELLED),
        ("ebay", "Diese Bestellung wurde abgebrochen", Verdict.CANCELLED),
        ("ebay", "訂單已取消，等待退款", Verdict.PENDING),
        ("ebay", "This order isn’t canceled yet: the refund failed", Verdict.PENDING),
        ("ebay", "Cancellation request declined", Verdict.DECLINED),
        ("ebay", "Versenden bis 3. Nov", Verdict.NONE),
        ("ebay", "Something new", None),
        ("dhgate", "订 单 取 消", Verdict.CANCELLED),
        ("dhgate", "卖家申请取消订单，等待平台审核", Verdict.PENDING),
        ("dhgate", "取消申请未通过: 订单取消", Verdict.DECLINED),
        ("dhgate", "等待您发货", Verdict.NONE),
        ("dhgate", "从未见过的状态", None),
    ],
)
def test_what_the_words_mean(platform: str, text: str, verdict: Verdict | None) -> None:
    # Broken on purpose: NFKC taken out of words.plain.
    found = load(platform).meaning(text)
    assert (found.verdict if found else None) is verdict


def test_who_asked() -> None:
    # Broken on purpose: `self` not looked for in Profile.asker.
    ebay, dhgate = load("ebay"), load("dhgate")
    assert ebay.asker("You", Role.BUYER) is Asker.BUYER
    assert ebay.asker("Verkäufer", Role.BUYER) is Asker.SELLER
    assert dhgate.asker("买 家", Role.SELLER) is Asker.BUYER
    assert dhgate.asker("某人", Role.SELLER) is Asker.UNKNOWN
    assert dhgate.asker("", Role.SELLER) is None
