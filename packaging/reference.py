"""Writes docs/reference.md, the commands and the settings, from the program.

    python packaging/reference.py            writes the page
    python packaging/reference.py --check    changes nothing; exit 1 when the page is out of date

Commands are what typer knows of them; a setting's meaning is the docstring under its field.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference.md"
HEAD = """# Reference: commands and settings

Written by `packaging/reference.py` from the program (`make reference`); `make check` fails when it is out
of date. Exit codes, states and reasons stand in the README.
"""


def commands(group: Any, called: str) -> Iterator[tuple[str, Any]]:
    """Each command with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{called} {name}")
        else:
            yield f"{called} {name}", command


def cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("``", "`")


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows)]


def option(parameter: Any) -> tuple[str, str]:
    """How it is typed, and what it does."""
    if parameter.param_type_name == "argument":
        typed = parameter.human_readable_name
        return f"`{typed.upper()}{'…' if parameter.nargs == -1 else ''}`", parameter.help or ""
    names = ", ".join(parameter.opts) + "".join(f" / {name}" for name in parameter.secondary_opts)
    taken = "" if parameter.is_flag else f" {parameter.type.name.upper().split()[0]}"
    chosen = getattr(parameter.type, "choices", ())
    words = f" ({', '.join(str(getattr(one, 'value', one)) for one in chosen)})" if chosen else ""
    needed = " Needed." if parameter.required else ""
    return f"`{names}{'' if chosen else taken}`", f"{parameter.help or ''}{words}{needed}"


def command_lines() -> Iterator[str]:
    from typer.main import get_command

    from agent.cli.app import app

    yield "\n## Commands"
    for called, command in commands(get_command(app), "unsell"):
        yield f"\n### `{called}`\n"
        yield " ".join(str(command.help).split())
        if command.epilog:
            yield "\n    " + command.epilog.partition("\b")[2].strip()
        rows = [
            option(one) for one in command.params if one.name != "help" and not getattr(one, "hidden", False)
        ]
        if rows:
            yield ""
            yield from table(("typed", "means"), rows)


def meanings(file: str, name: str) -> dict[str, str]:
    """The docstring under each field of a class, by the field's name."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    [found] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    told = {}
    after: Any
    for field, after in zip(found.body, found.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            said = ast.literal_eval(after.value).partition(" Read it ")[0]  # the rest is for who writes code
            told[field.target.id] = said.replace("None:", "Not set:")
    return told


def default(field: Any) -> str:
    value = field.default
    if field.is_required():
        return "needed"
    if field.default_factory is not None or value is None or value in ({}, ()):
        return ""
    return f"`{str(getattr(value, 'value', value)).lower()}`"


def setting_lines() -> Iterator[str]:
    from agent.settings.account import Account
    from agent.settings.settings import Settings

    yield "\n## Settings\n"
    yield (
        "They stand in the environment, in `.env`, in files of `UNSELL_SECRETS_DIR`, or in `unsell.toml`\n"
        "(there in lower case, without the prefix). Flags go before the environment, the environment before\n"
        "`.env`, and `.env` before `unsell.toml`.\n"
    )
    told = meanings("agent/settings/settings.py", "Settings")
    yield from table(
        ("setting", "means", "default"),
        [
            (f"`{'[notes]' if name == 'notes' else 'UNSELL_' + name.upper()}`", told[name], default(field))
            for name, field in Settings.model_fields.items()
            if name != "accounts"
        ],
    )
    yield "\n### An account: `UNSELL_ACCOUNTS__<NAME>__…`, or `[accounts.<name>]` in `unsell.toml`\n"
    told = meanings("agent/settings/account.py", "Account")
    yield from table(
        ("part", "means", "default"),
        [(f"`{name.upper()}`", told[name], default(field)) for name, field in Account.model_fields.items()],
    )


def page() -> str:
    return HEAD + "\n".join([*command_lines(), *setting_lines()]) + "\n"


def main() -> int:
    sys.path.insert(0, str(ROOT))
    written = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(written, encoding="utf-8", newline="\n")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != written:
        print("docs/reference.md is out of date: type `make reference`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
