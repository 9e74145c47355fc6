"""States in the words of the trade, Chinese and English: what the table, the result and the pages show."""

from __future__ import annotations

from collections.abc import Mapping

from agent.order import State, WaitsFor

_STATES: Mapping[State, tuple[str, str]] = {
    State.QUEUED: ("待处理", "not begun"),
    State.REHEARSED: ("试运行完成(未提交)", "rehearsed, nothing submitted"),
    State.SUBMITTING: ("已点击,结果未明", "clicked, outcome not known yet"),
    State.PENDING: ("审核中", "under review"),
    State.CANCELLED: ("订单已取消", "order cancelled"),
    State.DECLINED: ("已被拒绝", "declined"),
    State.REFUSED: ("未提交(不符合条件)", "not submitted, the order forbids it"),
    State.FAILED: ("技术错误(未提交)", "technical fault, nothing submitted"),
    State.NEEDS_HUMAN: ("待人工处理", "needs a person"),
}
_WAITS: Mapping[WaitsFor, tuple[str, str]] = {
    WaitsFor.PLATFORM: ("审核中", "under review"),
    WaitsFor.SELLER: ("等待卖家", "waits for the seller"),
    WaitsFor.BUYER: ("等待买家", "waits for the buyer"),
    WaitsFor.REFUND: ("退款中", "being refunded"),
}


def in_words(state: State, waits_for: WaitsFor | None, *, chinese: bool) -> str:
    """The state as a person reads it; a pending one says whom it waits for."""
    words = _WAITS[waits_for] if state is State.PENDING and waits_for else _STATES[state]
    return words[0] if chinese else words[1]
