"""What leaves while a secret is typed: every writing that a page has at hand is undone, others pass."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from functools import reduce
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.browser.secret_guard import carries, keeps_in
from agent.profile.profile import load
from tests.world import PASSWORD


def js_escape(c: str) -> str:
    """A letter as a script's ``escape`` writes it."""
    if c.isascii() and (c.isalnum() or c in "@*_+-./"):
        return c
    units = c.encode("utf-16-be").hex().upper()
    return (
        f"%{ord(c):02X}"
        if ord(c) < 256
        else "".join(f"%u{units[at : at + 4]}" for at in range(0, len(units), 4))
    )


WRITINGS: dict[str, Callable[[str], str]] = {
    "encodeURIComponent": lambda s: quote(s, safe="!*'()~"),
    "a form": lambda s: quote_plus(s, safe="*"),
    "all percent": lambda s: "".join(f"%{byte:02x}" for byte in s.encode()),
    "escape": lambda s: "".join(map(js_escape, s)),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64, url-safe and unpadded": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 behind a letter": lambda s: "x" + base64.b64encode(s.encode()).decode(),
    "JSON": json.dumps,
    "JSON with more in it": lambda s: json.dumps({"a": [1, s], "b": "c"}, ensure_ascii=False),
    "HTML": escape,
    "JavaScript": lambda s: "".join(f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{{{ord(c):x}}}" for c in s),
}


def request(url: str = "https://www.ebay.com/", body: bytes = b"", told: str = "") -> dict[str, Any]:
    """A request as the browser's ``Fetch.requestPaused`` tells it."""
    entries = [{"bytes": base64.b64encode(body[at : at + 7]).decode()} for at in range(0, len(body), 7)]
    return {"url": url, "headers": {"X-Told": told}, "postDataEntries": entries}


@given(
    st.lists(st.sampled_from(sorted(WRITINGS)), max_size=3),
    st.sampled_from([PASSWORD, "492817", "a+b%20c\\n😀密"]),
)
def test_a_secret_is_found_in_any_writing_of_a_writing(names: list[str], secret: str) -> None:
    written = reduce(lambda text, name: WRITINGS[name](text), names, secret)
    assert carries(request(body=f"one=1&two={written}&three=3".encode()), [secret])
    assert carries(request(f"https://www.ebay.com/?x=1&{quote(written)}"), [secret])
    assert carries(request(told=quote(written)), [secret])


@pytest.mark.parametrize("charset", ["utf-16-le", "gb18030", "cp1252"])
def test_a_body_in_another_charset_is_read_too(charset: str) -> None:
    sent = PASSWORD.encode(charset, "xmlcharrefreplace")
    assert carries(request(body=b"p=" + sent), [PASSWORD])
    assert carries(request(body=quote_plus(sent).encode()), [PASSWORD])


def test_ordinary_requests_leave_for_the_platforms_own_hosts_alone() -> None:
    ebay, dhgate = load("ebay"), load("dhgate")
    good = ["https://www.ebay.com/x?y=%7B%22a%22%3A1%7D", "https://i.ebayimg.com/a.jpg", "data:text/plain,x"]
    foreign = [
        "https://ebay.com.evil.tld/",
        "https://evilebay.com/",
        "https://ebay.com@evil.tld/",
        "ftp://a.b/",
    ]
    assert not [url for url in good if keeps_in(request(url), [PASSWORD], [ebay])]
    assert [url for url in foreign if keeps_in(request(url), [PASSWORD], [ebay])] == foreign
    slider = request("https://static.geetest.com/v4/gt4.js")
    assert not keeps_in(slider, [PASSWORD], [dhgate])
    assert keeps_in(slider, [PASSWORD], [ebay])
    assert not keeps_in(request(foreign[0]), [], [ebay]), "nobody types"


def test_a_long_report_of_the_pages_own_is_looked_through_and_let_go() -> None:
    body = json.dumps(
        [{"at": n, "event": quote(f"key/{n} +%"), "id": "Zm9vYmFyYmF6cXV4"} for n in range(3000)]
    )
    began = time.process_time()
    assert not carries(request(body=body.encode()), [PASSWORD, "492817"])
    assert time.process_time() - began < 5
    assert carries(request(body=(body + quote(PASSWORD)).encode()), [PASSWORD, "492817"])
