"""A question to a view: the element that is looked for, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.page.view import Node, View
from agent.profile.elements import Element
from agent.profile.profile import Profile


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a view: which element, in which part, with which values in its ``{…}``."""

    view: View
    profile: Profile
    element: Element
    within: Node | None
    values: Mapping[str, str]
    order_at_hand: str = ""

    @property
    def order_no(self) -> str:
        return self.values.get("order_no", "")
