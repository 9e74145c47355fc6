"""The pages around: home, My eBay, items, lists with nothing in them, and what the server serves beside."""

from __future__ import annotations

from starlette.responses import Response

from tests.consoles.ebay import art, orders, sell
from tests.consoles.ebay.orders import PLATFORM
from tests.consoles.ebay.visit import ENVIRONMENT, Visit

EMPTY_LISTS = {
    "/mye/myebay/watchlist": "watchlist", "/mye/myebay/rvi": "recently_viewed", "/mys/overview": "overview",
    "/mys/active": "active", "/mys/unsold": "unsold", "/mye/myebay/messages": "messages",
    "/mye/myebay/account": "personal_info", "/sh/ord/returns": "returns", "/mye/myebay/hide": "hide_order",
    "/contact/seller": "contact_seller", "/rtn/Return/ReturnViewSelectedItem": "return_item",
    "/help/home": "help", "/help/about": "about", "/help/policies": "policies",
    "/gdpr/preferences": "cookies.manage", "/survey": "survey.yes", "/deals": "home_deals",
    "/sch/i.html": "search",
}  # fmt: skip
"""Pages that a click may lead to where nothing happens: by words key. They are counted like all others."""
ACCEPT_ALL = "/practice/accept-all"
COUNTED = ("/practice/beacon", "/practice/ping", ACCEPT_ALL)


def home(visit: Visit) -> Response:
    goods = visit.store.rows(
        "SELECT DISTINCT title, item_id, total, currency FROM orders WHERE platform=? LIMIT 6", PLATFORM
    )
    return visit.render("home.html", goods=goods)


def summary(visit: Visit) -> Response:
    side = "seller" if visit.is_seller else "buyer"
    newest = sell.select(visit, side, 0, 3).rows
    states = [visit.t(f"buy.{orders.state(o, orders.cancellation_of(visit.store, o))}") for o in newest]
    return visit.render("summary.html", newest=list(zip(newest, states, strict=True)))


def empty(visit: Visit) -> Response:
    return visit.render("empty.html", title=visit.t(EMPTY_LISTS[visit.path.rstrip("/") or "/"]))


def item(visit: Visit) -> Response:
    number = visit.request.path_params["item_id"]
    found = visit.store.row("SELECT * FROM orders WHERE platform=? AND item_id=?", PLATFORM, number)
    return visit.render("item.html", order=found) if found else visit.error_page()


def counted(visit: Visit) -> Response:
    """A visit that is counted, or the answer to all buyers at once, which no banner should give."""
    visit.store.extras[visit.path] += 1
    if visit.path == ACCEPT_ALL and visit.request.method == "POST":
        visit.store.log_truth(
            PLATFORM, "all", "accept", asker="seller", username=visit.account["username"], reason="", note="",
        )  # fmt: skip
    return Response(status_code=204)


def missing(visit: Visit) -> Response:
    return visit.error_page()


def to_www(visit: Visit) -> Response:
    return visit.go(visit.url("www"))


def stylesheet(visit: Visit) -> Response:
    return _asset("ebay.css", "text/css")


def script(visit: Visit) -> Response:
    return _asset("ebay.js", "text/javascript")


def image(visit: Visit) -> Response:
    number = visit.request.path_params["item_id"]
    found = visit.store.row("SELECT title FROM orders WHERE platform=? AND item_id=?", PLATFORM, number)
    text = art.picture(found["title"] if found else "", number)
    return Response(text, media_type="image/svg+xml", headers={"cache-control": "max-age=3600"})


def _asset(name: str, kind: str) -> Response:
    assert ENVIRONMENT.loader is not None
    text = ENVIRONMENT.loader.get_source(ENVIRONMENT, name)[0]
    return Response(text, media_type=kind, headers={"cache-control": "max-age=60"})
