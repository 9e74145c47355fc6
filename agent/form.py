"""A cancel form, whatever it is made of: page or dialog, radios or select, button, link or input.

Nobody here has seen the real ones, so nothing depends on their markup: the scope comes from the profile,
the options are read from what the page offers, and the reason is chosen by what it says, never swapped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import ElementHandle

from agent.clerk import Clerk
from agent.errors import NeedsHuman, Refused, TechnicalError
from agent.i18n import _
from agent.order import Action, Cancellation, Commit, Order, Via
from agent.profile import ReasonEntry

SCOPE = "form.scope"

_OPTIONS = """scope => {
  const seen = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
  const label = e => (e.labels && e.labels[0]) || e.closest('label');
  const text = e => (label(e) ? label(e).innerText : '') || e.getAttribute('aria-label') || '';
  const found = [];
  [...scope.querySelectorAll('input[type=radio]')].forEach((e, n) => {
    if (seen(label(e) || e) && !e.disabled)
      found.push({kind: 'radio', n, group: 'radio:' + e.name, text: text(e).trim(), value: e.value});
  });
  [...scope.querySelectorAll('select')].forEach((s, n) => {
    if (seen(s)) [...s.options].forEach((o, i) => {
      if (!o.disabled && o.value !== '' ) found.push(
        {kind: 'select', n, i, group: 'select:' + n, text: o.text.trim(), value: o.value});
    });
  });
  return found;
}"""

_CHOSEN = """scope => {
  const label = e => (e.labels && e.labels[0]) || e.closest('label');
  const radios = [...scope.querySelectorAll('input[type=radio]:checked')]
    .map(e => ((label(e) ? label(e).innerText : '') || e.getAttribute('aria-label') || '').trim());
  const selects = [...scope.querySelectorAll('select')]
    .flatMap(s => [...s.selectedOptions].map(o => o.text.trim()));
  return [...radios, ...selects];
}"""

_FIELDS = """scope => {
  const seen = e => !e || e.getClientRects().length > 0;
  const forms = [...scope.querySelectorAll('form'), ...(scope.matches('form') ? [scope] : [])].filter(seen);
  const fields = [...scope.querySelectorAll('input[type=hidden], input[readonly]')].filter(e => seen(e.form));
  return [...forms.map(f => ['', f.getAttribute('action') || '']), ...fields.map(e => [e.name, e.value])];
}"""
"""Names and values of the visible forms' fields, and their targets (named ''): a stale copy is hidden."""

_TICKED = """scope => [...scope.querySelectorAll('input[type=checkbox]:checked')]
  .map(e => ((e.labels && e.labels[0]) || e.closest('label') || e).innerText || e.name)"""

_KINDS = {
    "item id": ("itemid", "item_id"),
    "transaction id": ("transid", "trans_id", "transactionid", "transaction_id"),
    "order id": ("orderid", "order_id"),
    "order number": ("orderno", "order_no", "ordernumber"),
    "cancel id": ("cancelid", "cancel_id"),
}
"""The names under which sites carry these ids in fields and addresses (compared case-folded)."""


@dataclass(frozen=True, slots=True)
class Option:
    kind: str
    n: int
    i: int
    group: str
    text: str
    value: str


