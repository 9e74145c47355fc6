"""Draws one order's strip of pictures for the README, from the evidence of a demo run.

    python -m tests.strip demo/<time>/evidence/dhgate/<order>/<attempt> demo/…/<read-back> docs/strip.jpg

Row, filled form with the button outlined, and the other page that says what became of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from playwright.async_api import async_playwright

from agent.browser import discovery

PAGE = """<meta charset=utf-8><style>
 body{margin:0;background:#fff;width:1800px}
 body{font:600 26px/1.3 "Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif}
 main{display:grid;grid-template-columns:repeat(3,1fr);gap:18px;padding:18px}
 figure{margin:0;border:1px solid #bbb;border-radius:6px;overflow:hidden}
 img{width:100%;height:330px;object-fit:cover;object-position:top left;display:block}
 figcaption{padding:12px 16px;background:#f4f4f4}
</style><main>FIGURES</main>"""


def chosen(cancel: Path, later: Path) -> list[tuple[str, Path]]:
    """The three pictures: the found row, the form before the submit, the last page read back."""
    steps = json.loads((cancel / "manifest.json").read_text(encoding="utf-8"))["steps"]
    after = json.loads((later / "manifest.json").read_text(encoding="utf-8"))["steps"]
    row = next(s["files"][0] for s in steps if s["id"] in ("DH3", "ES1", "EB2") and s["files"])
    form = next(f for s in steps for f in s["files"] if "before" in f)
    back = next(s["files"][0] for s in after if s["id"] in ("DH7", "read-back", "EB4") and s["files"])
    return [
        ("1 · the order's own row", cancel / row),
        ("2 · the filled form, before the one click", cancel / form),
        ("3 · another page says: cancelled", later / back),
    ]


async def draw(cancel: Path, later: Path, target: Path) -> None:
    figures = "".join(
        f"<figure><img src='{picture.resolve().as_uri()}'><figcaption>{text}</figcaption></figure>"
        for text, picture in chosen(cancel, later)
    )
    page_file = target.with_suffix(".html")
    page_file.write_text(PAGE.replace("FIGURES", figures), encoding="utf-8")
    try:
        async with async_playwright() as playwright:
            found = discovery.find_browser()
            sandbox = ["--no-sandbox"] if discovery.needs_no_sandbox() else []
            browser = await playwright.chromium.launch(executable_path=found.path, args=sandbox)
            page = await browser.new_page(viewport={"width": 1800, "height": 520})
            await page.goto(page_file.resolve().as_uri())
            await page.locator("main").screenshot(path=target, type="jpeg", quality=80)
            await browser.close()
    finally:
        page_file.unlink()


if __name__ == "__main__":
    asyncio.run(draw(*(Path(word) for word in sys.argv[1:4])))
