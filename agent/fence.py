"""The fence: whatever document a page is about to ask for, held against its account's marketplace.

It stands in one session with the browser itself, which alone sees first requests, each hop of a redirect,
pop-ups and frames (tried: a route sees no redirect, a page's own session misses a pop-up's first request).
Pictures, scripts and styles pass unseen, so it costs one message a document. What serves nobody
(``UNSELL_BLOCK``) is stopped on the same way, and told to nobody: no page leads there. While a password is
being typed and sent, every request is looked at (``agent.secrecy``).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from loguru import logger
from playwright.async_api import BrowserContext, CDPSession, Page, Route
from playwright.async_api import Error as PlaywrightError

from agent.block import Block
from agent.codes import Code
from agent.errors import NeedsHuman, UnsellError
from agent.i18n import _
from agent.profile import Profile
from agent.secrecy import keeps_in

DOCUMENTS = [{"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}]
EVERYTHING = [{"urlPattern": "*", "requestStage": "Request"}]


def _nobody(_: str) -> None: ...


class Guard(Protocol):
    """What stands around an account's tabs: the fence of a browser of ours, or the doorman in a person's."""

    async def raise_up(self) -> None: ...


Stops = Callable[[Callable[[str], None]], AbstractAsyncContextManager[None]]
"""While it is entered, nothing but GET leaves; what it is given hears the address of what was stopped."""


@dataclass(slots=True)
class Ground:
    """One account's ground: its marketplace on its site. ``tell`` hears each address that was blocked."""

    profile: Profile
    site: str
    fence: Guard
    tell: Callable[[str], None] = _nobody
    typed: set[str] = field(default_factory=set)
    """The secrets that are being typed."""
    kept_in: set[str] = field(default_factory=set)
    """Hosts that nothing was sent to while a secret was typed, since they are not the platform's own."""
    only_reading: Stops | None = None
    """How writing is stopped in the account's own tabs; None: in the page's whole context."""

    async def typing(self, secret: str) -> None:
        """From now on nothing leaves for a host that is not the platform's own; until ``typing_done``."""
        if not self.typed:
            self.kept_in.clear()
        self.typed.add(secret)
        await self.fence.raise_up()

    def held_back(self) -> str:
        """A sentence on the hosts that nothing was sent to, and '' when there were none."""
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
            await self.fence.raise_up()

    def keeps_in(self, request: dict[str, Any], among: Iterable[Profile]) -> bool:
        """Whether a request must not leave while a secret is typed. ``among``: whose hosts it may reach."""
        url, among = str(request["url"]), list(among)
        if self.profile.signs_in_at(url, self.site) or not keeps_in(request, self.typed, among):
            return False
        if not any(profile.owns(url) for profile in among):
            self.kept_in.add(urlsplit(url).hostname or "")
        return True


class Fence:
    """One browser's fence. ``frames``: frames from elsewhere may load (a captcha's, where a person looks).

    ``block``: what serves nobody.
    """

    def __init__(self, session: CDPSession, *, frames: bool, block: Block) -> None:
        self._session = session
        self._frames = frames
        self._block = block
        self._grounds: dict[str, Ground] = {}
        self._tabs: dict[str, str] = {}
        """The context of each tab, by the id of its main frame."""
        self._tasks: set[asyncio.Task[None]] = set()
        session.on("Fetch.requestPaused", self._paused)

    async def raise_up(self) -> None:
        """Hold documents and what serves nobody, or everything while a secret is being typed."""
        typing = any(ground.typed for ground in self._grounds.values())
        patterns = EVERYTHING if typing else [*DOCUMENTS, *self._block.patterns]
        await self._session.send("Fetch.enable", {"patterns": patterns})

    async def around(self, page: Page, profile: Profile, site: str) -> Ground:
        """Fence in the context of this page, which nothing was opened in yet."""
        own = await page.context.new_cdp_session(page)
        target = (await own.send("Target.getTargetInfo"))["targetInfo"]
        await own.detach()
        context = str(target["browserContextId"])
        stops = functools.partial(_routed, page.context, self._block)
        ground = self._grounds[context] = Ground(profile, site, self, only_reading=stops)
        page.context.on("close", lambda _: self._taken_down(context))
        return ground

    def _taken_down(self, context: str) -> None:
        self._grounds.pop(context, None)
        self._tabs = {frame: where for frame, where in self._tabs.items() if where != context}

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
            else:
                await self._session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    async def _gives_away(self, event: dict[str, Any], *, document: bool) -> bool:
        """Whether a secret that is being typed might reach a host that it must not.

        What cannot be told to be one account's own (a frame, a worker) may still be another account's, whose
        own hosts it may go on to ask; where one secret is typed, it is compared with that.
        """
        typists = [ground for ground in self._grounds.values() if ground.typed]
        if not typists:
            return False
        own = self._grounds.get(await self._context_of(event.get("frameId", "")) or "")
        asking = [own] if own else typists
        among = [ground.profile for ground in ([own] if own else self._grounds.values())]
        kept_in = [ground for ground in asking if ground.keeps_in(event["request"], among)]
        for ground in kept_in if document else ():
            ground.tell(place(event["request"]["url"]))
        return bool(kept_in)

    async def _leads_away(self, frame: str, url: str) -> bool:
        """Whether this document lies elsewhere. A tab that belongs to no account goes nowhere."""
        context = await self._context_of(frame)
        if context is None:  # a frame inside a page
            own = any(not ground.profile.elsewhere.match(url) for ground in self._grounds.values())
            return not (own or self._frames)
        ground = self._grounds.get(context)
        if ground is not None and not ground.profile.elsewhere.match(url):
            return False
        if ground is not None:
            ground.tell(place(url))
        return True

    async def _context_of(self, frame: str) -> str | None:
        """The context whose tab this main frame is; None for a frame inside a page."""
        if frame not in self._tabs:
            try:
                answer = await self._session.send("Target.getTargetInfo", {"targetId": frame})
            except PlaywrightError:
                return None
            if answer["targetInfo"]["type"] != "page":
                return None
            self._tabs[frame] = str(answer["targetInfo"].get("browserContextId"))
        return self._tabs[frame]


@contextlib.asynccontextmanager
async def only_reading(page: Page, ground: Ground | None) -> AsyncIterator[None]:
    """While a control is pressed that should only open a form: nothing but GET leaves the account's tabs.

    Nobody has seen what such a control really does. One that submits at once is stopped before anything is
    sent: NeedsHuman.
    """
    stopped: list[str] = []
    stops = (ground and ground.only_reading) or functools.partial(_routed, page.context, Block())
    async with stops(stopped.append):
        try:
            yield
        except (UnsellError, PlaywrightError, TimeoutError) as error:
            if stopped:
                raise NeedsHuman(
                    _(
                        "the control wanted to submit at once ({stopped}): nothing was sent",
                        stopped=stopped[0],
                    ),
                    code=Code.ACTS_AT_ONCE,
                ) from error
            raise


@contextlib.asynccontextmanager
async def _routed(
    context: BrowserContext, block: Block, stopped: Callable[[str], None]
) -> AsyncIterator[None]:
    async def look(route: Route) -> None:
        if route.request.method in ("GET", "HEAD"):
            await route.fallback()
        else:
            if not block.names(route.request.url):  # a route is asked before the fence is
                stopped(place(route.request.url))
            await route.abort("blockedbyclient")

    await context.route("**/*", look)
    try:
        yield
    finally:
        await context.unroute("**/*", look)


def place(url: str) -> str:
    """An address without what may be secret in it: no query, no fragment."""
    return url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
