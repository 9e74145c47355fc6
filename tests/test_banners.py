"""What lies in front of a page: closed where its words are listed, by a button that closes, else left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import NeedsHuman
from agent.domain.order import State
from agent.page.banners import dialog_around
from agent.profile.profile import Profile, load
from tests.consoles.layouts import Layout
from tests.pages import ClerkOn, pressed
from tests.world import World

ORDER = {"ebay": "12-34567-89012", "dhgate": "1330312162"}


@pytest.mark.parametrize(
    ("platform", "language"),
    [("dhgate", "zh-CN"), *(pytest.param(*one, marks=pytest.mark.long) for one in
                            (("dhgate", "en"), ("ebay", "en"), ("ebay", "de"), ("ebay", "zh-TW")))],
)  # fmt: skip
async def test_a_dialog_about_buyers_is_never_pressed(world: World, platform: str, language: str) -> None:
    # Broken on purpose: any dialog with "Accept all" closed; `never` left out of what is listed.
    world.shop("shop", platform, language=language, layout=Layout(banner="buyers"))
    outcome = await world.cancel("shop", world.order("shop", ORDER[platform]))
    assert world.store.truth() == []
    assert world.store.extras["/practice/accept-all"] == 0
    assert outcome.state is State.NEEDS_HUMAN, outcome
    assert "a dialog that is not listed lies in front" in (outcome.detail or "")


@pytest.mark.parametrize("platform", ["dhgate", pytest.param("ebay", marks=pytest.mark.long)])
async def test_what_is_new_is_closed(world: World, platform: str) -> None:
    world.shop("shop", platform, layout=Layout(banner="tour"))
    outcome = await world.cancel("shop", world.order("shop", ORDER[platform]), dry_run=True)
    assert outcome.state is State.REHEARSED, outcome


async def test_what_a_banners_button_sends_does_not_leave_and_ends_nothing(world: World) -> None:
    # Broken on purpose: the press not guarded; what was stopped taken for a verdict.
    world.shop("shop", "dhgate", layout=Layout(banner="sends"))
    outcome = await world.cancel("shop", world.order("shop", ORDER["dhgate"]))
    assert (outcome.state, len(world.commits())) == (State.PENDING, 1), outcome
    assert world.store.extras["/practice/accept-all"] == 0


BOX = "<div role=dialog style='position:fixed;inset:0;background:#fff'>{}</div><p>page</p>"
LISTED = {
    "cookies": "<h2>Your privacy choices</h2><p>We and our partners use cookies in order to improve our site."
    "</p><button>Accept all</button><button>Reject all</button>",
    "survey": "<p>Wir freuen uns über Ihr Feedback!</p><button>Nein, danke</button><button>Los</button>",
    "news": "<p>新功能上线：全新订单页</p><button>我知道了</button>",
    "app": "<p>Manage your orders on the go with our app</p><a role=button href='#'>Not now</a>",
}
NOT_LISTED = {
    "buyers": "<p>3 buyers ask to cancel</p><button>Accept all</button>",
    "inner banner": "<p>Cancel all open orders?</p><div class=cookie-banner>We use cookies"
    "<button>Accept all</button></div>",
    "a button that acts": "<p>We use cookies</p><button>Cancel order</button><button>Accept all</button>",
    "an order": "<p>Feedback on 12-34567-89012 is due</p><button>No thanks</button>",
    "words of its button alone": "<p>Everything?</p><button>Accept all cookies</button>",
    "its generic button": "<p>We use cookies</p><button>Continue</button><button>确定</button>",
    "refunds": "<p>Ihr Feedback: Rückerstattung jetzt annehmen?</p><button>Nein, danke</button>",
    "退款": "<p>新功能：一键同意所有退款</p><button>我知道了</button>",
    "posts a form": "<p>We use cookies</p><form method=post action=/all><button>Accept all</button></form>",
}


async def closing(clerk_on: ClerkOn, html: str) -> tuple[Any, bool]:
    """A clerk before the dialog, and whether looking the page over closed anything."""
    clerk = await clerk_on(BOX.format(html), load("ebay"))
    return clerk, await clerk.clear()


@pytest.mark.parametrize("what", LISTED)
async def test_a_listed_banner_is_closed_by_its_button_once(clerk_on: ClerkOn, what: str) -> None:
    # Broken on purpose: `remarks` left out; pressed again while it stands.
    clerk, closed = await closing(clerk_on, LISTED[what])
    assert closed
    assert len(await pressed(clerk)) == 1
    assert not await clerk.clear()
    assert len(await pressed(clerk)) == 1


@pytest.mark.parametrize("what", NOT_LISTED)
async def test_what_is_not_listed_is_not_pressed(clerk_on: ClerkOn, what: str) -> None:
    # Broken on purpose: the innermost box taken; labels taken for words; order numbers not asked.
    clerk, closed = await closing(clerk_on, NOT_LISTED[what])
    assert not closed
    assert await pressed(clerk) == []


async def test_what_covers_a_control_is_told_with_the_entry_that_closes_it(
    clerk_on: ClerkOn, tmp_path: Path
) -> None:
    # Broken on purpose: `_covered` not asked; the entry without its button.
    html = "<button>Continue</button>" + BOX.format(
        "<p>Heute Wartung ab 22 Uhr</p><button>Alles klar</button>"
    )
    clerk = await clerk_on(html, load("ebay"), seconds=9)
    with pytest.raises(NeedsHuman, match="Heute Wartung ab 22 Uhr") as stopped:
        await clerk.hold("rc.continue")
    assert await pressed(clerk) == []
    (tmp_path / "selectors").mkdir()
    (tmp_path / "selectors" / "ebay.toml").write_text(stopped.value.mend, encoding="utf-8")
    mended: Profile = load("ebay", tmp_path)
    clerk = await clerk_on(html, mended)
    assert await clerk.clear()
    assert await pressed(clerk) == ["Alles klar"]
    [box] = await clerk.page.query_selector_all("[role=dialog]")
    dialog = await dialog_around(box, mended)
    assert dialog
    assert dialog.text == "Heute Wartung ab 22 Uhr"


BARE = (
    "<div style='position: fixed; inset: 0'><div><p>{text}</p><button type=button "
    "onclick='this.parentNode.parentNode.remove()'>Accept all</button></div></div>"
)


@pytest.mark.parametrize(
    ("text", "closed"),
    [("We use cookies and similar technologies.", True), ("3 buyers ask to cancel, cookies or not.", False)],
)
async def test_a_banner_without_role_or_class_is_closed_by_its_words(
    clerk_on: ClerkOn, text: str, closed: bool
) -> None:
    # As it was: it was not seen, and the click below it waited for its time to be over.
    clerk = await clerk_on(f"<main><h1>My eBay</h1></main>{BARE.format(text=text)}", load("ebay"))
    assert await clerk.clear() is closed
    assert (await clerk.page.get_by_text(text).count() == 0) is closed
