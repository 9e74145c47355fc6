"""From the words of a command line to a run: settings first, then the work, then the exit code.

Heavy parts are imported where they are needed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from agent.domain.errors import AccountBusy, NeedsHuman, TechnicalError, UnsellError, UsageError
from agent.domain.i18n import _, speak
from agent.domain.order import Cancellation, Reason, State

if TYPE_CHECKING:
    import asyncio

    from agent.cli.terminal import Terminal
    from agent.engine.order_run import Options
    from agent.engine.runner import Result
    from agent.ledger.store import Ledger
    from agent.settings.settings import Settings
    from agent.sheet.batch import Batch

T = TypeVar("T")

_ROOM = 4 * 2**20
"""Bytes that must still fit before the first order: about the pictures of two."""

Work = Callable[["Ledger", "asyncio.Event"], Awaitable["Result"]]


def settings_here() -> Settings:
    """The settings; from here on, their language is spoken."""
    from agent.settings.settings import load

    found = load()
    speak(found.lang)
    return found


def typed(option: str, text: str) -> str:
    """A text of the command line. Under a locale without UTF-8 its bytes arrive undecoded: they are UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise UsageError(_("{option}: these bytes are no UTF-8 text", option=option)) from None


def reason_of(word: str) -> Reason:
    try:
        return Reason(word)
    except ValueError:
        raise UsageError(
            _("--reason {word!r} is not known; use one of: {reason}", word=word, reason=", ".join(Reason))
        ) from None


def number_of(text: str) -> str:
    """An order number as a sheet's cell is read: wide digits, dashes and invisible marks made plain."""
    from agent.sheet.columns import CellError, order_no_of

    try:
        return order_no_of(text)
    except CellError as error:
        raise UsageError(f"{text!r}: {error}") from None


def total(text: str | None) -> dict[str, Any]:
    """The wishes of ``--expect-total``: the amount, and its currency where one is named."""
    from agent.sheet.parse import amount_of

    if text is None:
        return {}
    try:
        found = amount_of(text)
    except ValueError as error:
        raise UsageError(_("--expect-total {text!r}: {error}", text=text, error=error)) from None
    return {"expect_total": found.value, "expect_currency": found.currency}


def problem_of(settings: Settings) -> Callable[[Cancellation], str | None]:
    """What the platform and the role say of a wish that is well-formed."""
    from agent.engine.preflight import wording_problem
    from agent.sheet.batch import profiles_of

    profiles = profiles_of(settings)
    return lambda wanted: wording_problem(wanted, profiles[wanted.platform])


def checked(wanted: Cancellation, settings: Settings) -> Cancellation:
    problem = problem_of(settings)(wanted)
    if problem:
        raise UsageError(problem)
    return wanted


def run_orders(
    wanted: Callable[[Settings, Terminal], list[Cancellation]], options: Options,
    *, yes: bool, json: bool, log_json: bool,
) -> None:  # fmt: skip
    """Run the orders of a command line."""

    def prepare(settings: Settings, voice: Terminal) -> Work:
        orders = wanted(settings, voice)
        _must_be_approved(orders, options, voice, yes=yes)

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.engine.runner import Runner

            return await Runner(settings, ledger, options, voice, stop).run(orders)

        return work

    begin(prepare, yes=yes, json=json, log_json=log_json)


def run_sheet(
    read: Callable[[Settings, Terminal], Batch], options: Options, *, yes: bool, json: bool, log_json: bool
) -> None:
    """Run a sheet: what an earlier run has settled is told and not taken up again; the result beside it."""

    def prepare(settings: Settings, voice: Terminal) -> Work:
        batch = read(settings, voice)
        _must_be_approved(batch.wanted, options, voice, yes=yes)

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.engine.runner import Result, Runner

            settled, left = batch.split(ledger)
            voice.skipped(settled)
            if voice.asks and not options.dry_run and not yes and any(one.approved_by for one in left):
                await voice.consent(batch.outlook(left, ledger, settings))
            runner = Runner(settings, ledger, options, voice, stop)
            try:
                with voice.watching(left):
                    result = await runner.run(left) if left else Result()
            finally:  # also when a second Ctrl-C ends it
                batch.write_result(ledger, voice.say)
                if options.dry_run:
                    batch.write_approval(ledger, settings, runner.reached, voice.say)
            result.outcomes[:0] = settled
            result.again = ("unsell", "run", str(batch.file))
            return result

        return work

    begin(prepare, yes=yes, json=json, log_json=log_json)


