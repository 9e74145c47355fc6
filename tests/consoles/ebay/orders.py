"""What the site knows and decides: who may cancel what, and what a commit changes. No HTML here.

Every write of an order or a cancellation is in this file; ``commit`` and ``respond`` write the truth log.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from tests.consoles.store import Store

PLATFORM = "ebay"
Row = dict[str, Any]
Role = Literal["seller", "buyer", ""]

SELLER_REASONS = ("BUYER_ASKED_CANCEL", "OUT_OF_STOCK_OR_CANNOT_FULFILL", "ADDRESS_ISSUES", "ORDER_UNPAID")
BUYER_REASONS = (
    "ORDER_MISTAKE", "FOUND_CHEAPER_PRICE", "PRICE_TOO_HIGH", "WONT_ARRIVE_IN_TIME", "WRONG_PAYMENT_METHOD",
    "WRONG_SHIPPING_ADDRESS", "WRONG_SHIPPING_METHOD", "OTHER",
)  # fmt: skip
SENT = ("shipped", "part_shipped", "closed")
HOUR, DAY = 3600.0, 86400.0
FIRST_CANCEL_ID = 5_000_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a submit: ``refused`` is a words key (no.<refused>), '' when it was acted on."""

    refused: str = ""
    cancellation: Row | None = None
    promised: bool = False
    """The site says done and has done nothing yet, or never will: a fault that is switched on."""


def role_in(account: Row, order: Row) -> Role:
    name = account["username"].lower()
    if order["seller"].lower() == name:
        return "seller"
    return "buyer" if order["buyer"].lower() == name else ""


def offered(order: Row, role: Role) -> list[str]:
    """The reasons that the form offers, as machine values. An unpaid order's own reason comes on day 5."""
    wanted = [value.strip() for value in order["reasons"].split(",") if value.strip()]
    if role == "buyer":
        return [r for r in wanted if r not in SELLER_REASONS] or list(BUYER_REASONS)
    late = order["status"] == "unpaid" and time.time() - order["created"] > 4 * DAY
    usual = [r for r in SELLER_REASONS if r != "ORDER_UNPAID" or late]
    return [r for r in wanted if r not in BUYER_REASONS] or usual


def cancellation_of(store: Store, order: Row) -> Row | None:
    """The order's newest cancellation; one seeded as cancelled gets eBay's own, so that pages agree."""
    found = store.cancellation(PLATFORM, order["order_no"])
    if found is None and order["status"] == "cancelled":
        _insert(store, order, "platform", "seed", "", "", False, "cancelled", "")
        found = store.cancellation(PLATFORM, order["order_no"])
    return found


def why_not(store: Store, order: Row, role: Role) -> str:
    """Why this role can't cancel this order now: a words key after "no.", '' when it can."""
    cancellation = cancellation_of(store, order)
    if order["status"] == "cancelled":
        return "cancelled"
    if cancellation and cancellation["status"] in ("pending", "refund_failed"):
        return "exists"
    if order["blocked"] == "declined_before" or (cancellation and cancellation["status"] == "declined"):
        return "declined_before"
    if order["status"] in SENT:
        return "shipped"
    if order["blocked"] == "case" or order["status"] == "buyer_refund":
        return "case"
    age = time.time() - order["created"]
    if order["blocked"] == "too_old" or age > 30 * DAY:
        return "too_old"
    return "hour" if role == "buyer" and age > HOUR else ""


def state(order: Row, cancellation: Row | None) -> str:
    """How the order stands, as the last part of the words keys hub.*, sold.*, buy.*."""
    if cancellation and cancellation["status"] == "pending":
        return "requested"
    if cancellation and cancellation["status"] == "refund_failed":
        return "refund_failed"
    return str(order["status"])


def commit(
    store: Store, account: Row, order_no: str, reason: str, *, note: str, relist: bool, via: str
) -> Answer:
    """A cancel form was submitted. The site's guard: one cancellation an order, and only when it may be.

    Faults (``tests.consoles.faults``): lies, late, says-no, no-guard.
    """

    def act() -> Answer:
        return _commit(store, account, order_no, reason, note=note, relist=relist, via=via)

    order = store.order(PLATFORM, order_no)
    if order is not None and not why_not(store, order, role_in(account, order)):
        lies = store.faults.strikes("lies", PLATFORM, order_no)
        late = None if lies else store.faults.strikes("late", PLATFORM, order_no)
        if late:
            store.faults.later(late.number, act)
        if lies or late:
            status = "pending" if role_in(account, order) == "buyer" else "cancelled"
            made_up = {"id": 0, "order_no": order_no, "status": status, "reason": reason}
            return Answer(cancellation=made_up, promised=True)
    answer = act()
    if not answer.refused and store.faults.strikes("says-no", PLATFORM, order_no):
        return Answer("case")
    return answer


