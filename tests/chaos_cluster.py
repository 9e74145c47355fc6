"""``make chaos-cluster``: workers on one PostgreSQL, all faults on, killed, stopped, the database restarted.

ORDERS, ACCOUNTS, WORKERS, KILLS and SEED are read from the environment. As ``make chaos`` does, but the sheet
is handed to workers (``unsell run FILE --enqueue``), which die at random moments or named points and are
started anew; one is stopped (SIGSTOP) and woken, and the database is started anew, once each. Each worker's
browser names itself, so that the consoles' own log tells whether two were ever at one account at once.
Exit 1 unless nothing was committed twice, wrongly or lost, and no account was touched by two at once.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, cast, get_args

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.browser.discovery import find_browser
from agent.engine.failpoints import Point
from agent.ledger.store import Ledger
from tests import figures
from tests.chaos import SHOPS, Chaos
from tests.consoles.layouts import Layout
from tests.consoles.server import Consoles
from tests.postgres import Server, a_server_of_our_own, own_database
from tests.verdict import Tally, browsers_of
from tests.world import World

ASLEEP = 45.0
"""Seconds that the stopped worker sleeps: longer than the server bears with it."""
MIDST = 1.5
"""Seconds between two pages of one worker's, within which no turn of another can begin and end."""
LONGEST = 3600.0


