"""The domain's words. Public words (states, reasons) are fixed by the contract: scripts read them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from agent.domain.i18n import N_
from agent.domain.money import Amount

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Page


class Role(StrEnum):
    SELLER = "seller"
    BUYER = "buyer"


class Reason(StrEnum):
    """Why the order is cancelled. A statement with consequences: never swapped for another."""

    BUYER_ASKED = "buyer-asked"
    OUT_OF_STOCK = "out-of-stock"
    ADDRESS_ISSUE = "address-issue"
    UNPAID = "unpaid"
    AGREED_WITH_BUYER = "agreed-with-buyer"
    MISTAKE = "mistake"
    CHEAPER_ELSEWHERE = "cheaper-elsewhere"
    PRICE_TOO_HIGH = "price-too-high"
    LATE_DELIVERY = "late-delivery"
    WRONG_PAYMENT = "wrong-payment"
    WRONG_SHIPPING = "wrong-shipping"
    OTHER = "other"


class State(StrEnum):
    """Where an order stands. ``submitting`` is doubt: the click may or may not have arrived."""

    QUEUED = "queued"
    REHEARSED = "rehearsed"
    SUBMITTING = "submitting"
    PENDING = "pending"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    REFUSED = "refused"
    FAILED = "failed"
    NEEDS_HUMAN = "needs_human"

    @property
    def terminal(self) -> bool:
        return self in (State.CANCELLED, State.DECLINED, State.REFUSED)

    @property
    def left_open(self) -> bool:
        """Something is still to be done about the order, by a person or by a later run."""
        return self in (State.NEEDS_HUMAN, State.SUBMITTING, State.FAILED, State.QUEUED)


class WaitsFor(StrEnum):
    """Whom a ``pending`` order waits for."""

    PLATFORM = "platform"
    SELLER = "seller"
    BUYER = "buyer"
    REFUND = "refund"


class Via(StrEnum):
    """Which control: 取消订单 (cancel) or 申请退款 (refund); either: the first, else the second."""

    CANCEL = "cancel"
    REFUND = "refund"
    EITHER = "either"


class Action(StrEnum):
    CANCEL = "cancel"
    ACCEPT = "accept"
    DECLINE = "decline"


BY_SOMEONE_ELSE = N_("cancelled by someone else")
"""How the detail of ``cancelled`` begins where asker or reason are not ours."""


class MessageKind(StrEnum):
    """The two messages that a buyer may get about one order, each at most once."""

    SUBMITTED = "submitted"
    VERDICT = "verdict"


class MessageState(StrEnum):
    """Where a message stands. ``sending`` is the intent: found later, it is doubt."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DOUBT = "doubt"
    NOT_SENT = "not_sent"


class Cause(StrEnum):
    """Why the order fell through, for the shop's own statistics."""

    BUYER = "buyer"
    GOODS = "goods"
    SERVICE = "service"
    STOCK = "stock"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What is wanted for one order: a line of the sheet, or one number on the command line."""

    account: str
    platform: str
    role: Role
    order_no: str
    reason: Reason
    note: str | None = None
    action: Action = Action.CANCEL
    via: Via = Via.EITHER
    expect_total: Decimal | None = None
    expect_currency: str | None = None
    """The total's currency, as ``agent.domain.money`` names it; None: none was given."""
    expect_buyer: str | None = None
    expect_item: str | None = None
    tell_buyer: bool = False
    relist: bool = False
    cause: Cause | None = None
    approved_by: str | None = None
    accept_defect: bool = False

    @property
    def expected(self) -> Amount | None:
        """The total that the page must show."""
        return None if self.expect_total is None else Amount(self.expect_total, self.expect_currency)


class Verdict(StrEnum):
    """What one page says about the cancellation of one order."""

    NONE = "none"
    """The page shows the order and no cancellation."""
    PENDING = "pending"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    ABSENT = "absent"
    """The page does not list the order: on a list that may lag this is no proof of anything."""
    UNCLEAR = "unclear"


