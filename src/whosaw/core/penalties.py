"""The penalties and rights of a case, answered: each as a range with its arithmetic. A range is a bound, never a forecast."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

from .document import told_as
from .law_items import Area, PaymentText
from .ranges import Range
from .truth import Answer, Truth

__all__ = ["NO_FURTHER_GROUND", "Cap", "Imposed", "ImposedSum", "PaymentAnswer", "Step"]

NO_FURTHER_GROUND: Final = "no further ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the arithmetic: what was done, and what came out."""

    text: str
    value: Range = field(metadata=told_as(among=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """`bounds` hold whatever is still unknown. `reference` is the same sum on the stated turnover of the last year alone,
    before anything that is still to be found out is taken off or added; None where there is no turnover to start from.
    """

    bounds: Range
    reference: Range | None
    turnover: Range | None
    steps: tuple[Step, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imposed:
    """What an authority did decide in this case."""

    penalty: str = field(metadata=told_as(never=True))
    currency: str
    amount: Range
    day: date
    by: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImposedSum:
    """A sum that was imposed, as a part of the cap and of the turnover, and for each person; empty where it cannot be worked out."""

    imposed: Imposed = field(metadata=told_as(among=True))
    share_of_cap_percent: str = field(default="", metadata=told_as(if_any=True))
    share_of_turnover_percent: str = field(default="", metadata=told_as(if_any=True))
    for_each_person_at_most: str = field(default="", metadata=told_as(if_any=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """One version of one penalty or right. `cap` is None where the law names no sum."""

    ALSO: ClassVar[tuple[str, ...]] = ("range", "each_person")

    payment: PaymentText = field(metadata=told_as(among=True))
    area: Area = field(metadata=told_as("place", lambda area: area.name))
    in_force: Answer
    applies: Answer
    grounds: Answer
    cap: Cap | None
    imposed: tuple[ImposedSum, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether the law surely applies to the case."""
        return self.applies.truth is Truth.YES

    @property
    def range(self) -> str:
        """The range in words."""
        if self.cap is None or self.payment.amount is None:
            return "no sum in the law"
        currency = self.payment.amount.currency
        least = int(self.payment.amount.least or 0)
        if self.cap.bounds.high is None:
            stated = self.cap.reference.high if self.cap.reference is not None else None
            alone = f" ({int(stated):,} on the stated turnover alone)" if stated is not None else ""
            return f"{currency} {least:,} to an amount that cannot be told{alone}"
        most = self.cap.bounds.high
        edge = "" if self.cap.bounds.exact else "at most "
        return f"{currency} {least:,} to {edge}{int(most):,}"

    @property
    def each_person(self) -> Range | None:
        """What one person can be awarded, where the law states it for each."""
        terms = self.payment.amount.terms if self.payment.amount is not None else ()
        found = [term.value for term in terms if term.kind == "per_person"]
        return Range(low=0, high=max(found)) if found else None
