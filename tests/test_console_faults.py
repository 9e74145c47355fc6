"""The practice consoles misbehave as they are told to: asked by plain HTTPS, judged by the truth log."""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import tests.consoles
from tests.consoles.ebay.visit import cookie_name
from tests.consoles.faults import KINDS
from tests.consoles.server import Consoles
from tests.consoles.store import Store

EBAY, DHGATE = "12-34567-89012", "1330312162"
PAGE = {"Sec-Fetch-Dest": "document"}


class Visitor:
    """A signed-in seller with one order on each platform."""

    def __init__(self, consoles: Consoles) -> None:
        self.address = consoles.address
        self.store: Store = consoles.store
        self.store.reset()
        for platform, number in (("ebay", EBAY), ("dhgate", DHGATE)):
            self.store.add_account(platform, "shop", language="en")
            self.store.add_order(platform, number, seller="shop")

    def ask(self, host: str, path: str, form: Mapping[str, Any] | None = None) -> tuple[int, str]:
        """The answer's status and text."""
        platform = "dhgate" if "dhgate" in host else "ebay"
        name = "seller_sso" if platform == "dhgate" else cookie_name("ebay.com")
        cookie = f"{name}={self.store.sign_in(platform, 'shop')}"
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        line = http.client.HTTPSConnection(self.address, context=context, timeout=20)
        try:
            given = {"Host": host, "Cookie": cookie, **(PAGE if form is None else {})}
            if form is None:
                line.request("GET", path, headers=given)
            else:
                given["Content-Type"] = "application/x-www-form-urlencoded"
                line.request("POST", path, urlencode(form), given)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def submit(self, platform: str = "ebay") -> tuple[int, str]:
        order: dict[str, Any] = self.store.order(platform, EBAY if platform == "ebay" else DHGATE) or {}
        if platform == "ebay":
            form = {"itemId": order["item_id"], "transId": order["trans_id"], "reason": "BUYER_ASKED_CANCEL"}
            return self.ask("www.ebay.com", "/afs/Cancel/Submit", form)
        form = {"orderId": order["hex_id"], "reasonId": "buyer-asked", "explain": "the buyer asked for it"}
        return self.ask("seller.dhgate.com", "/sellerordmng/orderOperation/cancelOrder.do", form)

    def hub(self) -> tuple[int, str]:
        return self.ask("www.ebay.com", f"/sh/ord?q={EBAY}")

    def commits(self) -> int:
        return len(self.store.truth())


@pytest.fixture(scope="module")
def running() -> Iterator[Consoles]:
    with Consoles() as consoles:
        yield consoles


@pytest.fixture
def visitor(running: Consoles) -> Visitor:
    return Visitor(running)


BOTH = pytest.mark.parametrize("platform", ["ebay", "dhgate"])


def test_a_fault_that_nobody_knows_is_refused(visitor: Visitor) -> None:
    with pytest.raises(ValueError, match="known: latency"):
        visitor.store.faults.on("rain")


def test_drawn_at_its_rate_and_the_same_for_the_same_seed(visitor: Visitor) -> None:
    draws = []
    for _ in range(2):
        visitor.store.faults.off()
        visitor.store.faults.on("latency", rate=0.25, seed=7)
        draws.append([bool(visitor.store.faults.strikes("latency", "ebay")) for _ in range(400)])
    assert draws[0] == draws[1]
    assert 70 <= sum(draws[0]) <= 130


@BOTH
def test_503_before_the_commit(visitor: Visitor, platform: str) -> None:
    visitor.store.faults.on("error-before", word="503", most=1)
    assert visitor.submit(platform)[0] == 503
    assert visitor.commits() == 0
    visitor.submit(platform)
    assert visitor.commits() == 1


@BOTH
def test_500_after_the_commit(visitor: Visitor, platform: str) -> None:
    visitor.store.faults.on("error-after")
    assert visitor.submit(platform)[0] == 500
    assert visitor.commits() == 1


@BOTH
@pytest.mark.parametrize("kind", ["cut-first-byte", "cut-middle"])
def test_cut_after_the_commit(visitor: Visitor, platform: str, kind: str) -> None:
    visitor.store.faults.on(kind)
    with pytest.raises((OSError, http.client.HTTPException)) as caught:
        visitor.submit(platform)
    half_an_answer = isinstance(caught.value, http.client.IncompleteRead)
    assert half_an_answer is (kind == "cut-middle"), caught.value
    assert visitor.commits() == 1


