"""The server of all runs: a world a port, told apart by the socket that a request came in on."""

import asyncio
import base64
import json
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, quote, urlencode

import trustme
import uvicorn
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .console import Console, Request, part_json
from .dhgate import Dhgate
from .ebay import Ebay
from .tree import Goto, Page, Part, document, page_json, sealed, sealed_actions
from .world import World

NAMES = ["ebay.com", "ebay.co.uk", "ebay.com.hk", "dhgate.com"]


def console_of(world: World) -> Console:
    return Ebay(world) if world.platform == "ebay" else Dhgate(world)


class Site:
    """Answers for every port; `worlds` says which shop is behind which."""

    def __init__(self) -> None:
        self.worlds: dict[int, World] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = HttpRequest(scope, receive)
        world = self.worlds.get(scope["server"][1])
        response = Response("no shop here", 404) if world is None else await self.answer(world, request)
        with suppress(ConnectionError):
            await response(scope, receive, send)

    async def answer(self, world: World, request: HttpRequest) -> Response:
        r = await read(request)
        world.shown.append(f"{r.method} {r.host}{r.path}?{urlencode(r.query)}")
        world.banner_gone = request.cookies.get("seen") == "1"
        console = console_of(world)
        if r.path == "/favicon.ico":
            return Response(status_code=204)
        sid = request.cookies.get("sid", "")
        if r.path == "/merchant/im/config.do":
            known = sid in world.sessions
            return (
                JSONResponse({"data": {"sellerName": world.user}})
                if known
                else HTMLResponse("<html>登录</html>")
            )
        if r.host.startswith(("signin.", "secure.")):
            return self.sign_in(world, console, r)
        if sid not in world.sessions or self.expires(world, r):
            back = f"https://{r.host}{request.url.path}" + (
                f"?{request.url.query}" if request.url.query else ""
            )
            front = console.front(r)
            return respond(console, r, front) if front else to_sign_in(world, r, back)
        return faulty(world, console, r)

    def expires(self, world: World, r: Request) -> bool:
        """A session that ends once, at the form's door."""
        if world.case != "signin-midway" or world.signed_out_once or not self.at_form(world, r):
            return False
        world.signed_out_once = True
        world.sessions.clear()
        return True

    def at_form(self, world: World, r: Request) -> bool:
        return r.path in {"/afs/Cancel/Start", getattr(console_of(world), "form_path", lambda: "")()}

    def sign_in(self, world: World, console: Console, r: Request) -> Response:
        back = (
            r.fields.get("ru")
            or r.fields.get("service")
            or r.query.get("ru")
            or r.query.get("service")
            or f"https://www.{world.site}/"
        )
        if r.method != "POST":
            return respond(console, r, console.sign_in(back))
        user = r.fields.get("userid") or r.fields.get("username")
        word = r.fields.get("pass") or r.fields.get("password")
        if (user, word) != (world.user, world.password):
            world.log("sign-in refused", user=user or "", word=len(word or ""))
            return respond(console, r, console.sign_in(back, wrong=True))
        sid = base64.b16encode(
            world.draw.rng(f"sid{len(world.truth)}{len(world.shown)}").randbytes(12)
        ).decode()
        world.sessions.add(sid)
        world.log("signed in")
        done = RedirectResponse(back, 303)
        domain = "." + world.site
        done.set_cookie("sid", sid, domain=domain, secure=True, httponly=True, max_age=36000)
        return done


def faulty(world: World, console: Console, r: Request) -> Response:
    """The answer, or what a fault makes of it."""
    lost = fault(world, r)
    if lost == "503":
        world.log("503", path=r.path)
        return HTMLResponse("<h1>503 Service Unavailable</h1>", 503)
    got = console.answer(r)
    if lost == "500":
        return HTMLResponse("<h1>Internal Server Error</h1>", 500)
    if lost == "cut":
        return StreamingResponse(cut(), media_type="text/html", headers={"content-length": "5000"})
    if got is None and world.platform == "ebay":
        got = Page("Error Page | eBay", console.page("", None).body, status=404, plain=True)
    return respond(console, r, got or console.notice(world.words("oops"), 404))


