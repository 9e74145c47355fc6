"""The seal of an approval: ``王经理 #1f2e3d4c`` says who approved, and that exactly this was approved.

It finds a row that was changed after the approval; it is no defence against somebody who forges one.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

from agent.order import Cancellation

_SEALED = re.compile(r"(.+) #([0-9a-f]{8})")


def seal_of(wanted: Cancellation, total: Decimal | None) -> str:
    """Eight hexadecimal digits over shop, order, act, reason and total."""
    said = (wanted.platform, wanted.account, wanted.order_no, wanted.action, wanted.reason)
    text = "\n".join([*said, "" if total is None else f"{total:.2f}"])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def is_sealed(wanted: Cancellation) -> bool:
    """Whether the approval came from the approval page; a name typed by hand carries no seal."""
    return bool(wanted.approved_by and _SEALED.fullmatch(wanted.approved_by))


def still_approved(wanted: Cancellation) -> bool:
    """False when order, total or reason are not what was approved. Without a seal: True."""
    found = _SEALED.fullmatch(wanted.approved_by or "")
    return found is None or found[2] == seal_of(wanted, wanted.expect_total)
