"""The command line: parse, call, print; nothing else. Heavy parts are imported where they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import start
from agent.cli_keeping import app as keeping
from agent.errors import UsageError
from agent.order import Action, Cancellation, Cause, Reason, Role, State, Via

if TYPE_CHECKING:
    import asyncio

    from agent.ledger import Ledger
    from agent.present import Terminal
    from agent.runner import Result
    from agent.settings import Settings

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
Trace = Annotated[
    bool, typer.Option("--trace", help="Keep Playwright's trace of each order, without secrets, as proof.")
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
    trace: Trace = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Cancel orders: the documented click path, one submit, read back from another page."""
    from agent.case import Options

    def wanted(settings: Settings, _: Terminal) -> list[Cancellation]:
        name, found = settings.account(start.typed("--account", account))
        expected = (expect_total, expect_buyer, expect_item)
        numbers = dict.fromkeys(map(start.number_of, order_no))
        if len(numbers) > 1 and any(expected):
            raise UsageError(
                "--expect-total, --expect-buyer and --expect-item go with one order; use a sheet for many"
            )
        wishes: dict[str, Any] = {
            "account": name, "platform": found.platform, "role": Role(found.role),
            "reason": start.reason_of(reason), "note": note and start.typed("--note", note), "via": via,
            "expect_total": start.amount(expect_total),
            "expect_buyer": expect_buyer and start.typed("--expect-buyer", expect_buyer),
            "expect_item": expect_item and start.typed("--expect-item", expect_item),
            "relist": relist, "cause": cause, "accept_defect": accept_defect,
        }  # fmt: skip
        return [start.checked(Cancellation(order_no=no, **wishes), settings) for no in numbers]

    options = Options(
        dry_run=dry_run,
        settle=not no_settle,
        submit_again=submit_again,
        wait_for_lock=wait_for_lock,
        trace=trace,
    )
    start.run_orders(wanted, options, yes=yes, json=json, log_json=log_json)


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
    trace: Trace = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Cancel the orders of a sheet; run again, it goes on where it stopped."""
    from agent.batch import Batch, read_batch
    from agent.case import Options
    from agent.sheet import write_template

    if template is not None:
        start.guarded(lambda: write_template(template))
        typer.echo(str(template))
        return
    if file is None:
        raise typer.BadParameter("name a sheet, or --template FILE for a sample one")

    def read(settings: Settings, voice: Terminal) -> Batch:
        return read_batch(
            file, settings, accept_defect=accept_defect, check=start.problem_of(settings), say=voice.say
        )

    options = Options(
        dry_run=dry_run,
        settle=not no_settle,
        submit_again=submit_again,
        wait_for_lock=wait_for_lock,
        trace=trace,
    )
    start.run_sheet(read, options, yes=yes, json=json, log_json=log_json)


@app.command()
def requests(
    account: Annotated[str, typer.Option(help="Name or title of the account.")],
    wait_for_lock: WaitForLock = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """List the buyers' open cancellation requests, with each buyer's reason and the hours left."""
    start.show_requests(start.typed("--account", account), wait=wait_for_lock, json=json, log_json=log_json)


@app.command()
def answer(
    order_no: Annotated[str, typer.Argument(help="Order number.")],
    account: Annotated[str, typer.Option(help="Name or title of the account.")],
    accept: Annotated[
        bool | None, typer.Option("--accept/--decline", help="What to answer.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    accept_defect: AcceptDefect = False,
    no_settle: NoSettle = False,
    wait_for_lock: WaitForLock = False,
    submit_again: SubmitAgain = False,
    trace: Trace = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Answer a buyer's cancellation request: one submit, read back from another page."""
    from agent.case import Options

    if accept is None:
        raise typer.BadParameter("say --accept or --decline")

    def wanted(settings: Settings, _: Terminal) -> list[Cancellation]:
        name, found = settings.account(start.typed("--account", account))
        action = Action.ACCEPT if accept else Action.DECLINE
        one = Cancellation(
            account=name, platform=found.platform, role=Role(found.role),
            order_no=start.number_of(order_no), reason=Reason.BUYER_ASKED, action=action,
            accept_defect=accept_defect,
        )  # fmt: skip
        return [start.checked(one, settings)]

    options = Options(
        dry_run=dry_run,
        settle=not no_settle,
        submit_again=submit_again,
        wait_for_lock=wait_for_lock,
        trace=trace,
    )
    start.run_orders(wanted, options, yes=yes, json=json, log_json=log_json)


@app.command()
def sync(
    account: AccountName = None,
    wait_for_lock: WaitForLock = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    """Read back every order that is pending or in doubt, and settle it (同步状态)."""

    def prepare(settings: Settings, voice: Terminal) -> start.Work:
        name = settings.account(account)[0] if account else None

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.sync import Sync

            return await Sync(settings, ledger, voice, stop).run(name, wait=wait_for_lock)

        return work

    start.begin(prepare, yes=False, json=json, log_json=log_json)


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

    start.guarded(work)


@app.command()
def report(
    show: Annotated[bool, typer.Option("--open", help="Show it in your browser.")] = False,
) -> None:
    """Write the HTML report: totals, every order's way in pictures, why orders are cancelled."""
    import webbrowser

    from agent.ledger import Ledger
    from agent.report import write_report
    from agent.settings import load

    def work() -> Path:
        settings = load()
        with Ledger(settings.database) as ledger:
            return write_report(settings, ledger)

    file = start.guarded(work)
    typer.echo(str(file))
    if show and not webbrowser.open(file.as_uri()):
        typer.echo("no browser could be opened: open the file by hand", err=True)


@app.command()
def version() -> None:
    """Print the version."""
    from agent import __version__

    typer.echo(__version__)


app.add_typer(keeping)
