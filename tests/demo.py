"""``make demo``: the real program cancels orders at the practice consoles, and the proof is shown.

Everything is as a user has it, but for where the marketplaces' names lead: a sheet, ``run``, a while later
``sync``. The consoles' own truth log says what they really received. Exit 1 when anything differs.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import webbrowser
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from agent.domain.i18n import language, of_the_user, speak
from tests.consoles import dhgate, ebay
from tests.consoles.layouts import Layout
from tests.consoles.server import Consoles
from tests.consoles.store import Store

speak(of_the_user(os.environ))


def said(english: str, chinese: str) -> str:
    """The demo's own sentences, in the language of the program (UNSELL_LANG, else the system's)."""
    return chinese if language() == "zh-CN" else english


NOTICE = said(
    "Practice consoles (模拟后台), written from public facts: never the live eBay or DHgate.",
    "模拟后台，根据公开资料制作：不是真实的 eBay、敦煌网。",
)
ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "practice-Passw0rd"
HEADINGS = ["店铺", "订单号", "取消原因", "note", "核对金额"]


@dataclass(frozen=True, slots=True)
class Shop:
    """An account at a console, and what the settings call it."""

    name: str
    platform: str
    site: str
    title: str
    language: str = "en"
    role: str = "seller"
    layout: Layout = field(default_factory=Layout)

    @property
    def username(self) -> str:
        return f"{self.name}_user"


@dataclass(frozen=True, slots=True)
class Story:
    """An order: what the sheet wants, how it must end, at first and after ``sync``."""

    shop: str
    order_no: str
    reason: str
    first: str
    after: str
    note: str = ""
    approve: bool | None = None
    """What the platform or the seller says between run and sync; None: nobody has to say anything."""
    order: dict[str, Any] = field(default_factory=dict)

    @property
    def submitted(self) -> bool:
        return self.first != "refused"


CLASSIC = Layout(seller_hub=False, entry="resolve", menu="fake")
ARTICLE = Layout(words="article", form="dialog", answer="in-place", confirm="page", banner="cookies")
SHOPS = [
    Shop("northlight", "ebay", "ebay.com", "Northlight Cameras"),
    Shop("taipei", "ebay", "ebay.com.hk", "台北好物", "zh-TW", layout=CLASSIC),
    Shop("jane", "ebay", "ebay.com", "Jane Doe (buyer)", role="buyer", layout=Layout(form="dialog")),
    Shop("huaqiang", "dhgate", "dhgate.com", "华强数码专营店", "zh-CN"),
    Shop("yiwu", "dhgate", "dhgate.com", "义乌家居", "zh-CN", layout=ARTICLE),
]
STORIES = [
    Story("northlight", "12-34567-89012", "买家要求取消", "cancelled", "cancelled"),
    Story("northlight", "12-34567-89013", "address-issue", "refused", "refused", order={"status": "shipped"}),
    Story(
        "northlight", "12-34567-89015", "地址问题", "refused", "refused",
        order={"reasons": "BUYER_ASKED_CANCEL,OUT_OF_STOCK_OR_CANNOT_FULFILL"},
    ),
    Story(
        "taipei", "13-45678-90123", "买家要求取消", "cancelled", "cancelled", order={"title": "復古底片相機"},
    ),
    Story(
        "jane", "14-56789-01234", "mistake", "pending", "cancelled", approve=True, order={"age_days": 0.01},
    ),
    Story(
        "huaqiang", "1330312162", "缺货", "pending", "cancelled", "盘点后确认已无库存, 买家来信同意取消。",
        approve=True, order={"title": "复古胶片相机 35mm", "message": "请尽快发货"},
    ),
    Story(
        "huaqiang", "1330312164", "买家要求取消", "pending", "cancelled", "买家来信: 重复下单, 请退款。",
        approve=True, order={"title": "无线耳机 白色", "controls": "refund"},
    ),
    Story(
        "yiwu", "1455953150", "与买家协商一致", "pending", "declined", "双方已在站内信协商一致取消。",
        approve=False, order={"title": "陶瓷茶具四人套装"},
    ),
]  # fmt: skip
REJECTED = "取消原因与订单情况不符"


def seed(store: Store) -> None:
    """The shops with their orders, each order beside a neighbour whose number is one digit off."""
    for shop in SHOPS:
        store.add_account(
            shop.platform, shop.username, role=shop.role, shown_as=shop.title, language=shop.language,
            layout=shop.layout,
        )  # fmt: skip
    shops = {shop.name: shop for shop in SHOPS}
    for story in STORIES:
        shop = shops[story.shop]
        whose: dict[str, Any] = {"seller": shop.username}
        if shop.role == "buyer":
            whose = {"seller": "some_seller", "buyer": shop.username}
        store.add_order(shop.platform, story.order_no, **{**whose, **story.order})
        neighbour = story.order_no[:-1] + str((int(story.order_no[-1]) + 5) % 10)
        store.add_order(shop.platform, neighbour, title="Garden lamp", total="12.30", **whose)


def environment(home: Path, practice: str) -> dict[str, str]:
    """The settings of the run, and none of the user's own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("UNSELL_")}
    kept = ("UNSELL_BROWSER_PATH", "UNSELL_HEADLESS", "UNSELL_LANG")
    env |= {key: os.environ[key] for key in kept if key in os.environ}
    env |= {"UNSELL_HOME": str(home), "UNSELL_PRACTICE": practice, "UNSELL_SETTLE_SECONDS": "5"}
    for shop in SHOPS:
        prefix = f"UNSELL_ACCOUNTS__{shop.name.upper()}__"
        env |= {
            f"{prefix}PLATFORM": shop.platform,
            f"{prefix}ROLE": shop.role,
            f"{prefix}SITE": shop.site,
            f"{prefix}LOCALE": shop.language,
            f"{prefix}TITLE": shop.title,
            f"{prefix}USERNAME": shop.username,
            f"{prefix}PASSWORD": PASSWORD,
        }
    return {**env, "PYTHONPATH": str(ROOT)}


