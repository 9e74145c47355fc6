"""The command line: parse, call, print; nothing else. Heavy parts are imported where they are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from agent.cli import arguments
from agent.cli import worker as workers
from agent.cli.context import command
from agent.cli.flags import READS, SUBMITS, Flags, takes, told
from agent.cli.maintenance import app as keeping
from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Action, Cancellation, Cause, Reason, Role, State, Via

if TYPE_CHECKING:
    import asyncio

    from agent.engine.runner import Result
    from agent.ledger.store import Ledger

vars(typer.core)["_"] = _  # its headings and hints, in the language that is spoken
app = typer.Typer(
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=_("Cancels marketplace orders in the web console, never twice, and keeps the proof."),
)

TellBuyer = Annotated[
    bool,
    typer.Option("--tell-buyer", help=_("Tell the buyer, once when submitted and once at the verdict.")),
]
TheAccount = Annotated[
    str | None,
    typer.Option("--account", help=_("Name or title of the account; may be left out where there is one.")),
]
AccountName = Annotated[str | None, typer.Option("--account", help=_("Name or title of an account."))]


@app.callback()
def main(
    show_version: Annotated[
        bool, typer.Option("--version", help=_("Print the version."), is_eager=True)
    ] = False,
) -> None:
    if show_version:
        version()
        raise typer.Exit


@app.command(
    **told(
        _("Cancel orders: the documented click path, one submit, read back from another page."),
        "unsell cancel 1330312162 --account shop1 --reason buyer-asked --dry-run",
    )
)
@takes(*SUBMITS)
def cancel(
    order_no: Annotated[list[str], typer.Argument(help=_("Order numbers."))],
    reason: Annotated[str, typer.Option(help=_("Why: {reasons}.", reasons=", ".join(Reason)))],
    account: TheAccount = None,
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
    *,
    flags: Flags,
) -> None:
    with command(flags) as context:
        name, found = context.account(account)
        expected = (expect_total, expect_buyer, expect_item)
        numbers = dict.fromkeys(map(arguments.number_of, order_no))
        if len(numbers) > 1 and any(expected):
            raise UsageError(
                _("--expect-total, --expect-buyer and --expect-item go with one order; use a sheet for many")
            )
        wishes: dict[str, Any] = {
            "account": name, "platform": found.platform, "role": Role(found.role),
            "reason": arguments.reason_of(reason), "note": note and arguments.typed("--note", note),
            "via": via, **arguments.total(expect_total),
            "expect_buyer": expect_buyer and arguments.typed("--expect-buyer", expect_buyer),
            "expect_item": expect_item and arguments.typed("--expect-item", expect_item),
            "relist": relist, "cause": cause, "accept_defect": flags.accept_defect, "tell_buyer": tell_buyer,
        }  # fmt: skip
        orders = [Cancellation(order_no=no, **wishes) for no in numbers]
        context.run_orders([arguments.checked(one, context.settings) for one in orders])


@app.command(
    **told(
        _("Cancel the orders of a sheet; run again, it goes on where it stopped."),
        "unsell run orders.xlsx --dry-run",
    )
)
@takes(*SUBMITS)
def run(
    file: Annotated[Path | None, typer.Argument(help=_("CSV, XLSX or JSON Lines."))] = None,
    template: Annotated[
        Path | None, typer.Option(help=_("Write a sample sheet to this file and stop."))
    ] = None,
    enqueue: Annotated[
        bool, typer.Option("--enqueue", help=_("Hand the orders to the workers, and do not wait for them."))
    ] = False,
    *,
    flags: Flags,
) -> None:
    from agent.cli.errors import errors_told
    from agent.sheet.batch import read_batch
    from agent.sheet.template import write_template

    if template is not None:
        with errors_told():
            write_template(template)
        typer.echo(str(template))
        return
    if file is None:
        raise typer.BadParameter(_("name a sheet, or --template FILE for a sample one"))
    with command(flags) as context:
        check = arguments.problem_of(context.settings)
        batch = read_batch(
            file, context.settings, accept_defect=flags.accept_defect, check=check, say=context.terminal.say
        )
        if enqueue:
            workers.enqueue(context, batch)
        else:
            context.run_sheet(batch)


@app.command(
    **told(
        _("List the buyers' open cancellation requests, with each buyer's reason and the hours left."),
        "unsell requests --account shop1",
    )
)
@takes(*READS)
def requests(account: TheAccount = None, *, flags: Flags) -> None:
    from agent.cli import terminal
    from agent.engine.requests import open_requests

    with command(flags) as context:
        name, found = context.account(account)
        if found.role != Role.SELLER:
            raise UsageError(
                _("requests wait for the seller, and {name} is a {role}", name=name, role=found.role)
            )
        listed = context.until_done(
            lambda _stop: open_requests(context.settings, name, wait=flags.wait_for_lock)
        )
        if flags.json:
            for one in listed:
                typer.echo(terminal.as_json(one))
        elif listed:
            typer.echo(context.heading([name]))
            terminal.requests_table(listed)
        else:
            typer.echo(_("{name}: no request waits for an answer", name=name), err=True)


@app.command(
    **told(
        _("Answer a buyer's cancellation request: one submit, read back from another page."),
        "unsell answer 12-34567-89012 --account shop1 --accept",
    )
)
@takes(*SUBMITS)
def answer(
    order_no: Annotated[str, typer.Argument(help=_("Order number."))],
    account: TheAccount = None,
    accept: Annotated[
        bool | None, typer.Option("--accept/--decline", help=_("What to answer."), show_default=False)
    ] = None,
    tell_buyer: TellBuyer = False,
    *,
    flags: Flags,
) -> None:
    if accept is None:
        raise typer.BadParameter(_("say --accept or --decline"))
    with command(flags) as context:
        name, found = context.account(account)
        wanted = Cancellation(
            account=name, platform=found.platform, role=Role(found.role),
            order_no=arguments.number_of(order_no), reason=Reason.BUYER_ASKED,
            action=Action.ACCEPT if accept else Action.DECLINE,
            tell_buyer=tell_buyer, accept_defect=flags.accept_defect,
        )  # fmt: skip
        context.run_orders([arguments.checked(wanted, context.settings)])


@app.command(
    **told(
        _("Read back every order that is pending or in doubt, and settle it (同步状态)."),
        "unsell sync --account shop1",
    )
)
@takes(*READS)
def sync(account: AccountName = None, *, flags: Flags) -> None:
    with command(flags) as context:
        name = context.account_name(account)

        async def work(ledger: Ledger, stop: asyncio.Event) -> Result:
            from agent.engine.sync import Sync

            reader = Sync(context.settings, ledger, context.terminal, stop)
            return await reader.run(name, wait=flags.wait_for_lock)

        context.run(work)


@app.command(**told(_("Show the ledger."), "unsell status 1330312162"))
@takes("json")
def status(
    order_no: Annotated[str | None, typer.Argument(help=_("One order number."))] = None,
    account: AccountName = None,
    state: Annotated[State | None, typer.Option(help=_("Only orders in this state."))] = None,
    *,
    flags: Flags,
) -> None:
    from agent.cli import story, terminal

    with command(flags) as context:
        name = context.account_name(account)
        number = order_no and arguments.number_of(order_no)
        with context.ledger() as ledger:
            rows = ledger.find(number, account=name, states=[state] if state else ())
            outcomes = [ledger.to_outcome(row) for row in rows]
            told = [message for row in rows if number for message in ledger.outbox.of(row)]
            events = [event for row in rows if number for event in ledger.events(row)]
        if flags.json:
            for outcome in outcomes:
                typer.echo(terminal.as_json(outcome))
        elif outcomes:
            typer.echo(context.heading(one.account for one in outcomes))
            terminal.table(outcomes)
            for line in story.lines(events):
                typer.echo(line)
            terminal.messages(told)
        if number and not outcomes:
            typer.echo(_("order {number} is not in the ledger", number=number), err=True)
            context.exit_code = 3
        elif not outcomes:
            typer.echo(_("no such order in the ledger"), err=True)


@app.command(
    **told(
        _("Write the HTML report: totals, every order's way in pictures, why orders are cancelled."),
        "unsell report --open",
    )
)
def report(
    show: Annotated[bool, typer.Option("--open", help=_("Show it in your browser."))] = False,
) -> None:
    import webbrowser

    from agent.report.report import write_report

    with command() as context:
        with context.ledger() as ledger:
            file = write_report(context.settings, ledger)
        typer.echo(str(file))
        if show and not webbrowser.open(file.as_uri()):
            typer.echo(_("no browser could be opened: open the file by hand"), err=True)


@app.command(**told(_("Print the version."), "unsell version"))
def version() -> None:
    from agent import __version__

    typer.echo(__version__)


app.add_typer(keeping)
app.add_typer(workers.app)
