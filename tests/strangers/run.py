"""One order at one console by the real command line, and what came of it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .cases import world_for
from .judge import Verdict, judge
from .site import Served
from .world import World

ROOT = Path(__file__).resolve().parents[2]
KEY = "bm90LWEtc2VjcmV0LW9ubHktZm9yLXByYWN0aWNlISE="


@dataclass
class Run:
    seed: int
    case: str
    role: str
    verdict: Verdict
    told: dict[str, Any]
    seconds: float
    home: Path
    truth: list[dict[str, Any]] = field(default_factory=list)
    errors: str = ""

    @property
    def name(self) -> str:
        return f"{self.seed}:{self.case}:{self.role}"

    def line(self) -> str:
        state, detail = self.told.get("state") or "-", self.told.get("detail") or ""
        why = f" [{self.verdict.why}]" if self.verdict.why else ""
        return f"{self.name:44} {self.verdict.kind:18} {state:12} {self.seconds:5.1f} s{why} {detail}"


def settings(world: World, home: Path, port: int) -> dict[str, str]:
    account = {
        "PLATFORM": world.platform,
        "ROLE": world.who,
        "SITE": world.site,
        "LOCALE": world.words.lang,
        "USERNAME": world.user,
        "PASSWORD": world.password,
    }
    named = {f"UNSELL_ACCOUNTS__SHOP1__{key}": value for key, value in account.items()}
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("UNSELL_") or key == "UNSELL_BROWSER_PATH"
    }
    own = {
        "UNSELL_HOME": str(home),
        "UNSELL_PRACTICE": f"127.0.0.1:{port}",
        "UNSELL_LANG": "en",
        "UNSELL_SETTLE_SECONDS": "4",
        "UNSELL_STEP_TIMEOUT_SECONDS": "30",
        "UNSELL_SESSION_KEY": KEY,
    }
    return kept | named | own


def command(world: World) -> list[str]:
    words = [
        sys.executable,
        "-m",
        "agent",
        "cancel",
        world.target.no,
        "--account",
        "shop1",
        "--reason",
        world.reason,
        "--note",
        world.note,
        "--yes",
        "--json",
    ]
    if world.reason == "out-of-stock" and world.platform == "ebay":
        words.append("--accept-defect")
    return [*words, "--dry-run"] if world.dry else words


def run_one(
    served: Served, port: int, home: Path, seed: int, name: str, role: str | None, *, rebuilt: bool = False
) -> Run:
    world, case = world_for(seed, name, role, rebuilt=rebuilt)
    served.site.worlds[port] = world
    home.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    told: dict[str, Any] = {}
    code: int | None = None
    try:
        done = subprocess.run(
            command(world),
            cwd=ROOT,
            env=settings(world, home, port),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        code, errors = done.returncode, done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        told = json.loads(lines[-1]) if lines else {}
    except subprocess.TimeoutExpired as error:
        errors = f"no end within {error.timeout} s\n{error.stderr!r}"
    seconds = time.monotonic() - begun
    (home / "truth.json").write_text(
        json.dumps({"truth": world.truth, "asked": world.shown, "told": told}, ensure_ascii=False, indent=1),
        encoding="utf-8",
    )
    (home / "stderr.txt").write_text(errors, encoding="utf-8")
    return Run(
        seed, name, world.role, judge(world, case, told, code), told, seconds, home, world.truth, errors
    )
