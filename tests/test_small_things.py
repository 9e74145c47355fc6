"""Small things that went wrong once: dates as amounts, days as hours, strangers' text on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.cli.doctor import _session_key
from agent.cli.terminal import Terminal, as_json, exit_code
from agent.domain.codes import Code
from agent.domain.errors import UsageError
from agent.domain.order import Action, Outcome, State
from agent.domain.printable import one_line
from agent.domain.totp import code_at
from agent.ledger.schema import settles
from agent.ledger.store import Ledger
from agent.profile.profile import folders, load, platforms
from agent.profile.required import _ALWAYS, _FOR_MESSAGES, OPTIONAL
from agent.settings.settings import Settings
from flows._ebay_pages import hours_in, total_in
from tests.consoles.dhgate.review import decide
from tests.world import World

ESC = "\x1b[2J\x1b]0;mine\x07\u202e\nrow two"


@pytest.mark.parametrize(
    ("details", "total"),
    [
        ("Bestelldatum 26.11.2026 Gesamtbetrag 41,20 € Bestellnummer 12-34567-89012", "41,20 €"),
        ("Order date Nov 26, 2026 Order total US $1,041.20 Order number 12-34567-89012", "US $1,041.20"),
        ("Datum 26.11.26 Total 41.20", "41.20"),
        ("Datum 26.11.2026 Bestellnummer 12-34567-89012", ""),
        ("Datum 26.11.2026 Total CHF 1'041.20", "CHF 1'041.20"),
    ],
)
def test_a_date_is_no_total(details: str, total: str) -> None:
    # As it was: 26.11.2026 was 2611.20.
    assert total_in(details) == total


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("3 days left", 72), ("1 day left", 24), ("71 h", 71), ("71 hours left", 71), ("noch 2 Tage", 48),
        ("noch 2 Tage und 5 Std.", 53), ("剩余2天5小时", 53), ("剩餘 71 小時", 71), ("2d 5h", 53),
        ("45 min", 0), ("71", 71), ("请于11月30日前回复", None), ("", None),
    ],
)  # fmt: skip
def test_days_are_no_hours(text: str, hours: int | None) -> None:
    # As it was: "3 days left" left 3 hours.
    assert hours_in(text) == hours


def test_a_secret_of_eighty_bits_gives_its_codes() -> None:
    """The commonest there is. As it was: a traceback since pyotp 2.12."""
    assert [code_at("JBSWY3DPEHPK3PXP", moment) for moment in (0, 30)] == ["282760", "996554"]
    assert code_at("jbsw y3dp ehpk 3pxp", 29.9) == "282760"
    with pytest.raises(ValueError, match="padding"):
        code_at("JBSWY3DPE", 0)


async def test_the_console_takes_such_a_code(world: World) -> None:
    world.shop("hub", "ebay", challenge="code:JBSWY3DPEHPK3PXP", TOTP_SECRET="JBSW Y3DP EHPK 3PXP")
    world.order("hub", "12-34567-89012")
    assert (await world.cancel("hub", "12-34567-89012", dry_run=True)).state is State.REHEARSED


def test_doctor_knows_the_keyrings_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As it was: "sign-ins are not saved", though they were.
    monkeypatch.setattr("keyring.get_password", lambda *_: "a key")
    check = _session_key(Settings(home=tmp_path))
    assert (check.ok, "keyring" in check.sentence) == (True, True)
    monkeypatch.setattr("keyring.get_password", lambda *_: None)
    assert "will be made" in _session_key(Settings(home=tmp_path)).sentence


def test_a_strangers_text_cannot_write_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome(account="shop", platform="ebay", order_no="1", state=State.REFUSED, detail=ESC)
    voice = Terminal(yes=False, json_lines=True, quiet=False, call=lambda _: None)
    voice.ended(outcome)
    voice.say(ESC)
    shown = "".join(capsys.readouterr())
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}, shown
    assert "\\u202e" in as_json(outcome)
    assert "\n" not in one_line(ESC)


def test_a_profile_that_lacks_what_is_relied_on_is_not_loaded(tmp_path: Path) -> None:
    """Found when it is loaded, not after an intent."""
    whole = (folders()[0] / "dhgate.toml").read_text(encoding="utf-8").replace('"dhgate"', '"other"', 1)
    home = tmp_path / "selectors"
    home.mkdir()
    (home / "other.toml").write_text(whole, encoding="utf-8")
    assert load("other", tmp_path).title
    lacking = whole.replace('[element."answer.no"]', '[element."answer.never"]')
    (home / "other.toml").write_text(lacking, encoding="utf-8")
    with pytest.raises(UsageError, match=r"lacks answer\.no"):
        load("other", tmp_path)


def test_what_is_relied_on_is_written_down() -> None:
    """All elements that agent/ names stand in the one list; what may be missing is asked for first."""
    shape = re.compile(
        r'"((?:home|signin|form|answer|dialog|confirm|message|menu|page|hub|orders|detail)\.[a-z_]+)"'
    )
    asked = {
        name
        for file in (Path(__file__).parent.parent / "agent").rglob("*.py")
        if file.name not in ("required.py", "schema.py")
        for name in shape.findall(file.read_text(encoding="utf-8"))
    }
    assert asked - set(OPTIONAL) - set(_ALWAYS) - set(_FOR_MESSAGES) == {"orders.id"} & asked


@pytest.mark.parametrize("platform", platforms())
def test_what_a_platform_has_not_is_left_out_of_its_profile(platform: str) -> None:
    """No selector that can never match stands for an element that is not there."""
    text = (folders()[0] / f"{platform}.toml").read_text(encoding="utf-8")
    assert "no-such" not in text
    assert load(platform).having("signin.continue", "form.note") == {
        "ebay": ("signin.continue", "form.note"),
        "dhgate": ("form.note",),
    }.get(platform, ())


async def test_a_dry_run_leaves_a_declined_order_as_it_is(world: World) -> None:
    # As it was: `declined` became `rehearsed`.
    world.shop("dh", "dhgate", language="zh-CN")
    world.order("dh", "1330312162")
    assert (await world.cancel("dh", "1330312162")).state is State.PENDING
    decide(world.store, "1330312162", approve=False)
    told_of = world.wanted("dh", "1330312162")
    [told] = await world.sync()
    assert told.state is State.DECLINED, told
    assert (await world.cancel("dh", "1330312162", dry_run=True)).state is State.DECLINED
    with Ledger(world.settings.database) as ledger:
        row = ledger.get("dhgate", told_of.role, told_of.order_no)
        assert row
        assert row.state is State.DECLINED


async def test_an_answer_to_a_cancelled_order_is_no_success(world: World) -> None:
    # As it was: exit 0.
    world.shop("hub", "ebay")
    world.order("hub", "12-34567-89012", status="cancelled")
    for _known in (False, True):
        found = (await world.run(world.wanted("hub", "12-34567-89012", action=Action.DECLINE))).outcomes
        assert exit_code(found, busy=False) == 3, found
    assert world.store.truth() == []
    world.order("hub", "12-34567-89013")
    [ours] = (await world.run(world.wanted("hub", "12-34567-89013"))).outcomes
    assert ours.state is State.CANCELLED
    found = (await world.run(world.wanted("hub", "12-34567-89013", action=Action.DECLINE))).outcomes
    assert exit_code(found, busy=False) == 3, "nor is one that the ledger has as cancelled"


async def test_a_sheet_takes_up_again_what_was_not_found(world: World) -> None:
    world.shop("hub", "ebay")
    wanted = world.wanted("hub", "12-34567-89012")
    [refused] = (await world.run(wanted)).outcomes
    assert (refused.state, refused.code) == (State.REFUSED, Code.NOT_FOUND)
    with Ledger(world.settings.database) as ledger:
        row = ledger.get("ebay", wanted.role, wanted.order_no)
        assert row
        assert not settles(row, wanted)
