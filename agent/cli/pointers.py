"""Where a command's proof lies, what to type next, and whether this is practice or a real site."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.domain.i18n import _
from agent.domain.order import Outcome, State
from agent.domain.printable import printable
from agent.domain.redact import clean

if TYPE_CHECKING:
    from agent.settings.settings import Settings

_AGAIN = (State.QUEUED, State.FAILED)


def places(settings: Settings) -> Mapping[str, str]:
    """By account: the site that its orders are on, or that they are practice."""
    return {name: _practice() if settings.practice else one.site for name, one in settings.accounts.items()}


def heading(settings: Settings, accounts: Iterable[str]) -> str:
    """The head of a table of these accounts' orders."""
    if settings.practice:
        return _practice()
    known = settings.accounts
    sites = dict.fromkeys(known[name].site for name in accounts if name in known)
    return _("real site: {sites}", sites=", ".join(sites)) if sites else _("real sites")


def _practice() -> str:
    return _("PRACTICE console (模拟后台), no real order")


def show(what: str, file: Path) -> None:
    """One line on standard error, one path: a link in terminals that know links."""
    from rich.console import Console
    from rich.text import Text

    named = printable(clean(str(file)))
    line = Text(f"{what}: ").append(named, style=f"link {file.absolute().as_uri()}")
    Console(stderr=True, highlight=False).print(line, soft_wrap=True)


def pictures_of(folder: str | Path) -> Path:
    """The page that shows an attempt's pictures; the folder where it was never made."""
    page = Path(folder) / "index.html"
    return page if page.is_file() else Path(folder)


def proof_of(outcomes: Iterable[Outcome], settings: Settings) -> Path | None:
    """One place for all of it: one order's page of pictures, or the folder of everybody's."""
    folders = list(dict.fromkeys(one.evidence for one in outcomes if one.evidence))
    if len(folders) == 1:
        return pictures_of(folders[0])
    return settings.evidence_dir if folders else None


def next_step(outcomes: Sequence[Outcome], again: Sequence[str] | None = None) -> str | None:
    """The command that goes on, None where nothing is left to do. ``again``: the one that was typed."""
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
