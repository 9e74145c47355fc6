"""What a platform must offer, and finding it by name: the contract of ``flows/``.

A flow follows its platform's article. It looks, moves and fills through ``self.clerk``, and returns an
unpressed ``Commit``; it cannot press one. Everything but ``sign_in`` may be repeated freely.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman, UsageError
from agent.domain.i18n import _
from agent.domain.order import Cancellation, Commit, Order, Request, Role, SiteReading
from agent.page.clerk import Clerk
from agent.profile.profile import Profile


@dataclass(frozen=True, slots=True)
class Shop:
    """What a flow needs to know of the account it works for (never a secret)."""

    name: str
    role: Role
    site: str
    locale: str | None = None


class Flow(ABC):
    """One platform's documented paths, for one account's page.

    Every platform has what is abstract. The rest has defaults for a platform without it: no
    messages, no requests of the other party, no list that shows many cancellations at once.
    """

    sign_in_step: ClassVar[str]
    """The article's step in which one signs in."""

    def __init__(self, clerk: Clerk, shop: Shop) -> None:
        self.clerk = clerk
        self.shop = shop

    @property
    def profile(self) -> Profile:
        return self.clerk.profile

    def note_for(self, wanted: Cancellation) -> str:
        """The explanation for the form: the user's, else the reason's wording in the console's language."""
        if wanted.note:
            return wanted.note
        names = self.profile.reason[wanted.role][wanted.reason].names
        spoken = names.get(self.shop.locale or "") or next(iter(names.values()))
        return spoken[0]

    @abstractmethod
    async def signed_in_as(self) -> str | None:
        """Open a page that tells, and return the name it greets; None when signed out. One page load."""

    @abstractmethod
    async def open_sign_in(self) -> None:
        """Walk to the sign-in form, as the article does; ``agent.account.signin`` types into it."""

    @abstractmethod
    async def find(self, wanted: Cancellation) -> Order:
        """The right order, by two signs that agree. Not found: Refused."""

    @abstractmethod
    async def prepare(self, wanted: Cancellation, order: Order) -> Commit:
        """Open the form, choose the reason, fill the note, and match the one last control."""

    @abstractmethod
    async def read_back(self, wanted: Cancellation, view: str) -> SiteReading:
        """What the ``list`` or the ``detail`` page (never the form's own answer) says of the order."""

    async def letter(self, order: Order, text: str) -> Commit:
        """Open the platform's message form for this order's buyer, fill it, and match the one control.

        ``order`` is what ``find`` just showed. The form must name the order and its buyer: else NeedsHuman.
        By default there is none; a profile without ``[message]`` never asks for it.
        """
        raise NotImplementedError(f"{self.profile.title} has no messages to buyers")

    async def requests(self) -> list[Request]:
        """The buyers' open requests that wait for this seller. NeedsHuman: the console shows no such list."""
        raise NeedsHuman(
            _("{title} shows no list of buyers' requests", title=self.profile.title),
            code=Code.NOT_RECOGNISED,
        )

    async def request_listed(self, order_no: str) -> bool:  # noqa: ARG002 - there is no list to look into
        """Whether the list of the other party's requests shows one about this order that waits for us."""
        return False

    @property
    def listed_row(self) -> str:
        """The element that is one order's row in the list of ``listed``."""
        return ""

    async def listed(self) -> AsyncGenerator[Mapping[str, SiteReading], None]:
        """Read a list that shows cancellations, page by page, many orders at once: by order number.

        One page load a page. What a page does not show clearly is left out. May be left at any page. By
        default nothing is listed, and each order is read back by itself.
        """
        return
        yield {}


def flow_of(platform: str) -> type[Flow]:
    """The flow class of a platform: ``flows/<platform>.py`` names it ``FLOW``."""
    try:
        module = importlib.import_module(f"flows.{platform}")
    except ModuleNotFoundError:
        raise UsageError(_("platform {platform!r} has no flow", platform=platform)) from None
    found: type[Flow] = module.FLOW
    return found
