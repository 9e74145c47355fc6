"""Entries of a profile about its pages: addresses, elements and how they are found, reasons, messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from agent.domain.i18n import _
from agent.domain.text import label, pattern, plain
from agent.profile.statuses import Mark, ProfileEntry

Means = Literal[
    "row", "page", "state", "amount", "labelled", "greeting", "menu", "form", "question", "list", "overlay",
    "time-left",
]  # fmt: skip
"""What ``agent.page.meaning`` can find without any markup, by words, roles and nearness."""


class Candidate(ProfileEntry):
    """One way to find an element: exactly one of the fields says how."""

    css: str | None = None
    xpath: str | None = None
    """Where a row can be told only by climbing from a text inside it."""
    roles: tuple[str, ...] = ()
    """ARIA roles; the accessible name must be one of the element's names."""
    label: bool = False
    """A form field by its label, one of the element's names."""
    text: bool = False
    """Any element whose whole text is one of the element's names."""
    means: Means | None = None
    """What it means, whatever it is made of; the last resort, never for a control that commits."""

    @model_validator(mode="after")
    def _one_way(self) -> Candidate:
        if sum(map(bool, (self.css, self.xpath, self.roles, self.label, self.text, self.means))) != 1:
            raise ValueError(_("say exactly one of css, xpath, roles, label, text, means"))
        return self


class Element(ProfileEntry):
    """One element of one page, named ``page.element``."""

    what: str
    """In plain words."""
    candidates: tuple[Candidate, ...] = Field(min_length=1)
    """In order of preference. A control that commits must be found by all together exactly once."""
    names: Mapping[str, tuple[str, ...]] = {}
    """Its names, by language."""
    commit: bool = False
    """Cannot be taken back: only ``agent.engine.submit`` may press it."""
    within: str | None = None
    """The element inside which alone it is looked for."""
    mark: Mark
    source: str
    overridden: bool = False

    @model_validator(mode="after")
    def _named(self) -> Element:
        by_name = any(c.roles or c.label or c.text for c in self.candidates)
        if by_name and not any(self.names.values()):
            raise ValueError(_("a candidate by role, label or text needs names"))
        if self.commit and any(c.means for c in self.candidates):
            raise ValueError(_("a control that commits is never found by meaning"))
        return self

    def name_pattern(self) -> re.Pattern[str]:
        """Any of its names in any language: a console may speak another language than set."""
        return pattern(name for names in self.names.values() for name in names)

    def without_label(self, text: str) -> str:
        """The text without one of its names and a colon before it ("Status: Paid" is "Paid")."""
        names = [name for names in self.names.values() for name in names]
        return label(names).sub("", text, count=1) if names else text


def entry_with_name(element: str, entry: Element, name: str) -> str:
    """The element's entry for a user's own selectors, with one more name."""
    language = "zh-CN" if re.search(r"[\u4e00-\u9fff]", name) else "en"
    known = {**entry.names, language: (*entry.names.get(language, ()), name)}
    lines = [f'[element."{element}"]', f"what = {json.dumps(entry.what, ensure_ascii=False)}"]
    lines += [f'within = "{entry.within}"'] if entry.within else []
    lines.append("candidates = [{ label = true }]")
    lines += [f"names.{key} = {json.dumps(list(n), ensure_ascii=False)}" for key, n in known.items()]
    return "\n".join([*lines, 'mark = "B"', 'source = "seen by me"'])


class MessageRules(ProfileEntry):
    """What a message to a buyer may be, and how the site tells that it was sent."""

    called: str
    """The platform's name, as its buyers know it."""
    longest: int = Field(gt=0)
    """The most letters."""
    answer: str | None = None
    """A pattern of the address that answers the page's script."""
    sent: str | None = None
    """A pattern in that answer: it was sent. The page's own words are looked at besides."""
    mark: Mark
    source: str

    @model_validator(mode="after")
    def _patterns(self) -> MessageRules:
        for shape in filter(None, (self.answer, self.sent)):
            re.compile(shape)
        return self


class PageAddress(ProfileEntry):
    url: str
    mark: Mark
    source: str


class ReasonEntry(ProfileEntry):
    """How one canonical reason appears on the page."""

    values: tuple[str, ...] = ()
    """Machine values of the option."""
    names: Mapping[str, tuple[str, ...]] = {}
    """Whole labels, by language; the first of a language is the reason's own wording there."""
    defect: bool = False
    """Counts against the seller (a transaction defect, 不良交易)."""
    mark: Mark
    source: str

    def named(self, label: str) -> bool:
        """Whether the whole label is one of the names."""
        text = plain(label)
        return any(text == plain(name) for names in self.names.values() for name in names)


class OwnRate(ProfileEntry):
    """The figure by which the platform itself judges a shop's cancellations, and where a seller sees it."""

    says: Mapping[str, str]
    """One or two sentences, by language: ``en`` and ``zh-CN``."""
    mark: Mark
    source: str
