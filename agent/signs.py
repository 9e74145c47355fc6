"""Where a form names an order: what counts as a sign, and what contradicts one. Texts alone, no page."""

from __future__ import annotations

import re

from agent.codes import Code
from agent.errors import NeedsHuman
from agent.i18n import _

KINDS = {
    "item id": ("itemid", "item_id"),
    "transaction id": ("transid", "trans_id", "transactionid", "transaction_id"),
    "order id": ("orderid", "order_id"),
    "order number": ("orderno", "order_no", "ordernumber"),
    "cancel id": ("cancelid", "cancel_id"),
}
"""The names under which sites carry these ids in fields and addresses (compared case-folded)."""


def holds(text: str, value: str) -> bool:
    """Whether the value stands there as a whole, not inside a longer number or name."""
    shape = rf"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-){re.escape(value)}(?!-?[0-9A-Za-z])"
    return re.search(shape, text) is not None


def names(text: str, who: str) -> bool:
    """Whether the account's name stands there as a whole; names hold dots, dashes and the like."""
    shape = rf"(?<![\w.*-]){re.escape(who)}(?![\w*-]|\.\w)"
    return re.search(shape, text, re.IGNORECASE) is not None


def contradicts(fields: list[tuple[str, str]], ids: dict[str, str]) -> None:
    """NeedsHuman when a field or address of the form carries another id than the order's."""
    for kind, names in KINDS.items():
        for name, value in fields:
            if kind in ids and name.casefold() in names and value and value not in ids.values():
                raise NeedsHuman(
                    _(
                        "the form's {name} is {value}, the order's {kind} {ids}: nothing was pressed",
                        name=name,
                        value=value,
                        kind=kind,
                        ids=ids[kind],
                    ),
                    code=Code.OTHER_ORDER,
                )


def without(text: str, phrases: tuple[str, ...]) -> str:
    """The text, white space folded, less these phrases."""
    text = " ".join(text.split())
    for phrase in sorted((" ".join(p.split()) for p in phrases), key=len, reverse=True):
        text = text.replace(phrase, " … ") if phrase else text
    return text
