"""Saved sign-in state, encrypted (Fernet), one file an account; a file that cannot be read is no session."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

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


class Sessions:
    """``key`` is a Fernet key; None = nothing is saved. State belongs to platform, role and user name."""

    def __init__(self, folder: Path, key: str | None) -> None:
        self._folder = folder
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

    def _file(self, owner: str) -> Path:
        return self._folder / (hashlib.sha256(owner.casefold().encode()).hexdigest()[:24] + ".session")

    def _name_file(self, owner: str) -> Path:
        return self._file(owner).with_suffix(".name")

    def load(self, owner: str) -> tuple[dict[str, Any] | None, str | None]:
        """The saved state and the name it was shown as; (None, None) when there is none to be used."""
        file = self._file(owner)
        if self._fernet is None or not file.is_file():
            return None, None
        try:
            saved = json.loads(self._fernet.decrypt(file.read_bytes()))
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
        private_folder(self._folder)
        write_private(self._name_file(owner), shown_as)

    def name_of(self, owner: str) -> str | None:
        """The name that this account was last shown as; None: never seen, or not readable."""
        file = self._name_file(owner)
        return file.read_text(encoding="utf-8") if file.is_file() else self.load(owner)[1]

    def forget(self, owner: str) -> bool:
        """Remove what is saved of this account, readable or not. False: nothing was."""
        files = [file for file in (self._file(owner), self._name_file(owner)) if file.is_file()]
        for file in files:
            file.unlink(missing_ok=True)
        return bool(files)

    def save(self, owner: str, state: Any, shown_as: str) -> bool:
        """Encrypt and write atomically, private from the first byte. False without a key.

        With or without one, the cookies are registered as secrets of this run.
        """
        for cookie in state.get("cookies", []):
            hide_cookie(cookie["value"])
        if self._fernet is None:
            return False
        private_folder(self._folder)
        text = json.dumps({"owner": owner.casefold(), "state": state, "shown_as": shown_as})
        write_private(self._file(owner), self._fernet.encrypt(text.encode()))
        return True
