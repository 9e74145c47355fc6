"""Evidence where all machines see it: a mounted folder, an S3 store, and its whole address in the ledger."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cluster.upload import Upload
from agent.domain.errors import UsageError
from agent.domain.order import State
from agent.ledger.store import Ledger, Row
from agent.page.evidence import Evidence
from agent.settings.settings import Settings, load
from tests.ledgers import WANTED, in_state


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def proved(ledger: Ledger, settings: Settings) -> Row:
    """An order that ended, with sealed evidence on this machine."""
    evidence = Evidence.begin(settings.evidence_dir, "ebay", WANTED.order_no, "cancel", {"order_no": "1"})
    evidence.write(evidence.step("SH1", "a step"), ".jpg", b"a picture")
    evidence.seal({"state": "cancelled"})
    row = in_state(ledger, State.SUBMITTING, WANTED.order_no)
    return ledger.settle(row, State.CANCELLED, evidence=evidence.folder)


def settings_of(home: Path, **env: str) -> Settings:
    return load(environ={"UNSELL_HOME": str(home), **env}, cwd=home)


def kept(ledger: Ledger, row: Row, settings: Settings) -> str:
    Upload(settings, ledger).keep(row.id)
    after = ledger.by_id(row.id)
    assert replace(after, evidence=None) == replace(row, evidence=None), "nothing else changed"
    return str(after.evidence)


def test_with_no_place_named_the_address_names_the_machine(tmp_path: Path, ledger: Ledger) -> None:
    settings = settings_of(tmp_path)
    row = proved(ledger, settings)
    assert kept(ledger, row, settings) == f"file://{platform.node()}{row.evidence}"


def test_a_mounted_folder(tmp_path: Path, ledger: Ledger) -> None:
    # Broken on purpose: the address of the root alone.
    shared = tmp_path / "mounted"
    settings = settings_of(tmp_path / "home", UNSELL_EVIDENCE_URL=f"file://{shared}")
    row = proved(ledger, settings)
    address = kept(ledger, row, settings)
    assert address == f"file://{shared}/ebay/{WANTED.order_no}/{Path(str(row.evidence)).name}"
    there = {file.name for file in Path(address.removeprefix("file://")).iterdir()}
    assert there == {"manifest.json", "index.html", "01-SH1.jpg"}
    assert kept(ledger, ledger.by_id(row.id), settings) == address, "once is enough"


def test_an_s3_store(tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "two")
        import fsspec

        store = fsspec.filesystem("s3")
        store.mkdir("proof")
        settings = settings_of(tmp_path / "home", UNSELL_EVIDENCE_URL="s3://proof/unsell/")
        row = proved(ledger, settings)
        address = kept(ledger, row, settings)
        assert address.startswith(f"s3://proof/unsell/ebay/{WANTED.order_no}/")
        assert store.cat_file(f"{address}/01-SH1.jpg") == b"a picture"
    finally:
        server.stop()


def test_a_place_that_cannot_be_written_changes_nothing_of_the_order(tmp_path: Path, ledger: Ledger) -> None:
    # Broken on purpose: the exception goes up.
    (tmp_path / "a file").write_text("in the way")
    settings = settings_of(tmp_path / "home", UNSELL_EVIDENCE_URL=f"file://{tmp_path}/a file/below")
    row = proved(ledger, settings)
    assert kept(ledger, row, settings) == f"file://{platform.node()}{row.evidence}"


def test_what_a_killed_worker_did_not_copy_is_copied_by_the_next_one_of_its_machine(
    tmp_path: Path, ledger: Ledger
) -> None:
    settings = settings_of(tmp_path / "home", UNSELL_EVIDENCE_URL=f"file://{tmp_path}/mounted")
    row = proved(ledger, settings)
    other = ledger.take(replace(WANTED, order_no="12-34567-89999"))
    other = ledger.settle(other, State.REFUSED, evidence=settings.evidence_dir / "ebay" / "not" / "here")
    Upload(settings, ledger).keep_left()
    assert str(ledger.by_id(row.id).evidence).startswith(f"file://{tmp_path}/mounted/ebay/")
    assert ledger.by_id(other.id).evidence == other.evidence, "another machine's"


def test_a_place_that_nothing_here_knows_is_told_before_anything_begins(
    tmp_path: Path, ledger: Ledger
) -> None:
    with pytest.raises(UsageError, match="UNSELL_EVIDENCE_URL"):
        Upload(settings_of(tmp_path, UNSELL_EVIDENCE_URL="nosuch://place"), ledger)


@pytest.mark.parametrize("address", ["sftp://me:secret@host/proof", "/mnt/proof"])
def test_an_address_that_the_ledger_may_keep(tmp_path: Path, address: str) -> None:
    # Broken on purpose: _place left out.
    with pytest.raises(UsageError, match="EVIDENCE_URL") as told:
        settings_of(tmp_path, UNSELL_EVIDENCE_URL=address)
    assert "secret" not in str(told.value)
