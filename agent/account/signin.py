"""Signing in: only where needed, the password to one host, at most one try a run, challenges to a person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from playwright.async_api import Error as PlaywrightError
from pydantic import SecretStr

from agent.account.password import type_and_send
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, SignInNeeded, TechnicalError
from agent.domain.i18n import _
from agent.domain.redact import hide
from agent.domain.totp import INTERVAL, code_at
from agent.marketplace.flow import Flow
from agent.page.lookout import PATIENCE
from agent.page.retry import retried

_CODE_LASTS = 5
"""Seconds that a one-time code must still be good for, or the next one is waited for."""


class SignIn:
    """Signs one account in. ``password`` is called only when a password is about to be typed.

    ``attached``: the browser is a person's own, who signs in there; no password is ever typed.

    Where a person sits before a visible window (``clerk.ask``), what the program may not or cannot do is
    left to that person, and waited for.
    """

    def __init__(
        self,
        flow: Flow,
        *,
        name: str,
        username: str | None,
        password: Callable[[], SecretStr | None],
        totp_secret: Callable[[], SecretStr | None],
        held_to: str | None,
        attached: bool = False,
    ) -> None:
        self._flow = flow
        self._name = name
        self._username = username
        self._password = password
        self._totp_secret = totp_secret
        self._held_to = held_to
        self._attached = attached
        where = _(
            "sign in to {title} by hand, in the browser of {name}, and run again",
            title=flow.clerk.profile.title,
            name=name,
        )
        self._remedy = where if attached else f"unsell login {name}"
        self._tried = False

    async def ensure(self) -> str:
        """The name the console greets, signed in now. Another name than held to: NeedsHuman."""
        clerk = self._flow.clerk
        clerk.signing_in = True
        try:
            shown = await self._shown_as() or await self._enter()
        finally:
            clerk.signing_in = False
            if clerk.account_scope:
                await clerk.account_scope.typing_done()
        shown = self._held(shown)
        self._held_to = shown  # learnt at the first sign-in, and demanded from then on
        return shown

    async def still_in(self) -> str | None:
        """The name the console greets by the saved session; None when signed out. One page load."""
        self._flow.clerk.signing_in = True
        try:
            shown = await self._shown_as()
        finally:
            self._flow.clerk.signing_in = False
        return self._held(shown) if shown else None

    def _held(self, shown: str) -> str:
        if self._held_to and shown.casefold() != self._held_to.casefold():
            raise NeedsHuman(
                _(
                    "the console is signed in as {shown}, not as {held_to}: nothing was done; {remedy}",
                    shown=shown,
                    held_to=self._held_to,
                    remedy=self._remedy,
                ),
                code=Code.OTHER_ACCOUNT,
            )
        return shown

    async def _shown_as(self) -> str | None:
        """The name that the console greets, looked for again on a technical fault."""
        return await retried(self._shown_as_once)

    async def _shown_as_once(self) -> str | None:
        clerk = self._flow.clerk
        try:
            async with clerk.clock():
                return await self._flow.signed_in_as()
        except TimeoutError:
            raise TechnicalError(_("{url} did not answer in time", url=clerk.page.url)) from None
        except PlaywrightError as error:
            raise clerk.told(error) from error

    async def _enter(self) -> str:
        clerk = self._flow.clerk
        clerk.start_clock()
        try:
            await self.by_password()
            shown = await self._shown_as()
            if shown is None:
                raise SignInNeeded(_("{name} is not signed in after signing in", name=self._name))
        except NeedsHuman as why:
            if clerk.ask and not clerk.tabs.strayed:
                return await self._by_a_person(why, clerk.ask)
            if why.remedy == self._remedy or clerk.tabs.strayed:
                raise
            raise type(why)(f"{why}: {self._remedy}", code=why.code or Code.SIGN_IN, mend=why.mend) from None
        self._tried = False  # a session may lapse later in the run; a wrong password is not repeated
        return shown

    async def by_password(self) -> None:
        """Walk to the form, fill it in, send it; at most once a run. NeedsHuman says what is in the way."""
        try:
            await self._fill_in()
        except PlaywrightError as error:
            raise self._flow.clerk.told(error) from None

    async def _fill_in(self) -> None:
        if self._attached:  # the browser's owner signs in there
            raise SignInNeeded(
                _("{name} is signed out: {remedy}", name=self._name, remedy=self._remedy), remedy=self._remedy
            )
        password = self._password() if self._username else None
        if not self._username or password is None:
            raise SignInNeeded(
                _(
                    "{name} is signed out and has no password here: {remedy}",
                    name=self._name,
                    remedy=self._remedy,
                ),
                remedy=self._remedy,
            )
        if self._tried:
            raise SignInNeeded(
                _("{name} was signed out again; the password is typed once a run only", name=self._name)
            )
        self._tried = True
        hide(password.get_secret_value())
        clerk = self._flow.clerk
        await self._flow.open_sign_in()
        await clerk.fill("signin.username", self._username)
        next_ones = clerk.profile.having("signin.password", "signin.continue")
        if await clerk.see(*next_ones) == "signin.continue":
            await clerk.click("signin.continue")
        await type_and_send(clerk, "signin.password", "signin.submit", password.get_secret_value())
        await self._after()

    async def _after(self) -> None:
        """What the site answers to the password: signed in, a code, or no."""
        clerk = self._flow.clerk
        clerk.start_clock()
        seen = await self._answer(*clerk.profile.having("home.shown_as", "signin.error", "signin.code"))
        secret = self._totp_secret() if seen == "signin.code" else None
        if (
            secret is None and clerk.account_scope
        ):  # answered: what comes next is done by a person, or needs no secret
            await clerk.account_scope.typing_done()
        if seen == "signin.code":
            if secret is None:
                raise NeedsHuman(
                    _("the site asks for a one-time code: {remedy}", remedy=self._remedy),
                    code=Code.CHALLENGE,
                    remedy=self._remedy,
                )
            hide(secret.get_secret_value())
            try:
                code = await _fresh_code(secret.get_secret_value())
            except ValueError:
                raise NeedsHuman(
                    _("the one-time-code secret of {name} is no base32: copy it again", name=self._name),
                    code=Code.SIGN_IN,
                ) from None
            hide(code)
            clerk.start_clock()
            await type_and_send(clerk, "signin.code", "signin.code_submit", code)
            seen = await self._answer("home.shown_as", "signin.error")
            if clerk.account_scope:
                await clerk.account_scope.typing_done()
        if seen == "signin.error":
            words = await clerk.text("signin.error")
            raise NeedsHuman(
                _("the site did not accept the sign-in of {name}: {words}", name=self._name, words=words),
                code=Code.SIGN_IN,
            )

    async def _answer(self, *names: str) -> str:
        """Which of them the site answers with. NeedsHuman: none, perhaps for what was not let through."""
        clerk = self._flow.clerk
        try:
            return await clerk.see(*names)
        except NeedsHuman as why:
            held_back = clerk.account_scope.held_back() if clerk.account_scope else ""
            if not clerk.account_scope or not held_back or clerk.tabs.strayed:
                raise
            hosts = ", ".join(f'"{host}"' for host in sorted(clerk.account_scope.kept_in))
            raise NeedsHuman(
                f"{why}; {held_back}", code=Code.NOT_RECOGNISED, mend=f"captcha = [{hosts}]"
            ) from None

    async def _by_a_person(self, why: NeedsHuman, ask: Callable[[str], None]) -> str:
        """Wait until the console greets an account; meanwhile the page is left to the person."""
        clerk = self._flow.clerk
        needed = isinstance(why, SignInNeeded)
        please = (
            _("please sign in to {title}", title=clerk.profile.title)
            if needed
            else _("{why}; waiting for you to sign in", why=why)
        )
        ask(_("{please} in the browser window", please=please))
        if needed:
            clerk.start_clock()
            await self._flow.open_sign_in()
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            greeted = await clerk.appears("home.shown_as", clerk.step_timeout)
            if greeted and not await clerk.hindered() and (shown := await self._shown_as()):
                return shown
        raise NeedsHuman(
            _(
                "nobody signed in within {patience:g} minutes: {remedy}",
                patience=PATIENCE / 60,
                remedy=self._remedy,
            ),
            code=Code.SIGN_IN,
        )


async def _fresh_code(secret: str) -> str:
    """A one-time code that does not expire while it is typed and sent."""
    left = INTERVAL - time.time() % INTERVAL
    if left < _CODE_LASTS:
        await asyncio.sleep(left + 0.05)
    return code_at(secret, time.time())
