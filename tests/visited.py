"""A person's own browser: a real Chromium, started as a person would, and hands that use no Playwright.

The hands speak to one tab at a time over its own debugging address: they attach to nothing else, so that
what happens to a new tab is the product's doing alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from agent.browser import discovery
from agent.browser.launcher import practice_arguments
from tests.consoles.dhgate.web import COOKIE
from tests.consoles.ebay.visit import cookie_name
from tests.consoles.store import Store

COOKIES = {"ebay": cookie_name("ebay.com"), "dhgate": COOKIE}


class Hand:
    """One tab's own session: ``Page.enable`` first, and the tab's questions wait for this hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0

    async def does(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(await self._socket.recv())
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result


class Visited:
    """``address`` is what ``CDP_URL`` takes. Tabs are known by their ids."""

    def __init__(self, address: str) -> None:
        self.address = address

    def _ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{self.address}{path}", method=method)  # noqa: S310 - a loopback
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)

    def tabs(self) -> dict[str, str]:
        """Every tab of the browser: its id and where it is."""
        return {one["id"]: one["url"] for one in self._ask("/json/list") if one["type"] == "page"}

    async def settled(self, seconds: float = 5) -> dict[str, str]:
        """The tabs, once their number has been the same for a moment: a tab closes in its own time."""
        ends = asyncio.get_running_loop().time() + seconds
        seen: list[dict[str, str]] = []
        while len(seen) < 5 or len({len(one) for one in seen[-5:]}) > 1:
            assert asyncio.get_running_loop().time() < ends, seen[-1]
            await asyncio.sleep(0.1)
            seen.append(await asyncio.to_thread(self.tabs))
        return seen[-1]

    async def new_tab(self) -> str:
        tab: str = (await asyncio.to_thread(self._ask, "/json/new?about:blank", "PUT"))["id"]
        return tab

    @contextlib.asynccontextmanager
    async def hand(self, tab: str) -> AsyncIterator[Hand]:
        address = f"ws{self.address.removeprefix('http')}/devtools/page/{tab}"
        async with connect(address, proxy=None, compression=None, max_size=None, close_timeout=1) as socket:
            yield Hand(socket)

    async def says(self, tab: str, script: str) -> Any:
        """What a script in the tab comes to."""
        async with self.hand(tab) as hand:
            answer = await hand.does(
                "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
            )
        return answer["result"].get("value")

    async def goes(self, tab: str, url: str) -> str:
        """Where the tab is after it was sent to this address and has loaded."""
        async with self.hand(tab) as hand:
            answer = await hand.does("Page.navigate", url=url)
            assert "errorText" not in answer, answer
        while await self.says(tab, "document.readyState") != "complete":  # noqa: ASYNC110 - the page's
            await asyncio.sleep(0.02)
        return str(await self.says(tab, "location.href"))

    async def signs_in(self, store: Store, platform: str, username: str) -> None:
        """As if by hand before: the console's cookie is in the browser."""
        tab = next(iter(self.tabs()))
        token = store.sign_in(platform, username)
        async with self.hand(tab) as hand:
            await hand.does(
                "Network.setCookie", name=COOKIES[platform], value=token, domain=f".{platform}.com",
                path="/", secure=True, httpOnly=True,
            )  # fmt: skip


@contextlib.asynccontextmanager
async def a_persons_browser(program: Path | str, folder: Path, rules: str) -> AsyncIterator[Visited]:
    """Started with a debugging port, as docs/attached-browsers.md says; ended by its process id."""
    profile = folder / "person"
    sandbox = ["--no-sandbox"] if discovery.needs_no_sandbox() else []
    command = [
        str(program), "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", *sandbox,
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--no-proxy-server", "--ignore-certificate-errors", f"--host-resolver-rules={rules}", "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        told = profile / "DevToolsActivePort"
        async with asyncio.timeout(30):
            while not (told.is_file() and told.read_text().count("\n")):
                assert process.poll() is None, f"the browser ended: {process.returncode}"
                await asyncio.sleep(0.05)
        yield Visited(f"http://127.0.0.1:{told.read_text().split()[0]}")
        assert process.poll() is None, "the person's browser was closed"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def everywhere(practice: str) -> str:
    """Resolver rules: the marketplaces as in practice, and every other name there as well (the posers')."""
    [rules, *_] = practice_arguments(practice)
    return rules.removeprefix("--host-resolver-rules=").replace("MAP * ~NOTFOUND", f"MAP * {practice}")
