"""Every documented path, in every layout and language: the steps in order, one commit, and the right one.

The layouts are paired: each two settings of different kinds meet in some row (allpairspy). Rows of one
language are orders of one shop, whose numbers are a digit apart, and go in one run.
"""

from __future__ import annotations

from typing import Any

import pytest
from allpairspy import AllPairs

from agent.domain.order import Outcome, State
from tests.consoles.dhgate import decide as decide_dhgate
from tests.consoles.ebay import decide as decide_ebay
from tests.consoles.layouts import Layout
from tests.world import World, in_order, manifest, steps

pytestmark = pytest.mark.timeout(400)

NOTE = "The buyer wrote on Monday that they no longer need it. 买家周一来信取消。"

FORMS: dict[str, list[Any]] = {
    "form": ["page", "dialog"],
    "tab": ["same", "new"],
    "reason": ["radios", "covered", "select"],
    "submit": ["button", "link", "input"],
    "answer": ["navigate", "in-place"],
    "confirm": ["none", "page", "native"],
    "stale_copy": [False, True],
}
LANGUAGES = ["en", "de", "zh-TW", "zh-CN"]
SITES = {"en": "ebay.com", "de": "ebay.de", "zh-TW": "ebay.com.hk", "zh-CN": "ebay.com"}
BANNERS = {"en": "none", "de": "cookies", "zh-TW": "survey", "zh-CN": "cookies"}
"""What lies in front of a shop's pages: a shop's matter, not an order's."""

Row = dict[str, Any]


def paired(**kinds: list[Any]) -> list[Row]:
    """Rows in which every two settings meet."""
    return [dict(zip(kinds, row, strict=True)) for row in AllPairs(list(kinds.values()))]


def shop_of(world: World, platform: str, rows: list[Row], **more: Any) -> dict[str, Row]:
    """A shop with an order for each row, in the row's layout; returns the rows by order number."""
    language = more["language"]
    base = Layout(**{"banner": BANNERS[language], **more.pop("layout", {})})
    world.shop("shop", platform, layout=base, **more)
    young = {"age_days": 0.01} if more.get("role") == "buyer" else {}
    found = {}
    for n, row in enumerate(rows):
        number = f"12-34567-890{n:02d}" if platform == "ebay" else str(1330312100 + n)
        own = {key: value for key, value in row.items() if key in Layout.__dataclass_fields__}
        controls = {"controls": row["controls"]} if "controls" in row else {}
        world.order("shop", number, layout=base.but(**own), **young, **controls)
        found[number] = row
    world.order("shop", "12-34567-89099" if platform == "ebay" else "1330312199", **young)
    return found


async def cancelled(
    world: World, rows: dict[str, Row], reason: str, walked: list[str], **wish: Any
) -> dict[str, Outcome]:
    """Cancel every row's order in one run; each was walked as documented and submitted once.

    DHgate's later orders are searched for by the search's address: the menus were walked by the first (DH2).
    """
    result = await world.run(*(world.wanted("shop", number, reason, **wish) for number in rows))
    found = {outcome.order_no: outcome for outcome in result.outcomes}
    assert found.keys() == rows.keys()
    for number, outcome in found.items():
        assert outcome.submits == 1, (rows[number], outcome)
        assert in_order(walked, steps(outcome)), (rows[number], steps(outcome))
        walked = [step for step in walked if step != "DH2"]
    assert sorted(commit.order_no for commit in world.commits()) == sorted(rows)
    return found


HUB = paired(language=LANGUAGES, menu=["roles", "fake"], **FORMS)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_ebay_seller_by_seller_hub(world: World, language: str) -> None:
    own = [row for row in HUB if row["language"] == language]
    rows = shop_of(world, "ebay", own, site=SITES[language], language=language)
    walked = ["sign-in", "ES1", "ES2", "ES4", "read-back"]
    outcomes = await cancelled(world, rows, "address-issue", walked, note=NOTE)
    assert {outcome.state for outcome in outcomes.values()} == {State.CANCELLED}, outcomes
    for commit in world.commits():
        assert (commit.reason, commit.note) == ("ADDRESS_ISSUES", NOTE), rows[commit.order_no]
        assert commit.extra["relist"] is False


