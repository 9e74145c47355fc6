"""The buyer's pages: purchase history (5.3) and order details on order.<site> (5.4)."""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response

from tests.consoles.ebay import menus, orders, sell
from tests.consoles.ebay.orders import PLATFORM, Row
from tests.consoles.ebay.visit import Visit

PER_PAGE = 25
YEARS = ("CURRENT_YEAR", "LAST_YEAR", "TWO_YEARS_AGO", "THREE_YEARS_AGO", "FOUR_YEARS_AGO",
         "FIVE_YEARS_AGO", "SIX_YEARS_AGO", "SEVEN_YEARS_AGO")  # fmt: skip


def status(visit: Visit, order: Row) -> str:
    found = orders.cancellation_of(visit.store, order)
    if found and found["status"] == "declined" and order["status"] in ("to_ship", "unpaid"):
        return visit.t("buy.declined")
    return visit.t(f"buy.{orders.state(order, found)}")


def purchases(visit: Visit) -> Response:
    everything = sell.select(visit, "buyer", 0, 10**6).rows
    chosen = [order for order in everything if _in_year(visit, order) and _matches(visit, order)]
    offset = (max(1, sell.whole(visit.arg("page"), 1, 10**6)) - 1) * PER_PAGE
    part = sell.sliced(visit, lambda start: chosen[start : start + PER_PAGE], offset, PER_PAGE, len(chosen))
    cards = [_card(visit, order) for order in part.rows]
    return visit.render(
        "purchases.html", part=part, cards=cards, q=visit.arg("q"), filter_text=visit.arg("filter")
    )


def _in_year(visit: Visit, order: Row) -> bool:
    name = visit.arg("filter").removeprefix("year_filter:")
    if name not in YEARS:
        return True
    return time.localtime(order["created"]).tm_year == time.localtime().tm_year - YEARS.index(name)


def _matches(visit: Visit, order: Row) -> bool:
    """U what the live search looks at: here title and order number."""
    wanted = visit.arg("q").casefold()
    return wanted in order["title"].casefold() or order["order_no"].startswith(wanted)


def _card(visit: Visit, order: Row) -> dict[str, Any]:
    return {
        "order": order,
        "status": status(visit, order),
        "menu": menus.purchase_menu(visit, order),
        "widget": visit.layout(order).menu,
        "details": menus.order_url(visit, order),
    }


def order_details(visit: Visit) -> Response:
    """order.<site>/ord/show: the buyer who owns the order sees it, nobody else."""
    number = visit.arg("orderId")
    order = visit.store.order(PLATFORM, number) if number else _by_ids(visit)
    if order is None or menus.role_of(visit, order) != "buyer":
        return visit.not_found(number or visit.arg("itemid"))
    return _details(visit, order)


def old_details(visit: Visit) -> Response:
    """/vod/FetchOrderDetails: the old page, for both sides. Shops without Seller Hub have no other."""
    number = visit.arg("orderId")
    order = visit.store.order(PLATFORM, number) if number else _by_ids(visit)
    role = menus.role_of(visit, order)
    if order is None or not role:
        return visit.not_found(number or visit.arg("itemid"))
    return _details(visit, order) if role == "buyer" else sell.details_page(visit, order)


def _details(visit: Visit, order: Row) -> Response:
    found = orders.cancellation_of(visit.store, order)
    return visit.render(
        "order_details.html", found=found, entry=menus.cancel_entry(visit, order, "purchase"),
        link=menus.details_url(visit, found) if found else "", **_card(visit, order),
    )  # fmt: skip


def _by_ids(visit: Visit) -> Row | None:
    return by_ids(visit, visit.arg("itemid"), visit.arg("transid", "transactionid"))


def by_ids(visit: Visit, item_id: str, trans_id: str) -> Row | None:
    """An order of this account by item and transaction id ("0" stands for an unpaid one's)."""
    rows = visit.store.rows("SELECT * FROM orders WHERE platform=? AND item_id=?", PLATFORM, item_id)
    mine = [row for row in rows if menus.role_of(visit, row)]
    same = [row for row in mine if trans_id in ("", row["trans_id"], menus.web_trans_id(row))]
    return same[0] if len(same) == 1 else None
