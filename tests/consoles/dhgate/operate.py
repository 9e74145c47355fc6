"""取消订单, 申请退款, 同意退款, 我已备货: their forms and what receives them.

U throughout: nobody here has seen the real forms, their addresses, fields or reason list. The addresses
are this console's own (in the family orderOperation/*.do, which is known); layouts vary the rest.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.consoles.dhgate.review import TRUTH, Answer, commit, jobs_of, own_order, reasons_of
from tests.consoles.dhgate.web import PLATFORM, Row, Visit, seller_page
from tests.consoles.dhgate.words import OPAQUE
from tests.consoles.layouts import Layout
from tests.consoles.questions import QUESTIONS, asked

BASE = "/sellerordmng/orderOperation"
FORM = {"cancel": "toCancelOrder", "refund": "toApplyRefund", "agree": "toAgreeRefund",
        "disagree": "toDisagreeRefund"}  # fmt: skip
POST = {"cancel": "cancelOrder", "refund": "applyRefund", "agree": "agreeRefund",
        "disagree": "disagreeRefund"}  # fmt: skip
LABELS = {
    "other": {
        "buyer-asked": "买家申请取消订单", "out-of-stock": "商品缺货", "address-issue": "收货地址有误",
        "unpaid": "买家尚未付款", "agreed-with-buyer": "双方协商一致", "other": "其他原因",
    },
    "misleading": {
        "buyer-asked": "买家要求修改地址", "out-of-stock": "非缺货原因",
        "address-issue": "其他（地址以外的原因）", "agreed-with-buyer": "未与买家协商一致",
    },
}  # fmt: skip
"""Reasons in other words; the machine word behind each stays."""
EXPLAINED = "选择其他原因请联系买家协商"
DETAIL = "/sellerordmng/sellerOrderDetail/pageload.do?orderId="


def operation(visit: Visit, order: Row, job: str, layout: Layout) -> dict[str, Any]:
    """All that a template needs to draw the control and the form of one job."""
    t = visit.t
    opaque = layout.reason != "radios"
    reasons = [
        (OPAQUE[word] if opaque else word, *_label(t.reason(word, layout.words == "article"), word, layout))
        for word in reasons_of(order)
    ]
    blocked = order["blocked"] if job in ("cancel", "refund") else ""
    in_dialog_then_asked = layout.form == "dialog" and layout.confirm != "page"
    return {
        "job": job,
        "label": getattr(t, job),
        "address": f"{BASE}/{FORM[job]}.do?orderId={order['hex_id']}",
        "action": f"{BASE}/{POST[job]}.do",
        "order": in_its_place(visit, order),
        "reasons": reasons,
        "submit": t.ok if in_dialog_then_asked else t.submit,
        "sure": question(visit, order, job, layout),
        "refusal": getattr(t, f"blocked_{blocked}") if blocked else "",
        "buyers_reason": buyers_reason(visit, order),
        "stale": stale_order(visit, order) if layout.stale_copy else None,
        "at_once": urlencode({"orderId": order["hex_id"], "reasonId": reasons[0][0], "explain": "at once"}),
    }


def _label(usual: str, word: str, layout: Layout) -> tuple[str, str]:
    """The label of a reason, and its explanation ('' without)."""
    label = LABELS.get(layout.labels, {}).get(word, usual)
    return label, EXPLAINED if layout.labels == "explained" else ""


def question(visit: Visit, order: Row, job: str, layout: Layout) -> str:
    """What is asked after the submit: the usual words, or another question."""
    fault = visit.store.faults.strikes("question", PLATFORM, order["order_no"])
    kind = fault.word if fault else layout.asks
    if kind != "listed":
        return asked(f"{kind}-zh" if f"{kind}-zh" in QUESTIONS else kind, order)[1]
    return visit.t(f"sure_{job}", no=order["order_no"])


def in_its_place(visit: Visit, order: Row) -> Row:
    """The order whose form is shown: another one while that fault is on."""
    fault = visit.store.faults.strikes("form-of", PLATFORM, order["order_no"])
    return (visit.store.order(PLATFORM, fault.word) if fault else None) or order


def buyers_reason(visit: Visit, order: Row) -> str:
    asked = visit.store.cancellation(PLATFORM, order["order_no"])
    words = asked["reason"] if asked and asked["asker"] == "buyer" else ""
    return words or order["message"] or "Items not now required"


def stale_order(visit: Visit, order: Row) -> Row:
    """Whose form the hidden copy is: another order of the shop, else one that never was."""
    other = visit.store.row(
        "SELECT * FROM orders WHERE platform=? AND seller=? AND order_no<>? ORDER BY status='to_ship' DESC,"
        " created DESC LIMIT 1",
        PLATFORM, order["seller"], order["order_no"],
    )  # fmt: skip
    number = str(int(order["order_no"]) + 1) if order["order_no"].isdigit() else order["order_no"] + "0"
    return other or order | {"order_no": number, "hex_id": order["hex_id"][::-1]}


@seller_page
async def form_page(visit: Visit) -> Response:
    job = _job(visit, FORM)
    posted = visit.request.method == "POST"
    hex_id = str((await visit.request.form()).get("orderId", "")) if posted else visit.query("orderId")
    order = own_order(visit.store, visit.me, hex_id)
    if order is None:
        return visit.notice(visit.t.failed)
    back = DETAIL + order["hex_id"]
    if job not in jobs_of(visit.store, order):
        return visit.notice(visit.t.wrong_state, title=getattr(visit.t, job), back=back)
    layout = visit.store.layout_of(visit.me, order)
    drawn = operation(visit, order, job, layout)
    if drawn["refusal"]:
        return visit.notice(drawn["refusal"], title=drawn["label"], back=back)
    return visit.show("form.html", layout=layout, op=drawn, error="", back=back)


@seller_page
async def receive(visit: Visit) -> Response:
    """The submit: an answer page, or JSON for a script (X-Requested-With)."""
    posted = visit.request.method == "POST"
    order = own_order(visit.store, visit.me, visit.query("orderId"))
    if not posted and not (visit.store.layout_of(visit.me, order).acts == "get" and visit.query("reasonId")):
        return RedirectResponse("/sellerordmng/orderList/list.do?params.linkType=102", 302)
    job = _job(visit, POST)
    given = await visit.request.form() if posted else visit.request.query_params
    form = {key: str(value) for key, value in given.items()}
    answer = commit(visit.store, visit.me, form.get("orderId", ""), job, form)
    if visit.request.headers.get("x-requested-with"):
        return JSONResponse({"status": int(answer.ok), "msg": getattr(visit.t, answer.word)})
    return _answer_page(visit, job, form, answer)


def _answer_page(visit: Visit, job: str, form: dict[str, str], answer: Answer) -> Response:
    text, label = getattr(visit.t, answer.word), getattr(visit.t, job)
    back = DETAIL + form.get("orderId", "")
    if not answer.ok:
        return visit.notice(text, title=label, back=back)
    details = [text] if answer.word != "done" else []
    if job in ("cancel", "refund") and len(form.get("explain", "").strip()) < 10:
        details.append(visit.t.note_short)
    return visit.notice(visit.t.done, title=label, good=True, details=details, back=back)


def _job(visit: Visit, names: dict[str, str]) -> str:
    name = visit.request.url.path.rsplit("/", 1)[1].removesuffix(".do")
    return next(job for job in TRUTH if names[job] == name)


SELLER_HOST = [
    *(Route(f"{BASE}/{name}.do", form_page, methods=["GET", "POST"]) for name in FORM.values()),
    *(Route(f"{BASE}/{name}.do", receive, methods=["GET", "POST"]) for name in POST.values()),
]
