"""Amounts as pages show them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation


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
