"""The files of settings: where they are looked for, and their text."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from agent.domain.errors import UsageError
from agent.domain.faults import of_the_system
from agent.domain.i18n import _

PREFIX = "UNSELL_"
FILES = (".env", "unsell.toml")


def nearest(name: str, cwd: Path) -> Path | None:
    """The settings file of that name in ``cwd``, else in the nearest folder above it; None: in none.

    Above, only the user's own files count, not higher than the user's home, and no ``.env`` that sets nothing
    of ours: another project's would hide the one in UNSELL_HOME.
    """
    if (cwd / name).is_file():
        return cwd / name
    cwd = cwd.absolute()
    try:
        top = Path.home()
    except RuntimeError:  # a user without a home
        top = cwd
    if os.name == "nt" and not cwd.is_relative_to(top):  # there anybody may make a folder at a drive's root
        return None
    above = [one for one in cwd.parents if one.is_relative_to(top) or not cwd.is_relative_to(top)]
    return next((one / name for one in above if _is_ours(one / name)), None)


def _is_ours(file: Path) -> bool:
    try:
        if not file.is_file() or (hasattr(os, "getuid") and file.stat().st_uid != os.getuid()):
            return False
        return file.suffix == ".toml" or PREFIX in decoded(file).upper()
    except (OSError, UsageError):
        return False


def decoded(file: Path) -> str:
    """A settings file's text: UTF-8, else GB18030, which Notepad writes on a Chinese Windows."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(
            _("{file} cannot be read: {strerror}", file=file, strerror=of_the_system(error))
        ) from None
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    raise UsageError(_("{file} is neither UTF-8 nor GB18030 text: save it as UTF-8", file=file))


def anchor(values: dict[str, Any], folder: Path) -> None:
    """Paths in a file that lies elsewhere are meant from there: one state, whichever folder it is run in."""
    for name in ("home", "secrets_dir", "browser_path"):
        if isinstance(found := values.get(name), str) and not found.startswith("~"):
            values[name] = str(folder / found)
    database = re.fullmatch(r"(sqlite:///)([^:/?][^?]*)(.*)", str(values.get("database_url", "")))
    if database and not Path(database[2]).is_absolute():
        values["database_url"] = f"{database[1]}{(folder / database[2]).as_posix()}{database[3]}"
