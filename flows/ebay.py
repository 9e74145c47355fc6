"""eBay: the seller by Seller Hub or the Resolution Center (ES1-ES4), the buyer by purchase history (EB1-EB4).

The seller takes Seller Hub first, and the classic way where Seller Hub is not there or the menu offers
"Resolve a problem" instead. The cancel form's markup was never seen: ``agent.page.form`` takes any kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused
from agent.domain.i18n import _
from agent.domain.order import BUYERS_REASON, Action, Cancellation, Commit, Order, Role, Via
from agent.page.confirmation import asked_first
from agent.page.form import About, Form
from agent.page.lists import look_for
from agent.page.signs import ITEM, Ids, asked_for, contradicts, kinds_of, learnt
from agent.page.step import step
from agent.page.together import together
from agent.page.wizard import go_on
from flows._ebay_pages import EbayPages, total_in


class Ebay(EbayPages):
    """The consoles at www.<site>, order.<site> and resolutioncenter.<site>."""

    sign_in_step: ClassVar[str] = "sign-in"
    _notices: Sequence[str] = ()
    """Notices that stood on the page before the menu's entry was pressed: they say nothing of the form."""
    _ids: Ids = MappingProxyType({})
    """The order's ids, with what the entry that was pressed told of its transaction."""
    _link: Sequence[tuple[str, str]] = ()
    """Names and values of the link that opened the form."""
    _stepped = False
    """The form was reached through the Resolution Center's steps."""
    _alone = False
    """The order's item has no other order."""
    _buyers_reason = ""
    _request_says = ""

    async def signed_in_as(self) -> str | None:
        await self.clerk.open("home")
        if await self.clerk.see("home.shown_as", "home.signin", "signin.username") != "home.shown_as":
            return None
        return self.profile.name_in(await self.clerk.text("home.shown_as"))

    async def open_sign_in(self) -> None:
        await self.clerk.open("signin")

    # -- find ------------------------------------------------------------------------------------------

    async def find(self, wanted: Cancellation) -> Order:
        if self.shop.role is Role.BUYER:
            return await self._find_purchase(wanted.order_no)
        if await self._open_hub(wanted.order_no):
            return await self._order(wanted.order_no)
        return await self._find_sold(wanted.order_no)

    @step("ES1", "My eBay → Sold: Seller Hub, orders", retry=True)
    async def _open_hub(self, order_no: str) -> bool:
        """Seller Hub with the order searched for. False: this shop has no Seller Hub."""
        self.area = "hub"
        await self.clerk.open("hub_search", order_no=order_no)
        seen = await look_for(self.clerk, "hub", order_no, instead=("page.error",), searched=True)
        if seen == "hub.row":
            await self.clerk.point_at("hub.row", order_no=order_no)
        return seen == "hub.row"

    @step("ES1", "My eBay → Sold", retry=True)
    async def _find_sold(self, order_no: str) -> Order:
        """The classic list, page after page."""
        self.area = "sold"
        await self.clerk.open("home")
        async with self.clerk.guarded():
            await self.clerk.follow("nav.my_ebay", "sold")
            await self.clerk.follow("nav.sold", "sold")
            await self._turn_to("sold", order_no)
        return await self._order(order_no)

    @step("EB1", "My eBay → Purchase history", retry=True)
    async def _open_purchases(self) -> None:
        self.area = "purchases"
        await self.clerk.open("home")
        async with self.clerk.guarded():
            await self.clerk.follow("nav.my_ebay", "purchases")
            await self.clerk.follow("nav.purchases", "purchases")
            await self.clerk.see("purchases.list")

    @step("EB2", "In the purchase history find the item to cancel")
    async def _find_card(self, order_no: str) -> Order:
        await self._turn_to("purchases", order_no)
        details = " ".join(await self.clerk.texts("purchases.details", order_no=order_no))
        return await self._order(order_no, total=total_in(details))

    async def _find_purchase(self, order_no: str) -> Order:
        await self._open_purchases()
        return await self._find_card(order_no)

    async def _order(self, order_no: str, *, total: str = "") -> Order:
        """The order as its row shows it; its ids from the row's own links."""
        clerk, area = self.clerk, self.area
        status, shown_total, bought_by, items, ids, facts = await together(
            clerk.text(f"{area}.status", order_no=order_no),
            self._where_shown("total", order_no),
            self._where_shown("buyer", order_no),
            clerk.texts(f"{area}.items", order_no=order_no),
            self._row_ids(order_no),
            self._facts(order_no),
        )
        meaning, reading = self.profile.meaning(status), self._reading(status, "list")
        return Order(
            order_no=order_no,
            status=status,
            reading=reading,
            pages=(reading,),
            eligible=meaning.eligible if meaning else True,
            buyer=re.sub(r"^\s*(Buyer|Käufer|买家|買家)\s*[:：]\s*", "", bought_by),
            total=total or shown_total,
            items=tuple(dict.fromkeys(items)),
            ids=ids,
            facts=facts,
        )

    async def _where_shown(self, part: str, order_no: str) -> str:
        """A part of the order's row; '' in a list that does not show it."""
        name = f"{self.area}.{part}"
        if name not in self.profile.element:
            return ""
        return await self.clerk.late(self.clerk.text_if, name, order_no=order_no)

    async def _row_ids(self, order_no: str) -> Ids:
        """The ids of all lines of the order, from its row's own links: items and transactions."""
        row = await self.clerk.about(f"{self.area}.row", order_no=order_no)
        shape = r"/itm/(?:[^/?#]+/)?(\d{9,14})"
        items = [match.group(1) for link in row.links if (match := re.search(shape, link))]
        named = [*row.attributes.items(), *(pair for link in row.links for pair in asked_for(link))]
        transactions = learnt(named, "transaction id", self.profile)
        return {
            "order number": (order_no,), ITEM: tuple(dict.fromkeys(items)), "transaction id": transactions,
        }  # fmt: skip

    async def _facts(self, order_no: str) -> dict[str, str]:
        """What else a person wants to see before saying yes: the buyer's note, where the list shows it."""
        if self.area != "hub":
            return {}
        note = await self.clerk.text_if("hub.note", order_no=order_no)
        return {"买家留言": note} if note else {}

    # -- prepare ---------------------------------------------------------------------------------------

    async def prepare(self, wanted: Cancellation, order: Order) -> Commit:
        if wanted.action is not Action.CANCEL:
            await self._open_request(order, wanted.action)
            return await self._answer(wanted, order)
        self._alone = False
        try:
            return await self._walk(wanted, order)
        except NeedsHuman as error:
            if error.code is not Code.NO_SIGN or not await self._is_alone(order):
                raise
        self._alone = True
        return await self._walk(wanted, await self.find(wanted))

    async def _walk(self, wanted: Cancellation, order: Order) -> Commit:
        """From the order's row to the filled form: one guard over all of it, since each choice may act."""
        async with self.clerk.guarded(form=True), asked_first(self.clerk):
            if self.shop.role is Role.BUYER:
                await self._buyer_menu(order)
                return await self._fill(wanted, order, step_id="EB4")
            self._stepped = await self._seller_menu(order) == "menu.resolve"
            if self._stepped:
                self._link = ()  # it led to the Resolution Center, not to the form
                await self._resolution_center(order)
            return await self._reason(wanted, order)

    @step("EB3", "More actions → Cancel order", picture=False)
    async def _buyer_menu(self, order: Order) -> None:
        await self._press_in_menu(order, ("menu.cancel",))
        await self._until_form(order)

    @step("ES2", "Action menu → Cancel order, or Resolve a problem → Resolution Center", picture=False)
    async def _seller_menu(self, order: Order) -> str:
        pressed = await self._press_in_menu(order, ("menu.cancel", "menu.resolve"))
        if pressed == "menu.cancel":
            await self._until_form(order)
        else:
            await self.clerk.see("rc.choice")
            await self.clerk.show()
        return pressed

    async def _press_in_menu(self, order: Order, entries: tuple[str, ...]) -> str:
        """Press the first of the entries that the row offers: by itself, in a list, or in its own menu."""
        clerk, menu, number = self.clerk, f"{self.area}.menu", order.order_no
        if await clerk.maybe(f"{self.area}.cancel", order_no=number):
            await self._press_entry(f"{self.area}.cancel", order)
            return "menu.cancel"
        if await clerk.maybe(f"{self.area}.choices", order_no=number) and (
            entry := await self._chosen(order, entries)
        ):
            return entry
        row = await clerk.open_menu(menu, "menu.open", order_no=order.order_no)
        if entry := await clerk.first_offered(*entries):
            await self._press_entry(entry, order, row)
            return entry
        offered = tuple(await clerk.texts("menu.entries"))
        if not await clerk.any("menu.known"):
            raise NeedsHuman(
                _(
                    "the action menu is not recognised; it offers: {offered}",
                    offered="; ".join(offered) or _("nothing"),
                ),
                code=Code.NOT_RECOGNISED,
            )
        raise Refused(
            _(
                "the order's menu offers no cancellation ({status}); it offers: {offered}",
                status=order.status, offered="; ".join(offered),
            ),
            code=Code.NOT_OFFERED,
            offered=offered, site_state=order.status,
        )  # fmt: skip

    async def _chosen(self, order: Order, entries: tuple[str, ...]) -> str | None:
        """The entry that the row's list offers, chosen; None: it offers none."""
        clerk, choices = self.clerk, f"{self.area}.choices"
        await clerk.show(choices, order_no=order.order_no)
        self._notices, self._link = await clerk.texts("form.refused"), ()
        self._ids = order.ids
        return await clerk.choose(choices, entries, order_no=order.order_no)

    async def _press_entry(self, entry: str, order: Order, row: str = "") -> None:
        clerk, number = self.clerk, order.order_no
        await clerk.point_at(entry, order_no=number)
        await clerk.photograph(name="menu")
        self._notices = await clerk.texts("form.refused")
        await clerk.developed()
        await self._belongs(entry, order)  # right before the press: the page had a picture's time
        await clerk.click(entry, row=row, order_no=number)

    async def _belongs(self, entry: str, order: Order) -> None:
        """The ids in the entry must be this order's; where it is a link, learn the transaction from it."""
        markup = (await self.clerk.about(entry, order_no=order.order_no)).attributes
        address = markup.get("href") or markup.get("data-href") or ""
        named = [*markup.items(), *asked_for(address)]
        self._link = [(name, value) for name, value in named if kinds_of(name, self.profile)]
        contradicts(named, "", order.ids, self.profile)
        transactions = order.ids["transaction id"] or learnt(named, "transaction id", self.profile)
        self._ids = {**order.ids, "transaction id": transactions}

    async def _until_form(self, order: Order, scope: str = "form.scope") -> None:
        """The form, or the notice that stands in its place."""
        others = ("form.refused", "page.not_found")
        if await self.clerk.prefer(scope, *others, stale=self._notices) != scope:
            words = "; ".join(
                await self.clerk.texts("form.refused") + await self.clerk.texts("page.not_found")
            )
            raise Refused(
                _("eBay says: {words}", words=words), site_state=order.status, code=Code.THE_SITE_SAYS_NO
            )

    @step("ES3", "I sold an item and want to cancel the transaction → Continue")
    async def _resolution_center(self, order: Order) -> None:
        ids = {**self._ids, "order number": (order.order_no,)}
        choice = await self.clerk.only("rc.choice")
        await self.clerk.developed()
        self.clerk.filling(_(self.profile.element["rc.choice"].what))
        await choice.check(timeout=self.clerk.left_ms())
        if await self.clerk.maybe("rc.item"):
            await self._item_number(order)
        await go_on(self.clerk, "rc.continue", choice="rc.choice", ids=ids)
        if await self.clerk.see("form.scope", "form.refused", "rc.item") == "rc.item":
            await self._item_number(order)
            await go_on(self.clerk, "rc.continue", choice="rc.choice", ids=ids)
        await self._until_form(order)

    async def _item_number(self, order: Order) -> None:
        """Prefilled it must be this order's item; empty it is typed."""
        field = await self.clerk.only("rc.item")
        there, items = (await field.input_value()).strip(), order.ids[ITEM]
        item = " ".join(items)
        if (there and there not in items) or len(items) != 1:
            raise NeedsHuman(
                _(
                    "the Resolution Center is about item {there}, the order about {item}: nothing pressed",
                    there=there,
                    item=item,
                ),
                code=Code.OTHER_ORDER,
            )
        if not there:
            await self.clerk.fill("rc.item", item)

    @step("ES4", "Fill in the reason → Continue", full=True)
    async def _reason(self, wanted: Cancellation, order: Order) -> Commit:
        return await self._form(wanted, order, "ES4")

    @step("EB4", "Give the reason: eBay sends the request to the seller", full=True)
    async def _fill(self, wanted: Cancellation, order: Order, *, step_id: str) -> Commit:
        return await self._form(wanted, order, step_id)

    async def _form(self, wanted: Cancellation, order: Order, step_id: str) -> Commit:
        form = await Form.opened(self.clerk)
        await form.choose(wanted)
        await form.next_step("form.next", "form.submit")
        await form.write("form.note", self.note_for(wanted))
        await form.tick_if_there("form.relist", wanted.relist, contrary="form.no_relist")
        about = About(
            order=order, ids=self._ids, link=list(self._link), stepped=self._stepped, alone=self._alone
        )
        return await form.commit("form.submit", step=step_id, about=about, via=Via.CANCEL)

    # -- answer a buyer's request ----------------------------------------------------------------------

    @step("answer", "Seller Hub → Cancellations: the buyer's request", full=True, picture=False)
    async def _open_request(self, order: Order, action: Action) -> None:
        """The request's own row, with its Accept or Decline."""
        clerk, number, control = self.clerk, order.order_no, f"respond.{action}"
        await clerk.open("hub_cancellations")
        try:
            await self._turn_to("cancels", number)
        except Refused:
            raise NeedsHuman(
                _("the request of {number} is not in Seller Hub's cancellations", number=number),
                code=Code.NOT_FOUND,
            ) from None
        link = await clerk.about(control, order_no=number)
        self._link = asked_for(link.attributes.get("href", ""))
        self._ids = {**order.ids, "cancel id": learnt(list(self._link), "cancel id", self.profile)}
        contradicts(list(self._link), "", self._ids, self.profile)
        self._buyers_reason = await clerk.text_if("cancels.reason", order_no=number)
        self._request_says = await clerk.text("cancels.status", order_no=number)
        self._notices = await clerk.texts("form.refused")
        await clerk.point_at(control, order_no=number)
        await clerk.photograph(name="request")
        await clerk.developed()

    @step("answer", "Accept or Decline → fill in the answer", full=True)
    async def _answer(self, wanted: Cancellation, order: Order) -> Commit:
        """Press it and fill in its form; nothing is submitted by that."""
        facts = {**order.facts, BUYERS_REASON: self._buyers_reason}
        async with self.clerk.guarded(form=True), asked_first(self.clerk):
            await self.clerk.click(f"respond.{wanted.action}", order_no=order.order_no)
            await self._until_form(order, "respond.scope")
            order = replace(order, facts=facts, pages=(self._reading(self._request_says, "list"),))
            form = await Form.opened(self.clerk, "respond.scope")
            if wanted.note:
                await form.write("respond.note", wanted.note)
            await form.tick_if_there("respond.relist", wanted.relist, contrary="respond.no_relist")
            about = About(order=order, ids=self._ids, link=list(self._link))
            return await form.commit(
                "respond.submit", step="answer", about=about, via=Via.CANCEL, action=wanted.action
            )

    # -- tell the buyer --------------------------------------------------------------------------------

    @step("DH8", "Action menu → Contact buyer", full=True)
    async def letter(self, order: Order, text: str) -> Commit:
        """The contact form behind the row's own menu; it must name the item or order, and the buyer."""
        clerk, buyer = self.clerk, order.buyer.rpartition(" ")[2]
        if not re.search(r"[^\W\d_]", buyer):  # a count of stars beside the name would stand on any form
            raise NeedsHuman(
                _("the row of {order_no} names no buyer: nobody can be written to", order_no=order.order_no),
                code=Code.NOT_RECOGNISED,
            )
        async with clerk.guarded(form=True):
            await self._contact(order)
            form = await Form.opened(clerk, "message.scope")
            await form.letter("message.text", text)
            about = About(order=order, ids=self._ids, link=list(self._link), to=buyer)
            return await form.commit("message.send", step="DH8", about=about, via=Via.EITHER)

    async def _contact(self, order: Order) -> None:
        """The row's own menu, and its Contact buyer; inside a guard."""
        clerk = self.clerk
        row = await clerk.open_menu(f"{self.area}.menu", "menu.open", order_no=order.order_no)
        if not await clerk.late(clerk.maybe, "menu.contact"):
            offered = "; ".join(await clerk.texts("menu.entries"))
            raise NeedsHuman(
                _("the order's menu offers no Contact buyer; it offers: {offered}", offered=offered),
                code=Code.NOT_OFFERED,
            )
        await self._belongs("menu.contact", order)
        self._notices = await clerk.texts("form.refused")
        await clerk.point_at("menu.contact")
        await clerk.photograph(name="menu")
        await clerk.click("menu.contact", row=row, order_no=order.order_no)
        await self._until_form(order, "message.scope")


FLOW = Ebay
