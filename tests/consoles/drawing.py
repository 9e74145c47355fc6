"""Pages that are not there at once, or move under the hand: played by ``trouble`` on the finished HTML.

The templates mark what may come late by comments: the rows of a list, the entries of a menu.
"""

from __future__ import annotations

import itertools
import json
import re

from tests.consoles.faults import Rule

LATE = "/practice/late"
_REGIONS = {
    "late-rows": re.compile(rb"<!--rows-->(.*?)<!--/rows-->", re.DOTALL),
    "late-menu": re.compile(rb"<!--menu-->(.*?)<!--/menu-->", re.DOTALL),
}
_SKELETON = b'<div class="skeleton" aria-busy="true"><i>&#9618;&#9618;&#9618;</i></div>'

RESORT = b"""<script>(() => {
  // A list that keeps its nodes and gives them another order's contents, when the pointer is there.
  const rows = "tr.order-info, .sold-itemcard, .m-order-card, [data-orderid], tr.cancel-info";
  const swap = (a, b) => {
    for (const name of new Set([...a.getAttributeNames(), ...b.getAttributeNames()])) {
      if (name === "data-unsell-pin") continue;
      const [one, other] = [a.getAttribute(name), b.getAttribute(name)];
      other === null ? a.removeAttribute(name) : a.setAttribute(name, other);
      one === null ? b.removeAttribute(name) : b.setAttribute(name, one);
    }
    const [left, right] = [[...a.childNodes], [...b.childNodes]];
    left.forEach((node, n) => {
      const twin = right[n];
      if (!twin) return;
      if (node.nodeType === 3 && twin.nodeType === 3) [node.data, twin.data] = [twin.data, node.data];
      else if (node.nodeType === 1 && node.nodeName === twin.nodeName) swap(node, twin);
    });
  };
  let done = false;
  document.addEventListener("mouseover", event => {
    const row = event.target.closest && event.target.closest("button, a") && event.target.closest(rows);
    const other = row && [...document.querySelectorAll(rows)].find(one => one !== row);
    if (done || !other) return;
    done = true;
    swap(row, other);
  }, true);
})()</script>"""


class Drawing:
    """What was taken out of pages and is fetched later: by number, with the seconds that it takes."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._kept: dict[str, tuple[float, bytes]] = {}

    def later(self, text: bytes, kind: str, rule: Rule) -> bytes:
        """The page with its rows or entries drawn ``rule.number`` seconds later.

        ``rule.word``: by "fetch" (the default), by a bare "timer", or by a timer behind a "skeleton".
        """
        return _REGIONS[kind].sub(lambda found: self._late(found[1], rule), text)

    def _late(self, html: bytes, rule: Rule) -> bytes:
        number = str(next(self._numbers))
        if rule.word in ("timer", "skeleton"):
            come = f"new Promise(r => setTimeout(r, {rule.number * 1000}, {_quoted(html)}))"
        else:
            self._kept[number] = rule.number, html
            come = f"fetch('{LATE}?n={number}').then(answer => answer.text())"
        place = _SKELETON if rule.word == "skeleton" else b""
        script = (
            f"const me = document.currentScript, before = me.previousElementSibling; ({come}).then(html => "
            "{ if (before && before.matches('.skeleton')) before.remove(); "
            "me.insertAdjacentHTML('afterend', html); })"
        )
        return place + b"<script>{ " + script.encode() + b" }</script>"

    def taken(self, number: str) -> tuple[float, bytes]:
        """What was kept under this number, and the seconds that it takes."""
        return self._kept[number]


def _quoted(html: bytes) -> str:
    """The HTML as a JavaScript string that may stand in a script."""
    return json.dumps(html.decode()).replace("</", "<\\/").replace("<!--", "<\\u0021--")
