"""``unsell prune``: removes the old evidence of settled orders and of sign-ins, and nothing else.

A folder goes only when its order is settled in every role in which the ledger has it, no order that is not
settled points at it, and both its own time stamp and the order's last change are old enough. What the ledger
does not know stays. Links are never followed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.domain.faults import of_the_system
from agent.domain.i18n import N_
from agent.domain.order import State
from agent.ledger.store import Ledger

_SETTLED = frozenset({State.CANCELLED, State.DECLINED, State.REFUSED, State.REHEARSED})
"""States that do not change by themselves; a dry run submitted nothing and waits for nothing."""

_YOUNG = N_("not old enough")
_UNSETTLED = N_("of orders that are not settled")
_POINTED_AT = N_("that an order which is not settled points at")
_UNKNOWN = N_("of orders that are not in this ledger")
_NOT_OURS = N_("not named like evidence")

_STAMP = re.compile(r"(\d{8}T\d{6}\.\d{3})-")
_GOING = ".removed"
"""The suffix of a folder that is being removed: the next run removes the rest of it."""


@dataclass(slots=True)
class Pruned:
    """``size`` in bytes; ``kept`` counts folders by why; ``stuck`` names those that could not be removed."""

    removed: int = 0
    size: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    stuck: list[str] = field(default_factory=list)


def prune(evidence: Path, ledger: Ledger, days: int) -> Pruned:
    """Remove what is older than ``days``. A folder that cannot be removed is skipped."""
    done = Pruned()
    oldest = datetime.now(UTC) - timedelta(days=days)
    unsettled = ledger.find(states=[state for state in State if state not in _SETTLED])
    needed = {_within(row.evidence) for row in unsettled if row.evidence}
    for order in [order for platform in _folders(evidence) for order in _folders(platform)]:
        try:
            attempts = list(_folders(order))
        except OSError as error:
            done.stuck.append(f"{order}: {of_the_system(error)}")
            continue
        # Checked for each order right before: a run may have taken it up again meanwhile.
        why = _why_kept(ledger, order.parent.name, order.name, oldest)
        for attempt in attempts:
            kept = (
                why or _too_young(attempt.name, oldest) or (_POINTED_AT if _within(attempt) in needed else "")
            )
            if kept:
                done.kept[kept] += 1
            else:
                _remove(attempt, done)
    return done


def _why_kept(ledger: Ledger, platform: str, name: str, oldest: datetime) -> str:
    """Why all of an order's folders stay; '' when each is judged by itself, as sign-ins and lists are."""
    if name.startswith("_"):
        return ""
    rows = ledger.find(name, platform=platform)
    if not rows:
        return _UNKNOWN
    if any(row.state not in _SETTLED for row in rows):
        return _UNSETTLED
    return _YOUNG if any(datetime.fromisoformat(row.updated_at) > oldest for row in rows) else ""


def _too_young(attempt: str, oldest: datetime) -> str:
    found = _STAMP.match(attempt)
    try:
        began = datetime.strptime(f"{found[1]}+0000", "%Y%m%dT%H%M%S.%f%z") if found else None
    except ValueError:
        began = None
    if began is None:
        return _NOT_OURS
    return _YOUNG if began > oldest else ""


def _within(folder: str | Path) -> tuple[str, ...]:
    """Platform, order and attempt: the same wherever the evidence lies, and has been moved to."""
    return tuple(re.split(r"[\\/]", str(folder))[-3:])


def _folders(parent: Path) -> Iterator[Path]:
    """The real folders in it, by name; a link or a junction is none."""
    if not parent.is_dir():
        return
    here = os.path.realpath(parent)
    with os.scandir(parent) as found:
        names = sorted(entry.name for entry in found if entry.is_dir(follow_symlinks=False))
    for name in names:
        if os.path.realpath(parent / name) == os.path.join(here, name):  # noqa: PTH118 - as realpath writes it
            yield parent / name


def _remove(attempt: Path, done: Pruned) -> None:
    """Rename, then remove: where a program holds a file open, Windows does not rename; nothing is lost."""
    size = sum(file.lstat().st_size for file in attempt.rglob("*") if not file.is_dir())
    going = attempt.with_name(attempt.name.removesuffix(_GOING) + _GOING)
    try:
        if going != attempt:
            attempt.rename(going)
        shutil.rmtree(going)
    except OSError as error:
        done.stuck.append(f"{attempt}: {of_the_system(error)}")
        return
    done.removed += 1
    done.size += size
    with contextlib.suppress(OSError):  # another attempt is in it
        attempt.parent.rmdir()
