"""Ctrl-C and SIGTERM: the first ends at a safe point, the second at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class StoppedAtOnce(Exception):
    """The second signal: the work was cancelled where it stood, and its browser is closed."""


def run_until_done(work: Callable[[asyncio.Event], Awaitable[T]], stopping: Callable[[], None] | None) -> T:
    """Run ``work`` in an event loop of its own. StoppedAtOnce after a second signal.

    The first signal sets the event that ``work`` is given, and calls ``stopping``. None: there is nothing to
    bring to a safe point, and the first signal is the second.
    """
    return asyncio.run(_listen(work, stopping))


async def _listen(work: Callable[[asyncio.Event], Awaitable[T]], stopping: Callable[[], None] | None) -> T:
    stop = asyncio.Event()
    at_once = False
    task = asyncio.ensure_future(work(stop))
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        nonlocal at_once
        if stopping and not stop.is_set():
            stop.set()
            stopping()
        elif not at_once:  # once: a further signal must not cut off the closing of the browser
            at_once = True
            task.cancel()

    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        # signal.signal and not the loop's own: Windows has no add_signal_handler.
        before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
    try:
        return await task
    except asyncio.CancelledError:
        if at_once:
            raise StoppedAtOnce from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
