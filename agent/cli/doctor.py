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

from agent.browser import discovery
from agent.browser.attach import socket_of
from agent.domain.errors import UnsellError
from agent.domain.faults import of_the_system
from agent.domain.i18n import N_, _
from agent.ledger.migrations import SCHEMA, is_postgres, parse_url
from agent.ledger.store import Ledger
from agent.notify.channels import Notifier
from agent.settings.files import FILES, nearest
from agent.settings.settings import Account, Settings, command_words

LEAST_DISK = 500 * 1024 * 1024  # a hundred orders' pictures, several times over


@dataclass(frozen=True, slots=True)
class Check:
    """``ok``: True, False, or None for what is neither right nor wrong but should be known."""

    name: str
    ok: bool | None
    sentence: str
    remedy: str | None = None


def checks(settings: Settings, cwd: Path | None = None) -> list[Check]:
    """Run all checks, in the order in which a person would mend things."""
    asked: list[tuple[str, Callable[[], Check]]] = [
        (N_("python"), _python),
        (N_("platform"), _platform),
        (N_("browser"), lambda: _browser(settings)),
        (N_("sandbox"), _sandbox),
        (N_("window"), _window),
        (N_("font"), _font),
        (N_("settings"), lambda: _settings(settings, cwd or Path.cwd())),
        (N_("target"), lambda: _target(settings)),
        (N_("home"), lambda: _home(settings.state)),
        (N_("disk"), lambda: _disk(settings.state)),
        (N_("ledger"), lambda: _ledger(settings)),
        (N_("one ledger"), lambda: _one_ledger(settings)),
        (N_("keyring"), _keyring),
        (N_("session key"), lambda: _session_key(settings)),
        (N_("notify"), lambda: _notify(settings)),
    ]
    for one, account in settings.accounts.items():
        if account.attached:
            asked.append((_("browser of {name}", name=one), functools.partial(_attached, one, account)))
    return [_safely(name, check) for name, check in asked]


def _safely(name: str, check: Callable[[], Check]) -> Check:
    """One check that breaks must not hide the others."""
    try:
        return check()
    except UnsellError as error:
        return Check(name, ok=False, sentence=str(error))
    except OSError as error:
        return Check(name, ok=False, sentence=_("this could not be checked: {error}", error=error))


# -- the machine --------------------------------------------------------------------------------------------


def _python() -> Check:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    remedy = None if good else _("install Python 3.11 or newer")
    return Check(
        "python",
        ok=good,
        sentence=_("Python {version} at {executable}", version=version, executable=sys.executable),
        remedy=remedy,
    )


def _platform() -> Check:
    name = {"Darwin": f"macOS {platform.mac_ver()[0]}"}.get(platform.system(), platform.system())
    if sys.platform.startswith("linux"):
        try:
            name = platform.freedesktop_os_release().get("PRETTY_NAME", name)
        except OSError:
            name = f"Linux {platform.release()}"
    return Check(
        "platform",
        ok=True,
        sentence=_(
            "{name}, {kind}, {count} cores", name=name, kind=platform.machine(), count=os.cpu_count() or 1
        ),
    )


def _browser(settings: Settings) -> Check:
    found = discovery.find_browser(settings.browser_path, headless=settings.headless)
    said = _("{found} at {path}", found=found, path=found.path)
    if not found.path:
        said = _("{found}, by Playwright itself", found=found)
    return Check("browser", ok=True, sentence=said)


def _sandbox() -> Check:
    if discovery.needs_no_sandbox():
        said = _("this is root, so Chromium runs without its sandbox")
        return Check("sandbox", ok=None, sentence=said, remedy=_("run Unsell as an ordinary user"))
    return Check("sandbox", ok=True, sentence=_("Chromium runs in its sandbox"))


def _window() -> Check:
    if discovery.has_display():
        return Check("window", ok=True, sentence=_("a browser window can be shown for signing in"))
    return Check(
        "window",
        ok=None,
        sentence=_("no display: `unsell login` cannot show a window here"),
        remedy=_("sign in on a machine with a display, or give passwords and one-time-code secrets"),
    )


def _font() -> Check:
    if discovery.has_cjk_font():
        return Check("font", ok=True, sentence=_("Chinese is drawn as Chinese"))
    return Check(
        "font",
        ok=False,
        sentence=_("no Chinese font: Chinese pages photograph as boxes (cancelling works all the same)"),
        remedy=_("apt-get install fonts-wqy-zenhei, or any font that `fc-list :lang=zh` then names"),
    )


# -- settings and state -------------------------------------------------------------------------------------


def _settings(settings: Settings, cwd: Path) -> Check:
    files = [str(file) for file in _files_read(settings, cwd)]
    read = (
        _("read from {files} and the environment", files=", ".join(files))
        if files
        else _("read from the environment alone")
    )
    if not settings.accounts:
        said = _("{read}; no account is set up", read=read)
        return Check("settings", ok=None, sentence=said, remedy=_("unsell init"))
    names = ", ".join(sorted(settings.accounts))
    return Check("settings", ok=True, sentence=_("{read}; accounts: {names}", read=read, names=names))


