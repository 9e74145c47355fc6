"""The seller's pages: Seller Hub orders and details (5.1), My eBay > Sold (5.2), and Send refund."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response

from tests.consoles.ebay import menus, orders
from tests.consoles.ebay.orders import PLATFORM, Row
from tests.consoles.ebay.visit import Visit

FILTERS = {  # filter=status:<key> → the heading's words key, and the states it shows (none: all)
    "ALL": ("manage_all", ()), "ALL_ORDERS": ("manage_all", ()),
    "AWAITING_PAYMENT": ("manage_unpaid", ("unpaid",)),
    "AWAITING_SHIPMENT": ("manage_to_ship", ("to_ship",)),
    "PAID_AND_SHIPPED": ("manage_shipped", orders.SENT),
}  # fmt: skip
SOLD_STATE = "sort=MOST_RECENTLY_SOLD&filter=ALL"


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list."""

    rows: list[Row]
    offset: int
    limit: int
    total: int

    @property
    def first(self) -> int:
        return self.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.offset + len(self.rows)

    @property
    def page(self) -> int:
        return self.offset // self.limit + 1

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.limit))


def whole(text: str, otherwise: int, most: int) -> int:
    return min(int(text), most) if text.isdigit() and int(text) >= 0 else otherwise


def select(
    visit: Visit,
    side: str,
    offset: int,
    limit: int,
    states: tuple[str, ...] = (),
    q: str = "",
    since: float = 0,
) -> Slice:
    """An account's orders, newest first. ``q`` finds an order number, whole or its beginning, or an item."""
    if q and (other := visit.store.faults.strikes("neighbour", PLATFORM, q)):
        q = other.word
    if q and visit.store.faults.strikes("ignores-search", PLATFORM, q):
        q = ""
    where = f"platform=? AND lower({side})=lower(?) AND created>=?"
    values: list[Any] = [PLATFORM, visit.account["username"], since]
    if states:
        where += f" AND status IN ({','.join('?' * len(states))})"
        values += states
    if q:
        where += " AND (substr(order_no,1,?)=? OR item_id=?)"
        values += [len(q), q, q]
    found = visit.store.row(f"SELECT count(*) AS n FROM orders WHERE {where}", *values)

    def rows_from(start: int) -> list[Row]:
        return visit.store.rows(
            f"SELECT * FROM orders WHERE {where} ORDER BY created DESC, order_no LIMIT ? OFFSET ?",
            *values, limit, start,
        )  # fmt: skip

    return sliced(visit, rows_from, offset, limit, found["n"] if found else 0)


