"""The commands around the orders: shops set up, signed in, the machine checked, old evidence removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import arguments
from agent.cli.arguments import typed
from agent.cli.context import Context, command
from agent.cli.flags import Flags, told
from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Cancellation, Reason, Role, State

if TYPE_CHECKING:
    import asyncio

    from agent.domain.order import Outcome
    from agent.engine.runner import Result
    from agent.settings.settings import Settings

app = typer.Typer()
ledger = typer.Typer(help=_("The ledger itself."), no_args_is_help=True)
app.add_typer(ledger, name="ledger")


@ledger.command(
    **told(
        _("Copy the whole ledger to a new file, while runs go on."),
        "unsell ledger backup ledger-copy.sqlite3",
    )
)
def backup(file: Annotated[Path, typer.Argument(help=_("A file that is not there yet."))]) -> None:
    from agent.ledger.backup import back_up

    with command() as context:
        back_up(context.settings.database, file.absolute())
        typer.echo(str(file))


@app.command(
    **told(
        _(
            "Set a shop up in unsell.toml, no password asked; at a terminal, also sign in and rehearse one "
            "order."
        ),
        "unsell init",
    )
)
def init(
    platform: Annotated[
        str | None, typer.Option(help=_("The platform: its name as people write it."))
    ] = None,
    site: Annotated[str | None, typer.Option(help=_("The site, where the platform has several."))] = None,
    title: Annotated[str | None, typer.Option(help=_("The shop's name, in any script."))] = None,
) -> None:
    from agent.cli.setup import Given
    from agent.cli.setup import init as set_up

    with command() as context:
        given = Given(*(text and typed(f"--{what}", text) for what, text in
                        (("platform", platform), ("site", site), ("title", title))))  # fmt: skip
        name, file = set_up(context.settings, _ask, _say, Path.cwd(), given)
        typer.echo(str(file))
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            _say(_("{name} is set up; next: unsell login {name}", name=name))
            return
        context.reload()
        _first_steps(context, name)


def _ask(question: str, usual: str | None) -> str:
    answer = _answered(question, usual)
    if answer is None:
        raise UsageError(_("init needs its questions answered: nothing was written"))
    return answer


def _answered(question: str, usual: str | None) -> str | None:
    """What was typed, Enter for the usual answer; None at the end of the input (Ctrl-D)."""
    typer.echo(f"{question} [{usual}]: " if usual else f"{question}: ", nl=False, err=True)
    line = sys.stdin.readline()
    return (line.strip() or usual or "") if line else None


def _say(text: str) -> None:
    from agent.domain.printable import printable
    from agent.domain.redact import clean

    typer.echo(printable(clean(text)), err=True)


def _first_steps(context: Context, name: str) -> None:
    """At a terminal: sign in, then rehearse one order; each only if the person wants it."""
    from agent.account.login import login as sign_in
    from agent.domain.command import words_of
    from agent.domain.order import Cancellation, Role

    if (_answered(_("sign in now? (y/n)"), "y") or "").lower() not in ("y", "yes", "是"):
        _say(_("{name} is set up; next: unsell login {name}", name=name))
        return
    if context.until_done(lambda _stop: sign_in(context.settings, [name], _say)):
        _say(_("next: unsell login {name}", name=name))
        context.exit_code = 4
        return
    account = context.settings.accounts[name]
    number = _answered(_("an order number to try, nothing is submitted (Enter: none)"), None)
    if not number:
        _say(_("next: unsell cancel ORDER_NO --reason buyer-asked --dry-run"))
        return
    reason = arguments.reason_of(_answered(_("reason"), Reason.BUYER_ASKED.value) or Reason.BUYER_ASKED)
    wanted = Cancellation(
        account=name, platform=account.platform, role=Role(account.role),
        order_no=arguments.number_of(number), reason=reason,
    )  # fmt: skip
    context.flags = Flags(dry_run=True)
    context.again = [*words_of(wanted), "--dry-run"]
    context.run_orders([arguments.checked(wanted, context.settings)])


@app.command(
    **told(
        _("Check every saved session, then sign in by hand, in a visible browser, only where needed."),
        "unsell login shop1",
    )
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


@app.command(
    **told(
        _("Check the machine: browser, fonts, settings, ledger. Exit 1 when something is wrong."),
        "unsell doctor",
    )
)
def doctor(
    notify: Annotated[
        bool, typer.Option("--notify", help=_("Send a test message to every channel, and stop."))
    ] = False,
    account: Annotated[
        str | None, typer.Option("--account", help=_("Walk this account's pages too: name or title."))
    ] = None,
    order: Annotated[
        str | None,
        typer.Option("--order", help=_("With --account: the order whose way is walked, read-only.")),
    ] = None,
    bundle: Annotated[
        bool, typer.Option("--bundle", help=_("Write a file for a bug report: no names, no pictures."))
    ] = False,
    with_pictures: Annotated[
        bool, typer.Option("--with-pictures", help=_("With --bundle: the pictures too; they show buyers."))
    ] = False,
    replay: Annotated[
        Path | None, typer.Option("--replay", help=_("Read such a file, or an evidence folder, again."))
    ] = None,
) -> None:
    from agent.cli.doctor import checks

    with command() as context:
        if bundle or replay:
            context.exit_code = _bundled(context, replay, with_pictures=with_pictures)
            return
        if account or order:
            context.exit_code = _walked(context, account, order)
            return
        if notify:
            context.exit_code = 1 if _notify(context.settings) else 0
            return
        found = checks(context.settings)
        for check in found:
            mark = {True: "ok  ", False: "BAD ", None: "note"}[check.ok]
            typer.echo(
                f"{mark} {_(check.name)}: {check.sentence}" + (f"; {check.remedy}" if check.remedy else "")
            )
        context.exit_code = 1 if any(check.ok is False for check in found) else 0


def _walk(context: Context, wanted: Cancellation) -> Outcome:
    """A dry run of this order with a ledger that is thrown away: nothing is submitted or noted."""
    import tempfile

    from agent.engine.order_run import Options
    from agent.engine.runner import Runner
    from agent.ledger.store import Ledger

    with tempfile.TemporaryDirectory(prefix="unsell-") as folder:
        address = f"sqlite:///{(Path(folder) / 'ledger.sqlite3').as_posix()}"
        with Ledger(address, practice=context.settings.practice is not None) as ledger:

            async def work(stop: asyncio.Event) -> Result:
                options = Options(dry_run=True, settle=False)
                return await Runner(context.settings, ledger, options, context.terminal, stop).run([wanted])

            return context.until_done(work).outcomes[0]


def _bundled(context: Context, replay: Path | None, *, with_pictures: bool) -> int:
    """Write a bundle, or tell what one holds, without a browser. 1: something moved there."""
    import tempfile

    from agent.cli import bundle
    from agent.profile.profile import load, platforms

    if replay is None:
        known = {name: load(name, context.settings.home) for name in platforms()}
        typer.echo(str(bundle.write(context.settings, known, pictures=with_pictures)))
        return 0
    moved = False
    with tempfile.TemporaryDirectory(prefix="unsell-") as folder:
        for attempt in bundle.unpacked(replay, Path(folder)):
            moved |= _told_of(attempt, Path(folder), context.settings.home)
    return int(moved)


def _told_of(attempt: Path, profiles: Path, home: Path) -> bool:
    """Say what one attempt found by what; whether something moved."""
    import json

    from agent.cli import drift
    from agent.domain.printable import printable
    from agent.domain.redact import clean
    from agent.profile.profile import load, platforms

    told = json.loads((attempt / "manifest.json").read_text(encoding="utf-8"))
    name = told.get("platform")
    if name not in platforms():
        return False
    outcome = told.get("outcome") or {}
    typer.echo(f"{attempt.name}: {name}, {outcome.get('state')}, {outcome.get('code') or '-'}")
    file = home / "selectors" / f"{name}.toml"
    for line in drift.lines(load(name, profiles), attempt, attempt.parent, file):
        typer.echo(printable(clean(line)))
    return any(one.moved for one in drift.found_on(attempt))


def _last_open(context: Context, account: str) -> str:
    """The account's latest order that is not settled, else its latest. UsageError: there is none."""
    with context.ledger() as ledger:
        rows = ledger.find(account=account)
    open_ = [row for row in rows if row.state in (State.REHEARSED, State.NEEDS_HUMAN, State.FAILED)]
    if not rows:
        raise UsageError(_("say which order's way to walk: --order ORDER_NO (nothing is submitted)"))
    return (open_ or rows)[-1].order_no


