"""States, reasons and causes in the words of the trade, as tables, results, pages and sheets have them."""

from __future__ import annotations

from collections.abc import Mapping

from agent.domain.i18n import N_, _, language
from agent.domain.order import Action, Cause, Reason, State, WaitsFor

_STATES: Mapping[State, str] = {
    State.QUEUED: N_("not begun"),
    State.REHEARSED: N_("rehearsed, nothing submitted"),
    State.SUBMITTING: N_("clicked, outcome not known yet"),
    State.PENDING: N_("under review"),
    State.CANCELLED: N_("order cancelled"),
    State.DECLINED: N_("declined"),
    State.REFUSED: N_("not submitted, the order forbids it"),
    State.FAILED: N_("technical fault, nothing submitted"),
    State.NEEDS_HUMAN: N_("needs a person"),
}
_WAITS: Mapping[WaitsFor, str] = {
    WaitsFor.PLATFORM: N_("under review"),
    WaitsFor.SELLER: N_("waits for the seller"),
    WaitsFor.BUYER: N_("waits for the buyer"),
    WaitsFor.REFUND: N_("being refunded"),
}


def in_words(state: State, waits_for: WaitsFor | None) -> str:
    """The state as a person reads it; a pending one says whom it waits for."""
    words = _WAITS[waits_for] if state is State.PENDING and waits_for else _STATES[state]
    return _(words)


REASONS: Mapping[Reason, str] = {
    Reason.BUYER_ASKED: "买家要求取消",
    Reason.OUT_OF_STOCK: "缺货",
    Reason.ADDRESS_ISSUE: "地址问题",
    Reason.UNPAID: "买家未付款",
    Reason.AGREED_WITH_BUYER: "与买家协商一致",
    Reason.OTHER: "其他",
}
"""The reasons of a seller in Chinese, as a sheet may name them too."""
_BUYERS_REASONS: Mapping[Reason, str] = {
    Reason.MISTAKE: "买错了",
    Reason.CHEAPER_ELSEWHERE: "别处更便宜",
    Reason.PRICE_TOO_HIGH: "价格太高",
    Reason.LATE_DELIVERY: "送达太慢",
    Reason.WRONG_PAYMENT: "付款方式错误",
    Reason.WRONG_SHIPPING: "配送方式错误",
}
"""A sheet names these by their canonical word only."""
ACTIONS: Mapping[Action, str] = {Action.CANCEL: "取消", Action.ACCEPT: "同意", Action.DECLINE: "拒绝"}
CAUSES: Mapping[Cause, str] = {
    Cause.BUYER: "买家",
    Cause.GOODS: "商品",
    Cause.SERVICE: "服务",
    Cause.STOCK: "库存",
    Cause.PLATFORM: "平台",
}


def reason_words(reason: Reason) -> str:
    """The reason in the user's language; in English it is the word that is typed."""
    return {**REASONS, **_BUYERS_REASONS}[reason] if language() == "zh-CN" else reason.value


def cause_words(cause: Cause) -> str:
    """The cause, in the same way."""
    return CAUSES[cause] if language() == "zh-CN" else cause.value
