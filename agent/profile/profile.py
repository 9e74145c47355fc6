"""What is known of a platform's pages: ``selectors/<platform>.toml``, read and checked.

Data, not logic: addresses, elements, reasons, status words, guards. Looked for beside ``agent/`` (a
checkout), then in the wheel, and overridden entry by entry from ``UNSELL_HOME/selectors/``, so that a
changed page is mended without a release.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from pydantic import ValidationError, model_validator

from agent.domain import i18n
from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Action, Asker, Reason, Role
from agent.domain.text import plain
from agent.profile.elements import Element, MessageRules, OwnRate, PageAddress, ReasonEntry
from agent.profile.entries import Address, BannerWords, Guard
from agent.profile.grammar import Grammar
from agent.profile.required import missing_from
from agent.profile.statuses import ProfileEntry, Status


class Profile(ProfileEntry):
    """All that is known of one platform."""

    platform: str
    title: str
    checked: str
    """When somebody last compared it with anything, and with what."""
    domains: tuple[str, ...]
    """Registrable names of the marketplace; each covers its sub-names."""
    files: tuple[str, ...] = ()
    """Names, with their sub-names, that its pages take pictures, scripts and styles from: no documents."""
    captcha: tuple[str, ...] = ()
    """Names, with their sub-names, that a captcha of its sign-in page comes from: no documents."""
    sites: tuple[str, ...]
    signin_hosts: tuple[str, ...]
    """Host patterns (``{site}`` stands for the account's site) into which a password may be typed."""
    roles: tuple[Role, ...]
    order_no: str
    """Pattern of an order number."""
    order_no_example: str
    id_names: Mapping[str, tuple[str, ...]] = {}
    """By kind of id: the names of fields, parameters and labels that hold one (folded: only letters)."""
    id_shapes: tuple[str, ...] = ()
    """Patterns of ids that are one wherever they stand."""
    languages: tuple[str, ...]
    page: Mapping[str, PageAddress]
    element: Mapping[str, Element]
    reason: Mapping[Role, Mapping[Reason, ReasonEntry]]
    status: tuple[Status, ...]
    grammar: Grammar | None = None
    """What is made of a state that is not listed; None: nothing is."""
    guard: tuple[Guard, ...] = ()
    banners: BannerWords | None = None
    acting: tuple[Address, ...] = ()
    """What changes something also where a script asks for it by GET."""
    reading: tuple[Address, ...] = ()
    """What changes nothing, however a script asks for it."""
    confirmations: tuple[str, ...]
    """Whole sentences that the site may ask after the submit: only these get a yes.

    ``{order_no}``, ``{amount}``, ``{buyer}``, ``{item}`` and ``{reason}`` stand for this order's, and may as
    well be missing on the page.
    """
    remarks: tuple[str, ...] = ()
    """Whole sentences that may stand around such a question, in its title or body."""
    answer_confirmations: Mapping[Action, tuple[str, ...]] = {}
    """The same for answers to a buyer's request: what may be asked after accept, and after decline."""
    answer_remarks: Mapping[Action, tuple[str, ...]] = {}
    own_rate: OwnRate | None = None
    message: MessageRules | None = None
    """Messages to buyers; None: there is no way to them here."""
    left_to_a_person: Mapping[Action, str] = {}
    """Answers that are not given here, and why."""
    greetings: tuple[str, ...] = ()
    """Patterns of the header's greeting; the group is the name. None fits: the whole text is the name."""
    askers: Mapping[Literal["self", "seller", "buyer", "platform"], tuple[str, ...]] = {}
    """Words by which a page says who asked for a cancellation; ``self`` is the signed-in account."""

    @model_validator(mode="after")
    def _refers_to_what_exists(self) -> Profile:
        for name, element in self.element.items():
            if element.within and element.within not in self.element:
                raise ValueError(
                    _(
                        "element.{name}: within names {within!r}, which is not there",
                        name=name,
                        within=element.within,
                    )
                )
        for guard in self.guard:
            for named in filter(None, (guard.element, guard.press, guard.unless)):
                if named not in self.element:
                    raise ValueError(
                        _(
                            "guard {guard!r} names {named!r}, which is not there",
                            guard=guard.says,
                            named=named,
                        )
                    )
            button = self.element.get(guard.press or "")
            box = self.element.get((button and button.within) or "")
            told = bool(box and all(one.css or one.means == "overlay" for one in box.candidates))
            guard.closes_what_is_listed(self.banners, told)
        return self

    @model_validator(mode="after")
    def _holes(self) -> Profile:
        questions = [self.confirmations, self.remarks]
        questions += [*self.answer_confirmations.values(), *self.answer_remarks.values()]
        known = {"order_no", "amount", "buyer", "item", "reason"}
        for sentence in (one for part in questions for one in part):
            if unknown := set(re.findall(r"\{(\w*)\}", sentence)) - known:
                raise ValueError(
                    _(
                        "{sentence!r}: {unknown} is not known; known: {known}",
                        sentence=sentence,
                        unknown=", ".join(f"{{{hole}}}" for hole in sorted(unknown)),
                        known=", ".join(f"{{{hole}}}" for hole in sorted(known)),
                    )
                )
        return self

    def having(self, *elements: str) -> tuple[str, ...]:
        """Those of them that this platform has: see ``agent.profile.required``."""
        return tuple(name for name in elements if name in self.element)

    def names_an_order(self, text: str) -> bool:
        """Whether an order's number stands in a text."""
        return re.search(rf"(?<![\w-])(?:{self.order_no})(?![\w-])", text) is not None

    def acts(self, place: str) -> bool:
        """Whether an address (without query) changes something though it is asked for by GET."""
        return any(one.covers(place) for one in self.acting)

    def reads(self, place: str) -> bool:
        """Whether an address (without query) changes nothing though it is posted to."""
        return any(one.covers(place) for one in self.reading)

    @cached_property
    def elsewhere(self) -> re.Pattern[str]:
        """Matches any address whose host is not, label by label, one of the platform's own."""
        own = "|".join(re.escape(domain) for domain in self.domains)
        return re.compile(rf"^(?!https?://(?:[A-Za-z0-9-]+\.)*(?:{own})(?::\d+)?(?:[/?#]|$))", re.IGNORECASE)

    @cached_property
    def _own_hosts(self) -> re.Pattern[str]:
        own = "|".join(re.escape(host) for host in (*self.domains, *self.files, *self.captcha))
        return re.compile(rf"https?://(?:[A-Za-z0-9-]+\.)*(?:{own})(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)

    def guards(self, url: str) -> bool:
        """Whether what stands at this address is a guard's to deal with."""
        return any(guard.url and re.search(guard.url, url) for guard in self.guard)

    def owns(self, url: str) -> bool:
        """Whether it lies at the platform's domains, or where its pages take files and captchas from."""
        return self._own_hosts.match(url) is not None

    def signs_in_at(self, url: str, site: str) -> bool:
        """https, no user info, no other port, and the very host of a sign-in page, label by label."""
        hosts = {host.replace("{site}", site) for host in self.signin_hosts}
        found = re.match(r"https://([a-z0-9.-]+)(?::443)?(?:[/?#]|$)", url)
        return found is not None and found[1] in hosts

    def url(self, name: str, site: str, **values: str) -> str:
        address = self.page[name].url.replace("{site}", site)
        for key, value in values.items():
            address = address.replace("{" + key + "}", quote(value, safe=""))
        return address

    def meaning(self, text: str) -> Status | None:
        """What a status text means as a whole; None: it is not listed."""
        wanted = plain(text)
        return next((status for status in self.status if status.shape.fullmatch(wanted)), None)

    def canonical_reason(self, role: Role, label: str) -> Reason | None:
        """The canonical word of a reason label that a page shows; None when none or several fit."""
        fitting = [word for word, entry in self.reason.get(role, {}).items() if entry.named(label)]
        return fitting[0] if len(fitting) == 1 else None

    def counts_against(self, role: Role, reason: Reason) -> bool:
        """Whether a cancellation for this reason counts against the shop (不良交易)."""
        entry = self.reason.get(role, {}).get(reason)
        return entry is not None and entry.defect

    def name_in(self, greeting: str) -> str:
        """The account's name in the console's greeting ("Hi shop1!" greets shop1)."""
        for shape in self.greetings:
            if found := re.fullmatch(shape, greeting.strip(), re.IGNORECASE):
                return found[1].strip()
        return greeting.strip()

    def asker(self, text: str, role: Role) -> Asker | None:
        """Who asked, by the page's words; None when it says nothing, UNKNOWN when nothing known."""
        who = plain(text)
        if not who:
            return None
        for key in ("self", "seller", "buyer", "platform"):
            if who in map(plain, self.askers.get(key, ())):
                return Asker(role.value if key == "self" else key)
        return Asker.UNKNOWN

    def commits(self) -> Iterator[tuple[str, Element]]:
        return ((name, e) for name, e in self.element.items() if e.commit)


def folders(home: Path | None = None) -> list[Path]:
    """Where profiles lie, the overriding one last."""
    here = Path(__file__).parent.parent
    found = [f for f in (here.parent / "selectors", here / "_selectors") if f.is_dir()][:1]
    return found + ([home / "selectors"] if home else [])


def platforms() -> list[str]:
    """The names of all platforms that have a profile."""
    return sorted(file.stem for folder in folders() for file in folder.glob("*.toml"))


def load(platform: str, home: Path | None = None) -> Profile:
    """The platform's profile, overridden from ``home``. A fault in a file: UsageError with line and key."""
    data: dict[str, Any] = {}
    last = Path()
    for number, folder in enumerate(folders(home)):
        file = folder / f"{platform}.toml"
        if file.is_file():
            last = file
            if (folder / "locale").is_dir():
                i18n.add(platform, folder / "locale")
            _override(data, _read(file), mark=number > 0)
    if not data:
        raise UsageError(
            _(
                "platform {platform!r} is not known; known: {platforms}",
                platform=platform,
                platforms=", ".join(platforms()),
            )
        )
    try:
        profile = Profile.model_validate(data)
    except ValidationError as error:
        found = error.errors()
        first = next(
            (e for e in found if e["type"] == "extra_forbidden"), found[0]
        )  # a key misspelt, not missing
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{last}, {_line_of(last, first['loc'])}{key}: {first['msg']}") from None
    if missing := missing_from(profile.element, messages=profile.message is not None):
        raise UsageError(
            _(
                '{file} lacks {missing}: write an entry [element."{first}"] for each of them',
                file=last,
                missing=", ".join(missing),
                first=missing[0],
            )
        )
    return profile


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}") from None


def _override(data: dict[str, Any], newer: dict[str, Any], *, mark: bool) -> None:
    """Lay ``newer`` over ``data``: tables entry by entry, lists of tables in front, values replaced.

    What is listed of questions, remarks and reasons is added to.
    """
    for key, value in newer.items():
        if isinstance(value, dict) and key in ("page", "element", "askers"):
            for name, entry in value.items():
                if mark and key == "element":
                    entry["overridden"] = True
                data.setdefault(key, {})[name] = entry
        elif isinstance(value, dict) and key == "reason":
            for role, entries in value.items():
                known = data.setdefault(key, {}).setdefault(role, {})
                for word, entry in entries.items():
                    known[word] = _added(known.get(word, {}), entry)
        elif key in _ADDED_TO:
            data[key] = _added(data.get(key, type(value)()), value)
        elif isinstance(value, list) and key in ("status", "guard", "captcha", "acting", "reading"):
            data[key] = value + data.get(key, [])
        else:
            data[key] = value


_ADDED_TO = ("confirmations", "remarks", "answer_confirmations", "answer_remarks")


def _added(known: Any, newer: Any) -> Any:
    """Both lists, one after the other; tables so by key; of anything else the newer."""
    if isinstance(known, dict) and isinstance(newer, dict):
        return {**known, **{key: _added(known.get(key), value) for key, value in newer.items()}}
    if isinstance(known, list) and isinstance(newer, list):
        return known + [one for one in newer if one not in known]
    return newer


def _line_of(file: Path, loc: tuple[int | str, ...]) -> str:
    """``line N, `` of the table that the fault is in, where it can be told."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if len(loc) > 1 and isinstance(loc[1], int):
        listed = [number for number, line in enumerate(lines, 1) if line.startswith(f"[[{loc[0]}]]")]
        return f"line {listed[loc[1]]}, " if loc[1] < len(listed) else ""
    for depth in range(len(loc), 0, -1):
        last = str(loc[depth - 1])
        for number, line in enumerate(lines, 1):
            if line.startswith("[") and (f'"{last}"' in line or f".{last}]" in line):
                return f"line {number}, "
    return ""