def write_sheet(file: Path) -> None:
    titles = {shop.name: shop.title for shop in SHOPS}
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        writer.writerows([titles[s.shop], s.order_no, s.reason, s.note, "41.20"] for s in STORIES)


def unsell(env: dict[str, str], home: Path, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The program itself; its progress goes to the terminal. Its exit code, and its results by order."""
    print(f"\n$ unsell {' '.join(words)}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "agent", *words, "--json"],
        cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8", check=False,
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {result["order_no"]: result for result in results}


def decide(store: Store) -> None:
    """A while later: the platform has reviewed, the seller has answered."""
    platforms = {shop.name: shop.platform for shop in SHOPS}
    for story in STORIES:
        if story.approve is None or store.cancellation(platforms[story.shop], story.order_no) is None:
            continue
        if platforms[story.shop] == "dhgate":
            dhgate.decide(store, story.order_no, story.approve, "" if story.approve else REJECTED)
        else:
            ebay.decide(store, "ebay", story.order_no, story.approve)


def commits(store: Store, order_no: str) -> int:
    return sum(truth.kind in ("cancel", "refund") for truth in store.truth(order_no))


def differences(
    store: Store, codes: list[int], first: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> list[str]:
    """What did not go as it must: one sentence each."""
    found = (
        [] if codes == [3, 3] else [f"exit codes {codes}, expected [3, 3]: some are refused, one declined"]
    )
    for story in STORIES:
        begun, ended = (
            first.get(story.order_no, {}),
            after.get(story.order_no) or first.get(story.order_no, {}),
        )
        seen = (begun.get("state"), ended.get("state"), ended.get("submits"), commits(store, story.order_no))
        wanted = (story.first, story.after, int(story.submitted), int(story.submitted))
        found += [
            f"{story.order_no}: {name} is {is_now}, expected {expected}"
            for name, is_now, expected in zip(
                ("state at first", "state after sync", "submits", "commits"), seen, wanted, strict=True
            )
            if is_now != expected
        ]
    known = {story.order_no for story in STORIES}
    found += [
        f"{t.order_no}: touched, and nobody asked for it" for t in store.truth() if t.order_no not in known
    ]
    return found


def show(
    console: Console, store: Store, first: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> None:
    """The table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=NOTICE, title_justify="left")
    for name in (
        "order",
        "platform",
        "role",
        "at first",
        "after sync",
        "submits",
        "commits",
        "detail",
    ):
        table.add_column(name, no_wrap=name != "detail", overflow="fold")
    shops = {shop.name: shop for shop in SHOPS}
    for story in STORIES:
        shop, begun = shops[story.shop], first.get(story.order_no, {})
        ended = after.get(story.order_no, begun)
        table.add_row(
            story.order_no, shop.platform, shop.role, begun.get("state", "?"), ended.get("state", "?"),
            str(ended.get("submits", "?")), str(commits(store, story.order_no)),
            ended.get("detail") or ended.get("site_state") or "",
        )  # fmt: skip
    console.print()
    console.print(table)


def _short(folder: str | None) -> str:
    """A folder as seen from here, where it is below."""
    path = Path(folder) if folder else None
    if path and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return str(path or "")


def write_report(env: dict[str, str], home: Path) -> Path:
    """All orders on one page: `unsell report`, and its name."""
    done = subprocess.run(
        [sys.executable, "-m", "agent", "report"],
        cwd=home, env=env, stdout=subprocess.PIPE, encoding="utf-8", check=True,
    )  # fmt: skip
    return Path(done.stdout.splitlines()[-1])


def command() -> str:
    """How the program is called from here."""
    beside = Path(sys.executable).with_name("unsell.exe" if sys.platform == "win32" else "unsell")
    return _short(str(beside)) if beside.is_file() else "unsell"


def last_words(console: Console, page: Path) -> None:
    """One page to look at, opened where somebody sits, and the next thing to type."""
    shown = _short(str(page))
    console.print(said(f"All of it in pictures: {shown}", f"全部截图在这一个网页里：{shown}"), soft_wrap=True)
    if sys.stdout.isatty():
        webbrowser.open(page.as_uri())
    console.print(
        said(f"Next, your own shop: {command()} init", f"接下来登记自己的店铺：{command()} init"),
        soft_wrap=True,
    )


def main() -> int:
    home = ROOT / "demo" / datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    home.mkdir(parents=True)
    sheet = home / "sheet.csv"
    write_sheet(sheet)
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(f"{NOTICE}\n{said('sheet: ', '表格：')}{_short(str(sheet))}")
    with Consoles(home / "consoles.sqlite3") as consoles:
        seed(consoles.store)
        env = environment(home, consoles.address)
        code, first = unsell(env, home, "run", "sheet.csv", "--yes")
        decide(consoles.store)
        code_after, after = unsell(env, home, "sync")
        show(console, consoles.store, first, after)
        wrong = differences(consoles.store, [code, code_after], first, after)
        page = write_report(env, home)
    for sentence in wrong:
        console.print(f"[red]DIFFERS[/] {sentence}")
    if not wrong:
        sent = sum(story.submitted for story in STORIES)
        console.print(
            said(
                f"{len(STORIES)} orders as expected: {sent} submitted, each received exactly once.",
                f"{len(STORIES)} 笔订单都符合预期：提交了 {sent} 笔，后台每笔正好收到一次。",
            )
        )
    last_words(console, page)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
