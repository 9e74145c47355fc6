"""The eBay practice console: one row in the truth log per commit, in every layout; and its own guard.

This is a person's hand on the pages, not the product: it imports nothing from ``agent`` or ``flows``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.consoles.ebay import ask_as_buyer, decide
from tests.consoles.ebay.visit import cookie_name
from tests.consoles.ebay.words import TABLE, say
from tests.consoles.layouts import Layout
from tests.consoles.server import HOSTS, Consoles
from tests.consoles.store import Store

NO, OTHER = "12-34567-89012", "12-34567-89013"
WWW = "https://www.ebay.com"
DETAILS = f"{WWW}/Cancel/Details?itemId={{item_id}}&transId={{trans_id}}"
PLAIN = Layout()
LAYOUTS = {
    "plain": PLAIN,
    "fake menu, covered radios, link, page asks": PLAIN.but(
        menu="fake", reason="covered", submit="link", confirm="page"
    ),
    "select, input, native, new tab": PLAIN.but(reason="select", submit="input", confirm="native", tab="new"),
    "dialog, in place, stale copy": PLAIN.but(form="dialog", answer="in-place", stale_copy=True),
    "dialog, fake menu, link, page asks": PLAIN.but(
        form="dialog", menu="fake", submit="link", confirm="page", stale_copy=True, reason="covered"
    ),
    "page, in place, native, stale copy": PLAIN.but(
        answer="in-place", confirm="native", stale_copy=True, menu="fake", tab="new", reason="select"
    ),
}


@pytest.fixture(scope="module")
def consoles() -> Iterator[Consoles]:
    with Consoles() as running:
        yield running


@pytest.fixture(scope="module")
def browser(consoles: Consoles) -> Iterator[Browser]:
    rules = ",".join(f"MAP *.{host} {consoles.address},MAP {host} {consoles.address}" for host in HOSTS)
    args = [f"--host-resolver-rules={rules},MAP * ~NOTFOUND", "--no-proxy-server"]
    path = os.environ.get("UNSELL_BROWSER_PATH") or shutil.which("google-chrome") or shutil.which("chromium")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        args.append("--no-sandbox")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=args)
        yield started
        started.close()


@pytest.fixture
def store(consoles: Consoles) -> Store:
    consoles.store.reset()
    return consoles.store


@pytest.fixture
def page(browser: Browser, store: Store) -> Iterator[Page]:
    context = new_context(browser)
    yield context.new_page()
    context.close()


def new_context(browser: Browser) -> BrowserContext:
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(8000)
    return context


def sign_in(page: Page, store: Store, username: str, site: str = "ebay.com") -> None:
    """By a cookie; the form itself has its own tests."""
    page.context.add_cookies(
        [
            {
                "name": cookie_name(site), "value": store.sign_in("ebay", username),
                "domain": f".{site}", "path": "/", "secure": True,
            }
        ]
    )  # fmt: skip


def sign_in_by_form(page: Page, username: str) -> None:
    page.goto("https://signin.ebay.com/")
    assert not page.locator("#pass").is_visible()
    page.fill("#userid", username)
    page.click("#signin-continue-btn")
    assert page.locator("#sgnBt").is_disabled()
    page.fill("#pass", "practice-Passw0rd")
    page.click("#sgnBt")
    page.wait_for_url(lambda address: not address.startswith("https://signin.ebay.com/signin/s"))


def seed(store: Store, layout: Layout = PLAIN, language: str = "en", **order: object) -> dict[str, str]:
    store.add_account("ebay", "shop1", layout=layout, language=language)
    store.add_account("ebay", "buyer_jane", role="buyer", layout=layout, language=language)
    store.add_order("ebay", OTHER, seller="shop1")
    return store.add_order("ebay", NO, seller="shop1", **order)  # type: ignore[arg-type]


def fill_and_submit(page: Page, layout: Layout, words: str, note: str = "") -> None:
    region = page.locator(".cancel-region:visible")
    region.wait_for()
    assert NO in region.inner_text()
    if layout.reason == "select":
        region.locator("select[name=reason]").select_option(label=words)
    else:
        region.locator("label", has_text=words).click()
    if note:
        region.locator("textarea").fill(note)
    page.once("dialog", lambda dialog: dialog.accept())
    region.locator(f"{'a' if layout.submit == 'link' else layout.submit}.btn--primary:visible").click()
    if layout.confirm == "page":
        region.locator("[data-confirm-yes]").click()


def open_form(page: Page, layout: Layout, entry: str) -> Page:
    """By the row's own menu in Seller Hub; the page that then holds the form."""
    row = page.locator(f"tr[id='orderid_{NO}__order-info']")
    row.get_by_text("More actions").click()
    click = row.get_by_text(entry, exact=True)
    if layout.form == "page" and layout.tab == "new":
        with page.expect_popup() as popup:
            click.click()
        return popup.value
    click.click()
    return page


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_seller_cancels_once_in_every_layout(page: Page, store: Store, name: str) -> None:
    layout = LAYOUTS[name]
    order = seed(store, layout)
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/sh/ord?filter=status:ALL&q={NO}")
    form = open_form(page, layout, "Cancel order")
    fill_and_submit(form, layout, "Out of stock or damaged", "Sorry, the last one broke.")
    form.locator(".page-notice--confirmation").wait_for()
    assert f"You canceled order {NO}" in form.locator(".page-notice--confirmation").inner_text()
    (truth,) = store.truth()
    assert (truth.order_no, truth.kind, truth.asker) == (NO, "cancel", "seller")
    assert (truth.reason, truth.note) == ("OUT_OF_STOCK_OR_CANNOT_FULFILL", "Sorry, the last one broke.")
    assert truth.extra["relist"] is True
    page.goto(DETAILS.format(**order))
    text = page.locator("main.cancel-details").inner_text()
    assert page.title().startswith("Cancel Details")
    for words in ("This order is canceled", f"Order number: {NO}", "Requested by: Seller"):
        assert words in text


