"""One line that does everything on a fresh machine:

    python packaging/bootstrap.py demo      (or: test, check, smoke, consoles, install, messages, lock)

It makes .venv, installs the locked dependencies (every file checked against its hash), finds or installs a
browser and a Chinese font, then runs the command. Words after the command are handed on to it. Standard
library alone, so that any Python from 3.11 on can start it, on Linux, macOS and Windows.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
LOCK = ROOT / "packaging" / "requirements.lock"
STAMP = VENV / "unsell-lock.sha256"
OLDEST = (3, 11)
USABLE = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"

WORKERS = str(min(8, 2 * (os.cpu_count() or 1)))
"""Tests at once: many of them wait, for a site or for the settle time."""
TESTS = ["-m", "pytest", "-n", WORKERS, "--dist", "worksteal"]
COMMANDS: dict[str, list[list[str]]] = {
    "install": [],
    "demo": [["-m", "tests.demo"]],
    "consoles": [["-m", "tests.consoles"]],
    "test": [[*TESTS, "-m", "not smoke and not long"]],
    "test-long": [[*TESTS, "-m", "long"]],
    "chaos": [["-m", "tests.chaos"]],
    "strangers": [["-m", "tests.strangers"]],
    "chaos-cluster": [["-m", "tests.chaos_cluster"]],
    "bench-cluster": [["-m", "tests.simulation"]],
    "passk": [["-m", "tests.passk"]],
    "bench": [["-m", "tests.bench"]],
    "bench-start": [["-m", "tests.bench.starting"]],
    "bench-sync": [["-m", "tests.bench.syncing"]],
    "bench-accounts": [["-m", "tests.bench.side_by_side"]],
    "bench-time": [["-m", "tests.bench.where_time_goes"]],
    "bench-soak": [["-m", "tests.soak"]],
    "breaks": [["-m", "tests.breaks"]],
    "smoke": [["-m", "pytest", "-s", "-m", "smoke", "tests/smoke"]],
    "check": [
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "ruff", "check", "."],
        ["-m", "mypy", "-p", "agent", "-p", "flows", "-p", "tests"],
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        ["packaging/messages.py", "--check"],
        ["packaging/order_way.py", "--check"],
        ["packaging/reference.py", "--check"],
        ["-m", "pytest", "-q", "tests/test_house.py"],
    ],
    "messages": [["packaging/messages.py"]],
    "picture": [["packaging/order_way.py"]],
    "reference": [["packaging/reference.py"]],
}
NEEDS_BROWSER = {"install", "demo", "test", "test-long", "smoke", "chaos", "passk", "breaks", "strangers"}
NEEDS_BROWSER |= {"chaos-cluster"}
NEEDS_BROWSER |= {"bench", "bench-start", "bench-sync", "bench-accounts", "bench-time", "bench-soak"}
NEEDS_POSTGRES = {"test", "test-long", "chaos-cluster", "bench-cluster"}


class CannotGoOn(Exception):
    """What a person has to do first, in one sentence."""


def say(text: str) -> None:
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, seconds: float | None = None, quiet: bool = False) -> bool:
    """Runs a command in the project's folder; False when it fails, is not there, or takes too long."""
    output = subprocess.DEVNULL if quiet else None
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=ROOT,
            timeout=seconds,
            check=False,
            stdout=output,
            stderr=output,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


# -- Python and its packages --------------------------------------------------------------------------------


def with_a_newer_python() -> None:
    """Started by an old Python: hand over to a newer one on the PATH, or say what is missing."""
    for minor in (13, 12, 11, 14):
        newer = shutil.which(f"python3.{minor}")
        if newer and run(newer, "-c", "", quiet=True):
            sys.exit(subprocess.call([newer, *sys.argv]))
    raise CannotGoOn(
        "this is Python {}.{}, and Unsell needs 3.11 or newer: install one from your system".format(
            *sys.version_info
        )
    )


