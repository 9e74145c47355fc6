"""The ledger, counted: cancellations made through Unsell, and those that count against a shop (不良交易).

Not the platform's own rate: what was cancelled by hand, and what was sold at all, is not known here.
Months are calendar months of this machine's time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime

from agent.domain.codes import SOMEBODY_ELSE
from agent.domain.order import Action, Cancellation, State
from agent.ledger.schema import Row
from agent.ledger.store import Ledger
from agent.profile.profile import Profile


def made(row: Row) -> bool:
    """Whether this is a cancellation of ours: submitted, and not turned down. An unknown outcome counts."""
    stands = row.doubt or row.state in (State.PENDING, State.CANCELLED)
    ours = row.closed_by not in SOMEBODY_ELSE
    return row.submits > 0 and row.action is not Action.DECLINE and stands and ours


def counts_against(wanted: Cancellation | Row, profile: Profile) -> bool:
    """Whether its reason counts against the shop; an answer to a buyer's request never does."""
    return wanted.action is Action.CANCEL and profile.counts_against(wanted.role, wanted.reason)


def against_this_month(ledger: Ledger, account: str, profile: Profile, *, but: str | None = None) -> int:
    """How many cancellations that count against the shop Unsell made for the account this calendar month.

    ``but``: the number of an order to leave out, because it is the one in question.
    """
    submitted, month = ledger.submitted(), this_month()
    rows = ledger.find(account=account, platform=profile.platform)
    counting = [row for row in rows if made(row) and counts_against(row, profile) and row.order_no != but]
    return sum(month_of(submitted[row.id]) == month for row in counting)


def local(at: str) -> datetime:
    """A time from the ledger in this machine's time zone."""
    return datetime.fromisoformat(at).astimezone()


def month_of(at: str) -> str:
    """``2026-11``."""
    return local(at).strftime("%Y-%m")


def this_month() -> str:
    return datetime.now(UTC).astimezone().strftime("%Y-%m")