def _files_read(settings: Settings, cwd: Path) -> Iterator[Path]:
    """Each file from the current folder or above it, else from the home folder."""
    for name in FILES:
        file = nearest(name, cwd) or settings.home / name
        if file.is_file():
            yield file


def _target(settings: Settings) -> Check:
    if settings.practice:
        said = _(
            "practice consoles at {practice}: the real sites are out of reach", practice=settings.practice
        )
        return Check("target", ok=None, sentence=said, remedy=_("unset UNSELL_PRACTICE for the real sites"))
    return Check("target", ok=True, sentence=_("the real sites"))


def _home(home: Path) -> Check:
    if not home.exists():
        parent = _nearest(home)
        if os.access(parent, os.W_OK):
            return Check("home", ok=True, sentence=_("{home} will be made at the first run", home=home))
        remedy = _("name another folder in UNSELL_HOME")
        return Check(
            "home",
            ok=False,
            sentence=_("{home} cannot be made: {parent} may not be written", home=home, parent=parent),
            remedy=remedy,
        )
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        said = _("{home} cannot be written: {strerror}", home=home, strerror=of_the_system(error))
        return Check("home", ok=False, sentence=said, remedy=_("name another folder in UNSELL_HOME"))
    if sys.platform != "win32" and home.stat().st_mode & 0o077:
        said = _("{home} can be read by other users of this machine", home=home)
        return Check("home", ok=False, sentence=said, remedy=f"chmod 700 '{home}'")
    return Check("home", ok=True, sentence=_("{home} can be written, and by nobody else", home=home))


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(_nearest(home)).free
    said = _("{free:.1f} GiB free for pictures", free=free / 1024**3)
    if free < LEAST_DISK:
        return Check("disk", ok=False, sentence=said, remedy=_("make room, or run `unsell prune`"))
    return Check("disk", ok=True, sentence=said)


def _nearest(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _ledger(settings: Settings) -> Check:
    address = parse_url(settings.database)
    shown = address.render_as_string(hide_password=True)
    if not is_postgres(settings.database):
        shown = str(address.database)
        if not Path(shown).exists():
            return Check(
                "ledger", ok=True, sentence=_("{shown} will be made with the first order", shown=shown)
            )
    with Ledger(settings.database, practice=settings.practice is not None):
        return Check("ledger", ok=True, sentence=_("{shown}, schema {version}", shown=shown, version=SCHEMA))


def _one_ledger(settings: Settings) -> Check:
    if is_postgres(settings.database):
        said = _("machines that share this PostgreSQL ledger are one hand")
    else:
        said = _("this ledger protects this machine alone")
    return Check(
        "one ledger",
        ok=None,
        sentence=_("{said}; two ledgers for one login do not know of each other", said=said),
        remedy=_("never run one login from two ledgers"),
    )


# -- secrets ------------------------------------------------------------------------------------------------


def _attached(name: str, account: Account) -> Check:
    """The browser that a person has open; one that a command opens is not opened for a check."""
    check = _("browser of {name}", name=name)
    if account.open_command:
        program = command_words(account.open_command)[0]
        return Check(
            check,
            ok=None,
            sentence=_("{program} opens it at each run (OPEN_COMMAND); not tried now", program=program),
        )
    address = account.cdp_url or ""
    if address.startswith("ws://"):
        return Check(
            check, ok=None, sentence=_("a ws:// address (CDP_URL); whether it answers, a run will tell")
        )
    socket_of(name, address, 0)
    return Check(check, ok=True, sentence=_("a browser answers at {netloc}", netloc=urlsplit(address).netloc))


def _keyring() -> Check:
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring):
        said = _("no keyring on this machine: passwords come from the settings or from UNSELL_SECRETS_DIR")
        return Check("keyring", ok=None, sentence=said)
    return Check(
        "keyring", ok=True, sentence=_("passwords may lie in the keyring ({backend})", backend=backend.name)
    )


def _kept_in_keyring() -> bool:
    """Whether the keyring holds the key of the sessions; none is made for a check."""
    import keyring

    try:
        return keyring.get_password("unsell", "session_key") is not None
    except Exception:  # noqa: BLE001 - a locked or broken keyring is as good as none
        return False


def _session_key(settings: Settings) -> Check:
    name, file = "session key", settings.key_file
    if settings.session_key:
        return Check(name, ok=True, sentence=_("saved sign-ins are encrypted with UNSELL_SESSION_KEY"))
    if file.is_file():
        said = _("saved sign-ins are encrypted with the key in {file}", file=file)
        if sys.platform != "win32" and file.stat().st_mode & 0o077:
            return Check(name, ok=False, sentence=said, remedy=f"chmod 600 '{file}'")
        return Check(name, ok=True, sentence=said)
    if _kept_in_keyring():
        return Check(name, ok=True, sentence=_("saved sign-ins are encrypted with the key in the keyring"))
    return Check(name, ok=True, sentence=_("a key for saved sign-ins will be made at the first one"))


def _notify(settings: Settings) -> Check:
    if not settings.notify:
        return Check("notify", ok=True, sentence=_("nobody is told of a run's end (UNSELL_NOTIFY)"))
    Notifier(settings).prove()
    said = _("channels that are told of a run's end: {count}", count=len(settings.notify))
    return Check("notify", ok=True, sentence=said, remedy=_("to try them: unsell doctor --notify"))
