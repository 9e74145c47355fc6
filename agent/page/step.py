"""One step of a flow: its deadline, retry, picture, log line and timing, all in one decorator."""

from __future__ import annotations

import contextlib
import functools
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from loguru import logger
from playwright.async_api import Error as PlaywrightError

from agent.domain.errors import Refused, TechnicalError, UnsellError
from agent.domain.i18n import _
from agent.page.clerk import Clerk
from agent.page.evidence import StepRecord
from agent.page.failed_page import scene_of
from agent.page.retry import retried

BLANK = "about:blank"
P = ParamSpec("P")
T = TypeVar("T")


class HasClerk(Protocol):
    @property
    def clerk(self) -> Clerk: ...


S = TypeVar("S", bound=HasClerk)
Method = Callable[Concatenate[S, P], Coroutine[Any, Any, T]]


def step(
    step_id: str, label: str, *, retry: bool = False, full: bool = False, picture: bool = True
) -> Callable[[Method[S, P, T]], Method[S, P, T]]:
    """Make a flow's method a step: ``step_id`` is the article's, ``label`` its wording.

    ``retry``: the step only reads and starts from an address, so a technical fault may repeat it.
    ``full``: its picture shows the whole page; ``picture`` False: it has none unless it fails.
    Playwright's own errors become TechnicalError.
    """

    def decorate(method: Method[S, P, T]) -> Method[S, P, T]:
        @functools.wraps(method)
        async def walked(self: S, *args: P.args, **kwargs: P.kwargs) -> T:
            record = self.clerk.evidence.step(step_id, label)
            async with recorded(self.clerk, record, full=full, picture=picture, later=True):
                if not retry:
                    return await _once(self.clerk, method(self, *args, **kwargs))

                async def again() -> T:
                    record.attempts = next(attempts)
                    return await _once(self.clerk, method(self, *args, **kwargs))

                attempts = itertools.count(1)
                return await retried(again)

        return walked  # type: ignore[return-value]  # mypy: a named self is no positional-only one

    return decorate


async def _once(clerk: Clerk, work: Awaitable[T]) -> T:
    """Within the step's deadline, with Playwright's errors told in our words."""
    clerk.focus, clerk.shown = None, False
    try:
        async with clerk.clock():
            return await work
    except TimeoutError:
        raise TechnicalError(
            _(
                "the step took longer than {step_timeout:g} s ({url})",
                step_timeout=clerk.step_timeout,
                url=clerk.page.url,
            )
        ) from None
    except PlaywrightError as error:
        raise clerk.told(error) from error


@contextlib.asynccontextmanager
async def recorded(
    clerk: Clerk, record: StepRecord, *, full: bool = False, picture: bool = True, later: bool = False
) -> AsyncIterator[None]:
    """Fill the step's record: timing, address, picture; on a failure also outline and HTML.

    ``later``: the picture may still be on its way when this ends; the clerk's ``developed`` waits for it.
    """
    await clerk.developed()  # the step before gets its picture in its own time
    started = time.monotonic()
    clerk.record = record
    clerk.focus = None
    clerk.whole, clerk.shown = full, False
    try:
        yield
        if picture and not clerk.shown:
            await clerk.show()
        if not later:
            await clerk.developed()
    except UnsellError as error:
        record.error = str(error)
        await _scene(clerk, record, dump=not isinstance(error, Refused))
        raise
    finally:
        record.seconds = round(time.monotonic() - started, 3)
        record.url = clerk.page.url if clerk.page.url != BLANK else record.url
        log = logger.bind(step=record.id, seconds=record.seconds, url=record.url, drift=record.drift)
        (log.warning if record.error else log.info)(
            "{} {} {:.2f} s{}",
            record.id,
            record.label,
            record.seconds,
            f": {record.error}" if record.error else "",
        )


async def _scene(clerk: Clerk, record: StepRecord, *, dump: bool) -> None:
    """What the page looked like when the step failed; one that was closed is in the evidence already."""
    if clerk.page.url == BLANK and not await clerk.page.locator("body > *").count():
        return
    await clerk.photograph(full=True, name="failed")
    await clerk.developed()
    if not dump:
        return
    with contextlib.suppress(PlaywrightError):
        is_sign_in = clerk.profile.signs_in_at(clerk.page.url, clerk.site)
        kept = await scene_of(clerk.page, is_sign_in=is_sign_in)
        for ending, text in kept.items():
            clerk.evidence.write(record, ending, text)
        if not kept:
            record.notes["no outline"] = "the page asks for a password or a code"
