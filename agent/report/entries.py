"""The report's orders: each ledger row with what its evidence tells, ready to be shown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.domain.labels import cause_words, in_words, reason_words
from agent.domain.money import Amount, read_amount
from agent.domain.order import Role, State, WaitsFor
from agent.ledger.schema import Row
from agent.ledger.stats import local, month_of
from agent.page.evidence import folder_of
from agent.profile.profile import Profile
from agent.report.words import words
from agent.settings.settings import Settings

_ATTEMPT = re.compile(r"(\d{8}T\d{6})\.\d{3}-([\w-]+?)(?:_\d+)?")
"""The name of an attempt's folder: its time in UTC, and its kind."""
_TOLD_BY_THE_PAGE = ("buyer", "items", "total", "reason_label", "button")

_Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One order on the page. ``told`` is what the page's script shows when the order is opened."""

    row: Row
    at: str
    """Its last submit, else its last change."""
    day: str
    month: str
    account: str
    state: str
    reason: str
    cause: str
    goods: str
    buyer: str
    total: str
    """As the page shows it."""
    amount: Amount | None
    picture: str
    """The address of the last picture of its newest attempt; "" where there is none."""
    told: Mapping[str, Any]


class Entries:
    """Makes entries of rows. ``reports`` is the folder that the page's links start from."""

    def __init__(self, settings: Settings, profiles: Mapping[str, Profile], reports: Path) -> None:
        self._settings = settings
        self._profiles = profiles
        self._reports = reports
        self._words = words()

    def entry(self, row: Row, at: str) -> Entry:
        attempts = list(self._attempts(row))
        page: dict[str, Any] = {}
        for _folder, manifest in attempts:  # the newest so far decides
            page |= {name: manifest[name] for name in _TOLD_BY_THE_PAGE if manifest.get(name)}
        account = self._settings.accounts.get(row.account)
        goods, total = "; ".join(page.pop("items", ())), str(page.get("total") or "")
        return Entry(
            row=row, at=at, day=_clock(at)[:16], month=month_of(at), goods=goods,
            buyer=str(page.get("buyer") or ""), total=total, amount=read_amount(total),
            picture=self._last_picture(attempts),
            account=(account.title if account else None) or row.account,
            state=in_words(row.state, row.waits_for),
            reason=reason_words(row.reason),
            cause=cause_words(row.cause) if row.cause else words()["unsaid"],
            told={
                "facts": self._facts(row, page, goods),
                "attempts": [self._told(folder, manifest) for folder, manifest in attempts],
            },
        )  # fmt: skip

    def _last_picture(self, attempts: Sequence[tuple[Path, _Manifest]]) -> str:
        for folder, manifest in reversed(attempts):
            for step in reversed(manifest.get("steps", ())):
                if pictures := _pictures(step["files"]):
                    return self._address(folder) + pictures[-1]
        return ""

    def _attempts(self, row: Row) -> Iterator[tuple[Path, _Manifest]]:
        """Each attempt's folder and manifest, oldest first; of the readings back only the newest."""
        own = folder_of(self._settings.evidence_dir, row.platform, row.order_no)
        folders = sorted(own.iterdir()) if own.is_dir() else []
        last = Path(row.evidence) if row.evidence else None
        if last and last not in folders:
            folders.append(last)  # a sign-in that went no further, or a home that was moved
        folders = [folder for folder in folders if folder.is_dir() and _ATTEMPT.fullmatch(folder.name)]
        read_back = [folder for folder in folders if _kind(folder) == "read-back"][:-1]
        for folder in folders:
            manifest = _manifest(folder)
            if folder not in read_back and manifest.get("role", row.role.value) == row.role.value:
                yield folder, manifest

    def _facts(self, row: Row, page: Mapping[str, Any], goods: str) -> list[tuple[str, str]]:
        words = self._words
        role = words["seller"] if row.role is Role.SELLER else words["as_buyer"]
        facts = {
            "detail": row.detail, "site_state": row.site_state,
            "platform": f"{self._profiles[row.platform].title} · {role}",
            "buyer": page.get("buyer"), "goods": goods,
            "total": page.get("total"), "form_reason": page.get("reason_label"), "note": row.note,
            "cause": row.cause and cause_words(row.cause),
            "button": page.get("button"),
            "offered": " · ".join(row.offered or ()), "submits": row.submits,
            "approved_by": row.approved_by, "created": _clock(row.created_at),
            "updated": _clock(row.updated_at), "evidence": row.evidence,
        }  # fmt: skip
        return [(words[name], str(value)) for name, value in facts.items() if value not in (None, "")]

    def _told(self, folder: Path, manifest: _Manifest) -> dict[str, Any]:
        """An attempt for the page's script. One that was never sealed shows the pictures that it has."""
        words = self._words
        steps = [
            {
                "name": f"{step['id']} {step['label']}",
                "time": f"{_clock(step['started_at'])[11:]} · {step['seconds']:.1f} {words['seconds']}",
                "error": step["error"],
                "pictures": _pictures(step["files"]),
            }
            for step in manifest.get("steps", ())
        ]
        if not manifest:
            bare = _pictures(sorted(file.name for file in folder.iterdir()))
            steps = [{"name": name, "time": "", "error": None, "pictures": [name]} for name in bare]
        took = sum(step["seconds"] for step in manifest.get("steps", ()))
        return {
            "name": f"{self._called(folder)} · {_clock(_stamp(folder))}",
            "took": f"{took:.1f} {words['seconds']}" if manifest else "",
            "ended": self._ended(manifest),
            "at": self._address(folder),
            "sealed": bool(manifest),
            "steps": steps,
        }

    def _called(self, folder: Path) -> str:
        kind = "sign-in" if folder.parent.name == "_sign-in" else _kind(folder)
        return self._words.get(kind, kind)

    def _ended(self, manifest: _Manifest) -> str:
        if not manifest:
            return self._words["cut_off"]
        outcome = manifest.get("outcome") or {}
        state, waits = outcome.get("state"), outcome.get("waits_for")
        return in_words(State(state), waits and WaitsFor(waits)) if state else ""

    def _address(self, folder: Path) -> str:
        """Relative, so that the home can be moved; on another drive it has to be absolute."""
        try:
            return quote(os.path.relpath(folder, self._reports).replace(os.sep, "/")) + "/"
        except ValueError:
            return folder.absolute().as_uri() + "/"


def _kind(folder: Path) -> str:
    found = _ATTEMPT.fullmatch(folder.name)
    return found[2] if found else ""


def _stamp(folder: Path) -> str:
    return datetime.strptime(folder.name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).isoformat()


def _manifest(folder: Path) -> _Manifest:
    """What the attempt's seal says; empty where a killed run left none, or half of one."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _pictures(names: Iterable[str]) -> list[str]:
    return [quote(name) for name in names if name.endswith(".jpg")]


def _clock(at: str) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}"
