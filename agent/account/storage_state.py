"""Saved sign-in state, encrypted (Fernet), one an account; what cannot be read is no session."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Protocol

from cryptography.fernet import Fernet, InvalidToken
from loguru import logger

from agent.domain.errors import UsageError
from agent.domain.files import private_folder, write_private
from agent.domain.i18n import _
from agent.domain.redact import hide_cookie


def session_key(given: str | None, file: Path) -> str | None:
    """The key that encrypts sessions: the given one, else the keyring's or ``file``'s, made where absent.

    A new one goes into the keyring; without a keyring into the file, for its owner only. None where neither
    can keep it: then sessions are not saved.
    """
    if given:
        return given
    if kept := _in_file(file):
        return kept
    try:
        import keyring

        kept = keyring.get_password("unsell", "session_key")
        if kept is None:
            keyring.set_password("unsell", "session_key", Fernet.generate_key().decode())
            kept = keyring.get_password("unsell", "session_key")
    except Exception:  # noqa: BLE001 - a server has no keyring, a locked or broken one is as good as none
        kept = None
    return kept or _made(file)


def _in_file(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeError):
        return None


def _made(file: Path) -> str | None:
    """A new key in the file, or the one that another process put there in the meantime."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        private_folder(file.parent)
        write_private(fresh, Fernet.generate_key())
        try:
            os.link(fresh, file)  # there as a whole or not at all, and never over another's
            logger.info(_("no keyring here: the key of saved sign-ins is kept in {file}", file=file))
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            if not file.exists():
                fresh.replace(file)
        return _in_file(file)
    except OSError:
        return None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


class SessionStore(Protocol):
    """Where sessions lie, a name each: a folder, or the ledger that many machines share."""

    def read(self, name: str) -> bytes | None: ...
    def write(self, name: str, content: bytes) -> None: ...
    def remove(self, name: str) -> bool: ...


class FolderOfSessions:
    """A file each, private from the first byte."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        file = self._folder / name
        return file.read_bytes() if file.is_file() else None

    def write(self, name: str, content: bytes) -> None:
        private_folder(self._folder)
        write_private(self._folder / name, content)

    def remove(self, name: str) -> bool:
        """False: nothing was there."""
        there = (self._folder / name).is_file()
        (self._folder / name).unlink(missing_ok=True)
        return there


class Sessions:
    """``key`` is a Fernet key; None = nothing is saved. State belongs to platform, role and user name."""

    def __init__(self, place: Path | SessionStore, key: str | None) -> None:
        self._place = FolderOfSessions(place) if isinstance(place, Path) else place
        try:
            self._fernet = Fernet(key) if key else None
        except ValueError:
            raise UsageError(
                _(
                    "the key of saved sign-ins, in the keyring (service unsell, user session_key) or in "
                    "UNSELL_HOME/session.key, is no Fernet key: remove it there, and a new one is made; "
                    "the accounts then have to sign in again"
                )
            ) from None

    @property
    def kept(self) -> bool:
        return self._fernet is not None

    def load(self, owner: str) -> tuple[dict[str, Any] | None, str | None]:
        """The saved state and the name it was shown as; (None, None) when there is none to be used."""
        if self._fernet is None:
            return None, None
        try:
            found = self._place.read(session_name(owner))
            if found is None:
                return None, None
            saved = json.loads(self._fernet.decrypt(found))
            if saved["owner"] != owner.casefold():
                raise KeyError("it belongs to another account")
            for cookie in saved["state"].get("cookies", []):
                hide_cookie(cookie["value"])
            return saved["state"], saved["shown_as"]
        except (InvalidToken, ValueError, KeyError, TypeError, OSError) as error:
            fault = str(error) or "another key than the one it was saved with, or the file is damaged"
            logger.warning("the saved session of {} cannot be used ({}): signing in afresh", owner, fault)
            return None, None

    def keep_name(self, owner: str, shown_as: str) -> None:
        """Remember who is signed in where the session itself is not ours to save."""
        self._place.write(_name_of(owner), shown_as.encode())

    def name_of(self, owner: str) -> str | None:
        """The name that this account was last shown as; None: never seen, or not readable."""
        kept = self._place.read(_name_of(owner))
        return kept.decode() if kept is not None else self.load(owner)[1]

    def forget(self, owner: str) -> bool:
        """Remove what is saved of this account, readable or not. False: nothing was."""
        gone = [self._place.remove(name) for name in (session_name(owner), _name_of(owner))]
        return any(gone)

    def save(self, owner: str, state: Any, shown_as: str) -> bool:
        """Encrypt and write, whole or not at all. False without a key.

        With or without one, the cookies are registered as secrets of this run.
        """
        for cookie in state.get("cookies", []):
            hide_cookie(cookie["value"])
        if self._fernet is None:
            return False
        text = json.dumps({"owner": owner.casefold(), "state": state, "shown_as": shown_as})
        self._place.write(session_name(owner), self._fernet.encrypt(text.encode()))
        return True


def session_name(owner: str) -> str:
    """What an account's session is called where it lies."""
    return f"{_digest(owner)}.session"


def _name_of(owner: str) -> str:
    return f"{_digest(owner)}.name"


def _digest(owner: str) -> str:
    return hashlib.sha256(owner.casefold().encode()).hexdigest()[:24]
