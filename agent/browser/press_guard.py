"""What may leave an account's tabs while a control is pressed that should only move.

The real controls were never seen. So from the press until what it opens is recognised,
each request has one of three fates: it goes, it is dropped (visits that are counted, and what goes elsewhere:
no verdict), or it is stopped: the control acts at once, and a person has to look. Network guard and proxy
ask; the clerk begins and ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import ElementHandle, Locator

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.profile.profile import Profile

_WRITE = ("Document", "XHR", "Fetch", "Ping", "CSPViolationReport", "Other")
"""The browser's kinds of requests that may be other than GET."""
_COUNTS = ("Ping", "CSPViolationReport")
"""Pings of links, beacons, reports: no control works by them, since their answer is not waited for."""
_READS = ("GET", "HEAD")
_NAME = re.compile(r"[A-Za-z_][\w.\[\]%-]{0,39}")
"""What the name of a field may look like."""

PRESSES = """e => {
  const get = (of, name) => Element.prototype.getAttribute.call(of, name);
  const absolute = to => {
    try { return new URL(to || location.href, document.baseURI).href; } catch { return to; }
  };
  const owner = e.closest('label');
  const inside = [...e.querySelectorAll('button, input')];
  const buttons = [e.closest('button, input'), owner && owner.control, ...inside];
  const post = buttons.find(button => button && ['submit', 'image'].includes(button.type) && button.form
    && (get(button, 'formmethod') ?? get(button.form, 'method') ?? '').trim().toLowerCase() === 'post');
  const given = post ? (get(post, 'formaction') ?? get(post.form, 'action') ?? '').trim() : '';
  return {
    label: (e.innerText || e.value || e.getAttribute('aria-label') || '').trim().slice(0, 60),
    target: post ? absolute(given) : '',
  };
}"""
"""A control's name, and the address to which pressing it would post a form, by HTML's rules."""


def place(url: str) -> str:
    """An address without what may be secret in it: no query, no fragment."""
    return url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]


class Fate(StrEnum):
    """What becomes of a request while a control is pressed."""

    GOES = "goes"
    ONCE = "once"
    """It goes, and no other like it: a wizard's step."""
    DROPPED = "dropped"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that did not leave. ``fields``: the names of what it would have sent, no values."""

    method: str
    address: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """What a wizard's Continue may post: one form of the page, with these fields and no others."""

    address: str
    fields: frozenset[tuple[str, str]]

    def fits(self, request: dict[str, Any]) -> bool:
        posted = parse_qsl(request.get("postData", ""), keep_blank_values=True)
        here = request["method"] == "POST" and place(request["url"]) == self.address
        return here and bool(posted) and set(posted) <= self.fields


