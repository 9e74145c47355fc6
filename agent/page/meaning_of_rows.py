"""Orders on a page, found in a ``View`` by their numbers: one order's row, every row, one order's page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from agent.page.asked import Asked
from agent.page.meaning_of_parts import amounts_in, states_in
from agent.page.view import CONTROLS, Node, View
from agent.profile.elements import Element
from agent.profile.profile import Profile

_PAGE_WIDE = {"navigation", "main", "banner", "contentinfo", "columnheader", "dialog"}
"""What a whole page holds, and one order's row does not."""
_LABEL = 24
"""The most letters of a label before an order number ("Order number: …")."""
_TEXT = 60
"""Letters from which on a text is a message or a title: a number in it names nothing."""


def row(asked: Asked, nodes: Sequence[Node] | None = None) -> list[Node]:
    """The largest part around the order's number that names no other order and is not the whole page.

    ``nodes``: all that may name it; None: any of the page.
    """
    found: list[Node] = []
    for anchor in _anchors(asked, nodes):
        part = _part_of(asked, anchor)
        if part and part not in found and any(n.role in CONTROLS for n in part.walk() if n.visible):
            found.append(part)
    outermost = [one for one in found if not any(other is not one and other.holds(one) for other in found)]
    told = [one for one in outermost if states_in(asked, one) or amounts_in(asked, one)]
    return told if len(outermost) > 1 and told else outermost


def page(asked: Asked) -> list[Node]:
    """The whole page, where it names the order."""
    root = asked.view.root
    return [root] if root and asked.order_no and _anchors(asked) else []


def listed(asked: Asked) -> list[Node]:
    """The first order number that the page names as a text of its own: the page lists orders."""
    number = asked.profile.order_no
    alone = re.compile(rf"(?:[^\d:：#]{{0,{_LABEL}}}[:：#]\s*)?(?:{number})")
    return asked.view.innermost(lambda n: n.role not in ("text", "option") and bool(alone.fullmatch(n.text)))[
        :1
    ]


def every_row(view: View, profile: Profile, element: Element) -> dict[str, Node]:
    """Each order's one row, by its number, in the page's order. Several or none: left out."""
    holding: dict[str, list[Node]] = {}
    for node, numbers in zip(view.nodes, _orders_on(view, profile).numbers, strict=True):
        for number in numbers:
            holding.setdefault(number, []).append(node)
    asked = {number: Asked(view, profile, element, None, {"order_no": number}) for number in holding}
    rows = {number: row(asked[number], nodes) for number, nodes in holding.items()}
    one_each = {number: found[0] for number, found in rows.items() if len(found) == 1}
    return dict(sorted(one_each.items(), key=lambda each: each[1].index))


def _anchors(asked: Asked, nodes: Sequence[Node] | None = None) -> list[Node]:
    """Where the order is named: its number alone or behind a label, or a link whose query carries it.

    A title or a message that mentions the number names nothing, and a link back to this very page repeats
    what was searched for.
    """
    here = urlsplit(asked.view.address).path
    number = re.escape(asked.order_no)
    alone = re.compile(rf"(?:[^\d:：#]{{0,{_LABEL}}}[:：#]\s*)?{number}")

    def fits(node: Node) -> bool:
        address = urlsplit(node.href)
        carried = {value for _name, value in parse_qsl(address.query)} if address.path != here else set()
        return asked.order_no in carried or bool(alone.fullmatch(node.text))

    return [node for node in asked.view.naming(asked.order_no, nodes) if fits(node)]


def _part_of(asked: Asked, anchor: Node) -> Node | None:
    page, part = _orders_on(asked.view, asked.profile), None
    for node in (anchor, *anchor.up()):
        others = page.numbers[node.index] - {asked.order_no}
        if others or node.tag == "body" or page.wide[node.index]:
            break
        part = node
    return part


@dataclass(frozen=True, slots=True)
class _Orders:
    """By node: the order numbers in it, and whether it holds what one order's row does not."""

    numbers: list[set[str]]
    wide: list[bool]


def _orders_on(view: View, profile: Profile) -> _Orders:
    return _orders(view, profile.order_no, profile.id_names.get("order number", ()))


@lru_cache(maxsize=2)
def _orders(view: View, number: str, names: tuple[str, ...]) -> _Orders:
    """``number``: the shape of an order number; ``names``: what it is called in an address, folded."""
    shape = re.compile(rf"(?<![0-9A-Za-z-])(?:{number})(?![0-9A-Za-z-])")
    numbers = [_numbers_of(node, shape, names) for node in view.nodes]
    wide = [
        n.role in _PAGE_WIDE or n.tag in ("h1", "h2") or (n.role == "textbox" and n.visible)
        for n in view.nodes
    ]
    for node in reversed(view.nodes):  # a parent comes before its children
        if node.parent:
            numbers[node.parent.index] |= numbers[node.index]
            wide[node.parent.index] |= wide[node.index]
    return _Orders(numbers, wide)


def _numbers_of(node: Node, shape: re.Pattern[str], names: tuple[str, ...]) -> set[str]:
    """The order numbers in a text of its own, or under a name that is known for them in its address."""
    if node.role == "text":
        return set(shape.findall(node.text)) if len(node.text) <= _TEXT else set()
    found = set()
    for name, value in parse_qsl(urlsplit(node.href).query):
        last = re.sub(r"[\W_]+", "", name.rpartition(".")[2].casefold())
        if last in names and shape.fullmatch(value):
            found.add(value)
    return found
