"""Where a command's proof lies, what to type next, and whether this is practice or a real site."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.domain import labels
from agent.domain.i18n import _
from agent.domain.order import Outcome, State
from agent.domain.printable import printable
from agent.domain.redact import clean

if TYPE_CHECKING:
    from agent.settings.settings import Settings

_AGAIN = (State.QUEUED, State.FAILED)


def places(settings: Settings) -> Mapping[str, str]:
    """Return by account the site of its orders, or that they are practice."""
    return {name: _practice() if settings.practice else one.site for name, one in settings.accounts.items()}


def heading(settings: Settings, accounts: Iterable[str]) -> str:
    """Return the head of a table of these accounts' orders: practice, or the real sites."""
    if settings.practice:
        return _practice()
    known = settings.accounts
    sites = dict.fromkeys(known[name].site for name in accounts if name in known)
    return _("real site: {sites}", sites=", ".join(sites)) if sites else _("real sites")


def _practice() -> str:
    return _("PRACTICE console (模拟后台), no real order")


def show(what: str, file: Path) -> None:
    """Print one path on a line of standard error, as a link in terminals that know links."""
    from rich.console import Console
    from rich.text import Text

    page = printable(clean(str(file)))
    line = Text(labels.named(what, "")).append(page, style=f"link {file.absolute().as_uri()}")
    Console(stderr=True, highlight=False).print(line, soft_wrap=True)


def pictures_of(folder: str | Path) -> Path:
    """Return the page of an attempt's pictures, or its folder where the page was never made."""
    page = Path(folder) / "index.html"
    return page if page.is_file() else Path(folder)


def proof_of(outcomes: Iterable[Outcome], settings: Settings) -> Path | None:
    """Return one order's page of pictures, or for several orders the evidence folder; None: there is none.

    What a worker made lies elsewhere, at the address that the order's row has.
    """
    kept = [one.evidence for one in outcomes if one.evidence]
    folders = list(dict.fromkeys(folder for folder in kept if "://" not in folder))
    if len(folders) == 1:
        return pictures_of(folders[0])
    return settings.evidence_dir if folders else None


def next_step(outcomes: Sequence[Outcome], again: Sequence[str] | None = None) -> str | None:
    """Return the command to type next, None where nothing is left. ``again``: what was typed."""
    states = {one.state for one in outcomes}
    words = list(again or ("unsell", *sys.argv[1:]))
    if State.SUBMITTING in states:
        return "unsell sync"
    if states.intersection(_AGAIN):
        return _written(words)
    if State.PENDING in states:
        return "unsell sync"
    if states == {State.REHEARSED}:
        return _written([word for word in words if word not in ("--dry-run", "--rehearse")])
    return None


def _written(words: Sequence[str]) -> str:
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
