"""``unsell doctor``, the machine's part: what is here, what is missing, and what to do about it.

Nothing is started, made or changed, but that opening a ledger of an older version brings its schema up to
date, as any command would. A check is a sentence that is true, wrong, or a thing to know.
"""

from __future__ import annotations

import functools
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent import machine
from agent.attached import socket_of
from agent.errors import UnsellError
from agent.ledger import Ledger
from agent.migrations import SCHEMA, is_postgres, parse_url
from agent.settings import Account, Settings, command_words

LEAST_DISK = 500 * 1024 * 1024  # a hundred orders' pictures, several times over


@dataclass(frozen=True, slots=True)
class Check:
    """``ok``: True, False, or None for what is neither right nor wrong but should be known."""

    name: str
    ok: bool | None
    sentence: str
    remedy: str | None = None


def checks(settings: Settings, cwd: Path | None = None) -> list[Check]:
    """Every check of the machine, in the order in which a person would mend things."""
    asked: list[tuple[str, Callable[[], Check]]] = [
        ("python", _python),
        ("platform", _platform),
        ("browser", lambda: _browser(settings)),
        ("sandbox", _sandbox),
        ("window", _window),
        ("font", _font),
        ("settings", lambda: _settings(settings, cwd or Path.cwd())),
        ("target", lambda: _target(settings)),
        ("home", lambda: _home(settings.home)),
        ("disk", lambda: _disk(settings.home)),
        ("ledger", lambda: _ledger(settings)),
        ("one ledger", lambda: _one_ledger(settings)),
        ("keyring", _keyring),
        ("session key", lambda: _session_key(settings)),
    ]
    for one, account in settings.accounts.items():
        if account.attached:
            asked.append((f"browser of {one}", functools.partial(_attached, one, account)))
    return [_safely(name, check) for name, check in asked]


def _safely(name: str, check: Callable[[], Check]) -> Check:
    """One check that breaks must not hide the others."""
    try:
        return check()
    except UnsellError as error:
        return Check(name, ok=False, sentence=str(error))
    except OSError as error:
        return Check(name, ok=False, sentence=f"this could not be checked: {error}")


# -- the machine --------------------------------------------------------------------------------------------


def _python() -> Check:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    remedy = None if good else "install Python 3.11 or newer"
    return Check("python", ok=good, sentence=f"Python {version} at {sys.executable}", remedy=remedy)


def _platform() -> Check:
    name = {"Darwin": f"macOS {platform.mac_ver()[0]}"}.get(platform.system(), platform.system())
    if sys.platform.startswith("linux"):
        try:
            name = platform.freedesktop_os_release().get("PRETTY_NAME", name)
        except OSError:
            name = f"Linux {platform.release()}"
    return Check("platform", ok=True, sentence=f"{name}, {platform.machine()}, {os.cpu_count() or 1} cores")


def _browser(settings: Settings) -> Check:
    found = machine.find_browser(settings.browser_path, headless=settings.headless)
    where = f" at {found.path}" if found.path else ", by Playwright itself"
    return Check("browser", ok=True, sentence=f"{found}{where}")


def _sandbox() -> Check:
    if machine.needs_no_sandbox():
        said = "this is root, so Chromium runs without its sandbox"
        return Check("sandbox", ok=None, sentence=said, remedy="run Unsell as an ordinary user")
    return Check("sandbox", ok=True, sentence="Chromium runs in its sandbox")


def _window() -> Check:
    if machine.has_display():
        return Check("window", ok=True, sentence="a browser window can be shown for signing in")
    return Check(
        "window",
        ok=None,
        sentence="no display: `unsell login` cannot show a window here",
        remedy="sign in on a machine with a display, or give passwords and one-time-code secrets",
    )


def _font() -> Check:
    if machine.has_cjk_font():
        return Check("font", ok=True, sentence="Chinese is drawn as Chinese")
    return Check(
        "font",
        ok=False,
        sentence="no Chinese font: Chinese pages photograph as boxes (cancelling works all the same)",
        remedy="apt-get install fonts-wqy-zenhei, or any font that `fc-list :lang=zh` then names",
    )


# -- settings and state -------------------------------------------------------------------------------------


