"""Every kind of damage by name."""

from __future__ import annotations

from .deleted_after_hold import DeletedAfterHold
from .delivered_again import DeliveredAgain
from .duplicated_lines import DuplicatedLines
from .lost_hours import LostHours
from .lost_month import LostMonth
from .missing_source import MissingSource
from .plan import Damage
from .rotated_field import RotatedField
from .skewed_clock import SkewedClock
from .torn_lines import TornLines

__all__ = ["KINDS"]

KINDS: dict[str, type[Damage]] = {
    kind.kind: kind
    for kind in (
        DeletedAfterHold,
        DeliveredAgain,
        DuplicatedLines,
        LostHours,
        LostMonth,
        MissingSource,
        RotatedField,
        SkewedClock,
        TornLines,
    )
}
