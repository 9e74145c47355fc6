"""``make bench-accounts``: accounts side by side in one browser, beside a bare script with as many contexts.

ACCOUNTS ("1 2 4 8"), ORDERS (4 counted for each account) and ROUNDS (3) are read from the environment; 150 ms
are added to every response. The program is run as a user runs it, with one sheet over all the accounts.

Each account has two orders more than are counted. With n accounts the clock runs from the end of the run's
n-th order, when everybody is signed in and warm, to the end of the last but n-th, when everybody still has
work. CPU seconds are those of the same stretch; memory is read at its end. For both contenders alike.

WRITE=1 puts the tables into ``docs/performance.md``; CHECK=1 exits with 1 where the aim is missed by more
than 15 %.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from agent.browser import discovery
from tests import figures
from tests.bench.processes import PARTS, Family
from tests.bench.starting import number
from tests.bench.task import Task
from tests.consoles.server import Consoles
from tests.world import PASSWORD, ROOT, World

OURS, BARE = "Unsell", "bare Playwright"
DELAY = 0.150
AIM, MISSED = 0.85, 0.85
"""Of the bare script's gain in orders a second; ``CHECK=1`` allows so much of the aim."""


@dataclass(frozen=True, slots=True)
class Run:
    """Orders a second; CPU seconds an order and MB (PSS) in all, by part."""

    rate: float
    cpu: dict[str, float]
    memory: dict[str, float]


Runs = dict[tuple[str, int], list[Run]]
"""By contender and number of accounts, one a round."""


class Bench:
    """Both contenders over one console; each run of each is a process of its own."""

    def __init__(self, world: World, most: int, orders: int) -> None:
        self._world = world
        self._orders = orders
        self._made = itertools.count()
        self._browser = discovery.find_browser().path
        world.env |= {"UNSELL_MAX_SUBMITS_PER_RUN": "1000", "UNSELL_STEP_TIMEOUT_SECONDS": "60"}
        for n in range(most):
            world.shop(f"shop{n}", "ebay")
        world.store.faults.on("latency", number=DELAY)

    def run(self, contender: str, accounts: int) -> Run:
        """RuntimeError, unless the truth log has each order exactly once."""
        numbers = {
            shop: [self._world.order(shop, number(next(self._made))) for _ in range(self._orders + 2)]
            for shop in (f"shop{n}" for n in range(accounts))
        }
        command = self._ours(numbers) if contender == OURS else self._bare(numbers)
        child = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT if contender == BARE else self._world.home,
            env=self._world.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            found = self._watch(child, accounts)
        finally:
            child.terminate()  # it has ended, unless an order went wrong
            child.wait()
        received = [len(self._world.commits(one)) for orders in numbers.values() for one in orders]
        if set(received) != {1}:
            raise RuntimeError(f"{contender}, {accounts} accounts: received {received}")
        return found

    def _ours(self, numbers: dict[str, list[str]]) -> list[str]:
        sheet = self._world.home / "sheet.csv"
        lines = [f"{shop},{one},buyer-asked" for shop, orders in numbers.items() for one in orders]
        sheet.write_text("\n".join(["account,order_no,reason", *lines]) + "\n", encoding="utf-8")
        return ["agent", "run", str(sheet), "--yes", "--json"]

    def _bare(self, numbers: dict[str, list[str]]) -> list[str]:
        tasks = [
            Task(
                platform="ebay", address=self._world.consoles.address, user=f"{shop}_user", password=PASSWORD,
                browser=str(self._browser) if self._browser else None, numbers=tuple(orders),
            )
            for shop, orders in numbers.items()
        ]  # fmt: skip
        return ["tests.bench.bare_contexts", *(task.dumps() for task in tasks)]

    def _watch(self, child: subprocess.Popen[str], accounts: int) -> Run:
        """Both print a line an order."""
        family, ends = Family(child.pid), list[float]()
        first, last = accounts, accounts * (self._orders + 1)
        assert child.stdout
        for _line in child.stdout:
            ends.append(time.perf_counter())
            if len(ends) == first:
                before = family.cpu()
            elif first < len(ends) <= last:
                after = family.cpu()  # after each order: what ends within the stretch is counted too
            if len(ends) == last:
                memory = family.memory()
        if len(ends) != last + accounts:
            raise RuntimeError(f"{len(ends)} orders told of {last + accounts}")
        counted = last - first
        cpu = {part: (after[part] - before[part]) / counted for part in PARTS}
        return Run(counted / (ends[last - 1] - ends[first - 1]), cpu, memory)


