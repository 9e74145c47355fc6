"""The network guard: each document that a page asks for must lie at its account's marketplace.

It uses one session with the browser itself; only there are first requests seen, each hop of a redirect,
pop-ups and frames (tried: a route sees no redirect, a page's own session misses a pop-up's first request).
Pictures, scripts and styles are not paused, so it costs one message a document. Blocked requests
(``UNSELL_BLOCK``) are stopped in the same way, without a message. While a password is
being typed and sent, every request is looked at (``agent.browser.secret_guard``). While a control is pressed
that should only move (``agent.browser.press_guard``), what scripts ask for is looked at too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from loguru import logger
from playwright.async_api import BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from agent.browser.press_guard import Fate, Press, place
from agent.browser.secret_guard import keeps_in
from agent.domain.i18n import _
from agent.profile.profile import Profile
from agent.settings.blocklist import Block

DOCUMENTS = [{"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}]
ABORTED = {"errorReason": "Aborted"}
"""How a press's request is stopped: the page that would have left stays, and can be looked at."""
_SECONDS = 2
"""Seconds to wait for a tab's list of frames."""
EVERYTHING = [{"urlPattern": "*", "requestStage": "Request"}]


def _nobody(_: str) -> None: ...


class RequestGuard(Protocol):
    """What checks an account's requests: the network guard of our own browser, or the proxy to a person's."""

    async def raise_up(self) -> None: ...

    async def decided(self) -> None:
        """Wait until every request paused so far is decided."""


@dataclass(slots=True, eq=False)
class AccountScope:
    """One account's scope: its marketplace on its site. ``tell`` hears each address that was blocked."""

    profile: Profile
    site: str
    network_guard: RequestGuard
    tell: Callable[[str], None] = _nobody
    typed: set[str] = field(default_factory=set)
    """The secrets that are being typed."""
    kept_in: set[str] = field(default_factory=set)
    """Hosts to which requests were stopped while a secret was typed: they are not the platform's own."""
    press: Press | None = None
    """The press that is guarded now: its requests are judged by it."""
    watched: bool = False
    """Whether the browser pauses the requests that the press could send."""
    context: BrowserContext | None = None
    """The account's own context; None: a person's browser, where the proxy knows its tabs."""

    async def guard(self, press: Press) -> None:
        """From now on the account's requests are judged by this press; until ``lift``."""
        self.press, self.watched = press, True
        await self.network_guard.raise_up()

    async def lift(self) -> None:
        """End ``guard``: first the browser stops pausing requests, then nothing is judged any more.

        So a request that was paused before the browser confirmed that is still judged by the press.
        """
        self.watched = False
        await self.network_guard.raise_up()
        await self.network_guard.decided()
        self.press = None

    @contextlib.asynccontextmanager
    async def dropping(self, press: Press) -> AsyncIterator[None]:
        """Judge by this press within the block, in place of the guarded one, if there is one."""
        outer = self.press
        await self.guard(press)
        try:
            yield
        finally:
            if outer:
                await self.network_guard.decided()
                self.press = outer
            else:
                await self.lift()

    def held(self, base: list[dict[str, str]]) -> list[dict[str, str]]:
        """The patterns of requests to pause, including ``base``."""
        return [*base, *(self.press.patterns if self.press and self.watched else ())]

    async def typing(self, secret: str) -> None:
        """From now on nothing leaves for a host that is not the platform's own; until ``typing_done``."""
        if not self.typed:
            self.kept_in.clear()
        self.typed.add(secret)
        await self.network_guard.raise_up()

    def held_back(self) -> str:
        """A sentence about the hosts to which requests were stopped; '' when there were none."""
        if not self.kept_in:
            return ""
        return _(
            "nothing was sent to {hosts} while the password was, since these are no listed hosts of {title}",
            hosts=", ".join(sorted(self.kept_in)),
            title=self.profile.title,
        )

    async def typing_done(self) -> None:
        if self.typed:
            self.typed.clear()
            await self.network_guard.raise_up()

    def keeps_in(self, request: dict[str, Any], among: Iterable[Profile]) -> bool:
        """Whether a request must not leave while a secret is typed. ``among``: whose hosts it may reach."""
        url, among = str(request["url"]), list(among)
        if self.profile.signs_in_at(url, self.site) or not keeps_in(request, self.typed, among):
            return False
        if not any(profile.owns(url) for profile in among):
            self.kept_in.add(urlsplit(url).hostname or "")
        return True


