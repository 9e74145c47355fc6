"""One look at a page, and marks on what was found there: the bridge between a ``View`` and the browser.

``look.js`` runs in an isolated world: it sees the page's document, and the page's scripts cannot reach it.
What a view's reading has chosen is marked by an attribute, which any selector can name; what the page redraws
loses it, and a copy of it makes two matches where one is needed.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from loguru import logger
from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from agent.domain.errors import TechnicalError, first_line
from agent.domain.i18n import _
from agent.page.view import Node, View
from agent.profile.elements import Element

MARK = "data-unsell-is"
"""The attribute that names what an element was found to be, for the selectors of one look."""
_WORLD = "unsell"
_LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
_SET = f"""(tokens, marks) => {{
  const has = e => (e.getAttribute('{MARK}') || '').split(' ').filter(one => one);
  for (const e of unsellSeen) if (e && e.hasAttribute('{MARK}'))
    e.setAttribute('{MARK}', has(e).filter(one => !tokens.includes(one)).join(' '));
  for (const [index, token] of marks) {{
    const e = unsellSeen[index];
    if (e) e.setAttribute('{MARK}', [...has(e), token].join(' '));
  }}
}}"""

_BY_CSS = """(rows, parts) => {
  const all = (row, css) => { try { return [...row.querySelectorAll(css)]; } catch { return []; } };
  const one = (row, ways) => {
    for (const css of ways) {
      const hits = all(row, css).filter(e => e.getClientRects().length > 0);
      if (hits.length) return hits.map(e => unsellSeen.indexOf(e));
    }
    return [];
  };
  const inside = row => Object.entries(parts).map(([part, ways]) => [part, one(row, ways)]);
  return rows.map(index => Object.fromEntries(inside(unsellSeen[index])));
}"""
"""In each of these nodes of the last look: by part, the visible matches of the first way that has any."""


def token_of(name: str, element: Element, values: Mapping[str, str]) -> str:
    """What an element that was found by meaning is marked with; only a row or page depends on the values."""
    if not any(one.means in ("row", "page") for one in element.candidates):
        return name
    return ":".join([name, *(f"{key}={value}" for key, value in sorted(values.items()))])


def marked(name: str, element: Element, values: Mapping[str, str]) -> str:
    """The selector of what was marked so."""
    return f"[{MARK}~={json.dumps(token_of(name, element, values))}]"


class Looks:
    """Looks at pages. One CDP session a page, one isolated world a document."""

    def __init__(self) -> None:
        self._sessions: weakref.WeakKeyDictionary[Page, CDPSession] = weakref.WeakKeyDictionary()

    async def at(self, page: Page) -> View:
        """The page as it is now. TechnicalError: it went away while it was looked at, or is no document."""
        return View.of(await self._run(page, f"({_LOOK})()"))

    async def mark(self, page: Page, found: Mapping[str, Sequence[Node]]) -> None:
        """Mark the nodes of the last look by these tokens, and no others any more."""
        marks = [[node.index, token] for token, nodes in found.items() for node in nodes]
        await self._run(page, f"({_SET})({json.dumps(list(found))}, {json.dumps(marks)}) || ''")

    async def by_css(
        self, page: Page, rows: Sequence[Node], parts: Mapping[str, Sequence[str]]
    ) -> list[dict[str, list[int]]]:
        """In each of these nodes of the last look, by part: the indexes of what the first selector finds."""
        asked = f"({_BY_CSS})({json.dumps([row.index for row in rows])}, {json.dumps(parts)})"
        found: list[dict[str, list[int]]] = json.loads(await self._run(page, f"JSON.stringify({asked})"))
        return found

    async def _run(self, page: Page, script: str) -> str:
        try:
            session = self._sessions.get(page)
            if session is None:
                session = self._sessions[page] = await page.context.new_cdp_session(page)
            world = await session.send(
                "Page.createIsolatedWorld",
                {"frameId": await _main_frame(session), "worldName": _WORLD},
            )
            answer = await session.send(
                "Runtime.evaluate",
                {"expression": script, "contextId": world["executionContextId"], "returnByValue": True},
            )
        except PlaywrightError as error:
            raise TechnicalError(
                _("the page went away while it was looked at: {error}", error=first_line(error))
            ) from error
        if "exceptionDetails" in answer:
            why = answer["exceptionDetails"].get("exception", {}).get("description", "")
            logger.warning("a look at {} failed: {}", page.url, why)
            raise TechnicalError(_("the page cannot be looked at: {url}", url=page.url))
        return str(answer["result"].get("value", ""))


async def _main_frame(session: CDPSession) -> str:
    tree = await session.send("Page.getFrameTree")
    return str(tree["frameTree"]["frame"]["id"])
