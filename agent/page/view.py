"""The page as a value: what one look (``look.js``) saw, read in plain Python. No browser here.

``labelled`` reads what stands beside a label, ``naming`` finds where a number is named: a table, a list or a
card of any markup is read alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_NAMED_BY_CONTENT = {
    "button", "link", "option", "menuitem", "menuitemradio", "tab", "heading", "radio", "checkbox", "switch",
    "label", "legend", "cell", "columnheader", "listitem", "term", "gridcell", "rowheader",
}  # fmt: skip
CONTROLS = {"button", "link", "menuitem", "tab", "menuitemradio"}
CHOICES = {"radio", "option", "menuitemradio"}
BLOCKS = {
    "address", "article", "aside", "body", "br", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "section",
    "table", "tbody", "td", "th", "thead", "tr", "ul", "label", "button", "legend", "dialog",
}  # fmt: skip


@dataclass(eq=False, slots=True)
class Node:
    """One element of the page, or one text (``role`` "text")."""

    index: int
    parent: Node | None
    tag: str
    role: str
    data: dict[str, Any]
    children: list[Node] = field(default_factory=list)
    _text: str | None = None

    @property
    def visible(self) -> bool:
        return not self.data.get("u", False)

    @property
    def href(self) -> str:
        return str(self.data.get("h", ""))

    @property
    def field(self) -> str:
        """The name under which a form sends it."""
        return str(self.data.get("f", ""))

    @property
    def kind(self) -> str:
        """An input's type; a form's method."""
        return str(self.data.get("y", ""))

    @property
    def value(self) -> str:
        """What a field holds; '' for a password field, always."""
        return str(self.data.get("v", ""))

    @property
    def floats(self) -> bool:
        """Whether it lies over the page, and not in its flow."""
        return bool(self.data.get("z", False))

    @property
    def unfolds(self) -> bool:
        """Whether it opens a list to choose from."""
        return bool(self.data.get("w", False))

    @property
    def disabled(self) -> bool:
        return bool(self.data.get("d", False))

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the page's order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def up(self) -> Iterator[Node]:
        """Its ancestors, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def holds(self, other: Node) -> bool:
        return other is self or any(one is self for one in other.up())

    @property
    def text(self) -> str:
        """All that is visible of it, white space folded; block elements are apart by a blank."""
        if self._text is None:
            self._text = " ".join("".join(self.pieces()).split())
        return self._text

    def pieces(self) -> Iterator[str]:
        """Its texts in the page's order, a blank around each block."""
        if self.role == "text":
            yield self.data["s"]
            return
        apart = self.tag in BLOCKS
        if apart:
            yield " "
        for child in self.children:
            yield from child.pieces()
        if apart:
            yield " "

    @property
    def own_text(self) -> str:
        """The texts that lie in it directly."""
        return " ".join("".join(c.data["s"] for c in self.children if c.role == "text").split())


