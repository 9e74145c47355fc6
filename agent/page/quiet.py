"""When a page has settled: nothing of its own is on its way to it any more, and nothing in it moves.

Only then does "it is not there" mean anything. A page that draws by a bare timer cannot be told from one that
is ready: where an absence decides an order, the list is loaded a second time (``agent.page.lists``).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from playwright.async_api import Request

QUIET = 0.1
"""Seconds without a change and without an answer after which a page counts as settled."""
_BEARS_CONTENT = ("document", "script", "xhr", "fetch")
_POLLS = 3
"""The third equal request and all later ones ask what is new; they are not waited for."""

QUIET_JS = f"""most => new Promise(resolve => {{
  const began = performance.now();
  let last = began;
  const elements = list => [...list].some(node => node.nodeType === Node.ELEMENT_NODE);
  const moved = one => one.type === 'attributes' || elements(one.addedNodes) || elements(one.removedNodes);
  const watch = new MutationObserver(all => {{ if (all.some(moved)) last = performance.now(); }});
  watch.observe(document, {{childList: true, subtree: true, attributeFilter: ['hidden', 'aria-busy']}});
  const look = () => {{
    const now = performance.now(), quiet = now - last >= {QUIET * 1000} && document.readyState !== 'loading';
    if (!quiet && now - began < most) return setTimeout(look, 20);
    watch.disconnect();
    resolve(quiet);
  }};
  look();
}})"""
"""Wait for a quiet moment of the page's structure, ``most`` milliseconds at most; whether one came."""


class Traffic:
    """What the pages in hand have asked for and not got yet. ``begun`` counts what was ever asked for."""

    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self.begun = 0
        self._on_the_way: set[Request] = set()
        self._asked: Counter[tuple[str, str, str | None]] = Counter()
        self._ended = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is on its way, or came just now."""
        return bool(self._on_the_way) or time.monotonic() - self._ended < QUIET

    @property
    def waiting(self) -> bool:
        return bool(self._on_the_way)

    def begin(self, request: Request) -> None:
        if request.resource_type not in _BEARS_CONTENT or not self._is_own(request.url):
            return
        asked = request.method, request.url, request.post_data
        self._asked[asked] += 1
        if self._asked[asked] < _POLLS:
            self.begun += 1
            self._on_the_way.add(request)

    def end(self, request: Request) -> None:
        if request in self._on_the_way:
            self._on_the_way.discard(request)
            self._ended = time.monotonic()

    def another_document(self) -> None:
        """Forget what the document before has asked for."""
        self._on_the_way.clear()
        self._asked.clear()
