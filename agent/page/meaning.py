"""What an element of a profile means, found in a ``View`` without its markup: ``means`` in the TOML.

A release that renames every class takes the CSS candidates away; words, roles, labels and nearness stay.
Reading and moving may go by meaning; a control that commits never does (its form may).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from agent.domain.order import Verdict
from agent.domain.text import label
from agent.page.asked import Asked
from agent.page.meaning_of_forms import form, is_reason, question
from agent.page.view import CONTROLS, Node
from agent.profile.statuses import Status

_PAGE_WIDE = {"navigation", "main", "banner", "contentinfo", "columnheader", "dialog"}
"""What a whole page holds, and one order's row does not."""
_LABEL = 24
"""The most letters of a label before an order number ("Order number: …")."""
_AMOUNT = re.compile(r"(?:[^\d\s.,]{1,4}\s?){0,2}\d[\d.,' \u00a0\u202f]*[.,]\d{2}(?:\s?[^\d\s]{1,4})?")
_TEXT = 60
"""Letters from which on a text is a message or a title: a number in it names nothing."""
_GREETING = 60
"""The most letters of a greeting."""


def find(asked: Asked, means: str) -> list[Node]:
    """The nodes that mean this, in the page's order."""
    return _MEANINGS[means](asked)


# -- an order's row ------------------------------------------------------------------------------------


def row(asked: Asked) -> list[Node]:
    """The largest part around the order's number that names no other order and is not the whole page."""
    found: list[Node] = []
    for anchor in _anchors(asked):
        part = _part_of(asked, anchor)
        if part and part not in found and any(n.role in CONTROLS for n in part.walk() if n.visible):
            found.append(part)
    outermost = [one for one in found if not any(other is not one and other.holds(one) for other in found)]
    told = [one for one in outermost if _states(asked, one) or _amounts(asked, one)]
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


def _anchors(asked: Asked) -> list[Node]:
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

    return [node for node in asked.view.naming(asked.order_no) if fits(node)]


def _part_of(asked: Asked, anchor: Node) -> Node | None:
    part = None
    for node in (anchor, *anchor.up()):
        if _names_another(asked, node) or node.tag == "body" or _is_page_wide(node):
            break
        part = node
    return part


def _is_page_wide(node: Node) -> bool:
    return any(
        n.role in _PAGE_WIDE or n.tag in ("h1", "h2") or (n.role == "textbox" and n.visible)
        for n in node.walk()
    )


def _names_another(asked: Asked, node: Node) -> bool:
    """Whether an order of another number stands in this part, in a text or in a link's query."""
    number = asked.profile.order_no
    shape = re.compile(rf"(?<![0-9A-Za-z-])(?:{number})(?![0-9A-Za-z-])")
    texts = [n.text for n in node.walk() if n.role == "text"]
    numbers = {one for text in texts if len(text) <= _TEXT for one in shape.findall(text)}
    known = asked.profile.id_names.get("order number", ())
    for link in node.walk():
        for name, value in parse_qsl(urlsplit(link.href).query):
            last = re.sub(r"[\W_]+", "", name.rpartition(".")[2].casefold())
            if last in known and re.fullmatch(number, value):
                numbers.add(value)
    return bool(numbers - {asked.order_no})


# -- what a part says ----------------------------------------------------------------------------------


def state(asked: Asked) -> list[Node]:
    """The one text that is a state: beside its label, else the one that the profile understands.

    One that speaks of a cancellation outweighs one that does not ("Paid"). Several that differ: all of them.
    """
    if beside := _labelled(asked):
        return beside
    known = _states(asked, asked.within)
    known = [n for n in known if not is_reason(asked, n.text)] or known  # "Buyer asked to cancel" may be both
    told = [n for n in known if _meant(asked, n)[0] is not Verdict.NONE] or known
    return told[:1] if len({_meant(asked, n) for n in told}) == 1 else told


def _states(asked: Asked, part: Node | None) -> list[Node]:
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
    return [n for n in _labelled(asked) if _AMOUNT.search(n.text)] or _amounts(asked, asked.within)


def _amounts(asked: Asked, part: Node | None) -> list[Node]:
    found = asked.view.innermost(lambda n: n.role != "text" and bool(_AMOUNT.fullmatch(n.text)), within=part)
    return found[:1] if len({n.text for n in found}) == 1 else found


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


# -- the page ------------------------------------------------------------------------------------------


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
}
