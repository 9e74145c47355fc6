"""What both platforms' pages share: their frame, lists with pages and late rows, the way into the form."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from .form import Form
from .parts import Parts, frame
from .tree import Action, Goto, Node, Page, Part, h, to_json
from .world import Order, World

CSS = (
    "body{font:15px/1.5 sans-serif;margin:0 24px}[hidden]{display:none!important}"
    "%(modal)s{background:#fff;border:1px solid #888;padding:16px;max-width:560px;margin:60px auto}"
    "%(veil)s{position:fixed;inset:0;background:#0006;z-index:90;overflow:auto}"
    "%(items)s{border:1px solid #aaa;padding:6px;background:#fff}"
    "%(row)s{border-bottom:1px solid #ddd;padding:4px}"
    "a,button,[role=button],summary{cursor:pointer;margin-right:8px}"
)


@dataclass
class Request:
    host: str
    path: str
    query: dict[str, str]
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    part: bool = False


Serve = Callable[[Request], Page | Part | Goto | None]


class Console:
    """One platform's pages for one world. `entry_address` and the pages are each platform's own."""

    def __init__(self, world: World) -> None:
        self.w, self.d, self.say = world, world.draw, world.words
        self.parts = Parts(self.d, self.say.colon)
        self.spa = self.d.odds("spa", 0.3)
        self.late = self.d.pick("rows.late", (0, 0, 0, 300, 700))
        self.size = 25

    def css(self) -> str:
        names = {
            key: "." + self.d.css(name).split()[0]
            for key, name in (
                ("modal", "modal"),
                ("veil", "veil"),
                ("items", "menu.items"),
                ("row", "hub.row"),
            )
        }
        return CSS % names

    # -- frame ----------------------------------------------------------------------------------------------

    def links(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    def greeting(self) -> Node:
        raise NotImplementedError

    def page(
        self, title: str, *inside: Node | None, status: int = 200, then: list[Action] | None = None
    ) -> Page:
        nav = [h("a", text, href=to) for text, to in self.links()]
        if self.d.odds("nav.list", 0.5):
            nav = [h("li", each) for each in nav]
            bar = h("ul", nav, class_=self.d.css("nav"))
        else:
            bar = h("nav", nav, class_=self.d.css("nav"))
        head = h(self.d.pick("head", ("header", "div")), self.greeting(), bar, class_=self.d.css("head"))
        main = h(self.d.pick("main", ("main", "div")), *inside, class_=self.d.css("main"))
        body = h("div", head, main, self.survey(), self.banner())
        return Page(title, body, status=status, then=then or [])

    def survey(self) -> Node | None:
        """A form that has nothing to do with the order, with words that also stand on the right one."""
        if not self.d.odds("survey", 0.15):
            return None
        text = self.say("survey")
        area, send = (
            h("textarea", name="feedback", aria_label=text),
            h("button", self.say("submit"), type="button"),
        )
        return h("footer", h("p", text), area, send, class_=self.d.css("survey"))

    def lures(self, order: Order, menu: str) -> list[Node | tuple[str, list[Action]]]:
        """Other entries of a menu, harmless as addresses: whoever follows one is where nothing is."""
        count = self.d.pick("lures", (0, 0, 1, 3))
        texts = self.d.shuffled("lures.which", self.say.table["lures"])[:count]
        return [self.other(text, f"/other?o={order.trans_id}&x={at}", menu) for at, text in enumerate(texts)]

    def banner(self) -> Node | None:
        if self.w.case != "banner" or self.w.banner_gone:
            return None
        ok = self.parts.control(
            "cookie",
            self.say("cookie"),
            on=[["remove", "cookie"], ["remember"]],
            kind=self.d.pick("cookie", ("button", "a")),
        )
        text = (
            "We use cookies and similar technologies."
            if self.say.lang == "en"
            else "我们使用 Cookie 以改善您的体验。"
        )
        box = h("div", h("p", text), ok, class_=self.d.css("modal"))
        return h("div", box, ref="cookie", class_=self.d.css("veil"))

    def notice(self, text: str, status: int = 200) -> Page:
        role = self.d.pick("notice.role", ("region", "alert", None))
        return self.page(
            text, h("section", h("p", text), role=role, class_=self.d.css("notice")), status=status
        )

    def answer(self, r: Request) -> Page | Part | Goto | None:
        """What a request gets; None: there is no such page."""
        ids = r.query | r.fields
        order = self.w.by_ids(ids)
        acts = r.path == self.acting_address() and self.w.case.startswith("entry-")
        if acts and order and (r.method == "POST" or self.w.case == "entry-get"):
            self.w.commit(order, reason="", via="entry")
            return Part() if r.part or r.method == "GET" else Goto(self.details_address(order))
        if r.method == "POST":
            named = {self.w.tokens.get(value) for value in ids.values()}
            order = order or next((o for o in self.w.orders if o.no in named), None)
            return self.submitted(order, r) if order else None
        serve = self.pages().get(r.path.rstrip("/").lower())
        return serve(r) if serve else self.elsewhere(r)

    def pages(self) -> dict[str, Serve]:
        """What stands at each address, in lower case."""
        raise NotImplementedError

    def elsewhere(self, r: Request) -> Page | Part | Goto | None:
        return None

    def details_address(self, order: Order) -> str:
        raise NotImplementedError

    def front(self, r: Request) -> Page | None:
        """What somebody sees here who is not signed in; None: the sign-in page."""
        return None

    def sign_in(self, back: str, *, wrong: bool = False) -> Page:
        raise NotImplementedError

    # -- lists ----------------------------------------------------------------------------------------------

    def listed(
        self, name: str, title: str, table: Node, around: list[Node | None], more: Node | None, r: Request
    ) -> Page | Part:
        """A page with a list; where the seed says so, its rows are fetched after the page is there."""
        rows = h("div", table, more)
        if not self.late:
            return self.page(title, h("h1", title), *around, rows)
        if r.query.get("rows"):
            return Part(tree=rows, into="rows")
        skeleton = h(
            "div",
            [h("div", "\u00a0", class_=self.d.css("skeleton")) for _ in range(3)],
            ref="rows",
            aria_busy="true",
        )
        again = f"{r.path}?{urlencode(r.query | {'rows': '1'})}"
        return self.page(title, h("h1", title), *around, skeleton, then=[["load", again, "rows"]])

    def found(self, query: str, orders: list[Order]) -> list[Order]:
        how = self.d.pick("search", ("exact", "part", "part", "ignored"))
        if self.w.case == "page-two":
            how = self.d.pick("search.page-two", ("ignored", "exact"))
        if not query or how == "ignored":
            return orders
        return [o for o in orders if (query == o.no if how == "exact" else query in o.no)]

    def pager(self, r: Request, shown: int, at: int, total: int, name: str) -> Node | None:
        if total <= shown and at == 0:
            return None
        last = at + shown >= total
        text = {"en": "Next", "zh-TW": "下一頁", "zh-CN": "下一页"}[self.say.lang]
        back = {"en": "Previous", "zh-TW": "上一頁", "zh-CN": "上一页"}[self.say.lang]
        size = self.size
        step = {"offset": str(at + size)} if name == "offset" else {name: str(at // size + 2)}
        less = {"offset": str(max(0, at - size))} if name == "offset" else {name: str(max(1, at // size))}
        to = [
            f"{r.path}?{urlencode({k: v for k, v in r.query.items() if k != 'rows'} | each)}"
            for each in (step, less)
        ]
        nxt = h("span", text, aria_disabled="true") if last else self.parts.control("next", text, href=to[0])
        prev = self.parts.control("prev", back, href=to[1]) if at else None
        return h("div", prev, nxt, class_=self.d.css("pager"))

    # -- the way into the form ------------------------------------------------------------------------------

    def eligible(self, order: Order) -> bool:
        return order.cancel is None and order.status in {"to_ship", "unpaid", "confirming"}

    def form_address(self, order: Order) -> str:
        raise NotImplementedError

    def ids(self, order: Order) -> dict[str, str]:
        raise NotImplementedError

    def entry_actions(self, order: Order) -> tuple[str | None, list[Action] | None]:
        """The entry's address, or what it does: opens a page, a tab, a dialog; in odd cases it acts."""
        case, acts = self.w.case, self.acting_address()
        if order is self.w.target and case.startswith("entry-"):
            body = self.ids(order)
            if case == "entry-post":
                return None, [["postgo", acts, body]]
            if case == "entry-fetch":
                return None, [["fire", acts, "POST", body]]
            return None, [["fire", f"{acts}?{urlencode(body)}", "GET", {}]]
        if order is self.w.target and case == "neighbour-form":
            order = next(o for o in self.w.orders if o is not order)
        to = self.form_address(order)
        how = self.d.pick("entry.opens", ("page", "page", "page", "dialog", "tab"))
        if how == "page" and self.d.odds("entry.frame", 0.08):
            inside = h("iframe", src=f"{to}&frame=1", width="700", height="600", title=self.say("cancel"))
            return None, [["tree", frame(self.parts, "form", "dlgf", [inside]), "body"]]
        if how == "page" and self.d.odds("entry.asks", 0.08):
            return None, [["confirm", self.say("sure")], ["go", to]]
        if how == "dialog":
            return None, [["load", f"{to}&modal=1", "body"]]
        return (to, None) if how == "page" else (to, [["open", to]])

    def acting_address(self) -> str:
        raise NotImplementedError

    def entry(
        self, order: Order, label: str, menu: str | None, **more: Any
    ) -> Node | tuple[str, list[Action]]:
        """The entry as a control, or for a select as a label with what it does."""
        to, todo = self.entry_actions(order)
        more["ref"] = f"entry{order.no}"
        if menu and self.parts.menu_form(menu) == "select":
            return label, todo or [["go", to]]
        if to and todo:
            return h("a", label, href=to, target="_blank", class_=self.d.css("control.entry"), **more)
        return self.parts.control("entry", label, href=to, on=todo, **more)

    def other(self, label: str, to: str, menu: str, **more: Any) -> Node | tuple[str, list[Action]]:
        if self.parts.menu_form(menu) == "select":
            return label, [["go", to]]
        return self.parts.control("menu.other", label, href=to, **more)

    def open_form(self, order: Order | None, r: Request) -> Page | Part:
        """The form as a page or in a dialog, or the notice that stands in its place."""
        if order is None or not self.eligible(order):
            text = self.say("not_found" if order is None else "exists" if order.cancel else "too_late")
            if r.query.get("modal"):
                return Part(tree=frame(self.parts, "form", "dlg", [h("p", text)]))
            return self.notice(text)
        modal = r.query.get("modal")
        self.w.log("form", order=order.no)
        form = Form(self.w, order, self.submit_address(order), key="m" if modal else "")
        head = h("h1" if not modal else "h2", self.say("cancel"))
        if modal:
            return Part(tree=frame(self.parts, "form", "dlgm", [head, form.body()]))
        return self.page(self.say("cancel"), head, form.body())

    def submit_address(self, order: Order) -> str:
        base = self.submit_path()
        return f"{base}?{urlencode(self.ids(order))}" if self.d.odds("submit.ids", 0.4) else base

    def submit_path(self) -> str:
        raise NotImplementedError

    def answer_address(self, order: Order) -> str:
        raise NotImplementedError

    # -- the submit -----------------------------------------------------------------------------------------

    def submitted(self, order: Order, r: Request) -> Page | Part | Goto:
        form = Form(self.w, order, "")
        values = {name: r.fields.get(field_name, "") for name, field_name in form.names.items()}
        if not values["reason"]:
            self.w.log("no reason given", order=order.no)
            return self.notice(self.say("oops"), status=200)
        orders = [order]
        if self.w.case == "all-orders":
            orders += [o for o in self.w.orders if o is not order][:2]
        took = [
            self.w.commit(
                each, reason=values["reason"], note=values["note"],
                relist=values["relist"] == "1", via="form",
                partial=r.fields.get("refundType") == "PARTIAL",
            )
            for each in orders
        ]  # fmt: skip
        cancel = order.cancel
        done = cancel is not None and cancel.state == "cancelled"
        text = self.say("exists") if not took[0] else self.say("done" if done else "received")
        if not r.part:
            return Goto(self.answer_address(order)) if took[0] else self.notice(text)
        if form.send == "xhrgo" and took[0]:
            return Part(go=self.answer_address(order))
        return Part(tree=h("p", text, class_=self.d.css("answer")))


def part_json(part: Part) -> dict[str, object]:
    made: dict[str, object] = {"go": part.go, "into": part.into}
    if part.tree is not None:
        made["tree"] = to_json(part.tree)
    return made
