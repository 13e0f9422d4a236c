"""What a breach item says: pools of addresses, and steps in which member numbers are walked."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Breach", "Pool", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Addresses that requests come from."""

    id: str
    network: str
    addresses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One phase. Days count from the shop's first day, half open.

    `walk` is "every-number" (holes are tried too, in the first round) or "customers" (known numbers only).
    `rounds` is how many times the walk is made, the last one in part. `block` numbers in a row go through one
    address, with `pause_ms` between them. `then` reads further pages of that share of the members just read.
    """

    id: str
    from_day: int
    to_day: int
    page: str
    walk: str
    pool: str
    agent: str
    block: int
    pause_ms: tuple[int, ...]  # quantiles
    hours: tuple[float, ...]
    start: float = 0.0
    at_most: int = 0  # numbers tried in a round; 0 is no limit
    share: float = 1.0
    rounds: float = 1.0
    then: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """The whole item. `key` is the signing key that tokens are forged with."""

    id: str
    title: str
    key: str
    pool: tuple[Pool, ...]
    step: tuple[Step, ...]
