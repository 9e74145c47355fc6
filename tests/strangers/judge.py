"""What a run's end is worth, by the truth log alone."""

from dataclasses import dataclass
from typing import Any

from .cases import SAFE, Case
from .world import World

DONE, RIGHT, NEEDLESS, WRONG = "done", "stopped right", "stopped needlessly", "WRONG"
KINDS = (DONE, RIGHT, NEEDLESS, WRONG)


@dataclass
class Verdict:
    kind: str
    why: str = ""


def faults(world: World, told: dict[str, Any]) -> list[str]:
    """Everything that must never be, whatever the case."""
    found, commits, target = [], world.commits(), world.target
    mine = [c for c in commits if c["order"] == target.no]
    if len(mine) > 1:
        found.append(f"{len(mine)} commits on the order")
    if len(mine) < len(commits):
        found.append(f"commit on another order: {[c['order'] for c in commits if c['order'] != target.no]}")
    if commits and world.dry:
        found.append("commit in a dry run")
    for each in mine:
        if each["reason"] != world.value:
            found.append(f"commit with reason {each['reason'] or 'none'!r} for {world.value!r}")
        if each.get("relist"):
            found.append("the item was relisted, unasked")
        if each.get("partial"):
            found.append("a partial refund was given")
        if each["note"] and each["note"] != world.note:
            found.append(f"another note was sent: {each['note']!r}")
    return found + lies(world, told, bool(mine))


def lies(world: World, told: dict[str, Any], committed: bool) -> list[str]:
    """What the product says that the truth log denies."""
    state, cancel = told.get("state"), world.target.cancel
    found = []
    if state == "cancelled" and not (cancel and cancel.state == "cancelled"):
        found.append(f"told cancelled; the site has {cancel and cancel.state}")
    if state == "pending" and not cancel and not any(e["event"] == "withdrawn" for e in world.truth):
        found.append("told pending; the site has no request")
    if state == "declined" and not (cancel and cancel.state == "declined") and world.case != "pending-gone":
        found.append("told declined; the site declined nothing")
    if state in {"refused", "failed", "rehearsed", "queued"} and committed:
        found.append(f"told {state}, that is nothing submitted; the site has a commit")
    if state is not None and committed and not told.get("submits"):
        found.append("told 0 submits; the site has a commit")
    waits = told.get("waits_for")
    if (
        state == "pending"
        and waits
        and cancel
        and cancel.state in {"platform", "seller", "refund"}
        and waits != cancel.state
    ):
        found.append(f"told that it waits for {waits}; it waits for {cancel.state}")
    return found


def rightly(world: World, told: dict[str, Any]) -> set[str]:
    """The codes with which a run must stop at this face of a console, whatever the case.

    A form that names the order nowhere; one that a script reads from an address that, by the facts, changes
    orders; a question before the form, whose yes may be the cancellation.
    """
    draw, codes = world.draw, set()
    if world.case == "twins" or not any(
        draw.odds(*each) for each in (("form.ids", 0.75), ("form.number", 0.75), ("submit.ids", 0.4))
    ):
        codes.add("no-sign")
    if not world.case.startswith("entry-") and "GET /sellerordmng/orderOperation/" in (
        told.get("detail") or ""
    ):
        codes.add("acts-at-once")
    if "asks before it shows a form" in (told.get("detail") or ""):
        codes.add("not-recognised")
    return codes


def met(world: World, case: Case, told: dict[str, Any]) -> bool:
    """Whether the run came as far as what is odd: a stop before that is no merit."""
    if case.met == "form":
        return any(each["event"] == "form" for each in world.truth)
    return not (case.met == "entry" and told.get("code") == "not-recognised")


def judge(world: World, case: Case, told: dict[str, Any], code: int | None) -> Verdict:
    wrong = faults(world, told)
    if wrong:
        return Verdict(WRONG, "; ".join(wrong))
    state = told.get("state")
    if state is None:
        return Verdict(NEEDLESS, f"no answer, exit {code}")
    cancel = world.target.cancel
    if state == "needs_human" and not world.commits() and told.get("code") in rightly(world, told):
        return Verdict(RIGHT, "as it must: " + told["code"])
    if case.dry:
        return Verdict(DONE) if state == "rehearsed" else Verdict(NEEDLESS)
    if (
        case.done
        and world.commits()
        and cancel
        and state == ("cancelled" if cancel.state == "cancelled" else "pending")
    ):
        return Verdict(DONE)
    if state in case.stops and met(world, case, told):
        return Verdict(RIGHT)
    if state not in SAFE | {"submitting", "pending", "queued", "cancelled", "declined"}:
        return Verdict(WRONG, f"an end that cannot be: {state}")
    return Verdict(NEEDLESS)
