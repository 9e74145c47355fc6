"""Elements found by what they mean, on pages and at a console without one class that is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext

from agent.domain.order import State
from agent.page.asked import Asked
from agent.page.look import Looks, marked, token_of
from agent.page.meaning import find
from agent.page.view import View
from agent.profile.elements import Element
from agent.profile.profile import load
from tests.pages import ORDER, ClerkOn
from tests.world import World

NEIGHBOUR = "12-34567-89013"
HEAD = "<nav><a href='/sh/ord?filter=status:CANCELED'>Canceled</a></nav><h1>Orders</h1>"


def card(number: str, status: str, *, total: str = "US $41.20", title: str = "Camera") -> str:
    return f"""<div class="x{number[-2:]}"><div><input type=checkbox>
      <a href="/mesh/ord/details?orderid={number}">{number}</a></div>
      <div><a href="/itm/110000089012">{title}</a></div><div>{status}</div>
      <div>{total}</div><button>More actions</button></div>"""


async def seen(context: BrowserContext, html: str) -> View:
    page = await context.new_page()
    await page.set_content(f"<!doctype html><body>{html}")
    return await Looks().at(page)


def element(means: str, **names: list[str]) -> Element:
    return Element.model_validate(
        {"what": "x", "candidates": [{"means": means}], "names": names, "mark": "U", "source": "a test"}
    )


def asked(view: View, means: str, within: Any = None, order_no: str = ORDER, **names: list[str]) -> list[str]:
    return [
        n.text
        for n in find(
            Asked(view, load("ebay"), element(means, **names), within, {"order_no": order_no}), means
        )
    ]


@pytest.mark.parametrize("others", ["", card(NEIGHBOUR, "Shipped")])
async def test_a_row_is_found_around_its_number_and_holds_no_other_order(
    blank: BrowserContext, others: str
) -> None:
    view = await seen(blank, f"{HEAD}<section>{card(ORDER, 'Paid')}{others}</section>")
    [row] = find(Asked(view, load("ebay"), element("row"), None, {"order_no": ORDER}), "row")
    assert NEIGHBOUR not in row.text
    assert "More actions" in row.text
    assert asked(view, "state", row, en=["Status"]) == ["Paid"]
    assert asked(view, "amount", row, en=["Total"]) == ["US $41.20"]


async def test_a_mention_of_the_number_is_no_row(blank: BrowserContext) -> None:
    says = f"<p>Please cancel {ORDER}, thanks</p>"
    other = card(NEIGHBOUR, "Paid", title=f"Refund for {ORDER}")
    view = await seen(blank, f"{HEAD}{other}{says}<a href='about:blank?q={ORDER}'>next</a>")
    assert asked(view, "row") == []


async def test_two_rows_of_one_order_are_two(blank: BrowserContext) -> None:
    view = await seen(blank, f"{HEAD}{card(ORDER, 'Paid')}{card(NEIGHBOUR, 'Paid')}{card(ORDER, 'Shipped')}")
    assert len(asked(view, "row")) == 2


@pytest.mark.parametrize(
    "html",
    [
        "<dl><dt>Status:</dt><dd>Paid</dd></dl>", "<p><b>Status</b><span>Paid</span></p>",
        "<div><div>Status：</div><div>Paid</div></div>",
        "<table><tr><th>Status</th><td>Paid</td></tr></table>",
        "<table><tr><th>Status</th><th>Sum</th></tr><tr><td>Paid</td><td>1.00</td></tr></table>",
    ],
)  # fmt: skip
async def test_what_stands_beside_a_label(blank: BrowserContext, html: str) -> None:
    assert asked(await seen(blank, html), "labelled", en=["Status"]) == ["Paid"]


@pytest.mark.parametrize(
    "choices",
    [
        "<label><input type=radio name=r value=BUYER_ASKED_CANCEL>Buyer asked to cancel</label>",
        "<select><option>Choose<option>Buyer asked to cancel</select>",
        "<div role=radiogroup><div role=radio aria-checked=false>Buyer asked to cancel</div></div>",
    ],
)
async def test_a_cancel_form_of_any_make(blank: BrowserContext, choices: str) -> None:
    search = "<form><select><option>All orders<option>Paid</select><button>Search</button></form>"
    view = await seen(blank, f"{search}<div><form><p>Why?</p>{choices}<button>Submit</button></form></div>")
    [form] = asked(view, "form", en=["Submit"])
    assert form.startswith("Why?")


async def test_a_look_takes_no_password_and_names_what_it_cannot_see(blank: BrowserContext) -> None:
    html = """<input type=password value=secret><input name=note value=kept><x-box></x-box>
      <iframe src="https://elsewhere.invalid/"></iframe><p style="visibility:hidden">hidden</p><script>
      document.querySelector('x-box').attachShadow({mode: 'open'}).innerHTML = '<b>in the shadow</b>';
      JSON.stringify = () => '{}'; Array.prototype.push = () => 0;</script>"""
    view = await seen(blank, html)
    kept = json.dumps([node.data for node in view.nodes])
    assert ("secret" in kept, "kept" in kept, "in the shadow" in kept) == (False, True, True)
    assert [n for n in view.nodes if n.visible and n.text == "hidden"] == []


async def test_a_mark_is_the_last_looks(blank: BrowserContext) -> None:
    page = await blank.new_page()
    await page.set_content("<p>one</p><p>two</p>")
    looks, values = Looks(), {"order_no": ORDER}
    for wanted in ("one", "two"):
        view = await looks.at(page)
        found = [n for n in view.nodes if n.tag == "p" and n.text == wanted]
        await looks.mark(page, {token_of("a.row", element("row"), values): found})
        assert await page.locator(marked("a.row", element("row"), values)).all_inner_texts() == [wanted]


def without_classes(home: Path, platform: str) -> None:
    """Entries of a user's own file: every element that has a meaning is found by that alone."""
    lines: list[str] = []
    for name, one in load(platform).element.items():
        means = [c.means for c in one.candidates if c.means]
        if means:
            plain = [f'{{ means = "{m}" }}' for m in means]
            lines += [f'[element."{name}"]', f"what = {json.dumps(one.what, ensure_ascii=False)}"]
            lines += [f"candidates = [{', '.join(plain)}]", 'mark = "U"', 'source = "a test"']
            lines += [f"names.{k} = {json.dumps(list(v), ensure_ascii=False)}" for k, v in one.names.items()]
            lines += [f'within = "{one.within}"'] if one.within else []
    (home / "selectors").mkdir(parents=True, exist_ok=True)
    (home / "selectors" / f"{platform}.toml").write_text("\n".join(lines), encoding="utf-8")


