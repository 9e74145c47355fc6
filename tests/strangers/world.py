"""One run's shop: its orders, what happens to them, and the truth log, to which is only added."""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from .draw import Draw
from .words import VALUES, Words

GOODS = {
    "en": [
        "Vintage brass desk lamp", "USB-C hub 7 in 1", "Leather wallet, brown", "Ceramic teapot 0.8 l",
        "Wool scarf grey", "Bicycle bell chrome", "Film camera strap", "Cast iron pan 24 cm",
    ],
    "zh": [
        "手机壳 透明款", "LED 灯带 5米", "女士连衣裙 蓝色", "蓝牙耳机 黑色",
        "运动水壶 750ml", "瑜伽垫 加厚", "假发 长直发", "机械键盘 87键",
    ],
}  # fmt: skip
BUYERS = [
    "oak_tree_77",
    "m.wagner",
    "sunnyfields",
    "jdoe2024",
    "kiwi-parts",
    "blue.heron",
    "tanaka_y",
    "r0sa_l",
]
ROLES = ("ebay-seller", "ebay-buyer", "dhgate-seller")


@dataclass
class Cancel:
    state: str
    """asked (the buyer's, open), platform, seller, refund, cancelled, declined"""
    by: str
    reason: str
    id: str
    at: float


@dataclass
class Order:
    no: str
    item_id: str
    trans_id: str
    oid: str
    title: str
    buyer: str
    buyer_id: str
    total: str
    date: str
    status: str = "to_ship"
    cancel: Cancel | None = None
    views: int = 0


@dataclass
class World:
    draw: Draw
    role: str
    case: str
    reason: str
    """The product's word for the reason that this run is to give."""
    note: str = "The buyer wrote to us and wants this order cancelled"
    dry: bool = False
    orders: list[Order] = field(default_factory=list)
    target: Order = field(init=False)
    truth: list[dict[str, Any]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    """Form tokens and the order each was made for."""
    user: str = "shopkeeper"
    password: str = "correct horse 7"
    signed_out_once: bool = False
    banner_gone: bool = False
    shown: list[str] = field(default_factory=list)
    """The addresses that were asked for, to read a failure by."""

    def __post_init__(self) -> None:
        d = self.draw
        self.platform, self.who = self.role.split("-")
        if self.platform == "dhgate":
            lang, self.site, british = "zh-CN", "dhgate.com", False
        else:
            self.site = d.pick("site", ("ebay.com", "ebay.com", "ebay.com", "ebay.co.uk", "ebay.com.hk"))
            if self.role == "ebay-buyer" and self.site == "ebay.com.hk":
                self.site = "ebay.com"  # no list of a buyer's reasons in Chinese is known
            lang, british = ("zh-TW" if self.site == "ebay.com.hk" else "en"), self.site == "ebay.co.uk"
        self.words = Words(d, lang, british)
        self.value = VALUES[self.role][self.reason]
        self._fill()

    # -- orders -------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        rng = self.draw.rng(f"orders.{self.case}")
        count = rng.randint(3, 8)
        at = rng.randrange(count)
        if self.case == "page-two":
            count, at = rng.randint(34, 45), rng.randint(27, 33)
        self.orders = [self.made(rng) for _ in range(count)]
        self.target = self.orders[at]

    def made(self, rng: random.Random, **given: str) -> Order:
        def digits(n: int) -> str:
            return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(n - 1))

        ebay = self.platform == "ebay"
        no = f"{rng.randint(10, 27)}-{digits(5)}-{digits(5)}" if ebay else f"1{digits(9)}"
        money = f"{rng.randint(6, 240)}.{rng.randint(0, 99):02d}"
        currency = {"ebay.co.uk": "£", "ebay.com.hk": "HKD ", "dhgate.com": "US $"}.get(self.site, "US $")
        buyer = rng.choice(BUYERS)
        fields: dict[str, Any] = {
            "no": no,
            "item_id": digits(12) if ebay else digits(9),
            "trans_id": digits(14),
            "oid": "ff8080" + "".join(rng.choice("0123456789abcdef") for _ in range(26)),
            "title": rng.choice(GOODS["zh" if self.platform == "dhgate" else "en"]),
            "buyer": buyer,
            "buyer_id": "ff8080" + f"{BUYERS.index(buyer):026x}",
            "total": currency + money,
            "date": f"Nov {rng.randint(12, 26)}, 2026"
            if ebay
            else f"2026-11-{rng.randint(12, 26)} 10:{rng.randint(10, 59)}:08",
        }
        return Order(**(fields | given))

    def by_ids(self, ids: dict[str, str]) -> Order | None:
        """The order that a request names, by whichever id it carries."""
        low = {k.lower(): v for k, v in ids.items()}
        trans = low.get("transid") or low.get("transactionid")
        for order in self.orders:
            if trans:
                if trans == order.trans_id:
                    return order
            elif low.get("orderid") in {order.no, order.oid} or low.get("orderno") == order.no:
                return order
        return None

    # -- what happens ---------------------------------------------------------------------------------------

    def log(self, event: str, **more: Any) -> None:
        self.truth.append({"at": round(time.monotonic(), 3), "event": event, **more})

    def commit(self, order: Order, *, reason: str, note: str = "", via: str = "form", **more: Any) -> bool:
        """The one thing that cannot be taken back. False: the site's own guard turned it away."""
        open_one = order.cancel is not None and order.cancel.state != "declined"
        guarded = self.draw.odds("site.guard", 0.5)
        if open_one and guarded:
            self.log("turned away", order=order.no)
            return False
        self.log("commit", order=order.no, reason=reason, note=note, via=via, **more)
        state = {
            "ebay-seller": self.draw.pick("after.state", ("cancelled", "cancelled", "refund")),
            "ebay-buyer": "seller",
            "dhgate-seller": self.draw.pick("after.state", ("platform", "platform", "platform", "cancelled")),
        }[self.role]
        if self.case == "pending-gone":
            state = {"ebay-seller": "refund", "ebay-buyer": "seller", "dhgate-seller": "platform"}[self.role]
        order.cancel = self.cancelled(order, state, by=self.who, reason=reason)
        return True

    def cancelled(self, order: Order, state: str, *, by: str, reason: str) -> Cancel:
        return Cancel(state, by, reason, f"5{order.trans_id[:9]}", time.monotonic())

    def seen(self, order: Order, where: str) -> Cancel | None:
        """What a page of this kind shows of an order's cancellation: some pages come late."""
        cancel = order.cancel
        if cancel is None or order is not self.target:
            return cancel
        age = time.monotonic() - cancel.at
        if (
            self.case == "list-stale"
            and where == self.draw.pick("stale.where", ("list", "detail"))
            and age < 40
        ):
            return None
        if self.case == "pending-gone":
            order.views += 1
            if order.views > 2:
                self.log("withdrawn", order=order.no)
                order.cancel = None
        return cancel

    def commits(self) -> list[dict[str, Any]]:
        return [each for each in self.truth if each["event"] == "commit"]

    def state_words(self, order: Order, where: str) -> str:
        """An order's state as this kind of page words it."""
        cancel, say = self.seen(order, where), self.words
        if cancel is None or (cancel.state == "declined" and "declined" not in say.table):
            return say(order.status)
        if cancel.state == "cancelled":
            named = self.platform == "ebay" and self.draw.odds("state.who", 0.4)
            return say("canceled_seller" if named and cancel.by == "seller" else "canceled")
        return say({"asked": "asked", "declined": "declined"}.get(cancel.state, f"pend_{cancel.state}"))
