"""``python -m agent`` and ``unsell``: the same program."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; standard streams are UTF-8 on every system (a GBK console knows no ✔)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from agent.cli import app

    app(prog_name="unsell")


if __name__ == "__main__":
    main()
