"""The command line as the contract has it: exit codes, JSON, consent, and what a second run of a sheet does.

Each journey is a run of the real program in a process of its own, with a real browser where it gets so far.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.account.session import owner_of
from agent.browser import discovery
from agent.domain.order import State
from agent.ledger.lock import account_lock
from agent.ledger.store import Ledger
from tests.consoles.server import Consoles
from tests.world import ROOT, World

if sys.platform != "win32":
    import pexpect  # type: ignore[import-untyped]

KEYS = [
    "account", "platform", "order_no", "state", "waits_for", "reason", "via", "detail", "offered",
    "site_state", "submits", "evidence", "seconds", "updated_at", "code",
]  # fmt: skip
"""Section 5 of the contract, in its order."""
NUMBERS = [f"12-34567-8901{n}" for n in range(2, 8)]
ASKED = ["--account", "hub", "--reason", "buyer-asked"]


@pytest.fixture
def hub(world: World) -> World:
    world.shop("hub", "ebay", TITLE="北极光相机")
    return world


def sheet(world: World, *rows: dict[str, str], name: str = "orders.csv") -> str:
    """A CSV in the world's home; a row's account and reason are hub and buyer-asked unless it says other."""
    rows = tuple({"account": "hub", "reason": "buyer-asked", **row} for row in rows)
    with (world.home / name).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return name


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """Standard output as JSON objects: it carries nothing else."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def states(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {str(found["order_no"]): str(found["state"]) for found in lines(done)}


def nothing_begun(world: World) -> bool:
    """No ledger (it is opened before a browser is started), no page served, no commit."""
    return not list(world.home.rglob("*.sqlite*")) and not world.store.loads() and not world.store.truth()


