"""A cancel form, whatever it is made of: page or dialog, radios or select, button, link or input.

Nobody here has seen the real ones, so nothing depends on their markup: the scope comes from the profile,
the options are read from what the page offers, and the reason is chosen by what it says, never swapped.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import ElementHandle

from agent.clerk import Clerk
from agent.codes import Code
from agent.errors import NeedsHuman, TechnicalError
from agent.evidence import StepRecord
from agent.i18n import _
from agent.order import Action, Cancellation, Commit, FormPrint, Order, Via
from agent.reasons import Option, is_chosen, options_of, pick, reason_group, the_one
from agent.signs import contradicts, holds, names, without
from agent.together import together
from agent.words import lasting

SCOPE = "form.scope"
_FRESH = 2.0
"""Seconds for which the picture of the filled form is the picture before the click."""

_FIELDS = """scope => {
  const seen = e => !e || e.getClientRects().length > 0;
  const forms = [...scope.querySelectorAll('form'), ...(scope.matches('form') ? [scope] : [])].filter(seen);
  const fields = [...scope.querySelectorAll('input[type=hidden], input[readonly]')].filter(e => seen(e.form));
  return [...forms.map(f => ['', f.getAttribute('action') || '']), ...fields.map(e => [e.name, e.value])];
}"""
"""Names and values of the visible forms' fields, and their targets (named ''): a stale copy is hidden."""

_NAMES = """scope => [...scope.querySelectorAll('input, select, textarea, button')]
  .filter(e => !e.form || e.form.getClientRects().length > 0).map(e => e.name || e.type)"""

_LABEL = "e => e.innerText || e.getAttribute('value') || ''"

_TICKED = """scope => [...scope.querySelectorAll('input[type=checkbox]:checked')]
  .map(e => ((e.labels && e.labels[0]) || e.closest('label') || e).innerText || e.name)"""


