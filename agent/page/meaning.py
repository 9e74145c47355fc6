"""What an element of a profile means, found in a ``View`` without its markup: ``means`` in the TOML.

A release that renames every class takes the CSS candidates away; words, roles, labels and nearness stay.
Reading and moving may go by meaning; a control that commits never does (its form may).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from agent.page.asked import Asked
from agent.page.meaning_of_forms import form, question
from agent.page.meaning_of_parts import amount, labelled, state, time_left
from agent.page.meaning_of_rows import listed, page, row
from agent.page.view import CONTROLS, Node

_GREETING = 60
"""The most letters of a greeting."""


def find(asked: Asked, means: str) -> list[Node]:
    """The nodes that mean this, in the page's order."""
    return _MEANINGS[means](asked)


def meant(asked: Asked) -> list[Node]:
    """The nodes that the first of the element's own meanings finds which finds any; []: none does."""
    ways = (one.means for one in asked.element.candidates if one.means)
    return next((found for means in ways if (found := find(asked, means))), [])


def greeting(asked: Asked) -> list[Node]:
    """The text that greets the account; none that leads to signing in ("Hi, sign in")."""
    shapes = [re.compile(shape, re.IGNORECASE) for shape in asked.profile.greetings]
    hosts = tuple(host.partition("{")[0] for host in asked.profile.signin_hosts)
    offers = asked.profile.element["home.signin"]
    if any(offers.names.values()) and asked.view.named(CONTROLS, offers.name_pattern()):
        return []

    def greets(node: Node) -> bool:
        text = node.text
        if (
            node.role == "text"
            or not 0 < len(text) <= _GREETING
            or not any(s.fullmatch(text) for s in shapes)
        ):
            return False
        return not any(urlsplit(one.href).netloc.startswith(hosts) for one in (*node.walk(), *node.up()))

    found = asked.view.innermost(greets) or _beside_the_way_out(asked)
    return found[:1] if len({n.text for n in found}) == 1 else found


def _beside_the_way_out(asked: Asked) -> list[Node]:
    """A bare name, as the only text beside the control that signs out."""
    way_out = asked.profile.element.get("home.signout")
    if way_out is None:
        return []
    found = []
    for control in asked.view.named(CONTROLS, way_out.name_pattern()):
        beside = [one for one in (control.parent.children if control.parent else []) if one is not control]
        told = [one for one in beside if one.visible and one.text]
        if len(told) == 1 and told[0].role not in ("text", *CONTROLS) and len(told[0].text) <= _GREETING:
            found.append(told[0])
    return found


def overlay(asked: Asked) -> list[Node]:
    """What lies over the page and holds a control, the outermost of each; never the page's own content."""

    def fits(node: Node) -> bool:
        if not node.floats or not node.visible or not node.text:
            return False
        inside = {one.role for one in node.walk()}
        return bool(inside & CONTROLS) and not inside & {"navigation", "main"}

    found = asked.view.all(fits)
    return [one for one in found if not any(other is not one and other.holds(one) for other in found)]


def menu(asked: Asked) -> list[Node]:
    """The smallest part that holds several entries, most of those that the element's names know.

    In the row of the order at hand, where there is one; never in the page's navigation.
    """
    words, parts = asked.element.name_pattern(), dict[Node, int]()
    for known in asked.view.named({*CONTROLS}, words):
        for part in known.up():
            if len(asked.view.innermost(lambda n: n.role in CONTROLS, within=part)) > 1:
                parts[part] = parts.get(part, 0) + 1
                break
    rows = row(replace(asked, values={"order_no": asked.order_at_hand})) if asked.order_at_hand else []
    inside = {part: count for part, count in parts.items() if any(one.holds(part) for one in rows)}
    elsewhere = {part: count for part, count in parts.items() if not _is_navigation(part)}
    offered = inside or elsewhere
    most = max(offered.values(), default=0)
    return [part for part, count in offered.items() if count == most]


def _is_navigation(part: Node) -> bool:
    return any(one.role in ("navigation", "banner", "contentinfo") for one in (part, *part.up()))


_MEANINGS: dict[str, Callable[[Asked], list[Node]]] = {
    "row": row,
    "page": page,
    "state": state,
    "amount": amount,
    "labelled": labelled,
    "greeting": greeting,
    "menu": menu,
    "form": form,
    "question": question,
    "overlay": overlay,
    "list": listed,
    "time-left": time_left,
}
