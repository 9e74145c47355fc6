"""Write files whole or not at all; private to their owner unless they are shared on purpose."""

from __future__ import annotations

import os
from pathlib import Path


def private_folder(folder: Path) -> Path:
    """Make the folder, and whatever is missing above it, for its owner only; one that is there stays so.

    OSError: it cannot be made.
    """
    for one in (*reversed(folder.parents), folder):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(file: Path, content: bytes | str) -> None:
    """Write a file that only its owner can read, from its first byte; see ``write_shared``."""
    _write(file, content, 0o600)


def write_shared(file: Path, content: bytes | str) -> None:
    """Write a file with the rights of the one that it replaces, else with those that new files have there.

    Whoever reads it finds the old file or the new one, never a part. OSError: it cannot be written, and the
    old file is as it was.
    """
    _write(file, content, 0o666, keep_rights=True)


def _write(file: Path, content: bytes | str, mode: int, *, keep_rights: bool = False) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    data = content.encode() if isinstance(content, str) else content
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(data)
        if keep_rights and file.is_file():
            draft.chmod(file.stat().st_mode & 0o777)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
