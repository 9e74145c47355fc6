"""In practice no page is read before its server has proved to be the practice consoles."""

from __future__ import annotations

from playwright.async_api import Response

from agent.domain.errors import UsageError
from agent.domain.i18n import _


async def prove_target(response: Response | None, practice: str) -> None:
    """UsageError: the answer came from another server than ``practice`` (HOST:PORT), or from none."""
    server = await response.server_addr() if response else None
    seen = f"{server['ipAddress']}:{server['port']}" if server else "nowhere"
    if not server or not _same_address(seen, practice):
        raise UsageError(
            _(
                "UNSELL_PRACTICE says {practice}, but the browser reached {seen}: stopped",
                practice=practice,
                seen=seen,
            )
        )


def _same_address(seen: str, practice: str) -> bool:
    """Whether the server's address is the practice consoles', however this machine is called there."""
    host, _colon, port = practice.rpartition(":")
    local = {"localhost": ("127.0.0.1", "[::1]", "::1")}.get(host, (host, host.strip("[]")))
    return any(seen == f"{name}:{port}" for name in local)
