"""No secret in any byte written: one register of the run's secrets, one function that blots them out.

Process-wide on purpose: a log line, a picture's page dump or a crash report must not depend on somebody
having handed the right object along.
"""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

_BLOT = "•••"
_hidden: list[str] = []


def hide(secret: str | None) -> None:
    """Register a secret: ``clean`` then removes it, plain, URL-encoded, base64, JSON- and HTML-escaped."""
    if not secret or len(secret) < 4:
        return
    _hidden.extend(form for form in forms_of(secret) if form not in _hidden)
    _hidden.sort(key=len, reverse=True)


def forms_of(secret: str) -> set[str]:
    """Every form in which a secret may be written or sent."""
    raw = secret.encode()
    escaped = html.escape(
        secret, quote=False
    )  # as a page's source holds it: in a text, in an attribute, by Jinja
    return {
        escaped,
        escaped.replace('"', "&quot;"),
        escaped.replace('"', "&quot;").replace("'", "&#x27;"),
        escaped.replace('"', "&#34;").replace("'", "&#39;"),
        secret,
        quote(secret, safe=""),
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
    return text
