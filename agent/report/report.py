"""The report: one HTML file from the ledger and the evidence, that opens from disk with no network.

Its texts come from outside (a buyer's name, a page's words): they are escaped, and the page may run only its
own script. Pictures stay where they are, and are loaded when their order is opened.
"""

from __future__ import annotations

import functools
import secrets
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.domain.errors import UsageError
from agent.domain.faults import of_the_system
from agent.domain.files import private_folder, write_private
from agent.domain.i18n import _, language
from agent.domain.labels import in_words, place
from agent.domain.order import Cause, Reason, Role, State
from agent.domain.redact import clean
from agent.ledger.schema import Row
from agent.ledger.stats import counts_against, made, this_month
from agent.ledger.store import Ledger
from agent.profile.profile import Profile, load
from agent.report.entries import Entries, Entry
from agent.report.needs import needs
from agent.report.words import words
from agent.settings.settings import Settings

_MOST_GOODS = 10
"""Goods that have a bar of their own; the rest share one."""
_MOST_MONTHS = 12
_MOST_NEEDS = 12
"""Orders that need a person and are shown first; of more, the number is said."""
_TILES = {
    State.PENDING: "pending",
    State.CANCELLED: "cancelled",
    State.REFUSED: "refused",
    State.DECLINED: "refused",
    State.REHEARSED: "rehearsed",
}
_OURS = (Cause.GOODS, Cause.SERVICE, Cause.STOCK)


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its bar; ``width`` in percent of the longest."""

    label: str
    count: int
    width: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of totals: all, this month, last month. ``state``: its colour on the page."""

    label: str
    counts: tuple[int, int, int]
    state: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the head of the page."""

    kind: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Sum:
    """One currency: what was cancelled, and what is under way, each with the number of its orders."""

    currency: str
    cancelled: str
    cancelled_orders: int
    pending: str
    pending_orders: int


@dataclass(frozen=True, slots=True)
class Money:
    """``unread``: orders whose total was not read, which are in no sum."""

    sums: list[Sum]
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why orders are cancelled: figures of the cancellations made through Unsell."""

    count: int
    bars: Mapping[str, list[Bar]]
    """By the word for what they are counted by. A single bar says nothing, and is left out."""
    months: list[Bar]
    """The same by month, the oldest first."""
    mend: list[Bar]
    against: list[Line]
    own_rates: list[str]


def write_report(settings: Settings, ledger: Ledger) -> Path:
    """Write ``reports/report.html`` in the home, for its owner only, and return its name.

    UsageError: a profile cannot be read, or the file cannot be written there.
    """
    folder = settings.state / "reports"
    rows, submitted = ledger.find(), ledger.submitted()
    profiles = {name: load(name, settings.home) for name in {row.platform for row in rows}}
    make = Entries(settings, profiles, folder)
    entries = [make.entry(row, submitted.get(row.id) or row.updated_at) for row in rows]
    entries.sort(key=lambda entry: (entry.at, entry.row.id), reverse=True)
    waiting = needs(entries, submitted)
    moment = datetime.now(UTC).astimezone()
    page = _PAGES.get_template("report.html").render(
        w=words(),
        lang=language(),
        nonce=secrets.token_urlsafe(12),
        moment=f"{moment:%Y-%m-%d %H:%M}",
        offset=f"{moment:%z}",
        tile_of=functools.partial(_tile_of, {need.entry.row.id for need in waiting}),
        places=sorted({where for row in rows if (where := place(row.account))}),
        needs=waiting[:_MOST_NEEDS],
        more_needs=len(waiting[_MOST_NEEDS:]),
        tiles=_tiles(entries, len(waiting)),
        money=_money(entries),
        states=_lines(entries, by_state=True),
        accounts=_lines(entries, by_state=False),
        why=_why(entries, profiles),
        entries=entries,
        told=[entry.told for entry in entries],
        choices={
            "state": [line.label for line in _lines(entries, by_state=True)],
            "account": sorted({entry.account for entry in entries}),
            "reason": sorted({entry.reason for entry in entries}),
            "month": sorted({entry.month for entry in entries}, reverse=True),
        },
    )
    try:
        settings.make_state()
        private_folder(folder).chmod(0o700)
        write_private(folder / "report.html", clean(page))
        return folder / "report.html"
    except OSError as error:
        raise UsageError(
            _(
                "the report cannot be written to {folder} ({strerror}): check UNSELL_HOME",
                folder=folder,
                strerror=of_the_system(error),
            )
        ) from None


# -- figures ------------------------------------------------------------------------------------------------


