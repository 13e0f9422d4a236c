"""The oracle on worlds that nobody chose: no order and no cut moves a flag, a day more moves all of them by a day, and where the page of
the design changes nothing the program of now finds the same."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.cases import TIMES
from tests.oracle.detect import Flag, Oracle
from tests.oracle.rows import DAY, Client
from tests.oracle.test_items import DETECTORS, EXPLANATIONS
from tests.oracle.worlds import World, cuts, worlds
from tests.wide import examples

from whosaw.actors.cases import Case, Row
from whosaw.actors.detectors import Detector, load_detectors
from whosaw.actors.explanation import load_explanations, prepare
from whosaw.actors.flags import Memory, flags
from whosaw.actors.run import asks_manners, needed, signs_of, why_untold
from whosaw.actors.signs import make_views
from whosaw.store.sql import Session

LOWER = {"30d": 4, "1d": 3, "1h": 2}  # bars that such small worlds reach
FIXED = (
    "account-of-leaver", "bulk-records", "canary-hit", "colleague-record", "contract-ended", "key-of-leaver", "key-out-of-use",
    "list-to-its-end", "own-record", "public-figure", "reads-another", "relative-record", "persons-per-client",
)  # fmt: skip
"""Detectors all of whose bars are numbers: letters a and h alone, which change nothing within 28 days but hours of logins."""


def lowered(item: Mapping[str, Any]) -> dict[str, Any]:
    """A detector with bars that a small world reaches."""
    other = copy.deepcopy(dict(item))
    for clause in other["clause"]:
        for name in ("persons", "records"):
            if name in clause:
                clause[name] = {length: min(number, LOWER[length]) for length, number in clause[name].items()}
        if "records" in clause and "pages" in clause:
            clause["pages"] = 2
    return other


ITEMS = {name: lowered(item) for name, item in DETECTORS.items()}


def found(oracle: Oracle, names: Iterable[str] = ITEMS) -> list[Flag]:
    return [flag for name in names for flag in oracle.flags(ITEMS[name])]


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_no_order_and_no_cut_moves_a_flag(data: st.DataObject) -> None:
    world = data.draw(worlds())
    whole = found(Oracle(world.log(), EXPLANATIONS))
    assert found(Oracle(data.draw(cuts(world)), EXPLANATIONS)) == whole


def later(
    rows: Iterable[Mapping[str, Any]], by: int, names: Iterable[str] = ("time",)
) -> list[dict[str, Any]]:
    return [{**row, **{name: row[name] + by for name in names if row.get(name) is not None}} for row in rows]


@settings(max_examples=examples(25), deadline=None)
@given(worlds(), st.integers(1, 500))
def test_some_days_more_move_every_flag_by_these_days(world: World, days: int) -> None:
    by = days * DAY
    moved = World(
        views=later(world.views, by), others=later(world.others, by),
        tables={name: later(rows, by, TIMES.get(name, ())) for name, rows in world.tables.items()},
    )  # fmt: skip
    here, there = found(Oracle(world.log(), EXPLANATIONS)), found(Oracle(moved.log(), EXPLANATIONS))
    assert [(each.detector, each.clause, each.entity, each.raised + by) for each in here] == [
        (each.detector, each.clause, each.entity, each.raised) for each in there
    ]


def test_worlds_hold_something_to_find() -> None:
    """Each fixed bar is reached in some of them, or a comparison of flags would compare nothing."""
    reached: Counter[str] = Counter()

    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    @given(worlds(most_days=28))
    def look(world: World) -> None:
        reached.update({each.detector for each in found(Oracle(world.log(), EXPLANATIONS))})

    look()
    assert set(reached) >= set(FIXED), sorted(set(FIXED) - set(reached))


# Against the program of now.


def case_of(world: World) -> Case:
    """The same world as the program's own cases are written."""

    def row(said: Mapping[str, Any]) -> Row:
        texts = {
            name: said[name] for name in ("person", *Client._fields, "route") if said.get(name) is not None
        }
        return Row(
            at=said["time"], every=0, count=1, cycle=1, texts=texts, times={}, extra_at_most=said.get("extra"),
            status=said.get("status"),
        )  # fmt: skip

    def context_row(table: str, said: Mapping[str, Any]) -> Row:
        texts = {name: _text(value) for name, value in said.items() if name not in TIMES.get(table, ())}
        times = {name: value for name, value in said.items() if name in TIMES.get(table, ())}
        return Row(at=None, every=0, count=1, cycle=1, texts=texts, times=times)

    return Case(
        title="", expect="none", views=tuple(map(row, world.views)), events=tuple(map(row, world.others)),
        context={name: tuple(context_row(name, each) for each in rows) for name, rows in world.tables.items()},
        sessions_last=None, raised_at=None, persons_before=None, persons=None,
    )  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, list):
        return ";".join(value)
    return {0: "no", 1: "yes"}[value] if isinstance(value, int) else str(value)


def program_flags(world: World, detectors: Iterable[Detector]) -> dict[str, list[tuple[str, int]]]:
    """By detector, clauses and instants of all flags; nothing of one that cannot tell."""
    explanations = load_explanations()
    tables = case_of(world).tables()
    told: dict[str, list[tuple[str, int]]] = {}
    with Session() as session:
        for name, table in tables.relations.items():
            session.register(name, table)
        context = prepare(session, tables.context).context
        for detector in detectors:
            if why_untold(detector, context):
                continue
            tried = needed([detector], explanations)
            make_views(session, context, tried, signs_of([detector]), manners=asks_manners(detector))
            made = flags(session, detector, [explanations[each] for each in detector.explanations], Memory())
            told[detector.id] = sorted((flag.clause.id, flag.raised_at) for flag in made)
    return told


def lowered_detectors() -> list[Detector]:
    """The program's detectors with the same bars as `ITEMS`."""
    from dataclasses import replace

    made = []
    for detector in load_detectors(load_explanations()).values():
        if detector.id not in FIXED:
            continue
        clauses = tuple(
            replace(
                clause,
                windows=tuple(
                    replace(each, persons=min(each.persons, LOWER[each.length])) if each.length else each
                    for each in clause.windows
                ),
                pages=2 if clause.pages else 0,
            )
            for clause in detector.clauses
        )
        made.append(replace(detector, clauses=clauses, cases=()))
    return made


LOWERED = lowered_detectors()


def told_by_hours(detector: str, clause: str) -> bool:
    """Whether a clause counts what was never issued, which hangs on whole hours of logins (letter h)."""
    return (
        next(each for each in DETECTORS[detector]["clause"] if each["id"] == clause)["counts"]
        == "unexplained"
    )


@settings(max_examples=8, deadline=None)
@given(worlds(most_days=28))
def test_the_program_of_now_finds_the_same_where_bars_are_numbers(world: World) -> None:
    oracle = Oracle(world.log(), EXPLANATIONS)
    theirs = program_flags(world, LOWERED)
    mine = {
        name: sorted((each.clause, each.raised) for each in oracle.flags(ITEMS[name]))
        for name in FIXED
        if not oracle.untold(ITEMS[name])
    }
    assert mine.keys() == theirs.keys()
    for name, each in mine.items():
        by_hours = "logins" in world.tables
        one, other = (
            [flag for flag in flags_of if not (by_hours and told_by_hours(name, flag[0]))]
            for flags_of in (each, theirs[name])
        )
        assert one == other, name
