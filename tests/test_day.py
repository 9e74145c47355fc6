"""A seller's day, from the morning's sheet to the evening's report, in Chinese, over three shops.

Sixty rows are rehearsed, looked at and approved in the real browser, and run; the platforms decide; two
``sync`` runs read it back. Then the truth log is held against every line of the result file.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.consoles import dhgate
from tests.consoles.ebay import ask_as_buyer
from tests.consoles.layouts import Layout
from tests.test_approval import approved, opened, rows_of
from tests.world import World

CHINESE = {"UNSELL_LANG": "zh-CN"}
SHIPPED, REJECTED, DEFECTS, ASKED, LEFT = 4, 2, 2, 3, 5
"""How many of the rows are: shipped already, rejected by the platform, a transaction defect, a buyer's own
request, and not ticked by the person who approves."""

pytestmark = pytest.mark.timeout(900)


class Day:
    """The three shops, the morning's sheet, and what became of each row."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: list[tuple[str, str, str, str]] = []
        self.asked: dict[str, str] = {}
        world.patience = 400
        world.shop("hub", "ebay", TITLE="北极光相机")
        world.shop(
            "classic", "ebay", language="zh-TW", TITLE="老店", layout=Layout(seller_hub=False, menu="fake")
        )
        world.shop("dh", "dhgate", language="zh-CN", TITLE="深圳一店")
        for n in range(60):
            self._row(n)
        with (world.home / "今天.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("店铺", "订单号", "原因", "操作"), *self.rows])

    def _row(self, n: int) -> None:
        shop, title = (("hub", "北极光相机"), ("classic", "老店"), ("dh", "深圳一店"))[n % 3]
        number = str(1330300000 + n * 11) if shop == "dh" else f"1{n % 3}-34567-{10000 + n * 11}"
        reason, action = ("缺货" if shop == "dh" else "买家要求取消"), ""
        more = {"status": "shipped"} if n < SHIPPED else {}
        if shop == "dh" and 10 < n < 10 + 3 * REJECTED:
            more["verdict"] = "reject"
        self.world.order(shop, number, **more)
        if shop == "hub" and 10 < n <= 10 + 3 * ASKED:
            ask_as_buyer(self.world.store, number)
            reason, action = "", "同意" if n % 2 else "拒绝"
            self.asked[number] = action
        elif shop == "hub" and n >= 60 - 3 * DEFECTS:
            reason = "缺货"
        self.rows.append((title, number, reason, action))


@pytest.fixture
def day(world: World) -> Day:
    return Day(world)


@pytest.mark.long
async def test_a_day(day: Day, chromium: Browser) -> None:
    # As it was: the sheet, run again, submitted once more what the platform had declined.
    world = day.world
    asked = [
        json.loads(line) for line in cli(world, "requests", "--account", "北极光相机", "--json").splitlines()
    ]
    assert {one["order_no"] for one in asked} == set(day.asked)
    cli(world, "run", "今天.csv", "--dry-run", "--accept-defect", "--json", check=3)
    assert world.store.truth() == []
    sheet = await looked_at(day, chromium)
    cli(world, "run", sheet.name, "--accept-defect", "--json", check=0)
    submitted = Counter(truth.order_no for truth in world.store.truth())
    assert set(submitted.values()) == {1}
    assert len(submitted) == 60 - SHIPPED - LEFT
    cli(world, "sync", "--json", check=0)
    dhgate.review_due(world.store)
    cli(world, "sync", "--json", check=3)
    cli(world, "run", sheet.name, "--accept-defect", "--json", check=3)
    assert Counter(truth.order_no for truth in world.store.truth()) == submitted, "nothing is submitted again"
    agree(day, sheet, set(submitted))
    await the_report_says(world, chromium)


def cli(world: World, *words: str, check: int = 0) -> str:
    return world.cli(*words, check=check, **CHINESE).stdout


async def looked_at(day: Day, chromium: Browser) -> Path:
    """The person ticks all without a red band, the defects by hand, and leaves some out."""
    page = await opened(chromium, day.world.home / "今天.approval.html")
    assert await page.locator("article").count() == 60
    assert await page.locator("input[type=checkbox]").count() == 60 - SHIPPED
    await page.get_by_role("button", name="勾选全部").click()
    unticked = page.locator("input[type=checkbox]:not(:checked)")
    assert await unticked.count() == DEFECTS
    for _ in range(DEFECTS):
        await unticked.first.check()
    boxes = await page.locator("input[type=checkbox]").all()
    for box in boxes[-LEFT:]:
        await box.uncheck()
    sheet = await approved(page, "王经理", day.world.home)
    await page.context.close()
    assert len(rows_of(sheet)) == 60 - SHIPPED - LEFT
    return sheet


def agree(day: Day, sheet: Path, submitted: set[str]) -> None:
    """Every line of the result file, held against the site's own records."""
    world = day.world
    lines = rows_of(sheet.with_name(f"{sheet.stem}.result.csv"))
    assert {line["订单号"] for line in lines} == submitted
    told = Counter(line["状态"] for line in lines)
    for line in lines:
        number, state = line["订单号"], line["状态"]
        platform = "ebay" if "-" in number else "dhgate"
        gone = (world.store.order(platform, number) or {})["status"] == "cancelled"
        assert gone == (state == "订单已取消"), line
        assert state in ("订单已取消", "已被拒绝"), line
        assert Path(line["截图存档"]).is_dir(), line
    declined = sum(action == "拒绝" for action in day.asked.values())
    assert told["已被拒绝"] == REJECTED + declined, told


async def the_report_says(world: World, chromium: Browser) -> None:
    page = await opened(chromium, Path(cli(world, "report").strip()))
    assert await page.locator("output").inner_text() == "显示 60 / 60 笔"
    assert await page.locator("#orders > details").count() == 60
    await page.context.close()
