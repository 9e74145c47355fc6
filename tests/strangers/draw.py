"""What the seed draws: each choice by its own name, so that a new choice leaves the others as they are."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


class Draw:
    """A console's face. `rebuilt` changes class names, ids and data attributes, and nothing else."""

    def __init__(self, seed: int, *, rebuilt: bool = False) -> None:
        self.seed = seed
        self.salt = f"{seed}/rebuilt" if rebuilt else f"{seed}"
        self.rebuilt = rebuilt
        self.ref = self.named("data", "ref")
        self.app = self.named("id", "app")

    def rng(self, name: str) -> random.Random:
        return random.Random(f"{self.seed}|{name}")

    def pick(self, name: str, options: Sequence[T]) -> T:
        digest = hashlib.sha256(f"{self.seed}|{name}".encode()).digest()
        return options[int.from_bytes(digest[:6], "big") % len(options)]

    def odds(self, name: str, share: float) -> bool:
        digest = hashlib.sha256(f"{self.seed}|{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48 < share

    def shuffled(self, name: str, things: Sequence[T]) -> list[T]:
        drawn = list(things)
        self.rng(name).shuffle(drawn)
        return drawn

    # -- names that builds of the site change ---------------------------------------------------------------

    def _hash(self, name: str, length: int) -> str:
        made = random.Random(f"{self.salt}|{name}")
        return "".join(made.choice(LETTERS) for _ in range(length))

    def named(self, kind: str, name: str) -> str:
        """A class name, an id or a data attribute, in the manner of this console's tools."""
        code = self._hash(f"{kind}|{name}", 6)
        manner = random.Random(f"{self.salt}|manner").choice(("css", "module", "sc", "plain"))
        if kind == "data":
            return f"data-{code.lower()}"
        if kind == "id":
            return {"css": f"r{code}", "module": f"ember{sum(map(ord, code))}", "sc": f"_{code}_0"}.get(
                manner, f"x-{code.lower()}"
            )
        return {
            "css": f"css-{code.lower()}",
            "module": f"_{code}_{len(name)}",
            "sc": f"sc-{code} {code[::-1]}",
        }.get(manner, f"u{code.lower()}")

    def mark(self, ref: str) -> str:
        return self._hash(f"ref|{ref}", 5)

    def css(self, name: str) -> str:
        return self.named("class", name)

    def id(self, name: str) -> str:
        return self.named("id", name)
