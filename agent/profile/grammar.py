"""What an unlisted state seems to mean, only by the words of the trade.

A guess counts less than a listed sentence: it settles an order only where a second page agrees, never says
that there is no cancellation, and is never asked about a control or a reason.
"""

from __future__ import annotations

from typing import NamedTuple

from agent.domain.order import Asker, Role, Verdict
from agent.domain.text import plain
from agent.profile.statuses import ProfileEntry


class Guess(NamedTuple):
    verdict: Verdict
    asker: Asker


class Grammar(ProfileEntry):
    """Beginnings and parts of words, in any of the platform's languages."""

    cancelling: tuple[str, ...]
    """What it must speak of."""
    negations: tuple[str, ...]
    """With one of these nothing is guessed."""
    open: tuple[str, ...]
    """It was asked for, and is not decided."""
    done: tuple[str, ...]
    waiting: tuple[str, ...]
    """Whoever is named right behind these is waited for, and did not ask."""
    parties: dict[Role, tuple[str, ...]]

    def guess(self, text: str, role: Role) -> Guess | None:
        """What a state says to an account of this role. None: no cancellation, or not to be told."""
        said = plain(text)
        if not _any(self.cancelling, said) or _any(self.negations, said):
            return None
        if _any(self.open, said):
            return Guess(Verdict.PENDING, self._asker(said, role))
        return Guess(Verdict.CANCELLED, self._asker(said, role)) if _any(self.done, said) else None

    def _asker(self, said: str, role: Role) -> Asker:
        """The other party, where it is named as anything but the one that is waited for."""
        other = next(one for one in Role if one is not role)
        for word in map(plain, self.parties.get(other, ())):
            for waits in map(plain, self.waiting):
                said = said.replace(waits + word, "")
            if word in said:
                return Asker(other.value)
        return Asker.UNKNOWN


def _any(words: tuple[str, ...], said: str) -> bool:
    return any(plain(word) in said for word in words)
