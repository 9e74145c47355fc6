"""The sheet: what is read, what is refused, and that nothing is lost without a word."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agent.domain.errors import UsageError
from agent.domain.i18n import spoken
from agent.domain.order import Action, Cause, Reason, Role, Via
from agent.settings import account
from agent.settings.settings import Account, Settings
from agent.sheet.batch import read_batch
from agent.sheet.columns import COLUMNS, CellError
from agent.sheet.parse import amount_of, read
from agent.sheet.template import write_template

HEAD = ["account", "order_no", "reason"]
GOOD = ["shop1", "12-34567-89012", "buyer-asked"]


@pytest.fixture(autouse=True, scope="module")
def _two_platforms():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account, "known_platforms", lambda: ["dhgate", "ebay"])
        yield


@pytest.fixture(scope="module")
def shops(_two_platforms, tmp_path_factory):
    return Settings(
        home=tmp_path_factory.mktemp("home"),
        accounts={
            "shop1": Account(platform="ebay", site="ebay.com"),
            "buyer": Account(platform="ebay", site="ebay.de", role="buyer"),
            "dh1": Account(platform="dhgate", site="dhgate.com", title="深圳一店"),
        },
    )


@pytest.fixture
def of(tmp_path, shops):
    """``of(rows)``: the sheet of these rows, by the file's ending; ``of(raw_bytes)`` of these bytes."""

    def reading(rows, ending="csv", check=None):
        file = tmp_path / f"sheet.{ending}"
        if isinstance(rows, bytes):
            file.write_bytes(rows)
        elif ending == "csv":
            file.write_bytes(csv_of(rows).encode())
        elif ending == "xlsx":
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)
            book.save(file)
        else:
            file.write_text("\n".join(json.dumps(row) for row in rows))
        return read(file, shops, check)

    return reading


def csv_of(rows, **how):
    text = io.StringIO(newline="")
    csv.writer(text, **how).writerows(rows)
    return text.getvalue()


def told(sheet):
    assert not sheet.rows
    return [str(problem) for problem in sheet.problems]


def one(sheet):
    assert not sheet.problems, told(sheet)
    (row,) = sheet.rows
    return row.wanted


# -- what the columns mean ----------------------------------------------------------------------------------

FULL = {
    "account": "深圳一店",
    "order_no": "1330312162",
    "reason": "缺货",
    "note": "货已售完,请见谅",
    "action": "取消",
    "expect_total": "US $1,041.20",
    "expect_buyer": "安娜",
    "expect_item": "Blue lamp",
    "tell_buyer": "是",
    "relist": "no",
    "cause": "库存",
    "approved_by": "李",
}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
@pytest.mark.parametrize("other", [None, 0, 1, 2])
def test_every_column_is_read_under_each_of_its_names(of, ending, other):
    named = {
        (n if other is None or other >= len(COLUMNS[n]) else COLUMNS[n][other]): value
        for n, value in FULL.items()
    }
    rows = [named] if ending == "jsonl" else [list(named), list(named.values())]
    wanted = one(of(rows, ending))
    assert (wanted.account, wanted.platform, wanted.role, wanted.via) == (
        "dh1",
        "dhgate",
        Role.SELLER,
        Via.EITHER,
    )
    assert (wanted.order_no, wanted.reason) == ("1330312162", Reason.OUT_OF_STOCK)
    assert (wanted.note, wanted.action) == ("货已售完,请见谅", Action.CANCEL)
    assert (wanted.expect_total, wanted.expect_buyer) == (Decimal("1041.20"), "安娜")
    assert (wanted.expect_item, wanted.tell_buyer, wanted.relist) == ("Blue lamp", True, False)
    assert (wanted.cause, wanted.approved_by, wanted.accept_defect) == (Cause.STOCK, "李", False)


def test_what_is_left_empty_has_the_contracts_default(of):
    wanted = one(of([HEAD, GOOD]))
    assert (wanted.action, wanted.note, wanted.tell_buyer, wanted.relist) == (
        Action.CANCEL,
        None,
        False,
        False,
    )
    assert (wanted.expect_total, wanted.expect_buyer, wanted.cause, wanted.approved_by) == (None,) * 4


@pytest.mark.parametrize(
    "heading", [" Order_No ", "ORDER_NO", "ｏｒｄｅｒ_no", "PO#", "ＰＯ＃", "po#", "订单编号\u200b"]
)
def test_headings_are_read_whatever_their_case_width_and_blanks(of, heading):
    assert one(of([["account", heading, "reason"], GOOD])).order_no == GOOD[1]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("买家要求取消", Reason.BUYER_ASKED),
        ("缺货", Reason.OUT_OF_STOCK),
        ("地址问题", Reason.ADDRESS_ISSUE),
        ("买家未付款", Reason.UNPAID),
        ("与买家协商一致", Reason.AGREED_WITH_BUYER),
        ("其他", Reason.OTHER),
        (" Buyer-Asked ", Reason.BUYER_ASKED),
        *((reason.value, reason) for reason in Reason),
    ],
)
def test_reasons_are_the_contracts_words(of, said, reason):
    assert one(of([HEAD, ["shop1", "1", said]])).reason is reason


