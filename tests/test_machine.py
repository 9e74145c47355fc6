"""Finding a browser: the order, what is passed over, and what is said when there is none."""

import json
import os
import sys
from pathlib import Path

import pytest

from agent.browser import discovery
from agent.domain.errors import UsageError

posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks on the PATH")


def program(path: Path, answer: str = "echo Chromium 156.0.8078.79") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine with no browser: an empty PATH, an empty Playwright folder."""
    discovery.browser_version.cache_clear()
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(discovery, "_installed_on_macos", lambda: iter(()))
    return tmp_path


def playwrights(folder: Path, name: str, place: str, *, complete: bool = True) -> Path:
    listed = {entry["name"]: entry for entry in discovery._playwright_listing()}
    home = folder / "playwright" / f"{name.replace('-', '_')}-{listed[name]['revision']}"
    path = program(home / place)
    if complete:
        (home / "INSTALLATION_COMPLETE").touch()
    return path


SHELL = "chromium-headless-shell", "chrome-headless-shell-linux64/chrome-headless-shell"
FULL = "chromium", "chrome-linux64/chrome"


def test_playwright_lists_what_it_would_download():
    names = {entry["name"] for entry in discovery._playwright_listing()}
    assert {"chromium", "chromium-headless-shell"} <= names


def test_no_browser_says_what_to_do(bare):
    with pytest.raises(UsageError, match=r"install one with `playwright install.*UNSELL_BROWSER_PATH"):
        discovery.find_browser()


@posix
@linux
def test_order_on_the_path(bare):
    for name in ("chromium-browser", "chromium", "microsoft-edge", "google-chrome"):
        path = program(bare / "bin" / name)
        found = discovery.find_browser()
        assert (found.path, found.version) == (path, "156.0.8078.79")


@posix
@linux
def test_debians_shell_is_for_headless_runs_alone(bare):
    chromium = program(bare / "bin" / "chromium")
    shell = program(bare / "bin" / "chromium-headless-shell")
    assert discovery.find_browser().path == shell
    assert discovery.find_browser(headless=False).path == chromium
    edge = program(bare / "bin" / "microsoft-edge")
    assert discovery.find_browser().path == edge, "the contract's order stays"


@posix
@linux
def test_a_stub_is_passed_over(bare):
    program(bare / "bin" / "google-chrome", "echo 'please install the snap'; exit 1")
    chromium = program(bare / "bin" / "chromium")
    assert discovery.find_browser().path == chromium


@posix
def test_playwrights_own_comes_first(bare):
    program(bare / "bin" / "google-chrome")
    playwrights(bare, *SHELL)
    found = discovery.find_browser()
    assert found.path is None
    assert found.version


@posix
def test_the_shell_has_no_window(bare):
    playwrights(bare, *SHELL)
    with pytest.raises(UsageError):
        discovery.find_browser(headless=False)
    playwrights(bare, *FULL)
    assert discovery.find_browser(headless=False).path is None


@posix
def test_without_the_shell_the_full_browser_is_named(bare):
    full = playwrights(bare, *FULL)
    assert discovery.find_browser().path == full


@posix
def test_half_a_download_is_none(bare):
    playwrights(bare, *SHELL, complete=False)
    with pytest.raises(UsageError):
        discovery.find_browser()


@posix
def test_the_users_own_wins(bare):
    playwrights(bare, *SHELL)
    mine = program(bare / "mine" / "thorium")
    found = discovery.find_browser(mine)
    assert (found.path, found.name) == (mine, "thorium")


@posix
def test_the_users_own_is_checked(bare):
    plain = bare / "plain"
    plain.write_text("", encoding="utf-8")
    broken = program(bare / "broken", "exit 127")
    with pytest.raises(UsageError, match="no such file"):
        discovery.find_browser(bare / "nowhere")
    with pytest.raises(UsageError, match="may not be executed"):
        discovery.find_browser(plain)
    with pytest.raises(UsageError, match="does not start"):
        discovery.find_browser(broken)


@posix
def test_a_macos_application_is_a_folder(bare):
    inner = program(bare / "Some Browser.app" / "Contents" / "MacOS" / "Some Browser")
    assert discovery.find_browser(bare / "Some Browser.app").path == inner


def test_versions_on_windows_are_read_off_the_folder(tmp_path, monkeypatch):
    discovery.browser_version.cache_clear()
    monkeypatch.setattr(sys, "platform", "win32")
    for name in ("99.0.1.2", "156.0.8078.79", "SetupMetrics"):
        (tmp_path / name).mkdir()
    assert discovery.browser_version(tmp_path / "chrome.exe") == "156.0.8078.79"


@pytest.mark.parametrize(
    ("platform", "uid", "answer"), [("linux", 0, True), ("linux", 1000, False), ("darwin", 0, False)]
)
def test_the_sandbox_is_left_off_for_root_on_linux_alone(monkeypatch, platform, uid, answer):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(os, "geteuid", lambda: uid, raising=False)
    assert discovery.needs_no_sandbox() is answer


@pytest.mark.parametrize(("name", "drawn"), [("NotoSansCJK-Regular.ttc", True), ("DejaVuSans.ttf", False)])
def test_fonts_without_fontconfig_are_told_by_name(bare, monkeypatch, name, drawn):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(discovery, "_FONT_FOLDERS", (bare / "absent", bare / "fonts"))
    (bare / "fonts" / "deep").mkdir(parents=True)
    (bare / "fonts" / "deep" / name).touch()
    assert discovery.has_cjk_font() is drawn


@posix
def test_fontconfig_is_believed(bare, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    program(bare / "bin" / "fc-list", "true")
    assert not discovery.has_cjk_font()
    program(bare / "bin" / "fc-list", "echo 'WenQuanYi Zen Hei'")
    assert discovery.has_cjk_font()


def test_a_broken_listing_is_no_crash(bare, monkeypatch, tmp_path):
    monkeypatch.setattr(discovery, "_playwright_package", lambda: tmp_path)
    (tmp_path / "browsers.json").write_text(json.dumps({"other": []}), encoding="utf-8")
    assert discovery._playwright_listing() == []
