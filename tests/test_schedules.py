"""The files to copy: each has its form, and its command lines are ones that the program takes."""

from __future__ import annotations

import re
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
