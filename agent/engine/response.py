"""What a site answered to a press: the form's word, or a message's, and what became of its requests."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Response

from agent.domain.i18n import _
from agent.engine.press_requests import PressRequests
from agent.ledger.not_received import Said
from agent.page.clerk import Clerk

LOOK_AGAIN = 0.2
"""Seconds between two looks at a page whose answer is waited for."""

OF_A_MESSAGE = {"message.done": Said.DONE, "message.limited": Said.LATER, "message.no": Said.NO}


@dataclass(slots=True)
class FormResponse:
    said: Said
    words: str = ""
    mend: str = ""
    """The entry that would let an unlisted question be answered; '' where none should be."""


def weighed(said: FormResponse, sent: PressRequests) -> FormResponse:
    """The form's answer, compared with what became of the press's own requests.

    A failure text while none of them was answered is not the site's answer; and where one was, a silent
    page is no proof that nothing happened.
    """
    if said.said is Said.NO and sent.unanswered:
        return FormResponse(Said.NOTHING, _("{words} (no answer to the request)", words=said.words))
    if said.said is Said.NOTHING and sent.answered:
        return FormResponse(Said.OTHER, said.words)
    return said


async def says_sent(clerk: Clerk, response: Response) -> bool:
    """Whether this is the answer to the page's script, and says that the message was sent."""
    rules = clerk.profile.message
    if not rules or not rules.answer or not rules.sent or not re.search(rules.answer, response.url):
        return False
    try:
        return re.search(rules.sent, await response.text()) is not None
    except PlaywrightError:  # the body is gone: the page's own words may tell
        return False


async def words_of_a_message(clerk: Clerk, stale: list[str]) -> FormResponse:
    """What the page says of the message, new since the click."""
    while True:
        seen = await clerk.see(*OF_A_MESSAGE)
        words = await clerk.texts(seen)
        if set(words) - set(stale):
            return FormResponse(OF_A_MESSAGE[seen], "; ".join(words))
        if clerk.left_ms() <= 1:
            return FormResponse(Said.NOTHING, _("the page shows what it showed before"))
        await asyncio.sleep(LOOK_AGAIN)
