"""The bare script for many accounts: one browser, a context each, side by side; eBay alone.

Each argument is one account's task. What is done to an order is what ``bare_playwright.Ebay`` does to it.
"""

from __future__ import annotations

import asyncio
import sys

from playwright.async_api import Page, async_playwright, expect

from tests.bench.task import NOTE, Task, arguments


async def sign_in(page: Page, task: Task) -> None:
    await page.goto("https://signin.ebay.com/")
    await page.get_by_test_id("userid").fill(task.user)
    await page.get_by_test_id("signin-continue-btn").click()
    await page.get_by_test_id("pass").fill(task.password)
    await page.get_by_test_id("sgnBt").click()
    await page.wait_for_url("https://www.ebay.com/**")


async def cancel_all(page: Page, task: Task) -> None:
    """One after another; a line is printed when the site's answer was read."""
    for number in task.numbers:
        await page.goto(f"https://www.ebay.com/sh/ord?filter=status:ALL&q={number}")
        row = page.locator(f"#orderid_{number}__order-info")
        await row.get_by_role("button", name="More actions").click()
        await row.get_by_role("menuitem", name="Cancel order").click()
        await page.get_by_role("radio", name="Buyer asked to cancel").check()
        await page.locator("textarea[name=note]").fill(NOTE["ebay"])
        await page.get_by_role("checkbox", name="Relist item").uncheck()
        await page.get_by_role("button", name="Submit").click()
        await expect(page.locator(".page-notice--confirmation")).to_be_visible()
        print(number, flush=True)


async def main() -> None:
    tasks = [Task.loads(text) for text in sys.argv[1:]]
    async with async_playwright() as playwright:
        first = tasks[0]
        browser = await playwright.chromium.launch(
            executable_path=first.browser, args=arguments(first.address)
        )
        pages = [await (await browser.new_context(ignore_https_errors=True)).new_page() for _ in tasks]
        # Every account is signed in before the first order, as in the product.
        await asyncio.gather(*map(sign_in, pages, tasks))
        await asyncio.gather(*map(cancel_all, pages, tasks))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
