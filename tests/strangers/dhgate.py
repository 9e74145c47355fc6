"""DHgate's seller console as the facts have it: addresses, words and field names."""

from urllib.parse import quote, urlencode

from .console import Console, Request, Serve
from .parts import Cell
from .tree import Node, Page, Part, h
from .world import Order

LIST = "/sellerordmng/orderList/list.do"
DETAIL = "/sellerordmng/sellerOrderDetail/pageload.do"
SELLER = "https://seller.dhgate.com"
HOME = f"{SELLER}/mydhgate/index.do"
TABS = {
    "101": "未付款订单",
    "102": "待发货订单",
    "106": "已发货订单",
    "108": "90天内交易完成",
    "110": "90天内交易取消",
    "111": "全部订单",
}


class Dhgate(Console):
    def links(self) -> list[tuple[str, str]]:
        say = self.say
        return [
            (say("my"), f"{SELLER}/mydhgate/index.do"),
            (say("hub"), f"{SELLER}{LIST}?params.linkType=111&dhpath=10002,06,0601"),
            ("消息", f"{SELLER}/messageweb/newmessagecenter.do?msgtype=001,002,003&dhpath=10005,0301,51001"),
        ]

    def greeting(self) -> Node:
        hello = self.d.pick("hello", ("您好，{}", "欢迎您，{}", "{}"))
        return h(
            "div",
            h("span", hello.format(self.w.user), class_=self.d.css("user")),
            h("a", "退出", href="/usr/signin.do?act=loginout"),
        )

    def form_path(self) -> str:
        return self.d.pick(
            "form.path",
            (
                "/sellerordmng/orderOperation/cancelOrder.do",
                "/sellerordmng/orderCancel/toCancel.do",
                "/sellerordmng/orderOperation/applyCancel.do",
            ),
        )

    def form_address(self, order: Order) -> str:
        return f"{self.form_path()}?orderId={order.oid}"

    def ids(self, order: Order) -> dict[str, str]:
        return {"orderId": order.oid}

    def acting_address(self) -> str:
        return self.d.pick(
            "acting",
            ("/sellerordmng/orderOperation/doCancel.do", "/sellerordmng/orderOperation/orderCancel.do"),
        )

    def submit_path(self) -> str:
        return self.d.pick(
            "submit.path",
            ("/sellerordmng/orderOperation/submitCancel.do", "/sellerordmng/orderCancel/save.do"),
        )

    def answer_address(self, order: Order) -> str:
        if self.d.odds("answer.detail", 0.4):
            return f"{DETAIL}?orderId={order.oid}"
        return f"/sellerordmng/orderOperation/cancelResult.do?orderId={order.oid}"

    # -- answers --------------------------------------------------------------------------------------------

    def pages(self) -> dict[str, Serve]:
        home, disputes = lambda r: self.home(), "/sellerordmng/orderlist/disputeorderlist.do"
        return {
            "": home,
            "/mydhgate/index.do": home,
            "/merchant/login/ssologin.do": home,
            "/merchant/login/loginsign.do": home,
            "/sellerordmng/orderlist/getsummaryorderstat.do": lambda r: Part(),
            self.form_path().lower(): lambda r: self.open_form(self.w.by_ids(r.query), r),
            "/sellerordmng/orderoperation/cancelresult.do": lambda r: self.result(self.w.by_ids(r.query)),
            LIST.lower(): self.orders,
            disputes: lambda r: self.page("纠纷订单", h("h1", "纠纷订单"), h("p", self.say("none"))),
            DETAIL.lower(): lambda r: self.details(self.w.by_ids(r.query)),
            "/messageweb/newmessagecenter.do": lambda r: self.messages(),
        }

    def details_address(self, order: Order) -> str:
        return f"{DETAIL}?orderId={order.oid}"

    def home(self) -> Page:
        counts = h(
            "ul",
            [h("li", h("a", name, href=f"{LIST}?params.linkType={kind}")) for kind, name in TABS.items()],
        )
        return self.page("我的摘要", h("h1", "我的摘要"), counts)

    def result(self, order: Order | None) -> Page:
        if order is None or order.cancel is None:
            return self.notice(self.say("oops"))
        text = self.say("done" if order.cancel.state == "cancelled" else "received")
        return self.page(
            "取消订单", h("h2", text), self.parts.facts("result", [(self.say("order_no"), order.no)])
        )

    # -- lists ----------------------------------------------------------------------------------------------

    def of_tab(self, kind: str) -> list[Order]:
        def tab(order: Order) -> str:
            if order.cancel and order.cancel.state == "cancelled" and self.w.seen(order, "list"):
                return "110"
            return {"unpaid": "101", "shipped": "106"}.get(order.status, "102")

        return [o for o in self.w.orders if kind not in TABS or kind == "111" or tab(o) == kind]

    def orders(self, r: Request) -> Page | Part:
        say, kind = self.say, r.query.get("params.linkType", "102")
        found = self.found(r.query.get("params.orderNo", ""), self.of_tab(kind))
        at = (int(r.query.get("params.page", "1") or 1) - 1) * self.size
        shown = found[at : at + self.size]
        table: Node = h("p", say("none"))
        if shown:
            columns = [
                ("no", say("order_no")),
                ("date", say("date")),
                ("buyer", say("buyer")),
                ("item", say("item")),
                ("qty", say("qty")),
                ("total", say("total")),
                ("status", say("status")),
                ("actions", say("actions")),
            ]
            table = self.parts.records(
                "hub", columns, [self.row(o) for o in shown], attrs=[{"data-orderid": o.oid} for o in shown]
            )
        tabs = h(
            "ul",
            [
                h(
                    "li",
                    h("a", name, href=f"{LIST}?params.linkType={k}"),
                    class_=self.d.css("current") if k == kind else None,
                )
                for k, name in TABS.items()
            ],
        )
        text = h("input", type="text", name="params.orderNo", value=r.query.get("params.orderNo", ""))
        hidden = [
            h("input", type="hidden", name=k, value=v)
            for k, v in (
                ("params.orderStatus", "100"),
                ("params.queryType", "0"),
                ("params.linkType", "111"),
                ("params.operableType", "search"),
            )
        ]
        search = h(
            "form",
            h("label", "订单号：", text),
            hidden,
            h("button", say("search"), type="submit"),
            action=LIST,
            method="get",
        )
        count = h("p", f"共有 {len(found)} 条记录 每页显示{self.size} 条")
        return self.listed(
            "hub",
            say("hub"),
            table,
            [tabs, search],
            h("div", count, self.pager(r, len(shown), at, len(found), "params.page")),
            r,
        )

    def row(self, order: Order) -> dict[str, Cell]:
        say = self.say
        to = f"{DETAIL}?orderId={order.oid}"
        target = "_blank" if self.d.odds("detail.tab", 0.25) else None
        contact = f"/messageweb/loadmessagetobuller.do?msgtype=2&to={order.buyer_id}&parm={order.no}"
        buyer: Cell = [
            h("a", order.buyer, href=f"/buyer?{urlencode({'id': order.buyer_id})}"),
            " ",
            h("a", say("contact"), href=contact, title="联系卖家"),
        ]
        state = h("strong", self.w.state_words(order, "list"))
        tools: Cell = [h("a", say("details"), href=to, target=target)]
        if self.offered(order) and self.d.odds("entry.row", 0.3):
            made = self.entry(order, say("cancel"), None)
            tools.append(made if isinstance(made, Node) else None)
        return {
            "no": [h("a", order.no, href=to, target=target)],
            "date": [order.date],
            "buyer": buyer,
            "item": [h("a", order.title, href=f"/product/{order.item_id}.html")],
            "qty": ["1"],
            "total": [order.total],
            "status": [state],
            "actions": tools,
        }

    def offered(self, order: Order) -> bool:
        return self.eligible(order) or (order.cancel is None and self.d.odds("entry.notice", 0.4))

    # -- one order ------------------------------------------------------------------------------------------

    def details(self, order: Order | None) -> Page:
        if order is None:
            return self.notice(self.say("oops"))
        say, w = self.say, self.w
        pairs: list[tuple[str, Node | str | None]] = [
            ("订单号", order.no),
            ("订单状态", w.state_words(order, "detail")),
            ("下单日期", order.date),
            ("买家名称", order.buyer),
        ]
        if order.status != "unpaid":
            pairs += [("付款日期", order.date)]
        if order.status == "to_ship":
            pairs += [("发货截止日期", "2026-12-03 10:00:00")]
        money: list[tuple[str, Node | str | None]] = [
            ("产品总计", order.total),
            ("运费", "US $0.00"),
            ("实付金额", order.total),
        ]
        log = (
            [h("div", "交易取消日期:", h("div", "2026-11-27 12:00:00"))]
            if (c := w.seen(order, "detail")) and c.state == "cancelled"
            else []
        )
        log += self.why(order)
        tools: Cell = []
        if self.offered(order):
            made = self.entry(order, say("cancel"), "detail" if self.d.odds("detail.menu", 0.15) else None)
            tools = (
                [self.parts.menu("detail", say("more"), [made], "d")]
                if self.d.odds("detail.menu", 0.15)
                else [made if isinstance(made, Node) else None]
            )
            if self.d.odds("entry.refund", 0.3) and not w.case.startswith(("entry-", "neighbour")):
                tools.append(
                    self.parts.control(
                        "refund", say("refund"), href=f"/aftersale/apply.do?orderId={order.oid}"
                    )
                )
        if order.cancel and order.cancel.state == "asked":
            tools.append(
                self.parts.control("agree", "同意退款", href=f"/aftersale/agree.do?orderId={order.oid}")
            )
        goods = self.parts.facts("goods", [("产品编号", order.item_id), (say("item"), order.title)])
        hidden = h("input", type="hidden", name="orderId", value=order.oid)
        return self.page(
            "订单详情",
            h("h1", "订单详情"),
            hidden,
            self.parts.facts("detail", pairs),
            goods,
            self.parts.facts("money", money),
            *log,
            h("div", *tools),
        )

    def why(self, order: Order) -> list[Node]:
        cancel = self.w.seen(order, "detail")
        if cancel is None or not self.d.odds("detail.why", 0.4):
            return []
        labels = dict(self.say.reasons(self.w.role))
        who = {"seller": "卖家", "buyer": "买家"}[cancel.by]
        return [
            self.parts.facts("why", [("申请人", who), ("取消原因", labels.get(cancel.reason, cancel.reason))])
        ]

    def messages(self) -> Page:
        told = [
            h("li", f"您已取消订单{o.no}")
            for o in self.w.orders
            if o.cancel and o.cancel.by == "seller" and o.cancel.state == "cancelled"
        ]
        return self.page("站内信", h("h1", "站内信"), h("ul", told))

    def front(self, r: Request) -> Page | None:
        public = r.host == "www.dhgate.com" or self.d.odds("front.public", 0.5)
        if not public or r.path.rstrip("/"):
            return None
        to = f"https://secure.dhgate.com/passport/login?service={quote(HOME, safe='')}"
        links = h("div", h("a", "登录", href=to), h("a", "免费注册", href="/register"))
        return Page("敦煌网", h("div", links, h("h1", "敦煌网商户平台")), plain=True)

    # -- sign-in --------------------------------------------------------------------------------------------

    def sign_in(self, back: str, *, wrong: bool = False) -> Page:
        says = h("p", "用户名或密码错误") if wrong else None
        hidden = h("input", type="hidden", name="service", value=back)
        if self.d.odds("signin.new", 0.6):
            user = h("input", type="text", placeholder="请输入用户名", name="username")
            word = h("input", type="password", placeholder="请输入登录密码", name="password")
            button = h("button", "登录", type="submit", class_="login-btn")
        else:
            user = h(
                "div", h("label", "用户名：", for_="u"), h("input", type="text", name="username", id="u")
            )
            word = h(
                "div", h("label", "密码：", for_="p"), h("input", type="password", name="password", id="p")
            )
            button = h("input", type="submit", name="loginSubmit", value="登录")
        form = h("form", says, user, word, hidden, button, method="post", action="/passport/sigin")
        return Page("登录", h("div", h("h1", "卖家登录"), form), plain=True)