class View:
    """One look at a page. ``blind``: what could not be seen (closed shadow roots, foreign frames)."""

    def __init__(self, seen: dict[str, Any]) -> None:
        self.address: str = seen["address"]
        self.title: str = seen["title"]
        self.blind: list[str] = seen["blind"]
        self.whole: bool = seen["whole"]
        self.nodes: list[Node] = []
        for index, data in enumerate(seen["nodes"]):
            parent = self.nodes[data["p"]] if data["p"] >= 0 else None
            role = "text" if "s" in data else data.get("r", "")
            node = Node(index, parent, data.get("t", ""), role, data)
            self.nodes.append(node)
            if parent:
                parent.children.append(node)

    @classmethod
    def of(cls, text: str) -> View:
        """From the JSON text that ``look.js`` returns, or that evidence has kept."""
        return cls(json.loads(text))

    @cached_property
    def root(self) -> Node | None:
        return self.nodes[0] if self.nodes else None

    # -- names -----------------------------------------------------------------------------------------

    def name(self, node: Node) -> str:
        """Its accessible name: by ``aria-…``, its labels, its own text, or what it shows while empty."""
        data = node.data
        if by := data.get("b"):
            return " ".join(self.nodes[i].text for i in by)
        if data.get("n"):
            return str(data["n"])
        if labels := data.get("l"):
            return " ".join(self.nodes[i].text for i in labels)
        if node.tag == "input" and node.role == "button":
            return node.value or {"submit": "Submit", "reset": "Reset"}.get(node.kind, "")
        if node.role in _NAMED_BY_CONTENT or node.role == "text":
            return node.text or self._pictured(node) or str(data.get("i", ""))
        return str(data.get("g") or data.get("i", ""))

    @staticmethod
    def _pictured(node: Node) -> str:
        return " ".join(str(one.data["n"]) for one in node.walk() if one.tag == "img" and one.data.get("n"))

    # -- questions -------------------------------------------------------------------------------------

    def all(
        self, fits: Callable[[Node], bool], *, within: Node | None = None, hidden: bool = False
    ) -> list[Node]:
        """Every match, in the page's order. ``hidden``: hidden fields count too."""
        nodes = within.walk() if within else iter(self.nodes)
        return [n for n in nodes if (hidden or (n.visible and n.role != "hidden")) and fits(n)]

    def innermost(self, fits: Callable[[Node], bool], *, within: Node | None = None) -> list[Node]:
        """The matches that hold no other match: a text's own element, not the boxes around it."""
        return _innermost(self.all(fits, within=within))

    def named(self, roles: set[str], names: re.Pattern[str], within: Node | None = None) -> list[Node]:
        """Controls of these roles whose whole name fits."""
        return self.innermost(
            lambda n: n.role in roles and bool(names.fullmatch(self.name(n))), within=within
        )

    # -- nearness --------------------------------------------------------------------------------------

    def naming(self, number: str, nodes: Iterable[Node] | None = None) -> list[Node]:
        """The innermost elements that name the number as a whole: in their text, or in their address.

        ``nodes``: all that may do so, and what holds them; None: any.
        """
        shape = whole(number)

        def names(node: Node) -> bool:
            if node.role in ("text", "option") or node.tag in ("textarea", "input", "form"):
                return False
            return bool(shape.search(node.text)) or bool(shape.search(node.href))

        return _innermost([n for n in nodes or self.nodes if n.visible and n.role != "hidden" and names(n)])

    def labelled(self, words: re.Pattern[str], within: Node | None = None) -> list[Node]:
        """The values beside a label: after a colon in the same text, the next sibling, or the same column.

        ``words``: the whole label, without its colon. One that is marked as a label, by a colon or its
        element, outweighs the mere word: who asked may be told by the very word "Buyer".
        """
        labels = self.innermost(lambda n: _is_label(n, words), within=within)
        marked = [one for one in labels if one.tag in ("dt", "th", "label") or one.text[-1] in ":："]
        return list(dict.fromkeys(filter(None, map(self._beside, marked or labels))))

    def saying(self, shape: re.Pattern[str], within: Node | None = None) -> list[Node]:
        """The innermost elements whose text begins so: a label and its value in one text."""
        return self.innermost(lambda n: n.role != "text" and bool(shape.match(n.text)), within=within)

    def _beside(self, label: Node) -> Node | None:
        for node in (label, *label.up()):
            if node.parent is None:
                return None
            if node.parent.role == "row" and _is_header(node.parent):
                return self._below(node)
            if node.role in ("cell", "gridcell") and _has_headers(node):
                return None  # a value of its column, whatever it says
            after = [s for s in _after(node) if s.visible and s.text]
            if after:
                return after[0] if after[0].role != "text" else node.parent
            if node.text != label.text:
                return None
        return None

    def _below(self, header: Node) -> Node | None:
        """The one cell under a column's header, where the table has one row besides."""
        row = header.parent
        table = next((up for up in header.up() if up.role in ("table", "grid")), None)
        if row is None or table is None:
            return None
        place = _elements(row).index(header)
        rows = [n for n in table.walk() if n.role == "row" and n is not row]
        cells = [_elements(one)[place] for one in rows if len(_elements(one)) == len(_elements(row))]
        return cells[0] if len(cells) == 1 else None


def whole(value: str) -> re.Pattern[str]:
    """Finds the value where it is not part of a longer number or name."""
    return re.compile(rf"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-){re.escape(value)}(?!-?[0-9A-Za-z])")


def _innermost(found: list[Node]) -> list[Node]:
    around = {id(up) for one in found for up in one.up()}
    return [one for one in found if id(one) not in around]


def _elements(node: Node) -> list[Node]:
    return [child for child in node.children if child.role != "text"]


def _after(node: Node) -> list[Node]:
    siblings = node.parent.children if node.parent else []
    return siblings[siblings.index(node) + 1 :]


def _is_header(row: Node) -> bool:
    cells = _elements(row)
    return len(cells) > 1 and all(cell.role == "columnheader" for cell in cells)


def _has_headers(cell: Node) -> bool:
    """Whether its columns have names: a row of headers, with as many of them as this row has cells."""
    row = cell.parent
    table = next((up for up in cell.up() if up.role in ("table", "grid")), None)
    if row is None or table is None or len(_elements(row)) < 3:
        return False
    return any(
        one.role == "row" and _is_header(one) and len(_elements(one)) == len(_elements(row))
        for one in table.walk()
    )


def _is_label(node: Node, words: re.Pattern[str]) -> bool:
    text = re.sub(r"\s*[:：]\s*$", "", node.text)
    return bool(text) and bool(words.fullmatch(text))
