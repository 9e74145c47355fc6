"""The sample sheet: headings in the language that is spoken, the seller's shops, and lists to choose from.

A sample that was not filled in is told in one sentence when it is run: a workbook holds no orders yet, and
a CSV, which cannot hold lists, shows every reason beside a number that is no number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.domain.errors import UsageError
from agent.domain.faults import of_the_system
from agent.domain.i18n import N_, _, language, speak
from agent.domain.labels import CAUSES, cause_words, listed, reason_words
from agent.domain.order import Action, Reason, Role
from agent.profile.profile import Profile, load
from agent.settings.settings import Settings
from agent.settings.settings import load as load_settings
from agent.sheet.columns import ACTIONS, COLUMNS, SAMPLE, YES_NO, heading_of
from agent.sheet.formula_guard import defused

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_SHOWN = ("account", "order_no", "reason", "note")
"""The columns that nearly everybody needs; the others are hidden in a workbook, and can be shown."""
_ROWS = 500
_LONGEST_PROMPT = 250
"""Characters of the hint that a spreadsheet shows beside a cell (it allows 255)."""
_ABOUT: Mapping[str, str] = {
    "account": N_("the shop, as it is set up here"),
    "order_no": N_("the order number, as text"),
    "note": N_("the explanation for the form; may be left empty"),
    "action": N_("what to do; empty: cancel"),
    "expect_total": N_("not submitted unless the page shows this total"),
    "expect_buyer": N_("not submitted unless the page shows this buyer"),
    "expect_item": N_("not submitted unless the page shows these goods"),
    "tell_buyer": N_("whether the buyer is told; empty: no"),
    "relist": N_("whether the goods are listed again; empty: no"),
    "cause": N_("whose matter it was; for your own figures"),
    "approved_by": N_("who approves the submit"),
}


def write_template(path: Path | str, settings: Settings | None = None) -> None:
    """Write a sample sheet, CSV or XLSX by the name's ending. ``settings``: whose shops; None: as found here.

    UsageError when the file exists, cannot be written or has another ending.
    """
    path = Path(path)
    sample = _Sample(settings or _here())
    write: Callable[[Any], None] | None = {".csv": sample.csv, ".xlsx": sample.xlsx}.get(path.suffix.lower())
    if write is None:
        raise UsageError(
            _("{path}: the sample sheet is written as .csv or .xlsx; end the name so", path=path)
        )
    try:
        with path.open("xb") as file:
            write(file)
    except FileExistsError:
        raise UsageError(
            _("{path} exists already; give another name for the sample sheet", path=path)
        ) from None
    except OSError as error:
        raise UsageError(
            _("{path} cannot be written: {strerror}", path=path, strerror=of_the_system(error))
        ) from None


def _here() -> Settings | None:
    """The settings that hold here, and their language; None where they are not fit to be read yet."""
    try:
        found = load_settings()
    except UsageError:
        return None
    speak(found.lang)
    return found


class _Sample:
    """What the sample holds, of these shops."""

    def __init__(self, settings: Settings | None) -> None:
        accounts = settings.accounts if settings else {}
        self._home = settings.home if settings else None
        self._shops = [one.title or name for name, one in accounts.items()]
        sides = {(one.platform, Role(one.role)): None for one in accounts.values()}
        self._sides: list[tuple[Profile, Role]] = [(load(name, self._home), role) for name, role in sides]

    def _reasons(self) -> list[Reason]:
        """The reasons that the shops' platforms have; all of them where no shop is set up."""
        known = {reason for profile, role in self._sides for reason in profile.reason[role]}
        return [reason for reason in Reason if reason in known or not known]

    def _costs(self) -> Iterator[str]:
        """A line a platform: its reasons, and beside each what it costs."""
        for profile, role in self._sides:
            words = []
            for reason in profile.reason[role]:
                costs = profile.counts_against(role, reason)
                said = _(" (counts against the shop: 不良交易)") if costs else ""
                words.append(reason_words(reason) + said)
            yield _("{platform}: {reasons}", platform=profile.title, reasons=listed(words))

    def csv(self, file: Any) -> None:
        shop = self._shops[0] if self._shops else "shop1"
        rows = [[heading_of(name) for name in COLUMNS]]
        for number, reason in enumerate(self._reasons(), 1):
            filled = {
                "account": shop,
                "order_no": f"{_(SAMPLE)}-{number}",
                "reason": reason_words(reason),
            }
            rows.append([filled.get(name, "") for name in COLUMNS])
        text = io.StringIO(newline="")
        csv.writer(text).writerows([map(defused, row) for row in rows])
        file.write(text.getvalue().encode("utf-8-sig"))  # or Excel takes it for the local code page

    def xlsx(self, file: Any) -> None:
        from openpyxl import Workbook
        from openpyxl.comments import Comment
        from openpyxl.styles import Font, PatternFill

        book = Workbook()
        sheet: Worksheet = book.active
        sheet.title = _("orders")
        about = {name: _(text) for name, text in _ABOUT.items()}
        about["reason"] = "\n".join(self._costs()) or _("why the order is cancelled")
        for at, name in enumerate(COLUMNS, 1):
            head = sheet.cell(1, at, heading_of(name))
            head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE7F3")
            head.comment = Comment(about[name], "Unsell", width=340, height=140)
            column = sheet.column_dimensions[head.column_letter]
            # As text from the start: a pasted order number is rounded to 15 digits otherwise.
            column.width, column.number_format, column.hidden = 24, "@", name not in _SHOWN
            for number in range(2, _ROWS + 2):
                sheet.cell(number, at).number_format = "@"
        sheet.freeze_panes = "A2"
        self._lists(book, sheet, about["reason"])
        book.save(file)

    def _lists(self, book: Any, sheet: Worksheet, costs: str) -> None:
        """The lists to choose from, on a sheet of their own that is not shown."""
        from openpyxl.worksheet.datavalidation import DataValidation

        chinese = language() == "zh-CN"
        choices = {
            "account": self._shops,
            "reason": [reason_words(reason) for reason in self._reasons()],
            "action": [word for word in ACTIONS if word.isascii() != chinese][: len(Action)],
            "tell_buyer": ["是", "否"] if chinese else [w for w in ("yes", "no") if w in YES_NO],
            "cause": [cause_words(cause) for cause in CAUSES],
        }
        choices["relist"] = choices["tell_buyer"]
        lists = book.create_sheet("lists")
        lists.sheet_state = "hidden"
        for at, (name, words) in enumerate(choices.items(), 1):
            if not words:
                continue
            for number, word in enumerate(words, 1):
                lists.cell(number, at, word).data_type = "s"
            letter = lists.cell(1, at).column_letter
            rule = DataValidation(
                "list", formula1=f"=lists!${letter}$1:${letter}${len(words)}", allow_blank=True
            )
            if name == "reason":
                rule.promptTitle, rule.prompt = heading_of("reason"), costs[:_LONGEST_PROMPT]
                rule.showInputMessage = True
            own = sheet.cell(1, list(COLUMNS).index(name) + 1).column_letter
            rule.add(f"{own}2:{own}{_ROWS + 1}")
            sheet.add_data_validation(rule)
