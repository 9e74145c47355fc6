"""Where log lines go: human text or JSON on standard error, every one cleaned of secrets."""

from __future__ import annotations

import sys

from loguru import logger

from agent.redact import clean


def to_stderr(*, as_json: bool) -> None:
    """One line a step. ``as_json``: loguru's serialised records, for machines."""
    logger.remove()

    def write(message: str) -> None:
        sys.stderr.write(clean(message))

    logger.add(
        write,
        level="INFO",
        serialize=as_json,
        format="<dim>{time:HH:mm:ss}</dim> <level>{message}</level>",
        colorize=sys.stderr.isatty(),
        backtrace=False,
        diagnose=False,
    )