def sliced(visit: Visit, rows_from: Callable[[int], list[Row]], offset: int, limit: int, total: int) -> Slice:
    """One page; of an endless list, beyond its end, the last one again, and always one more to come."""
    if limit > 3 and visit.store.faults.strikes("endless-next", PLATFORM, visit.order_no):
        return Slice(rows_from(min(offset, (total - 1) // limit * limit)), offset, limit, 10**6)
    return Slice(rows_from(offset), offset, limit, total)


def hub_status(visit: Visit, order: Row) -> str:
    state = orders.state(order, orders.cancellation_of(visit.store, order))
    if state == "to_ship" and order["deadline"] < time.time():
        state = "overdue"
    if state == "requested" and visit.layout(order).states == "dated":
        state = "requested_dated"
    return visit.t(f"hub.{state}", date=visit.short_date(order["deadline"]))


# -- Seller Hub --------------------------------------------------------------------------------------


def hub_overview(visit: Visit) -> Response:
    counts = {name: select(visit, "seller", 0, 1, FILTERS[name][1]).total for name in list(FILTERS)[1:]}
    return visit.render("hub_overview.html", counts=counts)


def hub_orders(visit: Visit) -> Response:
    """``filter=status:X,timerange:Y&q=&offset=&limit=``; without a filter all orders (U)."""
    wanted = dict(part.split(":", 1) for part in visit.arg("filter").split(",") if ":" in part)
    name = wanted.get("status", "ALL_ORDERS")
    heading, states = FILTERS.get(name, FILTERS["ALL_ORDERS"])
    since = time.time() - 90 * orders.DAY if wanted.get("timerange") == "LAST90D" else 0.0
    limit = max(1, whole(visit.arg("limit"), 50, 200))
    offset = whole(visit.arg("offset"), 0, 10**9)
    part = select(visit, "seller", offset, limit, states, visit.arg("q"), since)
    lines = [_hub_line(visit, order) for order in part.rows]
    return visit.render(
        "hub_orders.html", part=part, lines=lines, heading=heading, filter=name,
        filter_text=visit.arg("filter"), q=visit.arg("q"),
    )  # fmt: skip


def _hub_line(visit: Visit, order: Row) -> dict[str, Any]:
    found = orders.cancellation_of(visit.store, order)
    return {
        "order": order,
        "status": hub_status(visit, order),
        "declined": bool(found and found["status"] == "declined"),
        "menu": menus.hub_menu(visit, order),
        "widget": visit.layout(order).menu,
        "details": menus.order_url(visit, order),
    }


def hub_details(visit: Visit) -> Response:
    number = visit.arg("orderid")
    order = visit.store.order(PLATFORM, number)
    if order is None or menus.role_of(visit, order) != "seller":
        return visit.not_found(number)
    return details_page(visit, order)


def details_page(visit: Visit, order: Row) -> Response:
    found = orders.cancellation_of(visit.store, order)
    return visit.render(
        "hub_details.html", found=found, link=menus.details_url(visit, found) if found else "",
        **_hub_line(visit, order),
    )  # fmt: skip


def refund(visit: Visit) -> Response:
    """Not the way to cancel (fact 5). It works, and the truth log keeps who took it."""
    number = visit.arg("orderid") or visit.form.get("orderid", "")
    order = visit.store.order(PLATFORM, number)
    if order is None or menus.role_of(visit, order) != "seller":
        return visit.not_found(number)
    sent = visit.request.method == "POST"
    if sent:
        orders.send_refund(visit.store, visit.account, number)
    return visit.render("refund.html", order=order, sent=sent)


# -- My eBay > Sold ----------------------------------------------------------------------------------


def sold(visit: Visit) -> Response:
    """``/mys/sold`` and ``/mys/sold/rf/sort=...&filter=ALL&limit=200&period=LAST_90_DAYS`` (the path!)."""
    state = {key: values[0] for key, values in parse_qs(visit.request.path_params.get("state", "")).items()}
    limit = max(1, whole(state.get("limit", ""), 25, 200))
    offset = whole(state.get("offset", ""), 0, 10**9)  # U: how the live page counts on
    days = re.fullmatch(r"LAST_(\d+)_DAYS", state.get("period", ""))
    since = time.time() - int(days[1]) * orders.DAY if days else 0.0
    part = select(visit, "seller", offset, limit, since=since)
    period = f"&period={state['period']}" if "period" in state else ""
    base = visit.url("www", f"/mys/sold/rf/{SOLD_STATE}&limit={limit}{period}")
    lines = [_sold_line(visit, order) for order in part.rows]
    return visit.render("sold.html", part=part, lines=lines, base=base, model=_model(visit, lines))


def _sold_line(visit: Visit, order: Row) -> dict[str, Any]:
    state = orders.state(order, orders.cancellation_of(visit.store, order))
    return {
        "order": order,
        "status": visit.t(f"sold.{state}"),
        "menu": menus.sold_menu(visit, order),
        "widget": visit.layout(order).menu,
        "details": menus.order_url(visit, order),
        "numbered": order["status"] != "unpaid",  # B: an unpaid row shows no order number
    }


def _model(visit: Visit, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The page model that the live page carried in 2021, in its rough shape (5.2)."""
    cards = [
        {
            "_type": "MyeBayBaseItemCard",
            "listingId": line["order"]["item_id"],
            "transactionId": menus.web_trans_id(line["order"]),
            "orderId": line["order"]["order_no"] if line["numbered"] else f"{line['order']['item_id']}-0",
            "itemStatus": "PAID" if line["numbered"] else "AWAITING_PAYMENT",
            "actions": [_action(entry) for entry in line["menu"]],
        }
        for line in lines
    ]
    return {"modules": {"soldListingsModule": {"cards": cards}, "soldRefinementModule": {}}}


def _action(entry: menus.Entry) -> dict[str, Any]:
    kind = "NAV" if entry.link else "OPERATION"
    return {
        "paramValue": entry.name,
        "label": {"textSpans": [{"text": entry.label}]},
        "action": {"type": kind, "URL": entry.href},
    }


def cancel_unpaid(visit: Visit) -> Response:
    """My eBay Sold's own dialog for unpaid orders (1.4): "Continue" is the commit, its reason is fixed."""
    answer = orders.commit(
        visit.store, visit.account, visit.form.get("orderid", ""), "ORDER_UNPAID",
        note="", relist="relist" in visit.form, via="unpaid-dialog",
    )  # fmt: skip
    if answer.cancellation is None:
        return visit.render("notice.html", title=visit.t("no.title"), text=visit.t(f"no.{answer.refused}"))
    return visit.go(
        visit.url("www", "/afs/Cancel/Confirmation", cancelId=menus.cancel_id(answer.cancellation))
    )