def _commit(
    store: Store, account: Row, order_no: str, reason: str, *, note: str, relist: bool, via: str
) -> Answer:
    with store.transaction():
        order = store.order(PLATFORM, order_no)
        role = role_in(account, order) if order else ""
        if order is None or not role:
            return Answer("case")
        refused = why_not(store, order, role)
        again = refused in ("cancelled", "exists")
        if refused and not (again and store.faults.standing("no-guard", PLATFORM, order_no)):
            return Answer(refused)
        if reason not in offered(order, role):
            return Answer("reason")
        store.log_truth(
            PLATFORM, order_no, "cancel", asker=role, username=account["username"], reason=reason,
            note=note, relist=relist, via=via,
        )  # fmt: skip
        if role == "buyer":
            _insert(store, order, role, via, reason, note, relist, "pending", "seller")
        else:
            _insert(store, order, role, via, reason, note, relist, *_refund(order))
            _set_status(store, order_no, _refund(order)[0])
        return Answer(cancellation=store.cancellation(PLATFORM, order_no))


def respond(store: Store, account: Row, order_no: str, accept: bool, *, note: str, relist: bool) -> Answer:
    """The seller answers a buyer's request on the console."""
    with store.transaction():
        order = store.order(PLATFORM, order_no)
        cancellation = store.cancellation(PLATFORM, order_no)
        if order is None or role_in(account, order) != "seller":
            return Answer("case")
        if cancellation is None or cancellation["status"] != "pending" or cancellation["asker"] != "buyer":
            return Answer("answered")
        store.log_truth(
            PLATFORM, order_no, "accept" if accept else "decline", asker="seller",
            username=account["username"], reason=cancellation["reason"], note=note, relist=relist,
            via="respond",
        )  # fmt: skip
        status, waits_for = _refund(order) if accept else ("declined", "")
        _settle(store, cancellation, status, waits_for, note, relist)
        if accept:
            _set_status(store, order_no, status)
        return Answer(cancellation=store.cancellation(PLATFORM, order_no))


def retry_refund(store: Store, account: Row, order_no: str) -> Answer:
    """A person pressed "Retry refund": this time the money goes out."""
    with store.transaction():
        order = store.order(PLATFORM, order_no)
        cancellation = store.cancellation(PLATFORM, order_no)
        if order is None or role_in(account, order) != "seller" or cancellation is None:
            return Answer("case")
        if cancellation["status"] != "refund_failed":
            return Answer("answered")
        store.log_truth(
            PLATFORM, order_no, "refund", asker="seller", username=account["username"], via="retry"
        )
        _settle(store, cancellation, "cancelled", "", "", bool(cancellation["relist"]))
        _set_status(store, order_no, "cancelled")
        return Answer(cancellation=store.cancellation(PLATFORM, order_no))


def send_refund(store: Store, account: Row, order_no: str) -> None:
    """The wrong way (facts, fact 5): money goes back, the order stays open. The truth log keeps it."""
    store.log_truth(
        PLATFORM, order_no, "refund", asker="seller", username=account["username"], via="send-refund"
    )


def decide(store: Store, platform: str, order_no: str, approve: bool, words: str = "") -> None:
    """Play the other side, without a page and without a truth row.

    On a buyer's open request it is the seller's answer; on a failed refund, the refund's second outcome.
    """
    with store.transaction():
        found = store.cancellation(platform, order_no)
        if found is None or found["status"] not in ("pending", "refund_failed"):
            raise LookupError(f"nothing is open on {platform} order {order_no}")
        if found["status"] == "refund_failed" and not approve:
            return
        _settle(store, found, "cancelled" if approve else "declined", "", words, bool(found["relist"]))
        if approve:
            _set_status(store, order_no, "cancelled")


def ask_as_buyer(store: Store, order_no: str, reason: str = "ORDER_MISTAKE", age_hours: float = 0.5) -> None:
    """A test plays a buyer who asked to cancel some hours ago: an open request, no truth row."""
    order = store.order(PLATFORM, order_no)
    if order is None:
        raise LookupError(order_no)
    _insert(store, order, "buyer", "seed", reason, "", False, "pending", "seller")
    store.do(
        "UPDATE cancellations SET created=? WHERE id=(SELECT max(id) FROM cancellations WHERE order_no=?)",
        time.time() - age_hours * HOUR, order_no,
    )  # fmt: skip


def hours_left(cancellation: Row) -> int:
    """Of the three days that a seller has."""
    return max(0, int((cancellation["created"] + 3 * DAY - time.time()) // HOUR))


def _refund(order: Row) -> tuple[str, str]:
    failed = order["status"] != "unpaid" and order["verdict"] == "reject"
    return ("refund_failed", "refund") if failed else ("cancelled", "")


def _set_status(store: Store, order_no: str, status: str) -> None:
    store.do("UPDATE orders SET status=? WHERE platform=? AND order_no=?", status, PLATFORM, order_no)


def _settle(store: Store, row: Row, status: str, waits_for: str, words: str, relist: bool) -> None:
    store.do(
        "UPDATE cancellations SET status=?, waits_for=?, decided=?, decision_note=?, relist=? WHERE id=?",
        status, waits_for, time.time(), words, int(relist), row["id"],
    )  # fmt: skip


def _insert(
    store: Store, order: Row, asker: str, via: str, reason: str, note: str, relist: bool, status: str,
    waits_for: str,
) -> None:  # fmt: skip
    now = time.time()
    store.do(
        "INSERT INTO cancellations (platform,order_no,asker,via,reason,note,relist,status,waits_for,created,"
        "decided) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        PLATFORM, order["order_no"], asker, via, reason, note, int(relist), status, waits_for, now,
        None if status == "pending" else now,
    )  # fmt: skip
