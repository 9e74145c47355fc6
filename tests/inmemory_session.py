"""The real program at the marketplace in memory: only what needs a browser is stood in for.

Runner, case, submit, read_back, sync and ledger are the real ones, and so is the order in which they do
things. Left out is what a page is needed for: a flow's walk, the last look before the intent, the press
itself. That those do in a browser what they do here is for the other tests, which mock nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from loguru import logger
from playwright.async_api import Error as PlaywrightError

from agent.account.session import AccountSession
from agent.domain.codes import Code
from agent.domain.errors import AccountBusy, NeedsHuman, Refused, SignInNeeded, TechnicalError
from agent.domain.order import Cancellation, Commit, Order, Request, Role, SiteReading, State, Via
from agent.engine.order_run import Options
from agent.engine.runner import Runner
from agent.engine.submit import FormResponse, Said
from agent.engine.sync import Sync
from agent.ledger.lock import Held
from agent.ledger.store import Ledger, Row
from agent.marketplace.flow import Flow, Shop
from agent.page.evidence import Evidence, StepRecord
from agent.profile.profile import load
from agent.settings.settings import Settings
from agent.settings.settings import load as load_settings
from tests.inmemory import OPEN, JumpingLoop, Manners, Script, Site, WallClock
from tests.ledgers import WANTED

PROFILE = load("ebay")
PAGE_SECONDS = 0.7
"""What every page costs: things happen while a run is at work."""


class Crash(BaseException):
    """The program dies here. As with a SIGKILL, nothing of its own catches it."""


class Bug(RuntimeError):
    """A fault of the program, in a place that nobody thought of."""


ERRORS: dict[str, Callable[[str], BaseException]] = {
    "crash": Crash,
    "technical": TechnicalError,
    "signed out": SignInNeeded,
    "a person": lambda words: NeedsHuman(words, code=Code.CHALLENGE),
    "bug": Bug,
    "lock lost": AccountBusy,
}
ANSWERS = {
    # what is said, and whether a request was sent
    "done": (Said.DONE, True),
    "a lie": (Said.DONE, False),
    "no answer": (Said.NOTHING, True),
    "nothing at all": (Said.NOTHING, False),
    "no": (Said.NO, False),
    "no, and yet": (Said.NO, True),
    "unlisted": (Said.UNLISTED, False),
    "other": (Said.OTHER, False),
    "browser gone": (None, True),
}


class InMemoryLedger(Ledger):
    """The real ledger; a run may die just before and just after each thing it writes."""

    def __init__(self, url: str, meet: Callable[[str], object]) -> None:
        super().__init__(url)
        self._meet = meet
        # Here the program dies, never the machine: waiting for the disk would be the tests' longest part.
        self._engine.dispose()
        sa.event.listen(self._engine, "connect", lambda db, _: db.execute("PRAGMA synchronous=OFF"))

    def intend(self, row: Row, **given: Any) -> Row:
        self._meet("before the intent")
        return super().intend(row, **given)

    def settle(self, row: Row, state: State, **given: Any) -> Row:
        self._meet("before it settles")
        row = super().settle(row, state, **given)
        self._meet("settled, not sealed")
        return row


class _Page:
    """Where the real clerk has a tab. All that is asked of it here is its address."""

    url = "https://in.memory/"

    def locator(self, _: str) -> _Page:
        raise PlaywrightError("there is no page")

    async def evaluate(self, *_: object) -> None:
        raise PlaywrightError("there is no page")


async def _nothing_to_keep(_: str) -> None:
    """There is no session here that a later run could find."""


class _Clerk:
    """Where the real clerk looks and photographs, this one meets what the script says."""

    def __init__(self, evidence: Evidence, meet: Callable[[str], object]) -> None:
        self.evidence = evidence
        self.profile = PROFILE
        self.page = _Page()
        self.site = PROFILE.sites[0]
        self.tabs = self
        self.whole = self.shown = False
        self._meet = meet

    async def close_popups(self) -> None: ...

    async def show(self) -> None:
        if self.whole:
            self._meet("answered")

    async def photograph(self, *, full: bool = False, name: str = "") -> None: ...

    async def developed(self) -> None: ...

    async def html(self) -> str:
        return "<p>in memory"


class _Flow(Flow):
    sign_in_step = "sign-in"

    def __init__(self, clerk: _Clerk, shop: Shop, site: Site) -> None:
        super().__init__(cast("Any", clerk), shop)
        self._site = site
        self._meet = clerk._meet

    async def signed_in_as(self) -> str | None:
        return "Shop"

    async def open_sign_in(self) -> None: ...

    async def find(self, wanted: Cancellation) -> Order:
        await self._load("find")
        listed, eligible = self._site.page("list"), not self._site.shipped
        return Order(
            order_no=wanted.order_no, status=listed.words, reading=listed, pages=(listed,), eligible=eligible
        )

    async def prepare(self, wanted: Cancellation, order: Order) -> Commit:
        """The form knows what is true now; a site without a guard opens it all the same."""
        await self._load("form")
        standing = self._site.now()
        if self._site.shipped or (self._site.manners.guard and standing.verdict in OPEN):
            said = f"the form says that the order is {standing.verdict}"
            raise Refused(said, code=Code.THE_SITE_SAYS_NO, site_state=order.status)
        there = cast("Any", wanted.reason.value)
        return Commit(
            page=there, handle=there, element="form.submit", step="ES4", label="Submit", via=Via.CANCEL,
            reason_label=wanted.reason.value, order=order, signs=("order number",), still_proved=there,
        )  # fmt: skip

    async def letter(self, order: Order, text: str) -> Commit:
        """Nobody is told anything here."""
        raise AssertionError

    async def requests(self) -> list[Request]:
        return []

    async def request_listed(self, order_no: str) -> bool:
        await self._load("read back")
        return self._site.lists_a_request()

    @property
    def listed_row(self) -> str:
        return "row"

    async def listed(self) -> AsyncGenerator[Mapping[str, SiteReading], None]:
        """One order is never looked for in a list of many."""
        raise AssertionError
        yield {}

    async def read_back(self, wanted: Cancellation, view: str) -> SiteReading:
        assert wanted.order_no
        await self._load("read back")
        return self._site.page(view)

    async def _load(self, place: str) -> None:
        await asyncio.sleep(PAGE_SECONDS)
        self._meet(place)


class InMemory:
    """One order, the site that it was sold at, and the program, run after run, crashes between."""

    def __init__(self, manners: Manners, settings: Settings, wanted: Cancellation) -> None:
        self.loop = JumpingLoop()
        self.wall = WallClock(self.loop)
        self.site = Site(manners, self.loop.time)
        self.settings = settings
        self.wanted = wanted
        self.script = Script()
        self.ledger = InMemoryLedger(settings.database, self._meet)

    @property
    def row(self) -> Row | None:
        return self.ledger.get(self.wanted.platform, Role.SELLER, self.wanted.order_no)

    def close(self) -> None:
        self.ledger.close()
        self.loop.close()

    def cancel(self, wanted: Cancellation, script: Script, **options: Any) -> bool:
        """``unsell cancel``. True: it came to its end, False: it died on the way."""
        return self._run(script, lambda stop: self._runner(stop, **options).run([wanted]))

    def sync(self, script: Script) -> bool:
        return self._run(
            script, lambda stop: Sync(self.settings, self.ledger, cast("Any", self), stop).run(None)
        )

    def wait(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def _runner(self, stop: asyncio.Event, **options: Any) -> Runner:
        return Runner(self.settings, self.ledger, Options(**options), cast("Any", self), stop)

    def _run(self, script: Script, work: Callable[[asyncio.Event], Coroutine[Any, Any, object]]) -> bool:
        self.script = script
        self.wall.set(script.clock)
        self._stop = asyncio.Event()
        try:
            with self._in_place():
                self.loop.run_until_complete(work(self._stop))
        except BaseExceptionGroup as errors:
            if errors.split((Crash, Bug))[1]:
                raise
            self.ledger.close()
            self.ledger = InMemoryLedger(self.settings.database, self._meet)
            return False
        return True

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """This session where the program opens a browser, these two where it needs a page, this clock."""
        with pytest.MonkeyPatch.context() as patch:
            for module in ("agent.engine.runner", "agent.engine.sync"):
                patch.setattr(f"{module}.Browser", self._browser)
                patch.setattr(f"{module}.open_session", self._open_session)
            patch.setattr("agent.engine.submit._prove", self._prove)
            patch.setattr("agent.engine.submit._press", self._press)
            patch.setattr("agent.engine.submit._steady", lambda *_: contextlib.nullcontext())
            patch.setattr("agent.ledger.schema.datetime", self.wall)
            patch.setattr("agent.page.evidence.datetime", self.wall)
            yield

    @asynccontextmanager
    async def _browser(self, _: Settings) -> AsyncIterator[InMemory]:
        yield self

    @asynccontextmanager
    async def _open_session(
        self, _: object, settings: Settings, name: str, *, wait: bool, say: object
    ) -> AsyncIterator[AccountSession]:
        assert wait is False
        about = {"account": name, "order_no": name}
        evidence = Evidence.begin(settings.evidence_dir, self.wanted.platform, "_sign-in", name, about)
        flow = _Flow(_Clerk(evidence, self._meet), Shop(name, Role.SELLER, "in.memory"), self.site)
        lock = SimpleNamespace(check=lambda: self._meet("lock"))
        session = AccountSession(
            name, name, flow.profile, flow, evidence, cast("Any", lock),
            _keep=_nothing_to_keep, _sign_in=cast("Any", self),
        )  # fmt: skip
        await session.ensure_signed_in()
        yield session

    # -- what the program asks of its voice, its sign-in and its page -----------------------------------

    asks = True

    def say(self, text: str) -> None: ...

    def ended(self, outcome: object) -> None: ...

    def need_a_person(self, waiting: object) -> None: ...

    async def approve(self, wanted: Cancellation, commit: Commit) -> str | None:
        assert wanted.reason.value == commit.reason_label
        met = self._meet("approve")
        if met == "an hour goes by":
            await asyncio.sleep(3600)
        return None if met == "no consent" else "tester"

    async def ensure(self) -> str:
        await asyncio.sleep(PAGE_SECONDS)
        self._meet("sign in")
        return "Shop"

    async def _prove(self, clerk: _Clerk, _: Commit, record: StepRecord) -> None:
        self._meet("last look")
        clerk.evidence.write(record, ".jpg", b"the form", name="before")

    async def _press(self, _: _Clerk, commit: Commit, _page: object, _lock: Held) -> FormResponse:
        self._meet("intent on disk")
        said, sent = ANSWERS[answer := self.script.answer()]
        turned_away = self.site.receive(commit.reason_label, sent=sent)
        await asyncio.sleep(PAGE_SECONDS)
        self._meet("pressed")
        if said is None:
            raise Bug("the browser is gone")
        return FormResponse(
            Said.NO if turned_away and said is Said.DONE else said, f"the form says: {answer}"
        )

    def _meet(self, place: str) -> str:
        kind = self.script.at(place)
        if error := ERRORS.get(kind):
            raise error(f"{kind} at: {place}")
        doing: dict[str, Callable[[], None]] = {
            "interrupt": self._stop_now,
            "buyer asks": self.site.buyer_asks,
            "colleague cancels": self.site.colleague_cancels,
            "ships": self.site.ship,
        }
        doing.get(kind, lambda: None)()
        return kind

    def _stop_now(self) -> None:
        self._stop.set()


# -- for the tests --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def in_memory_template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as a user has them, and a ledger that is up to date, to be copied."""
    home = tmp_path_factory.mktemp("in-memory")
    shop = {"PLATFORM": "ebay", "ROLE": "seller", "SITE": "ebay.com"}
    environ = {f"UNSELL_ACCOUNTS__SHOP1__{name}": value for name, value in shop.items()}
    made = load_settings(environ={**environ, "UNSELL_HOME": str(home)}, cwd=home)
    Ledger(made.database).close()
    return made


@pytest.fixture
def sold_at(in_memory_template: Settings, tmp_path: Path) -> Iterator[Callable[..., InMemory]]:
    """``sold_at(manners)``: one order at such a site, and the program with a fresh home."""
    opened: list[InMemory] = []

    def begin(manners: Manners, wanted: Cancellation = WANTED, **more: Any) -> InMemory:
        home = tmp_path / str(len(opened))
        settings = in_memory_template.model_copy(update={"home": home, **more})
        settings.make_state()
        shutil.copy(in_memory_template.state / "ledger.sqlite3", settings.state)
        opened.append(InMemory(manners, settings, wanted))
        return opened[-1]

    logger.disable("agent")
    yield begin
    logger.enable("agent")
    for world in opened:
        world.close()
