"""``unsell init``: asks for platform, site and shop, and adds the account to ``unsell.toml``; no password."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.domain.errors import UsageError
from agent.domain.files import write_shared
from agent.domain.i18n import _
from agent.profile.profile import Profile, load, platforms
from agent.settings.settings import Settings, folded
from agent.settings.sources import decoded

Ask = Callable[[str, str | None], str]
"""Puts a question, with the answer that Enter gives; returns what was answered."""


def init(settings: Settings, ask: Ask, say: Callable[[str], None], cwd: Path) -> tuple[str, Path]:
    """Ask, write, and return the account's name and the file. UsageError where the file cannot take it.

    The file is the one that is read already (the current folder's, else the home folder's), else a new one
    in the current folder. What stands in it stays as it is, byte for byte.
    """
    profiles = {name: load(name, settings.home) for name in platforms()}
    profile = profiles[_one_of(profiles, _("platform"), None, ask, say)]
    site = _one_of(profile.sites, _("site"), profile.sites[0], ask, say)
    title = _shop(settings, ask, say)
    name = _name_for(title, profile, settings)
    values = {"platform": profile.platform, "role": profile.roles[0].value, "site": site}
    if title != name:
        values["title"] = title
    there = [folder / "unsell.toml" for folder in (cwd, settings.home)]
    file = next((one for one in there if one.is_file()), there[0])
    _add(file, name, values)
    return name, file


def _one_of(known: Mapping[str, Profile] | tuple[str, ...], what: str, usual: str | None, ask: Ask,
            say: Callable[[str], None]) -> str:  # fmt: skip
    while True:
        given = ask(f"{what} ({', '.join(known)})", usual).strip().lower()
        if given in known:
            return given
        say(_("{given!r} is no {what} that is known here", given=given, what=what))


def _shop(settings: Settings, ask: Ask, say: Callable[[str], None]) -> str:
    taken = {folded(called) for n, a in settings.accounts.items() for called in (n, a.title or n)}
    while True:
        title = " ".join(unicodedata.normalize("NFC", ask(_("shop name, in any script"), None)).split())
        if folded(title) in taken:
            say(_("{title!r} is set up already: give another name", title=title))
        elif title and title.isprintable():
            return title
        else:
            say(_("give the name by which you call this shop"))


def _name_for(title: str, profile: Profile, settings: Settings) -> str:
    """The account's name for commands and variables: the shop's own where it is in Latin letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    whole = title.isascii() or len(plain) == len(title)
    name = "_".join(re.findall(r"[a-z0-9]+", plain)) if whole else ""
    name = name or f"{profile.platform}1"
    stem, number = re.sub(r"\d+$", "", name), 1
    while name in settings.accounts:
        number += 1
        name = f"{stem}{number}"
    return name


def _add(file: Path, name: str, values: Mapping[str, str]) -> None:
    """Append the account's table, in the file's own encoding and line ends; atomically."""
    old, text = b"", ""
    if file.is_file():
        old, text = file.read_bytes(), decoded(file)
    codec = "utf-8" if not old or old.decode("utf-8", "ignore").encode() == old else "gb18030"
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"[accounts.{name}]", *(f"{key} = {_quoted(value)}" for key, value in values.items()), ""]
    gap = "" if not text else end if text.endswith("\n") else end * 2
    added = gap + end.join(lines)
    try:
        before, after = tomllib.loads(text), tomllib.loads(text + added)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            _(
                "{file} cannot take a new account ({error}): mend it, or add by hand {lines}",
                file=file,
                error=error,
                lines="; ".join(lines[:-1]),
            )
        ) from None
    before.setdefault("accounts", {})[name] = dict(values)
    if before != after:
        raise UsageError(
            _(
                "{file} would read otherwise with a new account: add by hand {lines}",
                file=file,
                lines="; ".join(lines[:-1]),
            )
        )
    write_shared(file, old + added.encode(codec))


def _quoted(text: str) -> str:
    """A TOML string; for printable text JSON's is one."""
    return json.dumps(text, ensure_ascii=False)
