"""Orders with something wrong about them: what is switched on for each, and how it must end.

Used by ``test_under_fire`` (each kit once) and by ``chaos`` (all of them, again and again, with kills).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.consoles.faults import Rule
from tests.consoles.layouts import Layout
from tests.consoles.store import Store

DONE = ("done",)
"""Cancelled or pending, as the platform has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """``faults``: kind → what it is switched on with. ``ends``: the states that may be told.

    ``commits``: what the truth log must show; ``submits``: what the ledger must count.
    """

    name: str
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)
    ends: Sequence[str] = DONE
    commits: int = 1
    submits: int = 1

    def switch_on(self, store: Store, platform: str, order_no: str, neighbour: str) -> list[Rule]:
        given = {**self.faults, "neighbour": {"word": neighbour}}
        return [store.faults.on(kind, order_no, platform=platform, **given[kind]) for kind in self.faults]

    def layout_for(self, layout: Layout) -> Layout | None:
        return layout.but(**self.layout) if self.layout else None


SURVIVABLE = (
    "healthy", "slow pages", "a page broken once", "signed out on the way", "an offer in front",
    "slow and broken extras", "the page moves", "503 before the commit", "500 after the commit",
    "cut before the first byte", "cut in the middle", "signed out at the commit",
    "lands late, no guard", "lands late, cut, no guard", "pages lag, no guard", "a stale list, no guard",
)  # fmt: skip
"""Kits by name after which a run reaches the end that the order would have had without them."""

ONCE: dict[str, Any] = {"most": 1}


def kits(slow: float) -> list[Kit]:
    """``slow``: seconds that a site takes to act or to show it, below the settle time."""
    nothing: dict[str, Any] = {"commits": 0, "submits": 0}
    person = ("needs_human",)
    return [
        Kit(name="healthy"),
        Kit(name="slow pages", faults={"latency": {"number": 0.3, "most": 4}}),
        Kit(name="a page broken once", faults={"page-error": {"word": "503", **ONCE}}),
        Kit(name="signed out on the way", faults={"sign-out": ONCE}),
        Kit(name="an offer in front", faults={"interstitial": ONCE}),
        Kit(name="slow and broken extras", faults={"assets": {"number": 1.0, "most": 4}}),
        Kit(name="the page moves", faults={"shift": {}}),
        Kit(name="another language", faults={"language": {"word": "zh-CN"}}),
        Kit(name="the search shows a neighbour", faults={"neighbour": {}}, ends=person, **nothing),
        Kit(name="the form drawn twice", layout={"twin": True}, ends=person, **nothing),
        # The commit.
        Kit(name="503 before the commit", faults={"error-before": {"word": "503", **ONCE}}, submits=2),
        Kit(name="502 before each commit", faults={"error-before": {"word": "502"}}, ends=person, commits=0,
            submits=2),
        Kit(name="500 after the commit", faults={"error-after": ONCE}),
        Kit(name="cut before the first byte", faults={"cut-first-byte": ONCE}),
        Kit(name="cut in the middle", faults={"cut-middle": ONCE, "no-guard": {}}),
        Kit(name="signed out at the commit", faults={"sign-out-commit": ONCE}, submits=2),
        # Its own "done" is a sign of an effect: a person looks.
        Kit(name="says done, does nothing", faults={"lies": ONCE}, ends=person, commits=0),
        Kit(name="says no, and did it, in no page", layout={"answer": "in-place"}, ends=person,
            faults={"says-no": ONCE, "lag": {"number": 600.0}, "no-guard": {}}),
        Kit(name="429 before the commit, in place", layout={"answer": "in-place"},
            faults={"error-before": {"word": "429", **ONCE}}, submits=2),
        Kit(name="names nobody", layout={"names_asker": False, "states": "other"}),
        Kit(name="lands late, no guard", faults={"late": {"number": slow}, "no-guard": {}}),
        Kit(name="lands late, cut, no guard",
            faults={"commit-latency": {"number": slow}, "cut-middle": ONCE, "no-guard": {}}),
        Kit(name="asks in the page", layout={"confirm": "page"}),
        Kit(name="asks by window.confirm", layout={"confirm": "native"}),
        Kit(name="asks something unlisted in the page", layout={"confirm": "page", "asks": "unlisted"},
            ends=person, commits=0),
        Kit(name="asks something unlisted by window.confirm",
            layout={"confirm": "native", "asks": "unlisted"}, ends=person, commits=0),
        Kit(name="the other party asks meanwhile", faults={"other-asks": ONCE}, ends=person, commits=0),
        Kit(name="somebody else cancels meanwhile", faults={"other-cancels": ONCE}, ends=("cancelled",),
            commits=0),
        # Reading back.
        Kit(name="pages lag, no guard", faults={"lag": {"number": slow}, "no-guard": {}}),
        Kit(name="a stale list, no guard", faults={"lag": {"number": 600.0, "word": "list"}, "no-guard": {}}),
        # Lists and menus.
        Kit(name="rows fetched late", faults={"late-rows": {"number": 1.5, "most": 2}}),
        Kit(name="rows behind a skeleton",
            faults={"late-rows": {"number": 1.5, "word": "skeleton", "most": 2}}),
        Kit(name="controls drawn late", faults={"late-menu": {"number": 1.5, "most": 2}}),
        Kit(name="the search ignores the number", faults={"ignores-search": {}}),
        Kit(name="the list sorts itself under the hand", faults={"resort": ONCE}),
    ]  # fmt: skip
