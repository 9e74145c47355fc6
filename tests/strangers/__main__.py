"""Cancels orders at consoles that were drawn from seeds, and judges each end by the truth log:

    python -m tests.strangers                        N=60 SEED=1 JOBS=2 from the environment
    python -m tests.strangers 17:plain:ebay-seller   this run again (any number of them)
    python -m tests.strangers --rebuilt              class names, ids and data attributes drawn anew
    WRITE=1 python -m tests.strangers                puts the figures into docs/reliability.md
    python -m tests.strangers --serve 17:plain       serves one console for a person to click through

A run is a seed, a case and a role. Exit 1 where any end is wrong. Stops that were not needed are no error:
they are what the product can't do yet.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from .cases import BY_NAME, CASES, world_for
from .draw import Draw
from .judge import KINDS, WRONG
from .run import Run, run_one
from .site import Served

Wanted = tuple[int, str, str | None]


def arguments() -> argparse.Namespace:
    made = argparse.ArgumentParser(
        prog="python -m tests.strangers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("runs", nargs="*", help="SEED:CASE or SEED:CASE:ROLE")
    made.add_argument(
        "--rebuilt",
        action="store_true",
        help="the same consoles with other class names, ids and data attributes",
    )
    made.add_argument("--serve", action="store_true", help="serve the first run's console, and wait")
    made.add_argument("--case", action="append", default=[], choices=sorted(BY_NAME), help="only these cases")
    made.add_argument("--role", help="only this role")
    made.add_argument("--out", type=Path, help="the folder for homes and results.json; default: a new one")
    return made.parse_args()


def wanted(given: argparse.Namespace) -> list[Wanted]:
    if given.runs:
        parted = [each.split(":") for each in given.runs]
        return [(int(p[0]), p[1] if len(p) > 1 else "plain", p[2] if len(p) > 2 else None) for p in parted]
    count, first = int(os.environ.get("N", "60")), int(os.environ.get("SEED", "1"))
    cases = [
        c
        for c in CASES
        if (not given.case or c.name in given.case) and (not given.role or given.role in c.roles)
    ]
    runs: list[Wanted] = []
    for at in range(count):
        case = cases[at % len(cases)]
        runs.append((first + at, case.name, given.role or Draw(first + at).pick("role", case.roles)))
    return runs


def table(runs: list[Run]) -> str:
    by_case: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by_case[run.case].append(run)
    lines = [f"{'case':20}" + "".join(f"{kind:>20}" for kind in KINDS) + f"{'seconds an order':>20}"]
    for name, some in [*sorted(by_case.items()), ("all", runs)]:
        counts = "".join(f"{sum(r.verdict.kind == kind for r in some):20}" for kind in KINDS)
        lines.append(f"{name:20}{counts}{median(r.seconds for r in some):20.1f}")
    return "\n".join(lines)


def save(runs: list[Run], out: Path) -> None:
    keys = ("state", "code", "detail", "offered", "submits", "evidence")
    rows = [
        {"run": r.name, "verdict": r.verdict.kind, "why": r.verdict.why, "seconds": round(r.seconds, 2)}
        | {key: r.told.get(key) for key in keys}
        | {"home": str(r.home)}
        for r in runs
    ]
    (out / "results.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def serve(run: Wanted, rebuilt: bool) -> int:
    world, _ = world_for(*run, rebuilt=rebuilt)
    with Served(1) as served:
        served.site.worlds[served.ports()[0]] = world
        print(f"{world.role}, {world.site}: order {world.target.no}, {world.user} / {world.password}")
        rule = f"MAP * 127.0.0.1:{served.ports()[0]}"
        print(f'chromium --ignore-certificate-errors --host-resolver-rules="{rule}"', flush=True)
        while True:
            time.sleep(3600)


def main() -> int:
    given = arguments()
    runs = wanted(given)
    if given.serve:
        return serve(runs[0], given.rebuilt)
    out = given.out or Path(tempfile.mkdtemp(prefix="strangers-"))
    out.mkdir(parents=True, exist_ok=True)
    done: list[Run] = []
    with Served(len(runs)) as served, ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:

        def one(at: int) -> Run:
            seed, name, role = runs[at]
            home = out / f"{seed}-{name}-{role or 'drawn'}"
            run = run_one(served, served.ports()[at], home, seed, name, role, rebuilt=given.rebuilt)
            print(run.line(), flush=True)
            return run

        done = list(pool.map(one, range(len(runs))))
    save(done, out)
    print(f"\n{table(done)}\n\n{out / 'results.json'}")
    if os.environ.get("WRITE"):
        name = f"make strangers N={len(runs)} SEED={runs[0][0]}" + (" --rebuilt" if given.rebuilt else "")
        command = [sys.executable, "-m", "tests.strangers_table", str(out / "results.json"), name]
        subprocess.run(command, cwd=Path(__file__).parents[2], check=True)
    return 1 if any(run.verdict.kind == WRONG for run in done) else 0


if __name__ == "__main__":
    sys.exit(main())
