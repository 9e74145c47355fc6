"""The proof of one attempt: numbered pictures, ``manifest.json`` with their SHA-256, an HTML page.

One folder an attempt, ``<platform>/<order number>/<UTC time>-<kind>``, private to the user.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.domain.files import private_folder, write_private
from agent.domain.redact import clean
from agent.page.evidence_page import page_of


@dataclass(slots=True, kw_only=True)
class StepRecord:
    """One walked step, as the manifest keeps it. Times in seconds; ``files`` are names in the folder."""

    n: int
    id: str
    label: str
    started_at: str
    seconds: float = 0.0
    attempts: int = 1
    url: str = ""
    matched: list[dict[str, str]] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    error: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)


class Evidence:
    """Collects one attempt's steps and files; ``seal`` writes the manifest and the page."""

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        private_folder(folder.parent)
        folder.mkdir(mode=0o700)
        self.folder = folder
        self.about = about
        self.steps: list[StepRecord] = []
        self.hashes: dict[str, str] = {}

    @classmethod
    def begin(cls, root: Path, platform: str, order_no: str, kind: str, about: dict[str, Any]) -> Evidence:
        """Return evidence in a fresh folder under ``root``. ``kind``: cancel, dry-run, read-back, sign-in.

        A clock that was set back, or stands still, may give a name that is taken already.
        """
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
        first = folder = folder_of(root, platform, order_no) / f"{stamp}-{kind}"
        for number in itertools.count(2):
            if not folder.exists():
                break
            folder = first.with_name(f"{first.name}_{number}")
        return cls(folder, about)

    def step(self, step_id: str, label: str) -> StepRecord:
        """Open the next step's record, and return it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = StepRecord(n=len(self.steps) + 1, id=step_id, label=label, started_at=now)
        self.steps.append(record)
        return record

    def adopt(self, steps: list[StepRecord], source: Evidence) -> None:
        """Show another attempt's steps (the sign-in) in this one too; their files are copied."""
        for step in steps:
            record = StepRecord(**{**asdict(step), "n": len(self.steps) + 1, "files": []})
            self.steps.append(record)
            for name in step.files:
                self.write(record, Path(name).suffix, (source.folder / name).read_bytes(), name="")

    def write(self, record: StepRecord, suffix: str, content: bytes | str, *, name: str = "") -> str:
        """Write one file of a step; text is cleaned of secrets. Returns its name."""
        slug = re.sub(r"[^0-9A-Za-z]+", "-", record.id).strip("-")
        stem = f"{record.n:02d}-{slug}" + (f"-{name}" if name else "")
        count = sum(1 for known in self.hashes if known.startswith((stem + ".", stem + "_")))
        file = f"{stem}{f'_{count + 1}' if count else ''}{suffix}"
        data = clean(content).encode() if isinstance(content, str) else content
        write_private(self.folder / file, data)
        self.hashes[file] = hashlib.sha256(data).hexdigest()
        record.files.append(file)
        return file

    def add(self, **facts: Any) -> None:
        """Add facts about the whole attempt, for the manifest and the head of the page."""
        self.about |= facts

    def attach(self, name: str, data: bytes) -> None:
        """Add a file that belongs to the whole attempt. The caller has cleaned it of secrets."""
        write_private(self.folder / name, data)
        self.hashes[name] = hashlib.sha256(data).hexdigest()

    def seal(self, outcome: dict[str, Any]) -> Path:
        """Write ``manifest.json`` and ``index.html``; may be called again as the outcome moves on."""
        manifest = {
            **self.about,
            "outcome": outcome,
            "steps": [asdict(step) for step in self.steps],
            "sha256": self.hashes,
        }
        text = clean(json.dumps(manifest, ensure_ascii=False, indent=1, default=str))
        write_private(self.folder / "manifest.json", text)
        page = page_of({**self.about, **outcome}, manifest["steps"])
        write_private(self.folder / "index.html", page)
        return self.folder


def folder_of(root: Path, platform: str, order_no: str) -> Path:
    """Return the folder of an order's attempts, a folder each; their names begin with the time."""
    return root / platform / re.sub(r"[^0-9A-Za-z._-]", "_", order_no)
