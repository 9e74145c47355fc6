"""The proof is whole, readable, private and free of secrets, after a good, a refused and a failed run.

The site is made to repeat what it should not: the order's message holds password, one-time secret and session
cookie, so that a page that tells too much meets the redaction. The same run with redaction off must leak.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from playwright.async_api import BrowserContext

from agent.domain import redact
from agent.domain.order import Outcome, State
from tests.consoles.layouts import Layout
from tests.consoles.server import Consoles
from tests.consoles.store import Store
from tests.world import World, manifest

SECRET = "pä&s <w0rd>\"x' +%/1"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GOOD, REFUSED, FAILED = "1330312162", "1330312163", "12-34567-89012"

pytestmark = pytest.mark.timeout(300)


@contextmanager
def telling(store: Store) -> Iterator[list[str]]:
    """Every order's message ends with the newest session's cookie. Yields the cookies, once known."""
    cookies: list[str] = []
    store.do(
        "CREATE TRIGGER tell AFTER INSERT ON sessions"
        " BEGIN UPDATE orders SET message = message || ' ' || NEW.token; END"
    )
    try:
        yield cookies
    finally:
        store.do("DROP TRIGGER tell")
        cookies += [row["token"] for row in store.rows("SELECT token FROM sessions")]


def furnish(world: World) -> None:
    """Two shops with a nasty password, one of which meets the question for a code."""
    world.env["UNSELL_STEP_TIMEOUT_SECONDS"] = "8"
    world.shop("dh", "dhgate", language="zh-CN", password=SECRET)
    world.shop(
        "eb", "ebay", password=SECRET, challenge="code", TOTP_SECRET=TOTP, layout=Layout(form="dialog")
    )
    world.store.do("UPDATE accounts SET password=?", SECRET)
    message = (
        f"my password: {SECRET} {TOTP} {quote_plus(SECRET)} {base64.b64encode(SECRET.encode()).decode()}"
    )
    for shop, order_no, reasons in (("dh", GOOD, ""), ("dh", REFUSED, "other"), ("eb", FAILED, "")):
        world.order(shop, order_no, reasons=reasons, message=message)
    own = world.home / "selectors" / "ebay.toml"
    own.parent.mkdir(mode=0o700)
    own.write_text(
        '[element."form.scope"]\nwhat = "a form that is nowhere"\ncandidates = [{ css = "#nowhere" }]\n'
        'mark = "U"\nsource = "test"\n',
        encoding="utf-8",
    )
    own.chmod(0o600)


class Ran:
    """What the three ends left behind."""

    def __init__(self, home: Path, outcomes: dict[str, Outcome], cookies: list[str]) -> None:
        self.home = home
        self.outcomes = outcomes
        self.secrets = {"password": SECRET, "one-time secret": TOTP}
        self.secrets |= {f"cookie {n}": cookie for n, cookie in enumerate(cookies)}

    def folder(self, order_no: str) -> Path:
        return Path(self.outcomes[order_no].evidence or "")


async def run_all(world: World, *order_nos: str) -> Ran:
    furnish(world)
    with telling(world.store) as cookies:
        wanted = [world.wanted("eb" if "-" in no else "dh", no) for no in order_nos]
        outcomes = (await world.run(*wanted)).outcomes
    return Ran(world.home, {o.order_no: o for o in outcomes}, cookies)


@pytest.fixture(scope="module")
async def ran(consoles: Consoles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ran]:
    """One run with three ends, for all tests of this file; they only read what it left."""
    consoles.store.reset()
    before = os.umask(0o022)
    try:
        yield await run_all(World(consoles, tmp_path_factory.mktemp("home")), GOOD, REFUSED, FAILED)
    finally:
        os.umask(before)


ENDS = pytest.mark.parametrize("order_no", [GOOD, REFUSED, FAILED], ids=["good", "refused", "failed"])


def test_the_three_ends_are_what_they_should_be(ran: Ran) -> None:
    assert {no: o.state for no, o in ran.outcomes.items()} == {
        GOOD: State.PENDING, REFUSED: State.REFUSED, FAILED: State.NEEDS_HUMAN,
    }, ran.outcomes  # fmt: skip


def steps_of(ran: Ran, order_no: str) -> list[dict[str, Any]]:
    return manifest(ran.outcomes[order_no])["steps"]


@ENDS
def test_the_manifest_tells_every_step(ran: Ran, order_no: str) -> None:
    # Broken on purpose: Clerk._trace returns at once.
    steps = steps_of(ran, order_no)
    assert [step["n"] for step in steps] == list(range(1, len(steps) + 1))
    times = [datetime.fromisoformat(step["started_at"]) for step in steps]
    assert times == sorted(times)
    assert all(time.tzinfo for time in times)
    for step in steps:
        assert step["id"]
        assert step["label"]
        assert step["seconds"] > 0
        assert step["url"].startswith("https://")
        assert step["files"], step
        assert all(match["element"] for match in step["matched"])
    assert len([step for step in steps if step["matched"]]) >= 3
    about = manifest(ran.outcomes[order_no])
    assert (about["order_no"], about["outcome"]["state"]) == (order_no, ran.outcomes[order_no].state)
    assert about["signed_in_as"] in ("dh Shop", "eb Shop")


@ENDS
def test_every_files_hash_is_right(ran: Ran, order_no: str) -> None:
    # Broken on purpose: Evidence.write hashes the content and a blank.
    folder = ran.folder(order_no)
    told = manifest(ran.outcomes[order_no])["sha256"]
    there = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()}
    assert {
        name: digest for name, digest in there.items() if name not in ("manifest.json", "index.html")
    } == told
    listed = [name for step in steps_of(ran, order_no) for name in step["files"]]
    assert sorted(listed) == sorted(told)


@ENDS
async def test_the_page_shows_the_pictures_in_order(ran: Ran, blank: BrowserContext, order_no: str) -> None:
    # Broken on purpose: the steps reversed that `page_of` is given.
    page = await blank.new_page()
    await page.goto((ran.folder(order_no) / "index.html").as_uri())
    shown = await page.evaluate(
        """() => Promise.all([...document.images].map(async image => {
            image.loading = 'eager';
            await image.decode();
            return [image.getAttribute('src'), image.naturalWidth > 500, image.alt !== ''];
        }))"""
    )
    pictures = [name for step in steps_of(ran, order_no) for name in step["files"] if name.endswith(".jpg")]
    assert shown == [[name, True, True] for name in pictures]
    assert order_no in await page.inner_text("body")
    # As it was: 803 pixels wide on a telephone of 390.
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.locator("h1 + p").inner_text() == "PRACTICE (模拟后台)", (
        "its pictures look like the real site's"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the user's folder private by other means")
def test_everything_is_private(ran: Ran) -> None:
    # Broken on purpose: 0o600 made 0o644 in Evidence._private. As it was: folders above 0755, locks 0644.
    files = [path for path in ran.home.rglob("*") if not path.is_symlink()]
    open_ones = {
        str(p.relative_to(ran.home)): oct(p.stat().st_mode & 0o777) for p in files if p.stat().st_mode & 0o077
    }
    assert len(files) > 30
    assert open_ones == {}


def test_a_failure_leaves_outline_and_page(ran: Ran) -> None:
    # Broken on purpose: the call of _scene taken out of step.recorded.
    [step] = [step for step in steps_of(ran, FAILED) if step["error"]]
    by_kind = {name.split(".", 1)[1]: ran.folder(FAILED) / name for name in step["files"]}
    assert {"jpg", "outline.yaml", "html.txt"} <= set(by_kind)
    assert FAILED in by_kind["html.txt"].read_text(encoding="utf-8")
    assert "Submit" in by_kind["outline.yaml"].read_text(encoding="utf-8")
    assert "not recognised" in step["error"]


def forms_of(secret: str) -> set[bytes]:
    """A secret as files may hold it."""
    raw = secret.encode()
    texts = {
        secret, quote(secret), quote(secret, safe=""), quote_plus(secret),
        html.escape(secret), html.escape(secret, quote=False),
        html.escape(secret).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"), json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(),
    }  # fmt: skip
    return {text.encode() for text in texts}


def leaks(ran: Ran) -> list[str]:
    """Which secret stands in which file, in whatever form."""
    found = []
    for path in ran.home.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        found += [
            f"{name} in {path.name}" for name, s in ran.secrets.items() if any(f in data for f in forms_of(s))
        ]
    return found


def test_no_secret_in_any_byte(ran: Ran) -> None:
    # Broken on purpose: `clean` taken out of Evidence.seal; then out of Evidence.write.
    # As it was: HTML-escaped passwords, and cookies of sessions that are not saved, went through.
    assert len(ran.secrets) >= 4, "password, one-time secret, and a cookie of each shop"
    assert leaks(ran) == [], leaks(ran)


@pytest.mark.long
async def test_with_redaction_off_the_same_run_leaks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What keeps the test above honest: this site does tell, and only redaction keeps the secrets out."""

    class Deaf(list[str]):
        def extend(self, _: object) -> None: ...

    monkeypatch.setattr(redact, "_hidden", Deaf())
    found = leaks(await run_all(world, GOOD, FAILED))
    assert {"password", "one-time secret", "cookie 0", "cookie 1"} <= {
        leak.split(" in ")[0] for leak in found
    }
