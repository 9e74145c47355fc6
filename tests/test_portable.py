"""What other systems than this one need: no call that they lack, no name that they forbid, no code page."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from agent.cli import worker
from agent.domain.errors import UsageError
from tests.test_cli import sheet
from tests.world import ROOT, World

CODE = sorted(file for folder in ("agent", "flows", "packaging") for file in (ROOT / folder).rglob("*.py"))
POSIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_CALLS = {
    "os": {
        "chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups",
        "getpgid", "getuid", "killpg", "mkfifo", "nice", "openpty", "posix_spawn", "setgid", "setpgid",
        "setsid", "setuid", "statvfs", "sysconf", "uname", "wait3", "wait4",
    },
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "alarm"},
    "time": {"tzset"},
}  # fmt: skip
POSIX_METHODS = {"add_signal_handler", "remove_signal_handler"}
ASKS = re.compile(r"sys\.platform|hasattr\((os|signal), ")
FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def posix_only(node: ast.AST) -> bool:
    """Whether Windows has no such thing."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = {getattr(node, "module", None), *(one.name for one in node.names)}
        return bool(names & POSIX_MODULES)
    if isinstance(node, ast.Attribute):
        of = node.value.id if isinstance(node.value, ast.Name) else ""
        return node.attr in POSIX_CALLS.get(of, ()) or node.attr in POSIX_METHODS
    return False


def asked_before(function: ast.AST, line: int) -> bool:
    """Whether the function has left already where the system is another: ``if sys.platform …: return``."""
    return any(
        isinstance(one, ast.If)
        and one.lineno < line
        and ASKS.search(ast.unparse(one.test))
        and isinstance(one.body[-1], ast.Return | ast.Raise)
        for one in ast.walk(function)
    )


def unguarded(node: ast.AST, above: tuple[ast.AST, ...] = ()) -> Iterator[int]:
    """The lines of what Windows lacks and nobody has asked about the system for."""
    if posix_only(node):
        asks = [
            one for one in above
            if (isinstance(one, ast.If | ast.IfExp) and ASKS.search(ast.unparse(one.test)))
            or (isinstance(one, ast.BoolOp) and ASKS.search(ast.unparse(one.values[0])))
        ]  # fmt: skip
        line: int = getattr(node, "lineno", 0)
        functions = [one for one in above if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        if not asks and not any(asked_before(one, line) for one in functions):
            yield line
    for child in ast.iter_child_nodes(node):
        yield from unguarded(child, (*above, node))


def test_no_call_that_windows_lacks_is_made_without_asking() -> None:
    # As it was: bootstrap.py asked for the user's number where a pacman was found, on Windows too (MSYS2).
    found = {
        f"{file.relative_to(ROOT).as_posix()}:{line}"
        for file in CODE
        for line in unguarded(ast.parse(file.read_text("utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import os\nos.geteuid()", [2]),
        ("import termios", [1]),
        ("import os, sys\nif sys.platform != 'win32':\n    os.geteuid()", []),
        ("def f():\n    if sys.platform == 'win32':\n        return 1\n    return os.getuid()", []),
        ("def f():\n    a = os.getuid()\n    if sys.platform == 'win32':\n        return 1", [2]),
        ("x = manager == 'brew' or os.geteuid() == 0", [1]),
        ("x = sys.platform == 'linux' and os.geteuid() == 0", []),
        ("loop.add_signal_handler(2, f)", [1]),
    ],
)
def test_the_search_itself_sees_what_it_is_for(text: str, lines: list[int]) -> None:
    assert list(unguarded(ast.parse(text))) == lines


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """packaging/bootstrap.py, as on a Windows that has MSYS2's package manager."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "packaging" / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "geteuid", raising=False)
    monkeypatch.setattr(module.shutil, "which", lambda name: name if name == "pacman" else None)
    return module


def test_bootstrap_on_windows_asks_no_package_manager_of_another_system(bootstrap: ModuleType) -> None:
    # As it was: AttributeError, module 'os' has no attribute 'geteuid'.
    assert bootstrap.may_install()
    assert not bootstrap.system_install(["chromium"], what="a browser")


def test_what_bootstrap_starts_speaks_utf_8_whatever_the_system_does() -> None:
    # As it was: `demo > log.txt` on a Western Windows ended in a UnicodeEncodeError at 模拟后台.
    code = (
        "import runpy, subprocess, sys\n"
        "sys.argv = ['bootstrap.py', 'demo']\n"
        "room = runpy.run_path('packaging/bootstrap.py')['main'].__globals__\n"
        "room.update(make_environment=int, get_browser=int, get_font=int, PYTHON=sys.executable)\n"
        "room['COMMANDS']['demo'] = [['-c', 'from tests import demo; print(demo.NOTICE)']]\n"
        "sys.exit(room['main']())"
    )
    poor = {"UNSELL_LANG": "en", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, timeout=60,
        env={**os.environ, **poor},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert "模拟后台" in done.stdout.decode("utf-8")


def test_a_worker_on_windows_is_not_ended_in_the_middle_of_an_order(monkeypatch: pytest.MonkeyPatch) -> None:
    # As it was: os.kill, which ends a process there at once, whatever signal it is given.
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a process was ended"))
    with pytest.raises(UsageError, match="Ctrl-C"):
        worker._drain(None)  # type: ignore[arg-type]


@pytest.mark.long
def test_whatever_is_written_has_a_name_that_windows_takes(world: World) -> None:
    # Broken on purpose: the evidence folder's time with its colons.
    world.shop("con", "dhgate", language="zh-CN", TITLE="华强: 数码|专营店?")
    world.order("con", "1330312162", title='复古 "相机" <1/2>')
    file = sheet(world, {"account": "con", "order_no": "1330312162"})
    world.cli("run", file, "--dry-run", check=0)
    world.cli("report", check=0)
    written = [one for one in world.home.rglob("*") if not any(part == "browser" for part in one.parts)]
    assert {"report.html", "manifest.json", "index.html"} <= {one.name for one in written}
    names = {part for one in written for part in one.relative_to(world.home).parts}
    assert {name for name in names if FORBIDDEN.search(name) or DEVICES.fullmatch(name)} == set()
    folded = [str(one.relative_to(world.home)).casefold() for one in written]
    assert len(folded) == len(set(folded)), "two names that are one where case does not count"
    longest = max(len(str(one.relative_to(world.home))) for one in written)
    assert longest <= 120, "C:\\Users\\…\\AppData\\Local\\unsell\\ before it, and 260 in all"
