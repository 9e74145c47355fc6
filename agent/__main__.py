"""``python -m agent`` and ``unsell``: the same program."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; standard streams are UTF-8 on every system (a GBK console knows no ✔)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from agent.domain import i18n

    i18n.speak(i18n.of_the_user(os.environ))  # before the commands are made: their help is made with them
    from agent.cli.app import app

    app(prog_name="unsell")


if __name__ == "__main__":
    main()
