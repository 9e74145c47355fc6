"""The submit: intent on disk, then the one control, pressed once. The only file that can press a commit.

Never inside a retry. Whatever happens after the intent is an ``Answer``, not an error: the form's own word
is a hint and no proof; what became of the order is read back from another page. A message to the buyer is
sent the same way (``send``): it cannot be taken back either.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loguru import logger
from playwright.async_api import Dialog, Response
from playwright.async_api import Error as PlaywrightError

from agent.clerk import Clerk
from agent.errors import TechnicalError, UnsellError
from agent.evidence import StepRecord
from agent.i18n import _
from agent.ledger import Ledger, Row
from agent.lock import Held
from agent.order import Action, Commit, Reading
from agent.points import passing
from agent.reader import GRACE
from agent.step import recorded
from agent.together import together
from agent.words import plain

_LOOK_AGAIN = 0.2
_SENDS = "message.send"
"""The one control that ``send`` presses, and ``submit`` never does: their intents lie in different tables."""


class Said(StrEnum):
    """What the form itself answered."""

    DONE = "done"
    NO = "no"
    NOTHING = "nothing"
    """No answer that is understood: cut off, a 5xx, a time-out, a page not recognised."""
    UNLISTED = "unlisted"
    """A confirmation that the profile does not list was opened, and left alone."""
    LATER = "later"
    """Of a message alone: too many were sent, this one was not; later it may be."""


@dataclass(slots=True)
class Answer:
    said: Said
    words: str = ""


async def submit(
    clerk: Clerk,
    commit: Commit,
    row: Row,
    ledger: Ledger,
    *,
    again: bool,
    proof: Sequence[Reading],
    lock: Held,
    intended: Callable[[Row], None],
) -> Answer:
    """Press the commit once, and say what the form answered.

    ``intended`` is handed the row with its intent before the first click, so that nobody goes on with an
    older one. ``proof``: for a further submit of an order in doubt, the two readings that nothing was
    received. Raises only before the intent: TechnicalError (no picture, the control went away), AccountBusy
    (the account's lock was lost), or what the ledger says of a third submit. After the intent nothing is
    raised but cancellation of the task.
    """
    if commit.element == _SENDS:
        raise RuntimeError("a message is sent by send(), with an intent of its own")
    record = clerk.evidence.step(commit.step, f"submit: {commit.label}")
    async with recorded(clerk, record, picture=False, full=True):
        await _prove(clerk, commit, record)
        lock.check()
        passing("before-intent")
        intended(ledger.intend(row, worker=ledger.worker, again=again, via=commit.via, proof=proof))
        passing("after-intent")
    began = time.monotonic()
    try:
        answer = await asyncio.shield(_press(clerk, commit))
        passing("answered")
        record.notes |= {"the form answered": f"{answer.said}: {answer.words}"}
        record.seconds = round(record.seconds + time.monotonic() - began, 3)
        if not clerk.shown:
            await clerk.show()
    except Exception as error:  # noqa: BLE001 - after the intent every fault is the same: read back
        logger.exception("after the submit")
        return Answer(Said.NOTHING, f"{type(error).__name__}: {error}")
    return answer


async def send(clerk: Clerk, commit: Commit, *, lock: Held, intended: Callable[[], None]) -> Answer:
    """Press the control that sends a message once, and say what the site answered.

    ``intended`` writes the intent; what it raises, and what is raised before it, means that nothing was
    pressed. After it nothing is raised but cancellation of the task. No question of the site's gets a yes.
    """
    if commit.element != _SENDS:
        raise RuntimeError(
            f"{commit.element} is no message: only submit() may press it, with the order's intent"
        )
    record = clerk.evidence.step(commit.step, f"send: {commit.label}")
    async with recorded(clerk, record, picture=False):
        await _prove(clerk, commit, record)
        lock.check()
        intended()
        passing("message-intended")
    try:
        answer = await asyncio.shield(_press_send(clerk, commit))
        record.notes |= {"the site answered": f"{answer.said}: {answer.words}"}
        await clerk.photograph(full=True)
    except Exception as error:  # noqa: BLE001 - after the intent every fault is the same: doubt
        logger.exception("after a message was sent")
        return Answer(Said.NOTHING, f"{type(error).__name__}: {error}")
    return answer


_OF_A_MESSAGE = {"message.done": Said.DONE, "message.limited": Said.LATER, "message.no": Said.NO}


async def _press_send(clerk: Clerk, commit: Commit) -> Answer:
    """The click, then whichever comes first: the answer to the page's script, or words on the page."""
    told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    async def look(response: Response) -> None:
        if await _says_sent(clerk, response) and not told.done():
            told.set_result(Answer(Said.DONE, "sent"))

    waiting: set[asyncio.Future[Answer]] = {told}
    commit.page.on("response", look)
    try:
        stale = [text for name in _OF_A_MESSAGE for text in await clerk.texts(name)]
        clerk.start_clock()
        async with asyncio.timeout(clerk.step_timeout):
            await commit.handle.click(timeout=clerk.left_ms())
            passing("message-clicked")
            waiting.add(asyncio.ensure_future(_words_of_a_message(clerk, stale)))
            first, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return await (told if told in first else first.pop())
    except (UnsellError, PlaywrightError, TimeoutError) as error:
        said = (str(error) or _("no answer in time")).splitlines()[0]
        logger.warning("after a message was sent: {}", said)
        return Answer(Said.NOTHING, said)
    finally:
        commit.page.remove_listener("response", look)
        for one in waiting:
            one.cancel()


async def _says_sent(clerk: Clerk, response: Response) -> bool:
    """Whether this is the answer to the page's script, and says that the message was sent."""
    rules = clerk.profile.message
    if not rules or not rules.answer or not rules.sent or not re.search(rules.answer, response.url):
        return False
    try:
        return re.search(rules.sent, await response.text()) is not None
    except PlaywrightError:  # a body that is gone says nothing: the page's own words may
        return False


async def _words_of_a_message(clerk: Clerk, stale: list[str]) -> Answer:
    """What the page says of the message, new since the click."""
    while True:
        seen = await clerk.see(*_OF_A_MESSAGE)
        words = await clerk.texts(seen)
        if set(words) - set(stale):
            return Answer(_OF_A_MESSAGE[seen], "; ".join(words))
        if clerk.left_ms() <= 1:
            return Answer(Said.NOTHING, _("the page shows what it showed before"))
        await asyncio.sleep(_LOOK_AGAIN)


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
        reason = (str(error) or _("no answer in time")).splitlines()[0]
        raise TechnicalError(
            _("the last look before the submit failed, nothing was pressed: {reason}", reason=reason)
        ) from error
    record.matched.append(
        {"element": commit.element, "label": commit.label, "signs": "; ".join(commit.signs)}
    )


async def _press(clerk: Clerk, commit: Commit) -> Answer:
    """The first click and, where a listed confirmation opens, the second. Never raises our errors."""
    try:
        async with _native_confirmations(clerk, commit) as asked:
            dialogs, no, done = await together(
                clerk.locators.union(commit.page, "dialog.any").count(),
                clerk.texts("answer.no"),
                clerk.texts("answer.done"),
            )
            stale = no + done
            clerk.start_clock()
            async with asyncio.timeout(clerk.step_timeout * 2):
                await commit.handle.click(timeout=clerk.left_ms())
                passing("clicked")
                if asked:
                    return asked[0]
                return await _answer(clerk, commit, dialogs, asked, stale)
    except (UnsellError, PlaywrightError, TimeoutError) as error:
        words = (str(error) or _("no answer in time")).splitlines()[0]
        logger.warning("after the submit: {}", words)
        return Answer(Said.NOTHING, words)


async def _answer(
    clerk: Clerk, commit: Commit, dialogs: int, asked: list[Answer], stale: list[str]
) -> Answer:
    """Wait for the form's answer, meeting a confirmation on the way."""
    waiting = ["confirm.dialog", "answer.done", "answer.no"]
    while True:
        try:
            seen = await clerk.see(*waiting)
            words = await _words(clerk, seen, new=not stale)
            if seen == "confirm.dialog":
                await clerk.photograph(name="confirmation")
                await clerk.developed()
                if unlisted := await _confirm(clerk, commit):
                    return unlisted
                waiting.remove("confirm.dialog")
            elif set(words) - set(stale):
                # A "no" may be the page's own remark while the confirmation is still being drawn.
                if seen == "answer.done" or not await clerk.appears("confirm.dialog", GRACE):
                    return Answer(Said.DONE if seen == "answer.done" else Said.NO, "; ".join(words))
            elif clerk.left_ms() <= 1:
                return Answer(Said.NOTHING, _("the form shows what it showed before"))
            else:
                await asyncio.sleep(_LOOK_AGAIN)
        except UnsellError as error:
            if asked:
                return asked[0]
            if await clerk.locators.union(clerk.page, "dialog.any").count() > dialogs:
                return Answer(
                    Said.UNLISTED, _("the site opened a dialog that is not listed: it was left alone")
                )
            return Answer(Said.NOTHING, str(error))


async def _words(clerk: Clerk, seen: str, *, new: bool) -> list[str]:
    """What stands there; where all of it is new, a "done" is photographed while it is read."""
    clerk.shown = False  # what was there in an earlier look is not the answer
    if seen == "answer.done" and new:
        await clerk.show()
    return await clerk.texts(seen)


async def _confirm(clerk: Clerk, commit: Commit) -> Answer | None:
    """Say yes to a listed confirmation about cancelling, whose yes and no each match once."""
    dialog = clerk.locators.union(clerk.page, "confirm.dialog")
    yes = clerk.locators.union(clerk.page, "confirm.yes")
    no = clerk.locators.union(clerk.page, "confirm.no")
    words = " ".join((await dialog.inner_text()).split()) if await dialog.count() == 1 else ""
    if not is_listed(clerk, commit, words) or await yes.count() != 1 or await no.count() != 1:
        return Answer(
            Said.UNLISTED, _("the site asked something that is not listed, left alone: {words}", words=words)
        )
    clerk.start_clock()
    passing("confirmation-open")
    await yes.click(timeout=clerk.left_ms())
    passing("confirmed")
    return None


def is_listed(clerk: Clerk, commit: Commit, words: str) -> bool:
    """Whether a confirmation asks one of the profile's questions, about this order or about none."""
    profile, own = clerk.profile, commit.order.order_no
    answers = profile.answer_confirmations.get(commit.action, ())
    questions = profile.confirmations if commit.action is Action.CANCEL else answers
    numbers = set(re.findall(rf"(?<![\w-])(?:{profile.order_no})(?![\w-])", words))
    if numbers - {own}:
        return False
    asked = plain(words.replace(own, ""))
    return any(plain(question) in asked for question in questions)


@contextlib.asynccontextmanager
async def _native_confirmations(clerk: Clerk, commit: Commit) -> AsyncIterator[list[Answer]]:
    """Answer ``window.confirm``: yes to a listed one, else no; the latter is collected."""
    unlisted: list[Answer] = []

    async def on_dialog(dialog: Dialog) -> None:
        if dialog.type == "confirm" and is_listed(clerk, commit, dialog.message) and not answered:
            answered.append(dialog.message)
            passing("confirmation-open")
            await dialog.accept()
            passing("confirmed")
            return
        unlisted.append(
            Answer(
                Said.UNLISTED,
                _("the site asked something that is not listed: {message}", message=dialog.message),
            )
        )
        await dialog.dismiss()

    answered: list[str] = []
    commit.page.on("dialog", on_dialog)
    try:
        yield unlisted
    finally:
        commit.page.remove_listener("dialog", on_dialog)


__all__ = ["Answer", "Said", "send", "submit"]
