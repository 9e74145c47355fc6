"""Cancels the order of a drawn console as somebody does who knows where everything is: by its own marks.

It proves the generator, not the product: a console at which this fails can't be held against anybody.
"""

import shutil
from contextlib import suppress
from functools import partial

from playwright.sync_api import Error, Locator, Page, WebError, sync_playwright

from .site import Served
from .world import World

LISTS = {
    "ebay-seller": ["https://www.{site}/mys/sold", "https://www.{site}/mesh/ord/details?orderid={no}"],
    "ebay-buyer": ["https://www.{site}/mye/myebay/purchase"],
    "dhgate-seller": ["https://seller.dhgate.com/sellerordmng/sellerOrderDetail/pageload.do?orderId={oid}"],
}


class Walker:
    def __init__(self, world: World, page: Page) -> None:
        self.w, self.page = world, page
        page.on("dialog", lambda dialog: dialog.accept())
        page.set_default_timeout(6000)

    def at(self, ref: str) -> Locator:
        return self.page.locator(f'[{self.w.draw.ref}="{self.w.draw.mark(ref)}"]').first

    def there(self, ref: str, seconds: float = 0.0) -> bool:
        with suppress(Error):
            self.at(ref).wait_for(state="visible", timeout=seconds * 1000 or 50)
        return self.at(ref).is_visible()

    def cancel(self) -> None:
        order = self.w.target
        key = "d" if self.w.platform == "dhgate" else order.trans_id
        for address in LISTS[self.w.role]:
            self.page.goto(address.format(site=self.w.site, no=order.no, oid=order.oid))
            if self.enter(f"opens{key}", f"entry{order.no}"):
                break
        self.page.wait_for_timeout(400)
        self.page = self.page.context.pages[-1]
        self.page.wait_for_load_state()
        self.fill()

    def enter(self, opens: str, entry: str) -> bool:
        """Presses the entry, in its menu where it stands in one."""
        self.there(opens, 2.5) or self.there(entry, 1)
        say = self.w.words
        if not self.there(entry) and self.there(opens):
            if self.at(opens).evaluate("e => e.tagName") == "SELECT":
                texts = self.at(opens).locator("option").all_inner_texts()
                label = next(
                    (
                        t
                        for t in texts
                        if t in {say("cancel"), say("buyer_cancel") if "buyer_cancel" in say.table else ""}
                    ),
                    None,
                )
                if label is None:
                    return self.classic(opens)
                self.at(opens).select_option(label=label)
                return True
            self.at(opens).click()
        if self.there(entry, 1):
            self.at(entry).click()
            return True
        return self.classic(opens)

    def classic(self, opens: str) -> bool:
        """The Resolution Center's way, where the menu offers nothing else."""
        order, say = self.w.target, self.w.words
        if self.w.role != "ebay-seller" or not self.w.draw.odds("entry.resolve", 0.15):
            return False
        self.page.goto(
            f"https://resolutioncenter.{self.w.site}/?transId={order.trans_id}&itemId={order.item_id}"
        )
        self.page.get_by_label(say("rc_choice")).check()
        self.at("rcgo").click()
        return True

    def fill(self) -> None:
        value = self.w.value
        self.page.locator("form,textarea,select").first.wait_for(state="attached")
        if self.there("reasons", 1):
            self.at("reasons").select_option(value=value)
        else:
            if self.there("opener"):
                self.at("opener").click()
            self.at(f"reason{value}").click()
        if self.there("next"):
            self.at("next").click()
        if self.there("notebox"):
            self.at("notebox").fill(self.w.note)
        if self.there("relist"):
            self.at("relist").uncheck()
        self.at("go").click()
        if self.there("yes", 0.7):
            self.at("yes").click()
        self.page.wait_for_timeout(500)


def note(errors: list[str], error: WebError) -> None:
    errors.append(str(error.error))


def walk(worlds: list[World]) -> list[str]:
    """Walks each, and says what went wrong. Nothing: all can be done, and stand in the truth log."""
    wrong = []
    browser_path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with Served(len(worlds)) as served, sync_playwright() as playwright:
        ports = served.ports()
        for port, world in zip(ports, worlds, strict=True):
            served.site.worlds[port] = world
            world.sessions.add("walker")
        for port, world in zip(ports, worlds, strict=True):
            rules = f"--host-resolver-rules=MAP * 127.0.0.1:{port}"
            browser = playwright.chromium.launch(executable_path=browser_path, args=[rules, "--no-sandbox"])
            context = browser.new_context(ignore_https_errors=True)
            cookie = {"name": "sid", "value": "walker", "domain": f".{world.site}", "path": "/"}
            context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type of a cookie
            name = f"{world.draw.seed}:{world.case}:{world.role}"
            errors: list[str] = []
            context.on("weberror", partial(note, errors))
            try:
                Walker(world, context.new_page()).cancel()
            except Error as error:
                errors.append(str(error).splitlines()[0])
            made = [(c["order"], c["reason"], bool(c.get("relist"))) for c in world.commits()]
            if made != [(world.target.no, world.value, False)] or errors:
                wrong.append(f"{name}: {made} {errors}")
            browser.close()
    return wrong
