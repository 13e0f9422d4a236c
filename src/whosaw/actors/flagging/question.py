"""One clause of a detector as it is asked of sums and views: of whom, what counts, which windows, and how far back they reach."""

from __future__ import annotations

from dataclasses import dataclass

from whosaw.actors.detectors import Clause, Detector
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Rule
from whosaw.core import client

__all__ = ["DAY", "Question", "share_step"]

DAY = 86_400_000_000  # microseconds
_SHARES = 60  # a share is told from sixtieths of a window (`sliding`)


def share_step(length: int) -> int:
    """To which microseconds the start of a window of that length is rounded down, where a share of its views is asked."""
    return max(1, length // _SHARES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A clause with its detector, and what the sums call what it asks."""

    detector: Detector
    clause: Clause
    plan: Plan

    @property
    def grouping(self) -> Grouping:
        return Grouping.of(self.clause)

    @property
    def kind(self) -> int:
        """The kind of entity."""
        return self.plan.kind(self.clause)

    @property
    def rule(self) -> Rule:
        """Which views count."""
        return Rule.of(self.detector, self.clause)

    @property
    def pair(self) -> int:
        """Of a clause that asks a sign, its number among what the sums hold of signs."""
        return self.plan.pair(self.detector, self.clause)

    @property
    def windows(self) -> list[tuple[int, int]]:
        """Length in microseconds and bar of each window."""
        return [(window.micros, window.persons) for window in self.clause.windows]

    @property
    def traits(self) -> list[str]:
        """The columns of views that say whose they are."""
        clause = self.clause
        names = ["way" if name == "manner" else name for name in (*clause.group_by, *clause.lacks)]
        names += ["client"] if set(clause.group_by) == set(client.SENT) else []
        names += ["agent"] if clause.agent_matches else []
        return list(dict.fromkeys(names))

    def back(self, length: int) -> int:
        """How many days before the day of its end a window of that length reaches."""
        if not self.clause.least_share:
            return -(-length // DAY)
        step = share_step(length)  # the start is rounded down to one of these
        return -(-(length if DAY % step == 0 else length + step) // DAY)

    @property
    def furthest(self) -> int:
        """How many days before a day are looked at to judge it."""
        return max(self.back(length) for length, _ in self.windows)
