"""The DHgate practice console: www, secure and seller.dhgate.com, as far as the facts pages know them.

``make_app`` serves it; ``decide`` and the other verbs are what a test makes the platform and the buyers do.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Host, Route, Router

from tests.consoles.dhgate import detail, letters, listing, operate, passport
from tests.consoles.dhgate.review import add_letter, buyer_asks, buyer_cancels, decide, forget, review_due
from tests.consoles.dhgate.web import PLATFORM, TEMPLATES, Visit
from tests.consoles.store import Store

ACCEPT_ALL = "/practice/accept-all"
COUNTED = ("/practice/beacon", "/practice/ping", ACCEPT_ALL)
"""What a page posts beside its forms, and nobody waits for; and what no banner should post."""

__all__ = ["add_letter", "buyer_asks", "buyer_cancels", "decide", "forget", "make_app", "review_due"]


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in ("dh.css", "dh.js"):
        return Response(status_code=404)
    return FileResponse(TEMPLATES / name, headers={"Cache-Control": "max-age=600"})


async def _decoy(request: Request) -> Response:
    """Where the wrong button of an overlay leads; the load counter shows that somebody went there."""
    visit = Visit(request)
    return visit.notice(visit.t.not_here)


async def _counted(request: Request) -> Response:
    """A visit that is counted, or the answer to all buyers at once, which no banner should give."""
    store: Store = request.app.state.store
    store.extras[request.url.path] += 1
    if request.url.path == ACCEPT_ALL:
        username = (Visit(request).account or {})["username"]
        store.log_truth(PLATFORM, "all", "accept", asker="seller", username=username, reason="", note="")
    return JSONResponse({"status": 1})


async def _help(request: Request) -> Response:
    visit = Visit(request)
    return visit.notice(visit.t.how_to_cancel, title=visit.t.help)


async def _not_found(request: Request, _: Exception) -> Response:
    visit = Visit(request)
    return visit.notice(visit.t.not_found, status=404)


def make_app(store: Store) -> Starlette:
    """The hosts' app; ``store`` holds accounts, orders and the truth log."""
    shared = [Route("/static/{name}", _static), Route("/decoy/{name}", _decoy)]
    shared += [Route(path, _counted, methods=["POST"]) for path in COUNTED]
    seller = [
        *passport.SELLER_HOST, *listing.SELLER_HOST, *detail.SELLER_HOST, *operate.SELLER_HOST,
        *letters.SELLER_HOST, Route("/help/seller-help/c0302/a87001.html", _help),
    ]  # fmt: skip
    app = Starlette(
        routes=[
            Host("seller.dhgate.com", Router([*seller, *shared])),
            Host("secure.dhgate.com", Router([*passport.SECURE_HOST, *shared])),
            Host("www.dhgate.com", Router([*passport.WWW, *shared])),
            Host("dhgate.com", Router([Route("/{rest:path}", passport.bare)])),
        ],
        exception_handlers={404: _not_found},
    )
    app.state.store = store
    app.state.slider_codes = set()
    return app
