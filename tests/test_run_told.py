"""What a run tells at its end: once an account what was not begun, and each shop by its name."""

from __future__ import annotations

import os
import re
import signal
import sys

import pytest

from agent.cli.terminal import Terminal, summary, table
from agent.domain.codes import Code
from agent.domain.i18n import spoken
from agent.domain.order import Outcome, State, WaitsFor
from tests.world import World

if sys.platform != "win32":
    import pexpect  # type: ignore[import-untyped]

NUMBERS = [f"12-34567-890{n}" for n in range(12, 24)]


def of(count: int, state: State = State.QUEUED, code: Code = Code.INTERRUPTED, why: str = "interrupted"):
    return [
        Outcome(account="hub", platform="ebay", order_no=n, state=state, code=code, detail=why)
        for n in NUMBERS[:count]
    ]


def test_orders_that_were_not_begun_share_one_line_of_the_summary_and_of_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # As it was: each of them in three places, so that 500 orders pushed everything else off the screen.
    # Broken on purpose: a group an order in `summary`; `together` not looked at in `table`.
    outcomes = [
        Outcome(account="hub", platform="ebay", order_no="1", state=State.CANCELLED),
        *of(12),
        Outcome(
            account="hub", platform="ebay", order_no="2", state=State.NEEDS_HUMAN, code=Code.FIRST_SUBMIT
        ),
    ]
    lines = summary(outcomes).splitlines()
    assert lines[-2:] == [
        "  hub: 12 not begun (interrupted); the same command goes on with them",
        "  hub 2: needs a person.",
    ]
    assert len(lines) == 7
    table(outcomes, together=True)
    shown = capsys.readouterr().out
    assert "12 orders" in shown
    assert not any(number in shown for number in NUMBERS)


def test_the_ledgers_list_names_every_order(capsys: pytest.CaptureFixture[str]) -> None:
    # Broken on purpose: always together.
    table(of(12))
    shown = capsys.readouterr().out
    assert all(number in shown for number in NUMBERS)


def test_many_orders_with_one_cause_are_told_together() -> None:
    # Broken on purpose: a line an order up to 99.
    why = "hub is signed out: unsell login hub"
    lines = summary(of(12, State.NEEDS_HUMAN, Code.SIGN_IN, why)).splitlines()
    assert lines[2:] == [
        "to look at:",
        f"  hub: 12 × needs a person. {why} ({', '.join(NUMBERS[:3])}, and 9 more)",
    ]
    few = summary(of(2, State.NEEDS_HUMAN, Code.SIGN_IN, why)).splitlines()
    assert few[3:] == [f"  hub {n}: needs a person. {why}" for n in NUMBERS[:2]]


def test_what_was_said_of_the_account_is_not_said_again_of_each_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Broken on purpose: `_told_already` not asked.
    voice = Terminal(yes=False, json_lines=False, quiet=False, call=lambda _: None)
    why = "hub is signed out: unsell login hub"
    voice.say(f"hub: {why}")
    for outcome in [*of(3, State.NEEDS_HUMAN, Code.SIGN_IN, why), *of(3)]:
        voice.ended(outcome)
    voice.ended(of(1, State.CANCELLED, Code.BY_SOMEONE_ELSE, "another")[0])
    assert capsys.readouterr().err.splitlines() == [f"hub: {why}", f"hub {NUMBERS[0]}: cancelled another"]


def test_chinese_states_and_reasons_are_words(capsys: pytest.CaptureFixture[str]) -> None:
    # Broken on purpose: the state's, the reason's, the waiting's own word.
    with spoken("zh-CN"):
        pending = Outcome(
            account="hub", platform="ebay", order_no="1", state=State.PENDING, reason="unpaid",
            waits_for=WaitsFor.PLATFORM,
        )  # fmt: skip
        table([pending])
    shown = capsys.readouterr().out
    assert "审核中" in shown
    assert "买家未付款" in shown
    assert "unpaid" not in shown
    assert "平台" in shown
    assert not re.search(r"pending|platform", shown), "as it was: 等待 platform"


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a POSIX terminal")
def test_a_run_that_is_interrupted_tells_it_in_three_lines(world: World) -> None:
    world.shop("hub", "ebay", TITLE="北极光相机")
    rows = [f"hub,{world.order('hub', f'12-34567-890{n}')},buyer-asked" for n in range(12, 24)]
    (world.home / "orders.csv").write_text("\n".join(["account,order_no,reason", *rows]), encoding="utf-8")
    with pexpect.spawn(
        sys.executable, ["-m", "agent", "run", "orders.csv", "--yes"], cwd=str(world.home), timeout=60,
        env=world.environment(TERM="dumb", UNSELL_LANG="zh-CN"), encoding="utf-8", dimensions=(60, 160),
    ) as child:  # fmt: skip
        child.expect(NUMBERS[0])
        os.kill(child.pid, signal.SIGINT)
        child.expect_exact(pexpect.EOF)
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", child.before)
    assert child.exitstatus == 5, said
    assert not re.search(rf"{NUMBERS[-1]}", said), said
    told = [line for line in said.splitlines() if "已中断" in line]
    assert len(told) == 3, said
    assert "北极光相机" in told[0]
    assert "北极光相机" in told[-1], "the shop by its name"
