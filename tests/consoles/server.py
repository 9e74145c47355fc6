"""One TLS port that serves every marketplace host: the app is chosen by the Host header, as DNS would.

``Consoles`` runs in a thread of its own (tests) or in the foreground (``python -m tests.consoles``).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.consoles.posers import Posers
from tests.consoles.rebuilt import Rebuilt
from tests.consoles.store import Store
from tests.consoles.trouble import Trouble

HOSTS = ("ebay.com", "ebay.de", "ebay.co.uk", "ebay.com.hk", "dhgate.com")


class ByHost:
    """Sends a request to the console whose registrable domain the Host header ends with, else to a poser."""

    def __init__(self, store: Store, posers: Posers) -> None:
        from tests.consoles.dhgate import make_app as dhgate
        from tests.consoles.ebay import make_app as ebay

        self._apps: dict[str, Starlette] = {"ebay": ebay(store), "dhgate": dhgate(store)}
        self._posers = posers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._apps["ebay"](scope, receive, send)
            return
        app: ASGIApp = self._posers
        host = dict(scope.get("headers", [])).get(b"host", b"").decode().split(":")[0].lower()
        for domain in HOSTS:
            if (host == domain or host.endswith("." + domain)) and not self._posers.take(host, scope["path"]):
                app = self._apps["dhgate" if domain == "dhgate.com" else "ebay"]
        await app(scope, receive, send)


class Consoles:
    """Both practice consoles behind one TLS port of the loopback interface.

    >>> with Consoles() as consoles:
    ...     consoles.store.add_account("ebay", "shop1")
    ...     consoles.address          # "127.0.0.1:40123", for UNSELL_PRACTICE
    """

    def __init__(self, database: Path | None = None, port: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="consoles-")
        folder = Path(self._folder.name)
        self.store = Store(database or folder / "consoles.sqlite3")
        self.posers = Posers()
        self.rebuilt = Rebuilt(ByHost(self.store, self.posers))
        self._socket = socket.socket(
            socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )  # else no TCP_NODELAY
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(
                Trouble(self.rebuilt, self.store), log_level="warning",
                access_log=False,
                lifespan="off", ws="none", timeout_graceful_shutdown=1, **self._certificate(folder),
            )
        )  # fmt: skip
        self._thread: threading.Thread | None = None

    @staticmethod
    def _certificate(folder: Path) -> dict[str, Any]:
        """A throw-away certificate, made at each start; nobody but a practice run accepts it."""
        authority = trustme.CA()
        names = [name for host in HOSTS for name in (host, f"*.{host}")]
        leaf = authority.issue_cert(*names, "127.0.0.1")
        leaf.private_key_and_cert_chain_pem.write_to_path(folder / "leaf.pem")
        return {"ssl_certfile": folder / "leaf.pem", "ssl_version": ssl.PROTOCOL_TLS_SERVER}

    def run(self) -> None:
        """Serve until stopped (foreground)."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await self._server.serve(sockets=[self._socket])
        # A browser that still holds a connection would answer TLS's goodbye later than this loop lives:
        # what is left is cut here, else it is collected, with a warning, in the middle of another test.
        held = getattr(asyncio.get_running_loop(), "_transports", {})  # asyncio has no public list of them
        for transport in list(held.values()):
            transport.abort()
        await asyncio.sleep(0)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.run, name="consoles", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the practice consoles did not start")
            threading.Event().wait(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._thread:
            self._thread.join(timeout=10)
        with contextlib.suppress(OSError):
            self._socket.close()
        self.store.close()
        self._folder.cleanup()
