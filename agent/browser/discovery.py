"""What this machine offers: a browser to drive, a font for Chinese, a sandbox.

Standard library only, so that the bootstrap can use it before anything is installed. The browser is looked
for in this order: the one that the user names, Playwright's own, Chrome, Microsoft
Edge, Chromium.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.domain.errors import UsageError
from agent.domain.i18n import N_, _

_VERSION = re.compile(r"\d+(?:\.\d+){1,3}")
_CJK_FILES = re.compile(r"wqy|cjk|hansans|hanserif|uming|ukai|droidsansfallback", re.IGNORECASE)
_FONT_FOLDERS = Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"
_HOW_TO_INSTALL = {
    "linux": N_(
        "install one with `playwright install --with-deps chromium`, or your system's chromium package"
    ),
    "darwin": N_("install one with `playwright install chromium`, or install Google Chrome"),
    "win32": N_("install one with `playwright install chromium`, or install Google Chrome or Microsoft Edge"),
}


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """A browser that was found. ``path`` is None for Playwright's own, which Playwright starts by itself."""

    path: Path | None
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


def find_browser(explicit: Path | None = None, *, headless: bool = True) -> FoundBrowser:
    """The browser to use; UsageError, with what to do, when there is none.

    ``headless=False`` (a person signs in) passes over headless shells, which have no window.
    """
    if explicit is not None:
        return _named_by_user(explicit)
    own = _playwrights_own(headless=headless)
    if own is not None:
        return own
    for name, path in _installed(headless=headless):
        version = browser_version(path)
        if version:  # Ubuntu's chromium-browser may be a stub that only says "install the snap"
            return FoundBrowser(path, name, version)
    remedy = _(_HOW_TO_INSTALL.get(sys.platform, _HOW_TO_INSTALL["linux"]))
    raise UsageError(
        _(
            "no browser was found (Playwright's Chromium, Chrome, Edge, Chromium): {remedy}, or "
            "name one in UNSELL_BROWSER_PATH",
            remedy=remedy,
        )
    )


def _named_by_user(explicit: Path) -> FoundBrowser:
    path = explicit.expanduser()
    if path.suffix == ".app":  # what macOS shows as one file is a folder
        path = next(iter(sorted((path / "Contents" / "MacOS").glob("*"))), path)
    if not path.is_file():
        raise UsageError(
            _("UNSELL_BROWSER_PATH names {explicit}, and there is no such file", explicit=explicit)
        )
    if not os.access(path, os.X_OK):
        raise UsageError(
            _("UNSELL_BROWSER_PATH names {explicit}, which may not be executed", explicit=explicit)
        )
    version = browser_version(path)
    if not version:
        raise UsageError(
            _(
                "UNSELL_BROWSER_PATH names {explicit}, which does not start or tells no version",
                explicit=explicit,
            )
        )
    return FoundBrowser(path, path.stem, version)


# -- Playwright's own ---------------------------------------------------------------------------------------


def _playwrights_own(*, headless: bool) -> FoundBrowser | None:
    """Read from the disk: to ask Playwright, its driver must be started, which takes half a second."""
    listed = {entry["name"]: entry for entry in _playwright_listing()}
    shell, full = listed.get("chromium-headless-shell"), listed.get("chromium")
    if headless and shell is not None and _unpacked(shell, "chrome-*/*headless*shell*"):
        return FoundBrowser(None, "Playwright's headless Chromium", shell.get("browserVersion", ""))
    if full is None:
        return None
    places = "chrome-*/chrome", "chrome-*/chrome.exe", "chrome-*/*.app/Contents/MacOS/*"
    program = _unpacked(full, *places)
    if program is None:
        return None
    # Headless, Playwright starts its shell and nothing else: without the shell it must be given the path.
    path = program if headless and shell is not None else None
    return FoundBrowser(path, "Playwright's Chromium", full.get("browserVersion", ""))


def _playwright_package() -> Path | None:
    spec = importlib.util.find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "driver" / "package"


def _playwright_listing() -> list[dict[str, str]]:
    package = _playwright_package()
    if package is None:
        return []
    try:
        listing = json.loads((package / "browsers.json").read_text(encoding="utf-8"))
        return [entry for entry in listing["browsers"] if entry["name"].startswith("chromium")]
    except (OSError, ValueError, KeyError):
        return []


