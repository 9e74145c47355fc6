"""How a console looks. Nobody here has seen the real cancel forms, so every kind is practised.

A layout is a shop's (all its orders) or one order's. Flows must not care which one they meet.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    words: Literal["console", "article"] = "console"
    """DHgate: the console's own words (我的DHgate, 我的订单) or the article's (我的敦煌, 订单管理)."""
    seller_hub: bool = True
    """eBay: False = ``/sh/ord`` answers with eBay's error page, the shop has My eBay > Sold alone."""
    entry: Literal["cancel", "resolve"] = "cancel"
    """eBay's action menu offers "Cancel order", or "Resolve a problem" (to the Resolution Center)."""
    menu: Literal["roles", "fake"] = "roles"
    """eBay's two menu widgets: menu-button (role=menu, menuitem) or fake-menu (plain links, buttons)."""
    form: Literal["page", "dialog"] = "page"
    tab: Literal["same", "new"] = "same"
    """Where the cancel form opens (only for form="page")."""
    reason: Literal["radios", "covered", "select"] = "radios"
    """"covered": each native radio lies under its own drawn icon, as eBay's widget has it."""
    ids: Literal["fields", "target", "script", "item"] = "fields"
    """eBay: where the form (as a page) carries item and transaction: in fields, in its target, in a script
    that adds them when it is sent; "item": the item in a field, the transaction in a script."""
    summary: bool = True
    """eBay: whether the page of the form shows the order's number and item."""
    refund: Literal["kinds", "stated", "unstated", "part"] = "kinds"
    """DHgate's 申请退款: full or part to choose; the total stated; no amount; half of it filled in."""
    labels: Literal["usual", "explained", "other", "misleading"] = "usual"
    """DHgate's reasons: with an explanation below each, in other words, or in words that say the contrary."""
    submit: Literal["button", "link", "input"] = "button"
    answer: Literal["navigate", "in-place"] = "navigate"
    """The submit posts the form and loads an answer page, or fetches and shows a notice in place."""
    confirm: Literal["none", "page", "native"] = "none"
    """What the site asks after the submit: nothing, a dialog in the page, or ``window.confirm``."""
    asks: str = "listed"
    """Whether that question is the usual one; else the name of one in ``questions.QUESTIONS``."""
    twin: bool = False
    """The form is drawn twice, both visible: a fault of the site."""
    stale_copy: bool = False
    """A hidden, stale copy of the form (another order's number in it) beside the visible one."""
    states: Literal["usual", "other", "unlisted", "dated"] = "usual"
    """How states are worded: as the profiles have it; in review in other words of the trade; still to ship
    in words that nobody listed; with a date in the middle."""
    names_asker: bool = True
    """Whether the pages say who asked for a cancellation, and why."""
    banner: Literal["none", "cookies", "survey", "tour", "buyers", "sends"] = "none"
    """What lies in front of each page until it is closed (remembered by a cookie). "buyers" is no banner at
    all: its "Accept all" cancels what the buyers ask for. "sends" (DHgate alone): a tour whose closing posts
    the same."""
    acts: Literal["", "form", "fetch", "get", "tab", "button", "late"] = ""
    """Pressing the entry cancels at once, without a form: by a form that its script posts; by a script, which
    tries again, also when the page is left; by a script's GET (DHgate alone); by a form posted into a new
    tab; as a form's own button. "late": 0.8 s after the form is shown (only for form="dialog")."""
    chosen: Literal["waits", "posts"] = "waits"
    """Choosing a reason only chooses it, or posts the form at once, and again when that fails."""
    opened_by: Literal["get", "post"] = "get"
    """How the entry's script asks for its form (only for form="dialog"): the POST only reads."""
    wizard: Literal["get", "post", "post-more"] = "get"
    """How eBay's wizard goes from step to step; "post-more": what it posts holds more than ids and choice."""
    chatter: bool = False
    """Each page counts visits: beacons and pings at each click, a POST elsewhere, one that only reads."""

    def but(self, **changes: object) -> Layout:
        return replace(self, **changes)  # type: ignore[arg-type]

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str | None) -> Layout:
        return cls(**json.loads(text)) if text else cls()