class Form:
    """The one visible form on the clerk's page. Made by ``Form.opened``."""

    def __init__(self, clerk: Clerk, scope: ElementHandle) -> None:
        self.clerk = clerk
        self._scope = scope
        self.reason_label = ""
        self.note_filled = True
        self._letter: tuple[ElementHandle, str] | None = None

    @classmethod
    async def opened(cls, clerk: Clerk, scope: str = SCOPE) -> Form:
        """The form, waited for. Two visible ones (rendered twice): NeedsHuman."""
        found = await clerk.only(scope)
        return cls(clerk, await found.element_handle(timeout=clerk.left_ms()))

    async def choose(self, wanted: Cancellation) -> None:
        """Choose the wanted reason. Not offered: Refused with the offered labels; several fit: NeedsHuman."""
        entries = self.clerk.profile.reason[wanted.role]
        options = _reason_group(
            [Option(**{"i": 0, **o}) for o in await self._scope.evaluate(_OPTIONS)], entries
        )
        offered = tuple(o.text for o in options)
        option = _the_one(options, entries[wanted.reason], wanted.reason)
        if option is None:
            raise Refused(
                _(
                    "the page does not offer the reason {reason}; it offers: {offered}",
                    reason=wanted.reason.value,
                    offered="; ".join(offered),
                ),
                offered=offered,
            )
        await self._pick(option)
        if option.text not in await self._scope.evaluate(_CHOSEN):
            raise TechnicalError(
                _("the reason {text!r} was chosen, but the page does not keep it", text=option.text)
            )
        self.reason_label = option.text

    async def _pick(self, option: Option) -> None:
        timeout = self.clerk.left_ms()
        if option.kind == "select":
            select = (await self._scope.query_selector_all("select"))[option.n]
            await select.select_option(index=await _index(select, option), timeout=timeout)
            return
        radio = (await self._scope.query_selector_all("input[type=radio]"))[option.n]
        label = (
            await radio.evaluate_handle("e => (e.labels && e.labels[0]) || e.closest('label')")
        ).as_element()
        if label:  # the input itself may lie under its drawn icon; its label never does
            await label.click(timeout=timeout)
        else:
            await radio.check(timeout=timeout)

    async def write(self, element: str, note: str) -> None:
        """Fill the explanation; a form without such a field is remembered, not failed."""
        if await self.clerk.maybe(element) is None:
            self.note_filled = False
            return
        await self.clerk.fill(element, note)

    async def letter(self, element: str, text: str) -> None:
        """Fill a message's text; the field must keep it, word for word, until it is sent."""
        field = await (await self.clerk.only(element)).element_handle(timeout=self.clerk.left_ms())
        await field.fill(text, timeout=self.clerk.left_ms())
        self._letter = field, text
        if not await self._letter_kept():
            raise TechnicalError(_("the message's field does not keep its text: nothing was pressed"))

    async def _letter_kept(self) -> bool:
        return self._letter is None or await self._letter[0].input_value() == self._letter[1]

    async def nothing_else_ticked(self, element: str) -> None:
        """Where a box of that meaning is not found, a ticked box may be it under another name: NeedsHuman."""
        if await self.clerk.maybe(element) is None and (ticked := await self._scope.evaluate(_TICKED)):
            what = _(self.clerk.profile.element[element].what)
            raise NeedsHuman(
                _(
                    "a ticked box is not recognised and may be {what!r}: {ticked}",
                    what=what,
                    ticked="; ".join(ticked),
                )
            )

    async def tick(self, element: str, on: bool) -> None:
        """Set a box (or radio), when the form has it, to what the user decided."""
        box = await self.clerk.maybe(element)
        if box is None or await box.is_checked() == on:
            return
        handle = await box.element_handle(timeout=self.clerk.left_ms())
        owner = (await handle.evaluate_handle("e => (e.labels && e.labels[0]) || e")).as_element()
        if owner is None:
            raise TechnicalError(_("{what} went away", what=_(self.clerk.profile.element[element].what)))
        await owner.click(timeout=self.clerk.left_ms())
        if await box.is_checked() != on:
            raise TechnicalError(
                _("{what} does not keep its setting", what=_(self.clerk.profile.element[element].what))
            )

    async def commit(
        self, element: str, *, step: str, order: Order, via: Via, ids: dict[str, str],
        action: Action = Action.CANCEL, to: str = "",
    ) -> Commit:  # fmt: skip
        """Prove order and button, and hand over the one control, unpressed.

        ``ids``: what must be found in the form (its text, its fields, or the address of its own page): at
        least one is, and no other order's number or id may be. ``to``: whom the form itself must name
        besides. Not exactly one control: NeedsHuman.
        """
        clerk = self.clerk
        signs = await self._signs(ids, order.items, to)
        control = clerk.locators.union(clerk.page, element)
        await clerk.see(element)
        count = await control.count()
        if count != 1:
            raise NeedsHuman(
                _(
                    "{count} matches where one is needed: {what}",
                    count=count,
                    what=_(clerk.profile.element[element].what),
                )
            )
        handle = await control.element_handle(timeout=clerk.left_ms())
        await handle.click(trial=True, timeout=clerk.left_ms())
        clerk.focus = [handle]
        entry = clerk.profile.element[element]
        return Commit(
            page=clerk.page,
            handle=handle,
            element=element,
            step=step,
            label=" ".join(
                ((await handle.inner_text()) or await handle.get_attribute("value") or "").split()
            ),
            via=via,
            reason_label=self.reason_label,
            order=order,
            signs=signs,
            note_filled=self.note_filled,
            form_text=" ".join((await self._scope.inner_text()).split())[:2000],
            overridden=entry.overridden,
            action=action,
            still_proved=lambda: self._still(ids, order.items, to),
        )

    async def _still(self, ids: dict[str, str], goods: tuple[str, ...], to: str) -> bool:
        """Whether the form still is about this order and holds what was chosen and written."""
        chosen: list[str] = await self._scope.evaluate(_CHOSEN)
        kept = self.reason_label in chosen or not self.reason_label
        return kept and await self._letter_kept() and bool(await self._signs(ids, goods, to))

    async def _signs(self, ids: dict[str, str], goods: tuple[str, ...], to: str) -> tuple[str, ...]:
        """Where the form names the order. The goods' title is no sign: it may hold any number."""
        fields: list[tuple[str, str]] = [(k, v) for k, v in await self._scope.evaluate(_FIELDS)]
        if to:
            named = [_without(await self._scope.inner_text(), goods), *(value for _, value in fields)]
            if not any(_names(text, to) for text in named):
                raise NeedsHuman(_("the form does not say that it is for {to}: nothing was pressed", to=to))
        address = self.clerk.page.url if self.clerk.page.url != self.clerk.opened else ""
        for target in [address, *(value for name, value in fields if not name)]:
            fields += parse_qsl(urlsplit(target).query)
        _contradicts(fields, ids)
        places = {
            "the form's text": _without(await self._scope.inner_text(), goods),
            "the form's fields": "\n".join(value for _, value in fields),
        }
        signs = tuple(
            f"{name} in {place}"
            for name, value in ids.items()
            for place, text in places.items()
            if _holds(text, value)
        )
        if not signs:
            raise NeedsHuman(_("nothing on the form says that it is about this order: nothing was pressed"))
        shape = re.compile(rf"(?<![0-9A-Za-z-])(?:{self.clerk.profile.order_no})(?![0-9A-Za-z-])")
        others = sorted(set(shape.findall(places["the form's text"])) - set(ids.values()))
        if others:
            raise NeedsHuman(
                _(
                    "the form speaks of another order ({others}): nothing was pressed",
                    others=", ".join(others),
                )
            )
        return signs


