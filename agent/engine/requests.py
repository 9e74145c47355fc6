"""The buyers' open requests of one account: read, and answered by nobody unless a person says so."""

from __future__ import annotations

from agent.account.session import open_session
from agent.browser.launcher import Browser
from agent.domain.order import Request
from agent.settings.settings import Settings


async def open_requests(settings: Settings, account: str, *, wait: bool) -> list[Request]:
    """What waits for this seller, as the console lists it. AccountBusy, NeedsHuman, TechnicalError."""
    async with Browser(settings) as browser, open_session(browser, settings, account, wait=wait) as session:
        found = await session.flow.requests()
        await session.clerk.developed()
        return found
