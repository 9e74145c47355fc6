"""Cancelling: ``/afs/Cancel/Start``, its answer, ``/Cancel/Details``, the list, and answering a request."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from tests.consoles.ebay import buy, forms, menus, orders, sell
from tests.consoles.ebay.orders import FIRST_CANCEL_ID, PLATFORM, Row
from tests.consoles.ebay.visit import Visit

# -- the form ----------------------------------------------------------------------------------------


def start(visit: Visit) -> Response:
    """The form as a page, or (asked for by a list page's script) as a dialog over that page."""
    modal = visit.wants_fragment
    posted = visit.request.method == "POST"
    get = (lambda *names: visit.form.get(names[0], "")) if posted else visit.arg
    order = forms.in_its_place(visit, _wanted(visit, get))
    if order is None:
        return visit.not_found(visit.arg("itemId", "item_id"))
    role = orders.role_in(visit.account, order)
    if refused := orders.why_not(visit.store, order, role):
        return forms.refusal(visit, order, refused, modal)
    kind: forms.Kind = "seller" if role == "seller" else "buyer"
    form = forms.cancel_form(visit, order, kind, visit.url("www", "/afs/Cancel/Submit"))
    if modal:
        return visit.fragment("cancel_dialog.html", f=form)
    return visit.render("cancel_page.html", f=form)


def _wanted(visit: Visit, get: Any) -> Row | None:
    trans_id = get("transId", "transactionId", "transaction_id")
    return buy.by_ids(visit, get("itemId", "item_id"), trans_id) if trans_id else None


def submit(visit: Visit) -> Response:
    order = buy.by_ids(visit, forms.sent(visit, "itemId"), forms.sent(visit, "transId"))
    if order is None:
        return visit.not_found(visit.form.get("itemId", ""))
    via = "cancel-dialog" if visit.form.get("shown") == "dialog" else "cancel-page"
    return forms.answered(visit, order, commit_form(visit, order, via))


def submit_all(visit: Visit) -> Response:
    """All open orders of the shop at once: what the question that took the other's place asks for."""
    open_orders = visit.store.rows(
        "SELECT * FROM orders WHERE platform=? AND lower(seller)=lower(?) AND status='to_ship'",
        PLATFORM, visit.account["username"],
    )  # fmt: skip
    answers = [(order, commit_form(visit, order, "all")) for order in open_orders]
    return forms.answered(visit, *answers[0])


def commit_form(visit: Visit, order: Row, via: str) -> orders.Answer:
    return orders.commit(
        visit.store, visit.account, order["order_no"],
        forms.machine_reason(visit, order, visit.form.get("reason", "")),
        note=visit.form.get("note", "").strip(), relist="relist" in visit.form, via=via,
    )  # fmt: skip


def confirmation(visit: Visit) -> Response:
    found, order = _by_cancel_id(visit, visit.arg("cancelId"))
    if found is None or order is None:
        return visit.not_found(visit.arg("cancelId"))
    return visit.render("answer.html", text=forms.answer_words(visit, order, found), found=found, order=order)


# -- Cancel Details ----------------------------------------------------------------------------------


def _by_cancel_id(visit: Visit, number: str) -> tuple[Row | None, Row | None]:
    """A cancellation and its order, when this account is one of its two sides."""
    key = int(number) - FIRST_CANCEL_ID if number.isdigit() else 0
    found = visit.store.row("SELECT * FROM cancellations WHERE id=? AND platform=?", key, PLATFORM)
    order = visit.store.order(PLATFORM, found["order_no"]) if found else None
    return (found, order) if menus.role_of(visit, order) else (None, None)


def details(visit: Visit) -> Response:
    """By cancelId, or by itemId and transId."""
    number = visit.arg("cancelId")
    if number:
        found, order = _by_cancel_id(visit, number)
    else:
        order = _wanted(visit, visit.arg)
        found = orders.cancellation_of(visit.store, order) if order else None
    if order is None:
        return visit.not_found(number or visit.arg("itemId"))
    role = menus.role_of(visit, order)
    return visit.render(
        "cancel_details.html", order=order, found=found, role=role,
        heading=visit.t(_heading(found, role)), waits=_waits_for_me(found, role),
    )  # fmt: skip


def _heading(found: Row | None, role: str) -> str:
    if found is None:
        return "details.none"
    mine = found["status"] == "pending" and role == "buyer"
    return "details.pending_buyer" if mine else f"details.{found['status']}"


def _waits_for_me(found: Row | None, role: str) -> bool:
    return bool(found and role == "seller" and found["status"] == "pending" and found["asker"] == "buyer")


def retry_refund(visit: Visit) -> Response:
    number = visit.form.get("cancelId", "")
    found, order = _by_cancel_id(visit, number)
    if found is None or order is None:
        return visit.not_found(number)
    answer = orders.retry_refund(visit.store, visit.account, order["order_no"])
    if answer.refused:
        return forms.refusal(visit, order, answer.refused)
    return visit.go(visit.url("www", "/Cancel/Details", cancelId=number))


# -- the seller's list, and the answer to a buyer's request ------------------------------------------


def listing(visit: Visit) -> Response:
    """/sh/ord/cancel, open requests first; also /sh/ord/cancellations?cancelId=."""
    _complete(visit)
    limit = max(1, sell.whole(visit.arg("limit"), 50, 200))
    offset = sell.whole(visit.arg("offset"), 0, 10**9)
    where = "c.platform=? AND lower(o.seller)=lower(?) AND (?='' OR c.id=?)"
    number = visit.arg("cancelId")
    key = int(number) - FIRST_CANCEL_ID if number.isdigit() else 0
    source = "FROM cancellations c JOIN orders o ON o.platform=c.platform AND o.order_no=c.order_no"
    values = (PLATFORM, visit.account["username"], number, key)
    total = visit.store.row(f"SELECT count(*) AS n {source} WHERE {where}", *values)

    def rows_from(start: int) -> list[Row]:
        return visit.store.rows(
            f"SELECT c.* {source} WHERE {where} ORDER BY c.status='pending' DESC, c.id DESC LIMIT ? OFFSET ?",
            *values, limit, start,
        )  # fmt: skip

    part = sell.sliced(visit, rows_from, offset, limit, total["n"] if total else 0)
    return visit.render("cancellations.html", part=part, lines=[_line(visit, row) for row in part.rows])


def _complete(visit: Visit) -> None:
    """Orders seeded as cancelled have no cancellation yet: give them eBay's."""
    for order in visit.store.rows(
        "SELECT * FROM orders WHERE platform=? AND lower(seller)=lower(?) AND status='cancelled'"
        " AND order_no NOT IN (SELECT order_no FROM cancellations WHERE platform=orders.platform)",
        PLATFORM, visit.account["username"],
    ):  # fmt: skip
        orders.cancellation_of(visit.store, order)


def _line(visit: Visit, found: Row) -> dict[str, Any]:
    order = visit.store.order(PLATFORM, found["order_no"])
    assert order is not None
    number = menus.cancel_id(found)
    answers = {kind: menus.answer_entry(visit, order, number, kind) for kind in ("accept", "decline")}
    return {
        "found": found,
        "order": order,
        "details": menus.details_url(visit, found),
        "order_link": menus.order_url(visit, order),
        "hours": orders.hours_left(found),
        "waits": _waits_for_me(found, "seller"),
        "answers": answers,
    }


def respond(visit: Visit) -> Response:
    """The form behind Accept and Decline (U), as a page or a dialog like the cancel form."""
    modal = visit.wants_fragment
    found, order = _by_cancel_id(visit, visit.arg("cancelId"))
    if found is None or order is None or orders.role_in(visit.account, order) != "seller":
        return visit.not_found(visit.arg("cancelId"))
    if not _waits_for_me(found, "seller"):
        return forms.refusal(visit, order, "answered", modal)
    form = forms.answer_form(visit, order, found, accept=visit.arg("answer") == "accept")
    if modal:
        return visit.fragment("cancel_dialog.html", f=form)
    return visit.render("cancel_page.html", f=form)


def respond_submit(visit: Visit) -> Response:
    found, order = _by_cancel_id(visit, visit.form.get("cancelId", ""))
    if found is None or order is None or visit.form.get("answer") not in ("accept", "decline"):
        return visit.not_found(visit.form.get("cancelId", ""))
    answer = orders.respond(
        visit.store, visit.account, order["order_no"], visit.form["answer"] == "accept",
        note=visit.form.get("note", "").strip(), relist="relist" in visit.form,
    )  # fmt: skip
    return forms.answered(visit, order, answer)
