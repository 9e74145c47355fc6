"""The accounts under test: the environment's as they are, else practice shops seeded for each journey."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.settings.settings import Settings
from tests.consoles.layouts import Layout
from tests.smoke.target import PRACTICE, accounts, user_settings, wanted
from tests.world import ROOT, World


@dataclass
class Site:
    """Where the journeys go: the program with its settings, and what it found."""

    settings: Settings
    environ: dict[str, str]
    cwd: Path
    commits: Callable[[str], int | None]
    """Commits that the practice consoles received for an order; None on a real site, which tells nobody."""

    def unsell(self, *words: str) -> dict[str, Any]:
        """The real program; its one result."""
        done = subprocess.run(
            [sys.executable, "-m", "agent", *words, "--json"], cwd=self.cwd, env=self.environ,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=600, check=False,
        )  # fmt: skip
        assert done.stdout.count("\n") == 1, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def pytest_pycollect_makeitem(
    collector: pytest.Collector, name: str, obj: object
) -> list[pytest.Item] | None:
    """Where no account names an order, the journeys that need one do not exist: they are no skips."""
    words = inspect.signature(obj).parameters if callable(obj) and name.startswith("test_") else ()
    if (
        "account_with_order" in words
        and wanted(collector.config)
        and not any(one.order for one in accounts())
    ):
        return []
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One journey an account; those that need an order only where one is named."""
    if not wanted(metafunc.config):
        return
    for fixture in {"account", "account_with_order"} & set(metafunc.fixturenames):
        found = [one for one in accounts() if one.order or fixture == "account"]
        metafunc.parametrize(fixture, found, ids=[one.name for one in found])


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    settings = user_settings()
    if settings:
        return Site(settings, {**os.environ, "PYTHONPATH": str(ROOT)}, Path.cwd(), lambda _: None)
    world: World = request.getfixturevalue("world")
    _seed(world)
    return Site(world.settings, world.environment(), world.home, lambda number: len(world.commits(number)))


def _seed(world: World) -> None:
    classic = Layout(seller_hub=False, entry="resolve", menu="fake")
    world.shop("hub", "ebay")
    world.shop("classic", "ebay", site="ebay.com.hk", language="zh-TW", layout=classic)
    world.shop("buyer", "ebay", role="buyer")
    world.shop("dh", "dhgate", language="zh-CN")
    for shop, number in PRACTICE.items():
        world.order(shop, number, age_days=0.01)
