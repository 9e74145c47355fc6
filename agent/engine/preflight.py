"""May this be submitted at all? Checked before the browser opens, and again on what the page shows."""

from __future__ import annotations

import re

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, Refused
from agent.domain.i18n import _
from agent.domain.labels import listed, reason_words
from agent.domain.money import read_amount
from agent.domain.order import Action, Asker, Cancellation, Order, Role, Verdict, WaitsFor
from agent.domain.seal import not_as_approved
from agent.domain.text import open_ended, plain
from agent.profile.profile import Profile


def wording_problem(wanted: Cancellation, profile: Profile) -> str | None:
    """A sentence about a combination that can never be right (a usage error); None: there is none."""
    if wanted.role not in profile.roles:
        roles = ", ".join(profile.roles)
        return _(
            "{title} has no {role} accounts here, only: {roles}",
            title=profile.title,
            role=wanted.role,
            roles=roles,
        )
    if not re.fullmatch(profile.order_no, wanted.order_no, re.ASCII):
        return _(
            "{order_no!r} is no order number of {title} (they look like {order_no_example})",
            order_no=wanted.order_no,
            title=profile.title,
            order_no_example=profile.order_no_example,
        )
    if wanted.action is not Action.CANCEL and wanted.role is not Role.SELLER:
        return _(
            "{action}: requests wait for the seller, and {account} is a {role}",
            action=wanted.action.value,
            account=wanted.account,
            role=wanted.role,
        )
    if wanted.tell_buyer and (wanted.role is not Role.SELLER or profile.message is None):
        return _(
            "tell_buyer: {account} ({title}, {role}) has no buyer to write to here",
            account=wanted.account,
            title=profile.title,
            role=wanted.role,
        )
    if wanted.action is Action.CANCEL and wanted.reason not in profile.reason[wanted.role]:
        known = listed(reason_words(reason) for reason in profile.reason[wanted.role])
        return _(
            "{title} has no reason {reason!r} for a {role}; use one of: {known}",
            title=profile.title,
            reason=reason_words(wanted.reason),
            role=wanted.role,
            known=known,
        )
    return None


def before_opening(wanted: Cancellation, profile: Profile) -> None:
    """What can be refused before any page is opened.

    Refused: a reason that counts against the shop, not accepted as such; a row that is not as approved.
    NeedsHuman: an answer that is not given here.
    """
    if changed := not_as_approved(wanted):
        raise Refused(changed, code=Code.NOT_AS_APPROVED)
    if why := profile.left_to_a_person.get(wanted.action):
        raise NeedsHuman(f"{profile.title}: {why}", code=Code.LEFT_TO_A_PERSON)
    if wanted.action is not Action.CANCEL:
        return
    if profile.counts_against(wanted.role, wanted.reason) and not wanted.accept_defect:
        raise Refused(
            _(
                "the reason {reason} counts as a transaction defect (不良交易) against the shop; say "
                "--accept-defect to submit it all the same",
                reason=reason_words(wanted.reason),
            ),
            code=Code.COUNTS_AGAINST_SHOP,
        )


def on_the_page(wanted: Cancellation, order: Order) -> None:
    """Refused when the page shows another total, buyer or item than expected, or a state that forbids it.

    A state that the profile does not know forbids nothing yet: the console has to offer the entry, and a
    person to see the state (``OrderRun``).
    """
    expected, shown = wanted.expected, read_amount(order.total)
    if expected and not (shown and expected.may_be(shown)):
        raise Refused(
            _(
                "the page shows the total {total}, expected was {expect_total}",
                total=order.total or _("(none)"),
                expect_total=expected,
            ),
            code=Code.EXPECTATION_NOT_MET,
        )
    if wanted.expect_buyer and plain(wanted.expect_buyer) not in plain(order.buyer):
        raise Refused(
            _(
                "the page shows the buyer {buyer}, expected was {expect_buyer}",
                buyer=order.buyer or _("(none)"),
                expect_buyer=wanted.expect_buyer,
            ),
            code=Code.EXPECTATION_NOT_MET,
        )
    items = " ".join(order.items)
    if wanted.expect_item and plain(wanted.expect_item) not in plain(items):
        raise Refused(
            _(
                "the page shows the goods {items}, expected was {expect_item}",
                items=items or _("(none)"),
                expect_item=wanted.expect_item,
            ),
            code=Code.EXPECTATION_NOT_MET,
        )
    if order.reading.verdict is Verdict.DECLINED:
        raise Refused(
            _("a cancellation was already declined: {status}", status=order.status),
            site_state=order.status,
            code=Code.ALREADY_DECLINED,
        )
    if not order.eligible:
        raise Refused(
            _("the order cannot be cancelled any more: {status}", status=order.status),
            site_state=order.status,
            code=Code.NOT_ELIGIBLE,
        )


def unrecognised(order: Order) -> str:
    """The words of a state that the profile does not know; '' where it knows it."""
    if order.reading.verdict is not Verdict.UNCLEAR:
        return ""
    return order.status or _("(none shown)")


def state_entry(order: Order) -> str:
    """The TOML entry that would make this state known; whoever adds it decides what it means."""
    words = open_ended(order.status).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'[[status]]\nwords = ["{words}"]\n'
        'verdict = "none"  # or: pending, cancelled, declined\n'
        "eligible = true  # false: with this state nothing can be cancelled\n"
        'mark = "B"\nsource = "seen in the console"\n'
    )


def waits_for_us(wanted: Cancellation, order: Order) -> bool:
    """The other party's own request is open: it wants an answer, not a second cancellation.

    Where the page names no party, an answer may be tried: the request has its own control, or is not there.
    """
    ours, reading = wanted.role.value, order.reading
    unnamed = reading.asker is Asker.UNKNOWN and wanted.action is Action.CANCEL
    other = reading.asker != Asker(ours) and not unnamed
    return reading.verdict is Verdict.PENDING and other and reading.waits_for == WaitsFor(ours)


def no_request_for_us(wanted: Cancellation, order: Order) -> None:
    """NeedsHuman where a cancellation is wanted, and the other party's own request waits for this account."""
    if wanted.action is Action.CANCEL and waits_for_us(wanted, order):
        left = f", {order.reading.hours_left} h left" if order.reading.hours_left is not None else ""
        raise NeedsHuman(
            _(
                "the {asker}'s own request is open and waits for this account ({status}): unsell "
                "answer {order_no} --account {account} --accept{left}",
                asker=order.reading.asker.value,
                status=order.status,
                order_no=wanted.order_no,
                account=wanted.account,
                left=left,
            ),
            code=Code.REQUEST_WAITS_FOR_US,
        )


def may_go_on(wanted: Cancellation, order: Order) -> bool:
    """False when the order has its cancellation already, and nothing is left to press.

    NeedsHuman when the other party's own request is open and a second one is wanted; Refused when an
    answer is wanted and no request waits for one.
    """
    no_request_for_us(wanted, order)
    waits, answer = waits_for_us(wanted, order), wanted.action is not Action.CANCEL
    if not answer and order.reading.verdict is Verdict.CANCELLED:
        return False
    if not answer and order.reading.verdict is Verdict.PENDING and not waits:
        return False
    if answer and not waits:
        raise Refused(
            _("no request waits for an answer: {status}", status=order.status),
            site_state=order.status,
            code=Code.NO_OPEN_REQUEST,
        )
    on_the_page(wanted, order)
    return True
