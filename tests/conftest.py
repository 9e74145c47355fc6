"""Fixtures that several test files share; those of one subject live in plugins of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consoles.server import Consoles
from tests.world import World

pytest_plugins = ["tests.postgres", "tests.pages", "tests.smoke.target"]


@pytest.fixture(scope="session")
def consoles() -> Iterator[Consoles]:
    """Both practice consoles, one pair a worker."""
    with Consoles() as running:
        yield running


@pytest.fixture
def world(consoles: Consoles, tmp_path: Path) -> World:
    """Emptied consoles and a fresh home."""
    consoles.store.reset()
    return World(consoles, tmp_path)
