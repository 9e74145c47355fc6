"""The reasons that a form offers, of any make, and the one that is wanted: by whole label or machine value.

A label counts by its whole text, or by its own line where an explanation stands in an element set apart
(a block or ``small``) after it. A word inside a label proves nothing: 非缺货原因 is not 缺货.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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

_OPTIONS = """(scope, hidden) => {
  const seen = e => hidden || e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
  const label = e => (e.labels && e.labels[0]) || e.closest('label');
  const named = e => (e.getAttribute('aria-labelledby') || '').split(/\\s+/).filter(Boolean)
    .map(id => document.getElementById(id)).find(Boolean);
  const beside = e => {
    let text = '';
    for (let n = e.nextSibling; n && n.nodeName !== 'INPUT' && n.nodeName !== 'BR'; n = n.nextSibling)
      text += n.innerText ?? n.data ?? '';
    return text;
  };
  const apart = e => /^(?!inline|contents)/.test(getComputedStyle(e).display) || e.nodeName === 'SMALL';
  const parts = e => {
    const found = [], walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (!node.data.trim() || !node.parentElement.checkVisibility({visibilityProperty: true})) continue;
      let own = node.parentElement;
      while (own !== e && !apart(own)) own = own.parentElement;
      if (found.length && found.at(-1).own === own) found.at(-1).text += node.data;
      else if (found.some(part => part.own === own)) return [];
      else found.push({own, text: node.data});
    }
    return found.map(part => part.text.replace(/\\s+/g, ' ').trim());
  };
  const from = e => label(e) || named(e);
  const words = e => {
    const by = from(e);
    const text = by ? by.innerText : e.getAttribute('aria-label') || beside(e);
    return {text: text.trim(), line: by ? (parts(by)[0] || '') : ''};
  };
  const found = [];
  [...scope.querySelectorAll('input[type=radio]')].forEach((e, n) => {
    if (seen(label(e) || e) && !e.disabled)
      found.push({kind: 'radio', n, group: 'radio:' + e.name, value: e.value, on: e.checked, ...words(e)});
  });
  [...scope.querySelectorAll('select')].forEach((s, n) => {
    if (seen(s)) [...s.options].forEach((o, i) => {
      if (!o.disabled && o.value !== '') found.push({kind: 'select', n, i, group: 'select:' + n,
        text: o.text.trim(), line: '', value: o.value, on: o.selected});
    });
  });
  [...scope.querySelectorAll('[role=radio], [role=option]')].forEach((e, n) => {
    if (!seen(e) || e.querySelector('input') || e.getAttribute('aria-disabled') === 'true') return;
    const list = e.closest('[role=radiogroup], [role=listbox]') || scope;
    const told = e.getAttribute('aria-checked') ?? e.getAttribute('aria-selected');
    found.push({kind: 'custom', n, value: e.getAttribute('data-value') || '', on: told && told === 'true',
      group: 'custom:' + [...scope.querySelectorAll('[role=radiogroup], [role=listbox]')].indexOf(list),
      text: e.innerText.trim(), line: parts(e)[0] || ''});
  });
  return found;
}"""
"""``on``: whether it is chosen; null where neither field nor ARIA says it. ``line``: the label's own."""

_CONTROL = """(scope, [kind, n]) => {
  if (kind === 'custom') return [...scope.querySelectorAll('[role=radio], [role=option]')][n];
  const e = [...scope.querySelectorAll('input[type=radio]')][n];
  return e && ((e.labels && e.labels[0]) || e.closest('label') || e);
}"""
"""The input itself may lie under its drawn icon; its label never does."""

Entries = Mapping[Reason, ReasonEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    kind: str
    n: int
    i: int = 0
    group: str
    text: str
    """The whole label."""
    line: str
    """Its own line, without an explanation."""
    value: str
    on: bool | None

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
    return [Option(**o) for o in await scope.evaluate(_OPTIONS, hidden)]


def reason_group(options: list[Option], entries: Entries, wanted: Cancellation) -> list[Option]:
    """The group of choices that are reasons: the one with the most that the profile knows."""
    groups: dict[str, list[Option]] = {}
    for option in options:
        groups.setdefault(option.group, []).append(option)
    if not groups:
        raise NeedsHuman(
            _("the form offers no choice of reasons that is recognised"), code=Code.NOT_RECOGNISED
        )

    def known(group: list[Option]) -> int:
        return sum(bool(option.means(entries)) for option in group)

    ranked = sorted(groups.values(), key=known, reverse=True)
    if not known(ranked[0]):
        offered = "; ".join(o.text for o in options)
        raise NeedsHuman(
            _("none of the choices on the form is a reason that is recognised: {offered}", offered=offered),
            code=Code.NOT_RECOGNISED,
            mend=_entry(options, wanted),
        )
    if len(ranked) > 1 and known(ranked[0]) == known(ranked[1]):
        raise NeedsHuman(
            _("two groups of choices on the form could be the reasons"), code=Code.SEVERAL_MATCHES
        )
    return ranked[0]


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


async def pick(scope: ElementHandle, option: Option, *, timeout: float) -> None:
    """Choose it. TechnicalError: the list changed, or does not keep it; NeedsHuman: it does not tell."""
    if option.kind == "select":
        select = (await scope.query_selector_all("select"))[option.n]
        texts: list[str] = await select.evaluate("s => [...s.options].map(o => o.text.trim())")
        if texts[option.i] != option.text:
            raise TechnicalError(_("the list of reasons changed while it was read"))
        await select.select_option(index=option.i, timeout=timeout)
    else:
        control = (await scope.evaluate_handle(_CONTROL, [option.kind, option.n])).as_element()
        if control is None:
            raise TechnicalError(_("the list of reasons changed while it was read"))
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
    if not await is_chosen(scope, option):
        raise TechnicalError(
            _("the reason {text!r} was chosen, but the page does not keep it", text=option.text)
        )


async def is_chosen(scope: ElementHandle, wanted: Option) -> bool:
    """Whether this very choice, by label and value, and no other of its group is chosen.

    NeedsHuman: neither a field nor ARIA says which one is.
    """
    group = [o for o in await options_of(scope) if o.group == wanted.group]
    group = group or [o for o in await options_of(scope, hidden=True) if o.group == wanted.group]
    if any(option.on is None for option in group):
        raise NeedsHuman(
            _("the form does not tell which reason is chosen: {text!r} was pressed", text=wanted.text),
            code=Code.BOX_NOT_RECOGNISED,
        )
    chosen: list[Any] = [(plain(option.text), option.value) for option in group if option.on]
    return chosen == [(plain(wanted.text), wanted.value)]


__all__ = ["Option", "is_chosen", "options_of", "pick", "reason_group", "the_one"]
