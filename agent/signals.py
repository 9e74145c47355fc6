"""Ctrl-C and SIGTERM: the first ends at a safe point, the second at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def run_until_done(work: Callable[[asyncio.Event], Awaitable[T]], say: Callable[[str], None]) -> T:
    """Run ``work`` in an event loop of its own. Its argument is set by the first signal."""
    return asyncio.run(_listen(work, say))


async def _listen(work: Callable[[asyncio.Event], Awaitable[T]], say: Callable[[str], None]) -> T:
    stop = asyncio.Event()
    task = asyncio.ensure_future(work(stop))
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            task.cancel()
            return
        stop.set()
        say(
            "stopping at the next safe point; once more stops at once (what is in doubt stays for: unsell sync)"
        )

    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        # signal.signal and not the loop's own: Windows has no add_signal_handler.
        before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
    try:
        return await task
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
