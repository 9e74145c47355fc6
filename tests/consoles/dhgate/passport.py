"""Fronts, sign-in, the slider, sign-out: www, secure, and the landing on seller."""

from __future__ import annotations

import base64
import binascii
import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.consoles.dhgate.web import (
    COOKIE,
    HOME,
    PLATFORM,
    SELLER,
    Row,
    Visit,
    open_page,
)

TOKEN_COOKIE = "dh_tokenidx"
WRONG = "用户名或密码错误，请重新输入"  # U: wording
NEED_SLIDER = "请完成安全验证"  # U: wording


@open_page
async def front(visit: Visit) -> Response:
    """www and seller have a front each; 「登录」 stands at the upper right."""
    seller_side = visit.host.startswith("seller.")
    title = "敦煌网商户中心" if seller_side else "敦煌网 DHgate - 跨境电商平台"
    return visit.show("front.html", seller_side=seller_side, title=title)


def landing(service: str) -> str:
    """The service address, held to this marketplace and to https."""
    parts = urlsplit(service)
    host = (parts.hostname or "").lower()
    if host != "dhgate.com" and not host.endswith(".dhgate.com"):
        return f"{SELLER}/merchant/login/ssologin.do"
    return f"https://{host}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def login_form(visit: Visit, service: str, error: str = "", username: str = "") -> HTMLResponse:
    token = secrets.token_hex(16)
    page = visit.show("login.html", service=service, error=error, username=username, token=token)
    page.set_cookie(TOKEN_COOKIE, token, domain=".dhgate.com", secure=True, httponly=True, samesite="lax")
    return page


@open_page
async def login(visit: Visit) -> Response:
    service = visit.query("service")
    if visit.account:
        return RedirectResponse(landing(service), 302)
    return login_form(visit, service)


async def need_verify(request: Request) -> Response:
    """Asked by the login page after the click: does this account meet the slider?"""
    form = await request.form()
    account = Visit(request).store.account(PLATFORM, str(form.get("username", "")))
    return JSONResponse({"slider": bool(account and account["challenge"] == "slider")})


async def slider_done(request: Request) -> Response:
    """The person says that the puzzle is solved (no drag ever passes by itself here)."""
    code = secrets.token_hex(8)
    request.app.state.slider_codes.add(code)
    return JSONResponse({"code": code})


def _checked(request: Request, account: Row | None, form: dict[str, str]) -> str:
    """Why this sign-in fails, '' when it does not."""
    if not form.get("tokenidx") or form["tokenidx"] != request.cookies.get(TOKEN_COOKIE):
        return "页面已过期，请重新登录"  # U
    if account and account["challenge"] == "slider":
        codes: set[str] = request.app.state.slider_codes
        if form.get("code", "") not in codes:
            return NEED_SLIDER
        codes.discard(form["code"])
    if account is None or account["password"] != form.get("password"):
        return WRONG
    return ""


async def sigin(request: Request) -> Response:
    """DHgate's own spelling."""
    visit = Visit(request)
    form = {key: str(value) for key, value in (await request.form()).items()}
    account = visit.store.account(PLATFORM, form.get("username", "").strip())
    error = _checked(request, account, form)
    if error or account is None:
        return login_form(visit, form.get("service", ""), error, form.get("username", ""))
    answer = RedirectResponse(landing(form.get("service", "")), 302)
    token = visit.store.sign_in(PLATFORM, account["username"])
    answer.set_cookie(COOKIE, token, domain=".dhgate.com", secure=True, httponly=True, samesite="lax")
    return answer


async def ssologin(request: Request) -> Response:
    """Where the sign-in lands on the seller's host; goes on to the page that was wanted."""
    wrapped = parse_qs(request.url.query).get("returnUrl", [""])[0]
    try:
        wanted = base64.b64decode(wrapped, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        wanted = ""
    target = landing(wanted) if wanted else HOME
    return RedirectResponse(HOME if "/merchant/login/" in target else target, 302)


async def loginsign(request: Request) -> Response:
    return RedirectResponse(HOME, 302)


async def old_signin(request: Request) -> Response:
    """/usr/signin.do?act=login | loginout"""
    if request.query_params.get("act") != "loginout":
        return RedirectResponse(HOME, 302)
    Visit(request).store.do("DELETE FROM sessions WHERE token=?", request.cookies.get(COOKIE, ""))
    answer = RedirectResponse(f"{SELLER}/", 302)
    answer.delete_cookie(COOKIE, domain=".dhgate.com", secure=True, httponly=True, samesite="lax")
    return answer


async def im_config(request: Request) -> Response:
    """The signed-in check of running code: JSON with data.sellerName, no JSON when signed out."""
    account = Visit(request).account
    if account is None:
        return HTMLResponse("<!DOCTYPE html><html><head><title>登录</title></head><body></body></html>")
    data = {"sellerName": account["shown_as"], "sellerId": account["username"]}
    return JSONResponse({"status": 1, "data": data})


async def bare(request: Request) -> Response:
    return RedirectResponse(f"https://www.dhgate.com{request.url.path}", 301)


WWW = [Route("/", front), Route("/index.html", front)]
SECURE_HOST = [
    Route("/passport/login", login),
    Route("/passport/sigin", sigin, methods=["POST"]),
    Route("/passport/needverify.do", need_verify, methods=["POST"]),
    Route("/passport/geetest/done.do", slider_done, methods=["POST"]),
]
SELLER_HOST = [
    Route("/", front),
    Route("/logincn.html", front),
    Route("/merchant/login/ssologin.do", ssologin),
    Route("/merchant/login/loginsign.do", loginsign),
    Route("/merchant/im/config.do", im_config, methods=["GET", "POST"]),
    Route("/usr/signin.do", old_signin),
]
