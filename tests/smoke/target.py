"""Which accounts the smoke journeys meet, said on the first line: those of the environment, else practice.

A plugin of the whole test suite, since ``pytest -m smoke`` names no folder; it is silent in every other run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from agent.domain.errors import UsageError
from agent.settings.settings import Settings, load

PRACTICE = {
    "hub": "12-34567-89012",
    "classic": "13-45678-90123",
    "buyer": "14-56789-01234",
    "dh": "1330312162",
}
"""The practice accounts and an order of each; ``conftest`` seeds them."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account to meet. ``order``: a throw-away order, to be cancelled for good; None: sign in only."""

    name: str
    reason: str
    order: str | None
    live: bool


@cache
def user_settings() -> Settings | None:
    """The settings as the program would find them, None when they name no account."""
    settings = load()
    return settings if settings.accounts else None


@cache
def accounts() -> tuple[Account, ...]:
    settings = user_settings()
    if settings is None:
        return tuple(
            Account(name, "mistake" if name == "buyer" else "buyer-asked", order, live=False)
            for name, order in PRACTICE.items()
        )
    return tuple(
        _named(os.environ, name, account.role == "buyer", live=settings.practice is None)
        for name, account in settings.accounts.items()
    )


def _named(environ: Mapping[str, str], name: str, buys: bool, *, live: bool) -> Account:
    told = {word: environ.get(f"UNSELL_SMOKE_{word}_{name.upper()}") for word in ("ORDER", "REASON")}
    reason = told["REASON"] or ("mistake" if buys else "buyer-asked")
    return Account(name, reason, told["ORDER"] or None, live)


def wanted(config: pytest.Config) -> bool:
    words = str(config.getoption("markexpr"))
    return "smoke" in words and "not smoke" not in words


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    if not wanted(session.config) or hasattr(session.config, "workerinput"):
        return
    try:
        live = [account.name for account in accounts() if account.live]
    except UsageError as error:
        pytest.exit(str(error), returncode=2)
    lines = [f"target: LIVE account {name}" for name in live]
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for line in lines or ["target: practice consoles (not the real sites)"]:
        reporter.write_line(line)