def _playwright_folder() -> Path:
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if chosen == "0":
        return (_playwright_package() or Path()) / ".local-browsers"
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "ms-playwright"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def _unpacked(entry: dict[str, str], *programs: str) -> Path | None:
    """The program of a complete download: Playwright leaves a marker when it is."""
    prefix = entry["name"].replace("-", "_")
    folder = _playwright_folder()
    for place in [folder / f"{prefix}-{entry['revision']}", *sorted(folder.glob(f"{prefix}_*_special-*"))]:
        if not (place / "INSTALLATION_COMPLETE").is_file():
            continue
        for pattern in programs:
            for program in sorted(place.glob(pattern)):
                if program.is_file():
                    return program
    return None


# -- browsers of the system ---------------------------------------------------------------------------------


def _installed(*, headless: bool) -> Iterator[tuple[str, Path]]:
    if sys.platform == "win32":
        yield from _installed_on_windows()
    elif sys.platform == "darwin":
        yield from _installed_on_macos()
    else:
        yield from _installed_on_path(headless=headless)


def _installed_on_path(*, headless: bool) -> Iterator[tuple[str, Path]]:
    """Debian packs Chromium's headless shell by itself: as with Playwright's own, headless runs take it."""
    shell = ("chromium-headless-shell",) if headless else ()
    names = (
        ("Google Chrome", ("google-chrome-stable", "google-chrome")),
        ("Microsoft Edge", ("microsoft-edge-stable", "microsoft-edge")),
        ("Chromium", (*shell, "chromium", "chromium-browser")),
    )
    for name, commands in names:
        for command in commands:
            found = shutil.which(command)
            if found:
                yield name, Path(found)


def _installed_on_windows() -> Iterator[tuple[str, Path]]:
    variables = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
    roots = [Path(os.environ[name]) for name in variables if os.environ.get(name)]
    places = (
        ("Google Chrome", "Google/Chrome/Application/chrome.exe"),
        ("Microsoft Edge", "Microsoft/Edge/Application/msedge.exe"),
        ("Chromium", "Chromium/Application/chrome.exe"),
    )
    for name, place in places:
        for root in roots:
            if (root / place).is_file():
                yield name, root / place


def _installed_on_macos() -> Iterator[tuple[str, Path]]:
    for name in ("Google Chrome", "Microsoft Edge", "Chromium"):
        for root in (Path("/"), Path.home()):
            program = root / "Applications" / f"{name}.app" / "Contents" / "MacOS" / name
            if program.is_file():
                yield name, program


@functools.lru_cache(maxsize=16)
def browser_version(path: Path) -> str:
    """The version, or "" when the program does not tell one (a stub, a library missing, not a browser)."""
    if sys.platform == "win32":  # `chrome.exe --version` would open a window
        folders = [p.name for p in path.parent.iterdir() if _VERSION.fullmatch(p.name)]
        return max(folders, key=lambda v: [int(n) for n in v.split(".")], default="unknown version")
    with contextlib.suppress(OSError, ValueError):
        info = plistlib.loads((path.parent.parent / "Info.plist").read_bytes())
        return str(info.get("CFBundleShortVersionString", "unknown version"))
    found = _VERSION.search(_output(str(path), "--version"))
    return found.group() if found else ""


def _output(*command: str) -> str:
    try:
        run = subprocess.run(command, capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout.decode("utf-8", errors="replace") if run.returncode == 0 else ""


# -- the rest of the machine --------------------------------------------------------------------------------


def needs_no_sandbox() -> bool:
    """Chromium refuses to run sandboxed as root on Linux; everywhere else the sandbox stays on."""
    return sys.platform == "linux" and os.geteuid() == 0


def has_display() -> bool:
    """Whether a browser window can be shown here."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return sys.platform in ("win32", "darwin") or named


def has_cjk_font() -> bool:
    """Whether Chinese is drawn as Chinese. Windows and macOS bring their fonts along."""
    if sys.platform in ("win32", "darwin"):
        return True
    if shutil.which("fc-list"):
        return bool(_output("fc-list", ":lang=zh", "family").strip())
    return any(
        _CJK_FILES.search(file.name)
        for folder in _FONT_FOLDERS
        for file in folder.rglob("*")
        if file.suffix.lower() in {".ttf", ".ttc", ".otf"}
    )
