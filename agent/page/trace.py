"""Playwright's trace of one order, for `--trace`: begun after the sign-in, scrubbed before it is kept.

A trace holds every request with its cookies and headers, and whatever was typed, in plain text; the upstream
project leaves that to its users. Here headers, cookies and sent bodies are taken out, and every secret of
the run is blotted out of what is left. While it is being recorded the raw trace lies in Playwright's own
temporary folder, which is private to the user and goes with the browser.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from loguru import logger
from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from agent.domain.errors import first_line
from agent.domain.redact import clean
from agent.page.evidence import Evidence

NAME = "trace.zip"
"""In the order's evidence; `playwright show-trace` opens it."""
_KEPT_HEADERS = {"content-type", "content-length", "location"}


class Tracer:
    """The trace of one context, an order at a time. A fault of it fails no order: it is logged."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._running = False

    async def begin(self) -> None:
        """From now on everything is recorded."""
        try:
            await self._context.tracing.start(screenshots=True, snapshots=True)
            self._running = True
        except PlaywrightError as error:
            logger.warning("no trace: {}", first_line(error))

    async def drop(self) -> None:
        """Forget what was recorded: signing in again is never kept."""
        await self._stop(None)

    async def keep(self, evidence: Evidence) -> None:
        """Stop, and write the scrubbed trace into the evidence."""
        try:
            with tempfile.TemporaryDirectory(prefix="unsell-trace-") as folder:
                raw = Path(folder) / NAME
                if await self._stop(raw):
                    evidence.attach(NAME, scrubbed(raw.read_bytes()))
        except Exception as error:  # noqa: BLE001 - the order is settled: a full disk, an unknown trace, change nothing
            logger.warning("no trace: {}: {}", type(error).__name__, error)

    async def _stop(self, path: Path | None) -> bool:
        was, self._running = self._running, False
        try:
            if was:
                await self._context.tracing.stop(path=path)
        except PlaywrightError as error:
            logger.warning("no trace: {}", first_line(error))
            return False
        return was


def scrubbed(trace: bytes) -> bytes:
    """The same trace (a zip) without request headers, cookies, sent bodies and the run's secrets."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(trace)) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        sent: set[str] = set()
        for name in sorted(given.namelist(), key=lambda name: not name.endswith(".network")):
            data = given.read(name)
            if name.endswith(".network"):
                data = b"".join(_exchange(line, sent) for line in data.splitlines(keepends=True))
            if Path(name).name in sent:
                continue
            with contextlib.suppress(UnicodeDecodeError):  # a picture
                data = clean(data.decode()).encode()
            kept.writestr(name, data)
    return out.getvalue()


def _exchange(line: bytes, sent: set[str]) -> bytes:
    """One request with its answer, of the trace's network part; ``sent`` learns the sent body's file."""
    event: dict[str, Any] = json.loads(line)
    snapshot = event.get("snapshot", {})
    for side in ("request", "response"):
        part: dict[str, Any] = snapshot.get(side, {})
        part["cookies"] = []
        part["headers"] = [h for h in part.get("headers", []) if h["name"].lower() in _KEPT_HEADERS]
    body = snapshot.get("request", {}).pop("postData", None) or {}
    sent.update(Path(body[key]).name for key in ("_sha1", "_file") if key in body)
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"
