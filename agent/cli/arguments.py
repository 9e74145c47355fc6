"""From the words of a command line to wishes: each word checked, its mistake told in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Cancellation, Reason

if TYPE_CHECKING:
    from agent.settings.settings import Settings


def typed(option: str, text: str) -> str:
    """Return an option's text as UTF-8: a locale without UTF-8 leaves its bytes undecoded."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise UsageError(_("{option}: these bytes are no UTF-8 text", option=option)) from None


def reason_of(word: str) -> Reason:
    """Return the reason that a word means: its own word, or a sheet's (买家要求取消).

    UsageError for any other word; it offers the nearest one.
    """
    from agent.sheet.columns import REASONS, CellError, word_of

    try:
        return word_of(typed("--reason", word), REASONS, "reason")
    except CellError as error:
        raise UsageError(f"--reason: {error}") from None


def number_of(text: str) -> str:
    """Return an order number as a sheet's cell is read: without wide digits, dashes, invisible marks."""
    from agent.sheet.columns import CellError, order_no_of

    try:
        return order_no_of(text)
    except CellError as error:
        raise UsageError(f"{text!r}: {error}") from None


def total(text: str | None) -> dict[str, Any]:
    """Return the wishes of ``--expect-total``: the amount, and its currency where named. UsageError."""
    from agent.sheet.parse import amount_of

    if text is None:
        return {}
    try:
        found = amount_of(text)
    except ValueError as error:
        raise UsageError(_("--expect-total {text!r}: {error}", text=text, error=error)) from None
    return {"expect_total": found.value, "expect_currency": found.currency}


def problem_of(settings: Settings) -> Callable[[Cancellation], str | None]:
    """Return a function that says why a platform does not take a well-formed wish; None where it does."""
    from agent.engine.preflight import wording_problem
    from agent.sheet.batch import profiles_of

    profiles = profiles_of(settings)
    return lambda wanted: wording_problem(wanted, profiles[wanted.platform])


def checked(wanted: Cancellation, settings: Settings) -> Cancellation:
    problem = problem_of(settings)(wanted)
    if problem:
        raise UsageError(problem)
    return wanted
