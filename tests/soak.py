"""``make bench-soak``: many orders in one run; does memory grow, is anything left open?

ORDERS (500; a multiple of ten) are run by the real program as one sheet of one account. After each order the
proportional memory (PSS) of the program, its driver and its browser is read. Exit 1 when the median of five
readings near the end is over that near the beginning by 5 % and 20 MB, or when a process is left. Beside it:
the pages that an order loads (the consoles' counter), and what the ledger's intent costs on this disk.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from agent.domain.order import Cancellation, Reason, Role, Via
from agent.ledger.store import Ledger
from tests import figures
from tests.consoles.server import Consoles
from tests.world import World

FROM, BEFORE_END = 55, 5
"""Where memory is compared. A tab is replaced every ten orders: both lie in the middle of one."""
WINDOW = 5
MOST_PERCENT, MOST_MB = 5.0, 20.0


@dataclass(frozen=True, slots=True)
class Reading:
    """After one order: MB in all, and how many processes of which kind."""

    mb: float
    processes: int
    renderers: int


def read(process: psutil.Process) -> Reading:
    total, processes, renderers = 0, 0, 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
            renderers += "--type=renderer" in one.cmdline()
            processes += 1
        except psutil.Error:
            continue
    return Reading(total / 2**20, processes, renderers)


@dataclass(frozen=True, slots=True)
class Soaked:
    """What the run left: readings, processes still there, seconds in all, page loads an order by page."""

    readings: list[Reading]
    left: int
    seconds: float
    loads: dict[str, float]


def intent_ms(home: Path, tries: int = 200) -> float:
    """What stands between the last look and the click: the intent, durable on this disk; median, ms."""
    took = []
    with Ledger(f"sqlite:///{home / 'intent.sqlite3'}") as ledger:
        for n in range(tries):
            wanted = Cancellation(
                account="hub", platform="ebay", role=Role.SELLER, order_no=f"12-34567-{10001 + n}",
                reason=Reason.BUYER_ASKED,
            )  # fmt: skip
            row = ledger.take(wanted)
            began = time.perf_counter()
            ledger.intend(row, worker=ledger.worker, via=Via.CANCEL)
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def run(orders: int, home: Path) -> Soaked:
    """One sheet of that many orders of one account, read after each."""
    with Consoles() as consoles:
        world = World(consoles, home)
        world.env |= {"UNSELL_MAX_SUBMITS_PER_RUN": str(orders)}
        world.shop("hub", "ebay")
        numbers = [f"12-{34567 + n // 900:05d}-{10001 + n % 900:05d}" for n in range(orders)]
        for number in numbers:
            world.order("hub", number)
        sheet = home / "sheet.csv"
        lines = [f"hub,{number},buyer-asked" for number in numbers]
        sheet.write_text("\n".join(["account,order_no,reason", *lines]) + "\n", encoding="utf-8")
        began = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-m", "agent", "run", str(sheet), "--yes", "--json"], cwd=home,
            env=world.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        process = psutil.Process(child.pid)
        family: list[psutil.Process] = []
        readings = []
        assert child.stdout
        for line in child.stdout:
            if '"cancelled"' not in line:
                raise RuntimeError(line)
            readings.append(read(process))
            family = process.children(recursive=True) or family
        child.wait()
        _, left = psutil.wait_procs(family, timeout=5)
        if len(world.commits()) != orders:
            raise RuntimeError(f"{len(world.commits())} commits for {orders} orders")
        loads = {page: n / orders for page, n in world.store.loads().items() if n >= orders / 2}
        return Soaked(readings, len(left), time.monotonic() - began, loads)


def main() -> int:
    orders = int(os.environ.get("ORDERS", "500"))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soaked = run(orders, Path(folder))
        intent = intent_ms(Path(folder))
    readings, left = soaked.readings, soaked.left
    to = orders - BEFORE_END
    early, late = (readings[around - WINDOW // 2 - 1 :][:WINDOW] for around in (FROM, to))
    first, last = (statistics.median(r.mb for r in part) for part in (early, late))
    grown, percent = last - first, (last / first - 1) * 100
    good = not left and (percent < MOST_PERCENT or grown < MOST_MB)
    rows = [
        ("orders in one run", orders),
        (f"MB (PSS) at order {FROM}", f"{first:.0f}"),
        (f"MB (PSS) at order {to}", f"{last:.0f}"),
        ("MB (PSS) at most after any order", f"{max(r.mb for r in readings):.0f}"),
        ("grown", f"{grown:+.0f} MB, {percent:+.1f} %"),
        (f"processes at order {FROM} / {to}", f"{early[0].processes} / {late[-1].processes}"),
        (f"renderers at order {FROM} / {to}", f"{early[0].renderers} / {late[-1].renderers}"),
        ("processes left after the run", left),
        ("seconds an order", f"{soaked.seconds / orders:.2f}"),
        ("the intent, durable before the click (median)", f"{intent:.1f} ms"),
        *((f"loads of {page} an order", f"{n:.2f}") for page, n in sorted(soaked.loads.items())),
    ]
    text = figures.table(["what", "figure"], rows)
    print(text)
    if os.environ.get("WRITE"):
        made = f"`make bench-soak ORDERS={orders}`, {figures.where()}."
        figures.write("reliability.md", "soak", f"{text}\n\n{made}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
