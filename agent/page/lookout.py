"""The lookout: one account's page, its step's clock, and what may stand in front of the page.

A banner is closed, a challenge stops the walk or is waited for with the person before the window, a page
that leads elsewhere is told. The clerk (``agent.page.clerk``) looks and acts behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable

from loguru import logger
from playwright.async_api import ElementHandle, Locator, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent.browser.network_guard import AccountScope
from agent.browser.press_guard import Press, place, would_post
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, SignInNeeded, TechnicalError, UnsellError, said_by_the_browser
from agent.domain.i18n import _
from agent.page.banners import dialog_around
from agent.page.by_meaning import ByMeaning
from agent.page.evidence import Evidence, StepRecord
from agent.page.glimpse import STYLED, Glimpses
from agent.page.locators import Locators
from agent.page.quiet import QUIET, QUIET_JS
from agent.page.screenshot import Camera
from agent.page.tabs import Tabs
from agent.page.together import together
from agent.profile.entries import Guard
from agent.profile.profile import Profile

OBSTRUCTED_MS = 2500
"""How long a click may find its control covered before what covers it is looked at."""

_NOT_LOADING = """[element."page.loading"]
what = "what the page shows while it loads"
candidates = [{ css = "[aria-busy=true]" }]
mark = "B"
source = "seen on the page"
"""
"""Where a page shows for ever what elsewhere means that it is loading."""
_ASKS = "confirm.dialog"
PATIENCE = 15 * 60
"""Seconds that a person before a visible window has for one challenge."""


class Lookout:
    """One page of one account. ``site`` fills the addresses; ``practice`` is HOST:PORT or None."""

    press: Press | None = None
    """The press that is guarded now (``Clerk.guarded``)."""

    def __init__(
        self,
        page: Page,
        profile: Profile,
        *,
        site: str,
        evidence: Evidence,
        step_timeout: float,
        practice: str | None,
        account_scope: AccountScope | None = None,
    ) -> None:
        self.profile = profile
        self.locators = Locators(profile)
        self.site = site
        self.evidence = evidence
        self.step_timeout = step_timeout
        self.record: StepRecord | None = None
        self.focus: ElementHandle | str | None = None
        """What the next picture outlines: an element, or the selector that pins it."""
        self.camera = Camera()
        self.by_meaning = ByMeaning(profile)
        self.whole = False
        """Whether this step's picture shows the whole page."""
        self.shown = False
        """Whether this step's picture was begun already."""
        self._clearing = asyncio.Lock()
        self._closed: set[tuple[float, str]] = set()
        """The banners whose button was pressed: the document, and their words."""
        self._picture: asyncio.Future[None] | None = None
        """The picture that is being taken."""
        self._practice = practice
        self._proved = practice is None
        self._ends = time.monotonic() + step_timeout
        self.tabs = Tabs(page, profile.guards, profile.owns)
        self.account_scope = account_scope
        """The account's scope; None: a page that is not guarded (a test's own)."""
        if account_scope:
            account_scope.tell = self.tabs.stray
        self._settled: tuple[int, int] | None = None
        """Which document, and after how many of its requests, was found settled last."""
        self.opened = ""
        """The address that we typed ourselves last: it repeats what we asked for and proves nothing."""
        self.ask: Callable[[str], None] | None = None
        """Tells the person who sits before the window what to do there; None: there is no such person."""
        self._clock: asyncio.Timeout | None = None
        self.signing_in = False
        """While signing in, the sign-in page is where we want to be."""
        self._looked_over = -1
        """Which document was looked over for what may stand in front of it, as the tabs count them."""
        self._glimpses = Glimpses(profile, [g.element for g in profile.guard if g.element])

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

    def restart_clock(self) -> None:
        """The step gets its whole time once more: another page of a list, a person was waited for."""
        seconds = self.start_clock()
        if self._clock:
            self._clock.reschedule(asyncio.get_running_loop().time() + seconds)

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

    async def settle(self) -> bool:
        """Wait until the page in hand has settled; False: it had already, when it was asked last.

        One that does not within the step leaves open what is there: TechnicalError while something is on
        its way to it, NeedsHuman where it never stands still, or says all the time that it is loading.
        """
        traffic = self.tabs.traffic
        while self._settled != (self.tabs.documents, traffic.begun):
            asked = self.tabs.documents, traffic.begun
            quiet = False
            if not traffic.waiting:
                with contextlib.suppress(PlaywrightError):  # another document comes
                    quiet = await self.page.evaluate(QUIET_JS, min(1500, self.left_ms()))
            same = asked == (self.tabs.documents, traffic.begun)
            if quiet and same and not traffic.busy and not await self._loading():
                self._settled = asked
                return True
            if self.left_ms() <= 1:
                self._undecided()
            await asyncio.sleep(QUIET / 5)
        return False

    async def _loading(self) -> bool:
        name = "page.loading"
        return name in self.profile.element and await self.locators.union(self.page, name).count() > 0

    def _undecided(self) -> None:
        where, seconds = self.page.url, f"{self.step_timeout:g}"
        if self.tabs.traffic.waiting:
            raise TechnicalError(
                _(
                    "{url} was still loading after {step_timeout:g} s",
                    url=where,
                    step_timeout=self.step_timeout,
                )
            )
        raise NeedsHuman(
            _(
                "{url} still changed, or said that it was loading, after {seconds} s: what is not on it "
                "cannot be told",
                url=where,
                seconds=seconds,
            ),
            code=Code.NOT_RECOGNISED,
            mend=_NOT_LOADING,
        )

    async def load_again(self) -> None:
        """Load the page in hand once more by its address, with a step's whole time."""
        await self.developed()
        self.restart_clock()
        self.tabs.reset()
        await self.page.goto(self.page.url, wait_until="domcontentloaded", timeout=self.left_ms())
        self._settled = None

    # -- what stands in front ----------------------------------------------------------------------

    async def appears(self, name: str, seconds: float, **values: str) -> bool:
        """Whether the element becomes visible in time, whatever else stands there (a person is at work)."""
        return await visible(self.locators.union(self.page, name, **values), seconds * 1000)

    async def _look_over(self) -> tuple[bool, bool]:
        """Whether the page is there as a whole; whether a guard's element is visible. Its address is met."""
        glimpse = await self._glimpses.of(self.page)
        if not glimpse.styled:
            with contextlib.suppress(PlaywrightError):  # too slow, or another document comes already
                timeout = min(OBSTRUCTED_MS, self.left_ms())
                await self.page.wait_for_function(f"() => {STYLED}", timeout=timeout)
            glimpse = await self._glimpses.of(self.page)
        await self._guard_by_address(glimpse.title)
        may = glimpse.may
        await self.by_meaning.mark(self.page, [e for one in may if (e := self.profile.element[one].within)])
        return glimpse.parsed, bool(may) and await self.locators.any_of(self.page, may).count() > 0

    async def clear(self) -> bool:
        """Deal with what stands in front of the page. True when something was closed: look again."""
        async with self._clearing:  # several readings may find the same new page, and press one button once
            return await self._clear()

    async def _clear(self) -> bool:
        document = self.tabs.documents
        whole, hindered = await self._look_over()
        if not hindered:
            self._looked_over = document if whole else -1
            return False
        met = False
        for guard in self.profile.guard:
            if not await self._shows(guard):
                continue
            if guard.kind == "close":
                met = await self._close_banner(guard) or met
            else:
                met = True
                await self._meet(guard)
        if not met:
            self._looked_over = document
        return met

    async def _shows(self, guard: Guard) -> bool:
        """Whether the guard's element is visible, and not the one beside which it does not count."""
        if not guard.element or not await self.locators.union(self.page, guard.element).count():
            return False
        return not guard.unless or not await self.locators.union(self.page, guard.unless).count()

    def _not_led_away(self) -> None:
        if where := self.tabs.strayed:
            raise NeedsHuman(
                _(
                    "the page leads to a place that is not {title}: {where}",
                    title=self.profile.title,
                    where=where,
                ),
                code=Code.LED_AWAY,
            )

    def _nothing_stopped(self) -> None:
        """NeedsHuman where what was pressed acts at once, or asks: what it opens is not waited for."""
        if self.press and (self.press.stopped or self.press.asked):
            raise self.press.error()

    def told(self, error: PlaywrightError) -> UnsellError:
        """What the browser complains of, in our words."""
        try:
            self._not_led_away()
        except NeedsHuman as why:
            return why
        return TechnicalError(said_by_the_browser(error))

    async def _guard_by_address(self, title: str | None = None) -> None:
        """Meet what the page's address, or its title, says stands here."""
        url = self.page.url
        if url.startswith("http") and self.profile.elsewhere.match(url):
            self.tabs.stray(place(url))
        self._not_led_away()
        for guard in self.profile.guard:
            if guard.url and re.search(guard.url, url):
                await self._meet(guard)
            if guard.title:
                title = await self.page.title() if title is None else title
                if re.search(guard.title, title):
                    await self._meet(guard)

    async def _meet(self, guard: Guard) -> None:
        if guard.kind == "broken":
            raise TechnicalError(f"{_(guard.says)} ({self.page.url})")
        if guard.kind == "signed_out":
            if self.signing_in:
                return
            raise SignInNeeded(_(guard.says))
        await self._by_a_person(guard)

    async def _close_banner(self, guard: Guard) -> bool:
        """Close a banner whose words are listed, by its one listed button. False: it is not such a one.

        Nothing that the press sends leaves, and nothing is made of it. A button is pressed once a document.
        """
        found = []
        for button in await self.locators.union(self.page, guard.press or "").element_handles():
            dialog = await dialog_around(button, self.profile)
            if dialog and dialog.is_listed(guard, self.profile) and not await would_post(button):
                found.append((button, (dialog.document, dialog.text)))
        if len(found) > 1:
            raise NeedsHuman(
                _("{says}: its listed button is not there exactly once", says=_(guard.says)),
                code=Code.NOT_RECOGNISED,
            )
        if not found or found[0][1] in self._closed:
            return False
        button, self._closed = found[0][0], {*self._closed, found[0][1]}
        await together(self._not_a_commit(button, guard.press or ""), self.developed())
        press = Press(self.profile, ends=False)
        async with self.account_scope.dropping(press) if self.account_scope else contextlib.nullcontext():
            await button.click(timeout=self.left_ms())
            with contextlib.suppress(PlaywrightError):
                await button.wait_for_element_state("hidden", timeout=OBSTRUCTED_MS)
        logger.info("closed: {}", guard.says)
        if self.record:
            self.record.notes |= press.notes()
        return True

    async def _by_a_person(self, guard: Guard) -> None:
        """Hand over; with a person at the window, wait there while the step's clock stands still."""
        account = str(self.evidence.about.get("account", "NAME"))
        says = _(guard.says).replace("{account}", account)
        command = f"unsell login {account}" if "{account}" in guard.says else ""
        if self.ask is None:
            raise NeedsHuman(says, code=Code.CHALLENGE, remedy=command)
        self.ask(_("{says}; waiting for you in the browser window", says=says))
        if self._clock:
            self._clock.reschedule(None)
        ends = time.monotonic() + PATIENCE
        while await self._stands(guard):
            if self.page.is_closed() or time.monotonic() > ends:
                self.ask = None  # there is no person after all
                raise NeedsHuman(
                    _("{says}; nobody did so in the browser window", says=says),
                    code=Code.CHALLENGE,
                    remedy=command,
                )
            await asyncio.sleep(0.3)
        self.restart_clock()

    async def developed(self) -> None:
        """The picture that is being taken is there: before anything changes what it shows."""
        if picture := self._picture:
            try:
                # Who waits may be called off; the picture is taken all the same.
                await asyncio.shield(picture)
            finally:
                if picture.done() and self._picture is picture:
                    self._picture = None

    async def hindered(self) -> bool:
        """Whether something stands here that is a person's to deal with."""
        return any([await self._stands(guard) for guard in self.profile.guard if guard.kind == "person"])

    async def _stands(self, guard: Guard) -> bool:
        """Whether the guard's page or layer is there now; a page on its way to another counts as there."""
        try:
            return bool(
                (guard.url and re.search(guard.url, self.page.url))
                or (guard.title and re.search(guard.title, await self.page.title()))
                or await self._shows(guard)
            )
        except PlaywrightError:
            return True

    async def _not_a_commit(self, found: Locator | ElementHandle, name: str, but: str = "") -> None:
        """What is pressed next must not commit under another name than ``but``, in whose form it is."""
        commits = [n for n, e in self.profile.commits() if n != but and not (but and e.within == _ASKS)]
        if not commits:
            return
        union = self.locators.any_of(self.page, commits)
        if isinstance(found, Locator):
            commits_too = await found.and_(union).count() > 0
        else:
            commits_too = await union.evaluate_all("(commits, found) => commits.includes(found)", found)
        if commits_too:
            raise NeedsHuman(
                _("{name} matched a control that commits: nothing was pressed", name=name),
                code=Code.ACTS_AT_ONCE,
            )


async def visible(target: Locator, timeout_ms: float) -> bool:
    try:
        await target.wait_for(state="visible", timeout=timeout_ms)
    except PlaywrightTimeout:
        return False
    except PlaywrightError as error:
        if "strict mode violation" in error.message:
            return True
        if "closed" in error.message:
            raise TechnicalError(_("the browser's page was closed")) from error
        raise
    return True
