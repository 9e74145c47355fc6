"""What may not be cancelled is not: the contract's state, the page's own words, no submit, no truth row.

Each platform's cases go in one run of several shops side by side, each shop in another language; the words
that a page must have said are looked up in the consoles' own tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from agent.domain.order import Outcome, Reason, State, Via
from tests.consoles import dhgate
from tests.consoles.dhgate.review import commit as commit_at_dhgate
from tests.consoles.dhgate.words import STATUS, Words
from tests.consoles.ebay import ask_as_buyer
from tests.consoles.ebay import decide as decide_at_ebay
from tests.consoles.ebay.orders import commit as commit_at_ebay
from tests.consoles.ebay.words import say
from tests.consoles.layouts import Layout
from tests.consoles.store import Store
from tests.world import World

LANGUAGES = {"en": "ebay.com", "de": "ebay.de", "tw": "ebay.com.hk", "cn": "ebay.com"}
LOCALES = {"en": "en", "de": "de", "tw": "zh-TW", "cn": "zh-CN"}

pytestmark = pytest.mark.timeout(300)


@dataclass(kw_only=True)
class Case:
    """One order that may not be cancelled, and what its outcome must say."""

    shop: str
    why: str
    order: dict[str, Any] | None = field(default_factory=dict)
    wish: dict[str, Any] = field(default_factory=dict)
    before: Callable[[Store, str], object] | None = None
    """What happened at the site before the run."""
    state: State = State.REFUSED
    says: tuple[str, ...] = ()
    offered: tuple[str, ...] | None = None
    others: bool = False
    """The order is another shop's."""


def seed(world: World, case: Case, order_no: str, platform: str) -> None:
    if case.order is not None:
        owner = {"seller": "somebody_else", "buyer": "another_buyer"} if case.others else {}
        world.order(case.shop, order_no, **{**case.order, **owner})
        if case.before:
            case.before(world.store, order_no)
    else:
        assert world.store.order(platform, order_no) is None


