"""A saved session that cannot be used is no session: said in a sentence, and never a crash."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from loguru import logger

from agent.account.storage_state import Sessions
from agent.domain.errors import UsageError

STATE = {"cookies": [{"name": "sid", "value": "a-cookie-of-some-length"}], "origins": []}
KEY = Fernet.generate_key().decode()


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What is logged."""
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(str(message)), format="{message}")
    yield lines
    logger.remove(sink)


def saved(folder: Path, owner: str = "ebay/one") -> Path:
    sessions = Sessions(folder, KEY)
    assert sessions.save(owner, STATE, "One")
    assert sessions.load(owner.upper()) == (STATE, "One")
    return sessions._file(owner)


def test_another_key(tmp_path: Path, said: list[str]) -> None:
    saved(tmp_path)
    assert Sessions(tmp_path, Fernet.generate_key().decode()).load("ebay/one") == (None, None)
    assert "the saved session of ebay/one cannot be used" in said[-1]
    assert "signing in afresh" in said[-1]


@pytest.mark.parametrize("left", [0, 1, 40, -1])
def test_a_cut_file(tmp_path: Path, said: list[str], left: int) -> None:
    file = saved(tmp_path)
    file.write_bytes(file.read_bytes()[:left])
    assert Sessions(tmp_path, KEY).load("ebay/one") == (None, None)
    assert "the file is damaged" in said[-1]


def test_another_accounts_file(tmp_path: Path, said: list[str]) -> None:
    # Broken on purpose: the owner not compared.
    one, two = saved(tmp_path), Sessions(tmp_path, KEY)._file("ebay/two")
    shutil.copy(one, two)
    assert Sessions(tmp_path, KEY).load("ebay/two") == (None, None)
    assert "it belongs to another account" in said[-1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes; the folder is the user's own")
def test_private_from_the_first_byte_and_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: Path.write_bytes in the place of os.open; the file written in place.
    folder = tmp_path / "sessions"
    old = saved(folder).read_bytes()
    seen: list[int] = []
    encrypt = Fernet.encrypt

    def looked(self: Fernet, data: bytes) -> bytes:
        seen.extend(file.stat().st_mode & 0o777 for file in folder.iterdir())
        return encrypt(self, data)

    def broken(self: Path, target: Path) -> Path:
        raise OSError("no space left")

    before = os.umask(0)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Fernet, "encrypt", looked)
            patch.setattr(Path, "replace", broken)
            with pytest.raises(OSError, match="no space"):
                Sessions(folder, KEY).save("ebay/one", STATE, "Other")
    finally:
        os.umask(before)
    assert seen == [0o600, 0o600]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert Sessions(folder, KEY)._file("ebay/one").read_bytes() == old


def test_forgetting_needs_no_key(tmp_path: Path) -> None:
    saved(tmp_path)
    assert Sessions(tmp_path, None).forget("EBAY/one")
    assert not Sessions(tmp_path, None).forget("ebay/one")
    assert list(tmp_path.iterdir()) == []


def test_a_key_in_the_keyring_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keyring"):
        Sessions(tmp_path, "not a key")
