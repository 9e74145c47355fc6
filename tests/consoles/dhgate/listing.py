"""The order list: tabs, search, pager, rows; the disputes list; the console's home with its counters."""

from __future__ import annotations

import hashlib
import math
import time
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.consoles.dhgate.web import PLATFORM, Row, Visit, seller_call, seller_page

LIST = "/sellerordmng/orderList/list.do"
DISPUTES = "/sellerordmng/orderList/disputeOrderList.do"
ROWS = 10
OPEN_STATUSES = ("to_ship", "part_shipped", "part_refunded", "buyer_refund", "refund_agreed")
TABS: dict[str, tuple[str, ...]] = {
    "101": ("unpaid",),
    "102": OPEN_STATUSES,
    "105": (),
    "106": ("shipped",),
    "108": ("closed",),
    "110": ("cancelled",),
    "111": (),
}


def buyer_id(order: Row) -> str:
    """A buyer's 32-hex id."""
    return "ff8080" + hashlib.md5(str(order["buyer"]).encode()).hexdigest()[6:]


def status_words(visit: Visit, order: Row, on: str) -> str:
    """The status as the list or the detail page words it (on: list | detail)."""
    asked = visit.store.cancellation(PLATFORM, order["order_no"])
    suffix = "_list" if on == "list" else ""
    states = visit.store.layout_of(visit.me, order).states
    if asked and asked["status"] == "pending" and asked["asker"] == "seller":
        return visit.t.status("review_other" if states == "other" else f"review_{asked['via']}{suffix}")
    if order["status"] == "to_ship" and states in ("unlisted", "dated"):
        return visit.t.status(f"to_ship_{states}").format(n=3)
    if on == "list" and order["status"] == "to_ship" and visit.layout.words == "console":
        return visit.t.status("to_ship_list")
    return visit.t.status(order["status"])


def broken(text: str) -> Markup:
    """The list breaks long states with <br/> inside td.col3 strong."""
    return Markup("，<br/>").join(escape(part) for part in text.split("，"))


def _where(visit: Visit, statuses: tuple[str, ...]) -> tuple[str, list[Any]]:
    sql, values = "platform=? AND lower(seller)=lower(?)", [PLATFORM, visit.me["username"]]
    if statuses:
        sql += f" AND status IN ({','.join('?' * len(statuses))})"
        values += statuses
    if visit.query("params.linkType") == "105":
        sql += " AND created>?"
        values.append(time.time() - 86400)
    number = visit.query("params.orderNo")
    if number and not visit.store.faults.strikes(
        "ignores-search", PLATFORM, number
    ):  # contains, not equals: neighbours come along
        if other := visit.store.faults.strikes("neighbour", PLATFORM, number):
            number = other.word
        sql += " AND instr(order_no,?)>0"
        values.append(number)
    if buyer := visit.query("params.buyerName"):
        sql += " AND instr(lower(buyer_name),lower(?))>0"
        values.append(buyer)
    return sql, values


def _page_of(visit: Visit, where: str, values: list[Any]) -> tuple[list[Row], int, int, int]:
    """Rows of the asked page, its number, how many pages, how many rows in all."""
    found = visit.store.row(f"SELECT count(*) AS n FROM orders WHERE {where}", *values)
    total = int(found["n"]) if found else 0
    pages = max(1, math.ceil(total / ROWS))
    asked = visit.query("params.page")
    page = min(max(int(asked) if asked.isdigit() else 1, 1), pages)
    rows = visit.store.rows(
        f"SELECT * FROM orders WHERE {where} ORDER BY created DESC, order_no DESC LIMIT ? OFFSET ?",
        *values, ROWS, (page - 1) * ROWS,
    )  # fmt: skip
    if visit.store.faults.strikes("endless-next", PLATFORM, visit.order_no):
        return rows, int(asked) if asked.isdigit() else 1, 10**5, 10**6
    return rows, page, pages, total


def _row(visit: Visit, order: Row) -> Row:
    group = {"cancelled": "finished-order", "closed": "finished-order", "buyer_refund": "dispute-order"}
    letter = {"msgtype": "2", "to": buyer_id(order), "parm": order["order_no"]}
    return order | {
        "group": group.get(order["status"], "ongoing-order"),
        "words": broken(status_words(visit, order, "list")),
        "contact": "/messageweb/loadmessagetobuller.do?" + urlencode(letter),
        "detail": f"/sellerordmng/sellerOrderDetail/pageload.do?orderId={order['hex_id']}",
    }


def _list(visit: Visit, link_type: str, base: str, where: str, values: list[Any]) -> Response:
    rows, page, pages, total = _page_of(visit, where, values)
    kept = {k: v for k, v in visit.request.query_params.items() if k != "params.page"}
    kept["params.linkType"] = link_type
    return visit.show(
        "list.html", rows=[_row(visit, order) for order in rows], link_type=link_type, base=base,
        counts=counters(visit), page=page, pages=pages, total=total, size=ROWS, kept=kept,
        query=visit.query, page_url=lambda n: f"{base}?" + urlencode(kept | {"params.page": n}),
    )  # fmt: skip


@seller_page
async def order_list(visit: Visit) -> Response:
    link_type = visit.query("params.linkType")
    link_type = link_type if link_type in TABS else "102"
    where, values = _where(visit, TABS[link_type])
    return _list(visit, link_type, LIST, where, values)


@seller_page
async def dispute_list(visit: Visit) -> Response:
    """Buyers' refund requests before shipping."""
    where, values = _where(visit, ("buyer_refund", "refund_agreed"))
    return _list(visit, "200", DISPUTES, where, values)


def counters(visit: Visit) -> dict[str, int]:
    """How many orders each tab holds."""
    rows = visit.store.rows(
        "SELECT status, count(*) AS n, sum(created>?) AS today FROM orders"
        " WHERE platform=? AND lower(seller)=lower(?) GROUP BY status",
        time.time() - 86400, PLATFORM, visit.me["username"],
    )  # fmt: skip
    by = {row["status"]: int(row["n"]) for row in rows}
    counts = {tab: sum(by.get(status, 0) for status in statuses) for tab, statuses in TABS.items()}
    counts["105"] = sum(int(row["today"] or 0) for row in rows)
    counts["111"] = sum(by.values())
    counts["200"] = by.get("buyer_refund", 0) + by.get("refund_agreed", 0)
    return counts


@seller_call
async def summary_json(visit: Visit) -> Response:
    counts = counters(visit)
    visit.store.extras[visit.request.url.path] += 1
    return JSONResponse(
        {
            "waitdelivery": counts["102"], "nopay": counts["101"], "dispute": counts["200"],
            "payout": counts["106"], "apply": 0, "thisDayNum": counts["105"],
        }
    )  # fmt: skip


@seller_page
async def home(visit: Visit) -> Response:
    newest = visit.store.rows(
        "SELECT * FROM messages WHERE platform=? AND lower(username)=lower(?) AND kind<>'out'"
        " ORDER BY created DESC LIMIT 5",
        PLATFORM, visit.me["username"],
    )  # fmt: skip
    return visit.show("home.html", counts=counters(visit), newest=newest)


@seller_page
async def elsewhere(visit: Visit) -> Response:
    """Parts of the console that are not practised."""
    return visit.notice(visit.t.not_here, title=visit.t.settings)


SELLER_HOST = [
    Route("/mydhgate/index.do", home),
    Route(LIST, order_list),
    Route(DISPUTES, dispute_list),
    Route("/sellerordmng/orderList/getSummaryOrderStat.do", summary_json, methods=["POST"]),
    Route("/mydhgate/other.do", elsewhere),
]
