"""What the ledger's and the lock's tests share: an order, the way to each state, other processes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from agent.domain.order import Cancellation, FormPrint, Reason, Role, SiteReading, State, Verdict
from agent.ledger.not_received import Before, Leave, NotReceived
from agent.ledger.store import Ledger, Row

ROOT = Path(__file__).parent.parent
WANTED = Cancellation(
    account="shop1", platform="ebay", role=Role.SELLER, order_no="12-34567-89012", reason=Reason.BUYER_ASKED
)
PAGES = tuple(SiteReading(verdict=Verdict.NONE, view=view, words="Paid") for view in ("list", "detail"))
FORM = FormPrint(fields=("reason",), reasons=("buyer asked",))
BEFORE = Before(pages=PAGES, form=FORM)
"""What was there before a press."""
PROOF = NotReceived(readings=PAGES, form=FORM)
"""Two pages that agree that nothing was received, and the same form again."""
LEAVE = Leave(by="a person", seen=("list: Paid",))
AS_NOTHING_HAPPENED = {State.QUEUED, State.REHEARSED, State.REFUSED, State.FAILED}


def in_state(ledger: Ledger, state: State, order_no: str = "1") -> Row:
    """An order that went the ordinary way to the state."""
    row = ledger.take(replace(WANTED, order_no=order_no))
    if state is State.QUEUED:
        return row
    if state in AS_NOTHING_HAPPENED:
        return ledger.settle(row, state)
    row = ledger.intend(row, worker="w", before=BEFORE)
    return row if state is State.SUBMITTING else ledger.settle(row, state)


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process of ours that runs the code."""
    imports = (
        "import os, signal, sys, time",
        "from agent.ledger.store import *",
        "from tests.ledgers import *",
    )
    command = [sys.executable, "-c", "\n".join((*imports, code)), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def together(code: str, *arguments: str, processes: int = 2) -> list[str]:
    """What the processes print, which all wait for one another at ``sys.stdin.readline()``."""
    running = [child(code, *arguments) for _ in range(processes)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0].strip() for process in running]
    assert [process.returncode for process in running] == [0] * processes
    return printed
