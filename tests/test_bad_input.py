"""Bad input, through the command line: one clear sentence with row and column, and nothing begun.

The program runs in this process, from its words to its exit code. The ledger is opened before a browser is
started: where there is no ledger there was no browser.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from agent.cli.app import app
from tests.world import World

Unsell = Callable[..., Result]

HEADING = "account,order_no,reason,expect_total\n"
GOOD = "hub,12-34567-89012,buyer-asked,41.20\n"


@pytest.fixture
def shops(world: World) -> World:
    world.shop("hub", "ebay", TITLE="北极光相机")
    world.shop("buyer", "ebay", role="buyer")
    world.shop("dh", "dhgate", language="zh-CN")
    world.order("hub", "12-34567-89012")
    return world


@pytest.fixture
def unsell(shops: World, monkeypatch: pytest.MonkeyPatch) -> Unsell:
    """The program in this process, in the shops' home and environment."""
    monkeypatch.chdir(shops.home)

    def call(*words: str, **env: str) -> Result:
        return CliRunner().invoke(app, list(words), env={**shops.env, **env}, prog_name="unsell")

    return call


@pytest.fixture
def refused(unsell: Unsell, shops: World) -> Callable[..., str]:
    """Run something that must be refused as it is typed; returns what was said."""

    def call(*words: str, **env: str) -> str:
        before = {file for file in shops.home.iterdir() if file.is_dir() or "ledger" in file.name}
        result = unsell(*words, **env)
        assert result.exit_code == 2, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        assert result.stdout == "", "standard output is for results alone"
        assert "Traceback" not in result.stderr
        assert {file for file in shops.home.iterdir() if file.is_dir() or "ledger" in file.name} == before
        assert (shops.store.loads(), shops.store.truth()) == ({}, [])
        return result.stderr

    return call


# -- words on the command line ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"--account": "hup"}, ["'hup'", "did you mean hub?", "known: "], id="account"),
        pytest.param({"--account": "北极光"}, ["北极光", "北极光相机"], id="title"),
        pytest.param({"--reason": "bored"}, ["--reason: 'bored'", "did you mean buyer-asked"], id="reason"),
        pytest.param(
            {"--reason": "agreed-with-buyer"}, ["eBay", "seller", "buyer-asked"], id="reason-elsewhere"
        ),
        pytest.param({"--account": "buyer"}, ["'buyer-asked' for a buyer", "mistake"], id="reason-role"),
        pytest.param({"order": "1234567"}, ["'1234567' is no order number of eBay", "12-34567"], id="number"),
        pytest.param({"order": "12-34567-8901O"}, ["'12-34567-8901O' is no order number"], id="letter"),
        pytest.param({"--account": "dh"}, ["'12-34567-89012' is no order number of DHgate"], id="elsewhere"),
        pytest.param({"--expect-total": "about 40"}, ["--expect-total 'about 40'"], id="amount"),
        pytest.param({"--expect-total": "2026-11-22"}, ["--expect-total '2026-11-22'"], id="date"),
        pytest.param({"--expect-total": "1,234"}, ["--expect-total '1,234'"], id="ambiguous-amount"),
        pytest.param({"--via": "magic"}, ["--via", "'magic'", "refund"], id="via"),
        pytest.param({"--cause": "weather"}, ["--cause", "'weather'", "stock"], id="cause"),
        pytest.param({"--colour": "red"}, ["--colour"], id="option"),
    ],
)  # fmt: skip
def test_a_word_that_is_wrong_is_named(
    refused: Callable[..., str], changes: dict[str, str], said: list[str]
) -> None:
    words = {"order": "12-34567-89012", "--account": "hub", "--reason": "buyer-asked"} | changes
    number = words.pop("order")
    text = refused("cancel", number, *(part for pair in words.items() for part in pair), "--yes")
    for part in said:
        assert part in text


