"""One Playwright, one browser, a context per account; practice differs by DNS only; each context is guarded.

An account that works in a person's own browser has a tab there instead, behind a proxy.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from loguru import logger
from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, async_playwright

from agent.browser import discovery, leftover
from agent.browser.network_guard import AccountScope, NetworkGuard
from agent.domain.errors import TechnicalError, first_line
from agent.domain.i18n import _
from agent.profile.profile import Profile, load, platforms
from agent.settings.blocklist import Block
from agent.settings.settings import Settings

VIEWPORT = {"width": 1280, "height": 900}
_QUIET = [
    "--disable-quic",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-default-browser-check",
]


class Browser:
    """``async with Browser(settings) as browser``: started at the first context, ended with the block."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._playwright: Any = None
        self._browser: PlaywrightBrowser | None = None
        self._guard: NetworkGuard | None = None
        self._launching = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._playwright = await async_playwright().start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._browser:
                await self._browser.close()
        except PlaywrightError as failed:
            logger.warning("the browser did not close: {}", first_line(failed))
        finally:
            await self._playwright.stop()

    async def _launched(self) -> tuple[PlaywrightBrowser, NetworkGuard]:
        if self._browser and self._guard and self._browser.is_connected():
            return self._browser, self._guard
        found = discovery.find_browser(self._settings.browser_path, headless=self._settings.headless)
        arguments = [*_QUIET, leftover.mark(), *(["--no-sandbox"] if discovery.needs_no_sandbox() else [])]
        if self._settings.practice:
            arguments += practice_arguments(self._settings.practice)
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=found.path,
                headless=self._settings.headless,
                args=arguments,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=60_000,
            )
            session = await self._browser.new_browser_cdp_session()
            self._guard = NetworkGuard(
                session, frames=not self._settings.headless, block=Block(self._settings.block)
            )
            await self._guard.raise_up()
        except PlaywrightError as error:
            if not self._settings.headless and not discovery.has_display():
                raise TechnicalError(
                    _(
                        "no display: a browser window cannot be shown here; sign in on a machine with a "
                        "display, or give passwords and one-time-code secrets"
                    )
                ) from error
            raise TechnicalError(
                _(
                    "the browser {found} does not start: {message}",
                    found=found,
                    message=first_line(error),
                )
            ) from error
        return self._browser, self._guard

    async def open(
        self, profile: Profile, site: str, locale: str | None, saved: dict[str, Any] | None
    ) -> tuple[Page, AccountScope]:
        """A fresh context for one account, guarded, and its one tab; close it by ``page.context``.

        ``saved``: Playwright's storage state, None = signed out.
        """
        async with self._launching:
            browser, guard = await self._launched()
        context = await browser.new_context(
            viewport=VIEWPORT,  # type: ignore[arg-type]
            locale=locale,
            storage_state=saved,  # type: ignore[arg-type]
            ignore_https_errors=bool(self._settings.practice),
            accept_downloads=False,
            service_workers="block",
        )
        page = await context.new_page()
        return page, await guard.around(page, profile, site)

    @contextlib.asynccontextmanager
    async def attach(self, profile: Profile, site: str, url: str) -> AsyncIterator[tuple[Page, AccountScope]]:
        """One tab of ours in a person's browser, at its ``ws://`` address; closed at the end, pop-ups too.

        The person's own tabs are out of reach (``agent.browser.cdp_proxy``). TechnicalError: nobody is there.
        """
        from agent.browser.cdp_proxy import CdpProxy  # with WebSockets, which nothing else needs

        standing = CdpProxy.at(url, frames=not self._settings.headless, block=Block(self._settings.block))
        async with standing as (proxy, door):
            theirs = await self._playwright.chromium.connect_over_cdp(door, timeout=30_000)
            try:
                scope = proxy.around(profile, site)
                yield await theirs.contexts[0].new_page(), scope
            finally:
                await theirs.close()  # it only disconnects


def practice_arguments(practice: str) -> list[str]:
    """Every marketplace name resolves to the practice consoles, every other name nowhere."""
    domains = sorted({domain for name in platforms() for domain in load(name).domains})
    rules = [f"MAP {host} {practice}" for domain in domains for host in (f"*.{domain}", domain)]
    return [f"--host-resolver-rules={', '.join([*rules, 'MAP * ~NOTFOUND'])}", "--no-proxy-server"]
