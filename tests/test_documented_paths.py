"""Every documented path, in every layout and language: the steps in order, one commit, and the right one.

The layouts are paired: each two settings of different kinds meet in some row (allpairspy).
"""

from __future__ import annotations

from typing import Any

import pytest
from allpairspy import AllPairs

from agent.order import State
from tests.consoles.dhgate import decide as decide_dhgate
from tests.consoles.ebay import decide as decide_ebay
from tests.consoles.layouts import Layout
from tests.world import World, in_order, manifest, steps

NOTE = "The buyer wrote on Monday that they no longer need it. 买家周一来信取消。"

FORMS: dict[str, list[Any]] = {
    "form": ["page", "dialog"],
    "tab": ["same", "new"],
    "reason": ["radios", "covered", "select"],
    "submit": ["button", "link", "input"],
    "answer": ["navigate", "in-place"],
    "confirm": ["none", "page", "native"],
    "stale_copy": [False, True],
    "banner": ["none", "cookies", "survey"],
}


def paired(**kinds: list[Any]) -> list[Any]:
    """Rows in which every two settings meet, as pytest parameters with readable names."""
    names = list(kinds)
    rows = [dict(zip(names, row, strict=True)) for row in AllPairs(list(kinds.values()))]
    return [pytest.param(row, id="-".join(str(value) for value in row.values())) for row in rows]


LANGUAGES = ["en", "de", "zh-TW", "zh-CN"]
SITES = {"en": "ebay.com", "de": "ebay.de", "zh-TW": "ebay.com.hk", "zh-CN": "ebay.com"}


@pytest.mark.parametrize("row", paired(language=LANGUAGES, menu=["roles", "fake"], **FORMS))
async def test_ebay_seller_by_seller_hub(world: World, row: dict[str, Any]) -> None:
    language = row.pop("language")
    world.shop("hub", "ebay", site=SITES[language], language=language, layout=Layout(**row))
    world.order("hub", "12-34567-89012")
    world.order("hub", "12-34567-89013")
    outcome = await world.cancel("hub", "12-34567-89012", "address-issue", note=NOTE)
    assert (outcome.state, outcome.submits) == (State.CANCELLED, 1), outcome
    assert in_order(["sign-in", "ES1", "ES2", "ES4", "read-back"], steps(outcome))
    [commit] = world.commits()
    assert (commit.order_no, commit.reason, commit.note) == ("12-34567-89012", "ADDRESS_ISSUES", NOTE)
    assert commit.extra["relist"] is False


# The form itself is the same on all of eBay's ways: the pairs of its kinds meet in the test above.
CLASSIC = {key: FORMS[key] for key in ("form", "answer")}
BUYER = {key: FORMS[key] for key in ("form", "tab", "answer")}


@pytest.mark.parametrize(
    "row", paired(language=LANGUAGES, menu=["roles", "fake"], seller_hub=[True, False], **CLASSIC)
)
async def test_ebay_seller_by_the_resolution_center(world: World, row: dict[str, Any]) -> None:
    language = row.pop("language")
    world.shop(
        "classic", "ebay", site=SITES[language], language=language, layout=Layout(entry="resolve", **row)
    )
    world.order("classic", "12-34567-89012")
    world.order("classic", "12-34567-89013")
    outcome = await world.cancel("classic", "12-34567-89012", note=NOTE)
    assert (outcome.state, outcome.submits) == (State.CANCELLED, 1), outcome
    assert in_order(["sign-in", "ES1", "ES2", "ES3", "ES4", "read-back"], steps(outcome))
    [commit] = world.commits()
    assert (commit.order_no, commit.reason, commit.note) == ("12-34567-89012", "BUYER_ASKED_CANCEL", NOTE)


@pytest.mark.parametrize(
    "row", paired(language=LANGUAGES, menu=["roles", "fake"], approve=[True, False], **BUYER)
)
async def test_ebay_buyer_asks_and_the_seller_answers(world: World, row: dict[str, Any]) -> None:
    language, approve = row.pop("language"), row.pop("approve")
    layout = Layout(**row)
    world.shop("buyer", "ebay", role="buyer", site=SITES[language], language=language, layout=layout)
    world.order("buyer", "12-34567-89012", age_days=0.01)
    world.order("buyer", "12-34567-89013", age_days=0.01)
    outcome = await world.cancel("buyer", "12-34567-89012", "mistake")
    assert (outcome.state, outcome.waits_for, outcome.submits) == (State.PENDING, "seller", 1), outcome
    assert in_order(["EB1", "EB2", "EB3", "EB4"], steps(outcome))
    [commit] = world.commits()
    assert (commit.order_no, commit.asker, commit.reason) == ("12-34567-89012", "buyer", "ORDER_MISTAKE")
    decide_ebay(world.store, "ebay", "12-34567-89012", approve)
    [after] = await world.sync()
    assert after.state is (State.CANCELLED if approve else State.DECLINED), after


@pytest.mark.parametrize(
    "row",
    paired(language=["zh-CN", "en"], words=["console", "article"], controls=["both", "cancel", "refund"],
           approve=[True, False], **FORMS),
)  # fmt: skip
async def test_dhgate_seller_until_the_review_is_over(world: World, row: dict[str, Any]) -> None:
    language, controls, approve = row.pop("language"), row.pop("controls"), row.pop("approve")
    world.shop("dh", "dhgate", language=language, layout=Layout(**row))
    world.order("dh", "1330312162", controls=controls, message="请尽快发货")
    world.order("dh", "1330312163", controls=controls)
    outcome = await world.cancel("dh", "1330312162", "out-of-stock", note=NOTE)
    assert (outcome.state, outcome.waits_for, outcome.submits) == (State.PENDING, "platform", 1), outcome
    assert in_order(["DH1", "DH2", "DH3", "DH4", "DH5", "DH6", "DH7"], steps(outcome))
    [commit] = world.commits()
    kind = "refund" if controls == "refund" else "cancel"
    assert (commit.kind, commit.order_no, commit.reason, commit.note) == (
        kind,
        "1330312162",
        "out-of-stock",
        NOTE,
    )
    assert outcome.via == kind
    decide_dhgate(world.store, "1330312162", approve, "" if approve else "理由不充分")
    [after] = await world.sync()
    assert after.state is (State.CANCELLED if approve else State.DECLINED), after
    if not approve:
        assert "理由不充分" in (after.detail or "")
    assert "DH7" in [step["id"] for step in manifest(after)["steps"]]
