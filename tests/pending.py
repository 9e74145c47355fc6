"""Many orders whose cancellation is under way: one is really submitted, the others are its likes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from agent.domain.order import State
from agent.ledger.schema import events, orders
from tests.world import World


async def pending(world: World, shop: str, numbers: Sequence[str], reason: str) -> None:
    """The first order is cancelled by the program; the site and the ledger then know all of them alike.

    At the site each has its request and its line in the truth log, in the ledger its row and its history.
    """
    first = await world.cancel(shop, numbers[0], reason)
    assert first.state is State.PENDING, first
    with world.store.transaction():
        for table in ("cancellations", "truth"):
            known = world.store.row(f"SELECT * FROM {table} WHERE order_no=?", numbers[0])
            assert known is not None
            del known["id"]
            sql = f"INSERT INTO {table} ({','.join(known)}) VALUES ({','.join('?' * len(known))})"
            for number in numbers[1:]:
                world.store.do(sql, *{**known, "order_no": number}.values())
    engine = sa.create_engine(world.settings.database)
    with engine.begin() as db:
        row = dict(db.execute(sa.select(orders).where(orders.c.order_no == numbers[0])).mappings().one())
        mine = row.pop("id")
        history = db.execute(sa.select(events).where(events.c.order_id == mine).order_by(events.c.id))
        lines = [dict(line) for line in history.mappings()]
        db.execute(sa.insert(orders), [{**row, "order_no": number} for number in numbers[1:]])
        ids = db.scalars(sa.select(orders.c.id).where(orders.c.id != mine)).all()
        likes = [{k: v for k, v in line.items() if k != "id"} for line in lines]
        db.execute(sa.insert(events), [{**line, "order_id": one} for one in ids for line in likes])
    engine.dispose()
