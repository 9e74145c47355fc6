"""What the user sees: progress and questions on standard error, results on standard output."""

from __future__ import annotations

import asyncio
import getpass
import json
import platform
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from loguru import logger

from agent.order import Cancellation, Commit, Outcome, State
from agent.redact import clean

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_AS = {
    State.QUEUED: "待处理",
    State.REHEARSED: "试运行完成(未提交)",
    State.SUBMITTING: "已点击,结果未明",
    State.PENDING: "审核中",
    State.CANCELLED: "订单已取消",
    State.DECLINED: "已被拒绝",
    State.REFUSED: "未提交(不符合条件)",
    State.FAILED: "技术错误(未提交)",
    State.NEEDS_HUMAN: "待人工处理",
}
_COLOUR = {
    State.CANCELLED: "green",
    State.PENDING: "cyan",
    State.REHEARSED: "cyan",
    State.REFUSED: "yellow",
    State.DECLINED: "yellow",
    State.QUEUED: "yellow",
    State.FAILED: "red",
    State.SUBMITTING: "magenta",
    State.NEEDS_HUMAN: "magenta",
}


def exit_code(outcomes: Iterable[Outcome], *, busy: bool) -> int:
    """The contract's table: the lowest row that applies."""
    states = {outcome.state for outcome in outcomes}
    code = 0
    for found, worse in (
        ({State.REFUSED, State.DECLINED}, 3),
        ({State.FAILED}, 1),
        ({State.QUEUED}, 5),
        ({State.NEEDS_HUMAN, State.SUBMITTING}, 4),
    ):
        if states & found:
            code = worse
    return 75 if busy else code


def as_json(outcome: Outcome) -> str:
    """One order as one line, absent values ``null``."""
    return clean(json.dumps(asdict(outcome), ensure_ascii=False))


def table(outcomes: Iterable[Outcome], *, chinese: bool) -> None:
    """The results as a table on standard output."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("account", "order", "state", "waits for", "reason", "submits", "detail"):
        grid.add_column(name, overflow="fold", no_wrap=name == "order")
    for o in outcomes:
        words = f"{o.state.value} {SHOWN_AS[o.state]}" if chinese else o.state.value
        grid.add_row(
            o.account, o.order_no, f"[{_COLOUR[o.state]}]{words}[/]", o.waits_for or "", o.reason or "",
            str(o.submits), _escaped(o.detail or o.site_state or ""),
        )  # fmt: skip
    wide = None if sys.stdout.isatty() else 160
    Console(width=wide).print(grid)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(clean(text))


class Terminal:
    """The voice of a run. ``yes``: consent for all was given on the command line."""

    def __init__(self, *, yes: bool, json_lines: bool, quiet: bool) -> None:
        from rich.console import Console

        self._console: Console = Console(stderr=True, highlight=False)
        self._yes = yes
        self._json = json_lines
        self._quiet = quiet
        self._all = False
        self._asking = asyncio.Lock()
        self.asks = sys.stdin.isatty() and sys.stderr.isatty()

    def say(self, text: str) -> None:
        if self._quiet:
            logger.info(text)
        else:
            self._console.print(_escaped(text), soft_wrap=True)

    def ended(self, outcome: Outcome) -> None:
        if self._json:
            print(as_json(outcome), flush=True)
        words = f"{outcome.account} {outcome.order_no}: {outcome.state.value}"
        if self._quiet:
            logger.bind(order=outcome.order_no, state=outcome.state.value).info(
                "{} {}", words, outcome.detail or ""
            )
        else:
            text = f"[{_COLOUR[outcome.state]}]{_escaped(words)}[/] {_escaped(outcome.detail or '')}"
            self._console.print(text.rstrip(), soft_wrap=True)

    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None:
        """Who consents to this submit: the flag, the person at the terminal, or the sheet's approver."""
        if self._yes or self._all:
            return _who()
        if not self.asks:
            return wanted.approved_by
        async with self._asking:
            if not self._all:  # another account's question may have been answered "all" meanwhile
                self._console.print(_question(wanted, commit))
                answer = await _ask(self._console, "Submit? (y)es / (N)o / (a)ll of this run: ")
                self._all = answer in ("a", "all")
                if answer not in ("y", "yes", "a", "all"):
                    return None
        return _who()


def _question(wanted: Cancellation, commit: Commit) -> str:
    order = commit.order
    lines = [
        f"[bold]{_escaped(order.order_no)}[/]  {_escaped(order.buyer)}  {_escaped(order.total)}  {_escaped('; '.join(order.items))}",
        f"  reason: {_escaped(commit.reason_label)}   button: {_escaped(commit.label)}   account: {_escaped(wanted.account)}",
    ]
    if wanted.accept_defect:
        lines.append("  [red]this may count against the shop (不良交易)[/]")
    if commit.overridden:
        lines.append(f"  [red]the button comes from your own selectors: {_escaped(commit.element)}[/]")
    return "\n".join(lines)


def _who() -> str:
    return f"{getpass.getuser()}@{platform.node()}"


async def _ask(console: Console, question: str) -> str:
    """A line from the terminal, read in a thread that does not hold up the end of the program."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(line: str) -> None:
        if not answer.done():
            answer.set_result(line)

    def read() -> None:
        try:
            line = console.input(question)
        except (EOFError, OSError):
            line = ""
        loop.call_soon_threadsafe(settle, line.strip().lower())

    threading.Thread(target=read, daemon=True).start()
    return await answer
