"""Explains what is wrong in the settings: everything at once, a sentence each, no secret in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain.i18n import N_, _
from agent.settings.files import PREFIX
from agent.settings.sources import PARTED, Layer, at, short

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_MOST_SAID = 20

_SHOWN = {
    *("practice", "lang", "headless", "browser_path", "settle_seconds", "pace_seconds", "home"),
    *("step_timeout_seconds", "max_submits_per_run", "keep_evidence_days", "block"),
    *("platform", "role", "site", "locale"),
}
"""The values that a message may repeat; whatever is not listed may be a secret or hold one."""


def explain(error: ValidationError | None, layers: list[Layer]) -> str:
    """All mistakes, those of the layers first: the variable, where it stands, what is wrong. None: ""."""
    told = error.errors(include_url=False) if error else []
    meant = [path for layer in layers for path in layer.meant]
    # A default made from other settings is not made when one of those is wrong: no mistake of its own.
    own = [
        one
        for one in told
        if one["type"] != "default_factory_not_called"
        and not (one["type"] == "missing" and list(one["loc"]) in meant)
    ]
    said = [words for layer in layers for words in layer.mistakes] + [_explained(one, layers) for one in own]
    more = len(said) - _MOST_SAID
    return "\n".join([*said[:_MOST_SAID], *([_("and {more} more", more=more)] if more > 0 else [])])


def _explained(mistake: ErrorDetails, layers: list[Layer]) -> str:
    path = [str(part) for part in mistake["loc"] if isinstance(part, str) and not part.startswith("[")]
    variable = PREFIX + PARTED.join(path).upper()
    words = _words(mistake["type"], mistake["msg"], mistake.get("ctx", {}))
    for layer in layers:
        value = at(layer.values, path)
        if value is not None:
            shown = path[-1] in _SHOWN and isinstance(value, str | int | float | Path)
            said = f"{variable}={short(value)}" if shown else variable
            return _("{said} (from {place}) {words}", said=said, place=layer.where(variable), words=words)
    if mistake["type"] == "missing" and path[0] == "accounts":
        origin = next((la.origin for la in layers if at(la.values, path[:-1]) is not None), _("the settings"))
        words = _(
            "is missing, though account {path} is named in {origin}: set it, or mend the name",
            path=path[1],
            origin=origin,
        )
    return f"{variable} {words}"


_OF_THE_LIBRARY = {
    "float_parsing": N_("must be a valid number"),
    "int_parsing": N_("must be a valid integer"),
    "int_from_float": N_("must be a valid integer"),
    "finite_number": N_("must be a finite number"),
    "greater_than_equal": N_("must be greater than or equal to {ge}"),
    "less_than_equal": N_("must be less than or equal to {le}"),
    "greater_than": N_("must be greater than {gt}"),
    "literal_error": N_("must be {expected}"),
    "enum": N_("must be {expected}"),
    "string_too_short": N_("must have at least {min_length} character"),
    "string_type": N_("must be a text"),
    "missing": N_("is missing: set it"),
}
"""What pydantic says of the kinds of mistake that a setting can have."""


def _words(kind: str, message: str, limits: Mapping[str, Any]) -> str:
    """pydantic's message in the words of a settings file."""
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    if kind.startswith("bool"):
        return _("must be true or false")
    if kind in _OF_THE_LIBRARY:
        return _(_OF_THE_LIBRARY[kind], **limits)
    return message.split(",", 1)[0].replace("Input should", "must").replace("String should", "must")
