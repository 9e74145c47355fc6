"""How texts of a page and of a profile are compared: NFKC, case-folded, without white space.

A console prints 「取 消」 with an inner space, full-width punctuation, capitals, or a curly apostrophe; none
of that is meaning. Two forms of one rule: ``plain`` for texts that Python holds, ``pattern`` for texts that
the browser matches (accessible names, labels).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
_CURLY = str.maketrans({"\u2018": "'", "\u2019": "'"})


def plain(text: str) -> str:
    """The text as it is compared: NFKC, case-folded, straight apostrophes, all white space removed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(unicodedata.normalize("NFKC", folded).translate(_CURLY).split())


def _letter(char: str) -> str:
    """A pattern of one letter of ``plain``, as a page may print it: full-width, decomposed, curly."""
    forms = [char, _WIDE.get(char, ""), unicodedata.normalize("NFD", char)]
    if char == "'":
        forms += ["\u2018", "\u2019"]
    single = "".join(re.escape(form) for form in dict.fromkeys(forms) if len(form) == 1)
    longer = [form for form in forms if len(form) > 1]
    return f"(?:{'|'.join([f'[{single}]', *longer])})" if longer else f"[{single}]"


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """An anchored pattern that matches any of the names, whatever their spacing, case and width.

    Kept within what Python's and JavaScript's expressions share: Playwright hands it to the browser.
    """
    return re.compile(r"^\s*(?:" + "|".join(map(_spaced, names)) + r")\s*$", re.IGNORECASE)


def _spaced(name: str) -> str:
    letters = r"\s*".join(map(_letter, plain(name)))
    double = rf"{_letter('s')}\s*{_letter('s')}"
    return letters.replace(double, f"(?:{double}|[\u00df\u1e9e])")
