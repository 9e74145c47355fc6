"""What goes wrong between a browser and a console: the middleware that plays the store's faults.

What a commit itself does wrong (lies, comes late, has no guard) is played where the site decides:
``ebay/orders.py`` and ``dhgate/review.py``.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.consoles import meanwhile
from tests.consoles.drawing import LATE, RESORT, Drawing
from tests.consoles.store import Store

COMMITS = re.compile(
    r"/afs/Cancel/Submit|/cancel/submit|/mys/sold/upi-cancel|/Cancel/Respond|/orderOperation/(?!to)\w+\.do"
)
MESSAGES = re.compile(r"/messageweb/(sendtobuyer|replytobuyer)\.do|/m2m/send")
SIGNING_IN = re.compile(r"(signin|secure|accounts|reg)\.")
NUMBERS = re.compile(rb"[0-9a-f]{32}|\d{2}-\d{5}-\d{5}|\d{9,14}")
SLOW = "/practice/slow.js"
LIMIT = "/limitexceeded.html"
ASSETS = (
    b'<script async src="' + SLOW.encode() + b'"></script><img src="/practice/gone.jpg" alt="">'
    b'<script async src="https://ads.example.invalid/a.js"></script>'
    b'<img src="https://pixel.example.invalid/p.gif" alt="" width="1" height="1">'
    b"<style>@font-face{font-family:own;src:url(/practice/own.woff2)}</style><i style='font-family:own'>.</i>"
    b'<audio src="/practice/jingle.mp3" preload="auto"></audio>'
)
SHIFT = (
    b"<script>for (const after of [150, 600, 1200]) setTimeout(() => { const late ="
    b" document.createElement('div'); late.style.height = '90px';"
    b" document.body.prepend(late); }, after)</script>"
)
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Asked:
    """One request, as far as a fault cares."""

    host: str
    path: str
    url: str
    platform: str
    order_no: str
    commit: bool
    message: bool
    page: bool
    """A whole page in a tab, not on the way of signing in."""


class Trouble:
    """Wraps the consoles. With no fault switched on it hands everything through."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store
        self._strikes = store.faults.strikes
        self._drawing = Drawing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._store.faults:
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        asked = self._asked(scope, body)
        scope.setdefault("state", {})["order_no"] = asked.order_no
        if rule := self._strikes("latency", asked.platform, asked.order_no):
            await asyncio.sleep(rule.number)
        if not asked.page:
            self._store.extras[asked.host + asked.path] += 1
        if asked.path == SLOW:
            rule = self._strikes("assets", asked.platform)
            await asyncio.sleep(rule.number if rule else 0)
        if asked.path == LATE:
            seconds, html = self._drawing.taken(scope["query_string"].decode().partition("=")[2])
            await asyncio.sleep(seconds)
            await _say(send, 200, {}, html)
            return
        instead = self._page(asked, scope) if asked.page else None
        if asked.commit:
            instead = await self._before(asked, scope)
        if instead:
            await _say(send, *instead)
            return
        answer = await _answer(self._app, scope, body)
        if asked.commit and await self._after(asked, receive, send):
            return
        if asked.message and self._strikes("message-cut", asked.platform, asked.order_no):
            await _cut_in_the_middle(receive, send)
            return
        await _hand_on(send, self._dressed(asked, answer))

    def _asked(self, scope: Scope, body: bytes) -> Asked:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode().split(":")[0].lower()
        path, query = scope["path"], scope["query_string"]
        posted = scope["method"] == "POST"
        order = self._order(NUMBERS.findall(unquote(query.decode()).encode() + b" " + body))
        whole = headers.get(b"sec-fetch-dest") == b"document" and not posted
        return Asked(
            host=host, path=path, url=f"https://{host}{path}" + (f"?{query.decode()}" if query else ""),
            platform="dhgate" if host.endswith("dhgate.com") else "ebay", order_no=order,
            commit=posted and bool(COMMITS.search(path)), message=posted and bool(MESSAGES.match(path)),
            page=whole and not SIGNING_IN.match(host),
        )  # fmt: skip

    def _order(self, numbers: list[bytes]) -> str:
        """The order that a request is about; '' when it names none, or several."""
        values = [number.decode() for number in numbers]
        if not values:
            return ""
        marks = ",".join("?" * len(values))
        for column in ("hex_id", "trans_id", "order_no"):
            sql = f"SELECT DISTINCT order_no FROM orders WHERE {column} IN ({marks})"
            found = self._store.rows(sql, *values)
            if found:
                return str(found[0]["order_no"]) if len(found) == 1 else ""
        return ""

    # -- pages -----------------------------------------------------------------------------------

    def _page(self, asked: Asked, scope: Scope) -> tuple[int, dict[str, str], bytes] | None:
        """What is answered in the place of a page: status, headers, text."""
        if asked.path == LIMIT:
            return 200, {}, b"<title>eBay</title>You have exceeded the number of requests allowed in one day."
        limit = self._strikes("limit", asked.platform) if asked.platform == "ebay" else None
        if limit and limit.struck > limit.number:
            return 302, {"location": f"https://pages.ebay.com{LIMIT}"}, b""
        if rule := self._strikes("page-error", asked.platform, asked.order_no):
            return int(rule.word or 500), {}, b"<h1>Service unavailable</h1>"
        if self._strikes("sign-out", asked.platform, asked.order_no):
            self._sign_out(scope)
        if rule := self._strikes("other-account", asked.platform, asked.order_no):
            for token in _tokens(scope):
                self._store.do("UPDATE sessions SET username=? WHERE token=?", rule.word, token)
        if asked.platform == "ebay" and self._strikes("interstitial", "ebay", asked.order_no):
            site = asked.host.partition(".")[2]
            offer = f"https://accounts.{site}/acctsec/authn-register?ru={quote(asked.url, safe='')}"
            return 302, {"location": offer}, b""
        return None

    def _sign_out(self, scope: Scope) -> None:
        for token in _tokens(scope):
            self._store.do("DELETE FROM sessions WHERE token=?", token)

    def _dressed(self, asked: Asked, answer: list[Message]) -> list[Message]:
        """The page with what a marketplace loads beside it, and with what moves when it is drawn."""
        start = answer[0]
        html = dict(start["headers"]).get(b"content-type", b"").startswith(b"text/html")
        if not asked.page or not html:
            return answer
        extra = ASSETS if self._strikes("assets", asked.platform, asked.order_no) else b""
        extra += SHIFT if self._strikes("shift", asked.platform, asked.order_no) else b""
        extra += RESORT if self._strikes("resort", asked.platform, asked.order_no) else b""
        text = b"".join(part.get("body", b"") for part in answer[1:]).replace(b"</body>", extra + b"</body>")
        for kind in ("late-menu", "late-rows"):
            if rule := self._strikes(kind, asked.platform, asked.order_no):
                text = self._drawing.later(text, kind, rule)
        headers = [(k, v) for k, v in start["headers"] if k != b"content-length"]
        headers.append((b"content-length", str(len(text)).encode()))
        return [{**start, "headers": headers}, {"type": "http.response.body", "body": text}]

    # -- the commit ------------------------------------------------------------------------------

    async def _before(self, asked: Asked, scope: Scope) -> tuple[int, dict[str, str], bytes] | None:
        where = asked.platform, asked.order_no
        if rule := self._strikes("commit-latency", *where):
            await asyncio.sleep(rule.number)
        if self._strikes("sign-out-commit", *where):
            self._sign_out(scope)
        for kind in ("other-asks", "other-cancels"):
            if self._strikes(kind, *where):
                meanwhile.happens(self._store, kind, *where)
        if rule := self._strikes("error-before", *where):
            return int(rule.word or 503), {}, b"<h1>Service unavailable</h1>"
        return None

    async def _after(self, asked: Asked, receive: Receive, send: Send) -> bool:
        """Spoil the answer of a commit that has happened. True: there is nothing more to send."""
        where = asked.platform, asked.order_no
        if self._strikes("error-after", *where):
            await _say(send, 500, {}, b"<h1>Internal server error</h1>")
            return True
        if self._strikes("cut-first-byte", *where):
            await _cut(receive)
            return True
        if self._strikes("cut-middle", *where):
            await _cut_in_the_middle(receive, send)
            return True
        return False


