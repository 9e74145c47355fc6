"""Named points on an order's way, at which a test lets this process die as a power cut would (SIGKILL).

Only in practice: nothing here acts unless ``UNSELL_PRACTICE`` is set and ``PRACTICE_CRASH_AT`` names a point.
"""

from __future__ import annotations

import os
import signal
from typing import Literal

Point = Literal[
    "before-intent",
    "after-intent",
    "clicked",
    "confirmation-open",
    "confirmed",
    "answered",
    "before-settled",
    "settled",
    "sealed",
    "message-intended",
    "message-clicked",
]
_passed: dict[str, int] = {}


def failpoint(point: Point) -> None:
    """Kill this process where a test asked for it. ``PRACTICE_CRASH_AT=clicked:3``: at the third click."""
    name, _, turn = os.environ.get("PRACTICE_CRASH_AT", "").partition(":")
    if name != point or not os.environ.get("UNSELL_PRACTICE"):
        return
    _passed[point] = _passed.get(point, 0) + 1
    if _passed[point] == int(turn or 1):
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
