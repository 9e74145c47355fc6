"""The command that continues with an order, as it is typed at a prompt."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence

from agent.domain.order import Action, Cancellation, Via

_PRIVATE = ("note", "expect_total", "expect_buyer", "expect_item")
"""Options that may name a person: left out of notices, which leave this machine."""


def words_of(wanted: Cancellation, *, whole: bool = True) -> list[str]:
    """The command that wants this order again, with every wish. ``whole`` False: without what is private."""
    if wanted.action is not Action.CANCEL:
        words = ["unsell", "answer", wanted.order_no, "--account", wanted.account, f"--{wanted.action.value}"]
    else:
        words = ["unsell", "cancel", wanted.order_no, "--account", wanted.account]
        words += ["--reason", wanted.reason.value]
    words += ["--via", wanted.via.value] if wanted.via is not Via.EITHER else []
    words += ["--cause", wanted.cause.value] if wanted.cause else []
    if whole and wanted.action is Action.CANCEL:
        given = {name: getattr(wanted, name) for name in _PRIVATE}
        words += [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value]
    flags = [name for name in ("relist", "accept_defect", "tell_buyer") if getattr(wanted, name)]
    return words + [f"--{name.replace('_', '-')}" for name in flags if whole or name != "tell_buyer"]


def leaves_out(wanted: Cancellation) -> bool:
    """Whether the shorter command leaves out an option of this order."""
    return any(getattr(wanted, name) for name in _PRIVATE)


def typed(words: Sequence[str], *, dry_run: bool) -> str:
    """The command line. A dry run continues as a dry run: no command that we print submits unasked."""
    words = [*words, "--dry-run"] if dry_run else words
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
