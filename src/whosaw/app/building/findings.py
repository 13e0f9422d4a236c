"""From flags to findings: the step that marks the views of a day, and what is told of the whole outside of any step.

Which flags are about a day is a source (`flagged`). Parties and findings are made whole from all marks, each time that any flag or mark moved: that is small, and no run of any day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.marking.flagged import ASKED_OF_DAYS, Flagged, Shown, in_force
from whosaw.actors.marking.flagged_days import day_flags
from whosaw.actors.marking.holding import Asked, Hand
from whosaw.actors.marking.marks import MARKS, marks_of_day
from whosaw.actors.signing.signs import DAYS_BACK
from whosaw.actors.summing.manners import with_manners
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.who import Digests, column
from whosaw.actors.telling.find import Party, find
from whosaw.actors.telling.kept import Kept
from whosaw.actors.telling.parties import parties
from whosaw.build.fact import Fact
from whosaw.build.state import Runs
from whosaw.build.step import Inputs, Read, Span, Step
from whosaw.store.distinct import distinct
from whosaw.store.kinds import kind
from whosaw.store.person_sets import bitmap, unpack_rows

from .believing import Believed
from .left_people import LeftPeople, Memo
from .setup import Setup
from .sums import flags_of, plan_of

__all__ = ["People", "Telling", "makers_of"]

Ints = npt.NDArray[np.int64]
_NOBODY: Final = np.empty(0, np.int64)
_BESIDE: Final = ("views", "answers", "manners")
_ROWS: Final = 1 << 17  # views that are looked at together
_NAMED: Final = {"canaries": "person", "staff": "staff"}
"""Tables of the context that name whom marks ask about, each with the column that does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom the context names, by their numbers: people whom nobody should read, and principals that are staff."""

    planted: Ints = field(default_factory=lambda: _NOBODY)
    staff: Ints = field(default_factory=lambda: _NOBODY)

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table]) -> People:
        """From rows of the context, with the numbers that the ledger has of them."""
        known = (distinct(column(tables[name], of)) for name, of in _NAMED.items())
        planted, staff = (each[each >= 0] for each in known)
        return cls(planted=planted, staff=staff)


# -- marks of a day


def makers_of(setup: Setup) -> tuple[Step | Fact, ...]:
    """The step that marks views. Which fields of a clause decide its rows stands in what it reads of flags."""
    return (
        Step(
            name="mark",
            reads=(
                Read(kind="flagged"),
                *(Read(kind=each, asks=False) for each in _BESIDE),
                Read(kind="late", on=DAYS_BACK, asks=False),
                *(Read(kind=each, asks=False) for each in _NAMED),
            ),
            keeps=MARKS,
            run=partial(_mark, setup, plan_of(setup)),
            memory=lambda rows: 130 * rows + (64 << 20),  # measured on a replay of three million lines
        ),
    )


def _mark(setup: Setup, plan: Plan, inputs: Inputs, span: Span) -> Mapping[str, pa.Table]:
    flagged, late = inputs.rows("flagged"), inputs.rows("late").sort_by("view_day")
    views, answers, manners = (inputs.rows(each) for each in _BESIDE)
    named = {name: inputs.rows(name, [column]) for name, column in _NAMED.items()}
    digests = _digests(inputs.digests)
    parts: dict[str, list[pa.Table]] = {name: [kind(name).in_hand.empty_table()] for name in MARKS}
    for first, last in _together(views, span):
        some = [_of_days(each, first, last).combine_chunks() for each in (views, answers, manners)]
        known = _of_days(late, first, last, "view_day").combine_chunks()
        whole = Hand(views=with_manners(some[0], some[2]), answers=some[1], late=known)
        for day in range(first, last + 1):
            rows = _of_day(flagged, day)
            if not rows.num_rows:
                continue
            told = day_flags(rows, setup.detectors)
            people = People.of({name: _of_day(each, day) for name, each in named.items()})
            asked = Asked(plan=plan, detectors=setup.detectors, planted=people.planted, staff=people.staff)
            hand = _hand(whole, day)
            made = marks_of_day(hand, told.flags, bearing=told.bearing, asked=asked, digests=digests)
            for name, its in made.items():
                days = pa.array(np.full(its.num_rows, day), pa.int32())
                parts[name].append(its.add_column(0, "day", days))
    return {name: pa.concat_tables(of) for name, of in parts.items()}


def _together(views: pa.Table, span: Span) -> Iterator[tuple[int, int]]:
    """Days, the first and the last of so many as are looked at together."""
    days = column(views, "day")
    first = span.first
    while first <= span.last:
        end = int(np.searchsorted(days, first)) + _ROWS
        last = span.last if end >= len(days) else max(first, int(days[end]) - 1)
        yield first, last
        first = last + 1


def _of_days(rows: pa.Table, first: int, last: int, day: str = "day") -> pa.Table:
    """The rows of some days, in the order of which they lie."""
    start, end = np.searchsorted(rows[day].to_numpy(), [first, last + 1]).tolist()
    return rows.slice(start, end - start)


def _of_day(rows: pa.Table, day: int) -> pa.Table:
    """The rows of a day, which lie together."""
    return _of_days(rows, day, day)


def _hand(whole: Hand, day: int) -> Hand:
    start, end = np.searchsorted(whole.column("day"), [day, day + 1]).tolist()
    return whole.part(start, end, _of_days(whole.late, day, day, "view_day"))


def _digests(digests: Digests) -> Digests:
    return lambda name, numbers: digests("way" if name == "manner" else name, numbers)


# -- the whole


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What is told of all that is kept. `left`: who was left of large entities when that was asked last."""

    runs: Runs
    setup: Setup
    shown: Shown
    digests: Digests
    people: People
    left: Memo | None = None

    def found(self) -> tuple[Kept, list[Party]]:
        """The findings, in the order in which they were raised, with what they are told from."""
        plan = plan_of(self.setup)
        kept = Kept(self._flags(), self.runs)
        asked = Asked(
            plan=plan, detectors=self.setup.detectors, planted=self.people.planted, staff=self.people.staff
        )
        left = LeftPeople(
            runs=self.runs,
            asked=asked,
            digests=_digests(self.digests),
            lines=kept.rows("lines"),
            memo=self.left,
        )
        of = parties(
            kept,
            lambda flag, found, mine: left.of(kept.flags[flag], found, mine),
            explanations=EXPLAINED_BY,
            staff=self.people.staff,
            planted=self.people.planted,
        )
        left.keep()
        told = find(
            kept,
            of,
            explanations=EXPLAINED_BY,
            why_not=self._why_not(),
            pages={number: page.categories for number, page in self.setup.pages.items()},
            seen_until=self._seen_until,
            digests=self.digests,
        )
        return kept, told

    def _flags(self) -> tuple[Flagged, ...]:
        told = [each for each in kind("flags").columns.names if each not in ASKED_OF_DAYS]
        rows = (
            (detector, clause, self.runs.rows(name, self.runs.days(name), told))
            for name, detector, clause in flags_of(self.setup)
        )
        return in_force(rows, self.shown)

    @cached_property
    def believed(self) -> Believed:
        """What of the context is believed."""
        return Believed.of(self.setup.stated, self.runs)

    def _why_not(self) -> dict[str, str]:
        """By explanation why it could not be told, where it could not."""
        return {
            name: each.why_not(self.believed) or each.gap for name, each in self.setup.explanations.items()
        }

    def _seen_until(self, day: int, marks: Collection[bytes], instant: int) -> BitMap:
        lines = self.runs.rows("lines", [day], ["mark", "positions"])
        wanted = pc.is_in(lines["mark"], pa.array(list(marks), lines["mark"].type))
        at = distinct(unpack_rows(lines.filter(wanted)["positions"])[0])
        views = self.runs.rows("views", [day], ["person", "time"]).take(pa.array(at))
        return bitmap(column(views.filter(pc.field("time") <= instant).drop_null(), "person"))
