"""Faults of the machine and of the network, as a person would say them: one line each."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from agent.domain.i18n import N_, _

_NET = re.compile(r"net::ERR_([A-Z0-9_]+)(?: at (\S+))?")
_TOO_LATE = re.compile(r"Timeout [0-9.]+ ?ms exceeded")
_CAUSES: tuple[tuple[str, str], ...] = (
    ("NAME_NOT_RESOLVED|NAME_RESOLUTION|DNS", N_("no address is known for this name")),
    ("INTERNET_DISCONNECTED|NETWORK_CHANGED", N_("this machine has no network")),
    ("TIMED_OUT", N_("no answer in time")),
    ("CONNECTION_REFUSED", N_("it takes no connection")),
    ("CONNECTION|EMPTY_RESPONSE|SOCKET|HTTP2|QUIC|SSL|ADDRESS", N_("the connection broke")),
    ("CERT", N_("its certificate is not valid")),
    ("PROXY|TUNNEL", N_("the proxy does not answer")),
    ("BLOCKED|ABORTED", N_("the page was stopped on its way")),
)
_OF_THE_SYSTEM = (
    *(N_("Operation not permitted"), N_("No such file or directory"), N_("Input/output error")),
    *(N_("Permission denied"), N_("Device or resource busy"), N_("File exists"), N_("Not a directory")),
    *(N_("Is a directory"), N_("Too many open files"), N_("File too large"), N_("No space left on device")),
    *(N_("Read-only file system"), N_("File name too long"), N_("Directory not empty")),
    *(N_("Disk quota exceeded"), N_("Connection refused"), N_("Connection timed out")),
    *(N_("Exec format error"), N_("Cannot allocate memory"), N_("Address already in use")),
)
"""What the system says of a file or a connection; its own words are the texts of the catalogue."""


def of_the_system(error: OSError) -> str:
    """What the system says, in the language that is spoken where we know it."""
    return _(error.strerror) if error.strerror else str(error) or type(error).__name__


def in_words(error: BaseException) -> str:
    """What the system or the network complains of; "" where it is neither."""
    if isinstance(error, OSError) and error.strerror:
        said = of_the_system(error)
        return f"{error.filename}: {said}" if error.filename else said
    if _TOO_LATE.search(str(error)):
        return _("the page did not answer in time")
    return reached(str(error))


def reached(text: str) -> str:
    """A sentence for a browser's ``net::ERR_…``; "" where there is none."""
    found = _NET.search(text)
    if not found:
        return ""
    host = urlsplit(found[2] or "").hostname or _("the site")
    cause = next((said for kinds, said in _CAUSES if re.search(kinds, found[1])), "")
    why = _(cause) if cause else found[1].replace("_", " ").lower()
    return _("cannot reach {host}: {why}", host=host, why=why)
