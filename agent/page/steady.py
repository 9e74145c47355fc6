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

from agent.domain.errors import TechnicalError, first_line
from agent.domain.i18n import _
from agent.domain.order import Order
from agent.profile.profile import Profile

_WATCH = Path(__file__).with_name("steady.js").read_text(encoding="utf-8")


class Steady:
    """Around the last look and one press: ``async with Steady(...) as page``, then ``await page.stopped()``.

    TechnicalError: the control is gone. ``parts``: the form, or the question, whose text and fields must stay
    as they are.
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
        try:
            self._state = await self._control.evaluate_handle(_WATCH, self._about)
        except PlaywrightError as error:
            raise TechnicalError(
                _("the control went away before it was pressed: {error}", error=first_line(error))
            ) from error
        return self

    async def stopped(self) -> bool:
        """End the watch: was the press stopped at one of its events? False where another page came."""
        return await self._ask("(state.remove(), state.stopped)", other_page=False)

    async def kept(self) -> bool:
        """Whether the fields that are still there hold what they held. True where another page came."""
        return await self._ask("state.kept()", other_page=True)

    async def _ask(self, what: str, *, other_page: bool) -> bool:
        try:
            return other_page if self._state is None else bool(await self._state.evaluate(f"state => {what}"))
        except PlaywrightError:
            return other_page

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stopped()
