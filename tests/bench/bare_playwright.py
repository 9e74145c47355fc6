"""The bare script in Playwright: signed in once, no pictures, no ledger, no read-back, no checks.

As a good engineer writes it: no sleeps, the list reached by its search address, the result taken from the
form's own answer.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.task import NOTE, Task, arguments, timed, told


class Ebay:
    def __init__(self, page: Page, task: Task) -> None:
        self._page = page
        page.goto("https://signin.ebay.com/")
        page.get_by_test_id("userid").fill(task.user)
        page.get_by_test_id("signin-continue-btn").click()
        page.get_by_test_id("pass").fill(task.password)
        page.get_by_test_id("sgnBt").click()
        page.wait_for_url("https://www.ebay.com/**")

    def cancel(self, number: str) -> None:
        page = self._page
        page.goto(f"https://www.ebay.com/sh/ord?filter=status:ALL&q={number}")
        row = page.locator(f"#orderid_{number}__order-info")
        row.get_by_role("button", name="More actions").click()
        row.get_by_role("menuitem", name="Cancel order").click()
        page.get_by_role("radio", name="Buyer asked to cancel").check()
        page.locator("textarea[name=note]").fill(NOTE["ebay"])
        page.get_by_role("checkbox", name="Relist item").uncheck()
        page.get_by_role("button", name="Submit").click()
        expect(page.locator(".page-notice--confirmation")).to_be_visible()


class Dhgate:
    def __init__(self, page: Page, task: Task) -> None:
        self._page = page
        page.goto("https://secure.dhgate.com/passport/login")
        page.locator("input[name=username]").fill(task.user)
        page.locator("input[name=password]").fill(task.password)
        page.locator(".login-btn").click()
        page.wait_for_url("https://seller.dhgate.com/**")

    def cancel(self, number: str) -> None:
        page = self._page
        page.goto(
            f"https://seller.dhgate.com/sellerordmng/orderList/list.do?params.orderNo={number}"
            "&params.orderStatus=100&params.queryType=0&params.linkType=111&params.operableType=search"
        )
        page.locator("a.order-no", has_text=number).click()
        page.locator(".operations").get_by_text("取消订单", exact=True).click()
        form = page.locator(".j-cancel-form")
        form.get_by_role("radio", name="买家要求取消").check()
        form.locator("textarea[name=explain]").fill(NOTE["dhgate"])
        form.locator(".j-cancel-submit").click()
        expect(page.locator(".notice-success")).to_be_visible()


def main() -> None:
    task = told()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=task.browser, args=arguments(task.address))
        page = browser.new_context(ignore_https_errors=True).new_page()
        script = (Ebay if task.platform == "ebay" else Dhgate)(page, task)
        timed(task.numbers, script.cancel)
        browser.close()


if __name__ == "__main__":
    main()
