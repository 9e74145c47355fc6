"""Requests that are not made at all (``UNSELL_BLOCK``): kinds of them, and hosts.

The browser itself picks such requests out by ``patterns``; ``agent.browser.network_guard`` and
``agent.browser.cdp_proxy`` stop them where they hold documents anyway, so that no other request costs a
message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.domain.i18n import _

KINDS = {"fonts": "Font", "media": "Media"}
"""The kinds that may be blocked, with the browser's own word for each."""
_NEEDED = re.compile(r"images?|pictures?|scripts?|styles?(heets?)?|documents?")
"""Kinds that a page needs in order to work, and that may not be blocked."""
_HOST = re.compile(r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]*")


def checked(words: tuple[str, ...], home: Path | None) -> tuple[str, ...]:
    """The words in lower case. ValueError: one that is not understood, or that a seller's page needs.

    ``home``: where the user's own profiles lie.
    """
    words = tuple(word.lower() for word in words)
    for word in words:
        if _NEEDED.fullmatch(word):
            raise ValueError(
                _(
                    "holds {word!r}: images, scripts, style sheets and documents cannot be blocked, since "
                    "the page would not be what the seller sees; use fonts, media or the name of a host",
                    word=word,
                )
            )
        if word not in KINDS and not _HOST.fullmatch(word):
            raise ValueError(
                _(
                    "holds {word!r}, which is neither fonts nor media nor the name of a host such as "
                    "doubleclick.net (no https://, no *, no port)",
                    word=word[:60],
                )
            )
    _refuse_own(_hosts_of(words), home)
    return words


def _hosts_of(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word not in KINDS]


def _refuse_own(hosts: list[str], home: Path | None) -> None:
    """ValueError where a host is a platform's, lies under one, or covers one."""
    if not hosts:
        return
    from agent.profile.profile import (  # imported here: a start without blocked hosts does not need it
        load,
        platforms,
    )

    for profile in (load(name, home) for name in platforms()):
        for own in (*profile.domains, *profile.files, *profile.captcha):
            for host in hosts:
                if f".{host}".endswith(f".{own}") or f".{own}".endswith(f".{host}"):
                    raise ValueError(
                        _(
                            "holds {host!r}, which is {title}'s own ({own}): the page might then not be what "
                            "the seller sees; take it out",
                            host=host,
                            title=profile.title,
                            own=own,
                        )
                    )


@dataclass(slots=True)
class Block:
    """``words`` as ``checked`` gave them: kinds, and hosts that cover their sub-names."""

    words: tuple[str, ...] = ()
    patterns: list[dict[str, str]] = field(init=False)
    """For ``Fetch.enable``: the requests that the browser pauses; all that is covered, and little more."""
    _kinds: set[str] = field(init=False)
    _hosts: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        hosts = _hosts_of(self.words)
        self._kinds = {KINDS[word] for word in self.words if word in KINDS}
        named = "|".join(map(re.escape, hosts)) or "(?!)"
        self._hosts = re.compile(rf"https?://([\w-]+\.)*({named})(:\d+)?([/?#]|$)", re.IGNORECASE)
        self.patterns = [{"urlPattern": "*", "resourceType": kind} for kind in sorted(self._kinds)]
        self.patterns += [
            {"urlPattern": f"*://{below}{host}{end}*"}
            for host in hosts
            for below in ("", "*.")
            for end in ("/", ":")
        ]

    def covers(self, event: dict[str, Any]) -> bool:
        """Whether the request of this ``Fetch.requestPaused`` is to be blocked."""
        return event["resourceType"] in self._kinds or self.names(event["request"]["url"])

    def names(self, url: str) -> bool:
        """Whether this address lies at a host that is blocked."""
        return self._hosts.match(url) is not None
