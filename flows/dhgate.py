"""DHgate (敦煌网), seller: 我的敦煌 → 订单管理 → 订单号 → 取消订单 / 申请退款 → 原因 → 提交 → 等待审核.

The documented path step by step (DH1-DH8). The articles say 我的敦煌 and 订单管理 where the console says
我的DHgate and 我的订单; the profile lists both. The forms were never seen: ``agent.page.form`` takes any.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused
from agent.domain.i18n import _
from agent.domain.order import (
    BUYERS_REASON,
    Action,
    Asker,
    Cancellation,
    Commit,
    Order,
    Request,
    SiteReading,
    Verdict,
    Via,
    WaitsFor,
)
from agent.marketplace.flow import Flow
from agent.page.by_meaning import ListedRow
from agent.page.confirmation import asked_first
from agent.page.form import About, Form
from agent.page.lists import Pages, look_for, rows_of, tell_unread
from agent.page.menus import unfold
from agent.page.signs import asked_for, learnt
from agent.page.step import step
from agent.page.together import together


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One order's row in the list."""

    order_id: str
    status: str
    total: str
    items: tuple[str, ...]


class DHgate(Flow):
    """The seller's console at seller.dhgate.com."""

    sign_in_step: ClassVar[str] = "DH1"
    listed_row = "orders.row"
    _at_orders = False
    """The last order was found: its console, its list and its search are as they should be."""
    _of_pages = 1
    """Of the list that is read page by page."""

    async def signed_in_as(self) -> str | None:
        await self.clerk.open("home")
        seen = await self.clerk.see("home.shown_as", "signin.username", "home.signin")
        if seen != "home.shown_as":
            return None
        return self.profile.name_in(await self.clerk.text("home.shown_as"))

    async def open_sign_in(self) -> None:
        await self.clerk.open("front")
        if not await self.clerk.any("signin.username"):  # its own button says 登录 too
            await self.clerk.follow("home.signin", "login")

    @step("DH2", "我的敦煌 → 订单管理", retry=True)
    async def open_orders(self) -> None:
        await self.clerk.open("home")
        async with self.clerk.guarded():
            await self.clerk.follow("nav.my_dhgate", "home")
            await self.clerk.follow("nav.orders", "orders")
            await self.clerk.see("orders.list")

    @step("DH3", "在列表中找到正确的订单", retry=True)
    async def find_row(self, order_no: str) -> _Row:
        """The order's own row. The search may return neighbours; the row must name this order by its link."""
        await self.clerk.open("search", order_no=order_no)
        await look_for(self.clerk, "orders", order_no, searched=True)
        await self.clerk.only("orders.number", order_no=order_no)
        return await self._row(order_no)

    @step("DH4", "点击订单号,查看订单详情", full=True)
    async def open_detail(self, order_no: str, row: _Row) -> Order:
        """The order as its own page shows it; the page must carry the row's id."""
        async with self.clerk.guarded():
            await self.clerk.click("orders.number", order_no=order_no)
            return await self._order(order_no, row)

    async def find(self, wanted: Cancellation) -> Order:
        """The documented path for a run's first order and after any trouble, else the search's address."""
        if not self._at_orders:
            await self.open_orders()
        self._at_orders = False
        order = await self.open_detail(wanted.order_no, await self.find_row(wanted.order_no))
        self._at_orders = True
        return order

    async def _row(self, order_no: str) -> _Row:
        clerk = self.clerk
        await clerk.show("orders.row", order_no=order_no)
        row, status, total, items = await together(
            clerk.about("orders.row", order_no=order_no),
            clerk.text("orders.status", order_no=order_no),
            clerk.late(clerk.text_if, "orders.total", order_no=order_no),
            clerk.texts("orders.items", order_no=order_no),
        )
        order_id = self._order_id(row.attributes.items()) or self._linked_id(row.links)
        if not re.fullmatch(r"[0-9a-f]{32}", order_id):
            raise NeedsHuman(
                _(
                    "the row of {order_no} carries no order id (32 hex digits) but {order_id!r}",
                    order_no=order_no,
                    order_id=order_id,
                ),
                code=Code.NOT_RECOGNISED,
            )
        return _Row(order_id=order_id, status=status, total=total, items=tuple(items))

    def _linked_id(self, links: list[str]) -> str:
        return self._order_id(pair for link in links for pair in asked_for(link))

    def _order_id(self, named: Iterable[tuple[str, str]]) -> str:
        """The one order id among names and values; '' where there is none, or several."""
        found = learnt([*named], "order id", self.profile)
        return found[0] if len(found) == 1 else ""

    async def _order(self, order_no: str, row: _Row) -> Order:
        clerk = self.clerk
        if await clerk.see("detail.order_id", "detail.failure", order_id=row.order_id) == "detail.failure":
            raise Refused(
                _(
                    "order {order_no}: the console says {what}",
                    order_no=order_no,
                    what=await clerk.text("detail.failure"),
                ),
                code=Code.THE_SITE_SAYS_NO,
            )
        await clerk.show()
        status, buyer, deadline, message = await together(
            clerk.text("detail.status"),
            clerk.late(clerk.text_if, "detail.buyer"),
            clerk.text_if("detail.deadline"),
            clerk.text_if("detail.message"),
        )
        meaning = self.profile.meaning(status)
        reading = await self._reading_of(status, "detail")
        asked = reading.asker is Asker.BUYER
        return Order(
            order_no=order_no,
            status=status,
            reading=reading,
            pages=(await self._reading_of(row.status, "list"), reading),
            eligible=meaning.eligible if meaning else True,
            buyer=buyer,
            total=row.total,
            items=row.items,
            ids={"order number": (order_no,), "order id": (row.order_id,)},
            facts={
                "发货截止日期": deadline,
                "买家留言": message,
                **({BUYERS_REASON: await clerk.text_if("detail.reason")} if asked else {}),
            },
        )

    async def prepare(self, wanted: Cancellation, order: Order) -> Commit:
        if wanted.action is Action.CANCEL:
            return await self._form(wanted, order)
        return await self._agree(order)

    @step("DH5", "取消订单 / 申请退款,填写原因", full=True)
    async def _form(self, wanted: Cancellation, order: Order) -> Commit:
        stale = await self.clerk.texts("form.refused")
        async with self.clerk.guarded(form=True), asked_first(self.clerk):
            via = await self._press_control(wanted.via, order)
            seen = await self.clerk.prefer("form.scope", "form.refused", stale=stale)
            if seen == "form.refused":
                words = await self.clerk.text("form.refused")
                raise Refused(
                    _("the console says: {words}", words=words),
                    site_state=order.status,
                    code=Code.THE_SITE_SAYS_NO,
                )
            form = await Form.opened(self.clerk)
            await form.choose(wanted)
            await form.next_step("form.next", "form.submit")
            await form.write("form.note", self.note_for(wanted))
            if via is Via.REFUND:
                await form.pays_all_back("form.full_refund", "form.refund_amount", order.total)
            about = About(order=order, ids=order.ids)
            return await form.commit("form.submit", step="DH6", about=about, via=via)

    async def _press_control(self, via: Via, order: Order) -> Via:
        """Press 取消订单, or 申请退款 where the order offers that alone (or it was asked for)."""
        wishes = {Via.EITHER: (Via.CANCEL, Via.REFUND)}.get(via, (via,))
        controls = {f"detail.{wish.value}": wish for wish in wishes}
        if chosen := await unfold(self.clerk, "detail", tuple(controls)):
            return controls[chosen]
        if control := await self.clerk.first_offered(*controls):
            await self.clerk.click(control)
            return controls[control]
        names = " / ".join(_(self.profile.element[f"detail.{wish.value}"].what) for wish in wishes)
        tip = await self.clerk.text_if("detail.tip")
        raise Refused(
            _(
                "the order offers no {names}: {status} {tip}", names=names, status=order.status, tip=tip
            ).strip(),
            site_state=order.status,
            code=Code.NOT_OFFERED,
        )

    @step("answer", "同意退款", full=True)
    async def _agree(self, order: Order) -> Commit:
        """The form behind 同意退款; pressing that control submits nothing, or is stopped."""
        clerk = self.clerk
        stale = await clerk.texts("form.refused")
        async with clerk.guarded(form=True), asked_first(clerk):
            await clerk.click("detail.agree")
            if await clerk.prefer("agree.scope", "form.refused", stale=stale) == "form.refused":
                words = await clerk.text("form.refused")
                raise Refused(
                    _("the console says: {words}", words=words),
                    site_state=order.status,
                    code=Code.THE_SITE_SAYS_NO,
                )
        form = await Form.opened(clerk, "agree.scope")
        about = About(order=order, ids=order.ids)
        return await form.commit(
            "agree.submit", step="answer", about=about, via=Via.REFUND, action=Action.ACCEPT
        )

    @step("DH8", "联系买家:站内信,主题 PO#订单号", full=True)
    async def letter(self, order: Order, text: str) -> Commit:
        """站内信, from the order's own row; heading, order field and addressee must be this order's."""
        clerk, number = self.clerk, order.order_no
        await clerk.open("search", order_no=number)
        link = await clerk.about("orders.contact", order_no=number)
        query = asked_for(link.attributes.get("href", ""))
        to = dict(query).get("to", "")
        if learnt(query, "order number", self.profile) != (number,) or not to:
            raise NeedsHuman(
                _("the row's 联系买家 does not name order {number} and its buyer", number=number),
                code=Code.NO_SIGN,
            )
        await clerk.point_at("orders.contact", order_no=number)
        await clerk.photograph(name="row")
        async with clerk.guarded(form=True):
            await clerk.click("orders.contact", order_no=number)
            if await clerk.prefer("message.subject", "message.no", order_no=number) == "message.no":
                words = "; ".join(await clerk.texts("message.no"))
                raise NeedsHuman(_("the console says: {what}", what=words), code=Code.THE_SITE_SAYS_NO)
            form = await Form.opened(clerk, "message.scope")
            await form.letter("message.text", text)
            about = About(order=order, ids={"order number": (number,)}, to=to)
            return await form.commit("message.send", step="DH8", about=about, via=Via.EITHER)

    # -- many at once ----------------------------------------------------------------------------------

    async def listed(self) -> AsyncGenerator[Mapping[str, SiteReading], None]:
        """待发货 holds what waits for review, 交易取消 what was approved: no other tab is read."""
        for link_type in ("102", "110"):
            async for rows in self._pages(link_type):
                yield {
                    no: await self._reading_of(row.text("orders.status"), "list") for no, row in rows.items()
                }

    async def _pages(self, link_type: str) -> AsyncGenerator[dict[str, ListedRow], None]:
        """A tab's rows by order number, page by page, to its end. NeedsHuman: the limit of pages."""
        pages = Pages(self.clerk, "orders")
        of = 1
        while pages.looked_at <= of:
            rows, of = await self._page(link_type, pages.looked_at)
            if await pages.came_again():
                return
            yield rows
            if pages.looked_at < of:
                pages.below_the_limit()
            pages.looked_at += 1

    @step("DH7", "等待审核结果:订单列表,逐页", retry=True, picture=False)
    async def _page(self, link_type: str, number: int) -> tuple[dict[str, ListedRow], int]:
        """One page's rows by order number, and how many pages there are: one, where the page does not say."""
        address = "disputes_page" if link_type == "200" else "orders_page"
        await self.clerk.open(address, link_type=link_type, number=str(number))
        await self.clerk.see("orders.list")
        rows = await rows_of(self.clerk, "orders", ("orders.status", "orders.buyer"))
        if number == 1:
            total = re.search(r"\d+", await self.clerk.text_if("orders.count"))
            self._of_pages = math.ceil(int(total[0]) / len(rows)) if total and rows else 1
        return rows, self._of_pages

    async def requests(self) -> list[Request]:
        """The disputes that are refund requests before shipping; the reason stands on each order's page."""
        found: list[tuple[str, ListedRow]] = []
        unread: list[str] = []
        async for rows in self._pages("200"):
            for order_no, row in rows.items():
                reading = await self._reading_of(row.text("orders.status"), "list")
                if reading.verdict is Verdict.UNCLEAR:
                    unread.append(order_no)
                if (reading.asker, reading.waits_for) == (Asker.BUYER, WaitsFor.SELLER):
                    found.append((order_no, row))
        tell_unread(unread)
        return [await self._request(order_no, row) for order_no, row in found]

    async def request_listed(self, order_no: str) -> bool:
        """By its row among the disputes: one that names the buyer, or waits for the seller."""
        async for rows in self._pages("200"):
            if row := rows.get(order_no):
                reading = await self._reading_of(row.text("orders.status"), "list")
                return reading.asker is Asker.BUYER or reading.waits_for is WaitsFor.SELLER
        return False

    @step("DH4", "买家退款申请:订单详情", retry=True)
    async def _request(self, order_no: str, row: ListedRow) -> Request:
        await self.clerk.open("detail", order_id=self._linked_id(row.links))
        await self.clerk.see("detail.status")
        return Request(
            account=self.shop.name, platform=self.profile.platform, order_no=order_no,
            buyer=row.text("orders.buyer") or None, reason=await self.clerk.text_if("detail.reason") or None,
            hours_left=None,  # the console's times name no time zone: no count is made of them
        )  # fmt: skip

    async def read_back(self, wanted: Cancellation, view: str) -> SiteReading:
        return await (self._listed if view == "list" else self._detailed)(wanted.order_no)

    @step("DH7", "等待审核结果:订单列表", retry=True)
    async def _listed(self, order_no: str) -> SiteReading:
        row = await self._searched(order_no)
        if row is None:
            return SiteReading(
                verdict=Verdict.ABSENT, view="list", words=await self.clerk.text_if("orders.empty")
            )
        return await self._reading_of(row.status, "list")

    @step("DH7", "等待审核结果:订单详情", retry=True, full=True)
    async def _detailed(self, order_no: str) -> SiteReading:
        row = await self._searched(order_no)
        if row is None:
            return SiteReading(
                verdict=Verdict.ABSENT, view="detail", words=await self.clerk.text_if("orders.empty")
            )
        await self.clerk.open("detail", order_id=row.order_id)
        order = await self._order(order_no, row)
        tip = await self.clerk.late(self.clerk.text_if, "detail.tip")
        told = self.profile.meaning(tip) if tip else None
        if order.reading.verdict is Verdict.NONE and told and told.verdict is Verdict.DECLINED:
            asker = self.profile.asker(await self.clerk.text_if("detail.asker"), self.shop.role)
            asker = asker or told.asked_by(self.shop.role)
            return SiteReading(verdict=Verdict.DECLINED, view="detail", words=tip, asker=asker)
        return order.reading

    async def _searched(self, order_no: str) -> _Row | None:
        await self.clerk.open("search", order_no=order_no)
        try:
            await look_for(self.clerk, "orders", order_no, searched=True)
        except Refused:
            return None
        return await self._row(order_no)

    async def _reading_of(self, status: str, view: str) -> SiteReading:
        """What the state's words mean, and, on the detail page, who asked and why."""
        meaning = self.profile.meaning(status)
        if meaning is None:
            return SiteReading(verdict=Verdict.UNCLEAR, view=view, words=status)
        asker, reason = meaning.asked_by(self.shop.role), None
        if view == "detail" and meaning.verdict is not Verdict.NONE:
            said_by = await self.clerk.late(self.clerk.text_if, "detail.asker")
            asker = self.profile.asker(said_by, self.shop.role) or asker
            label = await self.clerk.late(self.clerk.text_if, "detail.reason")
            canonical = self.profile.canonical_reason(self.shop.role, label) if label else None
            reason = canonical.value if canonical else None
        return SiteReading(
            verdict=meaning.verdict,
            view=view,
            words=status,
            asker=asker,
            reason=reason,
            waits_for=meaning.waits_for,
            for_person=meaning.for_person,
        )


FLOW = DHgate
