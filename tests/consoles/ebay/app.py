"""Which host and address leads to which page, and who may see it."""

from __future__ import annotations

from typing import Literal

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Route, Router

from tests.consoles.ebay import buy, cancel, contact, home, resolve, sell
from tests.consoles.ebay.session import SignIn
from tests.consoles.ebay.visit import Handler, Visit
from tests.consoles.lag import View
from tests.consoles.store import Store

HUB_LISTS = ("/sh/ovw", "/sh/ord", "/sh/ord/")
Who = Literal["anyone", "signed-in", "seller", "hub"]
"""hub: a seller whose layout has Seller Hub. Everybody else gets eBay's error page."""


def view_of(path: str) -> View:
    """What kind of page an address is, for those that lag behind."""
    return "list" if path.startswith(("/sh/ord/cancel", "/mys/", "/mye/")) or path in HUB_LISTS else "detail"


class Site:
    """The routes of all hosts, over one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._signin = SignIn()

    def _may_not(self, visit: Visit, who: Who) -> Response | None:
        if who == "anyone":
            return None
        if not visit.account:
            if visit.wants_fragment:
                return Response(status_code=401)
            unfinished = self._signin.challenge_url(visit)
            back = visit.here if visit.request.method == "GET" else visit.url("www")
            query = visit.url("signin", "/ws/eBayISAPI.dll", ru=back).replace("?ru=", "?SignIn&ru=")
            return visit.go(unfinished or query)
        seller = visit.is_seller and (who != "hub" or visit.layout().seller_hub)
        return None if who == "signed-in" or seller else visit.error_page()

    def _at(self, path: str, handler: Handler, who: Who = "signed-in", post: Handler | None = None) -> Route:
        async def endpoint(request: Request) -> Response:
            posted = request.method == "POST"
            form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)} if posted else {}
            return await run_in_threadpool(answer, request, form)

        def answer(request: Request, form: dict[str, str]) -> Response:
            shown = self._store.as_shown(view_of(path)) if request.method == "GET" else self._store
            visit = Visit(shown, request, form)
            if stopped := self._may_not(visit, who):
                return stopped
            return post(visit) if post and request.method == "POST" else handler(visit)

        return Route(path, endpoint, methods=["GET", "POST"] if post else ["GET"])

    # -- hosts -----------------------------------------------------------------------------------

    def routes(self) -> list[BaseRoute]:
        return [
            Host("www.{site}", self._router(self._www())),
            Host("signin.{site}", self._router(self._sign_in())),
            Host("order.{site}", self._router([self._at("/ord/show", buy.order_details)])),
            Host("resolutioncenter.{site}", self._router(self._resolution())),
            Host(
                "contact.{site}",
                self._router(
                    [
                        self._at("/m2m", contact.page, "seller"),
                        self._at("/m2m/send", contact.page, "seller", post=contact.send),
                    ]
                ),
            ),
            Host("accounts.{site}", self._router(self._accounts())),
            Host(
                "reg.{site}",
                self._router([self._at("/reg/ChangeSecretQuestion", self._signin.secret_question)]),
            ),
            Host("{site}", Router([self._at("/{rest:path}", home.to_www, "anyone")])),
        ]

    def _router(self, routes: list[Route]) -> Router:
        every_host = [
            self._at("/assets/ebay.css", home.stylesheet, "anyone"),
            self._at("/assets/ebay.js", home.script, "anyone"),
            self._at("/img/{item_id}.svg", home.image, "anyone"),
        ]
        every_host += [self._at(path, home.counted, "anyone", post=home.counted) for path in home.COUNTED]
        last = self._at("/{rest:path}", home.missing, "anyone", post=home.missing)
        return Router([*every_host, *routes, last], redirect_slashes=False)

    def _sign_in(self) -> list[Route]:
        pages = [
            self._at(path, self._signin.page, "anyone")
            for path in ("/", "/signin", "/signin/", "/ws/eBayISAPI.dll")
        ]
        return [
            *pages,
            self._at("/signin/known", self._signin.page, "anyone", post=self._signin.known),
            self._at("/signin/s", self._signin.page, "anyone", post=self._signin.post),
            self._at("/signin/mfa", self._signin.code, "anyone", post=self._signin.code),
        ]

    def _accounts(self) -> list[Route]:
        return [
            self._at("/acctsec/authn-register", self._signin.passkey),
            self._at("/acctsec/trust-a-device", self._signin.trust, "anyone", post=self._signin.trust),
        ]

    def _resolution(self) -> list[Route]:
        return [
            self._at("/", resolve.home),
            self._at("/start", resolve.chosen, post=resolve.chosen),
            self._at("/cancel/item", resolve.item, "seller"),
            self._at("/cancel/reason", resolve.reason, "seller", post=resolve.reason),
            self._at("/cancel/submit", resolve.home, "seller", post=resolve.submit),
        ]

    def _www(self) -> list[Route]:
        captcha = self._signin.captcha
        return [
            self._at("/", home.home, "anyone"),
            self._at("/itm/{item_id:str}", home.item, "anyone"),
            self._at("/splashui/captcha", captcha, "anyone", post=captcha),
            *(self._at(path, home.empty) for path in home.EMPTY_LISTS),
            self._at("/mye/myebay/summary", home.summary),
            self._at("/mye/myebay/purchase", buy.purchases),
            self._at("/mye/myebay/v2/purchase", buy.purchases),
            self._at("/vod/FetchOrderDetails", buy.old_details),
            *self._seller(),
            *self._cancelling(),
        ]

    def _seller(self) -> list[Route]:
        return [
            self._at("/mys/sold", sell.sold, "seller"),
            self._at("/mys/sold/", sell.sold, "seller"),
            self._at("/mys/sold/rf/{state:path}", sell.sold, "seller"),
            self._at("/mys/sold/upi-cancel", sell.sold, "seller", post=sell.cancel_unpaid),
            self._at("/sh/ovw", sell.hub_overview, "hub"),
            self._at("/sh/ord", sell.hub_orders, "hub"),
            self._at("/sh/ord/", sell.hub_orders, "hub"),
            self._at("/sh/ord/cancel", cancel.listing, "hub"),
            self._at("/sh/ord/cancellations", cancel.listing, "hub"),
            self._at("/sh/ord/details", sell.hub_details, "hub"),
            self._at("/mesh/ord/details", sell.hub_details, "hub"),
            self._at("/mesh/refund/start", sell.refund, "hub", post=sell.refund),
        ]

    def _cancelling(self) -> list[Route]:
        return [
            self._at("/afs/Cancel/Start", cancel.start, post=cancel.start),
            self._at("/afs/Cancel/Submit", cancel.start, post=cancel.submit),
            self._at("/afs/Cancel/SubmitAll", cancel.start, post=cancel.submit_all),
            self._at("/afs/Cancel/Confirmation", cancel.confirmation),
            self._at("/Cancel/Details", cancel.details),
            self._at("/cmr/Cancel/Details", cancel.details),
            self._at("/Cancel/Respond", cancel.respond, "seller", post=cancel.respond_submit),
            self._at("/Cancel/RetryRefund", cancel.listing, "seller", post=cancel.retry_refund),
        ]


def make_app(store: Store) -> Starlette:
    return Starlette(routes=Site(store).routes())
