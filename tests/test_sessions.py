"""A saved session that cannot be used is no session: said in a sentence, and never a crash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from keyring.errors import NoKeyringError
from loguru import logger

from agent.account.storage_state import Sessions, session_key, session_name
from agent.domain.errors import UsageError
from tests.world import ROOT

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
    return folder / session_name(owner)


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
    one, two = saved(tmp_path), tmp_path / session_name("ebay/two")
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

    def broken(self: Path, target: Path) -> Path:
        seen.extend(file.stat().st_mode & 0o777 for file in folder.iterdir())
        raise OSError("no space left")

    before = os.umask(0)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", broken)
            with pytest.raises(OSError, match="no space"):
                Sessions(folder, KEY).save("ebay/one", STATE, "Other")
    finally:
        os.umask(before)
    assert seen == [0o600, 0o600]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / session_name("ebay/one")).read_bytes() == old


def test_forgetting_needs_no_key(tmp_path: Path) -> None:
    saved(tmp_path)
    assert Sessions(tmp_path, None).forget("EBAY/one")
    assert not Sessions(tmp_path, None).forget("ebay/one")
    assert list(tmp_path.iterdir()) == []


def test_a_key_in_the_keyring_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keyring"):
        Sessions(tmp_path, "not a key")


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: str) -> None:
        raise NoKeyringError

    monkeypatch.setattr("keyring.get_password", none)


def test_without_a_keyring_a_key_is_made_once_for_the_owner_alone_and_said_once(
    tmp_path: Path, no_keyring: None, said: list[str]
) -> None:
    # Broken on purpose: no mode given; a new key at each start; another process's key written over.
    file = tmp_path / "home" / "session.key"
    keys = {session_key(None, file) for _ in range(3)}
    assert keys == {file.read_text()}
    assert Fernet(file.read_text())
    assert [str(file) in line for line in said] == [True]
    assert list(file.parent.iterdir()) == [file]
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    assert session_key("given", file) == "given"


def test_many_processes_at_once_make_one_key(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from agent.account.storage_state import session_key; "
        "print(session_key(None, pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "home" / "session.key")]
    env = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "PYTHONPATH": str(ROOT)}
    started = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_where_no_key_can_be_kept_there_is_none(tmp_path: Path, no_keyring: None) -> None:
    (tmp_path / "home").write_text("")
    assert session_key(None, tmp_path / "home" / "session.key") is None
