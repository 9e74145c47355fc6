"""Finds a person's own browser: at ``CDP_URL``, or at the address that ``OPEN_COMMAND`` prints.

Only addresses of this machine are taken: whoever reaches a debugging address owns every session in that
browser. What the command prints is only searched for the address and never stored: such answers hold keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, TechnicalError
from agent.domain.faults import of_the_system
from agent.domain.i18n import _
from agent.settings.settings import Account, command_words, on_this_machine

OPEN_SECONDS = 90.0
"""How long an ``OPEN_COMMAND`` may take: such browsers load a profile and a proxy first."""
READY_SECONDS = 10.0
"""How long a browser that was just opened may need until its address answers."""

_KEYS = (
    "webSocketDebuggerUrl",  # Chromium's own /json/version
    "puppeteer",  # AdsPower: data.ws.puppeteer
    "debuggingPort",  # 紫鸟
    "debug_port",  # AdsPower
    "ws",  # BitBrowser (比特浏览器): data.ws
    "http",
)
"""The names under which the programs that open such browsers answer with the address, the surest first."""
_started: list[subprocess.Popen[bytes]] = []
"""Commands that may still run, since they are the browser: a dropped handle would be reported as a leak."""


async def debugging_url(name: str, account: Account) -> str:
    """The ``ws://`` address of the account's browser, which is opened first by an ``OPEN_COMMAND``.

    NeedsHuman: no browser answers there. TechnicalError: the command failed or printed no such address.
    """
    if account.open_command:
        address = await _opened(name, account.open_command)
        return await asyncio.to_thread(socket_of, name, address, READY_SECONDS)
    return await asyncio.to_thread(socket_of, name, account.cdp_url or "", 0.0)


def socket_of(name: str, address: str, patience: float) -> str:
    """What the browser at this address says where its ``ws://`` address is; asked again for some seconds."""
    if address.startswith("ws://"):
        return address
    place = urlsplit(address).netloc
    ends = time.monotonic() + patience
    # No proxy: the environment's settings are for other machines.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with direct.open(f"http://{place}/json/version", timeout=5) as answer:
                found = str(json.load(answer)["webSocketDebuggerUrl"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            if time.monotonic() < ends:
                time.sleep(0.2)
                continue
            raise NeedsHuman(
                _(
                    "no browser answers at {place}: open the browser of {name} with its debugging port "
                    "(docs/attached-browsers.md)",
                    place=place,
                    name=name,
                ),
                code=Code.NO_BROWSER,
            ) from error
        if not on_this_machine(urlsplit(found).hostname):
            raise TechnicalError(
                _("the browser at {place} names an address that is not on this machine", place=place)
            )
        return found


async def _opened(name: str, command: str) -> str:
    """Run the command, without a shell, until it has printed the address. It is not ended after that."""
    with tempfile.TemporaryDirectory(prefix="unsell-", ignore_cleanup_errors=True) as folder:
        printed, errors = Path(folder, "out"), Path(folder, "err")
        running = _start(name, command_words(command), printed, errors)
        _started.append(running)
        try:
            address = await _read(name, running, printed, errors)
        except BaseException:
            running.kill()
            raise
    if not on_this_machine(urlsplit(address).hostname):
        raise TechnicalError(
            _(
                "OPEN_COMMAND of {name} printed an address that is not on this machine: nothing was "
                "opened there",
                name=name,
            )
        )
    return address


def _start(name: str, words: list[str], printed: Path, errors: Path) -> subprocess.Popen[bytes]:
    """Output goes into files: the command may be the browser itself, and a closed pipe would end it."""
    with printed.open("wb") as out, errors.open("wb") as err:
        try:
            return subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=_environment(), **_apart()
            )
        except OSError as error:
            raise TechnicalError(
                _(
                    "OPEN_COMMAND of {name}: {words} cannot be started ({strerror})",
                    name=name,
                    words=words[0],
                    strerror=of_the_system(error),
                )
            ) from None


async def _read(name: str, running: subprocess.Popen[bytes], printed: Path, errors: Path) -> str:
    ends = time.monotonic() + OPEN_SECONDS
    while time.monotonic() < ends:
        code = running.poll()
        if code:
            raise TechnicalError(
                _(
                    "OPEN_COMMAND of {name} ended with exit code {code}: run it by hand to see what it says",
                    name=name,
                    code=code,
                )
            )
        for file in (printed, errors):  # a browser itself prints its address among its errors
            text = file.read_text(encoding="utf-8", errors="replace")
            if address := found_in(text if code == 0 else text.rpartition("\n")[0]):
                return address
        if code == 0:
            raise TechnicalError(
                _(
                    "OPEN_COMMAND of {name} printed no debugging address: it must print one such as "
                    "http://127.0.0.1:9222, its port, or the JSON that holds it",
                    name=name,
                )
            )
        await asyncio.sleep(0.1)
    raise TechnicalError(
        _(
            "OPEN_COMMAND of {name} printed no debugging address within {open_seconds:g} seconds",
            name=name,
            open_seconds=OPEN_SECONDS,
        )
    )


def found_in(text: str) -> str | None:
    """The debugging address in what a command printed: JSON that holds one, else the last such line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for candidate in (text, *reversed(lines)):
        with contextlib.suppress(ValueError):
            answer = json.loads(candidate)
            if isinstance(answer, dict):
                values = [value for key in _KEYS for value in _values(answer, key)]
                return next(filter(None, map(_address, values)), None)
    for line in reversed(lines):
        if address := _address(line) or _address(line.split()[-1], port=False):
            return address
    return None


def _values(answer: Any, key: str) -> Iterator[Any]:
    if isinstance(answer, dict):
        yield from (value for name, value in answer.items() if name == key)
    if isinstance(answer, dict | list):
        for value in answer.values() if isinstance(answer, dict) else answer:
            yield from _values(value, key)


def _address(value: Any, *, port: bool = True) -> str | None:
    """``ws://…``, ``http://HOST:PORT``, ``HOST:PORT`` or a bare port as an address; anything else is None."""
    text = str(value)
    if re.fullmatch(r"(ws|http)://(\[[0-9A-Fa-f:]+\]|[\w.-]+):\d{1,5}(/\S*)?", text):
        return text
    if re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[\w.-]+):\d{1,5}", text):
        return f"http://{text}"
    if port and re.fullmatch(r"\d{2,5}", text) and 0 < int(text) < 65_536:
        return f"http://127.0.0.1:{text}"
    return None


def _environment() -> dict[str, str]:
    """The environment without our settings: they may hold passwords, and the command is another program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("UNSELL_")}


def _apart() -> dict[str, Any]:
    """Options for a start that Ctrl-C in our terminal does not reach."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
