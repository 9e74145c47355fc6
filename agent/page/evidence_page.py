"""The page of one attempt's evidence, in words for people; the manifest beside it is for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.domain.i18n import N_, _, language
from agent.domain.labels import in_words, named, place, reason_words, shop, waits_words
from agent.domain.order import Reason, Role, State, Via, WaitsFor
from agent.domain.redact import clean

_NAMES: Mapping[str, str] = {
    "order_no": N_("order"), "account": N_("account"), "platform": N_("platform"), "role": N_("role"),
    "signed_in_as": N_("signed in as"), "reason": N_("reason"), "note": N_("note"), "buyer": N_("buyer"),
    "total": N_("order total"), "items": N_("goods"), "reason_label": N_("reason on the form"),
    "button": N_("button"), "state": N_("state"), "waits_for": N_("waits for"), "detail": N_("detail"),
    "site_state": N_("state on the page"), "submits": N_("submits"), "seconds": N_("seconds"),
    "updated_at": N_("last change"), "via": N_("control"), "offered": N_("reasons offered"),
    "evidence": N_("evidence"), "code": N_("code"), "signs": N_("signs"),
    "selectors_checked": N_("selectors checked"), "action": N_("action"),
}  # fmt: skip
"""What a person reads in place of the manifest's names."""
_FOR_ENGINEERS = ("selectors_checked", "signs", "code", "evidence")
_NOTES: Mapping[str, str] = {
    "signed in as": N_("signed in as"),
    "the form answered": N_("the form answered"),
    "the form, filled in": N_("the form, filled in"),
    "no outline": N_("no outline"),
}
"""The notes of a step that are said in the user's language; what they hold is the page's own."""
_ROLES: Mapping[str, str] = {Role.SELLER: N_("seller"), Role.BUYER: N_("buyer")}
_CONTROLS: Mapping[str, str] = {Via.CANCEL: N_("cancel the order"), Via.REFUND: N_("apply for a refund")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One step on the page. ``at``: its time, on this machine's clock; ``notes`` are whole lines."""

    n: int
    id: str
    label: str
    at: str
    seconds: float
    url: str
    error: str | None
    notes: list[str]
    files: list[str]


def page_of(facts: Mapping[str, Any], steps: Iterable[Mapping[str, Any]]) -> str:
    """Return the page as HTML without secrets. ``facts`` and ``steps`` are the manifest's."""
    told = {name: value for name, value in facts.items() if value is not None and value not in ("", [], ())}
    people = {name: value for name, value in told.items() if name not in _FOR_ENGINEERS}
    page = _PAGES.get_template("evidence.html").render(
        title=facts.get("order_no") or "", place=place(facts.get("account") or ""), lang=language(),
        facts=[_fact(name, value, told) for name, value in people.items()],
        details=[_fact(name, told[name], told) for name in _FOR_ENGINEERS if name in told],
        steps=[_section(step) for step in steps], seconds=_("s"), engineers=_("for engineers"),
    )  # fmt: skip
    return clean(page)


def _fact(name: str, value: Any, facts: Mapping[str, Any]) -> tuple[str, str]:
    """A name and its value, both in words."""
    said = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if name == "state":
        waits = facts.get("waits_for")
        said = in_words(State(value), WaitsFor(waits) if waits else None)
    elif name == "reason" and value in set(Reason):
        said = reason_words(Reason(value))
    elif name == "account":
        said = shop(said)
    elif name == "waits_for":
        said = waits_words(WaitsFor(value))
    elif name == "updated_at":
        said = _clock(said)
    elif found := {"role": _ROLES, "via": _CONTROLS}.get(name, {}).get(said):
        said = _(found)
    return _(_NAMES[name]) if name in _NAMES else name, said


def _section(step: Mapping[str, Any]) -> Section:
    notes = [
        named(_(_NOTES[name]) if name in _NOTES else name, str(value))
        for name, value in step["notes"].items()
    ]
    return Section(
        n=step["n"], id=step["id"], label=step["label"], at=_clock(step["started_at"]),
        seconds=step["seconds"], url=step["url"], error=step["error"], notes=notes, files=step["files"],
    )  # fmt: skip


def _clock(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
