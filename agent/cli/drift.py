"""How each thing on an order's way was found: what a site's release has moved, and the entry that mends it.

All is read from an attempt's manifest, so a run's own evidence tells it as well as ``unsell doctor`` does.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain.i18n import _

if TYPE_CHECKING:
    from agent.domain.order import Outcome
    from agent.profile.elements import Element
    from agent.profile.profile import Profile

MOVED = "meaning "
"""How a thing that none of the listed ways finds is found: by what it means."""
_NEAREST = 6
_LATEST = 20
"""Orders of a run whose evidence is read at its end."""
_CONTROL = re.compile(r'^\s*- (button|link|menuitem|tab|textbox|radio|checkbox|heading) "((?:\\.|[^"\\])*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that was looked for. ``by`` "": it was not there."""

    element: str
    by: str
    late: bool = False
    """Found by another way than the first that is listed."""

    @property
    def moved(self) -> bool:
        return not self.by or (self.late and self.by.startswith(MOVED))


def found_on(folder: Path) -> list[Found]:
    """What one attempt looked for, each thing once, in the way's order; [] where there is no manifest."""
    told: dict[str, Found] = {}
    for step in _manifest(folder).get("steps", ()):
        late = {line.partition(": found by ")[0] for line in step["drift"]}
        for match in step["matched"]:
            name, by = match["element"], match.get("by") or f"“{match.get('label', '')}”"
            told[name] = Found(element=name, by=by, late=name in late)
        for name in step["notes"].get("missing", ()):
            told[name] = Found(element=name, by="")
    return list(told.values())


def since(root: Path, found: Found) -> str:
    """The day from which on the evidence below ``root`` shows this thing found this way."""
    day = by = ""
    for file in sorted(root.glob("*/*/manifest.json"), key=lambda one: one.parent.name):
        for one in found_on(file.parent):
            if one.element == found.element and (one.by != by or not day):
                stamp = file.parent.name
                day, by = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}", one.by
    return day


def moved(outcomes: Iterable[Outcome]) -> list[str]:
    """The things that a run found only by their meaning."""
    seen: dict[str, None] = {}
    for outcome in list(outcomes)[-_LATEST:]:
        if outcome.evidence:
            names = [f.element for f in found_on(Path(outcome.evidence)) if f.by and f.moved]
            seen |= dict.fromkeys(names)
    return list(seen)


def looked_at(outcomes: Sequence[Outcome]) -> str:
    """The command that looks closer at the last order of a run."""
    last = outcomes[-1]
    return f"unsell doctor --account {last.account} --order {last.order_no}"


def entry(name: str, element: Element, found: Found, texts: list[str]) -> str:
    """The TOML entry for a user's own selectors: the way that works first, or one more name."""
    data = element.model_dump(exclude_defaults=True, mode="json")
    ways, names = list(data["candidates"]), {key: list(n) for key, n in data.get("names", {}).items()}
    if found.by:
        ways.sort(key=lambda way: way.get("means") != found.by.removeprefix(MOVED))
    elif texts:
        language = "zh-CN" if re.search(r"[\u4e00-\u9fff]", texts[0]) else "en"
        names.setdefault(language, []).append(texts[0])
    lines = [f'[element."{name}"]', f"what = {_toml(element.what)}"]
    lines += [f"{key} = {_toml(data[key])}" for key in ("commit", "within") if key in data]
    lines.append(f"candidates = [{', '.join(map(_toml, ways))}]")
    lines += [f"names.{key} = {_toml(known)}" for key, known in names.items()]
    return "\n".join([*lines, 'mark = "B"', 'source = "seen by me"'])


def nearest(folder: Path, profile: Profile, name: str) -> list[str]:
    """The texts of the last page's controls of its roles, the likest to its names first; no other's names."""
    outlines = sorted(folder.glob("*.outline.yaml"))
    if not outlines:
        return []
    element = profile.element[name]
    others = {_bare(text) for other, one in profile.element.items() if other != name for text in _names(one)}
    roles = [role for way in element.candidates for role in way.roles]
    rank: dict[str, tuple[int, float, int]] = {}
    for number, line in enumerate(outlines[-1].read_text(encoding="utf-8").splitlines()):
        found = _CONTROL.match(line)
        text = json.loads(f'"{found[2]}"') if found else ""
        if found and (found[1] in roles or not roles) and text and _bare(text) not in others:
            like = max(
                (difflib.SequenceMatcher(None, text, one).ratio() for one in _names(element)), default=0
            )
            rank[text] = (roles.index(found[1]) if roles else 0, -like, -number)
    return sorted(rank, key=rank.__getitem__)[:_NEAREST]


def _names(element: Element) -> list[str]:
    return [name for names in element.names.values() for name in names]


def _bare(text: str) -> str:
    """Without blanks and case: 提 交 is 提交."""
    return "".join(text.split()).casefold()


def lines(profile: Profile, folder: Path, root: Path, file: Path) -> Iterator[str]:
    """What is to be said of the walk: a line a thing, and for each that moved the entry that mends it."""
    for found in found_on(folder):
        element = profile.element.get(found.element)
        if element is None:
            continue
        mark, what = element.mark, _(element.what)
        if not found.moved:
            yield _("ok   {name} (mark {mark}): {by}", name=found.element, mark=mark, by=found.by)
            continue
        texts = nearest(folder, profile, found.element)
        if found.by:
            day = since(root, found)
            yield _(
                "MOVED {name} (mark {mark}): {what}; found by its meaning alone, since {day}",
                name=found.element, mark=mark, what=what, day=day,
            )  # fmt: skip
        else:
            yield _(
                "GONE {name} (mark {mark}): {what}; not found. The nearest texts: {texts}",
                name=found.element, mark=mark, what=what, texts=" · ".join(texts) or "-",
            )  # fmt: skip
        told = entry(found.element, element, found, texts)
        if element.commit:
            yield _("Pressing it cannot be taken back: the name must be that control's own, to the letter.")
        yield _(
            "Where you have looked and it is right, add this to {file}:\n\n{entry}\n", file=file, entry=told
        )


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _toml(value: Any) -> str:
    """A value as TOML writes it; of JSON's, only tables differ."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
