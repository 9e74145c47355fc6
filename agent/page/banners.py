"""A dialog in front of the page: its own words, and the profile's entry by which it would be closed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import ElementHandle

from agent.domain.i18n import _
from agent.page.look import marked
from agent.profile.entries import Guard
from agent.profile.profile import Profile

# The outermost box around an element: an inner one may hold only a button and a few harmless words. What
# holds the page's own content is no dialog, whatever its class. Shadow roots are climbed out of.
_BOX = """(inner, css) => {
  const above = e => e.parentElement || (e.getRootNode().host || null);
  const floats = e => ['fixed', 'absolute', 'sticky'].includes(getComputedStyle(e).position);
  let box = null;
  for (let e = inner; e && e !== document.body && e !== document.documentElement; e = above(e)) {
    const content = e.querySelector('main, [role=main], nav');
    if (!content && (e.matches(css) || e.matches('dialog') || (box && floats(e)))) box = e;
  }
  return box;
}"""

_WORDS = """box => {
  const buttons = [], words = [];
  const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
  const folded = text => text.replace(/\\s+/g, ' ').trim();
  const label = e => folded(e.innerText || e.value || e.getAttribute('aria-label') || '');
  const walk = node => {
    if (node.nodeType === Node.TEXT_NODE) { words.push(node.data); return; }
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return;
    if (node.matches && node.matches('script, style, noscript, template')) return;
    if (node.matches && !shown(node) && getComputedStyle(node).display !== 'contents') return;
    if (node.matches && node.matches('button, [role=button], input, select, a')) {
      if (label(node)) buttons.push(label(node));
      if (!node.matches('a')) return;
    }
    [...node.childNodes, ...(node.shadowRoot ? node.shadowRoot.childNodes : [])].forEach(walk);
  };
  walk(box);
  return {text: folded(words.join(' ')), buttons, document: performance.timeOrigin};
}"""

_COVERS = """(e, css) => {
  const at = e.getBoundingClientRect();
  const hit = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
  return hit && !e.contains(hit) && !hit.contains(e) ? hit : null;
}"""


@dataclass(frozen=True, slots=True)
class Dialog:
    """``text`` without the buttons, which are named in ``buttons``; ``document``: which one it stands in."""

    box: ElementHandle
    text: str
    buttons: tuple[str, ...]
    document: float

    def is_listed(self, guard: Guard, profile: Profile) -> bool:
        """Whether it is this guard's banner. One that names an order is none."""
        labels = " ".join(self.buttons)
        if profile.banners is None or profile.names_an_order(f"{self.text} {labels}"):
            return False
        return guard.lists(self.text, labels, profile.banners)


async def dialog_around(inner: ElementHandle, profile: Profile) -> Dialog | None:
    """The outermost dialog around an element; None: it is in none."""
    box = (await inner.evaluate_handle(_BOX, _css(profile))).as_element()
    if box is None:
        return None
    said: dict[str, Any] = await box.evaluate(_WORDS)
    return Dialog(box, said["text"], tuple(said["buttons"]), said["document"])


async def dialog_over(control: ElementHandle, profile: Profile) -> Dialog | None:
    """The dialog that lies over a control; None: nothing does, or no dialog."""
    hit = (await control.evaluate_handle(_COVERS)).as_element()
    return await dialog_around(hit, profile) if hit else None


def _css(profile: Profile) -> str:
    """The boxes of all banners of the profile."""
    buttons = [profile.element[g.press] for g in profile.guard if g.kind == "close" and g.press]
    boxes = dict.fromkeys(button.within for button in buttons if button.within)
    named = [(box, profile.element[box]) for box in boxes]
    ways = [one.css for _name, element in named for one in element.candidates if one.css]
    ways += [marked(name, element, {}) for name, element in named if any(w.means for w in element.candidates)]
    return ", ".join(ways) or "dialog"


def entry_of(dialog: Dialog, profile: Profile, language: str) -> str:
    """The profile's entries by which this dialog would be closed; a person says by which button."""
    closing = (profile.element[g.press] for g in profile.guard if g.kind == "close" and g.press)
    box = next((button.within for button in closing), "dialog")
    note = _(
        "only where it is a banner; names: the button that closes it and does nothing else, one of {labels}",
        labels=_listed(dialog.buttons),
    )
    what = _text(dialog.text[:60])
    return f"""# {note}
[[guard]]
kind = "close"
says = {what}
element = "banner.own"
press = "banner.own"
texts = [{_text(dialog.text)}]

[element."banner.own"]
what = {what}
within = "{box}"
candidates = [{{ roles = ["button", "link"] }}]
names.{language} = [{_listed(dialog.buttons[-1:])}]
mark = "B"
source = "seen in front of a page"
"""


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(_text, texts))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
