"""Where a fact about the site is missing: the entry that mends it is said, kept, and does mend it."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from agent.cli.terminal import Terminal
from agent.domain.command import words_of
from agent.domain.order import Cause, Via
from agent.engine.profile_entry import Mending
from tests.consoles.layouts import Layout
from tests.ledgers import WANTED
from tests.world import World

DHGATE = [f"133031216{n}" for n in range(2, 5)]


def a_shop_in_misleading_words(world: World) -> None:
    world.shop("dh", "dhgate", layout=Layout(labels="misleading"))
    for number in DHGATE:
        world.order("dh", number)


def said_of(done: subprocess.CompletedProcess[str]) -> str:
    """All that stands between the sentence and the command."""
    found = re.findall(r"add this to (\S+?):\n\n(.*?)\n\nthen: (.*?)\n", done.stderr, re.DOTALL)
    assert len(found) == 1, done.stderr
    file, entry, command = found[0]
    return f"{file}\n{entry}\n{command}"


async def test_the_entry_is_said_once_a_run_and_kept_with_each_order(world: World) -> None:
    # Broken on purpose: `setdefault` by order; `keep` not called; the summary left out.
    a_shop_in_misleading_words(world)
    words = ["cancel", *DHGATE, "--account", "dh", "--reason", "out-of-stock", "--dry-run", "--note=it's off"]
    done = world.cli(*words)
    file, *entry, command = said_of(done).splitlines()
    assert file == str(world.home / "selectors" / "dhgate.toml")
    assert shlex.split(command) == [
        *("unsell", "cancel", DHGATE[0], "--account", "dh", "--reason", "out-of-stock"),
        *("--note=it's off", "--dry-run"),
    ]
    kept = [path.read_text(encoding="utf-8") for path in world.settings.evidence_dir.rglob("mend.toml")]
    assert kept == ["\n".join(entry) + "\n"] * 3
    assert "3 orders wait for an entry in" in done.stdout
    assert not world.commits()


def test_a_strangers_escape_sequence_does_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    voice = Terminal(yes=True, json_lines=False, quiet=False, call=lambda _: None)
    Mending(tmp_path, voice.say, dry_run=False).tell(WANTED, 'names.en = ["\x1b[2J\x9b1A"]')
    said = capsys.readouterr().err
    assert "names.en = " in said
    assert not {"\x1b", "\x9b"} & set(said)


def test_the_command_leaves_no_wish_out(world: World) -> None:
    world.shop("dh", "dhgate")
    wanted = world.wanted(
        "dh", DHGATE[0], via=Via.REFUND, cause=Cause.STOCK, note="-x 'y'", expect_buyer="=王", relist=True,
        accept_defect=True, tell_buyer=True,
    )  # fmt: skip
    assert words_of(wanted)[7:] == [
        *("--via", "refund", "--cause", "stock", "--note=-x 'y'", "--expect-buyer==王"),
        *("--relist", "--accept-defect", "--tell-buyer"),
    ]
    private = words_of(wanted, whole=False)
    assert not any("note" in word or "buyer" in word for word in private[7:])
