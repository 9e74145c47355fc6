"""What every page shares: who is looking, in which layout and language, and the way to an answer."""

from __future__ import annotations

import base64
import functools
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tests.consoles.dhgate.words import Words
from tests.consoles.lag import View
from tests.consoles.layouts import Layout
from tests.consoles.store import Store

PLATFORM = "dhgate"
COOKIE = "seller_sso"
SELLER = "https://seller.dhgate.com"
SECURE = "https://secure.dhgate.com"
HOME = f"{SELLER}/mydhgate/index.do"
TEMPLATES = Path(__file__).parent.parent / "templates" / "dhgate"

LISTS = re.compile(r"/sellerordmng/orderList/|/mydhgate/|/messageweb/")
Row = dict[str, Any]


def moment(stamp: float | None) -> str:
    """A time as the console writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(stamp)) if stamp else "--"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["moment"] = moment
    return environment


ENVIRONMENT = _environment()


class Visit:
    """One request, with the account that is signed in (None: nobody)."""

    def __init__(self, request: Request) -> None:
        self.request = request
        truth: Store = request.app.state.store
        shown: View = "list" if LISTS.match(request.url.path) else "detail"
        self.store = truth.as_shown(shown) if request.method == "GET" else truth
        self.order_no: str = getattr(request.state, "order_no", "")
        """The order that the request names, '' when it names none or no fault is on."""
        self.account: Row | None = self.store.signed_in(PLATFORM, request.cookies.get(COOKIE))
        self.layout = self._layout()
        other = self.store.faults.strikes("language", PLATFORM, self.order_no) if self.account else None
        own = self.account["language"] if self.account else "zh-CN"
        self.t = Words(other.word if other else own)

    def _layout(self) -> Layout:
        """Signed out, only the overlay matters: the first one that any account's layout asks for."""
        if self.account:
            return Layout.loads(self.account["layout"])
        for row in self.store.rows("SELECT layout FROM accounts WHERE platform=?", PLATFORM):
            if (banner := Layout.loads(row["layout"]).banner) != "none":
                return Layout(banner=banner)
        return Layout()

    @property
    def me(self) -> Row:
        assert self.account is not None, "only behind seller_page or seller_call"
        return self.account

    @property
    def host(self) -> str:
        return (self.request.headers.get("host") or "").split(":")[0].lower()

    def query(self, key: str) -> str:
        return self.request.query_params.get(key, "").strip()

    def overlay(self) -> str:
        """What lies in front of this page: '', cookies, survey, or (on order pages) the app offer (U)."""
        if self.account and self.store.faults.strikes("interstitial", PLATFORM, self.order_no):
            return "survey"
        kind = str(self.layout.banner)
        fault = self.store.faults.standing("banner", PLATFORM, self.order_no)
        if fault and self.account and not self.request.cookies.get(f"dh_seen_{fault.word}"):
            self.store.faults.strikes("banner", PLATFORM, self.order_no)
            kind = fault.word
        if kind == "survey" and self.request.url.path.startswith("/sellerordmng/"):
            kind = "app"
        return "" if kind == "none" or self.request.cookies.get(f"dh_seen_{kind}") else kind

    def show(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A document; counted as a load."""
        self.store.count_load(self.host + self.request.url.path)
        context = {"layout": self.layout} | context
        html = ENVIRONMENT.get_template(template).render(
            t=self.t, account=self.account, overlay=self.overlay(), login_url=login_url(HOME),
            path=self.request.url.path, **context,
        )  # fmt: skip
        return HTMLResponse(html, status, {"Cache-Control": "no-store"})

    def notice(self, text: str, *, title: str = "", good: bool = False, **more: Any) -> HTMLResponse:
        """A page that says one thing."""
        context: dict[str, Any] = {"details": (), "back": "", "title": title or text, "good": good}
        return self.show("notice.html", text=text, **context | more)


def login_url(target: str) -> str:
    """The seller's login address, with the page wanted afterwards wrapped as the real one wraps it."""
    wrapped = base64.b64encode(target.encode()).decode()
    service = f"{SELLER}/merchant/login/ssologin.do?" + urlencode({"returnUrl": wrapped})
    return f"{SECURE}/passport/login?service={quote(service, safe='')}#hp-head-1"


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def open_page(handler: Handler) -> Endpoint:
    """Anybody may look."""

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        return await handler(Visit(request))

    return endpoint


def seller_page(handler: Handler) -> Endpoint:
    """Signed out: to the login page. A buyer's account: 无权限访问."""

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        visit = Visit(request)
        if visit.account is None:
            target = str(request.url) if request.method == "GET" else HOME
            return RedirectResponse(login_url(target), 302)
        if visit.account["role"] != "seller":
            return visit.notice(visit.t.denied_text, title=visit.t.denied)
        return await handler(visit)

    return endpoint


def seller_call(handler: Handler) -> Endpoint:
    """For scripts: an expired sign-in answers JSON."""

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        visit = Visit(request)
        if visit.account is None or visit.account["role"] != "seller":
            return JSONResponse({"status": "timeout"})
        return await handler(visit)

    return endpoint
