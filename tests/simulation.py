"""Workers without a browser: real ledger, real engine, real PostgreSQL; the console's part is a wait.

``make bench-cluster`` measures by it how many orders an hour the rest can carry. The tests of the engine's
traps kill such workers: a table stands for the console, which receives a click even when its sender is dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from agent.account.session import owner_of
from agent.cluster.enqueue import enqueue
from agent.cluster.turn import Turns
from agent.cluster.worker import Share, Worker
from agent.domain.errors import AccountBusy
from agent.domain.order import Cancellation, FormPrint, Reason, Role, SiteReading, State, Verdict
from agent.engine.runner import Result
from agent.ledger.jobs import Job, Stage
from agent.ledger.lock import account_lock
from agent.ledger.migrations import open_engine
from agent.ledger.not_received import Before, NotReceived
from agent.ledger.store import Ledger, Row
from agent.settings.settings import Settings, load
from tests import figures
from tests.postgres import a_server, own_database

ROOT = Path(__file__).parent.parent
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
CONSOLE = sa.MetaData()
clicks = sa.Table(
    "console_clicks", CONSOLE, sa.Column("id", sa.Integer, primary_key=True), sa.Column("order_no", sa.Text),
    sa.Column("worker", sa.Integer), sa.Column("lands_at", sa.Float),
)  # fmt: skip
visits = sa.Table(
    "console_visits", CONSOLE, sa.Column("id", sa.Integer, primary_key=True), sa.Column("account", sa.Text),
    sa.Column("worker", sa.Integer), sa.Column("begun", sa.Float), sa.Column("seen", sa.Float),
)  # fmt: skip
FORM = FormPrint(fields=("reason",), reasons=("buyer asked",))
MEASURED = ((1.95, 2.19, 2.93), (1.87, 2.03, 2.20))
"""Seconds of an order in a real browser, eBay and DHgate with 150 ms added: a tenth of the orders take less
than the first, half than the second, nine tenths than the third (docs/performance.md, ``make bench``)."""


class NoBrowser:
    """Stands where a worker starts its browser."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SimulatedTurns(Turns):
    """An order's way with the pages left out. SIMULATED_ORDER: seconds until the click and after it, drawn
    from a tenth to twice of them, else from MEASURED; SIMULATED_LANDS: how long a click stays in
    flight; SIMULATED_DIES: how often, of all orders, the process dies between intent and what follows.
    """

    async def _walk(self, job: Job, row: Row) -> tuple[Result, SiteReading | None]:
        result = Result()
        settings, ledger = self._settings, self._ledger
        owner = owner_of(settings, job.account)
        try:
            async with account_lock(settings.state, settings.database, owner, wait=False) as lock:
                with _visit(settings.database, job.account) as visit:
                    row = ledger.take(ledger.to_cancellation(row))
                    reading = await self._at_console(job, row, lock, visit)
                    return result, reading
        except AccountBusy:
            result.busy.append(job.account)
        return result, None

    async def _review(self, job: Job) -> None:
        """The platform has decided by now."""
        for row in self._ledger.find(account=job.account, states=[State.PENDING]):
            self._ledger.settle(row, State.CANCELLED)
        self._jobs.close(job)

    async def _at_console(self, job: Job, row: Row, lock: Any, visit: Any) -> SiteReading | None:
        ledger, url = self._ledger, self._settings.database
        await _pages(visit)
        if row.state is State.SUBMITTING:
            return await self._read_back(job, row)
        if row.state is not State.QUEUED:
            return None
        lock.check()
        before = Before(pages=(_none("list"), _none("detail")), form=FORM)
        row = ledger.intend(row, worker=ledger.worker, before=before)
        self._press(row, lock)
        await _pages(visit)
        if _landed(url, row.order_no):
            ledger.settle(row, State.CANCELLED)
        else:
            ledger.settle(row, State.SUBMITTING)
        return _none("list")

    def _press(self, row: Row, lock: Any) -> None:
        dies = random.random() < float(os.environ.get("SIMULATED_DIES", "0"))
        before = random.random() < 0.5
        if dies and before:
            os.kill(os.getpid(), signal.SIGKILL)
        if os.environ.get("SIMULATED_STOPS") == "1":  # until somebody wakes it
            os.environ["SIMULATED_STOPS"] = "0"
            os.kill(os.getpid(), signal.SIGSTOP)
        lock.check()
        flight = random.random() * float(os.environ.get("SIMULATED_LANDS", "0"))
        with _console(self._settings.database).begin() as db:
            db.execute(
                sa.insert(clicks).values(
                    order_no=row.order_no, worker=os.getpid(), lands_at=time.time() + flight
                )
            )
        self._ledger.note(row, "answered", said="nothing", words="", mend="")
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)

    async def _read_back(self, job: Job, row: Row) -> SiteReading | None:
        ledger = self._ledger
        if _landed(self._settings.database, row.order_no):
            ledger.settle(row, State.CANCELLED)
            return None
        waited = job.stage is Stage.SECOND_READ and job.token == row.token
        if not waited:
            ledger.settle(row, State.SUBMITTING)
            return _none("list")
        proof = NotReceived(readings=(_none("list"), _none("detail")), form=FORM)
        row = ledger.intend(row, worker=ledger.worker, proof=proof)
        with _console(self._settings.database).begin() as db:
            db.execute(
                sa.insert(clicks).values(order_no=row.order_no, worker=os.getpid(), lands_at=time.time())
            )
        ledger.settle(row, State.CANCELLED)
        return None


