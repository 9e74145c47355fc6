"""``make bench-time``: where an order's seconds go, on both platforms, with 0 and 150 ms added.

ORDERS (8; one more is run first and not counted) are cancelled by the real runner in this process, one after
another in one account; ``order_parts`` splits the seconds between two orders' ends. Beside it the run's own
timings: the seconds of each step, from the orders' manifests. WRITE=1 puts the tables into
``docs/performance.md`` and the picture into ``docs/figures/order-time.svg``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from loguru import logger

from agent.domain.order import Outcome
from tests import figures
from tests.bench.__main__ import DELAYS, SHOPS
from tests.bench.bars import draw
from tests.bench.order_parts import PARTS, Parts
from tests.consoles.server import Consoles
from tests.world import Listener, World, manifest

PICTURE = figures.FIGURES / "order-time.svg"
NUMBERS = {"eBay": "12-34567-{}", "DHgate": "13303{}"}


@dataclass
class Watch(Listener):
    """Notes when each order ended."""

    ends: list[float] = field(default_factory=list)

    def ended(self, outcome: Outcome) -> None:
        super().ended(outcome)
        self.ends.append(time.perf_counter())


@dataclass(frozen=True, slots=True)
class Cell:
    """One platform at one delay. Mean seconds an order: by part, and by step (its id and label)."""

    parts: dict[str, float]
    steps: dict[tuple[str, str], float]

    @property
    def seconds(self) -> float:
        return sum(self.parts.values())


def run(world: World, parts: Parts, shop: str, numbers: list[str]) -> Cell:
    """RuntimeError, unless the truth log has each order exactly once."""
    name = shop.lower()
    watch = world.voice = Watch()
    for number in numbers:
        world.order(name, number)
    asyncio.run(world.run(*(world.wanted(name, number) for number in numbers)))
    received = [len(world.commits(number)) for number in numbers]
    if set(received) != {1} or len(watch.ends) != len(numbers):
        raise RuntimeError(f"{shop}: {watch.outcomes}")
    counted, took, steps = len(numbers) - 1, Counter[str](), Counter[tuple[str, str]]()
    for began, ended in itertools.pairwise(watch.ends):
        took.update(parts.split(began, ended))
    seen = {one["started_at"] for one in manifest(watch.outcomes[0])["steps"]}
    for outcome in watch.outcomes[1:]:
        for one in manifest(outcome)["steps"]:
            if one["started_at"] not in seen:  # the sign-in is shown in every order's manifest
                steps[one["id"], one["label"]] += one["seconds"]
    return Cell(
        {part: took[part] / counted for part in PARTS}, {step: s / counted for step, s in steps.items()}
    )


def measure(orders: int) -> dict[tuple[str, int], Cell]:
    """By platform and delay in ms."""
    cells, parts, made = {}, Parts(), itertools.count(10_001)
    with Consoles() as consoles, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(consoles, Path(folder))
        world.env |= {"UNSELL_MAX_SUBMITS_PER_RUN": "1000", "UNSELL_STEP_TIMEOUT_SECONDS": "30"}
        for shop, (platform, language) in SHOPS.items():
            world.shop(shop.lower(), platform, language=language)
            for delay in DELAYS:
                consoles.store.faults.off()
                if delay:
                    consoles.store.faults.on("latency", number=delay / 1000, rate=1.0)
                numbers = [NUMBERS[shop].format(next(made)) for _order in range(orders + 1)]
                cells[shop, delay] = run(world, parts, shop, numbers)
                print(f"{shop} +{delay} ms: {cells[shop, delay].parts}", file=sys.stderr)
    return cells


def by_part(cells: dict[tuple[str, int], Cell]) -> str:
    rows = [
        [shop, f"{delay} ms", *(f"{cell.parts[part]:.3f}" for part in PARTS), f"{cell.seconds:.3f}"]
        for (shop, delay), cell in cells.items()
    ]
    return figures.table(["console", "added", *PARTS, "seconds an order (mean)"], rows)


def by_step(cells: dict[tuple[str, int], Cell]) -> str:
    """What is no step (approval, submit, ledger, sealing the evidence, between orders) has a line too."""
    rows = []
    for shop in SHOPS:
        mine = [cells[shop, delay] for delay in DELAYS]
        rows += [
            [shop, *step, *(f"{cell.steps.get(step, 0.0):.3f}" for cell in mine)] for step in mine[0].steps
        ]
        rest = (cell.seconds - sum(cell.steps.values()) for cell in mine)
        rows.append([shop, "", "between the steps", *(f"{seconds:.3f}" for seconds in rest)])
    return figures.table(["console", "step", "what", *(f"s at {delay} ms" for delay in DELAYS)], rows)


def main() -> int:
    orders = int(os.environ.get("ORDERS", "8"))
    logger.remove()  # the program's own log, which a run in this process would write here
    cells = measure(orders)
    parts, steps = by_part(cells), by_step(cells)
    print(f"{parts}\n\n{steps}")
    if os.environ.get("WRITE"):
        bars = {f"{shop}, {delay} ms": cell.parts for (shop, delay), cell in cells.items()}
        PICTURE.write_text(draw("Seconds of one order, by where they go", bars), encoding="utf-8")
        picture = f"![Seconds of one order, by where they go](figures/{PICTURE.name})"
        made = f"`make bench-time ORDERS={orders}`, {figures.where()}."
        figures.write("performance.md", "time", f"{picture}\n\n{parts}\n\n{steps}\n\n{made}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
