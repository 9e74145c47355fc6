"""Reasons that are neither radios nor a select: buttons, lines, and lists behind a box, with no role at all.

What is chosen is told by ARIA, by the one hidden field that the choice has filled, or by the box itself.
"""

from __future__ import annotations

import pytest

from agent.domain.errors import NeedsHuman, Refused, TechnicalError
from agent.domain.order import Action
from agent.page.confirmation import asking, opened
from agent.page.form import Form
from agent.profile.profile import load
from tests.pages import ClerkOn, pressed, wish

FILLS = "onclick=\"this.closest('form').reason.value='{value}'\""
VALUES = {"Buyer asked to cancel": "BUYER_ASKED_CANCEL", "Out of stock": "OUT_OF_STOCK_OR_CANNOT_FULFILL",
          "Something else": "OTHER"}  # fmt: skip


def lines(tag: str, *, act: str = FILLS, more: str = "", values: dict[str, str] = VALUES) -> str:
    """The reasons side by side, each with what its click does."""
    made = (f"<{tag} {act.format(value=v)} {more}>{text}</{tag}>" for text, v in values.items())
    return "".join(made)


def page(inside: str, *, buttons: str = "<button type=button>Submit</button>") -> str:
    """A cancel form that has no CSS candidate: it is known by its words."""
    return (
        f"<main><form onsubmit='return false'><p>12-34567-89012</p><input type=hidden name=reason>"
        f"<input type=hidden name=token value=1>{inside}<textarea></textarea>{buttons}</form></main>"
    )


async def choose(clerk_on: ClerkOn, html: str, reason: str = "out-of-stock") -> tuple[Form, bool]:
    """The form after the choice, and whether what was chosen is still told."""
    clerk = await clerk_on(html, load("ebay"))
    form = await Form.opened(clerk)
    await form.choose(wish(reason))
    return form, all([await keeps() for keeps in form._kept])


