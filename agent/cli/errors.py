"""From an error to one sentence and the contract's exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import typer

from agent.domain.errors import AccountBusy, NeedsHuman, TechnicalError, UnsellError, UsageError
from agent.domain.faults import of_the_system
from agent.domain.i18n import _

_CODES: tuple[tuple[type[UnsellError], int], ...] = ((AccountBusy, 75), (UsageError, 2), (NeedsHuman, 4))


@contextlib.contextmanager
def errors_told(*, as_json: bool = False) -> Iterator[None]:
    """Turn an error of ours into one sentence on standard error and ``typer.Exit`` with its code.

    ``as_json``: the sentence is a line of the log, as everything else on standard error is.
    """
    error: UnsellError | None
    try:
        yield
    except BaseExceptionGroup as group:
        error = _ours(group)
        if error is None:
            raise
    except UnsellError as raised:
        error = raised
    except BrokenPipeError:  # who read our output has gone
        raise
    except OSError as raised:
        error = _of_the_system(raised)
    except KeyboardInterrupt:  # before the run took the signal over, or after its end
        _tell(_("interrupted"), as_json=as_json)
        raise typer.Exit(130) from None
    else:
        return
    _tell(str(error), as_json=as_json)
    if isinstance(error, NeedsHuman) and error.evidence:
        _tell(_("proof: {folder}", folder=error.evidence), as_json=as_json)
    raise typer.Exit(next((code for kind, code in _CODES if isinstance(error, kind)), 1))


def _tell(text: str, *, as_json: bool) -> None:
    from agent.domain.printable import printable
    from agent.domain.redact import clean

    if as_json:
        from loguru import logger

        logger.error("{}", text)
    else:
        typer.echo(printable(clean(text)), err=True)


def _ours(group: BaseExceptionGroup[BaseException]) -> UnsellError | None:
    """The error that ended several things at once; None where one of them is none that can be told."""
    raised = list(_flat(group))
    told = [_of_the_system(one) if isinstance(one, OSError) else one for one in raised]
    found = [one for one in told if isinstance(one, UnsellError)]
    return found[0] if found and len(found) == len(told) else None


def _flat(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _flat(one)
        else:
            yield one


def _of_the_system(error: OSError) -> UnsellError:
    """A folder that may not be written, a full disk: no fault of the settings, and none of the program."""
    named = f"{error.filename}: " if error.filename else ""
    return TechnicalError(f"{named}{of_the_system(error)}")
