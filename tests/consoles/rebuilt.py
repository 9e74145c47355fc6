"""The same consoles after a release of their front end: every class, id and data attribute renamed.

Words, roles, labels, links and the names of form fields stay. ``divs`` turns tables into ``div`` too. What is
served is rewritten, page, script and style sheet alike, so the pages go on working.
"""

from __future__ import annotations

import hashlib
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = re.compile(r"""(?<=\s)([a-zA-Z_:][-\w:.]*)(?:(\s*=\s*)("[^"]*"|'[^']*'))?(?=[\s/>])""")
_POINTS = {"class", "id", "for", "aria-controls", "aria-labelledby", "aria-describedby", "list", "form"}
"""Attributes that hold classes or ids."""
_OPENS = "data-open"
"""The one data attribute whose value is a class."""
_TABLES = {
    "table": "table", "thead": "table-header-group", "tbody": "table-row-group", "tr": "table-row",
    "td": "table-cell", "th": "table-cell",
}  # fmt: skip


class Rebuilt:
    """``salt`` makes the new names, and is looked at with each request; empty: the pages as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.salt = ""
        self.divs = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.salt or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def keep(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                for one in self._rewritten(held):
                    await send(one)

        await self._app(scope, receive, keep)

    def _rewritten(self, held: list[Message]) -> list[Message]:
        start, names = held[0], _Names(self.salt, divs=self.divs)
        kind = dict(start["headers"]).get(b"content-type", b"")
        ways = {b"text/html": names.html, b"text/css": names.css, b"javascript": names.script}
        way = next((way for word, way in ways.items() if word in kind), None)
        body = b"".join(one.get("body", b"") for one in held[1:])
        if way is None or not body:
            return held
        body = way(body.decode("utf-8")).encode()
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        return [{**start, "headers": headers}, {"type": "http.response.body", "body": body}]


class _Names:
    """New names for old, the same ones for the same salt."""

    def __init__(self, salt: str, *, divs: bool) -> None:
        self._salt = salt
        self._divs = divs

    def of(self, old: str) -> str:
        return "x" + hashlib.md5(f"{self._salt}/{old}".encode()).hexdigest()[:7]

    def css(self, text: str) -> str:
        rules = re.split(r"(\{[^{}]*\})", text)
        text = "".join(one if one.startswith("{") else self._selector(one) for one in rules)
        for tag, shown in _TABLES.items() if self._divs else ():
            text = re.sub(rf"(?<![\w.#-]){tag}(?=[\s,.:#\[>][^}}]*\{{)", f"[style*='display:{shown}']", text)
        return text

    def _selector(self, text: str) -> str:
        text = re.sub(r"([.#])(-?[a-zA-Z_][\w-]*)", lambda m: m[1] + self.of(m[2]), text)
        return self._data(text)

    def _data(self, text: str) -> str:
        return re.sub(r"\bdata-([a-z-]+)", lambda m: f"data-{self.of(m[1])}", text)

    def script(self, text: str) -> str:
        text = re.sub(r"\bdataset\.([a-zA-Z]+)", lambda m: f"dataset.{self.of(_dashed(m[1]))}", text)
        text = re.sub(r"(['\"`])((?:(?!\1)[^\n])*)\1", self._literal, text)
        calls = r"((?:getElementById|classList\.contains)\(['\"])([\w-]+)"
        text = re.sub(calls, lambda m: m[1] + self.of(m[2]), text)
        return re.sub(r"className = [^;]*;", lambda m: re.sub(
            r"'([\w-]+)'", lambda one: f"'{self.of(one[1])}'", m[0]), text)  # fmt: skip

    def _literal(self, found: re.Match[str]) -> str:
        """A string of a script: renamed where it is a selector."""
        inside = found[2]
        if re.fullmatch(r"\.|[\w\s.#:>,()\[\]='*^$~-]*(?:\$\{[^}]*\}[\w\s.#:>,()\[\]='\"*^$~-]*)*", inside):
            ours = re.sub(r"\$\{[^}]*\}|'[^']*'", "", inside)
            if re.search(r"(?:^|[\s,(>a-z])[.#\[][\w-]", ours):
                parts = re.split(r"(\$\{[^}]*\}|\[name=[^\]]*\])", inside)
                inside = "".join(
                    one if one.startswith(("${", "[name")) else self._selector(one) for one in parts
                )
            else:
                inside = self._data(inside)
        elif "[data-" in inside:
            inside = self._data(inside)
        return f"{found[1]}{inside}{found[1]}"

    def html(self, text: str) -> str:
        pieces = re.split(r"(<(?:script|style)\b[^>]*>.*?</(?:script|style)>)", text, flags=re.DOTALL)
        return "".join(self._piece(one) for one in pieces)

    def _piece(self, text: str) -> str:
        if text.startswith(("<script", "<style")):
            head, _, rest = text.partition(">")
            inside, _, tail = rest.rpartition("</")
            if "json" not in head:
                inside = self.css(inside) if text.startswith("<style") else self.script(inside)
            return f"{self._tag(head + '>')}{inside}</{tail}"
        return (
            re.sub(r"</(table|thead|tbody|tr|td|th)>", "</div>", self._tags(text))
            if self._divs
            else self._tags(text)
        )

    def _tags(self, text: str) -> str:
        return _TAG.sub(lambda m: self._tag(m[0]), text)

    def _tag(self, tag: str) -> str:
        name = re.match(r"<([a-zA-Z]\w*)", tag)
        tag = _ATTRIBUTE.sub(self._attribute, tag)
        if self._divs and name and name[1].lower() in _TABLES:
            shown = f'style="display:{_TABLES[name[1].lower()]}"'
            return f"<div {shown}{tag[len(name[0]) :]}"
        return tag

    def _attribute(self, found: re.Match[str]) -> str:
        name, equals, value = found[1].lower(), found[2], found[3]
        new = f"data-{self.of(name[5:])}" if name.startswith("data-") else found[1]
        if equals is None:
            return new
        inside = value[1:-1]
        if name in _POINTS or name == _OPENS:
            inside = " ".join(map(self.of, inside.split()))
        elif name == "href" and inside.startswith("#") and len(inside) > 1:
            inside = "#" + self.of(inside[1:])
        return f"{new}{equals}{value[0]}{inside}{value[-1]}"


def _dashed(name: str) -> str:
    return re.sub(r"[A-Z]", lambda m: "-" + m[0].lower(), name)
