"""Practice consoles that come and go within a test."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.consoles.server import Consoles


@contextmanager
def passing_consoles(database: Path | None = None, port: int = 0) -> Iterator[Consoles]:
    """Consoles that are stopped while a browser still holds connections to them."""
    with Consoles(database, port) as consoles:
        yield consoles
    with warnings.catch_warnings():
        # The cut connections are collected here, and not as a warning in the middle of another test.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
