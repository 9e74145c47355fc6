"""Types a secret: only into the top-level page of a sign-in host, and sent only to such a host.

The field and its button are held as the very elements that were proved, so that a page which changes
underneath is not typed into; where the form goes to is read before the typing and again before the click.
What a page sends in between is checked by the network guard (``agent.browser.network_guard``).
"""

from __future__ import annotations

from playwright.async_api import ElementHandle, Locator
from playwright.async_api import Error as PlaywrightError

from agent.browser.press_guard import place
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.page.clerk import Clerk

# Attributes, not properties: a field named "action" hides the form's own.
_PLACES = """(field, button) => {
  const at = field.ownerDocument, form = (button && button.form) || field.form;
  const own = button && button.form && button.getAttribute('formaction');
  const given = own || (form && form.getAttribute('action')) || '';
  return {
    "the page": at.location.href,
    "the form's target": given.trim() ? new URL(given, at.baseURI).href : at.location.href,
    "the window's page": at.defaultView.top === at.defaultView ? at.location.href : 'a frame',
  };
}"""


async def type_and_send(clerk: Clerk, field: str, button: str, secret: str) -> None:
    """Fill the one field, press the one button. A host is foreign: NeedsHuman, nothing typed or sent.

    The field is the only match of all its candidates together: a second one may belong to something else.
    """
    try:
        held = await (await clerk.only(field)).element_handle(timeout=clerk.left_ms())
        if (count := await clerk.locators.union(clerk.page, field).count()) != 1:
            what = _(clerk.profile.element[field].what)
            raise NeedsHuman(
                _("{count} matches where one is needed: {what}: nothing was typed", count=count, what=what),
                code=Code.SEVERAL_MATCHES,
            )
        await _prove(clerk, held, None, _("nothing was typed"))
        if clerk.account_scope:
            await clerk.account_scope.typing(secret)
        await held.fill(secret, timeout=clerk.left_ms())
        held_button = await clerk.hold(button)
        press = (
            await held_button.element_handle(timeout=clerk.left_ms())
            if isinstance(held_button, Locator)
            else held_button
        )
        await _prove(clerk, held, press, _("nothing was sent"))
        clerk.tabs.reset()
        await press.click(timeout=clerk.left_ms())
    except PlaywrightError as error:
        raise NeedsHuman(
            _("the page changed while a secret was typed: {error}", error=clerk.told(error)),
            code=Code.SIGN_IN,
        ) from None


async def _prove(clerk: Clerk, field: ElementHandle, button: ElementHandle | None, so: str) -> None:
    for what, url in (await field.evaluate(_PLACES, button)).items():
        if not clerk.profile.signs_in_at(url, clerk.site):
            raise NeedsHuman(
                _(
                    "{what} ({url}) is no sign-in host of {title}: {so}",
                    what=what,
                    url=place(url),
                    title=clerk.profile.title,
                    so=so,
                ),
                code=Code.LED_AWAY,
            )
