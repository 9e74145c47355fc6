"""States, reasons and causes in the words of the trade, as tables, results, pages and sheets have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
_WAITED_FOR: Mapping[WaitsFor, str] = {
    WaitsFor.PLATFORM: "平台",
    WaitsFor.SELLER: "卖家",
    WaitsFor.BUYER: "买家",
    WaitsFor.REFUND: "退款",
}
REASONS: Mapping[Reason, str] = {
    Reason.BUYER_ASKED: "买家要求取消",
    Reason.OUT_OF_STOCK: "缺货",
    Reason.ADDRESS_ISSUE: "地址问题",
    Reason.UNPAID: "买家未付款",
    Reason.AGREED_WITH_BUYER: "与买家协商一致",
    Reason.MISTAKE: "买错了",
    Reason.CHEAPER_ELSEWHERE: "别处更便宜",
    Reason.PRICE_TOO_HIGH: "价格太高",
    Reason.LATE_DELIVERY: "送达太慢",
    Reason.WRONG_PAYMENT: "付款方式错误",
    Reason.WRONG_SHIPPING: "配送方式错误",
    Reason.OTHER: "其他",
}
"""Chinese for a reason: read in a sheet as well as shown. In English it is the word that is typed."""
ACTIONS: Mapping[Action, str] = {Action.CANCEL: "取消", Action.ACCEPT: "同意", Action.DECLINE: "拒绝"}
CAUSES: Mapping[Cause, str] = {
    Cause.BUYER: "买家",
    Cause.GOODS: "商品",
    Cause.SERVICE: "服务",
    Cause.STOCK: "库存",
    Cause.PLATFORM: "平台",
}
_titles: dict[str, str] = {}
_sites: dict[str, str] = {}
"""By account: its real site; empty in practice."""
_in_practice = False


def in_words(state: State, waits_for: WaitsFor | None) -> str:
    """The state as a person reads it; a pending one says whom it waits for."""
    words = _WAITS[waits_for] if state is State.PENDING and waits_for else _STATES[state]
    return _(words)


def state_words(state: State, waits_for: WaitsFor | None = None) -> str:
    """The contract's word; where Chinese is spoken, what it means."""
    return state.value if language() == "en" else in_words(state, waits_for)


def waits_words(waits_for: WaitsFor) -> str:
    """Whom or what a pending order waits for; in English the contract's word."""
    return _WAITED_FOR[waits_for] if language() == "zh-CN" else waits_for.value


def reason_words(reason: Reason) -> str:
    """The reason in the user's language; in English it is the word that is typed."""
    return REASONS[reason] if language() == "zh-CN" else reason.value


def cause_words(cause: Cause) -> str:
    """The cause, in the same way."""
    return CAUSES[cause] if language() == "zh-CN" else cause.value


def call_shops(titles: Mapping[str, str]) -> None:
    """From here on, these accounts are shown by their shops' names."""
    _titles.clear()
    _titles.update(titles)


def shop(account: str) -> str:
    """The account's shop as its people call it; its own name where it has no other."""
    return _titles.get(account, account)


def know_places(sites: Mapping[str, str] | None) -> None:
    """From here on, these accounts are on these real sites; None: all is practice."""
    global _in_practice  # noqa: PLW0603 - one program has one ledger, and that is of one kind
    _in_practice = sites is None
    _sites.clear()
    _sites.update(sites or {})


def place(account: str, *, plain: bool = False) -> str:
    """Whether an order of this account is practice, or else its real site; "" for an account not set up.

    ``plain``: in a word that is the same in each language, for programs.
    """
    if _in_practice:
        return "practice" if plain else _("PRACTICE (模拟后台)")
    return _sites.get(account, "")


def named(name: str, value: str) -> str:
    """A name and its value, with the colon of the language that is spoken."""
    return f"{name}：{value}" if language() == "zh-CN" else f"{name}: {value}"


def listed(words: Iterable[str]) -> str:
    """A list inside a sentence."""
    return ("、" if language() == "zh-CN" else ", ").join(words)
