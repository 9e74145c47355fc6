"""Where log lines go: human text or JSON on standard error, every one cleaned of secrets."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from loguru import logger

from agent.domain.printable import one_line
from agent.domain.redact import clean

if TYPE_CHECKING:
    from loguru import Record


def to_stderr(*, as_json: bool) -> None:
    """One line a step. ``as_json``: loguru's serialised records, for machines."""
    logger.remove()
    logger.configure(patcher=_tamed)

    def write(message: str) -> None:
        sys.stderr.write(clean(message))

    logger.add(
        write,
        level="INFO",
        serialize=as_json,
        format=_line,
        colorize=sys.stderr.isatty(),
        backtrace=False,
        diagnose=False,
    )


def _tamed(record: Record) -> None:
    """A text from a page stays within its line."""
    record["message"] = one_line(record["message"])


def _line(record: Record) -> str:
    """Accounts work side by side: a line names its order, else its account, where one is at work."""
    named = next((f"{{extra[{key}]}} " for key in ("order", "account") if key in record["extra"]), "")
    return f"<dim>{{time:HH:mm:ss}}</dim> {named}<level>{{message}}</level>\n{{exception}}"