def _none(view: str) -> SiteReading:
    return SiteReading(verdict=Verdict.NONE, view=view, words="Paid")


_engines: dict[str, sa.Engine] = {}


def _console(url: str) -> sa.Engine:
    if url not in _engines:
        _engines[url] = open_engine(url)
    return _engines[url]


async def _pages(visit: Any) -> None:
    """Half of an order's pages."""
    if usual := os.environ.get("SIMULATED_ORDER"):
        seconds = random.uniform(0.1, 1.9) * float(usual)
    else:
        tenth, half, most = random.choice(MEASURED)
        seconds = random.uniform(*random.choice([(tenth, half), (half, most)]))
    await asyncio.sleep(seconds / 2)
    visit()


@contextlib.contextmanager
def _visit(url: str, account: str) -> Iterator[Any]:
    """What the console's own log has of a worker that is at an account's pages: from when to when."""
    with _console(url).begin() as db:
        at = time.time()
        made = sa.insert(visits).values(account=account, worker=os.getpid(), begun=at, seen=at)
        number = db.execute(made.returning(visits.c.id)).scalar_one()

    def seen() -> None:
        with _console(url).begin() as db:
            db.execute(sa.update(visits).where(visits.c.id == number).values(seen=time.time()))

    yield seen
    seen()


def _landed(url: str, order_no: str) -> bool:
    query = sa.select(clicks.c.id).where(clicks.c.order_no == order_no, clicks.c.lands_at <= time.time())
    with _console(url).connect() as db:
        return db.execute(query).first() is not None


class SimulatedWorker(Worker):
    turns_class = SimulatedTurns
    browser_class = NoBrowser  # type: ignore[assignment]