@BOTH
def test_the_guard_and_a_site_without_one(visitor: Visitor, platform: str) -> None:
    visitor.submit(platform)
    visitor.submit(platform)
    assert visitor.commits() == 1
    visitor.store.faults.on("no-guard")
    visitor.submit(platform)
    assert visitor.commits() == 2


@BOTH
def test_lies(visitor: Visitor, platform: str) -> None:
    visitor.store.faults.on("lies")
    status, text = visitor.submit(platform)
    assert status == 200
    assert re.search("All done|Done!", text), text
    assert visitor.commits() == 0


@BOTH
def test_lands_late(visitor: Visitor, platform: str) -> None:
    visitor.store.faults.on("late", number=0.3)
    assert visitor.submit(platform)[0] == 200
    assert visitor.commits() == 0
    time.sleep(0.8)
    assert visitor.commits() == 1


def test_lands_though_the_client_is_gone(visitor: Visitor) -> None:
    visitor.store.faults.on("commit-latency", number=0.5)
    order: dict[str, Any] = visitor.store.order("ebay", EBAY) or {}
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = http.client.HTTPSConnection(visitor.address, context=context, timeout=20)
    cookie = f"{cookie_name('ebay.com')}={visitor.store.sign_in('ebay', 'shop')}"
    form = {"itemId": order["item_id"], "transId": order["trans_id"], "reason": "BUYER_ASKED_CANCEL"}
    headers = {"Host": "www.ebay.com", "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", "/afs/Cancel/Submit", urlencode(form), headers)
    line.close()
    assert visitor.commits() == 0
    time.sleep(1.2)
    assert visitor.commits() == 1


def test_pages_lag_and_catch_up(visitor: Visitor) -> None:
    visitor.store.faults.on("lag", EBAY, number=1.0)
    before = visitor.hub()[1]
    visitor.submit()
    assert (visitor.store.order("ebay", EBAY) or {})["status"] == "cancelled"
    assert visitor.hub()[1] == before
    time.sleep(1.3)
    assert visitor.hub()[1] != before


def test_a_stale_list_beside_a_true_detail_page(visitor: Visitor) -> None:
    visitor.store.faults.on("lag", EBAY, number=600, word="list")
    order: dict[str, Any] = visitor.store.order("ebay", EBAY) or {}
    before = visitor.hub()[1]
    visitor.submit()
    assert visitor.hub()[1] == before
    where = f"/Cancel/Details?itemId={order['item_id']}&transId={order['trans_id']}"
    assert "This order is canceled" in visitor.ask("www.ebay.com", where)[1]


def test_the_other_party_is_quicker(visitor: Visitor) -> None:
    visitor.store.faults.on("other-asks")
    visitor.submit("dhgate")
    assert (visitor.store.order("dhgate", DHGATE) or {})["status"] == "buyer_refund"
    visitor.store.faults.off()
    visitor.store.faults.on("other-cancels")
    visitor.submit("ebay")
    assert (visitor.store.order("ebay", EBAY) or {})["status"] == "cancelled"
    assert visitor.commits() == 0


def test_signed_out_and_an_offer_in_front(visitor: Visitor) -> None:
    visitor.store.faults.on("sign-out", EBAY, most=1)
    assert visitor.hub()[0] == 303
    visitor.store.faults.on("interstitial", EBAY, most=1)
    assert visitor.hub()[0] == 302
    assert visitor.hub()[0] == 200


def test_too_many_requests(visitor: Visitor) -> None:
    visitor.store.faults.on("limit", number=2)
    assert [visitor.hub()[0] for _ in range(4)] == [200, 200, 302, 302]
    assert "exceeded" in visitor.ask("pages.ebay.com", "/limitexceeded.html")[1]


def test_the_search_shows_a_neighbour(visitor: Visitor) -> None:
    visitor.store.add_order("ebay", "12-34567-89013", seller="shop")
    visitor.store.faults.on("neighbour", EBAY, word="12-34567-89013")
    text = visitor.hub()[1]
    assert 'data-id="12-34567-89013"' in text or "12-34567-89013" in text
    assert f"orderid={EBAY}" not in text


def test_every_kind_is_played_somewhere() -> None:
    sources = Path(tests.consoles.__path__[0]).rglob("*.py")
    places = [file.read_text(encoding="utf-8") for file in sources]
    for kind in KINDS:
        assert sum(f'"{kind}"' in text for text in places) >= 2, kind
