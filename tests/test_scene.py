"""What is kept of a page that a step failed on: nothing typed, nothing of a sign-in page."""

from __future__ import annotations

import pytest

from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.order import State
from agent.page.step import recorded
from tests.pages import ClerkOn, tiny_profile
from tests.test_secrecy import WRITINGS
from tests.world import World

TYPED = "neither yours nor mine"
FIELDS = f"""<h1>Form of order 12-34567-89012</h1><label>Search <input id=search></label>
<label>Note <textarea></textarea></label><label>Town <input list=towns></label>
<label>Pieces <input type=number></label>
<div contenteditable id=rich></div><div role=textbox aria-label=Reply contenteditable><p></p></div>
<div id=shadow></div><label>{TYPED[:7]} <input id=named></label><span id=twice></span>
<input type=hidden name=orderId value=ff00aa11><label>Reason
<select><option value=r1>No stock<option value=r2>Other</select>
</label><label><input type=radio name=w value=v1 checked> First way</label><button>Submit</button><script>
shadow.attachShadow({{mode: 'open'}}).innerHTML = '<label>Inner <input></label>';
const fields = document.querySelectorAll('input:not([type=hidden], [type=radio], [type=number]), textarea');
for (const e of [...fields, shadow.shadowRoot.querySelector('input')]) {{
  e.value = '{TYPED}'; e.setAttribute('value', e.value); }}
document.querySelector('[type=number]').value = 4711;
for (const e of document.querySelectorAll('[contenteditable], #twice')) e.textContent = '{TYPED}';
</script>"""


async def kept(clerk_on: ClerkOn, html: str) -> dict[str, str]:
    """What a step that failed on this page keeps of it, by the endings of the files."""
    clerk = await clerk_on(html, tiny_profile())
    record = clerk.evidence.step("T2", "a step that fails")
    with pytest.raises(NeedsHuman):
        async with recorded(clerk, record):
            raise NeedsHuman("the test says so", code=Code.NOT_RECOGNISED)
    files = [clerk.evidence.folder / name for name in record.files]
    return {"".join(f.suffixes): f.read_text(encoding="utf-8") for f in files if f.suffix != ".jpg"}


async def test_what_was_typed_stands_in_no_outline_and_no_html(clerk_on: ClerkOn) -> None:
    found = await kept(clerk_on, FIELDS)
    assert set(found) == {".outline.yaml", ".html.txt"}
    for text in found.values():
        page = text.partition("<script>")[0]
        assert (TYPED in page, "4711" in page) == (False, False), page
        assert all(word in page for word in ("12-34567-89012", "No stock", "First way", "Submit", "Note"))
    assert all(word in found[".html.txt"] for word in ("ff00aa11", "r1", "v1"))


@pytest.mark.parametrize(
    "field",
    [
        "<input type=password value='{}'>", "<input autocomplete=one-time-code value='{}'>",
        "<input autocomplete='current-password' value='{}'>",
        "<p id=d></p><script>d.attachShadow({{mode: 'open'}}).innerHTML = '<input type=password>'</script>",
        "<iframe srcdoc=\"<input type=password value='{}'>\"></iframe>",
    ],
)  # fmt: skip
async def test_nothing_is_kept_of_a_page_that_asks_for_a_secret(clerk_on: ClerkOn, field: str) -> None:
    assert await kept(clerk_on, field.format("filled in by others")) == {}
    assert set(await kept(clerk_on, f"<div hidden>{field.format('')}</div><p>text</p>")) != set()


@pytest.mark.parametrize(("platform", "order_no"), [("ebay", "12-34567-89012"), ("dhgate", "1330312162")])
async def test_a_password_that_the_browser_filled_in_is_in_no_byte(
    world: World, platform: str, order_no: str
) -> None:
    world.env["UNSELL_STEP_TIMEOUT_SECONDS"] = "4"
    world.shop("one", platform)
    world.consoles.posers.set("filled-in", "")
    try:
        outcome = await world.cancel("one", world.order("one", order_no))
        assert world.consoles.posers.sprung
    finally:
        world.consoles.posers.trap = ""
    assert outcome.state is State.NEEDS_HUMAN
    files = [file for file in world.home.rglob("*") if file.is_file()]
    assert [file for file in files if file.suffix == ".jpg"]
    for file in files:
        data = file.read_bytes()
        assert not [
            how for how, write in WRITINGS.items() if write("filled in by the browser").encode() in data
        ]
