"""Tells people by Apprise: a message at once where shops wait for a sign-in, and one at a run's end.

No channel changes what a run does: its fault is reported in one sentence. Each message
goes out in a thread that does not hold up the end of the program, and no channel is waited for longer than
``PATIENCE``: Apprise's own time limit leaves a thread behind that would.
"""

from __future__ import annotations

import contextlib
import difflib
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from loguru import logger

from agent.domain.errors import UsageError
from agent.domain.i18n import _
from agent.domain.redact import clean, hide
from agent.notify.summary import News, Notice, at_once
from agent.settings.settings import Settings

if TYPE_CHECKING:
    from agent.engine.runner import Result
    from agent.ledger.store import Ledger

PATIENCE = 20.0
"""Seconds that the end of a run waits for its channels, all together."""

_loading = threading.Lock()


@dataclass(slots=True)
class _Delivery:
    """One message on its way to one channel. ``why`` is None once it was delivered."""

    channel: int
    thread: threading.Thread | None = None
    why: str | None = field(default_factory=lambda: _("no answer in time"))


class Notifier:
    """The run's channels. Without ``UNSELL_NOTIFY`` every call here does nothing."""

    def __init__(self, settings: Settings) -> None:
        self._urls = [url.get_secret_value() for url in settings.notify]
        self._practice = settings.practice is not None
        self._deliveries: list[_Delivery] = []
        self._news: News | None = None
        for url in self._urls:
            _hide_address(url)

    def prove(self) -> None:
        """UsageError for an address of a kind that Apprise does not know: no message would ever arrive."""
        if not self._urls:
            return
        import apprise

        kinds: list[str] = apprise.plugins.N_MGR.schemas()  # type: ignore[no-untyped-call]
        for number, url in enumerate(self._urls):
            if _schema(url).lower() not in kinds:
                near = difflib.get_close_matches(_schema(url).lower(), kinds, n=1, cutoff=0.0)
                raise UsageError(
                    _(
                        "UNSELL_NOTIFY, address {number}: {kind}:// is no channel that Apprise knows; the "
                        "nearest is {near}://",
                        number=number + 1,
                        kind=_schema(url),
                        near=near[0],
                    )
                )

    def test(self) -> list[tuple[str, str | None]]:
        """A test message to every channel: each one's kind, and why it was not sent (None: it was)."""
        body = _("This is a test: messages of Unsell come here.")
        self._send(Notice(_("Unsell: a test message"), body, attention=False))
        self._wait()
        return [(_schema(self._urls[one.channel]), one.why) for one in self._deliveries]

    def begin(self, ledger: Ledger) -> None:
        """Remember how the orders stand before the run, so that its end tells what is new."""
        if self._urls:
            self._news = News(ledger)

    def at_once(self, waiting: Mapping[str, str]) -> None:
        """Shops that wait for a person, and why, while the others go on. Returns at once."""
        self._send(at_once(waiting))

    def at_end(self, result: Result) -> None:
        """Send the run's summary, where it has something to tell. Returns at once."""
        try:
            message = self._news.at_end(result) if self._news else None
        except Exception:  # noqa: BLE001 - logged; what the run did is done, and its exit code stands
            logger.exception("the notification could not be written")
            return
        if message:
            self._send(message)

    def finish(self, say: Callable[[str], None]) -> None:
        """Wait until all is sent, ``PATIENCE`` at most (Ctrl-C: no longer), and say what was not."""
        self._wait()
        failed = {one.channel: one.why for one in reversed(self._deliveries) if one.why}
        for number, why in sorted(failed.items()):
            named = _(
                "notification {number} of {all} ({channel})",
                number=number + 1,
                all=len(self._urls),
                channel=_schema(self._urls[number]),
            )
            logger.warning("{}: {}", named, why)
            say(
                _(
                    "{named} was not sent, the log says why; the run is not touched by that: see "
                    "UNSELL_NOTIFY",
                    named=named,
                )
            )

    def _wait(self) -> None:
        ends = time.monotonic() + PATIENCE
        with contextlib.suppress(KeyboardInterrupt):
            for delivery in self._deliveries:
                if delivery.thread:
                    delivery.thread.join(max(0.0, ends - time.monotonic()))

    def _send(self, message: Notice) -> None:
        title = message.title
        if self._practice:
            title = _("[practice] {title}", title=title)
        for number, url in enumerate(self._urls):
            one = _Delivery(number)
            sending = (one, url, clean(title), clean(message.body), message.attention)
            one.thread = threading.Thread(target=_deliver, args=sending, daemon=True)
            self._deliveries.append(one)
            one.thread.start()


def _deliver(one: _Delivery, url: str, title: str, body: str, attention: bool) -> None:
    try:
        one.why = _sent(url, title, body, attention=attention)
    except Exception as error:  # noqa: BLE001 - a channel's own code may raise anything
        one.why = _without_address(f"{type(error).__name__}: {error}", url)


def _sent(url: str, title: str, body: str, *, attention: bool) -> str | None:
    """Send by Apprise, here and now. None: delivered; else why not, without the address."""
    import apprise

    for talker in ("apprise", "urllib3"):  # whatever listens to Python's own log: their lines hold addresses
        logging.getLogger(talker).propagate = False
    # In this thread and with no limit of Apprise's: its own pool is waited for at the end of the program.
    asset = apprise.AppriseAsset(async_mode=False, service_timeout=0, app_id="Unsell")
    channel = apprise.Apprise(asset=asset)
    with _loading:
        known = channel.add(url)
    if not known:
        return _("Apprise does not know such an address")
    if "overflow=" not in url:  # what is too long for a service goes in parts; by itself it would be refused
        for service in channel:
            service.overflow_mode = apprise.OverflowMode.SPLIT
    kind = apprise.NotifyType.WARNING if attention else apprise.NotifyType.INFO
    # As text: what a page or a buyer wrote must not become a link or an image in the message.
    result = channel.notify(body, title=title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT)
    if result:
        return None
    said = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR")]
    return _without_address(said[-1] if said else _("Apprise does not say why"), url)


def _schema(url: str) -> str:
    return url.partition("://")[0]


def _parts(url: str) -> list[str]:
    """What an address is made of, the longest first."""
    parts = {text for form in (url, unquote(url)) for text in re.split(r"[/:@?&=,;#\s]+", form)}
    return sorted(parts - {_schema(url)}, key=len, reverse=True)


def _hide_address(url: str) -> None:
    """Register the address, its password and what is long enough to be a token; shorter may be any word."""
    hide(url)
    with contextlib.suppress(ValueError):
        hide(unquote(urlsplit(url).password or ""))
    for part in _parts(url):
        if len(part) >= 16:
            hide(part)


def _without_address(text: str, url: str) -> str:
    """What a channel says of its failure, in one line, with every part of its address blotted out."""
    text = clean(text)
    for part in _parts(url):
        if len(part) >= 4:
            text = text.replace(part, "•••")
    return " ".join(text.split())[:200]
