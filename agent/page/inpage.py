"""Reading within the page itself: what plain CSS or a whole text names, and names that are not there.

Playwright brings half a megabyte of its own script into each new document before it finds the first element
(50 ms there, measured; twice where an element is handed over). A page that is only read does without: what
plain CSS or a whole text names is found by the browser's own means, visible as Playwright means it, and what
has a role or a label is known to be absent where the words of its names stand nowhere. Whatever cannot be
told so (a role or label that may be there, a shadow root) is left to Playwright, and so is every click.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as PlaywrightError

from agent.page.glimpse import SAID, words_of
from agent.page.locators import filled
from agent.page.look import marked
from agent.profile.elements import Candidate, Element
from agent.profile.profile import Profile

PIN = "data-unsell-pin"
"""The attribute that tells an element again: all numbers it was given. One that the page redraws has none."""

_PIN_IT = f"""(e, pin) => {{
  e.setAttribute('{PIN}', `${{e.getAttribute('{PIN}') || ''}} ${{pin}}`.trim());
  return e.getRootNode() === document;
}}"""
_ASK = f"""([ask, all, pin]) => {{
  const unknown = {{known: false, texts: []}}, nodes = [...document.querySelectorAll('*')];
  if (nodes.some(e => e.shadowRoot)) return unknown;
  const visible = e => {{
    if (!e.checkVisibility() || getComputedStyle(e).visibility !== 'visible') return false;
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  }};
  const raw = e => {{
    if (e.matches('input[type=button], input[type=submit]')) return e.value;
    if (!e.querySelector('script, style, noscript')) return e.textContent;
    const read = one => one.nodeType === Node.ELEMENT_NODE && !one.matches('script, style, noscript');
    return [...e.childNodes]
      .map(one => one.nodeType === Node.TEXT_NODE ? one.data : read(one) ? raw(one) : '').join('');
  }};
  const text = e => raw(e).replace(/[\\u200b\\u00ad]/g, '').replace(/\\s+/g, ' ').trim();
  const within = (roots, css) => [...new Set(roots.flatMap(root => [...root.querySelectorAll(css)]))];
  const saying = (roots, shape) => {{
    const fits = e => new RegExp(shape, 'i').test(text(e));
    const found = within(roots, '*:not(script, style, noscript, head, head *)').filter(fits);
    return found.filter(e => ![...e.children].some(fits));
  }};
  const mayBe = names => {{
    const said = ({SAID})(nodes);
    return names.some(words => words.every(word => said.includes(word))) || document.querySelector(
      'input[type=submit]:not([value]), input[type=reset]:not([value]), input[type=image]:not([alt])');
  }};
  const hits = (roots, way) => {{
    if (way.inside && within(roots, way.inside).length !== within(roots, way.css).length) return null;
    if (way.css) return within(roots, way.css).filter(e => way.text === null || text(e) === way.text);
    if (way.says) return saying(roots, way.says);
    return way.names && !mayBe(way.names) ? [] : null;
  }};
  const boxless = e => getComputedStyle(e).display === 'contents';
  const seen = (roots, way) => {{
    const found = hits(roots, way);
    return found && !found.some(boxless) ? found.filter(visible) : null;
  }};
  const every = asked => {{
    const roots = asked.within ? every(asked.within) : [document];
    const found = roots && asked.ways.map(way => seen(roots, way));
    return found && !found.includes(null) ? [...new Set(found.flat())] : null;
  }};
  const answer = (found, rank) => {{
    if (pin && found.length === 1) ({_PIN_IT})(found[0], pin);
    return {{known: true, rank, texts: found.map(e => e.innerText)}};
  }};
  const roots = ask.within ? every(ask.within) : [document];
  if (!roots) return unknown;
  if (all) {{
    const found = ask.ways.map(way => seen(roots, way));
    return {{...answer([...new Set(found.flatMap(one => one || []))], 0), known: !found.includes(null)}};
  }}
  for (const [rank, way] of ask.ways.entries()) {{
    const found = seen(roots, way);
    if (found === null) return unknown;
    if (found.length) return answer(found, rank);
  }}
  return answer([], -1);
}}"""
_TEXT_IS = re.compile(r"(?P<css>[^:]+):text-is\('(?P<text>[^']*)'\)")


@dataclass(frozen=True, slots=True)
class Seen:
    """``texts``: of the visible matches, white space folded, by candidate ``rank`` (all: of every candidate).

    ``known`` False: there may be (more) matches that only Playwright finds.
    """

    known: bool
    texts: list[str]
    rank: int = 0


async def ask(
    page: Page, profile: Profile, name: str, values: dict[str, str], *, all_: bool = False, pin: str = ""
) -> Seen:
    """The element's matches, of its best candidate that has any, or ``all_``. ``pin`` marks a single one."""
    try:
        seen: dict[str, Any] = await page.evaluate(_ASK, [_question(profile, name, values), all_, pin])
    except PlaywrightError as error:
        if page.is_closed() or "closed" in error.message:
            raise
        return Seen(False, [])  # a selector of Playwright's own, or another document comes already
    texts = [" ".join(text.split()) for text in seen["texts"]]
    return Seen(seen["known"], texts, seen.get("rank", 0))


def pinned(pin: str) -> str:
    """The selector of the one element that was given this pin."""
    return f"[{PIN}~='{pin}']"


async def pin_down(found: ElementHandle, pin: str) -> bool:
    """Pin what Playwright found. False: no selector of the page reaches it (a shadow root, or it is gone)."""
    within_sight: bool = await found.evaluate(_PIN_IT, pin)
    return within_sight


def _question(profile: Profile, name: str, values: dict[str, str]) -> dict[str, Any]:
    element = profile.element[name]
    return {
        "within": _question(profile, element.within, values) if element.within else None,
        "ways": [_way(name, element, candidate, values) for candidate in element.candidates],
    }


def _way(name: str, element: Element, how: Candidate, values: dict[str, str]) -> dict[str, Any]:
    """CSS that any browser understands, a pattern of the whole text, or the words that it cannot do without.

    ``inside``: Playwright counts nothing outside the scope; where the browser finds more, who knows which.
    Nothing: the page cannot tell.
    """
    if how.means:
        return {"css": marked(name, element, values), "text": None}
    if how.css:
        css = filled(how.css, values)
        if element.within and _reaches_out(css):
            return {} if "," in css else {"css": css, "text": None, "inside": f":scope {css}"}
        found = _TEXT_IS.fullmatch(css)
        return {"css": found["css"], "text": found["text"]} if found else {"css": css, "text": None}
    if how.text:
        return {"says": element.name_pattern().pattern}
    return {} if how.xpath else {"names": words_of(element)}


def _reaches_out(css: str) -> bool:
    """Whether a part of it may be matched by what lies outside the element that it is looked for in."""
    bare = re.sub(r"\[[^\]]*\]|\([^()]*\)", "", css)
    return any(re.search(r"[\s>+~]", part.strip()) for part in bare.split(","))
