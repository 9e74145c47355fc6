"""The buyers' open requests of one account, only read; ``unsell answer`` answers one."""

from __future__ import annotations

from agent.account.session import open_session
from agent.browser.launcher import Browser
from agent.domain.order import Request
from agent.settings.settings import Settings


async def open_requests(settings: Settings, account: str, *, wait: bool) -> list[Request]:
    """The requests that wait for this seller. Raises AccountBusy, NeedsHuman, TechnicalError."""
    async with Browser(settings) as browser, open_session(browser, settings, account, wait=wait) as session:
        found = await session.flow.requests()
        await session.clerk.developed()
        return found
