"""Files are there as a whole or not at all, and what is private is private from its first byte."""

import os
import stat

import pytest

from agent.domain.errors import first_line
from agent.domain.files import private_folder, write_private, write_shared

POSIX = pytest.mark.skipif(os.name == "nt", reason="rights are another matter on Windows")


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


@POSIX
def test_each_missing_folder_is_private(tmp_path):
    tmp_path.chmod(0o755)
    assert private_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert (rights(tmp_path), rights(tmp_path / "a"), rights(tmp_path / "a" / "b")) == (0o755, 0o700, 0o700)
    (tmp_path / "a" / "b").chmod(0o750)
    private_folder(tmp_path / "a" / "b")
    assert rights(tmp_path / "a" / "b") == 0o750


@POSIX
def test_a_private_file_is_its_owners_even_in_place_of_an_open_one(tmp_path):
    file = tmp_path / "kept"
    file.write_text("old")
    file.chmod(0o666)
    write_private(file, "neu: ü\n")
    assert (file.read_bytes(), rights(file)) == ("neu: ü\n".encode(), 0o600)


@POSIX
def test_a_shared_file_keeps_the_rights_of_the_one_before(tmp_path):
    umask = os.umask(0o027)
    try:
        write_shared(tmp_path / "new", b"1")
    finally:
        os.umask(umask)
    assert rights(tmp_path / "new") == 0o640
    (tmp_path / "new").chmod(0o664)
    write_shared(tmp_path / "new", b"2")
    assert (rights(tmp_path / "new"), (tmp_path / "new").read_bytes()) == (0o664, b"2")


@pytest.mark.parametrize("write", [write_private, write_shared])
def test_what_cannot_be_written_leaves_the_old_file_and_no_draft(tmp_path, write, monkeypatch):
    file = tmp_path / "kept"
    file.write_bytes(b"old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agent.domain.files.Path.replace", full)
    with pytest.raises(OSError, match="No space"):
        write(file, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("kept", b"old")]


def test_an_errors_first_line():
    assert first_line(ValueError("one\ntwo")) == "one"
    assert first_line(ValueError("\none\ntwo")) == "one"
    assert first_line(ValueError()) == "ValueError"
    assert first_line(TimeoutError(), "no answer in time") == "no answer in time"
