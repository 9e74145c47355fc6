"""The reasons that a form offers, of any make, and the one that is wanted: by whole label or machine value.

A label counts by its whole text, or by its own line where an explanation stands in an element set apart
(a block or ``small``) after it. A word inside a label proves nothing: 非缺货原因 is not 缺货.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.async_api import ElementHandle

from agent.browser.press_guard import would_post
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused, TechnicalError
from agent.domain.i18n import _
from agent.domain.labels import reason_words
from agent.domain.order import Cancellation, Reason
from agent.domain.text import plain
from agent.profile.elements import ReasonEntry

_CHOICES = Path(__file__).with_name("choices.js").read_text(encoding="utf-8")
_LINES = 2
"""How many known reasons stand side by side in what is taken for a list of them without any role."""
_HELD = """scope => [...scope.querySelectorAll('input[type=hidden]')]
  .map((e, n) => [e.name || '#' + n, e.value])"""

Entries = Mapping[Reason, ReasonEntry]
Keeps = Callable[[], Coroutine[Any, Any, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    kind: str
    """radio, select, custom (by ARIA role), or line: a button or a line beside others, without a role."""
    n: int
    i: int = 0
    group: str
    text: str
    """The whole label."""
    line: str
    """Its own line, without an explanation."""
    value: str
    on: bool | None
    """Whether it is chosen; None where neither field nor ARIA says it."""

    def means(self, entries: Entries) -> set[Reason]:
        """The reasons that this choice stands for. NeedsHuman: its label says another than its value."""
        by_value = {word for word, entry in entries.items() if self.value in entry.values}
        by_label = {
            word for word, e in entries.items() if e.named(self.text) or (self.line and e.named(self.line))
        }
        if by_value and by_label and not by_value & by_label:
            raise NeedsHuman(
                _(
                    "the choice {text!r} has another reason's machine value, {value}: nothing was pressed",
                    text=self.text,
                    value=self.value,
                ),
                code=Code.SEVERAL_MATCHES,
            )
        return by_value & by_label or by_value | by_label


async def options_of(scope: ElementHandle, *, hidden: bool = False) -> list[Option]:
    """All choices of the form, as they stand now. ``hidden``: those of a step that is over, too."""
    return [Option(**o) for o in await scope.evaluate(_CHOICES, [hidden])]


def reason_group(options: list[Option], entries: Entries, wanted: Cancellation) -> list[Option]:
    """The group of choices that are reasons: the one with the most that the profile knows."""
    groups = groups_of(options, entries)
    if not groups:
        raise NeedsHuman(
            _("the form offers no choice of reasons that is recognised"), code=Code.NOT_RECOGNISED
        )
    ranked = sorted(groups, key=lambda group: known(group, entries), reverse=True)
    if not known(ranked[0], entries):
        offered = [option for group in groups for option in group]
        raise NeedsHuman(
            _(
                "none of the choices on the form is a reason that is recognised: {offered}",
                offered="; ".join(o.text for o in offered),
            ),
            code=Code.NOT_RECOGNISED,
            mend=_entry(offered, wanted),
        )
    if len(ranked) > 1 and known(ranked[0], entries) == known(ranked[1], entries):
        raise NeedsHuman(
            _("two groups of choices on the form could be the reasons"), code=Code.SEVERAL_MATCHES
        )
    return ranked[0]


def groups_of(options: list[Option], entries: Entries) -> list[list[Option]]:
    """The groups of choices. Lines without a role are one by the reasons in them, where there is no other."""
    groups: dict[str, list[Option]] = {}
    for option in options:
        groups.setdefault(option.group, []).append(option)
    fields = [group for group in groups.values() if group[0].kind != "line"]
    if any(known(group, entries) for group in fields):
        return fields
    lines = [group for group in groups.values() if group[0].kind == "line"]
    return fields + [group for group in lines if known(group, entries) >= _LINES]


def known(group: list[Option], entries: Entries) -> int:
    """How many of the choices are reasons that the profile knows."""
    return sum(bool(option.means(entries)) for option in group)


def the_one(options: list[Option], entries: Entries, wanted: Cancellation) -> Option:
    """The choice of the wanted reason. None: Refused, with what was offered; several: NeedsHuman."""
    fitting = [option for option in options if wanted.reason in option.means(entries)]
    if len(fitting) > 1:
        raise NeedsHuman(
            _(
                "{fitting} choices fit the reason {reason}: ",
                fitting=len(fitting),
                reason=reason_words(wanted.reason),
            )
            + "; ".join(o.text for o in fitting),
            code=Code.SEVERAL_MATCHES,
        )
    if fitting:
        return fitting[0]
    offered = tuple(o.text for o in options)
    raise Refused(
        _(
            "the page does not offer the reason {reason}; it offers: {offered}",
            reason=reason_words(wanted.reason),
            offered="; ".join(offered),
        ),
        code=Code.REASON_NOT_OFFERED,
        mend=_entry([o for o in options if not o.means(entries)], wanted),
        offered=offered,
    )


def _entry(unknown: list[Option], wanted: Cancellation) -> str:
    """The entry that would list the label that means this reason; '' where every label means another."""
    labels = [re.sub(r'["\\\\]', "", o.line or o.text.splitlines()[0]) for o in unknown if o.text]
    if not labels:
        return ""
    language = "zh-CN" if re.search(r"[\u4e00-\u9fff]", "".join(labels)) else "en"
    listed = ", ".join(f'"{label}"' for label in labels)
    return (
        f"[reason.{wanted.role}.{wanted.reason}]\n# keep the one that means it\nnames.{language} = [{listed}]"
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """Where the choices are (``within``: the form, or the whole page where its list opens elsewhere), and the
    box of the form that unfolds them, where there is one."""

    form: ElementHandle
    within: ElementHandle
    box: ElementHandle | None = None

    async def pick(self, option: Option, entries: Entries, *, timeout: float) -> Keeps:
        """Choose it. What comes back asks whether this very choice is still the one that is chosen.

        ``timeout``: milliseconds. TechnicalError: the list changed, or does not keep it. NeedsHuman: the form
        does not tell which one is chosen.
        """
        before: list[list[str]] = await self.form.evaluate(_HELD)
        await self._press(option, timeout=timeout)
        own = (
            self.within == self.form
        )  # a list over the page may be another form's: only this one's word counts
        group = await _of_its_group(self.within, option) if own else []
        put = [pair for pair in await self.form.evaluate(_HELD) if pair not in before]
        if own and await is_chosen(self.within, option):
            return lambda: is_chosen(self.within, option)
        told = bool(group) and all(one.on is not None for one in group)
        if any(one.on for one in group) or (told and not put):
            raise TechnicalError(
                _("the reason {text!r} was chosen, but the page does not keep it", text=option.text)
            )
        if len(put) > 1 or not (put or await self._shows(option)):
            raise NeedsHuman(
                _("the form does not tell which reason is chosen: {text!r} was pressed", text=option.text),
                code=Code.BOX_NOT_RECOGNISED,
            )
        for _name, value in put:
            replace(option, value=value).means(entries)  # NeedsHuman: another reason's machine value
        shows = await self._shows(option)

        async def keeps() -> bool:
            held: list[list[str]] = await self.form.evaluate(_HELD)
            return all(pair in held for pair in put) and await self._shows(option) == shows

        return keeps

    async def _shows(self, option: Option) -> bool:
        """Whether the box shows this choice's label, and nothing else."""
        return self.box is not None and plain(await self.box.inner_text()) == plain(option.text)

    async def _press(self, option: Option, *, timeout: float) -> None:
        changed = TechnicalError(_("the list of reasons changed while it was read"))
        if option.kind == "select":
            select = (await self.within.query_selector_all("select"))[option.n]
            texts: list[str] = await select.evaluate("s => [...s.options].map(o => o.text.trim())")
            if texts[option.i] != option.text:
                raise changed
            await select.select_option(index=option.i, timeout=timeout)
            return
        sought = [False, option.kind, option.n]
        control = (await self.within.evaluate_handle(_CHOICES, sought)).as_element()
        if control is None or (option.kind == "line" and (await control.inner_text()).strip() != option.text):
            raise changed
        if target := await would_post(control):  # HTML's own default for a button that looks like a choice
            raise NeedsHuman(
                _(
                    "choosing {text!r} would post a form to {target}: it was not pressed",
                    text=option.text,
                    target=target,
                ),
                code=Code.ACTS_AT_ONCE,
            )
        await control.click(timeout=timeout)


async def _of_its_group(scope: ElementHandle, option: Option) -> list[Option]:
    """The choices beside it as they stand now, also of a step that is over or of a list that has closed."""
    group = [o for o in await options_of(scope) if o.group == option.group]
    return group or [o for o in await options_of(scope, hidden=True) if o.group == option.group]


async def is_chosen(scope: ElementHandle, wanted: Option) -> bool:
    """Whether this very choice, by label and value, and no other of its group is chosen."""
    group = await _of_its_group(scope, wanted)
    chosen: list[Any] = [(plain(option.text), option.value) for option in group if option.on]
    return chosen == [(plain(wanted.text), wanted.value)]


__all__ = ["Offer", "Option", "groups_of", "known", "options_of", "reason_group", "the_one"]
