"""The one retry decision of the product: read-only steps, only technical faults, never a submit.

Business refusals, hand-overs to a person and doubt are not retried: asking again changes nothing, or
would be the very second click that must not happen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from loguru import logger
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from agent.domain.errors import TechnicalError

ATTEMPTS = 3
T = TypeVar("T")


def _say(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    logger.warning(
        "attempt {} of {} failed ({}); again in {:.1f} s", state.attempt_number, ATTEMPTS, error, wait
    )


def _spent(state: RetryCallState) -> None:
    """What a step has tried often enough is not tried again by the walk around it."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TechnicalError) and state.attempt_number >= ATTEMPTS:
        error.spent = True


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """``work``, up to three times while its end is a technical fault; the last error is raised.

    A step and the walk around it both ask for this: an error that a step has tried often enough is not tried
    again by the walk.
    """
    async for attempt in _technical():
        with attempt:
            return await work()
    raise AssertionError("tenacity re-raises the last error")


def _technical() -> AsyncRetrying:
    """Up to three attempts on a technical fault.

    Exponential waits with jitter (0.3 s to 5 s); the last error is re-raised.
    """
    return AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, TechnicalError) and not error.spent),
        after=_spent,
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential_jitter(multiplier=0.3, max=5, jitter=0.5),
        before_sleep=_say,
        reraise=True,
    )
