"""The rows of a list page, all at once: one look at the page, however many orders stand on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.clerk import Clerk

_ROWS = """(rows, parts) => rows.map(row => {
  const text = e => e.innerText.split(/\\s+/).join(' ').trim();
  const one = ways => {
    for (const css of ways) {
      const hits = [...row.querySelectorAll(css)].filter(e => e.getClientRects().length > 0);
      if (hits.length) return hits.length === 1 ? text(hits[0]) : null;
    }
    return '';
  };
  return {
    links: [...row.querySelectorAll('a[href]')].map(a => a.href),
    data: {...row.dataset},
    texts: Object.fromEntries(Object.entries(parts).map(([name, ways]) => [name, one(ways)])),
  };
})"""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row: where its links lead, and by element its one match's text; None where several match."""

    links: list[str]
    data: dict[str, str]
    """The row's own ``data-…`` attributes, without the ``data-``."""
    texts: dict[str, str | None]

    def text(self, element: str) -> str:
        return self.texts[element] or ""


async def rows_of(clerk: Clerk, name: str, *parts: str) -> list[ListedRow]:
    """The visible rows of the page in hand. ``parts``: elements inside a row, found by plain CSS alone."""
    ways = {part: [c.css for c in clerk.profile.element[part].candidates if c.css] for part in parts}
    found: list[dict[str, Any]] = await clerk.locators.union(clerk.page, name).evaluate_all(_ROWS, ways)
    return [ListedRow(**row) for row in found]
