"""When so many signed people among so many are remarkable."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Bar", "nats", "needed"]

MONTH = 720 * 3_600 * 1_000_000  # 30 days


def nats(signed: int, people: int, usual: float) -> float:
    """Chernoff's bound: chance gives at least so many of so many with a probability of at most exp(-nats). 0 where there are no
    more than usual. Rounded to a millionth."""
    if signed <= people * usual:
        return 0.0
    rest = people - signed
    among = signed * math.log(signed / (people * usual))
    others = rest * math.log(rest / (people * (1 - usual))) if rest else 0.0
    return round(among + others, 6)


def needed(actors: int, chance: float, window: int) -> float:
    """So many nats that fewer than `chance` of so many actors pass by luck in a month, which has many such windows."""
    return round(math.log(max(1, actors) * (MONTH / window) / chance), 6) if chance else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What an actor must pass within one window."""

    usual: float
    least_share: float
    least_times: float
    nats: float

    def passed(self, signed: int, people: int) -> bool:
        floor = round(max(self.least_share, self.least_times * self.usual) * people, 6)
        return signed >= floor and nats(signed, people, self.usual) >= self.nats
