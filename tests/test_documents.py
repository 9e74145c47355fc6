"""Every command line in the documents is one that the program takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from agent.cli.app import app
from tests.world import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
SPAN = re.compile(r"`([^`\n]*)`|^(?:\$ | {4})(unsell .*)$", re.MULTILINE)
STANDS_FOR = {
    "ORDER_NO": "1330312162", "ORDER_NO…": "1330312162", "ORDER": "1330312162", "订单号": "1330312162",
    "NAME": "shop1", "NAME…": "shop1", "店铺": "shop1", "REASON": "buyer-asked", "FILE": "orders.csv",
    "表格": "orders.csv", "文件": "copy.sqlite3", "BUNDLE": "bundle.zip", "TEXT": "text", "STATE": "pending",
}  # fmt: skip


def lines(page: Path) -> list[str]:
    """What is typed: each `unsell …` in backticks, and each line of a block that begins with it."""
    found = []
    for inline, block in SPAN.findall(page.read_text(encoding="utf-8")):
        text = (inline or block).replace("\\|", "|").split("   #")[0].split(" 2>")[0].split(" >")[0].strip()
        if text.startswith("unsell ") and "…" not in text.replace("ORDER_NO…", "").replace("NAME…", ""):
            found.append(text)
    return found


def ways(line: str) -> list[list[str]]:
    """With and without what stands in brackets, and with each of two flags between which a bar stands."""
    plain = [re.sub(r" ?\[[^\]]*\]", "", line), line.replace("[", "").replace("]", "")]
    out = []
    for text in dict.fromkeys(plain):
        bars = [word for word in text.split() if "|" in word]
        if not bars:
            out.append(text)
        for word in bars:
            out += [text.replace(word, one) for one in word.split("|")]
    return [[STANDS_FOR.get(word, word) for word in shlex.split(text)[1:]] for text in out]


def taken(words: list[str]) -> None:
    """Parse as the program does, without doing it; raises where the program does not take it."""
    command: Any = get_command(app)
    while hasattr(command, "commands") and words and words[0] in command.commands:
        command, words = command.commands[words[0]], words[1:]
    if hasattr(command, "commands"):  # flags of the program itself are not parsed: they act at once
        known = {name for option in command.params for name in option.opts} | {"--help"}
        assert words
        assert set(words) <= known
    elif words or not any(one.required for one in command.params):  # else a sentence names the command
        command.make_context("unsell", words)


ALL = sorted({(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in lines(page)})


def test_there_are_lines_enough() -> None:
    assert len(ALL) > 80


@pytest.mark.parametrize(("page", "line"), ALL)
def test_the_program_takes_what_the_documents_type(page: str, line: str) -> None:
    # Broken on purpose: `--dry-run` written `--dryrun` in the README.
    for words in ways(line):
        try:
            taken(words)
        except Exception as wrong:  # noqa: BLE001 - typer's own click has no public names for them
            pytest.fail(f"{page}: {line}: {wrong!r}")


def test_each_command_and_setting_stands_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert {name for name in commands if f"### `unsell {name}" not in page} == set()


def test_the_symptoms_are_sentences_of_the_program() -> None:
    """What stands there in quotes is what the program says; a reworded message is found."""
    source = "\n".join(file.read_text("utf-8") for file in (ROOT / "agent").rglob("*.py"))
    source = re.sub(r'"\s*\n\s*"', "", source)
    for said in (
        "no browser was found",
        "cannot be used",
        "cannot be written",
        "the spreadsheet has rounded this number",
    ):
        assert said in source
        assert said in (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
