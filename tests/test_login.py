"""A person signs in once; later runs find the session, encrypted on disk, and sign in no more."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from cryptography.fernet import Fernet

from agent import login as login_module
from agent.clerk import Clerk
from agent.errors import UsageError
from agent.flow import Flow
from agent.login import login
from agent.order import State
from tests.world import PASSWORD, World


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def a_person(monkeypatch: pytest.MonkeyPatch, username: str, *steps: str) -> None:
    """Somebody who fills in the form by hand once it is open, and then clicks through ``steps``."""
    by_hand = login_module._by_a_person

    async def with_hands(flow: Flow, step_timeout: float) -> str:
        hands = asyncio.ensure_future(_type(flow.clerk, username, *steps))
        try:
            return await by_hand(flow, step_timeout)
        finally:
            hands.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await hands

    monkeypatch.setattr(login_module, "_by_a_person", with_hands)


async def _type(clerk: Clerk, username: str, *steps: str) -> None:
    page: Any = clerk.page
    two_steps = clerk.profile.platform == "ebay"
    await page.locator("#userid" if two_steps else "input[name=username]").fill(username)
    if two_steps:
        await page.locator("#signin-continue-btn").click()
    await page.locator("#pass" if two_steps else "input[name=password]").fill(PASSWORD)
    await page.locator("#sgnBt" if two_steps else ".login-btn").click()
    for step in steps:
        await page.locator(step).click()


@pytest.mark.parametrize(
    ("platform", "challenge", "steps", "order_no"),
    [("ebay", "", (), "12-34567-89012"), ("dhgate", "slider", ("#practice-slider-done",), "1330312162")],
)
async def test_a_person_signs_in_once_and_runs_find_the_session(
    world: World, monkeypatch: pytest.MonkeyPatch, platform: str, challenge: str, steps: tuple[str, ...],
    order_no: str,
) -> None:  # fmt: skip
    language = "zh-CN" if platform == "dhgate" else "en"
    username = world.shop("one", platform, password=None, challenge=challenge, language=language)
    world.order("one", order_no)
    world.env["UNSELL_SESSION_KEY"] = Fernet.generate_key().decode()
    before = await world.cancel("one", order_no, dry_run=True)
    assert before.state is State.NEEDS_HUMAN
    assert "unsell login one" in (before.detail or "")
    a_person(monkeypatch, username, *steps)
    await login(world.settings, ["one"], world.voice.say)
    assert "one: signed in as one Shop, session saved" in world.voice.said
    [file] = world.settings.sessions_dir.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"cookies" not in file.read_bytes()
    sessions = world.store.row("SELECT count(*) AS n FROM sessions")
    outcome = await world.cancel("one", order_no, dry_run=True)
    assert outcome.state is State.REHEARSED, outcome
    assert world.store.row("SELECT count(*) AS n FROM sessions") == sessions, "it signed in again"


async def test_a_session_of_another_key_is_no_session_and_no_crash(world: World) -> None:
    world.shop("one", "ebay")
    world.order("one", "12-34567-89012")
    world.env["UNSELL_SESSION_KEY"] = Fernet.generate_key().decode()
    assert (await world.cancel("one", "12-34567-89012", dry_run=True)).state is State.REHEARSED
    world.env["UNSELL_SESSION_KEY"] = Fernet.generate_key().decode()
    assert (await world.cancel("one", "12-34567-89012", dry_run=True)).state is State.REHEARSED


async def test_another_name_than_before_is_for_a_person(world: World) -> None:
    world.shop("one", "ebay", SHOWN_AS="somebody else")
    world.order("one", "12-34567-89012")
    outcome = await world.cancel("one", "12-34567-89012")
    assert outcome.state is State.NEEDS_HUMAN
    assert "signed in as one Shop, not as somebody else" in (outcome.detail or "")
    assert world.commits() == []


async def test_without_a_key_login_says_so_before_it_opens_anything(world: World, no_keyring: None) -> None:
    world.shop("one", "ebay", password=None)
    del world.env["UNSELL_SESSION_KEY"]
    with pytest.raises(UsageError, match="UNSELL_SESSION_KEY"):
        await login(world.settings, ["one"], world.voice.say)
    assert world.store.loads() == {}


async def test_a_wrong_password_is_typed_once_and_told(world: World) -> None:
    world.shop("one", "ebay", password="not-the-right-one")
    world.order("one", "12-34567-89012")
    outcome = await world.cancel("one", "12-34567-89012")
    assert outcome.state is State.NEEDS_HUMAN
    assert "not a match" in (outcome.detail or "")
