"""What became of the requests that a press sent off: answered, or not.

A page's script shows the same failure text for the site's "no" and for a line that was cut.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from playwright.async_api import Page, Request, Response

from agent.profile.profile import Profile

_BESIDE = ("ping", "cspviolationreport", "image", "font", "stylesheet", "media", "script", "manifest")
"""What a page sends off beside: no answer to it says anything."""


@dataclass
class PressRequests:
    """The platform's own requests since the press. Those that may write count; where there are none, all."""

    _statuses: dict[Request, int | None] = field(default_factory=dict)
    _failed: set[Request] = field(default_factory=set)

    def began(self, request: Request) -> None:
        self._statuses[request] = None

    def told(self, response: Response) -> None:
        if response.request in self._statuses:
            self._statuses[response.request] = response.status

    def failed(self, request: Request) -> None:
        self._failed.add(request)

    @property
    def _own(self) -> list[Request]:
        writing = [request for request in self._statuses if request.method not in ("GET", "HEAD")]
        return writing or list(self._statuses)

    @property
    def answered(self) -> bool:
        """Whether the site answered at least one of them: not cut off, and with no "come later" or fault."""
        statuses = [self._statuses[request] for request in self._own if request not in self._failed]
        return any(status is not None and status < 500 and status != 429 for status in statuses)

    @property
    def written(self) -> bool:
        """Whether something that may write was sent, and all of it was answered, whatever the answer."""
        writing = [request for request in self._statuses if request.method not in ("GET", "HEAD")]
        return bool(writing) and all(self._statuses[one] is not None for one in writing)

    @property
    def unanswered(self) -> bool:
        """Whether something was sent, and nothing of it was answered."""
        return bool(self._own) and not self.answered


@contextlib.asynccontextmanager
async def watched(page: Page, profile: Profile) -> AsyncIterator[PressRequests]:
    """Watch what leaves this page and the tabs that it opens, from now on."""
    sent, context = PressRequests(), page.context

    def began(request: Request) -> None:
        if request.resource_type not in _BESIDE and not profile.elsewhere.match(request.url):
            sent.began(request)

    context.on("request", began)
    context.on("response", sent.told)
    context.on("requestfailed", sent.failed)
    try:
        yield sent
    finally:
        context.remove_listener("request", began)
        context.remove_listener("response", sent.told)
        context.remove_listener("requestfailed", sent.failed)
