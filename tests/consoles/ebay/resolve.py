"""The Resolution Center: the classic wizard of the article (ES2-ES4). Its markup is U (facts, 1.5)."""

from __future__ import annotations

from starlette.responses import Response

from tests.consoles.ebay import cancel, forms, menus, orders
from tests.consoles.ebay.orders import PLATFORM, Row
from tests.consoles.ebay.visit import Visit

CHOICES = {
    "bought": ("not_received", "not_as_described"),
    "sold": ("unpaid", "cancel"),
}


def _arg(visit: Visit, name: str) -> str:
    """What the step before handed over: in the address, or posted."""
    return visit.arg(name) or visit.form.get(name, "").strip()


def home(visit: Visit) -> Response:
    """Step 1: what is the problem? The item comes along when the action menu led here."""
    return _home(visit, "")


def _home(visit: Visit, error: str) -> Response:
    groups = CHOICES if visit.is_seller else {"bought": CHOICES["bought"]}
    return visit.render(
        "rc_home.html", groups=groups, error=error, wizard=_wizard(visit),
        ids={"itemId": _arg(visit, "itemId"), "transId": _arg(visit, "transId")}, requests=_requests(visit),
    )  # fmt: skip


def _requests(visit: Visit) -> list[tuple[Row, Row, str]]:
    """The account's newest cancellations: the way to them for a shop without Seller Hub."""
    rows = visit.store.rows(
        "SELECT c.* FROM cancellations c JOIN orders o ON o.platform=c.platform AND o.order_no=c.order_no"
        " WHERE c.platform=?1 AND (lower(o.seller)=lower(?2) OR lower(o.buyer)=lower(?2))"
        " ORDER BY c.status='pending' DESC, c.id DESC LIMIT 50",
        PLATFORM, visit.account["username"],
    )  # fmt: skip
    found = [(row, visit.store.order(PLATFORM, row["order_no"])) for row in rows]
    return [(row, order, menus.details_url(visit, row)) for row, order in found if order]


def chosen(visit: Visit) -> Response:
    """Step 1's Continue."""
    problem = _arg(visit, "problem")
    if not problem:
        return _home(visit, visit.t("rc.pick"))
    if problem != "cancel" or not visit.is_seller:
        return visit.render("notice.html", title=visit.t("resolution_center"), text=visit.t("rc.elsewhere"))
    ids = {"itemId": _arg(visit, "itemId"), "transId": _arg(visit, "transId")}
    return visit.go(visit.url("resolutioncenter", "/cancel/item", **ids))


def item(visit: Visit) -> Response:
    """Step 2: the item number. layout.form "dialog" stands for: item and reason on one page."""
    return _item(visit, _arg(visit, "itemId"), "")


def _item(visit: Visit, number: str, error: str) -> Response:
    order = _sold(visit, number, _arg(visit, "transId"))
    together = order is not None and visit.layout(order).form == "dialog"
    if order is not None and together and not orders.why_not(visit.store, order, "seller"):
        return visit.render("rc_reason.html", f=_form(visit, order), together=True)
    return visit.render(
        "rc_item.html", number=number, trans_id=_arg(visit, "transId"), error=error,
        wizard=_wizard(visit),
    )  # fmt: skip


def _wizard(visit: Visit) -> str:
    """How the wizard goes on, by the order that it is about."""
    return visit.layout(_sold(visit, _arg(visit, "itemId"), _arg(visit, "transId"))).wizard


def _sold(visit: Visit, number: str, trans_id: str) -> Row | None:
    rows = visit.store.rows(
        "SELECT * FROM orders WHERE platform=? AND item_id=? AND lower(seller)=lower(?)",
        PLATFORM, number.strip(), visit.account["username"],
    )  # fmt: skip
    same = [row for row in rows if trans_id in ("", row["trans_id"])]
    return same[0] if len(same) == 1 else None


def _form(visit: Visit, order: Row) -> forms.Form:
    return forms.cancel_form(visit, order, "wizard", visit.url("resolutioncenter", "/cancel/submit"))


def reason(visit: Visit) -> Response:
    """Step 3: the reason; its Continue is the commit."""
    number = _arg(visit, "itemId")
    order = _sold(visit, number, _arg(visit, "transId")) or _sold(visit, number, "")
    if order is None:
        return _item(visit, number, visit.t("rc.bad_item"))
    if refused := orders.why_not(visit.store, order, "seller"):
        return forms.refusal(visit, order, refused)
    shown = forms.in_its_place(visit, order) or order
    return visit.render("rc_reason.html", f=_form(visit, shown), together=False)


def submit(visit: Visit) -> Response:
    order = _sold(visit, forms.sent(visit, "itemId"), forms.sent(visit, "transId"))
    if order is None:
        return visit.not_found(visit.form.get("itemId", ""))
    return forms.answered(visit, order, cancel.commit_form(visit, order, "resolution-center"))
