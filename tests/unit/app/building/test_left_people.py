"""Who is left of an entity is looked for in months that moved, and told from all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from tests.unit.actors.telling.crutch import by_number

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.marking.flagged import Flagged, sign_of
from whosaw.actors.marking.holding import Asked
from whosaw.actors.marking.left_over import Left
from whosaw.actors.sliding import Peak
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.told import Told
from whosaw.app.building.left_people import LeftPeople
from whosaw.core.finding import Actor
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_ascending

EXPLANATIONS = load_explanations(cases=False)
DETECTOR, CLAUSE = next(
    (detector, clause)
    for detector in load_detectors(EXPLANATIONS, cases=False).values()
    for clause in detector.clauses
    if clause.group_by == ("address",) and not sign_of(clause)
)
PLAN = Plan.of([DETECTOR], Told(explanations=(), signs=()))
ASKED = Asked(plan=PLAN, detectors={DETECTOR.id: DETECTOR})
FLAG = Flagged(
    key=b"k" * 16, detector=DETECTOR, clause=CLAUSE, entity=7, peaks=(Peak(reached_at=0),),
    actor=Actor(by=CLAUSE.group_by, values=(7,), digest=""),
)  # fmt: skip
JANUARY, FEBRUARY = (date(2026, month, 5).toordinal() - date(1970, 1, 1).toordinal() for month in (1, 2))
FOUND, MINE = b"f" * 16, b"m" * 16


@dataclass
class Days:
    """By day, who was seen by which client at the address."""

    seen: dict[int, Mapping[int, int]]  # client: person
    read: list[int] = field(default_factory=list)  # days whose views were read

    def days(self, name: str) -> list[int]:
        return [] if name == "late" else sorted(self.seen)

    def digest(self, name: str, day: int) -> str:
        return f"{name} {sorted(self.seen[day].items())}"

    def rows(self, name: str, days: Sequence[int], columns: list[str] | None = None) -> pa.Table:
        if name == "lines":
            its = self.lines()
            return its.filter(pc.is_in(its["day"], pa.array(days, pa.int32()))).select(
                ["day", *(columns or [])]
            )
        schema = kind(name).in_hand
        rows: list[dict[str, Any]] = []
        if name == "views":
            self.read += days
        for day in days:
            if name == "present":
                rows.append({"day": day, "kind": PLAN.kind(CLAUSE), "entities": pack_ascending(pa.array([7]).to_numpy())})  # fmt: skip
            else:
                rows += [{"day": day, "client": client, "person": person, "address": 7, "signs": 0} for client, person in sorted(self.seen[day].items())]  # fmt: skip
        made = pa.Table.from_pylist(rows, schema)
        return made if columns is None else made.select(["day", *columns])

    def lines(self) -> pa.Table:
        """Client 1 was found by others, all others are of the flag."""
        rows = [
            {"day": day, "mark": mark, "clients": pack_ascending(pa.array(own, pa.int64()).to_numpy())}
            for day, clients in sorted(self.seen.items())
            for mark, own in ((FOUND, [1]), (MINE, sorted(clients.keys() - {1})))
        ]
        return pa.Table.from_pylist(rows, kind("lines").in_hand).select(["day", "mark", "clients"])


@dataclass
class Kept:
    told: Mapping[str, Left] = field(default_factory=dict)

    def load(self) -> Mapping[str, Left]:
        return self.told

    def store(self, told: Mapping[str, Left]) -> None:
        self.told = dict(told)


def left_of(days: Days, memo: Kept, found: Sequence[bytes] = (FOUND,)) -> tuple[int, int]:
    days.read.clear()
    left = LeftPeople(
        runs=days, asked=ASKED, digests=by_number, lines=days.lines().select(["day", "mark"]), memo=memo
    )
    told = left.of(FLAG, found, [MINE])
    left.keep()
    return told


def test_somebody_of_two_months_is_one_and_a_month_that_did_not_move_is_not_read() -> None:
    days, memo = Days({JANUARY: {1: 10, 2: 20, 3: 30}, FEBRUARY: {2: 20, 4: 40}}), Kept()
    assert left_of(days, memo) == (3, 3)  # 20, 30 and 40
    assert days.read == [JANUARY, FEBRUARY]
    assert left_of(days, memo) == (3, 3)
    assert days.read == []
    days.seen[FEBRUARY + 1] = {5: 50, 6: 30}
    assert left_of(days, memo) == (4, 4)
    assert days.read == [FEBRUARY, FEBRUARY + 1]
    assert left_of(days, Kept()) == (4, 4)


def test_a_month_in_which_others_were_found_is_read_again() -> None:
    days, memo = Days({JANUARY: {1: 10, 2: 20}, FEBRUARY: {4: 40}}), Kept()
    assert left_of(days, memo) == (2, 2)
    assert left_of(days, memo, found=[]) == (2, 3)
    assert days.read == [JANUARY, FEBRUARY]
    assert len(memo.told) == 2
    assert not pc.any(pa.array([len(people) == 0 for _, people in memo.told.values()])).as_py()