def _holds(text: str, value: str) -> bool:
    """Whether the value stands there as a whole, not inside a longer number or name."""
    shape = rf"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-){re.escape(value)}(?!-?[0-9A-Za-z])"
    return re.search(shape, text) is not None


def _names(text: str, who: str) -> bool:
    """Whether the account's name stands there as a whole; names hold dots, dashes and the like."""
    shape = rf"(?<![\w.*-]){re.escape(who)}(?![\w*-]|\.\w)"
    return re.search(shape, text, re.IGNORECASE) is not None


def _contradicts(fields: list[tuple[str, str]], ids: dict[str, str]) -> None:
    """NeedsHuman when a field or address of the form carries another id than the order's."""
    for kind, names in _KINDS.items():
        for name, value in fields:
            if kind in ids and name.casefold() in names and value and value not in ids.values():
                raise NeedsHuman(
                    _(
                        "the form's {name} is {value}, the order's {kind} {ids}: nothing was pressed",
                        name=name,
                        value=value,
                        kind=kind,
                        ids=ids[kind],
                    )
                )


def _without(text: str, phrases: tuple[str, ...]) -> str:
    """The text, white space folded, less these phrases."""
    text = " ".join(text.split())
    for phrase in sorted((" ".join(p.split()) for p in phrases), key=len, reverse=True):
        text = text.replace(phrase, " … ") if phrase else text
    return text


def _reason_group(options: list[Option], entries: Any) -> list[Option]:
    """The group of choices that are reasons: the one with the most labels that the profile knows."""
    groups: dict[str, list[Option]] = {}
    for option in options:
        groups.setdefault(option.group, []).append(option)
    if not groups:
        raise NeedsHuman(_("the form offers no choice of reasons that is recognised"))

    def known(group: list[Option]) -> int:
        return sum(any(entry.matches(o.text, o.value) for entry in entries.values()) for o in group)

    ranked = sorted(groups.values(), key=known, reverse=True)
    if not known(ranked[0]):
        offered = "; ".join(o.text for o in ranked[0])
        raise NeedsHuman(
            _("none of the choices on the form is a reason that is recognised: {offered}", offered=offered)
        )
    if len(ranked) > 1 and known(ranked[0]) == known(ranked[1]):
        raise NeedsHuman(_("two groups of choices on the form could be the reasons"))
    return ranked[0]


def _the_one(options: list[Option], entry: ReasonEntry, reason: str) -> Option | None:
    """The option of that reason: by whole label or machine value first, then by words inside."""
    exact = ReasonEntry(values=entry.values, names=entry.names, mark=entry.mark, source=entry.source)
    for rule in (exact, entry):
        fitting = [o for o in options if rule.matches(o.text, o.value)]
        if len(fitting) > 1:
            raise NeedsHuman(
                _("{fitting} choices fit the reason {reason}: ", fitting=len(fitting), reason=reason)
                + "; ".join(o.text for o in fitting)
            )
        if fitting:
            return fitting[0]
    return None


async def _index(select: ElementHandle, option: Option) -> int:
    texts: list[str] = await select.evaluate("s => [...s.options].map(o => o.text.trim())")
    if texts[option.i] != option.text:
        raise TechnicalError(_("the list of reasons changed while it was read"))
    return option.i
