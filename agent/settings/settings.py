"""Settings: accounts, limits, paths. One class, read once at the start by ``load``.

Precedence: command line > environment > ``.env`` > files in ``UNSELL_SECRETS_DIR`` > ``unsell.toml`` >
defaults. ``Settings(...)`` by itself reads nothing but its arguments, which is what tests want.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from agent.domain import faults
from agent.domain.errors import UsageError
from agent.domain.files import private_folder
from agent.domain.i18n import Language, _, asked_for, of_the_system
from agent.domain.labels import call_shops, know_places
from agent.domain.order import Reason
from agent.settings.account import (
    ACCOUNT_NAME,
    Account,
    Text,
    command_words,
    folded,
    known_platforms,
    named_by,
    on_this_machine,
)
from agent.settings.blocklist import checked
from agent.settings.explain import explain
from agent.settings.sources import Layer, find_layers

__all__ = [
    "Account",
    "Settings",
    "command_words",
    "folded",
    "known_platforms",
    "load",
    "on_this_machine",
    "password_of",
    "totp_secret_of",
]

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]

_layers: ContextVar[tuple[dict[str, Any], ...]] = ContextVar("_layers", default=())


def _user_data() -> Path:
    from platformdirs import user_data_dir

    return Path(user_data_dir("unsell"))


class Settings(BaseSettings):
    """Everything that can be set. Secrets are ``SecretStr``: printing the object shows none of them."""

    model_config = SettingsConfigDict(
        env_prefix="UNSELL_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(default_factory=_user_data)
    """The folder of ledger, sessions, evidence, reports. Default: the platform's user data folder."""
    database_url: SecretStr | None = None
    """The ledger, SQLite or PostgreSQL. Default: a SQLite file in ``home``. Read it as ``database``."""
    practice: Text | None = None
    """``HOST:PORT`` of practice consoles on this machine; None: the real sites."""
    lang: Language = Field(default_factory=lambda: of_the_system(os.environ))
    """Language of messages, prompts and report. Default: the system's."""
    headless: bool = True
    """Whether the browser runs without a window."""
    browser_path: Path | None = None
    """A Chromium, Chrome or Edge to use. Default: the first that is found."""
    settle_seconds: Seconds = 120
    """The longest time, in seconds, for which a click may still arrive."""
    pace_seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = Field(
        default_factory=lambda given: 0.0 if given.get("practice") else 5.0
    )
    """The least time between two orders of one account, seconds. Default: 5, in practice 0."""
    step_timeout_seconds: Seconds = 30
    """The longest that one step may take, seconds."""
    max_submits_per_run: Annotated[int, Field(ge=1, le=100_000)] = 50
    """One account stops after this many submits in a run."""
    session_key: SecretStr | None = None
    """A Fernet key (32 bytes in base64) that encrypts saved sign-in state; None: one is made and kept."""
    keep_evidence_days: Annotated[int, Field(ge=1, le=36_500)] = 180
    """``unsell prune`` removes older evidence of settled orders, days."""
    notify: tuple[SecretStr, ...] = ()
    """Apprise URLs; in a variable parted by spaces or commas."""
    block: tuple[str, ...] = ()
    """What no page may ask for: ``fonts``, ``media``, hosts; in a variable parted by spaces or commas."""
    evidence_url: SecretStr | None = None
    """Where workers keep evidence for all machines (fsspec: ``file:///mnt/proof``, ``s3://bucket/path``)."""
    secrets_dir: Path | None = None
    """A folder with one file per variable, named like it, as Docker and systemd mount secrets."""
    accounts: dict[str, Account] = {}
    """The accounts by name."""
    notes: dict[Reason, str] = {}
    """The explanation to give for a reason; only in ``unsell.toml``, table ``[notes]``."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # What ``load`` found, whose layers know their files and lines; the library's own do not.
        return (init_settings, *(InitSettingsSource(settings_cls, values) for values in _layers.get()))

    @field_validator("home", "browser_path", "secrets_dir")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        try:
            # Not resolved: where a browser is a snap, the link's own name is what starts it.
            return value.expanduser().absolute() if value else None
        except RuntimeError:
            raise ValueError(_("begins with the home of a user who is not known")) from None

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.match(r"(sqlite|postgres(ql)?(\+psycopg)?)://", value.get_secret_value()):
            raise ValueError(_("must begin with sqlite:/// or postgresql://"))
        return value

    @field_validator("practice")
    @classmethod
    def _practice(cls, value: str | None) -> str | None:
        return value if value is None else _loopback(value)

    @field_validator("lang", mode="before")
    @classmethod
    def _lang(cls, value: object) -> object:
        return asked_for(value)

    @field_validator("session_key")
    @classmethod
    def _fernet(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            # Strictly: the lenient decoder drops stray characters and so takes a mistyped key for another.
            text = value.get_secret_value().strip().translate(str.maketrans("-_", "+/")) if value else ""
            good = value is None or len(base64.b64decode(text, validate=True)) == 32
        except (binascii.Error, ValueError):
            good = False
        if not good:
            raise ValueError(_("must be 32 bytes in base64 (a Fernet key); left out, one is made by itself"))
        return value and SecretStr(value.get_secret_value().strip())

    @field_validator("notify", mode="before")
    @classmethod
    def _urls(cls, value: object) -> object:
        return re.split(r"[\s,;]+(?=\w+://)", value.strip()) if isinstance(value, str) else value

    @field_validator("notify")
    @classmethod
    def _apprise(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(re.match(r"[A-Za-z][\w+.-]*://.", url.get_secret_value()) for url in value):
            raise ValueError(_("must be Apprise URLs such as dingtalk://TOKEN, parted by spaces"))
        return value

    @field_validator("evidence_url")
    @classmethod
    def _place(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.match(r"[A-Za-z][\w+.-]*://[^@]*$", value.get_secret_value()):
            raise ValueError(_("must be an address such as s3://BUCKET/PATH, without user and password"))
        return value

    @field_validator("block", mode="before")
    @classmethod
    def _parted(cls, value: object) -> object:
        return re.findall(r"[^\s,]+", value) if isinstance(value, str) else value

    @field_validator("block")
    @classmethod
    def _serves_nobody(cls, value: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        return checked(value, others.data.get("home"))

    @field_validator("accounts")
    @classmethod
    def _named_apart(cls, value: dict[str, Account]) -> dict[str, Account]:
        owner: dict[str, str] = {}
        for name in value:
            if not ACCOUNT_NAME.fullmatch(name):
                raise ValueError(
                    _("{name!r} is no account name: use a to z, 0 to 9 and single underscores", name=name)
                )
            owner[name] = name
        for name, account in value.items():
            other = owner.setdefault(folded(account.title), name) if account.title else name
            if other != name:
                raise ValueError(
                    _(
                        "accounts {other} and {name} go by one name, {title!r}: change one TITLE",
                        other=other,
                        name=name,
                        title=account.title,
                    )
                )
        return value

    @field_validator("accounts")
    @classmethod
    def _secrets_apart(cls, value: dict[str, Account], others: ValidationInfo) -> dict[str, Account]:
        for name, account in value.items():
            for what, secret in (("PASSWORD", account.password), ("TOTP_SECRET", account.totp_secret)):
                if found := named_by(secret, value, others.data.get("home")):
                    raise ValueError(_inside(f"{name}: {what}", found))
        return value

    def account(self, name_or_title: str) -> tuple[str, Account]:
        """The account that is called so, as (name, account). Unknown: UsageError naming the nearest."""
        wanted, called = folded(name_or_title), dict[str, str]()
        for name, account in self.accounts.items():
            if wanted == name or (account.title and wanted == folded(account.title)):
                return name, account
            called |= {name: name, **({folded(account.title): account.title} if account.title else {})}
        if not called:
            raise UsageError(
                _(
                    "account {name_or_title!r} is not known, and no account is set up: run `unsell init`",
                    name_or_title=name_or_title,
                )
            )
        known = ", ".join(n + (f" ({a.title})" if a.title else "") for n, a in self.accounts.items())
        near = difflib.get_close_matches(wanted, called, n=1)
        hint = _("; did you mean {called}?", called=called[near[0]]) if near else ";"
        raise UsageError(
            _(
                "account {name_or_title!r} is not known{hint} known: {known}",
                name_or_title=name_or_title,
                hint=hint,
                known=known,
            )
        )

    @property
    def state(self) -> Path:
        """Where this run's state lies: practice keeps its own, and shares none of it with the real sites.

        What the user writes (``selectors/``, ``messages/``, settings) stays in ``home``, for both.
        """
        return self.home / "practice" if self.practice else self.home

    def make_state(self) -> None:
        """Make the folders of the state, for their owner only. UsageError: they cannot be made."""
        for folder in (self.home, self.state):
            try:
                private_folder(folder)
            except OSError as error:
                blocked = next((one for one in (folder, *folder.parents) if one.is_file()), None)
                why = _("{blocked} is a file", blocked=blocked) if blocked else faults.of_the_system(error)
                raise UsageError(
                    _("UNSELL_HOME={folder} cannot be used: {why}; name another", folder=folder, why=why)
                ) from None

    @property
    def evidence_dir(self) -> Path:
        """Where each attempt's pictures and manifest are kept."""
        return self.state / "evidence"

    @property
    def sessions_dir(self) -> Path:
        """Where saved sign-in state is kept, encrypted."""
        return self.state / "sessions"

    @property
    def key_file(self) -> Path:
        """Where the key of the sessions is kept on a machine without a keyring."""
        return self.home / "session.key"

    @property
    def locks_dir(self) -> Path:
        """The folder of the lock files: one run an account."""
        return self.state / "locks"

    @property
    def database(self) -> str:
        """The ledger's address for SQLAlchemy. May hold a password: never print it."""
        if not self.database_url:
            return f"sqlite:///{(self.state / 'ledger.sqlite3').as_posix()}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url.get_secret_value())


