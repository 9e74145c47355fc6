"""The commands around the orders: shops set up, signed in, the machine checked, old evidence removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import context
from agent.domain.errors import UsageError
from agent.domain.i18n import _

if TYPE_CHECKING:
    import asyncio

app = typer.Typer()
ledger = typer.Typer(help=_("The ledger itself."), no_args_is_help=True)
app.add_typer(ledger, name="ledger")


@ledger.command(help=_("Copy the whole ledger to a new file, while runs go on."))
def backup(file: Annotated[Path, typer.Argument(help=_("A file that is not there yet."))]) -> None:
    from agent.ledger.backup import back_up

    context.guarded(lambda: back_up(context.settings_here().database, file.absolute()))
    typer.echo(str(file))


@app.command(
    help=_("Set a shop up: asks for platform, site and shop name, writes unsell.toml; asks for no password.")
)
def init() -> None:
    from agent.cli.setup import init as set_up

    def ask(question: str, usual: str | None) -> str:
        typer.echo(f"{question} [{usual}]: " if usual else f"{question}: ", nl=False, err=True)
        answer = sys.stdin.readline()
        if not answer:
            raise UsageError(_("init needs its questions answered: nothing was written"))
        return answer.strip() or usual or ""

    name, file = context.guarded(
        lambda: set_up(context.settings_here(), ask, lambda text: typer.echo(text, err=True), Path.cwd())
    )
    typer.echo(str(file))
    typer.echo(_("{name} is set up; next: unsell login {name}", name=name), err=True)


@app.command(
    help=_("Check every saved session, then sign in by hand, in a visible browser, only where needed.")
)
def login(
    name: Annotated[list[str] | None, typer.Argument(help=_("Names or titles; none: every account."))] = None,
    every: Annotated[bool, typer.Option("--all", help=_("Every account."))] = False,
    status: Annotated[bool, typer.Option("--status", help=_("Check the saved sessions, and stop."))] = False,
    forget: Annotated[bool, typer.Option("--forget", help=_("Remove the named accounts' sessions."))] = False,
) -> None:
    from agent.account import login as way_in
    from agent.cli.log import to_stderr
    from agent.cli.signals import run_until_done
    from agent.domain.printable import printable
    from agent.domain.redact import clean

    def work() -> list[str]:
        settings = context.settings_here()
        to_stderr(as_json=False)
        if (name and every) or (status and forget) or (forget and not name):
            raise UsageError(
                _("say `unsell login` with names or --all, --status, or --forget with the names of accounts")
            )
        names = list(dict.fromkeys(settings.account(one)[0] for one in name or settings.accounts))
        if not names:
            raise UsageError(_("no account is set up: run `unsell init`"))
        settings.make_state()

        def say(text: str) -> None:
            typer.echo(printable(clean(text)), err=not (status or forget))

        async def begun(_stop: asyncio.Event) -> list[str]:
            if forget:
                return await way_in.forget(settings, names, say)
            return await (way_in.check if status else way_in.login)(settings, names, say)

        return run_until_done(begun, lambda: typer.echo(_("once more stops at once"), err=True))

    if context.guarded(work):
        raise typer.Exit(4)


@app.command(help=_("Check the machine: browser, fonts, settings, ledger. Exit 1 when something is wrong."))
def doctor() -> None:
    from agent.cli.doctor import checks

    found = context.guarded(lambda: checks(context.settings_here()))
    for check in found:
        mark = {True: "ok  ", False: "BAD ", None: "note"}[check.ok]
        typer.echo(
            f"{mark} {_(check.name)}: {check.sentence}" + (f"; {check.remedy}" if check.remedy else "")
        )
    if any(check.ok is False for check in found):
        raise typer.Exit(1)


@app.command(
    help=_(
        "Remove old evidence of settled orders (UNSELL_KEEP_EVIDENCE_DAYS). Exit 1 when something is stuck."
    )
)
def prune() -> None:
    from agent.engine.prune import Pruned
    from agent.engine.prune import prune as remove
    from agent.ledger.store import Ledger

    def work() -> Pruned:
        settings = context.settings_here()
        settings.make_state()
        with Ledger(settings.database, practice=settings.practice is not None) as ledger:
            return remove(settings.evidence_dir, ledger, settings.keep_evidence_days)

    done = context.guarded(work)
    typer.echo(
        _(
            "evidence folders removed: {removed} ({size:.1f} MB)",
            removed=done.removed,
            size=done.size / 1000000.0,
        )
    )
    for why, count in done.kept.most_common():
        typer.echo(_("kept: {count} {why}", count=count, why=_(why)))
    for folder in done.stuck:
        typer.echo(
            _("could not be removed: {folder}; close what has it open, then: unsell prune", folder=folder),
            err=True,
        )
    if done.stuck:
        raise typer.Exit(1)
