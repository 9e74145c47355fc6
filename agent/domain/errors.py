"""What can go wrong, and what the product does next.

UnsellError
├── UsageError       the words or the settings are wrong: nothing was begun, exit 2
├── AccountBusy      another run is at work on that account: nothing was begun there, exit 75
├── Refused          business: the order, not the machine. Nothing submitted, never retried
├── TechnicalError   before the point of no return: retried, then ``failed``
├── LedgerFailed     the ledger cannot be read or written: the account stops, the others go on, exit 1 or 4
└── NeedsHuman       a person has to act, then ``cancel`` or ``sync`` goes on
    └── SignInNeeded     a person has to sign in first (``unsell login``)

Doubt, after the intent, is no error but a state (``submitting``): see ``agent.engine.submit`` and
``agent.engine.read_back``.
"""

from __future__ import annotations

from pathlib import Path

from agent.domain.codes import Code
from agent.domain.faults import in_words
from agent.domain.i18n import _


def first_line(error: BaseException, otherwise: str = "") -> str:
    """The first line of what an error says; of one that says nothing ``otherwise``, else its kind.

    Where the network or the system failed, it is said as a person would.
    """
    text = str(error).strip() or otherwise or type(error).__name__
    return in_words(error) or text.splitlines()[0]


def said_by_the_browser(error: Exception) -> str:
    """The same of the browser's complaint, and that it is the browser's."""
    return in_words(error) or _("the browser says: {message}", message=first_line(error))


class UnsellError(Exception):
    """Any error of ours. ``str(error)`` is one sentence for the user.

    ``code`` is the same as one unchanging word: decisions go by it, never by the sentence. ``mend`` is the
    TOML entry for ``UNSELL_HOME/selectors/<platform>.toml`` that would let the run go on, where a fact about
    the site is missing; '' elsewhere.
    """

    def __init__(self, detail: str = "", *, code: Code | None = None, mend: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.mend = mend


class UsageError(UnsellError):
    """The command, the sheet or a setting is wrong: said at once, nothing is begun (exit 2)."""


class AccountBusy(UnsellError):
    """Another run holds the account's lock: this run does not touch it (exit 75)."""


class Refused(UnsellError):
    """The order itself forbids it: ends ``refused``, nothing submitted, never retried.

    ``offered`` holds the labels that the page did offer, where a choice was missing;
    ``site_state`` the page's own word for the order's state.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: Code,
        mend: str = "",
        offered: tuple[str, ...] = (),
        site_state: str | None = None,
    ) -> None:
        super().__init__(detail, code=code, mend=mend)
        self.offered = offered
        self.site_state = site_state


class TechnicalError(UnsellError):
    """The machine, the network or a 5xx page, before anything was submitted: retried, then ``failed``."""

    spent = False
    """A step has tried often enough: the walk around it does not try again."""

    def __init__(self, detail: str = "", *, code: Code = Code.TECHNICAL, mend: str = "") -> None:
        super().__init__(detail, code=code, mend=mend)


class LedgerFailed(UnsellError):
    """The ledger's database is locked, full or lost: the last change may be missing in it.

    It is no state of an order: the run reports the order as it stands (``submitting`` after an intent), and
    its account goes no further.
    """

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, code=Code.LEDGER_FAILED)


class NeedsHuman(UnsellError):
    """The page is not understood, or the step is a person's: ends ``needs_human``, with a picture.

    ``evidence`` is the folder of the picture, where the sign-in was in the way and no order was begun.
    ``remedy``: the command that continues, where the sentence holds it already.
    """

    evidence: Path | None = None

    def __init__(self, detail: str = "", *, code: Code, mend: str = "", remedy: str = "") -> None:
        super().__init__(detail, code=code, mend=mend)
        self.remedy = remedy


class SignInNeeded(NeedsHuman):
    """The account is not signed in and the run may not or cannot do it: ``unsell login`` goes on."""

    def __init__(
        self, detail: str = "", *, code: Code = Code.SIGN_IN, mend: str = "", remedy: str = ""
    ) -> None:
        super().__init__(detail, code=code, mend=mend, remedy=remedy)
