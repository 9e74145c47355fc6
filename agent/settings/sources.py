"""Reads settings layer by layer, and notes what is wrong in each.

Each place becomes a ``Layer`` of nested values; ``agent.settings.settings`` lays them over one another. The
library's own sources would not do: they pass over a name that is not known, say of no value where it stands,
replace ``${…}`` even in a .env's single quotes, and read UTF-8 only.
"""

from __future__ import annotations

import difflib
import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.settings.files import FILES, PREFIX, anchor, decoded, nearest

PARTED = "__"


@dataclass
class Layer:
    """One place's settings: nested ``values``, and ``lines`` of the file by variable, where it has any."""

    origin: str
    values: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    """A sentence on each thing here that cannot be a setting; it is in no ``values``."""
    meant: list[list[str]] = field(default_factory=list)
    """The settings that mistyped names are nearest to: that those are missing is no mistake of its own."""

    def where(self, variable: str) -> str:
        """The place, with the line of the variable."""
        line = self.lines.get(variable)
        return _("{origin}, line {line}", origin=self.origin, line=line) if line else self.origin


@dataclass(frozen=True)
class Known:
    """What may be set: the names of the settings, and of what an account has."""

    settings: frozenset[str]
    account: frozenset[str]


def find_layers(  # noqa: PLR0917 - called once, in the order of the docstring
    settings: type[BaseModel],
    account: type[BaseModel],
    overrides: Mapping[str, Any],
    environ: Mapping[str, str],
    cwd: Path,
    user_data: Callable[[], Path],
) -> list[Layer]:
    """All layers, the strongest first, each with its mistakes.

    ``.env`` and ``unsell.toml`` are each looked for in ``cwd``, else above it (``nearest``), else in the home
    folder, which may itself be named by one of them.
    """
    known = Known(frozenset(settings.model_fields), frozenset(account.model_fields))
    layers = [
        _from_dict(_("the command line"), overrides, known),
        _from_names(_("the environment"), {name: _utf8(text) for name, text in environ.items()}, known),
    ]
    here = {name: _read(file, cwd, known) for name in FILES if (file := nearest(name, cwd))}
    home = _path(cwd, "UNSELL_HOME", _first([*layers, *here.values()], "home") or user_data())
    left = [home / name for name in FILES if name not in here and home != cwd]
    there = {file.name: _read(file, cwd, known) for file in left if file.is_file()}
    for layer in there.values():
        if layer.values.pop("home", None) is not None:
            said = _(
                "UNSELL_HOME stands in {origin}, which lies in that very folder: remove it there",
                origin=layer.origin,
            )
            layer.mistakes.append(said)
    found = here | there
    layers += [found[name] for name in (".env",) if name in found]
    secrets = _first([*layers, *found.values()], "secrets_dir")
    if secrets:
        layers.append(_secrets(settings, _path(cwd, "UNSELL_SECRETS_DIR", secrets), known))
    layers += [found[name] for name in ("unsell.toml",) if name in found]
    return [Layer("", {"home": home}), *layers]


def _read(file: Path, cwd: Path, known: Known) -> Layer:
    try:
        layer = (_toml if file.suffix == ".toml" else _dotenv)(file, known)
    except UsageError as error:  # the file as a whole: the other places are looked at all the same
        return Layer(str(file), {}, mistakes=[str(error)])
    if file.parent != cwd:
        anchor(layer.values, file.parent)
    return layer


def _dotenv(file: Path, known: Known) -> Layer:
    from dotenv.parser import parse_stream

    names: dict[str, str] = {}
    lines: dict[str, int] = {}
    mistakes: list[str] = []
    # Parsed without the library's interpolation, which replaces ${…} even inside single quotes.
    for binding in parse_stream(io.StringIO(decoded(file))):
        text = binding.original.string
        line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
        if binding.error and PREFIX in text:
            said = _(
                "{file}, line {line}: not understood; write NAME='value' with both quotes",
                file=file,
                line=line,
            )
            mistakes.append(said)
        if binding.key and binding.value is not None:
            names[binding.key] = binding.value
            lines[binding.key.upper()] = line
    layer = _from_names(str(file), names, known, lines)
    layer.mistakes[:0] = mistakes
    return layer


def _toml(file: Path, known: Known) -> Layer:
    try:
        values = tomllib.loads(decoded(file))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(_("{file} is not valid TOML: {error}", file=file, error=error)) from None
    return _from_dict(str(file), values, known)


def _secrets(settings: type[Any], folder: Path, known: Known) -> Layer:
    from pydantic_settings import NestedSecretsSettingsSource, SecretsSettingsSource

    try:
        source = NestedSecretsSettingsSource(
            SecretsSettingsSource(settings, secrets_dir=folder),
            secrets_dir_missing="error",
            secrets_nested_delimiter=PARTED,
        )
    except (ValueError, OSError, RuntimeError) as error:  # too much of it, no text, a loop of links
        why = _("a file in it is not UTF-8 text") if isinstance(error, UnicodeDecodeError) else str(error)
        said = _("UNSELL_SECRETS_DIR={folder} cannot be read: {why}", folder=short(folder), why=why)
        return Layer("", {}, mistakes=[said])
    names = {name: value for name, value in source.env_vars.items() if value is not None}
    return _from_names(_("the secrets folder {folder}", folder=folder), names, known)


def _utf8(text: str) -> str:
    """An environment's text. In a C locale (cron) Python leaves UTF-8 undecoded, as lone surrogates."""
    try:
        return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:  # bytes of another encoding: as they came
        return text