@pytest.mark.parametrize(
    ("said", "action"), [("accept", Action.ACCEPT), ("同意", Action.ACCEPT), ("拒绝", Action.DECLINE)]
)
def test_an_answer_to_a_request_needs_no_reason_nor_its_column(of, said, action):
    assert one(of([["account", "order_no", "action"], ["shop1", "1", said]])).action is action
    assert one(of([[*HEAD, "action"], ["shop1", "1", "", said]])).action is action
    assert told(of([["account", "order_no", "action"], ["shop1", "1", "cancel"]])) == [
        "row 2, reason: is empty"
    ]


def test_one_word_may_mean_one_thing_in_each_column(of):
    wanted = one(of([[*HEAD, "cause"], ["buyer", "1", "other", "buyer"]]))
    assert (wanted.account, wanted.cause) == ("buyer", Cause.BUYER)


@pytest.mark.parametrize(
    "said", ["buyer", "买家", "goods", "商品", "service", "服务", "stock", "库存", "platform", "平台"]
)
def test_causes_are_the_contracts_words(of, said):
    assert one(of([[*HEAD, "责任"], [*GOOD, said]])).cause in Cause


# -- order numbers ------------------------------------------------------------------------------------------

ROUNDED = "the spreadsheet has rounded this number; format the column as text and paste again"


@pytest.mark.parametrize("number", [1330312162, 1330312162.0, 123456789012345])
def test_a_numeric_cell_is_read_as_its_digits(of, number):
    assert one(of([HEAD, ["shop1", number, "other"]], "xlsx")).order_no == str(int(number))
    assert one(of([{"account": "shop1", "order_no": number, "reason": "other"}], "jsonl")).order_no == str(
        int(number)
    )


def test_a_longer_number_has_been_rounded_and_is_said_to_be(of):
    rows = [["account", "订单号", "reason"], *[["shop1", str(n), "other"] for n in range(5)]]
    sheet = of([*rows, ["shop1", 1234567890123456, "other"]], "xlsx")
    assert [str(problem) for problem in sheet.problems] == [f"row 7, 订单号: {ROUNDED}"]
    assert len(sheet.rows) == 5
    assert told(of([HEAD, ["shop1", "1.23457E+17", "other"]])) == [f"row 2, order_no: {ROUNDED}"]
    (sentence,) = told(of(b'{"account": "shop1", "order_no": 1234567890123456, "reason": "other"}', "jsonl"))
    assert sentence.startswith("row 1, order_no: a number of more than 15 digits")


def test_a_long_number_that_is_text_is_taken_as_it_stands(of):
    for ending in ("csv", "xlsx"):
        assert (
            one(of([HEAD, ["shop1", "12345678901234567890", "other"]], ending)).order_no
            == "12345678901234567890"
        )


@pytest.mark.parametrize("number", [12.5, -3])
def test_a_number_that_counts_nothing_is_no_order_number(of, number):
    assert "order_no" in told(of([HEAD, ["shop1", number, "other"]], "xlsx"))[0]


def test_digits_that_are_no_digits_are_left_for_the_check(of):
    assert one(of([HEAD, ["shop1", "13303121６2²", "other"]])).order_no == "1330312162²"


def test_marks_that_copying_from_a_page_leaves_are_taken_off(of):
    assert (
        one(of([HEAD, ["shop1", "\u200e12\u201134567\u201389012\u00a0", "other"]])).order_no
        == "12-34567-89012"
    )


# -- amounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        *(
            (s, "41.20")
            for s in ("41.20", "US $41.20", "$41.20", "41,20", "41,20 €", "EUR 41.20", "￥41.20", "41.2 元")
        ),
        *(
            (s, "41.20")
            for s in ("４１．２０", "HK$ 41.20", "GBP41.20", "C $41.20", "RMB 41.20", " 41.20 USD ")
        ),
        *(
            (s, "1234.50")
            for s in ("1,234.50", "1.234,50", "1 234,50", "1'234.50", "1\u202f234,50", "1234,5")
        ),
        ("1,234,567", "1234567"),
        ("1,23,456", "123456"),
        ("41", "41"),
        (Decimal("41.2"), "41.20"),
        (Decimal("0.30000000000000004"), "0.30"),
    ],
)
def test_amounts_are_read_with_point_comma_and_currency(said, amount):
    assert amount_of(said).value == Decimal(amount)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "1,234",
            "1.234",
            "1,234.567",
            "41.20.20",
            "41.",
            "-41.20",
            "0",
            "0.00",
            "1,234,56",
            "4 1",
        ),
        *("free", "$", "41.2 or so", "²", "41①", "9" * 13, True),
        *(Decimal(number) for number in ("41.234", "-1", "NaN", "1e300", "0")),
    ],
)
def test_what_is_no_amount_or_two_is_refused(said):
    with pytest.raises(CellError):
        amount_of(said)


def test_a_thousand_that_may_be_a_one_is_told(of):
    assert told(of([[*HEAD, "核对金额"], [*GOOD, "1,234"]])) == [
        "row 2, 核对金额: '1,234' can be read in two ways; write it like 1234.00"
    ]


# -- files --------------------------------------------------------------------------------------------------

CHINESE = [["店铺", "订单号", "原因", "备注"], ["深圳一店", "1330312162", "缺货", "对不起,买家;您好"]]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_in_china_write_it(of, codec, delimiter):
    heading = HEAD if codec[-2:] in ("le", "be") else CHINESE[0][:3]  # without a mark the first letters tell
    wanted = one(of(csv_of([[*heading, "note"], CHINESE[1]], delimiter=delimiter).encode(codec)))
    assert (wanted.account, wanted.reason, wanted.note) == ("dh1", Reason.OUT_OF_STOCK, CHINESE[1][3])


