"""House rules that no linter knows: who may name a platform, what may lie where, what is never committed."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
AGENT = sorted((ROOT / "agent").rglob("*.py"))
FLOWS = sorted((ROOT / "flows").rglob("*.py"))
LOCK = ROOT / "packaging" / "requirements.lock"
PLATFORM = re.compile("e" + "bay|dh" + "gate", re.IGNORECASE)
NEVER_COMMITTED = [
    re.compile(pattern)
    for pattern in (
        r"(?<![\w.:/-])/" + r"work/",  # this project's own workplace …
        r"(?<![\w.:/-])/" + r"opt/(wheels|pypi)",  # … and its package folders
        r"(?<![\w.:/-])/" + r"root/\.",
        r"https?://[\w.-]*py" + r"pi[\w.-]*/simple",
        r"python" + r"hosted\.org",
        r"registry\." + r"npm",
        r"--(extra-)?index-" + r"url[ =]\S",
    )
]
TOP_LEVEL = {
    *(
        "pyproject.toml",
        "agent",
        "flows",
        "selectors",
        "tests",
        ".env.example",
        "README.md",
        "README.zh-CN.md",
    ),
    *("CHANGELOG.md", "LICENSE", "Makefile", "docs", ".ci", ".github", ".gitignore", ".gitattributes"),
    *("packaging", ".dockerignore", "CONTRIBUTING.md", "SECURITY.md"),
}

MODULE, FUNCTION = 400, 50
"""The most lines of a module, and of a function."""


def tracked_files():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("file", AGENT, ids=lambda file: file.name)
def test_agent_knows_no_platform(file):
    named = [
        f"{file.name}:{number}: {line.strip()}"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if PLATFORM.search(line)
    ]
    assert not named, "a platform's name belongs in flows/ and selectors/:\n" + "\n".join(named)


def lines(function):
    return (function.end_lineno or 0) - function.lineno + 1


@pytest.mark.parametrize(
    "file", [*AGENT, *FLOWS], ids=lambda file: str(file.relative_to(ROOT)).replace("\\", "/")
)
def test_modules_and_functions_stay_short(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MODULE
    defs = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert {n.name: lines(n) for n in defs if lines(n) > FUNCTION} == {}


ONCE = {
    # what: where alone it is done
    r"\.(?:write_text|write_bytes|mkdir)\(|os\.open\(": {
        "agent/domain/files.py",
        "agent/page/evidence.py",  # an attempt's folder must be new
        "agent/ledger/backup.py",  # never in place of something
        "agent/ledger/migrations/__init__.py",  # SQLite writes the file itself
    },
    r"splitlines\(\)\[0\]": {
        "agent/domain/errors.py",
        "agent/page/reasons.py",  # a label's first line
        *(f"agent/page/{name}.py" for name in ("clerk", "look", "lookout")),
    },
    r"\bAsyncRetrying\b": {"agent/page/retry.py"},
}


@pytest.mark.parametrize("what", ONCE)
def test_it_is_done_in_one_place(what):
    doing = {f.relative_to(ROOT).as_posix() for f in AGENT if re.search(what, f.read_text(encoding="utf-8"))}
    assert doing - ONCE[what] == set()


def test_agent_has_few_entries_at_its_top():
    tracked = {f.relative_to(ROOT).parts for f in tracked_files() if f.is_relative_to(ROOT / "agent")}
    assert len({parts[1] for parts in tracked}) <= 17


def test_selectors_hold_no_python():
    # As a package, selectors/ would shadow the standard library's module and break asyncio.
    assert [str(file) for file in (ROOT / "selectors").rglob("*.py*")] == []


def test_nothing_of_this_machine_is_committed():
    found = []
    for file in tracked_files():
        text = file.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{file.relative_to(ROOT)}: {p.pattern}" for p in NEVER_COMMITTED if p.search(text)]
        if len(ROOT.parts) > 2 and f"{ROOT}/" in text:
            found.append(f"{file.relative_to(ROOT)}: the path of this checkout")
    assert not found, "\n".join(found)


def test_the_top_level_stays_small():
    top = {file.relative_to(ROOT).parts[0] for file in tracked_files()}
    assert top <= TOP_LEVEL


@pytest.mark.parametrize("page", ["docs/design.md", "docs/decisions.md", "CONTRIBUTING.md"])
def test_what_the_documents_name_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:agent|flows|selectors|tests|docs)/[\w./*-]+)`", text))
    assert len(named) > 5
    missing = [name for name in named if not list(ROOT.glob(name.rstrip("/")))]
    assert missing == []


@pytest.mark.parametrize("writer", ["order_way.py", "reference.py"])
def test_what_is_made_from_the_code_is_what_the_code_says(writer):
    drawn = [sys.executable, f"packaging/{writer}", "--check"]
    found = subprocess.run(drawn, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_lock_names_every_file_by_its_hash():
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.IGNORECASE)
    pinned = [entry for entry in entries if not entry.startswith("#")]
    assert len(pinned) > 50
    for entry in pinned:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]
    assert "://" not in LOCK.read_text(encoding="utf-8")
