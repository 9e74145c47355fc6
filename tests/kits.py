"""Orders with something wrong about them: what is switched on for each, and how it must end.

Used by ``test_under_fire`` (each kit once) and by ``chaos`` (all of them, again and again, with kills).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.consoles import dhgate, ebay
from tests.consoles.faults import Rule
from tests.consoles.layouts import Layout
from tests.consoles.store import Store
from tests.world import World

DONE = ("done",)
"""Cancelled or pending, as the platform has it."""
PERSON, REFUSED, FAILED = ("needs_human",), ("refused",), ("failed",)
EBAY, DHGATE = ("hub", "classic", "buyer"), ("console", "article")
"""Kinds of shops: with Seller Hub, without, a buyer's account; in the console's words, or the article's."""
PLATFORM_OF = dict.fromkeys(EBAY, "ebay") | dict.fromkeys(DHGATE, "dhgate")
SEARCHES = ("hub", *DHGATE)
"""The purchase history and My eBay > Sold have no search."""
HAS_AN_ENTRY = ("hub", "buyer", *DHGATE)
"""Where the form opens straight from the order's own entry, not by way of a wizard."""
SOLD = ("hub", "classic", *DHGATE)
"""The consoles play the buyer as the other party: to the buyer's own account that is a request of its own,
which no page can tell from ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """``faults``: kind → what it is switched on with. ``ends``: the states that may be told.

    ``commits``: what the truth log must show; ``submits``: what the ledger must count. ``wishes`` are the
    order's, ``order`` what is unusual about it at the site.
    """

    name: str
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)
    ends: Sequence[str] = DONE
    commits: int = 1
    submits: int = 1
    shops: Sequence[str] = (*EBAY, *DHGATE)
    """The kinds of shops where this can happen."""
    wishes: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    one_listing: bool = False
    """The neighbour is an order of the same listing."""
    asked: bool = False
    """The buyer has asked to cancel it."""
    taken_back: bool = False
    """Once it is pending, the site shows nothing of it any more."""
    stays: bool = False
    """It stays a person's when the site is well again: no page shows what was done."""

    @property
    def never(self) -> bool:
        """Whether nothing may be committed while this is so, whatever else happens: no kill excuses it."""
        passes = any("most" in given for given in self.faults.values())
        return not self.commits and not passes

    def put(
        self, world: World, shop: str, kind: str, order_no: str, layout: Layout, **more: Any
    ) -> list[Rule]:
        """The order, beside a neighbour one digit off, with all that is wrong about it switched on."""
        platform, neighbour = PLATFORM_OF[kind], order_no[:-1] + "2"
        if self.one_listing:
            more["item_id"] = "1" + order_no.replace("-", "")[1:12]
        own = layout.but(**self.layout) if self.layout else None
        world.order(shop, order_no, layout=own, **{**more, **self.order})
        world.order(shop, neighbour, **more)
        if self.asked:
            (ebay.ask_as_buyer if platform == "ebay" else dhgate.buyer_asks)(world.store, order_no)
        return self.switch_on(world.store, platform, order_no, neighbour)

    def switch_on(self, store: Store, platform: str, order_no: str, neighbour: str) -> list[Rule]:
        given = {**self.faults}
        given |= {kind: {"word": neighbour} for kind in ("neighbour", "form-of") if kind in given}
        return [store.faults.on(kind, order_no, platform=platform, **given[kind]) for kind in given]

    def wanted(self, kind: str) -> dict[str, Any]:
        """What is wanted of the order."""
        return {"reason": "mistake" if kind == "buyer" else "buyer-asked", **self.wishes}


SURVIVABLE = (
    "healthy", "slow pages", "a page broken once", "signed out on the way", "an offer in front",
    "slow and broken extras", "the page moves", "503 before the commit", "500 after the commit",
    "cut before the first byte", "cut in the middle", "signed out at the commit",
    "lands late, no guard", "lands late, cut, no guard", "pages lag, no guard", "a stale list, no guard",
)  # fmt: skip
"""Kits by name after which a run reaches the end that the order would have had without them."""

ONCE: dict[str, Any] = {"most": 1}
NOTHING: dict[str, Any] = {"commits": 0, "submits": 0}
LEFT: dict[str, Any] = {"ends": PERSON, **NOTHING}
"""Nothing may be pressed, and a person is told."""


def kits(slow: float) -> list[Kit]:
    """``slow``: seconds that a site takes to act or to show it, below the settle time."""
    return [
        *_pages(), *_lists(), *_entries(), *_forms(), *_questions(), *_commits(slow), *_readings(slow)
    ]  # fmt: skip