def load(
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
) -> Settings:
    """Read the settings from all their places.

    ``overrides`` are the command line's, by field name (None = not given); ``environ`` and ``cwd``
    stand in for the process's own. Raises UsageError: a sentence on each mistake, that names the variable,
    where it came from and what to do, and never a secret.
    """
    environ = os.environ if environ is None else environ
    layers = find_layers(Settings, Account, overrides or {}, environ, Path(cwd or Path.cwd()), _user_data)
    layers.append(Layer(_("the system"), {"lang": of_the_system(environ)}))
    token = _layers.set(tuple(layer.values for layer in layers))
    try:
        found = Settings()
    except ValidationError as error:
        # No cause is attached: a validation error carries what was typed, and a trace would print it.
        raise UsageError(explain(error, layers)) from None
    finally:
        _layers.reset(token)
    if mistakes := explain(None, layers):
        raise UsageError(mistakes)
    call_shops({name: one.title for name, one in found.accounts.items() if one.title})
    know_places(None if found.practice else {name: one.site for name, one in found.accounts.items()})
    return found


def password_of(settings: Settings, name: str) -> SecretStr | None:
    """The account's password from the settings, else from the system keyring, else None."""
    name, account = settings.account(name)
    return account.password or _from_keyring(settings, name, "password")


