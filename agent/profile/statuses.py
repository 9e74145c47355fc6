"""What a status text means for a cancellation: an entry of the profile, and what all entries share."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from agent.domain.i18n import _
from agent.domain.order import Asker, Role, Verdict, WaitsFor
from agent.domain.text import sentences

Mark = Literal["A", "B", "C", "U"]
"""How sure: A the site's own text or markup, B seen live by somebody, C third party, U nobody saw it."""


class ProfileEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Status(ProfileEntry):
    """What a status text of the page means for a cancellation."""

    words: tuple[str, ...]
    """Whole sentences; ``{date}``, ``{amount}`` and the like hold what changes: ``agent.domain.text``."""
    verdict: Verdict
    asker: Asker | Literal["self"] = Asker.UNKNOWN
    """Only where the words themselves name who asked: ``self`` is the signed-in account ("You asked …")."""
    waits_for: WaitsFor | None = None
    eligible: bool = True
    """False: with this status nothing can be cancelled (shipped, closed, in a case)."""
    for_person: bool = False
    """With this status only a person can go on, in the console ("Retry refund")."""
    mark: Mark = "U"
    source: str = ""

    @model_validator(mode="after")
    def _sentences(self) -> Status:
        sentences(self.words)
        if self.verdict is Verdict.NONE and any("{remark}" in word for word in self.words):
            raise ValueError(_("a state without a cancellation leaves no free words open"))
        return self

    @cached_property
    def shape(self) -> re.Pattern[str]:
        return sentences(self.words)

    def asked_by(self, role: Role) -> Asker:
        """Who asked, as far as the words themselves say it to an account of this role."""
        return Asker(role.value) if self.asker == "self" else Asker(self.asker)
