"""What may leave the browser while a secret is typed: two locks, asked for each request.

The first does not look for the secret: nothing leaves for a host that is not the platform's own.
The second compares what goes to those with the secret, after undoing the encodings that a page's script
has at hand, in any order and depth; only a sign-in host may receive it. A script that enciphers the secret
gets it past the second lock, and so to another host of the marketplace itself, but no further.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from agent.profile.profile import Profile

_DEEPEST = 8
"""How many encodings around one another are undone; what is wrapped deeper is not sent."""
_LONGEST = 8_000_000
"""The most bytes that are searched for one request; a longer one is not sent."""
_CHARSETS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "gbk", "cp1252", "latin-1")
"""The charsets in which a page may send; a form writes as an entity what its charset lacks."""
_LOCAL = re.compile(r"(?:data|blob|about|chrome-extension|devtools):", re.IGNORECASE)
"""Addresses that no request leaves the machine for."""
_PERCENT = re.compile(rb"((?:%u[0-9A-Fa-f]{4})+)|%([0-9A-Fa-f]{2})")
"""What a script's ``escape`` makes: it writes Latin letters differently from all others."""
_ESCAPE = re.compile(
    rb"""((?:\\u[0-9A-Fa-f]{4})+)|\\u\{([0-9A-Fa-f]{1,6})\}|\\x([0-9A-Fa-f]{2})|\\(["'\\/bfnrt])"""
)
"""Searched from the left, as a script reads: an escaped backslash begins no escape."""
_ENTITY = re.compile(rb"&#?[0-9A-Za-z]{1,31};?")
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def keeps_in(request: dict[str, Any], typed: Collection[str], among: Iterable[Profile]) -> bool:
    """Whether this request must not leave, but for a sign-in host: both locks.

    ``typed``: the secrets; ``among``: the platforms whose hosts it may go to.
    """
    url = str(request["url"])
    if not typed or _LOCAL.match(url):
        return False
    return not any(profile.owns(url) for profile in among) or carries(request, typed)


def carries(request: dict[str, Any], typed: Collection[str]) -> bool:
    """Whether the request holds a secret, as far as encodings can be undone; True where that is not known."""
    wanted = {writing for secret in typed for writing in _writings(secret)}
    shortest = min(map(len, wanted), default=0)
    seen: set[bytes] = set()
    texts = set(_sent(request))
    for _ in range(_DEEPEST):
        texts -= seen
        if any(writing in text for text in texts for writing in wanted):
            return True
        if not texts:
            return False
        seen |= texts
        if sum(map(len, seen)) > _LONGEST:
            return True
        texts = {undone for text in texts for undone in _undone(text, shortest)}
    return bool(texts - seen)


def _writings(secret: str) -> Iterator[bytes]:
    """The secret's own bytes, by charset; a letter with an accent may be one sign or two."""
    for one in {secret, *(unicodedata.normalize(how, secret) for how in ("NFC", "NFD"))}:
        for charset in _CHARSETS:
            yield one.encode(charset, "xmlcharrefreplace")


def _sent(request: dict[str, Any]) -> Iterator[bytes]:
    """Address, headers and body, as far as the browser shows them."""
    yield f"{request['url']}{request.get('urlFragment', '')}".encode()
    for name, value in request.get("headers", {}).items():
        yield f"{name}: {value}".encode()
    parts = [base64.b64decode(part.get("bytes", "")) for part in request.get("postDataEntries", ())]
    yield b"".join(parts) or str(request.get("postData", "")).encode("utf-8", "replace")


def _undone(text: bytes, shortest: int) -> Iterator[bytes]:
    """The text with one encoding undone, one result for each; some may be unchanged."""
    yield text.replace(b"+", b" ")
    yield unquote_to_bytes(text)
    yield unquote_to_bytes(text.replace(b"+", b" "))
    yield _PERCENT.sub(_letter, text)
    yield _ESCAPE.sub(_letter, text)
    yield _ENTITY.sub(lambda found: html.unescape(found[0].decode()).encode("utf-8", "replace"), text)
    for token in re.findall(rb"[A-Za-z0-9+/_-]{%d,}" % max(6, shortest), text):
        plain = token.translate(_URL_SAFE)
        for at in range(4):  # where the encoded part begins is not known
            whole = plain[at:]
            whole = whole[: len(whole) - (len(whole) % 4 == 1)]
            try:
                yield base64.b64decode(whole + b"=" * (-len(whole) % 4))
            except binascii.Error:
                continue


def _letter(found: re.Match[bytes]) -> bytes:
    """The character of an escape, in UTF-8; two escapes that are halves of one character are joined."""
    if found[1]:
        units = bytes.fromhex(re.sub(rb"[\\%]u", b"", found[1]).decode())
        return units.decode("utf-16-be", "replace").encode()
    if number := found[2] or (found.re is _ESCAPE and found[3]):
        return chr(min(int(number, 16), 0x10FFFF)).encode("utf-8", "replace")
    return _LETTERS.get(found[4], found[4])
