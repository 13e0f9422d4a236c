"""Which days are marked, and when they are marked again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from tests.unit.actors.summing.small import DETECTORS

from whosaw.actors import Clause
from whosaw.actors.explaining.answers import EXPLAINED_BY
from whosaw.actors.marking.flagged import Holder
from whosaw.actors.marking.flagged_days import FLAGGED, AllFlags, ClauseFlags, day_flags
from whosaw.actors.signs import SIGNS
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.sums import CLIENTS
from whosaw.actors.summing.told import Told as ToldOfItems
from whosaw.store.kinds import kind
from whosaw.store.person_sets import pack_runs

NEVER = DETECTORS["token-never-issued"]
PLAN = Plan.of(DETECTORS.values(), ToldOfItems(explanations=EXPLAINED_BY, signs=SIGNS))
(ADDRESS,) = (each for each in NEVER.clauses if each.id == "address")
PRESENT = [
    (day, {PLAN.kind(ADDRESS): np.array(there), CLIENTS: np.array(clients)})
    for day, there, clients in ((1, [4, 7], [3, 4, 6]), (2, [4], []), (3, [7, 9], [3, 5]))
]


def pack_runs_of(*numbers: int) -> bytes:
    packed: bytes = pack_runs(np.array(numbers), np.array([0, len(numbers)]), fewest=0)[0].as_py()
    return packed


def flag(entity: int, clause: Clause = ADDRESS, **more: object) -> tuple[Clause, dict[str, object]]:
    row = {"day": 1, "key": entity.to_bytes(16, "big"), "entity": entity, "raised": 5, "window": 30}
    return clause, {**row, **more}


class Told:
    """What is said of each of the days."""

    def __init__(self, flags: AllFlags) -> None:
        self.flags = flags
        self._of = {day: flags.on(there) for day, there in PRESENT} if flags else {}
        self.digests = {day: flags.digest(found) for day, found in self._of.items()}
        self.rows = {day: flags.many(found) for day, found in self._of.items()}

    def of(self, *days: int) -> pa.Table:
        return pa.concat_tables([
            FLAGGED.empty_table(), *(self.flags.rows(day, self._of[day]) for day in days if self._of)
        ])  # fmt: skip


def asked(*flags: tuple[Clause, dict[str, object]], later: int = 0) -> Told:
    """The first of the flags are of days that are put together, so many of the others stand beside them."""
    of: dict[Clause, list[dict[str, object]]] = {}
    for clause, row in flags:
        of.setdefault(clause, []).append(row)
    columns = kind("flags").in_hand
    clauses = []
    for clause, rows in of.items():
        told = pa.Table.from_pylist(rows, columns)
        some, beside = (
            ClauseFlags.of(NEVER, clause, each)
            for each in (told.slice(0, len(rows) - later), told.slice(len(rows) - later))
        )
        clauses.append(replace(some, later=beside.rows))
    return Told(AllFlags(clauses, PLAN))


def holders(found: Told, day: int) -> list[Holder]:
    return sorted(day_flags(found.of(day), DETECTORS).flags, key=lambda each: each.entity)


def numbers(*sets: np.ndarray | None) -> list[list[int] | None]:
    return [None if each is None else each.tolist() for each in sets]


def test_a_day_is_marked_for_the_flags_whose_entity_it_holds() -> None:
    told = asked(flag(7), flag(9))
    assert [[each.entity for each in holders(told, day)] for day in (1, 2, 3)] == [[7], [], [7, 9]]
    assert told.of(1, 2, 3).num_rows == sum(told.rows.values()) == 3 + 3 + 3  # flags, asked, bearing


def test_a_flag_of_several_days_holds_the_clients_of_all_of_them_and_the_homes_of_its_first() -> None:
    late = flag(7, raised=8, day=2, clients=pack_runs_of(4, 6), homes=pack_runs_of(1))
    early = flag(7, raised=5, clients=pack_runs_of(3, 4), homes=pack_runs_of(2))
    (of_both,) = holders(asked(late, early), 1)
    assert numbers(of_both.clients, of_both.homes) == [[3, 4, 6], [2]]
    (on_another_day,) = holders(asked(late, early), 3)
    assert numbers(on_another_day.clients, on_another_day.homes) == [
        [3],
        [2],
    ]  # of those listed, who was there
    (of_one,) = holders(asked(early, flag(7, raised=8, day=2)), 1)
    assert numbers(of_one.clients, of_one.homes) == [[3, 4], [2]]
    (of_all,) = holders(asked(flag(7)), 1)
    assert numbers(of_all.clients, of_all.homes) == [None, None]


def test_rows_of_further_days_say_of_flags_what_all_rows_at_once_do() -> None:
    rows = [
        flag(9, clients=pack_runs_of(8))[1],
        flag(7, raised=8, day=2, clients=pack_runs_of(4, 6), homes=pack_runs_of(1))[1],
        flag(2, raised=3)[1],
        flag(7, raised=5, day=3, clients=pack_runs_of(3, 4), homes=pack_runs_of(2))[1],
        flag(4, day=3)[1],
    ]
    told = pa.Table.from_pylist(rows, kind("flags").in_hand)
    every = ClauseFlags.of(NEVER, ADDRESS, told).rows
    for first in range(len(rows) + 1):
        some = ClauseFlags.of(NEVER, ADDRESS, told.slice(0, first))
        assert some.with_more(told.slice(first)).rows.equals(every), first
    assert every.num_rows == 4


def test_a_day_without_a_flag_is_asked_who_else_is_there_once_anybody_is_flagged() -> None:
    assert (asked().of(1, 2, 3).num_rows, asked().digests) == (0, {})
    told = asked(flag(9))
    assert set(told.of(1, 2, 3)["day"].to_pylist()) == told.digests.keys() == {1, 2, 3}
    of_two = day_flags(told.of(2), DETECTORS)
    assert (of_two.flags, of_two.bearing) == ((), frozenset([("token-never-issued", "address")]))


def test_a_day_is_marked_again_where_what_is_asked_of_it_changed_and_not_where_a_bar_or_a_text_did() -> None:
    before = asked(flag(9)).digests
    same = replace(ADDRESS, why="because", windows=(), confidence="low", chance=0.5)
    assert asked(flag(9, same, raised=7)).digests == before
    again = asked(flag(9, replace(ADDRESS, counted="not-explained"))).digests
    assert {day for day in before if again[day] != before[day]} == {3}
    listed = asked(flag(9, clients=pack_runs_of(3))).digests
    assert {day for day in before if listed[day] != before[day]} == {3}
    wider = asked(flag(9, clients=pack_runs_of(3, 4)), flag(7, clients=pack_runs_of(4)))
    widest = asked(flag(9, clients=pack_runs_of(3, 4)), flag(7, clients=pack_runs_of(4, 5, 8)))
    assert wider.digests[1] == widest.digests[1]  # who is listed now was not there
    assert wider.digests[3] != widest.digests[3]


def test_what_stands_beside_says_the_same_as_what_is_put_together() -> None:
    flags = [
        flag(9, clients=pack_runs_of(3, 8)),
        flag(7, raised=8, day=2, clients=pack_runs_of(4, 6), homes=pack_runs_of(1)),
        flag(4, raised=3),
        flag(7, raised=5, day=3, clients=pack_runs_of(3, 4), homes=pack_runs_of(2)),
        flag(9, raised=9, day=3, clients=pack_runs_of(3, 5)),
        flag(2, day=3),
    ]
    every = asked(*flags)
    for later in range(len(flags) + 1):
        told = asked(*flags, later=later)
        assert (told.digests, told.rows) == (every.digests, every.rows), later
        assert told.of(1, 2, 3).equals(every.of(1, 2, 3)), later


def test_flags_say_of_which_entities_they_say_something_else_than_before() -> None:
    before = asked(flag(9, clients=pack_runs_of(3)), flag(4))
    kind_of = PLAN.kind(ADDRESS)

    def differing(*flags: tuple[Clause, dict[str, object]], later: int = 0) -> dict[int, list[int]] | None:
        told = asked(*flags, later=later).flags.differing(before.flags)
        return None if told is None else {of: its.tolist() for of, its in told.entities.items() if len(its)}

    same = flag(9, clients=pack_runs_of(3)), flag(4)
    assert differing(*same) == differing(*same, flag(4, raised=9, day=2), later=1) == {}
    assert differing(same[0]) == {kind_of: [4]}  # one went
    assert differing(*same, flag(7), later=1) == {kind_of: [7]}  # one came
    assert differing(same[0], flag(4, clients=pack_runs_of())) == {kind_of: [4]}  # lists nobody, not: no list
    assert differing(same[0], flag(4, homes=pack_runs_of(1))) == {kind_of: [4]}
    listed = flag(9, raised=9, day=2, clients=pack_runs_of(3, 6))
    assert differing(*same, listed, later=1) == differing(*same, listed) == {CLIENTS: [6]}
    assert differing() is None  # then no day is asked about anything
