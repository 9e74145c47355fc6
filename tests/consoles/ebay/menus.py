"""The action menus: which entries an order offers on which page, and where each of them leads."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from tests.consoles.ebay import orders
from tests.consoles.ebay.orders import FIRST_CANCEL_ID, Role, Row
from tests.consoles.ebay.visit import Visit
from tests.consoles.layouts import Layout

Page = Literal["hub", "sold", "purchase"]

# U: no live page has shown the cancel entry's name in Seller Hub or the purchase history (facts, 10.3);
# it differs by widget here, so that no flow can rest on it. SELLER_CANCEL_ORDER is B (2021).
CANCEL_NAMES = {
    ("hub", "roles"): "CancelOrder", ("hub", "fake"): "CANCEL_ORDER",
    ("sold", "roles"): "SELLER_CANCEL_ORDER", ("sold", "fake"): "SELLER_CANCEL_ORDER",
    ("purchase", "roles"): "CANCEL_ORDER", ("purchase", "fake"): "BUYER_CANCEL_ORDER",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """``link``: an element with href; else a button or a div with data-href that the script follows."""

    label: str
    name: str
    href: str
    link: bool = False
    opens: Literal["same", "new", "dialog", "unpaid", "nothing"] = "same"
    acts: str = ""
    to: str = ""
    fields: str = ""
    """How the entry cancels at once, where, and by what (``Layout.acts``)."""
    asks: bool = False
    """Its script asks for the dialog by a POST that only reads."""


def cancel_id(cancellation: Row) -> str:
    return str(FIRST_CANCEL_ID + cancellation["id"])


def details_url(visit: Visit, cancellation: Row) -> str:
    return visit.url("www", "/Cancel/Details", cancelId=cancel_id(cancellation))


def order_url(visit: Visit, order: Row) -> str:
    """Where "order details" leads: the buyer's page, Seller Hub's, or the old one (shops without a hub)."""
    if orders.role_in(visit.account, order) == "buyer":
        return visit.url("order", "/ord/show", orderId=order["order_no"])
    if not visit.layout().seller_hub:
        return visit.url("www", "/vod/FetchOrderDetails", orderId=order["order_no"])
    back = visit.url("www", "/sh/ord")
    return visit.url(
        "www", "/mesh/ord/details", mode="SH", srn=order["srn"], orderid=order["order_no"],
        source="Orders", ru=back,
    )  # fmt: skip


def web_trans_id(order: Row) -> str:
    """An unpaid order has no transaction number in My eBay (1.4)."""
    return "0" if order["status"] == "unpaid" else str(order["trans_id"])


def cancel_entry(visit: Visit, order: Row, page: Page) -> Entry | None:
    """The entry that has to do with cancelling, if the menu shows one at all."""
    role = orders.role_in(visit.account, order)
    found = orders.cancellation_of(visit.store, order)
    if order["status"] == "cancelled" or (found and found["status"] in ("pending", "refund_failed")):
        assert found is not None
        answer = role == "seller" and found["asker"] == "buyer" and found["status"] == "pending"
        label = visit.t("respond_cancel" if answer else "view_cancel")
        return Entry(label, "VIEW_CANCEL_DETAILS", details_url(visit, found), link=True)
    if order["status"] in (*orders.SENT, "buyer_refund"):
        return None
    if role == "buyer":
        return _buyer_entry(visit, order, page)
    layout = visit.layout(order)
    if layout.entry == "resolve":
        ids = {"itemId": order["item_id"], "transId": order["trans_id"]}
        name = "ResolveProblem" if page == "hub" else "RESOLVE_PROBLEM"
        address = visit.url("resolutioncenter", "/", **ids)
        entry = Entry(visit.t("resolve"), name, address, link=layout.menu == "fake", opens=layout.tab)
        return _acting(visit, order, entry, layout.but(opened_by="get"))
    if page == "sold" and order["status"] == "unpaid" and time.time() - order["created"] > 4 * orders.DAY:
        return Entry(visit.t("cancel_order"), "UPI_CANCEL", "", opens="unpaid")
    return _form_entry(visit, order, page, "cancel_order")


def _buyer_entry(visit: Visit, order: Row, page: Page) -> Entry | None:
    if time.time() - order["created"] > orders.HOUR:
        return None
    return _form_entry(visit, order, page, "cancel_this_order")


def _form_entry(visit: Visit, order: Row, page: Page, label: str) -> Entry:
    layout = visit.layout(order)
    trans_id = web_trans_id(order) if page == "sold" else order["trans_id"]
    address = visit.url("www", "/afs/Cancel/Start", transId=trans_id, itemId=order["item_id"])
    dialog = layout.form == "dialog"
    link = page == "sold" or (layout.menu == "fake" and not dialog)
    name = CANCEL_NAMES[page, layout.menu]
    entry = Entry(visit.t(label), name, address, link, "dialog" if dialog else layout.tab)
    return _acting(visit, order, entry, layout)


def answer_entry(visit: Visit, order: Row, number: str, kind: str) -> Entry:
    """Accept or Decline, in the row of a buyer's request."""
    layout = visit.layout(order)
    address = visit.url("www", "/Cancel/Respond", cancelId=number, answer=kind)
    entry = Entry(visit.t(kind), "", address, True, "dialog" if layout.form == "dialog" else layout.tab)
    fields = urlencode({"cancelId": number, "answer": kind})
    to = visit.url("www", "/Cancel/Respond")
    return replace(entry, acts=layout.acts, to=to, fields=fields) if layout.acts else entry