def test_an_expectation_goes_with_one_order(refused: Callable[..., str]) -> None:
    words = ["12-34567-89012", "12-34567-89013", "--account", "hub", "--reason", "buyer-asked"]
    assert "go with one order" in refused("cancel", *words, "--expect-total", "41.20", "--yes")


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"UNSELL_SETTLE_SECONDS": "soon"}, ["UNSELL_SETTLE_SECONDS"]),
        ({"UNSELL_HEADLES": "true"}, ["UNSELL_HEADLES", "UNSELL_HEADLESS"]),
        ({"UNSELL_PRACTICE": "example.com:443"}, ["UNSELL_PRACTICE", "on this machine"]),
        ({"UNSELL_ACCOUNTS__HUB__PLATFORM": "amazon"}, ["UNSELL_ACCOUNTS__HUB__PLATFORM", "ebay"]),
        ({"UNSELL_ACCOUNTS__HUB__TOTP_SECRET": "123456"}, ["UNSELL_ACCOUNTS__HUB__TOTP_SECRET", "base32"]),
        ({"UNSELL_MAX_SUBMITS_PER_RUN": "0"}, ["UNSELL_MAX_SUBMITS_PER_RUN"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_is_wrong_is_named_by_its_variable(
    refused: Callable[..., str], env: dict[str, str], said: list[str]
) -> None:
    words = ["12-34567-89012", "--account", "hub", "--reason", "buyer-asked", "--yes"]
    text = refused("cancel", *words, **env)
    for part in said:
        assert part in text
    assert "123456" not in text, "a secret, even a wrong one, is never shown"


# -- sheets -----------------------------------------------------------------------------------------------


def _sheet(world: World, content: str | bytes, name: str = "orders.csv") -> str:
    (world.home / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("hup,12-34567-89012,buyer-asked,", "row 3, account: account 'hup' is not known; did you mean hub?"),
        ("hub,12-34567-89013,bored,", "row 3, reason: 'bored' is not a reason"),
        ("hub,12-34567-89013,agreed-with-buyer,", "row 3, reason: eBay has no reason 'agreed-with-buyer'"),
        ("hub,1234567,buyer-asked,", "row 3, order_no: '1234567' is no order number of eBay"),
        ("dh,12-34567-89013,out-of-stock,", "row 3, order_no: '12-34567-89013' is no order number of DHgate"),
        ("hub,12-34567-89013,buyer-asked,about 40", "row 3, expect_total: "),
        ("hub,12-34567-89013,buyer-asked,2026-11-22", "row 3, expect_total: "),
        ("hub,,buyer-asked,", "row 3, order_no: is empty"),
        ("hub,12-34567-89013,,", "row 3, reason: is empty"),
        ("hub,12-3456\x007-89013,buyer-asked,", "row 3, order_no: "),
        (f"hub,{'9' * 3000},buyer-asked,", "row 3, order_no: "),
        ("hub,12-34567-89012,unpaid,41.20", "rows 2, 3, reason: order '12-34567-89012' stands in rows"),
        ("hub,12-34567-89013,buyer-asked,41.20,extra", "row 3: 'extra' stands under no heading"),
    ],
    ids=lambda value: value.split(":")[0] if value.startswith("row") else value[:24].replace("\x00", "NUL"),
)  # fmt: skip
def test_a_row_that_is_wrong_is_named_with_its_column(
    refused: Callable[..., str], shops: World, row: str, said: str
) -> None:
    text = refused("run", _sheet(shops, HEADING + GOOD + row + "\n"), "--yes")
    assert said in text
    assert len(text) < 1000, "a hostile cell is cut short"
    assert "nothing was begun" in text or "stands in rows" in said, "the good row is not lost without a word"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the sheet is empty"),
        (HEADING, "a heading and no rows"),
        (
            "account,order_no,raison\nhub,12-34567-89012,buyer-asked\n",
            "row 1: 'raison' is not a column; the nearest is reason",
        ),
        ("account,reason\nhub,buyer-asked\n", "row 1: the column order_no is missing"),
        ("account,账号,order_no,reason\nhub,hub,12-34567-89012,unpaid\n", "row 1, 账号: stands twice"),
        (HEADING + 'hub,"12-34567-89012,buyer-asked,\n', "a quotation mark is not closed"),
        (b"\x80\x81\x82\xff\xfe" * 50, "the "),
        (b"PK\x03\x04 no workbook", "the "),
        (b"\xd0\xcf\x11\xe0 old", "save it as .xlsx"),
    ],
    ids=["nothing", "heading", "column", "lacking", "twice", "quote", "bytes", "zip", "old-excel"],
)
def test_a_sheet_that_is_none_is_told_in_one_sentence(
    refused: Callable[..., str], shops: World, content: str | bytes, said: str
) -> None:
    text = refused("run", _sheet(shops, content), "--yes")
    assert said in text
    assert text.startswith("orders.csv: 1 to mend\n")
    assert text.count("\n") == 2


def test_a_hundred_thousand_rows_are_refused_as_a_whole(refused: Callable[..., str], shops: World) -> None:
    rows = "".join(f"hub,12-34567-{n:05d},buyer-asked,\n" for n in range(100_000))
    assert "more than 20,000 rows; split it" in refused("run", _sheet(shops, HEADING + rows), "--yes")


