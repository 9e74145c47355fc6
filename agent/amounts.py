"""Amounts as pages show them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_CURRENCY = (
    r"(?:(?<![A-Za-z])(?:US|CA|AU|HK|NT|NZ|SG|[ACS])?\s?\$|[€£￥¥]"
    r"|(?<![A-Za-z])(?:USD|EUR|GBP|CHF|CNY|RMB|HKD|TWD|AUD|CAD|SGD|PLN)(?![A-Za-z]))"
)
_NUMBER = r"\d(?:[\d.,'’]*\d)?"
AMOUNT = re.compile(rf"{_CURRENCY}\s?{_NUMBER}|{_NUMBER}\s?(?:{_CURRENCY}|元)")
"""An amount with its currency, inside a text."""


def amount_shown(text: str) -> Decimal | None:
    """The amount in a text like ``US $1,041.20`` or ``1.041,20 €``; None when there is not exactly one."""
    found = re.findall(r"\d[\d.,\s]*\d|\d", text)
    if len(found) != 1:
        return None
    digits = re.sub(r"\s", "", found[0])
    decimal = re.search(r"[.,](\d{2})$", digits)
    whole = re.sub(r"[.,]", "", digits[: decimal.start()] if decimal else digits)
    try:
        return Decimal(whole + ("." + decimal.group(1) if decimal else ""))
    except InvalidOperation:
        return None
