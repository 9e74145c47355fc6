"""``make breaks``: break a guarantee on purpose, one at a time, in a copy; which named tests fail?

A guard that no test misses is not tested. Exit 1 when some break passes unseen. ``WRITE=1`` puts the table
into docs/reliability.md; ``JOBS``: how many at once (2). Words after the command choose: the beginning of
what is broken, or a part of it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import figures
from tests.break_lines import BREAKS, Break

ROOT = figures.ROOT
COPIED = ("agent", "flows", "selectors", "tests", "pyproject.toml", "docs", "packaging", ".env.example")


def failed_tests(broken: Break) -> list[str]:
    """The tests that fail with this break. RuntimeError when the code to break is not there once."""
    with tempfile.TemporaryDirectory(prefix="breaks-") as folder:
        copy = Path(folder)
        for name in COPIED:
            place = ROOT / name
            (shutil.copytree if place.is_dir() else shutil.copy)(place, copy / name)
        change(copy, broken)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-n", "0"]
        done = subprocess.run(
            [*command, *shlex.split(broken.tests)], cwd=copy, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(copy)},
        )  # fmt: skip
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{broken.what}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return sorted(set(re.findall(r"^FAILED \S+?([\w]+\.py::\w+)", done.stdout, re.MULTILINE)))


def change(copy: Path, broken: Break) -> None:
    """Take the rule away in this copy."""
    file = copy / broken.file
    text = file.read_text(encoding="utf-8")
    if text.count(broken.was) != 1:
        raise RuntimeError(
            f"{broken.what}: {broken.file} has {broken.was!r} {text.count(broken.was)} times, not once"
        )
    file.write_text(text.replace(broken.was, broken.now), encoding="utf-8")


def main() -> int:
    wanted = " ".join(sys.argv[1:])
    chosen = [broken for broken in BREAKS if wanted in broken.what]
    unseen, kept = 0, {}
    with ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for broken, failed in zip(chosen, pool.map(_told, chosen), strict=True):
            print(f"{broken.what}: {failed if isinstance(failed, str) else ', '.join(failed)}", flush=True)
            if isinstance(failed, str):
                unseen += 1
            elif os.environ.get("WRITE"):
                kept = figures.keep("breaks", broken.what, {"fails": failed, "made on": figures.where()})
    if kept:
        _write(kept)
    return 1 if unseen else 0


def _told(broken: Break) -> list[str] | str:
    """The tests that fail; a sentence where none does, or the code has changed."""
    try:
        return failed_tests(broken) or "NOBODY NOTICED"
    except RuntimeError as error:
        return f"NOT TRIED: {error}"


def _write(kept: dict[str, dict[str, object]]) -> None:
    """The document's table, in the order of the list; what is not broken any more goes."""
    there = [broken.what for broken in BREAKS if broken.what in kept]
    rows = [[what, ", ".join(f"`{name}`" for name in kept[what]["fails"])] for what in there]  # type: ignore[attr-defined]
    made = "; ".join(dict.fromkeys(str(kept[what]["made on"]) for what in there))
    text = figures.table(["broken on purpose", "fails"], rows)
    figures.write("reliability.md", "breaks", f"{text}\n\n`make breaks`, made on {made}.")


if __name__ == "__main__":
    raise SystemExit(main())
