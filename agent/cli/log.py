"""Where log lines go: human text or JSON on standard error, every one cleaned of secrets."""

from __future__ import annotations

import json
import sys
from datetime import UTC
from typing import TYPE_CHECKING

from loguru import logger

from agent.domain.printable import one_line, within_json
from agent.domain.redact import clean

if TYPE_CHECKING:
    from loguru import Message, Record

_FIELDS = ("account", "order", "step", "seconds")


def to_stderr(*, as_json: bool) -> None:
    """Write the log to standard error, a line an event. ``as_json``: each line is an object of few fields."""
    logger.remove()
    logger.configure(patcher=_tamed)

    def write(message: Message) -> None:
        sys.stderr.write(clean(_json_line(message.record) if as_json else message))

    logger.add(
        write,
        level="INFO",
        format=_line,
        colorize=sys.stderr.isatty(),
        backtrace=False,
        diagnose=False,
    )


def _json_line(record: Record) -> str:
    """``time``, ``level``, ``message`` always; ``account``, ``order``, ``step``, ``seconds`` where known."""
    known = {name: record["extra"][name] for name in _FIELDS if name in record["extra"]}
    fields = {
        "time": record["time"].astimezone(UTC).isoformat(timespec="milliseconds"),
        "level": record["level"].name, **known, "message": record["message"],
    }  # fmt: skip
    if record["exception"] and record["exception"].type:
        fields["error"] = f"{record['exception'].type.__name__}: {record['exception'].value}"
    return within_json(json.dumps(fields, ensure_ascii=False)) + "\n"


def _tamed(record: Record) -> None:
    """A text from a page stays within its line."""
    record["message"] = one_line(record["message"])


def _line(record: Record) -> str:
    """Accounts work side by side: a line names its order, else its account, where one is at work."""
    named = next((f"{{extra[{key}]}} " for key in ("order", "account") if key in record["extra"]), "")
    return f"<dim>{{time:HH:mm:ss}}</dim> {named}<level>{{message}}</level>\n{{exception}}"