class Visits:
    """In front of the consoles: which worker's browser asked for an account's pages, and when."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.log: list[tuple[float, float, str, tuple[str, ...]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.time()
        try:
            await self._app(scope, receive, send)
        finally:
            headers = dict(scope.get("headers", []))
            worker = headers.get(b"user-agent", b"").decode().rpartition("worker-")[2]
            cookies = cookie_parser(headers.get(b"cookie", b"").decode())
            if scope["type"] == "http" and worker.isdigit():
                self.log.append((began, time.time(), worker, tuple(cookies.values())))

    def at_once(self, sessions: dict[str, str]) -> list[str]:
        """Accounts of which two workers asked pages at the same moment, or one in the middle of the other's
        pages. ``sessions``: a cookie's account.
        """
        seen: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        for began, ended, worker, cookies in self.log:
            for account in {sessions[one] for one in cookies if one in sessions}:
                seen[account].append((began, ended, worker))
        found = [] if seen else ["no page of any account was seen: the log judges nothing"]
        for account, log in seen.items():
            log.sort()
            pairs = [(one, other) for one, other in itertools.pairwise(log) if other[0] < one[1]]
            between = zip(log, log[1:], log[2:], strict=False)
            pairs += [(a, b) for a, b, c in between if a[2] == c[2] and c[0] - a[1] < MIDST]
            found += [
                f"{account}: worker {one[2]} and worker {other[2]}, {one[1] - other[0]:.2f} s"
                for one, other in pairs
                if one[2] != other[2]
            ]
        return found


class ClusterChaos(Chaos):
    """The same orders and kits, over more accounts, done by workers."""

    def __init__(
        self, world: World, server: Server, visits: Visits, *, orders: int, accounts: int, workers: int,
        kills: int, seed: int,
    ) -> None:  # fmt: skip
        if accounts < len(SHOPS):
            raise ValueError(f"ACCOUNTS={accounts}: there are {len(SHOPS)} kinds of shops, each wants one")
        self._server = server
        self._visits = visits
        self._accounts = [
            (f"{name}{n // len(SHOPS)}" if n >= len(SHOPS) else name, name, platform, more)
            for n, (name, platform, more) in zip(range(accounts), itertools.cycle(SHOPS), strict=False)
        ]
        self._own: dict[str, str] = {}
        self._width = workers
        self.workers: dict[int, subprocess.Popen[bytes]] = {}
        self._seats: dict[int, int] = {}
        """Which machine each is on: a home of its own, so that the server's locks alone keep them apart."""
        self._numbers = itertools.count()
        self.stops = self.restarts = 0
        super().__init__(world, orders, kills, seed)
        world.env["PRACTICE_WORKER_POLL"] = "0.5"
        self._browser = find_browser(None, headless=True).path
        self._left_kills = kills

    def _seed_orders(self, orders: int, seed: int) -> None:
        for name, kind, platform, more in self._accounts[len(SHOPS) :]:
            self.world.shop(name, platform, **more)
            del kind
        super()._seed_orders(orders, seed)

    def _put(self, name: str, platform: str, n: int, kit: Any, layout: Layout) -> str:
        same = [own for own, kind, *_ in self._accounts if kind == name]
        own = same[(n // len(SHOPS)) % len(same)]
        number = f"{10 + n // 9000}-{34567 + n // 900:05d}-{10 * (n % 900) + 10001:05d}"
        if platform == "dhgate":
            number = str(1330300001 + n * 10)
        young = {"age_days": -0.1} if name == "buyer" else {}  # an hour after its purchase it is too late
        kit.put(self.world, own, name, number, layout, **young)
        self.kits[number], self.shop_of[number], self._own[number] = kit, name, own
        return number

    # -- running ---------------------------------------------------------------------------------

    def _run(self, numbers: list[str]) -> None:
        """Hand the orders to the workers, and wait until they have none left."""
        if not numbers:
            return
        kinds = self.shop_of
        sheet = self.world.home / "orders.csv"
        rows = ["账号,订单号,取消原因,说明"]
        for number in numbers:
            wanted = self.kits[number].wanted(kinds[number])
            rows.append(",".join([self._own[number], number, wanted["reason"], wanted.get("note", "")]))
        sheet.write_text("\n".join(rows), encoding="utf-8")
        self._start_and_wait("run", str(sheet), "--enqueue", "--yes")
        self._until_done()

    def _start_and_wait(self, *words: str) -> None:
        environment = self.world.environment()
        subprocess.run(
            [sys.executable, "-m", "agent", *words], cwd=self.world.home, env=environment, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=LONGEST,
        )  # fmt: skip

    def _start(self, *words: str) -> None:
        """``sync``, as a person starts it. What workers have in hand is done before."""
        if words[0] == "sync":
            self._start_and_wait("sync", "--json", "--wait-for-lock")

    def _open(self) -> tuple[int, int]:
        """Orders that workers have, and those of held accounts among them."""
        with Ledger(self.world.settings.database) as ledger:
            held = {one.hand for one in ledger.jobs.held() if one.held_for in ("person", "failures")}
            orders = [job for job in ledger.jobs.open() if job.order_id is not None]
            return len(orders), sum(job.hand in held for job in orders)

    def _until_done(self) -> None:
        ends = time.monotonic() + LONGEST
        every = max(1, len(self.kits) // (self._kills + 3))
        trouble = self._trouble()
        left = len(self.kits)
        while True:
            self._keep_up()
            now, held = self._open()
            if now <= held and not self._left_kills:
                return
            if now <= held and self._left_kills:
                self._kill()
            if left - now >= every:
                left = now
                next(trouble, None)
            if time.monotonic() > ends:
                raise RuntimeError(f"{now} orders are left after {LONGEST:g} s, {held} of held accounts")
            time.sleep(1.0)

    def _trouble(self) -> Any:
        """A kill at each turn; between them, once each, the stop and the restart."""
        for turn in itertools.count():
            if turn == 1 and not self.stops:
                self._stop()
            elif turn == 3 and not self.restarts:
                self._restart()
            else:
                self._kill()
            yield

    def _keep_up(self) -> None:
        """As a service manager does: a worker that is gone is started anew."""
        for number, worker in list(self.workers.items()):
            if worker.poll() is not None:
                del self.workers[number], self._seats[number]
                if worker.returncode == -signal.SIGKILL and self._left_kills:
                    self._left_kills -= 1
                    self.tally.kills += 1
        while len(self.workers) < self._width:
            self._one_more()

    def _one_more(self) -> None:
        number = next(self._numbers)
        wrapper = self.world.home / f"browser-{number}"
        named = f'"{self._browser}" --user-agent="Mozilla/5.0 worker-{number}"'
        wrapper.write_text(f'#!/bin/sh\nexec {named} "$@"\n')
        wrapper.chmod(0o755)
        seat = min(set(range(self._width)) - set(self._seats.values()))
        own = self.world.home / f"machine-{seat}"
        env = self.world.environment(UNSELL_BROWSER_PATH=str(wrapper), UNSELL_HOME=str(own))
        if self._left_kills > len(self.workers) and self.random.random() < 0.4:
            env["PRACTICE_CRASH_AT"] = f"{self.random.choice(get_args(Point))}:{self.random.randint(1, 4)}"
        log = (self.world.home / f"worker-{number}.log").open("wb")
        with log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "agent", "worker", "--accounts", "2"], cwd=self.world.home, env=env,
                start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers[number], self._seats[number] = worker, seat
        self.tally.starts += 1
        self._pids.append(worker.pid)

    def _any(self) -> subprocess.Popen[bytes]:
        return self.workers[self.random.choice(list(self.workers))]

    def _kill(self) -> None:
        if self._left_kills:
            time.sleep(self.random.random() * 3)
            self._any().kill()

    def _stop(self) -> None:
        """The process alone sleeps; its browser does not, as when a machine is short of breath."""
        worker = self._any()
        worker.send_signal(signal.SIGSTOP)
        time.sleep(ASLEEP)
        worker.send_signal(signal.SIGCONT)
        self.stops += 1

    def _restart(self) -> None:
        self._server.stop()
        time.sleep(2.0)
        self._server.start()
        self.restarts += 1

    def go(self) -> Tally:
        """As one program's chaos; but the workers live until the end, and their browsers with them."""
        super().go()
        self.end()
        time.sleep(1.0)
        self.tally.left_browsers = browsers_of(self._pids)
        return self.tally

    def end(self) -> None:
        for worker in self.workers.values():
            worker.terminate()
        for worker in self.workers.values():
            try:
                worker.wait(120)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()

    def at_once(self) -> list[str]:
        rows = self.world.store.rows("SELECT token, platform, username FROM sessions")
        return self._visits.at_once({row["token"]: f"{row['platform']}/{row['username']}" for row in rows})


def run(
    *, orders: int, accounts: int, workers: int, kills: int, seed: int, home: Path
) -> tuple[Tally, list[tuple[str, str]], list[str]]:
    """One run of it: the tally, further lines of its table, and the accounts that two workers were at."""
    with a_server_of_our_own() as server, own_database(server.address) as url:
        consoles = Consoles()
        visits = Visits(cast("ASGIApp", consoles._server.config.app))
        consoles._server.config.app = visits
        with consoles:
            world = World(consoles, home)
            world.env["UNSELL_DATABASE_URL"] = url
            cluster = ClusterChaos(
                world, server, visits, orders=orders, accounts=accounts, workers=workers, kills=kills,
                seed=seed,
            )  # fmt: skip
            try:
                tally = cluster.go()
            finally:
                cluster.end()
            both = cluster.at_once()
            more = [
                ("accounts, workers", f"{accounts}, {workers}"),
                ("stopped and woken; database restarts", f"{cluster.stops}; {cluster.restarts}"),
                ("accounts with two workers at once", str(len(both))),
            ]
            return tally, more, both


def main() -> int:
    given = {
        name: int(os.environ.get(name, usual))
        for name, usual in (("ORDERS", 200), ("ACCOUNTS", 20), ("WORKERS", 3), ("KILLS", 15), ("SEED", 1))
    }
    command = "make chaos-cluster " + " ".join(f"{name}={n}" for name, n in given.items())
    print(command)
    with tempfile.TemporaryDirectory(prefix="chaos-cluster-") as folder:
        options: dict[str, Any] = {name.lower(): n for name, n in given.items()}
        tally, more, both = run(home=Path(folder), **options)
    lines = [*tally.lines(), *more]
    for what, many in lines:
        print(f"{what:<40} {many}")
    for line in [*tally.bad, *both]:
        print(line)
    if os.environ.get("WRITE"):
        kept = figures.keep("chaos-cluster", command, {"made on": figures.where(), **dict(lines)})
        names = dict.fromkeys(name for one in kept.values() for name in one if name != "made on")
        rows = [[name, *(one.get(name, "0") for one in kept.values())] for name in names]
        made = "; ".join(dict.fromkeys(one["made on"] for one in kept.values()))
        table = figures.table(["", *(f"`{key}`" for key in kept)], rows)
        figures.write("reliability.md", "chaos-cluster", f"{table}\n\nMade on {made}.")
    return 1 if tally.bad or both else 0


if __name__ == "__main__":
    raise SystemExit(main())
