"""Keeps secrets out of everything that is written: a register of them, and one function that blots them out.

It is process-wide on purpose: no log line, page dump or crash report may depend on a caller
that passed the right object on.
"""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

_BLOT = "•••"
_SHORTEST = 4
"""Characters: a shorter secret is not blotted, since it would blot ordinary words."""
_hidden: list[str] = []
_numbers: set[str] = set()
"""Secrets made only of digits (codes): blotted as whole words, since an order number may hold them."""


def hide(secret: str | None) -> None:
    """Register a secret: ``clean`` then removes it, plain, URL-encoded, base64, JSON- and HTML-escaped."""
    if not secret or len(secret) < _SHORTEST:
        return
    if secret.isdecimal():
        _numbers.add(secret)
    forms = forms_of(secret) - ({secret} if secret.isdecimal() else set())
    _hidden.extend(form for form in forms if form not in _hidden)
    _hidden.sort(key=len, reverse=True)


def hide_cookie(value: str) -> None:
    """Register a cookie that is long enough to be a session's; one in quotation marks without them too."""
    bare = value.strip('"')
    if len(bare) >= 16:
        hide(value)
        hide(bare)


def forms_of(secret: str) -> set[str]:
    """Every form in which a secret may be written or sent."""
    raw = secret.encode()
    escaped = html.escape(
        secret, quote=False
    )  # as a page's source holds it: in text, in an attribute, escaped by Jinja
    return {
        escaped,
        escaped.replace('"', "&quot;"),
        escaped.replace('"', "&quot;").replace("'", "&#x27;"),
        escaped.replace('"', "&#34;").replace("'", "&#39;"),
        secret,
        quote(secret, safe=""),
        quote(secret, safe="!*'()~"),  # a script's encodeURIComponent
        quote_plus(secret, safe="*"),  # a browser's form
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
    }


def clean(text: str) -> str:
    """The text with every registered secret blotted out."""
    for form in _hidden:
        if form in text:
            text = text.replace(form, _BLOT)
    for number in _numbers:
        if number in text:
            text = re.sub(rf"(?:(?<![\w.])|(?<=%[0-9A-Fa-f]{{2}})){number}(?!\w|\.\d)", _BLOT, text)
    return text
