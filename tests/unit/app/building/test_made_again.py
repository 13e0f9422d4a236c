"""What is made again when a day comes, or when a clause is edited; and what bounds leave to be looked at in a shop without a breach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.unit.actors.summing.small import DAY, DETECTORS, EXPLANATIONS
from tests.unit.app.building.by_steps import BySteps, given_of, setup_of

from whosaw.actors import Window
from whosaw.actors.signs import SIGNS
from whosaw.core import client
from whosaw.store.kinds import kind

FIRST, DAYS = 20_000, 34
ASKED = ("hollow-session", "persons-per-client", "page-surge", "staff-without-reason")


def shop(days: int = DAYS, breach: Sequence[int] = (30, 31)) -> dict[str, pa.Table]:
    """Homes of eight people each behind an address, who come every other day; one visit in a hundred is hollow. On days of a breach somebody
    reads sixty people in one hour, each in a visit that does nothing else."""
    views: list[dict[str, Any]] = []
    signs: list[int] = []
    for day in range(days):
        rows = [
            _view(
                day,
                person,
                3_600_000_000 * (person % 20),
                100 + person // 8,
                hollow=(37 * person + 17 * day) % 101 == 0,
            )
            for person in range(240)
            if (person + day) % 2
        ]
        if day in breach:
            rows += [
                _view(day, 500 + turn + 60 * day, 50_000_000 * turn, 7, hollow=True) for turn in range(60)
            ]
        rows.sort(key=lambda row: (row["person"], row["time"]))
        for line, row in enumerate(rows):
            signs.append(_bits(row.pop("hollow")))
            views.append({**row, "line": line})
    schema = kind("views").in_hand
    table = pa.Table.from_pylist(views, schema)
    position = [row["line"] for row in views]
    answers = pa.table(
        {
            "day": table["day"],
            "position": position,
            "answers": [2 << 9 | 2 << 6 | 2 << 3 | 2] * len(views),
            "rules": [0] * len(views),
            "signs": pa.array(signs, pa.uint64()),
        }
    ).cast(kind("answers").in_hand)
    return given_of(table, answers, kind("late").in_hand.empty_table())


def _view(day: int, person: int, since: int, address: int, *, hollow: bool) -> dict[str, Any]:
    when = FIRST + day
    return {
        **dict.fromkeys(client.NAMES), "agent": 1, "address": address, "day": when, "time": when * DAY + since, "person": person,
        "content": 1, "client": address, "route": 1, "unsure": 0, "hollow": hollow,
    }  # fmt: skip


def _bits(hollow: int) -> int:
    return int(hollow) << 2 * SIGNS.index("hollow")


def until(given: Mapping[str, pa.Table], days: int) -> dict[str, pa.Table]:
    return {name: rows.filter(pc.field("day") < FIRST + days) for name, rows in given.items()}


@pytest.fixture
def steps(tmp_path: Path) -> BySteps:
    return BySteps(tmp_path / "w", setup_of([DETECTORS[each] for each in ASKED], EXPLANATIONS))


def days_run(steps: BySteps, family: str) -> set[int]:
    return {
        day - FIRST
        for name, first, last in steps.ran
        if name.partition(".")[0] == family
        for day in range(first, last + 1)
    }


def test_a_day_more_is_summed_bounded_looked_at_and_flagged_alone(steps: BySteps) -> None:
    given = shop()
    steps.bring_up(until(given, 31))
    flagged = steps.every_flag().to_pylist()
    summed = steps.rows("entities").to_pylist()
    assert {row["day"] - FIRST for row in flagged} == {30}
    steps.bring_up(until(given, 32))
    for family in ("sum", "bound", "look"):
        assert days_run(steps, family) == {31}
    for rows, before in ((steps.every_flag(), flagged), (steps.rows("entities"), summed)):
        assert [row for row in rows.to_pylist() if row["day"] < FIRST + 31] == before
    steps.bring_up(until(given, 32))
    assert not steps.ran
    steps.close()


def test_days_one_by_one_end_as_all_at_once(steps: BySteps, tmp_path: Path) -> None:
    given = shop()
    for days in (29, 30, 32, DAYS):
        steps.bring_up(until(given, days))
    whole = BySteps(tmp_path / "whole", steps.setup)
    whole.bring_up(given)
    for name in sorted(steps.kinds):
        assert steps.rows(name).equals(whole.rows(name)), name
    assert whole.every_flag().num_rows
    steps.close()
    whole.close()


def test_an_edited_bar_makes_only_its_clause_again(steps: BySteps) -> None:
    given = shop()
    steps.bring_up(given)
    hollow = DETECTORS["hollow-session"]
    edited = replace(
        hollow,
        clauses=tuple(
            replace(each, windows=(Window(length="30d", persons=61),)) if each.id == "address" else each
            for each in hollow.clauses
        ),
    )
    steps.setup = setup_of([edited, *(DETECTORS[each] for each in ASKED[1:])], EXPLANATIONS)
    flagged = steps.rows("flags.hollow-session.address").num_rows
    steps.bring_up(given)
    assert {name for name, *_ in steps.ran} == {
        "bound.hollow-session.address", "look.hollow-session.address",
    }  # fmt: skip
    assert 0 < steps.rows("flags.hollow-session.address").num_rows < flagged
    steps.close()


def test_a_changed_text_makes_nothing_again(steps: BySteps) -> None:
    given = shop()
    steps.bring_up(given)
    told = [
        replace(
            DETECTORS[each],
            title="Another",
            clauses=tuple(
                replace(clause, why="Another", confidence="low") for clause in DETECTORS[each].clauses
            ),
        )
        for each in ASKED
    ]
    steps.setup = setup_of(told, EXPLANATIONS)
    steps.bring_up(given)
    assert not steps.ran
    steps.close()


def test_views_that_change_no_sum_make_nothing_again_but_what_is_looked_at(steps: BySteps) -> None:
    """A view of the breach comes a second later: sums tell first and last views and no more, so they stand, and who is looked at is
    looked at anew."""
    given = shop()
    steps.bring_up(given)
    views = given["views"].to_pylist()
    moved = next(row for row in views if row["day"] == FIRST + 30 and row["person"] == 500 + 30 + 60 * 30)
    moved["time"] += 1_000_000
    steps.bring_up({**given, "views": pa.Table.from_pylist(views, given["views"].schema)})
    assert {name.partition(".")[0] for name, *_ in steps.ran} == {"expose", "sum", "look"}
    assert days_run(steps, "look") <= {30, 31, 32, 33}
    steps.close()


def test_of_a_quiet_shop_less_than_a_tenth_is_looked_at(steps: BySteps) -> None:
    given = shop(breach=())
    steps.bring_up(given)
    for asked in steps.setup.detectors.values():
        for clause in asked.clauses:
            for row in steps.rows(f"looked.{asked.id}.{clause.id}").to_pylist():
                assert 10 * row["views"] <= row["every"], (asked.id, clause.id)
    assert not steps.every_flag().num_rows
    steps.close()