def fault(world: World, r: Request) -> str:
    """What befalls a submit: it is lost before, answered with an error after, or its answer is cut off."""
    if r.method != "POST" or world.case not in {"503-before", "500-after", "answer-lost"}:
        return ""
    if world.case == "503-before":
        if any(each["event"] == "503" for each in world.truth):
            return ""
        return "503"
    return "500" if world.case == "500-after" else "cut"


async def cut() -> AsyncIterator[bytes]:
    yield b"<html><body>"
    await asyncio.sleep(0.2)
    raise ConnectionResetError


def to_sign_in(world: World, r: Request, back: str) -> Response:
    if world.platform == "ebay":
        to = f"https://signin.{world.site}/ws/eBayISAPI.dll?SignIn&ru={quote(back, safe='')}"
    else:
        to = f"https://secure.dhgate.com/passport/login?service={quote(back, safe='')}"
    return JSONResponse({"go": to}) if r.part else RedirectResponse(to, 302)


async def read(request: HttpRequest) -> Request:
    fields: dict[str, str] = {}
    if request.method == "POST":
        body = (await request.body()).decode()
        with suppress(ValueError):
            fields = (
                json.loads(body) if body.startswith("{") else dict(parse_qsl(body, keep_blank_values=True))
            )
    host = request.headers.get("host", "").split(":")[0]
    part = request.headers.get("x-part") == "1"
    return Request(host, request.url.path, dict(request.query_params), request.method, fields, part)


def respond(console: Console, r: Request, got: Page | Part | Goto) -> Response:
    world = console.w
    if isinstance(got, Goto):
        return JSONResponse({"go": got.url}) if r.part else RedirectResponse(got.url, 303)
    if isinstance(got, Part):
        if got.tree is not None:
            sealed(got.tree, world.draw.mark)
        got.into = got.into and world.draw.mark(got.into)
        return JSONResponse(part_json(got))
    sealed(got.body, world.draw.mark)
    got.then = sealed_actions(got.then, world.draw.mark)
    if r.part:
        url = r.path + (f"?{urlencode(r.query)}" if r.query else "")
        return JSONResponse({"page": page_json(got), "url": url})
    d = world.draw
    lang = {"en": "en", "zh-TW": "zh-Hant", "zh-CN": "zh-CN"}[world.words.lang]
    spa = console.spa and got.status == 200
    html = document(
        got, ref=d.ref, app=d.app, css=console.css(), lang=lang, spa=spa, oops=world.words("oops")
    )
    return HTMLResponse(html, got.status)


class Served:
    """The site in a thread, on as many ports as there may be runs before one is used again."""

    def __init__(self, ports: int) -> None:
        self.site = Site()
        self.sockets = []
        for _ in range(ports):
            each = socket.socket()
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind(("127.0.0.1", 0))
            self.sockets.append(each)
        self.folder = tempfile.TemporaryDirectory()
        pem = Path(self.folder.name) / "site.pem"
        names = [n for name in NAMES for n in (name, f"*.{name}")]
        cert = trustme.CA().issue_cert(*names, "127.0.0.1")
        cert.private_key_and_cert_chain_pem.write_to_path(str(pem))
        config = uvicorn.Config(
            self.site,
            log_level="critical",
            ssl_certfile=pem,
            ssl_keyfile=pem,
            ssl_version=ssl.PROTOCOL_TLS_SERVER,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=lambda: asyncio.run(self.server.serve(sockets=self.sockets)), daemon=True
        )

    def __enter__(self) -> Self:
        self.thread.start()
        while not self.server.started:
            threading.Event().wait(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=5)
        self.folder.cleanup()

    def ports(self) -> list[int]:
        return [each.getsockname()[1] for each in self.sockets]
