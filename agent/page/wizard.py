"""A wizard's Continue: the one button that may post a form before the reason is chosen.

What it posts is read before the press: ids of this order, the listed choice, and what proves that the form is
the site's own. Holds it more, it is not pressed; posts the page something else, that is stopped.
"""

from __future__ import annotations

import re
from typing import Any

from agent.browser.press_guard import Posting, entry_of, place, would_post
from agent.domain.codes import Code
from agent.domain.errors import NeedsHuman
from agent.domain.i18n import _
from agent.page.clerk import Clerk
from agent.page.signs import Ids, kinds_of
from agent.profile.profile import Profile

_OF_THE_SITE = re.compile(r"csrf|xsrf|token|nonce|^srt$", re.IGNORECASE)
"""Names of hidden fields by which a site knows its own form again."""

_FORM = """e => {
  const get = (of, name) => Element.prototype.getAttribute.call(of, name) || '';
  const button = e.closest('button, input'), form = button && button.form;
  if (!form) return null;
  const submits = ['submit', 'image'].includes(button.type);
  const given = get(button, 'formaction') || get(form, 'action');
  const data = submits ? new FormData(form, button) : new FormData(form);
  const hidden = [...form.querySelectorAll('input[type=hidden]')].map(field => field.name);
  return {
    action: given.trim() ? new URL(given, document.baseURI).href : location.href,
    fields: [...data].map(([name, value]) => [name, String(value), hidden.includes(name)]),
    own: button.name || '',
  };
}"""


async def go_on(clerk: Clerk, name: str, *, choice: str, ids: Ids) -> None:
    """Press this Continue, inside a guard. NeedsHuman, nothing pressed: its form posts what is not listed.

    ``choice``: the element of the listed choice, where this step has one. ``ids``: this order's, by kind.
    """
    found = await clerk.hold(name)
    form: dict[str, Any] | None = await found.evaluate(_FORM)
    if form is None:
        await clerk.click(name)
        return
    listed = await clerk.held_if(choice)
    chosen = await listed.evaluate("e => [e.name, e.value]") if listed else None
    more = [
        key
        for key, value, hidden in form["fields"]
        if key != form["own"]
        and [key, value] != chosen
        and not _says_nothing(key, value, hidden, ids, clerk.profile)
    ]
    if not more:
        pairs = frozenset((key, value) for key, value, _ in form["fields"])
        await clerk.click(name, posting=Posting(place(form["action"]), pairs))
        return
    target = await would_post(found)
    if target and not clerk.profile.reads(target):
        raise NeedsHuman(
            _(
                "{what} would post more than ids and the listed choice ({fields}): it was not pressed",
                what=_(clerk.profile.element[name].what),
                fields=", ".join(dict.fromkeys(more)),
            ),
            code=Code.ACTS_AT_ONCE,
            mend=entry_of(target, name),
        )
    await clerk.click(name)


def _says_nothing(name: str, value: str, hidden: bool, ids: Ids, profile: Profile) -> bool:
    """Whether a field is empty, carries an id of this order's, or proves that the form is the site's own."""
    own = {one for values in ids.values() for one in values}
    if not value or value in own or (hidden and _OF_THE_SITE.search(name)):
        return True
    unknown = [kind for kind in kinds_of(name, profile) if not ids.get(kind)]
    return bool(unknown) and re.fullmatch(r"[0-9A-Za-z-]{1,40}", value) is not None
