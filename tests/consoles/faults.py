"""What goes wrong at a console: switched on for one order or for all, at a rate, drawn from a seed.

A rule is switched on with ``store.faults.on(...)``; the pages, the commits and ``trouble`` ask whether it
strikes. ``make chaos`` switches them all on.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

KINDS: Mapping[str, str] = {
    # Any page.
    "latency": "`number` seconds before each answer",
    "page-error": "the page answers `word` (500, 502, 503)",
    "sign-out": "the session has expired when the page is asked for",
    "sign-out-commit": "the session has expired when the commit arrives",
    "interstitial": "an offer stands in front of the page",
    "banner": "what lies in front of the order's pages: `word`, as in ``Layout.banner``",
    "limit": "after `number` pages: too many requests (eBay alone; DHgate's page is not known)",
    "assets": "a script that takes `number` seconds, a picture, a font, a sound, scripts from elsewhere",
    "shift": "what the page shows moves down once it is drawn, and its newest row comes late",
    "language": "the page is drawn in the language `word`",
    "neighbour": "the search for the order shows the order `word` instead",
    "other-account": "the session belongs to the user `word` from now on",
    "late-rows": "a list's rows come `number` seconds later: by fetch, or as `word` says (timer, skeleton)",
    "late-menu": "the same for a menu's entries and an order's controls",
    "endless-next": "a list's last page leads on, to itself, for ever",
    "ignores-search": "the search for a number shows all orders",
    "resort": "a list swaps two rows' contents when the pointer comes to a control of one",
    "lag": "pages show the state of `number` seconds ago; `word`: list or detail pages alone",
    # The form.
    "form-of": "the form that opens is that of the order `word`, whatever was asked for",
    "box-back": "the box for relisting ticks itself again (eBay)",
    "note-gone": "the explanation empties itself",
    "question": "the site asks the question `word` after the submit (see questions.QUESTIONS)",
    "question-replaced": "as the mouse comes near, the question gives way to one about all open orders",
    "ids-swapped": "the form takes another order's ids, when `word`: down (its submit goes down), opens (the "
    "question), yes (that goes down); eBay, ids in fields",
    # A message to the buyer.
    "message-limit": "the message is answered: too many, later; and it is not sent",
    "message-cut": "the message arrives, and the connection is cut in the middle of the answer",
    "message-wrong": "the message form is that of the order `word`, whatever was asked for",
    "message-other-buyer": "the message form names another buyer",
    # The commit.
    "commit-latency": "the commit lands `number` seconds after its request, though the client be gone",
    "error-before": "the commit's request is answered with `word` (5xx), and nothing happens",
    "error-after": "500 after the commit",
    "cut-first-byte": "the connection is cut after the commit, before the answer's first byte",
    "cut-middle": "the connection is cut after the commit, in the middle of the answer",
    "says-no": "the commit happens, and the form says that it did not",
    "part-refund": "the commit pays a part of the money back, and the order stays open (DHgate)",
    "no-guard": "a site that would act on a second commit too",
    "lies": "the form's answer says done, and nothing happens",
    "late": "the answer comes at once, the commit lands `number` seconds later",
    "other-asks": "the other party's own request arrives between form and commit",
    "other-cancels": "somebody else cancels between form and commit",
}


STANDING = ("no-guard", "lag")
"""What is always so while it is switched on, and never strikes."""


@dataclass(slots=True, kw_only=True)
class Rule:
    """``rate``: of the times that it is asked; ``most``: strikes in all, 0 = no end."""

    kind: str
    platform: str = ""
    order_no: str = ""
    number: float = 0.0
    word: str = ""
    rate: float = 1.0
    most: int = 0
    seed: int = 0
    asked: int = 0
    struck: int = 0
    draws: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draws = random.Random(f"{self.seed}/{self.kind}/{self.platform}/{self.order_no}")

    def concerns(self, kind: str, platform: str, order_no: str) -> bool:
        mine = self.kind == kind and self.platform in ("", platform)
        return mine and self.order_no in ("", order_no) and (not self.most or self.struck < self.most)


class Faults:
    """The rules of one store. Asked from the server's threads, switched by the test's."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()
        self.strikes_of: Counter[str] = Counter()
        """How often each kind has struck."""

    def on(self, kind: str, order_no: str = "", **more: object) -> Rule:
        """Switch a fault on: for one order, or for all. Unknown kinds are refused."""
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}; known: {', '.join(KINDS)}")
        rule = Rule(kind=kind, order_no=order_no, **more)  # type: ignore[arg-type]
        with self._lock:
            self._rules.append(rule)
        return rule

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """The site acts on it after so long, whoever waits for it."""
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def off(self) -> None:
        """A healthy site again; what it still meant to do is forgotten."""
        with self._lock:
            for timer in self._timers:
                timer.cancel()
            self._timers.clear()
            self._rules.clear()
            self.strikes_of.clear()

    def __bool__(self) -> bool:
        return bool(self._rules)

    def anywhere(self, kind: str) -> bool:
        """Whether a rule of this kind is on for anything."""
        return any(rule.kind == kind for rule in self._rules)

    def standing(self, kind: str, platform: str = "", order_no: str = "") -> Rule | None:
        """A rule that is on for this, asked without drawing: what is always so (a lag, a missing guard)."""
        return next((rule for rule in self._rules if rule.concerns(kind, platform, order_no)), None)

    def strikes(self, kind: str, platform: str, order_no: str = "") -> Rule | None:
        """Draw: the rule that strikes now, None when none does."""
        with self._lock:
            for rule in self._rules:
                if not rule.concerns(kind, platform, order_no):
                    continue
                rule.asked += 1
                if rule.draws.random() < rule.rate:
                    rule.struck += 1
                    self.strikes_of[kind] += 1
                    return rule
        return None
