"""What is kept, besides its picture, of a page that a step failed on: outline and HTML, nothing typed.

Ids, selects and boxes stay. Of a page that asks for a password or a code nothing is kept: what a browser, an
extension or the page's own script filled in is known to no register of ours.
"""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page

SECRET_FIELDS = ", ".join(
    f"input{which}"
    for which in (
        "[type=password]", "[autocomplete~='one-time-code' i]", "[autocomplete*='password' i]",
        "[name*='passw' i]:not([type=hidden])", "[id*='passw' i]:not([type=hidden])",
    )
)  # fmt: skip
"""Fields for a password or a code, also where a page shows what stands in it as plain text."""

_TYPED_INTO = (
    "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=button]):not([type=submit])"
    ":not([type=reset]):not([type=image]), textarea, [contenteditable]:not([contenteditable=false])"
)
_LOOK = """([secret, typed]) => {
  const within = root => [...root.querySelectorAll('*')].flatMap(e => {
    let inner = null;
    try { inner = e.contentDocument; } catch { /* another site's frame */ }
    return [e, ...(e.shadowRoot ? within(e.shadowRoot) : []), ...(inner ? within(inner) : [])];
  });
  const every = within(document);
  const visible = e => e.checkVisibility() && e.getBoundingClientRect().width > 0;
  const copy = document.documentElement.cloneNode(true);
  for (const e of copy.querySelectorAll(typed)) {
    e.removeAttribute('value');
    if (!e.matches('input')) e.textContent = '';
  }
  return {
    asks: every.some(e => e.matches(secret) && visible(e)),
    typed: every.filter(e => e.matches(typed)).map(e => e.value ?? e.innerText ?? ''),
    html: copy.outerHTML,
  };
}"""
_FIELD = re.compile(r'\s*- (?:textbox|searchbox|spinbutton|combobox)\b(?:"(?:\\.|[^"\\])*"|[^":])*')
_SHORTEST = 4
"""Letters from which on a typed text is looked for in what else the page says."""
BLANK = "(typed)"


async def scene_of(page: Page, *, is_sign_in: bool) -> dict[str, str]:
    """Outline and HTML, by the ending of their files; nothing of a sign-in page. Playwright's errors."""
    look: dict[str, Any] = await page.evaluate(_LOOK, [SECRET_FIELDS, _TYPED_INTO])
    if is_sign_in or look["asks"]:
        return {}
    outline = await page.locator("body").aria_snapshot(timeout=3000)
    typed = [text for text in look["typed"] if len(text.strip()) >= _SHORTEST and text not in page.url]
    return {
        ".outline.yaml": _without(blanked(outline), typed),
        ".html.txt": _without(look["html"], typed),
    }


def blanked(outline: str) -> str:
    """The outline with what was typed into its fields blanked; a list's options stay."""
    lines: list[str] = []
    field = -1
    for line in outline.splitlines():
        indent = len(line) - len(line.lstrip())
        if indent <= field:
            field = -1
        if field >= 0 and not re.match(r"\s*- (?:/|option\b|group\b)", line):
            continue
        found = _FIELD.match(line)
        if found is None or found.end() == len(line):
            lines.append(line)
        else:
            said = line[found.end() + 1 :].strip()
            lines.append(f"{found[0]}: {BLANK}" if said else line)
            field = indent
    return "\n".join(lines)


def _without(text: str, typed: list[str]) -> str:
    """The text without the typed ones, where they stand as whole words."""
    for one in sorted({" ".join(one.split()) for one in typed}, key=len, reverse=True):
        spaced = r"\s+".join(map(re.escape, one.split()))
        text = re.sub(rf"(?<!\w){spaced}(?!\w)", BLANK, text)
    return text
