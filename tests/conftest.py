"""Fixtures that several test files share; those of one subject live in plugins of their own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.browser.launcher import Browser
from agent.domain.labels import call_shops
from agent.settings.settings import load
from tests.consoles.server import Consoles
from tests.world import World

pytest_plugins = ["tests.postgres", "tests.pages", "tests.smoke.target", "tests.inmemory_session"]


@pytest.fixture(autouse=True)
def _no_shop_of_another_test() -> None:
    """What a test's settings called its shops is not heard of in the next one."""
    call_shops({})


@pytest.fixture(scope="session")
def consoles() -> Iterator[Consoles]:
    """Both practice consoles, one pair a worker."""
    with Consoles() as running:
        yield running


@pytest.fixture(scope="session")
async def kept_browser(
    consoles: Consoles, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """One real browser a worker: starting one for each test would take half of the tests' time."""
    home = tmp_path_factory.mktemp("browser")
    environ = {"UNSELL_HOME": str(home), "UNSELL_PRACTICE": consoles.address}
    async with Browser(load(environ=environ, cwd=home)) as browser:
        yield browser


class Kept:
    """Stands where a run starts its browser, and leaves the kept one open at the run's end."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def __aenter__(self) -> Browser:
        return self._browser

    async def __aexit__(self, *_: object) -> None:
        """The run's contexts are closed by its sessions; the browser goes with the worker."""


@pytest.fixture
def world(
    consoles: Consoles, kept_browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    """Emptied consoles and a fresh home. What runs in this process shares the worker's browser."""
    consoles.store.reset()
    consoles.rebuilt.salt = os.environ.get("REBUILT", "")  # a front end in other markup: make test REBUILT=a
    consoles.rebuilt.divs = consoles.rebuilt.salt.endswith("-divs")
    monkeypatch.setattr("agent.page.clerk._LINGERS", 0.05)  # those that need it whole set it back
    for module in ("engine.runner", "engine.sync", "account.login", "engine.requests"):
        monkeypatch.setattr(f"agent.{module}.Browser", lambda _: Kept(kept_browser))
    return World(consoles, tmp_path)