class Form:
    """The one visible form on the clerk's page. Made by ``Form.opened``."""

    def __init__(self, clerk: Clerk, scope: ElementHandle) -> None:
        self.clerk = clerk
        self._scope = scope
        self.reason_label = ""
        self._offered: tuple[str, ...] = ()
        self.note_filled = True
        self._reason: Option | None = None
        self._letter: tuple[ElementHandle, str] | None = None

    @classmethod
    async def opened(cls, clerk: Clerk, scope: str = SCOPE) -> Form:
        """The form, waited for. Two visible ones (rendered twice): NeedsHuman."""
        return cls(clerk, await clerk.held(scope))

    async def choose(self, wanted: Cancellation) -> None:
        """Choose the wanted reason. Not offered: Refused with the offered labels; several fit: NeedsHuman."""
        entries = self.clerk.profile.reason[wanted.role]
        options = reason_group(await options_of(self._scope), entries, wanted)
        self._offered = tuple(option.text for option in options)
        self._reason = the_one(options, entries, wanted)
        await self.clerk.developed()
        await pick(self._scope, self._reason, timeout=self.clerk.left_ms())
        self.reason_label = self._reason.line or self._reason.text

    async def write(self, element: str, note: str) -> None:
        """Fill the explanation; a form without such a field is remembered, not failed."""
        field = await self.clerk.held_if(element)
        self.note_filled = field is not None
        if field:
            await self.clerk.developed()
            await field.fill(note, timeout=self.clerk.left_ms())

    async def letter(self, element: str, text: str) -> None:
        """Fill a message's text; the field must keep it, word for word, until it is sent."""
        field = await self.clerk.held(element)
        await self.clerk.developed()
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
                ),
                code=Code.BOX_NOT_RECOGNISED,
            )

    async def tick(self, element: str, on: bool) -> None:
        """Set a box (or radio), when the form has it, to what the user decided."""
        box = await self.clerk.held_if(element)
        if box is None or await box.is_checked() == on:
            return
        owner = (await box.evaluate_handle("e => (e.labels && e.labels[0]) || e")).as_element()
        if owner is None:
            raise TechnicalError(_("{what} went away", what=_(self.clerk.profile.element[element].what)))
        await self.clerk.developed()
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
        await clerk.developed()
        control = clerk.locators.union(clerk.page, element)
        signs, text, there, fields = await together(
            self._signs(ids, order.items, to), self._scope.inner_text(), control.element_handles(),
            self._scope.evaluate(_NAMES),
        )  # fmt: skip
        if not there:
            await clerk.see(element)
            there = await control.element_handles()
        if len(there) != 1:
            raise NeedsHuman(
                _(
                    "{count} matches where one is needed: {what}",
                    count=len(there),
                    what=_(clerk.profile.element[element].what),
                ),
                code=Code.SEVERAL_MATCHES,
            )
        handle = there[0]
        label, _free = await together(handle.evaluate(_LABEL), clerk.in_reach(handle))
        clerk.focus = handle
        record, shown_at = clerk.record, time.monotonic()
        entry = clerk.profile.element[element]
        return Commit(
            page=clerk.page,
            handle=handle,
            element=element,
            step=step,
            label=" ".join(label.split()),
            via=via,
            reason_label=self.reason_label,
            order=order,
            signs=signs,
            note_filled=self.note_filled,
            form_text=" ".join(text.split())[:2000],
            form=FormPrint(_sorted(fields), _sorted(self._offered)),
            overridden=entry.overridden,
            action=action,
            still_proved=lambda: self._still(ids, order.items, to),
            pictured=lambda: _fresh(record, shown_at),
        )

    async def _still(self, ids: dict[str, str], goods: tuple[str, ...], to: str) -> bool:
        """Whether the form still is about this order and holds what was chosen and written."""
        chosen, letter, signs = await together(
            self._chosen(), self._letter_kept(), self._signs(ids, goods, to)
        )
        return bool(chosen and letter and signs)

    async def _chosen(self) -> bool:
        return self._reason is None or await is_chosen(self._scope, self._reason)

    async def _signs(self, ids: dict[str, str], goods: tuple[str, ...], to: str) -> tuple[str, ...]:
        """Where the form names the order. The goods' title is no sign: it may hold any number."""
        found, shown = await together(self._scope.evaluate(_FIELDS), self._scope.inner_text())
        fields: list[tuple[str, str]] = [(k, v) for k, v in found]
        text = without(shown, goods)
        if to:
            named = [text, *(value for _, value in fields)]
            if not any(names(text, to) for text in named):
                raise NeedsHuman(
                    _("the form does not say that it is for {to}: nothing was pressed", to=to),
                    code=Code.NO_SIGN,
                )
        address = self.clerk.page.url if self.clerk.page.url != self.clerk.opened else ""
        for target in [address, *(value for name, value in fields if not name)]:
            fields += parse_qsl(urlsplit(target).query)
        contradicts(fields, ids)
        places = {
            "the form's text": text,
            "the form's fields": "\n".join(value for _, value in fields),
        }
        signs = tuple(
            f"{name} in {place}"
            for name, value in ids.items()
            for place, text in places.items()
            if holds(text, value)
        )
        if not signs:
            raise NeedsHuman(
                _("nothing on the form says that it is about this order: nothing was pressed"),
                code=Code.NO_SIGN,
            )
        shape = re.compile(rf"(?<![0-9A-Za-z-])(?:{self.clerk.profile.order_no})(?![0-9A-Za-z-])")
        others = sorted(set(shape.findall(places["the form's text"])) - set(ids.values()))
        if others:
            raise NeedsHuman(
                _(
                    "the form speaks of another order ({others}): nothing was pressed",
                    others=", ".join(others),
                ),
                code=Code.OTHER_ORDER,
            )
        return signs


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    """As they last: a number in them may be another one each time, and so may their order."""
    return tuple(sorted({lasting(name) for name in names}))


def _fresh(record: StepRecord | None, shown_at: float) -> str | None:
    """The step's picture of the filled form, unless a person was asked since and took their time."""
    if record is None or "no picture" in record.notes or time.monotonic() - shown_at > _FRESH:
        return None
    return record.files[-1] if record.files else None
