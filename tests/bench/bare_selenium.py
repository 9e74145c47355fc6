"""The bare script in Selenium: the same path, the same answers, its own explicit waits."""

from __future__ import annotations

import contextlib
import shutil

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as ready
from selenium.webdriver.support.ui import WebDriverWait

from tests.bench.task import NOTE, Task, arguments, timed, told


class Script:
    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self._wait = WebDriverWait(driver, 10, poll_frequency=0.02)

    def at(self, css: str) -> WebElement:
        return self._wait.until(ready.visibility_of_element_located((By.CSS_SELECTOR, css)))

    def by(self, xpath: str) -> WebElement:
        return self._wait.until(ready.element_to_be_clickable((By.XPATH, xpath)))


class Ebay(Script):
    def sign_in(self, task: Task) -> None:
        self.driver.get("https://signin.ebay.com/")
        self.at("#userid").send_keys(task.user)
        self.at("#signin-continue-btn").click()
        self.at("#pass").send_keys(task.password)
        self.at("#sgnBt").click()
        self._wait.until(ready.url_contains("https://www.ebay.com/"))

    def cancel(self, number: str) -> None:
        self.driver.get(f"https://www.ebay.com/sh/ord?filter=status:ALL&q={number}")
        row = f"//tr[@id='orderid_{number}__order-info']"
        self.by(f"{row}//button[contains(., 'More actions')]").click()
        self.by(f"{row}//*[@role='menuitem'][contains(., 'Cancel order')]").click()
        self.by("//label[contains(., 'Buyer asked to cancel')]").click()
        self.at("textarea[name=note]").send_keys(NOTE["ebay"])
        relist = self.by("//label[contains(., 'Relist item')]")
        if self.driver.find_element(By.NAME, "relist").is_selected():
            relist.click()
        self.by("//button[@type='submit'][contains(., 'Submit')]").click()
        self.at(".page-notice--confirmation")


class Dhgate(Script):
    def sign_in(self, task: Task) -> None:
        self.driver.get("https://secure.dhgate.com/passport/login")
        self.at("input[name=username]").send_keys(task.user)
        self.at("input[name=password]").send_keys(task.password)
        self.at(".login-btn").click()
        self._wait.until(ready.url_contains("https://seller.dhgate.com/"))

    def cancel(self, number: str) -> None:
        self.driver.get(
            f"https://seller.dhgate.com/sellerordmng/orderList/list.do?params.orderNo={number}"
            "&params.orderStatus=100&params.queryType=0&params.linkType=111&params.operableType=search"
        )
        self.by(f"//a[@class='order-no'][.='{number}']").click()
        self.by("//*[@class='operations']//*[.='取消订单']").click()
        self.by("//label[contains(., '买家要求取消')]").click()
        self.at(".j-cancel-form textarea[name=explain]").send_keys(NOTE["dhgate"])
        self.at(".j-cancel-form .j-cancel-submit").click()
        self.at(".notice-success")


def main() -> None:
    task = told()
    options = Options()
    for argument in (*arguments(task.address), "--headless=new", "--ignore-certificate-errors"):
        options.add_argument(argument)
    if task.browser:
        options.binary_location = task.browser
    driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
    try:
        script = (Ebay if task.platform == "ebay" else Dhgate)(driver)
        script.sign_in(task)
        timed(task.numbers, script.cancel)
    finally:
        with contextlib.suppress(
            WebDriverException
        ):  # quit() alone leaves a browser behind that a script wraps
            driver.execute_cdp_cmd("Browser.close", {})
        driver.quit()


if __name__ == "__main__":
    main()