def test_excels_own_sep_line_is_obeyed(of):
    assert one(of(("sep=;\r\n" + csv_of([HEAD, GOOD], delimiter=";")).encode())).order_no == GOOD[1]


def test_a_western_sheet_is_not_read_as_chinese(of):
    raw = csv_of([[*HEAD, "note"], [*GOOD, "Müller möchte nicht"]]).encode("cp1252")
    assert "CSV UTF-8" in told(of(raw))[0]


def test_a_bad_byte_in_a_gb18030_sheet_costs_its_row_alone(of):
    raw = csv_of([*CHINESE, ["深圳一店", "2", "缺货", "@@"]]).encode("gb18030").replace(b"@@", b"\xff")
    sheet = of(raw)
    assert [row.number for row in sheet.rows] == [2]
    assert [(problem.row, problem.column) for problem in sheet.problems] == [(3, "备注")]


def test_bytes_that_are_no_text_cost_their_row_alone(of):
    raw = (
        csv_of([CHINESE[0], CHINESE[1], ["深圳一店", "2", "缺货", "@@"]]).encode().replace(b"@@", b"\xff\xfe")
    )
    sheet = of(raw)
    assert [row.number for row in sheet.rows] == [2]
    assert [str(p) for p in sheet.problems] == [
        "row 3, 备注: holds bytes that are no text; save the sheet as UTF-8 or GB18030"
    ]


def test_one_bad_byte_does_not_turn_a_utf8_sheet_into_strange_chinese(of):
    raw = csv_of([["账号", "po#", "reason", "note"], ["shop1", "1", "缺货", "@@"]]).encode()
    raw = raw.replace(b"@@", b"\x81A")
    raw.decode("gb18030")  # it could be read so
    assert [problem.column for problem in of(raw).problems] == ["note"]


def test_text_that_looks_like_a_formula_is_text(of):
    for sign in "=+-@":
        note = f"{sign}HYPERLINK(1)"
        assert one(of([[*HEAD, "note"], [*GOOD, note]])).note == note
        assert one(of([{**dict(zip(HEAD, GOOD, strict=True)), "note": note}], "jsonl")).note == note


def test_line_breaks_in_a_note_do_not_shift_the_count_of_rows(of):
    sheet = of(
        [
            [*HEAD, "note"],
            [*GOOD, "one\ntwo\n\nthree"],
            ["shop1", "2", "other", ""],
            [],
            ["x", "3", "other", ""],
        ]
    )
    assert [row.number for row in sheet.rows] == [2, 3]
    assert [problem.row for problem in sheet.problems] == [5]


def test_blank_rows_and_columns_are_passed_over(of):
    for ending in ("csv", "xlsx"):
        sheet = of([[], [*HEAD, "", ""], [], [*GOOD, "", ""], ["", "", "", "", ""]], ending)
        assert [row.number for row in sheet.rows] == [4]


def test_a_cell_under_no_heading_is_an_error_of_its_row(of):
    sheet = of(
        [
            [*HEAD, "note", ""],
            [*GOOD, "sold out", "sorry"],
            ["shop1", "2", "other", "a", "", "b"],
            ["shop1", "3", "other"],
        ]
    )
    assert [row.number for row in sheet.rows] == [4]
    assert ["'sorry' stands under no heading" in str(p) for p in sheet.problems] == [True, False]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "is empty"),
        (b"account,order_no,reason\r\n", "a heading and no rows"),
        (b"account,order_no\nshop1,1\n", "the column reason is missing"),
        (b"order_no,reason\n1,other\n", "the column account is missing"),
        (
            b"account,order_no,reason,notes\nshop1,1,other,x\n",
            "'notes' is not a column; the nearest is note ",
        ),
        ("账号,订单,原因\nshop1,1,缺货\n".encode(), "'订单' is not a column; the nearest is 订单号"),
        (b"account,order_no,PO#,reason\nshop1,1,1,other\n", "row 1, PO#: stands twice (also as 'order_no')"),
        (b'account,order_no,reason,note\nshop1,1,other,"open\nshop1,2,other,x\n', "row 2: a quotation mark"),
        (b"account,order_no,reason,note\nshop1,1,other," + b"x" * 200_000, "row 2: a cell is far too long"),
        (b"shop1,1,other\n", "'shop1' is not a column"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel file"),
        (b"PK\x03\x04 and then nothing", "not a readable Excel workbook"),
        (bytes(range(256)) * 4, "not a column"),
        (b"\0" * 64, "not a column"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told_in_one_sentence(of, raw, words):
    (sentence,) = told(of(raw))
    assert words in sentence
    assert "\n" not in sentence


def test_files_that_are_not_there_or_no_sheets_are_usage_errors(tmp_path, shops):
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "folder.csv").mkdir()
    for name in ("none.csv", "a.pdf", "folder.csv"):
        with pytest.raises(UsageError, match=name):
            read(tmp_path / name, shops)


def test_a_workbook_is_known_by_its_content(tmp_path, shops):
    made = openpyxl.Workbook()
    for row in (HEAD, GOOD):
        made.active.append(row)
    made.save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    assert len(read(tmp_path / "a.csv", shops).rows) == 1
    (tmp_path / "b.xlsx").write_text("account,order_no,reason")
    assert "not an Excel workbook" in told(read(tmp_path / "b.xlsx", shops))[0]


@pytest.mark.long
def test_a_hundred_thousand_rows_are_refused_at_once_in_one_sentence(of, tmp_path, shops):
    rows = [HEAD, *(["shop1", f"12-{n:05}-00000", "other"] for n in range(100_000))]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "big.xlsx")
    lines = "\n".join('{"account": "shop1", "order_no": "1", "reason": "other"}' for _ in rows)
    begun = time.process_time()
    assert told(of(rows)) == ["the sheet has more than 20,000 rows; split it"]
    assert told(read(tmp_path / "big.xlsx", shops)) == ["the sheet has more than 20,000 rows; split it"]
    assert told(of(lines.encode(), "jsonl")) == ["the sheet has more than 20,000 rows; split it"]
    assert time.process_time() - begun < 10


