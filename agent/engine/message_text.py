"""What a buyer is told: Jinja2 templates, the user's own before ours, checked before anything is submitted.

The user's own templates are ``UNSELL_HOME/messages/<platform>-<kind>.txt`` (kinds: submitted, verdict).
They are rendered in a sandbox; an unknown name is an error, never an empty place.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.order import Action, MessageKind, Reason, State, WaitsFor
from agent.profile.elements import MessageRules
from agent.profile.profile import Profile

_OURS = Path(__file__).parent / "message_templates"
_LONGEST_ITEM = 80

VARIABLES = (
    "order_no", "items", "shop", "platform", "reason", "why", "buyer_reason", "action", "state", "next",
)  # fmt: skip
"""The names that a template may use; what each holds stands in docs/messages.md."""

_WHY: Mapping[Reason, str] = {
    Reason.BUYER_ASKED: "you asked us to cancel it",
    Reason.OUT_OF_STOCK: "we are sorry, the item is out of stock",
    Reason.ADDRESS_ISSUE: "there is a problem with the delivery address",
    Reason.UNPAID: "it has not been paid",
    Reason.AGREED_WITH_BUYER: "as agreed with you",
}
_WHY_ELSE = "we are sorry that we cannot fulfil it"
_REFUND = "may take some business days until you see it"
_NEXT_OF_PENDING: Mapping[WaitsFor | None, str] = {
    WaitsFor.PLATFORM: "{platform} reviews the request now. We will tell you what it has decided.",
    WaitsFor.REFUND: f"Your refund is being made; it {_REFUND}.",
    WaitsFor.BUYER: "Please look at the order in your account: {platform} asks you to answer.",
}
_EMAIL = re.compile(r"[\w.+-]+\s*@\s*[\w-]+\.[\w.-]+")
_LINK = re.compile(
    r"\w+://\S+|\bwww\.\S+|\b[\w.-]+\.(?:com|net|org|shop|store|info|cn|de|uk|hk|eu)\b(?:/\S*)?",
    re.IGNORECASE,
)


class Letters:
    """The messages of one account. ``shop`` signs them."""

    def __init__(self, home: Path, profile: Profile, rules: MessageRules, shop: str) -> None:
        self._folder = home / "messages"
        self._platform = profile.platform
        self._rules = rules
        self._shop = shop
        self._environment = SandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
        )

    def check(self) -> None:
        """UsageError with file and line when a template cannot be rendered, whatever the order's end."""
        ends = (State.CANCELLED, State.DECLINED)
        for kind in MessageKind:
            for state in (State.PENDING,) if kind is MessageKind.SUBMITTED else ends:
                for action, items in product(Action, (["Blue lamp"], list[str]())):
                    sample: dict[str, Any] = {"order_no": "1234567890", "items": items, "waits_for": None}
                    self.text(kind, state=state, reason=Reason.BUYER_ASKED, action=action, **sample)

    def text(
        self, kind: MessageKind, *, order_no: str, items: list[str], reason: Reason, action: Action,
        state: State, waits_for: WaitsFor | None, buyer_reason: str | None = None,
    ) -> str:  # fmt: skip
        """The message, ready to be sent. UsageError: the template's fault, with file and line."""
        values = {
            "order_no": order_no,
            "items": [self._harmless(item) for item in items],
            "shop": self._shop,
            "platform": self._rules.called,
            "reason": reason.value,
            "why": _WHY.get(reason, _WHY_ELSE),
            "buyer_reason": buyer_reason and self._harmless(buyer_reason),
            "action": action.value,
            "state": state.value,
            "next": self._next(state, waits_for, reason),
        }
        file = self._file(kind)
        try:
            text = re.sub(r"\n{3,}", "\n\n", self._template(file).render(values)).strip()
        except TemplateError as error:
            raise UsageError(f"{file}{_line_of(error)}: {error.message}") from None
        except Exception as error:  # noqa: BLE001 - whatever a template does wrong is told as its fault
            raise UsageError(f"{file}{_line_of(error)}: {error}") from None
        self._allowed(text, file)
        return text

    def _file(self, kind: MessageKind) -> Path:
        own = self._folder / f"{self._platform}-{kind}.txt"
        return own if own.is_file() else _OURS / f"{kind}.txt"

    def _template(self, file: Path) -> Template:
        """The compiled template; an unknown name is reported with its line."""
        try:
            source = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                _("{file}: cannot be read as UTF-8 text ({error})", file=file, error=error)
            ) from None
        try:
            tree = self._environment.parse(source)
            unknown = meta.find_undeclared_variables(tree) - set(VARIABLES)
        except TemplateSyntaxError as error:
            raise UsageError(f"{file}, line {error.lineno}: {error.message}") from None
        for name in tree.find_all(nodes.Name):
            if name.name in unknown:
                known = ", ".join(VARIABLES)
                raise UsageError(
                    _(
                        "{file}, line {lineno}: a message has no variable {name!r}; known: {known}",
                        file=file,
                        lineno=name.lineno,
                        name=name.name,
                        known=known,
                    )
                )
        return self._environment.from_string(source)

    def _next(self, state: State, waits_for: WaitsFor | None, reason: Reason) -> str:
        """What happens next, in a sentence for the buyer."""
        if state is State.PENDING:
            sentence = _NEXT_OF_PENDING.get(waits_for, "We will tell you how it ends.")
            return sentence.format(platform=self._rules.called)
        if state is State.DECLINED:
            return "If you have a question, please answer this message."
        if reason is Reason.UNPAID:
            return "Nothing is to be paid any more."
        return f"If you have paid, the money goes back the way you paid; it {_REFUND}."

    def _harmless(self, item: str) -> str:
        """An item's title, shortened, and without what a message may not contain."""
        title = _LINK.sub("…", _EMAIL.sub("…", " ".join(item.split())))
        return title if len(title) <= _LONGEST_ITEM else title[: _LONGEST_ITEM - 1] + "…"

    def _allowed(self, text: str, file: Path) -> None:
        called = self._rules.called
        if not text:
            raise UsageError(_("{file}: the message is empty", file=file))
        if len(text) > self._rules.longest:
            raise UsageError(
                _(
                    "{file}: {text} letters, {called} takes {longest}",
                    file=file,
                    text=len(text),
                    called=called,
                    longest=self._rules.longest,
                )
            )
        for what, shape in ((_("e-mail address"), _EMAIL), (_("link"), _LINK)):
            if found := shape.search(text):
                raise UsageError(
                    _(
                        "{file}: {called} allows no {what} in a message: {found!r}",
                        file=file,
                        called=called,
                        what=what,
                        found=found[0],
                    )
                )


def _line_of(error: Exception) -> str:
    """``, line N`` of the template in which the error arose."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return f", line {frames[-1].lineno}" if frames else ""
