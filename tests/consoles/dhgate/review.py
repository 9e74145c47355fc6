"""What happens to an order: commits, the platform's review, the buyer's own cancellations.

No HTTP here. A test calls ``decide`` and the other verbs; the pages call ``commit``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.consoles.dhgate.web import PLATFORM, Row
from tests.consoles.dhgate.words import OPAQUE, REASONS
from tests.consoles.store import Store

BY_STATUS = {
    "to_ship": ("cancel", "refund"),
    "unpaid": ("cancel",),
    "part_shipped": ("refund",),
    "part_refunded": ("cancel", "refund"),
    "buyer_refund": ("agree", "disagree"),
}
TRUTH = {"cancel": "cancel", "refund": "refund", "agree": "accept", "disagree": "decline"}
TWO_HOURS = "买家2小时内取消该待发货订单，请您务必不要发货"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says to a commit: a key of the word table, and whether it acted on it."""

    ok: bool
    word: str


def jobs_of(store: Store, order: Row) -> tuple[str, ...]:
    """Which controls the order offers now: of cancel, refund, agree, disagree."""
    open_one = store.cancellation(PLATFORM, order["order_no"])
    if open_one and open_one["asker"] == "seller" and open_one["status"] in ("pending", "approved"):
        return ()
    jobs = BY_STATUS.get(order["status"], ())
    if order["controls"] == "both" or order["status"] == "buyer_refund":
        return jobs
    return tuple(job for job in jobs if job == order["controls"])


def reasons_of(order: Row) -> list[str]:
    """The machine words of the reasons that the order's form offers."""
    wanted = [word.strip() for word in order["reasons"].split(",") if word.strip()]
    return [word for word in REASONS if not wanted or word in wanted]


def _fault(job: str, order: Row, form: Mapping[str, str], reason: str) -> str:
    """The key of what is wrong with the form, '' when nothing is."""
    note = form.get("explain", "")
    if job == "disagree":
        return "" if form.get("trackingNo", "").strip() else "need_tracking"
    if job == "agree":
        return ""
    if not reason:
        return "need_reason"
    if not note.strip():
        return "need_note"
    if len(note.replace("\r\n", "\n")) > 1000:
        return "long_note"
    if job == "refund" and form.get("refundType") == "part" and not _amount_fits(order, form):
        return "need_amount"
    return ""


def _amount_fits(order: Row, form: Mapping[str, str]) -> bool:
    try:
        return 0 < float(form.get("refundAmount", "")) <= float(order["total"])
    except ValueError:
        return False


def _reason(order: Row, posted: str) -> str:
    """The machine word behind a posted value; '' when it is not one that was offered."""
    for word in reasons_of(order):
        if posted in (word, OPAQUE[word]):
            return word
    return ""


def commit(store: Store, account: Row, hex_id: str, job: str, form: Mapping[str, str]) -> Answer:
    """A form was received. One row of truth when the site acts on it, none when it does not.

    Faults (``tests.consoles.faults``): lies, late, says-no, part-refund, no-guard.
    """

    def act() -> Answer:
        return _commit(store, account, hex_id, job, form)

    order = own_order(store, account, hex_id)
    if order is not None and job in jobs_of(store, order):
        lies = store.faults.strikes("lies", PLATFORM, order["order_no"])
        late = None if lies else store.faults.strikes("late", PLATFORM, order["order_no"])
        if late:
            store.faults.later(late.number, act)
        if lies or late:
            return Answer(True, "done_review" if job in ("cancel", "refund") else "done")
    answer = act()
    if answer.ok and order and store.faults.strikes("says-no", PLATFORM, order["order_no"]):
        return Answer(False, "failed")
    return answer


def _commit(store: Store, account: Row, hex_id: str, job: str, form: Mapping[str, str]) -> Answer:
    with store.transaction():
        order = own_order(store, account, hex_id)
        if order is None:
            return Answer(False, "failed")
        again = store.faults.standing("no-guard", PLATFORM, order["order_no"]) and job in ("cancel", "refund")
        if job not in jobs_of(store, order) and not again:
            return Answer(False, "wrong_state")
        if order["blocked"] and job in ("cancel", "refund"):
            return Answer(False, f"blocked_{order['blocked']}")
        reason = _reason(order, form.get("reasonId", ""))
        if fault := _fault(job, order, form, reason):
            return Answer(False, fault)
        note = form.get("trackingNo" if job == "disagree" else "explain", "").replace("\r\n", "\n")
        extra = {key: form[key] for key in ("refundType", "refundAmount") if form.get(key)}
        store.log_truth(
            PLATFORM, order["order_no"], TRUTH[job],
            asker="seller", username=account["username"], reason=reason, note=note, via=job, **extra,
        )  # fmt: skip
        _act(store, order, job, reason, note)
    return Answer(True, "done_review" if job in ("cancel", "refund") else "done")


def _act(store: Store, order: Row, job: str, reason: str, note: str) -> None:
    no = order["order_no"]
    if job in ("cancel", "refund") and store.faults.strikes("part-refund", PLATFORM, no):
        _set_status(store, no, "part_refunded")
        return
    if job in ("cancel", "refund"):
        _open(store, no, asker="seller", via=job, reason=reason, note=note, waits_for="platform")
        return
    asked = store.cancellation(PLATFORM, no)
    if asked is None or asked["status"] != "pending":
        _open(store, no, asker="buyer", via="refund", reason=order["message"], note="", waits_for="seller")
    if job == "agree":
        _change(store, no, "pending", "refund")
        _set_status(store, no, "refund_agreed")
        add_letter(store, order["seller"], "006", no, "退款协议已达成", f"订单{no}的退款协议已达成。")
    else:
        _change(store, no, "rejected", "", note)
        _set_status(store, no, "shipped")