def test_the_guard_answers_a_second_commit_without_a_truth_row(page: Page, store: Store) -> None:
    order = seed(store)
    sign_in(page, store, "shop1")
    start = f"{WWW}/afs/Cancel/Start?transId={order['trans_id']}&itemId={order['item_id']}"
    page.goto(start)
    second = page.context.new_page()
    second.goto(start)  # both forms are open before either is sent
    for tab in (page, second):
        fill_and_submit(tab, PLAIN, "Buyer asked to cancel")
        tab.locator(".page-notice").wait_for()
    assert "You can't cancel this order" in second.locator(".page-notice").inner_text()
    assert len(store.truth()) == 1
    page.goto(start)
    assert page.locator("form[data-cancel]").count() == 0
    assert "already canceled" in page.locator(".page-notice").inner_text()


@pytest.mark.parametrize(
    "layout", [PLAIN, PLAIN.but(form="dialog", tab="new", answer="in-place", menu="fake", confirm="page")]
)
def test_the_classic_way_through_the_resolution_center(page: Page, store: Store, layout: Layout) -> None:
    layout = layout.but(entry="resolve", seller_hub=False)
    seed(store, layout)
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/sh/ord")
    assert page.title().startswith("Error Page")
    page.goto(f"{WWW}/mys/sold")
    card = page.locator(".sold-itemcard", has_text=f"Order number: {NO}")
    card.get_by_text("More actions").click()
    wizard = page
    if layout.tab == "new":
        with page.expect_popup() as popup:
            card.get_by_text("Resolve a problem").click()
        wizard = popup.value
    else:
        card.get_by_text("Resolve a problem").click()
    wizard.get_by_label("I sold an item and want to cancel the transaction").check()
    wizard.get_by_role("button", name="Continue").click()
    wizard.wait_for_url("**/cancel/item**")
    if layout.form == "page":
        wizard.get_by_role("button", name="Continue").click()
    fill_and_submit(wizard, layout, "Buyer asked to cancel", "She asked by message.")
    wizard.locator(".page-notice--confirmation").wait_for()
    (truth,) = store.truth(NO)
    assert (truth.reason, truth.extra) == (
        "BUYER_ASKED_CANCEL", {"relist": False, "via": "resolution-center"}
    )  # fmt: skip


