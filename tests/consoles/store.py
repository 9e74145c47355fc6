"""The consoles' own database and truth log. Nothing here knows ``agent`` or ``flows``.

The truth log is append-only (triggers forbid change): one row for every commit that the site received
and acted on. Tests judge by it, never by the product's own records.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.consoles.faults import Faults
from tests.consoles.lag import HISTORY, View, connection_behind
from tests.consoles.layouts import Layout

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  platform TEXT, username TEXT, password TEXT, shown_as TEXT, role TEXT,
  language TEXT, layout TEXT, challenge TEXT DEFAULT '',
  PRIMARY KEY (platform, username));
CREATE TABLE IF NOT EXISTS orders (
  platform TEXT, order_no TEXT, seller TEXT, buyer TEXT,
  buyer_name TEXT, item_id TEXT, trans_id TEXT, hex_id TEXT, srn TEXT,
  title TEXT, quantity INTEGER, total TEXT, currency TEXT,
  status TEXT, created REAL, deadline REAL, message TEXT, blocked TEXT DEFAULT '',
  reasons TEXT DEFAULT '', verdict TEXT DEFAULT 'approve', controls TEXT DEFAULT 'both', layout TEXT,
  PRIMARY KEY (platform, order_no));
CREATE TABLE IF NOT EXISTS cancellations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT, order_no TEXT, asker TEXT, via TEXT,
  reason TEXT, note TEXT, relist INTEGER, status TEXT, waits_for TEXT,
  created REAL, decided REAL, decision_note TEXT DEFAULT '');
CREATE TABLE IF NOT EXISTS truth (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, platform TEXT, order_no TEXT, kind TEXT,
  asker TEXT, username TEXT, reason TEXT, note TEXT, extra TEXT);
CREATE TRIGGER IF NOT EXISTS truth_no_update BEFORE UPDATE ON truth
  BEGIN SELECT RAISE(ABORT, 'the truth log is append-only'); END;
CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, platform TEXT, username TEXT, created REAL);
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT, platform TEXT, username TEXT, kind TEXT,
  order_no TEXT, title TEXT, content TEXT, created REAL);
CREATE TABLE IF NOT EXISTS loads (path TEXT PRIMARY KEY, n INTEGER);
"""
TABLES = (
    "accounts", "orders", "cancellations", "truth", "sessions", "messages", "loads", "order_history",
    "cancellation_history",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Truth:
    """One commit received. ``asker`` is seller or buyer; ``reason`` the machine value that was posted."""

    at: float
    platform: str
    order_no: str
    kind: str  # cancel | refund | accept | decline | message
    asker: str
    username: str
    reason: str
    note: str
    extra: dict[str, Any]


class Store:
    """One SQLite file, shared by the server's threads and the test that seeds and judges."""

    def __init__(self, path: Path | str) -> None:
        self.faults = Faults()
        self.extras: Counter[str] = Counter()
        """What was asked for beside pages while a fault was on: how often each host and path."""
        self._path = str(path)
        self._behind: dict[View, Behind] = {}
        self._lock = threading.RLock()
        self._db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA + HISTORY)

    def close(self) -> None:
        self.faults.off()
        for behind in self._behind.values():
            behind.seen.close()
        self._db.close()

    def as_shown(self, view: View) -> Store:
        """What a page of this kind reads: the truth, or, while a lag is on, what was so a while ago."""
        if not self.faults.anywhere("lag"):
            return self
        with self._lock:
            if view not in self._behind:
                self._behind[view] = Behind(self, connection_behind(self, self._path, view))
            return self._behind[view]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody else in between."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def do(self, sql: str, *values: Any) -> int:
        with self._lock:
            return self._db.execute(sql, values).lastrowid or 0

    def reset(self) -> None:
        """Empty every table: a new test, a new world."""
        with self._lock:
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")
        self.extras.clear()
        self.faults.off()

    # -- seeding ---------------------------------------------------------------------------------

    def add_account(
        self,
        platform: str,
        username: str,
        *,
        role: str = "seller",
        password: str = "practice-Passw0rd",
        shown_as: str | None = None,
        language: str = "en",
        layout: Layout | None = None,
        challenge: str = "",
    ) -> None:
        """``challenge``: what the sign-in meets: '' | captcha | slider | code | passkey | trust | question.

        ``code:<secret>``: that secret's code of the very half minute, else any six digits will do.
        """
        self.do(
            "INSERT INTO accounts VALUES (?,?,?,?,?,?,?,?)",
            platform, username, password, shown_as or username, role, language,
            (layout or Layout()).dumps(), challenge,
        )  # fmt: skip

    def add_order(
        self,
        platform: str,
        order_no: str,
        *,
        seller: str,
        buyer: str = "buyer_jane",
        buyer_name: str = "Jane Doe",
        title: str = "Vintage film camera 35mm",
        quantity: int = 1,
        total: str = "41.20",
        currency: str = "US $",
        status: str = "to_ship",
        age_days: float = 1,
        message: str = "",
        blocked: str = "",
        reasons: str = "",
        verdict: str = "approve",
        controls: str = "both",
        layout: Layout | None = None,
        item_id: str = "",
    ) -> dict[str, Any]:
        """Put an order in the shop; returns its row.

        status: to_ship | unpaid | shipped | part_shipped | cancelled | closed | buyer_refund
        blocked: '' | case | too_old | declined_before: the form (or the site) then says no, in words
        reasons: comma-separated machine values that the form offers; '' = all that fit the role
        verdict: what platform, seller or refund decides later: approve | reject
        controls (DHgate): both | cancel | refund | none: which of 取消订单 / 申请退款 the order offers
        """
        now = time.time()
        digits = "".join(c for c in order_no if c.isdigit())
        seed = secrets.token_hex(16)
        self.do(
            "INSERT INTO orders VALUES (" + ",".join("?" * 22) + ")",
            platform, order_no, seller, buyer, buyer_name,
            item_id or "1" + (digits + seed.translate(str.maketrans("abcdef", "123456")))[-11:],
            "2" + (digits * 2)[:13].ljust(13, "7"),
            "ff8080" + seed[6:], str(1000 + int(digits[-3:] or 0)), title, quantity, total, currency,
            status, now - age_days * 86400, now + 3 * 86400, message, blocked, reasons, verdict, controls,
            layout.dumps() if layout else None,
        )  # fmt: skip
        row = self.order(platform, order_no)
        assert row is not None
        return row

    # -- reading ---------------------------------------------------------------------------------

    def account(self, platform: str, username: str) -> dict[str, Any] | None:
        return self.row(
            "SELECT * FROM accounts WHERE platform=? AND lower(username)=lower(?)", platform, username
        )

    def order(self, platform: str, order_no: str) -> dict[str, Any] | None:
        return self.row("SELECT * FROM orders WHERE platform=? AND order_no=?", platform, order_no)

    def cancellation(self, platform: str, order_no: str) -> dict[str, Any] | None:
        """The newest cancellation of an order, None when there is none."""
        return self.row(
            "SELECT * FROM cancellations WHERE platform=? AND order_no=? ORDER BY id DESC LIMIT 1",
            platform, order_no,
        )  # fmt: skip

    def layout_of(self, account: dict[str, Any], order: dict[str, Any] | None = None) -> Layout:
        return Layout.loads((order or {}).get("layout") or account["layout"])

    def truth(self, order_no: str | None = None, kind: str | None = None) -> list[Truth]:
        """The truth log, oldest first."""
        found = self.rows(
            "SELECT * FROM truth WHERE (?1 IS NULL OR order_no=?1) AND (?2 IS NULL OR kind=?2) ORDER BY id",
            order_no, kind,
        )  # fmt: skip
        return [
            Truth(
                r["at"], r["platform"], r["order_no"], r["kind"], r["asker"],
                r["username"], r["reason"], r["note"], json.loads(r["extra"]),
            )
            for r in found
        ]  # fmt: skip

    # -- what the site does ----------------------------------------------------------------------

    def log_truth(
        self, platform: str, order_no: str, kind: str, *,
        asker: str, username: str, reason: str = "", note: str = "", **extra: Any,
    ) -> None:  # fmt: skip
        self.do(
            "INSERT INTO truth (at,platform,order_no,kind,asker,username,reason,note,extra)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            time.time(), platform, order_no, kind, asker, username, reason, note, json.dumps(extra),
        )  # fmt: skip

    def count_load(self, path: str) -> None:
        self.do("INSERT INTO loads VALUES (?,1) ON CONFLICT(path) DO UPDATE SET n=n+1", path)

    def loads(self) -> dict[str, int]:
        """Documents served, by path (host + path, no query)."""
        return {r["path"]: r["n"] for r in self.rows("SELECT path, n FROM loads")}

    def sign_in(self, platform: str, username: str) -> str:
        token = secrets.token_urlsafe(24) + "!*~'()<&"  # what a browser keeps in quotation marks
        self.do("INSERT INTO sessions VALUES (?,?,?,?)", token, platform, username, time.time())
        return token

    def signed_in(self, platform: str, token: str | None) -> dict[str, Any] | None:
        """The account behind a session cookie, None when signed out."""
        found = self.row("SELECT username FROM sessions WHERE token=? AND platform=?", token, platform)
        return self.account(platform, found["username"]) if found else None

    def sign_everybody_out(self) -> None:
        self.do("DELETE FROM sessions")


class Behind(Store):
    """The same store, read through a connection that lags; what is written goes to the truth."""

    def __init__(self, truth: Store, seen: sqlite3.Connection) -> None:
        self.faults, self._lock, self._db = truth.faults, truth._lock, truth._db
        self.seen = seen

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self.seen.execute(sql, values)]

    def as_shown(self, view: View) -> Store:
        return self