def make_environment() -> None:
    digest = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    usable = PYTHON.exists() and run(PYTHON, "-c", USABLE, quiet=True)
    if usable and STAMP.exists() and STAMP.read_text(encoding="ascii") == digest:
        return
    if not usable:
        say("making .venv with Python {}.{}.{}".format(*sys.version_info[:3]))
        make_venv(VENV)
    say("installing the locked dependencies: a minute or so")
    pip = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if not run(*pip, "--require-hashes", "-r", LOCK):
        raise CannotGoOn("the locked dependencies could not be installed; pip says why above")
    if not run(*pip, "--no-deps", "--no-build-isolation", "-e", ROOT):
        raise CannotGoOn("Unsell itself could not be installed; pip says why above")
    STAMP.write_text(digest, encoding="ascii")


def make_venv(folder: Path) -> None:
    command = sys.executable, "-m", "venv", "--clear", folder
    if run(*command, quiet=True):
        return
    # Debian keeps a part of it in a package of its own.
    if not system_install(["python3-venv"], what="Python's venv module") or not run(*command):
        raise CannotGoOn(f"Python could not make {folder}; it says why above")


# -- the browser and the font -------------------------------------------------------------------------------


def ask_machine(expression: str) -> bool:
    """Asks agent/browser/discovery.py, which is the product's own knowledge of browsers and fonts."""
    code = (
        "import os, pathlib, sys\nfrom agent.browser import discovery\n"
        "named = os.environ.get('UNSELL_BROWSER_PATH')\nnamed = pathlib.Path(named) if named else None\n"
        f"sys.exit(0 if {expression} else 1)"
    )
    return run(PYTHON, "-c", code, quiet=True)


def has_browser() -> bool:
    return ask_machine("discovery.find_browser(named)")


def get_browser() -> None:
    if os.environ.get("UNSELL_BROWSER_PATH"):
        if not has_browser():
            raise CannotGoOn("UNSELL_BROWSER_PATH names no browser that starts: mend it or unset it")
        return
    if has_browser():
        return
    say("no browser was found: asking Playwright for its own")
    # Two steps instead of `install --with-deps chromium`: a download that is not to be had then costs
    # seconds, and not a hundred system packages first.
    playwright = [PYTHON, "-m", "playwright"]
    if run(*playwright, "install", "chromium", seconds=600, quiet=True):
        if not sys.platform.startswith("linux"):
            return
        if may_install() and run(*playwright, "install-deps", "chromium", seconds=900, quiet=True):
            return
        raise CannotGoOn(f"the browser is here, its libraries need an administrator: {sudo_line()}")
    say("Playwright's download is not to be had here: asking the system for a browser")
    if not system_install(["chromium"], what="a browser") or not has_browser():
        raise CannotGoOn("no browser could be installed: install Chrome, or set UNSELL_BROWSER_PATH to one")
    if shutil.which("apt-get"):  # Chromium without the window: a third less work for headless runs
        system_install(["chromium-headless-shell"], what="its headless shell")


def sudo_line() -> str:
    return f"sudo {PYTHON} -m playwright install-deps chromium"


def get_font() -> None:
    if ask_machine("discovery.has_cjk_font()"):
        return
    say("no Chinese font was found: asking the system for one")
    try:
        if system_install(["font"], what="a Chinese font") and ask_machine("discovery.has_cjk_font()"):
            return
    except CannotGoOn as error:
        say(str(error))
    say("without a Chinese font, Chinese pages photograph as boxes; everything else works")


def has_postgres() -> bool:
    """A server program, or a server that the tests are told of."""
    there = os.environ.get("UNSELL_TEST_POSTGRES") or shutil.which("postgres")
    return bool(there) or any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def get_postgres() -> None:
    """The ledger's tests run on both databases: on Linux none of them is skipped for want of a server."""
    if has_postgres() or not sys.platform.startswith("linux"):
        return
    say("no PostgreSQL was found: asking the system for one")
    if not system_install(["postgres"], what="PostgreSQL") or not has_postgres():
        raise CannotGoOn(
            "PostgreSQL could not be installed: install it, or set UNSELL_TEST_POSTGRES to a server's address"
        )


