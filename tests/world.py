"""A whole world for one test: practice consoles with their truth log, a fresh home, and the real program.

Nothing is mocked: the runner drives a real Chromium against the consoles. The truth log alone says what
happened.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from agent.domain.order import Cancellation, Commit, Outcome, Reason, Role
from agent.engine.order_run import Options
from agent.engine.runner import Result, Runner
from agent.engine.sync import Sync
from agent.ledger.store import Ledger
from agent.settings.settings import Settings, load
from tests.consoles.layouts import Layout
from tests.consoles.server import Consoles
from tests.consoles.store import Store, Truth

ROOT = Path(__file__).parent.parent
PASSWORD = "P@ss w0rd!*~'()é密\"<&"
"""What a browser and Python quote differently, what HTML and JSON escape, what is no Latin-1, a blank."""
SETTLE = 1.5
"""Seconds. The consoles answer at once unless a test makes them slow."""


@dataclass
class Listener:
    """The run's voice: remembers what was said and asked, and says yes (or what ``answer`` says)."""

    answer: str | None = "tester"
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    asks: bool = True
    waiting: dict[str, str] = field(default_factory=dict)
    must_see: list[str] = field(default_factory=list)
    """What a person had to be shown before a submit."""

    def say(self, text: str) -> None:
        self.said.append(text)

    def ended(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def need_a_person(self, waiting: Mapping[str, str]) -> None:
        self.waiting |= waiting

    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None:
        self.asked.append(wanted.order_no)
        self.must_see += commit.must_see
        return self.answer


class World:
    """``world.shop(...)`` opens an account, ``world.order(...)`` puts an order into it."""

    def __init__(self, consoles: Consoles, home: Path) -> None:
        self.consoles = consoles
        self.store: Store = consoles.store
        self.home = home
        self.voice = Listener()
        self.patience = 110.0
        """Seconds that the program itself may run in a test."""
        self.env: dict[str, str] = {
            "UNSELL_HOME": str(home),
            "UNSELL_PRACTICE": consoles.address,
            "UNSELL_SETTLE_SECONDS": str(SETTLE),
            "UNSELL_STEP_TIMEOUT_SECONDS": "15",
            "UNSELL_LANG": "en",
            # As at a user's: the first run of a test signs in, the next ones find the session.
            "UNSELL_SESSION_KEY": Fernet.generate_key().decode(),
        }
        self._accounts: dict[str, tuple[str, str]] = {}

    # -- seeding ---------------------------------------------------------------------------------

    def shop(
        self, name: str, platform: str, *, role: str = "seller", site: str | None = None,
        language: str = "en",
        layout: Layout | None = None, challenge: str = "", password: str | None = PASSWORD, **settings: str,
    ) -> str:  # fmt: skip
        """An account at the console and in the settings; returns its user name at the site."""
        username = f"{name}_user"
        shown_as = f"{name} Shop"
        self.store.add_account(
            platform,
            username,
            role=role,
            shown_as=shown_as,
            language=language,
            layout=layout,
            challenge=challenge,
            password=PASSWORD,
        )
        own = {"PLATFORM": platform, "ROLE": role, "SITE": site or f"{platform}.com", "LOCALE": language}
        own |= {"USERNAME": username} | ({"PASSWORD": password} if password else {}) | settings
        self.env |= {f"UNSELL_ACCOUNTS__{name.upper()}__{key}": value for key, value in own.items()}
        self._accounts[name] = (platform, role)
        return username

    def order(self, shop: str, order_no: str, **more: Any) -> str:
        """An order of that shop (sold by it, or bought by it when it is a buyer's account)."""
        platform, role = self._accounts[shop]
        whose = (
            {"seller": f"{shop}_user"}
            if role == "seller"
            else {"seller": "some_seller", "buyer": f"{shop}_user"}
        )
        self.store.add_order(platform, order_no, **{**whose, **more})
        return order_no

    # -- running ---------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        return load(environ=self.env, cwd=self.home)

    def wanted(self, shop: str, order_no: str, reason: str = "buyer-asked", **more: Any) -> Cancellation:
        platform, role = self._accounts[shop]
        return Cancellation(
            account=shop, platform=platform, role=Role(role), order_no=order_no, reason=Reason(reason), **more
        )

    async def run(self, *wanted: Cancellation, stop: asyncio.Event | None = None, **options: Any) -> Result:
        """Run the real runner in this process."""
        with Ledger(self.settings.database) as ledger:
            runner = Runner(self.settings, ledger, Options(**options), self.voice, stop or asyncio.Event())
            return await runner.run(wanted)

    async def cancel(self, shop: str, order_no: str, reason: str = "buyer-asked", **more: Any) -> Outcome:
        """Cancel one order; ``more``: wishes of the order, or options of the run."""
        options = {
            key: more.pop(key) for key in ("dry_run", "settle", "submit_again", "trace") if key in more
        }
        result = await self.run(self.wanted(shop, order_no, reason, **more), **options)
        assert len(result.outcomes) == 1, result
        return result.outcomes[0]

    async def sync(self) -> list[Outcome]:
        with Ledger(self.settings.database) as ledger:
            return (await Sync(self.settings, ledger, self.voice, asyncio.Event()).run(None)).outcomes

    def cli(self, *words: str, check: int | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """The program itself, as a user starts it, with no terminal."""
        done = subprocess.run(
            [sys.executable, "-m", "agent", *words], cwd=self.home, env=self.environment(**env),
            capture_output=True, text=True, encoding="utf-8", timeout=self.patience,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def environment(self, **env: str) -> dict[str, str]:
        """This process's environment with this world's settings in it, and no others of ours."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("UNSELL_")}
        return {**clean, "UNSELL_LANG": "en", **self.env, "PYTHONPATH": str(ROOT), **env}

    # -- judging ---------------------------------------------------------------------------------

    def commits(self, order_no: str | None = None) -> list[Truth]:
        """What the consoles really received and acted on."""
        return [t for t in self.store.truth(order_no) if t.kind in ("cancel", "refund")]


def manifest(outcome: Outcome) -> dict[str, Any]:
    assert outcome.evidence
    found: dict[str, Any] = json.loads((Path(outcome.evidence) / "manifest.json").read_text(encoding="utf-8"))
    return found


def steps(outcome: Outcome) -> list[str]:
    """The ids of the walked steps, in order, repeats folded."""
    ids = [step["id"] for step in manifest(outcome)["steps"]]
    return [one for n, one in enumerate(ids) if n == 0 or ids[n - 1] != one]


def in_order(ids: Sequence[str], walked: Sequence[str]) -> bool:
    """Whether ``ids`` appear in ``walked`` in this order."""
    rest = iter(walked)
    return all(one in rest for one in ids)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Ctrl-C, as a terminal sends it."""
    process.send_signal(signal.SIGINT)
