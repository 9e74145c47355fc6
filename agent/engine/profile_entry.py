"""What to add where the profile lacks a fact: the entry, the file that it goes into, the command after it.

Each distinct entry is printed once a run, however many orders wait for it, and once more in the summary;
each order's evidence holds its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agent.domain.command import typed, words_of
from agent.domain.i18n import _
from agent.domain.order import Cancellation
from agent.domain.redact import clean
from agent.page.evidence import Evidence

NAME = "mend.toml"
"""The file in an order's evidence."""


class Mending:
    """The entries that one run asked for. ``home`` holds the user's ``selectors/``, which override ours."""

    def __init__(self, home: Path, say: Callable[[str], None], *, dry_run: bool) -> None:
        self._home = home
        self._say = say
        self._dry_run = dry_run
        self._orders: dict[tuple[str, str], list[str]] = {}

    def tell(self, wanted: Cancellation, entry: str) -> None:
        """Print the entry, unless an earlier order has."""
        waiting = self._orders.setdefault((wanted.platform, entry), [])
        if not waiting:
            self._say(told(self._home, wanted, entry, dry_run=self._dry_run))
        waiting.append(wanted.order_no)

    def summary(self) -> Sequence[str]:
        """A line an entry, for the end of the run."""
        return [
            _(
                "{count} orders wait for an entry in {file} (said above, and in their evidence: {name})",
                count=len(orders),
                file=file_of(self._home, platform),
                name=NAME,
            )
            for (platform, _entry), orders in self._orders.items()
        ]


def file_of(home: Path, platform: str) -> Path:
    return home / "selectors" / f"{platform}.toml"


def told(home: Path, wanted: Cancellation, entry: str, *, dry_run: bool) -> str:
    """One sentence, the file, the entry as it stands, and the command that goes on."""
    return _(
        "{order_no}: the console shows something that is not known yet. Where you have looked and it is "
        "right, add this to {file}:\n\n{entry}\n\nthen: {command}",
        order_no=wanted.order_no,
        file=file_of(home, wanted.platform),
        entry=entry.strip("\n"),
        command=typed(words_of(wanted), dry_run=dry_run),
    )


def keep(evidence: Evidence, entry: str) -> None:
    """Keep the entry as a file of the order's evidence. OSError: it cannot be written."""
    evidence.attach(NAME, clean(entry.strip("\n") + "\n").encode())
