"""Where a form names an order: what counts as a sign, and what contradicts one. Only texts, no page.

A sign is an id that only one order has. An item may be shared by all orders of a listing, so its id is
none by itself; another order's id under any name that the platform has for ids contradicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.profile.profile import Profile

Ids = Mapping[str, tuple[str, ...]]
"""An order's ids by kind, those of all its lines; of a kind that is not known here: none."""
Fields = list[tuple[str, str]]

ITEM = "item id"
MANY = re.compile(
    r"\b(?:all|every|each|both|other|others|orders|items|alle[nrs]?|sämtliche[nrs]?|beide[nrs]?|andere[nrs]?"
    r"|bestellungen)\b|全部|所有|全体|全體|批量|每[个個笔筆]|一并|一併|其他|其它|其餘|其余|[两兩几幾多][个個笔筆]",
    re.IGNORECASE,
)
"""Words of more than one."""
ORDERS = re.compile(r"order|bestellung|transaction|purchase|kauf|订单|訂單|交易", re.IGNORECASE)
_AN_ID = re.compile(r"\d{5}|[0-9a-f]{16}", re.IGNORECASE)
_LABELLED = re.compile(r"([^\W\d_][\w .]{0,24}?)\s*[:：#]\s*([0-9A-Za-z][0-9A-Za-z-]{4,39})(?![\w-])")


def holds(text: str, value: str) -> bool:
    """Whether the value stands there as a whole, not inside a longer number or name."""
    shape = rf"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-){re.escape(value)}(?!-?[0-9A-Za-z])"
    return re.search(shape, text) is not None


def names(text: str, who: str) -> bool:
    """Whether the account's name stands there as a whole; names hold dots, dashes and the like."""
    shape = rf"(?<![\w.*-]){re.escape(who)}(?![\w*-]|\.\w)"
    return re.search(shape, text, re.IGNORECASE) is not None


def asked_for(address: str) -> Fields:
    """Names and values of an address's query."""
    return parse_qsl(urlsplit(address).query)


def kinds_of(name: str, profile: Profile) -> set[str]:
    """The kinds of id that a field or parameter of this name may hold."""
    plain = _folded(name.rpartition(".")[2].removeprefix("data-"))
    return {kind for kind, known in profile.id_names.items() if plain in known or plain.rstrip("s") in known}


def _labelled(label: str, profile: Profile) -> set[str]:
    """The kinds of id that the end of a text may announce: "… Order number"."""
    plain = _folded(label)
    return {kind for kind, known in profile.id_names.items() if any(plain.endswith(name) for name in known)}


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def learnt(fields: Fields, kind: str, profile: Profile) -> tuple[str, ...]:
    """The ids of that kind in these fields; a transaction 0 means that there is none."""
    found = [value for name, value in fields if kind in kinds_of(name, profile)]
    return tuple(dict.fromkeys(value for value in found if _AN_ID.search(value)))


def _is_own(value: str, ids: Ids) -> bool:
    """Whether it is one of the order's ids, or a pair of an item and a transaction of its own."""
    own = {one.casefold() for values in ids.values() for one in values}
    if value.casefold() in own or value == "0":
        return True
    item, _dash, rest = value.partition("-")
    transactions = ids.get("transaction id", ())
    return item in ids.get(ITEM, ()) and (rest == "0" or rest in transactions or not transactions)


def strangers(fields: Fields, text: str, ids: Ids, profile: Profile) -> list[str]:
    """The ids of another order, in fields and targets by their names, in the text by shape or label too."""
    found = []
    named = [(name, value, kinds_of(name, profile)) for name, value in fields]
    named += [(name, value, _labelled(name, profile)) for name, value in _LABELLED.findall(text)]
    for name, value, kinds in named:
        if any(ids.get(kind) for kind in kinds):
            ids_there = [v for v in re.split(r"[,;|\s]+", value) if _AN_ID.search(v)]
            found += [f"{name.strip()} {v}" for v in ids_there if not _is_own(v, ids)]
    targets = "\n".join(value for name, value in fields if not name)
    for shape, where in ((profile.order_no, text), *((s, f"{text}\n{targets}") for s in profile.id_shapes)):
        whole = re.findall(rf"(?<![0-9A-Za-z-])(?:{shape})(?![0-9A-Za-z-])", where)
        found += [value for value in whole if not _is_own(value, ids)]
    return list(dict.fromkeys(found))


def contradicts(fields: Fields, text: str, ids: Ids, profile: Profile) -> None:
    """NeedsHuman when another order's id is there."""
    if found := strangers(fields, text, ids, profile):
        raise NeedsHuman(
            _("the form speaks of another order ({others}): nothing was pressed", others=", ".join(found)),
            code=Code.OTHER_ORDER,
        )


def signs_in(places: Mapping[str, str], ids: Ids, *, alone: bool = False) -> tuple[str, ...]:
    """The order's own ids in these places. ``alone``: the item has this one order, so its id counts."""
    return tuple(
        f"{kind} in {place}"
        for kind, values in ids.items()
        if kind != ITEM or alone
        for place, text in places.items()
        if any(_AN_ID.search(value) and holds(text, value) for value in values)
    )


def without(text: str, phrases: Iterable[str]) -> str:
    """The text, white space folded, less these phrases."""
    text = " ".join(text.split())
    for phrase in sorted((" ".join(p.split()) for p in phrases), key=len, reverse=True):
        text = text.replace(phrase, " … ") if phrase else text
    return text
