"""The row that holds a control, asked once more as the control is pressed: which order does it name?

A list may sort itself anew, or give its rows other orders' contents, between the reading and the press. So
the press itself is watched: at each of its events the row must name what it named when it was proved.
"""

from __future__ import annotations

import contextlib
from typing import Literal

from playwright.async_api import ElementHandle, JSHandle, Page
from playwright.async_api import Error as PlaywrightError

_ARM = """([control, rows, shape, order]) => {
  const whole = new RegExp(`^\\\\s*(?:[^:：]*[:：#]\\\\s*)?(${shape})\\\\s*$`, 'u');
  const only = new RegExp(`^(?:${shape})$`, 'u');
  const row = rows.filter(one => one.contains(control)).pop();
  const guard = {state: row ? 'armed' : 'gone', off: () => {}};
  if (!row) return guard;
  const links = () => [...row.querySelectorAll('a[href]')].map(link => link.href);
  const own = one => JSON.stringify([...one.attributes].filter(
    a => a.name === 'id' || a.name === 'href' || (a.name.startsWith('data-') && a.name !== 'data-unsell-pin')
  ).map(a => [a.name, a.value]));
  const numbers = () => {
    const found = [], texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) found.push((whole.exec(texts.currentNode.data) || [])[1]);
    return found.filter(number => number).join();
  };
  const named = {};
  for (const link of links().filter(link => URL.canParse(link, document.baseURI)))
    for (const [key, value] of new URL(link, document.baseURI).searchParams)
      if (only.test(value)) (named[key.toLowerCase()] ||= new Set()).add(value);
  if (Object.values(named).some(values => values.has(order) && values.size > 1)) guard.state = 'several';
  const first = {row: own(row), control: own(control), links: links(), numbers: numbers()};
  const same = () => row.isConnected && row.contains(control) && own(row) === first.row
    && own(control) === first.control && numbers() === first.numbers
    && (now => first.links.every(link => now.includes(link)))(links());
  const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
  const watch = event => {
    if (guard.state === 'armed' && same()) return;
    if (guard.state === 'armed') guard.state = 'stopped';
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  kinds.forEach(kind => window.addEventListener(kind, watch, true));
  guard.off = () => kinds.forEach(kind => window.removeEventListener(kind, watch, true));
  return guard;
}"""
"""``rows``: those that name this order now. Links may come (a menu that opens), none may go."""
_OURS = """([button, before, menus]) => {
  const id = button.getAttribute('aria-controls') || button.getAttribute('aria-owns');
  const target = id ? button.getRootNode().getElementById(id) : null;
  const others = [...document.querySelectorAll('[aria-controls]')].filter(one => one !== button);
  const led = menu => others.some(one => menu.id && one.getAttribute('aria-controls') === menu.id);
  return menus.map(menu => {
    if (target) return target === menu || target.contains(menu) || menu.contains(target);
    return !before.includes(menu) && !led(menu);
  });
}"""
_HELD = "([menu, rows]) => rows.some(row => row.contains(menu))"

State = Literal["armed", "gone", "several", "stopped"]


class RowGuard:
    """Armed for one press of one control in one row."""

    def __init__(self, armed: JSHandle) -> None:
        self._armed = armed

    @classmethod
    async def arm(
        cls, page: Page, control: ElementHandle, rows: list[ElementHandle], shape: str, order_no: str
    ) -> RowGuard:
        """``rows``: the visible rows that name ``order_no`` now; ``shape``: the pattern of a number."""
        return cls(await page.evaluate_handle(_ARM, [control, rows, shape, order_no]))

    async def state(self) -> State:
        """gone: no such row holds the control; several: its row names another order too; stopped: the row
        changed, and the page saw nothing of the press."""
        try:
            found: State = await self._armed.evaluate("guard => guard.state")
        except PlaywrightError:  # the press has led to another document: nothing was stopped
            return "armed"
        return found

    async def disarm(self) -> State:
        """The press is over: its state, and nothing is watched any more."""
        state = await self.state()
        with contextlib.suppress(PlaywrightError):
            await self._armed.evaluate("guard => guard.off()")
        return state


async def led_by(
    page: Page, button: ElementHandle, before: list[ElementHandle], menus: list[ElementHandle]
) -> list[bool]:
    """Of each open menu: whether this button has opened it. ``before``: what was open before the press."""
    found: list[bool] = await page.evaluate(_OURS, [button, before, menus])
    return found


async def lies_in(page: Page, menu: ElementHandle, rows: list[ElementHandle]) -> bool:
    found: bool = await page.evaluate(_HELD, [menu, rows])
    return found