class Cluster:
    """A ledger in ``url``, accounts and their orders, and workers as processes."""

    def __init__(
        self, url: str, home: Path, *, accounts: int, orders: int, settle: float = 1.0, pace: float = 0.0
    ) -> None:
        self.url = url
        self.home = home
        self.workers: list[subprocess.Popen[bytes]] = []
        names = [f"a{n}" for n in range(accounts)]
        lines = [f"settle_seconds = {settle}", f"pace_seconds = {pace:g}", 'practice = "127.0.0.1:9"']
        account = 'platform = "dhgate"\nsite = "dhgate.com"\nlocale = "zh-CN"'
        lines += [f'[accounts.{n}]\n{account}\nusername = "{n}_user"' for n in names]
        (home / "unsell.toml").write_text("\n".join(lines), encoding="utf-8")
        self.env = {
            "UNSELL_HOME": str(home), "UNSELL_DATABASE_URL": url, "UNSELL_SESSION_KEY": KEY,
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.settings = load(environ=self.env, cwd=home)
        self.settings.make_state()
        wanted = [
            Cancellation(
                account=names[n % accounts], platform="dhgate", role=Role.SELLER, reason=Reason.OUT_OF_STOCK,
                order_no=str(1330000000 + n), approved_by="tester",
            )
            for n in range(orders)
        ]  # fmt: skip
        with Ledger(url, practice=True) as ledger:
            CONSOLE.create_all(_console(url))
            enqueue(self.settings, ledger, wanted, by=None)

    def start(self, *, accounts: int = 4, **env: str) -> subprocess.Popen[bytes]:
        """A worker on a machine of its own, as far as files go: the server's locks alone keep them apart."""
        given = {k: v for k, v in os.environ.items() if not k.startswith("UNSELL_")}
        own = {"UNSELL_HOME": str(self.home / f"home-{len(self.workers)}")}
        with (self.home / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.simulation", "worker", str(accounts)], cwd=self.home,
                env={**given, **self.env, **own, **env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()

    def rows(self) -> list[Row]:
        with Ledger(self.url) as ledger:
            return ledger.find()

    def left(self) -> int:
        with Ledger(self.url) as ledger:
            return len([job for job in ledger.jobs.open() if job.order_id is not None])

    def clicked(self) -> list[str]:
        with _console(self.url).connect() as db:
            return [str(row.order_no) for row in db.execute(sa.select(clicks))]

    def at_once(self) -> list[tuple[str, int, int]]:
        """Accounts at whose pages two workers were at once, by the console's log."""
        with _console(self.url).connect() as db:
            log = db.execute(sa.select(visits).order_by(visits.c.account, visits.c.begun)).all()
        found = []
        for one, other in itertools.pairwise(log):
            if one.account == other.account and one.worker != other.worker and other.begun < one.seen:
                found.append((one.account, one.worker, other.worker))
        return found

    def logs(self) -> str:
        return "\n".join(
            f"{file.name}:\n{file.read_text(encoding='utf-8', errors='replace')[-2000:]}"
            for file in sorted(self.home.glob("worker-*.log"))
        )


def be_a_worker(accounts: int) -> None:
    """This process is a simulated worker until SIGTERM."""
    from agent.cli.signals import run_until_done

    settings = load()
    settings.make_state()
    poll = float(os.environ.get("SIMULATED_POLL", "0.2"))
    share = Share(accounts=accounts, poll=poll, sweep=os.environ.get("SIMULATED_SWEEP"))
    with Ledger(settings.database, practice=True) as ledger:
        run_until_done(
            lambda stop: SimulatedWorker(settings, ledger, share, stop, lambda _: None).run(), lambda: None
        )


def measure(accounts: int, orders: int, workers: int, at_once: int) -> dict[str, str]:
    """The whole cluster but the browsers, on this machine."""
    pace = float(os.environ.get("PACE", "0"))
    with a_server() as server, own_database(server) as url, tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(url, Path(folder), accounts=accounts, orders=orders, settle=120, pace=pace)
        began = time.monotonic()
        try:
            for _ in range(workers):
                cluster.start(accounts=at_once, SIMULATED_POLL="1.0")
            while cluster.left():
                time.sleep(1.0)
            seconds = time.monotonic() - began
            with _console(url).connect() as db:
                size = db.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()
                waits = db.execute(sa.text(_WAITS)).one()
        finally:
            cluster.end()
        order = sum((a + 2 * b + c) / 4 for a, b, c in MEASURED) / len(MEASURED)
        places = workers * at_once
        ideal = orders * order / places
        return {
            "accounts, orders, pace": f"{accounts}, {orders}, {pace:g} s",
            "workers × accounts at once": f"{workers} × {at_once}",
            "the browser's part of an order, seconds (mean)": f"{order:.2f}",
            "orders a second": f"{orders / seconds:.1f}",
            "seconds in all (without engine and ledger)": f"{seconds:.0f} ({ideal:.0f})",
            "engine and ledger an order, ms of a turn": f"{1000 * (seconds / orders * places - order):.0f}",
            "from due to begun, p50 / p99 seconds": f"{waits.p50:.1f} / {waits.p99:.1f}",
            "database a thousand orders, MB": f"{size / 2**20 / orders * 1000:.1f}",
            "double, lost": f"{len(cluster.clicked()) - len(set(cluster.clicked()))}, "
            f"{orders - len([r for r in cluster.rows() if r.state is State.CANCELLED])}",
        }  # fmt: skip


_WAITS = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY started_at_epoch_ms - created_at) / 1000.0 AS p50,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY started_at_epoch_ms - created_at) / 1000.0 AS p99
FROM unsell_engine.workflow_status WHERE status = 'SUCCESS'
"""


def main() -> int:
    if sys.argv[1:2] == ["worker"]:
        be_a_worker(int(sys.argv[2]))
        return 0
    accounts, orders, workers, at_once = (
        int(os.environ.get(name, n))
        for name, n in (("ACCOUNTS", 500), ("ORDERS", 2000), ("WORKERS", 2), ("AT_ONCE", 25))
    )
    told = measure(accounts, orders, workers, at_once)
    for what, much in told.items():
        print(f"{what:<52} {much}")
    if os.environ.get("WRITE"):
        command = f"make bench-cluster ACCOUNTS={accounts} ORDERS={orders}"
        command += f" WORKERS={workers} AT_ONCE={at_once}"
        kept = figures.keep("cluster", command, {"made on": figures.where(), **told})
        names = [name for name in told if name != "made on"]
        rows = [[name, *(run.get(name, "") for run in kept.values())] for name in names]
        made = "; ".join(dict.fromkeys(run["made on"] for run in kept.values()))
        text = figures.table(["", *(f"`{command}`" for command in kept)], rows)
        figures.write("scaling.md", "simulation", f"{text}\n\nMade on {made}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