def _settings(settings: Settings, cwd: Path) -> Check:
    files = [str(file) for file in _files_read(settings, cwd)]
    read = f"read from {', '.join(files)} and the environment" if files else "read from the environment alone"
    if not settings.accounts:
        said = f"{read}; no account is set up"
        return Check("settings", ok=None, sentence=said, remedy="unsell init")
    names = ", ".join(sorted(settings.accounts))
    return Check("settings", ok=True, sentence=f"{read}; accounts: {names}")


def _files_read(settings: Settings, cwd: Path) -> Iterator[Path]:
    """Each file from the current folder, else from the home folder."""
    for name in (".env", "unsell.toml"):
        file = next((folder / name for folder in (cwd, settings.home) if (folder / name).is_file()), None)
        if file:
            yield file


def _target(settings: Settings) -> Check:
    if settings.practice:
        said = f"practice consoles at {settings.practice}: the real sites are out of reach"
        return Check("target", ok=None, sentence=said, remedy="unset UNSELL_PRACTICE for the real sites")
    return Check("target", ok=True, sentence="the real sites")


def _home(home: Path) -> Check:
    if not home.exists():
        parent = _nearest(home)
        if os.access(parent, os.W_OK):
            return Check("home", ok=True, sentence=f"{home} will be made at the first run")
        remedy = "name another folder in UNSELL_HOME"
        return Check(
            "home", ok=False, sentence=f"{home} cannot be made: {parent} may not be written", remedy=remedy
        )
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        said = f"{home} cannot be written: {error.strerror}"
        return Check("home", ok=False, sentence=said, remedy="name another folder in UNSELL_HOME")
    if sys.platform != "win32" and home.stat().st_mode & 0o077:
        said = f"{home} can be read by other users of this machine"
        return Check("home", ok=False, sentence=said, remedy=f"chmod 700 '{home}'")
    return Check("home", ok=True, sentence=f"{home} can be written, and by nobody else")


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(_nearest(home)).free
    said = f"{free / 1024**3:.1f} GiB free for pictures"
    if free < LEAST_DISK:
        return Check("disk", ok=False, sentence=said, remedy="make room, or run `unsell prune`")
    return Check("disk", ok=True, sentence=said)


def _nearest(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _ledger(settings: Settings) -> Check:
    address = parse_url(settings.database)
    shown = address.render_as_string(hide_password=True)
    if not is_postgres(settings.database):
        shown = str(address.database)
        if not Path(shown).exists():
            return Check("ledger", ok=True, sentence=f"{shown} will be made with the first order")
    with Ledger(settings.database):
        return Check("ledger", ok=True, sentence=f"{shown}, schema {SCHEMA}")


def _one_ledger(settings: Settings) -> Check:
    if is_postgres(settings.database):
        said = "machines that share this PostgreSQL ledger are one hand"
    else:
        said = "this ledger protects this machine alone"
    return Check(
        "one ledger",
        ok=None,
        sentence=f"{said}; two ledgers for one login do not know of each other",
        remedy="never run one login from two ledgers",
    )


# -- secrets ------------------------------------------------------------------------------------------------


def _attached(name: str, account: Account) -> Check:
    """The browser that a person has open; one that a command opens is not opened for a check."""
    check = f"browser of {name}"
    if account.open_command:
        program = command_words(account.open_command)[0]
        return Check(check, ok=None, sentence=f"{program} opens it at each run (OPEN_COMMAND); not tried now")
    address = account.cdp_url or ""
    if address.startswith("ws://"):
        return Check(
            check, ok=None, sentence="a ws:// address (CDP_URL); whether it answers, a run will tell"
        )
    socket_of(name, address, 0)
    return Check(check, ok=True, sentence=f"a browser answers at {urlsplit(address).netloc}")


def _keyring() -> Check:
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring):
        said = "no keyring on this machine: passwords come from the settings or from UNSELL_SECRETS_DIR"
        return Check("keyring", ok=None, sentence=said)
    return Check("keyring", ok=True, sentence=f"passwords may lie in the keyring ({backend.name})")


def _session_key(settings: Settings) -> Check:
    if settings.session_key:
        return Check("session key", ok=True, sentence="saved sign-ins are encrypted with UNSELL_SESSION_KEY")
    return Check(
        "session key",
        ok=None,
        sentence="UNSELL_SESSION_KEY is not set: sign-ins are not saved, and every run signs in anew",
        remedy='python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
    )
