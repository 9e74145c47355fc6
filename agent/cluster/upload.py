"""Evidence where all machines see it: each attempt's folder is copied to UNSELL_EVIDENCE_URL (fsspec).

The ledger keeps its whole address. Where nothing is named, evidence stays on the machine that made it, and
the address names that machine.
"""

from __future__ import annotations

import os
import platform as machine
from pathlib import Path

from loguru import logger

from agent.domain.errors import UsageError
from agent.domain.redact import clean
from agent.ledger.store import Ledger
from agent.settings.settings import Settings


class Upload:
    """Copies folders of evidence; trouble with it is logged, and changes nothing of what was done.

    UsageError: no package that is installed knows such a place.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._root = settings.evidence_url.get_secret_value().rstrip("/") if settings.evidence_url else None
        self._local = settings.evidence_dir
        self._ledger = ledger
        if self._root:
            import fsspec

            try:
                fsspec.core.url_to_fs(self._root)
            except (ImportError, ValueError) as error:
                raise UsageError(f"UNSELL_EVIDENCE_URL: {clean(str(error))}") from None

    def keep(self, order_id: int) -> None:
        """Copy this order's last evidence and write its address; not for the event loop."""
        row = self._ledger.by_id(order_id)
        if not row.evidence or "://" in row.evidence:
            return
        folder = Path(row.evidence)
        try:
            address = self._copied(folder) if self._root else f"file://{machine.node()}{folder.as_posix()}"
        except Exception as error:  # noqa: BLE001 - a store's own code may raise anything
            logger.warning("{}: the evidence could not be copied: {}", row.order_no, clean(str(error)))
            address = f"file://{machine.node()}{folder.as_posix()}"
        self._ledger.keep_address(row, address)

    def keep_left(self) -> None:
        """What was not copied before: a worker was killed, or a person ran it on this machine."""
        for row in self._ledger.with_evidence_in(f"{self._local}{os.sep}"):
            if Path(str(row.evidence)).is_dir():  # another machine's may have the same path
                self.keep(row.id)

    def _copied(self, folder: Path) -> str:
        import fsspec

        address = f"{self._root}/{folder.relative_to(self._local).as_posix()}"
        system, path = fsspec.core.url_to_fs(address)
        system.makedirs(path, exist_ok=True)
        for file in sorted(folder.iterdir()):
            system.put_file(str(file), f"{path}/{file.name}")
        return address
