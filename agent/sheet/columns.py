"""A sheet's vocabulary: its columns, and the values of a cell. It reads no files and no rows."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from agent.domain import labels
from agent.domain.i18n import N_, _, language
from agent.domain.money import Amount, read_amount
from agent.domain.order import Action, Cause, Reason
from agent.domain.text import plain

MOST_ROWS = 20_000
"""A sheet with more is refused: at one order in five seconds they are more than a day's work."""
MOST_BYTES = 50_000_000
"""The most bytes of the file, packed and unpacked."""
MOST_COLUMNS = 200

LONGEST, LONGEST_NOTE = 2_000, 1_000
"""Characters that a cell may hold."""
LARGEST = 12
"""Digits before the point that an amount may have."""
EXACT_DIGITS = 15
"""A spreadsheet keeps this many digits of a number and writes zeros for the rest."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "account": ("账号", "店铺", "店铺名称", "店铺名", "卖家账号", "shop", "shop name", "store"),
    "order_no": ("订单号", "订单编号", "PO#", "订单号码", "单号", "order number", "order no", "order id"),
    "reason": ("原因", "取消原因", "取消理由", "理由"),
    "note": ("备注", "说明", "备注说明", "取消说明", "remark"),
    "action": ("操作", "处理"),
    "expect_total": ("核对金额", "金额", "订单金额", "订单总额", "总金额", "total", "amount", "order total"),
    "expect_buyer": ("核对买家", "买家", "买家名称", "买家姓名", "买家账号", "客户", "buyer", "buyer name"),
    "expect_item": ("核对商品", "商品", "商品名称", "商品标题", "产品名称", "item", "item title", "product"),
    "tell_buyer": ("通知买家",),
    "relist": ("重新上架",),
    "cause": ("责任", "责任方"),
    "approved_by": ("审核人", "审批人", "批准人"),
}
"""The columns, and what else their headings are read as; the first of these is what we write in Chinese."""

_Word = TypeVar("_Word")


def _by_name(named: Mapping[_Word, str]) -> dict[str, _Word]:
    return {name: meant for meant, name in named.items()}


REASONS: Mapping[str, Reason] = {**{one.value: one for one in Reason}, **_by_name(labels.REASONS)}
ACTIONS: Mapping[str, Action] = {**{one.value: one for one in Action}, **_by_name(labels.ACTIONS)}
CAUSES: Mapping[str, Cause] = {**{one.value: one for one in Cause}, **_by_name(labels.CAUSES)}
YES_NO: Mapping[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1", "是"), True),
    **dict.fromkeys(("no", "n", "false", "0", "否"), False),
}

SAMPLE = N_("ORDER-NO")
"""How the numbers of the sample sheet's rows begin, which are no numbers."""

# Not NFKC here, which turns ² into 2 and ① into 1: digits must not be guessed.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {
    ord(wide): narrow
    for wide, narrow in {"￥": "¥", "’": "'", "\u3000": " ", "\xa0": " ", "\u202f": " "}.items()
}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd\ud800-\udfff]")
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be read at all; ``sentence`` says why."""

    sentence: str
    of_nothing: bool = False
    """Whether the cell shows nothing: a row with only such cells is blank."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula, with the result that the spreadsheet saved beside it; ``""`` where it saved none."""

    saved: str | Decimal | bool | Fault


Value = str | Decimal | bool | Fault | Formula
"""What a file holds in one cell: text as it stands, a number, yes or no, or a fault. Blank is ``""``."""


def said_at(place: str | None, column: str | None, sentence: str) -> str:
    """A sentence with its place in front."""
    comma, colon = ("，", "：") if language() == "zh-CN" else (", ", ": ")
    where = comma.join(part for part in (place, column) if part)
    return f"{where}{colon}{sentence}" if where else sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the sheet, or worth knowing. ``str(problem)`` is the sentence to show."""

    row: int | None
    """The row as the spreadsheet counts it, the line in JSON Lines; None: the whole sheet."""
    column: str | None
    """The heading as the sheet has it; None: the whole row."""
    sentence: str

    def __str__(self) -> str:
        return said_at(_("row {number}", number=self.row) if self.row else None, self.column, self.sentence)


class Unreadable(Exception):
    """The sheet as a whole cannot be read. Never leaves this package: ``read`` hands out its problem."""

    def __init__(self, sentence: str, *, row: int | None = None, column: str | None = None) -> None:
        super().__init__(sentence)
        self.problem = Problem(row, column, sentence)


class CellError(ValueError):
    """``str(error)`` is what is wrong with a cell, without row and column."""


def field_of(heading: str) -> str | None:
    """The column that a heading means, None when it means none."""
    return _HEADINGS.get(_heading(heading))


def heading_of(name: str) -> str:
    """The heading that we write for a column, in the language that is spoken."""
    return COLUMNS[name][0] if language() == "zh-CN" else name


def nearest_column(heading: str) -> str:
    """The heading of ours that is most like an unknown one; "" where none is like it."""
    near = difflib.get_close_matches(_heading(heading), _OURS, n=1, cutoff=0.5)
    return near[0] if near else ""


def text_of(value: Value, *, longest: int = LONGEST) -> str:
    """The cell as text, trimmed at the ends; a number without exponent. CellError: not fit to be read."""
    if isinstance(value, Formula):
        value = value.saved
    if isinstance(value, Fault):
        raise CellError(value.sentence)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 40 else str(value)
    unfit = _UNFIT.search(value)
    if unfit and unfit[0] < " ":
        raise CellError(_("holds a control character (U+{unfit:04X}); delete it", unfit=ord(unfit[0])))
    if unfit:
        raise CellError(_("holds bytes that are no text; save the sheet as UTF-8 or GB18030"))
    if len(value) > longest:
        raise CellError(
            _("has {value:,} characters; {longest:,} are the most", value=len(value), longest=longest)
        )
    return value.strip()


def order_no_of(value: Value, *, quoted: bool = False) -> str:
    """The order number, its characters untouched but for width, dashes and invisible marks.

    CellError when a spreadsheet has rounded it; ``quoted``: the file can hold it as a text in quotes.
    """
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() >= EXACT_DIGITS:
            raise CellError(_rounded(quoted=quoted))
        if value != value.to_integral_value() or value < 0:
            raise CellError(_("{value} is not an order number", value=text_of(value)))
        return f"{value:.0f}"
    text = text_of(value).translate(_NARROW).translate(_DASHES)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
    if _ROUNDED.fullmatch(text):
        raise CellError(_rounded(quoted=quoted))
    return text


def is_sample(value: Value) -> bool:
    """Whether an order number is one of the sample sheet's, in whichever language it was written."""
    return isinstance(value, str) and re.fullmatch(r"(ORDER-NO|填订单号)-\d+", value.strip()) is not None


