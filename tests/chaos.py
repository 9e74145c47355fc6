"""``make chaos``: hundreds of orders over both platforms, every fault on, the program killed at random.

ORDERS, KILLS and SEED are read from the environment. The program is started on a sheet as a schedule would
start it, killed with SIGKILL (at a random moment, or at a named point) until KILLS is spent, and started
again until nothing more moves. The consoles' truth log is the judge. Exit 1 unless no order was committed
twice, none wrongly, none lost, and each is in a state that the truth log agrees with.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, get_args

from agent.domain.order import State
from agent.engine.failpoints import Point
from agent.ledger.store import Ledger, Row
from tests import figures
from tests.consoles import dhgate, ebay
from tests.consoles.layouts import Layout
from tests.consoles.server import Consoles
from tests.kits import FAILED, Kit, kits
from tests.verdict import Tally, judge, judge_told
from tests.world import World

SETTLE, SLOW = 5.0, 2.5
"""Seconds: what the program waits in doubt, and what the sites take to act at most."""
LONGEST_RUN = 1500.0
CLASSIC = Layout(seller_hub=False, entry="resolve", menu="fake")
ARTICLE = Layout(words="article", form="dialog", confirm="page")
SHOPS: list[tuple[str, str, dict[str, Any]]] = [
    ("hub", "ebay", {"language": "en"}),
    ("classic", "ebay", {"language": "zh-TW", "layout": CLASSIC}),
    ("buyer", "ebay", {"role": "buyer", "language": "de", "layout": Layout(form="dialog")}),
    ("console", "dhgate", {"language": "zh-CN"}),
    ("article", "dhgate", {"language": "zh-CN", "layout": ARTICLE}),
]
BESIDE: dict[str, dict[str, Any]] = {
    "latency": {"number": 0.4, "rate": 0.03}, "page-error": {"word": "503", "rate": 0.01},
    "sign-out": {"rate": 0.004}, "interstitial": {"rate": 0.02}, "shift": {"rate": 0.05},
    "assets": {"number": 1.0, "rate": 0.02},
}  # fmt: skip
"""Faults that strike any page of any order, beside the order's own."""
FIGURES = "chaos-gate"
"""Runs with the faults as they are now; those under "chaos" had fewer of them."""
HEALTHY = Kit(name="healthy")


