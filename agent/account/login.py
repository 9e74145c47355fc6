"""``unsell login``: saved sessions are checked, then a person signs in where needed, in a visible browser.

The program only opens the sign-in page and waits for the greeting: captcha, code and slider are left to the
person. Challenges are never solved, the automation is not disguised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.async_api import Error as PlaywrightError

from agent.account.session import account_session, owner_of, sessions_of
from agent.browser.launcher import Browser
from agent.domain.errors import UnsellError, UsageError
from agent.domain.i18n import _
from agent.ledger.lock import account_lock
from agent.settings.settings import Settings

Say = Callable[[str], None]


async def login(settings: Settings, names: Sequence[str], say: Say) -> list[str]:
    """Check each account's saved session, and let a person sign in only where that is needed.

    An account that works in a person's own browser (``CDP_URL``, ``OPEN_COMMAND``) is only checked there.

    Returns the accounts that are not signed in after all. UsageError without a key to encrypt with.
    """
    guests = {name for name in names if settings.accounts[name].attached}
    if len(guests) < len(names) and not sessions_of(settings).kept:
        raise UsageError(
            _(
                "there is no keyring here and no UNSELL_SESSION_KEY: a session could not be saved. "
                'Make a key by python -c "from cryptography.fernet import Fernet; '
                'print(Fernet.generate_key().decode())"'
            )
        )
    left = await check(settings, names, say)
    missed = [name for name in left if name in guests]
    left = [name for name in left if name not in guests]
    if not left:
        return missed
    visible = settings.model_copy(update={"headless": False})
    async with Browser(visible) as browser:
        for name in left:  # one after another: one person signs in
            try:
                async with account_session(
                    browser, visible, name, wait=False, say=say, by_hand=True
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
