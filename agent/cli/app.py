"""The command line: parse, call, print; nothing else. Heavy parts are imported where they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from agent.cli import context
from agent.cli.maintenance import app as keeping
from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Action, Cancellation, Cause, Reason, Role, State, Via

if TYPE_CHECKING:
    import asyncio

    from agent.cli.terminal import Terminal
    from agent.engine.runner import Result
    from agent.ledger.store import Ledger
    from agent.settings.settings import Settings

vars(typer.core)["_"] = _  # its headings and hints, in the language that is spoken
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help=_("Cancels marketplace orders in the web console, never twice, and keeps the proof."),
)

DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", "--rehearse", help=_("Walk to the last control, prove it, take the picture, stop.")
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help=_("Consent to every submit of this run."))]
AcceptDefect = Annotated[
    bool, typer.Option("--accept-defect", help=_("Submit a reason that counts against the shop (不良交易)."))
]
NoSettle = Annotated[bool, typer.Option("--no-settle", help=_("Leave an unknown outcome for sync."))]
WaitForLock = Annotated[
    bool, typer.Option("--wait-for-lock", help=_("Wait for another run on the same account."))
]
SubmitAgain = Annotated[
    bool,
    typer.Option(
        "--submit-again",
        help=_("Ask, at the terminal, for one more submit of one order in doubt or after two."),
    ),
]
Trace = Annotated[
    bool, typer.Option("--trace", help=_("Keep Playwright's trace of each order, without secrets, as proof."))
]
TellBuyer = Annotated[
    bool,
    typer.Option("--tell-buyer", help=_("Tell the buyer, once when submitted and once at the verdict.")),
]
LogJson = Annotated[bool, typer.Option("--log-json", help=_("Log lines as JSON."))]
Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object a line, an order each."))]
AccountName = Annotated[str | None, typer.Option("--account", help=_("Name or title of an account."))]


@app.command(help=_("Cancel orders: the documented click path, one submit, read back from another page."))
def cancel(
    order_no: Annotated[list[str], typer.Argument(help=_("Order numbers."))],
    account: Annotated[str, typer.Option(help=_("Name or title of the account."))],
    reason: Annotated[str, typer.Option(help=_("Why: {reasons}.", reasons=", ".join(Reason)))],
    note: Annotated[str | None, typer.Option(help=_("The explanation that the form asks for."))] = None,
    via: Annotated[Via, typer.Option(help=_("Which control to use."))] = Via.EITHER,
    expect_total: Annotated[
        str | None, typer.Option(help=_("Refuse unless the page shows this total."))
    ] = None,
    expect_buyer: Annotated[
        str | None, typer.Option(help=_("Refuse unless the page shows this buyer."))
    ] = None,
    expect_item: Annotated[
        str | None, typer.Option(help=_("Refuse unless the page shows these goods."))
    ] = None,
    relist: Annotated[
        bool, typer.Option("--relist/--no-relist", help=_("Offer the item for sale again."))
    ] = False,
    cause: Annotated[Cause | None, typer.Option(help=_("Whose matter it was."))] = None,
    tell_buyer: TellBuyer = False,
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
    from agent.engine.order_run import Options

    def wanted(settings: Settings, _voice: Terminal) -> list[Cancellation]:
        name, found = settings.account(context.typed("--account", account))
        expected = (expect_total, expect_buyer, expect_item)
        numbers = dict.fromkeys(map(context.number_of, order_no))
        if len(numbers) > 1 and any(expected):
            raise UsageError(
                _("--expect-total, --expect-buyer and --expect-item go with one order; use a sheet for many")
            )
        wishes: dict[str, Any] = {
            "account": name, "platform": found.platform, "role": Role(found.role),
            "reason": context.reason_of(reason), "note": note and context.typed("--note", note), "via": via,
            **context.total(expect_total),
            "expect_buyer": expect_buyer and context.typed("--expect-buyer", expect_buyer),
            "expect_item": expect_item and context.typed("--expect-item", expect_item),
            "relist": relist, "cause": cause, "accept_defect": accept_defect, "tell_buyer": tell_buyer,
        }  # fmt: skip
        return [context.checked(Cancellation(order_no=no, **wishes), settings) for no in numbers]

    options = Options(
        dry_run=dry_run,
        settle=not no_settle,
        submit_again=submit_again,
        wait_for_lock=wait_for_lock,
        trace=trace,
    )
    context.run_orders(wanted, options, yes=yes, json=json, log_json=log_json)


@app.command(help=_("Cancel the orders of a sheet; run again, it goes on where it stopped."))
def run(
    file: Annotated[Path | None, typer.Argument(help=_("CSV, XLSX or JSON Lines."))] = None,
    template: Annotated[
        Path | None, typer.Option(help=_("Write a sample sheet to this file and stop."))
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
    from agent.engine.order_run import Options
    from agent.sheet.batch import Batch, read_batch
    from agent.sheet.template import write_template

    if template is not None:
        context.guarded(lambda: write_template(template))
        typer.echo(str(template))
        return
    if file is None:
        raise typer.BadParameter(_("name a sheet, or --template FILE for a sample one"))

    def read(settings: Settings, voice: Terminal) -> Batch:
        return read_batch(
            file, settings, accept_defect=accept_defect, check=context.problem_of(settings), say=voice.say
        )

    options = Options(
        dry_run=dry_run,
        settle=not no_settle,
        submit_again=submit_again,
        wait_for_lock=wait_for_lock,
        trace=trace,
    )
    context.run_sheet(read, options, yes=yes, json=json, log_json=log_json)


@app.command(
    help=_("List the buyers' open cancellation requests, with each buyer's reason and the hours left.")
)
def requests(
    account: Annotated[str, typer.Option(help=_("Name or title of the account."))],
    wait_for_lock: WaitForLock = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:
    context.show_requests(
        context.typed("--account", account), wait=wait_for_lock, json=json, log_json=log_json
    )


@app.command(help=_("Answer a buyer's cancellation request: one submit, read back from another page."))
def answer(
    order_no: Annotated[str, typer.Argument(help=_("Order number."))],
    account: Annotated[str, typer.Option(help=_("Name or title of the account."))],
    accept: Annotated[
        bool | None, typer.Option("--accept/--decline", help=_("What to answer."), show_default=False)
    ] = None,
    tell_buyer: TellBuyer = False,
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
    from agent.engine.order_run import Options

    if accept is None:
        raise typer.BadParameter(_("say --accept or --decline"))

    def wanted(settings: Settings, _voice: Terminal) -> list[Cancellation]:
        name, found = settings.account(context.typed("--account", account))
        action = Action.ACCEPT if accept else Action.DECLINE
        one = Cancellation(
            account=name, platform=found.platform, role=Role(found.role),
            order_no=context.number_of(order_no), reason=Reason.BUYER_ASKED, action=action,
            tell_buyer=tell_buyer, accept_defect=accept_defect,
        )  # fmt: skip
        return [context.checked(one, settings)]

    options = Options(
        dry_run=dry_run,
        settle=not no_settle,
        submit_again=submit_again,
        wait_for_lock=wait_for_lock,
        trace=trace,
    )
    context.run_orders(wanted, options, yes=yes, json=json, log_json=log_json)


@app.command(help=_("Read back every order that is pending or in doubt, and settle it (同步状态)."))
def sync(
    account: AccountName = None,
    wait_for_lock: WaitForLock = False,
    log_json: LogJson = False,
    json: Json = False,
) -> None:

    def prepare(settings: Settings, voice: Terminal) -> context.Work:
        name = settings.account(account)[0] if account else None

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.engine.sync import Sync

            return await Sync(settings, ledger, voice, stop).run(name, wait=wait_for_lock)

        return work

    context.begin(prepare, yes=False, json=json, log_json=log_json)


@app.command(help=_("Show the ledger."))
def status(
    order_no: Annotated[str | None, typer.Argument(help=_("One order number."))] = None,
    account: AccountName = None,
    state: Annotated[State | None, typer.Option(help=_("Only orders in this state."))] = None,
    json: Json = False,
) -> None:
    from agent.cli import terminal
    from agent.ledger.store import Ledger

    def work() -> None:
        settings = context.settings_here()
        name = settings.account(account)[0] if account else None
        with Ledger(settings.database, practice=settings.practice is not None) as ledger:
            rows = ledger.find(order_no, account=name, states=[state] if state else ())
            outcomes = [ledger.to_outcome(row) for row in rows]
            told = [message for row in rows if order_no for message in ledger.outbox.of(row)]
        if json:
            for outcome in outcomes:
                typer.echo(terminal.as_json(outcome))
        elif outcomes:
            terminal.table(outcomes)
            terminal.messages(told)
        else:
            typer.echo(_("no such order in the ledger"), err=True)

    context.guarded(work)


@app.command(
    help=_("Write the HTML report: totals, every order's way in pictures, why orders are cancelled.")
)
def report(
    show: Annotated[bool, typer.Option("--open", help=_("Show it in your browser."))] = False,
) -> None:
    import webbrowser

    from agent.ledger.store import Ledger
    from agent.report.report import write_report

    def work() -> Path:
        settings = context.settings_here()
        with Ledger(settings.database, practice=settings.practice is not None) as ledger:
            return write_report(settings, ledger)

    file = context.guarded(work)
    typer.echo(str(file))
    if show and not webbrowser.open(file.as_uri()):
        typer.echo(_("no browser could be opened: open the file by hand"), err=True)


@app.command(help=_("Print the version."))
def version() -> None:
    from agent import __version__

    typer.echo(__version__)


app.add_typer(keeping)
