"""The newcomer's walk: from an empty folder to the first own rehearsal, typed at a pseudo-terminal."""

from __future__ import annotations

import sys

import pytest

from agent.account.login import login
from agent.browser.launcher import Browser
from tests.conftest import Kept
from tests.person import a_person, signing_in
from tests.world import World

if sys.platform != "win32":
    import pexpect  # type: ignore[import-untyped]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal there")

ORDER = "1330312162"


@pytest.fixture
async def signed_in_before(world: World, kept_browser: Browser, monkeypatch: pytest.MonkeyPatch) -> World:
    """A shop that is in no settings yet, and whose session a person has left: no window can be shown here."""
    monkeypatch.setattr("agent.account.login.Browser", lambda _: Kept(kept_browser))
    username = world.shop("dhgate1", "dhgate", password=None, language="zh-CN")
    del world.env["UNSELL_ACCOUNTS__DHGATE1__USERNAME"]
    async with a_person(kept_browser, world.voice.said, *signing_in("dhgate", username)):
        assert await login(world.settings, ["dhgate1"], world.voice.say) == []
    world.order("dhgate1", ORDER, title="复古胶片相机")
    world.env = {name: value for name, value in world.env.items() if "ACCOUNTS__" not in name}
    return world


def test_from_an_empty_folder_to_the_first_rehearsal(signed_in_before: World) -> None:
    # Broken on purpose: the offers left out of `init`; the settings not read anew after writing.
    world = signed_in_before
    folder = world.home / "mine"
    folder.mkdir()
    with pexpect.spawn(
        sys.executable, ["-m", "agent", "init"], cwd=str(folder), env=world.environment(TERM="dumb"),
        encoding="utf-8", timeout=90, dimensions=(40, 200),
    ) as child:  # fmt: skip
        seen = []

        def answer(question: str, text: str) -> None:
            child.expect_exact(question)
            seen.append(child.before)
            child.sendline(text)

        answer("platform (", "敦煌")
        answer("shop name", "华强数码专营店")
        answer("sign in now?", "")
        answer("an order number to try", ORDER)
        answer("reason [", "")
        child.expect_exact(pexpect.EOF)
        told = "".join([*seen, child.before])
        child.close()
    assert child.exitstatus == 0, told
    assert "site (" not in told
    assert "dhgate1: signed in as dhgate1 Shop" in told
    assert "rehearsed" in told
    assert world.commits() == []
    assert "password" not in (folder / "unsell.toml").read_text("utf-8")


def test_one_shop_need_not_be_named_and_two_must(world: World) -> None:
    # Broken on purpose: the first of two taken.
    asked = ["cancel", "12-34567-89012", "--reason", "buyer-asked", "--dry-run"]
    assert "unsell init" in world.cli(*asked, check=2).stderr
    world.shop("hub", "ebay")
    world.order("hub", "12-34567-89012")
    assert "rehearsed" in world.cli(*asked, check=0).stdout
    world.shop("dh", "dhgate")
    assert "--account hub|dh" in world.cli(*asked, check=2).stderr
