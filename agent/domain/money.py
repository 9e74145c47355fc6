"""Amounts of money, as pages show them and people write them: one reading for both, with its currency.

``$`` by itself is any dollar, and ``¥`` is yuan or yen: each country's site writes its own currency
like that. No library reads all of these: price-parser makes ``$`` of ``C $``, 1 of ``CHF 1’041.20``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from agent.domain.i18n import _

_DOLLARS = {
    "US": "USD",
    "C": "CAD",
    "CA": "CAD",
    "CDN": "CAD",
    "A": "AUD",
    "AU": "AUD",
    "HK": "HKD",
    "NT": "TWD",
    "S": "SGD",
    "SG": "SGD",
    "NZ": "NZD",
}
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₱": "PHP",
    "zł": "PLN",
    "¥": "¥",
    "CN¥": "CNY",
    "JP¥": "JPY",
    "RMB": "CNY",
    "RM": "MYR",
    "SFr.": "CHF",
    "Fr.": "CHF",
    "Rs.": "INR",
    "Euro": "EUR",
    "人民币": "CNY",
    "人民幣": "CNY",
    "元": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "歐元": "EUR",
    "英镑": "GBP",
    "英鎊": "GBP",
    "港币": "HKD",
    "港幣": "HKD",
    "港元": "HKD",
    "日元": "JPY",
    "日圓": "JPY",
    "澳元": "AUD",
    "加元": "CAD",
    "新台币": "TWD",
    "新台幣": "TWD",
    "台币": "TWD",
    "新加坡元": "SGD",
    "瑞士法郎": "CHF",
}
_CODES = (
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "CNY",
    "HKD",
    "TWD",
    "AUD",
    "CAD",
    "SGD",
    "NZD",
    "PLN",
    "JPY",
    "MYR",
    "PHP",
    "INR",
    "SEK",
    "NOK",
    "DKK",
    "CZK",
    "HUF",
    "KRW",
    "THB",
    "IDR",
    "VND",
    "BRL",
    "MXN",
)
_MAY_BE = {"$": {"$", *_DOLLARS.values()}, "¥": {"¥", "CNY", "JPY"}}
"""Signs that name several currencies."""

_LETTERED = "|".join(
    one if len(one) > 1 else f"(?-i:{one})" for one in sorted(_DOLLARS, key=len, reverse=True)
)
_WORDS = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True) if sign[0].isascii())
_OTHERS = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True) if not sign[0].isascii())
_MONEY = (
    rf"(?:(?<![A-Za-z])(?:{_LETTERED}) ?\$|\$|(?<![A-Za-z])(?:{_WORDS})(?![A-Za-z])|{_OTHERS}"
    rf"|(?<![A-Za-z])(?:{'|'.join(_CODES)})(?![A-Za-z]))"
)
_SPACE = "[ \xa0\u2009\u202f]"
_NUMBER = (
    rf"(?:[0-9]{{1,3}}(?:(?:[.,'’]|{_SPACE})[0-9]{{3}})+(?:[.,][0-9]{{1,2}})?(?![0-9])"
    r"|[0-9](?:[0-9.,'’]*[0-9])?)"
)
AMOUNT = re.compile(
    f"{_MONEY}{_SPACE}?{_NUMBER}|{_NUMBER}{_SPACE}?{_MONEY}".replace("¥", "[¥￥]"), re.IGNORECASE
)
"""An amount with its currency, inside a text."""
_CURRENCY = re.compile(_MONEY, re.IGNORECASE)
_TOKEN = re.compile(r"-?[0-9](?:[0-9.,' /:\-]*[0-9])?%?")
"""A number with every sign that may belong to it: a date, a range or a percentage is no amount."""
_GROUPED = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:(?P<mark>[,. '])[0-9]{3})(?:(?P=mark)[0-9]{3})*"
    r"|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})"
    r"(?:(?P<point>[.,])(?P<cents>[0-9]{1,2}))?"
)
# Not NFKC, which turns ² into 2 and ① into 1: digits must not be guessed.
_NARROW = (
    {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
    | {ord(c): " " for c in "\u3000\xa0\u2000\u2002\u2003\u2004\u2005\u2007\u2008\u2009\u200a\u202f\t\r\n"}
    | {
        ord("￥"): "¥",
        ord("￡"): "£",
        ord("’"): "'",
        ord("‘"): "'",
        ord("′"): "'",
        ord("＇"): "'",
        ord("−"): "-",
        ord("–"): "-",
        ord("—"): "-",
        ord("\u200b"): None,
        ord("\u200e"): None,
        ord("\u200f"): None,
    }
)


@dataclass(frozen=True, slots=True)
class Amount:
    """``currency``: its ISO code, ``$`` or ``¥`` where no more is said, None where nothing is."""

    value: Decimal
    currency: str | None = None
    two_ways: bool = False
    """``1,234``: a thousand in one country, and one in another; read as a thousand."""

    def __str__(self) -> str:
        return f"{self.currency} {self.value:.2f}" if self.currency else f"{self.value:.2f}"

    def may_be(self, other: Amount) -> bool:
        """Whether both may be one amount: the number is, and no currency that is named speaks against it."""
        if self.value != other.value:
            return False
        names = [_MAY_BE.get(one.currency, {one.currency}) for one in (self, other) if one.currency]
        return len(names) < 2 or bool(names[0] & names[1])

    def surely(self, other: Amount) -> bool:
        """Whether both name one and the same currency; where not, they were compared by number alone."""
        return self.currency is not None and self.currency == other.currency and self.currency not in _MAY_BE


def read_amount(text: str, *, alone: bool = False) -> Amount | None:
    """The one amount in a text; None: none, several, two currencies, or a number of another kind.

    ``alone``: nothing else may stand in the text.
    """
    plain = text.translate(_NARROW)
    rest = _CURRENCY.sub(" ", plain)
    tokens = _TOKEN.findall(rest)
    found = _GROUPED.fullmatch(tokens[0]) if len(tokens) == 1 else None
    if found is None or (found["mark"] and found["mark"] == found["point"]):
        return None
    if any(c.isnumeric() for c in _TOKEN.sub("", rest)) or (alone and _TOKEN.sub("", rest).strip()):
        return None
    currencies = {_named(one) for one in _CURRENCY.findall(plain)}
    sure = currencies - set(_MAY_BE)
    if len(sure) > 1 or any(not sure <= _MAY_BE[one] for one in currencies - sure):
        return None
    currency = next(iter(sure or currencies), None)
    digits = re.sub("[^0-9]", "", found["whole"])
    lone = found["mark"] in (",", ".") and not found["cents"] and found["whole"].count(found["mark"]) == 1
    return Amount(Decimal(f"{digits}.{found['cents'] or '0'}"), currency, two_ways=lone)


def by_number_alone(expected: Amount | None, shown: str) -> str | None:
    """A sentence where a page's total agrees in its number, and not both sides name the same currency."""
    found = read_amount(shown)
    if expected is None or found is None or expected.surely(found):
        return None
    return _(
        "the total was compared by its number alone: expected was {expected}, the page shows {total}",
        expected=expected,
        total=shown,
    )


def amount_shown(text: str) -> Decimal | None:
    """The number of the one amount in a text, whatever its currency; None when there is not exactly one."""
    found = read_amount(text)
    return found.value if found else None


def _named(sign: str) -> str:
    """The currency that a sign or a word stands for."""
    bare = sign.replace(" ", "")
    if bare.endswith("$"):
        return _DOLLARS.get(bare[:-1].upper(), "$")
    known = {name.casefold(): code for name, code in _SIGNS.items()}
    return known.get(sign.casefold(), sign.upper())