async def test_an_order_is_cancelled_without_one_known_class(world: World) -> None:
    """DHgate: greeting, row, state, amount, labels and form by meaning alone, among other orders."""
    without_classes(world.home, "dhgate")
    world.shop("one", "dhgate")
    world.order("one", "1330312162")
    world.order("one", "1330312169")
    outcome = await world.cancel("one", "1330312162")
    assert (outcome.state, [t.order_no for t in world.commits()]) == (State.PENDING, ["1330312162"]), outcome


async def test_a_row_whose_nodes_show_another_order_by_now_is_looked_for_anew(clerk_on: ClerkOn) -> None:
    # As it was: the mark of the first look stayed on the node, and the neighbour's state was read.
    clerk = await clerk_on(f"{HEAD}<i>{card(ORDER, 'Paid')}{card(NEIGHBOUR, 'Shipped')}</i>", load("ebay"))
    assert await clerk.text("hub.status", order_no=ORDER) == "Paid"
    await clerk.page.evaluate(
        """([one, other]) => {
            const walk = document.createTreeWalker(document.querySelector('i'), NodeFilter.SHOW_TEXT);
            const swap = text => text.replaceAll(one, '#').replaceAll(other, one).replaceAll('#', other)
                .replace('Paid', '#').replace('Shipped', 'Paid').replace('#', 'Shipped');
            while (walk.nextNode()) walk.currentNode.data = swap(walk.currentNode.data);
            for (const a of document.querySelectorAll('i a')) a.href = swap(a.href);
        }""",
        [ORDER, NEIGHBOUR],
    )
    assert await clerk.text("hub.status", order_no=ORDER) == "Paid"
    row = (await clerk.about("hub.row", order_no=ORDER)).links
    assert [NEIGHBOUR in link for link in row] == [False, False]


