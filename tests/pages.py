"""Pages made by a test, in a real Chromium: for what no practice console would ever show.

``clerk_on(html)`` puts a clerk with a small profile (or a platform's own) before such a page. Every page
remembers in ``window.pressed`` what was clicked, so that "nothing was pressed" is read, not believed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from agent.browser import discovery
from agent.domain.order import Cancellation, Order, Reason, Role, SiteReading, Verdict
from agent.page.clerk import Clerk
from agent.page.evidence import Evidence
from agent.profile.profile import Profile

ORDER, ITEM, TRANSACTION = "12-34567-89012", "110000089012", "2123456789012"
ID_NAMES = {"order number": ["orderid", "ordernumber"], "item id": ["itemid"], "transaction id": ["transid"]}
CLICKS = (
    "window.pressed = [];"
    "document.addEventListener('click', e => pressed.push(e.target.innerText || e.target.value), true);"
)
IDS = {"order number": (ORDER,), "item id": (ITEM,), "transaction id": (TRANSACTION,)}
ClerkOn = Callable[..., Awaitable[Clerk]]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One blank browser a worker, with no network needs."""
    arguments = ["--no-sandbox"] if discovery.needs_no_sandbox() else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=discovery.find_browser().path, args=arguments
        )
        yield browser
        await browser.close()


@pytest.fixture
async def blank(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context()
    yield context
    await context.close()


@pytest.fixture
async def clerk_on(blank: BrowserContext, tmp_path: Path) -> ClerkOn:
    """A clerk before a page of the test's own, with a step's record open."""

    async def made(html: str, profile: Profile | None = None, *, seconds: float = 5) -> Clerk:
        page = await blank.new_page()
        await page.set_content(f"<!doctype html><body>{html}<script>{CLICKS}</script></body>")
        evidence = Evidence(tmp_path / f"evidence-{len(blank.pages)}", {"order_no": ORDER})
        clerk = Clerk(
            page,
            profile or tiny_profile(),
            site="shop.test",
            evidence=evidence,
            step_timeout=seconds,
            practice=None,
        )
        clerk.record = evidence.step("T1", "a test's own step")
        clerk.start_clock()
        return clerk

    return made


async def pressed(clerk: Clerk) -> list[str]:
    """What was clicked on the page, in order."""
    found: list[str] = await clerk.page.evaluate("window.pressed")
    return found


def element(*css: str, names: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An element by its candidates: CSS, or ``role:<role>``, ``label`` or ``text`` with names."""
    candidates = [
        {"roles": [how[5:]]}
        if how.startswith("role:")
        else {how: True}
        if how in ("label", "text")
        else {"css": how}
        for how in css
    ]
    named = {"names": {"en": names}} if names else {}
    return {
        "what": "an element of the test",
        "candidates": candidates,
        "mark": "U",
        "source": "test",
        **named,
        **more,
    }


def tiny_profile(**elements: dict[str, Any]) -> Profile:
    """A platform with a form, its submit and a link; ``elements`` (a__b is a.b) add to them or replace."""
    reasons = {"buyer-asked": ("Buyer asked",), "address-issue": ("Wrong address",), "other": ("Other",)}
    own = {
        "form.scope": element("form"),
        "form.note": element("textarea", within="form.scope"),
        "form.submit": element("role:button", names=("Submit", "提交"), commit=True, within="form.scope"),
        "page.link": element("#first", ".second"),
    }
    own |= {name.replace("__", "."): value for name, value in elements.items()}
    return Profile.model_validate({
        "platform": "tiny", "title": "Tiny", "checked": "never",
        "domains": ["shop.test"], "sites": ["shop.test"],
        "signin_hosts": ["shop.test"], "roles": ["seller"], "order_no": r"\d{2}-\d{5}-\d{5}",
        "order_no_example": ORDER, "id_names": ID_NAMES,
        "languages": ["en"], "page": {}, "element": own, "status": [], "guard": [],
        "confirmations": ["cancel the order"],
        "reason": {"seller": {
            word: {"names": {"en": names}, "mark": "U", "source": "test"} for word, names in reasons.items()
        }},
    })  # fmt: skip


def form(
    inside: str = "", *, order_no: str = ORDER, buttons: str = "<button type=button>Submit</button>"
) -> str:
    """A cancel form as plain as can be."""
    reasons = "".join(
        f"<label><input type=radio name=why value={n}>{text}</label>"
        for n, text in enumerate(("Buyer asked", "Wrong address", "Other"))
    )
    inside = f"<p>Order {order_no}</p>{reasons}{inside}<textarea></textarea>{buttons}"
    return f"<form onsubmit='return false'>{inside}</form>"


def wish(reason: str = "buyer-asked", **more: Any) -> Cancellation:
    values = {
        "account": "shop",
        "platform": "tiny",
        "role": Role.SELLER,
        "order_no": ORDER,
        "reason": Reason(reason),
    }
    return Cancellation(**{**values, **more})


def found_order(**more: Any) -> Order:
    reading = SiteReading(verdict=Verdict.NONE, view="list")
    values = {
        "order_no": ORDER,
        "status": "Paid",
        "reading": reading,
        "pages": (reading,),
        "ids": IDS,
    }
    return Order(**{**values, **more})
