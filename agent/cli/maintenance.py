"""The commands around the orders: shops set up, signed in, the machine checked, old evidence removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.context import command
from agent.domain.errors import UsageError
from agent.domain.i18n import _

app = typer.Typer()
ledger = typer.Typer(help=_("The ledger itself."), no_args_is_help=True)
app.add_typer(ledger, name="ledger")


@ledger.command(help=_("Copy the whole ledger to a new file, while runs go on."))
def backup(file: Annotated[Path, typer.Argument(help=_("A file that is not there yet."))]) -> None:
    from agent.ledger.backup import back_up

    with command() as context:
        back_up(context.settings.database, file.absolute())
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

    with command() as context:
        name, file = set_up(context.settings, ask, lambda text: typer.echo(text, err=True), Path.cwd())
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
    from agent.domain.printable import printable
    from agent.domain.redact import clean

    def say(text: str) -> None:
        typer.echo(printable(clean(text)), err=not (status or forget))

    with command() as context:
        settings = context.settings
        if (name and every) or (status and forget) or (forget and not name):
            raise UsageError(
                _("say `unsell login` with names or --all, --status, or --forget with the names of accounts")
            )
        names = list(dict.fromkeys(settings.account(one)[0] for one in name or settings.accounts))
        if not names:
            raise UsageError(_("no account is set up: run `unsell init`"))
        work = way_in.forget if forget else way_in.check if status else way_in.login
        if context.until_done(lambda _stop: work(settings, names, say)):
            context.exit_code = 4


@app.command(help=_("Check the machine: browser, fonts, settings, ledger. Exit 1 when something is wrong."))
def doctor() -> None:
    from agent.cli.doctor import checks

    with command() as context:
        found = checks(context.settings)
        for check in found:
            mark = {True: "ok  ", False: "BAD ", None: "note"}[check.ok]
            typer.echo(
                f"{mark} {_(check.name)}: {check.sentence}" + (f"; {check.remedy}" if check.remedy else "")
            )
        context.exit_code = 1 if any(check.ok is False for check in found) else 0


@app.command(
    help=_(
        "Remove old evidence of settled orders (UNSELL_KEEP_EVIDENCE_DAYS). Exit 1 when something is stuck."
    )
)
def prune() -> None:
    from agent.engine.prune import prune as remove

    with command() as context:
        settings = context.settings
        settings.make_state()
        with context.ledger() as kept:
            done = remove(settings.evidence_dir, kept, settings.keep_evidence_days)
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
                _(
                    "could not be removed: {folder}; close what has it open, then: unsell prune",
                    folder=folder,
                ),
                err=True,
            )
        context.exit_code = 1 if done.stuck else 0
