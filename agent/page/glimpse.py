"""A first glimpse of a new document, in one look: has it its style sheets, and what may stand in front of it.

Asking for every banner by its role and name costs more than all else that is read from a page. So the page
itself is asked first for what each of them needs: an element that plain CSS names, or a name in its text.
What may be there is then looked for properly; what cannot be there is not looked for at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from agent.domain.text import plain
from agent.profile.elements import Element
from agent.profile.profile import Profile

PARSED = "document.readyState !== 'loading'"
"""Before that, what stands in front of the page may still be on its way."""
STYLED = f"""({PARSED} && (document.readyState === 'complete'
  || [...document.querySelectorAll('link[rel~=stylesheet]')].every(link => link.sheet || link.disabled)))"""
"""Before its style sheets are there, what is meant to be hidden is visible."""

SAID = """nodes => {
  const labels = nodes.flatMap(e => ['aria-label', 'title', 'alt', 'value', 'placeholder']
    .map(name => e.getAttribute(name)).filter(text => text));
  return [document.documentElement ? document.documentElement.textContent : '', ...labels].join('\\n')
    .normalize('NFKC').replace(/[\\u200b\\u00ad]/g, '').toLowerCase()
    .replace(/ß/g, 'ss').replace(/[‘’]/g, "'").replace(/\\s+/g, '');
}"""
"""All that the page's elements may be called by, folded like ``agent.domain.text``."""

_GLIMPSE = f"""needs => {{
  const nodes = [...document.querySelectorAll('*')], said = ({SAID})(nodes);
  const hidden = nodes.some(e => e.shadowRoot);
  const has = ([css, shape, flags]) => {{ try {{
    const text = e => e.textContent.replace(/\\s+/g, ' ').trim();
    return [...document.querySelectorAll(css)].some(e => new RegExp(shape, flags).test(text(e)));
  }} catch {{ return true; }} }};
  const named = need => need.names.some(words => words.every(word => said.includes(word)));
  return {{
    parsed: {PARSED},
    styled: {STYLED},
    title: document.title,
    may: needs.map(need => hidden || need.css.some(has) || named(need)),
  }};
}}"""

_OWN_PSEUDO = re.compile(r""":(?:text-matches|text-is|has-text|text)\((?:'[^']*'|"[^"]*"|[^'")])*\)""")
"""What only Playwright understands; without it a selector finds the same elements, and more."""
_ENDS_IN_TEXT = re.compile(
    r"""(?P<css>[\w.#-]+):text-matches\((?P<q>['"])(?P<shape>.*)(?P=q),\s*['"](?P<flags>\w*)['"]\)"""
)


@dataclass(frozen=True, slots=True)
class Glimpse:
    """``may``: the elements asked for that may be there."""

    parsed: bool
    styled: bool
    title: str
    may: list[str]


class Glimpses:
    """What a page must hold for one of these elements to be there."""

    def __init__(self, profile: Profile, names: Iterable[str]) -> None:
        self._names = list(names)
        self._needs = [_need(profile, name) for name in self._names]

    async def of(self, page: Page) -> Glimpse:
        try:
            seen: dict[str, Any] = await page.evaluate(_GLIMPSE, self._needs)
        except PlaywrightError:  # another document comes already: there, everything may be
            return Glimpse(False, False, await page.title(), self._names)
        may = [name for name, there in zip(self._names, seen["may"], strict=True) if there]
        return Glimpse(seen["parsed"], seen["styled"], seen["title"], may)


def _need(profile: Profile, name: str) -> dict[str, list[Any]]:
    element = profile.element[name]
    css = [_plain_css(c.css) for c in element.candidates if c.css]
    if any(c.xpath for c in element.candidates):
        css.append(("*", "", ""))
    named = any(c.roles or c.label or c.text for c in element.candidates)
    return {"css": css, "names": words_of(element) if named else []}


def words_of(element: Element) -> list[list[str]]:
    """The words of each of its names, as they are compared: something unread may stand between two words."""
    return [[plain(word) for word in name.split()] for names in element.names.values() for name in names]


def _plain_css(css: str) -> tuple[str, str, str]:
    """A selector that any browser understands, and the pattern that a found element's text must fit."""
    if found := _ENDS_IN_TEXT.fullmatch(css):
        return found["css"], found["shape"].replace(r"\\", "\\"), found["flags"]
    return _OWN_PSEUDO.sub("", css), "", ""
