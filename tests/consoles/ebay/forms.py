"""The one cancel form in all its shapes. Nobody here has seen the live one: every shape is U (10.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

from starlette.responses import Response

from tests.consoles.ebay import menus, orders
from tests.consoles.ebay.orders import PLATFORM, Answer, Row
from tests.consoles.ebay.visit import Visit
from tests.consoles.layouts import Layout
from tests.consoles.questions import asked

Kind = Literal["seller", "buyer", "wizard", "accept", "decline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the template draws."""

    kind: Kind
    order: Row
    layout: Layout
    title: str
    lead: str
    action: str
    hidden: dict[str, str]
    submit: str
    reasons: list[tuple[str, str]] = field(default_factory=list)
    note_label: str = ""
    relist: bool = False
    stale: Row | None = None
    confirm_title: str = ""
    confirm_text: str = ""
    confirm_yes: str = ""
    confirm_no: str = ""
    nags: str = ""
    """What the page takes back by itself: box, note or both."""
    replaced: str = ""
    """The question that takes the place of the one in the page."""
    swaps: str = ""
    """When the form takes which other order's ids, as JSON."""


def cancel_form(visit: Visit, order: Row, kind: Kind, action: str) -> Form:
    """The form for seller, buyer, or the Resolution Center's last step. The buyer's has no note field."""
    layout = visit.layout(order)
    role = orders.role_in(visit.account, order)
    wizard = kind == "wizard"
    title, text = _question(visit, order, "confirm.title", "confirm.text")
    return Form(
        kind=kind, order=order, layout=layout, action=action,
        title=visit.t("rc.cancel_title" if wizard else "form.title"),
        lead=visit.t(f"form.lead.{role}"),
        hidden={"itemId": order["item_id"], "transId": order["trans_id"]},
        submit=visit.t("continue" if wizard else "submit"),
        reasons=reasons(visit, order, layout),
        note_label=visit.t(f"form.note.{kind}") if role == "seller" else "",
        relist=kind == "seller",  # U where the box sits; the classic wizard had none
        stale=stale_order(visit, order) if layout.stale_copy else None,
        confirm_title=title, confirm_text=text, replaced=_replaced(visit, order), swaps=_swaps(visit, order),
        nags=_nags(visit, order),
        confirm_yes=visit.t("confirm.yes"), confirm_no=visit.t("confirm.no"),
    )  # fmt: skip


def answer_form(visit: Visit, order: Row, cancellation: Row, accept: bool) -> Form:
    """Accept or decline a buyer's request."""
    kind: Kind = "accept" if accept else "decline"
    layout = visit.layout(order)
    asks, text = _question(visit, order, f"confirm.title.{kind}", f"confirm.text.{kind}")
    return Form(
        kind=kind, order=order, layout=layout, action=visit.url("www", "/Cancel/Respond"),
        title=visit.t(f"respond.{kind}"), lead=visit.t(f"lead.{kind}"),
        hidden={"cancelId": menus.cancel_id(cancellation), "answer": kind},
        submit=visit.t("submit"),
        note_label="" if accept else visit.t("form.note.decline"),
        relist=accept,
        stale=stale_order(visit, order) if layout.stale_copy else None,
        confirm_title=asks, confirm_text=text,
        confirm_yes=visit.t(f"confirm.yes.{kind}"), confirm_no=visit.t("confirm.no.answer"),
    )  # fmt: skip


def _question(visit: Visit, order: Row, title: str, text: str) -> tuple[str, str]:
    """What is asked after the submit: the usual words of these keys, or another question."""
    fault = visit.store.faults.strikes("question", PLATFORM, order["order_no"])
    kind = fault.word if fault else visit.layout(order).asks
    if kind != "listed":
        return asked(kind, order)
    return visit.t(title), visit.t(text, no=order["order_no"])


def in_its_place(visit: Visit, order: Row | None) -> Row | None:
    """The order whose form is shown instead, while that fault is on."""
    fault = order and visit.store.faults.strikes("form-of", PLATFORM, order["order_no"])
    return visit.store.order(PLATFORM, fault.word) if fault else order


