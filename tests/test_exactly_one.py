"""A control that commits is matched exactly once, visible, as the profile lists it; else nothing is pressed.

Pages of the tests' own in a real Chromium; what was clicked is read from the page. Last, two whole runs in
which the site asks something that is not listed: nobody says yes, and nobody submits again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.async_api import BrowserContext

from agent.domain.errors import NeedsHuman, Refused
from agent.domain.order import Commit, State, Via
from agent.domain.text import pattern, plain
from agent.engine.submit import send, submit
from agent.page.clerk import Clerk
from agent.page.form import About, Form
from agent.profile.profile import load, platforms
from tests.consoles.layouts import Layout
from tests.pages import IDS, ClerkOn, element, form, found_order, pressed, tiny_profile, wish
from tests.world import World


async def commit_of(clerk: Clerk, reason: str = "buyer-asked") -> Commit:
    """Fill the form as a flow does, up to the commit."""
    opened = await Form.opened(clerk)
    await opened.choose(wish(reason))
    about = About(order=found_order(), ids=IDS)
    return await opened.commit("form.submit", step="T2", about=about, via=Via.CANCEL)


# -- the control that commits --------------------------------------------------------------------------


async def test_one_matching_control_is_handed_over_unpressed(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(form())
    commit = await commit_of(clerk)
    assert (commit.label, commit.reason_label) == ("Submit", "Buyer asked")
    assert "Submit" not in await pressed(clerk)


async def test_an_orders_control_is_not_sent_as_a_message_nor_a_message_submitted_as_an_order(
    clerk_on: ClerkOn,
) -> None:
    # Broken on purpose: either check left out; then it ends as a click, or in the missing lock.
    clerk = await clerk_on(form())
    commit, nothing = await commit_of(clerk), dict[str, Any](lock=None, intended=None)
    with pytest.raises(RuntimeError, match=r"form\.submit is no message"):
        await send(clerk, commit, **nothing)
    message, nobody = replace(commit, element="message.send"), dict[str, Any](row=None, ledger=None)
    with pytest.raises(RuntimeError, match="with an intent of its own"):
        await submit(clerk, message, proof=None, leave=None, **nobody, **nothing)
    assert "Submit" not in await pressed(clerk)


async def test_two_matching_controls_stop_the_run(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `count != 1` in Form.commit made `count < 1`.
    clerk = await clerk_on(
        form(buttons="<button type=button>Submit</button><button type=button>提 交</button>")
    )
    with pytest.raises(NeedsHuman, match="2 matches"):
        await commit_of(clerk)
    assert not {"Submit", "提 交"} & set(await pressed(clerk))


async def test_hidden_duplicates_are_ignored(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `.filter(visible=True)` taken out of Locators.each.
    hidden = "<button hidden>Submit</button><button style='visibility:hidden'>Submit</button>"
    clerk = await clerk_on(form(buttons=f"{hidden}<button type=button id=right>Submit</button>"))
    commit = await commit_of(clerk)
    assert await commit.handle.get_attribute("id") == "right"


async def test_a_disabled_control_is_no_commit(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `in_reach` taken out of Form.commit.
    clerk = await clerk_on(form(buttons="<button type=button disabled>Submit</button>"), seconds=1.5)
    with pytest.raises(Exception, match="Timeout"):
        await commit_of(clerk)
    assert "Submit" not in await pressed(clerk)


async def test_the_same_words_outside_the_form_are_not_the_commit(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `within` of form.submit left out of the profile.
    clerk = await clerk_on(
        "<button id=wrong>Submit</button>" + form(buttons="<button type=button id=right>Submit</button>")
    )
    commit = await commit_of(clerk)
    assert await commit.handle.get_attribute("id") == "right"


async def test_a_clerk_cannot_press_what_commits(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the check of `commit` taken out of Clerk.click.
    clerk = await clerk_on(form())
    with pytest.raises(RuntimeError, match=r"only agent\.engine\.submit"):
        await clerk.click("form.submit")
    assert await pressed(clerk) == []


async def test_nor_under_another_elements_name(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the call of _not_a_commit taken out of Clerk.click.
    clerk = await clerk_on(form(), tiny_profile(page__link=element("form button")))
    with pytest.raises(NeedsHuman, match="a control that commits"):
        await clerk.click("page.link")
    assert await pressed(clerk) == []


@pytest.mark.parametrize("platform", platforms())
@pytest.mark.parametrize("name", ["form.submit", "confirm.yes", "message.send"])
async def test_the_real_profiles_commits_cannot_be_clicked(
    clerk_on: ClerkOn, platform: str, name: str
) -> None:
    # Broken on purpose: `commit = true` taken off form.submit in selectors/dhgate.toml.
    clerk = await clerk_on(form(), load(platform))
    with pytest.raises(RuntimeError, match=r"only agent\.engine\.submit"):
        await clerk.click(name)
    assert await pressed(clerk) == []


async def test_a_fallback_is_recorded_as_drift(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the drift line taken out of Clerk._trace.
    clerk = await clerk_on("<a id=first href=#1>one</a>")
    await clerk.click("page.link")
    assert clerk.record.drift == []
    clerk = await clerk_on("<a class=second href=#2>two</a>")
    await clerk.click("page.link")
    assert [line for line in clerk.record.drift if line.startswith("page.link") and ".second" in line]


async def test_two_links_where_one_is_needed_stop_the_run(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `count > 1` in Clerk.only made `count > 9`.
    clerk = await clerk_on("<a class=second href=#2>two</a><a class=second href=#3>three</a>")
    with pytest.raises(NeedsHuman, match="2 matches"):
        await clerk.click("page.link")
    assert await pressed(clerk) == []


# -- form, reasons -------------------------------------------------------------------------------------


async def test_two_visible_forms_stop_the_run(clerk_on: ClerkOn) -> None:
    clerk = await clerk_on(form() + form(order_no="12-34567-89013"))
    with pytest.raises(NeedsHuman, match="2 matches"):
        await commit_of(clerk)
    assert await pressed(clerk) == []


async def test_two_groups_that_could_be_the_reasons_stop_the_run(clerk_on: ClerkOn) -> None:
    # Broken on purpose: the comparison of the two best groups taken out of _reason_group.
    labels = ("Buyer asked", "Wrong address", "Other")
    again = "".join(f"<option value={n}>{label}</option>" for n, label in enumerate(labels, 1))
    clerk = await clerk_on(form(f"<select>{again}</select>"))
    with pytest.raises(NeedsHuman, match="two groups"):
        await commit_of(clerk)
    assert await pressed(clerk) == []


async def test_a_group_that_is_no_reasons_is_left_alone(clerk_on: ClerkOn) -> None:
    radio = "<label><input type=radio name=how value={0} {1}>{0}</label>"
    clerk = await clerk_on(form(radio.format("Full", "checked") + radio.format("Other", "")))
    commit = await commit_of(clerk, "other")
    kept = await clerk.page.evaluate(
        "[...document.querySelectorAll('input:checked')].map(e => e.name + e.value)"
    )
    assert (commit.reason_label, sorted(kept)) == ("Other", ["howFull", "why2"])


async def test_two_options_that_fit_stop_the_run(clerk_on: ClerkOn) -> None:
    # Broken on purpose: `len(fitting) > 1` in _the_one made `len(fitting) > 2`.
    clerk = await clerk_on(form("<label><input type=radio name=why value=9>BUYER ASKED</label>"))
    with pytest.raises(NeedsHuman, match="2 choices fit"):
        await commit_of(clerk)
    assert await pressed(clerk) == []


async def test_a_reason_is_never_swapped(clerk_on: ClerkOn) -> None:
    # Broken on purpose: _the_one falls back to the last option.
    clerk = await clerk_on(form().replace("Wrong address", "No stock"))
    with pytest.raises(Refused) as refused:
        await commit_of(clerk, "address-issue")
    assert refused.value.offered == ("Buyer asked", "No stock", "Other")
    assert await pressed(clerk) == []


async def test_closing_a_dialog_is_not_cancelling_an_order(clerk_on: ClerkOn) -> None:
    """On a dialog 「取 消」 closes it; 取消订单 cancels the order."""
    # Broken on purpose: 取消 added to the names of detail.cancel.
    dialog = "<div role=dialog><a href='#'>确 定</a> <a href='#'>取 消</a></div>"
    clerk = await clerk_on(dialog, load("dhgate"))
    assert await clerk.maybe("detail.cancel") is None
    clerk = await clerk_on(dialog + "<button id=right>取消订单</button>", load("dhgate"))
    found = await clerk.only("detail.cancel")
    assert await found.get_attribute("id") == "right"


# -- the words of a page -------------------------------------------------------------------------------

WORDS = sorted(
    {name for p in platforms() for e in load(p).element.values() for ns in e.names.values() for name in ns}
)
SPACES = ["", "", "", " ", "\u00a0", "\u3000", "\n "]
LETTERS = st.sampled_from("abzABZ019'!(),.:;?&-äöüßÄé取消订单提交確定キ")


def wide(char: str) -> str:
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char


@st.composite
def variants(draw: st.DrawFn, names: st.SearchStrategy[str]) -> tuple[str, str]:
    """A name, and the same name as another page may print it: other case, width, spacing, composition."""
    name = draw(names)
    ways: list[Callable[[str], str]] = [
        str,
        str,
        str.upper,
        str.lower,
        wide,
        lambda c: unicodedata.normalize("NFD", c),
        lambda c: c.replace("'", "’"),
    ]
    chars = [draw(st.sampled_from(ways))(c) + draw(st.sampled_from(SPACES)) for c in name]
    return name, draw(st.sampled_from(SPACES)) + "".join(chars)


NAMES = st.sampled_from(WORDS) | st.text(LETTERS, min_size=1, max_size=8)


@settings(deadline=None)
@given(variants(NAMES))
@example(("Schließen", "SCHLIESSEN"))
@example(("Buyer hasn't paid", "Buyer hasn’t paid"))
@example(("Cancel order", "Ｃａｎｃｅｌ　ｏｒｄｅｒ"))
def test_a_name_is_known_however_it_is_printed(pair: tuple[str, str]) -> None:
    # Broken on purpose: the full-width forms taken out of words._letter.
    name, printed = pair
    assert plain(printed) == plain(name)
    assert pattern([name]).match(printed)


@settings(deadline=None)
@given(NAMES, NAMES)
def test_the_two_ways_of_comparing_agree(name: str, text: str) -> None:
    # Broken on purpose: the `$` taken out of words.pattern.
    assert bool(pattern([name]).match(text)) == (plain(name) == plain(text))


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("取消订单", "取 消　订单"),
        ("Cancel order", "ＣＡＮＣＥＬ　ｏｒｄｅｒ"),
        ("Schließen", "SCHLIESSEN"),
        ("Don't", "Don’t"),
        ("是,取消订单", "是，取消订单"),
        ("Käufe", "Ka\u0308ufe"),
        ("No, thanks!", "no，thanks！"),
    ],
)
async def test_the_browser_reads_a_pattern_as_python_does(
    blank: BrowserContext, name: str, printed: str
) -> None:
    # Broken on purpose: as above.
    page = await blank.new_page()
    await page.set_content(
        f"<button>{printed}</button><button>{printed} x</button><label>{printed}<input></label>"
    )
    assert await page.get_by_role("button", name=pattern([name])).count() == 1
    assert await page.get_by_label(pattern([name])).count() == 1
    assert re.fullmatch(pattern([name]), printed)


# -- what the site asks after the submit ---------------------------------------------------------------


@pytest.mark.long
async def test_what_is_not_listed_gets_no_yes_and_no_second_submit(world: World) -> None:
    """``window.confirm`` is dismissed, a dialog in the page left alone; then a person is asked."""
    # Broken on purpose: WeighedQuestion.listed always True; UNLISTED taken for NOTHING in OrderRun._conclude.
    world.store.faults.on("question", word="unlisted")
    world.shop("native", "dhgate", language="zh-CN", layout=Layout(confirm="native"))
    world.shop("inpage", "ebay", layout=Layout(confirm="page", answer="in-place"))
    wanted = [
        world.wanted("native", world.order("native", "1330312162")),
        world.wanted("inpage", world.order("inpage", "12-34567-89012")),
    ]
    outcomes = (await world.run(*wanted)).outcomes
    assert [(o.state, o.submits) for o in outcomes] == [(State.NEEDS_HUMAN, 1)] * 2, outcomes
    assert all("not listed" in (o.detail or "") for o in outcomes), outcomes
    assert world.store.truth() == []
