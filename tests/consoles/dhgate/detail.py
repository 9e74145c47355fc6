"""One order: the detail page, by its 32-hex id."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from tests.consoles.dhgate.listing import buyer_id, status_words
from tests.consoles.dhgate.operate import operation
from tests.consoles.dhgate.review import jobs_of, own_order
from tests.consoles.dhgate.web import PLATFORM, Row, Visit, moment, seller_page
from tests.consoles.layouts import Layout

Pair = tuple[str, str]


def money_rows(visit: Visit, order: Row) -> list[tuple[str, str, bool]]:
    """Label, amount, and whether it is printed strong (strong.c-org)."""
    total, t = float(order["total"]), visit.t
    fee, gateway = round(total * 0.125, 2), round(total * 0.018, 2)
    rows = [
        (t.sum_products, total), (t.sum_shipping, 0.0), (t.sum_fee, fee), (t.sum_coupon, 0.0),
        (t.sum_discount, 0.0), (t.sum_paid, total), (t.sum_gateway, gateway),
        (t.sum_received, total - fee - gateway),
    ]  # fmt: skip
    strong = (t.sum_paid, t.sum_received)
    return [(label, f"{order['currency']}{value:.2f}", label in strong) for label, value in rows]


def facts(visit: Visit, order: Row) -> list[Pair]:
    """The label / value pairs in the order of the real page."""
    t, created = visit.t, order["created"]
    paid = order["status"] != "unpaid"
    shipped = order["status"] in ("shipped", "closed")
    return [
        (t.order_status, status_words(visit, order, "detail")),
        (t.ordered_at, moment(created)),
        (t.paid_at, moment(created + 640 if paid else None)),
        (t.ship_by, moment(order["deadline"] if paid else None)),
        (t.shipped_at, moment(created + 86400 if shipped else None)),
        (t.buyer_name, order["buyer_name"]),
        (t.source, "DHgate"),
        (t.arrival, "(15天)" if t.language != "en" else "(15 days)"),
        (t.buyer_note, order["message"] or "--"),
    ]


def log_rows(visit: Visit, order: Row, asked: Row | None) -> list[Pair]:
    """Labels end with a half-width colon here, as on the real page."""
    created, rows = order["created"], []
    if order["status"] == "closed":
        rows += [(visit.t.log_received, moment(created + 9e5)), (visit.t.log_booked, moment(created + 95e4))]
    if order["status"] == "cancelled":
        rows.append((visit.t.log_cancelled, moment((asked or {}).get("decided") or created + 7200)))
    return rows


def cancellation_rows(visit: Visit, asked: Row | None, layout: Layout) -> list[Pair]:
    """U: once a cancellation exists: why, who asked (申请方 or 取消方, by layout), how the review stands."""
    if asked is None or not layout.names_asker:
        return []
    t, article = visit.t, layout.words == "article"
    reason = t.reason(asked["reason"], article)
    return [
        (t.refund_reason if asked["via"] == "refund" else t.cancel_reason, reason or "--"),
        (t.note, asked["note"] or "--"),
        (t.asker_article if article else t.asker_console, getattr(t, f"asker_{asked['asker']}")),
        *([(t.review, getattr(t, f"review_{asked['status']}"))] if asked["asker"] == "seller" else []),
    ]


def tip(visit: Visit, order: Row, asked: Row | None) -> str:
    """The one strip at the top of the page."""
    t = visit.t
    if asked and asked["asker"] == "buyer" and asked["via"] == "cancel":
        return t.two_hours
    if asked and asked["asker"] == "seller" and order["status"] != "cancelled":
        if asked["status"] == "pending":
            return t.tip_review
        if asked["status"] == "rejected":
            return t(f"tip_rejected_{asked['via']}", words=asked["decision_note"] or "--")
    return str(getattr(t, f"tip_{order['status']}"))


@seller_page
async def detail(visit: Visit) -> Response:
    order = own_order(visit.store, visit.me, visit.query("orderId"))
    if order is None:
        return visit.notice(visit.t.failed)
    layout = visit.store.layout_of(visit.me, order)
    asked = visit.store.cancellation(PLATFORM, order["order_no"])
    jobs = jobs_of(visit.store, order)
    return visit.show(
        "detail.html", layout=layout, order=order, buyer_id=buyer_id(order), facts=facts(visit, order),
        log=log_rows(visit, order, asked), cancelled=cancellation_rows(visit, asked, layout),
        money=money_rows(visit, order), tip=tip(visit, order, asked),
        operations=[operation(visit, order, job, layout) for job in jobs],
    )  # fmt: skip


SELLER_HOST = [
    Route("/sellerordmng/sellerOrderDetail/pageload.do", detail),
    Route("/sellerordmng/sellerorderDetail/pageload.do", detail),
]
