"""What doctor says of a machine: true sentences, a remedy beside each wrong one, and no secret."""

import os
import shutil
import stat
import sys
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet

from agent.browser import discovery
from agent.cli import doctor
from agent.domain.errors import UsageError
from agent.ledger.store import Ledger
from agent.settings.settings import Settings

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions as POSIX has them")


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def told(settings, name, **more):
    return {check.name: check for check in doctor.checks(settings, **more)}[name]


def test_every_check_is_there_and_has_a_sentence(home, tmp_path):
    found = doctor.checks(Settings(home=home), cwd=tmp_path)
    assert [check.name for check in found] == [
        *("python", "platform", "browser", "sandbox", "window", "font", "settings", "target"),
        *("home", "disk", "ledger", "one ledger", "keyring", "session key", "notify"),
    ]
    assert all(check.sentence and "\n" not in check.sentence for check in found)


def test_the_browser_is_named_with_its_version(home, monkeypatch):
    found = discovery.FoundBrowser(None, "Playwright's Chromium", "159.0")
    monkeypatch.setattr(discovery, "find_browser", lambda explicit, *, headless: found)
    check = told(Settings(home=home), "browser")
    assert (check.ok, check.sentence) == (True, "Playwright's Chromium 159.0, by Playwright itself")


def test_no_browser_says_what_to_do_and_hides_nothing_else(home, monkeypatch):
    def none(_explicit, *, headless):
        raise UsageError("no browser was found: install one")

    monkeypatch.setattr(discovery, "find_browser", none)
    check = told(Settings(home=home), "browser")
    assert (check.ok, check.sentence) == (False, "no browser was found: install one")
    assert told(Settings(home=home), "target").ok


def test_a_check_that_breaks_is_told_as_such(home, monkeypatch):
    def broken(_folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    check = told(Settings(home=home), "disk")
    assert check.ok is False
    assert "could not be checked" in check.sentence


@pytest.mark.parametrize(("root", "ok"), [(True, None), (False, True)])
def test_the_sandbox(home, monkeypatch, root, ok):
    monkeypatch.setattr(discovery, "needs_no_sandbox", lambda: root)
    assert told(Settings(home=home), "sandbox").ok is ok


@pytest.mark.parametrize("there", [True, False])
def test_the_font(home, monkeypatch, there):
    monkeypatch.setattr(discovery, "has_cjk_font", lambda: there)
    check = told(Settings(home=home), "font")
    assert check.ok is there
    assert (check.remedy is None) is there


def test_settings_names_the_files_that_count(home, tmp_path):
    (home / ".env").touch()
    (home / "unsell.toml").touch()
    (tmp_path / "unsell.toml").touch()
    check = told(Settings(home=home), "settings", cwd=tmp_path)
    assert str(home / ".env") in check.sentence
    assert str(tmp_path / "unsell.toml") in check.sentence
    assert str(home / "unsell.toml") not in check.sentence
    assert check.remedy == "unsell init"


@pytest.mark.parametrize(("practice", "ok"), [("127.0.0.1:8443", None), (None, True)])
def test_the_target_is_said(home, practice, ok):
    check = told(Settings(home=home, practice=practice), "target")
    assert check.ok is ok
    assert (practice or "the real sites") in check.sentence


@posix
def test_a_home_that_others_can_read(home):
    home.chmod(0o755)
    check = told(Settings(home=home), "home")
    assert check.ok is False
    assert check.remedy == f"chmod 700 '{home}'"
    home.chmod(0o700)
    assert told(Settings(home=home), "home").ok


def test_a_home_that_is_not_there_yet_is_not_made(tmp_path):
    absent = tmp_path / "not" / "yet"
    settings = Settings(home=absent)
    assert told(settings, "home").ok
    assert told(settings, "ledger").ok
    assert not absent.exists()


def test_a_home_that_cannot_be_made(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    check = told(Settings(home=tmp_path / "absent"), "home")
    assert check.ok is False
    assert "UNSELL_HOME" in check.remedy


def test_a_full_disk(home, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1024))
    assert told(Settings(home=home), "disk").ok is False


def test_the_ledger_is_opened(home):
    settings = Settings(home=home)
    with Ledger(settings.database):
        pass
    check = told(settings, "ledger")
    assert check.ok
    assert "schema" in check.sentence


def test_a_ledger_that_is_none(home):
    settings = Settings(home=home)
    (home / "ledger.sqlite3").write_text(
        "this is no database, whatever its name says " * 50, encoding="utf-8"
    )
    check = told(settings, "ledger")
    assert check.ok is False
    assert "cannot be opened" in check.sentence


def test_no_secret_is_shown(home, monkeypatch):
    key = Fernet.generate_key().decode()
    database = "postgresql://unsell:hunter2hunter2@127.0.0.1:1/unsell?connect_timeout=1"
    settings = Settings(home=home, session_key=key, database_url=database)
    said = repr(doctor.checks(settings))
    assert "hunter2" not in said
    assert key not in said
    assert told(settings, "session key").ok
    assert told(settings, "ledger").ok is False


def test_two_ledgers_are_a_thing_to_know(home):
    check = told(Settings(home=home), "one ledger")
    assert check.ok is None
    assert "two ledgers for one login" in check.sentence


def test_a_window_needs_a_display(home, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert told(Settings(home=home), "window").ok is None
    monkeypatch.setenv("DISPLAY", ":0")
    assert told(Settings(home=home), "window").ok


@posix
def test_nothing_is_left_behind(home):
    doctor.checks(Settings(home=home))
    assert list(home.iterdir()) == []
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_persons_browser_is_asked_whether_it_answers_and_none_is_opened(home, tmp_path):
    # Broken on purpose: `debugging_url` in place of `socket_of`, which would run the command.
    opened = tmp_path / "opened"
    shop = {"platform": "ebay", "site": "ebay.com"}
    accounts = {
        "one": {**shop, "cdp_url": "http://127.0.0.1:9"},
        "two": {**shop, "open_command": f"touch {opened}"},
        "three": shop,
    }
    found = {check.name: check for check in doctor.checks(Settings(home=home, accounts=accounts))}
    assert found["browser of one"].ok is False
    assert "no browser answers at 127.0.0.1:9" in found["browser of one"].sentence
    assert found["browser of two"].ok is None
    assert not opened.exists()
    assert "browser of three" not in found