# The form itself is the same on all of eBay's ways: the pairs of its kinds meet in the test above.
CLASSIC = paired(
    language=LANGUAGES, menu=["roles", "fake"], seller_hub=[True, False], form=FORMS["form"],
    answer=FORMS["answer"],
)  # fmt: skip
BUYER = paired(
    language=LANGUAGES, menu=["roles", "fake"], approve=[True, False], form=FORMS["form"], tab=FORMS["tab"],
    answer=FORMS["answer"],
)  # fmt: skip
SHOPS = sorted({(row["language"], row["seller_hub"]) for row in CLASSIC})


@pytest.mark.long
@pytest.mark.parametrize(("language", "seller_hub"), SHOPS)
async def test_ebay_seller_by_the_resolution_center(world: World, language: str, seller_hub: bool) -> None:
    own = [row for row in CLASSIC if (row["language"], row["seller_hub"]) == (language, seller_hub)]
    layout = {"entry": "resolve", "seller_hub": seller_hub}
    rows = shop_of(world, "ebay", own, site=SITES[language], language=language, layout=layout)
    walked = ["sign-in", "ES1", "ES2", "ES3", "ES4", "read-back"]
    outcomes = await cancelled(world, rows, "buyer-asked", walked, note=NOTE)
    assert {outcome.state for outcome in outcomes.values()} == {State.CANCELLED}, outcomes
    for commit in world.commits():
        assert (commit.reason, commit.note) == ("BUYER_ASKED_CANCEL", NOTE), rows[commit.order_no]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_ebay_buyer_asks_and_the_seller_answers(world: World, language: str) -> None:
    own = [row for row in BUYER if row["language"] == language]
    rows = shop_of(world, "ebay", own, role="buyer", site=SITES[language], language=language)
    outcomes = await cancelled(world, rows, "mistake", ["EB1", "EB2", "EB3", "EB4"])
    assert {(o.state, o.waits_for) for o in outcomes.values()} == {(State.PENDING, "seller")}, outcomes
    assert {(c.asker, c.reason) for c in world.commits()} == {("buyer", "ORDER_MISTAKE")}
    assert all(len(manifest(o)["items"]) == 1 for o in outcomes.values()), "one thing, linked twice"
    for number, row in rows.items():
        decide_ebay(world.store, "ebay", number, row["approve"])
    for after in await world.sync():
        approved = rows[after.order_no]["approve"]
        assert after.state is (State.CANCELLED if approved else State.DECLINED), (rows[after.order_no], after)


DHGATE = paired(
    words=["console", "article"], language=["zh-CN", "en"], controls=["both", "cancel", "refund"],
    approve=[True, False], **FORMS,
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("words", ["console", "article"])
async def test_dhgate_seller_until_the_review_is_over(world: World, language: str, words: str) -> None:
    own = [row for row in DHGATE if (row["language"], row["words"]) == (language, words)]
    layout = {"words": words, "banner": "survey" if words == "article" else "cookies"}
    rows = shop_of(world, "dhgate", own, language=language, layout=layout)
    walked = ["DH1", "DH2", "DH3", "DH4", "DH5", "DH6", "DH7"]
    outcomes = await cancelled(world, rows, "out-of-stock", walked, note=NOTE)
    assert {(o.state, o.waits_for) for o in outcomes.values()} == {(State.PENDING, "platform")}, outcomes
    for commit in world.commits():
        kind = "refund" if rows[commit.order_no]["controls"] == "refund" else "cancel"
        assert (commit.kind, commit.reason, commit.note) == (kind, "out-of-stock", NOTE), commit
        assert outcomes[commit.order_no].via == kind
    for number, row in rows.items():
        decide_dhgate(world.store, number, row["approve"], "" if row["approve"] else "理由不充分")
    for after in await world.sync():
        approved = rows[after.order_no]["approve"]
        assert after.state is (State.CANCELLED if approved else State.DECLINED), (rows[after.order_no], after)
        assert approved or "理由不充分" in (after.detail or "")
        assert "DH7" in [step["id"] for step in manifest(after)["steps"]]
