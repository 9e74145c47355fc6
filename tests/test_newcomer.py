"""The newcomer's walk: from an empty folder to the first own rehearsal, typed at a pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.account.login import login
from agent.browser.launcher import Browser
from agent.profile.profile import load as load_profile
from agent.settings.settings import load
from tests.conftest import Kept
from tests.consoles.__main__ import seed
from tests.consoles.__main__ import settings as ready
from tests.consoles.server import Consoles
from tests.consoles.store import Store
from tests.person import a_person, signing_in
from tests.world import ROOT, World

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


def test_the_consoles_print_settings_that_are_ready(consoles: Consoles, tmp_path: Path) -> None:
    # Broken on purpose: an account's line misspelt; a site that the platform does not have.
    with contextlib.closing(Store(tmp_path / "seeded.sqlite3")) as store:
        seed(store)
        (tmp_path / ".env").write_text(ready(store, consoles.address), encoding="utf-8")
    found = load(environ={"UNSELL_HOME": str(tmp_path)}, cwd=tmp_path)
    assert found.practice == consoles.address
    assert {"dhgate_huaqiang", "ebay_buyer_jane", "ebay_berlin_laden"} <= set(found.accounts)
    for account in found.accounts.values():
        profile = load_profile(account.platform, tmp_path)
        assert account.site in profile.sites
        assert account.role in profile.roles


@pytest.mark.parametrize(("asked", "words"), [("zh-CN", "模拟后台"), ("en", "Practice consoles")])
def test_the_language_that_is_asked_for_holds_for_demo_and_consoles(asked: str, words: str) -> None:
    code = (
        "from tests import demo; from tests.consoles import __main__ as c; "
        "print(demo.NOTICE); print((c._HEAD_ZH if c.chinese() else c._HEAD)[0]); "
        "print(demo.environment(demo.ROOT, '')['UNSELL_LANG'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True, timeout=60,
        env={**os.environ, "UNSELL_LANG": asked, "PYTHONUTF8": "1"},
    )  # fmt: skip
    notice, head, handed_on = done.stdout.splitlines()
    assert (notice[:4], head[:4], handed_on) == (words[:4], words[:4], asked)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("买家要求取消", "no --yes"),
        (" Buyer-Asked ", "no --yes"),
        ("没货了", "did you mean 缺货?"),
        ("nonsense", "out-of-stock"),
    ],
)
def test_a_reason_may_be_typed_in_the_words_of_a_sheet(world: World, word: str, says: str) -> None:
    # As it was: --reason 买家要求取消 was not known. Broken on purpose: the nearest one taken.
    world.shop("dh", "dhgate")
    told = world.cli("cancel", ORDER, "--reason", word, check=2)
    assert says in told.stderr
    assert not world.store.loads()


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_both_front_pages_say_how_to_get_the_command_before_they_use_it(page: str) -> None:
    # As it was: the line after `make demo` gave "unsell: command not found".
    text = (ROOT / page).read_text(encoding="utf-8")
    _before, _head, after = text.partition("## Install" if page == "README.md" else "## 安装")
    install, _head, own = after.partition("\n## ")
    for said in ("pipx install .", "uv tool install .", ".venv/bin/unsell", ".venv\\Scripts\\unsell"):
        assert said in install
    assert "unsell init" in own


@pytest.mark.parametrize(
    ("asked", "words"), [("zh-CN", "接下来登记自己的店铺："), ("en", "Next, your own shop:")]
)
def test_the_demo_ends_with_one_page_and_the_very_command_to_type_next(asked: str, words: str) -> None:
    # As it was: twelve paths, and no next step. Broken on purpose: the command without its folder.
    code = (
        "from pathlib import Path; from rich.console import Console; from tests import demo; "
        "demo.last_words(Console(width=200), Path.cwd() / 'report.html')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True, timeout=60,
        env={**os.environ, "UNSELL_LANG": asked, "PYTHONUTF8": "1"},
    )  # fmt: skip
    page, following = done.stdout.splitlines()
    assert page.endswith("report.html")
    assert following.startswith(words)
    program, verb = following.removeprefix(words).split()
    assert verb == "init"
    assert (ROOT / program).is_file() or program == "unsell"