def _pages() -> list[Kit]:
    """What can happen to any page."""
    return [
        Kit(name="healthy"),
        Kit(name="slow pages", faults={"latency": {"number": 0.3, "most": 4}}),
        Kit(name="a page broken once", faults={"page-error": {"word": "503", **ONCE}}),
        Kit(name="signed out on the way", faults={"sign-out": ONCE}),
        Kit(name="an offer in front", faults={"interstitial": ONCE}),
        Kit(name="a tour in front", faults={"banner": {"word": "tour"}}, shops=SEARCHES),
        Kit(name="a banner that asks to cancel for buyers", faults={"banner": {"word": "buyers"}},
            shops=SEARCHES, **LEFT),
        Kit(name="slow and broken extras", faults={"assets": {"number": 1.0, "most": 4}}),
        Kit(name="the page moves", faults={"shift": {}}),
        Kit(name="another language", faults={"language": {"word": "zh-CN"}}),
        Kit(name="a state that nobody listed", layout={"states": "unlisted"}, shops=DHGATE, **LEFT),
        Kit(name="a state with a span of days in it", layout={"states": "dated"}, shops=DHGATE),
        Kit(name="the buyer has asked, in words with a date", layout={"states": "dated"}, asked=True,
            shops=SOLD, **LEFT),
    ]  # fmt: skip


def _lists() -> list[Kit]:
    """Lists and menus."""
    absent: dict[str, Any] = {"order": {"seller": "somebody_else"}, "shops": SEARCHES}
    return [
        Kit(name="the search shows a neighbour", faults={"neighbour": {}}, shops=SEARCHES, **LEFT),
        Kit(name="rows fetched late", faults={"late-rows": {"number": 1.5, "most": 2}}, shops=SEARCHES),
        Kit(name="rows drawn late by a timer", shops=SEARCHES,
            faults={"late-rows": {"number": 1.5, "word": "timer", "most": 2}}),
        Kit(name="rows behind a skeleton", shops=SEARCHES,
            faults={"late-rows": {"number": 1.5, "word": "skeleton", "most": 2}}),
        Kit(name="controls drawn late", faults={"late-menu": {"number": 1.5, "most": 2}}, shops=SEARCHES),
        Kit(name="the search ignores the number", faults={"ignores-search": {}}, shops=SEARCHES),
        Kit(name="the list sorts itself under the hand", faults={"resort": ONCE}, shops=SEARCHES),
        Kit(name="rows that become another's, each time", shops=("hub",), ends=FAILED, **NOTHING,
            faults={"ignores-search": {}, "resort": {}}),
        Kit(name="another account's order", ends=REFUSED, **NOTHING, **absent),
        Kit(name="another account's order, in a list without end", **absent, **LEFT,
            faults={"ignores-search": {}, "endless-next": {}}),
    ]  # fmt: skip


def _entries() -> list[Kit]:
    """What the entry does before there is a form."""
    dialog = {"form": "dialog"}
    return [
        Kit(name="the entry posts a form at once", layout={"acts": "form"}, **LEFT),
        Kit(name="the entry cancels by script, and tries again", layout={"acts": "fetch"}, **LEFT),
        Kit(name="the entry cancels in a new tab", layout={"acts": "tab"}, **LEFT),
        Kit(name="the entry cancels by a script's GET", layout={"acts": "get"}, shops=DHGATE, **LEFT),
        Kit(name="the entry is a form's own button", layout={"acts": "button"}, shops=HAS_AN_ENTRY, **LEFT),
        Kit(name="the form is shown, and then acts", layout={"acts": "late", **dialog}, shops=HAS_AN_ENTRY,
            **LEFT),
        Kit(name="the form is asked for by a POST", layout={"opened_by": "post", **dialog},
            shops=HAS_AN_ENTRY, **LEFT),
        Kit(name="choosing the reason cancels", layout={"chosen": "posts"}, **LEFT),
        Kit(name="a wizard that posts ids and choice", layout={"wizard": "post", "entry": "resolve"},
            shops=("hub", "classic")),
        Kit(name="a wizard that posts a reason", layout={"wizard": "post-more", "entry": "resolve"},
            shops=("hub", "classic"), **LEFT),
    ]  # fmt: skip


