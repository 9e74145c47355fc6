"""A cancel form, whatever it is made of: page or dialog, radios or select, button, link or input.

Nobody here has seen the real ones, so nothing depends on their markup: the scope comes from the profile,
the options are read from what the page offers, and the reason is chosen by what it says, never swapped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, TechnicalError
from agent.domain.i18n import _
from agent.domain.order import Action, Cancellation, Commit, FormPrint, Order, Via
from agent.domain.text import lasting
from agent.page.clerk import Clerk
from agent.page.evidence import StepRecord
from agent.page.fields import Field, carried, editable, states_amount, this_order_alone, whole_amounts
from agent.page.reasons import Entries, Offer, groups_of, known, options_of, reason_group, the_one
from agent.page.signs import (
    Fields,
    Ids,
    asked_for,
    contradicts,
    kinds_of,
    names,
    signs_in,
    strangers,
    without,
)
from agent.page.together import together
from agent.profile.elements import Element, entry_with_name

SCOPE, BOX = "form.scope", "form.reasons"
_UNFOLDS = 3.0
"""Seconds in which a box of reasons opens."""
_FRESH = 2.0
"""Seconds for which the picture of the filled form is the picture before the click."""

_NAMES = """scope => [...scope.querySelectorAll('input, select, textarea, button')]
  .filter(e => !e.form || e.form.getClientRects().length > 0).map(e => e.name || e.type)"""

_LABEL = "e => e.innerText || e.getAttribute('value') || ''"

_CONTROLS = """scope => [...scope.querySelectorAll(
    'button, a, [role=button], [role=link], input[type=submit], input[type=button]')]
  .map(e => [(e.getAttribute('aria-label') || e.value || e.textContent || '').trim(), e.checkVisibility()])"""

_TICKED = """scope => [...scope.querySelectorAll(
    'input[type=checkbox]:checked, [role=checkbox][aria-checked=true], [role=switch][aria-checked=true]')]
  .map(e => ((e.labels && e.labels[0]) || e.closest('label') || e).innerText || e.name)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a form must be about."""

    order: Order
    ids: Ids
    link: Fields = field(default_factory=list)
    """Names and values of the very link that opened it, in the order's own row or page."""
    stepped: bool = False
    """It is the last step of a wizard: its own address only repeats what the first one was told."""
    alone: bool = False
    """Its item has no other order: the item's id counts as a sign."""
    to: str = ""
    """Whom the form itself must name besides."""


