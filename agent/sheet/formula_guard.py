"""Makes texts safe for a spreadsheet program, and restores them exactly: no cell of ours begins a formula.

Neither under the separator that we write, nor under another country's, which splits our cells anew: at each
``,`` ``;`` tab or line end a cell may begin, and quotation marks, ours or the text's, are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PARTS = re.compile(r"([,;\t\r\n])")
_RISKY = re.compile(r"'*[\"\s\ufeff\u200b]*[=+\-@＝＋－＠]")
_EMPTY = re.compile(r"'*[\"\s\ufeff\u200b]*")


def defused(text: str) -> str:
    """The text with an apostrophe wherever a cell might begin with a formula, a tab or a line end."""
    return _each(text, lambda part: f"'{part}")


def taken_back(text: str) -> str:
    """What ``defused`` was given."""
    return _each(text, lambda part: part.removeprefix("'"))


def _each(text: str, change: Callable[[str], str]) -> str:
    """Change the parts at risk. With an apostrophe they still are, and so the way back is exact."""
    parts = _PARTS.split(text)
    for at in range(0, len(parts), 2):
        after = parts[at + 1] if at + 1 < len(parts) else ""
        before = parts[at - 1] if at else ""
        # An empty part ends where our closing quotation mark would open the next cell, or a tab begins one.
        empty = _EMPTY.fullmatch(parts[at]) and (after in "\t\r\n" if after else before not in ("", ","))
        if empty or _RISKY.match(parts[at]):
            parts[at] = change(parts[at])
    return "".join(parts)
