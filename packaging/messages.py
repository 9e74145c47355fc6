"""The catalogues of what Unsell says, by Babel: ours in ``agent/domain/locale``, a platform's in
``selectors/locale``.

    python packaging/messages.py            writes what the code says into each catalogue, and compiles them
    python packaging/messages.py --check    changes nothing; exit 1 and a line for each text that is missing

The texts are what stands in ``_()`` and ``N_()``, and in ``selectors/*.toml`` the plain words ``what`` of an
element and ``says`` of a guard. A platform's are those of its profile and flow that ``agent`` does not say.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tomllib
from collections.abc import Container, Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
OURS = "unsell"
SAID_BY = {
    "UsageError",
    "Refused",
    "TechnicalError",
    "NeedsHuman",
    "SignInNeeded",
    "AccountBusy",
    "Unreadable",
}
SAID_BY |= {
    "CellError",
    "Fault",
    "Check",
    "Problem",
    "FormResponse",
    "Conclusion",
    "SiteReading",
    "ValueError",
}
SAID_BY |= {"echo", "say", "_say", "_end", "_print", "Option", "Argument", "Typer", "command", "BadParameter"}
"""Calls whose texts a person reads. What they are given has to be translated."""
SAID_IN = {
    "said",
    "says",
    "why",
    "words",
    "detail",
    "sentence",
    "remedy",
    "hint",
    "read",
    "where",
    "who",
    "kept",
}
"""Names of what is said a few lines later."""


FIXED = {
    "rehearsed, nothing submitted",
    "clicked, outcome not known yet",
    "not submitted, the order forbids it",
    "technical fault, nothing submitted",
}
"""States whose Chinese the contract fixes, narrow punctuation and all."""
_HAN = "[\u3400-\u9fff“”》」]"
NARROW = re.compile(
    rf"{_HAN}[}}a-z]? ?[,;:?!](?![0-9/a-z-])|{_HAN} ?\((?!already cancelled|cancelled by)|\({_HAN}|{_HAN}\)"
)
"""Punctuation of Latin width beside a Chinese character."""


def found() -> dict[str, Catalog]:
    """All texts, each with the places where it stands: by catalogue, ours and each platform's."""
    catalogues = {OURS: Catalog(project="Unsell", fuzzy=False)}
    for name, text in _in_code("agent"):
        catalogues[OURS].add(text, locations=[(name, None)])
    told = [
        (file.stem, f"selectors/{file.name}", text)
        for file in sorted((ROOT / "selectors").glob("*.toml"))
        for text in _of_profile(tomllib.loads(file.read_text(encoding="utf-8")))
    ]
    told += [(_platform(name), name, text) for name, text in _in_code("flows")]
    for platform, name, text in told:
        if text not in catalogues[OURS]:
            catalogue = catalogues.setdefault(platform, Catalog(project="Unsell", fuzzy=False))
            catalogue.add(text, locations=[(name, None)])
    return catalogues


def _in_code(folder: str) -> Iterator[tuple[str, str]]:
    """What the files of a folder say, with the file's path from the root."""
    texts = extract_from_dir(ROOT / folder, [("**.py", "python")], keywords={"_": None, "N_": None})
    for name, _line, text, _comments, _context in texts:
        yield f"{folder}/{name}".replace("\\", "/"), text


def _platform(flow: str) -> str:
    """Whose flow a file is: ``flows/_ebay_pages.py`` is eBay's."""
    return Path(flow).stem.strip("_").partition("_")[0]


def _of_profile(profile: dict[str, object]) -> Iterator[str]:
    for element in profile["element"].values():
        yield element["what"]
    for guard in profile["guard"]:
        yield guard["says"]


def catalogues() -> Iterator[tuple[str, Path]]:
    """Each catalogue's name and file."""
    for folder in ("agent/domain/locale", "selectors/locale"):
        yield from ((file.stem, file) for file in sorted((ROOT / folder).glob("*/LC_MESSAGES/*.po")))


def read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream)


