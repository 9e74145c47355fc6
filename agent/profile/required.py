"""The elements that ``agent/`` asks for by name, whatever the platform."""

from __future__ import annotations

from collections.abc import Collection

_ALWAYS = (
    "home.shown_as", "home.signin", "signin.username", "signin.password", "signin.submit", "signin.error",
    "form.scope", "form.submit", "form.refused", "answer.done", "answer.no", "dialog.any", "confirm.dialog",
    "confirm.yes", "confirm.no",
)  # fmt: skip
"""A profile without one of them is not loaded."""
_FOR_MESSAGES = ("message.send", "message.done", "message.limited", "message.no")
"""Those of a platform that has a way to the buyer (``[message]``)."""
OPTIONAL = (
    "signin.continue", "signin.code", "signin.code_submit", "form.note", "form.full_refund", "page.loading",
    "home.signout", "form.next", "form.reasons",
)  # fmt: skip
"""What a platform need not have: its profile leaves it out, and it is not looked for."""
_WITH = {"signin.code": "signin.code_submit"}
"""Who has the one has the other."""


def missing_from(elements: Collection[str], *, messages: bool) -> list[str]:
    """What is relied on and not there. ``messages``: the platform has a way to the buyer."""
    needed = _ALWAYS + (_FOR_MESSAGES if messages else ())
    needed += tuple(other for name, other in _WITH.items() if name in elements)
    return [name for name in needed if name not in elements]