class Asker(StrEnum):
    """Who asked for the cancellation, according to the page."""

    SELLER = "seller"
    BUYER = "buyer"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReading:
    """What one page says: ``view`` names the page (list or detail), ``words`` are the page's own."""

    verdict: Verdict
    view: str
    words: str = ""
    asker: Asker = Asker.UNKNOWN
    reason: str | None = None
    """The reason as a canonical word; None when the page shows none, or a label that is not listed."""
    waits_for: WaitsFor | None = None
    for_person: bool = False
    """Only a person can go on from here, in the console ("Retry refund")."""
    hours_left: int | None = None
    """Hours that are left to answer a request; None where the page does not say."""
    guessed: bool = False
    """The words are not listed: the verdict is what they seem to say, and settles nothing by itself."""


@dataclass(frozen=True, slots=True)
class FormPrint:
    """How a form is recognised again: the names of its fields and the reasons that it offers."""

    fields: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The order as the console shows it, once two independent signs agreed that it is the right one."""

    order_no: str
    status: str
    """The page's own words."""
    reading: SiteReading
    """What that status means for a cancellation."""
    pages: tuple[SiteReading, ...]
    """What each page that was read on the way said, before anything was pressed."""
    eligible: bool = True
    """False: with this status nothing can be cancelled."""
    buyer: str = ""
    total: str = ""
    items: tuple[str, ...] = ()
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The site's own ids that tie the row to the form, of all its lines: item, transaction, order id."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What else the page says and a person may want to see: deadline, buyer's message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A buyer's open request that waits for this seller: what ``unsell requests`` prints."""

    account: str
    platform: str
    order_no: str
    buyer: str | None
    reason: str | None
    """The page's own words."""
    hours_left: int | None
    """Hours left to answer; None where the page does not say."""


BUYERS_REASON = "buyer's reason"
"""The name in ``Order.facts`` of what the buyer gave as reason for a request, in the page's own words."""


@dataclass(slots=True, kw_only=True)
class Commit:
    """The one matched control that cannot be taken back, and what was proved about it.

    Made by a flow's ``prepare``; only ``agent.engine.submit`` may press it. ``handle`` is the very element
    that was proved: when the page redraws itself, pressing fails instead of hitting another one.
    """

    page: Page
    handle: ElementHandle
    element: str
    step: str
    label: str
    via: Via
    reason_label: str
    order: Order
    signs: tuple[str, ...]
    note_filled: bool = True
    missing: tuple[str, ...] = ()
    """Sentences about wishes for which the form has no field."""
    form_text: str = ""
    form: FormPrint = FormPrint()
    must_see: tuple[str, ...] = ()
    """What a person must see before this is pressed; ``--yes`` does not cover it."""
    overridden: bool = False
    action: Action = Action.CANCEL
    against: int | None = None
    """Cancellations of this month that count against the shop as this one would; None: it does not."""
    first: bool = False
    """The account's first submit on the real site: confirmed separately, even with ``--yes``."""
    parts: Sequence[ElementHandle] = ()
    """The form: nothing of it may change while the control is pressed."""
    still_proved: Callable[[], Coroutine[Any, Any, bool]]
    """Asked right before the intent: is the form still about this order, with this reason chosen?"""
    pictured: Callable[[], str | None] = lambda: None
    """The file of a picture of the filled form that is fresh enough to be the last before the click."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How one order ended in one run: the object that ``--json`` prints, one per line."""

    account: str
    platform: str
    order_no: str
    state: State
    waits_for: WaitsFor | None = None
    reason: str | None = None
    via: str | None = None
    detail: str | None = None
    offered: tuple[str, ...] | None = None
    site_state: str | None = None
    submits: int = 0
    evidence: str | None = None
    seconds: float | None = None
    updated_at: str | None = None
    code: str | None = None
    """The detail as one unchanging word, of ``Code``."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many orders may be submitted, how many will not, how many of the former count against the shop."""

    ready: int
    refused: int
    against: int
    made: Mapping[str, int]
    """Cancellations made this month that count as well, of each account that is to make one more."""
