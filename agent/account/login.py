"""``unsell login``: saved sessions are checked, then a person signs in where needed, in a visible browser.

The program only opens the sign-in page and waits for the greeting: captcha, code and slider are left to the
person. Challenges are never solved, the automation is not disguised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.async_api import Error as PlaywrightError

from agent.account.session import account_session, owner_of, sessions_of
from agent.browser import discovery
from agent.browser.launcher import Browser
from agent.domain.errors import UnsellError, UsageError
from agent.domain.i18n import _
from agent.ledger.lock import account_lock
from agent.settings.settings import Settings, password_of

Say = Callable[[str], None]


async def login(settings: Settings, names: Sequence[str], say: Say) -> list[str]:
    """Check each account's saved session, and let a person sign in only where that is needed.

    An account that works in a person's own browser (``CDP_URL``, ``OPEN_COMMAND``) is only checked there.

    Where no window can be shown, an account with a password is signed in by it, as ``cancel`` does.

    Returns the accounts that are not signed in after all. UsageError where no session can be saved.
    """
    guests = {name for name in names if settings.accounts[name].attached}
    if len(guests) < len(names) and not sessions_of(settings).kept:
        raise UsageError(
            _(
                "a session could not be saved: no keyring here, and {file} cannot be written",
                file=settings.key_file,
            )
        )
    left = await check(settings, names, say)
    missed = [name for name in left if name in guests]
    left = [name for name in left if name not in guests]
    if not left:
        return missed
    by_password = [] if discovery.has_display() else [one for one in left if password_of(settings, one)]
    missed += await _sign_in(settings, by_password, say, by_hand=False)
    by_hand = [one for one in left if one not in by_password]
    return missed + await _sign_in(settings, by_hand, say, by_hand=True)


async def _sign_in(settings: Settings, names: Sequence[str], say: Say, *, by_hand: bool) -> list[str]:
    """One after another, since one person signs in. Returns those that are not signed in after all."""
    if not names:
        return []
    missed = []
    settings = settings.model_copy(update={"headless": not by_hand})
    async with Browser(settings) as browser:
        for name in names:
            try:
                async with account_session(
                    browser, settings, name, wait=False, say=say, by_hand=by_hand
                ) as session:
                    await session.ensure_signed_in()
                    say(
                        _(
                            "{name}: signed in as {shown_as}, session saved",
                            name=name,
                            shown_as=session.shown_as,
                        )
                    )
            except UsageError:
                raise
            except (UnsellError, PlaywrightError) as error:
                say(f"{name}: {error}")
                missed.append(name)
    return missed


async def check(settings: Settings, names: Sequence[str], say: Say) -> list[str]:
    """Say of each account whether its saved session still holds; returns those where it does not.

    One page load for each that has a session, or a browser of its own; none, and no browser, for the others.
    """
    sessions = sessions_of(settings)
    saved = [
        name
        for name in names
        if settings.accounts[name].attached or sessions.load(owner_of(settings, name))[0]
    ]
    left = [name for name in names if name not in saved]
    for name in left:
        say(_("{name}: no saved session", name=name))
    if saved:
        async with Browser(settings) as browser:
            for name in saved:
                standing, good = await _standing(browser, settings, name)
                say(f"{name}: {standing}")
                if not good:
                    left.append(name)
    return [name for name in names if name in left]


async def _standing(browser: Browser, settings: Settings, name: str) -> tuple[str, bool]:
    try:
        async with account_session(browser, settings, name, wait=False, say=None) as session:
            shown_as = await session.still_signed_in()
    except UsageError:
        raise
    except (UnsellError, PlaywrightError) as error:
        return str(error), False
    if shown_as:
        return _("signed in as {shown_as}", shown_as=shown_as), True
    account = settings.accounts[name]
    return (
        _("signed out: sign in by hand, in the browser of this account")
        if account.attached
        else _("signed out")
    ), False


async def forget(settings: Settings, names: Sequence[str], say: Say) -> list[str]:
    """Remove the accounts' saved sessions; AccountBusy while a run is at work there. Returns none."""
    for name in names:
        owner = owner_of(settings, name)
        async with account_lock(settings.state, settings.database, owner, wait=False):
            gone = sessions_of(settings).forget(owner)
        say(
            _("{name}: the saved session is removed", name=name)
            if gone
            else _("{name}: no saved session", name=name)
        )
    return []
