"""An account's session: its lock, its browser context, its sign-in, and the flow that works there."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from playwright.async_api import Page

from agent.account.signin import SignIn
from agent.account.storage_state import FolderOfSessions, Sessions, SessionStore, session_key
from agent.browser.attach import debugging_url
from agent.browser.launcher import Browser
from agent.browser.leftover import end_browsers_of
from agent.browser.network_guard import AccountScope
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, SignInNeeded, UsageError
from agent.domain.i18n import _
from agent.domain.order import Role
from agent.domain.redact import hide
from agent.ledger.lock import Held, account_lock, lock_key
from agent.ledger.migrations import is_postgres
from agent.ledger.sessions import SavedInLedger
from agent.marketplace.flow import Flow, Shop, flow_of
from agent.page.clerk import Clerk
from agent.page.evidence import Evidence
from agent.page.step import recorded
from agent.page.trace import Tracer
from agent.profile.profile import Profile, load
from agent.settings.settings import Account, Settings, password_of, totp_secret_of

Say = Callable[[str], None]
Keep = Callable[[str], Awaitable[None]]
T = TypeVar("T")

ORDERS_A_TAB = 10
"""After that many orders the tab is replaced: it grows by 10 to 20 MB an order, its driver by 2."""


@dataclass(slots=True)
class AccountSession:
    """One account at work. ``shown_as`` is the name that the console greets."""

    name: str
    owner: str
    profile: Profile
    flow: Flow
    evidence: Evidence
    lock: Held
    _keep: Keep
    """Saves the session, and the name that is signed in, for the next run."""
    _sign_in: SignIn
    shown_as: str = ""
    _guest: bool = False
    """The account works in a person's own browser: there we have one tab, and stay in it."""
    _tracer: Tracer | None = None
    _taken_up: int = 0
    put_off: str = ""
    """Why no more messages to buyers are tried in this run: the site said that they were too many."""

    @property
    def clerk(self) -> Clerk:
        return self.flow.clerk

    async def ensure_signed_in(self) -> None:
        """Sign in where needed, as a step of its own that is never traced. NeedsHuman: a person has to."""
        if self._tracer:
            await self._tracer.drop()
        try:
            record = self.clerk.evidence.step(self.flow.sign_in_step, _("sign in, or still signed in"))
            async with recorded(self.clerk, record):
                self.shown_as = await self._sign_in.ensure()
                record.notes["signed in as"] = self.shown_as
        except NeedsHuman as error:
            error.evidence = self.clerk.evidence.folder
            raise
        finally:
            self.clerk.evidence.seal({"shown_as": self.shown_as or None})
        await self._keep(self.shown_as)
        if self._tracer:
            await self._tracer.begin()

    def record_to(self, evidence: Evidence) -> None:
        """The next steps are recorded there."""
        self.clerk.evidence = evidence

    def put_off_messages(self, why: str) -> None:
        """No more messages to buyers are tried in this run."""
        self.put_off = why

    async def still_signed_in(self) -> str | None:
        """The name that the console greets by the saved session, None when signed out; one page load."""
        shown_as = await self._sign_in.still_in()
        if shown_as:
            await self._keep(shown_as)
        return shown_as

    async def signed_in_again(self, work: Callable[[], Awaitable[T]], say: Say) -> T:
        """``work``; where the account was signed out in the middle of it, once more after a new sign-in."""
        try:
            return await work()
        except SignInNeeded:
            say(_("{desk}: signed out in the middle, signing in again", desk=self.name))
            await self.ensure_signed_in()
            return await work()

    async def still_ours(self) -> None:
        """Check that the console still greets this account: only then does an absence count.

        SignInNeeded: it greets no account. NeedsHuman: another one.
        """
        record = self.clerk.evidence.step(self.flow.sign_in_step, "still signed in as the same one?")
        async with recorded(self.clerk, record):
            if await self._sign_in.still_in() is None:
                raise SignInNeeded(
                    _("{name} was signed out in the middle", name=self.name), code=Code.SIGN_IN
                )

    async def begin(self, evidence: Evidence, *, trace: bool = False) -> None:
        """Start an order: its own evidence, beginning with the sign-in's, and only the first tab open."""
        if self._taken_up and self._taken_up % ORDERS_A_TAB == 0 and not self._guest:
            await self.clerk.developed()
            await self.clerk.tabs.fresh()
        self._taken_up += 1
        await self.clerk.close_popups()
        evidence.adopt(self.evidence.steps, self.evidence)
        self.record_to(evidence)
        if trace:
            self._tracer = Tracer(self.clerk.page.context)
            await self._tracer.begin()

    async def end(self, evidence: Evidence) -> None:
        """End an order: wait for its last picture, and keep its trace where one was wanted."""
        await self.clerk.developed()
        if self._tracer:
            await self._tracer.keep(evidence)
            self._tracer = None


