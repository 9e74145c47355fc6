"""What a clerk's eyes do: open a page, wait for what is wanted, read it, and take "exactly one" at its word.

Each look minds the step's deadline, clears what stands in front of the page, stops at a challenge, and leaves
a trace of what was matched.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import ElementHandle, Locator

from agent.browser.press_guard import Press
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, TechnicalError
from agent.domain.i18n import _
from agent.page.inpage import ask, pin_down, pinned
from agent.page.locators import describe
from agent.page.lookout import Lookout, visible
from agent.page.practice import prove_target
from agent.page.together import together

GRACE = 1.2
"""Seconds that what is wanted may appear later than what would end the walk."""

LONG_GRACE = 5.0
"""Seconds that a page may draw something late, by whatever means, before its absence ends an order."""

FAIR_LOOK = 3.0
"""Seconds that a page must have been looked at before it may be called not recognised."""

FIRST_LOOK_MS, LOOK_MS = 500, 1500
"""How long what is wanted is waited for by itself, before and between looks at what stands in front."""


T = TypeVar("T")


class One(NamedTuple):
    """One element. ``pin``: the selector of this very node; '': only Playwright sees it (a shadow root)."""

    found: Locator
    pin: str = ""


class About(NamedTuple):
    """An element's own attributes, and the addresses of the links inside it."""

    attributes: dict[str, str]
    links: list[str]


_ABOUT = """e => [
  Object.fromEntries([...e.attributes].map(one => [one.name, one.value])),
  [...e.querySelectorAll('a[href]')].map(link => link.href),
]"""