class NetworkGuard:
    """One browser's guard. ``frames``: frames from elsewhere may load (a captcha's, where a person looks).

    ``block``: the requests that are not made.
    """

    def __init__(self, session: CDPSession, *, frames: bool, block: Block) -> None:
        self._session = session
        self._frames = frames
        self._block = block
        self._scopes: dict[str, AccountScope] = {}
        self._tabs: dict[str, tuple[str, bool]] = {}
        """The context of each tab (True) and each frame with a process of its own, by the frame's id."""
        self._tasks: set[asyncio.Task[None]] = set()
        session.on("Fetch.requestPaused", self._paused)

    async def raise_up(self) -> None:
        """Pause documents and blocked requests; more during a press, all while a secret is typed."""
        scopes = self._scopes.values()
        patterns = [*DOCUMENTS, *self._block.patterns]
        for scope in scopes:
            patterns = scope.held(patterns)
        if any(scope.typed for scope in scopes):
            patterns = EVERYTHING
        await self._session.send("Fetch.enable", {"patterns": patterns})

    async def decided(self) -> None:
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    async def around(self, page: Page, profile: Profile, site: str) -> AccountScope:
        """Guard the context of this page, in which nothing has been opened yet."""
        own = await page.context.new_cdp_session(page)
        target = (await own.send("Target.getTargetInfo"))["targetInfo"]
        await own.detach()
        context = str(target["browserContextId"])
        scope = self._scopes[context] = AccountScope(profile, site, self, context=page.context)
        page.context.on("close", lambda _: self._taken_down(context))
        return scope

    def _taken_down(self, context: str) -> None:
        self._scopes.pop(context, None)
        self._tabs = {frame: (where, tab) for frame, (where, tab) in self._tabs.items() if where != context}

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.ensure_future(self._decide(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, event: dict[str, Any]) -> None:
        request, document = event["request"], event["resourceType"] == "Document"
        with contextlib.suppress(PlaywrightError):  # the page, or the browser, was closed meanwhile
            kept_in = await self._gives_away(event, document=document) or (
                document and await self._leads_away(event["frameId"], request["url"])
            )
            if kept_in:
                logger.warning("blocked: the page wanted to go to {}", place(request["url"]))
            if kept_in or self._block.covers(event):
                answer = {"requestId": event["requestId"], "errorReason": "BlockedByClient"}
                await self._session.send("Fetch.failRequest", answer)
            elif await self._stopped(event):
                await self._session.send("Fetch.failRequest", {"requestId": event["requestId"], **ABORTED})
            else:
                await self._session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    async def _gives_away(self, event: dict[str, Any], *, document: bool) -> bool:
        """Whether a secret that is being typed might reach a host that it must not.

        A request that cannot be attributed to one account (a frame, a worker) may be another account's, whose
        own hosts it may go on to ask; where one secret is typed, it is compared with that.
        """
        typists = [scope for scope in self._scopes.values() if scope.typed]
        if not typists:
            return False
        context, _is_tab = await self._tab_of(event.get("frameId", "")) or ("", False)
        own = self._scopes.get(context)
        asking = [own] if own else typists
        among = [scope.profile for scope in ([own] if own else self._scopes.values())]
        kept_in = [scope for scope in asking if scope.keeps_in(event["request"], among)]
        for scope in kept_in if document else ():
            scope.tell(place(event["request"]["url"]))
        return bool(kept_in)

    async def _stopped(self, event: dict[str, Any]) -> bool:
        """Whether a press that is guarded keeps this request back; the press remembers it."""
        judged = [(g, g.press.fate(event)) for g in self._scopes.values() if g.press]
        judged = [(scope, fate) for scope, fate in judged if fate is not Fate.GOES]
        whose = await self._scopes_of(event["frameId"]) if judged else []
        for scope, fate in judged:
            if scope in whose and scope.press:
                scope.press.take(event, fate)
                return fate is not Fate.ONCE
        return False

    async def _scopes_of(self, frame: str) -> list[AccountScope]:
        """The accounts in whose tab a frame is; one that is in no tab any more may be any account's."""
        if found := await self._tab_of(frame):
            return [self._scopes[found[0]]] if found[0] in self._scopes else []
        for scope in self._scopes.values():
            if frame in await frames_in(scope.context):
                return [scope]
        return list(self._scopes.values())

    async def _leads_away(self, frame: str, url: str) -> bool:
        """Whether this document lies elsewhere. A tab that belongs to no account goes nowhere."""
        context, is_tab = await self._tab_of(frame) or ("", False)
        if not is_tab:  # a frame inside a page
            own = any(not scope.profile.elsewhere.match(url) for scope in self._scopes.values())
            return not (own or self._frames)
        scope = self._scopes.get(context)
        if scope is not None and not scope.profile.elsewhere.match(url):
            return False
        if scope is not None:
            scope.tell(place(url))
        return True

    async def _tab_of(self, frame: str) -> tuple[str, bool] | None:
        """The context in which this is a tab (True), or a frame with a process of its own; None: neither."""
        if frame not in self._tabs:
            try:
                answer = await self._session.send("Target.getTargetInfo", {"targetId": frame})
            except PlaywrightError:
                return None
            info = answer["targetInfo"]
            self._tabs[frame] = str(info.get("browserContextId")), info["type"] == "page"
        return self._tabs[frame]


async def frames_in(context: BrowserContext | None) -> set[str]:
    """The ids of the frames in this context's tabs that have no process of their own."""
    found: set[str] = set()

    def add(tree: dict[str, Any]) -> None:
        found.add(tree["frame"]["id"])
        for child in tree.get("childFrames", ()):
            add(child)

    for page in context.pages if context else ():
        with contextlib.suppress(PlaywrightError, TimeoutError):  # it closes, or does not answer
            async with asyncio.timeout(_SECONDS):
                own = await context.new_cdp_session(page)  # type: ignore[union-attr]
                add((await own.send("Page.getFrameTree"))["frameTree"])
                await own.detach()
    return found
