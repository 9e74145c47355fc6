"""No secret in any byte written: every secret of a run is a canary, and every file is searched for it.

Runs that succeed, that are refused, and that die at every named point and in the middle of the sign-in, as a
schedule would start them. Searched: home, temporary folder, standard output, standard error, traces unpacked.
"""

from __future__ import annotations

import base64
import io
import os
import re
import secrets
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pyotp
import pytest
from cryptography.fernet import Fernet

from agent.domain.order import State
from agent.engine.failpoints import Point
from agent.page import trace
from tests.consoles.layouts import Layout
from tests.test_evidence import forms_of
from tests.test_secrecy import WRITINGS
from tests.world import PASSWORD, World, manifest

ASKING = Layout(confirm="page")
"""A confirmation opens after the submit: every named point is passed."""
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.name == "nt", reason="dies by SIGKILL; Windows keeps no temporary folder apart"),
]


class Canaries:
    """The secrets of one world, and where they were found."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.began = time.time()
        self.totp = base64.b32encode(secrets.token_bytes(20)).decode()
        self.given = {
            "password": f"{secrets.token_urlsafe(9)} {PASSWORD}",
            "one-time secret": self.totp,
            "session key": Fernet.generate_key().decode(),
            "notification address": f"json://robot:{secrets.token_hex(12)}@127.0.0.1:9/hook",
        }

    def environment(self) -> dict[str, str]:
        temporary = self.world.home / "tmp"
        temporary.mkdir(exist_ok=True)
        own = {"UNSELL_SESSION_KEY": self.given["session key"], "TMPDIR": str(temporary)}
        return {**self.world.environment(), **own, "UNSELL_NOTIFY": self.given["notification address"]}

    def codes(self) -> set[str]:
        """Every one-time code that was good while the runs went."""
        first, last = int(self.began) // 30 - 1, int(time.time()) // 30 + 1
        return {pyotp.TOTP(self.totp).at(30 * step) for step in range(first, last + 1)}

    def found(self) -> list[str]:
        """Which secret stands in which file."""
        cookies = {r["token"]: "a cookie" for r in self.world.store.rows("SELECT token FROM sessions")}
        assert cookies, "nobody ever signed in"
        named = {**cookies, **{value: name for name, value in self.given.items()}}
        whole = {form: name for secret, name in named.items() for form in forms_of(secret)}
        whole |= {write(s).encode(): name for s, name in named.items() for write in WRITINGS.values()}
        code = re.compile(rb"(?<![0-9A-Za-z.])(?:%s)(?![0-9A-Za-z])" % "|".join(self.codes()).encode())
        found = []
        for name, data in self._files():
            found += [f"{what} in {name}" for form, what in whole.items() if form in data]
            found += [f"a code in {name}" for _ in code.findall(data)]
        return found

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for path in self.world.home.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(self.world.home)), path.read_bytes()
            if path.suffix == ".zip":
                yield from unpacked(path.read_bytes())


def unpacked(trace: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(trace)) as archive:
        yield from ((name, archive.read(name)) for name in archive.namelist())


@pytest.fixture
def canaries(world: World) -> Canaries:
    """Two shops whose every secret is a canary; eBay asks for a code at each sign-in."""
    canaries = Canaries(world)
    password, secret = canaries.given["password"], canaries.totp
    world.shop("eb", "ebay", password=password, challenge=f"code:{secret}", TOTP_SECRET=secret, layout=ASKING)
    world.shop("dh", "dhgate", language="zh-CN", password=password, layout=ASKING)
    world.store.do("UPDATE accounts SET password=?", password)
    return canaries


def begin(canaries: Canaries, *words: str, dies_after: int | None = None, **environ: str) -> int:
    """One run of a fresh order of either shop in turn, its output kept; killed after that many pages."""
    world, store, home = canaries.world, canaries.world.store, canaries.world.home
    sheet, out = home / "orders.csv", home / f"out-{time.monotonic_ns()}"
    n = len(store.rows("SELECT order_no FROM orders"))
    shop, number = [("eb", f"12-34567-{89010 + n}"), ("dh", str(1330312160 + n))][n % 2]
    world.order(shop, number)
    told = "yes" if environ.get("PRACTICE_CRASH_AT", "").startswith("message") else "no"
    line = f"{shop},{number},buyer-asked,{told}"
    sheet.write_text(f"account,order_no,reason,tell_buyer\n{line}\n", encoding="utf-8")
    before = sum(store.loads().values())
    with (out.with_suffix(".txt")).open("wb") as said, (out.with_suffix(".err")).open("wb") as wrong:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", "run", str(sheet), "--yes", "--log-json", *words],
            cwd=home, env={**canaries.environment(), **environ}, stdin=subprocess.DEVNULL,
            stdout=said, stderr=wrong, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None:
            if dies_after is not None and sum(store.loads().values()) - before >= dies_after:
                process.kill()
            time.sleep(0.01)
    return process.returncode


@pytest.mark.long
def test_no_secret_in_any_byte_whatever_a_run_comes_to(canaries: Canaries) -> None:
    world, points = canaries.world, get_args(Point)
    for pages in (1, 2, 4, 4):  # in the middle of signing in
        assert begin(canaries, dies_after=pages) == -9
    for point in points:
        assert begin(canaries, PRACTICE_CRASH_AT=point) == -9, point
    assert begin(canaries, "--trace") == 0
    assert len(world.commits()) >= len(points) - 3, "the runs did submit"
    world.store.do("UPDATE accounts SET password='another'")
    world.store.do("UPDATE sessions SET token=token || 'x'")
    assert begin(canaries) == 4
    assert canaries.found() == []


@pytest.mark.long
async def test_a_trace_that_cannot_be_kept_changes_nothing(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As it was: the fault left the order's own walk, and took the whole run along.
    def broken(_: bytes) -> bytes:
        raise ValueError("a trace of another make")

    monkeypatch.setattr(trace, "scrubbed", broken)
    world = canaries.world
    numbers = [world.order("eb", number) for number in ("12-34567-89012", "12-34567-89013")]
    outcomes = (await world.run(*(world.wanted("eb", number) for number in numbers), trace=True)).outcomes
    assert [o.state for o in outcomes] == [State.CANCELLED] * 2, outcomes
    assert not list(world.home.rglob(trace.NAME))


async def test_a_trace_holds_the_walk_and_no_secret(
    canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The trace as Playwright wrote it does tell: what keeps the search honest.
    world, raw = canaries.world, list[bytes]()
    scrubbed = trace.scrubbed

    def kept_raw(trace: bytes) -> bytes:
        raw.append(trace)
        return scrubbed(trace)

    monkeypatch.setattr(trace, "scrubbed", kept_raw)
    world.env["UNSELL_SESSION_KEY"] = canaries.given["session key"]
    world.order("eb", "12-34567-89012")
    outcome = await world.cancel("eb", "12-34567-89012", trace=True)
    kept = dict(unpacked((Path(outcome.evidence or "") / trace.NAME).read_bytes()))
    [cookie] = [row["token"].encode() for row in world.store.rows("SELECT token FROM sessions")]
    before = b"".join(data for _, data in unpacked(raw[0]))
    assert cookie in before
    assert b"cookie" in before.lower()
    assert canaries.found() == []
    network = next(data for name, data in kept.items() if name.endswith(".network"))
    assert b"/sh/ord" in network
    assert not re.search(rb'"name": "(?:set-)?cookie"', network, re.IGNORECASE)
    assert any(b'"click"' in data for data in kept.values())
    assert trace.NAME in manifest(outcome)["sha256"]
