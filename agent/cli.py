"""The command line: parse, call, print; nothing else. Heavy parts are imported where they are needed."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agent.errors import UsageError
from agent.order import Cancellation, Cause, Reason, Role, State, Via

if TYPE_CHECKING:
    import asyncio

    from agent.case import Options
    from agent.ledger import Ledger
    from agent.present import Terminal
    from agent.runner import Result
    from agent.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Cancels marketplace orders in the web console, never twice, and keeps the proof.",
)

DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", "--rehearse", help="Walk to the last control, prove it, take the picture, stop."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Consent to every submit of this run.")]
AcceptDefect = Annotated[
    bool, typer.Option("--accept-defect", help="Submit a reason that counts against the shop (不良交易).")
]
NoSettle = Annotated[bool, typer.Option("--no-settle", help="Leave an unknown outcome for sync.")]
WaitForLock = Annotated[
    bool, typer.Option("--wait-for-lock", help="Wait for another run on the same account.")
]
SubmitAgain = Annotated[
    bool, typer.Option("--submit-again", help="Allow one more submit after two were spent.")
]
LogJson = Annotated[bool, typer.Option("--log-json", help="Log lines as JSON.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, an order each.")]
AccountName = Annotated[str | None, typer.Option("--account", help="Name or title of an account.")]


@app.command()
def cancel(
    order_no: Annotated[list[str], typer.Argument(help="Order numbers.")],
    account: Annotated[str, typer.Option(help="Name or title of the account.")],
    reason: Annotated[str, typer.Option(help="Why: " + ", ".join(Reason) + ".")],
    note: Annotated[str | None, typer.Option(help="The explanation that the form asks for.")] = None,
    via: Annotated[Via, typer.Option(help="Which control to use.")] = Via.EITHER,
    expect_total: Annotated[str | None, typer.Option(help="Refuse unless the page shows this total.")] = None,
    expect_buyer: Annotated[str | None, typer.Option(help="Refuse unless the page shows this buyer.")] = None,
    expect_item: Annotated[str | None, typer.Option(help="Refuse unless the page shows these goods.")] = None,
    relist: Annotated[
        bool, typer.Option("--relist/--no-relist", help="Offer the item for sale again.")
    ] = False,
    cause: Annotated[Cause | None, typer.Option(help="Whose matter it was.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    accept_defect: AcceptDefect = False,
    no_settle: NoSettle = False,
    wait_for_lock: WaitForLock = False,
    submit_again: SubmitAgain = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Cancel orders: the documented click path, one submit, read back from another page."""
    from agent.case import Options

    def wanted(settings: Settings, _: Terminal) -> list[Cancellation]:
        name, found = settings.account(_typed("--account", account))
        expected = (expect_total, expect_buyer, expect_item)
        numbers = dict.fromkeys(map(_number, order_no))
        if len(numbers) > 1 and any(expected):
            raise UsageError(
                "--expect-total, --expect-buyer and --expect-item go with one order; use a sheet for many"
            )
        wishes: dict[str, Any] = {
            "account": name, "platform": found.platform, "role": Role(found.role), "reason": _reason(reason),
            "note": note and _typed("--note", note), "via": via, "expect_total": _amount(expect_total),
            "expect_buyer": expect_buyer and _typed("--expect-buyer", expect_buyer),
            "expect_item": expect_item and _typed("--expect-item", expect_item),
            "relist": relist, "cause": cause, "accept_defect": accept_defect,
        }  # fmt: skip
        return [_checked(Cancellation(order_no=no, **wishes), settings) for no in numbers]

    options = Options(
        dry_run=dry_run, settle=not no_settle, submit_again=submit_again, wait_for_lock=wait_for_lock
    )
    _run(wanted, options, yes=yes, json=json, log_json=log_json)