def _tokens(scope: Scope) -> list[str]:
    """The session tokens that the request brings."""
    cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
    return list(cookie_parser(cookies).values())


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(app: App, scope: Scope, body: bytes) -> list[Message]:
    """The app's whole answer. The client may be gone meanwhile: the site works on all the same."""
    parts: list[Message] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        parts.append(message)

    await app(scope, receive, send)
    return parts


async def _hand_on(send: Send, answer: list[Message]) -> None:
    for message in answer:
        await send(message)


async def _say(send: Send, status: int, headers: dict[str, str], text: bytes) -> None:
    given: dict[str, Any] = {"content-type": "text/html", "content-length": str(len(text)), **headers}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": text})


async def _cut_in_the_middle(receive: Receive, send: Send) -> None:
    half: Message = {"type": "http.response.body", "body": b"<title>", "more_body": True}
    await send({"type": "http.response.start", "status": 200, "headers": [
        (b"content-type", b"text/html"), (b"content-length", b"9000"),
    ]})  # fmt: skip
    await send(half)
    await asyncio.sleep(0.1)
    await _cut(receive)


async def _cut(receive: Receive) -> None:
    """Abort the connection. ASGI has no word for it: the server's own object is behind ``receive``."""
    receive.__self__.transport.abort()  # type: ignore[attr-defined]
    await asyncio.sleep(0.05)
