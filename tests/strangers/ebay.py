"""eBay as the facts have it: addresses, words and ids; seller and buyer."""

from urllib.parse import quote, urlencode

from .console import Request, Serve
from .ebay_lists import HUB, SOLD, EbayLists
from .parts import Cell
from .tree import Action, Goto, Node, Page, Part, h
from .world import Order


class Ebay(EbayLists):
    def links(self) -> list[tuple[str, str]]:
        www, say = f"https://www.{self.w.site}", self.say
        if self.w.who == "buyer":
            return [
                (say("my"), f"{www}/mye/myebay/summary"),
                (say("purchases"), f"{www}/mye/myebay/purchase"),
            ]
        rc = (say("rc"), f"https://resolutioncenter.{self.w.site}/")
        return [
            (say("my"), f"{www}/mye/myebay/summary"),
            (say("sold"), www + SOLD),
            (say("hub"), www + HUB),
            (say("cancellations"), www + "/sh/ord/cancel"),
            rc,
        ]

    def greeting(self) -> Node:
        ident = "gh-ug" if self.d.odds("greeting.id", 0.5) and not self.d.rebuilt else None
        hello = {"en": "Hi {}!", "zh-TW": "{}，你好"}[self.say.lang]
        return h(
            "div",
            h("span", hello.format(self.w.user), id=ident, class_=self.d.css("gh-identity")),
            h("a", "Sign out", href=f"https://signin.{self.w.site}/out"),
        )

    def home(self) -> Page:
        return self.page(
            "eBay", h("h1", self.say("my")), h("ul", [h("li", h("a", t, href=to)) for t, to in self.links()])
        )

    def form_address(self, order: Order) -> str:
        return f"/afs/Cancel/Start?transId={order.trans_id}&itemId={order.item_id}"

    def ids(self, order: Order) -> dict[str, str]:
        return {"itemId": order.item_id, "transId": order.trans_id}

    def acting_address(self) -> str:
        return self.d.pick("acting", ("/afs/Cancel/Create", "/cancel/api/create", "/sh/ord/actions"))

    def submit_path(self) -> str:
        return self.d.pick("submit.path", ("/afs/Cancel/Start", "/afs/Cancel/Submit", "/Cancel/Create"))

    def answer_address(self, order: Order) -> str:
        if self.d.odds("answer.details", 0.6) and order.cancel:
            return f"/Cancel/Details?cancelId={order.cancel.id}"
        return f"/afs/Cancel/Confirmation?transId={order.trans_id}&itemId={order.item_id}"

    def details_address(self, order: Order) -> str:
        if self.w.who == "buyer":
            return f"https://order.{self.w.site}/ord/show?orderId={order.no}"
        short, long = (
            f"/sh/ord/details?orderid={order.no}",
            f"/mesh/ord/details?mode=SH&srn={order.trans_id[:4]}&orderid={order.no}&source=Orders",
        )
        return self.d.pick("details.address", (short, long, long))

    # -- answers --------------------------------------------------------------------------------------------

    def pages(self) -> dict[str, Serve]:
        home, at = lambda r: self.home(), self.w.by_ids
        made: dict[str, Serve] = {
            "": home,
            "/mye/myebay/summary": home,
            "/mye/myebay": home,
            "/afs/cancel/start": lambda r: self.open_form(at(r.query), r),
            "/cancel/details": self.cancel_details,
            "/cmr/cancel/details": self.cancel_details,
            "/afs/cancel/confirmation": self.cancel_details,
        }
        if self.w.who == "buyer":
            for path in ("/mye/myebay/purchase", "/mye/myebay/v2/purchase"):
                made[path] = self.purchases
            return made | {"/ord/show": self.details}
        seller: dict[str, Serve] = {
            "/sh/ord/details": self.details,
            "/mesh/ord/details": self.details,
            "/sh/ord/cancel": self.cancellations,
            HUB: self.hub,
        }
        return made | seller

    def answer(self, r: Request) -> Page | Part | Goto | None:
        if r.host.startswith("resolutioncenter."):
            return self.resolution_center(r)
        return super().answer(r)

    def elsewhere(self, r: Request) -> Page | Part | Goto | None:
        if self.w.who == "seller" and r.path.startswith(SOLD):
            return self.seller_list("sold", self.say("sold"), r)
        return None

    def hub(self, r: Request) -> Page | Part | Goto:
        """Seller Hub, which not every shop has."""
        absent = self.d.pick("hub.absent", ("", "", "", "", "", "error", "redirect"))
        if absent == "redirect":
            return Goto(SOLD)
        if absent:
            return Page("Error Page | eBay", h("p", "We looked everywhere."), status=404, plain=True)
        return self.seller_list("hub", self.say("hub"), r)

    # -- one order ------------------------------------------------------------------------------------------

    def details(self, r: Request) -> Page:
        order = self.w.by_ids({"orderid": r.query.get("orderid", r.query.get("orderId", ""))})
        if order is None:
            return self.notice(self.say("not_found"))
        say = self.say
        other = "seller" if self.w.who == "buyer" else "buyer"
        pairs: list[tuple[str, Node | str | None]] = [
            (say("order_no"), order.no),
            (say(other), order.buyer),
            (say("date"), order.date),
            (say("status"), self.w.state_words(order, "detail")),
            (say("total"), order.total),
        ]
        pairs += self.why(order)
        goods = self.parts.facts(
            "goods",
            [
                (say("item"), h("a", order.title, href=f"/itm/{order.item_id}")),
                (say("item_id"), order.item_id),
            ],
        )
        tools: Cell = self.actions(order, "detail") if self.d.odds("entry.detail", 0.6) else []
        return self.page(
            say("details"),
            h("h1", say("details")),
            self.parts.facts("detail", self.d.shuffled("detail.order", pairs)),
            goods,
            h("div", *tools),
        )

    def why(self, order: Order) -> list[tuple[str, Node | str | None]]:
        cancel = self.w.seen(order, "detail")
        if cancel is None or not self.d.odds("detail.why", 0.6):
            return []
        labels = dict(self.say.reasons(self.w.role))
        who = {"en": {"seller": "Seller", "buyer": "Buyer"}, "zh-TW": {"seller": "賣家", "buyer": "買家"}}[
            self.say.lang
        ]
        return [
            (self.say("who"), who[cancel.by]),
            (self.say("reason"), labels.get(cancel.reason, cancel.reason)),
        ]

    def cancel_details(self, r: Request) -> Page:
        order = self.w.by_ids(r.query)
        wanted = r.query.get("cancelId")
        for each in self.w.orders:
            if wanted and each.cancel and each.cancel.id == wanted:
                order = each
        cancel = order and self.w.seen(order, "answer")
        if order is None or cancel is None:
            return self.notice(self.say("not_found"))
        done = cancel.state == "cancelled"
        head = self.say("done") if done else self.w.state_words(order, "answer")
        pairs: list[tuple[str, Node | str | None]] = [
            (self.say("item_id"), order.item_id),
            (self.say("order_no"), order.no),
            (self.say("buyer" if self.w.who == "seller" else "seller"), order.buyer),
            (self.say("refund_total"), order.total),
        ]
        return self.page(
            "Cancel Details", h("h1", head), self.parts.facts("cancelled", pairs + self.why(order))
        )

    def resolution_center(self, r: Request) -> Page:
        """The classic path: choose the matter, continue, then the form on www."""
        order = self.w.by_ids(r.query)
        say = self.say
        if order is None:
            rows: list[dict[str, Cell]] = [
                {
                    "no": [o.no],
                    "item": [o.title],
                    "actions": [self.parts.control("rc", say("resolve"), href=f"/?{urlencode(self.ids(o))}")],
                }
                for o in self.w.orders[: self.size]
            ]
            columns = [("no", say("order_no")), ("item", say("item")), ("actions", say("actions"))]
            return self.page(say("rc"), h("h1", say("rc")), self.parts.records("rc", columns, rows))
        to = f"https://www.{self.w.site}{self.form_address(order)}"
        others = {
            "en": [
                "I sold an item and haven't received payment",
                "I sold an item and the buyer reported a problem",
            ],
            "zh-TW": ["物品已售出，但買家尚未付款", "物品已售出，但買家回報問題"],
        }[say.lang]
        ways = self.d.shuffled(
            "rc.order", [(say("rc_choice"), to), *[(t, f"/other?{quote(t)}") for t in others]]
        )
        rows_ = [
            h(
                "label",
                h(
                    "input",
                    type="radio",
                    name="matter",
                    value=str(at),
                    on={"change": [["attr", "rcgo", "data-to", url]]},
                ),
                h("span", text),
            )
            for at, (text, url) in enumerate(ways)
        ]
        todo: list[Action] = [["choose_to", "rcgo", "data-to"]]
        go = self.parts.control(
            "continue", say("continue"), on=todo, kind=self.d.pick("kind.rc", ("button", "input")), ref="rcgo"
        )
        return self.page(
            say("rc"),
            h("h1", say("rc")),
            self.parts.facts("rc", [(say("order_no"), order.no), (say("item"), order.title)]),
            h("div", [h("div", each) for each in rows_]),
            go,
        )

    def front(self, r: Request) -> Page | None:
        """eBay's home is open to everybody, and then says so."""
        if r.path.rstrip("/") or not r.host.startswith("www.") or not self.d.odds("front.public", 0.5):
            return None
        to = f"https://signin.{self.w.site}/ws/eBayISAPI.dll?SignIn&ru={quote(f'https://{r.host}/', safe='')}"
        links = [h("a", "Sign in", href=to), h("a", self.say("my"), href="/mye/myebay/summary")]
        return Page(
            "Electronics, Cars, Fashion | eBay",
            h("div", h("div", "Hi! ", links), h("h1", "eBay")),
            plain=True,
        )

    # -- sign-in --------------------------------------------------------------------------------------------

    def sign_in(self, back: str, *, wrong: bool = False) -> Page:
        """The two-step form of one page, ids and names as seen by many."""
        first = h(
            "div",
            h(
                "input",
                type="text",
                id="userid",
                name="userid",
                placeholder="Email or username",
                autocomplete="username",
                data_testid="userid",
            ),
            h(
                "button",
                self.say("continue"),
                type="button",
                id="signin-continue-btn",
                data_testid="signin-continue-btn",
                on={"click": [["needs", "signin", "userid"], ["hide", "first"], ["show", "second"]]},
            ),
            ref="first",
        )
        button = h("button", "Sign in", type="submit", id="sgnBt", disabled=True, ref="sgn")
        second = h(
            "div",
            h(
                "input",
                type="password",
                id="pass",
                name="pass",
                placeholder="Password",
                data_testid="pass",
                on={"input": [["need", "signin", "pass", "sgn"]]},
            ),
            button,
            ref="second",
            hidden=True,
        )
        says = h("p", "Oops, that's not a match.", id="signin-error-msg") if wrong else None
        form = h(
            "form",
            says,
            first,
            second,
            h("input", type="hidden", name="ru", value=back),
            method="post",
            action="/signin",
            ref="signin",
        )
        return Page(
            "Sign in or Register | eBay", h("div", h("h1", "Sign in to your account"), form), plain=True
        )
