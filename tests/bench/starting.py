"""``make bench-start``: what a start costs, and what the ledger's size does to it. No order is walked.

Medians of TRIES (7) starts of the real program, each beside ``python -c pass``; then the same with 100,000
orders in the ledger, and a sheet of 10,000 rows that are all settled. WRITE=1 puts the table into
``docs/performance.md``.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from agent.browser.launcher import Browser
from agent.ledger.migrations import open_engine
from agent.ledger.schema import events, now, orders
from agent.ledger.store import Ledger
from agent.profile.profile import load
from tests import figures
from tests.consoles.server import Consoles
from tests.world import World

ROWS, SHEET = 100_000, 10_000


def timed(do: Callable[[], object], tries: int) -> float:
    took = []
    for _try in range(tries):
        began = time.perf_counter()
        do()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def number(n: int) -> str:
    return f"{10 + n // 90_000_000}-{10000 + n // 900:05d}-{10001 + n % 900:05d}"


def fill(world: World, numbers: range) -> None:
    """Cancelled orders into the ledger, each with four events."""
    with Ledger(world.settings.database):
        pass
    engine, moment = open_engine(world.settings.database), now()
    row = {
        "platform": "ebay", "role": "seller", "account": "hub", "state": "cancelled", "doubt": False,
        "reason": "buyer-asked", "action": "cancel", "via": "cancel", "wishes": {}, "submits": 1,
        "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    event = {"at": moment, "worker": "bench:1", "state": "cancelled", "detail": {}}
    kinds = ("taken", "approved", "intended", "settled")
    with engine.begin() as db:
        lines = [{**row, "id": n + 1, "order_no": number(n), "token": uuid4().hex} for n in numbers]
        db.execute(sa.insert(orders), lines)
        db.execute(
            sa.insert(events), [{**event, "order_id": n + 1, "kind": k} for n in numbers for k in kinds]
        )
    engine.dispose()


def ready(world: World) -> float:
    """From nothing to a page that may be sent somewhere: driver, browser, context, guard."""

    async def once() -> None:
        async with Browser(world.settings) as browser:
            await browser.open(load("ebay", world.home), "ebay.com", None, None)

    began = time.perf_counter()
    asyncio.run(once())
    return time.perf_counter() - began


def main() -> int:
    tries = int(os.environ.get("TRIES", "7"))
    rows: list[tuple[str, str, str]] = []

    def tell(what: str, seconds: float, aim: str) -> None:
        rows.append((what, f"{seconds:.3f} s", aim))
        print(f"{what}: {seconds:.3f} s ({aim})", file=sys.stderr)

    with Consoles() as consoles, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(consoles, Path(folder))
        world.shop("hub", "ebay")

        def bare() -> None:
            subprocess.run([sys.executable, "-c", "pass"], check=True)

        tell("`python -c pass`", timed(bare, tries), "for comparison")
        tell("`unsell --help`", timed(lambda: world.cli("--help", check=0), tries), "0.3 s")
        fill(world, range(10))  # an order that is found is drawn as a table, whatever else the ledger holds
        few = timed(lambda: world.cli("status", number(5), check=0), tries)
        tell("`unsell status ORDER`, ten orders in the ledger", few, "1.2 s")
        took = statistics.median(ready(world) for _try in range(tries))
        tell("browser started, context and guard made, browser ended", took, "1.5 s for the first part")
        fill(world, range(10, ROWS))
        full = timed(lambda: world.cli("status", number(5), check=0), tries)
        tell(f"`unsell status ORDER`, {ROWS:,} orders in the ledger", full, f"{few + 0.05:.3f} s: 50 ms more")
        sheet = world.home / "settled.csv"
        lines = [f"hub,{number(n)},buyer-asked" for n in range(SHEET)]
        sheet.write_text("\n".join(["account,order_no,reason", *lines]) + "\n", encoding="utf-8")
        took = timed(lambda: world.cli("run", str(sheet), "--yes", "--json", check=0), min(tries, 3))
        tell(f"`unsell run` of {SHEET:,} settled rows, {ROWS:,} orders in the ledger", took, "5 s")
        if sum(consoles.store.loads().values()):
            raise RuntimeError("a settled row was looked up")
    text = figures.table(["what", "median", "aim"], rows)
    print(text)
    if os.environ.get("WRITE"):
        made = f"`make bench-start TRIES={tries}`, {figures.where()}."
        figures.write("performance.md", "start", f"{text}\n\n{made}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
