"""Texts about an order beside its state: in its evidence, at the prompt, and in its detail."""

from __future__ import annotations

from typing import Any

from agent.account.session import AccountSession
from agent.domain.i18n import _
from agent.domain.money import by_number_alone
from agent.domain.order import Cancellation, Commit, Order
from agent.engine import preflight


def about_order(wanted: Cancellation, session: AccountSession) -> dict[str, Any]:
    """What the evidence says of an order before its page was opened."""
    return {
        "order_no": wanted.order_no,
        "account": wanted.account,
        "platform": wanted.platform,
        "role": wanted.role.value,
        "signed_in_as": session.shown_as,
        "reason": wanted.reason.value,
        "note": wanted.note,
        "selectors_checked": session.profile.checked,
    }


def about_found(order: Order) -> dict[str, Any]:
    """Whose order it is and for how much: known of one that is refused, too."""
    return {"buyer": order.buyer, "total": order.total, "items": list(order.items), **order.facts}


def about_commit(commit: Commit) -> dict[str, Any]:
    """What the evidence says besides, once the last control is matched."""
    return {
        **about_found(commit.order),
        "reason_label": commit.reason_label,
        "button": commit.label,
        "signs": list(commit.signs),
    }


def must_be_seen(order: Order) -> tuple[str, ...]:
    """What a person must see before this is submitted: a state that the profile does not list."""
    words = preflight.unrecognised(order)
    return (_("the order's state is not recognised: {status}", status=words),) if words else ()


def remarks_on(commit: Commit, wanted: Cancellation, *, dry_run: bool) -> str | None:
    """What the user should know of this form, for the order's detail; None: nothing."""
    remarks = [*commit.missing]
    if dry_run:
        remarks += must_be_seen(commit.order)
    if compared := by_number_alone(wanted.expected, commit.order.total):
        remarks.append(compared)
    if wanted.note and not commit.note_filled:
        remarks.append(_("the form has no field for the note: it was not sent"))
    if commit.overridden:
        remarks.append(
            _("the last control comes from your own selectors ({element})", element=commit.element)
        )
    return "; ".join(remarks) or None