@pytest.mark.parametrize("approve", [True, False])
def test_a_buyer_asks_and_the_seller_decides(page: Page, store: Store, approve: bool) -> None:
    seed(store, age_days=0.01)
    sign_in(page, store, "buyer_jane")
    page.goto(f"{WWW}/mye/myebay/purchase")
    card = page.locator(".m-order-card", has_text=NO)
    card.get_by_text("More actions").click()
    card.get_by_text("Cancel this order").click()
    fill_and_submit(page, PLAIN, "I bought the item by mistake")
    page.locator(".page-notice--confirmation").wait_for()
    (truth,) = store.truth()
    assert (truth.asker, truth.reason) == ("buyer", "ORDER_MISTAKE")
    found = store.cancellation("ebay", NO)
    assert found
    assert (found["status"], found["waits_for"]) == ("pending", "seller")
    decide(store, "ebay", NO, approve)
    page.goto(f"https://order.ebay.com/ord/show?orderId={NO}")
    words = "Order canceled" if approve else "Cancellation request declined"
    assert page.locator(".shipment-card-sub-title").inner_text() == words
    assert len(store.truth()) == 1


@pytest.mark.parametrize(
    ("answer", "layout"), [("Accept", PLAIN), ("Decline", LAYOUTS["dialog, in place, stale copy"])]
)
def test_a_seller_answers_a_buyers_request(page: Page, store: Store, answer: str, layout: Layout) -> None:
    seed(store, layout)
    ask_as_buyer(store, NO)
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/sh/ord/cancel")
    row = page.locator(f"tr[data-ordernumber='{NO}']")
    assert "I bought the item by mistake" in row.inner_text()
    assert "71 hours left" in row.inner_text()
    row.get_by_text(answer, exact=True).click()
    page.locator(".cancel-region:visible button[type=submit]").click()
    page.locator(".page-notice--confirmation").wait_for()
    (truth,) = store.truth()
    assert truth.kind == answer.lower()
    order = store.order("ebay", NO)
    assert order
    assert order["status"] == ("cancelled" if answer == "Accept" else "to_ship")


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"blocked": "case"}, "open case or request"),
        ({"blocked": "too_old"}, "cancel window elapsed"),
        ({"age_days": 31}, "cancel window elapsed"),
        ({"blocked": "declined_before"}, "was declined"),
        ({"status": "shipped"}, "already been shipped"),
        ({"status": "cancelled"}, "already canceled"),
    ],
)
def test_what_may_not_be_cancelled_gets_a_notice(
    page: Page, store: Store, order: dict[str, object], words: str
) -> None:
    row = seed(store, **order)  # type: ignore[arg-type]
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/afs/Cancel/Start?transId={row['trans_id']}&itemId={row['item_id']}")
    assert words in page.locator(".page-notice--attention").inner_text()
    assert page.locator("form[data-cancel]").count() == 0


