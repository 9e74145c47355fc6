"""One order's history, as ``unsell status ORDER_NO`` tells it: when what was done, seen and decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from agent.cli.pointers import pictures_of
from agent.domain.i18n import _
from agent.domain.labels import in_words
from agent.domain.order import WaitsFor
from agent.domain.printable import one_line
from agent.domain.redact import clean
from agent.ledger.schema import Event


def lines(events: Iterable[Event]) -> list[str]:
    """Return a line for each event, oldest first, with its pictures below it where there are any."""
    told: list[str] = []
    for event in events:
        say = _KINDS.get(event.kind)
        what = say(event) if say else event.kind
        told.append(one_line(clean(f"{_clock(event.at)}  {what}")))
        if event.kind == "settled" and (folder := event.detail.get("evidence")):
            told.append(" " * 21 + _("pictures: {page}", page=pictures_of(folder)))
    return told


def _clock(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"


def _settled(event: Event) -> str:
    waits = event.detail.get("waits_for")
    words = in_words(event.state, WaitsFor(waits) if waits else None)
    return f"{words}. {event.detail['detail']}" if event.detail.get("detail") else words


_KINDS: Mapping[str, Callable[[Event], str]] = {
    "taken": lambda event: _("taken up, reason {reason}", reason=event.detail.get("reason", "?")),
    "asked": lambda event: _("asked for again, reason {reason}", reason=event.detail.get("reason", "?")),
    "approved": lambda event: _("consent by {who}", who=event.detail.get("by", "?")),
    "leave": lambda event: _("one more submit allowed by {who}", who=event.detail.get("by", "?")),
    "intended": lambda event: _("submit {number}: written down, then clicked", number=event.detail["submit"]),
    "answered": lambda event: _("the form answered: {words}", words=event.detail.get("words") or "-"),
    "seen": lambda event: _("read back: {words}", words=event.detail.get("words") or "-"),
    "buyer said": lambda event: _("the buyer's reason: {words}", words=event.detail.get("reason") or "-"),
    "settled": _settled,
}