def _walked(context: Context, account: str | None, order: str | None) -> int:
    """Walk one order's way up to the last control; what each thing was found by. 1: something moved."""
    from agent.cli import drift
    from agent.domain.printable import printable
    from agent.domain.redact import clean
    from agent.profile.profile import load

    name, found = context.account(account)
    order = order or _last_open(context, name)
    role = Role(found.role)
    reason = Reason.BUYER_ASKED if role is Role.SELLER else Reason.MISTAKE
    wanted = Cancellation(
        account=name, platform=found.platform, role=role, order_no=arguments.number_of(order), reason=reason
    )
    outcome = _walk(context, arguments.checked(wanted, context.settings))
    typer.echo(context.heading([name]))
    if outcome.evidence is None:
        typer.echo(outcome.detail or outcome.state)
        return 1
    folder, home = Path(outcome.evidence), context.settings.home
    told = list(
        drift.lines(
            load(found.platform, home),
            folder,
            context.settings.evidence_dir / found.platform,
            home / "selectors" / f"{found.platform}.toml",
        )
    )
    for line in told:
        typer.echo(printable(clean(line)))
    if outcome.detail:
        typer.echo(printable(clean(outcome.detail)))
    return int(any(one.moved for one in drift.found_on(folder)))


def _notify(settings: Settings) -> list[str]:
    """A test message to every channel; the kinds of those that did not take it."""
    from agent.notify.channels import Notifier

    people = Notifier(settings)
    people.prove()
    if not settings.notify:
        raise UsageError(_("UNSELL_NOTIFY is not set: nobody is told anything"))
    sent = people.test()
    for number, (kind, why) in enumerate(sent, 1):
        said = _("sent") if why is None else _("not sent: {why}", why=why)
        typer.echo(f"{number} {kind}: {said}")
    return [kind for kind, why in sent if why]


@app.command(
    **told(
        _(
            "Remove old evidence of settled orders (UNSELL_KEEP_EVIDENCE_DAYS). Exit 1 when something is "
            "stuck."
        ),
        "unsell prune",
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
