"""``unsell worker``, and ``unsell run FILE --enqueue``: many machines on one PostgreSQL."""

from __future__ import annotations

import contextlib
import json as json_lines
import os
import platform
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.context import Context, command
from agent.cli.flags import Flags, takes, told
from agent.domain.errors import UsageError
from agent.domain.i18n import N_, _

if TYPE_CHECKING:
    from agent.cluster.status import Standing
    from agent.sheet.batch import Batch

_STAGES = {
    "order": N_("to be done"),
    "wait": N_("in doubt, waited out"),
    "first-read": N_("in doubt, read back"),
    "wait-again": N_("in doubt, waited out again"),
    "second-read": N_("in doubt, read back again"),
}
app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(
    **told(
        _("Do what was enqueued: on as many machines as wanted, on one PostgreSQL ledger."),
        "unsell worker --accounts 2",
    )
)
@takes("log_json", "json")
def worker(
    accounts: Annotated[
        int, typer.Option(min=1, max=64, help=_("Accounts served at once; the same on each worker."))
    ] = 2,
    status: Annotated[bool, typer.Option("--status", help=_("Show workers, queue and what waits."))] = False,
    drain: Annotated[
        bool, typer.Option("--drain", help=_("Have this machine's workers end what is in hand, and stop."))
    ] = False,
    metrics: Annotated[
        int | None, typer.Option(min=1, max=65535, help=_("Prometheus metrics on this loopback port."))
    ] = None,
    *,
    flags: Flags,
) -> None:
    with command(flags) as context:
        _must_have_engine()
        from agent.cluster.enqueue import must_be_shared

        must_be_shared(context.settings)
        if status or flags.json:
            _show(context)
        elif drain:
            _drain(context)
        else:
            _work(context, accounts, metrics)


def _must_have_engine() -> None:
    try:
        import dbos  # noqa: F401
        import psycopg  # noqa: F401
    except ImportError:
        raise UsageError(_("workers need their engine: pip install 'unsell[cluster]'")) from None


def _work(context: Context, accounts: int, metrics: int | None) -> None:
    from agent.cli.signals import StoppedAtOnce, run_until_done
    from agent.cluster.worker import Share, Worker
    from agent.notify.channels import Notifier

    settings = context.settings
    poll = os.environ.get("PRACTICE_WORKER_POLL", "1") if settings.practice else "1"
    share = Share(accounts=accounts, metrics=metrics, poll=float(poll))
    people = Notifier(settings)
    with context.ledger() as ledger:
        try:
            run_until_done(
                lambda stop: Worker(settings, ledger, share, stop, people.at_once).run(),
                lambda: typer.echo(_("finishing what is in hand; once more stops at once"), err=True),
            )
        except StoppedAtOnce:
            context.exit_code = 4


def _show(context: Context) -> None:
    from agent.cluster.slots import Slots
    from agent.cluster.status import standing

    with context.ledger() as ledger:
        now = standing(ledger, Slots(context.settings.database))
    as_json = context.flags.json
    typer.echo(json_lines.dumps(now.as_json(), ensure_ascii=False) if as_json else _told(now))


def _told(now: Standing) -> str:
    stages = ", ".join(f"{_(_STAGES[stage])} {many}" for stage, many in now.waiting.items()) or "-"
    lines = [
        _("{workers} workers", workers=len(now.workers)),
        *(
            _("  slot {slot}: process {pid} on {host}, since {since}", slot=one.slot, pid=one.pid,
              host=one.host, since=one.since)
            for one in now.workers
        ),
        _("{depth} orders open, of {accounts} accounts: {stages}", depth=now.depth, accounts=now.accounts,
          stages=stages),
        _("oldest open since: {since}", since=now.oldest or "-"),
        _("orders ended within an hour: {hour}", hour=now.hour),
        _("orders for a person: {needs_human}", needs_human=now.needs_human),
        *(
            _("account {account} is held: {why}", account=one.account, why=one.why)
            for one in now.held
        ),
    ]  # fmt: skip
    return "\n".join(lines)


def _drain(context: Context) -> None:
    """SIGTERM to the workers of this machine."""
    from agent.cluster.slots import Slots

    if sys.platform == "win32":  # os.kill ends a process there at once, in the middle of an order
        raise UsageError(_("on Windows a worker is stopped by Ctrl-C in its own window"))
    holders = Slots(context.settings.database).holders().values()
    told = 0
    for one in holders:
        if one.pid > 0 and one.host == platform.node()[:40]:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # gone, or another user's
                os.kill(one.pid, signal.SIGTERM)
                told += 1
    typer.echo(_("{workers} workers of this machine finish what is in hand, and stop", workers=told))


def enqueue(context: Context, batch: Batch) -> None:
    """Hand a sheet's orders to the workers; exit 5 where some were not."""
    from agent.cli import terminal
    from agent.cluster.enqueue import enqueue as hand_over
    from agent.cluster.enqueue import must_be_shared
    from agent.engine.messages import check_letters

    flags = context.flags
    if flags.dry_run or flags.submit_again or flags.trace:
        raise UsageError(_("--enqueue goes with --yes, --accept-defect and --json alone"))
    must_be_shared(context.settings)
    if not flags.yes and not any(one.approved_by for one in batch.wanted):
        raise UsageError(_("nobody said yes: --enqueue takes --yes, or rows with approved_by"))
    check_letters(context.settings, {one.account for one in batch.wanted if one.tell_buyer})
    with context.ledger() as ledger:
        settled, left = batch.split(ledger)
        by = terminal.who_asks() if flags.yes else None
        handed = hand_over(context.settings, ledger, left, by=by)
    for outcome in [*settled, *(outcome for outcome, _has in handed)] if flags.json else ():
        typer.echo(terminal.as_json(outcome))
    taken = sum(has for _outcome, has in handed)
    context.terminal.say(
        _(
            "{taken} orders are with the workers; {left} were left: not approved, or over the cap; "
            "{settled} were settled before",
            taken=taken,
            left=len(handed) - taken,
            settled=len(settled),
        )
    )
    context.exit_code = 0 if taken == len(handed) else 5
