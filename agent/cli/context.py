"""The way in of every command, in one sight: settings, terminal, ledger, run, exit code.

Heavy parts are imported where they are needed.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from agent.cli import drift, pointers
from agent.cli.arguments import typed
from agent.cli.errors import errors_told
from agent.cli.flags import Flags
from agent.domain.errors import TechnicalError, UsageError
from agent.domain.faults import of_the_system
from agent.domain.i18n import _, speak
from agent.domain.order import Cancellation, Outcome, State

if TYPE_CHECKING:
    import asyncio

    from agent.cli.terminal import Terminal
    from agent.engine.order_run import Options
    from agent.engine.runner import Result
    from agent.ledger.store import Ledger
    from agent.notify.channels import Notifier
    from agent.settings.settings import Account, Settings
    from agent.sheet.batch import Batch

T = TypeVar("T")

_ROOM = 4 * 2**20
"""Bytes that must still fit before the first order: about the pictures of two."""

Work = Callable[["Ledger", "asyncio.Event"], Awaitable["Result"]]


@contextlib.contextmanager
def command(flags: Flags | None = None) -> Iterator[Context]:
    """Read the settings, hand the command its context, and end with its exit code (``typer.Exit``).

    What is wrong with the settings, or raised within, is told in one sentence.
    """
    from agent.cli.log import to_stderr

    flags = flags or Flags()
    to_stderr(as_json=flags.log_json)
    with errors_told(as_json=flags.log_json):
        context = Context(_loaded(), flags)
        yield context
    raise typer.Exit(context.exit_code)


class Context:
    """What a command has once its settings are read. ``exit_code``: what it will end with."""

    def __init__(self, settings: Settings, flags: Flags) -> None:
        self.settings = settings
        self.flags = flags
        self.exit_code = 0
        self.again: list[str] | None = None
        """The command that does the same again, where that is not the one that was typed."""

    def reload(self) -> None:
        """Read the settings anew, after one of their files was written."""
        self.settings = _loaded()

    @functools.cached_property
    def terminal(self) -> Terminal:
        from agent.cli.terminal import Terminal

        flags = self.flags
        return Terminal(
            yes=flags.yes, json_lines=flags.json, quiet=flags.log_json, call=self._notifier.at_once,
            places=pointers.places(self.settings),
        )  # fmt: skip

    @functools.cached_property
    def _notifier(self) -> Notifier:
        from agent.notify.channels import Notifier

        return Notifier(self.settings)

    @functools.cached_property
    def options(self) -> Options:
        from agent.engine.order_run import Options

        return Options(
            dry_run=self.flags.dry_run,
            settle=not self.flags.no_settle,
            submit_again=self.flags.submit_again,
            wait_for_lock=self.flags.wait_for_lock,
            trace=self.flags.trace,
        )

    def account(self, name_or_title: str | None) -> tuple[str, Account]:
        """Return name and settings of the account that is meant; None means the one that there is.

        UsageError: no such account, none at all, or several where none was named.
        """
        accounts = self.settings.accounts
        if name_or_title is not None:
            return self.settings.account(typed("--account", name_or_title))
        if not accounts:
            raise UsageError(_("no account is set up: run `unsell init`"))
        if len(accounts) > 1:
            raise UsageError(_("say which account: --account {names}", names="|".join(accounts)))
        return next(iter(accounts.items()))

    def account_name(self, name_or_title: str | None) -> str | None:
        """Return the account's own name, None for None. UsageError where it is not known."""
        return self.settings.account(name_or_title)[0] if name_or_title else None

    def ledger(self) -> Ledger:
        """Return the ledger of these settings, to be entered; practice and the real sites share none."""
        from agent.ledger.store import Ledger

        self.settings.make_state()
        return Ledger(self.settings.database, practice=self.settings.practice is not None)

    def until_done(self, work: Callable[[asyncio.Event], Awaitable[T]]) -> T:
        """Run work that submits nothing, and return its result. KeyboardInterrupt after one Ctrl-C."""
        from agent.cli.signals import StoppedAtOnce, run_until_done

        self.settings.make_state()
        try:
            return run_until_done(work, None)
        except StoppedAtOnce:
            raise KeyboardInterrupt from None

    def run(self, work: Work) -> None:
        """Open the ledger, run the work, print its table and summary, and set the contract's exit code."""
        from agent.cli import terminal
        from agent.cli.signals import StoppedAtOnce, run_until_done

        self._notifier.prove()
        self.settings.make_state()
        _prove_room(self.settings.state)
        with self.ledger() as ledger:
            self._notifier.begin(ledger)
            try:
                result = run_until_done(lambda stop: work(ledger, stop), self.terminal.stopping)
            except StoppedAtOnce:
                doubtful = ledger.find(states=[State.SUBMITTING])
                self.exit_code = self.terminal.stopped(doubtful)
                left = [ledger.to_outcome(row) for row in doubtful or ledger.find(states=[State.QUEUED])]
                self._point_on(left)
                return
            self._notifier.at_end(result)
        if not self.flags.json and result.outcomes:
            typer.echo(self.heading(one.account for one in result.outcomes))
            terminal.table(result.outcomes, together=True)
            typer.echo(terminal.summary(result.outcomes, result.mends))
        if names := drift.moved(result.outcomes):
            self.terminal.say(
                _(
                    "the site has changed: {names} found by meaning alone; next: {command}",
                    names=", ".join(names),
                    command=drift.looked_at(result.outcomes),
                )
            )
        self._point_on(result.outcomes)
        self._notifier.finish(self.terminal.say)
        self.exit_code = terminal.exit_code(result.outcomes, busy=bool(result.busy), broken=result.broken)

    def heading(self, accounts: Iterable[str]) -> str:
        """Return the head of a table of these accounts: practice, or their real sites."""
        return pointers.heading(self.settings, accounts)

    def _point_on(self, outcomes: Sequence[Outcome]) -> None:
        """Print where the proof is, and what to type next."""
        if proof := pointers.proof_of(outcomes, self.settings):
            if self.flags.log_json:
                self.terminal.say(_("proof: {folder}", folder=proof))
            else:
                pointers.show(_("proof"), proof)
        if step := pointers.next_step(outcomes, self.again):
            self.terminal.say(_("next: {command}", command=step))

    def run_orders(self, orders: list[Cancellation]) -> None:
        """Run the orders of a command line."""
        self._must_be_approved(orders)

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.engine.runner import Runner

            return await Runner(self.settings, ledger, self.options, self.terminal, stop).run(orders)

        self.run(work)

    def run_sheet(self, batch: Batch) -> None:
        """Run a sheet and write its result beside it. Orders that an earlier run settled stay."""
        self._must_be_approved(batch.wanted)
        voice = self.terminal

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.engine.runner import Result, Runner

            settled, left = batch.split(ledger)
            voice.skipped(settled)
            if voice.asks and self._needs_consent and any(one.approved_by for one in left):
                await voice.consent(batch.outlook(left, ledger, self.settings))
            runner = Runner(self.settings, ledger, self.options, voice, stop)
            try:
                with voice.watching(left):
                    result = await runner.run(left) if left else Result()
            finally:  # also when a second Ctrl-C ends it
                batch.write_result(ledger, voice.say)
                if self.flags.dry_run:
                    batch.write_approval(ledger, self.settings, runner.reached, voice.say)
            result.outcomes[:0] = settled
            result.again = ("unsell", "run", str(batch.file))
            return result

        self.run(work)

    @property
    def _needs_consent(self) -> bool:
        return not self.flags.dry_run and not self.flags.yes

    def _must_be_approved(self, orders: Sequence[Cancellation]) -> None:
        if self._needs_consent and not self.terminal.asks and not any(o.approved_by for o in orders):
            raise UsageError(
                _(
                    "nobody said yes: no terminal to ask at, no --yes, and no row with approved_by; "
                    "nothing was begun"
                )
            )


def _loaded() -> Settings:
    from agent.settings.settings import load

    found = load()
    speak(found.lang)  # from here on
    return found


def _prove_room(folder: Path) -> None:
    """TechnicalError where the state's disk is full, or may not be written: said before the first order."""
    probe = folder / f".room-{os.getpid()}"
    try:
        with probe.open("wb") as file:
            file.write(bytes(_ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise TechnicalError(
            _(
                "{folder} cannot be written ({strerror}): nothing was begun",
                folder=folder,
                strerror=of_the_system(error),
            )
        ) from None
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