PACKAGES = {  # what each package manager calls them
    "apt-get": {
        "chromium": "chromium chromium-sandbox fonts-liberation",
        "font": "fonts-wqy-zenhei fontconfig",
        "postgres": "postgresql",
    },
    "dnf": {"chromium": "chromium", "font": "wqy-zenhei-fonts fontconfig", "postgres": "postgresql-server"},
    "pacman": {"chromium": "chromium", "font": "wqy-zenhei fontconfig", "postgres": "postgresql"},
    "zypper": {
        "chromium": "chromium",
        "font": "wqy-zenhei-fonts fontconfig",
        "postgres": "postgresql-server",
    },
    "apk": {"chromium": "chromium", "font": "font-wqy-zenhei fontconfig", "postgres": "postgresql"},
    "brew": {"chromium": "--cask google-chrome"},
}
INSTALL = {
    "apt-get": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install -y",
    "pacman": "pacman -Sy --noconfirm --needed",
    "zypper": "zypper --non-interactive install",
    "apk": "apk add",
    "brew": "brew install",
}


def may_install() -> bool:
    return sys.platform == "win32" or os.geteuid() == 0 or run("sudo", "-n", "true", quiet=True)


def system_install(wanted: list[str], *, what: str) -> bool:
    """Installs by the system's package manager; with no right to, says the line for a person to type."""
    if sys.platform == "win32":  # a pacman or an apk on the PATH there is another world's
        return False
    manager = next((name for name in INSTALL if shutil.which(name)), None)
    if manager is None:
        return False
    names = " ".join(PACKAGES[manager].get(name, name) for name in wanted)
    line = f"{INSTALL[manager]} {names}"
    before = [] if manager == "brew" or os.geteuid() == 0 else ["sudo", "-n"]
    if before and not may_install():
        raise CannotGoOn(
            f"{what} is missing and you may not install here: type `sudo {line}`, then try again"
        )
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    say(line)
    if manager == "apt-get":
        run(*before, "apt-get", "update", seconds=300, quiet=True)
    return run(*before, *line.split(), seconds=1200, quiet=True)


# -- the commands -------------------------------------------------------------------------------------------


def make_lock() -> int:
    """Writes the lock anew: every version with its hashes, for all systems, and no index address."""
    with tempfile.TemporaryDirectory() as folder:
        uv = Path(folder) / BIN.name / "uv"
        make_venv(Path(folder))
        if not run(uv.with_name(PYTHON.name), "-m", "pip", "install", "--quiet", "uv>=0.8"):
            raise CannotGoOn("uv, which writes the lock, could not be installed; pip says why above")
        options = "--universal --python-version 3.11 --group dev --all-extras --generate-hashes --quiet"
        wanted = [uv, "pip", "compile", "pyproject.toml", *options.split(), "--no-emit-index-url"]
        made = run(*wanted, "--custom-compile-command", "make lock", "-o", LOCK, *sys.argv[2:])
        return 0 if made else 1


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else "install"
    os.environ["PYTHONUTF8"] = "1"  # what is started here speaks Chinese, whatever the system's code page is
    if name not in {*COMMANDS, "lock"}:
        raise CannotGoOn(f"unknown command {name!r}: one of {', '.join(COMMANDS)}, lock")
    if sys.version_info < OLDEST:
        with_a_newer_python()
    if name == "lock":
        return make_lock()
    make_environment()
    if name in NEEDS_BROWSER:
        get_browser()
        get_font()
    if name in NEEDS_POSTGRES:
        get_postgres()
    failed = 0
    for command in COMMANDS[name]:
        more = sys.argv[2:] if command == COMMANDS[name][-1] else []
        failed = subprocess.call([str(PYTHON), *command, *more], cwd=ROOT) or failed
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotGoOn as problem:
        say(str(problem))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
