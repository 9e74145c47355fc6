"""What the user sees: progress and questions on standard error, results on standard output."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from loguru import logger

from agent.cli.progress import ProgressTable
from agent.cli.results import (
    COLOUR,
    as_json,
    escaped,
    exit_code,
    messages,
    not_begun,
    requests_table,
    summary,
    table,
)
from agent.domain.errors import UsageError
from agent.domain.i18n import N_, _
from agent.domain.labels import named, shop, state_words
from agent.domain.money import by_number_alone
from agent.domain.order import (
    Action,
    Cancellation,
    Commit,
    Outcome,
    Outlook,
)
from agent.domain.printable import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from agent.ledger.schema import Row

__all__ = ["Terminal", "as_json", "exit_code", "messages", "requests_table", "summary", "table"]

_ANSWERS = {
    Action.ACCEPT: N_("accept the buyer's request"),
    Action.DECLINE: N_("decline the buyer's request"),
}


class Terminal:
    """Prints what a run says and asks for consent. ``yes``: consent for all was given on the command line.

    ``call`` reaches people who are not at the terminal. ``places``: by account, practice or its real site.
    """

    def __init__(
        self, *, yes: bool, json_lines: bool, quiet: bool, call: Callable[[Mapping[str, str]], None],
        places: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        from rich.console import Console

        self._console: Console = Console(stderr=True, highlight=False)
        self._yes = yes
        self._json = json_lines
        self._quiet = quiet
        self._call = call
        self._places = places or {}
        self._all = False
        self._stopping = False
        self._asking = asyncio.Lock()
        self._progress: ProgressTable | None = None
        self._consented = False
        self._answer: asyncio.Future[str] | None = None
        self._said: set[str] = set()
        self.asks = sys.stdin.isatty() and sys.stderr.isatty()

    def say(self, text: str) -> None:
        self._said.add(text)
        if self._quiet:
            logger.info(text)
        else:
            self._console.print(escaped(text), soft_wrap=True)

    @contextlib.contextmanager
    def watching(self, orders: Sequence[Cancellation]) -> Iterator[None]:
        """Show the live table of these orders below what is printed, if this is a terminal."""
        if self._quiet or not sys.stderr.isatty() or (self._json and sys.stdout.isatty()):
            yield
            return
        places = dict.fromkeys(self._places.get(one.account, "") for one in orders)
        self._progress = ProgressTable(orders, " · ".join(filter(None, places)))
        try:
            with self._progress.shown(self._console):
                yield
        finally:
            self._progress = None

    def ended(self, outcome: Outcome) -> None:
        if self._progress:
            self._progress.ended(outcome)
        if self._json:
            _print(as_json(outcome))
        if self._quiet:
            who = f"{outcome.account} {outcome.order_no}"
            logger.bind(order=outcome.order_no, state=outcome.state.value).info(
                "{}: {} {}", who, outcome.state.value, outcome.detail or ""
            )
        elif not self._told_already(outcome):
            who = f"{shop(outcome.account)} {outcome.order_no}"
            words = named(who, state_words(outcome.state, outcome.waits_for))
            text = f"[{COLOUR[outcome.state]}]{escaped(words)}[/] {escaped(one_line(outcome.detail or ''))}"
            self._console.print(text.rstrip(), soft_wrap=True)

    def _told_already(self, outcome: Outcome) -> bool:
        """An order that was not begun: why its account stopped was said once for all of them."""
        why = outcome.detail or ""
        return not_begun(outcome) or bool(
            {why, f"{outcome.account}: {why}", f"{shop(outcome.account)}: {why}"} & self._said
        )

    def need_a_person(self, waiting: Mapping[str, str]) -> None:
        """Tell people who are elsewhere which accounts wait for a person, and why."""
        self._call(waiting)

    def skipped(self, settled: list[Outcome]) -> None:
        """Print what an earlier run of the sheet has settled."""
        if settled:
            self.say(_("{settled} settled already, left as they are", settled=len(settled)))
        for outcome in settled if self._json else ():
            _print(as_json(outcome))

    def stopping(self) -> None:
        """Handle the first Ctrl-C: answer an open question with no, and consent to nothing more."""
        self._stopping = True
        if self._answer and not self._answer.done():
            self._answer.set_result("")
            self._console.print()
        self.say(
            _(
                "stopping at the next safe point; once more stops at once (what is in doubt stays for: "
                "unsell sync)"
            )
        )

    def stopped(self, doubtful: list[Row]) -> int:
        """Handle the second Ctrl-C: print what stays in doubt, and return the exit code."""
        self.say(_("stopped at once; what had not begun or was not submitted is left as it was"))
        if doubtful:
            orders = ", ".join(row.order_no for row in doubtful)
            self.say(
                _("in doubt, submitted and not read back: {orders}; unsell sync reads it back", orders=orders)
            )
        return 4 if doubtful else 5

    async def consent(self, outlook: Outlook) -> None:
        """Ask one question for all approved rows. UsageError: the answer was no, and nothing was begun."""
        words = [_("{ready} to submit, not checked on the pages yet", ready=outlook.ready)]
        if outlook.refused:
            words.append(_("{refused} refused already", refused=outlook.refused))
        if outlook.against:
            words.append(_("{against} counts against the shop", against=outlook.against))
        said = [f"[bold]{escaped(place)}[/]" for place in dict.fromkeys(self._places.values())]
        said.append(f"[bold]{' · '.join(words)}[/]")
        for account, made in outlook.made.items():
            said.append(f"[red]{escaped(_already(account, made))}[/]")
        async with self._asking:
            answer = await self._ask("\n".join(said), _("Submit {count}? [y/N] ", count=outlook.ready))
        self._consented = answer in ("y", "yes")
        if not self._consented:
            raise UsageError(_("nobody said yes: nothing was begun"))

    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None:
        """Return who consents to this submit: the flag, the person at the terminal, or the sheet's approver.

        What only a person may decide is shown to the one at the terminal.
        """
        if commit.must_see:
            return await self._shown(wanted, commit)
        if self._consented and wanted.approved_by and not commit.first:
            return None if self._stopping else wanted.approved_by
        one = _("Submit? (y)es / (N)o / (a)ll of this run: ")
        async with self._asking:
            consented = (self._yes or self._all) and not commit.first
            asked = self.asks and not consented and not self._stopping
            answer = await self._ask(self._asked(wanted, commit), one) if asked else ""
            self._all = self._all or answer in ("a", "all")
            if self._stopping:
                return None
            if consented or answer in ("y", "yes", "a", "all"):
                return who_asks()
        return None if self.asks else wanted.approved_by

    async def _shown(self, wanted: Cancellation, commit: Commit) -> str | None:
        """The person at the terminal, who was shown this very order: no flag and no "all" stands for that."""
        async with self._asking:
            asked = self.asks and not self._stopping
            answer = (
                await self._ask(self._asked(wanted, commit), _("Submit? (y)es / (N)o: ")) if asked else ""
            )
            return who_asks() if answer in ("y", "yes") and not self._stopping else None

    def _asked(self, wanted: Cancellation, commit: Commit) -> str:
        place = self._places.get(wanted.account)
        return (f"[bold]{escaped(place)}[/]\n" if place else "") + _question(wanted, commit)

    async def _ask(self, question: str, prompt: str) -> str:
        """The answer to a question, with nothing drawn over it meanwhile."""
        with self._progress.put_aside() if self._progress else contextlib.nullcontext():
            self._console.print(question, soft_wrap=True)
            self._console.print(prompt, end="", markup=False)
            return await self._typed()

    async def _typed(self) -> str:
        """A line from the terminal, read in a thread that does not hold up the end of the program."""
        _forget_what_was_typed_ahead()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        self._answer = answer

        def settle(line: str) -> None:
            if not answer.done():
                answer.set_result(line)

        def read() -> None:
            try:
                # Not input(): at the end of the program it would hold the stream's lock, which is fatal.
                line = os.read(sys.stdin.fileno(), 4096).decode(errors="replace")
            except OSError:
                line = ""
            with contextlib.suppress(RuntimeError):  # the loop is closed: the answer is not needed any more
                loop.call_soon_threadsafe(settle, line.strip().lower())

        threading.Thread(target=read, daemon=True).start()
        return await answer


def _forget_what_was_typed_ahead() -> None:
    """Consent is to the order that is shown: a key pressed before it was shown is no answer."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _question(wanted: Cancellation, commit: Commit) -> str:
    order = commit.order
    about = (order.buyer, order.total, "; ".join(order.items))
    asked = {_("reason"): commit.reason_label}
    if wanted.action is not Action.CANCEL:
        asked = {_("answer"): _(_ANSWERS[wanted.action])}
    asked |= {_("button"): commit.label, _("account"): shop(wanted.account)}
    lines = [
        f"[bold]{escaped(order.order_no)}[/]  " + "  ".join(escaped(one_line(text)) for text in about),
        "  " + "   ".join(named(name, escaped(one_line(value))) for name, value in asked.items()),
    ]
    if commit.first:
        said = _("the first submit of this account on the real site: watch it there")
        lines.append(f"  [red]{escaped(said)}[/]")
    lines += [f"  [red]{escaped(said)}[/]" for said in commit.must_see if said]
    if compared := by_number_alone(wanted.expected, order.total):
        lines.append("  " + escaped(compared))
    if wanted.tell_buyer:
        lines.append("  " + _("the buyer will be told, by the platform's own messages"))
    if commit.against is not None:
        already = _already(wanted.account, commit.against)
        said = _("this counts against the shop (不良交易); {already}", already=already)
        lines.append(f"  [red]{escaped(said)}[/]")
    if commit.overridden:
        said = _("the button comes from your own selectors: {element}", element=commit.element)
        lines.append(f"  [red]{escaped(said)}[/]")
    return "\n".join(lines)


def _already(account: str, made: int) -> str:
    return _(
        "{account}: Unsell made {made} such cancellations in this calendar month",
        account=shop(account),
        made=made,
    )


def who_asks() -> str:
    """Who sits here, as the ledger keeps it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have a number and no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return f"{user}@{platform.node()}"


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