class Press:
    """One press, and the wait for what it opens. ``ends`` False: what is stopped is dropped instead.

    ``tell`` is called when something was stopped. ``label``: what was pressed last; ``posting``: what it may
    post.
    """

    def __init__(
        self, profile: Profile, *, ends: bool = True, tell: Callable[[], None] = lambda: None
    ) -> None:
        self._profile = profile
        self._ends = ends
        self._tell = tell
        self._happened = asyncio.Event()
        self.label = ""
        self.posting: Posting | None = None
        self.asked: NeedsHuman | None = None
        """What the page asked, and was left alone."""
        self.stopped: list[Sent] = []
        self.dropped: list[Sent] = []
        writing = [{"urlPattern": "*", "resourceType": kind, "requestStage": "Request"} for kind in _WRITE]
        acting = [{"urlPattern": f"{one.address}*", "requestStage": "Request"} for one in profile.acting]
        self.patterns = [*writing, *acting]
        """For ``Fetch.enable``: all that could be stopped, and no picture, script or style."""

    def fate(self, event: dict[str, Any]) -> Fate:
        """Of the request of this ``Fetch.requestPaused``. A whole page that is only read always goes."""
        request, kind = event["request"], event["resourceType"]
        at, reads, profile = place(request["url"]), request["method"] in _READS, self._profile
        if not at.lower().startswith(("http:", "https:")):  # blob: and the like do not leave the browser
            return Fate.GOES
        if (reads and (kind == "Document" or not profile.acts(at))) or profile.reads(at):
            return Fate.GOES
        if kind in _COUNTS or profile.elsewhere.match(at):
            return Fate.DROPPED
        if self.posting and self.posting.fits(request):
            return Fate.ONCE
        return Fate.STOPPED if self._ends else Fate.DROPPED

    def take(self, event: dict[str, Any], fate: Fate) -> None:
        """Remember the fate of this request."""
        request = event["request"]
        sent = Sent(request["method"], place(request["url"]), _names(request))
        if fate is Fate.ONCE:
            self.posting = None
        elif fate is Fate.DROPPED:
            self.dropped.append(sent)
        elif fate is Fate.STOPPED:
            self.stopped.append(sent)
            self._happened.set()
            self._tell()

    def leave(self, asked: NeedsHuman) -> None:
        """The page asks something that nobody answers: the wait for what the press opens ends."""
        self.asked = asked
        self._happened.set()
        self._tell()

    async def quiet(self, seconds: float) -> None:
        """Wait for so many seconds, or until something was stopped."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._happened.wait(), seconds)

    # -- its report ------------------------------------------------------------------------------------

    def notes(self) -> dict[str, Any]:
        """For the evidence: what did not leave, and the profile entry that would allow it."""
        notes: dict[str, Any] = {}
        if self.stopped:
            notes["stopped"] = [asdict(sent) for sent in self.stopped]
            notes["would go on with"] = self.mend()
        if self.dropped:
            notes["dropped"] = sorted({f"{sent.method} {sent.address}" for sent in self.dropped})
        return notes

    def error(self) -> NeedsHuman:
        """Why the order ends here."""
        if self.asked and not self.stopped:
            return self.asked
        first = self.stopped[0]
        return NeedsHuman(
            _(
                "pressing {label} sends {method} {path} at once; it was stopped and nothing was sent",
                label=self.label,
                method=first.method,
                path=urlsplit(first.address).path,
            ),
            code=Code.ACTS_AT_ONCE,
            mend=self.mend(),
        )

    def mend(self) -> str:
        """The entries that would let through what was stopped."""
        return "\n".join(entry_of(one, self.label) for one in dict.fromkeys(s.address for s in self.stopped))


def entry_of(address: str, label: str) -> str:
    """The profile's entry by which this address only reads. Numbers of orders in it stand for any."""
    any_order = re.sub(r"(?<=/)[0-9a-zA-Z-]*\d[0-9a-zA-Z-]{6,}(?=/|$)", "*", address)
    only = _("only where a person knows that this address changes nothing, such as one that fetches a form")
    return f"""# {only}
[[reading]]
address = {json.dumps(any_order, ensure_ascii=False)}
mark = "B"
source = {json.dumps(f"sent by pressing {label}; it only reads", ensure_ascii=False)}
"""


def _names(request: dict[str, Any]) -> tuple[str, ...]:
    """The names of the fields that a request sends, in its query too; values may be secret."""
    sent = str(request.get("postData", ""))
    fields = [name for name, _ in parse_qsl(urlsplit(request["url"]).query, keep_blank_values=True)]
    with contextlib.suppress(ValueError):
        body = json.loads(sent) if sent.lstrip()[:1] == "{" else None
        if isinstance(body, dict):
            return tuple(dict.fromkeys([*fields, *map(str, body)]))
    multipart = re.findall(r'(?im)^content-disposition:[^\n]*?\bname="([^"]*)"', sent)
    posted = multipart or [part.partition("=")[0] for part in sent.split("&") if "=" in part]
    posted = [name for name in posted if _NAME.fullmatch(name)]  # a body that is no form has no field names
    return tuple(dict.fromkeys([*fields, *posted]))


async def would_post(found: Locator | ElementHandle) -> str:
    """The address, without query, to which a form would be posted by pressing this control; '' for none."""
    return place((await found.evaluate(PRESSES))["target"])
