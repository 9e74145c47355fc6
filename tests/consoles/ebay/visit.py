"""One request as the pages see it: site, account, language, links, and how a page is rendered."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tests.consoles.ebay import words
from tests.consoles.ebay.orders import PLATFORM, Row
from tests.consoles.layouts import Layout
from tests.consoles.store import Store

Handler = Callable[["Visit"], Response]
ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates" / "ebay"),
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def cookie_name(site: str) -> str:
    """A name per site: a cookie of .ebay.com also reaches www.sandbox.ebay.com."""
    return "nonsession-" + site.replace(".", "-")


class Visit:
    """What a handler gets. ``account`` is empty for a visitor who is not signed in."""

    def __init__(self, store: Store, request: Request, form: Mapping[str, str]) -> None:
        self.store, self.request, self.form = store, request, form
        self.order_no: str = getattr(request.state, "order_no", "")
        """The order that the request names, '' when it names none or no fault is on."""
        self.site: str = request.path_params["site"]
        self.path = request.url.path
        token = request.cookies.get(cookie_name(self.site))
        self.account: Row = store.signed_in(PLATFORM, token) or {}
        self._query = {key.lower(): value for key, value in request.query_params.items()}

    # -- who and what ----------------------------------------------------------------------------

    @property
    def host(self) -> str:
        return self.request.headers["host"].split(":")[0].lower()

    @functools.cached_property
    def lang(self) -> str:
        other = self.store.faults.strikes("language", PLATFORM, self.order_no)
        return other.word if other else str(self.account.get("language") or "en")

    @property
    def is_seller(self) -> bool:
        return self.account.get("role") == "seller"

    @property
    def wants_fragment(self) -> bool:
        """Asked for by the page's own script: not a document."""
        return self.request.headers.get("x-requested-with") == "fetch"

    def layout(self, order: Row | None = None) -> Layout:
        return self.store.layout_of(self.account, order) if self.account else Layout()

    def arg(self, *names: str) -> str:
        """A query parameter; eBay spells them in many ways, compared without case (facts, 7)."""
        found = (self._query[name.lower()] for name in names if name.lower() in self._query)
        return next(found, "").strip()

    # -- words -----------------------------------------------------------------------------------

    def t(self, key: str, **values: object) -> str:
        return words.say(self.lang, self.site, key, **values)

    def labelled(self, key: str, value: object) -> str:
        return f"{self.t(key)}{self.t('colon')}{value}"

    def money(self, order: Row) -> str:
        gap = " " if order["currency"][-1:].isalpha() else ""
        total = order["total"].replace(".", ",") if self.lang == "de" else order["total"]
        return f"{order['currency']}{gap}{total}"

    def date(self, when: float) -> str:
        day = time.localtime(when)
        return words.date_words(self.lang, day.tm_year, day.tm_mon, day.tm_mday)

    def short_date(self, when: float) -> str:
        day = time.localtime(when)
        return words.short_date_words(self.lang, day.tm_mon, day.tm_mday)

    # -- links -----------------------------------------------------------------------------------

    def url(self, host: str, path: str = "/", **query: object) -> str:
        """Always https, no port, the visitor's own site: ``url("order", "/ord/show", orderId=...)``."""
        text = urlencode({key: value for key, value in query.items() if value != ""})
        return f"https://{host}.{self.site}{path}" + (f"?{text}" if text else "")

    @property
    def here(self) -> str:
        query = self.request.url.query
        return f"https://{self.host}{self.path}" + (f"?{query}" if query else "")

    def own(self, address: str) -> str:
        """A return address, only when it is ours; else the home page."""
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        ours = parts.scheme == "https" and (host == self.site or host.endswith("." + self.site))
        return address if ours else self.url("www")

    # -- answers ---------------------------------------------------------------------------------

    def render(self, template: str, http: int = 200, /, **values: Any) -> HTMLResponse:
        """A whole document: counted."""
        self.store.count_load(self.host + self.path)
        text = ENVIRONMENT.get_template(template).render(v=self, banner=self._banner(), **values)
        return HTMLResponse(text, http)

    def fragment(self, template: str, **values: Any) -> HTMLResponse:
        """A piece for the page's own script: not counted."""
        return HTMLResponse(ENVIRONMENT.get_template(template).render(v=self, **values))

    def go(self, address: str) -> Response:
        return RedirectResponse(address, 303, {"cache-control": "no-store"})

    def error_page(self) -> HTMLResponse:
        return self.render("error.html", 404)

    def not_found(self, number: str) -> HTMLResponse:
        """The wrong account, or no such order: the page repeats the number all the same (2.1, trap)."""
        return self.render("not_found.html", number=number)

    def _banner(self) -> str:
        closed = not self.account or self.request.cookies.get("banner-closed")
        fault = self.store.faults.standing("banner", PLATFORM, self.order_no)
        if fault and self.account and (fault.word == "buyers" or not closed):
            self.store.faults.strikes("banner", PLATFORM, self.order_no)
            return fault.word
        return "none" if closed else self.layout().banner
