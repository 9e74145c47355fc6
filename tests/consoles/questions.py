"""What a site asks after the submit, beside the usual question: in other words, or about something else.

``{no}`` is the order's number, ``{near}`` its neighbour's, ``{total}`` its total, ``{title}`` its goods.
"""

from __future__ import annotations

from typing import Any

QUESTIONS: dict[str, tuple[str, str]] = {
    "unlisted": ("One more thing", "Your selling limits may change. Go on?"),
    "unlisted-zh": ("操作确认", "您的店铺权益可能因此调整，是否继续？"),
    # honest ones in other words
    "about": ("Cancel order", "You are about to cancel order {no}. The buyer will be refunded US $41.20."),
    "goods": (
        "Please confirm",
        "Are you sure you want to cancel this order?\nItem: {title}\nTotal: US ${total}",
    ),
    "honest-zh": ("操作确认", "您确定要取消这个订单吗？此操作不可撤销。全额款项将退回买家。"),
    # about something else
    "request": ("Cancel this order?", "Are you sure you want to cancel your cancellation request?"),
    "request-zh": ("操作确认", "确定要取消订单的退款申请吗？"),
    "all": ("Cancel this order?", "Are you sure you want to cancel all 5 orders of this buyer?"),
    "all-zh": ("操作确认", "确定要取消该买家的全部订单吗？"),
    "neighbour": ("Cancel this order?", "Are you sure you want to cancel order {near}?"),
    "keeps": ("Cancel order", "Are you sure you want to cancel? The order will be kept."),
    "part": ("Cancel this order?", "This can't be undone. The buyer will be refunded US $1.00."),
    # unlisted, and about this one order
    "new": ("Cancel this order?", "Order {no} leaves your shop's ranking."),
}


def asked(kind: str, order: dict[str, Any]) -> tuple[str, str]:
    """Title and text."""
    title, text = QUESTIONS[kind]
    number = order["order_no"]
    near = number[:-1] + str((int(number[-1]) + 1) % 10)
    return title, text.format(no=number, near=near, total=order["total"], title=order["title"])
