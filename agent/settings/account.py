"""One account, as the settings have it: what it may hold, and the check of each part."""

from __future__ import annotations

import difflib
import ipaddress
import re
import shlex
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from agent.domain.i18n import _
from agent.domain.order import Action, Reason, Role, State, Via, WaitsFor
from agent.domain.totp import code_at

ACCOUNT_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
"""What an account may be called; no double underscore, which separates the parts of a variable's name."""
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
"""A trimmed text; never used for a password, whose blanks count."""


class Account(BaseModel):
    """One shop or buyer on one platform: ``UNSELL_ACCOUNTS__<NAME>__…`` or ``[accounts.<name>]``."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    platform: Text
    """The marketplace; one that has a file in ``selectors/``."""
    role: Role = Role.SELLER
    """``seller`` or ``buyer``; the platform's profile says which of them it has."""
    site: Text = Field(min_length=1)
    """The site's name as in its address, in lower case; the platform's profile lists them."""
    locale: Text | None = None
    """The language that the console speaks (``en``, ``zh-CN``); None: the first that the profile knows."""
    title: Text | None = None
    """The shop's name in any script, unique, accepted wherever an account is named."""
    username: Text | None = None
    """For sign-in; without it a person signs in by ``unsell login``."""
    password: SecretStr | None = None
    """For sign-in. Read it with ``password_of``, which also looks in the keyring."""
    totp_secret: SecretStr | None = None
    """Base32, for one-time codes. Read it with ``totp_secret_of``, which also looks in the keyring."""
    shown_as: Text | None = None
    """The name that the console shows when this account is signed in; None: learnt at the first sign-in."""
    proven: bool = False
    """A person has watched a submit of this account go through on the real site."""
    cdp_url: Text | None = Field(default=None, repr=False)
    """The debugging address of a browser that a person already has open and signed in."""
    open_command: Text | None = Field(default=None, repr=False)
    """A command that opens this shop's own browser and prints its debugging address."""

    @property
    def attached(self) -> bool:
        """Whether it works in a browser that a person has open and signed in."""
        return bool(self.cdp_url or self.open_command)

    @field_validator("platform", mode="after")
    @classmethod
    def _platform(cls, value: str) -> str:
        known, value = known_platforms(), value.lower()
        if value not in known:
            raise ValueError(
                _(
                    "is not a known platform{value}; known: {known}",
                    value=_nearest(value, known),
                    known=", ".join(known) or _("none"),
                )
            )
        return value

    @field_validator("role", "site", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("locale")
    @classmethod
    def _locale(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?", value)
        if not parts:
            raise ValueError(_("must be a language such as en, de or zh-CN"))
        return parts[1].lower() + (f"-{parts[2].upper()}" if parts[2] else "")

    @field_validator("totp_secret")
    @classmethod
    def _totp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = re.sub(r"[\s-]", "", value.get_secret_value()).upper()
        if not re.fullmatch(r"[A-Z2-7]{8,}=*", text):
            raise ValueError(_("must be the secret in base32 (letters and 2 to 7), not a six-digit code"))
        try:
            code_at(text, 0)
        except ValueError:
            raise ValueError(_("is cut off: base32 of that length means nothing, copy it again")) from None
        return SecretStr(text)

    @field_validator("cdp_url")
    @classmethod
    def _cdp_url(cls, value: str | None) -> str | None:
        if not value:
            return None
        place = (
            urlsplit(value)
            if re.match(r"(http|ws)://(\[[^\]/\s]+\]|[^/\s:@]+):\d{1,5}(/|$)", value)
            else None
        )
        if place is None:
            raise ValueError(_("must be a debugging address such as http://127.0.0.1:9222"))
        if not on_this_machine(place.hostname):
            raise ValueError(
                _("must be on this machine, such as http://127.0.0.1:9222: such an address is open")
            )
        return value

    @field_validator("open_command")
    @classmethod
    def _open_command(cls, value: str | None) -> str | None:
        try:
            return value if value and command_words(value) else None
        except ValueError:
            raise ValueError(_("has a quotation mark that is not closed")) from None

    @model_validator(mode="after")
    def _one_browser(self) -> Account:
        if self.cdp_url and self.open_command:
            raise ValueError(_("has both CDP_URL and OPEN_COMMAND; keep one of them"))
        return self


def named_by(secret: SecretStr | None, accounts: Mapping[str, Account], home: Path | None) -> str | None:
    """Which of our own names contains the secret; None: no name that must stay legible.

    A secret of digits is blotted only as a whole word, and one of fewer than four characters not at all.
    """
    text = secret.get_secret_value() if secret else ""
    if len(text) < 4:
        return None
    words = [word.value for kind in (State, WaitsFor, Reason, Action, Via, Role) for word in kind]
    own = {
        _("the name of an account"): [*accounts, *(one.shown_as or "" for one in accounts.values())],
        _("the title of a shop"): [one.title or "" for one in accounts.values()],
        _("a user name"): [one.username or "" for one in accounts.values()],
        _("the name of a platform"): [*known_platforms(), *(one.site for one in accounts.values())],
        _("a word of the results"): [*words, "evidence", "manifest.json", "screenshots", "https://www."],
        _("the path of UNSELL_HOME"): [str(home or "")],
    }
    whole = rf"(?<!\w){re.escape(text)}(?!\w)" if text.isdecimal() else re.escape(text)
    return next((what for what, names in own.items() if any(re.search(whole, n) for n in names)), None)


def on_this_machine(host: str | None) -> bool:
    """Whether this is a loopback address, or the name of one."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def command_words(command: str) -> list[str]:
    """A command's program and arguments, for a start without a shell; quotation marks hold together."""
    if sys.platform != "win32":
        return shlex.split(command)
    words = shlex.split(command, posix=False)  # a backslash separates folders there
    return [w[1:-1] if len(w) > 1 and w[0] == w[-1] and w[0] in "\"'" else w for w in words]


def known_platforms() -> list[str]:
    """The names of the platforms that have a file in the selectors folder (checkout, else wheel)."""
    here = Path(__file__).resolve().parent.parent
    folders = [f for f in (here.parent / "selectors", here / "_selectors") if f.is_dir()]
    return sorted(file.stem for file in folders[0].glob("*.toml")) if folders else []


def folded(text: str) -> str:
    """A name as it is compared: NFKC, case-folded, trimmed."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return _(" (did you mean {near}?)", near=near[0]) if near else ""
