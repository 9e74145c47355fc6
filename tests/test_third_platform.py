"""A platform is one flow and one TOML: a third one is dropped into a copy of the program, and it cancels.

``agent/`` is copied as it is. The third console knows nothing of the product, and judges what it received.
"""

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.marketplace.flow import Flow, flow_of
from agent.profile.profile import load, platforms
from tests.third.console import Console
from tests.world import ROOT

THIRD = Path(__file__).parent / "third"
EXAMPLE = (ROOT / "docs" / "add-a-platform.md").read_text(encoding="utf-8")
SOLD, GONE = "NG000001", "NG000009"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", EXAMPLE, re.DOTALL | re.MULTILINE)


def flow_of_the_document():
    """The document's Python, one block after the other: the whole flow."""
    return "\n".join(blocks("python"))


@pytest.fixture
def checkout(tmp_path):
    """The program with a third platform: two files more, none changed."""
    folder = tmp_path / "checkout"
    for part in ("agent", "flows", "selectors"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "flows" / "northgoods.py").write_text(flow_of_the_document(), encoding="utf-8")
    shutil.copy(THIRD / "northgoods.toml", folder / "selectors")
    return folder


@pytest.fixture
def console(tmp_path):
    with Console(tmp_path, {SOLD: "Sold"}) as console:
        yield console


@pytest.fixture
def unsell(checkout, console, tmp_path):
    def run(*words):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("UNSELL_")}
        own = {
            "UNSELL_HOME": str(tmp_path / "home"), "UNSELL_PRACTICE": console.address, "UNSELL_LANG": "en",
            "UNSELL_SETTLE_SECONDS": "1.5", "UNSELL_ACCOUNTS__NORTH__PLATFORM": "northgoods",
            "UNSELL_ACCOUNTS__NORTH__ROLE": "seller", "UNSELL_ACCOUNTS__NORTH__SITE": "northgoods.test",
            "UNSELL_ACCOUNTS__NORTH__USERNAME": "north", "UNSELL_ACCOUNTS__NORTH__PASSWORD": "let me in",
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "agent", *words, "--json"], cwd=tmp_path,
            env={**clean, **own, "PYTHONPATH": str(checkout)},
            capture_output=True, text=True, encoding="utf-8", timeout=250, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


def test_a_third_platform_is_two_files(unsell, console):
    asked = ("--account", "north", "--reason", "buyer-asked", "--yes")
    done = unsell("cancel", SOLD, GONE, *asked)
    ends = {one["order_no"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert ends[SOLD]["state"] == "cancelled", done.stderr
    assert (ends[GONE]["state"], ends[GONE]["code"]) == ("refused", "not-found"), done.stderr
    assert console.called_off == [(SOLD, "The buyer asked for it")]
    again = unsell("cancel", SOLD, *asked)
    assert json.loads(again.stdout)["state"] == "cancelled", again.stderr
    assert len(console.called_off) == 1
    none = unsell("requests", "--account", "north")
    assert none.returncode != 0
    assert "Northgoods shows no list of buyers' requests" in none.stderr


def test_the_worked_example_is_what_is_tried():
    # Broken on purpose: a word of the document's TOML changed.
    assert flow_of_the_document() == (THIRD / "northgoods.py").read_text(encoding="utf-8")
    whole = (THIRD / "northgoods.toml").read_text(encoding="utf-8")
    pieces = [piece.strip() for block in blocks("toml") for piece in block.split("\n\n")]
    assert len(pieces) >= 7
    assert [piece for piece in pieces if piece not in whole] == []


def test_what_it_has_not_it_leaves_out(tmp_path):
    (tmp_path / "selectors").mkdir()
    shutil.copy(THIRD / "northgoods.toml", tmp_path / "selectors")
    profile = load("northgoods", tmp_path)
    assert profile.having("signin.continue", "signin.code", "form.note") == ()
    assert profile.message is None


@pytest.mark.parametrize("platform", platforms())
def test_a_flow_offers_what_its_profile_promises(platform):
    flow = flow_of(platform)
    assert not inspect.isabstract(flow)
    assert (flow.letter is not Flow.letter) == (load(platform).message is not None)


@pytest.mark.parametrize("platform", platforms())
def test_what_a_flow_names_stands_in_its_profile(platform):
    """An element that a flow asks for and the profile lacks would be found out in the middle of an order."""
    profile = load(platform)
    text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "flows").glob(f"*{platform}*.py"))
    areas = {name.partition(".")[0] for name in profile.element}
    named = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', text))
    assert len(named & set(profile.element)) > 20
    assert {name for name in named if name.partition(".")[0] in areas} - set(profile.element) == set()
    opened = set(re.findall(r'clerk\.open\(\s*"([a-z_]+)"', text))
    assert len(opened) > 2
    assert opened - set(profile.page) == set()
