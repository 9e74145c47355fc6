"""站内信: the message centre, one letter, and the page from which the buyer is written to."""

from __future__ import annotations

import math
import time
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.consoles.dhgate.listing import buyer_id
from tests.consoles.dhgate.review import add_letter
from tests.consoles.dhgate.web import PLATFORM, Row, Visit, seller_call, seller_page

CENTRE = "/messageweb/newmessagecenter.do"
GROUPS = {
    "buyer": ("001", "002", "003"),
    "system": ("004", "005", "006", "007", "008", "009"),
    "notice": ("010", "011", "012", "013"),
}
DHPATH = {"buyer": "10005,0301,51001", "system": "10005,0301,51002", "notice": "10005,0301,51003"}
ROWS = 10
MOST_A_MINUTE = 3
"""Letters about one order; the next is answered 您发送站内信太频繁啦，请稍后发送！"""


def _wanted(visit: Visit) -> tuple[str, list[str]]:
    """The group whose menu is open, and the kinds that are listed."""
    kinds = [kind for kind in visit.query("msgtype").split(",") if kind] or list(GROUPS["buyer"])
    group = next((name for name, of in GROUPS.items() if kinds[0] in of), "buyer")
    return group, kinds


def _letters(visit: Visit, kinds: list[str]) -> list[Row]:
    marks = ",".join("?" * len(kinds))
    return visit.store.rows(
        f"SELECT * FROM messages WHERE platform=? AND lower(username)=lower(?) AND kind IN ({marks})"
        " AND (instr(order_no,?)>0 OR instr(title,?)>0) ORDER BY created DESC, id DESC",
        PLATFORM, visit.me["username"], *kinds, visit.query("keyword"), visit.query("keyword"),
    )  # fmt: skip


@seller_page
async def centre(visit: Visit) -> Response:
    group, kinds = _wanted(visit)
    found = _letters(visit, kinds)
    pages = max(1, math.ceil(len(found) / ROWS))
    asked = visit.query("page")
    page = min(max(int(asked) if asked.isdigit() else 1, 1), pages)
    base = {"msgtype": ",".join(kinds), "dhpath": DHPATH[group], "keyword": visit.query("keyword")}
    return visit.show(
        "letters.html", rows=found[(page - 1) * ROWS : page * ROWS], group=group, groups=GROUPS,
        dhpath=DHPATH, kinds=kinds, total=len(found), page=page, pages=pages, centre=CENTRE,
        keyword=visit.query("keyword"), page_url=lambda n: f"{CENTRE}?" + urlencode(base | {"page": n}),
    )  # fmt: skip


@seller_page
async def letter(visit: Visit) -> Response:
    row = visit.store.row(
        "SELECT * FROM messages WHERE platform=? AND lower(username)=lower(?) AND id=?",
        PLATFORM, visit.me["username"], visit.query("messageid"),
    )  # fmt: skip
    return visit.show("letter.html", letter=row) if row else visit.notice(visit.t.failed)


def _thread(visit: Visit, order_no: str) -> list[Row]:
    return visit.store.rows(
        "SELECT * FROM messages WHERE platform=? AND lower(username)=lower(?) AND order_no=?"
        " AND kind IN ('002','out') ORDER BY id",
        PLATFORM, visit.me["username"], order_no,
    )  # fmt: skip


def _own_order(visit: Visit, order_no: str) -> Row | None:
    order = visit.store.order(PLATFORM, order_no)
    mine = order is not None and order["seller"].lower() == visit.me["username"].lower()
    return order if mine else None


@seller_page
async def contact(visit: Visit) -> Response:
    """/messageweb/loadmessagetobuller.do (DHgate's spelling)?msgtype=2&to=<buyerId>&parm=<orderNo>"""
    order = _own_order(visit, visit.query("parm"))
    if order is None or visit.query("to") not in (buyer_id(order), order["buyer"], order["buyer_name"]):
        return visit.notice(visit.t.failed)
    to, strikes, number = visit.query("to"), visit.store.faults.strikes, order["order_no"]
    if wrong := strikes("message-wrong", PLATFORM, number):
        order = _own_order(visit, wrong.word) or order
    if strikes("message-other-buyer", PLATFORM, number):
        to = "ff8080" + "0" * 26
    return visit.show("contact.html", order=order, to=to, thread=_thread(visit, order["order_no"]))


@seller_call
async def write(visit: Visit) -> Response:
    """sendtobuyer.do opens a thread, replytobuyer.do goes on with one."""
    form = {key: str(value) for key, value in (await visit.request.form()).items()}
    order, content = _own_order(visit, form.get("parm", "")), form.get("content", "").strip()
    if order is None:
        return JSONResponse({"isSuccess": False, "msg": visit.t.failed})
    if not content:
        return JSONResponse({"isSuccess": False, "msg": visit.t.need_content})
    too_often = visit.store.faults.strikes("message-limit", PLATFORM, order["order_no"])
    with visit.store.transaction():
        thread = _thread(visit, order["order_no"])
        recent = [row for row in thread if row["kind"] == "out" and row["created"] > time.time() - 60]
        replies = visit.request.url.path.endswith("replytobuyer.do")
        if replies != bool(thread):
            return JSONResponse({"isSuccess": False, "msg": visit.t.failed})
        if too_often or len(recent) >= MOST_A_MINUTE:
            return JSONResponse({"isSuccess": False, "msg": visit.t.too_often})
        title = f"PO#{order['order_no']}"
        add_letter(visit.store, order["seller"], "out", order["order_no"], title, content)
        visit.store.log_truth(
            PLATFORM, order["order_no"], "message", asker="seller", username=visit.me["username"],
            note=content, title=form.get("title", title), to=order["buyer"],
            how="reply" if replies else "send",
        )  # fmt: skip
    return JSONResponse({"isSuccess": True, "msg": visit.t.sent})


SELLER_HOST = [
    Route(CENTRE, centre),
    Route("/messageweb/loadmessagedetail.do", letter),
    Route("/messageweb/loadmessagetobuller.do", contact),
    Route("/messageweb/sendtobuyer.do", write, methods=["POST"]),
    Route("/messageweb/replytobuyer.do", write, methods=["POST"]),
]
