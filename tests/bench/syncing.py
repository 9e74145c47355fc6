"""``make bench-sync``: a thousand pending orders of one account, read back by ``unsell sync``.

ORDERS (1,000) are pending at the site and in the ledger alike. The real program reads them back, and the
console counts its pages: at most one load a list page is the aim. A second sync in this process measures
what of it is the ledger's: at most 50 ms. WRITE=1 puts the table into ``docs/performance.md``.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from tests import figures
from tests.bench.clocks import Span, note_ledger
from tests.consoles.dhgate import listing
from tests.consoles.ebay import buy
from tests.consoles.server import Consoles
from tests.pending import pending
from tests.world import World

LEDGER_MS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """An account whose cancellations wait for somebody; ``rows`` of them stand on its ``list_page``."""

    platform: str
    role: str
    language: str
    reason: str
    first: int
    number: str
    """The form of an order number, filled with ``first`` and those that follow."""
    list_page: str
    rows: int


SHOPS = {  # a seller's cancellation on eBay is done at once: there it is the buyers' that wait
    "eBay, buyer": Shop(
        platform="ebay", role="buyer", language="en", reason="mistake", first=10_001,
        number="14-56789-{}", list_page="www.ebay.com/mye/myebay/purchase", rows=buy.PER_PAGE,
    ),
    "DHgate, seller": Shop(
        platform="dhgate", role="seller", language="zh-CN", reason="buyer-asked", first=1_330_300_001,
        number="{}", list_page="seller.dhgate.com/sellerordmng/orderList/list.do", rows=listing.ROWS,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Synced:
    """Page loads by page (host and path), seconds of the program's run, and the ledger's milliseconds."""

    loads: dict[str, int]
    seconds: float
    ledger_ms: float


def synced(world: World, shop: Shop, orders: int, ledger: list[Span]) -> Synced:
    """Every order is still pending afterwards, told once, and nothing was submitted by looking."""
    world.patience = 900.0
    world.shop("many", shop.platform, role=shop.role, language=shop.language)
    numbers = [shop.number.format(shop.first + n) for n in range(orders)]
    with world.store.transaction():
        for number in numbers:
            world.order("many", number, age_days=0.01)  # a buyer may cancel for an hour
    # The newest is on the first page, where the program finds it before it gives up turning pages.
    asyncio.run(pending(world, "many", numbers[::-1], shop.reason))
    before, began = world.store.loads(), time.perf_counter()
    done = world.cli("sync", "--json", check=0)
    seconds = time.perf_counter() - began
    loads = {page: n - before.get(page, 0) for page, n in world.store.loads().items()}
    told = [json.loads(line) for line in done.stdout.splitlines()]
    ledger.clear()
    again = asyncio.run(world.sync())
    states = {one["state"] for one in told} | {one.state.value for one in again}
    if len(told) != orders or states != {"pending"} or len(world.commits()) != orders:
        raise RuntimeError(f"{len(told)} told, {states}, {len(world.commits())} in the truth log")
    spent = sum(ended - began for began, ended in ledger)  # nothing is settled: no call lies in another
    return Synced({page: n for page, n in loads.items() if n}, seconds, spent * 1000)


def row_of(name: str, shop: Shop, orders: int, found: Synced) -> tuple[list[str], list[str]]:
    """The table's line, and in words what of the aims is missed."""
    pages, listed = math.ceil(orders / shop.rows), found.loads.get(shop.list_page, 0)
    others = {page: n for page, n in found.loads.items() if page != shop.list_page}
    missed = []
    if listed > pages:
        missed.append(f"{name}: {listed} loads of {pages} list pages.")
    if sum(others.values()) >= orders:
        missed.append(f"{name}: orders are looked at one by one: {others}.")
    if found.ledger_ms > LEDGER_MS:
        missed.append(f"{name}: the ledger's part is {found.ledger_ms:.0f} ms, aim {LEDGER_MS:.0f} ms.")
    told = ", ".join(f"{page} {n}" for page, n in sorted(others.items()))
    cells = [f"{orders:,}", f"{pages} of {shop.rows}", str(listed), told or "none"]
    return [name, *cells, f"{found.seconds:.1f} s", f"{found.ledger_ms:.0f} ms"], missed


def main() -> int:
    orders = int(os.environ.get("ORDERS", "1000"))
    logger.remove()  # the program's own log; the run in this process would write it here
    ledger: list[Span] = []
    note_ledger(ledger)
    rows, missed = [], []
    for name, shop in SHOPS.items():
        with Consoles() as consoles, tempfile.TemporaryDirectory(prefix="bench-") as folder:
            found = synced(World(consoles, Path(folder)), shop, orders, ledger)
        row, words = row_of(name, shop, orders, found)
        print(row, file=sys.stderr)
        rows.append(row)
        missed += words
    head = [
        "account",
        "pending orders",
        "list pages",
        "loads of them",
        "other loads",
        "`unsell sync`",
        "ledger",
    ]
    verdict = (
        " ".join(missed) or "Both aims are met: one load a list page, and less than 50 ms for the ledger."
    )
    text = f"{figures.table(head, rows)}\n\n{verdict}"
    print(text)
    if os.environ.get("WRITE"):
        made = f"`make bench-sync ORDERS={orders}`, {figures.where()}."
        figures.write("performance.md", "sync", f"{text}\n\n{made}")
    return 1 if missed and os.environ.get("CHECK") else 0


if __name__ == "__main__":
    raise SystemExit(main())