def test_an_unpaid_order_in_sold_has_its_own_dialog(page: Page, store: Store) -> None:
    seed(store, status="unpaid", age_days=5)
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/mys/sold")
    card = page.locator(".sold-itemcard", has_text="Waiting for payment")
    assert NO not in card.inner_text()
    card.get_by_text("More actions").click()
    card.get_by_text("Cancel order", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    page.locator(".page-notice--confirmation").wait_for()
    assert [(t.order_no, t.reason) for t in store.truth()] == [(NO, "ORDER_UNPAID")]


def test_a_failed_refund_can_be_retried(page: Page, store: Store) -> None:
    order = seed(store, verdict="reject")
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/afs/Cancel/Start?transId={order['trans_id']}&itemId={order['item_id']}")
    fill_and_submit(page, PLAIN, "Buyer asked to cancel")
    page.wait_for_url("**/afs/Cancel/Confirmation**")
    page.goto(DETAILS.format(**order))
    assert "the refund failed" in page.locator("main").inner_text()
    page.get_by_role("button", name="Retry refund").click()
    page.wait_for_url("**/Cancel/Details**")
    assert "This order is canceled" in page.locator("main").inner_text()
    assert [t.kind for t in store.truth()] == ["cancel", "refund"]


@pytest.mark.parametrize("banner", ["cookies", "survey"])
def test_a_banner_lies_in_front_until_closed(page: Page, store: Store, banner: str) -> None:
    seed(store, PLAIN.but(banner=banner))
    sign_in(page, store, "shop1")
    page.goto(f"{WWW}/sh/ord")
    front = page.evaluate(
        "document.elementFromPoint(640, 880).closest('.gdpr-banner, .lightbox-dialog') !== null"
    )
    assert front
    page.get_by_role("button", name="Accept all" if banner == "cookies" else "No thanks").click()
    page.reload()
    assert page.locator(".gdpr-banner, .lightbox-dialog--survey").count() == 0


@pytest.mark.parametrize(
    ("challenge", "address", "button"),
    [
        ("", "https://www.ebay.com/", ""),
        ("captcha", "https://www.ebay.com/splashui/captcha?ap=1&appName=orch&ru=", "I am human"),
        ("code", "https://signin.ebay.com/signin/mfa", "Continue"),
        ("passkey", "https://accounts.ebay.com/acctsec/authn-register", "Skip for now"),
        ("trust", "https://accounts.ebay.com/acctsec/trust-a-device", "Trust this device"),
    ],
)
def test_each_challenge_lets_a_person_through(
    page: Page, store: Store, challenge: str, address: str, button: str
) -> None:
    store.add_account("ebay", "shop1", challenge=challenge)
    sign_in_by_form(page, "shop1")
    assert page.url.startswith(address)
    if challenge not in ("", "passkey"):  # nothing else is open yet
        page.goto(f"{WWW}/mys/sold")
        assert "/mys/sold" not in page.url.split("?")[0]
        page.go_back()
        page.goto(page.url if page.url.startswith(address) else address)
    if challenge == "code":
        page.locator("input[autocomplete=one-time-code]").fill("123456")
    if button:
        page.get_by_text(button, exact=True).click()
    page.wait_for_url(f"{WWW}/")
    assert page.locator(".gh-identity__greeting").inner_text() == "Hi shop1!"


@pytest.mark.parametrize(
    ("language", "site"),
    [("en", "ebay.co.uk"), ("de", "ebay.de"), ("zh-TW", "ebay.com.hk"), ("zh-CN", "ebay.com")],
)
def test_every_language_has_its_words(page: Page, store: Store, language: str, site: str) -> None:
    row = seed(store, language=language)
    sign_in(page, store, "shop1", site)
    page.goto(f"https://www.{site}/afs/Cancel/Start?transId={row['trans_id']}&itemId={row['item_id']}")
    text = page.locator("main").inner_text()
    assert say(language, site, "reason.ADDRESS_ISSUES") in text
    links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    assert {link.split("/")[0] for link in links} == {"https:"}
    assert all(link.split("/")[2].endswith("." + site) for link in links)


def test_the_words_table_is_whole() -> None:
    assert all(all(words) for words in TABLE.values())
    assert say("en", "ebay.co.uk", "details.cancelled") == "This order is cancelled"


def test_a_wrong_password_and_a_signed_out_deep_link(page: Page, store: Store) -> None:
    seed(store)
    page.goto(f"{WWW}/mye/myebay/purchase")
    assert page.url.startswith("https://signin.ebay.com/ws/eBayISAPI.dll?SignIn&ru=")
    page.fill("#userid", "shop1")
    page.click("#signin-continue-btn")
    page.fill("#pass", "wrong")
    page.click("#sgnBt")
    page.locator("#signin-error-msg", has_text="Oops, that's not a match.").wait_for()
    page.fill("#pass", "practice-Passw0rd")
    page.click("#sgnBt")
    page.wait_for_url(f"{WWW}/mye/myebay/purchase")


def test_the_wrong_account_sees_no_order_though_its_number(page: Page, store: Store) -> None:
    seed(store)
    store.add_account("ebay", "shop2")
    sign_in(page, store, "shop2")
    for address in (f"{WWW}/mesh/ord/details?orderid={NO}", f"https://order.ebay.com/ord/show?orderId={NO}"):
        page.goto(address)
        assert page.locator("h1").inner_text() == "Order not found"
        assert NO in page.locator("main").inner_text()