def _from_names(
    origin: str, names: Mapping[str, str], known: Known, lines: dict[str, int] | None = None
) -> Layer:
    """A layer from flat variables; those of other programs are passed over."""
    layer = Layer(origin, {}, lines or {})
    for name, value in names.items():
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper.startswith(f"{PREFIX}SMOKE_"):
            _check_prefix(upper, layer, known)
            continue
        path = upper.removeprefix(PREFIX).lower().split(PARTED)
        if not _is_known(path, upper, layer, known):
            continue
        if value == "" and path != ["practice"]:
            continue  # a CI or Compose file leaves a variable empty to leave it out
        _put(layer.values, path, value)
    return _checked(layer)


def _from_dict(origin: str, values: Mapping[str, Any], known: Known) -> Layer:
    """A layer from nested values, keys as the fields are called."""
    layer = Layer(origin, {})
    for path, value in _leaves(values):
        if value == {}:
            if path[0] == "accounts" and len(path) == 2:
                _put(layer.values, path, {})  # an empty account is reported with what it lacks
            continue
        if not (
            _is_note(path, layer) if path[0] == "notes" else _is_known(path, ".".join(path), layer, known)
        ):
            continue
        if value is None or (value == "" and path != ["practice"]):
            continue
        _put(layer.values, path, value)
    return _checked(layer)


def _checked(layer: Layer) -> Layer:
    # Left empty by a failed $(…), this one variable would turn a practice run into a run on real sites.
    if layer.values.get("practice") == "":
        del layer.values["practice"]
        said = _(
            "UNSELL_PRACTICE (from {place}) is empty: give HOST:PORT, or remove it to use the real sites",
            place=layer.where("UNSELL_PRACTICE"),
        )
        layer.mistakes.append(said)
    return layer


def _is_known(path: list[str], said: str, layer: Layer, known: Known) -> bool:
    """Whether there is such a setting; where there is none, it is noted with the nearest."""
    plain = known.settings - {"accounts", "notes"}
    if len(path) == 3 and path[0] == "accounts" and path[1]:
        wrong, choices = path[2], {p: [*path[:2], p] for p in known.account}
    elif path[0] == "accounts":
        layer.mistakes.append(
            _(
                "{said} (from {place}) is not a setting: an account's are written "
                "UNSELL_ACCOUNTS__<NAME>__PLATFORM and so on, or [accounts.<name>]",
                said=said,
                place=layer.where(said),
            )
        )
        return False
    else:
        wrong, choices = PARTED.join(path), {p: [p] for p in plain}
    if wrong in choices:
        return True
    path = choices[difflib.get_close_matches(wrong, choices, n=1, cutoff=0.0)[0]]
    full = PREFIX + PARTED.join(path).upper() if said.startswith(PREFIX) else ".".join(path)
    _no_setting(said, full, layer)
    layer.meant.append(path)
    return False


def _no_setting(said: str, full: str, layer: Layer) -> None:
    words = _(
        "{said} (from {place}) is not a setting; the nearest is {full}",
        said=said,
        place=layer.where(said),
        full=full,
    )
    layer.mistakes.append(words)


def _check_prefix(name: str, layer: Layer, known: Known) -> None:
    """Notes ``UNSEL_PRACTICE`` and the like: passed over, it would mean the real sites."""
    for length in (len(PREFIX) - 1, len(PREFIX), len(PREFIX) + 1):
        rest = name[length:].lower()
        if not rest or not _one_slip(name[:length], PREFIX):
            continue
        near = [rest] if rest.startswith("accounts__") else difflib.get_close_matches(rest, known.settings, 1)
        if near:
            _no_setting(name, PREFIX + near[0].upper(), layer)
            return


def _one_slip(text: str, wanted: str) -> bool:
    """Whether one letter is missing, too many or another, or two neighbours have changed places."""
    if len(text) == len(wanted):
        off = [n for n, (a, b) in enumerate(zip(text, wanted, strict=True)) if a != b]
        swapped = len(off) == 2 and text[off[0] : off[1] + 1] == wanted[off[0] : off[1] + 1][::-1]
        return len(off) == 1 or (swapped and off[1] - off[0] == 1)
    longer, shorter = sorted((text, wanted), key=len, reverse=True)
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))


def _is_note(path: list[str], layer: Layer) -> bool:
    """Whether an explanation is for a reason that there is; where it is not, it is noted."""
    from agent.domain.order import Reason

    if len(path) == 1 or path[1] in list(Reason):
        return True
    near = difflib.get_close_matches(path[1], list(Reason), n=1, cutoff=0.0)[0]
    said = _(
        "{path} (from {origin}) is not a reason; the nearest is notes.{near}",
        path=".".join(path),
        origin=layer.origin,
        near=near,
    )
    layer.mistakes.append(said)
    return False


def _leaves(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> list[tuple[list[str], Any]]:
    found: list[tuple[list[str], Any]] = []
    for key, value in values.items():
        here = (*path, str(key))
        inner = value.model_dump(exclude_unset=True) if isinstance(value, BaseModel) else value
        found += _leaves(inner, here) if isinstance(inner, Mapping) and inner else [(list(here), inner)]
    return found


def _put(values: dict[str, Any], path: list[str], value: object) -> None:
    *above, last = path
    for key in above:
        values = values.setdefault(key, {})
    values[last] = value


def at(values: Mapping[str, Any], path: list[str]) -> Any:
    found: Any = values
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _path(cwd: Path, variable: str, text: str | Path) -> Path:
    try:
        return cwd / Path(text).expanduser()
    except RuntimeError:
        raise UsageError(
            _(
                "{variable}={text} begins with the home of a user who is not known",
                variable=variable,
                text=short(text),
            )
        ) from None


def _first(layers: list[Layer], name: str) -> str | None:
    return next((str(la.values[name]) for la in layers if name in la.values), None)


def short(value: object) -> str:
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return text if len(text) <= 60 else text[:59] + "…"
