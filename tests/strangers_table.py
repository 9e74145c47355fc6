"""Puts a run of ``make strangers`` into docs/reliability.md: ``python -m tests.strangers_table FILE NAME``.

The drawn consoles know nothing of the product, not even its version: so what names both stands here.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from statistics import median

from tests import figures

KINDS = ("done", "stopped right", "stopped needlessly", "WRONG")


def main() -> int:
    results, name = Path(sys.argv[1]), sys.argv[2]
    rows = json.loads(results.read_text(encoding="utf-8"))
    counted = Counter(row["verdict"] for row in rows)
    plain = [row for row in rows if ":plain:" in row["run"]]
    told = {kind: counted[kind] for kind in KINDS} | {
        "plain orders": len(plain),
        "plain orders done": sum(row["verdict"] == "done" for row in plain),
        "seconds an order (median)": round(median(row["seconds"] for row in rows), 1),
        "made on": figures.where(),
    }
    kept = figures.keep("strangers", name, told)
    lines = [key for key in told if key != "made on"]
    head = ["", *(f"`{one}`" for one in kept)]
    table = figures.table(head, [[key, *(run.get(key, "") for run in kept.values())] for key in lines])
    made = "; ".join(dict.fromkeys(str(run["made on"]) for run in kept.values()))
    figures.write("reliability.md", "strangers", f"{table}\n\nMade on {made}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