def _forms() -> list[Kit]:
    """The form: whose it is, what it offers, what it takes back."""
    item = {"ids": "item", "summary": False, "entry": "resolve", "menu": "fake"}
    wizards: dict[str, Any] = {"layout": item, "shops": ("hub", "classic")}
    refund: dict[str, Any] = {"order": {"controls": "refund"}, "shops": DHGATE}
    return [
        Kit(name="the form drawn twice", layout={"twin": True}, **LEFT),
        Kit(name="the form is the neighbour's", faults={"form-of": {}}, **LEFT),
        Kit(name="the neighbour's form, of one listing", faults={"form-of": {}}, one_listing=True,
            **wizards, **LEFT),
        Kit(name="an item's number alone, of two orders", one_listing=True, **wizards, **LEFT),
        Kit(name="an item's number alone, of one order", **wizards),
        Kit(name="ids in the form's target alone", layout={"ids": "target", "summary": False},
            shops=("hub", "buyer")),
        Kit(name="ids in a script alone", layout={"ids": "script", "summary": False}, shops=("hub", "buyer")),
        Kit(name="labels that say the contrary", layout={"labels": "misleading"}, ends=REFUSED, **NOTHING,
            shops=DHGATE, wishes={"reason": "agreed-with-buyer"}),
        Kit(name="labels in other words", layout={"labels": "other"}, shops=DHGATE),
        Kit(name="labels with an explanation", layout={"labels": "explained"}, shops=DHGATE),
        Kit(name="a box that ticks itself again", faults={"box-back": {}}, shops=("hub",), ends=FAILED,
            **NOTHING),
        Kit(name="a note that empties itself", faults={"note-gone": {}}, shops=("hub", "classic"),
            wishes={"note": "as agreed"}, ends=FAILED, **NOTHING),
        Kit(name="a part of the refund filled in", layout={"refund": "part"}, **refund, **LEFT),
        Kit(name="a refund of no stated amount", layout={"refund": "unstated"}, **refund, **LEFT),
        Kit(name="a refund of the stated total", layout={"refund": "stated"}, **refund),
    ]  # fmt: skip


def _questions() -> list[Kit]:
    """What is asked after the submit."""
    left: dict[str, Any] = {"ends": PERSON, "commits": 0}
    page, native = {"confirm": "page"}, {"confirm": "native"}
    misleading = ("request", "all", "neighbour", "keeps", "part", "unlisted")
    return [
        Kit(name="asks in the page", layout=page),
        Kit(name="asks by window.confirm", layout=native),
        Kit(name="asks in other words", layout={**page, "asks": "honest-zh"}),
        Kit(name="asks in other words by window.confirm", layout={**native, "asks": "honest-zh"}),
        *(Kit(name=f"asks something else in the page: {asks}", layout={**page, "asks": asks}, **left)
          for asks in misleading),
        *(Kit(name=f"asks something else by window.confirm: {asks}", layout={**native, "asks": asks}, **left)
          for asks in ("all", "unlisted")),
        Kit(name="a question that gives way to another", layout=page, faults={"question-replaced": {}},
            shops=("hub", "classic"), **left),
    ]  # fmt: skip


def _commits(slow: float) -> list[Kit]:
    """The commit, and what is answered."""
    in_place = {"answer": "in-place"}
    return [
        Kit(name="503 before the commit", faults={"error-before": {"word": "503", **ONCE}}, submits=2),
        Kit(name="502 before each commit", faults={"error-before": {"word": "502"}}, ends=PERSON, commits=0,
            submits=2),
        Kit(name="500 after the commit", faults={"error-after": ONCE}),
        Kit(name="cut before the first byte", faults={"cut-first-byte": ONCE}),
        Kit(name="cut in the middle", faults={"cut-middle": ONCE, "no-guard": {}}),
        Kit(name="signed out at the commit", faults={"sign-out-commit": ONCE}, submits=2),
        # Its own "done" is a sign of an effect: a person looks.
        Kit(name="says done, does nothing", faults={"lies": ONCE}, ends=PERSON, commits=0),
        Kit(name="says no, and did it, in no page", layout=in_place, ends=PERSON,
            faults={"says-no": ONCE, "lag": {"number": 600.0}, "no-guard": {}}),
        Kit(name="pays a part back, and 500", shops=DHGATE, ends=PERSON, stays=True,
            faults={"part-refund": {}, "error-after": ONCE}),
        Kit(name="429 before the commit, in place", layout=in_place,
            faults={"error-before": {"word": "429", **ONCE}}, submits=2),
        Kit(name="lands late, no guard", faults={"late": {"number": slow}, "no-guard": {}}),
        Kit(name="lands late, cut, no guard",
            faults={"commit-latency": {"number": slow}, "cut-middle": ONCE, "no-guard": {}}),
        Kit(name="the other party asks meanwhile", faults={"other-asks": ONCE}, ends=PERSON, commits=0,
            shops=SOLD),
        Kit(name="somebody else cancels meanwhile", faults={"other-cancels": ONCE}, ends=("cancelled",),
            commits=0, shops=SOLD),
    ]  # fmt: skip


def _readings(slow: float) -> list[Kit]:
    """Reading back."""
    return [
        Kit(name="names nobody", layout={"names_asker": False, "states": "other"}),
        Kit(name="pages lag, no guard", faults={"lag": {"number": slow}, "no-guard": {}}),
        Kit(name="a stale list, no guard", faults={"lag": {"number": 600.0, "word": "list"}, "no-guard": {}}),
        Kit(name="shows it, and takes it back", faults={"no-guard": {}}, taken_back=True, stays=True,
            shops=DHGATE),
    ]  # fmt: skip
