"""``make passk K=8``: the same kinds of journey again and again; how sure is each?

At most forty kinds, pairwise over platform, role, way, layout, language and outcome, K times on healthy
consoles and K times under faults that can be survived. pass^k is the chance that k tries in a row all end
as they must, estimated without bias from c successes in n tries as C(c,k) / C(n,k), mean over the kinds.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Any

from allpairspy import AllPairs
from loguru import logger

from agent.domain.order import Outcome
from tests import figures
from tests.consoles import dhgate, ebay
from tests.consoles.layouts import Layout
from tests.consoles.server import Consoles
from tests.kits import SURVIVABLE, Kit, kits
from tests.world import World

MOST = 40
SETTLE, SLOW = 4.0, 2.0
WAYS: list[tuple[str, str, dict[str, Any]]] = [
    ("ebay", "seller", {"seller_hub": True}),
    ("ebay", "seller", {"seller_hub": False, "entry": "resolve", "menu": "fake"}),
    ("ebay", "buyer", {}),
    ("dhgate", "seller", {"words": "console"}),
    ("dhgate", "seller", {"words": "article"}),
]
LANGUAGES = {"ebay": ["en", "de", "zh-TW", "zh-CN"], "dhgate": ["zh-CN", "en"]}
OUTCOMES = ["approve", "reject", "shipped", "no such reason"]
MIX: dict[str, dict[str, Any]] = {
    "latency": {"number": 0.4, "rate": 0.05}, "page-error": {"word": "503", "rate": 0.01},
    "sign-out": {"rate": 0.01}, "interstitial": {"rate": 0.03}, "shift": {"rate": 0.1},
    "assets": {"number": 1.0, "rate": 0.03},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of journey."""

    way: int
    language: str
    form: str
    answer: str
    confirm: str
    outcome: str

    @property
    def shop(self) -> str:
        return f"w{self.way}{self.language.replace('-', '').lower()}"

    @property
    def platform(self) -> str:
        return WAYS[self.way][0]

    @property
    def expected(self) -> tuple[str, int]:
        """State at the end, and commits."""
        if self.outcome in ("shipped", "no such reason"):
            return "refused", 0
        reject = self.outcome == "reject"
        if self.platform == "ebay" and WAYS[self.way][1] == "seller":
            return ("needs_human" if reject else "cancelled"), 1  # "Retry refund" is for a person
        return ("declined" if reject else "cancelled"), 1


def kinds() -> list[Kind]:
    """Pairwise over everything; a way has its own platform's languages alone."""

    def fits(row: list[Any]) -> bool:
        return len(row) < 2 or row[1] in LANGUAGES[WAYS[row[0]][0]]

    languages = sorted({language for some in LANGUAGES.values() for language in some})
    pairs = AllPairs(
        [list(range(len(WAYS))), languages, ["page", "dialog"], ["navigate", "in-place"],
         ["none", "page", "native"], OUTCOMES],
        filter_func=fits,
    )  # fmt: skip
    return [Kind(*row) for row in pairs][:MOST]


def seed(world: World, every: list[Kind], k: int) -> dict[str, Kind]:
    """The shops, and each kind's order of the k-th try; returns the kinds by order number."""
    made: set[str] = set()
    orders = {}
    for n, kind in enumerate(every):
        platform, role, layout = WAYS[kind.way]
        if kind.shop not in made:
            world.shop(kind.shop, platform, role=role, language=kind.language, layout=Layout(**layout))
            made.add(kind.shop)
        own = Layout(**layout, form=kind.form, answer=kind.answer, confirm=kind.confirm)  # type: ignore[arg-type]
        more: dict[str, Any] = {"layout": own, "verdict": "reject" if kind.outcome == "reject" else "approve"}
        more |= {"age_days": 0.01} if role == "buyer" else {}
        more |= {"status": "shipped"} if kind.outcome == "shipped" else {}
        if kind.outcome == "no such reason":
            more["reasons"] = {"dhgate": "other", "ebay": "ADDRESS_ISSUES"}[platform]
            more["reasons"] = "OTHER" if role == "buyer" else more["reasons"]
        number = f"12-{34567 + k:05d}-{10001 + n * 7:05d}"
        if platform == "dhgate":
            number = str(1330300001 + k * 10000 + n * 7)
        orders[world.order(kind.shop, number, **more)] = kind
    return orders


