"""The cancel form, and the question after it, found in a ``View`` without their markup."""

from __future__ import annotations

import re

from agent.domain.money import AMOUNT
from agent.domain.text import skeleton, variants
from agent.page.asked import Asked
from agent.page.view import CHOICES, CONTROLS, Node, View

_QUESTION = 200
"""The most letters of a question."""
_FIELDS = {"textbox", "combobox", "listbox", "checkbox", "switch", "slider", "file", *CHOICES}


def form(asked: Asked) -> list[Node]:
    """The cancel form: one group of choices, and one control named like a submit (the element's names), or
    like the step after the reason (the profile's ``form.next``).

    Known reasons are witnesses, not conditions: of several groups those count that hold some, else those that
    a box for reasons unfolds, else all.
    """
    ends = [one.name_pattern() for one in (asked.element, asked.profile.element.get("form.next")) if one]
    ranked: list[list[Node]] = [[], [], []]
    boxes = _boxes(asked)
    for group in [*_groups(asked.view), *_lines(asked), *boxes]:
        for part in group[0].up():
            ended = any(asked.view.named(CONTROLS, words, within=part) for words in ends)
            if ended and all(part.holds(one) for one in group):
                ranked[0 if _knows(asked, group) else 1 if group in boxes else 2].append(_framed(part))
                break
    return list(dict.fromkeys(next(filter(None, ranked), [])))


def _groups(view: View) -> list[list[Node]]:
    """The groups of choices that one can see: radios of one name, a select's or list box's options."""
    groups: dict[str, list[Node]] = {}
    for node in view.nodes:
        if node.role not in CHOICES or node.disabled:
            continue
        box = next((up for up in node.up() if up.role in ("listbox", "combobox", "radiogroup")), None)
        seen = (
            box.visible if box else node.visible or any(view.nodes[i].visible for i in node.data.get("l", []))
        )
        if seen:
            groups.setdefault(f"{box.index}" if box else f"{node.field}/{node.data.get('o')}", []).append(
                node
            )
    return list(groups.values())


def _lines(asked: Asked) -> list[list[Node]]:
    """Known reasons that stand side by side without any role, two or more: buttons, or lines of a list."""
    rows: dict[Node, list[Node]] = {}
    known = asked.view.innermost(
        lambda n: n.role not in ("text", *CHOICES) and 0 < len(n.text) < 120 and is_reason(asked, n.text)
    )
    for node in known:
        row = next((up for up in node.up() if up.text != node.text), None)
        if row and not any(one.role in CHOICES for one in row.walk()):
            rows.setdefault(row, []).append(node)
    return [row for row in rows.values() if len(row) > 1]


def _boxes(asked: Asked) -> list[list[Node]]:
    """The boxes that unfold a list, by ARIA or by their words (the profile's ``form.reasons``)."""
    box = asked.profile.element.get("form.reasons")
    if box is None:
        return []
    words = box.name_pattern()
    found = asked.view.innermost(
        lambda n: n.unfolds or (n.role not in ("text", *CHOICES) and bool(words.fullmatch(n.text)))
    )
    return [[one] for one in found]


def _framed(part: Node) -> Node:
    """The form or dialog around it, where there is one; never more than the page's main part."""
    for node in (part, *part.up()):
        if node.role in ("form", "dialog", "alertdialog"):
            return node
        if node.role == "main" or node.tag == "body":
            break
    return part


def _knows(asked: Asked, group: list[Node]) -> bool:
    entries = [entry for reasons in asked.profile.reason.values() for entry in reasons.values()]
    return any(is_reason(asked, asked.view.name(one) or one.text) for one in group) or any(
        one.value in entry.values for one in group for entry in entries
    )


def is_reason(asked: Asked, text: str) -> bool:
    """Whether the whole text is a listed label of one of the platform's reasons."""
    return any(e.named(text) for reasons in asked.profile.reason.values() for e in reasons.values())


def question(asked: Asked) -> list[Node]:
    """The part that asks a listed question, with its one yes and its no: a box without any role.

    One with fields or choices is a form. Whether its whole text is listed is for ``confirmation`` to say.
    """
    profile = asked.profile
    every = [*profile.confirmations, *(one for ones in profile.answer_confirmations.values() for one in ones)]
    listed = {skeleton(one) for sentence in every for one in variants(sentence)}
    yes, no = (profile.element[f"confirm.{word}"].name_pattern() for word in ("yes", "no"))

    def asks(node: Node) -> bool:
        text = node.text if node.role not in ("text", "option", *CONTROLS) else ""
        bare = AMOUNT.sub(" ", re.sub(profile.order_no, " ", text))
        return 0 < len(text) < _QUESTION and skeleton(bare) in listed

    parts = []
    for asking in asked.view.innermost(asks):
        for part in asking.up():
            if part.tag in ("body", "main", "form") or part.role in ("main", "form"):
                break
            told = [len(asked.view.named(CONTROLS, words, within=part)) for words in (yes, no)]
            if told[0] == 1 and told[1] > 0:
                fields = any(n.role in _FIELDS and n.visible for n in part.walk())
                parts += [] if fields else [part]
                break
    return list(dict.fromkeys(parts))
