"""What a bug report needs, in one file: how the last attempts went, and nothing of anybody's.

Only what is listed here goes in. Of a page's outline the controls stay, with texts that a profile knows or
that a button bears; every other text becomes a placeholder, the same one for the same text.
"""

from __future__ import annotations

import io
import json
import platform as machine
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.domain.errors import UsageError
from agent.domain.files import private_folder, write_private
from agent.domain.i18n import _
from agent.domain.redact import clean

if TYPE_CHECKING:
    from agent.profile.profile import Profile
    from agent.settings.settings import Settings

_ATTEMPTS = 5
_LARGEST = 100_000_000
"""Bytes of a bundle that is read, unpacked."""
_LINE = re.compile(r'^(\s*- )(\w+)(?: "((?:\\.|[^"\\])*)")?')
_BEARS = {"button", "menuitem", "tab"}
"""Roles whose text is the site's own."""
_SHORT = 24
_SETTINGS = (
    "lang",
    "headless",
    "settle_seconds",
    "pace_seconds",
    "step_timeout_seconds",
    "max_submits_per_run",
)
_STEP = ("n", "id", "seconds", "attempts", "drift")
_OUTCOME = ("state", "code", "waits_for", "submits", "via")


class Placeholders:
    """``TEXT-1`` for the first text that may not be told, and so on: the same text is the same one.

    ``people``: names of shops and buyers, none of whose words is told on a button either ("Hi Jane!").
    """

    def __init__(self, profiles: Mapping[str, Profile], people: Iterable[str] = ()) -> None:
        self._people = {_plain(part) for name in people for part in (name, *re.findall(r"\w{3,}", name))} - {
            ""
        }
        self._greetings = [one for profile in profiles.values() for one in profile.greetings]
        self._known = {_plain(word) for profile in profiles.values() for word in _words(profile)}
        self._given: dict[str, str] = {}

    def of(self, text: str, role: str = "") -> str:
        """The text itself, where it is a profile's or a short one on a button; else what stands for it."""
        own = role in _BEARS and len(text) <= _SHORT and not re.search(r"[\d@]", text)
        own = own and not self._names_somebody(text)
        if not text or own or _plain(text) in self._known:
            return text
        return self._given.setdefault(text, f"TEXT-{len(self._given) + 1}")

    def _names_somebody(self, text: str) -> bool:
        greets = any(re.match(one, text, re.IGNORECASE) for one in self._greetings)
        return greets or any(one in _plain(text) for one in self._people)


def write(settings: Settings, profiles: Mapping[str, Profile], *, pictures: bool) -> Path:
    """Write the bundle into the reports of this home, for its owner only. UsageError: nothing to tell of."""
    manifests = sorted(settings.evidence_dir.glob("*/*/*/manifest.json"), key=lambda one: one.parent.name)
    if not manifests:
        raise UsageError(_("there is no evidence yet: run something first, a dry run for example"))
    words = Placeholders(profiles, _people(settings, manifests[-_ATTEMPTS:]))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("about.json", _json(_about(settings)))
        for name in profiles:
            own = settings.home / "selectors" / f"{name}.toml"
            if own.is_file():
                bundle.writestr(f"selectors/{name}.toml", clean(own.read_text(encoding="utf-8")))
        for number, file in enumerate(manifests[-_ATTEMPTS:], 1):
            for name, content in _attempt(file.parent, words, pictures=pictures):
                bundle.writestr(f"attempts/{number}/{name}", content)
    folder = settings.state / "reports"
    private_folder(folder)
    target = folder / f"bundle-{datetime.now(UTC):%Y%m%dT%H%M%S}.zip"
    write_private(target, data.getvalue())
    return target


def unpacked(file: Path, folder: Path) -> list[Path]:
    """The attempts of a bundle, unpacked into ``folder``, or this evidence folder. UsageError: neither."""
    if (file / "manifest.json").is_file():
        return [file]
    try:
        with zipfile.ZipFile(file) as bundle:
            if sum(one.file_size for one in bundle.infolist()) > _LARGEST:
                raise UsageError(_("{file} is too large for a bundle", file=file))
            bundle.extractall(folder)
    except (OSError, zipfile.BadZipFile):
        raise UsageError(_("{file} is no bundle and no evidence folder", file=file)) from None
    found = [one.parent for one in sorted(folder.glob("attempts/*/manifest.json"))]
    if not found:
        raise UsageError(_("{file} is no bundle and no evidence folder", file=file))
    return found


def _about(settings: Settings) -> dict[str, Any]:
    accounts = [
        {"platform": one.platform, "role": str(one.role), "site": one.site, "locale": one.locale}
        for one in settings.accounts.values()
    ]
    return {
        "unsell": version("unsell"), "python": machine.python_version(), "system": machine.platform(),
        "practice": settings.practice is not None, "accounts": accounts,
        "settings": {name: getattr(settings, name) for name in _SETTINGS},
    }  # fmt: skip


def _people(settings: Settings, manifests: Iterable[Path]) -> Iterator[str]:
    """The names of this user's shops, and of the buyers of these attempts."""
    for name, account in settings.accounts.items():
        yield from filter(None, (name, account.title, account.username, account.shown_as))
    for file in manifests:
        told = json.loads(file.read_text(encoding="utf-8"))
        yield from filter(None, (told.get("signed_in_as"), told.get("buyer")))


def _attempt(folder: Path, words: Placeholders, *, pictures: bool) -> Iterator[tuple[str, str | bytes]]:
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    outcome = told.get("outcome") or {}
    yield (
        "manifest.json",
        _json(
            {
                "platform": folder.parent.parent.name if folder.parent.name != "_sign-in" else "",
                "kind": folder.name.partition("-")[2],
                "day": folder.name[:8],
                "outcome": {name: outcome.get(name) for name in _OUTCOME},
                "steps": [_step(step) for step in told.get("steps", ())],
            }
        ),
    )
    for file in sorted(folder.glob("*.outline.yaml")):
        lines = file.read_text(encoding="utf-8").splitlines()
        yield file.name, "\n".join(line for line in (_line(one, words) for one in lines) if line) + "\n"
    for file in sorted(folder.glob("*.jpg")) if pictures else ():
        yield file.name, file.read_bytes()


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    address = urlsplit(step.get("url") or "")
    return {
        **{name: step.get(name) for name in _STEP},
        "url": f"{address.hostname or ''}{re.sub(r'[^/]*[0-9][^/]*', '…', address.path)}",
        "failed": bool(step.get("error")),
        "matched": [{"element": one["element"], "by": one.get("by", "")} for one in step.get("matched", ())],
        "notes": {"missing": list(step.get("notes", {}).get("missing", ()))},
    }


def _line(line: str, words: Placeholders) -> str:
    """One control of an outline; "" for what is none (texts, addresses)."""
    found = _LINE.match(line)
    if not found or found[2] == "text":
        return ""
    text = json.loads(f'"{found[3]}"') if found[3] else ""
    told = json.dumps(words.of(text, found[2]), ensure_ascii=False)
    return f"{found[1]}{found[2]}" + (f" {told}" if text else "")


def _words(profile: Profile) -> Iterator[str]:
    """What this platform's profile knows of the site's words."""
    for element in profile.element.values():
        for names in element.names.values():
            yield from names
    for status in profile.status:
        yield from status.words


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _json(value: Any) -> str:
    return clean(json.dumps(value, ensure_ascii=False, indent=1, default=str))
