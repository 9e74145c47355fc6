"""The processes of a run by what they are for: CPU seconds and memory of each part."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import psutil  # type: ignore[import-untyped]

PARTS = ("Python", "Playwright's driver", "browser process", "renderers", "GPU process", "network", "rest")
"""``rest``: zygotes, other utilities, the shell that starts the browser."""
KINDS = {"renderer": "renderers", "gpu-process": "GPU process"}


class Family:
    """A program and all that it started. Each answer has an entry for every one of ``PARTS``."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._spent: dict[int, tuple[str, float]] = {}

    def _members(self) -> list[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]

    def cpu(self) -> dict[str, float]:
        """Seconds so far; those of a process that has ended are what it had when it was last asked."""
        for one in self._members():
            try:
                times = one.cpu_times()
                self._spent[one.pid] = part_of(one), times.user + times.system
            except psutil.Error:
                continue
        return _by_part(self._spent.values())

    def memory(self) -> dict[str, float]:
        """MB now, proportional (PSS): what processes share is parted among them."""
        found = []
        for one in self._members():
            try:
                found.append((part_of(one), one.memory_full_info().pss / 2**20))
            except psutil.Error:
                continue
        return _by_part(found)


def part_of(process: psutil.Process) -> str:
    """By the command line: Chromium says in it what each of its processes is for."""
    command = process.cmdline()
    program = Path(command[0]).stem if command else ""
    kind = next((word.partition("=")[2] for word in command if word.startswith("--type=")), "")
    if kind == "utility" and any("NetworkService" in word for word in command):
        return "network"
    if kind:
        return KINDS.get(kind, "rest")
    if program.startswith("python"):
        return "Python"
    if program == "node":
        return "Playwright's driver"
    return "browser process" if "chrom" in program.lower() else "rest"


def _by_part(found: Collection[tuple[str, float]]) -> dict[str, float]:
    return {part: sum(amount for known, amount in found if known == part) for part in PARTS}
