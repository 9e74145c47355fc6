"""The GitHub workflows: what their steps would type is tried here, with stand-ins for the commands.

No runner was ever had. actionlint is no dependency: where it is installed, it reads them too.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.world import ROOT

WORKFLOWS = [
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    ROOT / "docs" / "scheduling" / "unsell-sync.yml",
]
NAMES = [file.name for file in WORKFLOWS]
TOLD = 'echo "$0 $*" >> typed.txt; env | grep ^UNSELL_ >> env.txt; exit ${ENDS:-0}'


def jobs(file: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].values())


def steps(file: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(file) for step in job["steps"]]


def known() -> set[str]:
    """The verbs of packaging/bootstrap.py, read and not imported."""
    tree = ast.parse((ROOT / "packaging" / "bootstrap.py").read_text(encoding="utf-8"))
    [found] = [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)
               and isinstance(node.target, ast.Name) and node.target.id == "COMMANDS"]  # fmt: skip
    assert isinstance(found.value, ast.Dict)
    return {
        key.value for key in found.value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def typed(folder: Path, script: str, **env: str) -> tuple[int, list[str]]:
    """Run a step's script as a runner's bash does; what it called, by the stand-ins."""
    for name in ("python", ".venv/bin/python", ".venv/bin/unsell"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{TOLD}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=folder, check=False,
        env={"PATH": f"{folder}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(folder / "sum.md"), **env},
    )  # fmt: skip
    seen = (folder / "typed.txt").read_text("utf-8").splitlines()
    return done.returncode, [line.split("/")[-1] for line in seen]


@pytest.mark.skipif(sys.platform == "win32", reason="a runner's bash")
@pytest.mark.parametrize("file", WORKFLOWS, ids=NAMES)
def test_each_step_types_what_there_is(tmp_path: Path, file: Path) -> None:
    # Broken on purpose: a verb of bootstrap.py misspelt.
    scripts = [step["run"] for step in steps(file) if "run" in step]
    assert scripts
    for number, script in enumerate(scripts):
        folder = tmp_path / str(number)
        folder.mkdir()
        code, lines = typed(folder, script)
        assert (code, len(lines)) == (0, 1)
        words = lines[0].split()
        if "bootstrap.py" in script:
            assert words[0] == "bootstrap.py"
            assert words[1] in known()


@pytest.mark.skipif(sys.platform == "win32", reason="a runner's bash")
def test_a_secret_that_is_not_there_leaves_no_empty_setting(tmp_path: Path) -> None:
    # Broken on purpose: the line that unsets them left out.
    file = next(one for one in WORKFLOWS if one.name == "smoke.yml")
    step = next(one for one in steps(file) if "smoke" in one.get("run", "") and "env" in one)
    given = dict.fromkeys(step["env"], "") | {"UNSELL_ACCOUNTS__STAGING_EBAY__USERNAME": "shop"}
    typed(tmp_path, step["run"], **given)
    assert (tmp_path / "env.txt").read_text("utf-8") == "UNSELL_ACCOUNTS__STAGING_EBAY__USERNAME=shop\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a runner's bash")
@pytest.mark.parametrize(("ends", "job"), [("0", 0), ("3", 0), ("75", 0), ("4", 4), ("1", 1)])
def test_a_scheduled_job_fails_for_what_somebody_must_see(tmp_path: Path, ends: str, job: int) -> None:
    [script] = [step["run"] for step in steps(WORKFLOWS[-1]) if "unsell sync" in step.get("run", "")]
    assert typed(tmp_path, script, ENDS=ends)[0] == job


def test_the_matrix_is_all_that_is_promised_and_failures_leave_something() -> None:
    [job] = jobs(next(one for one in WORKFLOWS if one.name == "test.yml"))
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "windows", "macos"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    kept = job["steps"][-1]
    assert (kept["if"], kept["uses"].split("@")[0]) == ("failure()", "actions/upload-artifact")
    folders = [part.split("=")[1] for step in job["steps"] for part in step.get("run", "").split()
               if part.startswith("--basetemp=")]  # fmt: skip
    assert folders
    assert all(Path(folder).match(kept["with"]["path"]) for folder in folders)
    [smoke] = jobs(next(one for one in WORKFLOWS if one.name == "smoke.yml"))
    last = smoke["steps"][-1]
    assert "event.repository.private" in last["if"], "pictures of orders are not for the public"


@pytest.mark.parametrize("file", WORKFLOWS, ids=NAMES)
def test_secrets_stand_in_the_environment_alone(file: Path) -> None:
    """A secret within a script would stand in the runner's process list, and masks do not reach there."""
    for step in steps(file):
        assert "secrets." not in str(step.get("run", ""))
        assert "secrets." not in str(step.get("with", ""))


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing() -> None:
    done = subprocess.run(["actionlint", *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