class Chaos:
    """One run of it, in one world."""

    def __init__(self, world: World, orders: int, kills: int, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.kits: dict[str, Kit] = {}
        self.shop_of: dict[str, str] = {}
        self.tally = Tally(orders=orders)
        self._kills = kills
        self._pids: list[int] = []
        self._well = False
        """Whether the sites are well again."""
        self._seed_orders(orders, seed)

    # -- seeding ---------------------------------------------------------------------------------

    def _seed_orders(self, orders: int, seed: int) -> None:
        world = self.world
        world.env |= {"UNSELL_SETTLE_SECONDS": str(SETTLE), "UNSELL_MAX_SUBMITS_PER_RUN": "100000"}
        world.env["UNSELL_STEP_TIMEOUT_SECONDS"] = "30"  # as at a user's; five accounts fill two cores
        for name, platform, more in SHOPS:
            world.shop(name, platform, **more)
        left: list[Kit] = []
        for n in range(orders):
            name, platform, more = SHOPS[n % len(SHOPS)]
            left = left or self._shuffled()
            kit = next((kit for kit in left if name in kit.shops), HEALTHY)
            left = [other for other in left if other is not kit]
            self._put(name, platform, n, kit, more.get("layout") or Layout())
        for kind, everywhere in BESIDE.items():
            world.store.faults.on(kind, seed=seed, **everywhere)
        self.order = list(self.kits)
        self.random.shuffle(self.order)

    def _shuffled(self) -> list[Kit]:
        """All kits; where there is an order for each, those of few kinds of shops first: so all are taken."""
        every = kits(SLOW)
        self.random.shuffle(every)
        return sorted(every, key=lambda kit: len(kit.shops) if self.tally.orders >= len(every) else 0)

    def _put(self, name: str, platform: str, n: int, kit: Kit, layout: Layout) -> str:
        number = f"{10 + n // 9000}-{34567 + n // 900:05d}-{10 * (n % 900) + 10001:05d}"
        if platform == "dhgate":
            number = str(1330300001 + n * 10)
        young = {"age_days": -0.1} if name == "buyer" else {}  # an hour after its purchase it is too late
        kit.put(self.world, name, name, number, layout, **young)
        self.kits[number], self.shop_of[number] = kit, name
        return number

    # -- running ---------------------------------------------------------------------------------

    def go(self) -> Tally:
        """Run, kill, run again, until nothing is left to do; a person tries again; the platforms decide."""
        began = time.monotonic()
        stuck = 0
        while stuck < 4 and (self._unfinished() or self.tally.kills < self._kills):
            before = self._standing()
            if self._unfinished() and self.random.random() < 0.85:
                self._run(self._unfinished())
            else:
                self._start("sync", "--json")
            self._take_back()
            stuck = stuck + 1 if self._standing() == before and self.tally.kills >= self._kills else 0
        self._by_a_person()
        self.tally.person.update(self.kits[number].name for number in self._with_a_person())
        asked = {number: (self.shop_of[number], kit) for number, kit in self.kits.items()}
        judge_told(self.tally, self.world, asked, self._rows())
        self.tally.faults = self.world.store.faults.strikes_of.copy()
        self.world.store.faults.off()
        self._well = True
        self._by_a_person()  # and once more on a day when the sites are well
        self._start("sync", "--json")
        dhgate.review_due(self.world.store)
        for row in self._rows():
            if row.platform == "ebay" and row.state is State.PENDING:
                ebay.decide(self.world.store, "ebay", row.order_no, True)
        self._start("sync", "--json")
        self.tally.seconds = time.monotonic() - began
        judge(self.tally, self.world, asked, self._rows(), self._pids)
        return self.tally

    def _standing(self) -> list[tuple[str, State, int]]:
        """How all orders stand, without what each run writes anew."""
        return [(row.order_no, row.state, row.submits) for row in self._rows()]

    def _take_back(self) -> None:
        """Some sites show nothing any more of what they showed as pending."""
        for row in self._rows():
            if row.state is State.PENDING and self.kits[row.order_no].taken_back:
                dhgate.forget(self.world.store, row.order_no)

    def _by_a_person(self) -> None:
        """A person tries again what was handed over; an account that stopped early is begun again."""
        self._run(self._with_a_person())
        for _ in range(20):
            if not self._unfinished():
                break
            self._run(self._unfinished())

    def _with_a_person(self) -> list[str]:
        return [row.order_no for row in self._rows() if row.state is State.NEEDS_HUMAN]

    def _unfinished(self) -> list[str]:
        """The orders that a schedule would hand to the next run; what must fail waits for a better day."""
        told = {row.order_no: row.state for row in self._rows()}
        todo = (State.QUEUED, State.SUBMITTING, State.FAILED)
        must = [number for number, kit in self.kits.items() if kit.ends is FAILED and not self._well]
        over = [number for number in must if told.get(number) is State.FAILED]
        return [n for n in self.order if told.get(n, State.QUEUED) in todo and n not in over]

    def _run(self, numbers: list[str]) -> None:
        if not numbers:
            return
        sheet = self.world.home / "orders.csv"
        with sheet.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["账号", "订单号", "取消原因", "说明"])
            for number in numbers:
                shop = self.shop_of[number]
                wanted = self.kits[number].wanted(shop)
                lines.writerow([shop, number, wanted["reason"], wanted.get("note", "")])
        self._start("run", str(sheet), "--yes", "--json")

    def _rows(self) -> list[Row]:
        with Ledger(self.world.settings.database) as ledger:
            return ledger.find()

    def _start(self, *words: str) -> None:
        """One start of the program; while kills are left it dies, at a named point or after some pages."""
        env, pages = self.world.environment(), None
        if self.tally.kills < self._kills:
            pages = self._pages() + self.random.randint(5, 120)
            if self.random.random() < 0.5:
                env["PRACTICE_CRASH_AT"] = (
                    f"{self.random.choice(get_args(Point))}:{self.random.randint(1, 4)}"
                )
        self.tally.starts += 1
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", *words], cwd=self.world.home, env=env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._pids.append(process.pid)
        ends = time.monotonic() + LONGEST_RUN
        while process.poll() is None:
            if pages is not None and self._pages() >= pages:
                time.sleep(self.random.random())
                process.kill()
            if time.monotonic() > ends:
                process.kill()
                raise RuntimeError(f"{words[0]} did not end in {LONGEST_RUN:g} s")
            time.sleep(0.02)
        self.tally.kills += process.returncode == -signal.SIGKILL

    def _pages(self) -> int:
        """Pages that the consoles have served: a clock that a busy machine does not change."""
        return sum(self.world.store.loads().values())


def run(orders: int, kills: int, seed: int, home: Path) -> Tally:
    """One run of chaos in a folder of its own."""
    with Consoles() as consoles:
        return Chaos(World(consoles, home), orders, kills, seed).go()


def _write(command: str, told: dict[str, str]) -> None:
    """The document's table: a column for each kept run, a line for each figure that any of them has."""
    kept = figures.keep(FIGURES, command, told)
    names = dict.fromkeys(name for run in kept.values() for name in run if name != "made on")
    names = dict.fromkeys([*(n for n in names if n[0] != "-"), *sorted(n for n in names if n[0] == "-")])
    rows = [[name, *(run.get(name, "0") for run in kept.values())] for name in names]
    made = "; ".join(dict.fromkeys(run["made on"] for run in kept.values()))
    text = figures.table(["", *(f"`{command}`" for command in kept)], rows)
    figures.write("reliability.md", FIGURES, f"{text}\n\nMade on {made}.")


def main() -> int:
    orders, kills, seed = (
        int(os.environ.get(name, n)) for name, n in (("ORDERS", 60), ("KILLS", 8), ("SEED", 1))
    )
    print(f"chaos: {orders} orders, {kills} kills, seed {seed}; practice consoles, settle {SETTLE:g} s")
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        tally = run(orders, kills, seed, Path(folder))
    for what, many in tally.lines():
        print(f"{what:<36} {many}")
    for line in tally.bad:
        print(line)
    if os.environ.get("WRITE"):
        command = f"make chaos ORDERS={orders} KILLS={kills} SEED={seed}"
        _write(command, {"made on": figures.where(), **dict(tally.lines())})
    return 1 if tally.bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