class Form:
    """The one visible form on the clerk's page. Made by ``Form.opened``."""

    def __init__(self, clerk: Clerk, scope: ElementHandle) -> None:
        self.clerk = clerk
        self._scope = scope
        self.reason_label = self._reason = ""
        self._offered: tuple[str, ...] = ()
        self.note_filled = True
        self._missing: list[str] = []
        self._kept: list[Callable[[], Coroutine[Any, Any, bool]]] = []
        """What was chosen, written and ticked: each is asked again right before the press."""

    @classmethod
    async def opened(cls, clerk: Clerk, scope: str = SCOPE) -> Form:
        """The form, waited for. Two visible ones (rendered twice): NeedsHuman."""
        clerk.by_meaning.kept.discard(scope)
        form = cls(clerk, await clerk.held(scope))
        clerk.by_meaning.kept.add(scope)  # a step of it may hide what it was known by
        return form

    async def choose(self, wanted: Cancellation) -> None:
        """Choose the wanted reason. Not offered: Refused with the offered labels; several fit: NeedsHuman."""
        entries = self.clerk.profile.reason[wanted.role]
        offer = await self._offer(entries)
        options = reason_group(await options_of(offer.within), entries, wanted)
        self._offered = tuple(option.text for option in options)
        reason = the_one(options, entries, wanted)
        await self.clerk.developed()
        self.clerk.filling(reason.line or reason.text)
        keeps = await offer.pick(reason, entries, timeout=self.clerk.left_ms())
        self.reason_label, self._reason = reason.line or reason.text, reason.text
        self._kept.append(keeps)

    async def _offer(self, entries: Entries) -> Offer:
        """The form's reasons, unfolded where they lie in a box that opens: in the form, or over the page."""
        offer, clerk = Offer(self._scope, self._scope), self.clerk
        unknown = not any(
            known(group, entries) for group in groups_of(await options_of(self._scope), entries)
        )
        box = await clerk.held_if(BOX) if unknown and BOX in clerk.profile.element else None
        body = await clerk.page.query_selector("body")
        if not box or not body:
            return offer
        await clerk.click(BOX)
        ends = time.monotonic() + _UNFOLDS
        while time.monotonic() < ends:
            for within in (self._scope, body):
                if any(known(group, entries) for group in groups_of(await options_of(within), entries)):
                    return Offer(self._scope, within, box)
            await asyncio.sleep(0.05)
        return offer

    async def next_step(self, onward: str, last: str) -> None:
        """Go on where the reason stands on a step of its own; the control only moves, else it is stopped.

        ``onward``: that control's element; ``last``: the one that commits. A name that both have ("Continue")
        is a step only where a control that can only be the last waits in the same form, not shown yet.
        """
        clerk, entries = self.clerk, self.clerk.profile.element
        if not await clerk.maybe(onward):
            return
        steps, ends = entries[onward].name_pattern(), entries[last].name_pattern()
        labels: list[tuple[str, bool]] = await self._scope.evaluate(_CONTROLS)
        final = [shown for label, shown in labels if ends.fullmatch(label) and not steps.fullmatch(label)]
        shared = any(steps.fullmatch(label) and ends.fullmatch(label) for label, shown in labels if shown)
        if any(final) or (shared and not final):
            return
        async with clerk.guarded(form=True):
            await clerk.click(onward, step_of=last)
            await clerk.settle()

    async def write(self, element: str, note: str) -> None:
        """Fill the explanation; a form without such a field is remembered, not failed."""
        known = element in self.clerk.profile.element
        field = await self.clerk.held_if(element) if known else None
        self.note_filled = field is not None
        if field:
            self.clerk.filling(_(self.clerk.profile.element[element].what))
            await self._fill(field, note)

    async def letter(self, element: str, text: str) -> None:
        """Fill a message's text; the field must keep it, word for word, until it is sent."""
        await self._fill(await self.clerk.held(element), text)

    async def _fill(self, field: ElementHandle, text: str) -> None:
        async def keeps() -> bool:
            return (await field.input_value()).splitlines() == text.splitlines()

        await self.clerk.developed()
        await field.fill(text, timeout=self.clerk.left_ms())
        if not await keeps():
            raise TechnicalError(_("the field does not keep its text: nothing was pressed"))
        self._kept.append(keeps)

    async def tick(self, element: str, on: bool, *, contrary: str = "") -> bool:
        """Set a box (or radio) to what the user decided; False where the form has none.

        ``contrary``: the same box, worded the other way round. NeedsHuman: its state is not told, or a ticked
        or a drawn box may be it under another name.
        """
        box = await self.clerk.held_if(element)
        if box is None and contrary and (box := await self.clerk.held_if(contrary)):
            element, on = contrary, not on
        if box is None:
            await self._nothing_else_is_it(element)
            return False
        await self._set(box, element, on)
        return True

    async def tick_if_there(self, element: str, on: bool, *, contrary: str = "") -> None:
        """The same; a box that is wished and not there is said."""
        if not await self.tick(element, on, contrary=contrary) and on:
            what = _(self.clerk.profile.element[element].what)
            self._missing.append(
                _("the form has no box {what!r}: the site does as it does without", what=what)
            )

    async def _set(self, box: ElementHandle, element: str, on: bool) -> None:
        what = _(self.clerk.profile.element[element].what)

        async def keeps() -> bool:
            return await box.is_checked() == on

        try:
            there = await keeps()
        except PlaywrightError as error:
            raise NeedsHuman(
                _("the form does not tell whether {what!r} is ticked", what=what),
                code=Code.BOX_NOT_RECOGNISED,
            ) from error
        if not there:
            owner = (await box.evaluate_handle("e => (e.labels && e.labels[0]) || e")).as_element()
            if owner is None:
                raise TechnicalError(_("{what} went away", what=what))
            await self.clerk.developed()
            self.clerk.filling(what)
            await owner.click(timeout=self.clerk.left_ms())
            if not await keeps():
                raise TechnicalError(_("{what} does not keep its setting", what=what))
        self._kept.append(keeps)

    async def _nothing_else_is_it(self, element: str) -> None:
        """NeedsHuman where a ticked box may be this one under another name, or its words stand at none."""

        async def other() -> list[str]:
            found: list[str] = await self._scope.evaluate(_TICKED)
            lines = (await self._scope.inner_text()).splitlines()
            return found + [line for line in lines if entry.name_pattern().fullmatch(line)]

        async def keeps() -> bool:
            return not await other()

        entry = self.clerk.profile.element[element]
        if there := await other():
            raise NeedsHuman(
                _(
                    "a ticked box is not recognised and may be {what!r}: {ticked}",
                    what=_(entry.what),
                    ticked="; ".join(there),
                ),
                code=Code.BOX_NOT_RECOGNISED,
                mend=entry_with_name(element, entry, there[0]),
            )
        self._kept.append(keeps)

    async def pays_all_back(self, element: str, amount: str, total: str) -> None:
        """Tick the box of the full refund; without one, the form itself must state the whole total."""
        entries = self.clerk.profile.element
        labels = [name for names in entries[amount].names.values() for name in names]

        async def states() -> bool:
            return states_amount(await self._scope.inner_text(), labels, total)

        box = await self.clerk.held_if(element)
        if box is not None:
            await self._set(box, element, True)
        elif await states():
            self._kept.append(states)
        else:
            raise NeedsHuman(
                _(
                    "the form has no {what!r} and does not state that the whole total {total} is paid back",
                    what=_(entries[element].what),
                    total=total or _("(none)"),
                ),
                code=Code.BOX_NOT_RECOGNISED,
                mend=entry_with_name(element, entries[element], "…"),
            )

    async def commit(
        self, element: str, *, step: str, about: About, via: Via, action: Action = Action.CANCEL
    ) -> Commit:
        """Prove order, amounts and button, and hand over the one control, unpressed.

        At least one id that this order alone has must be found, and no other order's may be: else NeedsHuman
        (NO_SIGN, OTHER_ORDER). Not exactly one control: NeedsHuman.
        """
        clerk = self.clerk
        await clerk.developed()
        control = clerk.locators.union(clerk.page, element)
        signs, text, there, fields = await together(
            self._signs(about), self._scope.inner_text(), control.element_handles(), editable(self._scope)
        )
        fixed, _typed = await self._carried(self._scope)
        whole_amounts(fields, fixed, about.order.total)
        this_order_alone(fields, self._reason)
        known_by = await self._scope.evaluate(_NAMES)
        if not there:
            await clerk.see(element)
            there = await control.element_handles()
        entry = clerk.profile.element[element]
        handle = _only_one(there, entry)
        label, _free = await together(handle.evaluate(_LABEL), clerk.in_reach(handle))
        clerk.focus = handle
        record, shown_at = clerk.record, time.monotonic()
        return Commit(
            page=clerk.page,
            handle=handle,
            element=element,
            step=step,
            label=" ".join(label.split()),
            via=via,
            reason_label=self.reason_label,
            order=replace(about.order, ids={**about.order.ids, **about.ids}),
            signs=signs,
            note_filled=self.note_filled,
            form_text=" ".join(text.split())[:2000],
            form=FormPrint(_sorted(known_by), _sorted(self._offered)),
            overridden=entry.overridden,
            action=action,
            parts=(self._scope,),
            missing=tuple(self._missing),
            still_proved=lambda: self._still(about, fields),
            pictured=lambda: _fresh(record, shown_at),
        )

    async def _still(self, about: About, fields: list[Field]) -> bool:
        """Whether the form still is about this order and holds what was chosen, written and ticked."""
        signs, now, *kept = await together(
            self._signs(about), editable(self._scope), *(keeps() for keeps in self._kept)
        )
        return bool(signs) and now == fields and all(kept)

    async def _signs(self, about: About) -> tuple[str, ...]:
        """Where the form names the order. The goods' title is no sign: it may hold any number."""
        profile, page = self.clerk.profile, self.clerk.page
        (fields, typed), shown = await together(self._carried(self._scope), self._scope.inner_text())
        text = without(shown, about.order.items)
        named = [text, *(value for _, value in fields)]
        if about.to and not any(names(one, about.to) for one in named):
            raise NeedsHuman(
                _("the form does not say that it is for {to}: nothing was pressed", to=about.to),
                code=Code.NO_SIGN,
            )
        targets = [value for name, value in fields if not name]
        opened = urlsplit(self.clerk.opened or "").path
        if opened != urlsplit(page.url).path:  # an address that we typed says nothing
            targets.append(page.url)
        asked = [pair for target in targets for pair in asked_for(target)]
        contradicts([*fields, *typed, *asked], text, about.ids, profile)
        if about.stepped:
            asked = [pair for target in targets if target != page.url for pair in asked_for(target)]
        places = {
            "the form's text": text,
            "the form's fields": "\n".join(value for _, value in [*fields, *asked]),
            "the link that opened it": "\n".join(value for _, value in about.link),
        }
        if signs := signs_in(places, about.ids, alone=about.alone) or await self._page_names(about):
            return signs
        raise NeedsHuman(
            _("nothing on the form says that it is about this order: nothing was pressed"),
            code=Code.NO_SIGN,
        )

    async def _carried(self, scope: ElementHandle) -> tuple[Fields, Fields]:
        """What it carries by itself, of ``data-`` attributes those named like ids; and what is typed."""
        fixed, typed = await carried(scope)
        profile = self.clerk.profile
        return [f for f in fixed if not f[0].startswith("data-") or kinds_of(f[0], profile)], typed

    async def _page_names(self, about: About) -> tuple[str, ...]:
        """The order's ids in the document around the form, where that names no other order."""
        body = await self.clerk.page.query_selector("body")
        if body is None:
            return ()
        (fields, _typed), shown = await together(self._carried(body), body.inner_text())
        text = without(shown, about.order.items)
        if strangers(fields, text, about.ids, self.clerk.profile):
            return ()
        return signs_in({"the page": f"{text}\n" + "\n".join(value for _, value in fields)}, about.ids)


def _only_one(there: list[ElementHandle], entry: Element) -> ElementHandle:
    """The control; NeedsHuman where there is none, or more than one."""
    if len(there) == 1:
        return there[0]
    raise NeedsHuman(
        _("{count} matches where one is needed: {what}", count=len(there), what=_(entry.what)),
        code=Code.SEVERAL_MATCHES,
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    """As they last: a number in them may be another one each time, and so may their order."""
    return tuple(sorted({lasting(name) for name in names}))


def _fresh(record: StepRecord | None, shown_at: float) -> str | None:
    """The step's picture of the filled form, unless a person was asked since and took their time."""
    if record is None or "no picture" in record.notes or time.monotonic() - shown_at > _FRESH:
        return None
    return record.files[-1] if record.files else None
