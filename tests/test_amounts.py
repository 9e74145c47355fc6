"""An amount has a currency: every writing of an honest page or sheet is read, and what is none is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agent.domain.money import AMOUNT, Amount, read_amount


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("US $41.20", "41.20", "USD"),
        ("a $41.20 refund", "41.20", "$"),
        ("US$ 41.20", "41.20", "USD"),
        ("41.20 USD", "41.20", "USD"),
        ("US $41.20 USD", "41.20", "USD"),
        ("$41.20 USD", "41.20", "USD"),
        ("$41.20", "41.20", "$"),
        ("C $41.20", "41.20", "CAD"),
        ("AU $41.20", "41.20", "AUD"),
        ("A$41.20", "41.20", "AUD"),
        ("HK$41.20", "41.20", "HKD"),
        ("HK $ 41.20", "41.20", "HKD"),
        ("NT$1,041", "1041", "TWD"),
        ("41,20 €", "41.20", "EUR"),
        ("EUR 41,20", "41.20", "EUR"),
        ("eur41,20", "41.20", "EUR"),
        ("￥298.00", "298", "¥"),
        ("¥298", "298", "¥"),
        ("RMB 298.00", "298", "CNY"),
        ("CNY298", "298", "CNY"),
        ("人民币 298.00", "298", "CNY"),
        ("298.00元", "298", "CNY"),
        ("298 港元", "298", "HKD"),
        ("人民币298元", "298", "CNY"),
        ("￥298.00 RMB", "298", "CNY"),
        ("25.80 美元", "25.80", "USD"),
        ("£41.20", "41.20", "GBP"),
        ("CHF 1'041.20", "1041.20", "CHF"),
        ("CHF 1’041.20", "1041.20", "CHF"),
        ("1 041,20 €", "1041.20", "EUR"),
        ("1\xa0041,20\xa0€", "1041.20", "EUR"),
        ("1\u202f041,20 €", "1041.20", "EUR"),
        ("1\u2009041,20 €", "1041.20", "EUR"),
        ("1.041,20 €", "1041.20", "EUR"),
        ("US $1,234,567.89", "1234567.89", "USD"),
        ("₹1,04,120.50", "104120.50", "INR"),
        ("US $４１．２０", "41.20", "USD"),
        ("４１．２０", "41.20", None),
        ("Order total: US $41.20", "41.20", "USD"),
        ("总计 ￥298.00(含运费)", "298", "¥"),
        ("41", "41", None),
        ("Total (EUR): 41,20", "41.20", "EUR"),
        ("RM 41.20", "41.20", "MYR"),
        ("41,20 zł", "41.20", "PLN"),
    ],
)
def test_an_amount_is_read_with_its_currency(text: str, value: str, currency: str | None) -> None:
    found = read_amount(text)
    assert found is not None
    assert (found.value, found.currency) == (Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "free",
        "€",
        "26.11.2026",
        "11/26",
        "2026-11-26",
        "12:30",
        "41.20 - 50.00",
        "41.20–50.00",
        "US $41.20 (was US $50.00)",
        "US $41.20 EUR",
        "€41.20 USD",
        "2 x $41.20",
        "-41.20",
        "10%",
        "1,234.567",
        "41.20.20",
        "1,234,56",
        "4 1",
        "41①",
        "²",
        "1.234.56",
        "12,34.00",
    ],
)
def test_what_is_no_amount_or_several_is_none(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("one", "other", "same", "surely"),
    [
        ("€18.90", "US $18.90", False, False),
        ("￥25.80", "US $25.80", False, False),
        ("$18.90", "€18.90", False, False),
        ("$41.20", "￥41.20", False, False),
        ("US $41.20", "C $41.20", False, False),
        ("¥41.20", "HK$41.20", False, False),
        ("US $41.20", "41.20 USD", True, True),
        ("41.20", "US $41.20", True, False),
        ("$41.20", "C $41.20", True, False),
        ("$41.20", "$41.20", True, False),
        ("41.20", "41.21", False, False),
        ("￥298", "RMB 298", True, False),
        ("￥298", "¥298.00", True, False),
        ("¥298", "JPY 298", True, False),
    ],
)
def test_two_currencies_are_two_amounts(one: str, other: str, same: bool, surely: bool) -> None:
    first, second = read_amount(one), read_amount(other)
    assert first is not None
    assert second is not None
    assert (first.may_be(second), second.may_be(first)) == (same, same)
    assert (first.surely(second), second.surely(first)) == (surely, surely)


def test_amounts_are_found_in_a_longer_text_as_a_whole() -> None:
    text = "Fri 21 Nov · CHF 1'041.20 · 2 items, 1\u202f041,20 €, ￥298.00 and US $5.00"
    found = [found[0] for found in AMOUNT.finditer(text)]
    assert found == ["CHF 1'041.20", "1\u202f041,20 €", "￥298.00", "US $5.00"]


def test_an_amount_says_its_currency() -> None:
    assert str(Amount(Decimal("41.2"), "USD")) == "USD 41.20"
    assert str(Amount(Decimal("41.2"))) == "41.20"
    assert read_amount("1,234") == Amount(Decimal(1234), None, two_ways=True)
    assert read_amount("41.20 or so", alone=True) is None
