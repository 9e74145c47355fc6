"""The files to copy: each has its form, and its command lines are ones that the program takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from typer.main import get_command

from agent.cli.app import app
from agent.cli.terminal import summary
from agent.domain.i18n import spoken
from agent.domain.order import Outcome, State, WaitsFor
from tests.world import ROOT, World

FOLDER = Path(__file__).parent.parent / "docs" / "scheduling"
COMMAND = re.compile(
    r"(?:unsell|unsell\.exe)(?:</Command>\s*<Arguments>| )(sync|run)((?: [\w.=-]+(?![\w>]))*)"
)
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_every_command_line_is_one_that_the_program_takes(file: Path) -> None:
    # Broken on purpose: `sync` misspelt in the timer's service.
    if file.suffix == ".timer":
        return
    commands = get_command(app).commands  # type: ignore[attr-defined]
    found = COMMAND.findall(file.read_text(encoding="utf-8"))
    assert found, "a schedule starts something"
    for name, words in found:
        context = commands[name].make_context(name, words.split())
        assert not context.params["json"]
        assert not context.params.get("yes"), "never consents to what nobody looked at"


def test_the_files_have_the_form_of_what_they_are_for() -> None:
    lines = (FOLDER / "unsell.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line[:1].isdigit()]
    assert len(jobs) == 2
    assert all(re.match(r"(?:[\d*/,-]+\s+){5}cd ", job) for job in jobs)
    task = ET.fromstring((FOLDER / "unsell-sync.xml").read_bytes())  # noqa: S314 - our own file
    assert task.findtext(f".//{TASK}MultipleInstancesPolicy") == "IgnoreNew"
    units = [(FOLDER / f"unsell-sync.{kind}").read_text(encoding="utf-8") for kind in ("service", "timer")]
    keys = {
        line.split("=")[0] for unit in units for line in unit.splitlines() if "=" in line and line[0] != "#"
    }
    assert {"ExecStart", "SuccessExitStatus", "OnCalendar", "WantedBy", "WorkingDirectory"} <= keys
    assert "SuccessExitStatus=3 75" in units[0]


def test_a_runs_end_is_fit_for_a_mail() -> None:
    outcomes = [
        Outcome(account="dh", platform="p", order_no="1", state=State.CANCELLED),
        Outcome(account="dh", platform="p", order_no="2", state=State.PENDING, waits_for=WaitsFor.REFUND),
        Outcome(account="hub", platform="p", order_no="3", state=State.NEEDS_HUMAN, detail="a captcha"),
        Outcome(account="dh", platform="p", order_no="4", state=State.CANCELLED),
    ]
    assert summary(outcomes).splitlines() == [
        "Unsell: 4 orders", "  2 × order cancelled", "  1 × being refunded", "  1 × needs a person",
        "to look at:", "  hub 3: needs a person. a captcha",
    ]  # fmt: skip
    with spoken("zh-CN"):
        assert "退款中" in summary(outcomes)
        assert "Unsell：4 笔订单" in summary(outcomes)


@pytest.mark.skipif(sys.platform == "win32", reason="cron's shell")
@pytest.mark.parametrize(
    ("code", "mailed"), [(0, ""), (3, ""), (75, ""), (5, "9 orders\nexit 5\n"), (4, "9 orders\nexit 4\n")]
)
def test_the_line_for_cron_mails_only_what_is_wrong(tmp_path: Path, code: int, mailed: str) -> None:
    # Broken on purpose: 75 left out of the document's line.
    [line] = re.findall(r"`(unsell sync >.*esac)`", (FOLDER.parent / "scheduling.md").read_text("utf-8"))
    fake = tmp_path / "unsell"
    fake.write_text(f"#!/bin/sh\necho 9 orders\nexit {code}\n")
    fake.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stdout == mailed


BARE = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "LOGNAME": "shop"}
"""All that cron sets, beside HOME."""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="cron's shell")
def test_crons_own_lines_reach_settings_session_and_key(world: World) -> None:
    # Broken on purpose: the key looked for in the keyring alone; `.env` of the folder not read.
    world.shop("dh", "dhgate", language="zh-CN")
    world.order("dh", "1330312162")
    del world.env["UNSELL_SESSION_KEY"]
    screenless = {
        "DISPLAY": "",
        "WAYLAND_DISPLAY": "",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    assert "session saved" in world.cli("login", check=0, **screenless).stderr
    folder = world.home / "unsell"
    program = folder / ".venv" / "bin" / "unsell"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec env PYTHONPATH="{ROOT}" "{sys.executable}" -m agent "$@"\n')
    program.chmod(0o755)
    unsigned = {name: value for name, value in world.environment().items() if not name.endswith("__PASSWORD")}
    lines = [f"{name}='{value}'" for name, value in unsigned.items() if name.startswith("UNSELL_")]
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    sheet = "account,order_no,reason,approved_by\ndh,1330312162,buyer-asked,night\n"
    (folder / "today.approved.csv").write_text(sheet, encoding="utf-8")
    jobs = [line for line in (FOLDER / "unsell.cron").read_text("utf-8").splitlines() if line[:1].isdigit()]
    for job in reversed(jobs):  # the sheet first: then there is something to read back
        done = subprocess.run(
            ["/bin/sh", "-c", job.split(None, 5)[5]], env={**BARE, "HOME": str(world.home)},
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        log = (folder / "unsell.log").read_text("utf-8")
        assert done.returncode == 0, log
        assert "1 order" in done.stdout, "the mail"
    assert [commit.order_no for commit in world.commits()] == ["1330312162"], "signed in by the session alone"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    # Broken on purpose: `OnCalendar=Mon..Sat 08..20/2:75`.
    program = tmp_path / "unsell" / ".venv" / "bin" / "unsell"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = [str(FOLDER / f"unsell-sync.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units], capture_output=True, text=True, check=False,
        env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
