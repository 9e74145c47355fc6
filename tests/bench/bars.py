"""A picture of stacked bars as SVG, for a light and a dark page alike; labels and legend in it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

COLOURS = ("#6f9bd1", "#72b7b2", "#f2b14a", "#b279a2", "#9aa0a6")
"""Each is light enough for the dark figures in it, and dark enough to stand out on white."""
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 860, 150, 70, 64, 34, 16
STYLE = """
 text{font:14px system-ui,"Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif;fill:#1f2328}
 .panel{fill:#ffffff;stroke:#d0d7de} .in{fill:#10131a} .total{font-weight:600}
 @media (prefers-color-scheme:dark){text:not(.in){fill:#e6edf3} .panel{fill:#161b22;stroke:#30363d}}
"""


def draw(title: str, bars: Mapping[str, Mapping[str, float]]) -> str:
    """``bars``: by label its parts in seconds; all have the same parts, drawn in their order."""
    names = list(next(iter(bars.values())))
    colour = dict(zip(names, COLOURS, strict=True))
    scale = (WIDTH - LEFT - RIGHT) / max(sum(parts.values()) for parts in bars.values())
    height = TOP + len(bars) * (BAR + GAP) + 8
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="panel" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
        _text(16, 26, title, "total"),
    ]
    for n, name in enumerate(names):
        lines.append(_box(LEFT + n * 110, 38, 14, 14, colour[name]))
        lines.append(_text(LEFT + n * 110 + 20, 50, name))
    for n, (label, parts) in enumerate(bars.items()):
        x, y = float(LEFT), TOP + n * (BAR + GAP)
        lines.append(_text(LEFT - 12, y + 22, label, anchor="end"))
        for name, seconds in parts.items():
            lines.append(_box(x, y, seconds * scale, BAR, colour[name]))
            if seconds * scale > 34:  # room for the figure
                lines.append(_text(x + seconds * scale / 2, y + 22, f"{seconds:.2f}", "in", "middle"))
            x += seconds * scale
        lines.append(_text(x + 8, y + 22, f"{sum(parts.values()):.2f} s", "total"))
    return "\n".join([*lines, "</svg>\n"])


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f'<text{mark} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
