"""Looking through a list for one order, page by page.

"Not found" is said by the page: by the words of an empty list, or by other rows for this very search. In
doubt the same page is loaded a second time, and looked at for longer. A list that does not end is no proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from loguru import logger

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused
from agent.domain.i18n import _
from agent.page.by_meaning import ListedRow
from agent.page.clerk import Clerk
from agent.page.reader import LONG_GRACE

MOST_PAGES = 50
"""Pages of one list that are looked through."""

_NUMBERS = """shape => {
  const whole = new RegExp(`^\\\\s*(?:[^:：]*[:：#]\\\\s*)?(${shape})\\\\s*$`, 'u'), found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode, fits = whole.exec(node.data), at = node.parentElement;
    if (fits && at.checkVisibility() && !at.closest('script, style, a[href*="/itm/"]')) found.add(fits[1]);
  }
  return [...found];
}"""
"""The order numbers that stand on the page as texts of their own, alone or behind a label."""


async def rows_of(clerk: Clerk, area: str, parts: Sequence[str]) -> dict[str, ListedRow]:
    """The rows of the list in hand, by order number, once the page has settled; {}: it says that it is empty.

    NeedsHuman: it shows no row and does not say so, also after a longer look. A row may come late, or be in a
    markup in which it cannot be told; "none" is for the page to say.
    """
    await clerk.settle()
    row, empty = f"{area}.row", f"{area}.empty"
    rows = await clerk.by_meaning.rows(clerk.page, row, parts)
    if not rows and not await clerk.appears(empty, LONG_GRACE):
        rows = await clerk.by_meaning.rows(clerk.page, row, parts)
        if not rows:
            raise _neither_rows_nor_none(clerk, empty)
    return rows


class Pages:
    """One list's pages, turned over one after another. ``area``: whose ``.next`` leads on."""

    def __init__(self, clerk: Clerk, area: str) -> None:
        self._clerk = clerk
        self._next = f"{area}.next"
        self._seen: set[frozenset[str]] = set()
        self.looked_at = 1

    async def turn(self) -> bool:
        """Go on to the next page. False: there is none. NeedsHuman: the limit of pages."""
        control = await self._clerk.late(self._clerk.maybe, self._next)
        if not control or await control.is_disabled():
            return False
        self.below_the_limit()
        await self._clerk.turn(self._next)
        self.looked_at += 1
        return True

    def below_the_limit(self) -> None:
        if self.looked_at >= MOST_PAGES:
            raise NeedsHuman(
                _(
                    "{pages} pages of the list were looked at, and it goes on: look at the rest of it in the "
                    "console",
                    pages=self.looked_at,
                ),
                code=Code.NOT_RECOGNISED,
            )

    async def came_again(self) -> bool:
        """Whether the page in hand shows the orders of one before it. To be asked of each page."""
        orders = frozenset(await numbers_on(self._clerk) or {await self._clerk.page.inner_text("body")})
        came_again = orders in self._seen
        self._seen.add(orders)
        return came_again


async def look_for(
    clerk: Clerk, area: str, order_no: str, *, instead: tuple[str, ...] = (), searched: bool = False
) -> str:
    """Look through the list in hand for the order's row: its name, or the one of ``instead`` that is there.

    ``searched``: the page is said to hold what was searched for, this number. Refused: the list does not hold
    it. NeedsHuman: that cannot be told (a limit, a search that does not search, a row in other markup).
    """
    row, list_, empty = f"{area}.row", f"{area}.list", f"{area}.empty"
    ends = [name for name in (list_, empty) if name in clerk.profile.element]
    pages, strangers = Pages(clerk, area), set[str]()
    while True:
        seen = await clerk.prefer(row, *instead, *ends, order_no=order_no)
        if seen in ends and not await _says_so(clerk, area, order_no, searched=searched and not strangers):
            await clerk.load_again()
            seen = await clerk.prefer(row, *instead, *ends, grace=LONG_GRACE, order_no=order_no)
        if seen not in ends:
            return seen
        there = await numbers_on(clerk)
        if order_no in there:
            raise _in_no_row(clerk, row, order_no)
        strangers |= {number for number in there if order_no not in number}
        if await pages.came_again():
            raise _goes_in_circles(pages.looked_at, order_no)
        if not await pages.turn():
            break
    if searched and strangers:
        raise _no_search(strangers, order_no)
    words = "; ".join(await clerk.texts(empty)) if empty in ends else ""
    raise Refused(
        _("order {order_no} is not found in this account: {words}", order_no=order_no, words=words)
        if words
        else _("order {order_no} is not found in this account", order_no=order_no),
        code=Code.NOT_FOUND,
    )


async def _says_so(clerk: Clerk, area: str, order_no: str, *, searched: bool) -> bool:
    """Whether the settled page says by itself that the order is not on it."""
    others = await numbers_on(clerk) - {order_no}
    empty = f"{area}.empty"
    if not others and empty in clerk.profile.element and await clerk.any(empty):
        return not searched or order_no in clerk.page.url
    return bool(others) and (not searched or all(order_no in number for number in others))


def _in_no_row(clerk: Clerk, row: str, order_no: str) -> NeedsHuman:
    what = clerk.profile.element[row].what
    return NeedsHuman(
        _("{order_no} stands on the page, but not in {what} as it is known", order_no=order_no, what=_(what)),
        code=Code.NOT_RECOGNISED,
        mend=f"""[element."{row}"]
what = "{what}"
candidates = [{{ css = "SELECTOR OF A ROW:has(a[href*='{{order_no}}'])" }}]
mark = "B"
source = "seen on the page"
""",
    )


def tell_unread(numbers: Sequence[str]) -> None:
    """Say which rows of a list were not understood: what is made of the others is not the whole list."""
    if numbers:
        logger.warning(
            _(
                "{count} rows of the list are not understood, look at them in the console: {numbers}",
                count=len(numbers),
                numbers=", ".join(numbers),
            )
        )


def _neither_rows_nor_none(clerk: Clerk, empty: str) -> NeedsHuman:
    return NeedsHuman(
        _(
            "the list shows no order that can be told, and does not say that it is empty: {url}",
            url=clerk.page.url,
        ),
        code=Code.NOT_RECOGNISED,
        mend=f"""# only where the list is empty
[element."{empty}"]
what = "{clerk.profile.element[empty].what}"
candidates = [{{ text = true }}]
names.{clerk.profile.languages[0]} = ["THE WORDS THAT THE EMPTY LIST SHOWS"]
mark = "B"
source = "seen on the page"
""",
    )


def _goes_in_circles(pages: int, order_no: str) -> NeedsHuman:
    return NeedsHuman(
        _(
            "{pages} pages of the list were looked at, and the last shows the same orders as one before: "
            "whether {order_no} is in this account cannot be told; look for it in the console",
            pages=pages,
            order_no=order_no,
        ),
        code=Code.NOT_RECOGNISED,
    )


def _no_search(strangers: set[str], order_no: str) -> NeedsHuman:
    return NeedsHuman(
        _(
            "the search for {order_no} shows other orders ({others}): it did not look for this number, and "
            "whether it is in this account cannot be told; look for it in the console",
            order_no=order_no,
            others=", ".join(sorted(strangers)[:5]),
        ),
        code=Code.NOT_RECOGNISED,
    )


async def numbers_on(clerk: Clerk) -> set[str]:
    """The order numbers that stand there as texts of their own."""
    found: list[str] = await clerk.page.evaluate(_NUMBERS, clerk.profile.order_no)
    return set(found)