def _lines(entries: Sequence[Entry], *, by_state: bool) -> list[Line]:
    """Totals by state, in the order of an order's life, or by shop."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.state if by_state else entry.account, []).append(entry)
    order = list(State)
    return sorted(
        (
            Line(label, _counts(group), group[0].row.state if by_state else "")
            for label, group in groups.items()
        ),
        key=lambda line: (order.index(State(line.state)) if by_state else 0, line.label),
    )


def _counts(entries: Iterable[Entry]) -> tuple[int, int, int]:
    """All, this month, last month."""
    months = Counter(entry.month for entry in entries)
    this = this_month()
    last = f"{datetime.strptime(this, '%Y-%m').replace(tzinfo=UTC) - timedelta(days=1):%Y-%m}"
    return months.total(), months[this], months[last]


def _tiles(entries: Sequence[Entry], waiting: int) -> list[Tile]:
    """The figures at the head of the page; what there is none of is left out, but for what needs a person."""
    counts = Counter(_TILES.get(entry.row.state, "") for entry in entries)
    said = words()
    labels = {
        "pending": in_words(State.PENDING, None),
        "cancelled": in_words(State.CANCELLED, None),
        "refused": said["refused"],
        "rehearsed": said["dry-run"],
    }
    rest = [Tile(kind, label, counts[kind]) for kind, label in labels.items() if counts[kind]]
    return [Tile("needs", said["needs"], waiting), *rest]


def _tile_of(waiting: Container[int], row: Row) -> str:
    """The tiles that an order is counted in."""
    return f"{_TILES.get(row.state, '')} {'needs' if row.id in waiting else ''}".strip()


def _money(entries: Iterable[Entry]) -> Money:
    """By currency, of the cancellations made here: a rehearsal is none."""
    sums: dict[str, dict[bool, list[Decimal]]] = {}
    unread = 0
    for entry in entries:
        if not made(entry.row):
            continue
        if entry.amount is None:
            unread += 1
            continue
        done = entry.row.state is State.CANCELLED
        sums.setdefault(entry.amount.currency or "?", {}).setdefault(done, []).append(entry.amount.value)
    rows = [
        Sum(
            currency,
            f"{sum(of.get(True, [])):,.2f}",
            len(of.get(True, [])),
            f"{sum(of.get(False, [])):,.2f}",
            len(of.get(False, [])),
        )
        for currency, of in sorted(sums.items())
    ]
    return Money(rows, unread)


def _why(entries: Sequence[Entry], profiles: Mapping[str, Profile]) -> Why:
    ours = [entry for entry in entries if made(entry.row)]
    sold = [entry for entry in ours if entry.row.role is Role.SELLER]
    mend = [e for e in sold if e.row.cause in _OURS or e.row.reason is Reason.OUT_OF_STOCK]
    against = [entry for entry in sold if counts_against(entry.row, profiles[entry.row.platform])]
    months = Counter(entry.month for entry in ours)
    rates = (profiles[name].own_rate for name in sorted({entry.row.platform for entry in sold}))
    return Why(
        count=len(ours),
        bars={
            name: bars
            for name, bars in {
                "reason": _bars(Counter(entry.reason for entry in ours).most_common()),
                "cause": _bars(Counter(entry.cause for entry in ours).most_common()),
                "goods": _goods(ours),
            }.items()
            if len(bars) > 1
        },
        months=_bars(sorted(months.items())[-_MOST_MONTHS:]),
        mend=_goods(mend, causes=True),
        against=_lines(against, by_state=False),
        own_rates=[rate.says[language()] for rate in rates if rate],
    )


def _goods(entries: Sequence[Entry], *, causes: bool = False) -> list[Bar]:
    """By goods, the most frequent first. ``causes``: beside each the causes, and how often."""
    unread = words()["unread"]
    counts = Counter(entry.goods or unread for entry in entries)
    most = counts.most_common(_MOST_GOODS)
    rest = counts.total() - sum(count for _, count in most)
    whose: dict[str, Counter[str]] = {}
    for entry in entries if causes else ():
        whose.setdefault(entry.goods or unread, Counter())[entry.cause] += 1
    notes = {
        label: ", ".join(f"{cause} {count}" for cause, count in found.most_common())
        for label, found in whose.items()
    }
    return _bars([*most, *([(words()["other"], rest)] if rest else [])], notes)


def _bars(counts: Sequence[tuple[str, int]], notes: Mapping[str, str] | None = None) -> list[Bar]:
    longest = max((count for _, count in counts), default=1)
    return [
        Bar(label, count, round(100 * count / longest, 1), (notes or {}).get(label, ""))
        for label, count in counts
    ]


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
