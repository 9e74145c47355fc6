"""The commands around the orders: shops set up, signed in, the machine checked, old evidence removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import start
from agent.errors import UsageError

if TYPE_CHECKING:
    import asyncio

app = typer.Typer()


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

    name, file = start.guarded(
        lambda: set_up(load(), ask, lambda text: typer.echo(text, err=True), Path.cwd())
    )
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

    if start.guarded(work):
        raise typer.Exit(4)


@app.command()
def doctor() -> None:
    """Check the machine: browser, fonts, settings, ledger. Exit 1 when something is wrong."""
    from agent.doctor import checks
    from agent.settings import load

    found = start.guarded(lambda: checks(load()))
    for check in found:
        mark = {True: "ok  ", False: "BAD ", None: "note"}[check.ok]
        typer.echo(f"{mark} {check.name}: {check.sentence}" + (f"; {check.remedy}" if check.remedy else ""))
    if any(check.ok is False for check in found):
        raise typer.Exit(1)


@app.command()
def prune() -> None:
    """Remove old evidence of settled orders (UNSELL_KEEP_EVIDENCE_DAYS). Exit 1 when something is stuck."""
    from agent.ledger import Ledger
    from agent.prune import Pruned
    from agent.prune import prune as remove
    from agent.settings import load

    def work() -> Pruned:
        settings = load()
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Ledger(settings.database) as ledger:
            return remove(settings.evidence_dir, ledger, settings.keep_evidence_days)

    done = start.guarded(work)
    typer.echo(f"evidence folders removed: {done.removed} ({done.size / 1e6:.1f} MB)")
    for why, count in done.kept.most_common():
        typer.echo(f"kept: {count} {why}")
    for folder in done.stuck:
        typer.echo(f"could not be removed: {folder}; close what has it open, then: unsell prune", err=True)
    if done.stuck:
        raise typer.Exit(1)