def unreachable() -> str:
    """An address of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


# -- help -------------------------------------------------------------------------------------------------


def test_help_of_every_command_imports_nothing_heavy(tmp_path: Path) -> None:
    """What makes ``--help`` slow is imports: none of these may be among them."""
    code = """if True:
        import json, sys
        from typer.main import get_command
        from agent.cli.app import app
        commands = [[name] for name in get_command(app).commands]
        said = {}
        for words in [[], *commands]:
            sys.argv = ["unsell", *words, "--help"]
            try:
                app(prog_name="unsell")
            except SystemExit as end:
                said["unsell " + " ".join(words)] = end.code
        heavy = ("playwright", "sqlalchemy", "pydantic", "pydantic_settings", "rich", "loguru", "alembic")
        print(json.dumps([said, [name for name in heavy if name in sys.modules]]), file=sys.stderr)
    """
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, encoding="utf-8", check=True, timeout=60,
    )  # fmt: skip
    said, heavy = json.loads(done.stderr)
    assert {"unsell ", "unsell cancel", "unsell run", "unsell sync", "unsell status", "unsell doctor"} <= set(
        said
    )
    assert set(said.values()) == {0}
    assert heavy == []
    for option in (
        "--dry-run",
        "--rehearse",
        "--yes",
        "--accept-defect",
        "--no-settle",
        "--submit-again",
        "--json",
    ):
        assert option in done.stdout


def test_no_words_and_wrong_words_are_usage_errors(world: World) -> None:
    assert "Usage: unsell" in world.cli("cancel", check=2).stderr
    assert "frobnicate" in world.cli("frobnicate", check=2).stderr


# -- exit codes and JSON ----------------------------------------------------------------------------------


@pytest.mark.long
def test_success_is_0_and_one_json_object_on_standard_output_whatever_the_locale(world: World) -> None:
    world.shop("dh", "dhgate", language="zh-CN")
    world.order("dh", "1330312162", title="复古胶片相机")
    world.env["UNSELL_LANG"] = "zh-CN"
    locale = {
        "PYTHONIOENCODING": "gbk",
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    words = ["cancel", "1330312162", "--account", "dh", "--reason", "out-of-stock", "--note", "没有货了✔"]
    done = world.cli(*words, "--yes", "--json", check=0, **locale)
    [found] = lines(done)
    assert list(found) == KEYS
    fixed = {
        "account": "dh", "platform": "dhgate", "order_no": "1330312162", "state": "pending",
        "waits_for": "platform", "reason": "out-of-stock", "via": "cancel", "offered": None, "submits": 1,
    }  # fmt: skip
    assert found | fixed == found
    assert (Path(str(found["evidence"])) / "manifest.json").is_file()
    assert any("\u4e00" <= c <= "\u9fff" for c in str(found["site_state"])), (
        "Chinese, not escapes or question marks"
    )
    assert "取消订单" in done.stderr
    [commit] = world.commits()
    assert (commit.order_no, commit.note) == ("1330312162", "没有货了✔")
    table = world.cli("status", check=0, **locale).stdout
    assert "审核中" in table
    assert "缺货" in table
    assert lines(world.cli("status", "--json", check=0))[0] == found


@pytest.mark.long
def test_one_sheet_every_exit_code_and_going_on_where_it_stopped(hub: World) -> None:
    """1 (the site is down), 5 (the cap), 3 (one is refused), 3 again with nothing left to do; then status."""
    for number in NUMBERS[:3]:
        hub.order("hub", number)
    hub.order("hub", NUMBERS[3], status="shipped")
    first = sheet(hub, *({"order_no": number} for number in (NUMBERS[3], *NUMBERS[:2])))

    down = hub.cli("run", first, "--yes", "--json", check=1, UNSELL_PRACTICE=unreachable())
    assert set(states(down).values()) == {"failed"}
    assert len(states(down)) == 3
    assert all(found["submits"] == 0 for found in lines(down))
    assert "Traceback" not in down.stderr

    capped = hub.cli("run", first, "--yes", "--json", check=5, UNSELL_MAX_SUBMITS_PER_RUN="1")
    assert states(capped) == {NUMBERS[3]: "refused", NUMBERS[0]: "cancelled", NUMBERS[1]: "queued"}
    assert [t.order_no for t in hub.commits()] == [NUMBERS[0]]
    assert "UNSELL_MAX_SUBMITS_PER_RUN" in str(lines(capped)[2]["detail"])

    more = sheet(hub, *({"order_no": number} for number in (NUMBERS[3], *NUMBERS[:3])))
    again = hub.cli("run", more, "--yes", "--json", check=3)
    done = {NUMBERS[3]: "refused", **dict.fromkeys(NUMBERS[:3], "cancelled")}
    assert states(again) == done
    assert "2 settled already" in again.stderr
    assert sorted(t.order_no for t in hub.commits()) == NUMBERS[:3]

    loads = hub.store.loads()
    assert states(hub.cli("run", more, "--yes", "--json", check=3)) == done
    assert hub.store.loads() == loads, "nothing was left: no browser, no page"

    assert states(hub.cli("status", "--state", "refused", "--json", check=0)) == {NUMBERS[3]: "refused"}
    assert set(states(hub.cli("status", NUMBERS[0], "--account", "北极光相机", "--json", check=0))) == {
        NUMBERS[0]
    }
    assert "no such order" in hub.cli("status", "--state", "pending", check=0).stderr


@pytest.mark.long
def test_a_person_is_needed_is_4_and_a_busy_account_is_75_while_others_go_on(hub: World) -> None:
    hub.shop("robot", "ebay", challenge="captcha")
    hub.order("hub", NUMBERS[0])
    one = {"account": "robot", "order_no": NUMBERS[1]}
    done = hub.cli("run", sheet(hub, one), "--yes", "--json", check=4)
    assert states(done) == {NUMBERS[1]: "needs_human"}

    async def while_held() -> subprocess.CompletedProcess[str]:
        async with account_lock(
            hub.settings.state, hub.settings.database, owner_of(hub.settings, "hub"), wait=False
        ):
            three = {"account": "hub", "order_no": NUMBERS[0]}
            return await asyncio.to_thread(hub.cli, "run", sheet(hub, three, one), "--yes", "--json")

    busy = asyncio.run(while_held())
    assert busy.returncode == 75, busy.stderr
    assert states(busy) == {NUMBERS[1]: "needs_human"}
    assert f"process {os.getpid()}" in busy.stderr
    assert not hub.commits(NUMBERS[0])
    with Ledger(hub.settings.database) as ledger:
        assert ledger.find(NUMBERS[0]) == [], "nothing was begun there"


# -- consent ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [["cancel", NUMBERS[0], *ASKED], ["run", "orders.csv"]], ids=["cancel", "run"]
)
def test_with_nobody_to_ask_nothing_is_begun(hub: World, words: list[str]) -> None:
    hub.order("hub", NUMBERS[0])
    sheet(hub, {"order_no": NUMBERS[0], "approved_by": " "})
    done = hub.cli(*words, "--json", check=2)
    assert done.stdout == ""
    assert "--yes" in done.stderr
    assert "approved_by" in done.stderr
    assert nothing_begun(hub)


@pytest.mark.long
def test_without_a_terminal_only_approved_rows_are_submitted(hub: World) -> None:
    for number in NUMBERS[:2]:
        hub.order("hub", number)
    file = sheet(hub, {"order_no": NUMBERS[0]}, {"order_no": NUMBERS[1], "approved_by": "王经理"})
    done = hub.cli("run", file, "--json", check=5)
    assert states(done) == {NUMBERS[0]: "queued", NUMBERS[1]: "cancelled"}
    assert [t.order_no for t in hub.commits()] == [NUMBERS[1]]
    with Ledger(hub.settings.database) as ledger:
        [row] = ledger.find(NUMBERS[1])
        assert (row.approved_by, bool(row.approved_at)) == ("王经理", True)
        assert [e.detail["by"] for e in ledger.events(row) if e.kind == "approved"] == ["王经理"]


def test_a_dry_run_needs_no_consent_and_submits_nothing(hub: World) -> None:
    hub.order("hub", NUMBERS[0])
    [found] = lines(hub.cli("cancel", NUMBERS[0], *ASKED, "--rehearse", "--json", check=0))
    assert (found["state"], found["submits"]) == ("rehearsed", 0)
    assert hub.commits() == []


if sys.platform != "win32":

    @pytest.fixture
    def terminal(hub: World) -> Iterator[pexpect.spawn]:
        """``unsell cancel`` of four orders, at a terminal."""
        for number in NUMBERS[:4]:
            hub.order("hub", number, title="Leica [M6] 相机")
        words = ["-m", "agent", "cancel", *NUMBERS[:4], *ASKED]
        with pexpect.spawn(
            sys.executable, words, cwd=str(hub.home), env=hub.environment(TERM="dumb"),
            encoding="utf-8", timeout=60, dimensions=(40, 160),
        ) as child:  # fmt: skip
            yield child

    def _asked(child: pexpect.spawn, number: str) -> None:
        child.expect_exact(number + "  ")
        child.expect_exact("Leica [M6] 相机")
        child.expect_exact("reason: ")
        child.expect_exact("account: ")
        child.expect_exact("(a)ll of this run: ")

    def test_at_a_terminal_each_submit_is_asked_for(terminal: pexpect.spawn, hub: World) -> None:
        _asked(terminal, NUMBERS[0])
        assert hub.commits() == [], "asked before the submit"
        terminal.sendline("y")
        _asked(terminal, NUMBERS[1])
        terminal.sendline("")
        _asked(terminal, NUMBERS[2])
        terminal.sendline("A")
        terminal.expect_exact(pexpect.EOF)
        assert "(a)ll of this run" not in terminal.before, "the fourth is not asked for"
        terminal.close()
        assert terminal.exitstatus == 5
        assert [t.order_no for t in hub.commits()] == [NUMBERS[0], NUMBERS[2], NUMBERS[3]]
        with Ledger(hub.settings.database) as ledger:
            left = ledger.find(NUMBERS[1])
            assert [(row.state, row.detail) for row in left] == [
                (State.QUEUED, "not approved: nothing was submitted")
            ]

    def test_ctrl_c_at_the_question_is_a_no_and_ends_the_run(terminal: pexpect.spawn, hub: World) -> None:
        _asked(terminal, NUMBERS[0])
        terminal.sendintr()
        terminal.expect_exact("stopping at the next safe point")
        terminal.expect_exact(pexpect.EOF)
        assert "Traceback" not in terminal.before
        assert "Fatal" not in terminal.before
        terminal.close()
        assert terminal.exitstatus == 5
        assert hub.commits() == []
        with Ledger(hub.settings.database) as ledger:
            assert {row.order_no: row.state for row in ledger.find()} == dict.fromkeys(
                NUMBERS[:4], State.QUEUED
            )


# -- practice ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the wrapped browser is a shell script")
def test_a_browser_that_reaches_another_server_is_stopped_before_anything_is_typed(hub: World) -> None:
    """A browser that obeys another map: its first answer comes from elsewhere."""
    hub.order("hub", NUMBERS[0])
    with Consoles() as elsewhere:
        real = discovery.find_browser(None).path
        wrapper = hub.home / "browser"
        wrapper.write_text(
            f'#!/bin/sh\nexec "{real}" "$@" "--host-resolver-rules=MAP * {elsewhere.address}"\n'
        )
        wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
        words = ["cancel", NUMBERS[0], *ASKED, "--yes", "--json"]
        done = hub.cli(*words, check=2, UNSELL_BROWSER_PATH=str(wrapper))
        assert done.stdout == ""
        wanted = f"UNSELL_PRACTICE says {hub.consoles.address}, but the browser reached {elsewhere.address}"
        assert wanted in done.stderr
        assert "Traceback" not in done.stderr
        assert sum(elsewhere.store.loads().values()) <= 1, "the first page alone, no sign-in"
        assert (hub.store.loads(), hub.store.truth(), elsewhere.store.truth()) == ({}, [], [])
    with Ledger(hub.settings.database) as ledger:
        assert ledger.find() == []


def test_status_in_a_home_that_is_not_there_yet(hub: World) -> None:
    done = hub.cli("status", check=0, UNSELL_HOME=str(hub.home / "fresh" / "home"))
    assert done.stdout == ""
    assert "no such order" in done.stderr
