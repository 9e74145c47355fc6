"""What eBay's pages say of orders: lists and details, read back; the buyers' requests. Presses nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused
from agent.domain.i18n import _
from agent.domain.money import AMOUNT
from agent.domain.order import Asker, Cancellation, Order, Request, Role, SiteReading, Verdict, WaitsFor
from agent.marketplace.flow import Flow
from agent.page.by_meaning import ListedRow
from agent.page.lists import Pages, look_for, numbers_on, rows_of, tell_unread
from agent.page.signs import ITEM
from agent.page.step import step
from agent.page.together import together

_CANCEL_PARTS = ("cancels.status", "cancels.reason", "cancels.asker", "cancels.buyer", "cancels.hours")


class EbayPages(Flow):
    """Reading alone; the ways to a commit are in ``flows/ebay.py``."""

    area = "hub"
    """Where the order was found: hub (Seller Hub), sold (My eBay > Sold) or purchases."""

    async def _turn_to(self, area: str, order_no: str) -> None:
        """Turn the pages of a list over until the order's row is there. Refused, NeedsHuman: ``look_for``."""
        await look_for(self.clerk, area, order_no)
        await self.clerk.point_at(f"{area}.row", order_no=order_no)

    async def read_back(self, wanted: Cancellation, view: str) -> SiteReading:
        if self.shop.role is Role.BUYER:
            return await (self._listed_purchase if view == "list" else self._purchase_page)(wanted.order_no)
        if view == "list":
            return await self._listed_cancellation(wanted.order_no)
        return await self._order_page(wanted.order_no)

    @step("read-back", "Seller Hub → Cancellations, or My eBay → Sold", retry=True)
    async def _listed_cancellation(self, order_no: str) -> SiteReading:
        clerk = self.clerk
        await clerk.open("hub_cancellations")
        try:
            if await look_for(clerk, "cancels", order_no, instead=("page.error",)) == "page.error":
                return await self._listed_sold(order_no)
        except Refused:
            return await self._listed_order(order_no)
        await clerk.show("cancels.row", order_no=order_no)
        status, reason, asker, hours = await together(
            clerk.text("cancels.status", order_no=order_no),
            clerk.late(clerk.text_if, "cancels.reason", order_no=order_no),
            clerk.late(clerk.text_if, "cancels.asker", order_no=order_no),
            clerk.text_if("cancels.hours", order_no=order_no),
        )
        return self._reading(status, "list", reason=reason, asker=asker, hours=hours)

    async def _listed_order(self, order_no: str) -> SiteReading:
        """Not among the cancellations proves nothing: what the order's own row in Seller Hub says does."""
        self.area = "hub"
        await self.clerk.open("hub_search", order_no=order_no)
        try:
            seen = await look_for(self.clerk, "hub", order_no, instead=("page.error",), searched=True)
        except Refused:
            seen = ""
        if seen != "hub.row":
            return SiteReading(verdict=Verdict.ABSENT, view="list", words=_("not in Seller Hub"))
        await self.clerk.point_at("hub.row", order_no=order_no)
        return self._reading(await self.clerk.text("hub.status", order_no=order_no), "list")

    async def _listed_sold(self, order_no: str) -> SiteReading:
        """A shop without Seller Hub: the state in My eBay > Sold."""
        self.area = "sold"
        await self.clerk.open("sold")
        try:
            await self._turn_to("sold", order_no)
        except Refused as error:
            return SiteReading(verdict=Verdict.ABSENT, view="list", words=str(error))
        return self._reading(await self.clerk.text("sold.status", order_no=order_no), "list")

    @step("read-back", "the order's own page → cancellation details", retry=True, full=True)
    async def _order_page(self, order_no: str) -> SiteReading:
        clerk = self.clerk
        await clerk.open("hub_order", order_no=order_no)
        seen = await clerk.see("page.not_found", "page.error", "order.page", order_no=order_no)
        if seen == "page.error":
            return await self._details_by_item(order_no)
        return await self._details(order_no, found=seen == "order.page")

    @step("EB4", "Purchase history: what became of the request", retry=True)
    async def _listed_purchase(self, order_no: str) -> SiteReading:
        self.area = "purchases"
        await self.clerk.open("purchases")
        try:
            await self._turn_to("purchases", order_no)
        except Refused as error:
            return SiteReading(verdict=Verdict.ABSENT, view="list", words=str(error))
        return self._reading(await self.clerk.text("purchases.status", order_no=order_no), "list")

    @step("EB4", "the purchase's own page → cancellation details", retry=True, full=True)
    async def _purchase_page(self, order_no: str) -> SiteReading:
        await self.clerk.open("purchase", order_no=order_no)
        seen = await self.clerk.see("page.not_found", "page.error", "order.page", order_no=order_no)
        return await self._details(order_no, found=seen == "order.page")

    async def _details_by_item(self, order_no: str) -> SiteReading:
        """A shop without Seller Hub: the details page by the ids of the card's own link."""
        reading = await self._listed_sold(order_no)
        if reading.verdict is Verdict.ABSENT:
            return reading
        async with self.clerk.guarded():
            await self.clerk.open_menu("sold.menu", "menu.open", order_no=order_no)
        if not await self.clerk.late(self.clerk.maybe, "menu.details"):
            # The card is the list again: it may show a cancellation, and is no second page that shows none.
            if reading.verdict is not Verdict.NONE:
                return replace(reading, view="detail")
            words = _("{words} (the list's card again, which offers no page of its own)", words=reading.words)
            return SiteReading(verdict=Verdict.UNCLEAR, view="detail", words=words)
        self.clerk.focus = None
        await self.clerk.turn("menu.details")
        return await self._details_reading(order_no)

    async def _details(self, order_no: str, *, found: bool) -> SiteReading:
        """From the order's page to its cancellation, where there is one."""
        if not found:
            return SiteReading(verdict=Verdict.ABSENT, view="detail", words=_("order not found"))
        status = await self.clerk.text("order.status")
        if not await self.clerk.late(self.clerk.maybe, "order.details"):
            return self._reading(status, "detail")
        await self.clerk.turn("order.details")
        return await self._details_reading(order_no)

    async def _details_reading(self, order_no: str) -> SiteReading:
        """/Cancel/Details counts only when it names this order and no other (ebay.md 1.2.6)."""
        await self.clerk.see("details.page", order_no=order_no)
        text = await (await self.clerk.only("details.page", order_no=order_no)).inner_text()
        numbers = set(re.findall(rf"(?<![\d-])(?:{self.profile.order_no})(?![\d-])", text))
        if numbers != {order_no}:
            return SiteReading(
                verdict=Verdict.UNCLEAR,
                view="detail",
                words=_("the page names {numbers}", numbers=sorted(numbers)),
            )
        return self._reading(
            await self.clerk.text("details.status", order_no=order_no), "detail",
            reason=await self.clerk.late(self.clerk.text_if, "details.reason"),
            asker=await self.clerk.late(self.clerk.text_if, "details.asker"),
        )  # fmt: skip

    def _reading(
        self, status: str, view: str, *, reason: str = "", asker: str = "", hours: str = ""
    ) -> SiteReading:
        """What the words mean: the state, who asked, why, and the hours left to answer."""
        meaning = self.profile.meaning(status)
        if meaning is None:
            return SiteReading(verdict=Verdict.UNCLEAR, view=view, words=status)
        canonical = self.profile.canonical_reason(self.shop.role, reason) if reason else None
        return SiteReading(
            verdict=meaning.verdict,
            view=view,
            words=status,
            asker=self._asker(asker) or meaning.asked_by(self.shop.role),
            reason=canonical.value if canonical else None,
            waits_for=meaning.waits_for,
            for_person=meaning.for_person,
            hours_left=hours_in(hours),
        )

    def _asker(self, shown: str) -> Asker | None:
        """Who asked, by the page's own column; None where that is empty (or a dash)."""
        return self.profile.asker(shown, self.shop.role) if re.search(r"\w", shown) else None

    @step("find", "the account's list, searched for the item: does it have other orders?", retry=True)
    async def _is_alone(self, order: Order) -> bool:
        """Whether the account's list, unfiltered, shows this order alone for its one item. Only reads."""
        clerk, number, items = self.clerk, order.order_no, order.ids[ITEM]
        if len(items) != 1:
            return False
        await clerk.close_popups()
        if self.area != "hub":
            await clerk.open(self.area)
            return await self._no_other_card(items[0], number)
        await clerk.open("hub_all")  # an earlier search may be kept
        await clerk.open("hub_search", order_no=items[0])
        await clerk.settle()
        if await clerk.maybe("hub.row", order_no=number) and await numbers_on(clerk) == {number}:
            return not await clerk.maybe("hub.next")
        await clerk.open("hub_all")  # the search may not look for items: all pages of the list, then
        return await self._no_other_card(items[0], number)

    async def _no_other_card(self, item: str, number: str) -> bool:
        """Whether no card of the whole list but the order's own leads to the item."""
        pages, shape = Pages(self.clerk, self.area), f"a[href*='/itm/'][href*='{item}']"
        own = 0
        while True:
            await self.clerk.see(f"{self.area}.list")
            await self.clerk.settle()
            links = await self.clerk.page.locator(shape).count()
            await self.clerk.maybe(f"{self.area}.row", order_no=number)  # by what it means, where need be
            row = self.clerk.locators.union(self.clerk.page, f"{self.area}.row", order_no=number)
            here = await row.locator(shape).count()
            own += here
            if links != here or await pages.came_again():
                return False
            if not await pages.turn():
                return own > 0

    # -- many at once ----------------------------------------------------------------------------------

    async def listed(self) -> AsyncGenerator[Mapping[str, SiteReading], None]:
        area = "purchases" if self.shop.role is Role.BUYER else "cancels"
        async for rows in self._pages(area):
            yield self._readings(area, rows)

    async def _pages(self, area: str) -> AsyncGenerator[dict[str, ListedRow], None]:
        """A list's rows, page by page, to its end. NeedsHuman: the limit of pages."""
        rows = await self._first_page(area)
        pages = Pages(self.clerk, area)
        while rows is not None and not await pages.came_again():
            yield rows
            rows = await self._next_page(area) if await pages.turn() else None

    @property
    def listed_row(self) -> str:
        return "purchases.row" if self.shop.role is Role.BUYER else "cancels.row"

    @step("read-back", "the list, page by page", retry=True, picture=False)
    async def _first_page(self, area: str) -> dict[str, ListedRow] | None:
        """None: this shop has no such list."""
        await self.clerk.open("purchases" if area == "purchases" else "hub_cancellations")
        if await self.clerk.see("page.error", f"{area}.list") == "page.error":
            return None
        return await self._rows(area)

    @step("read-back", "the list's next page", picture=False)
    async def _next_page(self, area: str) -> dict[str, ListedRow]:
        await self.clerk.see(f"{area}.list")
        return await self._rows(area)

    async def _rows(self, area: str) -> dict[str, ListedRow]:
        """Of the page in hand, once it has settled: a row that comes later would not be read."""
        return await rows_of(self.clerk, area, _CANCEL_PARTS if area == "cancels" else ("purchases.status",))

    def _readings(self, area: str, rows: dict[str, ListedRow]) -> dict[str, SiteReading]:
        """By order; one that shows two states is left out."""
        found: dict[str, SiteReading] = {}
        for number, row in rows.items():
            if status := row.texts[f"{area}.status"]:
                said = ("cancels.reason", "cancels.asker") if area == "cancels" else ()
                reason, asker = (row.text(part) for part in said) if said else ("", "")
                found[number] = self._reading(status, "list", reason=reason, asker=asker)
        return found

    async def requests(self) -> list[Request]:
        """The open ones of Seller Hub's cancellations. NeedsHuman: this shop has no Seller Hub."""
        found: list[Request] = []
        unread: list[str] = []
        lists = 0
        async for rows in self._pages("cancels"):
            lists += 1
            readings = self._readings("cancels", rows)
            unread += [no for no in rows if no not in readings or readings[no].verdict is Verdict.UNCLEAR]
            waiting = [number for number, reading in readings.items() if _waits_for_the_seller(reading)]
            found += [self._request(number, rows[number]) for number in waiting]
        if not lists:
            raise NeedsHuman(
                _("this shop has no Seller Hub: look at the buyers' requests in the console"),
                code=Code.LEFT_TO_A_PERSON,
            )
        tell_unread(unread)
        return found

    @step("read-back", "Seller Hub → Cancellations: is a buyer's request listed?", retry=True)
    async def request_listed(self, order_no: str) -> bool:
        """By its row, which names the buyer or offers Accept. A shop without Seller Hub has no such list."""
        if self.shop.role is Role.BUYER:
            return False
        clerk = self.clerk
        await clerk.open("hub_cancellations")
        try:
            if await look_for(clerk, "cancels", order_no, instead=("page.error",)) == "page.error":
                return False
        except Refused:
            return False
        asker = self._asker(await clerk.late(clerk.text_if, "cancels.asker", order_no=order_no))
        return asker is Asker.BUYER or await clerk.any("respond.accept", order_no=order_no)

    def _request(self, order_no: str, row: ListedRow) -> Request:
        return Request(
            account=self.shop.name, platform=self.profile.platform, order_no=order_no,
            buyer=row.text("cancels.buyer") or None, reason=row.text("cancels.reason") or None,
            hours_left=hours_in(row.text("cancels.hours")),
        )  # fmt: skip


