"""What people read, in their language: gettext, with Babel's catalogues in ``agent/domain/locale``.

A platform's own words lie with the platform (``selectors/locale``) and are added when its profile is read.

``_("{number} is not found", number=…)`` looks the sentence up as it stands in the code, then fills it in.
Commands, settings, states and reasons are fixed words and are not translated; nor are log lines, which are
for engineers. A sentence in the ledger stays in the language of its run.
"""

from __future__ import annotations

import contextlib
import gettext
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh-CN"]

_HERE = Path(__file__).parent / "locale"
_DOMAIN = "unsell"
_CATALOGUES: dict[Language, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
_FOLDERS = {_DOMAIN: _HERE}
"""Where each catalogue lies, by its name."""
_now: Language = "en"


def language() -> Language:
    """The language that is spoken now."""
    return _now


def speak(language: Language) -> None:
    """From here on, everything is said in this language."""
    global _now  # noqa: PLW0603 - one program speaks to one person
    _catalogue(language)
    _now = language


@contextlib.contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Within the block, this language is spoken."""
    before = _now
    speak(language)
    try:
        yield
    finally:
        speak(before)


def _(text: str, /, **values: object) -> str:
    """The sentence in the language that is spoken, its ``{places}`` filled in; untranslated, as it stands."""
    said = _catalogue(_now).gettext(text) if text else ""
    return said.format(**values) if values else said


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a text for the catalogue; it is translated where it is said, by ``_``."""
    return text


def of_the_user(environ: Mapping[str, str]) -> Language:
    """What the environment asks for, else the system's: before the settings are read."""
    asked = asked_for(environ.get("UNSELL_LANG"))
    return "zh-CN" if asked == "zh-CN" else "en" if asked == "en" else of_the_system(environ)


def asked_for(word: object) -> object:
    """``UNSELL_LANG`` as people write it: ``zh``, ``zh_CN`` and ``zh-cn`` are ``zh-CN``."""
    if not isinstance(word, str):
        return word
    words = {"en": "en", "zh": "zh-CN", "zh-cn": "zh-CN"}
    return words.get(word.strip().lower().replace("_", "-"), word)


def of_the_system(environ: Mapping[str, str]) -> Language:
    """The system's language as far as we speak it: any Chinese is ``zh-CN``, all else ``en``."""
    spoken = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    if not spoken and sys.platform == "win32":
        import ctypes
        import locale

        spoken = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return "zh-CN" if spoken.lower().startswith("zh") else "en"


def _catalogue(language: Language) -> gettext.NullTranslations:
    if language not in _CATALOGUES:
        made = gettext.translation(_DOMAIN, _HERE, [_folder(language)])
        for name, folder in _FOLDERS.items():
            if name != _DOMAIN:
                made.add_fallback(gettext.translation(name, folder, [_folder(language)], fallback=True))
        _CATALOGUES[language] = made
    return _CATALOGUES[language]


def add(name: str, folder: Path) -> None:
    """One more catalogue of this name: what ours does not hold is looked up there, in any language it has."""
    if _FOLDERS.get(name) != folder:
        _FOLDERS[name] = folder
        for known in [one for one in _CATALOGUES if one != "en"]:
            del _CATALOGUES[known]


def _folder(language: Language) -> str:
    return language.replace("-", "_")


WORDS_OF_HELP = (
    *(N_("Arguments"), N_("Options"), N_("Commands"), N_("required"), N_("default: {default}")),
    *(N_("Missing command."), N_("No such command {name!r}."), N_("Aborted!")),
)
"""The command-line library's own texts, as far as it allows them to be translated."""
