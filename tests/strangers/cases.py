"""The cases: what is odd about an order or its console, and which ends are right there."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .draw import Draw
from .world import ROLES, World

SAFE = frozenset({"needs_human", "refused", "failed"})
"""Stopped with nothing submitted."""
SELLERS = ("ebay-seller", "dhgate-seller")


@dataclass(frozen=True)
class Case:
    """`done`: the order must be cancelled (or be pending, as the truth log has it). `stops`: states in which
    stopping is right. An end in neither, but safe, is "stopped needlessly"."""

    name: str
    done: bool = False
    stops: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ROLES
    arrange: Callable[[World], None] = field(default=lambda world: None)
    reason: str | None = None
    dry: bool = False
    met: str = ""
    """Where the odd thing stands, if a stop before it proves nothing: the entry, or the form."""


def _status(status: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        world.target.status = status

    return arrange


def _cancelled(world: World) -> None:
    world.target.cancel = world.cancelled(world.target, "cancelled", by=world.who, reason=world.value)


def _asked(world: World) -> None:
    other = "buyer" if world.who == "seller" else "seller"
    world.target.cancel = world.cancelled(world.target, "asked", by=other, reason=world.value)


def _twins(world: World) -> None:
    """Another order of the same listing, and of the same buyer."""
    target = world.target
    twin = world.made(
        world.draw.rng("twin"),
        item_id=target.item_id,
        title=target.title,
        buyer=target.buyer,
        buyer_id=target.buyer_id,
        total=target.total,
    )
    world.orders.insert(world.orders.index(target) + world.draw.pick("twin.at", (0, 1)), twin)


def _near(world: World) -> None:
    """Neighbours one digit off, and one whose number begins with the wanted one."""
    target, rng = world.target, world.draw.rng("near")
    last = str((int(target.no[-1]) + rng.randint(1, 9)) % 10)
    near = [world.made(rng, no=target.no[:-1] + last)]
    if world.platform == "dhgate":
        near.append(world.made(rng, no=target.no + "27"))
    at = world.orders.index(target)
    world.orders[at:at] = near if world.draw.odds("near.before", 0.6) else []
    if near[0] not in world.orders:
        world.orders += near


def _gone(world: World) -> None:
    world.orders.remove(world.target)


CASES = [
    Case("plain", done=True),
    Case("dry-run", dry=True),
    Case("already-cancelled", stops=frozenset({"cancelled"}), arrange=_cancelled),
    Case("shipped", stops=frozenset({"refused"}), arrange=_status("shipped")),
    Case("entry-post", stops=SAFE, met="entry"),
    Case("entry-fetch", stops=SAFE, met="entry"),
    Case("entry-get", stops=SAFE, met="entry"),
    Case("neighbour-form", stops=SAFE, met="entry"),
    Case("twins", done=True, arrange=_twins),
    Case("all-orders", stops=SAFE, met="form"),
    Case("question-swapped", done=True, stops=SAFE | {"submitting"}, met="form"),
    Case("misleading-present", done=True),
    Case("misleading-absent", stops=frozenset({"refused"}), met="form"),
    Case("reason-absent", stops=frozenset({"refused"}), met="form"),
    Case("box-reticks", stops=SAFE, roles=("ebay-seller",), met="form"),
    Case("partial-refund", done=True, stops=SAFE, roles=SELLERS, met="form"),
    Case("500-after", done=True),
    Case("503-before", done=True, stops=frozenset({"needs_human"})),
    Case("answer-lost", done=True),
    Case("pending-gone", done=True, stops=frozenset({"needs_human", "declined", "pending"})),
    Case("unpaid", done=True, arrange=_status("unpaid"), reason="unpaid", roles=SELLERS),
    Case("not-found", stops=frozenset({"refused"}), arrange=_gone),
    Case("other-party", stops=frozenset({"needs_human"}), arrange=_asked, roles=SELLERS),
    Case("list-stale", done=True),
    Case("signin-midway", done=True, stops=frozenset({"needs_human"})),
    Case("banner", done=True),
    Case("page-two", done=True),
    Case("near-number", done=True, arrange=_near),
]
BY_NAME = {case.name: case for case in CASES}

REASONS = {
    "ebay-seller": ("buyer-asked", "buyer-asked", "address-issue"),
    "ebay-buyer": ("mistake", "cheaper-elsewhere", "late-delivery", "other"),
    "dhgate-seller": ("buyer-asked", "agreed-with-buyer", "out-of-stock", "other"),
}
NOTES = {
    "ebay-seller": "The buyer wrote to us and wants this order cancelled",
    "ebay-buyer": "I ordered this twice by mistake, sorry",
    "dhgate-seller": "买家在站内信中要求取消该订单，双方已确认",
}


def world_for(seed: int, name: str, role: str | None = None, *, rebuilt: bool = False) -> tuple[World, Case]:
    case, draw = BY_NAME[name], Draw(seed, rebuilt=rebuilt)
    role = role or draw.pick(f"role.{name}", case.roles)
    reasons = ("buyer-asked",) if name.startswith("misleading") else REASONS[role]
    if name.startswith("misleading") and role == "ebay-buyer":
        reasons = ("mistake",)
    reason = case.reason or draw.pick(f"asked.{name}", reasons)
    world = World(draw, role, name, reason, note=NOTES[role], dry=case.dry)
    case.arrange(world)
    return world, case
