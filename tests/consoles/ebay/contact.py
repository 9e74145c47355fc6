"""Contact buyer: the form at contact.<site> and its answer. Nobody here has seen it: all of it is U.

The truth log keeps every message received, of the kind ``message``.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response

from tests.consoles.ebay import buy, orders
from tests.consoles.ebay.orders import PLATFORM, Row
from tests.consoles.ebay.visit import Visit

MOST = 2000


def _mine(visit: Visit, get: Any) -> Row | None:
    """The order that this account sold, by the item and transaction of the menu's link."""
    order = buy.by_ids(visit, get("itemId", ""), get("transId", "-"))
    return order if order and orders.role_in(visit.account, order) == "seller" else None


def page(visit: Visit) -> Response:
    order = _mine(visit, lambda name, _: visit.arg(name))
    if order is None:
        return visit.not_found(visit.arg("itemId"))
    strikes, number = visit.store.faults.strikes, order["order_no"]
    if wrong := strikes("message-wrong", PLATFORM, number):
        order = visit.store.order(PLATFORM, wrong.word) or order
    buyer = "somebody_else" if strikes("message-other-buyer", PLATFORM, number) else order["buyer"]
    return visit.render("contact.html", order=order, buyer=buyer, layout=visit.layout(order))


def send(visit: Visit) -> Response:
    order, text = _mine(visit, visit.form.get), visit.form.get("body", "").strip().replace("\r\n", "\n")
    if order is None:
        return visit.not_found(visit.form.get("itemId", ""))
    if visit.store.faults.strikes("message-limit", PLATFORM, order["order_no"]):
        return _answer(visit, "attention", "contact.limited")
    if not text or len(text) > MOST:
        return _answer(visit, "attention", "contact.empty")
    with visit.store.transaction():
        visit.store.do(
            "INSERT INTO messages (platform,username,kind,order_no,title,content,created)"
            " VALUES (?,?,'out',?,?,?,?)",
            PLATFORM, order["seller"], order["order_no"], "", text, time.time(),
        )  # fmt: skip
        visit.store.log_truth(
            PLATFORM, order["order_no"], "message", asker="seller", username=visit.account["username"],
            note=text, to=visit.form.get("requested", ""),
        )  # fmt: skip
    return _answer(visit, "confirmation", "contact.sent")


def _answer(visit: Visit, kind: str, key: str) -> Response:
    """A page, or (asked for by the form's own script) the notice alone."""
    if visit.wants_fragment:
        return visit.fragment("contact_answer.html", kind=kind, text=visit.t(key), whole=False)
    return visit.render("contact_answer.html", kind=kind, text=visit.t(key), whole=True)
