"""Finds a profile's elements by what they mean, on a live page, and marks them for the selectors.

A mark says what one look saw. A page may reuse its nodes for another order, so what was found this way is
looked for again before each reading of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loguru import logger
from playwright.async_api import Page

from agent.domain.errors import TechnicalError
from agent.page.asked import Asked
from agent.page.look import Looks, token_of
from agent.page.meaning import meant
from agent.page.meaning_of_forms import is_reason
from agent.page.meaning_of_rows import every_row
from agent.page.view import Node
from agent.profile.elements import Element
from agent.profile.profile import Profile


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One order's row: where its links lead, and by element its one match's text; None: several match."""

    links: list[str]
    texts: dict[str, str | None]

    def text(self, element: str) -> str:
        return self.texts[element] or ""


class ByMeaning:
    """One account's looks: which elements go by meaning, and what was marked so far."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._looks = Looks()
        self._marked: set[str] = set()
        """The tokens that may stand on a page."""
        self.kept: set[str] = set()
        """Elements whose mark stays on the very node that was found, until the next page is opened."""
        self.order_at_hand = ""
        """The order whose row is worked on: an open menu is looked for there first."""
        self.framed = ""
        """The address of the frame of this site in which a form was seen last; '': it lies in no frame."""

    async def mark(self, page: Page, names: Sequence[str], **values: str) -> bool:
        """Look at the page, and mark what these elements mean. False: none of them was found so."""
        chain = list(dict.fromkeys(one for name in names for one in self._looked_for(name)))
        if not chain:
            return False
        try:
            view = await self._looks.at(page)
            nodes: dict[str, list[Node]] = {}
            for name in chain:
                element = self._profile.element[name]
                around = nodes.get(element.within or "", [])
                if element.within and len(around) != 1:
                    nodes[name] = []
                    continue
                within = around[0] if around else None
                asked = Asked(view, self._profile, element, within, values, self.order_at_hand)
                nodes[name] = meant(asked)
                if "form" in _meanings(element):
                    frame = _frame_of(nodes[name])
                    self.framed = frame.href if frame and _offers_a_reason(asked, frame) else ""
                    nodes[name] = [] if frame else nodes[name]
            found = {self._token(name, values): there for name, there in nodes.items()}
            self._marked |= set(found)
            await self._looks.mark(page, found)
        except TechnicalError as error:  # another document comes already; what is looked for may be there
            logger.debug("nothing was found by meaning: {}", error)
            return False
        return any(nodes.get(name) for name in names)

    async def rows(self, page: Page, name: str, parts: Sequence[str]) -> dict[str, ListedRow]:
        """One look at a list: each order's one row, by its number, and in it the texts of these elements.

        Rows go by meaning, parts by CSS and else by meaning. An order with several rows is left out.
        TechnicalError: the page went away meanwhile.
        """
        view, element = await self._looks.at(page), self._profile.element
        rows = every_row(view, self._profile, element[name])
        ways = {part: [one.css for one in element[part].candidates if one.css] for part in parts}
        hits = await self._looks.by_css(page, list(rows.values()), ways)
        listed = {}
        for (number, row), by_css in zip(rows.items(), hits, strict=True):
            texts: dict[str, str | None] = {}
            for part in parts:
                asked = Asked(view, self._profile, element[part], row, {"order_no": number})
                told = [view.nodes[index].text for index in by_css[part] if index >= 0]
                told = told or [element[part].without_label(node.text) for node in meant(asked)]
                texts[part] = None if told[1:] else "".join(told)
            listed[number] = ListedRow([one.href for one in row.walk() if one.role == "link"], texts)
        return listed

    async def again(self, page: Page, name: str, **values: str) -> None:
        """Look anew where this element, or what holds it, was marked before."""
        if self._marked and any(self._token(one, values) in self._marked for one in self._looked_for(name)):
            await self.mark(page, [name], **values)

    def _token(self, name: str, values: Mapping[str, str]) -> str:
        return token_of(name, self._profile.element[name], values)

    def _looked_for(self, name: str) -> list[str]:
        """The same; []: it lies in an element that is kept, which is not looked for anew."""
        chain = self._chain(name)
        return [] if self.kept & set(chain) else chain

    def _chain(self, name: str) -> list[str]:
        """The element with what it is looked for within, outermost first; []: it goes only by markup."""
        element = self._profile.element[name]
        around = self._chain(element.within) if element.within else []
        if element.within and not around:
            return []
        return [*around, name] if _meanings(element) else []


def _meanings(element: Element) -> list[str]:
    return [candidate.means for candidate in element.candidates if candidate.means]


def _frame_of(nodes: Sequence[Node]) -> Node | None:
    """The frame that holds these, which no selector of the page reaches; None: they lie in the page."""
    frames = [next((up for up in node.up() if up.role == "frame"), None) for node in nodes]
    return frames[0] if frames and all(frames) else None


def _offers_a_reason(asked: Asked, frame: Node) -> bool:
    """Whether a listed reason stands in it: a survey in a frame has choices and a button, too."""
    return any(is_reason(asked, asked.view.name(one) or one.text) for one in frame.walk())
