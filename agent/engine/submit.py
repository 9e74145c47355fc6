"""The submit: intent on disk, then the one control, pressed once. The only file that can press a commit.

It is never inside a retry. Whatever happens after the intent is a ``FormResponse``, not an error: the form's
own word is a hint and no proof; what became of the order is read back from another page. A message to the
buyer is sent the same way (``send``): it cannot be taken back either.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from loguru import logger
from playwright.async_api import Dialog, ElementHandle, Response
from playwright.async_api import Error as PlaywrightError

from agent.domain.codes import Code
from agent.domain.errors import AccountBusy, NeedsHuman, SignInNeeded, TechnicalError, UnsellError, first_line
from agent.domain.i18n import _
from agent.domain.order import Commit
from agent.engine.failpoints import failpoint
from agent.engine.press_requests import PressRequests, watched
from agent.engine.response import (
    LOOK_AGAIN,
    OF_A_MESSAGE,
    FormResponse,
    says_sent,
    weighed,
    words_of_a_message,
)
from agent.ledger.lock import Held
from agent.ledger.not_received import Before, Leave, NotReceived, Said
from agent.ledger.store import Ledger, Row
from agent.page.clerk import Clerk
from agent.page.confirmation import Dialog as Question
from agent.page.confirmation import WeighedQuestion, asking, lies_over, mend, opened, weigh
from agent.page.evidence import StepRecord
from agent.page.fields import carried
from agent.page.quiet import QUIET_JS
from agent.page.reader import GRACE
from agent.page.signs import strangers
from agent.page.steady import Steady
from agent.page.step import recorded
from agent.page.together import together

_STILL_MS = 1500
"""How long a page is waited for to stand still, at each look."""
_SENDS = "message.send"
"""The one control that ``send`` presses, and ``submit`` never does: their intents lie in different tables."""


async def submit(
    clerk: Clerk,
    commit: Commit,
    row: Row,
    ledger: Ledger,
    *,
    proof: NotReceived | None,
    leave: Leave | None,
    lock: Held,
    intended: Callable[[Row], None],
) -> FormResponse:
    """Press the commit once, and say what the form answered.

    ``intended`` gets the row with its intent before the first click, so that no caller goes on with an
    older one. ``proof``: for a further submit of an order in doubt, that nothing was received; ``leave``: a
    person's, instead. Raises only before the intent: TechnicalError (no picture, the control went away),
    AccountBusy (the account's lock was lost), or what the ledger says of a third submit. After the intent
    nothing is raised but cancellation of the task. The answer is kept in the order's history.
    """
    if commit.element == _SENDS:
        raise RuntimeError("a message is sent by send(), with an intent of its own")
    record = clerk.evidence.step(commit.step, f"submit: {commit.label}")
    async with contextlib.AsyncExitStack() as stack:
        async with recorded(clerk, record, picture=False, full=True):
            page = await stack.enter_async_context(_steady(clerk, commit))
            await _prove(clerk, commit, record)
            lock.check()
            failpoint("before-intent")
            before = Before(pages=commit.order.pages, form=commit.form)
            row = ledger.intend(
                row, worker=ledger.worker, via=commit.via, before=before, proof=proof, leave=leave
            )
            intended(row)
            failpoint("after-intent")
        began = time.monotonic()
        try:
            answer = await asyncio.shield(_press(clerk, commit, page, lock))
            ledger.note(row, "answered", said=answer.said, words=answer.words, mend=answer.mend)
            failpoint("answered")
            record.notes |= {"the form answered": f"{answer.said}: {answer.words}"}
            record.seconds = round(record.seconds + time.monotonic() - began, 3)
            if not clerk.shown:
                await clerk.show()
        except Exception as error:  # noqa: BLE001 - after the intent every fault is the same: read back
            logger.exception("after the submit")
            return FormResponse(Said.NOTHING, f"{type(error).__name__}: {error}")
        return answer


def _steady(clerk: Clerk, commit: Commit) -> Steady:
    """From before the last look on: the press reaches the page only while that is as it was."""
    return Steady(commit.handle, commit.parts, commit.order, clerk.profile)


async def send(clerk: Clerk, commit: Commit, *, lock: Held, intended: Callable[[], None]) -> FormResponse:
    """Press the control that sends a message once, and say what the site answered.

    ``intended`` writes the intent; what it raises, and what is raised before it, means that nothing was
    pressed. After it nothing is raised but cancellation of the task. No question of the site's gets a yes.
    """
    if commit.element != _SENDS:
        raise RuntimeError(
            f"{commit.element} is no message: only submit() may press it, with the order's intent"
        )
    record = clerk.evidence.step(commit.step, f"send: {commit.label}")
    async with contextlib.AsyncExitStack() as stack:
        async with recorded(clerk, record, picture=False):
            page = await stack.enter_async_context(_steady(clerk, commit))
            await _prove(clerk, commit, record)
            lock.check()
            intended()
            failpoint("message-intended")
        try:
            answer = await asyncio.shield(_press_send(clerk, commit, page, lock))
            record.notes |= {"the site answered": f"{answer.said}: {answer.words}"}
            await clerk.photograph(full=True)
        except Exception as error:  # noqa: BLE001 - after the intent every fault is the same: doubt
            logger.exception("after a message was sent")
            return FormResponse(Said.NOTHING, f"{type(error).__name__}: {error}")
        return answer


async def _press_send(clerk: Clerk, commit: Commit, page: Steady, lock: Held) -> FormResponse:
    """The click, then whichever comes first: the answer to the page's script, or words on the page."""
    told: asyncio.Future[FormResponse] = asyncio.get_running_loop().create_future()

    async def look(response: Response) -> None:
        if await says_sent(clerk, response) and not told.done():
            told.set_result(FormResponse(Said.DONE, "sent"))

    waiting: set[asyncio.Future[FormResponse]] = {told}
    commit.page.on("response", look)
    try:
        stale = [text for name in OF_A_MESSAGE for text in await clerk.texts(name)]
        clerk.start_clock()
        async with asyncio.timeout(clerk.step_timeout):
            lock.check()
            await commit.handle.click(timeout=clerk.left_ms())
            failpoint("message-clicked")
            if await page.stopped():
                return FormResponse(Said.NOTHING, _("the form changed while it was pressed: stopped"))
            waiting.add(asyncio.ensure_future(words_of_a_message(clerk, stale)))
            first, _waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return await (told if told in first else first.pop())
    except (UnsellError, PlaywrightError, TimeoutError) as error:
        said = first_line(error, _("no answer in time"))
        logger.warning("after a message was sent: {}", said)
        return FormResponse(Said.NOTHING, said)
    finally:
        commit.page.remove_listener("response", look)
        for one in waiting:
            one.cancel()


async def _prove(clerk: Clerk, commit: Commit, record: StepRecord) -> None:
    """The last look before the intent: still one control, still this one, pressable, and its picture."""
    clerk.start_clock()
    control = clerk.locators.union(commit.page, commit.element)
    try:
        there, still, *_rest = await together(
            control.element_handles(), commit.still_proved(), clerk.in_reach(commit.handle), clerk.developed()
        )
        if len(there) != 1 or not await there[0].evaluate("(e, same) => e === same", commit.handle):
            raise TechnicalError(_("the form was redrawn before it was submitted: nothing was pressed"))
        if not still:
            raise TechnicalError(_("the form no longer holds what was put into it: nothing was pressed"))
        if pictured := commit.pictured():
            record.notes["the form, filled in"] = pictured
        else:
            secrets = clerk.locators.secrets(commit.page)
            shot = await clerk.camera.take(commit.page, secrets=secrets, outline=commit.handle, full=True)
            clerk.evidence.write(record, ".jpg", shot, name="before")
    except (PlaywrightError, TimeoutError) as error:
        reason = first_line(error, _("no answer in time"))
        raise TechnicalError(
            _("the last look before the submit failed, nothing was pressed: {reason}", reason=reason)
        ) from error
    record.matched.append(
        {"element": commit.element, "label": commit.label, "signs": "; ".join(commit.signs)}
    )


async def _press(clerk: Clerk, commit: Commit, page: Steady, lock: Held) -> FormResponse:
    """The first click and, where a listed confirmation opens, the second. Never raises our errors.

    The lock is asked for again right before each, a yes to ``window.confirm`` too: a process that was stopped
    after its intent wakes up when another has long taken the order over, and must not press any more.
    """
    sent = PressRequests()
    try:
        async with _native_asked(clerk, commit, lock) as asked, watched(commit.page, clerk.profile) as sent:
            before, dialogs, no, done = await together(
                asking(clerk),
                clerk.locators.union(commit.page, "dialog.any").count(),
                clerk.texts("answer.no"),
                clerk.texts("answer.done"),
            )
            clerk.start_clock()
            async with asyncio.timeout(clerk.step_timeout * 2):
                lock.check()
                await commit.handle.click(timeout=clerk.left_ms())
                failpoint("clicked")
                if await page.stopped():
                    return FormResponse(Said.NOTHING, _("the form changed while it was pressed: stopped"))
                stood = _Stood(before, dialogs, no + done, page, lock)
                said = asked[0] if asked else await _answer_or_stillness(clerk, commit, stood, asked, sent)
                return weighed(said, sent)
    except SignInNeeded as error:  # the site asked to sign in, and did not answer
        return FormResponse(Said.NOTHING, str(error))
    except (UnsellError, PlaywrightError, TimeoutError) as error:
        words = first_line(error, _("no answer in time"))
        logger.warning("after the submit: {}", words)
        return weighed(FormResponse(Said.NOTHING, words), sent)


@dataclass(frozen=True, slots=True)
class _Stood:
    """What the page showed before the press: no answer to it. And the lock that a further click needs."""

    asking: list[ElementHandle]
    dialogs: int
    words: list[str]
    page: Steady
    lock: Held


async def _answer_or_stillness(
    clerk: Clerk, commit: Commit, stood: _Stood, asked: list[FormResponse], sent: PressRequests
) -> FormResponse:
    """The form's answer; none, once the site has answered the press and the page stands still without one."""
    answer = asyncio.ensure_future(_answer(clerk, commit, stood, asked))
    still = asyncio.ensure_future(_stands_still(clerk, sent))
    try:
        await asyncio.wait({answer, still}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            await asyncio.wait({answer}, timeout=GRACE)
        if answer.done():
            return answer.result()
    finally:
        for task in (answer, still):
            task.cancel()
        await asyncio.gather(answer, still, return_exceptions=True)
    silent = NeedsHuman(_("the page shows no answer that is listed"), code=Code.NOT_RECOGNISED)
    return await _not_understood(clerk, commit, stood.dialogs, silent)


async def _stands_still(clerk: Clerk, sent: PressRequests) -> None:
    """Return when what the press has written was answered, and the page stands still."""
    while True:
        await asyncio.sleep(LOOK_AGAIN)
        if not sent.written or clerk.tabs.traffic.busy:
            continue
        with contextlib.suppress(PlaywrightError):  # another document comes
            still = await clerk.page.evaluate(QUIET_JS, _STILL_MS) and not clerk.tabs.traffic.busy
            if still and not await asking(clerk):
                return


async def _answer(clerk: Clerk, commit: Commit, stood: _Stood, asked: list[FormResponse]) -> FormResponse:
    """Wait for the form's answer; a listed confirmation is answered on the way."""
    waiting = ["confirm.dialog", "answer.done", "answer.no"]
    while True:
        try:
            seen = await _see(clerk, commit, waiting, stood)
            words = await _words(clerk, seen, new=not stood.words)
            if seen == "confirm.dialog":
                await clerk.photograph(name="confirmation")
                await clerk.developed()
                if left_alone := await _confirm(clerk, commit, stood):
                    return left_alone
                waiting.remove("confirm.dialog")
            elif set(words) - set(stood.words):
                # A "no" may be the page's own remark while the confirmation is still being drawn.
                if seen == "answer.done" or not await clerk.appears("confirm.dialog", GRACE):
                    return FormResponse(Said.DONE if seen == "answer.done" else Said.NO, "; ".join(words))
            elif clerk.left_ms() <= 1:
                return FormResponse(Said.NOTHING, _("the form shows what it showed before"))
            else:
                await asyncio.sleep(LOOK_AGAIN)
        except (AccountBusy, SignInNeeded):
            raise
        except UnsellError as error:
            return asked[0] if asked else await _not_understood(clerk, commit, stood.dialogs, error)


async def _not_understood(clerk: Clerk, commit: Commit, dialogs: int, error: UnsellError) -> FormResponse:
    """Nothing listed came: another dialog than before, or what lies over the form, may be a question."""
    if await clerk.locators.union(clerk.page, "dialog.any").count() > dialogs or await lies_over(commit):
        return FormResponse(
            Said.UNLISTED, _("the site opened a dialog that is not listed: it was left alone")
        )
    return FormResponse(Said.NOTHING, str(error))


async def _words(clerk: Clerk, seen: str, *, new: bool) -> list[str]:
    """The answer's words; where all of them are new, a "done" is photographed while it is read."""
    clerk.shown = False  # what was there in an earlier look is not the answer
    if seen == "answer.done" and new:
        await clerk.show()
    return await clerk.texts(seen)


async def _see(clerk: Clerk, commit: Commit, waiting: list[str], stood: _Stood) -> str:
    """What appears first; a dialog that was open before the press does not ask about it."""
    seen = await clerk.see(*waiting)
    if seen != "confirm.dialog" or await opened(clerk, commit, stood.asking):
        return seen
    there = [name for name in waiting if name != seen and await clerk.any(name)]
    return there[0] if there else waiting[-1]


async def _confirm(clerk: Clerk, commit: Commit, stood: _Stood) -> FormResponse | None:
    """Say yes to the one dialog that opened, where its whole text is listed: on the very elements read.

    The mouse is moved there before the last look, so that what a page does on hovering is over.
    """
    dialogs = await opened(clerk, commit, stood.asking)
    asked = _weigh(clerk, commit, "\n".join(dialog.text for dialog in dialogs))
    if len(dialogs) != 1 or not asked.listed or not dialogs[0].answerable:
        return _unlisted(commit, asked)
    dialog, yes = dialogs[0], dialogs[0].yes[0]
    clerk.start_clock()
    failpoint("confirmation-open")
    try:
        await yes.hover(timeout=clerk.left_ms())
        async with Steady(yes, [dialog.element], commit.order, clerk.profile) as page:
            if await dialog.again(clerk) and await _of_this_order(clerk, commit, dialog, stood.page):
                stood.lock.check()
                await yes.click(timeout=clerk.left_ms())
                failpoint("confirmed")
                if not await page.stopped():
                    return None
    except (TechnicalError, PlaywrightError) as error:
        stood.lock.check()  # lost: the page was closed, and nobody changed the question
        logger.warning("the question went away: {}", first_line(error))
    words = _("the question changed while it was answered, left alone: {words}", words=asked.text)
    return FormResponse(Said.UNLISTED, words)


async def _of_this_order(clerk: Clerk, commit: Commit, dialog: Question, page: Steady) -> bool:
    """Whether the question carries no other order's ids, and the form still holds what it was sent with."""
    fields, typed = await carried(dialog.element)
    others = strangers([*fields, *typed], dialog.text, commit.order.ids, clerk.profile)
    return not others and await page.kept()


def _weigh(clerk: Clerk, commit: Commit, text: str) -> WeighedQuestion:
    return weigh(clerk.profile, commit.order, commit.action, text, reason=commit.reason_label)


def _unlisted(commit: Commit, asked: WeighedQuestion) -> FormResponse:
    """A question that gets no yes, and the entry that would list it."""
    words = _("the site asked something that is not listed, left alone: {words}", words=asked.text)
    return FormResponse(Said.UNLISTED, words, mend(commit.action, asked))


@contextlib.asynccontextmanager
async def _native_asked(clerk: Clerk, commit: Commit, lock: Held) -> AsyncIterator[list[FormResponse]]:
    """Answer ``window.confirm``: yes to a listed one while the lock is held, else no; that is collected."""
    left_alone: list[FormResponse] = []

    async def on_dialog(dialog: Dialog) -> None:
        asked = _weigh(clerk, commit, dialog.message)
        if dialog.type == "confirm" and asked.listed and not answered:
            answered.append(dialog.message)
            failpoint("confirmation-open")
            if lock.is_held:
                await dialog.accept()
                failpoint("confirmed")
                return
            left_alone.append(FormResponse(Said.NOTHING, _("the account's lock is lost: left alone")))
        else:
            left_alone.append(_unlisted(commit, asked))
        await dialog.dismiss()

    answered: list[str] = []
    commit.page.on("dialog", on_dialog)
    try:
        yield left_alone
    finally:
        commit.page.remove_listener("dialog", on_dialog)


__all__ = ["FormResponse", "Said", "send", "submit"]
