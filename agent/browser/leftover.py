"""Browsers that a killed run left behind: found by a mark on their command line, and ended.

A browser normally ends with its driver within a quarter of a second (``docs/reliability.md``); one that does
not could still send what it was about to send.
"""

from __future__ import annotations

import os

from loguru import logger

_MARK = "--unsell-run="


def mark() -> str:
    """A switch that Chromium ignores, and that says which run the browser belongs to."""
    return f"{_MARK}{os.getpid()}"


def end_browsers_of(pid: int) -> int:
    """End what is left of the browsers of a dead run on this machine; returns how many processes."""
    import psutil  # type: ignore[import-untyped]

    if pid == os.getpid() or psutil.pid_exists(pid):
        return 0
    left = []
    for process in psutil.process_iter():
        try:
            if f"{_MARK}{pid}" in process.cmdline():
                process.kill()
                left.append(process)
        except psutil.Error:  # ended meanwhile, or another user's
            continue
    psutil.wait_procs(left, timeout=5)
    if left:
        logger.warning("ended {} browser processes that the killed run {} had left", len(left), pid)
    return len(left)