def test_a_thousand_bad_rows_are_counted_and_twenty_shown(refused: Callable[..., str], shops: World) -> None:
    rows = "".join(f"hup,12-34567-{n:05d},buyer-asked,\n" for n in range(1000))
    text = refused("run", _sheet(shops, HEADING + GOOD + rows), "--yes")
    assert "1 to mend; 1 rows are good, and nothing was begun" in text
    assert "rows 3, 4, 5, 6, 7, 8, 9, 10 … (1000 rows), account: account 'hup' is not known" in text
    assert text.count("\n") == 2, "one mistake, told once"
    rows = "".join(f"hub,12-34567-{n:05d},buyer-asked,about {n}\n" for n in range(1000))
    text = refused("run", _sheet(shops, HEADING + GOOD + rows), "--yes")
    assert "1000 to mend" in text
    assert "row 22, expect_total" in text
    assert "row 23," not in text
    assert "and 980 more" in text


def test_formulas_in_the_key_columns_of_a_workbook_are_named(
    refused: Callable[..., str], shops: World
) -> None:
    book, file = Workbook(), io.BytesIO()
    book.active.append(["店铺", "订单号", "取消原因"])
    book.active.append(["北极光相机", '=HYPERLINK("http://a.example","12-34567-89012")', "买家要求取消"])
    book.active.append(["=CMD", "12-34567-89013", "买家要求取消"])
    book.active.append(["hub", 1234567890123456789, "缺货"])
    book.save(file)
    text = refused("run", _sheet(shops, file.getvalue(), "订单.xlsx"), "--yes")
    assert "row 2, 订单号: holds a formula" in text
    assert "row 3, 店铺: holds a formula" in text
    assert "row 4, 订单号: the spreadsheet has rounded this number" in text


def test_json_lines_are_named_by_their_line(refused: Callable[..., str], shops: World) -> None:
    good = json.dumps({"account": "hub", "order_no": "12-34567-89012", "reason": "buyer-asked"})
    text = refused("run", _sheet(shops, f'{good}\n[1]\n{{"accont": "hub"}}\n', "orders.jsonl"), "--yes")
    assert "row 2: is not a JSON object" in text
    assert "row 3: 'accont' is not a column; the nearest is account" in text


@pytest.mark.parametrize("name", ["missing.csv", "orders.pdf", "."])
def test_a_file_that_is_no_sheet_is_named(refused: Callable[..., str], shops: World, name: str) -> None:
    _sheet(shops, "x", "orders.pdf")
    assert name in refused("run", name, "--yes")


def test_a_buyers_account_has_nobody_to_tell(refused: Callable[..., str], shops: World) -> None:
    heading = "account,order_no,reason,tell_buyer\n"
    text = refused("run", _sheet(shops, f"{heading}buyer,12-34567-89012,mistake,是\n"), "--yes")
    assert "row 2" in text
    assert "no buyer to write to" in text


# -- what is no mistake -----------------------------------------------------------------------------------


def test_wide_digits_and_dashes_of_an_input_method_are_an_order_number(unsell: Unsell) -> None:
    words = ["\uff11\uff12\uff0d\uff13\uff14\uff15\uff16\uff17\u201389012\u200b", "--account", "hub"]
    result = unsell("cancel", *words, "--reason", "buyer-asked")
    assert result.stderr.startswith("nobody said yes"), result.stderr


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "gb18030"])
def test_chinese_sheets_as_spreadsheets_write_them_are_read(unsell: Unsell, shops: World, codec: str) -> None:
    """They get past every check of the sheet: what stops them is that nobody said yes."""
    text = "店铺,订单号,取消原因,备注\n北极光相机,12-34567-89012,买家要求取消,买家周一来信\n"
    result = unsell("run", _sheet(shops, text.encode(codec)))
    assert result.exit_code == 2
    assert result.stderr.startswith("nobody said yes"), result.stderr


def test_an_order_that_stands_twice_alike_is_said_and_stops_nothing(unsell: Unsell, shops: World) -> None:
    result = unsell("run", _sheet(shops, HEADING + GOOD + GOOD))
    assert "orders.csv: row 3, order_no: '12-34567-89012' stands in row 2 already" in result.stderr
    assert "to mend" not in result.stderr


def test_the_sample_sheet_cannot_be_run_by_mistake(
    refused: Callable[..., str], unsell: Unsell, shops: World
) -> None:
    written = unsell("run", "--template", "sample.csv")
    assert (written.exit_code, written.stdout) == (0, "sample.csv\n")
    assert (shops.home / "sample.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "no order is filled in yet" in refused("run", "sample.csv", "--yes")
    assert "exists already" in refused("run", "--template", "sample.csv")


def test_without_any_account_the_way_to_one_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["cancel", "12-34567-89012", "--account", "hub", "--reason", "buyer-asked", "--yes"]
    result = CliRunner().invoke(app, words, env={"UNSELL_HOME": str(tmp_path / "home")})
    assert result.exit_code == 2
    assert "unsell init" in result.stderr
    assert not (tmp_path / "home").exists()
