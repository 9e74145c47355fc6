"""A marketplace in memory, and clocks: one that jumps instead of waiting, one that people set as they like.

It knows nothing of the program but the words for what a page says. ``tests/inmemory_session.py`` works there.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from agent.domain.order import Asker, SiteReading, Verdict, WaitsFor

OPEN = (Verdict.PENDING, Verdict.CANCELLED)
_OVER = (Verdict.NONE, Verdict.DECLINED)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that never sleeps: when all wait, its clock jumps to the next timer."""

    def __init__(self) -> None:
        self.moment = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.moment


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "all wait, and no timer is set"
            self._loop.moment += max(0.0, timeout)
        return ready


@dataclass
class WallClock:
    """What ``datetime.now`` says: set forward and back by people, and stopped. It is no guide."""

    loop: JumpingLoop
    offset: float = 0.0
    stopped: bool = False

    def set(self, how: str) -> None:
        self.offset += {"forward": 86_400, "back": -3600}.get(how, 0)
        self.stopped = how == "stopped"

    def now(self, _: object) -> datetime:
        since = 0.0 if self.stopped else self.loop.time()
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=since + self.offset)


# -- the site ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the site behaves. ``tells``: whether that page says who asked and why. Times in seconds."""

    guard: bool = True
    """It turns a second cancellation away."""
    at_once: bool = True
    """What it accepts is cancelled at once; else the platform looks at it first."""
    forgets: bool = False
    """A declined request leaves no trace, and another may be made."""
    flight: float = 0.0
    """From the press to the request's arrival, whatever became of who pressed."""
    list_lag: float = 0.0
    detail_lag: float = 0.0
    list_tells: bool = True
    detail_tells: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the site's log: what the order's cancellation became, and whose it is."""

    at: float = 0.0
    verdict: Verdict = Verdict.NONE
    asker: Asker = Asker.UNKNOWN
    reason: str | None = None
    commit: bool = False
    """A request of ours that was accepted."""


class Site:
    """One order at the marketplace. Its append-only log is the judge; pages show it as it was a while ago."""

    def __init__(self, manners: Manners, clock: Callable[[], float]) -> None:
        self.manners = manners
        self.log: list[Entry] = []
        self.presses = 0
        self.doubles = 0
        """Commits though an earlier one was not over when the control was pressed."""
        self.shipped = False
        self._in_flight: list[tuple[float, float, str]] = []
        self._clock = clock

    @property
    def commits(self) -> int:
        self.now()
        return sum(entry.commit for entry in self.log)

    def now(self) -> Entry:
        """How it stands, once all that is due has arrived."""
        for arrival in sorted(one for one in self._in_flight if one[0] <= self._clock()):
            self._in_flight.remove(arrival)
            self._arrives(*arrival)
        return self.at(self._clock())

    def at(self, moment: float) -> Entry:
        return next((e for e in reversed(self.log) if e.at <= moment), Entry())

    def page(self, view: str) -> SiteReading:
        """What a page says now: the state of a while ago, and perhaps not whose it is."""
        self.now()
        known = self.manners
        lag, tells = (
            (known.list_lag, known.list_tells) if view == "list" else (known.detail_lag, known.detail_tells)
        )
        shown = self.at(self._clock() - lag)
        waits_for = WaitsFor.SELLER if shown.asker is Asker.BUYER else WaitsFor.PLATFORM
        return SiteReading(
            verdict=shown.verdict,
            view=view,
            words=f"the {view} says {shown.verdict}",
            asker=shown.asker if tells else Asker.UNKNOWN,
            reason=shown.reason if tells else None,
            waits_for=waits_for if shown.verdict is Verdict.PENDING else None,
        )

    def lists_a_request(self) -> bool:
        """Whether the list of the buyers' requests, which is as late as the list, shows this order."""
        self.now()
        shown = self.at(self._clock() - self.manners.list_lag)
        return (shown.verdict, shown.asker) == (Verdict.PENDING, Asker.BUYER)

    def receive(self, reason: str, *, sent: bool) -> bool:
        """The control is pressed; ``sent``: a request is on its way. True: it was turned away at once."""
        self.presses += 1
        commits = self.commits
        if sent:
            self._in_flight.append((self._clock() + self.manners.flight, self._clock(), reason))
        self.now()
        return sent and self.manners.flight == 0 and self.commits == commits

    def _arrives(self, at: float, pressed: float, reason: str) -> None:
        verdict = self.at(at).verdict
        if self.shipped or (self.manners.guard and verdict in OPEN):
            return
        self.doubles += any(self._over_at(n) >= pressed for n, e in enumerate(self.log) if e.commit)
        done = self.manners.at_once or verdict is Verdict.CANCELLED
        ours = Entry(asker=Asker.SELLER, reason=reason, commit=True)
        self.log.append(replace(ours, at=at, verdict=Verdict.CANCELLED if done else Verdict.PENDING))

    def _over_at(self, commit: int) -> float:
        """When the request that this line began was declined or taken back; never: infinity."""
        return next((e.at for e in self.log[commit:] if e.verdict in _OVER), float("inf"))

    def live(self) -> bool:
        """Whether something of ours is on its way, open or done."""
        shown = self.now()
        return bool(self._in_flight) or (self._ours_since() and shown.verdict in OPEN)

    def _ours_since(self) -> bool:
        over = max((n for n, e in enumerate(self.log) if e.verdict in _OVER), default=-1)
        return any(e.commit for e in self.log[over + 1 :])

    def becomes(self, verdict: Verdict, asker: Asker, reason: str | None) -> None:
        """Somebody else's doing, or the platform's."""
        self.now()
        self.log.append(Entry(at=self._clock(), verdict=verdict, asker=asker, reason=reason))

    def decide(self, approve: bool) -> None:
        """Whoever has to decide on an open request decides."""
        if (standing := self.now()).verdict is Verdict.PENDING:
            no = Verdict.NONE if self.manners.forgets else Verdict.DECLINED
            self.becomes(Verdict.CANCELLED if approve else no, standing.asker, standing.reason)

    def buyer_asks(self) -> None:
        if self.now().verdict is Verdict.NONE:
            self.becomes(Verdict.PENDING, Asker.BUYER, "mistake")

    def ship(self) -> None:
        if self.now().verdict not in OPEN:
            self.shipped = True

    def colleague_cancels(self) -> None:
        """From the shop's own side, for another reason than ours."""
        if self.now().verdict not in OPEN:
            self.becomes(Verdict.CANCELLED, Asker.SELLER, "out-of-stock")


# -- what a run meets ----------------------------------------------------------------------------------


@dataclass
class Script:
    """What one run meets: mishaps by the place they happen at, and the form's answers in turn."""

    mishaps: Sequence[tuple[str, str]] = ()
    """Place and kind; several at one place happen one after another, ``nothing`` lets one time pass."""
    answers: Sequence[str] = ()
    clock: str = "goes on"
    """What became of the wall clock since the last run."""
    met: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = list(self.mishaps)
        self._answers = list(self.answers)

    def at(self, place: str) -> str:
        found = next((one for one in self._left if one[0] == place), (place, "nothing"))
        if found in self._left:
            self._left.remove(found)
        if found[1] != "nothing":
            self.met.append(found)
        return found[1]

    def answer(self) -> str:
        return self._answers.pop(0) if self._answers else "done"