def owner_of(settings: Settings, name: str) -> str:
    """The lock's key: platform and user name; the account's own name only where no user name is known."""
    account = settings.account(name)[1]
    return lock_key(account.platform, _known_by(account) or _by_its_browser(settings, account) or name)


def _known_by(account: Account) -> str | None:
    return account.username or account.shown_as


def _by_its_browser(settings: Settings, account: Account) -> str | None:
    """A browser has one login for a platform: known by another account that is there, else by the place."""
    browser = account.cdp_url or account.open_command
    if browser is None:
        return None
    there = [
        one
        for one in settings.accounts.values()
        if one.platform == account.platform and browser in (one.cdp_url, one.open_command)
    ]
    return next(filter(None, map(_known_by, there)), browser)


def _say_of(say: Say, name: str, text: str) -> None:
    say(f"{name}: {text}")


@asynccontextmanager
async def _in_our_own(
    browser: Browser, settings: Settings, name: str, sessions: Sessions
) -> AsyncIterator[tuple[Page, AccountScope, Keep]]:
    """A context of its own, with the saved session, which is kept for the next run."""
    account = settings.account(name)[1]
    owner = owner_of(settings, name)
    saved = sessions.load(owner)[0]
    page, scope = await browser.open(
        load(account.platform, settings.home), account.site, account.locale, saved
    )

    async def keep(shown_as: str) -> None:
        sessions.save(owner, await page.context.storage_state(), shown_as)

    try:
        yield page, scope, keep
    finally:
        await page.context.close()


@asynccontextmanager
async def _as_a_guest(
    browser: Browser, settings: Settings, name: str, sessions: Sessions
) -> AsyncIterator[tuple[Page, AccountScope, Keep]]:
    """A tab in the browser that a person has open: no session is brought there, and none taken away."""
    account = settings.account(name)[1]
    profile = load(account.platform, settings.home)

    async def keep(shown_as: str) -> None:
        sessions.keep_name(owner_of(settings, name), shown_as)

    async with browser.attach(profile, account.site, await debugging_url(name, account)) as (page, scope):
        yield page, scope, keep


def sessions_of(settings: Settings) -> Sessions:
    given = settings.session_key.get_secret_value() if settings.session_key else None
    key = session_key(given, settings.key_file)
    hide(key)
    place: SessionStore = FolderOfSessions(settings.sessions_dir)
    if is_postgres(settings.database):  # machines that share a ledger share the sign-ins
        place = SavedInLedger(settings.database, practice=settings.practice is not None)
    return Sessions(place, key)


def _must_be_a_site_of(profile: Profile, name: str, account: Account) -> None:
    """UsageError: the platform has no such country site."""
    if account.site not in profile.sites:
        raise UsageError(
            _(
                "account {name}: SITE {site!r} is no site of {title}; known: {known}",
                name=name,
                site=account.site,
                title=profile.title,
                known=", ".join(profile.sites),
            )
        )


@asynccontextmanager
async def open_session(
    browser: Browser, settings: Settings, name: str, *, wait: bool, say: Say | None = None
) -> AsyncIterator[AccountSession]:
    """Lock the account, open its context, sign in. Raises AccountBusy, NeedsHuman, TechnicalError.

    ``say`` tells the person before a visible window what is waited for; None: nothing is asked.
    """
    async with account_session(browser, settings, name, wait=wait, say=say) as session:
        await session.ensure_signed_in()
        yield session


@asynccontextmanager
async def account_session(
    browser: Browser, settings: Settings, name: str, *, wait: bool, say: Say | None, by_hand: bool = False
) -> AsyncIterator[AccountSession]:
    """Like ``open_session``, not signed in yet. ``by_hand``: a person signs in, no password is typed."""
    account = settings.account(name)[1]
    profile = load(account.platform, settings.home)
    owner = owner_of(settings, name)
    _must_be_a_site_of(profile, name, account)
    sessions = sessions_of(settings)
    async with account_lock(settings.state, settings.database, owner, wait=wait) as lock:
        if lock.left_by and lock.left_by.here:
            end_browsers_of(lock.left_by.pid)
        seat = _as_a_guest if account.attached else _in_our_own
        async with seat(browser, settings, name, sessions) as (page, scope, keep):
            evidence = Evidence.begin(
                settings.evidence_dir, account.platform, "_sign-in", name, {"account": name, "order_no": name}
            )
            clerk = Clerk(
                page, profile, site=account.site, evidence=evidence, practice=settings.practice,
                step_timeout=settings.step_timeout_seconds, account_scope=scope,
            )  # fmt: skip
            lock.when_lost.append(clerk.tabs.abandon)
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
                held_to=account.shown_as or sessions.name_of(owner),
                attached=account.attached,
            )
            yield AccountSession(
                name, owner, profile, flow, evidence, lock, keep, sign_in, _guest=account.attached
            )
