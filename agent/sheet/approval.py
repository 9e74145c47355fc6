"""The approval page of a dry run: one file, no server, no network; a person looks, ticks, and saves a sheet.

Its texts come from outside (a buyer's message, a page's words): they are escaped, and the page may run only
its own script. What it saves is read like any sheet; its rows carry a seal (``agent.domain.seal``).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.domain.command import typed
from agent.domain.files import write_shared
from agent.domain.i18n import N_, _, language
from agent.domain.labels import in_words, place, reason_words, shop
from agent.domain.money import read_amount
from agent.domain.order import Action, Cancellation, Outcome, State
from agent.domain.redact import clean
from agent.domain.seal import seal_of
from agent.sheet.columns import Formula, Value, heading_of, text_of
from agent.sheet.files import kind_of
from agent.sheet.formula_guard import defused
from agent.sheet.parse import Sheet

OutcomeOf = Callable[[Cancellation], Outcome | None]

_WORDS: Mapping[str, str] = {
    "title": N_("Approve cancellations"),
    "buyer": N_("buyer"),
    "goods": N_("goods"),
    "total": N_("order total"),
    "reason": N_("reason"),
    "deadline": N_("ship by"),
    "message": N_("buyer's message"),
    "note": N_("note"),
    "relist": N_("list the goods again"),
    "tell": N_("tell the buyer"),
    "expected": N_("expected buyer"),
    "expected_item": N_("expected goods"),
    "yes": N_("yes"),
    "status": N_("state on the page"),
    "approve": N_("approve"),
    "despite": N_("approve all the same: it counts against the shop"),
    "name": N_("Approved by"),
    "save": N_("Save the approved sheet"),
    "tick": N_("Tick all without a red band"),
    "untick": N_("Untick all"),
    "defect": N_(
        "counts against the shop: a transaction defect (不良交易); such cancellations made by "
        "Unsell this month: {count}"
    ),
    "intro": N_(
        "Nothing has been submitted. Look at each form, tick what may be submitted, enter your "
        "name, save the approved sheet, and run it: unsell run"
    ),
    "not": N_("cannot be cancelled: {why}"),
    "ticked": N_("ticked"),
    "zoom": N_("larger / smaller"),
    "accept": N_("accept the buyer's request"),
    "decline": N_("decline the buyer's request"),
    "filter": N_("Filter the orders"),
    "find": N_("number, shop, buyer, goods"),
    "all": N_("all"),
    "can": N_("can be approved"),
    "costs": N_("count against the shop"),
    "cannot": N_("cannot be cancelled"),
    "compact": N_("Compact list"),
    "keys": N_("Keys: j and k next and back, space ticks, Enter opens, / finds"),
    "fits_none": N_("No order fits."),
    "saved": N_("Saved: {file}, in the downloads folder of this browser."),
    "then": N_("Move it to {folder} and run:"),
    "copy": N_("Copy"),
    "copied": N_("Copied"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One order on the page. ``cells`` is its row of the approved sheet, ready to be written."""

    order_no: str
    shop: str
    state: str
    approvable: bool
    against: int | None
    """Cancellations of this month that count against the shop as this one would; None: it does not."""
    why: str
    reason: str
    buyer: str
    goods: str
    total: str
    facts: list[tuple[str, str]]
    picture: str
    cells: list[str]
    seal: str

    @property
    def kind(self) -> str:
        """What the page's filter goes by."""
        if self.against is not None and self.approvable:
            return "costs"
        return "can" if self.approvable else "cannot"


def approval_file(sheet: Path) -> Path:
    return sheet.with_name(f"{sheet.stem}.approval.html")