def sent(visit: Visit, name: str) -> str:
    """What the form was sent with, in a field or in its target."""
    return visit.form.get(name) or visit.arg(name) or "-"


def _nags(visit: Visit, order: Row) -> str:
    kinds = ("box-back", "note-gone")
    return " ".join(k for k in kinds if visit.store.faults.strikes(k, PLATFORM, order["order_no"]))


def _replaced(visit: Visit, order: Row) -> str:
    fault = visit.store.faults.strikes("question-replaced", PLATFORM, order["order_no"])
    return "Cancel ALL open orders?" if fault else ""


def _swaps(visit: Visit, order: Row) -> str:
    """When the form takes which other order's ids, as JSON; '' while that fault is off."""
    fault = visit.store.faults.strikes("ids-swapped", PLATFORM, order["order_no"])
    if not fault:
        return ""
    other = stale_order(visit, order)
    return json.dumps({"when": fault.word, "itemId": other["item_id"], "transId": other["trans_id"]})


def reasons(visit: Visit, order: Row, layout: Layout) -> list[tuple[str, str]]:
    """(value, label). The select carries opaque values ("1", "2"), the radios eBay's machine values."""
    machine = orders.offered(order, orders.role_in(visit.account, order))
    opaque = layout.reason == "select"
    return [
        (str(index) if opaque else value, visit.t(f"reason.{value}"))
        for index, value in enumerate(machine, start=1)
    ]


def machine_reason(visit: Visit, order: Row, posted: str) -> str:
    """The machine value behind what the form posted, '' when it was none of the offered ones."""
    machine = orders.offered(order, orders.role_in(visit.account, order))
    values = [value for value, _ in reasons(visit, order, visit.layout(order))]
    return machine[values.index(posted)] if posted in values else ""


def stale_order(visit: Visit, order: Row) -> Row:
    """The order in the hidden copy: another one of this account, else one that is a digit off."""
    side = orders.role_in(visit.account, order)
    other = visit.store.row(
        f"SELECT * FROM orders WHERE platform=? AND {side}=? AND order_no<>? ORDER BY order_no LIMIT 1",
        PLATFORM, order[side], order["order_no"],
    )  # fmt: skip
    return other or {**order, **{key: _digit_off(order[key]) for key in ("order_no", "item_id", "trans_id")}}


def _digit_off(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10 if number[-1:].isdigit() else 0)


def refusal(visit: Visit, order: Row | None, key: str, modal: bool = False) -> Response:
    """The notice that stands where the form should be."""
    title, text = visit.t("no.title"), visit.t(f"no.{key}")
    if modal:
        return visit.fragment("notice_fragment.html", title=title, text=text, order=order)
    return visit.render("notice.html", title=title, text=text, order=order)


def answered(visit: Visit, order: Row, answer: Answer) -> Response:
    """After a submit: an answer page, or (asked for by the form's own script) a notice in its place."""
    if answer.refused or answer.cancellation is None:
        return refusal(visit, order, answer.refused, modal=visit.wants_fragment)
    text = answer_words(visit, order, answer.cancellation)
    if visit.wants_fragment:
        return visit.fragment("answer_fragment.html", text=text, found=answer.cancellation, order=order)
    if answer.promised:
        return visit.render("answer.html", text=text, found=answer.cancellation, order=order)
    number = menus.cancel_id(answer.cancellation)
    return visit.go(visit.url("www", "/afs/Cancel/Confirmation", cancelId=number))


def answer_words(visit: Visit, order: Row, found: Row) -> str:
    """The form's own answer. It is no proof: the words differ from /Cancel/Details on purpose."""
    key = found["status"]
    if key == "cancelled" and found["reason"] == "ORDER_UNPAID":
        key = "cancelled_unpaid"
    return visit.t(f"answer.{key}", no=order["order_no"], money=visit.money(order))