def _must_be_approved(orders: list[Cancellation], options: Options, voice: Terminal, *, yes: bool) -> None:
    if not options.dry_run and not yes and not voice.asks and not any(o.approved_by for o in orders):
        raise UsageError(
            _(
                "nobody said yes: no terminal to ask at, no --yes, and no row with approved_by; "
                "nothing was begun"
            )
        )


def begin(prepare: Callable[[Settings, Terminal], Work], *, yes: bool, json: bool, log_json: bool) -> None:
    """Settings and wishes first: what is wrong with them is said before anything is begun. Then the work."""
    from agent.cli import terminal
    from agent.cli.log import to_stderr
    from agent.cli.signals import StoppedAtOnce, run_until_done
    from agent.ledger.store import Ledger
    from agent.notify.channels import Notifier

    def all_of_it() -> int:
        settings = settings_here()
        to_stderr(as_json=log_json)
        people = Notifier(settings)
        voice = terminal.Terminal(yes=yes, json_lines=json, quiet=log_json, call=people.at_once)
        work = prepare(settings, voice)
        settings.make_state()
        _prove_room(settings.state)
        with Ledger(settings.database, practice=settings.practice is not None) as ledger:
            people.begin(ledger)
            try:
                result = run_until_done(lambda stop: work(ledger, stop), voice.stopping)
            except StoppedAtOnce:
                return voice.stopped(ledger.find(states=[State.SUBMITTING]))
            people.at_end(result)
        if not json and result.outcomes:
            terminal.table(result.outcomes, together=True)
            typer.echo(terminal.summary(result.outcomes, result.mends))
        people.finish(voice.say)
        return terminal.exit_code(result.outcomes, busy=bool(result.busy), broken=result.broken)

    raise typer.Exit(guarded(all_of_it))


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
                strerror=error.strerror or error,
            )
        ) from None
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def show_requests(account: str, *, wait: bool, json: bool, log_json: bool) -> None:
    """Print the buyers' open requests of one account."""
    from agent.cli import terminal
    from agent.cli.log import to_stderr
    from agent.cli.signals import run_until_done
    from agent.engine.requests import open_requests

    def work() -> None:
        settings = settings_here()
        to_stderr(as_json=log_json)
        name, found = settings.account(account)
        if found.role != "seller":
            raise UsageError(
                _("requests wait for the seller, and {name} is a {role}", name=name, role=found.role)
            )
        settings.make_state()
        listed = run_until_done(
            lambda _stop: open_requests(settings, name, wait=wait),
            lambda: typer.echo(_("once more stops at once"), err=True),
        )
        if json:
            for one in listed:
                typer.echo(terminal.as_json(one))
        elif listed:
            terminal.requests_table(listed)
        else:
            typer.echo(_("{name}: no request waits for an answer", name=name), err=True)

    guarded(work)


def guarded(work: Callable[[], T]) -> T:
    """Errors of ours become one sentence and the contract's exit code."""
    from agent.domain.printable import printable
    from agent.domain.redact import clean

    error: UnsellError | None
    try:
        return work()
    except BaseExceptionGroup as group:
        error = _ours(group)
        if error is None:
            raise
    except UnsellError as raised:
        error = raised
    except BrokenPipeError:  # who read our output has gone
        raise
    except OSError as raised:
        error = _of_the_system(raised)
    except KeyboardInterrupt:  # before the run took the signal over, or after its end
        typer.echo(_("interrupted"), err=True)
        raise typer.Exit(130) from None
    typer.echo(printable(clean(str(error))), err=True)
    codes: list[tuple[type[UnsellError], int]] = [(AccountBusy, 75), (UsageError, 2), (NeedsHuman, 4)]
    raise typer.Exit(next((code for kind, code in codes if isinstance(error, kind)), 1))


def _ours(group: BaseExceptionGroup[BaseException]) -> UnsellError | None:
    """The error that ended several things at once; None where one of them is none that can be told."""
    raised = list(_flat(group))
    told = [_of_the_system(one) if isinstance(one, OSError) else one for one in raised]
    found = [one for one in told if isinstance(one, UnsellError)]
    return found[0] if found and len(found) == len(told) else None


def _flat(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _flat(one)
        else:
            yield one


def _of_the_system(error: OSError) -> UnsellError:
    """A folder that may not be written, a full disk: no fault of the settings, and none of the program."""
    named = f"{error.filename}: " if error.filename else ""
    return TechnicalError(f"{named}{error.strerror or error}")
