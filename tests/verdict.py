"""What the truth log says of a chaos run: twice, wrong, lost, untrue, in doubt, and the table of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]

from agent.domain.order import State
from agent.ledger.store import Row
from tests.kits import Kit
from tests.world import World

NOTHING_HAPPENED = (State.QUEUED, State.REHEARSED, State.REFUSED, State.FAILED)


@dataclass
class Tally:
    """What happened. The lists name orders; all of them have to be empty."""

    orders: int = 0
    commits: int = 0
    double: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    doubt: list[str] = field(default_factory=list)
    person: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    starts: int = 0
    left_browsers: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def bad(self) -> list[str]:
        """Every order that breaks a promise, and how."""
        kinds = ("double", "wrong", "lost", "untrue", "doubt")
        found = [f"{kind}: {line}" for kind in kinds for line in getattr(self, kind)]
        return found + (["browsers are left"] if self.left_browsers else [])

    def lines(self) -> list[tuple[str, str]]:
        """The table's lines: what, how many."""
        return [
            ("orders", str(self.orders)),
            ("commits in the truth log", str(self.commits)),
            ("double commits", str(len(self.double))),
            ("wrong orders", str(len(self.wrong))),
            ("lost orders", str(len(self.lost))),
            ("states that the truth log denies", str(len(self.untrue))),
            ("still in doubt", str(len(self.doubt))),
            ("handed to a person by the faults", str(sum(self.person.values()))),
            *((f"- {why}", str(n)) for why, n in sorted(self.person.items())),
            ("states", ", ".join(f"{state} {n}" for state, n in self.states.most_common())),
            ("kills", str(self.kills)),
            ("starts", str(self.starts)),
            ("browsers left at the end", str(self.left_browsers)),
            ("faults that struck", str(sum(self.faults.values()))),
            ("minutes", f"{self.seconds / 60:.0f}"),
        ]


Asked = dict[str, tuple[str, Kit]]
"""By order number: the shop, and what was wrong about the order."""


def judge_told(tally: Tally, world: World, asked: Asked, rows: list[Row]) -> None:
    """While the faults are on: who is told that nothing happened must not have had the order cancelled.

    A later try, when the sites are well, would mend such a row and hide what was said before. And what must
    never be pressed was not.
    """
    for number, (shop, kit) in asked.items():
        if kit.never and (commits := world.commits(number)):
            tally.wrong.append(f"{number} ({shop}, {kit.name}): {len(commits)} commits, and none may be")
    for row in rows:
        nothing = row.state in (State.REFUSED, State.FAILED) or "nothing was received" in (row.detail or "")
        if nothing and row.order_no in asked and (many := len(world.commits(row.order_no))):
            shop, kit = asked[row.order_no]
            said = f"{row.order_no} ({shop}, {kit.name}): {row.state}, {row.detail}; {many} commits"
            tally.untrue.append(said)


def judge(tally: Tally, world: World, asked: Asked, rows: list[Row], pids: list[int]) -> None:
    """The site's own records decide. ``pids``: the runs, none of which may have left a browser."""
    told = {row.order_no: row for row in rows}
    commits = world.commits()
    tally.commits = len(commits)
    tally.wrong += [f"{one.order_no}: never asked for" for one in commits if one.order_no not in asked]
    for number, (shop, kit) in asked.items():
        _judge_order(tally, world, number, shop, kit, told.get(number))
    tally.left_browsers = browsers_of(pids)


def browsers_of(pids: list[int]) -> int:
    """How many processes of these runs' browsers are alive."""
    marks = {f"--unsell-run={pid}" for pid in pids}
    return sum(not marks.isdisjoint(_words(p)) for p in psutil.process_iter())


def _judge_order(tally: Tally, world: World, number: str, shop: str, kit: Kit, row: Row | None) -> None:
    commits = world.commits(number)
    said = f"{number} ({shop}, {kit.name})"
    if len(commits) > 1:
        tally.double.append(f"{said}: {len(commits)} commits")
    if any(commit.asker != ("buyer" if shop == "buyer" else "seller") for commit in commits):
        tally.wrong.append(f"{said}: {commits}")
    if row is None:
        tally.lost.append(f"{said}: not in the ledger")
        return
    said += f": {row.state.value}, {row.submits} submits, {len(commits)} commits; {row.detail}"
    tally.states[row.state.value] += 1
    if row.state is State.SUBMITTING or (row.state is State.NEEDS_HUMAN and not row.detail):
        tally.doubt.append(said)
    elif row.state in NOTHING_HAPPENED and (commits or row.state is not State.REFUSED):
        tally.lost.append(said)
    elif row.submits < len(commits) or not _agrees(world, number, row, bool(commits), kit):
        tally.untrue.append(said)


def _agrees(world: World, number: str, row: Row, committed: bool, kit: Kit) -> bool:
    """Whether the site's own records say what the ledger says."""
    order = world.store.order(row.platform, number) or {}
    gone = order.get("status") == "cancelled"
    if row.state is State.CANCELLED:
        whose = row.detail or ""
        return gone and (committed or "someone else" in whose or "does not say by whom" in whose)
    if row.state is State.NEEDS_HUMAN and row.doubt and kit.stays:
        return True
    if row.state in (State.REFUSED, State.NEEDS_HUMAN):
        return not committed and not gone
    return row.state in (State.PENDING, State.DECLINED) and committed and not gone


def _words(process: psutil.Process) -> list[str]:
    try:
        words: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return words
