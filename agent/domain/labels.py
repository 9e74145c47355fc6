"""States in the words of the trade: what the table, the result and the pages show."""

from __future__ import annotations

from collections.abc import Mapping

from agent.domain.i18n import N_, _
from agent.domain.order import State, WaitsFor

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
