"""The store as a page sees it that lags behind the truth: the states of some seconds ago.

A second connection to the same file, on which temporary views stand in front of the tables, so that no
page has to know. What is written goes to the truth.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tests.consoles.store import Store

View = Literal["list", "detail"]

HISTORY = """
CREATE TABLE IF NOT EXISTS order_history (
  id INTEGER PRIMARY KEY, platform TEXT, order_no TEXT, was TEXT, at REAL);
CREATE INDEX IF NOT EXISTS order_history_of ON order_history (platform, order_no);
CREATE TABLE IF NOT EXISTS cancellation_history (
  id INTEGER PRIMARY KEY, cancellation INTEGER, was TEXT, waited_for TEXT, at REAL);
CREATE INDEX IF NOT EXISTS cancellation_history_of ON cancellation_history (cancellation);
CREATE TRIGGER IF NOT EXISTS order_changed AFTER UPDATE OF status ON orders WHEN old.status<>new.status
  BEGIN INSERT INTO order_history (platform, order_no, was, at)
    VALUES (old.platform, old.order_no, old.status, (julianday('now')-2440587.5)*86400); END;
CREATE TRIGGER IF NOT EXISTS cancellation_changed AFTER UPDATE OF status ON cancellations
  WHEN old.status<>new.status
  BEGIN INSERT INTO cancellation_history (cancellation, was, waited_for, at)
    VALUES (old.id, old.status, old.waits_for, (julianday('now')-2440587.5)*86400); END;
"""
VIEWS = """
CREATE TEMP VIEW orders AS SELECT {orders} FROM main.orders o;
CREATE TEMP VIEW cancellations AS SELECT {cancellations} FROM main.cancellations c
  WHERE c.created<=seen_until(c.platform, c.order_no);
"""
WAS = {
    "orders": {
        "status": "coalesce((SELECT was FROM main.order_history h WHERE h.platform=o.platform"
        " AND h.order_no=o.order_no AND h.at>seen_until(o.platform, o.order_no) ORDER BY h.id LIMIT 1),"
        " o.status) AS status",
    },
    "cancellations": {
        column: f"coalesce((SELECT {was} FROM main.cancellation_history h WHERE h.cancellation=c.id"
        f" AND h.at>seen_until(c.platform, c.order_no) ORDER BY h.id LIMIT 1), c.{column}) AS {column}"
        for column, was in (("status", "was"), ("waits_for", "waited_for"))
    },
}


def connection_behind(store: Store, path: str, view: View) -> sqlite3.Connection:
    """A connection that sees what pages of this kind show now, by the store's ``lag`` faults."""

    def seen_until(platform: str, order_no: str) -> float:
        rule = store.faults.standing("lag", platform, order_no)
        lags = rule is not None and rule.word in ("", view)
        return time.time() - rule.number if rule and lags else time.time() + 1

    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.create_function("seen_until", 2, seen_until)
    columns = {
        table: ", ".join(
            changed.get(row["name"], f"{table[0]}.{row['name']}")
            for row in db.execute(f"PRAGMA table_info({table})")
        )
        for table, changed in WAS.items()
    }
    db.executescript(VIEWS.format(**columns))
    return db
