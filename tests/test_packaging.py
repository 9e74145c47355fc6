"""The container's files: no engine runs here, so what can be is run without one, and the rest is read."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from typer.main import get_command

from agent.cli.app import app
from tests.world import ROOT

FOLDER = ROOT / "packaging"
LINES = re.sub(r"\\\n", "", (FOLDER / "Dockerfile").read_text(encoding="utf-8")).splitlines()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "compose.yml").read_text("utf-8"))["services"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the container's shell")


def said(word: str) -> list[str]:
    return [line.split(None, 1)[1] for line in LINES if line.startswith(word + " ")]


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    let_in = {
        line[1:]
        for line in (FOLDER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
        if line[0] == "!"
    }
    copied = {name for line in said("COPY") if "--from" not in line for name in line.split()[:-1]}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    packed = {*wheel["packages"], *wheel["force-include"]}
    assert {name.split("/")[0] for name in packed} <= copied, "all that the wheel is made of"


def test_the_lock_becomes_limits_that_pip_takes(tmp_path: Path) -> None:
    # Broken on purpose: the marks cut off, as first written: two versions of cryptography.
    (tmp_path / "packaging").mkdir()
    shutil.copy2(FOLDER / "requirements.lock", tmp_path / "packaging")
    [step] = [line for line in said("RUN") if "limits.txt" in line and "sed" in line]
    subprocess.run(["/bin/sh", "-ec", step], cwd=tmp_path, check=True)
    limits = [Requirement(line) for line in (tmp_path / "limits.txt").read_text("utf-8").splitlines()]
    assert not any(one.extras for one in limits), "pip takes no extras in limits"
    here = [one.name.lower() for one in limits if one.marker is None or one.marker.evaluate()]
    assert len(here) == len(set(here)), "one version each"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    assert {Requirement(line).name.lower() for line in wanted} <= set(here)


def test_it_is_no_root_reads_only_and_is_looked_after() -> None:
    [user] = said("USER")
    assert int(user) > 0
    assert said("HEALTHCHECK")[0].endswith('CMD ["unsell", "doctor"]')
    assert {"chromium", "fonts-wqy-zenhei"} <= {word for line in said("RUN") for word in line.split()}
    for service in SERVICES.values():
        assert service["user"].split(":")[0] == user
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        written = {volume.split(":")[1] for volume in service["volumes"] if not volume.endswith(":ro")}
        assert written == {"/state", "/sheets"}


def test_what_it_runs_is_what_the_program_takes() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    nightly = SERVICES["nightly"]["command"]
    context = commands[nightly[0]].make_context(nightly[0], nightly[1:])
    assert not context.params["yes"]
    assert not SERVICES["nightly"].get("restart"), "submits when it is called, not by itself"


def test_a_stop_is_handed_on_to_the_sync_that_runs(tmp_path: Path) -> None:
    # As first written: a plain loop; the shell ended, and the sync with it, in the middle.
    (tmp_path / "unsell").write_text(
        "#!/bin/sh\ntrap 'echo safe > ended; exit 0' TERM\necho $1 > began\nwhile :; do sleep 0.05; done\n"
    )
    (tmp_path / "unsell").chmod(0o755)
    loop = SERVICES["sync"]["command"][0].replace("$$", "$")
    path = f"{tmp_path}:/usr/bin:/bin"
    with subprocess.Popen(["/bin/sh", "-c", loop], cwd=tmp_path, env={"PATH": path}) as shell:
        until = time.monotonic() + 20
        while not (tmp_path / "began").exists() and time.monotonic() < until:
            time.sleep(0.05)
        shell.send_signal(signal.SIGTERM)
        assert shell.wait(20) == 0
    assert (tmp_path / "began").read_text() == "sync\n"
    assert (tmp_path / "ended").read_text() == "safe\n"


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
def test_hadolint_finds_nothing() -> None:
    done = subprocess.run(
        ["hadolint", str(FOLDER / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
