"""What the page itself is asked, and Playwright: where the page claims to know, both say the same."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from agent.account.session import open_session
from agent.browser.launcher import Browser
from agent.page.clerk import Clerk
from agent.page.glimpse import Glimpses
from agent.page.inpage import ask
from agent.profile.profile import Profile, load
from tests.pages import ClerkOn, element, tiny_profile
from tests.world import World

NUMBERS = {"ebay": "12-34567-10001", "dhgate": "1330312345"}
PAGES = {
    "ebay": ("home", "hub_search", "hub_order", "hub_cancellations", "sold"),
    "dhgate": ("home", "orders", "search"),
}


async def by_playwright(clerk: Clerk, name: str, values: dict[str, str]) -> tuple[list[str], list[str]]:
    """The texts of the best candidate's visible matches, and those of all together."""
    best: list[str] = []
    for found in clerk.locators.each(clerk.page, name, **values):
        if best := await found.all_inner_texts():
            break
    union = await clerk.locators.union(clerk.page, name, **values).all_inner_texts()
    return [" ".join(text.split()) for text in best], [" ".join(text.split()) for text in union]


async def disagreements(clerk: Clerk, names: list[str], values: dict[str, str]) -> tuple[list[Any], int]:
    """What the two see differently, and how many elements the page knew that are there."""
    wrong, there = list[Any](), 0
    for name in names:
        best, union = await by_playwright(clerk, name, values)
        one = await ask(clerk.page, clerk.profile, name, values)
        every = await ask(clerk.page, clerk.profile, name, values, all_=True)
        there += bool(one.known and best)
        if (one.known and one.texts != best) or (every.known and sorted(every.texts) != sorted(union)):
            wrong.append((name, one, best, every, union))
        if set(every.texts) - set(union):
            wrong.append((name, every, union))
    return wrong, there


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("platform", ["ebay", "dhgate"])
async def test_page_and_playwright_agree_on_every_element_of_the_consoles(
    world: World, kept_browser: Browser, platform: Any, language: str
) -> None:
    # Broken on purpose: hidden ones counted; `within` left out; the words of a role taken for none.
    world.shop("one", platform, language=language)
    number = world.order("one", NUMBERS[platform])
    world.order("one", NUMBERS[platform][:-1] + "2")
    async with open_session(kept_browser, world.settings, "one", wait=False) as session:
        clerk, values, seen = session.clerk, {"order_no": number, "order_id": "0"}, 0
        for page in PAGES[platform]:
            clerk.start_clock()
            await clerk.open(page, **values)
            await clerk.page.wait_for_load_state()
            wrong, there = await disagreements(clerk, list(clerk.profile.element), values)
            assert not wrong, page
            seen += there
        assert seen > 15


SHADOW = "css => document.querySelector(css).attachShadow({mode: 'open'}).innerHTML = '<p class=x>one</p>'"
TRAPS = {
    "plain": "<p class=x>one</p>",
    "two": "<p class=x>one</p><p class=x>two</p>",
    "hidden": "<p class=x style='display:none'>one</p>",
    "inside something hidden": "<div hidden><p class=x>one</p></div>",
    "invisible": "<p class=x style='visibility:hidden'>one</p>",
    "without size": "<p class=x style='width:0;height:0;overflow:hidden'>one</p>",
    "transparent": "<p class=x style='opacity:0'>one</p>",
    "in a closed fold": "<details><summary>more</summary><p class=x>one</p></details>",
    "by its name": "<button>Cancel order</button>",
    "by a name that is spaced": "<button>取 消 订 单</button>",
    "by a wide name": "<button>Cancel order</button>",
    "by an attribute": "<button aria-label='Cancel order'>×</button>",
    "by the browser's own word": "<form><input type=submit></form>",
    "by a label": "<label>Relist item <input type=checkbox></label>",
    "by its text": "<div><p> Nothing  here </p></div>",
    "by a longer text": "<p>Nothing here, or is there</p>",
    "in a script": "<script type=text/plain>Nothing here</script>",
    "a row's number": "<a>12</a><a>123</a>",
    "without a box of its own": "<p class=x style='display:contents'><b>one</b></p>",
    "by a name with a soft hyphen": "<button>Can&shy;cel ord\u200ber</button>",
    "by a name with something hidden in it": "<button>Cancel <i aria-hidden=true>it or</i> order</button>",
    "by an image": "<form><input type=image src=x style='width:9px;height:9px'></form>",
    "by a button's value": "<input type=button value='Nothing here'>",
    "by a text beside a script": "<p>Nothing here<script type=text/plain>let x = 1</script></p>",
    "by what lies outside": "<main><div class=scope><h2>one</h2></div></main>",
    "by what lies inside": "<div class=scope><main><h2>one</h2></main></div>",
    "by both": "<main><div class=scope><h2>one</h2><main><h2>two</h2></main></div></main>",
    "a number with a soft hyphen": "<a>1&shy;2</a>",
    "in a shadow": f"<div></div><script>({SHADOW})('div')</script>",
}


