"""How texts of a page and of a profile are compared: NFKC, case-folded, without white space.

A console may print 「取 消」 with an inner space, full-width punctuation, capitals, a curly apostrophe: that
does not change the meaning. One rule has two forms: ``plain`` for texts that Python holds, ``pattern`` for
texts that the browser matches (accessible names, labels). ``sentences`` is for whole sentences that hold a
date, an amount or the like: those are named by typed holes.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from agent.domain.i18n import _

_WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
_CURLY = str.maketrans({"\u2018": "'", "\u2019": "'"})


def plain(text: str) -> str:
    """The text as it is compared: NFKC, case-folded, straight apostrophes, all white space removed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(unicodedata.normalize("NFKC", folded).translate(_CURLY).split())


_MONTH = (
    "(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli"
    "|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_DAY = r"(?:(?:mon|tues?|wed|thu|fri|sat|sun)[a-z]*[,.]*|(?:mo|di|mi|do|fr|sa|so)[,.]+)?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[ap]\.?m\.?|uhr)?"
_UNIT = (
    "(?:days?|tage?n?|天|日|hours?|hrs?|stunden?|std\\.?|h|[个個]?小时|[个個]?小時|minutes?|minuten|mins?"
    "|分钟|分鐘|分|seconds?|sekunden|秒)"
)
_CURRENCY = r"(?:(?:us|hk|nt|au|ca|a|c)?\$|[€£¥元]|usd|eur|gbp|hkd|cny|rmb|chf|aud|cad)"
_NUMBER = r"\d[\d.,']*"
_HOLES = {
    "date": rf"(?:{_DAY}(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|(?:\d{{4}}年)?\d{{1,2}}月\d{{1,2}}[日号號]"
    rf"|{_MONTH}\.?\d{{1,2}}(?:st|nd|rd|th)?(?:,?\d{{4}}(?!:))?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.?{_MONTH}\.?(?:,?\d{{4}})?"
    rf"|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{4}}|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{2}})?|\d{{1,2}}/\d{{1,2}})"
    rf"(?:,?(?:at|um)?{_TIME})?)",
    "time": _TIME,
    "hours": rf"(?:\d{{1,4}}{_UNIT}){{1,4}}",
    "amount": rf"{_CURRENCY}?{_NUMBER}{_CURRENCY}?",
    "count": r"\d{1,6}",
    "remark": r".+",
}
"""The holes that a listed sentence may have, and what fits into each. ``hours`` is a span of time."""
_ANY_OF = re.compile(r"\[([^\[\]]*)\]")
_NAMED = re.compile(r"\{([a-z]+)\}")
_ENDS = ".。!"
_MONEY = rf"{_CURRENCY}{_NUMBER}|{_NUMBER}{_CURRENCY}|\d[\d.,']*[.,]\d{{2}}(?!\d)"
_PASSING = re.compile(
    rf"(?P<passes>{_HOLES['date']}|{_TIME}|{_HOLES['hours']})|(?P<money>{_MONEY})|(?P<count>\d+)"
)


def sentences(texts: Iterable[str]) -> re.Pattern[str]:
    """A pattern for the whole of a plain text that is one of these sentences. ValueError: an unknown hole.

    ``{remark}``, the site's own free words, may only end a sentence, after a colon.
    """
    return re.compile(rf"(?:{'|'.join(map(_shape, texts)) or '(?!)'})[{_ENDS}]*")


def _shape(text: str) -> str:
    parts = _NAMED.split(plain(text).rstrip(_ENDS))
    unknown = set(parts[1::2]) - set(_HOLES)
    if unknown or ("remark" in parts[1::2] and not re.search(r":\{remark\}$", plain(text))):
        raise ValueError(
            _(
                "{text!r}: a sentence may leave open {holes}; remark at its end, after a colon",
                text=text,
                holes=", ".join(_HOLES),
            )
        )
    return "".join(_HOLES[part] if n % 2 else re.escape(part) for n, part in enumerate(parts))


def lasting(text: str) -> str:
    """The plain text with its dates, times and counts as #: what two looks at one state have in common.

    Amounts stay: a state that names another one is another state.
    """
    return _PASSING.sub(lambda found: found["money"] or "#", plain(text))


def open_ended(text: str) -> str:
    """The text as a sentence to be listed: its dates and times as holes; unchanged where it has none."""
    flat = plain(text)
    for hole in ("date", "time", "hours"):
        flat = re.sub(_HOLES[hole], "{" + hole + "}", flat)
    return flat if "{" in flat else " ".join(text.split())


def variants(listed: str) -> Iterator[str]:
    """All sentences that a listed one stands for: ``[a|b|]`` is any of these, or nothing."""
    parts = [part.split("|") if n % 2 else [part] for n, part in enumerate(_ANY_OF.split(listed))]
    return ("".join(chosen) for chosen in itertools.product(*parts))


def skeleton(sentence: str) -> str:
    """The sentence as questions are compared: letters and digits alone, its ``{holes}`` left out."""
    return re.sub(r"[\W_]+", "", plain(re.sub(r"\{\w+\}", " ", sentence)))


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

    It uses only what Python's and JavaScript's expressions share: Playwright hands it to the browser.
    """
    return re.compile(r"^\s*(?:" + "|".join(map(_spaced, names)) + r")\s*$", re.IGNORECASE)


def label(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern of a label before its value in one text: any of the names, and a colon."""
    return re.compile(r"^\s*(?:" + "|".join(map(_spaced, names)) + r")\s*[:：]\s*(?=\S)", re.IGNORECASE)


def _spaced(name: str) -> str:
    letters = r"\s*".join(map(_letter, plain(name)))
    double = rf"{_letter('s')}\s*{_letter('s')}"
    dots = r"\s*".join([_letter(".")] * 3)
    return letters.replace(double, f"(?:{double}|[\u00df\u1e9e])").replace(dots, f"(?:{dots}|\u2026)")
