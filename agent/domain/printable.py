"""Text from pages and sheets, for a terminal: it must not move the cursor or reverse the line."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # ESC and all other controls, but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what changes the direction of writing
    "\u2028\u2029]"
)
_BREAKS = re.compile(r"\s*[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+\s*")


def printable(text: str) -> str:
    """The text with every control as a visible sign, its own lines kept."""
    return _FORBIDDEN.sub("\ufffd", text)


def within_json(line: str) -> str:
    """The same for JSON, without loss: such a character is written by its number."""
    return _FORBIDDEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line)


def one_line(text: str) -> str:
    """The same in one line, so that a page's text never looks like a line of ours."""
    return printable(_BREAKS.sub(" ", text))