WRAPPED = "".join(
    f"<div><button type=button {FILLS.format(value=v)}>{t}</button></div>" for t, v in VALUES.items()
)
PRESSES = (
    "onclick=\"for (const one of this.parentNode.querySelectorAll('[aria-pressed]'))"
    " one.setAttribute('aria-pressed', one === this)\""
)
SHAPES = {
    "buttons": lines("button type=button"),
    "buttons in wrappers": WRAPPED,
    "lines": f"<ul>{lines('li')}</ul>",
    "pressed": lines("button type=button", act=PRESSES, more="aria-pressed=false"),
    "a box of lines": (
        "<div><button type=button onclick='nextElementSibling.hidden = false'>Select a reason</button>"
        f"<div hidden>{lines('div')}</div></div>"
    ),
    "a box of options": (
        "<button type=button aria-haspopup=listbox onclick='nextElementSibling.hidden = false'>Why</button>"
        f"<div hidden role=listbox>{lines('div', more='role=option')}</div>"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_reason_of_any_shape_is_chosen_and_asked_again(clerk_on: ClerkOn, shape: str) -> None:
    # As it was: "the page is not recognised", or "the form does not tell which reason is chosen".
    form, kept = await choose(clerk_on, page(SHAPES[shape]))
    assert kept
    assert form.reason_label == "Out of stock"
    held = await form.clerk.page.evaluate("document.forms[0].reason.value")
    assert held == ("" if shape == "pressed" else VALUES["Out of stock"])
    await form.clerk.page.evaluate(
        "document.forms[0].reason.value = 'OTHER';"
        "document.querySelectorAll('[aria-pressed]').forEach((b, n) => b.ariaPressed = n === 0)"
    )
    assert not all([await keeps() for keeps in form._kept]), "another choice has come in its place"


async def test_a_list_that_opens_over_the_page_is_told_by_its_box(clerk_on: ClerkOn) -> None:
    box = '<div role=combobox tabindex=0 onclick="document.all.over.hidden = false">Select</div>'
    put = "document.querySelector('[role=combobox]').textContent = this.textContent"
    act = f'onclick="{put}; this.parentNode.remove()"'
    over = f"<div id=over hidden>{lines('div', act=act)}</div>"
    form, kept = await choose(clerk_on, page(box) + over)
    assert kept
    await form.clerk.page.evaluate("document.querySelector('[role=combobox]').textContent = 'Something else'")
    assert not all([await keeps() for keeps in form._kept])


async def test_a_list_over_the_page_that_says_nothing_in_the_form_is_a_persons(clerk_on: ClerkOn) -> None:
    # As it was: its own ARIA was enough, and it may be another form's list.
    box = '<div role=combobox tabindex=0 onclick="document.all.over.hidden = false">Select</div>'
    marks = "onclick=\"this.setAttribute('aria-selected', 'true')\""
    options = lines("div", act=marks, more="role=option aria-selected=false")
    with pytest.raises(NeedsHuman, match="does not tell which reason"):
        await choose(clerk_on, page(box) + f"<div id=over role=listbox hidden>{options}</div>")


async def test_a_choice_that_nothing_tells_is_a_persons(clerk_on: ClerkOn) -> None:
    with pytest.raises(NeedsHuman, match="does not tell which reason"):
        await choose(clerk_on, page(lines("button type=button", act="")))


async def test_a_choice_that_fills_several_fields_is_a_persons(clerk_on: ClerkOn) -> None:
    act = "onclick=\"const f = this.closest('form'); f.reason.value = '{value}'; f.token.value = '2'\""
    with pytest.raises(NeedsHuman, match="does not tell which reason"):
        await choose(clerk_on, page(lines("button type=button", act=act)))


async def test_a_choice_that_puts_another_reasons_value_is_a_persons(clerk_on: ClerkOn) -> None:
    swapped = dict(zip(VALUES, reversed(VALUES.values()), strict=True))
    swapped["Out of stock"] = "BUYER_ASKED_CANCEL"
    with pytest.raises(NeedsHuman, match="machine value"):
        await choose(clerk_on, page(lines("button type=button", values=swapped)))


async def test_a_list_that_aria_denies_is_not_kept(clerk_on: ClerkOn) -> None:
    other = "onclick=\"this.parentNode.querySelector('div').setAttribute('aria-selected', 'true')\""
    options = f"<div role=listbox>{lines('div', act=other, more='role=option aria-selected=false')}</div>"
    with pytest.raises(TechnicalError, match="does not keep it"):
        await choose(clerk_on, page(options))


async def test_a_choice_that_would_post_the_form_is_not_pressed(clerk_on: ClerkOn) -> None:
    html = page(lines("button")).replace("onsubmit='return false'", "method=post action=https://shop.test/do")
    clerk = await clerk_on(html, load("ebay"))
    form = await Form.opened(clerk)
    with pytest.raises(NeedsHuman, match="would post"):
        await form.choose(wish("out-of-stock"))
    assert await pressed(clerk) == []


async def test_a_reason_that_is_not_among_the_buttons_is_refused(clerk_on: ClerkOn) -> None:
    # A word in a label proves nothing, whatever the label is made of.
    offered = {"Buyer asked to cancel": "1", "Not out of stock": "2", "Wrong shipping address": "3"}
    with pytest.raises(Refused) as refused:
        await choose(clerk_on, page(f"<div>{lines('button type=button', values=offered)}</div>"))
    assert refused.value.offered == tuple(offered)


@pytest.mark.parametrize("known", [0, 1])
async def test_one_word_of_the_trade_makes_no_list_of_reasons(clerk_on: ClerkOn, known: int) -> None:
    inside = "<p>Out of stock</p>" * known + "<p>Paid</p><p>Visible on your page</p>"
    clerk = await clerk_on(page(inside), load("ebay"), seconds=2)
    with pytest.raises((NeedsHuman, TechnicalError)):
        await Form.opened(clerk)


async def test_a_step_of_a_dialog_without_any_field_is_no_yes(clerk_on: ClerkOn) -> None:
    # As it was: "form.next matched a control that commits", since a dialog without fields may ask something.
    on = 'onclick="document.all.two.hidden = false; this.hidden = true"'
    steps = (
        f"<button type=button {on}>Continue</button><p id=two hidden><button type=button>Submit</button></p>"
    )
    html = page(lines("button type=button"), buttons=steps).replace("<textarea></textarea>", "")
    form, _kept = await choose(clerk_on, f"<div role=dialog>{html}</div>")
    await form.next_step("form.next", "form.submit")
    assert await form.clerk.any("form.submit")


# -- a question without any role --------------------------------------------------------------------------

BARE = "<div id=over><div>{text}</div><a href='#'>{yes}</a> <button type=button>{no}</button></div>"


@pytest.mark.parametrize(
    ("text", "yes", "found"),
    [
        ("Are you sure you want to cancel this order?", "Yes", True),
        ("Are you sure you want to cancel order 12-34567-89012?", "Cancel order", True),
        ("Are you sure you want to cancel all orders of this buyer?", "Yes", False),
        ("Shall we tell you about our offers?", "Yes", False),
        ("Are you sure you want to cancel this order?", "Continue</a><a href='#'>Yes", False),
    ],
)
async def test_a_bare_box_is_a_question_by_its_listed_words(
    clerk_on: ClerkOn, text: str, yes: str, found: bool
) -> None:
    clerk = await clerk_on(page("") + BARE.format(text=text, yes=yes, no="No"), load("ebay"))
    assert len(await asking(clerk)) == found


async def test_a_form_that_words_itself_as_a_question_is_not_answered_again(clerk_on: ClerkOn) -> None:
    # Its own submit would be its yes: what holds the control that was pressed asks nothing.
    ask = "<p>Are you sure you want to cancel this order?</p>"
    html = f"<div>{ask}<button>Yes</button><button>No</button></div>"
    clerk = await clerk_on(html, load("ebay"))
    pressed_one = await clerk.page.query_selector("button")
    assert len(await asking(clerk)) == 1
    commit = type("Pressed", (), {"handle": pressed_one, "action": Action.CANCEL})()
    assert await opened(clerk, commit, []) == []
