"""The few journeys that show whether the flows still fit the sites: sign in, find, dry run, submit.

Against the accounts that the environment names (``UNSELL_ACCOUNTS__…``), else the practice consoles. The
order that ``UNSELL_SMOKE_ORDER_<ACCOUNT>`` names is walked and then cancelled for good, for the reason in
``UNSELL_SMOKE_REASON_<ACCOUNT>`` (default buyer-asked, for buyers mistake).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.account.session import open_session
from agent.browser.launcher import Browser
from tests.smoke.conftest import Site
from tests.smoke.target import Account

pytestmark = [pytest.mark.smoke, pytest.mark.timeout(900)]


async def test_sign_in(site: Site, account: Account) -> None:
    """The saved session still works, or the password does; the console greets the right name."""
    async with (
        Browser(site.settings) as browser,
        open_session(browser, site.settings, account.name, wait=False) as session,
    ):
        assert session.shown_as


def test_find_and_walk_to_the_last_control(site: Site, account_with_order: Account) -> None:
    words = [str(account_with_order.order), "--account", account_with_order.name]
    found = site.unsell("cancel", *words, "--reason", account_with_order.reason, "--dry-run")
    assert (found["state"], found["submits"]) == ("rehearsed", 0), found
    manifest = json.loads((Path(found["evidence"]) / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["signs"]) >= 2, "two independent signs that it is the right order"
    assert manifest["button"]
    assert any(name.endswith(".jpg") for name in manifest["steps"][-1]["files"])
    assert site.commits(found["order_no"]) in (0, None)


def test_submit_and_read_back(site: Site, account_with_order: Account) -> None:
    words = [str(account_with_order.order), "--account", account_with_order.name]
    found = site.unsell("cancel", *words, "--reason", account_with_order.reason, "--yes")
    assert found["state"] in ("cancelled", "pending"), found
    assert found["submits"] == 1, "one submit, and it was read back"
    assert site.commits(found["order_no"]) in (1, None)
