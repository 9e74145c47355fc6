"""The proof of one attempt: numbered pictures, ``manifest.json`` with their SHA-256, a plain HTML page.

One folder an attempt, ``<platform>/<order number>/<UTC time>-<kind>``, private to the user.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment

from agent.domain.files import private_folder, write_private
from agent.domain.i18n import N_, _, language
from agent.domain.labels import in_words, place, reason_words, shop
from agent.domain.order import Reason, State, WaitsFor
from agent.domain.redact import clean


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
        """A fresh folder under ``root``. ``kind``: cancel, dry-run, read-back, sign-in.

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
        """Open the next step's record."""
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
        """Facts about the whole attempt, for the manifest and the head of the page."""
        self.about |= facts

    def attach(self, name: str, data: bytes) -> None:
        """A file that belongs to the whole attempt; whoever made it has cleaned it of secrets."""
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
        page = _PAGE.render(
            title=self.about.get("order_no") or "", place=place(self.about.get("account") or ""),
            facts=_in_words({**self.about, **outcome}),
            steps=self.steps, lang=language(), seconds=_("s"),
        )  # fmt: skip
        write_private(self.folder / "index.html", clean(page))
        return self.folder


def folder_of(root: Path, platform: str, order_no: str) -> Path:
    """Where all attempts of an order lie, a folder each; their names begin with the time."""
    return root / platform / re.sub(r"[^0-9A-Za-z._-]", "_", order_no)


_NAMES: Mapping[str, str] = {
    "order_no": N_("order"), "account": N_("account"), "platform": N_("platform"), "role": N_("role"),
    "signed_in_as": N_("signed in as"), "reason": N_("reason"), "note": N_("note"), "buyer": N_("buyer"),
    "total": N_("order total"), "items": N_("goods"), "reason_label": N_("reason on the form"),
    "button": N_("button"), "state": N_("state"), "waits_for": N_("waits for"), "detail": N_("detail"),
    "site_state": N_("state on the page"), "submits": N_("submits"), "seconds": N_("seconds"),
    "updated_at": N_("last change"), "via": N_("control"), "offered": N_("reasons offered"),
    "evidence": N_("evidence"), "code": N_("code"), "signs": N_("signs"),
    "selectors_checked": N_("selectors checked"), "action": N_("action"),
}  # fmt: skip
"""What a person reads in place of the manifest's names; the manifest itself is for programs."""


def _in_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is known of the attempt, by names and in words that a person reads."""
    told = []
    for name, value in facts.items():
        if value is None or value in ("", [], ()):
            continue
        said = str(value)
        if name == "state":
            waits = facts.get("waits_for")
            said = in_words(State(value), WaitsFor(waits) if waits else None)
        elif name == "reason" and value in set(Reason):
            said = reason_words(Reason(value))
        elif name == "account":
            said = shop(said)
        elif isinstance(value, list | tuple):
            said = "; ".join(map(str, value))
        told.append((_(_NAMES[name]) if name in _NAMES else name, said))
    return told


_PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="{{ lang }}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ title }} · Unsell</title>
<style>
 :root{color-scheme:light dark}
 body{font:16px/1.5 system-ui,"Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif}
 body{max-width:1100px;margin:2rem auto;padding:0 1rem} img{max-width:100%;border:1px solid #8886}
 dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem} dt{opacity:.7} dd{margin:0}
 section{margin:2.5rem 0} h2{margin:.2rem 0;font-size:1.1rem} .bad{color:#c11}
 code{font-size:.85em;overflow-wrap:anywhere}
</style>
<h1>{{ title }}</h1>
{% if place %}<p><strong>{{ place }}</strong></p>{% endif %}
<dl>{% for name, value in facts %}
<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>
{% for step in steps %}<section>
<h2>{{ step.n }}. {{ step.id }} · {{ step.label }}</h2>
<div>{{ step.started_at }} · {{ "%.2f"|format(step.seconds) }} {{ seconds }} · <code>{{ step.url
}}</code></div>
{% if step.error %}<p class="bad">{{ step.error }}</p>{% endif %}
{% for key, value in step.notes.items() %}<div>{{ key }}: {{ value }}</div>{% endfor %}
{% for file in step.files %}{% if file.endswith(".jpg") %}
<p><a href="{{ file }}"><img loading="lazy" src="{{ file }}" alt="{{ step.id }} {{ step.label }}"></a></p>
{% else %}<p><a href="{{ file }}">{{ file }}</a></p>{% endif %}{% endfor %}
</section>{% endfor %}
</html>
""")
