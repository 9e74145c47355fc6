"""One-time codes as authenticator apps make them (RFC 6238: SHA-1, six digits, 30 s).

We do not use pyotp: sites hand out secrets of 80 bits, which it refuses since 2.12.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

INTERVAL = 30
"""Seconds for which a code is valid."""


def code_at(secret: str, moment: float) -> str:
    """The code of this moment (seconds since 1970). ``secret``: base32, spaces allowed; else ValueError."""
    text = re.sub(r"[\s=-]", "", secret).upper()
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    digest = hmac.new(key, int(moment // INTERVAL).to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"
