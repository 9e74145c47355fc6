"""An account's desk: its lock, its browser context, its sign-in, and the flow that works there."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from agent.browser import Browser
from agent.clerk import Clerk
from agent.errors import NeedsHuman, UsageError
from agent.evidence import Evidence
from agent.flow import Flow, Shop, flow_of
from agent.leftover import end_browsers_of
from agent.lock import Held, account_lock, lock_key
from agent.order import Role
from agent.profile import Profile, load
from agent.redact import hide
from agent.sessions import Sessions, session_key
from agent.settings import Settings, password_of, totp_secret_of
from agent.signin import SignIn
from agent.step import recorded
from agent.tracing import Tracer

Say = Callable[[str], None]

ORDERS_A_TAB = 10
"""After that many orders the tab is replaced: it grows by 10 to 20 MB an order, its driver by 2."""


@dataclass(slots=True)
class Desk:
    """One account at work. ``shown_as`` is the name that the console greets."""

    name: str
    owner: str
    profile: Profile
    flow: Flow
    evidence: Evidence
    lock: Held
    _context: Any
    _sessions: Sessions
    _sign_in: SignIn
    shown_as: str = ""
    _tracer: Tracer | None = None
    _taken_up: int = 0
    put_off: str = ""
    """Why no more messages to buyers are tried in this run: the site said that they were too many."""

    @property
    def clerk(self) -> Clerk:
        return self.flow.clerk

    async def ensure_signed_in(self) -> None:
        """Signed in as the right one, else NeedsHuman; recorded as a step of its own, and in no trace."""
        if self._tracer:
            await self._tracer.drop()
        try:
            record = self.clerk.evidence.step(self.flow.sign_in_step, "sign in, or still signed in")
            async with recorded(self.clerk, record):
                self.shown_as = await self._sign_in.ensure()
                record.notes["signed in as"] = self.shown_as
        except NeedsHuman as error:
            error.evidence = self.clerk.evidence.folder
            raise
        finally:
            self.clerk.evidence.seal({"shown_as": self.shown_as or None})
        self._sessions.save(self.owner, await self._context.storage_state(), self.shown_as)
        if self._tracer:
            await self._tracer.begin()

    async def still_signed_in(self) -> str | None:
        """The name that the console greets by the saved session, None when signed out; one page load."""
        shown_as = await self._sign_in.still_in()
        if shown_as:
            self._sessions.save(self.owner, await self._context.storage_state(), shown_as)
        return shown_as

    async def take_up(self, evidence: Evidence, *, trace: bool = False) -> None:
        """Start an order: its own evidence, led by the sign-in's; the first tab alone."""
        if self._taken_up and self._taken_up % ORDERS_A_TAB == 0:
            await self.clerk.tabs.fresh()
        self._taken_up += 1
        await self.clerk.tabs.close_popups()
        evidence.adopt(self.evidence.steps, self.evidence)
        self.clerk.evidence = evidence
        if trace:
            self._tracer = Tracer(self._context)
            await self._tracer.begin()

    async def put_down(self, evidence: Evidence) -> None:
        """An order's walk is over: keep its trace, where one was wanted."""
        if self._tracer:
            await self._tracer.keep(evidence)
            self._tracer = None


def owner_of(settings: Settings, name: str) -> str:
    """What one hand holds: platform and user name; the nickname only where no name is known."""
    _, account = settings.account(name)
    return lock_key(account.platform, account.username or account.shown_as or name)


def _say_of(say: Say, name: str, text: str) -> None:
    say(f"{name}: {text}")


def sessions_of(settings: Settings) -> Sessions:
    given = settings.session_key.get_secret_value() if settings.session_key else None
    key = session_key(given)
    hide(key)
    return Sessions(settings.sessions_dir, key)


@asynccontextmanager
async def open_desk(
    browser: Browser, settings: Settings, name: str, *, wait: bool, say: Say | None = None
) -> AsyncIterator[Desk]:
    """Lock the account, open its context, sign in. Raises AccountBusy, NeedsHuman, TechnicalError.

    ``say`` tells the person before a visible window what is waited for; None: nobody is asked anything.
    """
    async with at_desk(browser, settings, name, wait=wait, say=say) as desk:
        await desk.ensure_signed_in()
        yield desk


@asynccontextmanager
async def at_desk(
    browser: Browser, settings: Settings, name: str, *, wait: bool, say: Say | None, by_hand: bool = False
) -> AsyncIterator[Desk]:
    """Like ``open_desk``, not signed in yet. ``by_hand``: a person signs in, no password is typed."""
    _, account = settings.account(name)
    profile = load(account.platform, settings.home)
    owner = owner_of(settings, name)
    if account.site not in profile.sites:
        known = ", ".join(profile.sites)
        raise UsageError(
            f"account {name}: SITE {account.site!r} is no site of {profile.title}; known: {known}"
        )
    if account.cdp_url or account.open_command:
        raise UsageError(f"account {name}: attached browsers (CDP_URL, OPEN_COMMAND) are not built yet")
    sessions = sessions_of(settings)
    async with account_lock(settings.home, settings.database, owner, wait=wait) as lock:
        if lock.left_by and lock.left_by.here:
            end_browsers_of(lock.left_by.pid)
        saved, shown_as = sessions.load(owner)
        page, ground = await browser.open(profile, account.site, account.locale, saved)
        try:
            evidence = Evidence.begin(
                settings.evidence_dir, account.platform, "_sign-in", name, {"account": name, "order_no": name}
            )
            clerk = Clerk(
                page,
                profile,
                site=account.site,
                evidence=evidence,
                step_timeout=settings.step_timeout_seconds,
                practice=settings.practice,
                ground=ground,
            )
            if say and not settings.headless:
                clerk.ask = functools.partial(_say_of, say, name)
            flow = flow_of(account.platform)(
                clerk, Shop(name, Role(account.role), account.site, account.locale)
            )
            sign_in = SignIn(
                flow,
                name=name,
                username=account.username,
                password=lambda: None if by_hand else password_of(settings, name),
                totp_secret=lambda: totp_secret_of(settings, name),
                held_to=account.shown_as or shown_as,
            )
            yield Desk(name, owner, profile, flow, evidence, lock, page.context, sessions, sign_in)
        finally:
            await page.context.close()
