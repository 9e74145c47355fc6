"""A press that reaches the page only while the page is as the last look saw it.

Between the last look and the click a page may put another order in this one's place: on hovering, or as the
button goes down. So the events of the press are watched from the first to the last, and stopped at the one
that finds other fields, another text of the form or question, or other order numbers. A countdown elsewhere,
or a hidden field that counts the mouse's ways, stops nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.async_api import ElementHandle, JSHandle
from playwright.async_api import Error as PlaywrightError

from agent.domain.order import Order
from agent.profile.profile import Profile

_WATCH = Path(__file__).with_name("steady.js").read_text(encoding="utf-8")


class Steady:
    """Around one press: ``async with Steady(...) as page``, then ``await page.stopped()``.

    ``parts``: the form, or the question, whose text and fields must stay as they are.
    """

    def __init__(
        self, control: ElementHandle, parts: Sequence[ElementHandle], order: Order, profile: Profile
    ) -> None:
        self._control = control
        names = sorted({name for kind in profile.id_names.values() for name in kind})
        ids = sorted({order.order_no, *(one for ones in order.ids.values() for one in ones)})
        self._about = [list(parts), names, ids, profile.order_no]
        self._state: JSHandle | None = None

    async def __aenter__(self) -> Self:
        self._state = await self._control.evaluate_handle(_WATCH, self._about)
        return self

    async def stopped(self) -> bool:
        """Whether the press was stopped at one of its events. False as well where another page came."""
        try:
            return self._state is not None and bool(await self._state.evaluate("state => state.stopped"))
        except PlaywrightError:
            return False

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state is None:
            return
        try:
            await self._state.evaluate("state => state.remove()")
        except PlaywrightError:  # another page came, and took the watch with it
            return
