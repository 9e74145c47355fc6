"""What a part of a page says of an order, found in a ``View``: its state, its amount, a label's value."""

from __future__ import annotations

import re

from agent.domain.order import Verdict
from agent.domain.text import label
from agent.page.asked import Asked
from agent.page.meaning_of_forms import is_reason
from agent.page.view import BLOCKS, CONTROLS, Node
from agent.profile.statuses import Status

_AMOUNT = re.compile(r"(?:[^\d\s.,]{1,4}\s?){0,2}\d[\d.,' \u00a0\u202f]*[.,]\d{2}(?:\s?[^\d\s]{1,4})?")
_LEFT = 40
"""The most letters of a text that counts the time left."""
_TIME = re.compile(
    r"\d\s*(?:d|days?|h|hrs?|hours?|Tage?n?|Std|Stunden?|天|日|小时|小時|個小时|時)\b", re.IGNORECASE
)


def state(asked: Asked) -> list[Node]:
    """The one text that is a state: beside its label, else the one that the profile understands.

    One that speaks of a cancellation outweighs one that does not ("Paid"). Several that differ: all of them.
    """
    beside = _labelled(asked)
    parts: list[Node | None] = [*beside] or [asked.within]
    known = [one for part in parts for one in states_in(asked, part)]
    if beside:
        # A cell may hold more than the state, such as a date to respond by: in a block of its own.
        known = [one for one in known if one.tag in BLOCKS]
        if not known or all(_meaning(asked, one) for one in beside):
            return beside
    known = [n for n in known if not is_reason(asked, n.text)] or known  # "Buyer asked to cancel" may be both
    told = [n for n in known if _meant(asked, n)[0] is not Verdict.NONE] or known
    return told[:1] if len({_meant(asked, n) for n in told}) == 1 else told


def states_in(asked: Asked, part: Node | None) -> list[Node]:
    return asked.view.innermost(
        lambda n: (
            n.role not in ("text", "option", *CONTROLS)
            and 0 < len(n.text) <= 120
            and _meaning(asked, n) is not None
        ),
        within=part,
    )


def _meant(asked: Asked, node: Node) -> tuple[Verdict, bool]:
    """What a state's text says, and whether an order may be cancelled in it."""
    meaning = _meaning(asked, node)
    return (meaning.verdict, meaning.eligible) if meaning else (Verdict.UNCLEAR, False)


def _meaning(asked: Asked, node: Node) -> Status | None:
    """What a state's text means, also behind its label ("Status: Paid")."""
    return asked.profile.meaning(node.text) or asked.profile.meaning(asked.element.without_label(node.text))


def amount(asked: Asked) -> list[Node]:
    """The one amount: beside its label, else the only one of the part."""
    return [n for n in _labelled(asked) if _AMOUNT.search(n.text)] or amounts_in(asked, asked.within)


def amounts_in(asked: Asked, part: Node | None) -> list[Node]:
    found = asked.view.innermost(lambda n: n.role != "text" and bool(_AMOUNT.fullmatch(n.text)), within=part)
    return found[:1] if len({n.text for n in found}) == 1 else found


def time_left(asked: Asked) -> list[Node]:
    """A short text that counts days or hours: "2 days 5 hours left"."""
    return asked.view.innermost(
        lambda n: n.role not in ("text", *CONTROLS) and len(n.text) <= _LEFT and bool(_TIME.search(n.text)),
        within=asked.within,
    )


def labelled(asked: Asked) -> list[Node]:
    """What stands beside a label: the element's names are the label's words."""
    return _labelled(asked)


def _labelled(asked: Asked) -> list[Node]:
    if not any(asked.element.names.values()):
        return []
    words = asked.element.name_pattern()
    column = _in_column(asked, words)
    if found := column or asked.view.labelled(words, within=asked.within):
        return found
    names = [name for names in asked.element.names.values() for name in names]
    return asked.view.saying(label(names), within=asked.within)


def _in_column(asked: Asked, words: re.Pattern[str]) -> list[Node]:
    """The cell of the part that stands under the column's header: its place among equally many tells."""
    part = asked.within
    if part is None:
        return []
    for header in asked.view.all(
        lambda n: n.role != "text" and bool(n.text) and bool(words.fullmatch(n.text))
    ):
        line = header.parent
        if line is None:
            continue
        heads, inside = _elements(line), part.holds(header)
        lines = (n for n in part.walk() if n is not line and len(_elements(n)) == len(heads) > 2)
        # Headers within the part: it is a list of this one order, whose own line names it.
        cells = next((_elements(n) for n in lines if not inside or asked.order_no in n.text), None)
        if cells and all(h.text == "" or len(h.text) < 30 for h in heads):
            return [cells[heads.index(header)]]
    return []


def _elements(node: Node) -> list[Node]:
    return [child for child in node.children if child.role not in ("text", "hidden")]