def totp_secret_of(settings: Settings, name: str) -> SecretStr | None:
    """The account's one-time-code secret from the settings, else from the system keyring, else None."""
    name, account = settings.account(name)
    return account.totp_secret or _from_keyring(settings, name, "totp_secret")


def _inside(whose: str, where: str) -> str:
    return _(
        "{whose} stands inside {where}, which would be blotted out of all that is written: change the secret",
        whose=whose,
        where=where,
    )


def _from_keyring(settings: Settings, name: str, what: str) -> SecretStr | None:
    try:
        import keyring

        found = keyring.get_password("unsell", f"{name}.{what}")
    except Exception:  # noqa: BLE001 - no keyring, a locked or a broken one: a person signs in instead
        return None
    secret = SecretStr(found) if found else None
    if where := named_by(secret, settings.accounts, settings.home):
        raise UsageError(_inside(f"{name}.{what}", where))
    return secret


def _loopback(address: str) -> str:
    """``HOST:PORT`` on this machine: practice must not send a password anywhere else."""
    parts = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[^:\s\[\]]+):([0-9]{1,5})", address)
    if not parts or not 0 < int(parts[2]) < 65_536:
        raise ValueError(
            _("must be HOST:PORT such as 127.0.0.1:8443; remove the variable to use the real sites")
        )
    if not on_this_machine(parts[1].strip("[]").lower()):
        raise ValueError(_("must be on this machine: practice consoles are at 127.0.0.1, localhost or [::1]"))
    return f"{parts[1].lower()}:{int(parts[2])}"