def amount_of(value: Value) -> Amount:
    """A total of money: ``41.20``, ``US $41.20``, ``41,20 €``, ``1,234.50``.

    One or two digits after the last comma or point are decimals. Three are CellError: ``1,234`` is a
    thousand in one country and one in another.
    """
    if isinstance(value, Decimal):
        return Amount(_in_cents(value))
    text = text_of(value)
    found = read_amount(text, alone=True)
    if found is None:
        raise CellError(_("{text} is not an amount; write it like 41.20", text=short(text)))
    if found.two_ways:
        raise CellError(_("{text} can be read in two ways; write it like 1234.00", text=short(text)))
    return replace(found, value=_in_cents(found.value))


_NOT: Mapping[str, str] = {
    "reason": N_("{text} is not a reason; {hint}"),
    "action": N_("{text} is not an action; {hint}"),
    "cause": N_("{text} is not a cause; {hint}"),
    "yes_no": N_("{text} is not yes or no"),
}
_OWN_WORDS: tuple[tuple[str, str, Reason], ...] = (
    # What people write in place of the words: offered as the nearest one, never taken for it.
    ("没货|无货|断货|没有货|缺货|售罄|售完|卖完|卖光|库存|下架|停产|soldout|nostock|outofstock|unavailable",
     "缺货", Reason.OUT_OF_STOCK),
    ("地址|address", "地址问题", Reason.ADDRESS_ISSUE),
    ("未付|没付|不付|没给钱|未支付|没支付|unpaid|notpaid|nopayment|payment", "买家未付款", Reason.UNPAID),
    ("协商|商量|沟通好|双方同意|agreed", "与买家协商一致", Reason.AGREED_WITH_BUYER),
    ("不要|不想|不需要|客户|顾客|买家|退单|改变主意|拍错|买错|拍多|重复|buyer|customer|client|changedmind|cancel",
     "买家要求取消", Reason.BUYER_ASKED),
)  # fmt: skip


def word_of(value: Value, words: Mapping[str, _Word], column: str) -> _Word:
    """The meaning of one of ``words``. CellError of that ``column``, with the nearest word."""
    text = text_of(value)
    wanted = plain(text)
    if wanted in words:
        return words[wanted]
    near = (column == "reason" and _meant(wanted)) or next(
        iter(difflib.get_close_matches(wanted[:60], words, n=1, cutoff=0.5)), ""
    )
    ours = [word for word in words if word.isascii() == (language() == "en")]
    hint = (
        _("did you mean {near}?", near=near)
        if near
        else _("write one of: {words}", words=labels.listed(ours or words))
    )
    raise CellError(_(_NOT[column], text=short(text), hint=hint))


def _meant(text: str) -> str:
    """The word of the sheet that a reason in own words comes nearest to; "" where none does."""
    for pattern, chinese, reason in _OWN_WORDS:
        if re.search(pattern, text):
            return reason.value if text.isascii() else chinese
    return ""


def short(text: str) -> str:
    """A text of the sheet, quoted for a sentence: one line, no control characters, 40 characters."""
    seen = "".join(c if c.isprintable() else " " for c in text)
    shown = seen if len(seen) <= 40 else f"{seen[:39]}…"
    return f"“{shown}”" if language() == "zh-CN" else f"'{shown}'"


def _in_cents(value: Decimal) -> Decimal:
    if not value.is_finite() or value < 0 or value.adjusted() >= LARGEST:
        raise CellError(_("is not an amount; write it like 41.20"))
    amount = value.quantize(Decimal("0.01"))
    # A spreadsheet's sum may be 0.30000000000000004; a third decimal is another matter.
    if abs(value - amount) > Decimal("0.000001"):
        raise CellError(_("{value} has more than two decimals", value=text_of(value)))
    if not amount:
        raise CellError(_("is 0; write the order's total, or leave the cell empty"))
    return amount


def _rounded(*, quoted: bool) -> str:
    if quoted:
        return _("a number of more than 15 digits may have been rounded; write it as text, in quotes")
    return _("the spreadsheet has rounded this number; format the column as text and paste again")


def _heading(text: str) -> str:
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return seen.casefold().strip()


_HEADINGS = {_heading(name): field for field, names in COLUMNS.items() for name in (field, *names)}
_OURS = [_heading(name) for field, names in COLUMNS.items() for name in (field, *names[:3])]
