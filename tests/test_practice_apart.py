"""Practice and real runs share nothing but what the user writes: settings, selectors, letters."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.domain.errors import UsageError
from agent.domain.order import State
from agent.ledger.database import writing
from agent.ledger.store import Ledger
from agent.settings.settings import Settings
from tests.ledgers import WANTED, in_state
from tests.world import World


def test_everything_of_practice_lies_in_a_folder_of_its_own(tmp_path: Path) -> None:
    # Broken on purpose: one of these left on `self.home`.
    real, practice = (Settings(home=tmp_path, practice=at) for at in (None, "127.0.0.1:8443"))
    for name in ("evidence_dir", "sessions_dir", "locks_dir", "state"):
        assert getattr(practice, name).is_relative_to(tmp_path / "practice")
        assert not getattr(real, name).is_relative_to(tmp_path / "practice")
    assert practice.database == f"sqlite:///{(tmp_path / 'practice' / 'ledger.sqlite3').as_posix()}"
    assert real.database == f"sqlite:///{(tmp_path / 'ledger.sqlite3').as_posix()}"


def test_what_practice_refused_is_not_settled_for_the_real_run(world: World) -> None:
    """Seen on a real shop's sheet: tried in practice, where no such order is, its rows were then skipped."""
    world.shop("hub", "ebay")
    (world.home / "orders.csv").write_text("account,order_no,reason\nhub,12-34567-89012,buyer-asked\n")
    world.cli("run", "orders.csv", "--dry-run", check=3)
    with Ledger(world.settings.database) as ledger:
        assert [row.state for row in ledger.find()] == [State.REFUSED]
    written = {file.relative_to(world.home).parts[0] for file in world.home.rglob("*") if file.is_file()}
    assert written <= {"practice", "orders.csv", "orders.result.csv", "orders.approval.html"}
    real = {name: value for name, value in world.env.items() if name != "UNSELL_PRACTICE"}
    world.env = real
    done = world.cli("status", "--json", check=0)
    assert done.stdout == ""


@pytest.mark.parametrize(("first", "words"), [(True, "is practice's"), (False, "the real sites'")])
def test_a_ledger_of_one_is_refused_to_the_other(ledger_url: str, first: bool, words: str) -> None:
    # Broken on purpose: keep_apart not called.
    with Ledger(ledger_url, practice=first) as ledger:
        in_state(ledger, State.PENDING)
    Ledger(ledger_url, practice=first).close()
    with pytest.raises(UsageError, match=words):
        Ledger(ledger_url, practice=not first)
    with Ledger(ledger_url) as looked_at:
        assert len(looked_at.find()) == 1


def test_a_ledger_from_before_that_holds_orders_is_the_real_sites(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger:
        ledger.take(WANTED)
        with writing(ledger._engine) as db:
            for table in ("purpose", "sessions", "jobs", "hands"):
                db.execute(sa.text(f"DROP TABLE {table}"))
            db.execute(sa.text("UPDATE alembic_version SET version_num = '0003'"))
    Ledger(ledger_url, practice=False).close()
    with pytest.raises(UsageError, match="practice never shares it"):
        Ledger(ledger_url, practice=True)


def test_the_command_says_it_in_one_sentence(world: World) -> None:
    world.shop("hub", "ebay")
    url = f"sqlite:///{world.home / 'own.db'}"
    Ledger(url, practice=False).close()
    done = world.cli("status", check=2, UNSELL_DATABASE_URL=url)
    assert "practice never shares it" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