async def test_two_states_that_differ_are_no_state(blank: BrowserContext) -> None:
    # As it was: of "Paid" and "Shipped" the first was taken, and a shipped order could be cancelled.
    view = await seen(blank, f"{HEAD}{card(ORDER, '<b>Paid</b><b>Shipped</b>')}{card(NEIGHBOUR, 'Paid')}")
    [row] = find(Asked(view, load("ebay"), element("row"), None, {"order_no": ORDER}), "row")
    assert asked(view, "state", row) == ["Paid", "Shipped"]


@pytest.mark.parametrize("reason", ["Buyer asked to cancel the order", "Buyer asked to cancel"])
async def test_a_reason_beside_the_state_is_no_state(blank: BrowserContext, reason: str) -> None:
    lines = f"<div>{reason}</div><div><a href=/x>{ORDER}</a></div><div>Cancellation in progress</div>"
    view = await seen(blank, f"<h1>Cancelled orders</h1><div>{lines}</div>")
    assert asked(view, "state", view.root, en=["Status"]) == ["Cancellation in progress"]


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        (
            "<div>Buyer requested a cancellation</div><div>Respond by: Nov 30</div>",
            "Buyer requested a cancellation",
        ),
        ("<b>Canceled</b> was refused by eBay yesterday", "Canceled was refused by eBay yesterday"),
    ],
)
async def test_a_cell_may_hold_more_than_the_state(blank: BrowserContext, cell: str, state: str) -> None:
    heads = "<tr><th>Order</th><th>Status</th><th>Requested by</th><th>Total</th></tr>"
    line = f"<tr><td><a href=/x>{ORDER}</a></td><td>{cell}</td><td>Buyer</td><td>US $1.20</td></tr>"
    view = await seen(blank, f"<table>{heads}{line}</table>")
    [row] = find(Asked(view, load("ebay"), element("row"), None, {"order_no": ORDER}), "row")
    assert asked(view, "state", row, en=["Status"]) == [state]
    assert asked(view, "labelled", row, en=["Requested by"]) == ["Buyer"]
    assert asked(view, "labelled", row, en=["Buyer"]) == []  # a value of its column is no label


async def test_a_value_that_reads_like_a_label_is_none(blank: BrowserContext) -> None:
    view = await seen(
        blank, "<div><div>Asked by:</div><div>Buyer</div><div>Reason:</div><div>Mistake</div></div>"
        "<div><div>Buyer:</div><div>jane</div></div>",
    )  # fmt: skip
    assert asked(view, "labelled", en=["Buyer"]) == ["jane"]


@pytest.mark.parametrize("offered", ["Buyer asked to cancel", "Very satisfied"])
async def test_a_form_in_a_frame_is_one_where_it_offers_a_listed_reason(
    clerk_on: ClerkOn, offered: str
) -> None:
    # Broken on purpose: any choices in a frame: a survey is opened in the form's place.
    form = f"<form><label><input type=radio name=r>{offered}</label><button>Submit</button></form>"
    clerk = await clerk_on("<h1>Orders</h1><iframe></iframe>", load("ebay"))
    write = "html => { document.querySelector('iframe').contentDocument.body.innerHTML = html }"
    await clerk.page.evaluate(write, form)
    assert await clerk.by_meaning.mark(clerk.page, ["form.scope"]) is False
    assert bool(clerk.by_meaning.framed) is (offered == "Buyer asked to cancel")


async def test_a_form_whose_first_step_only_goes_on_is_a_form(blank: BrowserContext) -> None:
    step = "<div><button>请选择原因</button><div role=button tabindex=0>下一步</div></div>"
    profile = load("dhgate")
    view = await seen(blank, f"<h1>取消订单</h1>{step}")
    [found] = find(Asked(view, profile, profile.element["form.scope"], None, {}), "form")
    assert "下一步" in found.text


async def test_the_row_that_is_found_by_meaning_is_asked_at_the_press_too(clerk_on: ClerkOn) -> None:
    # As it was: only rows by CSS were.
    clerk = await clerk_on(f"{HEAD}{card(ORDER, 'Paid')}", load("ebay"))
    profile = clerk.profile.model_copy(
        update={"element": {**clerk.profile.element, "hub.row": element("row")}}
    )
    clerk.profile = profile
    assert clerk._row_of("hub.menu", {"order_no": ORDER}) == "hub.row"
