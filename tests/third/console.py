"""Northgoods' console: four pages in one file, and a list of what it was told to do."""

from __future__ import annotations

import html
import secrets
import socket
import ssl
import threading
from pathlib import Path
from typing import Any, Self

import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

HOST = "northgoods.test"
REASONS = {"1": "The buyer asked for it", "2": "We have none left"}


class Console:
    """``orders``: by number, the state as pages show it; ``called_off``: number and reason, as received."""

    def __init__(self, folder: Path, orders: dict[str, str]) -> None:
        self.orders = orders
        self.called_off: list[tuple[str, str]] = []
        self._sessions: set[str] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        leaf = trustme.CA().issue_cert(HOST, f"*.{HOST}")
        leaf.private_key_and_cert_chain_pem.write_to_path(folder / "leaf.pem")
        routes = [
            Route("/", self._home), Route("/sales", self._sales), Route("/sale/{number}", self._sale),
            Route("/sale/{number}/off", self._form), Route("/off", self._off, methods=["POST"]),
            Route("/enter", self._enter, methods=["GET", "POST"]),
        ]  # fmt: skip
        self._server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=routes), log_level="warning", lifespan="off", ws="none",
                timeout_graceful_shutdown=1, ssl_certfile=folder / "leaf.pem",
                ssl_version=ssl.PROTOCOL_TLS_SERVER,
            )
        )  # fmt: skip
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            threading.Event().wait(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    # -- pages -----------------------------------------------------------------------------------------------

    def _page(self, request: Request, body: str) -> Response:
        known = request.cookies.get("ng") in self._sessions
        who = (
            '<p id="who">Signed in as North Shop</p>'
            if known
            else f'<a href="https://login.{HOST}/enter">Enter</a>'
        )
        return HTMLResponse(f"<!doctype html><title>Northgoods</title>{who}{body}")

    def _home(self, request: Request) -> Response:
        return self._page(request, "<p>Welcome to Northgoods.</p>")

    async def _enter(self, request: Request) -> Response:
        wrong = ""
        if request.method == "POST":
            given = await request.form()
            if (given["user"], given["secret"]) == ("north", "let me in"):
                token = secrets.token_urlsafe(8)
                self._sessions.add(token)
                back = RedirectResponse(f"https://www.{HOST}/", 303)
                back.set_cookie("ng", token, domain=HOST, secure=True, httponly=True)
                return back
            wrong = '<p class="wrong">Not these.</p>'
        return HTMLResponse(
            f'<!doctype html><title>Enter</title>{wrong}<form method="post"><input name="user">'
            '<input name="secret" type="password"><button>Enter</button></form>'
        )

    def _sales(self, request: Request) -> Response:
        number = request.query_params.get("find", "")
        state = self.orders.get(number)
        row = (
            f'<li id="{number}"><a class="number" href="/sale/{number}">{number}</a> '
            f'<span class="state">{state}</span></li>'
            if state
            else '<li class="none">No such sale.</li>'
        )
        return self._page(request, f'<ul id="sales">{row}</ul>')

    def _sale(self, request: Request) -> Response:
        number = request.path_params["number"]
        state = self.orders[number]
        way = f'<a href="/sale/{number}/off">Call this sale off</a>' if state == "Sold" else ""
        return self._page(
            request,
            f'<h1>Sale <b>{number}</b></h1><p id="state">{state}</p><p id="buyer">olga</p>'
            f'<p id="total">EUR 12.50</p>{way}',
        )

    def _form(self, request: Request) -> Response:
        number = html.escape(request.path_params["number"])
        choices = "".join(
            f'<label><input type="radio" name="why" value="{value}"> {label}</label><br>'
            for value, label in REASONS.items()
        )
        return self._page(
            request,
            f'<form id="off" method="post" action="/off"><p>Sale {number}</p>'
            f'<input type="hidden" name="purchase" value="{number}">{choices}'
            "<button>Call it off</button></form>",
        )

    async def _off(self, request: Request) -> Response:
        given: dict[str, Any] = dict(await request.form())
        number, why = given["purchase"], REASONS[given["why"]]
        if self.orders[number] != "Sold":
            return self._page(request, '<p class="refused">That is not for sale any more.</p>')
        self.called_off.append((number, why))
        self.orders[number] = "Called off by you"
        return self._page(request, "<p>We have called it off.</p>")
