"""The ``code`` of an order's detail: one word that never changes and is never translated.

Decisions and scripts go by it; ``detail`` is for people to read.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why an order stands where it stands."""

    # refused
    NOT_FOUND = "not-found"
    NOT_ELIGIBLE = "not-eligible"
    NOT_OFFERED = "not-offered"
    """The order's page or menu offers no cancellation."""
    REASON_NOT_OFFERED = "reason-not-offered"
    EXPECTATION_NOT_MET = "expectation-not-met"
    NOT_AS_APPROVED = "not-as-approved"
    COUNTS_AGAINST_SHOP = "counts-against-shop"
    ALREADY_DECLINED = "already-declined"
    NO_OPEN_REQUEST = "no-open-request"
    THE_SITE_SAYS_NO = "the-site-says-no"
    # cancelled, pending, declined
    ALREADY_CANCELLED = "already-cancelled"
    BY_SOMEONE_ELSE = "by-someone-else"
    ASKER_UNKNOWN = "asker-unknown"
    """The page does not say who cancelled."""
    ALREADY_OPEN = "already-open"
    DECLINED_BY_US = "declined-by-us"
    # needs_human
    ACTS_AT_ONCE = "acts-at-once"
    """A control that should only open a form sends something at once; it was stopped."""
    REQUEST_WAITS_FOR_US = "request-waits-for-us"
    LEFT_TO_A_PERSON = "left-to-a-person"
    """Only a person can go on from here, in the console."""
    NO_BROWSER = "no-browser"
    """The browser that a person keeps open does not answer."""
    CHALLENGE = "challenge"
    SIGN_IN = "sign-in"
    OTHER_ACCOUNT = "other-account"
    LED_AWAY = "led-away"
    COVERED = "covered"
    """A dialog that the profile does not list covers the control."""
    NOT_RECOGNISED = "not-recognised"
    STATE_NOT_RECOGNISED = "state-not-recognised"
    SEVERAL_MATCHES = "several-matches"
    NO_SIGN = "no-sign"
    """Nothing on the form says that it is about this order."""
    OTHER_ORDER = "other-order"
    QUESTION_NOT_LISTED = "question-not-listed"
    BOX_NOT_RECOGNISED = "box-not-recognised"
    AMOUNT_DIFFERS = "amount-differs"
    """A field of the form holds an amount other than the order's total."""
    THE_FORM_SAID_NO = "the-form-said-no"
    THE_FORM_SAID_DONE = "the-form-said-done"
    """It said that it went through, and two pages show the order as it was."""
    ANSWER_NOT_RECOGNISED = "answer-not-recognised"
    """The site answered the submit, in words that are not listed."""
    NOT_AS_BEFORE = "not-as-before"
    """No cancellation is shown, but the pages do not say what they said before the submit."""
    SEEN_AND_GONE = "seen-and-gone"
    """A page showed a cancellation after the submit, and no page shows it now."""
    FORM_NOT_AS_BEFORE = "form-not-as-before"
    UNCLEAR_AFTER_SETTLING = "unclear-after-settling"
    NO_LONGER_OPEN = "no-longer-open"
    """The pending cancellation is no longer shown, and no other is."""
    CHANGED_IN_DOUBT = "changed-in-doubt"
    SUBMITS_SPENT = "submits-spent"
    FIRST_SUBMIT = "first-submit"
    """The account's first submit on the real site needs a person at a terminal."""
    # queued, failed, submitting
    NOT_APPROVED = "not-approved"
    INTERRUPTED = "interrupted"
    CAP_REACHED = "cap-reached"
    DOUBTS_IN_A_ROW = "doubts-in-a-row"
    FAILURES_IN_A_ROW = "failures-in-a-row"
    TECHNICAL = "technical"
    LEDGER_FAILED = "ledger-failed"
    OUTCOME_UNKNOWN = "outcome-unknown"
    NOT_RECEIVED = "not-received"
    NOT_READ_BACK = "not-read-back"
    """A pending order could not be read back, and stays as it was."""


class ClosedBy(StrEnum):
    """Who made the cancellation that is shown; for a declined one, who declined it."""

    US = "us"
    """This account's side, for the wished reason, or by the answer that was wished."""
    OTHER = "other"
    """The other party, or our side for another reason."""
    PLATFORM = "platform"
    UNKNOWN = "unknown"


SOMEBODY_ELSE = frozenset({ClosedBy.OTHER, ClosedBy.PLATFORM})
