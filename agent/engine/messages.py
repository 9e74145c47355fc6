"""Telling the buyer: at most two messages an order, by the platform's own channel, each at most once.

Sent only after the order's own state is settled and its evidence sealed. A failed message never changes
the order; it is reported, and kept in the ledger. One that was pressed and not answered is in doubt: it is
reported, never sent again. One that was not pressed, or that the site put off ("too many"), stays due.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

from loguru import logger
from playwright.async_api import Error as PlaywrightError

from agent.account.session import AccountSession
from agent.domain.errors import AccountBusy, UnsellError, UsageError, first_line
from agent.domain.i18n import N_, _
from agent.domain.order import Action, Cancellation, Commit, MessageKind, MessageState, Order, State
from agent.engine.message_text import Letters
from agent.engine.submit import Said, send
from agent.ledger.outbox import owed
from agent.ledger.schema import BuyerMessage
from agent.ledger.store import Ledger, Row
from agent.page.evidence import Evidence
from agent.page.retry import retried
from agent.profile.profile import Profile, load
from agent.settings.settings import Settings

_BECOMES = {
    Said.DONE: MessageState.SENT,
    Said.LATER: MessageState.DUE,
    Said.NO: MessageState.NOT_SENT,
    Said.NOTHING: MessageState.DOUBT,
    Said.UNLISTED: MessageState.DOUBT,
}
_SENTENCES = {
    MessageState.SENT: N_("the buyer was told ({kind})"),
    MessageState.DUE: N_("the buyer is not told yet ({kind}): {detail}; unsell sync tries again"),
    MessageState.NOT_SENT: N_("the buyer was not told ({kind}): {detail}"),
    MessageState.DOUBT: N_(
        "whether the buyer was told ({kind}) is not known: {detail}; it is not sent again, "
        "look at the messages in the console"
    ),
}


def letters_of(settings: Settings, account: str, profile: Profile, shown_as: str = "") -> Letters:
    """The account's templates. UsageError where the platform has no messages here."""
    if profile.message is None:
        raise UsageError(
            _(
                "{title}: messages to the buyer are not known here; leave --tell-buyer out",
                title=profile.title,
            )
        )
    name, found = settings.account(account)
    return Letters(settings.home, profile, profile.message, found.title or shown_as or name)


def check_letters(settings: Settings, accounts: set[str]) -> None:
    """UsageError, with file and line, when a message of these accounts could not be written."""
    for name in sorted(accounts):
        letters_of(settings, name, load(settings.account(name)[1].platform, settings.home)).check()


def preview(settings: Settings, session: AccountSession, wanted: Cancellation, order: Order) -> str:
    """Both messages as the buyer would get them, for a dry run; or what is wrong with them."""
    letters = letters_of(settings, session.name, session.profile, session.shown_as)
    verdict = State.DECLINED if wanted.action is Action.DECLINE else State.CANCELLED
    texts: list[str] = []
    for kind, state in ((MessageKind.SUBMITTED, State.PENDING), (MessageKind.VERDICT, verdict)):
        try:
            text = letters.text(
                kind, order_no=order.order_no, items=list(order.items), reason=wanted.reason,
                action=wanted.action, state=state, waits_for=None,
            )  # fmt: skip
        except UsageError as error:
            text = str(error)
        texts.append(
            _("-- {kind}, where the order is then {state} --\n{text}", kind=kind, state=state, text=text)
        )
    return "\n".join(texts)


class MessageSender:
    """Sends what the ledger says is due for the orders of one account. Submits nothing else."""

    def __init__(
        self, session: AccountSession, ledger: Ledger, settings: Settings, say: Callable[[str], None]
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._settings = settings
        self._say = say

    async def tell(self, row: Row) -> None:
        """Send the order's due message, if any. It raises nothing but cancellation of the task."""
        try:
            for message in self._ledger.outbox.of(row):
                if message.state is MessageState.SENDING:
                    self._end(row, message, MessageState.DOUBT, _("an earlier run ended while it was sent"))
                elif message.state is MessageState.DUE and message.kind is owed(row):
                    if self._session.put_off:
                        self._tell_person(row, message.kind, MessageState.DUE, self._session.put_off)
                    else:
                        await self._send(row, message)
        except Exception as error:  # noqa: BLE001 - the order is settled; its message must not change that
            logger.exception("{}: telling the buyer", row.order_no)
            self._say(
                _(
                    "{order_no}: the buyer could not be told: {kind}: {error}",
                    order_no=row.order_no,
                    kind=type(error).__name__,
                    error=error,
                )
            )

    async def _send(self, row: Row, message: BuyerMessage) -> None:
        session, intended = self._session, [message]
        wanted = replace(self._ledger.to_cancellation(row), account=session.name)
        about = {"order_no": row.order_no, "account": session.name, "message": message.kind.value}
        root = self._settings.evidence_dir
        evidence = Evidence.begin(root, row.platform, row.order_no, f"message-{message.kind}", about)
        await session.begin(evidence)
        try:
            commit = await self._written(wanted, row, message.kind)
            evidence.add(button=commit.label, signs=list(commit.signs))
            if commit.overridden:
                self._say(
                    _(
                        "{order_no}: the send button comes from your own selectors ({element})",
                        order_no=row.order_no,
                        element=commit.element,
                    )
                )
            answer = await send(
                session.clerk, commit, lock=session.lock,
                intended=lambda: intended.append(self._ledger.outbox.intend(message)),
            )  # fmt: skip
            state, detail = _BECOMES[answer.said], answer.words
            if answer.said is Said.LATER:
                session.put_off_messages(_("too many for now ({words})", words=answer.words))
        except AccountBusy as error:
            self._say(f"{row.order_no}: {error}")
            evidence.seal({"because": str(error)})
            return
        except (UnsellError, PlaywrightError, OSError) as error:  # nothing was pressed
            state, detail = MessageState.DUE, first_line(error)
        await session.clerk.developed()
        self._end(row, intended[-1], state, detail)
        evidence.seal({"order": row.state.value, "message is": state.value, "because": detail or None})

    async def _written(self, wanted: Cancellation, row: Row, kind: MessageKind) -> Commit:
        """The form, found and filled; again on a technical fault, and after a new sign-in."""
        write = functools.partial(self._written_once, wanted, row, kind)
        return await retried(lambda: self._session.signed_in_again(write, self._say))

    async def _written_once(self, wanted: Cancellation, row: Row, kind: MessageKind) -> Commit:
        session = self._session
        await session.clerk.close_popups()
        order = await session.flow.find(wanted)
        text = letters_of(self._settings, session.name, session.profile, session.shown_as).text(
            kind, order_no=row.order_no, items=list(order.items), reason=row.reason, action=row.action,
            state=row.state, waits_for=row.waits_for, buyer_reason=self._buyers_reason(row),
        )  # fmt: skip
        session.clerk.evidence.add(text=text, to=order.buyer)
        return await session.flow.letter(order, text)

    def _buyers_reason(self, row: Row) -> str | None:
        """What the buyer gave as reason when asking, as the history keeps it."""
        said = [e.detail["reason"] for e in self._ledger.events(row) if e.kind == "buyer said"]
        return said[-1] if said else None

    def _end(self, row: Row, message: BuyerMessage, state: MessageState, detail: str) -> None:
        after = self._ledger.outbox.settle(message, state, detail or None)
        self._tell_person(row, after.kind, after.state, after.detail)

    def _tell_person(self, row: Row, kind: MessageKind, state: MessageState, detail: str | None) -> None:
        self._say(f"{row.order_no}: {_(_SENTENCES[state], kind=kind, detail=detail)}")
