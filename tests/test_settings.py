"""Settings: where they come from, what goes before what, and how a mistake is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import keyring
import keyring.backend
import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from keyring.errors import KeyringLocked, NoKeyringError

from agent.domain.errors import UsageError
from agent.domain.order import Reason, Role
from agent.settings import account, settings
from agent.settings.settings import Account, Settings, load, password_of, totp_secret_of

REPO = Path(__file__).parent.parent
SHOP = {"ACCOUNTS__SHOP1__PLATFORM": "ebay", "ACCOUNTS__SHOP1__SITE": "ebay.com"}
SECRET = "hunter2-geheim"


@pytest.fixture(autouse=True)
def _two_platforms(monkeypatch):
    monkeypatch.setattr(account, "known_platforms", lambda: ["dhgate", "ebay"])


@pytest.fixture
def read(tmp_path):
    """``read(NAME=value, …)``: load with that environment alone, in an empty folder with an empty home."""

    def reading(overrides=None, **names):
        environ = {"UNSELL_HOME": str(tmp_path / "home"), **{f"UNSELL_{n}": v for n, v in names.items()}}
        return load(overrides, {n: v for n, v in environ.items() if v is not None}, tmp_path)

    return reading


def mistake(act, *args, **names):
    with pytest.raises(UsageError) as caught:
        act(*args, **names)
    sentence = str(caught.value)
    assert all(line.startswith("UNSELL_") for line in sentence.splitlines()[1:]), "a line a mistake"
    assert SECRET not in sentence
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return sentence


# -- defaults and paths -------------------------------------------------------------------------------------


def test_defaults_are_the_contracts(read, tmp_path):
    found = read()
    assert (found.settle_seconds, found.step_timeout_seconds, found.pace_seconds) == (120, 30, 5)
    assert (found.max_submits_per_run, found.keep_evidence_days, found.headless) == (50, 180, True)
    assert (found.practice, found.browser_path, found.session_key, found.notify) == (None, None, None, ())
    assert found.block == ()
    assert (found.accounts, found.notes, found.lang) == ({}, {}, "en")


def test_state_lies_in_the_users_data_folder_unless_told(tmp_path):
    from platformdirs import user_data_dir

    assert load(environ={}, cwd=tmp_path).home == Path(user_data_dir("unsell"))


def test_paths_derive_from_home(read, tmp_path):
    found, home = read(), tmp_path / "home"
    assert (found.evidence_dir, found.sessions_dir, found.locks_dir) == (
        home / "evidence",
        home / "sessions",
        home / "locks",
    )
    assert found.database == f"sqlite:///{(home / 'ledger.sqlite3').as_posix()}"


def test_a_relative_home_counts_from_the_current_folder(read, tmp_path):
    assert read(HOME="state").home == tmp_path / "state"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg(read, scheme):
    found = read(DATABASE_URL=f"{scheme}://u:{SECRET}@h/db")
    assert found.database == f"postgresql+psycopg://u:{SECRET}@h/db"
    assert SECRET not in repr(found)


def test_pace_is_nothing_in_practice_unless_told(read):
    assert read(PRACTICE="127.0.0.1:8443").pace_seconds == 0
    assert read(PRACTICE="127.0.0.1:8443", PACE_SECONDS="3").pace_seconds == 3


@pytest.mark.parametrize(
    ("spoken", "lang"),
    [("zh_CN.UTF-8", "zh-CN"), ("zh_TW", "zh-CN"), ("de_DE.UTF-8", "en"), ("C", "en"), ("", "en")],
)
def test_language_is_the_systems(tmp_path, spoken, lang):
    assert load(environ={"LANG": spoken}, cwd=tmp_path).lang == lang
    assert load(environ={"LANG": spoken, "UNSELL_LANG": "zh_cn"}, cwd=tmp_path).lang == "zh-CN"


def test_constructed_by_itself_it_reads_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("UNSELL_SETTLE_SECONDS", "7")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("UNSELL_STEP_TIMEOUT_SECONDS=8")
    found = Settings(accounts={"a": Account(platform="ebay", site="ebay.de")})
    assert (found.settle_seconds, found.step_timeout_seconds) == (120, 30)
    assert load(cwd=tmp_path).settle_seconds == 7


# -- precedence ---------------------------------------------------------------------------------------------


def test_command_line_environment_dotenv_secrets_toml_default_in_this_order(read, tmp_path):
    name, given_by = "KEEP_EVIDENCE_DAYS", []
    assert read().keep_evidence_days == 180
    (tmp_path / "unsell.toml").write_text("keep_evidence_days = 1")
    given_by.append(read().keep_evidence_days)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / f"UNSELL_{name}").write_text("2\n")
    given_by.append(read(SECRETS_DIR="secrets").keep_evidence_days)
    (tmp_path / ".env").write_text(f"UNSELL_{name}=3")
    given_by.append(read(SECRETS_DIR="secrets").keep_evidence_days)
    given_by.append(read(SECRETS_DIR="secrets", KEEP_EVIDENCE_DAYS="4").keep_evidence_days)
    overrides = {"keep_evidence_days": 5, "headless": None}
    given_by.append(read(overrides, SECRETS_DIR="secrets", KEEP_EVIDENCE_DAYS="4").keep_evidence_days)
    assert given_by == [1, 2, 3, 4, 5]


def test_an_account_may_be_pieced_together_from_all_places(read, tmp_path):
    (tmp_path / "unsell.toml").write_text(
        '[accounts.shop1]\nplatform = "ebay"\nsite = "ebay.de"\nrole="buyer"'
    )
    (tmp_path / ".env").write_text("UNSELL_ACCOUNTS__SHOP1__USERNAME='anna'")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "UNSELL_ACCOUNTS__SHOP1__PASSWORD").write_text("p w\n")
    account = read({"accounts": {"shop1": {"title": "Laden"}}}, SECRETS_DIR="s").accounts["shop1"]
    assert (account.role, account.site, account.username, account.title) == (
        Role.BUYER,
        "ebay.de",
        "anna",
        "Laden",
    )
    assert account.password.get_secret_value() == "p w"


def test_each_file_is_the_current_folders_else_homes(read, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".env").write_text("UNSELL_SETTLE_SECONDS=1\nUNSELL_LANG=zh-CN")
    (home / "unsell.toml").write_text("step_timeout_seconds = 1")
    (tmp_path / ".env").write_text("UNSELL_SETTLE_SECONDS=2")
    found = read()
    assert (found.settle_seconds, found.step_timeout_seconds, found.lang) == (2, 1, "en")


def test_home_may_be_named_by_a_file_in_the_current_folder_but_not_by_one_in_itself(read, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "unsell.toml").write_text("settle_seconds = 9")
    (tmp_path / ".env").write_text("UNSELL_HOME=elsewhere")
    assert read(HOME=None).settle_seconds == 9
    (tmp_path / "elsewhere" / "unsell.toml").write_text('home = "third"')
    assert "unsell.toml" in mistake(read, HOME=None)


def test_files_are_found_from_a_subfolder_upwards_and_their_paths_count_from_where_they_lie(tmp_path):
    # Broken on purpose: `nearest` looks in the current folder alone; `_anchor` left out (two ledgers).
    (tmp_path / ".env").write_text("UNSELL_HOME=state\nUNSELL_DATABASE_URL=sqlite:///own.db\n")
    (tmp_path / "unsell.toml").write_text("settle_seconds = 7\n")
    below = tmp_path / "orders" / "november"
    below.mkdir(parents=True)
    (below / ".env").write_text("OTHER=1\n")
    (tmp_path / "orders" / ".env").write_text("OTHER=of-another-project\n")
    (below / ".env").unlink()
    found = load(environ={}, cwd=below)
    assert (found.home, found.settle_seconds) == (tmp_path / "state", 7)
    assert found.database == f"sqlite:///{tmp_path / 'own.db'}"
    nearer = tmp_path / "orders" / "unsell.toml"
    nearer.write_text("settle_seconds = 8\n")
    assert load(environ={}, cwd=below).settle_seconds == 8


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of files there")
def test_a_strangers_file_above_is_not_read(tmp_path, monkeypatch):
    # A folder such as /tmp is everybody's: what a stranger leaves there would name the browser to be started.
    (tmp_path / "unsell.toml").write_text("settle_seconds = 7\n")
    below = tmp_path / "below"
    below.mkdir()
    environ = {"UNSELL_HOME": str(tmp_path / "home")}
    assert load(environ=environ, cwd=below).settle_seconds == 7
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert load(environ=environ, cwd=below).settle_seconds == 120


@pytest.mark.parametrize(
    "name", ["UNSEL_PRACTICE", "UNSLEL_PRACTICE", "UNSELLL_PRACTICE", "UNSELLPRACTICE", "UNSELL-PRACTICE",
             "NSELL_PRACTICE", "UNSALL_PRACTISE", "unsel_practice"],
)  # fmt: skip
def test_a_prefix_that_is_one_slip_away_is_an_error_for_it_would_mean_the_real_sites(tmp_path, name):
    # Broken on purpose: `_check_prefix` not called.
    said = mistake(load, None, {name: "127.0.0.1:8443"}, tmp_path)
    assert f"{name.upper()} (from the environment)" in said
    assert "UNSELL_PRACTICE" in said
    (tmp_path / ".env").write_text("\nUNSEL_ACCOUNTS__A__SITE=ebay.com\n")
    assert "line 2" in mistake(load, None, {}, tmp_path)


@pytest.mark.parametrize("name", ["UNSEAL_KEYS", "UNSELLER_TOKEN", "SELL_PRACTICE", "UNSET_ME", "UNSELL"])
def test_variables_of_other_programs_are_theirs(tmp_path, name):
    load(None, {name: "x", "UNSELL_HOME": str(tmp_path)}, tmp_path)


@pytest.mark.parametrize("name", ["home", "home/below"])
def test_a_home_that_is_a_file_is_one_sentence(tmp_path, name):
    (tmp_path / "home").write_text("")
    found = load(environ={"UNSELL_HOME": str(tmp_path / name)}, cwd=tmp_path)
    said = mistake(found.make_state)
    assert f"{tmp_path / 'home'} is a file" in said
    assert "UNSELL_HOME" in said


def test_an_empty_variable_counts_as_not_set(read, tmp_path):
    (tmp_path / "unsell.toml").write_text("settle_seconds = 9")
    assert read(SETTLE_SECONDS="", ACCOUNTS__SHOP1__PASSWORD="").settle_seconds == 9


def test_an_empty_practice_is_refused_for_it_would_mean_the_real_sites(read):
    assert "UNSELL_PRACTICE" in mistake(read, PRACTICE="")
    assert "real sites" in mistake(read, {"practice": ""})


# -- texts as they stand ------------------------------------------------------------------------------------

PASSWORDS = [
    "{}",
    '{"a":1}',
    "[1]",
    "null",
    "true",
    "007",
    "1e3",
    " lead",
    "pa$$ #1",
    "${HOME}",
    "中文",
    "a=b",
]


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_reaches_the_form_as_it_was_written(read, tmp_path, password):
    name = "ACCOUNTS__SHOP1__PASSWORD"
    assert read(**SHOP, **{name: password}).accounts["shop1"].password.get_secret_value() == password
    (tmp_path / ".env").write_text(f"UNSELL_{name}='{password}'", encoding="utf-8")
    assert read(**SHOP).accounts["shop1"].password.get_secret_value() == password


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_of_a_chinese_windows_are_read_right(read, tmp_path, codec):
    (tmp_path / ".env").write_bytes("# 店铺\nUNSELL_ACCOUNTS__SHOP1__TITLE='深圳一店'\n".encode(codec))
    (tmp_path / "unsell.toml").write_bytes('[notes]\nout-of-stock = "缺货,抱歉"\n'.encode(codec))
    found = read(**SHOP)
    assert found.accounts["shop1"].title == "深圳一店"
    assert found.notes == {Reason.OUT_OF_STOCK: "缺货,抱歉"}


def test_lines_of_other_programs_are_passed_over(read, tmp_path):
    (tmp_path / ".env").write_text("OTHER='open\nnot a line\nUNSELL_LANG=zh\n", encoding="utf-8")
    assert read(SMOKE_ORDER_SHOP1="x").lang == "zh-CN"


def test_notify_is_parted_by_spaces_or_commas(read, tmp_path):
    urls = ["mailto://a:b@c.d?to=x,y", "dingtalk://t/k"]
    assert [u.get_secret_value() for u in read(NOTIFY=", ".join(urls)).notify] == urls
    (tmp_path / "unsell.toml").write_text(f"notify = {urls}")
    assert [u.get_secret_value() for u in read().notify] == urls


def test_what_serves_nobody_is_parted_by_spaces_or_commas(read, tmp_path):
    words = ("fonts", "media", "doubleclick.net", "ads_1.example.co.uk")
    assert read(BLOCK="Fonts, media doubleclick.NET,ads_1.example.co.uk\n").block == words
    assert read(BLOCK=" , ").block == ()
    (tmp_path / "unsell.toml").write_text(f"block = {list(words)}")
    assert read().block == words


@pytest.mark.parametrize(
    ("word", "says"),
    [
        *((kind, "cannot be blocked") for kind in ("images", "Scripts", "stylesheets", "styles", "document")),
        *((word, "neither fonts nor media nor the name of a host") for word in ("font", "trackers", "net")),
        *(
            (word, "neither")
            for word in ("https://a.net", "*.a.net", "a.net:443", "a..net", ".net", "例子.中国")
        ),
        *(
            (host, "eBay's own")
            for host in ("ebay.com", "www.ebay.de", "signin.ebay.co.uk", "co.uk", "com.hk")
        ),
        *((host, "eBay's own") for host in ("ebayimg.com", "i.ebayimg.com")),
        *((host, "敦煌网's own") for host in ("dhgate.com", "secure.dhgate.com", "js.dhresource.com")),
    ],
)
def test_what_a_sellers_page_needs_is_not_blocked(read, tmp_path, word, says):
    # Broken on purpose: one of the two `endswith` left out of `_refuse_own`; `files` not looked at.
    assert f"UNSELL_BLOCK=fonts {word} (from the environment) holds " in (
        sentence := mistake(read, BLOCK=f"fonts {word}")
    )
    assert says in sentence
    (tmp_path / "unsell.toml").write_text(f"block = ['media', '{word}']", encoding="utf-8")
    assert says in (sentence := mistake(read))
    assert "UNSELL_BLOCK (from " in sentence


@pytest.mark.parametrize("host", ["notebay.com", "ebay.com.evil.net", "ebay.net", "edhgate.com", "uk.net"])
def test_a_host_that_only_sounds_like_a_marketplace_may_be_blocked(read, host):
    assert read(BLOCK=host).block == (host,)


def test_a_domain_of_the_users_own_profile_is_refused_too(read, tmp_path):
    profile = tmp_path / "home" / "selectors" / "dhgate.toml"
    profile.parent.mkdir(parents=True)
    profile.write_text('domains = ["dhgate.com", "dhgate.cn"]', encoding="utf-8")
    assert "(dhgate.cn)" in mistake(read, BLOCK="ads.dhgate.cn")


def test_no_secret_is_shown_by_the_object(read):
    key = Fernet.generate_key().decode()
    found = read(**SHOP, ACCOUNTS__SHOP1__PASSWORD=SECRET, SESSION_KEY=key, NOTIFY=f"slack://{SECRET}/a")
    assert SECRET not in repr(found) + str(found.model_dump())
    assert key not in repr(found)
    assert found.session_key.get_secret_value() == key


# -- mistakes -----------------------------------------------------------------------------------------------


def test_an_unknown_variable_names_the_nearest_and_its_place(read, tmp_path):
    sentence = mistake(read, SETLE_SECONDS="3")
    assert "UNSELL_SETLE_SECONDS (from the environment)" in sentence
    assert "UNSELL_SETTLE_SECONDS" in sentence
    (tmp_path / ".env").write_text(f"\nUNSELL_ACCOUNTS__SHOP1__PASWORD='{SECRET}'\n")
    sentence = mistake(read, **SHOP)
    assert f"{tmp_path / '.env'}, line 2" in sentence
    assert "UNSELL_ACCOUNTS__SHOP1__PASSWORD" in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("settle = 3", "settle_seconds"),
        ("[accounts.shop1]\nplattform = 'ebay'", "accounts.shop1.platform"),
        ("[account.shop1]\nplatform = 'ebay'", "account.shop1"),
        ("accounts = 3", "[accounts.<name>]"),
        ("[notes]\nbuyer-ask = 'x'", "notes.buyer-asked"),
        ("notes = 3", "UNSELL_NOTES"),
        ("lang = ", "TOML"),
        ("[accounts.shop1]\nplatform.x = 'ebay'", "UNSELL_ACCOUNTS__<NAME>__PLATFORM"),
        ("[accounts.shop1]", "UNSELL_ACCOUNTS__SHOP1__PLATFORM is missing"),
        ("[accounts.'my shop']\nplatform = 'ebay'\nsite='ebay.de'", "'my shop'"),
    ],
)
def test_unknown_and_misplaced_keys_of_the_toml_file_are_named(read, tmp_path, text, words):
    (tmp_path / "unsell.toml").write_text(text)
    sentence = mistake(read)
    assert words in sentence
    assert "unsell.toml" in sentence


@pytest.mark.parametrize(
    "name", ["ACCOUNTS", "ACCOUNTS__SHOP1", "NOTES", "ACCOUNTS__SHOP1__A__B", "PASSWORD", ""]
)
def test_other_unknown_variables_are_errors_too(read, name):
    assert f"UNSELL_{name}" in mistake(read, **{name: SECRET})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SETTLE_SECONDS", "0", "greater than 0"),
        ("SETTLE_SECONDS", "nan", "finite"),
        ("SETTLE_SECONDS", "soon", "number"),
        ("SETTLE_SECONDS", "1e9", "86400"),
        ("PACE_SECONDS", "-1", "0"),
        ("STEP_TIMEOUT_SECONDS", "-0.5", "greater than 0"),
        ("MAX_SUBMITS_PER_RUN", "0", "1"),
        ("MAX_SUBMITS_PER_RUN", "2.5", "integer"),
        ("KEEP_EVIDENCE_DAYS", "0", "1"),
        ("HEADLESS", "perhaps", "true or false"),
        ("LANG", "fr", "zh-CN"),
        ("PRACTICE", "example.com:443", "this machine"),
        ("PRACTICE", "192.168.1.4:443", "this machine"),
        ("PRACTICE", "127.0.0.1.evil.example:443", "this machine"),
        ("PRACTICE", "0.0.0.0:443", "this machine"),
        ("PRACTICE", "127.0.0.1", "HOST:PORT"),
        ("PRACTICE", "127.0.0.1:0", "HOST:PORT"),
        ("PRACTICE", "127.0.0.1:70000", "HOST:PORT"),
        ("PRACTICE", "https://127.0.0.1:443", "HOST:PORT"),
        ("PRACTICE", "127.0.0.1:443, MAP * 6.6.6.6:443", "HOST:PORT"),
        ("SECRETS_DIR", "nowhere", "nowhere"),
        ("SECRETS_DIR", "~nobody-here/x", "not known"),
        ("HOME", "~nobody-here/x", "not known"),
        ("BROWSER_PATH", "~nobody-here/x", "not known"),
        ("ACCOUNTS__SHOP1__ROLE", "boss", "'seller' or 'buyer'"),
        ("ACCOUNTS__SHOP1__PLATFORM", "ebya", "did you mean ebay?"),
        ("ACCOUNTS__SHOP1__SITE", "  ", "at least 1"),
        ("ACCOUNTS__SHOP1__LOCALE", "english", "zh-CN"),
        ("ACCOUNTS__SHOP_-X__SITE", "ebay.com", "UNSELL_ACCOUNTS__SHOP_-X__PLATFORM"),
    ],
)
def test_a_wrong_value_names_the_variable(read, name, value, words):
    sentence = mistake(read, **(SHOP if "SHOP1" in name else {}) | {name: value})
    assert f"UNSELL_{name}" in sentence or words.startswith("UNSELL")
    assert words in sentence


def test_all_wrong_values_are_told_at_once(read):
    # As it was: the first, and "2 more to mend after it".
    said = mistake(read, **SHOP, HEADLESS="perhaps", LANG="fr", ACCOUNTS__SHOP1__ROLE="boss").splitlines()
    assert [line.split()[0].split("=")[0] for line in said] == [
        "UNSELL_LANG", "UNSELL_HEADLESS", "UNSELL_ACCOUNTS__SHOP1__ROLE",
    ]  # fmt: skip


def test_unknown_names_and_wrong_values_of_every_place_are_told_together(read, tmp_path):
    # As it was: the first unknown name, then the next at the next try, and wrong values after all of them.
    # Broken on purpose: `meant` not looked at (a mistyped PLATFORM was told as missing too).
    (tmp_path / ".env").write_text(
        f"UNSELL_ACCOUNTS__DH__PLATFROM=dhgate\nUNSELL_ACCOUNTS__DH__SITE=dhgate.com\n"
        f"UNSELL_NOTE='{SECRET}\nUNSELL_PACE=3\n"
    )
    (tmp_path / "unsell.toml").write_text("settle = 3\n[notes]\nbuyer-ask = 'x'\n")
    with pytest.raises(UsageError) as caught:
        read(LANG="fr", STEP_TIMEOUT="3", PRACTICE="")
    said = str(caught.value)
    names = [
        "UNSELL_STEP_TIMEOUT (", "UNSELL_PRACTICE (", f"{tmp_path / '.env'}, line 3: not understood",
        "UNSELL_ACCOUNTS__DH__PLATFROM (", "UNSELL_PACE (", "settle (", "notes.buyer-ask (", "UNSELL_LANG=",
    ]  # fmt: skip
    assert [line.startswith(name) for line, name in zip(said.splitlines(), names, strict=True)] == [
        True
    ] * 8, said
    assert SECRET not in said
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_KEY", SECRET),
        ("SESSION_KEY", "A" * 44),
        ("SESSION_KEY", "A" * 42 + "*" + "A="),  # the lenient decoder would drop the star
        ("DATABASE_URL", f"mysql://u:{SECRET}@h/db"),
        ("NOTIFY", SECRET),
        ("ACCOUNTS__SHOP1__TOTP_SECRET", f"123-{SECRET}!"),
        ("ACCOUNTS__SHOP1__CDP_URL", f"127.0.0.1:9222/{SECRET}"),
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(read, tmp_path, name, value):
    assert f"UNSELL_{name}" in (sentence := mistake(read, **SHOP, **{name: value}))
    assert value not in sentence
    (tmp_path / ".env").write_text(f"UNSELL_{name}='{value}'")
    assert ".env, line 1" in mistake(read, **SHOP)


def test_an_unclosed_quote_tells_the_line_and_not_the_password(read, tmp_path):
    (tmp_path / ".env").write_text(f"A=1\nUNSELL_ACCOUNTS__SHOP1__PASSWORD='{SECRET}\n")
    assert "line 2" in mistake(read, **SHOP)


def test_files_that_are_no_text_are_named(read, tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xff\xff")
    assert ".env" in mistake(read)
    (tmp_path / ".env").unlink()
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "UNSELL_LANG").write_bytes(b"\xff\xfe\xfd")
    assert "UNSELL_SECRETS_DIR" in mistake(read, SECRETS_DIR="s")


def test_a_mistyped_secret_file_is_named_and_foreign_files_are_left_alone(read, tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "db_password").write_text(SECRET)
    assert read(SECRETS_DIR="s").accounts == {}
    (tmp_path / "s" / "UNSELL_ACCOUNTS__SHOP1__PASSWRD").write_text(SECRET)
    assert "secrets folder" in mistake(read, **SHOP, SECRETS_DIR="s")


def test_an_account_without_a_platform_is_told_where_it_is_named(read):
    sentence = mistake(read, **SHOP, ACCOUNTS__SHPO1__PASSWORD=SECRET)
    assert "UNSELL_ACCOUNTS__SHPO1__PLATFORM is missing" in sentence
    assert "the environment" in sentence


def test_two_ways_to_an_open_browser_are_one_too_many(read):
    names = {"ACCOUNTS__SHOP1__CDP_URL": "http://127.0.0.1:1", "ACCOUNTS__SHOP1__OPEN_COMMAND": "x"}
    assert "CDP_URL and OPEN_COMMAND" in mistake(read, **SHOP, **names)


@hypothesis_settings(deadline=None)
@given(
    value=st.text(st.characters(exclude_categories=["Cs"])),
    name=st.sampled_from(sorted(Settings.model_fields)),
)
def test_any_value_anywhere_is_taken_or_told_in_one_sentence(tmp_path_factory, value, name):
    environ = {"UNSELL_HOME": "/nonexistent", f"UNSELL_{name.upper()}": value}
    try:
        load(environ=environ, cwd=tmp_path_factory.getbasetemp())
    except UsageError as error:
        assert f"UNSELL_{name.upper()}" in str(error)  # noqa: PT017 - taking the value is as good


# -- accounts -----------------------------------------------------------------------------------------------


@pytest.fixture
def two(read):
    return read(
        **SHOP,
        ACCOUNTS__SHOP1__TITLE="Kleiner Laden",
        ACCOUNTS__DH_1__PLATFORM="DHgate",
        ACCOUNTS__DH_1__SITE="DHgate.com",
        ACCOUNTS__DH_1__LOCALE="zh-cn",
        ACCOUNTS__DH_1__TITLE="深圳一店",
        ACCOUNTS__DH_1__TOTP_SECRET="jbsw y3dp ehpk 3pxp",
    )


@pytest.mark.parametrize("called", ["dh_1", "DH_1", " 深圳一店 ", "深圳一店"])
def test_an_account_goes_by_name_or_title(two, called):
    name, account = two.account(called)
    assert name == "dh_1"
    assert (account.platform, account.site, account.locale, account.role) == (
        "dhgate",
        "dhgate.com",
        "zh-CN",
        Role.SELLER,
    )


def test_titles_are_compared_without_case_and_width(two):
    assert two.account("ＫＬＥＩＮＥＲ laden")[0] == "shop1"


def test_an_unknown_account_names_the_nearest_and_all(two, read):
    sentence = mistake(two.account, "深圳二店")
    assert "did you mean 深圳一店?" in sentence
    assert "shop1 (Kleiner Laden)" in sentence
    assert "unsell init" in mistake(read().account, "shop1")


@pytest.mark.parametrize("title", ["深圳一店", "DH_1", "dh_1"])
def test_no_two_accounts_go_by_one_name(read, title):
    names = {"ACCOUNTS__DH_1__PLATFORM": "dhgate", "ACCOUNTS__DH_1__SITE": "dhgate.com"}
    names["ACCOUNTS__DH_1__TITLE"] = "深圳一店"
    assert "shop1" in (sentence := mistake(read, **SHOP, ACCOUNTS__SHOP1__TITLE=title, **names))
    assert "dh_1" in sentence


def test_an_accounts_title_may_be_its_own_name(read):
    assert read(**SHOP, ACCOUNTS__SHOP1__TITLE="Shop1").account("SHOP1")[0] == "shop1"


# -- the keyring --------------------------------------------------------------------------------------------


class Ring(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self, *, fails=None):
        self.fails, self.asked = fails, []

    def get_password(self, service, username):
        self.asked.append((service, username))
        if self.fails:
            raise self.fails
        return "from the ring" if username.startswith("shop1.") else None

    def set_password(self, service, username, password): ...


@pytest.fixture
def ring(monkeypatch):
    def using(**how):
        made = Ring(**how)
        monkeypatch.setattr(keyring, "get_password", made.get_password)
        return made

    return using


def test_passwords_come_from_the_settings_else_from_the_keyring(read, ring, two):
    asked = ring().asked
    assert password_of(two, "Kleiner Laden").get_secret_value() == "from the ring"
    assert totp_secret_of(two, "shop1").get_secret_value() == "from the ring"
    assert asked == [("unsell", "shop1.password"), ("unsell", "shop1.totp_secret")]
    assert totp_secret_of(two, "dh_1").get_secret_value() == "JBSWY3DPEHPK3PXP"
    assert password_of(two, "dh_1") is None
    own = read(**SHOP, ACCOUNTS__SHOP1__PASSWORD="own")
    assert password_of(own, "shop1").get_secret_value() == "own"


@pytest.mark.parametrize("fails", [NoKeyringError(), KeyringLocked(), OSError("no D-Bus"), RuntimeError()])
def test_a_machine_without_a_keyring_has_no_password_and_no_error(two, ring, fails):
    ring(fails=fails)
    assert password_of(two, "shop1") is None


def test_reading_the_settings_imports_neither_keyring_nor_other_heavy_modules():
    heavy = {"keyring", "cryptography", "sqlalchemy", "playwright", "openpyxl", "python_calamine", "typer"}
    code = "import sys, agent.settings.settings; agent.settings.settings.load({}, {}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())


# -- what goes with it --------------------------------------------------------------------------------------


def test_platforms_are_the_files_of_the_selectors_folder(tmp_path, monkeypatch):
    monkeypatch.undo()
    for place in ("selectors", "agent/_selectors"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "agent" / "_selectors" / "wheel.toml").touch()
    (tmp_path / "selectors" / "shop.toml").touch()
    (tmp_path / "selectors" / "notes.md").touch()
    monkeypatch.setattr(account, "__file__", str(tmp_path / "agent" / "settings" / "account.py"))
    assert settings.known_platforms() == ["shop"]
    for file in (tmp_path / "selectors").iterdir():
        file.unlink()
    (tmp_path / "selectors").rmdir()
    assert settings.known_platforms() == ["wheel"]


EXAMPLE = (REPO / ".env.example").read_text(encoding="utf-8")


def test_the_example_names_every_setting_and_every_part_of_an_account():
    named = set(re.findall(r"^#UNSELL_(\w+)=", EXAMPLE, re.MULTILINE))
    plain = {n.upper() for n in Settings.model_fields} - {"ACCOUNTS", "NOTES"}
    assert {n for n in named if "__" not in n} == plain
    parts = {n.split("__")[2] for n in named if n.startswith("ACCOUNTS__")}
    assert parts == {n.upper() for n in Account.model_fields}
    assert EXAMPLE.index("unsell login") < EXAMPLE.index("#UNSELL_")


def test_the_examples_lines_are_commented_and_good_when_taken_up(tmp_path):
    assert all(line.startswith("#") for line in EXAMPLE.splitlines() if line)
    taken = re.sub(r"^#(?=UNSELL_)(?!UNSELL_\w+CDP_URL)", "", EXAMPLE, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(taken, encoding="utf-8")
    found = load(environ={}, cwd=tmp_path)
    assert [(a.platform, a.role.value) for a in found.accounts.values()] == [
        ("ebay", "seller"),
        ("ebay", "buyer"),
        ("dhgate", "seller"),
    ]
    assert found.accounts["dh1"].password.get_secret_value() == "pa$$word #1"


def test_the_examples_defaults_are_the_defaults(tmp_path):
    shown = dict(re.findall(r"^#UNSELL_([A-Z_]+[A-Z])='(.*)'$", EXAMPLE, re.MULTILINE))
    bare = load(environ={}, cwd=tmp_path)
    for name, value in shown.items():
        if value and "__" not in name and name != "PRACTICE":
            assert str(getattr(bare, name.lower())).lower().removesuffix(".0") == value, name


def test_every_field_says_what_it_is():
    """The docstring under each field, by the source: pydantic drops it unless asked to pay for it."""
    for file in ("settings.py", "account.py"):
        source = (REPO / "agent" / "settings" / file).read_text(encoding="utf-8")
        body = source[source.index("(BaseSettings)" if file == "settings.py" else "(BaseModel)") :]
        fields = Settings.model_fields if file == "settings.py" else Account.model_fields
        for name in fields:
            assert re.search(rf'^    {name}: (?:.|\n)*?^    """', body, re.MULTILINE), name