def test_twenty_thousand_rows_are_read(of):
    assert len(of([HEAD, *(["shop1", str(n), "other"] for n in range(20_000))]).rows) == 20_000


# -- cells --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("account", "shop2", "account 'shop2' is not known; did you mean shop1?"),
        ("account", "", "is empty"),
        ("order_no", "  ", "is empty"),
        ("order_no", "\u200b", "is empty"),
        ("reason", "", "is empty"),
        ("reason", "buyer-aksed", "did you mean buyer-asked?"),
        ("reason", "缺貨", "did you mean 缺货?"),
        ("reason", "心情不好", "write one of: buyer-asked"),
        ("action", "refund", "'refund' is not an action"),
        ("tell_buyer", "maybe", "'maybe' is not yes or no"),
        ("relist", "2", "'2' is not yes or no"),
        ("cause", "weather", "'weather' is not a cause"),
        ("expect_total", "a lot", "write it like 41.20"),
        ("note", "a\0b", "U+0000"),
        ("note", "\x1b[31m", "U+001B"),
        ("order_no", "1\x002", "U+0000"),
        ("note", "x" * 1001, "1,001 characters; 1,000 are the most"),
        ("expect_item", "x" * 2001, "2,001 characters; 2,000 are the most"),
        ("reason", "x" * 5000, "5,000 characters"),
    ],
)
def test_a_bad_cell_names_row_and_column_and_leaves_the_other_rows(of, column, value, words):
    bad = {**dict(zip(HEAD, GOOD, strict=True)), column: value}
    chinese = COLUMNS[column][0]
    rows = [
        [chinese if n == column else n for n in bad],
        list(bad.values()),
        ["dh1", "2", "other", *[""] * (len(bad) - 3)],
    ]
    if column not in HEAD:
        rows[2] = ["dh1", "2", "other", ""]
    sheet = of(rows)
    assert [row.wanted.order_no for row in sheet.rows] == ["2"]
    (problem,) = sheet.problems
    assert (problem.row, problem.column) == (2, chinese)
    assert str(problem).startswith(f"row 2, {chinese}: ")
    assert words in str(problem)
    assert str(problem).isprintable()


def test_all_that_is_wrong_with_a_row_is_told_at_once(of):
    sheet = of([[*HEAD, "cause"], ["nobody", "", "bad", "weather"]])
    assert [problem.column for problem in sheet.problems] == ["account", "reason", "cause", "order_no"]


def test_a_long_note_of_a_thousand_is_taken(of):
    assert len(one(of([[*HEAD, "note"], [*GOOD, "缺" * 1000]])).note) == 1000


def test_the_platforms_own_check_is_asked_and_its_sentence_placed(of):
    def check(wanted):
        if wanted.order_no == "x":
            return "'x' is no order number"
        if wanted.reason is Reason.MISTAKE:
            return "has no reason 'mistake'"
        if wanted.role is Role.BUYER:
            raise UsageError("has no buyers")
        return None

    rows = [
        ["店铺", "PO#", "原因"],
        ["shop1", "x", "other"],
        ["shop1", "2", "mistake"],
        ["buyer", "3", "other"],
    ]
    sheet = of([*rows, ["shop1", "4", "other"]], check=check)
    assert [row.number for row in sheet.rows] == [5]
    assert [str(problem) for problem in sheet.problems] == [
        "row 2, PO#: 'x' is no order number",
        "row 3, 原因: has no reason 'mistake'",
        "row 4, 店铺: has no buyers",
    ]


# -- the same order twice -----------------------------------------------------------------------------------


def test_an_order_that_stands_twice_with_the_same_wishes_is_done_once_and_said(of):
    sheet = of([HEAD, ["dh1", "1330312162", "缺货"], GOOD, ["深圳一店", "1330312162", "out-of-stock"]])
    assert [row.number for row in sheet.rows] == [2, 3]
    assert not sheet.problems
    assert [str(r) for r in sheet.remarks] == [
        "row 4, order_no: '1330312162' stands in row 2 already, with the same wishes: done once"
    ]


def test_an_order_with_two_reasons_is_refused_and_both_rows_are_named(of):
    sheet = of([HEAD, GOOD, ["dh1", "1", "other"], [*GOOD[:2], "out-of-stock"], GOOD])
    assert [row.number for row in sheet.rows] == [3]
    assert [problem.row for problem in sheet.problems] == [2, 4, 5]
    for problem in sheet.problems:
        assert problem.column == "reason"
        assert (
            "stands in rows 2 and 4 with different wishes (reason: 'buyer-asked' and 'out-of-stock')"
            in str(problem)
        )


