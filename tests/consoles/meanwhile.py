"""What others do between the moment that a form is shown and the moment that it is submitted."""

from __future__ import annotations

import contextlib

from tests.consoles.store import Store


def happens(store: Store, kind: str, platform: str, order_no: str) -> None:
    """``other-asks``: the other party's own request. ``other-cancels``: the order is gone already."""
    from tests.consoles import dhgate, ebay

    order = store.order(platform, order_no)
    if order is None or store.cancellation(platform, order_no):
        return
    if platform == "dhgate":
        (dhgate.buyer_asks if kind == "other-asks" else dhgate.buyer_cancels)(store, order_no)
        return
    ebay.ask_as_buyer(store, order_no)
    if kind == "other-cancels":
        with contextlib.suppress(LookupError):
            ebay.decide(store, "ebay", order_no, True)
