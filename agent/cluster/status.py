"""What many workers are doing: from the ledger and the server's own list of locks, without the engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.cluster.slots import Holder, Slots
from agent.domain.order import State
from agent.ledger.jobs import Hand, Stage
from agent.ledger.store import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``waiting``: orders that are open, by stage. ``oldest``: since when the oldest waits (UTC).
    ``hour``: orders that came to their end within the last hour.
    """

    workers: list[Holder]
    accounts: int
    waiting: dict[str, int]
    depth: int
    oldest: str | None
    hour: int
    held: list[Hand]
    needs_human: int

    def as_json(self) -> dict[str, Any]:
        held = [{"account": one.account, "held_for": one.held_for, "why": one.why} for one in self.held]
        return {**asdict(self), "held": held}


def standing(ledger: Ledger, slots: Slots) -> Standing:
    """How it stands now. LedgerFailed where the database does not answer."""
    jobs = ledger.jobs.open()
    orders = [job for job in jobs if job.order_id is not None]
    stages = Counter(job.stage.value for job in orders)
    begun = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Standing(
        workers=[holder for _, holder in sorted(slots.holders().items())],
        accounts=len({job.hand for job in orders}),
        waiting={stage.value: stages[stage.value] for stage in Stage if stages[stage.value]},
        depth=len(orders),
        oldest=orders[0].since if orders else None,
        hour=ledger.jobs.closed_since(begun),
        held=ledger.jobs.held(),
        needs_human=len(ledger.find(states=[State.NEEDS_HUMAN])),
    )


def serve_metrics(ledger: Ledger, slots: Slots, port: int) -> None:
    """Prometheus' text at http://127.0.0.1:``port``/metrics, asked of the ledger at each look."""
    from prometheus_client import REGISTRY, start_http_server
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.registry import Collector

    class FromTheLedger(Collector):
        def collect(self) -> Any:
            now = standing(ledger, slots)
            waiting = GaugeMetricFamily("unsell_orders_waiting", "Open orders by stage", labels=["stage"])
            for stage in Stage:
                waiting.add_metric([stage.value], now.waiting.get(stage.value, 0))
            yield waiting
            yield GaugeMetricFamily("unsell_workers", "Workers that are alive", value=len(now.workers))
            yield GaugeMetricFamily("unsell_accounts_busy", "Accounts with open orders", value=now.accounts)
            yield GaugeMetricFamily("unsell_accounts_held", "Accounts that are held", value=len(now.held))
            yield GaugeMetricFamily("unsell_orders_last_hour", "Orders ended within an hour", value=now.hour)
            yield GaugeMetricFamily("unsell_needs_human", "Orders for a person", value=now.needs_human)
            yield GaugeMetricFamily(
                "unsell_oldest_waiting_seconds", "Age of the oldest open order", value=_age(now.oldest)
            )

    REGISTRY.register(FromTheLedger())
    start_http_server(port, addr="127.0.0.1")


def _age(since: str | None) -> float:
    if since is None:
        return 0.0
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds())