def measure(accounts: list[int], orders: int, rounds: int) -> Runs:
    runs: Runs = {}
    with Consoles() as consoles, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(World(consoles, Path(folder)), max(accounts), orders)
        for _round, n, who in itertools.product(range(rounds), accounts, (OURS, BARE)):
            run = bench.run(who, n)
            runs.setdefault((who, n), []).append(run)
            print(f"{who}, {n} accounts: {run.rate:.2f} orders/s", file=sys.stderr)
    return runs


def gains(runs: Runs, who: str, few: int, many: int) -> list[float]:
    """Round by round: orders a second with many accounts, by those with few."""
    return [b.rate / a.rate for a, b in zip(runs[who, few], runs[who, many], strict=True)]


def by_part(found: list[dict[str, float]]) -> dict[str, float]:
    return {part: statistics.median(one[part] for one in found) for part in PARTS}


def biggest(parts: dict[str, float]) -> str:
    name = max(parts, key=lambda part: parts[part])
    return f"{name} ({parts[name] / sum(parts.values()):.0%})"


def totals(runs: Runs, few: int) -> str:
    """The first table: a line for each contender and number of accounts."""
    rows = []
    for (who, n), rounds in runs.items():
        rate = statistics.median(run.rate for run in rounds)
        gain = statistics.median(gains(runs, who, few, n))
        cpu, mb = (
            sum(by_part(all_).values()) for all_ in ([r.cpu for r in rounds], [r.memory for r in rounds])
        )
        rows.append([n, who, f"{rate:.2f}", f"{gain:.2f}", f"{cpu:.2f}", f"{mb:.0f}"])
    return figures.table(["accounts", "who", "orders a second", "gain", "CPU s an order", "MB (PSS)"], rows)


def parts(runs: Runs, few: int, many: int) -> tuple[str, str]:
    """The second table, and in words the biggest part of an order's CPU and of a further account's memory."""
    head, columns, words = ["part"], list[list[str]](), list[str]()
    for who in (OURS, BARE):
        cpu = by_part([run.cpu for run in runs[who, many]])
        low, high = (by_part([run.memory for run in runs[who, n]]) for n in (few, many))
        further = {part: (high[part] - low[part]) / (many - few) for part in PARTS}
        head += [f"{who}: CPU s an order, {many} accounts", f"{who}: MB a further account"]
        columns += [[f"{cpu[part]:.2f}" for part in PARTS], [f"{further[part]:.1f}" for part in PARTS]]
        words.append(
            f"{who}: most of an order's CPU is {biggest(cpu)}, most of a further account's "
            f"{sum(further.values()):.0f} MB is {biggest(further)}."
        )
    return figures.table(head, list(zip(PARTS, *columns, strict=True))), " ".join(words)


def main() -> int:
    accounts = [int(word) for word in os.environ.get("ACCOUNTS", "1 2 4 8").split()]
    orders, rounds = int(os.environ.get("ORDERS", "4")), int(os.environ.get("ROUNDS", "3"))
    runs = measure(accounts, orders, rounds)
    few, many = min(accounts), max(accounts)
    ours, bare = (gains(runs, who, few, many) for who in (OURS, BARE))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    table, words = parts(runs, few, many)
    verdict = (
        f"From {few} to {many} accounts Unsell gains {ratio:.2f} x what the bare script gains; aim {AIM}."
    )
    text = f"{totals(runs, few)}\n\n{verdict}\n\n{table}\n\n{words}"
    print(text)
    if os.environ.get("WRITE"):
        given = f"ACCOUNTS='{' '.join(map(str, accounts))}' ORDERS={orders} ROUNDS={rounds}"
        made = f"`make bench-accounts {given}`, {figures.where()}."
        figures.write("performance.md", "accounts", f"{text}\n\n{made}")
    return 1 if ratio < AIM * MISSED and os.environ.get("CHECK") else 0


if __name__ == "__main__":
    raise SystemExit(main())
