"""Spans of time on one clock, noted by wrappers that a bench puts around the program from outside."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from agent.ledger.outbox import Outbox
from agent.ledger.store import Ledger

Span = tuple[float, float]
"""When something began and ended: seconds of ``time.perf_counter``."""
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


def wrap(owner: type | ModuleType, name: str, wrapped: Wrap) -> None:
    """From now on, in this process, the method or function is what ``wrapped`` makes of it."""
    method = getattr(owner, name)
    setattr(owner, name, functools.wraps(method)(wrapped(method)))


def noting(spans: list[Span]) -> Wrap:
    """Each call of a plain ``def`` leaves its span."""

    def wrapped(method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                spans.append((began, time.perf_counter()))

        return noted

    return wrapped


def noting_awaits(spans: list[Span]) -> Wrap:
    """Each call of an ``async def`` leaves its span."""

    def wrapped(method: Callable[..., Any]) -> Callable[..., Any]:
        async def noted(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await method(*args, **kwargs)
            finally:
                spans.append((began, time.perf_counter()))

        return noted

    return wrapped


def note_ledger(spans: list[Span]) -> None:
    """Every call that reaches the ledger's database: opening it, and its public methods."""
    for owner in (Ledger, Outbox):
        for name, method in list(vars(owner).items()):  # what is static converts, and touches no database
            if inspect.isfunction(method) and (name == "__init__" or not name.startswith("_")):
                wrap(owner, name, noting(spans))
