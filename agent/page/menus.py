"""Controls that stand in a page's menu: unfolded where they are not on the page itself."""

from __future__ import annotations

from agent.page.clerk import Clerk


async def unfold(clerk: Clerk, area: str, controls: tuple[str, ...]) -> str | None:
    """Open the page's menu, where the first of the controls does not stand on the settled page.

    Where the menu is a list to choose from, the entry is chosen, and its control's name comes back.
    """
    if await clerk.late(clerk.maybe, controls[0]):
        return None
    choices, menu = f"{area}.choices", f"{area}.menu"
    if await clerk.maybe(choices) and (chosen := await clerk.choose(choices, controls)):
        return chosen
    if await clerk.maybe(menu):
        await clerk.click(menu)
    return None
