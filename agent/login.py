"""``unsell login``: a person signs in, in a visible browser, and the session is kept encrypted.

The program only opens the sign-in page and watches for the greeting: captcha, code and slider are the
person's. Challenges are never solved, the automation is not disguised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from agent.browser import Browser
from agent.clerk import Clerk
from agent.desk import owner_of, sessions_of
from agent.errors import NeedsHuman, TechnicalError, UsageError
from agent.evidence import Evidence
from agent.flow import Flow, Shop, flow_of
from agent.lock import account_lock
from agent.order import Role
from agent.profile import load
from agent.settings import Settings

PATIENCE = 15 * 60
"""Seconds that a person has for one account."""


async def login(settings: Settings, names: Sequence[str], say: Callable[[str], None]) -> None:
    """Check each account's saved session, and let a person sign in only where that is needed.

    UsageError without a key to encrypt with; NeedsHuman when nobody signed in, or as somebody else.
    """
    if not sessions_of(settings).kept:
        raise UsageError(
            "there is no keyring here and no UNSELL_SESSION_KEY: a session could not be saved. Make a key by"
            ' python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        )
    for name in names:
        async with account_lock(settings.home, settings.database, owner_of(settings, name), wait=False):
            await _one(settings, name, say)


async def _one(settings: Settings, name: str, say: Callable[[str], None]) -> None:
    _, account = settings.account(name)
    profile = load(account.platform, settings.home)
    sessions, owner = sessions_of(settings), owner_of(settings, name)
    saved, known_as = sessions.load(owner)
    async with Browser(settings) as browser:
        page, ground = await browser.open(profile, account.site, account.locale, saved)
        about = {"account": name, "order_no": name}
        evidence = Evidence.begin(settings.evidence_dir, account.platform, "_sign-in", name, about)
        clerk = Clerk(
            page, profile, site=account.site, evidence=evidence,
            step_timeout=settings.step_timeout_seconds, practice=settings.practice, ground=ground,
        )  # fmt: skip
        clerk.signing_in = True
        flow = flow_of(account.platform)(clerk, Shop(name, Role(account.role), account.site, account.locale))
        shown_as = await _still_in(flow) if saved else None
        if shown_as is None:
            say(f"{name}: please sign in to {profile.title} in the browser window")
            shown_as = await _by_a_person(flow, settings.step_timeout_seconds)
        held_to = account.shown_as or known_as
        if held_to and shown_as.casefold() != held_to.casefold():
            raise NeedsHuman(f"signed in as {shown_as}, but {name} is {held_to}: nothing was saved")
        sessions.save(owner, await page.context.storage_state(), shown_as)
        say(f"{name}: signed in as {shown_as}, session saved")


async def _still_in(flow: Flow) -> str | None:
    flow.clerk.start_clock()
    try:
        return await flow.signed_in_as()
    except (NeedsHuman, TechnicalError):
        return None


async def _by_a_person(flow: Flow, step_timeout: float) -> str:
    """Open the sign-in page and wait until the console greets somebody, whatever stands between."""
    clerk = flow.clerk
    clerk.start_clock()
    await flow.open_sign_in()
    ends = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < ends:
        try:
            greeted = await clerk.appears("home.shown_as", step_timeout)
        except TechnicalError:
            raise NeedsHuman("the browser window was closed before anybody had signed in") from None
        if greeted and (shown_as := await _still_in(flow)):
            return shown_as
    raise NeedsHuman(f"nobody signed in within {PATIENCE // 60} minutes")