class Reader(Lookout):
    """A lookout that reads the page in hand. Presses nothing but what clears its view."""

    _pins = itertools.count(secrets.randbits(48))
    """A page may keep its HTML from one run to the next, pins and all: no two runs begin with the same."""

    _framed_by: Press | None = None
    """The press whose frame was opened last."""

    # -- looking ---------------------------------------------------------------------------------

    async def open(self, name: str, **values: str) -> None:
        """Go to an address of the profile. 5xx or 429: TechnicalError; led elsewhere: NeedsHuman."""
        url = self.profile.url(name, self.site, **values)
        await self.developed()
        self.tabs.reset()
        self.by_meaning.kept.clear()
        response = await self.page.goto(url, wait_until="domcontentloaded", timeout=self.left_ms())
        self.opened = self.page.url
        if not self._proved:
            await prove_target(response, self._practice or "")
            self._proved = True
        if response and (response.status >= 500 or response.status == 429):
            raise TechnicalError(_("the site answered {status} at {url}", status=response.status, url=url))

    async def see(self, *names: str, **values: str) -> str:
        """Wait until one of the elements is visible and return its name (the first of those visible).

        What stands in front is closed, a challenge raises NeedsHuman, a 5xx page TechnicalError. A page
        that has loaded and shows none of them is not recognised: NeedsHuman.
        """
        began = time.monotonic()
        slices = itertools.chain([FIRST_LOOK_MS], itertools.repeat(LOOK_MS))
        while True:
            if self.tabs.guarded:
                self.tabs.guarded = False
                await self._guard_by_address()
            if self.press and self.by_meaning.framed:
                await self._open_frame(self.press)
            if seen := await self._seen(names, self.any, **values):
                before = names[: names.index(seen)]  # of these, one may be there that markup does not tell
                if before and await self._means(before, **values):
                    seen = await self._seen(before, self._found, **values) or seen
                return seen
            if await self._means(names, **values) and (
                seen := await self._seen(names, self._found, **values)
            ):
                return seen
            wanted = self.locators.any_of(self.page, names, **values)
            there = await self._wait(wanted, min(next(slices), self.left_ms()))
            if there and (seen := await self._seen(names, self._found, **values)):
                return seen
            # It never came, or went away again: something may stand in front of it.
            if not await self.clear() and self.left_ms() <= 1:
                await self._not_recognised(names, began)

    async def _open_frame(self, press: Press) -> None:
        """What a press opened lies in a frame of this site: make the frame's document the page in hand.

        Its address was given by the page, not typed: it may prove what it names. Once a press: that document
        may lead back to the page around its frame.
        """
        address, self.by_meaning.framed = self.by_meaning.framed, ""
        first, self._framed_by = press is not self._framed_by, press
        if first and urlsplit(address)[:2] == urlsplit(self.page.url)[:2]:  # scheme and host
            await self.developed()
            await self.page.goto(address, wait_until="domcontentloaded", timeout=self.left_ms())

    async def _seen(
        self, names: Sequence[str], look: Callable[..., Coroutine[Any, Any, bool]], **values: str
    ) -> str | None:
        """The first of the elements that is visible now, on a page that was looked over; None: none yet."""
        self._not_broken()
        self._not_led_away()
        document = self.tabs.documents
        if self._new() and (await self.clear() or self._new()):
            return None
        there = await look(names[0], **values)
        found = [there, *await together(*(look(name, **values) for name in names[1:] if not there))]
        if document != self.tabs.documents:
            return None
        return next((name for name, is_there in zip(names, found, strict=False) if is_there), None)

    async def prefer(
        self,
        wanted: str,
        *others: str,
        stale: Collection[str] = (),
        grace: float = GRACE,
        **values: str,
    ) -> str:
        """Like ``see``, but a page may draw what is wanted last: the others are believed only on a page that
        has settled, and after a grace (seconds).

        ``stale``: texts of the others that stood there before, and mean nothing now.
        """
        began = time.monotonic()
        while True:
            seen = await self.see(wanted, *others, **values)
            if seen == wanted or await self._means_now(wanted, **values):
                return wanted
            if await self.appears(wanted, grace, **values):
                return wanted
            if await self.late(self.any, wanted, **values) or await self._means_now(wanted, **values):
                return wanted
            if set(await self.texts(seen, **values)) - set(stale):
                return seen
            if self.left_ms() <= 1:
                await self._not_recognised((wanted, *others), began)

    async def late(self, look: Callable[..., Awaitable[T]], name: str, **values: str) -> T:
        """What ``look`` finds now; where it finds nothing, what it finds once the page has settled.

        For all whose absence decides something. A page that does not settle in time: see ``settle``.
        """
        found = await look(name, **values)
        if not found and await self.settle():
            found = await look(name, **values)
        return found

    async def first_offered(self, *names: str) -> str | None:
        """The first of these that the page offers; None, after a long look, when it offers none."""
        for name in names:
            if await self.late(self.maybe, name):
                return name
        await self.appears(names[0], LONG_GRACE)
        for name in names:
            if await self.maybe(name):
                return name
        return None

    async def _wait(self, target: Locator, timeout_ms: float) -> bool:
        """True when the target is visible, or the page changed under us; False when the time is over."""
        self._not_broken()  # the answer may have come while the click was still returning
        self._not_led_away()
        self.tabs.moved.clear()
        looking = asyncio.ensure_future(visible(target, timeout_ms))
        moving = asyncio.ensure_future(self.tabs.moved.wait())
        try:
            await asyncio.wait({looking, moving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            moving.cancel()
            if not looking.done():
                looking.cancel()
        self._not_led_away()
        self._not_broken()
        return True if not looking.done() or looking.cancelled() else looking.result()

    def _not_broken(self) -> None:
        self._nothing_stopped()
        if self.tabs.broken is not None:
            raise TechnicalError(
                _("the site answered {broken} at {url}", broken=self.tabs.broken, url=self.page.url)
            )

    async def _not_recognised(self, names: tuple[str, ...], began: float) -> None:
        """NeedsHuman, where the page had its time; a slow site or machine is a TechnicalError."""
        if await self.page.evaluate("document.readyState") != "complete":
            raise TechnicalError(
                _(
                    "{url} was still loading after {step_timeout:g} s",
                    url=self.page.url,
                    step_timeout=self.step_timeout,
                )
            )
        if time.monotonic() - began < min(FAIR_LOOK, self.step_timeout / 2):
            raise TechnicalError(
                _(
                    "{step_timeout:g} s were over before {url} could be read",
                    step_timeout=self.step_timeout,
                    url=self.page.url,
                )
            )
        wanted = " / ".join(_(self.profile.element[name].what) for name in names)
        if self.record:
            self.record.notes["missing"] = list(names)
        raise NeedsHuman(
            _("the page is not recognised: looked for {wanted} at {url}", wanted=wanted, url=self.page.url),
            code=Code.NOT_RECOGNISED,
        )

    # -- exactly one -----------------------------------------------------------------------------

    async def only(self, name: str, **values: str) -> Locator:
        """The one visible match, waited for; by the best candidate that finds any. Several: NeedsHuman."""
        return (await self.one(name, **values)).found

    async def one(self, name: str, **values: str) -> One:
        """Like ``only``, and how to find this very element again."""
        return await self._waited(self._one_now, name, **values)

    async def _waited(self, look: Callable[..., Awaitable[T | None]], name: str, **values: str) -> T:
        """What ``look`` finds at once or, on a new page or where it finds nothing, once it is to be seen."""
        found = None if self._new() else await look(name, **values)
        if found is None:
            await self.see(name, **values)
            found = await look(name, **values)
        if found is None:
            raise TechnicalError(_("{what} was there and went away", what=_(self.profile.element[name].what)))
        return found

    async def _means_now(self, name: str, **values: str) -> bool:
        """Whether this element is there by what it means."""
        return await self._means([name], **values) and await self._found(name, **values)

    async def _means(self, names: Sequence[str], **values: str) -> bool:
        return await self.by_meaning.mark(self.page, names, **values)

    def _new(self) -> bool:
        """Whether the page in hand was not looked over yet for what may stand in front of it."""
        return self.tabs.documents != self._looked_over

    async def _one_now(self, name: str, **values: str) -> One | None:
        await self.by_meaning.again(self.page, name, **values)
        one = await self._one_of(name, **values)
        return await self._one_of(name, **values) if not one and await self._means([name], **values) else one

    async def _one_of(self, name: str, **values: str) -> One | None:
        pin = f"{next(self._pins)}"
        seen, its = await ask(self.page, self.profile, name, values, pin=pin), pinned(pin)
        if seen.known:
            one = self._is_the_one(len(seen.texts), name, seen.rank, **values)
            return One(self.page.locator(its), its) if one else None
        for rank, found in enumerate(self.locators.each(self.page, name, **values)):
            handles = await found.element_handles()
            if self._is_the_one(len(handles), name, rank, **values):
                return One(self.page.locator(its), its if await pin_down(handles[0], pin) else "")
        return None

    def _is_the_one(self, count: int, name: str, rank: int, **values: str) -> bool:
        """Whether this candidate found exactly one, which is traced. Several: NeedsHuman."""
        if count > 1:
            what = _(self.profile.element[name].what)
            raise NeedsHuman(
                _(
                    "{count} matches where one is needed: {what} at {url}",
                    count=count,
                    what=what,
                    url=self.page.url,
                ),
                code=Code.SEVERAL_MATCHES,
            )
        if count:
            self._trace(name, rank, **values)
        return count > 0

    async def held_if(self, name: str, **values: str) -> ElementHandle | None:
        """The one visible match now, pinned down; None when there is none. Several: NeedsHuman."""
        await self.by_meaning.again(self.page, name, **values)
        one = await self._held_of(name, **values)
        return await self._held_of(name, **values) if not one and await self._means([name], **values) else one

    async def _held_of(self, name: str, **values: str) -> ElementHandle | None:
        for rank, found in enumerate(self.locators.each(self.page, name, **values)):
            handles = await found.element_handles()
            if self._is_the_one(len(handles), name, rank, **values):
                return handles[0]
        return None

    async def held(self, name: str, **values: str) -> ElementHandle:
        """Like ``only``, pinned down: when the page redraws it, acting on it fails and hits no other."""
        return await self._waited(self.held_if, name, **values)

    async def maybe(self, name: str, **values: str) -> Locator | None:
        """The one visible match now, None when there is none. Several: NeedsHuman."""
        one = await self._one_now(name, **values)
        return one.found if one else None

    async def any(self, name: str, **values: str) -> bool:
        """Whether at least one match is visible now."""
        await self.by_meaning.again(self.page, name, **values)
        seen = await ask(self.page, self.profile, name, values, all_=True)
        if seen.known or seen.texts:
            return bool(seen.texts)
        return await self._found(name, **values)

    async def _found(self, name: str, **values: str) -> bool:
        """The same, only by Playwright."""
        return await self.locators.union(self.page, name, **values).count() > 0

    def _trace(self, name: str, rank: int, **values: str) -> None:
        if self.record is None:
            return
        how = describe(self.profile.element[name].candidates[rank])
        self.record.matched.append({"element": name, "by": how, **values})
        if rank:
            self.record.drift.append(f"{name}: found by candidate {rank + 1} ({how})")

    async def text(self, name: str, **values: str) -> str:
        """The visible text of the one match, white space folded."""
        return await self._waited(self._text_now, name, **values)

    async def text_if(self, name: str, **values: str) -> str:
        """Like ``text``, '' when there is no match now."""
        return await self._text_now(name, **values) or ""

    async def _text_now(self, name: str, **values: str) -> str | None:
        await self.by_meaning.again(self.page, name, **values)
        text = await self._text_of(name, **values)
        if text is None and await self._means([name], **values):
            return await self._text_of(name, **values)
        return text

    async def _text_of(self, name: str, **values: str) -> str | None:
        seen = await ask(self.page, self.profile, name, values)
        if seen.known:
            if not self._is_the_one(len(seen.texts), name, seen.rank, **values):
                return None
            return self._value(name, seen.rank, seen.texts[0])
        for rank, found in enumerate(self.locators.each(self.page, name, **values)):
            if self._is_the_one(await found.count(), name, rank, **values):
                text = " ".join((await found.inner_text(timeout=self.left_ms())).split())
                return self._value(name, rank, text)
        return None

    def _value(self, name: str, rank: int, text: str) -> str:
        """What was found by meaning may hold its label too: the value is what stands behind it."""
        element = self.profile.element[name]
        return element.without_label(text) if element.candidates[rank].means else text

    async def about(self, name: str, **values: str) -> About:
        """What the one match's markup says."""
        found, pin = await self.one(name, **values)
        if pin:
            return About(*await self.page.evaluate(f"pin => ({_ABOUT})(document.querySelector(pin))", pin))
        return About(*await found.evaluate(_ABOUT))

    async def texts(self, name: str, **values: str) -> list[str]:
        """The visible texts of all matches now."""
        await self.by_meaning.again(self.page, name, **values)
        seen = await ask(self.page, self.profile, name, values, all_=True)
        if seen.known:
            return seen.texts
        found = await self.locators.union(self.page, name, **values).all_inner_texts()
        return [" ".join(text.split()) for text in found]