def survivable(kind: Kind) -> list[Kit]:
    """The faults after which this kind still reaches its end.

    A form that answers in place shows a failed request as its own "no", and that is for a person.
    """
    own_no = ("503 before the commit", "signed out at the commit") if kind.answer == "in-place" else ()
    return [kit for kit in kits(SLOW) if kit.name in SURVIVABLE and kit.name not in own_no]


async def attempt(world: World, orders: dict[str, Kind]) -> list[Kind]:
    """Run these orders, let the platforms decide, sync; returns the kinds that ended as they must."""
    wanted = [
        world.wanted(kind.shop, no, "mistake" if WAYS[kind.way][1] == "buyer" else "buyer-asked")
        for no, kind in orders.items()
    ]
    told: dict[str, Outcome] = {o.order_no: o for o in (await world.run(*wanted)).outcomes}
    for number, kind in orders.items():
        waits = told[number].state.value == "pending" and kind.expected[0] != "pending"
        if waits and kind.platform == "dhgate":
            dhgate.decide(world.store, number, kind.outcome != "reject")
        elif waits:
            ebay.decide(world.store, "ebay", number, kind.outcome != "reject")
    told |= {o.order_no: o for o in await world.sync()}
    good = []
    for number, kind in orders.items():
        if (told[number].state.value, len(world.commits(number))) == kind.expected:
            good.append(kind)
        else:
            print(f"  not as expected: {kind}: {told[number]}", flush=True)
    return good


async def series(k: int, *, faults: bool) -> Counter[Kind]:
    """K tries of every kind in fresh worlds; how many of them succeeded."""
    passed: Counter[Kind] = Counter()
    every = kinds()
    for number in range(k):
        with Consoles() as consoles, tempfile.TemporaryDirectory(prefix="passk-") as home:
            world = World(consoles, Path(home))
            world.env["UNSELL_SETTLE_SECONDS"] = str(SETTLE)
            world.env["UNSELL_STEP_TIMEOUT_SECONDS"] = "30"  # as at a user's; ten accounts fill two cores
            orders = seed(world, every, number)
            if faults:
                for n, (order_no, kind) in enumerate(orders.items()):
                    fitting = survivable(kind)
                    kit = fitting[(n + number) % len(fitting)]
                    kit.switch_on(world.store, kind.platform, order_no, "")
                for name, more in MIX.items():
                    world.store.faults.on(name, seed=number, **more)
            good = await attempt(world, orders)
            passed.update(good)
            print(
                f"{'faults' if faults else 'healthy'} {number + 1}: {len(good)} of {len(orders)}", flush=True
            )
    return passed


def estimates(passed: Counter[Kind], k: int) -> list[float]:
    """pass^1 … pass^k."""
    every = kinds()
    return [sum(comb(passed[kind], j) / comb(k, j) for kind in every) / len(every) for j in range(1, k + 1)]


def main() -> int:
    logger.remove()
    k = int(os.environ.get("K", "8"))
    rows = []
    for name, faults in (("healthy consoles", False), ("under faults", True)):
        found = estimates(asyncio.run(series(k, faults=faults)), k)
        rows.append([name, *(f"{value:.3f}" for value in found)])
    text = figures.table([f"{len(kinds())} kinds", *(f"pass^{j}" for j in range(1, k + 1))], rows)
    print(text)
    if os.environ.get("WRITE"):
        figures.write("reliability.md", "passk", f"{text}\n\n`make passk K={k}`, {figures.where()}.")
    return 0 if all(cell == "1.000" for row in rows for cell in row[1:]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
