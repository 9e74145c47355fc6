"""A question that the site asks after a submit: the dialog held as an element, and its text read as a whole.

A yes is meant for the whole text. So the text, less the labels of yes and no and less what belongs to this
order (number, amounts, buyer, goods, reason), is split into sentences, and each must be listed: exactly one
as a question, the others as remarks. "… all 5 orders", "… your cancellation request" and another order's
number are left over, and no yes is given.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from playwright.async_api import Dialog as NativeDialog
from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.domain.money import AMOUNT, amount_shown
from agent.domain.order import Action, Commit, Order
from agent.domain.text import skeleton, variants
from agent.page.clerk import Clerk
from agent.page.signs import MANY, ORDERS
from agent.profile.profile import Profile

_OUTERMOST = "(e, all) => !all.some(other => other !== e && other.contains(e))"
_INSIDE = "(e, dialog) => dialog.contains(e)"
_READ = """(dialog, labels) => {
  const out = [], quiet = 'script, style, noscript, template';
  const drawn = (e, part) => {
    const text = getComputedStyle(e, part).content;
    if (/^["'].*\\p{L}/u.test(text)) out.push(' ' + text.slice(1, -1) + ' ');
  };
  const read = node => {
    if (node.nodeType === Node.TEXT_NODE) {
      const kept = getComputedStyle(node.parentElement || dialog).whiteSpace.startsWith('pre');
      if (!node.parentElement || node.parentElement.checkVisibility({visibilityProperty: true}))
        out.push(kept ? node.data : node.data.replace(/\\s+/g, ' '));
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(quiet)) return;
    if (labels.includes(node)) { out.push('\\n'); return; }
    const style = getComputedStyle(node);
    if (style.display === 'none') return;
    const apart = !/^(inline|contents)/.test(style.display) || node.matches('br');
    if (apart) out.push('\\n');
    if (node.matches('iframe, frame, object, embed, canvas')) out.push(' [?] what cannot be read ');
    if (node.matches('input:not([type=hidden]), textarea, select')) out.push(' ' + node.value + ' ');
    drawn(node, '::before');
    (node.shadowRoot || node).childNodes.forEach(read);
    drawn(node, '::after');
    if (apart) out.push('\\n');
  };
  read(dialog);
  return out.join('');
}"""
"""All that can be seen of a dialog, blocks on lines of their own, without what its yes and no are called."""

_COVERED = """e => {
  if (!e.isConnected || !e.checkVisibility()) return false;
  const box = e.getBoundingClientRect();
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return hit !== null && !e.contains(hit) && !hit.contains(e);
}"""
_ENDS = re.compile(r"\n|(?<=[.!?;])\s+|(?<=[。！？；…])")
_OF_A_REQUEST = re.compile(
    r"(?:cancel|withdraw|revoke).{0,40}request|anfrage|取消.{0,12}[申请請]{2}|撤[回销銷]", re.IGNORECASE
)
"""Words that take a request back: the contrary of what is wanted."""
_ASKS = re.compile(r"[?？]\s*$|[吗嗎呢]\s*$")


@dataclass(frozen=True, slots=True)
class WeighedQuestion:
    """What a site asks, sentence by sentence, and what of it is not listed.

    ``questions``: how many sentences are listed only as a question; ``either``: as question and as remark.
    """

    text: str
    unlisted: tuple[str, ...]
    questions: int
    either: int
    foreign: bool
    """It names another order, or an amount below this order's total."""

    @property
    def listed(self) -> bool:
        """Whether each sentence is listed, and exactly one of them is the question."""
        one = self.questions == 1 or (self.questions == 0 and self.either > 0)
        return one and not self.unlisted and not self.foreign


def weigh(profile: Profile, about: Order, action: Action, text: str, *, reason: str = "") -> WeighedQuestion:
    """Hold the text of a question about this order against what the profile lists for this action.

    ``reason``: the label of the reason that was chosen, which the question may name.
    """
    shape = rf"(?<![0-9A-Za-z-])(?:{profile.order_no})(?![0-9A-Za-z-])"
    foreign = bool(set(re.findall(shape, text)) - {about.order_no})
    total = amount_shown(about.total)
    amounts = [amount_shown(found[0]) for found in AMOUNT.finditer(text)]
    less = total is not None and any(amount is None or amount < total for amount in amounts)
    asks, says = _listed(profile, action)
    unlisted, questions, either = [], 0, 0
    for sentence in _ENDS.split(_with_holes(text, about, reason)):
        known = skeleton(sentence)
        if not known:
            continue
        if known not in asks and known not in says:
            unlisted.append(" ".join(sentence.split()))
        elif known in asks:
            either += known in says
            questions += known not in says
    return WeighedQuestion(" ".join(text.split()), tuple(unlisted), questions, either, foreign or less)


def _listed(profile: Profile, action: Action) -> tuple[set[str], set[str]]:
    """The skeletons of the questions that get a yes for this action, and of the remarks around them."""
    asks, says = profile.confirmations, profile.remarks
    if action is not Action.CANCEL:
        asks, says = profile.answer_confirmations.get(action, ()), profile.answer_remarks.get(action, ())
    every = [{skeleton(one) for listed in part for one in variants(listed)} for part in (asks, says)]
    return every[0], every[1]


def _with_holes(text: str, order: Order, reason: str) -> str:
    """The text with what belongs to this order in braces: none of it decides what is asked."""
    buyer = (order.buyer, *re.findall(r"[\w.*-]{3,}", order.buyer)[-1:])
    values = [("order_no", order.order_no), ("reason", reason)]
    values += [("item", item) for item in order.items] + [("buyer", name) for name in buyer]
    for hole, value in sorted(values, key=lambda pair: -len(pair[1])):
        if len(value) >= 3:
            spaced = r"\s+".join(map(re.escape, value.split()))
            text = re.sub(rf"(?<![\w-]){spaced}(?![\w-])", f"{{{hole}}}", text)
    return AMOUNT.sub("{amount}", text)


def mend(action: Action, asked: WeighedQuestion) -> str:
    """The entry that would list what was not; '' unless the whole text is about this one order."""
    many = MANY.search(asked.text) or _OF_A_REQUEST.search(asked.text)
    digits = any(re.search(r"\d", sentence) for sentence in asked.unlisted)
    if asked.foreign or many or digits or not asked.unlisted or not ORDERS.search(asked.text):
        return ""
    unlisted = list(asked.unlisted)
    asks: list[str] = []
    if not asked.questions and not asked.either:
        asks = [next((sentence for sentence in unlisted if _ASKS.search(sentence)), unlisted[0])]
    says = [sentence for sentence in unlisted if sentence not in asks]
    answer = "" if action is Action.CANCEL else f"{action} = "
    lines = []
    for key, sentences in (("confirmations", asks), ("remarks", says)):
        if sentences:
            listed = ", ".join('"' + s.replace("\\", r"\\").replace('"', r"\"") + '"' for s in sentences)
            lines.append(f"[answer_{key}]\n{answer}[{listed}]" if answer else f"{key} = [{listed}]")
    return "\n".join(lines)


@contextlib.asynccontextmanager
async def asked_first(clerk: Clerk) -> AsyncIterator[None]:
    """Inside a guard: what ``window.confirm`` asks before the form is there gets a no, whatever it is.

    No intent is written yet, and a yes may lead to a page that cancels as it is opened: the guard lets whole
    pages through. NeedsHuman: it asked.
    """

    async def answer(dialog: NativeDialog) -> None:
        await dialog.dismiss()
        if clerk.press:
            words = _(
                "the site asks before it shows a form, and got no for an answer, since a yes may cancel at "
                "once: {words}; cancel this order in the console",
                words=" ".join(dialog.message.split()),
            )
            clerk.press.leave(NeedsHuman(words, code=Code.NOT_RECOGNISED))

    page = clerk.page
    page.on("dialog", answer)
    try:
        yield
    finally:
        page.remove_listener("dialog", answer)


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog that opened after the press, its one yes and its no, all held as elements."""

    element: ElementHandle
    yes: Sequence[ElementHandle]
    no: Sequence[ElementHandle]
    text: str

    @property
    def answerable(self) -> bool:
        """Whether there is exactly one yes, and a no. A cross that closes is a second no, and harmless."""
        return len(self.yes) == 1 and len(self.no) > 0

    async def again(self, clerk: Clerk) -> bool:
        """Whether the very dialog still asks the very same, with the very same yes and no in it."""
        now = await held(clerk, self.element)
        pairs = [*zip(self.yes, now.yes, strict=False), *zip(self.no, now.no, strict=False)]
        alike = (len(self.yes), len(self.no)) == (len(now.yes), len(now.no))
        same = [await one.evaluate("(e, other) => e === other", other) for one, other in pairs]
        return now.answerable and alike and all(same) and now.text == self.text


async def asking(clerk: Clerk) -> list[ElementHandle]:
    """What asks for confirmation now: dialogs, and boxes that are known by their question alone."""
    await clerk.by_meaning.mark(clerk.page, ["confirm.dialog"])
    return await clerk.locators.union(clerk.page, "confirm.dialog").element_handles()


async def opened(clerk: Clerk, commit: Commit, before: Sequence[ElementHandle]) -> list[Dialog]:
    """The dialogs that ask for confirmation and were not there before the press, the outermost of each.

    What holds the very control that was pressed is the form, and asks nothing.
    """
    there = await asking(clerk)
    new = [e for e in there if not await e.evaluate("(e, old) => old.includes(e)", list(before))]
    new = [e for e in new if not await e.evaluate("(e, pressed) => e.contains(pressed)", commit.handle)]
    return [await held(clerk, e) for e in new if await e.evaluate(_OUTERMOST, new)]


async def lies_over(commit: Commit) -> bool:
    """Whether something lies over the control that was pressed, and which a click has reached: a question."""
    try:
        return bool(await commit.handle.evaluate(_COVERED))
    except PlaywrightError:  # another document
        return False


async def held(clerk: Clerk, dialog: ElementHandle) -> Dialog:
    """The dialog with the yes and no that are visible in it now."""
    found = []
    for name in ("confirm.yes", "confirm.no"):
        there = await clerk.locators.union(clerk.page, name).element_handles()
        found.append([e for e in there if await e.evaluate(_INSIDE, dialog)])
    yes, no = found
    return Dialog(dialog, yes, no, await dialog.evaluate(_READ, [*yes, *no]))


__all__ = ["Dialog", "WeighedQuestion", "asked_first", "asking", "lies_over", "mend", "opened", "weigh"]
