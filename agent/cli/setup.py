"""``unsell init``: asks for platform, site and shop, and adds the account to ``unsell.toml``; no password.

What can be known is not asked: a platform with one site has no question for it.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from agent.domain.errors import UsageError
from agent.domain.files import write_shared
from agent.domain.i18n import _
from agent.profile.profile import Profile, load, platforms
from agent.settings.files import decoded, nearest
from agent.settings.settings import Settings, folded

T = TypeVar("T")
Ask = Callable[[str, str | None], str]
"""Puts a question, with the answer that Enter gives; returns what was answered."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says already: not asked for."""

    platform: str | None = None
    site: str | None = None
    title: str | None = None


def init(
    settings: Settings, ask: Ask, say: Callable[[str], None], cwd: Path, given: Given | None = None
) -> tuple[str, Path]:
    """Ask for a shop, write it, and return its account name and the file. UsageError: it cannot be written.

    The file is the one that is read already (in the current folder, above it, or in the home folder), else a
    new one in the current folder. What stands in it stays as it is, byte for byte.
    """
    given = given or Given()
    profiles = {name: load(name, settings.home) for name in platforms()}
    titles = [profile.title for profile in profiles.values()]
    asks = _Questions(ask, say)
    profile = asks.until_understood(
        given.platform, _("platform"), titles, None, lambda text: _platform(text, profiles)
    )
    sites = profile.sites
    if len(sites) == 1 and given.site is None:
        site = sites[0]
    else:
        site = asks.until_understood(given.site, _("site"), sites, sites[0], lambda text: _site(text, sites))
    title = _shop(given.title, settings, ask, say)
    name = _name_for(title, profile, settings)
    values = {"platform": profile.platform, "role": profile.roles[0].value, "site": site}
    if title != name:
        values["title"] = title
    at_home = settings.home / "unsell.toml"
    file = nearest("unsell.toml", cwd) or (at_home if at_home.is_file() else cwd / "unsell.toml")
    _add(file, name, values)
    return name, file


@dataclass(frozen=True, slots=True)
class _Questions:
    ask: Ask
    say: Callable[[str], None]

    def until_understood(
        self, given: str | None, what: str, known: Sequence[str], usual: str | None,
        read: Callable[[str], T | None],
    ) -> T:  # fmt: skip
        """Ask until ``read`` understands the answer, and return what it makes of it.

        UsageError where the answer was ``given`` on the command line and is not understood.
        """
        while True:
            asked = given if given is not None else self.ask(f"{what} ({', '.join(known)})", usual)
            found = read(asked.strip())
            if found is not None:
                return found
            sentence = _("{given!r} is no {what} that is known here", given=asked.strip(), what=what)
            if given is not None:
                raise UsageError(f"{sentence}: {', '.join(known)}")
            self.say(sentence)


def _site(text: str, sites: Sequence[str]) -> str | None:
    return text.lower() if text.lower() in sites else None


def _platform(text: str, profiles: Mapping[str, Profile]) -> Profile | None:
    """By its name, or by any word of its title as people write it (half of 敦煌网 is enough)."""
    wanted = folded(text)
    if wanted in profiles:
        return profiles[wanted]
    found = [one for one in profiles.values() if len(wanted) > 1 and wanted in folded(one.title)]
    return found[0] if len(found) == 1 else None


def _shop(given: str | None, settings: Settings, ask: Ask, say: Callable[[str], None]) -> str:
    taken = {folded(called) for n, a in settings.accounts.items() for called in (n, a.title or n)}
    while True:
        text = given if given is not None else ask(_("shop name, in any script"), None)
        title = " ".join(unicodedata.normalize("NFC", text).split())
        if folded(title) in taken:
            problem = _("{title!r} is set up already: give another name", title=title)
        elif title and title.isprintable():
            return title
        else:
            problem = _("give the name by which you call this shop")
        if given is not None:
            raise UsageError(problem)
        say(problem)


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