def own_order(store: Store, account: Row, hex_id: str) -> Row | None:
    """By the 32-hex id, and only an order of this shop."""
    return store.row(
        "SELECT * FROM orders WHERE platform=? AND hex_id=? AND lower(seller)=lower(?)",
        PLATFORM, hex_id, account["username"],
    )  # fmt: skip


def _open(store: Store, no: str, *, asker: str, via: str, reason: str, note: str, waits_for: str) -> None:
    store.do(
        "INSERT INTO cancellations (platform,order_no,asker,via,reason,note,relist,status,waits_for,created)"
        " VALUES (?,?,?,?,?,?,0,'pending',?,?)",
        PLATFORM, no, asker, via, reason, note, waits_for, time.time(),
    )  # fmt: skip


def _change(store: Store, no: str, status: str, waits_for: str = "", words: str = "") -> None:
    store.do(
        "UPDATE cancellations SET status=?, waits_for=?, decided=?, decision_note=? WHERE id="
        "(SELECT max(id) FROM cancellations WHERE platform=? AND order_no=?)",
        status, waits_for, None if status == "pending" else time.time(), words, PLATFORM, no,
    )  # fmt: skip


def _set_status(store: Store, no: str, status: str) -> None:
    store.do("UPDATE orders SET status=? WHERE platform=? AND order_no=?", status, PLATFORM, no)


def add_letter(
    store: Store, seller: str, kind: str, order_no: str, title: str, content: str, age_hours: float = 0
) -> None:
    """Put a letter into a seller's 站内信. Kinds: 001-003 buyers, 004-009 system, ``out`` sent."""
    store.do(
        "INSERT INTO messages (platform,username,kind,order_no,title,content,created) VALUES (?,?,?,?,?,?,?)",
        PLATFORM, seller, kind, order_no, title, content, time.time() - age_hours * 3600,
    )  # fmt: skip


# -- what others do: the platform, the buyer ------------------------------------------------------


def decide(store: Store, order_no: str, approve: bool, words: str = "") -> None:
    """The platform ends its review of the newest open request (a seller's, or an agreed refund).

    Approved: the order is 订单取消, and 系统消息 says 您已取消订单<no>. Rejected: it is back where it was,
    with ``words`` in the tip strip and in 系统消息.
    """
    with store.transaction():
        order, asked = store.order(PLATFORM, order_no), store.cancellation(PLATFORM, order_no)
        waits = asked["waits_for"] if asked and asked["status"] == "pending" else ""
        if order is None or asked is None or waits not in ("platform", "refund"):
            raise ValueError(f"nothing about {order_no} waits for the platform")
        if approve:
            _change(store, order_no, "approved", "", words)
            _set_status(store, order_no, "cancelled")
            _tell_approved(store, order, asked)
            return
        _change(store, order_no, "rejected", "", words)
        if order["status"] == "refund_agreed":
            _set_status(store, order_no, "to_ship")
        name = "退款申请" if asked["via"] == "refund" else "取消申请"  # U: title and wording
        text = f"订单{order_no}的{name}未通过: {words}"
        add_letter(store, order["seller"], "004", order_no, f"{name}未通过{order_no}", text)


def _tell_approved(store: Store, order: Row, asked: Row) -> None:
    no = order["order_no"]
    if asked["asker"] == "seller":
        text = f"您已取消订单{no}，款项将退还买家。"
        add_letter(store, order["seller"], "004", no, f"您已取消订单{no}", text)
    if asked["via"] == "refund":
        text = f"敦煌网已为订单 {no} 操作退款，金额 {order['currency']}{order['total']}。"
        add_letter(store, order["seller"], "006", no, "退款通知", text)


def review_due(store: Store, after_seconds: float = 0) -> list[str]:
    """Decide everything that has waited so long for the platform, by each order's ``verdict``."""
    due = store.rows(
        "SELECT o.order_no, o.verdict FROM orders o JOIN cancellations c USING (platform, order_no)"
        " WHERE platform=? AND c.status='pending' AND c.waits_for IN ('platform','refund') AND c.created<=?",
        PLATFORM, time.time() - after_seconds,
    )  # fmt: skip
    for row in due:
        decide(store, row["order_no"], row["verdict"] != "reject", "取消原因与订单情况不符")
    return [row["order_no"] for row in due]


def buyer_asks(store: Store, order_no: str, reason: str = "Items not now required") -> None:
    """The buyer starts a refund request before shipping: 买家申请退款，等待协商结果."""
    with store.transaction():
        _open(store, order_no, asker="buyer", via="refund", reason=reason, note="", waits_for="seller")
        _set_status(store, order_no, "buyer_refund")


def forget(store: Store, order_no: str) -> None:
    """No page shows any more that a cancellation was ever asked for: a cached page, or a withdrawn one."""
    store.do("DELETE FROM cancellations WHERE platform=? AND order_no=?", PLATFORM, order_no)


def buyer_cancels(store: Store, order_no: str) -> None:
    """The buyer cancels a paid order without the seller, within two hours."""
    with store.transaction():
        order = store.order(PLATFORM, order_no)
        assert order is not None, order_no
        _open(store, order_no, asker="buyer", via="cancel", reason="", note="", waits_for="")
        _change(store, order_no, "approved")
        _set_status(store, order_no, "cancelled")
        text = f"订单{order_no}：{TWO_HOURS}。"
        add_letter(store, order["seller"], "004", order_no, TWO_HOURS, text)
