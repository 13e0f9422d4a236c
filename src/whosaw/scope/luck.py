"""How far luck reaches: bounds of Poisson numbers that hold but for a given chance, by Chernoff's bound.

Source: H. Chernoff, Annals of Mathematical Statistics 23 (1952), 493-507. The bounds are never too small.
"""

from __future__ import annotations

from math import ceil, log

__all__ = ["at_most", "mean_at_most", "nats"]


def nats(signed: int, people: int, usual: float) -> float:
    """At least so many of so many have a probability of at most exp(-nats) where `usual` is the share of each."""
    if signed <= people * usual:
        return 0.0
    rest = people - signed
    others = rest * log(rest / (people * (1 - usual))) if rest else 0.0
    return signed * log(signed / (people * usual)) + others


def at_most(mean: float, chance: float) -> int:
    """A Poisson number of this mean is larger with less than `chance`."""
    if mean <= 0:
        return 0
    low, high = mean, 2 * mean + 4 * log(1 / chance) + 10
    for _ in range(100):
        middle = (low + high) / 2
        unlikely = middle * log(middle / mean) - middle + mean >= log(1 / chance)
        low, high = (low, middle) if unlikely else (middle, high)
    return ceil(high) - 1


def mean_at_most(seen: int, chance: float) -> float:
    """The largest mean under which so few are seen with at least `chance`."""
    low, high = float(seen), 2.0 * seen + 4 * log(1 / chance) + 10
    for _ in range(100):
        middle = (low + high) / 2
        fall = seen * log(seen / middle) if seen else 0.0
        unlikely = middle - seen + fall >= log(1 / chance)
        low, high = (low, middle) if unlikely else (middle, high)
    return high