def odd() -> Profile:
    names = ("Cancel order", "取消订单", "Submit")
    return tiny_profile(
        t__css=element(".x"),
        t__second=element(".y", ".x"),
        t__role=element("role:button", names=names),
        t__css_or_role=element(".x", "role:button", names=names),
        t__label=element("label", names=("Relist item",)),
        t__text=element("text", names=("Nothing here",)),
        t__number=element("a:text-is('{number}')"),
        t__matches=element("p:text-matches('^o', 'i')"),
        t__scope=element(".scope"),
        t__inside=element("h2", within="t.scope"),
        t__outside=element("main h2", within="t.scope"),
    )


@pytest.mark.parametrize("trap", TRAPS)
async def test_page_and_playwright_agree_on_traps(clerk_on: ClerkOn, trap: str) -> None:
    # Broken on purpose: each test of visibility left out; a shadow root not looked for; `:text-is` as a part.
    clerk = await clerk_on(TRAPS[trap], odd())
    names = [name for name in clerk.profile.element if name.startswith("t.")]
    wrong, _there = await disagreements(clerk, names, {"number": "12"})
    assert not wrong


@pytest.mark.parametrize(("html", "known"), [(TRAPS["by what lies inside"], True), (TRAPS["by both"], False)])
async def test_a_selector_that_could_reach_out_is_known_where_it_does_not(
    clerk_on: ClerkOn, html: str, known: bool
) -> None:
    clerk = await clerk_on(html, odd())
    assert (await ask(clerk.page, clerk.profile, "t.outside", {})).known is known


@pytest.mark.parametrize("name", ["t.css", "t.role"])
async def test_what_a_page_redrew_is_not_found_by_its_pin(clerk_on: ClerkOn, name: str) -> None:
    # Found by the page itself, and by Playwright. Broken on purpose: the locator instead of the pin.
    clerk = await clerk_on("<div id=d><button class=x>Submit</button></div>", odd())
    one = await clerk.one(name)
    assert await one.found.count() == 1
    assert one.pin
    again = await clerk.one(name)
    assert await one.found.count() == await again.found.count() == 1, "an element keeps its older pins"
    await clerk.page.evaluate("d.innerHTML = '<button class=x><b>Submit</b></button>'")
    assert await one.found.count() == 0
    assert await (await clerk.only(name)).inner_html() == "<b>Submit</b>"


def test_two_runs_do_not_begin_with_the_same_pin() -> None:
    # Broken on purpose: itertools.count(1). A site that keeps a page's HTML would bring old pins back.
    ask_for_one = [sys.executable, "-c", "from agent.page.reader import Reader; print(next(Reader._pins))"]
    first, second = (subprocess.check_output(ask_for_one) for _ in range(2))
    assert first != second


async def test_what_only_playwright_sees_has_no_pin_for_the_page(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(TRAPS["in a shadow"], odd())
    one = await clerk.one("t.css")
    assert (await one.found.inner_text(), one.pin) == ("one", "")
    assert (await clerk.about("t.css")).attributes["class"] == "x"


async def test_a_copy_of_a_row_is_not_taken_for_it(clerk_on: ClerkOn) -> None:
    # Broken on purpose: a pin used again without asking how many have it.
    rows = "<div id=t><div class=a data-orderid=A><p class=x>one</p></div></div>"
    clerk = await clerk_on(rows, tiny_profile(t__a=element(".a"), t__b=element(".b")))
    assert (await clerk.about("t.a")).attributes["data-orderid"] == "A"
    await clerk.page.evaluate(
        "() => { const b = t.firstChild.cloneNode(true); b.className = 'b'; b.dataset.orderid = 'B';"
        " t.append(b); }"
    )
    assert (await clerk.about("t.b")).attributes["data-orderid"] == "B"


@pytest.mark.parametrize("platform", ["ebay", "dhgate"])
async def test_a_glimpse_misses_nothing_that_stands_in_front(clerk_on: ClerkOn, platform: str) -> None:
    # Broken on purpose: the words folded otherwise than in agent.domain.text; a shadow root not looked for.
    profile = load(platform)
    names = [guard.element for guard in profile.guard if guard.element]
    glimpses = Glimpses(profile, names)
    page = (await clerk_on("<main><h1>Orders</h1><p>订单</p></main>", profile)).page
    assert not (await glimpses.of(page)).may
    for name in names:
        for word in [word for words in profile.element[name].names.values() for word in words]:
            await page.set_content(f"<div class=modal-banner><button> {word.upper()} </button></div>")
            assert name in (await glimpses.of(page)).may, word
    await page.set_content("<p></p>")
    await page.evaluate(f"({SHADOW})('p')")
    assert (await glimpses.of(page)).may == names
