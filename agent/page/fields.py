"""What the fields of a form hold: those that a person can change, the ids that it carries, and amounts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.async_api import ElementHandle

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.domain.money import AMOUNT, amount_shown
from agent.page.signs import MANY, ORDERS, Fields

_EDITABLE = """scope => {
  const label = e => (e.labels && e.labels[0]) || e.closest('label');
  const drawn = e => e && e.getClientRects().length > 0;
  const any = 'input:not([type=hidden], [type=submit], [type=button], [type=image], [type=reset]), textarea, '
    + 'select, [role=checkbox], [role=switch], [role=radio], [role=option], [contenteditable=true]';
  return [...scope.querySelectorAll(any)].filter(e => drawn(e) || drawn(label(e))).map(e => ({
    name: e.name || e.id || '', kind: e.type || e.getAttribute('role') || '',
    label: (label(e) ? label(e).innerText : e.getAttribute('aria-label') || '').trim(),
    value: e.matches('select') ? [...e.selectedOptions].map(o => o.value + ' ' + o.text).join('; ')
      : e.value ?? e.innerText,
    on: e.checked ?? e.getAttribute('aria-checked') ?? e.getAttribute('aria-selected') ?? e.className,
  }));
}"""
"""``on``: as the field tells it, else ARIA, else the class: that tells no state, but whether it changed."""

_IDS = """scope => {
  const seen = e => !e || e.getClientRects().length > 0;
  const own = scope.matches('form') ? [scope] : [];
  const forms = [...own, ...scope.querySelectorAll('form')].filter(seen);
  const buttons = [...scope.querySelectorAll('[formaction]')].filter(seen);
  const fixed = [...scope.querySelectorAll('input[type=hidden], input[readonly]')].filter(e => seen(e.form));
  const typed = [...scope.querySelectorAll('input:not([type=hidden], [type=radio], [type=checkbox])')]
    .filter(e => !e.readOnly && e.type !== 'password' && seen(e.form) && seen(e));
  const data = [scope, ...forms, ...scope.querySelectorAll('button, a, input')].filter(seen)
    .flatMap(e => [...e.attributes].filter(one => one.name.startsWith('data-')));
  return [
    [...forms.map(f => ['', f.getAttribute('action') || '']),
     ...buttons.map(e => ['', e.getAttribute('formaction')]),
     ...fixed.map(e => [e.name, e.value]), ...data.map(one => [one.name, one.value])],
    typed.map(e => [e.name || e.id, e.value]),
  ];
}"""
"""Of the visible forms: names and values that are not typed, and targets (named ''); then what is typed."""

_OF_MONEY = re.compile(r"amount|refund|betrag|erstattung|金额|金額|退款", re.IGNORECASE)
_REFUND = re.compile(r"refund\W?_?(?:amount|sum|total|money)|(?:amount|sum|money)\W?_?refund", re.IGNORECASE)
_SUM = re.compile(r"(?=.*[1-9])\d[\d.,]*[.,]\d{2}")
"""An amount in full, and not the nought of a field that a script fills in."""
_DECIMAL = re.compile(r"\s*\D{0,6}\d[\d.,']*[.,]\d{2}\D{0,4}\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One control that a person could change, as it stands."""

    name: str
    kind: str
    label: str
    value: str
    on: object

    def chosen(self) -> str:
        """What it says where it is ticked or chosen, else ''."""
        if self.kind.startswith("select"):
            return self.value
        choices = ("checkbox", "radio", "switch", "option")
        return self.label if self.kind in choices and self.on in (True, "true") else ""

    def amount(self) -> str:
        """Its value where that is an amount of money, else ''."""
        if self.kind not in ("text", "number", "tel") or not re.search(r"\d", self.value):
            return ""
        of_money = _OF_MONEY.search(f"{self.name} {self.label}")
        return self.value if of_money or _DECIMAL.fullmatch(self.value) else ""


async def editable(scope: ElementHandle) -> list[Field]:
    """All controls of the form that a person could change."""
    return [Field(**found) for found in await scope.evaluate(_EDITABLE)]


async def carried(scope: ElementHandle) -> tuple[Fields, Fields]:
    """What the form carries by itself (its targets are named ''), and what stands in fields to type into."""
    fixed, typed = await scope.evaluate(_IDS)
    return [(name, value) for name, value in fixed], [(name, value) for name, value in typed]


def whole_amounts(fields: list[Field], carried: Fields, total: str) -> None:
    """NeedsHuman where a field holds another amount than the order's total: a part would be refunded.

    Of what the form carries by itself, only an amount that it names a refund's.
    """
    found = [(field.label or field.name, amount) for field in fields if (amount := field.amount())]
    found += [(name, value) for name, value in carried if _REFUND.search(name) and _SUM.fullmatch(value)]
    for name, amount in found:
        if amount_shown(amount) != amount_shown(total or "?"):
            raise NeedsHuman(
                _(
                    "the field {name} holds {amount}, the order's total is {total}: nothing was pressed",
                    name=name,
                    amount=amount,
                    total=total or _("(none)"),
                ),
                code=Code.AMOUNT_DIFFERS,
            )


def this_order_alone(fields: list[Field], reason: str) -> None:
    """NeedsHuman where the form itself has ticked or chosen more than this order; its reason aside."""
    for field in fields:
        said = field.chosen()
        if MANY.search(said) and ORDERS.search(said) and not said.endswith(reason or "\0"):
            raise NeedsHuman(
                _("the form has chosen {said!r} by itself: nothing was pressed", said=said),
                code=Code.OTHER_ORDER,
            )


def states_amount(text: str, labels: list[str], total: str) -> bool:
    """Whether the text states, behind one of these labels, the whole total, and nowhere another amount."""
    label = "|".join(r"\s*".join(map(re.escape, name.split())) for name in labels)
    stated = re.findall(rf"(?:{label})\s*[:：]?\s*({AMOUNT.pattern}|\d[\d.,']*)", text, re.IGNORECASE)
    whole = amount_shown(total)
    return whole is not None and bool(stated) and all(amount_shown(one) == whole for one in stated)
