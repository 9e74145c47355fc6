"""What every contender is told, and what it tells: one line an order, its seconds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, Self

NOTE = {"ebay": "Buyer asked to cancel", "dhgate": "买家来信要求取消订单, 请退款。"}
"""Every contender fills in the same form: this note (Unsell its own), no relisting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """``address``: HOST:PORT of the consoles; ``browser``: a program, None for Playwright's own."""

    platform: Literal["ebay", "dhgate"]
    address: str
    user: str
    password: str
    browser: str | None
    numbers: tuple[str, ...]

    def dumps(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> Self:
        given = json.loads(text)
        return cls(**{**given, "numbers": tuple(given["numbers"])})


def told() -> Task:
    """The task that this process was started with."""
    return Task.loads(sys.argv[1])


def timed(numbers: tuple[str, ...], cancel: Callable[[str], None]) -> None:
    """Cancel one after another; the clock stops when the site's answer was read."""
    for number in numbers:
        began = time.perf_counter()
        cancel(number)
        print(json.dumps({"order": number, "seconds": time.perf_counter() - began}), flush=True)


def arguments(address: str) -> list[str]:
    """What maps the marketplaces' names to the consoles, as the product does it."""
    rules = [f"MAP {host} {address}" for name in ("ebay.com", "dhgate.com") for host in (f"*.{name}", name)]
    return ["--no-proxy-server", "--no-sandbox", f"--host-resolver-rules={', '.join(rules)}"]
