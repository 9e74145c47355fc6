"""``python -m agent`` and ``unsell``: the same program."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; standard streams are UTF-8 on every system (a GBK console knows no ✔)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    from agent import i18n

    asked = i18n.asked_for(os.environ.get("UNSELL_LANG"))
    i18n.speak("zh-CN" if asked == "zh-CN" else "en" if asked == "en" else i18n.of_the_system(os.environ))
    from agent.cli import app

    app(prog_name="unsell")


if __name__ == "__main__":
    main()
