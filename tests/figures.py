"""Figures that a document shows, and the command that made them: written by the run, never by hand.

A document holds ``<!-- name -->`` … ``<!-- /name -->``; what stands between is replaced.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent import __version__
from agent.browser import discovery

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures"


def keep(name: str, key: str, figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Keep one run's figures under its key in docs/figures/<name>.json; returns all that are kept."""
    FIGURES.mkdir(exist_ok=True)
    found = {**kept(name), key: figures}
    text = json.dumps(dict(sorted(found.items())), ensure_ascii=False, indent=1)
    (FIGURES / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return found


def kept(name: str) -> dict[str, dict[str, Any]]:
    """All that earlier runs kept in docs/figures/<name>.json; nothing, where there is none."""
    file = FIGURES / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def write(document: str, name: str, text: str) -> None:
    """Put a text between the document's marks. LookupError when it has none."""
    file = ROOT / "docs" / document
    before = file.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(before):
        raise LookupError(f"docs/{document} has no place for {name}")
    file.write_text(pattern.sub(lambda m: m[1] + text.rstrip() + "\n" + m[2], before), encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def where() -> str:
    """What the figures were made on: commit, versions, machine."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    versions = f"Python {platform.python_version()}, Playwright {version('playwright')}"
    browser = discovery.find_browser()
    return (
        f"Unsell {__version__} ({commit or 'no commit'}), {versions}, {browser}, {platform.system()}, "
        f"{os.cpu_count()} cores"
    )
