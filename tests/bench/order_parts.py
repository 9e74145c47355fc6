"""The parts of an order's seconds, split from outside by wrappers around program, Playwright and site.

At any moment an order's time belongs to the first of these that is so:

- **ledger**: one of its methods runs (the program does nothing else meanwhile);
- **site**: a call of Playwright's is waited for while the site works on an answer, its delay included;
- **browser**: a call of Playwright's is waited for, that is no picture's;
- **pictures**: a picture is being taken, or the evidence written; one that is taken while another call is
  waited for costs nothing of its own;
- **us**: the rest: the program's own Python, Playwright's client in it, and pauses.

So overlaps count once, and the parts add up to the order's seconds.
"""

from __future__ import annotations

import time
from collections import Counter
from contextvars import ContextVar
from typing import Any

from playwright._impl.connection import Connection
from playwright._impl.waiter import Waiter

from agent.page.evidence import Evidence
from agent.page.screenshot import Camera
from tests.bench.clocks import Span, note_ledger, noting, noting_awaits, wrap
from tests.consoles.trouble import Trouble

PARTS = ("site", "browser", "pictures", "ledger", "us")
TAKING = ContextVar("taking", default=False)
"""Whether what runs now, or the task that began it, takes a picture."""


class Parts:
    """From its making on, everything that this process does leaves its spans."""

    def __init__(self) -> None:
        self._spans: dict[str, list[Span]] = {part: [] for part in PARTS}
        note_ledger(self._spans["ledger"])
        for name in ("write", "attach", "adopt", "seal"):
            wrap(Evidence, name, noting(self._spans["pictures"]))
        wrap(Camera, "take", _taking)
        wrap(Camera, "take", noting_awaits(self._spans["pictures"]))
        wrap(Connection, "send_message_to_server", self._noting_answers)
        # Its waits for an event send nothing that is answered.
        wrap(Waiter, "wait_for_promise", noting_awaits(self._spans["browser"]))
        wrap(Trouble, "__call__", self._noting_requests)

    def split(self, began: float, ended: float) -> dict[str, float]:
        """The seconds of this stretch, by part."""
        changes = [
            (min(max(moment, began), ended), change, part)
            for part, spans in self._spans.items()
            for span in spans
            for moment, change in zip(span, (1, -1), strict=True)
        ]
        took, running, before = dict.fromkeys(PARTS, 0.0), Counter[str](), began
        for moment, change, part in [*sorted(changes), (ended, 0, "us")]:
            took[_part(running)] += moment - before
            running[part] += change
            before = moment
        return took

    def _noting_answers(self, send: Any) -> Any:
        """Every message to the driver, until its answer has come."""

        def sent(connection: Connection, owner: Any, method: str, params: Any, options: Any) -> Any:
            began = time.perf_counter()
            answer = send(connection, owner, method, params, options)
            if method != "__waitInfo__":  # nobody answers that one
                spans = self._spans["pictures" if TAKING.get() else "browser"]
                answer.add_done_callback(lambda _: spans.append((began, time.perf_counter())))
            return answer

        return sent

    def _noting_requests(self, serve: Any) -> Any:
        """At the server: from a request's arrival to the end of its answer."""

        # The server tells by these arguments that this is an application, and no maker of one.
        async def served(app: Trouble, scope: Any, receive: Any, send: Any) -> None:
            began = time.perf_counter()
            try:
                await serve(app, scope, receive, send)
            finally:
                self._spans["site"].append((began, time.perf_counter()))

        return served


def _taking(take: Any) -> Any:
    async def marked(*args: Any, **kwargs: Any) -> Any:
        before = TAKING.set(True)
        try:
            return await take(*args, **kwargs)
        finally:
            TAKING.reset(before)

    return marked


def _part(running: Counter[str]) -> str:
    if running["ledger"]:
        return "ledger"
    if running["browser"]:
        return "site" if running["site"] else "browser"
    return "pictures" if running["pictures"] else "us"
