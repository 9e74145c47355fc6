"""Entries of a profile about what stands in front of a page, and about what its scripts ask for."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

from agent.domain.i18n import _
from agent.domain.text import plain
from agent.profile.statuses import Mark, ProfileEntry


class Address(ProfileEntry):
    """Addresses, without query, of what a page's script asks for; ``*`` stands for anything."""

    address: str
    but: tuple[str, ...] = ()
    """Addresses among them that are not meant."""
    mark: Mark
    source: str

    def covers(self, place: str) -> bool:
        """Whether an address (without query) is one of these."""
        return _matches(self.address, place) and not any(_matches(one, place) for one in self.but)


def _matches(address: str, place: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, address.split("*"))), place) is not None


class BannerWords(ProfileEntry):
    """What the words of a banner may not hold, by language: a dialog that speaks of it is none."""

    never: Mapping[str, tuple[str, ...]]
    """Words of orders, cancelling and refunds, or how they begin."""
    remarks: Mapping[str, tuple[str, ...]] = {}
    """Phrases that hold such a word and do not speak of it."""
    mark: Mark
    source: str

    def speak_of_orders(self, text: str) -> bool:
        """Whether a dialog's words are about orders, and so about no banner."""
        for remark in sorted(_all(self.remarks), key=len, reverse=True):
            text = _told(remark).sub(" … ", text)
        return any(_told(word).search(text) for word in _all(self.never))


class Guard(ProfileEntry):
    """A page or layer that may stand in front of any page, and what to do about it."""

    kind: Literal["close", "person", "signed_out", "broken"]
    """close: a banner, closed by ``press`` where its words are listed; person: hand over; signed_out: sign in
    again; broken: a technical fault."""
    says: str
    element: str | None = None
    url: str | None = None
    """A pattern searched for in the address."""
    title: str | None = None
    """A pattern searched for in the page's title."""
    press: str | None = None
    unless: str | None = None
    """An element beside which the guard's own element stands in nobody's way."""
    words: Mapping[str, tuple[str, ...]] = {}
    """Of a banner, by language: one of these words, or how it begins, stands in its text."""
    texts: tuple[str, ...] = ()
    """Of a banner: whole texts, without its buttons."""

    def closes_what_is_listed(self, rules: BannerWords | None, box_is_told: bool) -> None:
        """ValueError: it would close a banner whose words are not listed, or whose box is not told."""
        if self.kind != "close":
            return
        if rules is None or not box_is_told:
            raise ValueError(
                _(
                    "guard {guard!r} closes a banner: its press needs a within of plain css (or means = "
                    '"overlay"), and the profile a table banners',
                    guard=self.says,
                )
            )
        if not self.texts and not any(self.words.values()):
            raise ValueError(_("guard {guard!r} closes a banner: say its words or texts", guard=self.says))

    def lists(self, text: str, labels: str, rules: BannerWords) -> bool:
        """Whether a dialog with this text and these buttons is the banner."""
        if any(plain(text) == plain(listed) for listed in self.texts):
            return True
        said = any(_told(word).search(_folded(text)) for word in _all(self.words))
        return said and not rules.speak_of_orders(_folded(f"{text} {labels}"))


def _all(by_language: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [word for words in by_language.values() for word in words]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@functools.cache
def _told(word: str) -> re.Pattern[str]:
    """The word, or what begins with it; Chinese has no spaces, and may have them anywhere."""
    word = _folded(word)
    if any(char >= "\u2e80" for char in word):
        return re.compile(r"\s*".join(map(re.escape, word.replace(" ", ""))))
    return re.compile(rf"(?<![a-z\u00df-\u024f]){re.escape(word)}")  # a Chinese sign may stand before it
