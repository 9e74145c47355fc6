"""A WebSocket whose messages go out in the order they are sent, without a pause between them.

The protocol is the library's (``websockets``, its part without input and output); around it are asyncio's
streams. The proxy (``agent.browser.cdp_proxy``) needs a ``send`` that does not yield: what it says must reach
the browser before what Playwright says next.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidURI
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import Event, State
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

_CHUNK = 1 << 16


class NoWebSocket(Exception):
    """The other side does not speak WebSocket at this address."""


class WebSocket:
    """One connection between two programs on one machine; text messages, whole, of any size, both ways."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        protocol: ClientProtocol | ServerProtocol,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = protocol
        self._events: deque[Event] = deque()

    @classmethod
    async def call(cls, url: str) -> Self:
        """Connect to ``ws://HOST:PORT/PATH``. OSError: nobody is there; NoWebSocket: it answers otherwise."""
        place = urlsplit(url)
        try:
            protocol = ClientProtocol(parse_uri(url), max_size=None)
        except InvalidURI as error:
            raise NoWebSocket(str(error)) from error
        socket = cls(*await asyncio.open_connection(place.hostname, place.port or 80), protocol)
        protocol.send_request(protocol.connect())
        try:
            socket._flush()
            await socket._event()
        except BaseException:
            socket._writer.close()
            raise
        if protocol.state is not State.OPEN:
            await socket.close()
            raise NoWebSocket(str(protocol.handshake_exc or "no answer"))
        return socket

    @classmethod
    async def answer(
        cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str
    ) -> Self | None:
        """Accept a caller who asks for this very path; None, and the door shut, for any other."""
        protocol = ServerProtocol(max_size=None)
        socket = cls(reader, writer, protocol)
        asked = await socket._event()
        if isinstance(asked, Request):
            mine = asked.path == path
            protocol.send_response(
                protocol.accept(asked) if mine else protocol.reject(HTTPStatus.NOT_FOUND, "nobody here\n")
            )
            socket._flush()
        if protocol.state is not State.OPEN:
            await socket.close()
            return None
        return socket

    async def read(self) -> str | None:
        """The next message; None when the other side is gone."""
        parts: list[bytes] = []
        while isinstance(frame := await self._event(), Frame) and frame.opcode is not Opcode.CLOSE:
            if frame.opcode in (Opcode.TEXT, Opcode.CONT):
                parts.append(bytes(frame.data))
                if frame.fin:
                    return b"".join(parts).decode()
        return None

    async def _event(self) -> Event | None:
        """What the other side said next; None when it is gone."""
        while not self._events:
            try:
                data = await self._reader.read(_CHUNK)
            except OSError:
                return None
            if not data:
                return None
            self._protocol.receive_data(data)
            self._flush()  # the answer to a ping, or to a goodbye
            self._events.extend(self._protocol.events_received())
            if self._protocol.state is State.CONNECTING and self._protocol.handshake_exc:
                return None
        return self._events.popleft()

    def send(self, text: str) -> None:
        """Send a message: it goes out after those that were sent before it. Gone sides are not noticed."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_text(text.encode())
            self._flush()

    async def write(self, text: str) -> None:
        """Send a message, and wait while too many are under way. OSError: the other side is gone."""
        self.send(text)
        await self._writer.drain()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)

    async def close(self) -> None:
        """Hang up; one that has gone already is fine."""
        try:
            with contextlib.suppress(OSError, InvalidHandshake):
                if self._protocol.state is State.OPEN:
                    self._protocol.send_close()
                    self._flush()
        finally:
            self._writer.close()
        with contextlib.suppress(OSError, InvalidHandshake):
            await self._writer.wait_closed()