def write_approval(
    file: Path,
    sheet: Sheet,
    outcome_of: OutcomeOf,
    against: Callable[[Cancellation], int | None],
) -> Path:
    """Write the page beside the sheet and return its name.

    ``against``: how many cancellations of the month count against the shop as this one would, else None.
    OSError: it cannot be written there.
    """
    words = {name: _(text) for name, text in _WORDS.items()}
    names = list({name: None for record in sheet.records for name in record.cells})
    headings = {name: said for record in sheet.records for name, (said, _value) in record.cells.items()}
    for name in ("note", "expect_total", "approved_by"):
        if name not in headings:
            names.append(name)
            headings[name] = heading_of(name)
    records = {record.number: record.cells for record in sheet.records}
    cards = []
    for row in sheet.rows:
        outcome = outcome_of(row.wanted)
        if outcome is not None:
            told = _Told(outcome, words)
            cards.append(told.card(row.wanted, records[row.number], names, against(row.wanted)))
    saved = file.with_name(f"{file.stem}.approved{kind_of(file)}")
    page = _PAGES.get_template("approval.html").render(
        w=words, lang=language(), file=file.name, cards=cards, nonce=secrets.token_urlsafe(12),
        kinds=[kind for kind in ("can", "costs", "cannot") if any(card.kind == kind for card in cards)],
        places=list(dict.fromkeys(place(row.wanted.account) for row in sheet.rows)),
        data={
            "headings": [headings[name] for name in names], "name": names.index("approved_by"),
            "rows": [{"cells": card.cells, "seal": card.seal} for card in cards],
            "file": saved.name, "kind": saved.suffix,
            "saved": words["saved"].format(file=saved.name),
            "then": words["then"].format(folder=file.absolute().parent),
            "command": typed(["unsell", "run", str(saved.absolute())], dry_run=False),
            "copied": words["copied"], "ticked": words["ticked"],
        },
    )  # fmt: skip
    target = approval_file(file)
    write_shared(target, clean(page))
    return target


class _Told:
    """What the dry run's evidence tells of one order."""

    def __init__(self, outcome: Outcome, words: dict[str, str]) -> None:
        self._outcome = outcome
        self._words = words
        self._folder = Path(outcome.evidence) if outcome.evidence else None
        self._about: dict[str, Any] = {}
        if self._folder and (manifest := self._folder / "manifest.json").is_file():
            self._about = json.loads(manifest.read_text(encoding="utf-8"))

    def card(
        self, wanted: Cancellation, cells: dict[str, tuple[str, Value]], names: list[str], against: int | None
    ) -> Card:
        rehearsed = self._outcome.state is State.REHEARSED
        texts = {name: _text(cells.get(name, ("", ""))[1]) for name in names} | {"approved_by": ""}
        total = wanted.expected
        if rehearsed:
            total = read_amount(self._about.get("total", ""))
            wanted = replace(wanted, note=(self._about.get("note") or "").strip() or None)
            texts |= {"note": wanted.note or "", "expect_total": str(total or "")}
        return Card(
            order_no=wanted.order_no, shop=shop(wanted.account), approvable=rehearsed,
            against=against, state=in_words(self._outcome.state, self._outcome.waits_for),
            why="" if rehearsed else self._outcome.detail or "",
            reason=self._reason(wanted), buyer=self._about.get("buyer") or "",
            goods="; ".join(self._about.get("items", ())), total=self._about.get("total") or "",
            facts=self._facts(wanted), picture=self._picture(),
            cells=[defused(text) for text in texts.values()], seal=seal_of(wanted, total),
        )  # fmt: skip

    def _reason(self, wanted: Cancellation) -> str:
        if wanted.action is not Action.CANCEL:
            return self._words[wanted.action]
        return reason_words(wanted.reason)

    def _facts(self, wanted: Cancellation) -> list[tuple[str, str]]:
        about, words = self._about, self._words
        label = about.get("reason_label") or "" if wanted.action is Action.CANCEL else ""
        said = self._reason(wanted)
        facts = {
            "buyer": about.get("buyer"), "goods": "; ".join(about.get("items", ())),
            "total": about.get("total"), "reason": f"{said} → {label}" if label and label != said else said,
            "deadline": about.get("发货截止日期"), "message": about.get("买家留言"),
            "note": about.get("note"), "relist": wanted.relist and words["yes"],
            "tell": wanted.tell_buyer and words["yes"], "expected": wanted.expect_buyer,
            "expected_item": wanted.expect_item, "status": self._outcome.site_state,
        }  # fmt: skip
        return [(words[name], str(value)) for name, value in facts.items() if value]

    def _picture(self) -> str:
        """The last picture of the walk: the filled form with the button outlined, or where it ended."""
        files = [f for step in self._about.get("steps", ()) for f in step["files"] if f.endswith(".jpg")]
        if not self._folder or not files:
            return ""
        return "data:image/jpeg;base64," + base64.b64encode((self._folder / files[-1]).read_bytes()).decode()


def _text(value: Value) -> str:
    saved = value.saved if isinstance(value, Formula) else value
    return f"{saved:f}" if isinstance(saved, Decimal) else text_of(saved)


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
