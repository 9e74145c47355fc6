"""The seal of an approval: ``王经理 #1f2e3d4c5b6a`` says who approved, and that exactly this was approved.

It finds a row that was changed after the approval; it does not stop a forger.
"""

from __future__ import annotations

import hashlib
import json
import re

from agent.domain.i18n import _
from agent.domain.money import Amount
from agent.domain.order import Cancellation

_SEALED = re.compile(r"(.+) #([0-9a-fA-F]{12})")
_OLD = re.compile(r"(.+) #[0-9a-fA-F]{8}")
"""The seal of an older version, which covered less."""


def seal_of(wanted: Cancellation, total: Amount | None) -> str:
    """Twelve hexadecimal digits over all that will be done to the order, and what is expected of it."""
    said = [
        *(wanted.platform, wanted.account, wanted.order_no, wanted.action, wanted.reason, wanted.note or ""),
        *(wanted.via, wanted.relist, wanted.tell_buyer, wanted.cause),
        *(wanted.expect_buyer or "", wanted.expect_item or "", str(total or "")),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def is_sealed(approved_by: str | None) -> bool:
    """Whether the approval came from the approval page; a name typed by hand carries no seal."""
    return bool(approved_by and _SEALED.fullmatch(approved_by))


def not_as_approved(wanted: Cancellation) -> str | None:
    """A sentence where the row is not what was approved; None where it is, or carries no seal."""
    found = _SEALED.fullmatch(wanted.approved_by or "")
    if found is None and _OLD.fullmatch(wanted.approved_by or ""):
        return _("approved on the page of an older version: make the dry run anew, and approve it again")
    if found is None or found[2].lower() == seal_of(wanted, wanted.expected):
        return None
    return _("the row is not what was approved: make the dry run anew, and approve it again")