@pytest.mark.parametrize(
    ("column", "value"), [("note", "x"), ("action", "accept"), ("expect_total", "1"), ("approved_by", "li")]
)
def test_other_different_wishes_refuse_it_too(of, column, value):
    sheet = of([[*HEAD, column], [*GOOD, ""], [*GOOD, value]])
    assert [(p.row, p.column) for p in sheet.problems] == [(2, column), (3, column)]
    assert not sheet.rows


def test_one_number_in_two_roles_is_two_orders(of):
    assert len(of([HEAD, GOOD, ["buyer", GOOD[1], "other"]]).rows) == 2


# -- workbooks ----------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path, shops):
    """``book(fill)``: the sheet of a workbook that ``fill(worksheet)`` has filled under a heading."""

    def reading(fill, results=None):
        made = openpyxl.Workbook()
        made.active.append([*HEAD, "expect_total", "note", "tell_buyer"])
        fill(made.active)
        made.save(tmp_path / "book.xlsx")
        if results:
            _save_results(tmp_path / "book.xlsx", results)
        return read(tmp_path / "book.xlsx", shops)

    return reading


def _save_results(file, results):
    """Give formulas the saved results that a spreadsheet program would, which openpyxl does not."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for formula, result in results.items():
        head, tail = sheet.split(f"<f>{formula}</f>", 1)
        sheet = (
            f"{head}<f>{formula}</f><v>{result}</v>{tail.replace('<v></v>', '', 1).replace('<v />', '', 1)}"
        )
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("how", ["hidden", "filter", "no height", "hidden by default"])
def test_rows_that_the_spreadsheet_hides_are_skipped_counted_and_said(book, how):
    def fill(sheet):
        for n in range(2, 5):
            sheet.append([*GOOD[:1], f"12-34567-8901{n}", *GOOD[2:]])
        for n in (2, 4):
            if how == "no height":
                sheet.row_dimensions[n].height = 0.01
            elif how != "hidden by default":
                sheet.row_dimensions[n].hidden = True
        if how == "filter":
            sheet.auto_filter.ref = "A1:F4"
            sheet.auto_filter.add_filter_column(1, ["12-34567-89013"])
        if how == "hidden by default":
            sheet.sheet_format.zeroHeight = True
            sheet.row_dimensions[1].height = sheet.row_dimensions[3].height = 15

    found = book(fill)
    assert [row.wanted.order_no for row in found.rows] == ["12-34567-89013"], how
    assert [str(remark) for remark in found.remarks] == ["2 hidden rows are skipped: 2, 4"]
    assert not found.problems


def test_a_title_above_the_headings_is_skipped_and_said(tmp_path, shops):
    made = openpyxl.Workbook()
    made.active.append(["七月取消清单"])
    made.active.merge_cells("A1:C1")
    for row in (HEAD, GOOD):
        made.active.append(row)
    made.save(tmp_path / "title.xlsx")
    (tmp_path / "title.csv").write_text(f"Orders to cancel\n\n{';'.join(HEAD)}\n{';'.join(GOOD)}\n")
    for name, said in (("title.xlsx", "七月取消清单"), ("title.csv", "Orders to cancel")):
        found = read(tmp_path / name, shops)
        assert [row.wanted.order_no for row in found.rows] == [GOOD[1]]
        assert [str(remark) for remark in found.remarks] == [f"row 1: a title, skipped: '{said}'"]


@pytest.mark.parametrize("at", range(3))
def test_a_formula_in_a_key_column_is_an_error_of_its_row(book, at):
    def fill(sheet):
        sheet.append(GOOD)
        sheet.append([*GOOD[:at], "=1+1", *GOOD[at + 1 :]])

    sheet = book(fill, {"1+1": "2"})
    assert [row.number for row in sheet.rows] == [2]
    assert [str(p) for p in sheet.problems] == [
        f"row 3, {HEAD[at]}: holds a formula; paste the value instead"
    ]


def test_a_formula_elsewhere_gives_its_saved_result_and_never_silently_none(book):
    def fill(sheet):
        sheet.append([*GOOD, "=40+1.2"])

    assert one(book(fill, {"40+1.2": "41.2"})).expect_total == Decimal("41.20")
    assert told(book(fill)) == [
        "row 2, expect_total: holds a formula without a saved result; paste the value instead"
    ]


def test_an_array_formula_taints_all_that_it_fills(book):
    def fill(sheet):
        sheet.append(["shop1", None, "other"])
        sheet.append(["shop1", "2", "other"])
        sheet["B2"] = openpyxl.worksheet.formula.ArrayFormula("B2:B3", "=Z1:Z2")

    assert [p.row for p in book(fill).problems] == [2, 3]


def test_rows_of_empty_formulas_are_blank(book):
    def fill(sheet):
        for row in range(2, 30):
            sheet.append(["", "", "", f'=IF(B{row}="","",1)'])
        sheet["A9"], sheet["B9"], sheet["C9"], sheet["D9"] = [*GOOD, 3]

    sheet = book(fill)
    assert [row.number for row in sheet.rows] == [9]
    assert not sheet.problems


def test_rows_of_nothing_but_formulas_are_told_even_at_the_end(book):
    def fill(sheet):
        sheet.append(GOOD)
        sheet.append(["=Z1", "=Z2", "=Z3"])

    assert [(p.row, p.column) for p in book(fill).problems] == [(3, name) for name in HEAD]


def test_error_cells_and_dates_are_told(book):
    def fill(sheet):
        sheet.append([*GOOD, "#N/A"])
        sheet.append(["shop1", date(2026, 3, 12), "other"])
        sheet["D2"].data_type = "e"

    sentences = told(book(fill))
    assert sentences[0].startswith("row 2, expect_total: shows an error")
    assert sentences[1].startswith("row 3, order_no: the spreadsheet has made a date of this")


def test_numbers_and_truths_of_a_spreadsheet_are_read(book):
    wanted = one(book(lambda sheet: sheet.append(["dh1", 1330312162, "其他", 41.2, 2026, True])))
    assert (wanted.order_no, wanted.expect_total, wanted.note, wanted.tell_buyer) == (
        "1330312162",
        Decimal("41.20"),
        "2026",
        True,
    )


def test_text_in_a_workbook_that_looks_like_a_formula_is_text(book):
    def fill(sheet):
        sheet.append([*GOOD, "", "=sorry"])
        sheet["E2"].data_type = "s"

    assert one(book(fill)).note == "=sorry"


def test_the_first_visible_sheet_is_read_and_others_with_content_are_said(book):
    def fill(sheet):
        sheet.append(GOOD)
        made = sheet.parent
        made.create_sheet("draft", 0).sheet_state = "hidden"
        made["draft"]["A1"] = "x"
        made.create_sheet("empty")
        made.create_sheet("more")["C3"] = "x"

    sheet = book(fill)
    assert len(sheet.rows) == 1
    assert [str(r) for r in sheet.remarks] == ["only the first sheet, Sheet, is read; these are not: more"]


@pytest.mark.parametrize(
    ("place", "words"), [("XFD1", "200 columns"), ("C1048576", "stray cell"), ("XFD1048576", "200 columns")]
)
def test_a_stray_cell_in_the_last_corner_is_told_and_not_laid_out_in_memory(book, place, words):
    def fill(sheet):
        sheet.append(GOOD)
        sheet[place] = "x"

    assert words in told(book(fill))[0]


def test_a_workbook_with_a_document_type_or_a_bomb_is_refused(book, tmp_path, shops):
    book(lambda sheet: sheet.append(GOOD))
    file = tmp_path / "book.xlsx"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    evil = parts["xl/worksheets/sheet1.xml"].replace(
        b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet', 1
    )
    for change in ({"xl/worksheets/sheet1.xml": evil}, {"bomb": b"\0" * 201_000_000}):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in (parts | change).items():
                archive.writestr(name, data)
        assert len(told(read(file, shops))) == 1


# -- JSON Lines ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[1]", "row 2: is not a JSON object"),
        ('"x"', "row 2: is not a JSON object"),
        ("{account: 1}", "row 2: is not a JSON object"),
        ('{"account": "shop1", "order_no": "1", "reason": "other"', "row 2: is not a JSON object"),
        ("[" * 100_000, "row 2: is not a JSON object"),
        (
            '{"account": "shop1", "order_no": ["1"], "reason": "other"}',
            "row 2, order_no: is a list or an object",
        ),
        (
            '{"account": "shop1", "order_no": "1", "reson": "other"}',
            "row 2: 'reson' is not a column; the nearest is reason",
        ),
        (
            '{"account": "shop1", "order_no": "1", "reason": "other", "reason": "unpaid"}',
            "row 2, reason: stands twice",
        ),
        (
            '{"account": "shop1", "order_no": "1", "reason": "other", "原因": "缺货"}',
            "row 2, 原因: stands twice",
        ),
        ('{"account": "shop1", "order_no": 1e999, "reason": "other"}', "row 2, order_no: a number of more"),
        ('{"account": "shop1", "order_no": NaN, "reason": "other"}', "row 2, order_no: a number of more"),
        (
            '{"account": "shop1", "order_no": %s, "reason": "other"}' % ("9" * 5000),
            "row 2, order_no: a number of more",
        ),
        ('{"account": "shop1", "order_no": "\\ud800", "reason": "other"}', "row 2, order_no: holds bytes"),
        ('{"account": null, "order_no": "1", "reason": "other"}', "row 2, account: is empty"),
        ('{"order_no": "1", "reason": "other"}', "row 2, account: is empty"),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_read(of, line, words):
    good = '{"account": "shop1", "order_no": "7", "reason": "other", "tell_buyer": true, "note": null}'
    sheet = of(f"{good}\n{line}\n\n{good.replace('7', '8')}\n".encode(), "jsonl")
    assert [row.number for row in sheet.rows] == [1, 4]
    assert sheet.rows[0].wanted.tell_buyer
    (problem,) = sheet.problems
    assert str(problem).startswith(words)


def test_an_empty_json_file_is_told(of):
    assert told(of(b"\n\n", "jsonl")) == ["the sheet is empty"]


# -- anything at all ----------------------------------------------------------------------------------------

anything = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
cell = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [*GOOD, "深圳一店", "accept", "是", "41,20", "=1", "1e5", "٤١", "1.5E+20", "\u2028", '"', "a\rb"]
)
row = st.fixed_dictionaries(dict.fromkeys(COLUMNS, cell))


def accounted_for(sheet, count):
    """Every row is in the rows, the problems or the remarks, and no order is in the rows twice."""
    numbers = [row.number for row in sheet.rows]
    bad = {problem.row for problem in sheet.problems}
    assert not bad & set(numbers)
    assert len({(r.wanted.platform, r.wanted.role, r.wanted.order_no) for r in sheet.rows}) == len(numbers)
    for problem in [*sheet.problems, *sheet.remarks]:
        assert "\n" not in problem.sentence
    if not (bad and None in bad):
        assert len(set(numbers) | bad | {r.row for r in sheet.remarks if r.row}) == count


@anything
@given(rows=st.lists(row, min_size=1, max_size=4))
@example(rows=[{**FULL, "order_no": "٤١"}])
def test_any_text_in_any_cell_yields_rows_or_problems(of, rows):
    heading, values = list(COLUMNS), [list(r.values()) for r in rows]
    filled = sum(any(v.strip() for v in r) for r in values)
    for ending, sheet in (("csv", of([heading, *values])), ("jsonl", of(rows, "jsonl"))):
        if filled:
            accounted_for(sheet, filled if ending == "csv" else len(rows))


@anything
@given(
    rows=st.lists(
        st.lists(cell | st.floats() | st.booleans() | st.none() | st.dates(), max_size=13), max_size=3
    )
)
def test_any_value_in_a_workbook_yields_rows_or_problems(of, rows):
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    clean = [
        [ILLEGAL_CHARACTERS_RE.sub("", v)[:32_000] if isinstance(v, str) else v for v in r] for r in rows
    ]
    sheet = of([[*COLUMNS], *clean], "xlsx")
    assert sheet.rows or sheet.problems


@anything
@given(raw=st.binary(max_size=300), ending=st.sampled_from(["csv", "jsonl", "xlsx"]), head=st.booleans())
def test_any_bytes_yield_rows_or_problems(of, raw, ending, head):
    sheet = of((b"account,order_no,reason,note\nshop1,1,other," if head else b"") + raw, ending)
    assert sheet.rows or sheet.problems


@anything
@given(value=st.text() | st.decimals() | st.booleans())
def test_any_amount_is_positive_in_cents_or_refused(value):
    try:
        amount = amount_of(value).value
    except CellError:
        return
    assert amount > 0
    assert amount == amount.quantize(Decimal("0.01"))


# -- the sample sheet ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_sample_that_nobody_filled_in_is_told_in_one_sentence(tmp_path, shops, ending, language):
    # As it was: a sentence for each of its twelve rows.
    # Broken on purpose: `_without_samples` not called; a sample with a real number.
    file = tmp_path / f"sample.{ending}"
    with spoken(language):
        write_template(file, shops)
        (sentence,) = told(read(file, shops))
    assert ("write one" in sentence) == (language == "en"), sentence
    with pytest.raises(UsageError, match="exists already"):
        write_template(file, shops)


def test_the_samples_rows_that_are_left_are_skipped_and_the_others_are_read(tmp_path, shops):
    # Broken on purpose: the skipping not said; the Chinese sample's numbers not known.
    with spoken("zh-CN"):
        write_template(tmp_path / "a.csv", shops)
        text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").replace("填订单号-1,", "12-34567-89012,")
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        sheet = read(tmp_path / "a.csv", shops)
    assert one(sheet).order_no == "12-34567-89012"
    assert len(sheet.remarks) == 1


def test_the_workbook_has_chinese_headings_the_sellers_shops_and_lists_to_choose_from(tmp_path, shops):
    # Broken on purpose: all columns shown; the costs left out; the lists in sight.
    file = tmp_path / "取消.xlsx"
    with spoken("zh-CN"):
        write_template(file, shops)
    book = openpyxl.load_workbook(file)
    sheet, lists = book["订单"], book["lists"]
    headings = [cell.value for cell in sheet[1]]
    assert headings == [names[0] for names in COLUMNS.values()]
    seen = [c.value for c in sheet[1] if not sheet.column_dimensions[c.column_letter].hidden]
    assert seen == ["账号", "订单号", "原因", "备注"], "what few need is hidden"
    assert lists.sheet_state == "hidden"
    columns = {
        lists.cell(1, n).value: [c.value for c in col if c.value] for n, col in enumerate(lists.columns, 1)
    }
    assert columns["shop1"] == ["shop1", "buyer", "深圳一店"]
    assert set(columns["买家要求取消"]) == {
        "买家要求取消", "缺货", "地址问题", "买家未付款", "与买家协商一致", "买错了", "别处更便宜",
        "价格太高", "送达太慢", "付款方式错误", "配送方式错误", "其他",
    }  # fmt: skip
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert set(rules) == {f"{letter}2:{letter}501" for letter in "ACEIJK"}
    assert "缺货（计入不良交易）" in rules["C2:C501"].prompt, "what it costs"
    assert "缺货（计入不良交易）" in sheet["C1"].comment.text
    assert sheet["B400"].number_format == "@"
    sheet.append(["深圳一店", "1330312162", "缺货", None, "取消"])
    sheet.move_range("A502:E502", rows=-500)
    book.save(file)
    wanted = one(read(file, shops))
    assert (wanted.account, wanted.reason) == ("dh1", Reason.OUT_OF_STOCK)


def test_the_reasons_to_choose_are_those_of_the_sellers_platforms(tmp_path, shops):
    # Broken on purpose: all reasons.
    only = shops.model_copy(update={"accounts": {"shop1": shops.accounts["shop1"]}})
    write_template(tmp_path / "a.xlsx", only)
    lists = openpyxl.load_workbook(tmp_path / "a.xlsx")["lists"]
    assert [c.value for c in lists["B"] if c.value] == [
        "buyer-asked",
        "out-of-stock",
        "address-issue",
        "unpaid",
    ]


def test_the_samples_csv_opens_in_excel(tmp_path, shops):
    # Broken on purpose: UTF-8 without its mark.
    write_template(tmp_path / "a.csv", shops)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfaccount,order_no")


def test_a_sample_that_cannot_be_written_is_a_usage_error(tmp_path, shops):
    # Broken on purpose: PermissionError alone caught.
    for file in (tmp_path / "a.ods", tmp_path / "none" / "a.csv"):
        with pytest.raises(UsageError):
            write_template(file, shops)


# -- what people write --------------------------------------------------------------------------------------


def test_titles_of_any_shape_above_the_headings_are_skipped_and_said(tmp_path, shops):
    # As it was: two filled cells in a title made it the row of headings.
    # Broken on purpose: that again; the titles not said.
    made = openpyxl.Workbook()
    for row in (["七月取消清单", "", "制表：王"], [], ["请勿外传"], ["店铺名称", "订单号", "原因"], GOOD):
        made.active.append(row)
    made.save(tmp_path / "title.xlsx")
    found = read(tmp_path / "title.xlsx", shops)
    assert one(found).order_no == GOOD[1]
    assert [str(remark) for remark in found.remarks] == [
        "row 1: a title, skipped: '七月取消清单' '制表：王'",
        "row 3: a title, skipped: '请勿外传'",
    ]


def test_headings_as_sellers_write_them_are_known(of):
    # Broken on purpose: 店铺名称, 金额 left out.
    head = ["店铺名称", "订单编号", "取消原因", "金额", "买家", "商品名称"]
    wanted = one(of([head, [*GOOD, "US $41.20", "Anna", "lamp"]]))
    assert (wanted.expect_total, wanted.expect_buyer, wanted.expect_item) == (
        Decimal("41.20"),
        "Anna",
        "lamp",
    )


OWN_WORDS = {
    "没货了": "缺货",
    "仓库断货": "缺货",
    "客户不要了": "买家要求取消",
    "拍错了": "买家要求取消",
    "地址写错了": "地址问题",
    "一直没付钱": "买家未付款",
    "已和买家协商": "与买家协商一致",
    "sold out": "out-of-stock",
    "Customer changed mind": "buyer-asked",
    "缺貨": "缺货",
}


@pytest.mark.parametrize("said", OWN_WORDS)
def test_a_reason_in_own_words_is_not_guessed_and_the_nearest_is_offered(of, said):
    # Broken on purpose: own words not looked at; taken for the reason.
    (sentence,) = told(of([HEAD, [*GOOD[:2], said]]))
    assert sentence.endswith(f"did you mean {OWN_WORDS[said]}?")


def said_of(tmp_path, shops, rows):
    file = tmp_path / "orders.csv"
    file.write_bytes(csv_of(rows).encode())
    with pytest.raises(UsageError) as told:
        read_batch(file, shops, accept_defect=False, check=lambda _: None, say=lambda _: None)
    return str(told.value).splitlines()


def test_a_reason_in_own_words_is_told_once_and_not_once_a_row(tmp_path, shops):
    # As it was: 300 rows with 没货了 gave twenty lines alike, and "and 280 more".
    # Broken on purpose: grouped by row too.
    rows = [["shop1", f"12-34567-{n:05d}", "没货了" if n % 2 else "客户不要了"] for n in range(300)]
    with spoken("zh-CN"):
        lines = said_of(tmp_path, shops, [["店铺", "订单号", "原因"], *rows])
    assert lines[0].endswith("orders.csv：有 2 处需要修改")
    assert [line.split("：", 2)[0] for line in lines[1:]] == [
        "第 2、4、6、8、10、12、14、16 … 行（共 150 行），原因",
        "第 3、5、7、9、11、13、15、17 … 行（共 150 行），原因",
    ]
    assert lines[1].endswith("原因：“客户不要了”不是可用的取消原因；是“买家要求取消”吗？")
    assert lines[2].endswith("原因：“没货了”不是可用的取消原因；是“缺货”吗？")


def test_wrong_headings_and_wrong_cells_are_told_together(tmp_path, shops):
    # As it was: the first wrong heading, and nothing else; then the next one.
    # Broken on purpose: that again; `meant` not filled.
    head = ["店铺", "订单号", "reson", "通知买家", "下单日期"]
    lines = said_of(tmp_path, shops, [head, ["shop9", "1", "x", "也许", "3月"], ["shop1", "", "x", "是", ""]])
    assert lines[0].endswith("orders.csv: 5 to mend")
    assert [line.split(":")[0] for line in lines[1:]] == ["row 1"] * 2 + [
        "row 2, 店铺",
        "row 2, 通知买家",
        "row 3, 订单号",
    ]
    assert "the nearest is reason" in lines[1]
    assert not any("is missing" in line for line in lines), "the heading that is nearest to it is there"


def test_chinese_says_what_to_fill_in(of):
    # Broken on purpose: words of both languages offered.
    with spoken("zh-CN"):
        assert told(of([[*HEAD, "通知买家"], [*GOOD, "也许"]])) == [
            "第 2 行，通知买家：请填“是”或“否”，不能填“也许”"
        ]
        (sentence,) = told(of([HEAD, [*GOOD[:2], "心情不好"]]))
    assert sentence.startswith("第 2 行，reason：“心情不好”不是可用的取消原因；可填：买家要求取消、缺货")
    assert "buyer-asked" not in sentence, "one language"
