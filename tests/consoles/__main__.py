"""``python -m tests.consoles``: both practice consoles in the foreground, for a person to click through."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import tempfile
import threading
from pathlib import Path

from tests.consoles import dhgate
from tests.consoles.layouts import Layout
from tests.consoles.server import HOSTS, Consoles
from tests.consoles.store import Store

PASSWORD = "practice-Passw0rd"
SITES = {"de": "ebay.de", "zh-TW": "ebay.com.hk"}
"""Where an eBay account of that language is at home."""
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "chrome",
)
GOODS = (
    ("Vintage film camera 35mm", "41.20"), ("Wireless earphones, white", "18.90"),
    ("Steel wrist watch", "62.00"), ("LED bicycle light, 2 pieces", "13.45"),
    ("Leather travel wallet", "25.80"), ("Ceramic tea set for four", "57.30"),
)  # fmt: skip
BUYERS = (
    ("buyer_jane", "Jane Doe"), ("oliver_k", "Oliver King"), ("m_schulz", "Maria Schulz"),
    ("pierre75", "Pierre Martin"), ("anna.r", "Anna Rossi"),
)  # fmt: skip


def _stock(store: Store, platform: str, seller: str, numbers: list[str]) -> None:
    """Ordinary orders that wait to be shipped."""
    for n, number in enumerate(numbers):
        (title, total), (buyer, name) = GOODS[n % len(GOODS)], BUYERS[n % len(BUYERS)]
        store.add_order(
            platform, number, seller=seller, buyer=buyer, buyer_name=name, title=title, total=total,
            age_days=0.3 + n * 0.4, message="Please ship quickly, thank you." if n % 4 == 1 else "",
        )  # fmt: skip


def seed_dhgate(store: Store) -> None:
    """Three shops: the console's words and pages, the article's words and dialogs, English; and a buyer."""
    add = store.add_account
    add("dhgate", "huaqiang", shown_as="华强数码专营店", language="zh-CN", layout=Layout(confirm="page"))
    article = Layout(
        words="article", form="dialog", reason="covered", submit="link", answer="in-place",
        confirm="page", stale_copy=True, banner="cookies",
    )  # fmt: skip
    add("dhgate", "yiwu_home", shown_as="义乌家居", language="zh-CN", layout=article, challenge="slider")
    select = Layout(tab="new", reason="select", submit="input", confirm="native")
    add("dhgate", "goldenriver", shown_as="Golden River", language="en", layout=select)
    add("dhgate", "buyer_jane", shown_as="Jane Doe", role="buyer", language="en")
    _stock(store, "dhgate", "huaqiang", [str(1330312162 + n) for n in range(14)])
    _stock(store, "dhgate", "yiwu_home", [str(1455953150 + n) for n in range(5)])
    _stock(store, "dhgate", "goldenriver", [str(1607728801 + n) for n in range(3)])
    states = ("unpaid", "shipped", "part_shipped", "closed")
    for n, status in enumerate(states):
        store.add_order("dhgate", str(1331000001 + n), seller="huaqiang", status=status, age_days=6 + n)
    store.add_order("dhgate", "1331000010", seller="huaqiang", controls="refund", title="Garden lamp")
    store.add_order("dhgate", "1331000011", seller="huaqiang", verdict="reject", title="Phone case")
    store.add_order("dhgate", "1331000012", seller="huaqiang", blocked="case", title="Yoga mat")
    store.add_order("dhgate", "1331000013", seller="huaqiang", title="Desk fan")
    dhgate.buyer_asks(store, "1331000013")
    store.add_order("dhgate", "1331000014", seller="huaqiang", title="USB hub", age_days=0.1)
    dhgate.buyer_cancels(store, "1331000014")
    asked = "Hello, I ordered this twice by mistake. Could you please cancel one?"
    dhgate.add_letter(store, "huaqiang", "002", "1330312163", "PO#1330312163", asked, age_hours=5)


def seed_ebay(store: Store) -> None:
    """Shops with and without Seller Hub, in several languages, and a buyer with purchases."""
    add = store.add_account
    add("ebay", "northlight_cameras", shown_as="northlight_cameras")
    classic = Layout(seller_hub=False, entry="resolve", menu="fake")
    add("ebay", "taipei_goods", language="zh-TW", layout=classic)
    german = Layout(form="dialog", reason="covered", answer="in-place", banner="cookies")
    add("ebay", "berlin_laden", language="de", layout=german)
    add("ebay", "buyer_jane", shown_as="Jane Doe", role="buyer")
    shops = {"northlight_cameras": 14, "taipei_goods": 4, "berlin_laden": 4}
    for n, (shop, count) in enumerate(shops.items()):
        _stock(store, "ebay", shop, [f"1{n}-345{n}7-{89012 + k}" for k in range(count)])
    for n, status in enumerate(("unpaid", "shipped", "cancelled")):
        store.add_order(
            "ebay", f"14-20001-0000{n}", seller="northlight_cameras", status=status, age_days=6 + n
        )


def seed(store: Store) -> None:
    store.reset()
    seed_ebay(store)
    seed_dhgate(store)


def chromium_command(address: str) -> str:
    """The one line that opens a browser for which the marketplaces are here, and nothing else exists."""
    rules = [f"MAP {prefix}{host} {address}" for host in HOSTS for prefix in ("*.", "")]
    browser = next((name for name in BROWSERS if shutil.which(name)), "chromium")
    words = [
        browser, f"--host-resolver-rules={', '.join([*rules, 'MAP * ~NOTFOUND'])}", "--no-proxy-server",
        "--ignore-certificate-errors", f"--user-data-dir={Path(tempfile.gettempdir()) / 'unsell-practice'}",
        "--no-first-run", "https://seller.dhgate.com/",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.insert(1, "--no-sandbox")
    return shlex.join(words)


def chinese() -> bool:
    """What UNSELL_LANG asks for, else the system's language."""
    asked = os.environ.get("UNSELL_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return asked.lower().startswith("zh")


def settings(store: Store, address: str) -> str:
    """A ready `.env` for the product: these consoles, and each account that they have."""
    lines = [f"UNSELL_PRACTICE='{address}'"]
    for row in store.rows("SELECT * FROM accounts ORDER BY platform, username"):
        name = f"{row['platform']}_{re.sub(r'[^a-z0-9]+', '_', row['username'])}"
        home = SITES.get(row["language"]) if row["platform"] == "ebay" else None
        given = {
            "PLATFORM": row["platform"], "ROLE": row["role"], "SITE": home or f"{row['platform']}.com",
            "LOCALE": row["language"], "USERNAME": row["username"], "PASSWORD": PASSWORD,
        }  # fmt: skip
        if row["role"] == "buyer" and row["platform"] == "dhgate":
            continue  # the product has sellers alone there
        lines += [f"UNSELL_ACCOUNTS__{name.upper()}__{key}='{value}'" for key, value in given.items()]
    return "\n".join(lines) + "\n"


def guide(store: Store, address: str, review_after: float) -> str:
    """What is printed: how a person clicks through."""
    places = {
        "dhgate": "https://www.dhgate.com/  https://seller.dhgate.com/",
        "ebay": "https://www.ebay.com/  https://www.ebay.com/sh/ord",
    }
    head = _HEAD_ZH if chinese() else _HEAD
    lines = [
        line.format(address=address, command=chromium_command(address), password=PASSWORD) for line in head
    ]
    for platform, place in places.items():
        lines.append(f"\n{platform}: {place}")
        for row in store.rows("SELECT * FROM accounts WHERE platform=?", platform):
            meets = "，会遇到 " if chinese() else ", meets "
            extra = f"{meets}{row['challenge']}" if row["challenge"] else ""
            lines.append(
                f"  {row['username']:<20} {row['role']}, {row['language']}{extra}  {row['shown_as']}"
            )
    tail = _TAIL_ZH if chinese() else _TAIL
    return "\n".join([*lines, *(line.format(after=f"{review_after:g}") for line in tail)])


_HEAD = (
    "Practice consoles (模拟后台): look-alikes written from public facts, NOT dhgate.com or ebay.com.",
    "Listening on {address}, TLS; a browser finds them only when its names are mapped:",
    "", "{command}", "", "Every password: {password}",
)  # fmt: skip
_HEAD_ZH = (
    "模拟后台：根据公开资料仿制，不是真正的 dhgate.com 或 ebay.com。",
    "地址 {address}（TLS）；要让浏览器找到它，请用下面这条命令打开：",
    "", "{command}", "", "所有账号的密码：{password}",
)  # fmt: skip
_TAIL = (
    "",
    "DHgate's platform decides {after} s after a request. Worth a look in huaqiang's shop:",
    "  1331000010 offers 申请退款 alone, 1331000011 will be rejected, 1331000012 has a dispute,",
    "  1331000013 has a buyer's refund request, 1331000014 was cancelled by its buyer.",
    "The slider (yiwu_home) passes when a person clicks （练习）拼图已由人工完成 below it.",
    "",
    "The product against these consoles: save the lines below as .env in an empty folder (or start this with",
    "ARGS='--env FILE'), and there: unsell cancel 1330312162 --account dhgate_huaqiang --reason buyer-asked",
    "",
)
_TAIL_ZH = (
    "",
    "敦煌网的模拟平台在申请提交 {after} 秒后给出审核结果。huaqiang 店铺里值得看的订单：",
    "  1331000010 只有“申请退款”，1331000011 会被驳回，1331000012 有纠纷，",
    "  1331000013 有买家的退款申请，1331000014 已被买家取消。",
    "滑块（yiwu_home）：点滑块下面的“（练习）拼图已由人工完成”即可通过。",
    "",
    "用本工具操作这些后台：把下面几行存为空文件夹里的 .env（或启动时加 ARGS='--env 文件'），然后在那里运行：",
    "unsell cancel 1330312162 --account dhgate_huaqiang --reason buyer-asked",
    "",
)


def _review(store: Store, after: float, stop: threading.Event) -> None:
    while not stop.wait(1):
        for order_no in dhgate.review_due(store, after):
            print(f"dhgate: the platform has decided on {order_no}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.consoles", description=__doc__)
    parser.add_argument("--port", type=int, default=8443, help="0 = any free one (default 8443)")
    parser.add_argument("--database", type=Path, help="keep the consoles' SQLite file here (it is emptied)")
    parser.add_argument("--review-after", type=float, default=30, metavar="SECONDS")
    parser.add_argument("--env", type=Path, help="write a ready .env for the product to this new file")
    options = parser.parse_args()
    consoles, stop = Consoles(options.database, options.port), threading.Event()
    seed(consoles.store)
    ready = settings(consoles.store, consoles.address)
    if options.env:
        with options.env.open("x", encoding="utf-8") as file:
            file.write(ready)
    end = "Ctrl-C 结束。" if chinese() else "Ctrl-C ends."
    print(guide(consoles.store, consoles.address, options.review_after), ready, end, sep="\n", flush=True)
    reviewer = threading.Thread(
        target=_review, args=(consoles.store, options.review_after, stop), daemon=True
    )
    reviewer.start()
    try:
        consoles.run()
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        reviewer.join(5)
        consoles.__exit__()


if __name__ == "__main__":
    main()