def total_in(details: str) -> str:
    """The first amount of a card's details ("Order date 26.11.2026 Order total 41,20 €"); '' when none."""
    if found := AMOUNT.search(details):
        return found[0].strip()
    bare = r"(?<![\d.,/-])\d(?:[\d.,'’]*\d)?[.,]\d{2}(?![\d.,/-])"
    dated = r"\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    return next((one for one in re.findall(bare, details) if not re.fullmatch(dated, one)), "")


_HOURS = {
    24: re.compile(r"(?<![月\d])(\d+)\s*(?:d\b|days?|Tage?n?|T\b|天|日)", re.IGNORECASE),
    1: re.compile(r"(\d+)\s*(?:h\b|hrs?|hours?|Std|Stunden?|小时|小時|个小时|時)", re.IGNORECASE),
}
_MINUTES = re.compile(r"(\d+)\s*(?:m\b|min|分)", re.IGNORECASE)


def hours_in(text: str) -> int | None:
    """The whole hours that a text like "2 days 5 hours left" leaves; None where it tells none."""
    found = {hours: shape.search(text) for hours, shape in _HOURS.items()}
    if any(found.values()):
        return sum(hours * int(match[1]) for hours, match in found.items() if match)
    if _MINUTES.search(text):
        return 0
    return int(text) if re.fullmatch(r"\s*\d+\s*", text) else None


def _waits_for_the_seller(reading: SiteReading) -> bool:
    """Also one that names nobody: a seller's own request never waits for the seller."""
    waits = (reading.verdict, reading.waits_for) == (Verdict.PENDING, WaitsFor.SELLER)
    return waits and reading.asker is not Asker.SELLER
