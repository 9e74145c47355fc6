"""``python -m agent`` and ``unsell``: the same program."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def main() -> None:
    """Run the command line; standard streams are UTF-8 on every system (a GBK console knows no ✔)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from agent.domain import i18n

    i18n.speak(i18n.of_the_user(os.environ))  # before the commands are made: their help is made with them
    from agent.cli.app import app

    if "--log-json" in sys.argv:
        sys.exit(_all_in_json(app))
    app(prog_name="unsell")


def _all_in_json(app: typer.Typer) -> int:
    """The same, with the command line's own mistakes as lines of the log."""
    import typer
    from loguru import logger

    from agent.cli.log import to_stderr

    to_stderr(as_json=True)
    try:
        return app(prog_name="unsell", standalone_mode=False) or 0
    except typer.Abort:
        return 1
    except Exception as error:
        told = getattr(
            error, "format_message", None
        )  # all mistakes of a command line have it, and nothing else
        if told is None:
            raise
        logger.error("{}", told())
        return 2


if __name__ == "__main__":
    main()
