"""The proxy to a person's browser: Playwright reaches our own tab and its pop-ups, and nothing else.

It is the one connection between Playwright and the browser, because only there a guard comes in time: a
pop-up is stopped by the browser until the first session that attached says "go on", which Playwright does at
once, so that a second session of ours would always be too late for its first request; and a route on the
context, or ``Fetch`` for the whole browser, would hold the person's own tabs (all tried).

- What Playwright hears of: the tab that it asked for, the pop-ups of such tabs, their frames and workers.
  Each is guarded before Playwright hears of it. The person's tabs are unknown to it: no domain is switched
  on in them, their questions (``confirm``) wait for the person, a frozen one hinders nobody.
- What Playwright cannot do: close the browser, or change where the person's downloads go.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

from loguru import logger
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.http11 import Request, Response

from agent.browser.network_guard import ABORTED, DOCUMENTS, AccountScope
from agent.browser.press_guard import Fate, place
from agent.domain.errors import TechnicalError
from agent.domain.i18n import _
from agent.profile.profile import Profile
from agent.settings.blocklist import Block

CdpMessage = dict[str, Any]

_PAGES = [{"type": "page"}, {"exclude": True}]
"""Which targets of the browser are attached to at all: no service worker, no extension."""
_OUR_IDS = 1 << 30
"""Our own commands are numbered from here on; Playwright counts from one."""
_NOT_ITS_OWN = {"Browser.close", "Browser.crash", "Browser.setDownloadBehavior"}
"""What is answered with "done" and not passed on: the browser is the person's."""
_OURS_ALREADY = {"Page.startScreencast", "Page.stopScreencast"}
"""Answered likewise: a trace has no film, since stopping the film would stop our tab being drawn."""
_DRAWN = {"format": "jpeg", "quality": 1, "maxWidth": 1, "maxHeight": 1, "everyNthFrame": 1 << 30}
"""A screencast of next to no frames keeps a tab drawn while the person looks at another one: without it
every second picture of such a tab waits for ever (tried)."""
_SECONDS = 5
"""Seconds to wait for an answer that should come at once."""
_QUIETLY = logging.getLogger("unsell.cdp_proxy")
_QUIETLY.disabled = True
_LINE: dict[str, Any] = {
    "compression": None, "max_size": None, "ping_interval": None, "close_timeout": 1, "logger": _QUIETLY,
}  # fmt: skip
"""Both ends are on this machine: whole messages of any size, and nothing that needs an answer in time."""


@dataclass(frozen=True, slots=True)
class _Guarded:
    """What a guarded session belongs to. ``page``: a whole tab, else a frame with a process of its own."""

    target: str
    page: bool


