"""Decisions go by columns: ``code`` and ``closed_by`` are kept, told, and filled in for rows from before."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.cli.terminal import as_json, exit_code
from agent.domain.codes import ClosedBy, Code
from agent.domain.order import State
from agent.ledger import migrations
from agent.ledger.migrations import bring_up_to_date, open_engine
from agent.ledger.store import Ledger
from tests.ledgers import ROOT, WANTED, in_state

SOURCES = sorted([*(ROOT / "agent").rglob("*.py"), *(ROOT / "flows").glob("*.py")])
_LOOKS_INTO = {"startswith", "endswith", "find", "index", "count", "match", "search", "fullmatch"}


def _decides_by_detail(tree: ast.AST) -> Iterator[int]:
    """Lines where a detail is compared or looked into. ``x.detail or ""`` and ``x.detail["…"]`` are none.

    ``line`` is a line of the history, whose detail is a mapping of ours and no sentence.
    """

    def of_detail(node: ast.AST) -> bool:
        mapping = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Subscript)}
        attributes = [one for one in ast.walk(node) if isinstance(one, ast.Attribute)]
        return any(
            one.attr == "detail" and id(one) not in mapping and getattr(one.value, "id", "") != "line"
            for one in attributes
        )

    for node in ast.walk(tree):
        compares = isinstance(node, ast.Compare) and of_detail(node)
        looks = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if compares or (looks and node.func.attr in _LOOKS_INTO and of_detail(node)):  # type: ignore[attr-defined]
            yield node.lineno  # type: ignore[attr-defined]


def test_no_decision_reads_a_detail() -> None:
    found = [
        f"{file.name}:{line}"
        for file in SOURCES
        for line in _decides_by_detail(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert not found, "a detail is a sentence for people: go by `code` or `closed_by`"


@pytest.mark.parametrize(
    "line",
    ['x.detail.startswith("a")', '"a" in (x.detail or "")', "x.detail == y", 're.match("a", x.detail)'],
)
def test_the_rule_sees_a_decision(line: str) -> None:
    assert list(_decides_by_detail(ast.parse(line)))


def test_every_code_is_used_and_listed_once() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES if file.name != "codes.py")
    unused = [code.name for code in Code if f"Code.{code.name}" not in text]
    assert not unused


def test_code_goes_from_settle_to_the_json_and_is_blank_when_the_order_is_taken_up_again(
    ledger: Ledger,
) -> None:
    # Broken on purpose: `code` not in _SAID; not in Outcome.
    row = ledger.settle(ledger.take(WANTED), State.REFUSED, detail="no", code=Code.NOT_FOUND)
    assert json.loads(as_json(ledger.to_outcome(row)))["code"] == "not-found"
    assert ledger.events(row)[-1].detail["code"] == "not-found"
    row = ledger.take(WANTED)
    assert (row.code, row.closed_by) == (None, None)
    row = ledger.settle(ledger.intend(row, worker="w"), State.CANCELLED, closed_by=ClosedBy.PLATFORM)
    assert row.closed_by is ClosedBy.PLATFORM


def test_a_code_of_a_newer_program_is_read_and_told(ledger: Ledger) -> None:
    row = ledger.settle(ledger.take(WANTED), State.REFUSED, code="a-word-of-tomorrow")
    assert ledger.to_outcome(row).code == "a-word-of-tomorrow"


def test_our_own_decline_is_well_whatever_its_sentence_says(ledger: Ledger) -> None:
    row = ledger.settle(in_state(ledger, State.SUBMITTING), State.DECLINED, code=Code.DECLINED_BY_US)
    assert exit_code([ledger.to_outcome(row)], busy=False) == 0
    others = replace(ledger.to_outcome(row), code=None, detail="the buyer's request was declined, as asked")
    assert exit_code([others], busy=False) == 3


# -- rows from before ------------------------------------------------------------------------------------

_BEFORE: tuple[tuple[State, int, str | None, dict[str, object], str | None, str | None], ...] = (
    # state, submits, detail (said in each language), arguments, code, whose
    (State.CANCELLED, 1, None, {}, None, None),
    (State.CANCELLED, 0, None, {}, None, None),
    (State.CANCELLED, 1, "cancelled by someone else", {}, "by-someone-else", "other"),
    (State.CANCELLED, 0, "already cancelled", {}, "already-cancelled", None),
    (State.CANCELLED, 1, "cancelled; the page does not say by whom", {}, "asker-unknown", None),
    (State.PENDING, 1, "a cancellation is already open", {}, "already-open", None),
    (State.DECLINED, 1, "the buyer's request was declined, as asked", {}, "declined-by-us", "us"),
    (State.DECLINED, 1, "{x}", {"x": "卖家已拒绝"}, "the-site-says-no", "unknown"),
    (State.REFUSED, 0, "order {order_no} is not found in this account", {"order_no": 1}, "not-found", None),
    (State.REFUSED, 0, "{x}", {"x": "words of a page"}, None, None),
    (State.FAILED, 0, "{x}", {"x": "anything"}, "technical", None),
    (State.QUEUED, 0, "{why}: nothing was submitted", {"why": "not approved"}, "not-approved", None),
)

_CHINESE = {
    "a cancellation is already open": "此前已有取消申请在处理中",
    "order {order_no} is not found in this account": "此账号中找不到订单 {order_no}",
    "{why}: nothing was submitted": "未获同意：未提交任何内容",
    "cancelled by someone else": "已由他人取消 (cancelled by someone else)",
    "already cancelled": "此前已取消 (already cancelled)",
    "cancelled; the page does not say by whom": "已取消；页面没有说明由谁取消",
    "the buyer's request was declined, as asked": "已按要求拒绝买家的申请",
}
"""As it was said then: the catalogue of today says some of it otherwise."""


def test_rows_from_before_are_filled_in_by_their_sentences_in_both_languages(
    ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Broken on purpose: only the English sentence looked for.
    expected = _as_it_was_before(ledger_url, monkeypatch)
    with Ledger(ledger_url) as ledger:
        found = {row.order_no: (row.code, row.closed_by) for row in ledger.find()}
    assert found == expected


def _as_it_was_before(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[object, object]]:
    """A ledger of schema 0002 with rows of both languages; what the columns are to hold, by order number."""
    monkeypatch.setattr(migrations, "SCHEMA", "0002")
    engine = open_engine(url)
    bring_up_to_date(engine)
    monkeypatch.undo()
    expected: dict[str, tuple[object, object]] = {}
    with engine.execution_options(writes=True).begin() as db:
        for n, (state, submits, said, places, code, whose) in enumerate(_BEFORE):
            for language in ("en", "zh-CN"):
                words = _CHINESE.get(said or "", said) if language == "zh-CN" else said
                detail = words and words.format(**places)
                number = f"{n}-{language}"
                expected[number] = (code, whose)
                db.execute(
                    sa.text(
                        "INSERT INTO orders (platform, role, order_no, account, state, doubt, reason, "
                        "action, via, wishes, detail, submits, created_at, updated_at) VALUES "
                        "('p', 'seller', :no, 'a', :state, :doubt, 'buyer-asked', "
                        "'cancel', 'either', '{}', :detail, :submits, 't', 't')"
                    ),
                    {
                        "no": number,
                        "state": state.value,
                        "doubt": False,
                        "detail": detail,
                        "submits": submits,
                    },
                )
    engine.dispose()
    return expected


def test_nothing_of_the_versions_folder_is_missing() -> None:
    files = sorted(Path(migrations.__file__).parent.joinpath("versions").glob("v*.py"))
    assert [file.name[1:5] for file in files] == [f"{n:04d}" for n in range(1, int(migrations.SCHEMA) + 1)]
