"""Signing in: two steps in one page, then whatever the account's ``challenge`` puts in the way (4.1, 4.2)."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass

from pyotp import TOTP
from starlette.responses import JSONResponse, Response

from tests.consoles.ebay.orders import PLATFORM
from tests.consoles.ebay.visit import Visit, cookie_name


class _Totp(TOTP):
    """Sites take secrets of 80 bits, the commonest there are; this library alone does not."""

    def byte_secret(self) -> bytes:
        return base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))


clock = time.time
"""The site's clock; a test may put another in its place."""
UNKNOWN = "We couldn't find this eBay account. Please try again."  # B, its end U
WRONG = "Oops, that's not a match."  # B


@dataclass(frozen=True, slots=True)
class Waiting:
    """The password was right, but a person has something to do first."""

    username: str
    kind: str
    ru: str
    stay: bool


class SignIn:
    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    # -- the form --------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        if "SignOut" in visit.request.url.query:
            return self._sign_out(visit)
        ru = visit.own(visit.arg("ru"))
        if visit.account:
            return visit.go(ru)
        return visit.render("signin.html", ru=ru, userid="", error="", step="user")

    def known(self, visit: Visit) -> Response:
        """The user step's Continue: asked by the page's script."""
        found = visit.store.account(PLATFORM, visit.form.get("userid", "").strip())
        return JSONResponse({"error": "" if found else UNKNOWN})

    def post(self, visit: Visit) -> Response:
        ru, userid = visit.own(visit.form.get("ru", "")), visit.form.get("userid", "").strip()
        account = visit.store.account(PLATFORM, userid)
        if account is None or account["password"] != visit.form.get("pass", ""):
            step = "password" if account else "user"
            error = WRONG if account else UNKNOWN
            return visit.render("signin.html", ru=ru, userid=userid, error=error, step=step)
        stay = "kmsi" in visit.form
        kind, _, _ = account["challenge"].partition(":")
        if kind in ("captcha", "code", "code-by-label", "code-twice", "trust"):
            return self._wait(visit, Waiting(account["username"], kind, ru, stay))
        if kind == "passkey":  # signed in already; the offer may be skipped or walked past
            offer = visit.url("accounts", "/acctsec/authn-register", ru=ru)
            return self._let_in(visit, account["username"], offer, stay)
        if kind == "question":  # signed in already, and asked before anything else
            asked = visit.url("reg", "/reg/ChangeSecretQuestion", flow="SIGN_IN", ru=ru)
            return self._let_in(visit, account["username"], asked, stay)
        return self._let_in(visit, account["username"], ru, stay)

    # -- what a person has to do -----------------------------------------------------------------

    def challenge_url(self, visit: Visit) -> str:
        """Where a half signed-in visitor is sent from every page; '' for everybody else."""
        waiting = self._of(visit)
        if waiting is None or waiting.kind != "trust":
            return ""
        return visit.url("accounts", "/acctsec/trust-a-device", flow="SIGN_IN", ru=waiting.ru)

    def captcha(self, visit: Visit) -> Response:
        """Never passes by itself; its button is a person's."""
        if visit.request.method == "POST" and (waiting := self._of(visit)):
            return self._pass(visit, waiting)
        return visit.render("captcha.html", ru=visit.own(visit.arg("ru")))

    def code(self, visit: Visit) -> Response:
        waiting = self._of(visit)
        if waiting is None:
            return visit.go(visit.url("signin"))
        error = ""
        if visit.request.method == "POST":
            digits = visit.form.get("code", "").strip()
            if self._right(visit, waiting, digits):
                return self._pass(visit, waiting)
            error = "That code isn't right. Please try again."
        return visit.render("code.html", error=error, kind=waiting.kind)

    def _right(self, visit: Visit, waiting: Waiting, digits: str) -> bool:
        """``code:<secret>``: that secret's code of this very half minute; ``code``: any six digits.

        ``code-by-label``: the field has its label alone; ``code-twice``: two fields, each might be the one.
        """
        account = visit.store.account(PLATFORM, waiting.username) or {"challenge": ""}
        _, _, secret = account["challenge"].partition(":")
        if secret:
            return _Totp(secret).at(int(clock())) == digits
        return len(digits) == 6 and digits.isdigit()

    def trust(self, visit: Visit) -> Response:
        waiting = self._of(visit)
        if waiting is None:
            return visit.go(visit.url("signin"))
        if visit.request.method == "POST":
            return self._pass(visit, waiting)
        visit.account = visit.store.account(PLATFORM, waiting.username) or {}  # the header looks signed in
        return visit.render("trust.html")

    def passkey(self, visit: Visit) -> Response:
        return visit.render("passkey.html", ru=visit.own(visit.arg("ru")))

    def secret_question(self, visit: Visit) -> Response:
        return visit.render("secret_question.html", ru=visit.own(visit.arg("ru")))

    # -- cookies ---------------------------------------------------------------------------------

    def _of(self, visit: Visit) -> Waiting | None:
        return self._waiting.get(visit.request.cookies.get("half-" + cookie_name(visit.site), ""))

    def _wait(self, visit: Visit, waiting: Waiting) -> Response:
        token = secrets.token_urlsafe(16)
        self._waiting[token] = waiting
        response = visit.go(
            {
                "captcha": visit.url("www", "/splashui/captcha", ap=1, appName="orch", ru=waiting.ru),
                "code": visit.url("signin", "/signin/mfa", ru=waiting.ru),
                "trust": visit.url("accounts", "/acctsec/trust-a-device", flow="SIGN_IN", ru=waiting.ru),
            }[waiting.kind.partition("-")[0]]
        )
        self._set(visit, response, "half-" + cookie_name(visit.site), token, None)
        return response

    def _pass(self, visit: Visit, waiting: Waiting) -> Response:
        self._waiting.pop(visit.request.cookies.get("half-" + cookie_name(visit.site), ""), None)
        return self._let_in(visit, waiting.username, waiting.ru, waiting.stay)

    def _let_in(self, visit: Visit, username: str, address: str, stay: bool) -> Response:
        response = visit.go(address)
        token = visit.store.sign_in(PLATFORM, username)
        self._set(visit, response, cookie_name(visit.site), token, 180 * 86400 if stay else None)
        return response

    def _sign_out(self, visit: Visit) -> Response:
        response = visit.go(visit.url("signin"))
        visit.store.do(
            "DELETE FROM sessions WHERE token=?", visit.request.cookies.get(cookie_name(visit.site), "")
        )
        response.delete_cookie(cookie_name(visit.site), domain="." + visit.site)
        return response

    @staticmethod
    def _set(visit: Visit, response: Response, name: str, value: str, age: int | None) -> None:
        response.set_cookie(
            name, value, max_age=age, domain="." + visit.site, secure=True, httponly=True, samesite="lax"
        )
