"""Blotting falsifies no fact: codes go as whole words, a secret inside a name of ours is a settings error."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain import redact
from agent.domain.errors import UsageError
from agent.domain.redact import clean, hide, hide_cookie
from agent.settings.settings import Settings, load, password_of
from tests.test_secrecy import WRITINGS
from tests.world import PASSWORD


@pytest.fixture(autouse=True)
def _own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "_hidden", [])
    monkeypatch.setattr(redact, "_numbers", set())


def test_a_code_is_blotted_as_a_whole_word_alone() -> None:
    hide("492817")
    kept = ["1449281762", "12-34567-492817x", "20261126T492817", "0.492817", "492817.50", "ab492817"]
    assert [clean(text) for text in kept] == kept
    for text in (
        "492817",
        "code: 492817.",
        '"492817"',
        "?c=492817&d",
        "%20492817",
        "value=492817>",
        "密492817码"[1:-1],
    ):
        assert "492817" not in clean(text), text


def test_a_password_goes_in_each_of_the_browsers_own_writings() -> None:
    hide(PASSWORD)
    for how in ("encodeURIComponent", "a form", "JSON", "base64", "HTML"):
        assert PASSWORD[:8] not in clean(f"p={WRITINGS[how](PASSWORD)}&"), how
        assert "w0rd" not in clean(WRITINGS[how](PASSWORD)), how


def test_a_cookie_in_quotation_marks_is_known_without_them_too() -> None:
    token = "P@ssw0rd!*~'()<&0123456789"
    hide_cookie(f'"{token}"')
    assert clean(f"cookie {token}") == "cookie •••"
    hide_cookie("short")
    assert clean("short") == "short"


@pytest.mark.parametrize(
    ("secret", "where"),
    [
        ("shop", "the name of an account"), ("Northern", "the title of a shop"), ("jane", "a user name"),
        ("ebay", "the name of a platform"), ("cancelled", "a word of the results"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("what", ["PASSWORD", "keyring"])
def test_a_secret_inside_a_name_of_ours_is_a_settings_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, where: str, what: str
) -> None:
    own = {"PLATFORM": "ebay", "SITE": "ebay.com", "TITLE": "Northern Lights", "USERNAME": "jane_1"}
    if what == "PASSWORD":
        own["PASSWORD"] = secret
    environ = {f"UNSELL_ACCOUNTS__SHOP1__{name}": value for name, value in own.items()}

    def all_of_it() -> Settings:
        settings = load(
            environ={"UNSELL_HOME": str(tmp_path / "h"), "UNSELL_LANG": "en", **environ}, cwd=tmp_path
        )
        monkeypatch.setattr("keyring.get_password", lambda *_: secret)
        password_of(settings, "shop1")
        return settings

    with pytest.raises(UsageError, match=f"stands inside {where}") as said:
        all_of_it()
    assert len(str(said.value).splitlines()) == 1


def test_what_stands_inside_no_name_is_none(tmp_path: Path) -> None:
    for secret in (PASSWORD, "abc", "1234", "Shop1"):
        own = {"PLATFORM": "ebay", "SITE": "ebay.com", "PASSWORD": secret}
        environ = {f"UNSELL_ACCOUNTS__SHOP1__{name}": value for name, value in own.items()}
        environ["UNSELL_HOME"] = str(tmp_path)
        assert load(environ=environ, cwd=tmp_path).accounts["shop1"].password
