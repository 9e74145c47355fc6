"""From a sheet's orders to jobs: what is approved is written in the ledger, and workers do the rest.

No engine is needed here: the workers hand to it what they find open in the ledger.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from agent.account.session import owner_of
from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Action, Cancellation, Outcome, State
from agent.ledger.jobs import order_key, review_key
from agent.ledger.migrations import is_postgres
from agent.ledger.store import Ledger
from agent.settings.settings import Settings


def must_be_shared(settings: Settings) -> None:
    """UsageError: workers need a ledger, and a key of saved sign-ins, that all of them share."""
    if not is_postgres(settings.database):
        raise UsageError(_("workers share a PostgreSQL ledger: set UNSELL_DATABASE_URL to one"))
    if settings.session_key is None:
        raise UsageError(
            _(
                "workers share the saved sign-ins: set UNSELL_SESSION_KEY to one key on all of them; make it "
                'with: python -c "from cryptography.fernet import Fernet; '
                'print(Fernet.generate_key().decode())"'
            )
        )


def hand_of(settings: Settings, account: str) -> str:
    """The sign-in's lock key, as a digest: the queue's partition, and no user name in the engine's tables."""
    return hashlib.sha256(owner_of(settings, account).encode()).hexdigest()[:24]


def enqueue(
    settings: Settings, ledger: Ledger, wanted: Sequence[Cancellation], *, by: str | None
) -> list[tuple[Outcome, bool]]:
    """Open a job for each order that is approved; each order's standing, and whether workers have it now.

    ``by``: who consents to all of them; None: only what names its own approver. As in a run, an account gets
    no more than ``max_submits_per_run`` at a time. UsageError, before anything begins: another reason is
    under way.
    """
    for one in wanted:
        ledger.check(one)
    spent: Counter[str] = Counter()
    told = []
    hands = {name: hand_of(settings, name) for name in {one.account for one in wanted}}
    ledger.jobs.release([*hands.values()])
    for one in wanted:
        approved = replace(one, approved_by=one.approved_by or by, note=one.note or _usual(settings, one))
        may = bool(approved.approved_by) and spent[one.account] < settings.max_submits_per_run
        row = ledger.take(approved)
        over = row.state is State.CANCELLED
        if may and not over:
            spent[one.account] += 1
            _open(ledger, row.id, one.account, hands[one.account], pending=row.state is State.PENDING)
        told.append((ledger.to_outcome(row), may or over))
    return told


def _open(ledger: Ledger, order_id: int, account: str, hand: str, *, pending: bool) -> None:
    if pending:  # nothing is to be submitted: it is looked at with the account's others
        ledger.jobs.add(review_key(account), order_id=None, account=account, hand=hand)
    else:
        ledger.jobs.add(order_key(order_id), order_id=order_id, account=account, hand=hand)


def _usual(settings: Settings, one: Cancellation) -> str | None:
    return settings.notes.get(one.reason) if one.action is Action.CANCEL else None