def _acting(visit: Visit, order: Row, entry: Entry, layout: Layout) -> Entry:
    """The entry of a layout that acts at once, or that asks for its form by POST."""
    entry = replace(entry, asks=layout.opened_by == "post")
    if not layout.acts:
        return entry
    reason = orders.offered(order, orders.role_in(visit.account, order))[0]
    number = "1" if layout.reason == "select" else reason
    fields = urlencode({"itemId": order["item_id"], "transId": order["trans_id"], "reason": number})
    acting = replace(entry, acts=layout.acts, to=visit.url("www", "/afs/Cancel/Submit"), fields=fields)
    return acting if layout.acts == "late" else replace(acting, href="", link=False, opens="nothing")


def _entry(visit: Visit, key: str, name: str, path: str = "", **query: object) -> Entry:
    address = visit.url("www", path, **query) if path else ""
    return Entry(visit.t(key), name, address, opens="same" if path else "nothing")


def contact_entry(visit: Visit, order: Row, name: str) -> Entry:
    """B (2021): the host and message_type_id=14. The path and the other names are U."""
    address = visit.url(
        "contact", "/m2m", message_type_id=14, requested=order["buyer"], itemId=order["item_id"],
        transId=order["trans_id"],
    )  # fmt: skip
    layout = visit.layout(order)
    return Entry(visit.t("contact_buyer"), name, address, link=layout.menu == "fake", opens=layout.tab)


def hub_menu(visit: Visit, order: Row) -> list[Entry]:
    number = order["order_no"]
    before = [_entry(visit, "packing_slip", "PrintPackingSlipAndMore")]
    if order["status"] not in ("cancelled", "unpaid"):
        before.append(_entry(visit, "add_tracking", "AddTrackingNumber"))
        before.append(_entry(visit, "send_refund", "SendRefund", "/mesh/refund/start", orderid=number))
    after = [
        contact_entry(visit, order, "ContactBuyer"),
        _entry(visit, "sell_similar", "SellSimilar"),
        _entry(visit, "add_note", "AddNote"),
    ]
    return _with(before, cancel_entry(visit, order, "hub"), after)


def sold_menu(visit: Visit, order: Row) -> list[Entry]:
    before = [_entry(visit, "sell_similar", "SELL_SIMILAR"), contact_entry(visit, order, "CONTACT_BUYER")]
    return _with(before, cancel_entry(visit, order, "sold"), [_entry(visit, "add_note", "ADD_NOTE")])


def purchase_menu(visit: Visit, order: Row) -> list[Entry]:
    number, item = order["order_no"], order["item_id"]
    before = [
        _entry(visit, "buy_again", "VIEW_ITEM", f"/itm/{item}"),
        _entry(visit, "contact_seller", "CONTACT_SELLER", "/contact/seller", itemId=item),
        _entry(visit, "return_item", "START_RETURN", "/rtn/Return/ReturnViewSelectedItem", itemId=item),
    ]
    after = [
        _entry(visit, "feedback", "LEAVE_FEEDBACK_FOR_SELLER"),
        _entry(visit, "other_items", "VIEW_SELLERS_OTHER_ITEMS"),
        _entry(visit, "add_note", "ADD_NOTE"),
        _entry(visit, "cancel_edit_note", "CANCEL_EDIT_NOTE"),
        _entry(visit, "hide_order", "HIDE", "/mye/myebay/hide", orderId=number),
        _entry(visit, "help_report", "HELP_AND_REPORT"),
    ]
    return _with(before, cancel_entry(visit, order, "purchase"), after)


def _with(before: list[Entry], entry: Entry | None, after: list[Entry]) -> list[Entry]:
    return [*before, *([entry] if entry else []), *after]


def role_of(visit: Visit, order: Row | None) -> Role:
    return orders.role_in(visit.account, order) if order and visit.account else ""
