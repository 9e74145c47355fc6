"""A WebSocket, as much of it as two programs on one machine need: text messages, whole, both ways (RFC 6455).

Playwright brings no client for Python, and the doorman (``agent.doorman``) is a server and a client at once.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import struct
from typing import Self
from urllib.parse import urlsplit

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class NoWebSocket(Exception):
    """The other side does not speak WebSocket at this address."""


class WebSocket:
    """One connection. ``client``: this side called, and masks what it sends, as the standard demands."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, client: bool) -> None:
        self._reader = reader
        self._writer = writer
        self._client = client

    @classmethod
    async def call(cls, url: str) -> Self:
        """Connect to ``ws://HOST:PORT/PATH``. OSError: nobody is there; NoWebSocket: it answers otherwise."""
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port or 80)
        key = base64.b64encode(os.urandom(16)).decode()
        query = f"?{place.query}" if place.query else ""
        lines = [
            f"GET {place.path or '/'}{query} HTTP/1.1",
            f"Host: {place.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = ""
        if not head.startswith("HTTP/1.1 101") or _accept(key) not in head:
            writer.close()
            raise NoWebSocket(head.partition("\r\n")[0] or "no answer")
        return cls(reader, writer, client=True)

    @classmethod
    async def answer(
        cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
    ) -> Self | None:
        """Accept a caller who asks for this very path; None, and the door shut, for any other."""
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            lines = [""]
        heads = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
        key = heads.get("sec-websocket-key")
        if lines[0].split(" ")[:2] != ["GET", path] or not key:
            writer.close()
            return None
        answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        writer.write("\r\n".join([*answer, f"Sec-WebSocket-Accept: {_accept(key)}", "", ""]).encode())
        return cls(reader, writer, client=False)

    async def read(self) -> str | None:
        """The next message; None when the other side is gone."""
        parts: list[bytes] = []
        while True:
            try:
                last, kind, data = await self._frame()
            except (asyncio.IncompleteReadError, OSError):
                return None
            if kind == _CLOSE:
                return None
            if kind == _PING:
                self._send(_PONG, data)
            elif kind != _PONG:
                parts.append(data)
                if last:
                    return b"".join(parts).decode()

    async def _frame(self) -> tuple[bool, int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            [size] = struct.unpack(">H", await self._reader.readexactly(2))
        elif size == 127:
            [size] = struct.unpack(">Q", await self._reader.readexactly(8))
        mask = await self._reader.readexactly(4) if second & 0x80 else b""
        data = await self._reader.readexactly(size)
        return bool(first & 0x80), first & 0x0F, _masked(data, mask) if mask else data

    def send(self, text: str) -> None:
        """Send a message: it goes out after those that were sent before it. Gone sides are not noticed."""
        self._send(_TEXT, text.encode())

    async def write(self, text: str) -> None:
        """Send a message, and wait while too many are under way. OSError: the other side is gone."""
        self.send(text)
        await self._writer.drain()

    def _send(self, kind: int, data: bytes) -> None:
        side, size = 0x80 if self._client else 0, len(data)
        head = bytes([0x80 | kind])
        if size < 126:
            head += bytes([side | size])
        elif size < 1 << 16:
            head += struct.pack(">BH", side | 126, size)
        else:
            head += struct.pack(">BQ", side | 127, size)
        if self._client:
            mask = os.urandom(4)
            head, data = head + mask, _masked(data, mask)
        self._writer.write(head + data)

    async def close(self) -> None:
        """Hang up; one that has gone already is fine."""
        with contextlib.suppress(OSError):
            self._send(_CLOSE, b"")
            self._writer.close()
            await self._writer.wait_closed()


def _accept(key: str) -> str:
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


def _masked(data: bytes, mask: bytes) -> bytes:
    """The data under the mask, or from under it; as one number, since byte by byte would be slow."""
    size = len(data)
    whole = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")).to_bytes(size, "big")
