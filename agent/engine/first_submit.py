"""The first submit of an account on the real sites is watched by a person.

The live pages were never seen. So a person watches the first time: the submit needs a terminal, and
the account goes no further until the ledger holds an order that the site itself shows as cancelled or
pending. In practice there is nothing to watch.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from agent.domain.codes import ClosedBy, Code
from agent.domain.i18n import _
from agent.domain.order import Cancellation, State
from agent.ledger.stats import made
from agent.ledger.store import Ledger
from agent.settings.settings import Settings

_OURS = (ClosedBy.US, ClosedBy.UNKNOWN)
"""Null comes from a version in which practice and real runs shared a ledger: it may be practice's."""
_FOUND_THERE = (Code.ALREADY_OPEN, Code.ALREADY_CANCELLED)


class FirstSubmit:
    """Whether a submit is the first, by settings and ledger. ``real``: the run is at the real sites."""

    def __init__(
        self, settings: Settings, ledger: Ledger, *, real: bool, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._real = real
        self._environ = environ

    def is_next(self, wanted: Cancellation) -> bool:
        """Whether a submit for this order would be its account's first, and none was watched yet."""
        return self._real and not self._named_for_it(wanted) and not self._is_proven(wanted)

    def _is_proven(self, wanted: Cancellation) -> bool:
        """A person has set it, or the site shows an order of ours as cancelled or pending."""
        if self._settings.account(wanted.account)[1].proven:
            return True
        shown = self._ledger.find(
            account=wanted.account, platform=wanted.platform, states=(State.CANCELLED, State.PENDING)
        )
        return any(made(row) and row.closed_by in _OURS and row.code not in _FOUND_THERE for row in shown)

    def _named_for_it(self, wanted: Cancellation) -> bool:
        """A throw-away order that was placed and named to be cancelled by machine."""
        return self._environ.get(f"UNSELL_SMOKE_ORDER_{wanted.account.upper()}") == wanted.order_no


def needs_a_terminal(account: str) -> str:
    return _(
        "the first submit of {account} on the real site is watched by a person, whatever --yes says: run it "
        "once at a terminal, or set UNSELL_ACCOUNTS__{name}__PROVEN=true when somebody has watched one",
        account=account,
        name=account.upper(),
    )


def not_read_back(account: str) -> str:
    return _(
        "the first submit of {account} on the real site is not shown there as cancelled or pending yet: look "
        "at it in the console, then `unsell sync`, then run again",
        account=account,
    )
