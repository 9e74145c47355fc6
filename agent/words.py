"""How texts of a page and of a profile are compared: NFKC, case-folded, without white space.

A console prints 「取 消」 with an inner space, full-width punctuation, or capitals; none of that is
meaning. Two forms of one rule: ``plain`` for texts that Python holds, ``pattern`` for texts that the
browser matches (accessible names, labels).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}


def plain(text: str) -> str:
    """The text as it is compared: NFKC, case-folded, all white space removed."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _letter(char: str) -> str:
    wide = _WIDE.get(char)
    if char == "'":
        return "['\u2019\uff07]"
    return f"[{re.escape(char)}{wide}]" if wide and not char.isalnum() else re.escape(char)


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """An anchored pattern that matches any of the names, whatever their spacing, case and width.

    Kept within what Python's and JavaScript's expressions share: Playwright hands it to the browser.
    """
    alternatives = (r"\s*".join(_letter(c) for c in plain(name)) for name in names)
    return re.compile(r"^\s*(?:" + "|".join(alternatives) + r")\s*$", re.IGNORECASE)