@app.command()
def run(
    file: Annotated[Path | None, typer.Argument(help="CSV, XLSX or JSON Lines.")] = None,
    template: Annotated[Path | None, typer.Option(help="Write a sample sheet to this file and stop.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    accept_defect: AcceptDefect = False,
    no_settle: NoSettle = False,
    wait_for_lock: WaitForLock = False,
    submit_again: SubmitAgain = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Cancel the orders of a sheet; run again, it goes on where it stopped."""
    from agent.batch import wanted_rows
    from agent.case import Options
    from agent.sheet import write_template

    if template is not None:
        _guarded(lambda: write_template(template))
        typer.echo(str(template))
        return
    if file is None:
        raise typer.BadParameter("name a sheet, or --template FILE for a sample one")

    def wanted(settings: Settings, voice: Terminal) -> list[Cancellation]:
        return wanted_rows(
            file, settings, accept_defect=accept_defect, check=_problem(settings), say=voice.say
        )

    options = Options(
        dry_run=dry_run, settle=not no_settle, submit_again=submit_again, wait_for_lock=wait_for_lock
    )
    _run(wanted, options, yes=yes, json=json, log_json=log_json, resume=True)


@app.command()
def sync(
    account: AccountName = None,
    wait_for_lock: WaitForLock = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Read back every order that is pending or in doubt, and settle it (同步状态)."""

    def prepare(settings: Settings, voice: Terminal) -> Work:
        name = settings.account(account)[0] if account else None

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.sync import Sync

            return await Sync(settings, ledger, voice, stop).run(name, wait=wait_for_lock)

        return work

    _begin(prepare, yes=False, json=json, log_json=log_json)


@app.command()
def status(
    order_no: Annotated[str | None, typer.Argument(help="One order number.")] = None,
    account: AccountName = None,
    state: Annotated[State | None, typer.Option(help="Only orders in this state.")] = None,
    json: Json = False,
) -> None:
    """Show the ledger."""
    from agent import present
    from agent.ledger import Ledger
    from agent.settings import load

    def work() -> None:
        settings = load()
        name = settings.account(account)[0] if account else None
        with Ledger(settings.database) as ledger:
            rows = ledger.find(order_no, account=name, states=[state] if state else ())
            outcomes = [ledger.to_outcome(row) for row in rows]
        if json:
            for outcome in outcomes:
                typer.echo(present.as_json(outcome))
        elif outcomes:
            present.table(outcomes, chinese=settings.lang == "zh-CN")
        else:
            typer.echo("no such order in the ledger", err=True)

    _guarded(work)


@app.command()
def init() -> None:
    """Set a shop up: asks for platform, site and shop name, writes unsell.toml; asks for no password."""
    from agent.init import init as set_up
    from agent.settings import load

    def ask(question: str, usual: str | None) -> str:
        typer.echo(f"{question} [{usual}]: " if usual else f"{question}: ", nl=False, err=True)
        answer = sys.stdin.readline()
        if not answer:
            raise UsageError("init needs its questions answered: nothing was written")
        return answer.strip() or usual or ""

    name, file = _guarded(lambda: set_up(load(), ask, lambda text: typer.echo(text, err=True), Path.cwd()))
    typer.echo(str(file))
    typer.echo(f"{name} is set up; next: unsell login {name}", err=True)


@app.command()
def login(
    name: Annotated[list[str] | None, typer.Argument(help="Names or titles; none: every account.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every account.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Check the saved sessions, and stop.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Remove the named accounts' sessions.")] = False,
) -> None:
    """Check every saved session, then sign in by hand, in a visible browser, only where needed."""
    from agent import login as way_in
    from agent.log import to_stderr
    from agent.redact import clean
    from agent.settings import load
    from agent.signals import run_until_done

    def work() -> list[str]:
        settings = load()
        to_stderr(as_json=False)
        if (name and every) or (status and forget) or (forget and not name):
            raise UsageError(
                "say `unsell login` with names or --all, --status, or --forget with the names of accounts"
            )
        names = list(dict.fromkeys(settings.account(one)[0] for one in name or settings.accounts))
        if not names:
            raise UsageError("no account is set up: run `unsell init`")
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)

        def say(text: str) -> None:
            typer.echo(clean(text), err=not (status or forget))

        async def begun(_: asyncio.Event) -> list[str]:
            if forget:
                return await way_in.forget(settings, names, say)
            return await (way_in.check if status else way_in.login)(settings, names, say)

        return run_until_done(begun, lambda: typer.echo("once more stops at once", err=True))

    if _guarded(work):
        raise typer.Exit(4)


@app.command()
def doctor() -> None:
    """Check the machine: browser, fonts, settings, ledger. Exit 1 when something is wrong."""
    from agent.doctor import checks
    from agent.settings import load

    found = _guarded(lambda: checks(load()))
    for check in found:
        mark = {True: "ok  ", False: "BAD ", None: "note"}[check.ok]
        typer.echo(f"{mark} {check.name}: {check.sentence}" + (f"; {check.remedy}" if check.remedy else ""))
    if any(check.ok is False for check in found):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    from agent import __version__

    typer.echo(__version__)


# -- from words to a run ---------------------------------------------------------------------------------

Work = Callable[["Ledger", "asyncio.Event"], Awaitable["Result"]]


def _typed(option: str, text: str) -> str:
    """A text of the command line. Under a locale without UTF-8 its bytes arrive undecoded: they are UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise UsageError(f"{option}: these bytes are no UTF-8 text") from None


def _reason(word: str) -> Reason:
    try:
        return Reason(word)
    except ValueError:
        raise UsageError(f"--reason {word!r} is not known; use one of: {', '.join(Reason)}") from None


def _number(text: str) -> str:
    """An order number as a sheet's cell is read: wide digits, dashes and invisible marks made plain."""
    from agent._cells import CellError, order_no_of

    try:
        return order_no_of(text)
    except CellError as error:
        raise UsageError(f"{text!r}: {error}") from None


def _amount(text: str | None) -> Decimal | None:
    from agent.sheet import amount_of

    if text is None:
        return None
    try:
        return amount_of(text)
    except ValueError as error:
        raise UsageError(f"--expect-total {text!r}: {error}") from None


def _problem(settings: Settings) -> Callable[[Cancellation], str | None]:
    """What the platform and the role say of a wish that is well-formed."""
    from agent.preflight import wording_problem
    from agent.profile import load

    profiles = {name: load(name, settings.home) for name in {a.platform for a in settings.accounts.values()}}
    return lambda wanted: wording_problem(wanted, profiles[wanted.platform])


def _checked(wanted: Cancellation, settings: Settings) -> Cancellation:
    problem = _problem(settings)(wanted)
    if problem:
        raise UsageError(problem)
    return wanted


def _run(
    wanted: Callable[[Settings, Terminal], list[Cancellation]], options: Options,
    *, yes: bool, json: bool, log_json: bool, resume: bool = False,
) -> None:  # fmt: skip
    """``resume``: what an earlier run has settled is told and not taken up again."""

    def prepare(settings: Settings, voice: Terminal) -> Work:
        orders = wanted(settings, voice)
        if not options.dry_run and not yes and not voice.asks and not any(o.approved_by for o in orders):
            raise UsageError(
                "nobody said yes: no terminal to ask at, no --yes, and no row with approved_by;"
                " nothing was begun"
            )

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.batch import split
            from agent.runner import Result, Runner

            settled, left = split(orders, ledger) if resume else ([], orders)
            voice.skipped(settled)
            runner = Runner(settings, ledger, options, voice, stop)
            result = await runner.run(left) if left else Result()
            return Result(outcomes=settled + result.outcomes, busy=result.busy)

        return work

    _begin(prepare, yes=yes, json=json, log_json=log_json)


def _begin(prepare: Callable[[Settings, Terminal], Work], *, yes: bool, json: bool, log_json: bool) -> None:
    """Settings and wishes first: what is wrong with them is said before anything is begun. Then the work."""
    from agent import present
    from agent.ledger import Ledger
    from agent.log import to_stderr
    from agent.settings import load
    from agent.signals import StoppedAtOnce, run_until_done

    def all_of_it() -> int:
        settings = load()
        to_stderr(as_json=log_json)
        voice = present.Terminal(yes=yes, json_lines=json, quiet=log_json)
        work = prepare(settings, voice)
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Ledger(settings.database) as ledger:
            try:
                result = run_until_done(lambda stop: work(ledger, stop), voice.stopping)
            except StoppedAtOnce:
                return voice.stopped(ledger.find(states=[State.SUBMITTING]))
        if not json:
            present.table(result.outcomes, chinese=settings.lang == "zh-CN")
        return present.exit_code(result.outcomes, busy=bool(result.busy))

    raise typer.Exit(_guarded(all_of_it))


def _guarded(work: Callable[[], T]) -> T:
    """Errors of ours become one sentence and the contract's exit code."""
    from agent.errors import AccountBusy, UnsellError
    from agent.redact import clean

    try:
        return work()
    except BaseExceptionGroup as group:
        raised = group.exceptions[0]
        while isinstance(raised, BaseExceptionGroup):
            raised = raised.exceptions[0]
        if not isinstance(raised, UnsellError):
            raise
        error: UnsellError = raised
    except UnsellError as raised:
        error = raised
    except KeyboardInterrupt:  # before the run took the signal over, or after its end
        typer.echo("interrupted", err=True)
        raise typer.Exit(130) from None
    typer.echo(clean(str(error)), err=True)
    raise typer.Exit(75 if isinstance(error, AccountBusy) else 2 if isinstance(error, UsageError) else 1)
