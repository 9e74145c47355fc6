"""Northgoods, seller: sign in, find the sale, open it, call it off. The whole of a small platform's flow."""

from __future__ import annotations

from typing import ClassVar

from agent.domain.codes import Code
from agent.domain.errors import Refused
from agent.domain.i18n import _
from agent.domain.order import Cancellation, Commit, Order, SiteReading, Verdict, Via
from agent.marketplace.flow import Flow
from agent.page.form import About, Form
from agent.page.step import step


class Northgoods(Flow):
    """The seller's pages at www.northgoods.test."""

    sign_in_step: ClassVar[str] = "NG1"

    async def signed_in_as(self) -> str | None:
        await self.clerk.open("home")
        if await self.clerk.see("home.shown_as", "home.signin") == "home.signin":
            return None
        return self.profile.name_in(await self.clerk.text("home.shown_as"))

    async def open_sign_in(self) -> None:
        await self.clerk.open("home")
        await self.clerk.click("home.signin")

    @step("NG2", "Find the sale", retry=True)
    async def _find_row(self, order_no: str) -> str:
        """The state in the list. Refused: no such sale."""
        await self.clerk.open("orders", order_no=order_no)
        await self.clerk.see("sales.list")
        if await self.clerk.prefer("sales.row", "sales.none", order_no=order_no) == "sales.none":
            raise Refused(_("order {order_no} is not found", order_no=order_no), code=Code.NOT_FOUND)
        return await self.clerk.text("sales.status", order_no=order_no)

    @step("NG3", "Open the sale", full=True)
    async def _open(self, order_no: str, listed: str) -> Order:
        async with self.clerk.guarded():
            await self.clerk.click("sales.number", order_no=order_no)
            await self.clerk.see("sale.number")
        status = await self.clerk.text("sale.status")
        reading = self._reading(status, "detail")
        return Order(
            order_no=await self.clerk.text("sale.number"),
            status=status,
            reading=reading,
            pages=(self._reading(listed, "list"), reading),
            buyer=await self.clerk.text("sale.buyer"),
            total=await self.clerk.text("sale.total"),
            ids={"order number": (order_no,)},
        )

    async def find(self, wanted: Cancellation) -> Order:
        return await self._open(wanted.order_no, await self._find_row(wanted.order_no))

    @step("NG4", "Fill in the form", full=True)
    async def prepare(self, wanted: Cancellation, order: Order) -> Commit:
        async with self.clerk.guarded(form=True):
            await self.clerk.click("sale.cancel")
            await self.clerk.see("form.scope")
        form = await Form.opened(self.clerk)
        await form.choose(wanted)
        await form.write("form.note", self.note_for(wanted))
        about = About(order=order, ids=order.ids)
        return await form.commit("form.submit", step="NG5", about=about, via=Via.CANCEL)

    async def read_back(self, wanted: Cancellation, view: str) -> SiteReading:
        try:
            listed = await self._find_row(wanted.order_no)
        except Refused:
            return SiteReading(verdict=Verdict.ABSENT, view=view, words="")
        if view == "list":
            return self._reading(listed, view)
        return (await self._open(wanted.order_no, listed)).reading

    def _reading(self, status: str, view: str) -> SiteReading:
        meant = self.profile.meaning(status)
        if meant is None:
            return SiteReading(verdict=Verdict.UNCLEAR, view=view, words=status)
        asker = meant.asked_by(self.shop.role)
        return SiteReading(
            verdict=meant.verdict, view=view, words=status, asker=asker, waits_for=meant.waits_for
        )


FLOW = Northgoods
