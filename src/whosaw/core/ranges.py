"""Numbers that are known between two bounds: counts of people and sums of money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from .document import told_as
from .truth import Truth

__all__ = ["UNKNOWN", "Range", "amount_json", "higher_of", "lower_of"]

Number = int | Decimal


def amount_json(value: Number | None) -> int | str | None:
    """A whole number as such, a fraction as a decimal text: money is never a binary float."""
    if value is None:
        return None
    return int(value) if value == int(value) else format(Decimal(value).normalize(), "f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From `low` to `high`, both in. `high` is None where no upper bound is known."""

    low: Number = field(metadata=told_as("lower", amount_json))
    high: Number | None = field(metadata=told_as("upper", amount_json))

    def __post_init__(self) -> None:
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise ValueError(f"bounds out of order: {self.low}..{self.high}")

    @classmethod
    def exactly(cls, value: Number) -> Range:
        return cls(low=value, high=value)

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def at_least(self, limit: Number) -> Truth:
        """Whether the number is `limit` or more."""
        if self.low >= limit:
            return Truth.YES
        return Truth.NO if self.high is not None and self.high < limit else Truth.OPEN

    def plus(self, other: Range) -> Range:
        high = None if self.high is None or other.high is None else self.high + other.high
        return Range(low=self.low + other.low, high=high)

    def less(self, other: Range) -> Range:
        """This without `other`, which is a part of it; never below zero."""
        low = Decimal(0) if other.high is None else max(Decimal(0), Decimal(self.low) - other.high)
        high = None if self.high is None else max(Decimal(0), Decimal(self.high) - other.low)
        return Range(low=low, high=high)

    def times(self, factor: Number) -> Range:
        return Range(low=self.low * factor, high=None if self.high is None else self.high * factor)

    def __str__(self) -> str:
        if self.high is None:
            return f"at least {_shown(self.low)}" if self.low else "not known"
        return _shown(self.low) if self.exact else f"{_shown(self.low)} to {_shown(self.high)}"


UNKNOWN: Final = Range(low=0, high=None)


def higher_of(ranges: Iterable[Range]) -> Range:
    """Bounds of the largest of several numbers: an unknown one leaves the upper bound open."""
    each = tuple(ranges)
    highs = [one.high for one in each]
    known = [high for high in highs if high is not None]
    return Range(
        low=max(one.low for one in each), high=max(known) if len(known) == len(highs) and known else None
    )


def lower_of(ranges: Iterable[Range]) -> Range:
    """Bounds of the smallest of several numbers: an unknown one cannot raise it above the others."""
    each = tuple(ranges)
    known = [one.high for one in each if one.high is not None]
    return Range(low=min(one.low for one in each), high=min(known) if known else None)


def _shown(value: Number) -> str:
    return f"{int(value):,}" if value == int(value) else f"{Decimal(value):,.2f}"
