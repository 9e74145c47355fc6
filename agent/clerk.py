"""The clerk: eyes and hands on one account's page. Reads, moves and fills; cannot press a commit.

Everything a flow does goes through here, so that each look minds the deadline, clears what stands in
front of the page, stops at a challenge, and leaves a trace of what was matched.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable, Collection

from loguru import logger
from playwright.async_api import ElementHandle, Locator, Page, Response
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent import screenshot
from agent.errors import NeedsHuman, SignInNeeded, TechnicalError, UnsellError, UsageError
from agent.evidence import Evidence, StepRecord
from agent.fence import Ground, place
from agent.locators import Locators, describe
from agent.profile import Guard, Profile
from agent.tabs import Tabs

_OBSTRUCTED_MS = 2500
"""How long a click may find its control covered before what covers it is looked at."""

GRACE = 1.2
"""Seconds that what is wanted may appear later than what would end the walk."""

PATIENCE = 15 * 60
"""Seconds that a person before a visible window has for one challenge."""

_STYLED = """() => document.readyState === 'complete'
  || [...document.querySelectorAll('link[rel~=stylesheet]')].every(link => link.sheet || link.disabled)"""


class Clerk:
    """One page of one account. ``site`` fills the addresses; ``practice`` is HOST:PORT or None."""

    def __init__(
        self,
        page: Page,
        profile: Profile,
        *,
        site: str,
        evidence: Evidence,
        step_timeout: float,
        practice: str | None,
        ground: Ground | None = None,
    ) -> None:
        self.profile = profile
        self.locators = Locators(profile)
        self.site = site
        self.evidence = evidence
        self.step_timeout = step_timeout
        self.record: StepRecord | None = None
        self.focus: list[ElementHandle] = []
        self._practice = practice
        self._proved = practice is None
        self._ends = time.monotonic() + step_timeout
        addresses = [guard.url for guard in profile.guard if guard.url]
        self.tabs = Tabs(page, lambda url: any(re.search(guarded, url) for guarded in addresses))
        self.ground = ground
        """The account's ground; None: a page that is not fenced in (a test's own)."""
        if ground:
            ground.tell = self.tabs.stray
        self.opened = ""
        """The address that we typed ourselves last: it repeats what we asked for and proves nothing."""
        self.ask: Callable[[str], None] | None = None
        """Tells the person who sits before the window what to do there; None: nobody sits there."""
        self._clock: asyncio.Timeout | None = None
        self.signing_in = False
        """While signing in, the sign-in page is where we want to be."""
        self._looked_over: float | None = None
        """Which document was looked over for what may stand in front of it (its time origin)."""
        self._guards = [g.element for g in profile.guard if g.element]

    @property
    def page(self) -> Page:
        """The page in hand: the newest tab that our own clicks opened."""
        return self.tabs.page

    # -- time and tabs ---------------------------------------------------------------------------

    def start_clock(self) -> float:
        """A step begins: returns its length in seconds; every wait inside ends a moment before it."""
        self._ends = time.monotonic() + self.step_timeout
        self.tabs.broken = None
        return self.step_timeout

    @contextlib.asynccontextmanager
    async def clock(self) -> AsyncIterator[None]:
        """A step from its beginning: TimeoutError at its deadline."""
        async with asyncio.timeout(self.start_clock()) as running:
            self._clock = running
            try:
                yield
            finally:
                self._clock = None

    def left_ms(self) -> float:
        """Milliseconds until just before the step's deadline, at least one."""
        return max(1.0, (self._ends - time.monotonic()) * 1000 - 400)

    # -- looking ---------------------------------------------------------------------------------

    async def open(self, name: str, **values: str) -> None:
        """Go to an address of the profile. 5xx: TechnicalError; led elsewhere: NeedsHuman."""
        url = self.profile.url(name, self.site, **values)
        self.tabs.reset()
        response = await self.page.goto(url, wait_until="domcontentloaded", timeout=self.left_ms())
        self.opened = self.page.url
        await self._prove_target(response)
        if response and response.status >= 500:
            raise TechnicalError(f"the site answered {response.status} at {url}")
        await self.clear()

    async def _prove_target(self, response: Response | None) -> None:
        """In practice the very first answer must come from the practice consoles, else nothing goes on."""
        if self._proved:
            return
        server = await response.server_addr() if response else None
        seen = f"{server['ipAddress']}:{server['port']}" if server else "nowhere"
        if not server or not _same_address(seen, self._practice or ""):
            raise UsageError(
                f"UNSELL_PRACTICE says {self._practice}, but the browser reached {seen}: stopped"
            )
        self._proved = True

    async def see(self, *names: str, **values: str) -> str:
        """Wait until one of the elements is visible and return its name (the first of those visible).

        What stands in front is closed, a challenge raises NeedsHuman, a 5xx page TechnicalError. A page
        that has loaded and shows none of them is not recognised: NeedsHuman.
        """
        while True:
            if self.tabs.guarded:
                self.tabs.guarded = False
                await self._guard_by_address()
            target = self.locators.any_of(self.page, [*names, *self._guards], **values)
            if not await self._wait(target) and not await self.clear():
                await self._not_recognised(names)
            if await self._new_document() and await self.clear():
                continue
            for name in names:
                if await self.locators.union(self.page, name, **values).count():
                    return name
            await self.clear()  # a guard came after the page was cleared

    async def prefer(self, wanted: str, *others: str, stale: Collection[str] = (), **values: str) -> str:
        """Like ``see``, but a page may draw what is wanted last: the others are believed only after a grace.

        ``stale``: texts of the others that stood there before, and mean nothing now.
        """
        while True:
            seen = await self.see(wanted, *others, **values)
            if seen == wanted or await self.appears(wanted, GRACE, **values):
                return wanted
            if set(await self.texts(seen, **values)) - set(stale):
                return seen
            if self.left_ms() <= 1:
                await self._not_recognised((wanted, *others))

    async def _wait(self, target: Locator) -> bool:
        """True when the target is visible, or the page changed under us; False at the deadline."""
        self._not_led_away()
        self.tabs.moved.clear()
        looking = asyncio.ensure_future(_visible(target, self.left_ms()))
        moving = asyncio.ensure_future(self.tabs.moved.wait())
        try:
            await asyncio.wait({looking, moving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            moving.cancel()
            if not looking.done():
                looking.cancel()
        self._not_led_away()
        if self.tabs.broken is not None:
            raise TechnicalError(f"the site answered {self.tabs.broken} at {self.page.url}")
        return True if not looking.done() or looking.cancelled() else looking.result()

    async def _not_recognised(self, names: tuple[str, ...]) -> None:
        if await self.page.evaluate("document.readyState") != "complete":
            raise TechnicalError(f"{self.page.url} was still loading after {self.step_timeout:g} s")
        wanted = " / ".join(self.profile.element[name].what for name in names)
        raise NeedsHuman(f"the page is not recognised: looked for {wanted} at {self.page.url}")

    async def appears(self, name: str, seconds: float, **values: str) -> bool:
        """Whether the element becomes visible in time, whatever else stands there (a person is at work)."""
        return await _visible(self.locators.union(self.page, name, **values), seconds * 1000)

    async def _styled(self) -> None:
        """Wait for the page's style sheets: before them, what is meant to be hidden is visible."""
        if await self.page.evaluate(_STYLED):
            return
        with contextlib.suppress(PlaywrightTimeout):
            await self.page.wait_for_function(_STYLED, timeout=min(_OBSTRUCTED_MS, self.left_ms()))

    async def _document(self) -> float | None:
        """The document's time origin; None while one makes way for the next."""
        try:
            origin: float = await self.page.evaluate("performance.timeOrigin")
        except PlaywrightError:
            return None
        return origin

    async def _new_document(self) -> bool:
        document = await self._document()
        return document is None or document != self._looked_over

    async def clear(self) -> bool:
        """Deal with what stands in front of the page. True when something was closed: look again."""
        document = await self._document()
        await self._styled()
        await self._guard_by_address()
        guards = [g for g in self.profile.guard if g.element]
        if not guards or not await self.locators.any_of(self.page, self._guards).count():
            self._looked_over = document
            return False
        for guard in guards:
            if guard.element and await self.locators.union(self.page, guard.element).count():
                await self._meet(guard)
        return True

    def _not_led_away(self) -> None:
        if where := self.tabs.strayed:
            raise NeedsHuman(f"the page leads to a place that is not {self.profile.title}: {where}")

    def told(self, error: PlaywrightError) -> UnsellError:
        """What the browser complains of, in our words."""
        try:
            self._not_led_away()
        except NeedsHuman as why:
            return why
        return TechnicalError(f"the browser says: {error.message.splitlines()[0]}")

    async def _guard_by_address(self) -> None:
        url = self.page.url
        if url.startswith("http") and self.profile.elsewhere.match(url):
            self.tabs.stray(place(url))
        self._not_led_away()
        title: str | None = None
        for guard in self.profile.guard:
            if guard.url and re.search(guard.url, url):
                await self._meet(guard)
            if guard.title:
                title = await self.page.title() if title is None else title
                if re.search(guard.title, title):
                    await self._meet(guard)

    async def _meet(self, guard: Guard) -> None:
        if guard.kind == "broken":
            raise TechnicalError(f"{guard.says} ({self.page.url})")
        if guard.kind == "signed_out":
            if self.signing_in:
                return
            raise SignInNeeded(guard.says)
        if guard.kind == "person" or not guard.press:
            await self._by_a_person(guard)
            return
        button = self.locators.union(self.page, guard.press)
        if await button.count() != 1:
            raise NeedsHuman(f"{guard.says}: its listed button is not there exactly once")
        await self._not_a_commit(button, guard.press)
        await button.click(timeout=self.left_ms())
        logger.info("closed: {}", guard.says)
        with contextlib.suppress(PlaywrightTimeout):
            await button.wait_for(state="hidden", timeout=_OBSTRUCTED_MS)

    async def _by_a_person(self, guard: Guard) -> None:
        """Hand over; with a person at the window, wait there while the step's clock stands still."""
        says = guard.says.replace("{account}", str(self.evidence.about.get("account", "NAME")))
        if self.ask is None:
            raise NeedsHuman(says)
        self.ask(f"{says}; waiting for you in the browser window")
        if self._clock:
            self._clock.reschedule(None)
        ends = time.monotonic() + PATIENCE
        while await self._stands(guard):
            if self.page.is_closed() or time.monotonic() > ends:
                self.ask = None  # nobody sits there after all
                raise NeedsHuman(f"{says}; nobody did so in the browser window")
            await asyncio.sleep(0.3)
        seconds = self.start_clock()
        if self._clock:
            self._clock.reschedule(asyncio.get_running_loop().time() + seconds)

    async def hindered(self) -> bool:
        """Whether something stands here that is a person's to deal with."""
        return any([await self._stands(guard) for guard in self.profile.guard if guard.kind == "person"])

    async def _stands(self, guard: Guard) -> bool:
        """Whether the guard's page or layer is there now; a page on its way to another counts as there."""
        try:
            return bool(
                (guard.url and re.search(guard.url, self.page.url))
                or (guard.title and re.search(guard.title, await self.page.title()))
                or (guard.element and await self.locators.union(self.page, guard.element).count())
            )
        except PlaywrightError:
            return True

    # -- exactly one -----------------------------------------------------------------------------

    async def only(self, name: str, **values: str) -> Locator:
        """The one visible match, waited for; by the best candidate that finds any. Several: NeedsHuman."""
        found = None if await self._new_document() else await self._only_now(name, **values)
        if found is None:
            await self.see(name, **values)
            found = await self._only_now(name, **values)
        if found is None:
            raise TechnicalError(f"{self.profile.element[name].what} was there and went away")
        return found

    async def _only_now(self, name: str, **values: str) -> Locator | None:
        for rank, found in enumerate(self.locators.each(self.page, name, **values)):
            count = await found.count()
            if count > 1:
                what = self.profile.element[name].what
                raise NeedsHuman(f"{count} matches where one is needed: {what} at {self.page.url}")
            if count == 1:
                self._trace(name, rank, **values)
                return found
        return None

    async def maybe(self, name: str, **values: str) -> Locator | None:
        """The one visible match now, None when there is none. Several: NeedsHuman."""
        return await self._only_now(name, **values)

    async def any(self, name: str, **values: str) -> bool:
        """Whether at least one match is visible now."""
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
        found = await self.only(name, **values)
        return " ".join((await found.inner_text(timeout=self.left_ms())).split())

    async def text_if(self, name: str, **values: str) -> str:
        """Like ``text``, '' when there is no match now."""
        found = await self.maybe(name, **values)
        return " ".join((await found.inner_text(timeout=self.left_ms())).split()) if found else ""

    async def texts(self, name: str, **values: str) -> list[str]:
        """The visible texts of all matches now."""
        found = await self.locators.union(self.page, name, **values).all_inner_texts()
        return [" ".join(text.split()) for text in found]

    async def point_at(self, found: Locator) -> None:
        """Outline this element in the step's picture, and scroll it into view."""
        handle = await found.element_handle(timeout=self.left_ms())
        self.focus.append(handle)

    async def photograph(self, *, full: bool = False, name: str = "") -> None:
        """The step's picture, what was pointed at outlined. One that cannot be taken fails nothing."""
        if self.record is None:
            return
        try:
            shot = await screenshot.take(self.page, outline=self.focus, full=full)
            self.evidence.write(self.record, ".jpg", shot, name=name)
        except PlaywrightError as error:
            self.record.notes["no picture"] = error.message.splitlines()[0]
            logger.warning("{}: no picture: {}", self.record.id, error.message.splitlines()[0])
        self.focus = []

    async def html(self) -> str:
        """The page's HTML without what was typed into it: values are attributes of the source alone."""
        return await self.page.content()

    # -- hands -----------------------------------------------------------------------------------

    async def click(self, name: str, **values: str) -> None:
        """Press a control that only moves. One that the profile says commits is refused, always."""
        if self.profile.element[name].commit:
            raise RuntimeError(f"{name} commits: only agent.submit may press it")
        handle = await self.hold(name, **values)
        self.tabs.reset()
        await handle.click(timeout=self.left_ms())

    async def hold(self, name: str, **values: str) -> ElementHandle:
        """The very control, proved not to commit, and not covered by anything that the profile closes."""
        for attempt in (1, 2):
            found = await self.only(name, **values)
            handle = await found.element_handle(timeout=self.left_ms())
            await self._not_a_commit(found, name)
            try:
                await handle.click(trial=True, timeout=min(_OBSTRUCTED_MS, self.left_ms()))
            except PlaywrightTimeout:
                if attempt == 2 or not await self.clear():
                    raise
            else:
                break
        return handle

    async def follow(self, link: str, page: str, **values: str) -> None:
        """Press the documented link; where it is not on the page, go to the address, and say so."""
        if await self.locators.union(self.page, link).count() == 1:
            await self.click(link)
            return
        if self.record:
            self.record.drift.append(f"{link} is not on the page: went to the address of {page}")
        await self.open(page, **values)

    async def turn(self, name: str) -> None:
        """Press a list's "next page" and wait until the address has changed."""
        before = self.page.url
        await self.click(name)
        await self.page.wait_for_url(re.compile(f"^(?!{re.escape(before)}$)"), timeout=self.left_ms())

    async def fill(self, name: str, text: str) -> None:
        """Type a text that is no secret into the one field."""
        await (await self.only(name)).fill(text, timeout=self.left_ms())

    async def _not_a_commit(self, found: Locator, name: str) -> None:
        """The control about to be pressed must not be one that commits under another name."""
        commits = [n for n, _ in self.profile.commits()]
        if commits and await found.and_(self.locators.any_of(self.page, commits)).count():
            raise NeedsHuman(f"{name} matched a control that commits: nothing was pressed")


async def _visible(target: Locator, timeout_ms: float) -> bool:
    try:
        await target.wait_for(state="visible", timeout=timeout_ms)
    except PlaywrightTimeout:
        return False
    except PlaywrightError as error:
        if "strict mode violation" in error.message:
            return True
        if "closed" in error.message:
            raise TechnicalError("the browser's page was closed") from error
        raise
    return True


def _same_address(seen: str, practice: str) -> bool:
    """Whether the server's address is the practice consoles', however this machine is called there."""
    host, _, port = practice.rpartition(":")
    local = {"localhost": ("127.0.0.1", "[::1]", "::1")}.get(host, (host, host.strip("[]")))
    return any(seen == f"{name}:{port}" for name in local)