def compiled(catalogue: Catalog) -> bytes:
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def write() -> None:
    texts = found()
    for name, file in catalogues():
        catalogue = read(file)
        made_at = catalogue.creation_date
        catalogue.update(texts[name], no_fuzzy_matching=True)
        catalogue.creation_date = made_at  # or each run would change the file
        catalogue.obsolete.clear()
        with file.open("wb") as stream:
            write_po(stream, catalogue, width=100, include_lineno=False, sort_output=True)
        file.with_suffix(".mo").write_bytes(compiled(read(file)))


def missing(file: Path, texts: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue: a line each."""
    catalogue = read(file)
    where = file.relative_to(ROOT)
    for message in texts:
        kept = catalogue.get(message.id) if message.id else None
        if message.id and (kept is None or not kept.string or kept.fuzzy):
            yield f"{where}: not translated: {message.id!r} ({message.locations[0][0]})"
        elif message.id and message.id not in FIXED and NARROW.search(kept.string):
            yield f"{where}: punctuation of two widths: {kept.string!r}"
        elif message.id and _places(message.id) != _places(kept.string):
            yield f"{where}: other places in braces than {message.id!r} has: {kept.string!r}"
    yield from (f"{where}: said nowhere: {m.id!r}" for m in catalogue if m.id and m.id not in texts)
    if file.with_suffix(".mo").read_bytes() != compiled(catalogue):
        yield f"{where}: not compiled since it was changed: make messages"


def _places(text: str) -> set[tuple[str | None, str | None, str | None]]:
    """The places to fill in; ``!r`` is left out, since each language has quotation marks of its own."""
    found = [part for part in Formatter().parse(text) if part[1] is not None]
    return {(name, spec, None if how == "r" else how) for _before, name, spec, how in found}


def untold(file: Path, texts: Container[str]) -> Iterator[str]:
    """Sentences of the code that a person reads and that no catalogue sees."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for given in _given(node):
            for text in _sentences(given):
                if text not in texts:
                    yield f"{file.relative_to(ROOT)}:{given.lineno}: said in one language alone: {text!r}"


_NO_SENTENCES = ("mend", "remedy")
"""What errors carry besides their sentence: an entry of a file, a command. Both are one language."""


def _given(node: ast.AST) -> list[ast.expr]:
    """What is said here: the arguments of such a call, or the value of such a name."""
    if isinstance(node, ast.Call) and _called(node) in SAID_BY:
        return [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg not in _NO_SENTENCES)]
    if isinstance(node, ast.Assign) and any(getattr(name, "id", "") in SAID_IN for name in node.targets):
        return [node.value]
    return []


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def _sentences(given: ast.expr) -> Iterator[str]:
    """Texts of two words and more in what is given, but for those that ``_`` is called with."""
    if isinstance(given, ast.Call):
        return
    parts = given.values if isinstance(given, ast.JoinedStr) else [given]
    text = "".join(
        part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    words = [word for word in text.split() if word.isalpha()]
    if len(words) > 1:
        yield text
    elif not isinstance(given, ast.JoinedStr):
        for inner in ast.iter_child_nodes(given):
            if isinstance(inner, ast.expr):
                yield from _sentences(inner)


def faults() -> list[str]:
    """Everything that ``--check`` says."""
    rooms = [file for file in sorted((ROOT / "agent").rglob("*.py")) if "migrations" not in file.parts]
    code = [*rooms, *sorted((ROOT / "flows").glob("*.py"))]
    texts = found()
    untranslated = [fault for name, file in catalogues() for fault in missing(file, texts[name])]
    lost = sorted(set(texts) - {name for name, _file in catalogues()})
    untranslated += [f"selectors/locale: {name} has no catalogue" for name in lost]
    known = {message.id for one in texts.values() for message in one}
    return untranslated + [fault for file in code for fault in untold(file, known)]


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        said = faults()
        print("\n".join(said) or "every text is translated")
        raise SystemExit(bool(said))
    write()
