"""A page as a tree: written as HTML by the server, or sent as JSON and built by runtime.js."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

RUNTIME = (Path(__file__).parent / "runtime.js").read_text(encoding="utf-8")
VOID = {"input", "br", "img", "hr", "meta", "link"}

Action = list[Any]
"""A name and its arguments, as runtime.js knows them: ["go", "/sh/ord"]."""


@dataclass
class Node:
    tag: str
    attrs: dict[str, Any] = field(default_factory=dict)
    kids: list["Node | str"] = field(default_factory=list)


Kid = Node | str | None


def h(tag: str, *kids: Kid | list[Node] | list[Kid], **attrs: Any) -> Node:
    """An element. `class_` is `class`, `data_x` is `data-x`; an attribute of None is left out."""
    flat: list[Node | str] = []
    for kid in kids:
        flat += [each for each in (kid if isinstance(kid, list) else [kid]) if each is not None]
    named = {k.rstrip("_").replace("_", "-"): v for k, v in attrs.items() if v is not None and v is not False}
    return Node(tag, named, flat)


def walk(node: Node) -> Iterator[Node]:
    yield node
    for kid in node.kids:
        if isinstance(kid, Node):
            yield from walk(kid)


@dataclass
class Page:
    title: str
    body: Node
    status: int = 200
    then: list[Action] = field(default_factory=list)
    plain: bool = False
    """Never drawn by the script: sign-in pages and errors."""


@dataclass
class Goto:
    url: str


@dataclass
class Part:
    """A piece that a script asked for."""

    tree: Node | None = None
    go: str | None = None
    page: Page | None = None
    url: str | None = None
    into: str | None = None


REFS = {
    "toggle": (1,), "show": (1,), "hide": (1,), "remove": (1,), "load": (2,), "loadpost": (3,), "tree": (2,),
    "submit": (1,), "post": (2, 3), "text": (1,), "value": (1,), "attr": (1,), "need": (1, 3), "needs": (1,),
    "boxtick": (1,), "choose_to": (1,),
}  # fmt: skip
"""Where an action names an element of the page."""


def sealed(node: Node, mark: Callable[[str], str]) -> Node:
    """Our names of elements become this console's: in the page nothing tells which control is which."""
    for each in walk(node):
        if "ref" in each.attrs:
            each.attrs["ref"] = mark(each.attrs["ref"])
        if "on" in each.attrs:
            each.attrs["on"] = {k: sealed_actions(v, mark) for k, v in each.attrs["on"].items()}
    return node


def sealed_actions(actions: list[Action], mark: Callable[[str], str]) -> list[Action]:
    made = []
    for name, *rest in actions:
        args = [name, *rest]
        for at in REFS.get(name, ()):
            if args[at] != "body":
                args[at] = mark(args[at])
        if name == "tree":
            args[1] = to_json(sealed(args[1], mark))
        if name == "choose":
            args[1] = {k: sealed_actions(v, mark) for k, v in args[1].items()}
        made.append(args)
    return made


def refs(node: Node) -> list[tuple[str, Any]]:
    """Gives every element with events a mark to be found by, and lists them."""
    wires: list[tuple[str, Any]] = []
    for each in walk(node):
        if "on" in each.attrs:
            each.attrs.setdefault("ref", f"w{len(wires)}")
            wires.append((each.attrs["ref"], each.attrs["on"]))
    return wires


def to_json(node: Node | str) -> Any:
    if isinstance(node, str):
        return node
    attrs = {k: ("" if v is True else v if k == "on" else str(v)) for k, v in node.attrs.items()}
    return [node.tag, attrs, [to_json(kid) for kid in node.kids]]


def to_html(node: Node | str, ref: str) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    words = [node.tag]
    for name, value in node.attrs.items():
        if name != "on":
            key = ref if name == "ref" else name
            words.append(key if value is True else f'{key}="{escape(str(value))}"')
    inside = "".join(to_html(kid, ref) for kid in node.kids)
    return f"<{' '.join(words)}>" + ("" if node.tag in VOID else f"{inside}</{node.tag}>")


def _script(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def document(page: Page, *, ref: str, app: str, css: str, lang: str, spa: bool, oops: str) -> str:
    spa = spa and not page.plain
    wires = [] if spa else refs(page.body)
    inside = "" if spa else to_html(page.body, ref)
    start = (
        f"window.__ref={_script(ref)};window.__spa={_script(spa)};window.__app={_script(app)};"
        f"window.__wires={_script(wires)};window.__then={_script([] if spa else page.then)};"
        f"window.__oops={_script(oops)};"
    )
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(page.title)}</title>'
        f"<style>{css}</style></head><body>"
        f'<div id="{app}">{inside}</div><script>{start}</script><script>{RUNTIME}</script></body></html>'
    )


def page_json(page: Page) -> dict[str, Any]:
    return {"title": page.title, "body": to_json(page.body), "then": page.then}
