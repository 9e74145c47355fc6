"""A short run of ``make chaos-cluster``: real browsers, three workers, kills, a stop and a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos_cluster import Visits, run

SESSIONS = {"one": "ebay/hub", "two": "ebay/other"}


def visits(*log: tuple[float, float, str, str]) -> list[str]:
    made = Visits(None)  # type: ignore[arg-type]
    made.log = [(began, ended, worker, (cookie,)) for began, ended, worker, cookie in log]
    return made.at_once(SESSIONS)


def test_the_log_tells_of_two_workers_at_one_account() -> None:
    mine = (1.0, 2.0, "1", "one")
    assert visits(mine, (1.5, 2.5, "2", "one")), "at the same moment"
    assert visits(mine, (2.1, 2.2, "2", "one"), (2.3, 2.4, "1", "one")), "in the middle of its pages"
    assert not visits(mine, (2.1, 2.2, "2", "one"), (2.3, 2.4, "2", "one")), "one after the other"
    assert not visits(mine, (1.5, 2.5, "2", "two")), "another account"
    assert visits((1.0, 2.0, "1", "of nobody")), "a log without accounts judges nothing"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_workers_that_die_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    # Broken on purpose: the order's row not asked before its turn; find_lost left out; no settle wait.
    tally, more, both = run(orders=30, accounts=10, workers=3, kills=4, seed=20261127, home=tmp_path)
    assert tally.bad == []
    assert both == [], "two workers were at one account at once"
    assert tally.kills >= 4, tally.lines()
    assert dict(more)["stopped and woken; database restarts"] == "1; 1"
