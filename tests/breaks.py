"""``make breaks``: break a guarantee on purpose, one at a time, in a copy; which named tests fail?

A guard that no test misses is not tested. Exit 1 when some break passes unseen. ``WRITE=1`` puts the table
into docs/reliability.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests import figures

ROOT = figures.ROOT
COPIED = ("agent", "flows", "selectors", "tests", "pyproject.toml", "docs", "packaging", ".env.example")


@dataclass(frozen=True, slots=True)
class Break:
    """``was`` becomes ``now`` in ``file``; ``tests`` must notice."""

    what: str
    file: str
    was: str
    now: str
    tests: str


FIRE = "tests/test_under_fire.py -k ebay"
TRAPS = "tests/test_submit_traps.py"
PROOF = "tests/test_ledger.py -k whole_proof"
BREAKS = [
    Break(
        "after a doubt, looks at once and clicks again", "agent/engine/read_back.py",
        "self._stopped_within(due[number] - clock())", "self._stopped_within(0.0)", TRAPS,
    ),
    Break(
        'one page is enough for "nothing was received"', "agent/ledger/not_received.py",
        "if len({r.view for r in pages}) < 2 or len(pages) < len(readings):", "if not pages:", PROOF,
    ),
    Break(
        "forgets each sign of an effect", "agent/ledger/not_received.py",
        "return _by_what_was_seen(history) or _by_the_answer(history) or _by_the_words(history, pages)",
        "return None", PROOF,
    ),
    Break(
        "takes another form for the one that was pressed", "agent/ledger/not_received.py",
        "if kept is not None and {name: list(value) for name, value in kept.items()} == now:", "if kept:",
        PROOF,
    ),
    Break(
        "reads a state by how it begins", "agent/profile/profile.py", "status.shape.fullmatch(wanted)",
        "status.shape.match(wanted)", "tests/test_profiles.py -k as_a_whole",
    ),
    Break(
        "takes the other party's request for ours", "agent/engine/verdict.py",
        "return reading.asker == Asker(wanted.role.value) and reading.reason in (None, wanted.reason.value)",
        "return True", FIRE,
    ),
    Break(
        "believes the form's own answer", "agent/engine/doubt.py",
        "found = await self._settler.first_look(self.wanted)\n",
        "found = await self._settler.first_look(self.wanted)\n"
        "        if any(line.detail.get('said') == 'done' for line in self._history()):\n"
        "            found = Conclusion(finding=Finding.SETTLED, state=State.CANCELLED)\n", FIRE,
    ),
    Break(
        "says yes to any confirmation", "agent/engine/submit.py",
        "return any(plain(question) in asked for question in questions)", "return True", FIRE,
    ),
    Break(
        "takes the first of two matches", "agent/page/reader.py", "if count > 1:", "if count > 99:",
        "tests/test_exactly_one.py -x",
    ),
    Break(
        "clicks before the intent is written", "agent/engine/submit.py", 'failpoint("before-intent")',
        "await commit.handle.click()",
        "tests/test_never_twice.py -x -k killed",
    ),
    Break(
        "allows a third submit", "agent/ledger/store.py", "MOST_SUBMITS = 2", "MOST_SUBMITS = 3",
        "tests/test_never_twice.py -k two_submits",
    ),
    Break(
        "takes no lock on the account", "agent/ledger/lock.py",
        "await _hold_file(file, stack, wait=wait)", "pass",
        "tests/test_never_twice.py -k two_processes",
    ),
    Break(
        "finds an order by a part of its number", "selectors/dhgate.toml",
        ":has(a[href*='parm={order_no}&'], a[href$='parm={order_no}'])", ":has-text('{order_no}')",
        "tests/test_right_order.py -k neighbours",
    ),
    Break(
        "believes that a row is not there before the page has settled", "agent/page/reader.py",
        "if not found and await self.settle():", "if False:", "tests/test_lists.py -k fetches_late",
    ),
    Break(
        "calls an order not found though the search did not search", "agent/page/lists.py",
        "if searched and strangers:", "if False:", "tests/test_lists.py -k ignores",
    ),
    Break(
        "does not look at the greeting before an absence counts", "agent/engine/order_run.py",
        "if error.code is Code.NOT_FOUND:", "if False:", "tests/test_lists.py -k another_shop",
    ),
    Break(
        "turns a list's pages that come again", "agent/page/lists.py",
        "came_again = orders in self._seen", "came_again = False", "tests/test_lists.py -k circles",
    ),
    Break(
        "presses a control whose row became another order's", "agent/page/row_guard.py",
        "if (guard.state === 'armed' && same()) return;", "if (guard.state === 'armed') return;",
        "tests/test_row_control.py -k becomes",
    ),
    Break(
        "uses a menu that another button opened", "agent/page/clerk.py", "!= [True]:", "== []:",
        "tests/test_row_control.py -k another_button",
    ),
]  # fmt: skip


def failed_tests(broken: Break) -> list[str]:
    """The tests that fail with this break. RuntimeError when the code to break is not there."""
    with tempfile.TemporaryDirectory(prefix="breaks-") as folder:
        copy = Path(folder)
        for name in COPIED:
            place = ROOT / name
            (shutil.copytree if place.is_dir() else shutil.copy)(place, copy / name)
        file = copy / broken.file
        text = file.read_text(encoding="utf-8")
        if broken.was not in text:
            raise RuntimeError(f"{broken.what}: {broken.file} has no {broken.was!r}")
        file.write_text(text.replace(broken.was, broken.now), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-n", "0"]
        done = subprocess.run(
            [*command, *broken.tests.split()], cwd=copy, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(copy)},
        )  # fmt: skip
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{broken.what}: {done.stdout[-2000:]}")
        return re.findall(r"^FAILED \S+?([\w]+\.py::\w+)", done.stdout, re.MULTILINE)


def main() -> int:
    unseen, kept = 0, {}
    wanted = " ".join(sys.argv[1:])
    for broken in BREAKS:
        if wanted not in broken.what:
            continue
        failed = sorted(set(failed_tests(broken)))
        unseen += not failed
        print(f"{broken.what}: {', '.join(failed) or 'NOBODY NOTICED'}", flush=True)
        if os.environ.get("WRITE"):
            kept = figures.keep("breaks", broken.what, {"fails": failed, "made on": figures.where()})
    if kept:
        names = {what: ", ".join(f"`{name}`" for name in one["fails"]) for what, one in kept.items()}
        rows = [[what, text or "**nobody noticed**"] for what, text in names.items()]
        made = "; ".join(dict.fromkeys(one["made on"] for one in kept.values()))
        text = figures.table(["broken on purpose", "fails"], rows)
        figures.write("reliability.md", "breaks", f"{text}\n\n`make breaks`, made on {made}.")
    return 1 if unseen else 0


if __name__ == "__main__":
    raise SystemExit(main())
