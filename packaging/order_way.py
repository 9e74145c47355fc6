"""Draws an order's way through the code, from the code: docs/figures/order-way.svg.

    python packaging/order_way.py            writes the picture
    python packaging/order_way.py --check    changes nothing; exit 1 when the picture is out of date

A step is a function and the one that calls it. Both must be there, and the call too; the words are the first
sentence of the function's docstring, the ends are what it raises and which states it writes.
"""

from __future__ import annotations

import ast
import html
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "figures" / "order-way.svg"
STEPS = (
    ("agent/account/session.py:open_session", "agent/engine/runner.py:Runner._with_session"),
    ("agent/ledger/store.py:Ledger.take", "agent/engine/order_run.py:OrderRun._take"),
    ("agent/engine/preflight.py:before_opening", "agent/engine/order_run.py:OrderRun._way"),
    ("agent/marketplace/flow.py:Flow.find", "agent/engine/order_run.py:OrderRun._walk_once"),
    ("agent/engine/preflight.py:may_go_on", "agent/engine/order_run.py:OrderRun._walk_once"),
    ("agent/marketplace/flow.py:Flow.prepare", "agent/engine/order_run.py:OrderRun._walk_once"),
    ("agent/engine/order_run.py:OrderRun._offer", "agent/engine/order_run.py:OrderRun._way"),
    ("agent/engine/order_run.py:OrderRun._approved", "agent/engine/order_run.py:OrderRun._offer"),
    ("agent/ledger/store.py:Ledger.intend", "agent/engine/submit.py:submit"),
    ("agent/engine/submit.py:_press", "agent/engine/submit.py:submit"),
    ("agent/engine/read_back.py:ReadBack.first_look", "agent/engine/doubt.py:Doubt._conclude"),
    ("agent/engine/read_back.py:ReadBack.wait_and_read", "agent/engine/doubt.py:Doubt._conclude"),
    ("agent/ledger/store.py:Ledger.settle", "agent/engine/order_run.py:OrderRun._end"),
    ("agent/page/evidence.py:Evidence.seal", "agent/engine/order_run.py:OrderRun._seal"),
    ("agent/engine/messages.py:MessageSender.tell", "agent/engine/order_run.py:OrderRun.go"),
)
INTENT, CLICK = "Ledger.intend", "_press"
"""Between these two lies the point of no return: the line that the picture draws."""
BEYOND = "from here on the outcome may be unknown: the order is submitting, in doubt, until it is read back"
RAISED = {"Refused": "refused", "NeedsHuman": "needs_human"}
WIDE, LEFT, BOX, GAP = 900, 20, 50, 12


@dataclass(frozen=True)
class Step:
    name: str
    says: str
    ends: tuple[str, ...]


def function(place: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The function at ``file:Class.name``. SystemExit: it is not there any more."""
    file, _, path = place.partition(":")
    body: list[ast.stmt] = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    for part in path.split("."):
        found = next((node for node in body if getattr(node, "name", None) == part), None)
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            return found
        body = found.body if isinstance(found, ast.ClassDef) else []
    raise SystemExit(f"{place} is not there: change STEPS in packaging/order_way.py")


def step(place: str, caller: str) -> Step:
    """A step as the code has it. SystemExit: the caller does not call it, or it says nothing of itself."""
    node, name = function(place), place.rpartition(":")[2]
    called = {
        getattr(one, "attr", getattr(one, "id", None))
        for one in ast.walk(function(caller))
        if isinstance(one, ast.Attribute | ast.Name)
    }
    if node.name not in called:
        raise SystemExit(f"{caller} does not call {place}: change STEPS in packaging/order_way.py")
    words = ast.get_docstring(node)
    if not words:
        raise SystemExit(f"{place} has no docstring")
    first = re.split(r"(?<=\.)\s", " ".join(words.split("\n\n")[0].split()))[0].rstrip(".")
    ends = dict.fromkeys(ends_of(node))
    for called_here in [other for other in neighbours(place) if other.name in names_in(node)]:
        ends |= dict.fromkeys(ends_of(called_here))
    return Step(f"{place.partition(':')[0]} · {name}", re.sub(r"``?", "", first), tuple(ends))


def names_in(node: ast.AST) -> set[str]:
    """What it calls by a plain name."""
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return {call.id for call in calls if isinstance(call, ast.Name)}


def neighbours(place: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of the same module, outside of its classes."""
    body = ast.parse((ROOT / place.partition(":")[0]).read_text(encoding="utf-8")).body
    return [one for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]


def ends_of(node: ast.AST) -> tuple[str, ...]:
    """The errors that it raises itself, and the states of ``_end`` calls, in the order of the code."""
    ends: dict[str, None] = {}
    for one in ast.walk(node):
        if (
            isinstance(one, ast.Raise)
            and isinstance(one.exc, ast.Call)
            and isinstance(one.exc.func, ast.Name)
        ):
            ends[{"Refused": "refused", "NeedsHuman": "needs_human"}.get(one.exc.func.id, "")] = None
        if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "_end" and one.args:
            ends[getattr(one.args[0], "attr", "").lower()] = None
    return tuple(end for end in ends if end)


def drawn(steps: list[Step]) -> str:
    """The picture: a box a step, and the line after which an outcome may be unknown."""
    parts, y = [], 20
    for number, one in enumerate(steps, 1):
        fill, edge = ("#fdeceb", "#c0392b") if one.name.endswith((INTENT, CLICK)) else ("#f4f6f8", "#8795a1")
        parts.append(
            f'<rect x="{LEFT}" y="{y}" width="{WIDE - 2 * LEFT}" height="{BOX}" rx="6" '
            f'fill="{fill}" stroke="{edge}"/>'
            f'<text x="{LEFT + 14}" y="{y + 22}" class="name">{number}. {html.escape(one.name)}</text>'
        )
        says = html.escape(textwrap.shorten(one.says, 110, placeholder=" …"))
        parts.append(f'<text x="{LEFT + 14}" y="{y + 40}">{says}</text>')
        if one.ends:
            ends = html.escape("may end: " + ", ".join(one.ends))
            parts.append(f'<text x="{WIDE - LEFT - 14}" y="{y + 22}" class="ends">{ends}</text>')
        y += BOX + GAP
        if one.name.endswith(INTENT):
            parts.append(
                f'<line x1="{LEFT}" x2="{WIDE - LEFT}" y1="{y + 6}" y2="{y + 6}" class="edge"/>'
                f'<text x="{WIDE - LEFT}" y="{y + 26}" class="ends">{BEYOND}</text>'
            )
            y += 36
    style = (
        "text{font:13px system-ui,sans-serif;fill:#22303c}.name{font:600 13px ui-monospace,monospace}"
        ".ends{text-anchor:end;fill:#8a5a00}.edge{stroke:#c0392b;stroke-width:3;stroke-dasharray:7 5}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y + 6}" role="img" '
        f'aria-label="The way of an order, step by step"><style>{style}</style>'
        f'<rect width="{WIDE}" height="{y + 6}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def main() -> int:
    picture = drawn([step(*one) for one in STEPS])
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(picture, encoding="utf-8", newline="\n")
        return 0
    same = PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == picture
    if not same:
        print("docs/figures/order-way.svg is not what the code says: python packaging/order_way.py")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