class CdpProxy:
    """``frames``: foreign frames may load (a captcha's, where a person looks).

    ``block``: the requests that our own tab does not make.
    """

    def __init__(self, browser: ClientConnection, *, frames: bool, block: Block) -> None:
        self.scope: AccountScope | None = None
        self._browser = browser
        self._to_browser: asyncio.Queue[str] = asyncio.Queue()
        """What is put here reaches the browser in that order: ours before what Playwright says next."""
        self._playwright: ServerConnection | None = None
        self._frames = frames
        self._block = block
        self._ids = itertools.count(_OUR_IDS)
        self._waiting: dict[int, asyncio.Future[CdpMessage]] = {}
        self._ours: set[str] = set()
        """Our targets: tabs, and the frames in them that have a process of their own."""
        self._guarded: dict[str, _Guarded] = {}
        """The sessions of our targets, the first of each."""
        self._sessions: set[str] = set()
        """Whatever Playwright may hear: the former, workers, further sessions, the browser's own."""
        self._asked: set[int] = set()
        """The commands by which Playwright asked for a tab, unanswered yet."""
        self._undecided: list[CdpMessage] = []
        """New tabs that came while one was asked for: the answer says which of them is ours."""

    @classmethod
    @contextlib.asynccontextmanager
    async def at(cls, url: str, *, frames: bool, block: Block) -> AsyncIterator[tuple[Self, str]]:
        """Connect to the browser's debugging address; yields the proxy and the address for Playwright.

        At the end our tabs are closed, whatever happened. TechnicalError: no browser is there.
        """
        try:
            browser = await connect(url, proxy=None, **_LINE)
        except (OSError, WebSocketException) as error:
            raise TechnicalError(
                _("the browser does not take a visitor at its address: {error}", error=error)
            ) from error
        proxy = cls(browser, frames=frames, block=block)
        path = f"/{secrets.token_urlsafe(24)}"  # else any user of this machine could connect here

        def known(connection: ServerConnection, request: Request) -> Response | None:
            mine = request.path == path and proxy._playwright is None
            return None if mine else connection.respond(HTTPStatus.NOT_FOUND, "nobody here\n")

        both = [asyncio.ensure_future(one) for one in (proxy._from_browser(), proxy._send_on())]
        server = await serve(proxy._called, "127.0.0.1", 0, process_request=known, **_LINE)
        try:
            yield proxy, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
        finally:
            server.close(close_connections=False)
            try:
                await proxy._close_tabs()
            finally:
                for one in both:
                    one.cancel()
                await browser.close()
                if proxy._playwright:
                    await proxy._playwright.close()

    def around(self, profile: Profile, site: str) -> AccountScope:
        """From here on this scope says which documents may load; called before a tab is opened."""
        self.scope = AccountScope(profile, site, self)
        return self.scope

    async def _close_tabs(self) -> None:
        tabs = {one.target for one in self._guarded.values() if one.page}
        await asyncio.gather(*(self._tell("Target.closeTarget", {"targetId": tab}) for tab in tabs))

    # -- what the scope asks for ---------------------------------------------------------------------------

    async def raise_up(self) -> None:
        """In every tab of ours: pause documents and blocked requests; more while a control is pressed."""
        held = self._held()
        await asyncio.gather(*(self._tell("Fetch.enable", held, session) for session in self._guarded))

    async def decided(self) -> None:
        """Nothing to wait for: each request is decided as it comes."""

    def _held(self) -> CdpMessage:
        base = [*DOCUMENTS, *self._block.patterns]
        return {"patterns": self.scope.held(base) if self.scope else base}

    # -- the two directions --------------------------------------------------------------------------------

    async def _called(self, playwright: ServerConnection) -> None:
        """Playwright has connected, once: its commands are passed on, except those it may not give."""
        if self._playwright is not None:
            return
        self._playwright = playwright
        with contextlib.suppress(ConnectionClosed):
            async for text in playwright:
                await self._hear(json.loads(text))

    async def _hear(self, message: CdpMessage) -> None:
        if message["method"] in _NOT_ITS_OWN | _OURS_ALREADY:
            about = {key: message[key] for key in ("id", "sessionId") if key in message}
            await self._pass_in(json.dumps({**about, "result": {}}))
            return
        if message["method"] == "Target.createTarget":
            self._asked.add(message["id"])
            message["params"]["newWindow"] = True
        if message["method"] == "Target.setAutoAttach" and "sessionId" not in message:
            message["params"]["filter"] = _PAGES
        self._to_browser.put_nowait(json.dumps(message))

    async def _send_on(self) -> None:
        """Send what is queued for the browser; a browser that is gone is noticed by ``_from_browser``."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._browser.send(await self._to_browser.get())

    async def _from_browser(self) -> None:
        try:
            async for text in self._browser:
                message = json.loads(text)
                if message.get("id") in self._asked:
                    await self._opened(message)  # first: Playwright expects to know the tab that it hears of
                if self._may_hear(message):
                    await self._pass_in(text)
        except ConnectionClosed:  # without a goodbye
            pass
        except Exception:  # noqa: BLE001 - nobody awaits this task, and Playwright would wait for ever
            logger.exception("a message of the browser was not understood: hanging up")
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result({})
        if self._playwright:  # the browser is gone: Playwright must know
            await self._playwright.close()

    async def _pass_in(self, text: str | bytes) -> None:
        if self._playwright:
            with contextlib.suppress(ConnectionClosed):
                await self._playwright.send(text)

    # -- from the browser to Playwright --------------------------------------------------------------------

    def _may_hear(self, message: CdpMessage) -> bool:
        """Whether Playwright may hear this; what is new is guarded, or let go, on the way."""
        number, session, method = message.get("id", 0), message.get("sessionId"), message.get("method")
        if number >= _OUR_IDS:
            if number in self._waiting:
                self._waiting.pop(number).set_result(message)
            return False
        if session is not None and session not in self._sessions:
            return False
        if method == "Target.attachedToTarget":
            return self._attached(message)
        if method == "Target.detachedFromTarget":
            return self._detached(message["params"]["sessionId"])
        if method == "Fetch.requestPaused" and session in self._guarded:
            self._decide(message["params"], session)
        return method not in ("Fetch.requestPaused", "Page.screencastFrame")

    def _attached(self, message: CdpMessage) -> bool:
        target, session = message["params"]["targetInfo"], message["params"]["sessionId"]
        inside, kind = "sessionId" in message, target["type"]
        opener = {target.get("openerId"), target.get("openerFrameId")}
        if (inside and kind in ("iframe", "page")) or target["targetId"] in self._ours or opener & self._ours:
            self._let_in(target["targetId"], session, page=not inside)
        elif inside or kind == "browser":
            self._sessions.add(session)
        elif self._asked:
            self._undecided.append(message)
            return False
        else:  # the person's own
            self._say("Runtime.runIfWaitingForDebugger", {}, session)
            return False
        return True

    def _let_in(self, target: str, session: str, *, page: bool) -> None:
        """A tab or frame of ours: guarded before Playwright hears of it, and says "go on"."""
        self._ours.add(target)
        self._sessions.add(session)
        if any(one.target == target for one in self._guarded.values()):
            return
        self._guarded[session] = _Guarded(target, page)
        self._say("Fetch.enable", self._held(), session)
        # Else the site's own service worker would ask in the page's stead, unseen by the network guard.
        self._say("Network.enable", {}, session)
        self._say("Network.setBypassServiceWorker", {"bypass": True}, session)
        if page:
            self._say("Page.enable", {}, session)
            self._say("Page.startScreencast", _DRAWN, session)

    def _detached(self, session: str) -> bool:
        gone = self._guarded.pop(session, None)
        if gone:
            self._ours.discard(gone.target)
        known = session in self._sessions
        self._sessions.discard(session)
        return known

    async def _opened(self, message: CdpMessage) -> None:
        """The browser has told the target of the tab that was asked for; what else came is the person's."""
        self._asked.discard(message["id"])
        if ours := message.get("result", {}).get("targetId"):
            self._ours.add(ours)
        undecided, self._undecided = self._undecided, []
        for new in undecided:
            if self._attached(new):
                await self._pass_in(json.dumps(new))

    # -- the page's requests --------------------------------------------------------------------------------

    def _decide(self, event: CdpMessage, session: str) -> None:
        request, number = event["request"], {"requestId": event["requestId"]}
        unwanted = self._block.covers(event)  # not a request of the page that a press has to be judged by
        kept_in = self._leads_away(event, self._guarded[session])
        if kept_in:
            logger.warning("blocked: the page wanted to go to {}", place(request["url"]))
        if kept_in or unwanted:
            self._say("Fetch.failRequest", {**number, "errorReason": "BlockedByClient"}, session)
        elif self._keeps_back(event):
            self._say("Fetch.failRequest", {**number, **ABORTED}, session)
        else:
            self._say("Fetch.continueRequest", number, session)

    def _leads_away(self, event: CdpMessage, guarded: _Guarded) -> bool:
        url, scope = event["request"]["url"], self.scope
        if event["resourceType"] != "Document" or (scope and not scope.profile.elsewhere.match(url)):
            return False
        if not guarded.page or event["frameId"] != guarded.target:  # a frame inside a page
            return not self._frames
        if scope:
            scope.tell(place(url))
        return True

    def _keeps_back(self, event: CdpMessage) -> bool:
        """Whether a press that is guarded keeps this request back; the press remembers it."""
        press = self.scope.press if self.scope else None
        fate = press.fate(event) if press else Fate.GOES
        if press and fate is not Fate.GOES:
            press.take(event, fate)
        return fate in (Fate.DROPPED, Fate.STOPPED)

    # -- our own commands to the browser -------------------------------------------------------------------

    def _say(self, method: str, params: CdpMessage, session: str | None, number: int | None = None) -> None:
        """Send a command, before anything that Playwright sends later; its answer is not waited for."""
        about = {"sessionId": session} if session else {}
        number = number or next(self._ids)
        self._to_browser.put_nowait(json.dumps({"id": number, "method": method, "params": params, **about}))

    async def _tell(self, method: str, params: CdpMessage, session: str | None = None) -> None:
        """Send a command and wait until it is done, for a few seconds at most, or the browser is gone."""
        number = next(self._ids)
        done = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._say(method, params, session, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done, _SECONDS)
