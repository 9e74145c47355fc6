"""eBay's lists: Seller Hub's orders, My eBay's sold items, a buyer's purchases, the cancellations."""

from .console import Console, Request
from .parts import Cell
from .tree import Node, Page, Part, h
from .world import Order

SOLD, HUB = "/mys/sold", "/sh/ord"


class EbayLists(Console):
    def row(self, order: Order, name: str) -> dict[str, Cell]:
        say, state = self.say, self.w.state_words(order, "list")
        number: Cell = (
            [h("a", order.no, href=self.details_address(order))]
            if self.d.odds(f"number.link.{name}", 0.7)
            else [order.no]
        )
        item: Cell = [
            h("a", order.title, href=f"/itm/{order.item_id}"),
            h("div", f"{say('item_id')}{say.colon}{order.item_id}"),
        ]
        seller_or_buyer: Cell = [h("span", order.buyer)]
        return {
            "no": number,
            "item": item,
            "buyer": seller_or_buyer,
            "total": [order.total],
            "date": [order.date],
            "status": [h("span", state, class_=self.d.css("state"))],
            "actions": self.actions(order, name),
        }

    def columns(self, name: str) -> list[tuple[str, str]]:
        say, other = self.say, "seller" if self.w.who == "buyer" else "buyer"
        return [
            ("no", say("order_no")),
            ("item", say("item")),
            ("buyer", say(other)),
            ("total", say("total")),
            ("date", say("date")),
            ("status", say("status")),
            ("actions", say("actions")),
        ]

    def actions(self, order: Order, name: str) -> Cell:
        say, buyer = self.say, self.w.who == "buyer"
        label = say("buyer_cancel" if buyer else "cancel")
        marked = self.d.odds("menu.marked", 0.5)
        named = {"data_action_name": "SELLER_CANCEL_ORDER" if not buyer else "CANCEL_ORDER"} if marked else {}
        entries = [
            self.other(say("details"), self.details_address(order), name),
            self.other(say("contact_seller" if buyer else "contact"), f"/cnt/{order.buyer}", name),
        ]
        entries += self.lures(order, name)
        offered = self.eligible(order) or (self.d.odds("entry.notice", 0.4) and order.cancel is None)
        if order.cancel and order.cancel.state == "asked" and order.cancel.by == "buyer" and not buyer:
            entries += [
                self.other(say(k), f"/afs/Cancel/Answer?orderId={order.no}&a={k}", name)
                for k in ("accept", "decline")
            ]
        if not offered:
            return [self.parts.menu(name, say("more"), entries, order.trans_id)]
        if self.d.odds("entry.row", 0.2):
            made = self.entry(order, label, None, **named)
            return [
                self.parts.menu(name, say("more"), entries, order.trans_id),
                made if isinstance(made, Node) else None,
            ]
        if (
            not buyer
            and self.d.odds("entry.resolve", 0.15)
            and not self.w.case.startswith(("entry-", "neighbour"))
        ):
            entries.append(
                self.other(
                    say("resolve"),
                    f"https://resolutioncenter.{self.w.site}/?itemId={order.item_id}&transId={order.trans_id}",
                    name,
                )
            )
        else:
            entries.append(self.entry(order, label, name, **named))
        return [self.parts.menu(name, say("more"), self.d.shuffled("menu.order", entries), order.trans_id)]

    def seller_list(self, name: str, title: str, r: Request) -> Page | Part:
        orders = self.found(r.query.get("q", ""), self.w.orders)
        at = int(r.query.get("offset", "0") or 0)
        shown = orders[at : at + self.size]
        table: Node = h("p", self.say("none"))
        if shown:
            marks = [{"data-ordernumber": o.no} if self.d.odds("row.marked", 0.3) else {} for o in shown]
            table = self.parts.records(
                name, self.columns(name), [self.row(o, name) for o in shown], attrs=marks
            )
        search = h(
            "form",
            h("input", type="text", name="q", placeholder=self.say("search"), value=r.query.get("q", "")),
            h("button", self.say("search")),
            action=HUB,
            method="get",
        )
        return self.listed(
            name,
            title,
            table,
            [search if name == "hub" else None],
            self.pager(r, len(shown), at, len(orders), "offset"),
            r,
        )

    def purchases(self, r: Request) -> Page | Part:
        orders = self.found(r.query.get("q", ""), self.w.orders)
        at = int(r.query.get("offset", "0") or 0)
        shown = orders[at : at + self.size]
        table: Node = h("p", self.say("none"))
        if shown:
            table = self.parts.records(
                "purchases", self.columns("purchases"), [self.row(o, "purchases") for o in shown]
            )
        return self.listed(
            "purchases",
            self.say("purchases"),
            table,
            [],
            self.pager(r, len(shown), at, len(orders), "offset"),
            r,
        )

    def cancellations(self, r: Request) -> Page | Part:
        say = self.say
        labels = dict(say.reasons(self.w.role))
        rows: list[dict[str, Cell]] = []
        for order in self.w.orders:
            cancel = self.w.seen(order, "list")
            if cancel:
                rows.append(
                    {
                        "no": [h("a", order.no, href=f"/Cancel/Details?cancelId={cancel.id}")],
                        "buyer": [order.buyer],
                        "total": [order.total],
                        "status": [self.w.state_words(order, "list")],
                        "reason": [labels.get(cancel.reason, cancel.reason)],
                    }
                )
        columns = [
            ("no", say("order_no")),
            ("buyer", say("buyer")),
            ("total", say("total")),
            ("status", say("status")),
        ]
        if self.d.odds("cancellations.reason", 0.6):
            columns.append(("reason", say("reason")))
        table = self.parts.records("cancellations", columns, rows) if rows else h("p", say("none"))
        return self.listed("cancellations", say("cancellations"), table, [], None, r)
