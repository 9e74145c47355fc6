"""Pictures of goods, drawn: the same item always gets the same colours and shape."""

from __future__ import annotations

import hashlib

SHAPES = (
    '<rect x="34" y="58" width="92" height="58" rx="8"/><circle cx="80" cy="87" r="22" fill="#fff"/>'
    '<circle cx="80" cy="87" r="13"/><rect x="58" y="46" width="26" height="14" rx="3"/>',
    '<path d="M52 40h56l22 22-14 14-8-6v56H52V70l-8 6-14-14z"/>',
    '<rect x="54" y="30" width="52" height="100" rx="9"/>'
    '<rect x="60" y="42" width="40" height="70" fill="#fff"/>'
    '<circle cx="80" cy="121" r="4" fill="#fff"/>',
    '<circle cx="80" cy="80" r="42"/><circle cx="80" cy="80" r="31" fill="#fff"/>'
    '<path d="M78 56h5v24l15 10-3 4-17-11z"/><rect x="66" y="24" width="28" height="14"/>'
    '<rect x="66" y="122" width="28" height="14"/>',
    '<path d="M48 52h64l10 76H38z"/>'
    '<path d="M62 62c0-34 36-34 36 0" fill="none" stroke="#fff" stroke-width="6"/>',
    '<path d="M28 104c24-2 34-14 44-34l18 12c10 8 24 14 42 16v18H28z"/>'
    '<rect x="28" y="114" width="104" height="7"/>',
)


def picture(seed: str) -> str:
    """An SVG of 160 x 160."""
    number = int(hashlib.sha256(seed.encode()).hexdigest()[:8], 16)
    hue, shape = number % 360, SHAPES[number // 360 % len(SHAPES)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 160" width="160" height="160">'
        f'<rect width="160" height="160" fill="hsl({hue} 30% 93%)"/>'
        f'<g fill="hsl({hue} 42% 42%)">{shape}</g></svg>'
    )