def owner_of(store: Store, platform: str, order_no: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The order, and the account that sells it."""
    order = store.order(platform, order_no) or {}
    return order, store.account(platform, order["seller"]) or {}


def faults(case: Case, outcome: Outcome) -> list[str]:
    """In what the outcome differs from the case."""
    detail = outcome.detail or ""
    found = [f"{outcome.state} instead of {case.state}"] if outcome.state is not case.state else []
    found += [f"does not say {words!r}" for words in case.says if words not in detail]
    found += [f"{outcome.submits} submits"] if outcome.submits else []
    if case.offered is not None and outcome.offered != case.offered:
        found.append(f"offered {outcome.offered}")
    return [f"{case.shop}, {case.why}: {fault} ({detail})" for fault in found]


async def assert_all(world: World, platform: str, cases: list[Case], number: str) -> None:
    """Run all cases at once and compare; nothing may have reached the site."""
    wanted = {}
    for n, case in enumerate(cases):
        order_no = number.format(n=n)
        seed(world, case, order_no, platform)
        wanted[order_no] = world.wanted(case.shop, order_no, **{"reason": "buyer-asked", **case.wish})
    before = world.store.truth()
    result = await world.run(*wanted.values())
    outcomes = {o.order_no: o for o in result.outcomes}
    assert [f for c, no in zip(cases, wanted, strict=True) for f in faults(c, outcomes[no])] == []
    assert world.store.truth() == before


# -- eBay, seller --------------------------------------------------------------------------------------


def in_ebay(shop: str, key: str, **values: str) -> str:
    return say(LOCALES[shop], LANGUAGES[shop], key, **values)


def ebay_labels(shop: str, *machine: str) -> tuple[str, ...]:
    return tuple(in_ebay(shop, f"reason.{value}") for value in machine)


def cancelled_by_us(store: Store, order_no: str) -> None:
    """A person of this shop cancelled it by hand: a row of truth from before the run."""
    account = owner_of(store, "ebay", order_no)[1]
    commit_at_ebay(store, account, order_no, "BUYER_ASKED_CANCEL", note="", relist=False, via="hand")


def cancelled_by_buyer(store: Store, order_no: str) -> None:
    ask_as_buyer(store, order_no)
    decide_at_ebay(store, "ebay", order_no, approve=True)


def ebay_seller_cases() -> list[Case]:
    reasons = ["BUYER_ASKED_CANCEL", "ADDRESS_ISSUES"]
    return [
        Case(shop="en", why="shipped", order={"status": "shipped"}, says=("Shipped",)),
        Case(shop="de", why="shipped", order={"status": "shipped"}, says=("Versendet",)),
        Case(shop="en", why="too old", order={"blocked": "too_old"}, says=(in_ebay("en", "no.too_old"),)),
        Case(shop="de", why="in a case", order={"blocked": "case"}, says=(in_ebay("de", "no.case"),)),
        Case(
            shop="tw",
            why="in a case, form in a dialog",
            order={"blocked": "case", "layout": Layout(form="dialog")},
            says=(in_ebay("tw", "no.case"),),
        ),
        Case(
            shop="cn",
            why="declined before",
            order={"blocked": "declined_before"},
            says=(in_ebay("cn", "no.declined_before"),),
        ),
        Case(shop="tw", why="not found", order=None, says=("not found",)),
        Case(shop="cn", why="not found, no Seller Hub", order=None, says=("not found",)),
        Case(shop="en", why="another shop's", others=True, says=("not found",)),
        Case(
            shop="de",
            why="reason not offered, radios",
            order={"reasons": ",".join(reasons)},
            wish={"reason": "unpaid"},
            offered=ebay_labels("de", *reasons),
            says=ebay_labels("de", *reasons),
        ),
        Case(
            shop="tw",
            why="reason not offered, select",
            wish={"reason": "address-issue"},
            order={"reasons": "BUYER_ASKED_CANCEL", "layout": Layout(reason="select")},
            offered=ebay_labels("tw", "BUYER_ASKED_CANCEL"),
        ),
        Case(
            shop="en",
            why="another total",
            order={"total": "41.20"},
            wish={"expect_total": Decimal("41.30")},
            says=("41.20", "41.30"),
        ),
        Case(
            shop="de",
            why="another total, printed 1041,20",
            order={"total": "1041.20"},
            wish={"expect_total": Decimal("41.20")},
            says=("1041,20",),
        ),
        Case(
            shop="en",
            why="another currency",
            order={"total": "18.90"},
            wish={"expect_total": Decimal("18.90"), "expect_currency": "EUR"},
            says=("18.90", "EUR 18.90"),
        ),
        Case(
            shop="en",
            why="another buyer",
            wish={"expect_buyer": "buyer_jack"},
            says=("buyer_jane", "buyer_jack"),
        ),
        Case(
            shop="cn",
            why="other goods",
            order={"title": "Leather wallet"},
            wish={"expect_item": "film camera"},
            says=("Leather wallet", "film camera"),
        ),
        Case(
            shop="en",
            why="cancelled by us",
            before=cancelled_by_us,
            state=State.CANCELLED,
            says=("already cancelled",),
        ),
        Case(
            shop="de",
            why="cancelled by the buyer",
            before=cancelled_by_buyer,
            state=State.CANCELLED,
            says=("cancelled by someone else (buyer",),
        ),
        Case(
            shop="tw",
            why="seeded as cancelled",
            order={"status": "cancelled"},
            state=State.CANCELLED,
            says=("cancelled by someone else (platform",),
        ),
        Case(
            shop="cn",
            why="the buyer asks",
            before=ask_as_buyer,
            state=State.NEEDS_HUMAN,
            says=("unsell answer", "--account cn --accept"),
        ),
        Case(
            shop="en",
            why="the buyer asks",
            before=ask_as_buyer,
            state=State.NEEDS_HUMAN,
            says=("unsell answer", "--account en --accept"),
        ),
    ]


@pytest.mark.long
async def test_an_ebay_seller(world: World) -> None:
    # Broken on purpose: preflight.on_the_page returns at once.
    for shop, site in LANGUAGES.items():
        layout = Layout(seller_hub=shop != "cn")
        world.shop(shop, "ebay", site=site, language=LOCALES[shop], layout=layout)
    await assert_all(world, "ebay", ebay_seller_cases(), "12-34567-8{n:02}12")


# -- eBay, buyer ---------------------------------------------------------------------------------------


def ebay_buyer_cases() -> list[Case]:
    fresh = {"age_days": 0.01}
    return [
        Case(
            shop="en",
            why="after an hour",
            order={"age_days": 1},
            says=("no cancellation", "Return this item"),
        ),
        Case(
            shop="de",
            why="after an hour",
            order={"age_days": 1},
            says=("no cancellation", in_ebay("de", "return_item")),
        ),
        Case(
            shop="tw",
            why="shipped",
            order={"status": "shipped", **fresh},
            says=(in_ebay("tw", "buy.shipped"),),
        ),
        Case(
            shop="de", why="in a case", order={"blocked": "case", **fresh}, says=(in_ebay("de", "no.case"),)
        ),
        Case(shop="tw", why="not found", order=None, says=("not found",)),
        Case(shop="en", why="another buyer's", order=fresh, others=True, says=("not found",)),
        Case(
            shop="en",
            why="reason not offered",
            order={"reasons": "ORDER_MISTAKE,OTHER", **fresh},
            wish={"reason": "price-too-high"},
            offered=ebay_labels("en", "ORDER_MISTAKE", "OTHER"),
        ),
        Case(
            shop="tw",
            why="reason not offered, select",
            wish={"reason": "price-too-high"},
            order={"reasons": "OTHER", "layout": Layout(reason="select"), **fresh},
            offered=ebay_labels("tw", "OTHER"),
        ),
        Case(
            shop="de",
            why="another total",
            order={"total": "41.20", **fresh},
            wish={"expect_total": Decimal("41.21")},
            says=("41,20", "41.21"),
        ),
    ]


@pytest.mark.long
async def test_an_ebay_buyer(world: World) -> None:
    # Broken on purpose: Refused in Ebay._press_in_menu made NeedsHuman.
    cases = ebay_buyer_cases()
    for shop in {case.shop for case in cases}:
        world.shop(shop, "ebay", role="buyer", site=LANGUAGES[shop], language=LOCALES[shop])
    for case in cases:
        case.wish = {"reason": "mistake", **case.wish}
    await assert_all(world, "ebay", cases, "12-34567-8{n:02}12")


# -- DHgate --------------------------------------------------------------------------------------------

ZH, EN = Words("zh-CN"), Words("en")


def asked_and_approved(store: Store, order_no: str) -> None:
    order, account = owner_of(store, "dhgate", order_no)
    form = {"reasonId": "buyer-asked", "explain": "by hand, a week ago"}
    assert commit_at_dhgate(store, account, order["hex_id"], "cancel", form).ok
    dhgate.decide(store, order_no, approve=True)


def asked_by_hand(store: Store, order_no: str) -> None:
    order, account = owner_of(store, "dhgate", order_no)
    form = {"reasonId": "buyer-asked", "explain": "by hand, an hour ago"}
    assert commit_at_dhgate(store, account, order["hex_id"], "cancel", form).ok


def dhgate_cases() -> list[Case]:
    zh_labels = ("买家要求取消", "其他")
    return [
        Case(shop="zh", why="shipped", order={"status": "shipped"}, says=(STATUS["shipped"][0],)),
        Case(shop="en", why="completed", order={"status": "closed"}, says=(STATUS["closed"][1],)),
        Case(shop="zh", why="in a case", order={"blocked": "case"}, says=(ZH.blocked_case,)),
        Case(shop="en", why="in a case", order={"blocked": "case"}, says=(EN.blocked_case,)),
        Case(
            shop="zh",
            why="too old, in a dialog",
            order={"blocked": "too_old", "layout": Layout(form="dialog")},
            says=(ZH.blocked_too_old,),
        ),
        Case(shop="en", why="too old", order={"blocked": "too_old"}, says=(EN.blocked_too_old,)),
        Case(
            shop="zh",
            why="declined before",
            order={"blocked": "declined_before"},
            says=(ZH.blocked_declined_before,),
        ),
        Case(
            shop="en",
            why="declined before, in a dialog",
            order={"blocked": "declined_before", "layout": Layout(form="dialog")},
            says=(EN.blocked_declined_before,),
        ),
        Case(shop="zh", why="not found", order=None, says=("not found", ZH.empty)),
        Case(shop="en", why="another shop's", others=True, says=("not found", EN.empty)),
        Case(
            shop="zh",
            why="reason not offered, radios",
            order={"reasons": "buyer-asked,other"},
            wish={"reason": "address-issue"},
            offered=zh_labels,
            says=zh_labels,
        ),
        Case(
            shop="en",
            why="reason not offered, select",
            order={"reasons": "other", "layout": Layout(reason="select")},
            wish={"reason": "out-of-stock"},
            offered=("Other",),
        ),
        Case(
            shop="zh",
            why="no control",
            order={"controls": "none"},
            says=("取消订单 / 申请退款", ZH.tip_to_ship),
        ),
        Case(
            shop="en",
            why="the wanted control is not there",
            order={"controls": "refund"},
            wish={"via": Via.CANCEL},
            says=("offers no",),
        ),
        Case(
            shop="zh",
            why="another total",
            order={"total": "41.20"},
            wish={"expect_total": Decimal(42)},
            says=("41.20", "42"),
        ),
        Case(shop="en", why="another buyer", wish={"expect_buyer": "Jack"}, says=("Jane Doe", "Jack")),
        Case(
            shop="zh",
            why="other goods",
            order={"title": "USB hub"},
            wish={"expect_item": "film camera"},
            says=("USB hub",),
        ),
        Case(
            shop="zh",
            why="cancelled by us",
            before=asked_and_approved,
            state=State.CANCELLED,
            says=("already cancelled",),
        ),
        Case(
            shop="zh",
            why="cancelled by the buyer",
            before=dhgate.buyer_cancels,
            state=State.CANCELLED,
            says=("cancelled by someone else (buyer",),
        ),
        Case(
            shop="en",
            why="asked for by hand",
            before=asked_by_hand,
            state=State.PENDING,
            says=("already open (seller", "nothing was submitted"),
        ),
        Case(
            shop="zh",
            why="the buyer asks",
            before=dhgate.buyer_asks,
            state=State.NEEDS_HUMAN,
            says=("unsell answer", "--account zh --accept"),
        ),
        Case(
            shop="en",
            why="the buyer asks",
            before=dhgate.buyer_asks,
            state=State.NEEDS_HUMAN,
            says=("unsell answer", "--account en --accept"),
        ),
    ]


@pytest.mark.long
async def test_a_dhgate_seller(world: World) -> None:
    # Broken on purpose: preflight.waits_for_us returns False.
    world.shop("zh", "dhgate", language="zh-CN")
    world.shop("en", "dhgate", language="en")
    await assert_all(world, "dhgate", dhgate_cases(), "13303121{n:02}")


# -- before the browser opens the order ----------------------------------------------------------------


async def test_a_reason_that_counts_against_the_shop_needs_a_yes(world: World) -> None:
    """Refused before any page of the order is opened; with the yes it goes through."""
    # Broken on purpose: the call of preflight.before_opening taken out of Case._way.
    world.shop("en", "ebay")
    order_no = world.order("en", "12-34567-89012")
    wanted = world.wanted("en", order_no, "out-of-stock")
    [outcome] = (await world.run(wanted)).outcomes
    assert (outcome.state, outcome.submits) == (State.REFUSED, 0)
    assert "--accept-defect" in (outcome.detail or "")
    assert [path for path in world.store.loads() if "/sh/" in path or "/mys" in path or "ancel" in path] == []
    agreed = world.wanted("en", order_no, "out-of-stock", accept_defect=True)
    assert agreed.reason is Reason.OUT_OF_STOCK
    [outcome] = (await world.run(agreed)).outcomes
    assert (outcome.state, outcome.submits) == (State.CANCELLED, 1), outcome
    assert [c.reason for c in world.commits()] == ["OUT_OF_STOCK_OR_CANNOT_FULFILL"]


async def test_what_is_expected_and_so_goes_through(world: World) -> None:
    """The other side of the expectations: what the page agrees with is submitted, full-width and all."""
    # Broken on purpose: the comparison of totals turned round in preflight.on_the_page.
    world.shop("de", "ebay", site="ebay.de", language="de")
    world.shop("zh", "dhgate", language="zh-CN")
    expected: dict[str, Any] = {
        "expect_total": Decimal("1041.20"),
        "expect_item": "ＦＩＬＭ camera",
        "expect_buyer": "jane",
    }
    numbers = [
        world.order("de", "12-34567-89012", total="1041.20"),
        world.order("zh", "1330312162", total="1041.20"),
    ]
    wanted = [world.wanted(shop, no, **expected) for shop, no in zip(("de", "zh"), numbers, strict=True)]
    outcomes = (await world.run(*wanted)).outcomes
    assert {(o.state, o.submits) for o in outcomes} == {(State.CANCELLED, 1), (State.PENDING, 1)}, outcomes
    assert sorted(c.order_no for c in world.commits()) == sorted(numbers)
    assert all("compared by its number alone" in (o.detail or "") for o in outcomes), "no currency was named"
