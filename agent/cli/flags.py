"""The flags that several commands share: declared once, taken by one decorator."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypedDict, get_type_hints

import typer

from agent.domain.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """Which flags were given. A flag that a command does not take is False."""

    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", "--rehearse", help=_("Walk to the last control, prove it, take the picture, stop.")
        ),
    ] = False
    yes: Annotated[bool, typer.Option("--yes", help=_("Consent to every submit of this run."))] = False
    accept_defect: Annotated[
        bool,
        typer.Option("--accept-defect", help=_("Submit a reason that counts against the shop (不良交易).")),
    ] = False
    no_settle: Annotated[bool, typer.Option("--no-settle", help=_("Leave an unknown outcome for sync."))] = (
        False
    )
    wait_for_lock: Annotated[
        bool, typer.Option("--wait-for-lock", help=_("Wait for another run on the same account."))
    ] = False
    submit_again: Annotated[
        bool,
        typer.Option(
            "--submit-again",
            help=_("Ask, at the terminal, for one more submit of one order in doubt or after two."),
        ),
    ] = False
    trace: Annotated[
        bool,
        typer.Option("--trace", help=_("Keep Playwright's trace of each order, without secrets, as proof.")),
    ] = False
    log_json: Annotated[bool, typer.Option("--log-json", help=_("Log lines as JSON."))] = False
    json: Annotated[bool, typer.Option("--json", help=_("Print one JSON object a line, an order each."))] = (
        False
    )


SUBMITS = tuple(field.name for field in fields(Flags))
"""What a command takes that may submit."""
READS = ("wait_for_lock", "log_json", "json")
"""What a command takes that opens the site and submits nothing."""


class Told(TypedDict):
    help: str
    short_help: str
    epilog: str


def told(summary: str, example: str) -> Told:
    """Return a command's help: a summary that the list of commands does not cut off, and an example."""
    heading = _("Example:")
    return Told(help=summary, short_help=summary, epilog=f"{heading}\n\n\b\n  {example}")


def takes(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a command: its last parameter, ``flags: Flags``, becomes these options."""

    def taken(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(Flags, include_extras=True)
        options = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=hints[name])
            for name in names
        ]

        @functools.wraps(command)
        def with_flags(**given: Any) -> None:
            flags = Flags(**{name: given.pop(name) for name in names})
            command(**given, flags=flags)

        own = inspect.signature(command, eval_str=True)
        rest = [one for one in own.parameters.values() if one.name != "flags"]
        # Typer reads the annotations beside the signature.
        with_flags.__annotations__ = {one.name: one.annotation for one in (*rest, *options)}
        vars(with_flags)["__signature__"] = own.replace(parameters=[*rest, *options])
        return with_flags

    return taken
