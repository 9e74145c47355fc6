"""Controls that stand in a page's menu: unfolded where they are not on the page itself."""

from __future__ import annotations

from agent.page.clerk import Clerk


async def unfold(clerk: Clerk, area: str, controls: tuple[str, ...]) -> str | None:
    """Open the page's menu, where none of the controls stands on the settled page.

    Where the menu is a list to choose from, the entry is chosen, and its control's name comes back.
    """
    for control in controls:
        if await clerk.late(clerk.maybe, control):
            return None
    choices, menu = f"{area}.choices", f"{area}.menu"
    if await clerk.maybe(choices) and (chosen := await clerk.choose(choices, controls)):
        return chosen
    if await clerk.maybe(menu):
        await clerk.click(menu)
    return None
