"""Finds the elements that a profile names: only visible ones, and "exactly one" where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from playwright.async_api import Locator, Page

from agent.page.look import marked
from agent.profile.elements import Candidate, Element
from agent.profile.profile import Profile

_SECRET = ("signin.password", "signin.code")


class Locators:
    """Turns an element's name into Playwright locators on a page. ``values`` fill ``{…}`` in its CSS."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def each(self, page: Page, name: str, **values: str) -> list[Locator]:
        """The visible matches of each candidate, in the profile's order of preference."""
        element = self.profile.element[name]
        scope = self.union(page, element.within, **values) if element.within else page
        return [_find(scope, name, element, c, values).filter(visible=True) for c in element.candidates]

    def union(self, page: Page, name: str, **values: str) -> Locator:
        """The visible matches of all candidates together, each node once."""
        return either(self.each(page, name, **values))

    def any_of(self, page: Page, names: Iterable[str], **values: str) -> Locator:
        """The visible matches of several elements together."""
        return either(self.union(page, name, **values) for name in names)

    def secrets(self, page: Page) -> Sequence[Locator]:
        """The fields that a secret is typed into, as the profile knows them; no picture shows them."""
        return [self.union(page, name) for name in _SECRET if name in self.profile.element]


def either(locators: Iterable[Locator]) -> Locator:
    return reduce(lambda one, other: one.or_(other), locators)


def _find(
    scope: Page | Locator, name: str, element: Element, how: Candidate, values: dict[str, str]
) -> Locator:
    if how.means:
        return scope.locator(marked(name, element, values))
    if how.css or how.xpath:
        return scope.locator(filled(how.css or f"xpath={how.xpath}", values))
    names = element.name_pattern()
    if how.label:
        return scope.get_by_label(names)
    if how.text:
        return scope.get_by_text(names)
    return either(scope.get_by_role(role, name=names) for role in how.roles)  # type: ignore[arg-type]


def filled(css: str, values: dict[str, str]) -> str:
    """The selector with its values in place of ``{…}``."""
    for key, value in values.items():
        css = css.replace("{" + key + "}", value.replace("\\", r"\\").replace('"', r"\""))
    return css


def describe(candidate: Candidate) -> str:
    """The candidate in a few words, for the evidence."""
    if candidate.means:
        return f"meaning {candidate.means}"
    if candidate.css or candidate.xpath:
        return f"css {candidate.css}" if candidate.css else f"xpath {candidate.xpath}"
    return "label" if candidate.label else "text" if candidate.text else f"role {'/'.join(candidate.roles)}"
