"""May an order in doubt be submitted once more? The proof that a submit was not received, in all its parts.

Two pages that say "no cancellation" prove little: the form may have said "done", a page may have shown the
cancellation and taken it back, a part of the money may be gone while the order still waits to be shipped.
So each sign of an effect is kept in the order's history, beside what the pages and the form were before the
press, and the ledger asks here before it writes a further intent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from agent.domain.codes import Code
from agent.domain.i18n import N_, _
from agent.domain.order import FormPrint, SiteReading, State, Verdict
from agent.domain.text import lasting


class Said(StrEnum):
    """What the form itself answered."""

    DONE = "done"
    NO = "no"
    NOTHING = "nothing"
    """No answer: cut off, a 5xx, a 429, a time-out, signed out."""
    OTHER = "other"
    """The site did answer, in words that are not listed."""
    UNLISTED = "unlisted"
    """A confirmation that the profile does not list was opened, and left alone."""
    LATER = "later"
    """Only for messages: too many were sent, and this one was not; it may be sent later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The order's pages and its form right before a press: what is kept with the intent."""

    pages: tuple[SiteReading, ...]
    form: FormPrint

    def kept(self) -> dict[str, Any]:
        pages = {r.view: {"words": lasting(r.words), "verdict": r.verdict.value} for r in self.pages}
        return {"pages": pages, "form": {"fields": self.form.fields, "reasons": self.form.reasons}}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReceived:
    """Two pages read after the settle time, and the form as it is offered afresh."""

    readings: tuple[SiteReading, ...]
    form: FormPrint


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A person's permission for one further submit: who gave it, and what they were shown."""

    by: str
    seen: tuple[str, ...]


class Objection(NamedTuple):
    """Why a person has to decide about a further submit."""

    code: Code
    why: str


class _Event(Protocol):
    """A line of an order's history."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


_EFFECTS = (Verdict.PENDING, Verdict.CANCELLED, Verdict.DECLINED)
_ANSWERED = {
    Said.DONE: (Code.THE_FORM_SAID_DONE, N_("the form said that it went through")),
    Said.NO: (Code.THE_FORM_SAID_NO, N_("the form said no")),
    Said.OTHER: (Code.ANSWER_NOT_RECOGNISED, N_("the site answered in words that are not listed")),
    Said.UNLISTED: (Code.QUESTION_NOT_LISTED, N_("a question was asked that is not listed")),
}


def since_begun(history: Sequence[_Event]) -> list[_Event]:
    """What happened since the order was last begun: an earlier cancellation that was declined is over."""
    begun = [n for n, line in enumerate(history) if line.kind == "taken" and line.state is State.QUEUED]
    return list(history[begun[-1] :] if begun else history)


def before(history: Sequence[_Event]) -> Mapping[str, Any] | None:
    """What was kept with the last intent; None: nothing was, or there is no intent."""
    intents = [line for line in since_begun(history) if line.kind == "intended"]
    return intents[-1].detail.get("before") if intents else None


def answered(history: Sequence[_Event]) -> bool:
    """Whether the form's answer to the last intent was kept; a run that was killed kept none."""
    kinds = [line.kind for line in since_begun(history)]
    return "answered" in kinds[kinds.index("intended") :] if "intended" in kinds else False


def was_none(history: Sequence[_Event]) -> bool:
    """Whether no page that was read before the last intent showed any cancellation."""
    pages = (before(history) or {}).get("pages", {})
    return bool(pages) and all(page["verdict"] == Verdict.NONE for page in pages.values())


def is_sign(history: Sequence[_Event], reading: SiteReading) -> bool:
    """Whether a page shows that the submit may have had an effect: not what it said before, and not kept yet.

    A list that does not show the order says nothing.
    """
    if reading.verdict is Verdict.ABSENT or not reading.words:
        return False
    kept = (before(history) or {}).get("pages", {}).get(reading.view)
    other = kept is not None and kept["words"] != lasting(reading.words)
    if reading.verdict is Verdict.UNCLEAR:
        other = other or kept is None
    new = _sign(reading) not in [line.detail for line in since_begun(history) if line.kind == "seen"]
    return new and (other or reading.verdict in _EFFECTS)


def _sign(reading: SiteReading) -> dict[str, str]:
    return {"view": reading.view, "verdict": reading.verdict.value, "words": reading.words}


def objection(history: Sequence[_Event], readings: Sequence[SiteReading | None]) -> Objection | None:
    """Why these two readings do not prove that nothing was received; None: they do, but for the form."""
    pages = [r for r in readings if r is not None and r.verdict is Verdict.NONE]
    if len({r.view for r in pages}) < 2 or len(pages) < len(readings):
        return Objection(Code.UNCLEAR_AFTER_SETTLING, _("no two pages say that there is no cancellation"))
    return _by_what_was_seen(history) or _by_the_answer(history) or _by_the_words(history, pages)


def objection_to_form(history: Sequence[_Event], form: FormPrint) -> Objection | None:
    """Why the form that is offered now is not the one that was pressed."""
    kept = (before(history) or {}).get("form")
    now = {"fields": list(form.fields), "reasons": list(form.reasons)}
    if kept is not None and {name: list(value) for name, value in kept.items()} == now:
        return None
    why = _("the form has other fields or reasons than before: {offered}", offered="; ".join(form.reasons))
    return Objection(Code.FORM_NOT_AS_BEFORE, why)


def _by_the_answer(history: Sequence[_Event]) -> Objection | None:
    for line in since_begun(history):
        if line.kind == "answered" and (found := _ANSWERED.get(Said(line.detail["said"]))):
            code, why = found
            return Objection(code, f"{_(why)} ({line.detail['words']})")
    return None


def _by_what_was_seen(history: Sequence[_Event]) -> Objection | None:
    for line in since_begun(history):
        if line.kind == "seen":
            words = f"{line.detail['view']}: {line.detail['words']}"
            if line.detail["verdict"] == Verdict.NONE:
                return Objection(
                    Code.NOT_AS_BEFORE, _("the page changed after the submit ({words})", words=words)
                )
        elif line.state.value in _EFFECTS:
            words = str(line.detail.get("site_state") or line.state.value)
        else:
            continue
        return Objection(
            Code.SEEN_AND_GONE, _("after the submit a page showed what is gone again ({words})", words=words)
        )
    return None


def _by_the_words(history: Sequence[_Event], readings: Sequence[SiteReading]) -> Objection | None:
    kept = (before(history) or {}).get("pages", {})
    same = [kept[r.view]["words"] == lasting(r.words) for r in readings if r.view in kept]
    if same and all(same):
        return None
    words = "; ".join(f"{r.view}: {r.words}" for r in readings)
    return Objection(
        Code.NOT_AS_BEFORE, _("the pages do not say what they said before the submit ({words})", words=words)
    )
