"""The live table of a run at a terminal: per account done, waiting, refused, to look at, left, time left."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from agent.domain.i18n import N_, _
from agent.domain.labels import shop
from agent.domain.order import Cancellation, Outcome, State

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

_HEADINGS = (
    *(N_("account"), N_("done"), N_("waiting"), N_("refused"), N_("to look at")),
    *(N_("left"), N_("time left")),
)
_GROUP: Mapping[State, int] = {
    **dict.fromkeys((State.CANCELLED, State.REHEARSED), 0),
    State.PENDING: 1,
    **dict.fromkeys((State.REFUSED, State.DECLINED), 2),
    **dict.fromkeys((State.FAILED, State.NEEDS_HUMAN, State.SUBMITTING, State.QUEUED), 3),
}
_COLOURS = ("green", "cyan", "yellow", "magenta")


class ProgressTable:
    """Counts by account how many orders ended, and how. ``heading``: practice, or their real sites."""

    def __init__(self, orders: Iterable[Cancellation], heading: str) -> None:
        self._heading = heading
        self._of = Counter(order.account for order in orders)
        self._ended: dict[str, Counter[int]] = {name: Counter() for name in self._of}
        self._began = time.monotonic()
        self._live: Live | None = None

    @contextlib.contextmanager
    def shown(self, console: Console) -> Iterator[None]:
        """Draw the table below all that is printed meanwhile, and leave it standing at the end."""
        from rich.live import Live

        # Standard output carries results only: the table is not drawn on it.
        self._live = Live(
            get_renderable=self.table, console=console, refresh_per_second=2, redirect_stdout=False
        )
        try:
            with self._live:
                yield
        finally:
            self._live = None

    @contextlib.contextmanager
    def put_aside(self) -> Iterator[None]:
        """Do not draw while a question stands on the terminal."""
        live = self._live
        if live is None:
            yield
            return
        live.stop()
        try:
            yield
        finally:
            live.start(refresh=True)

    def ended(self, outcome: Outcome) -> None:
        self._ended.setdefault(outcome.account, Counter())[_GROUP[outcome.state]] += 1

    def table(self) -> Table:
        from rich import box
        from rich.markup import escape
        from rich.table import Table

        grid = Table(
            box=box.SIMPLE_HEAD, pad_edge=False,
            title=escape(self._heading), title_justify="left", title_style="bold",
        )  # fmt: skip
        grid.add_column(_(_HEADINGS[0]))
        for heading in _HEADINGS[1:]:
            grid.add_column(_(heading), justify="right")
        for name, ended in self._ended.items():
            left = self._of[name] - ended.total()
            counts = [f"[{_COLOURS[n]}]{ended[n]}[/]" if ended[n] else "-" for n in range(len(_COLOURS))]
            grid.add_row(escape(shop(name)), *counts, str(left), self._time_left(ended.total(), left))
        return grid

    def _time_left(self, ended: int, left: int) -> str:
        """Return the time left (h:mm:ss) at the account's pace so far, "?" before the first order ended."""
        if not left:
            return "-"
        if not ended:
            return "?"
        seconds = round((time.monotonic() - self._began) / ended * left)
        return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
