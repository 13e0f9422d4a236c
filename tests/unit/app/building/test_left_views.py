"""Views of what is left are those that a plain filter keeps, however few days are read at once, and nobody else's are read further."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.actors.summing.crutch import DAY, by_number
from tests.unit.actors.summing.small import DETECTORS, TOLD

from whosaw.actors.flagging.looking import whose_views
from whosaw.actors.flagging.question import Question
from whosaw.actors.summing.plan import Plan
from whosaw.actors.summing.who import column, whom_each_saw
from whosaw.app.building import clauses
from whosaw.app.building import left_views as module
from whosaw.app.building.left_views import left_views
from whosaw.build.step import Span
from whosaw.store.kinds import kind

FIRST, DAYS, QUIET = 100, 8, 104
JUDGED, BACK = (103, 106), 2
NEAR = Span(JUDGED[0] - BACK, JUDGED[1])


class Given:
    """What a step is given, with a record of which days of which columns it asked for."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables
        self.asked: list[tuple[str, frozenset[str], Span]] = []

    def rows(self, name: str, columns: list[str] | None = None, near: Span | None = None) -> pa.Table:
        assert near is not None
        table = self.tables[name]
        self.asked.append((name, frozenset(columns or table.column_names), near))
        day = column(table, "day")
        rows = table.filter(pa.array((day >= near.first) & (day <= near.last)))
        return rows if columns is None else rows.select(["day", *columns])

    digests = staticmethod(by_number)


def _given(seed: int) -> Any:
    """Views of some people at some addresses, of which some name nobody; on a quiet day only somebody else came."""
    rng = np.random.default_rng(seed)
    many = 240
    day = np.sort(rng.integers(FIRST, FIRST + DAYS, many))
    drawn: dict[str, Any] = {
        "person": rng.integers(-1, 9, many),
        "time": day * DAY + rng.integers(0, DAY, many),
        "client": rng.integers(1, 7, many),
        "address": np.where(day == QUIET, 1, rng.integers(0, 5, many)),
        "route": rng.integers(0, 3, many),
        "line": np.arange(many),
    }
    views = kind("views").in_hand
    made = {each.name: pa.nulls(many, each.type) for each in views}
    made |= {name: pa.array(values, mask=values < 0).cast(made[name].type) for name, values in drawn.items()}
    made |= {"day": pa.array(day, pa.int32()), "content": pa.array(np.zeros(many), pa.int32())}
    beside = {"day": made["day"], "position": made["line"].cast(pa.int32())}
    answers = {
        each.name: pa.array(rng.integers(0, 4, many)).cast(each.type) for each in kind("answers").in_hand
    }
    manners = {
        each.name: pa.array(rng.integers(0, 4, many)).cast(each.type) for each in kind("manners").in_hand
    }
    tables = {"views": made, "answers": {**answers, **beside}, "manners": {**manners, **beside}}
    return Given({name: pa.table(table, schema=kind(name).in_hand) for name, table in tables.items()})


def _question(detector: str, clause: str) -> Question:
    asked = DETECTORS[detector]
    (its,) = (each for each in asked.clauses if each.id == clause)
    return Question(detector=asked, clause=its, plan=Plan.of([asked], TOLD))


def _left(entities: dict[int, list[int]]) -> pa.Table:
    rows = [
        {**dict.fromkeys(kind("left").in_hand.names), "day": day, "entity": each}
        for day, its in entities.items()
        for each in its
    ]
    return pa.Table.from_pylist(rows, kind("left").in_hand)


@pytest.mark.parametrize("at_once", [0, 1 << 18])  # the former: a day at a time
@pytest.mark.parametrize("seed", range(3))
def test_people_of_what_is_left_are_those_of_a_plain_filter(
    seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    question, given = _question("persons-per-client", "unexplained-address"), _given(seed)
    found = left_views(question, given, _left({JUDGED[0]: [2], JUDGED[1]: [2, 4]}), BACK)
    views = given.tables["views"]
    day, entity = column(views, "day"), whose_views(question, views)
    near = (day >= NEAR.first) & (day <= NEAR.last)
    mine = pa.array(near & np.isin(entity, [2, 4]))
    assert found.views.equals(views.filter(mine).select(found.views.column_names))
    assert {"day", "person", "time", "address"} <= set(found.views.column_names)
    assert (
        column(found.answers, "answers").tolist()
        == column(given.tables["answers"].filter(mine), "answers").tolist()
    )
    assert found.every == {each: int((day == each).sum()) for each in range(NEAR.first, NEAR.last + 1)}
    assert not len(found.who)
    further = [span for name, columns, span in given.asked if "person" in columns or name == "answers"]
    assert any(QUIET in span for span in further) == (at_once > 0)
    assert all(NEAR.first <= span.first and span.last <= NEAR.last for span in further)


@pytest.mark.parametrize("at_once", [0, 1 << 18])
def test_whom_views_of_nobody_stand_for_is_told_from_all_views_of_their_client(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    question, given = _question("hollow-session", "address"), _given(7)
    found = left_views(question, given, _left({JUDGED[0]: [3], JUDGED[1]: [0]}), BACK)
    views = given.tables["views"]
    day = column(views, "day")
    mine = (day >= NEAR.first) & (day <= NEAR.last) & np.isin(column(views, "address"), [0, 3])
    told = whom_each_saw(views, by_number)[mine]
    assert found.who.tolist() == told.tolist()
    unnamed = column(found.views, "person") < 0
    alone = whom_each_saw(views.filter(pa.array(mine)), by_number)
    assert (alone[unnamed] != told[unnamed]).any()  # for some a view elsewhere says who it is
    assert "signs" in found.answers.column_names


def test_another_view_of_nobody_names_nobody_to_its_client() -> None:
    rows = {"day": [FIRST] * 3, "person": [None, None, 8], "client": [5, 5, 5]}
    views = pa.table({name: pa.array(values, pa.int64()) for name, values in rows.items()})
    alone = np.array([True, False, False])
    assert whom_each_saw(views, by_number, alone)[alone].tolist() == [8]
    assert whom_each_saw(views.slice(0, 2), by_number, alone[:2])[0] == -2 - 5


def test_pages_and_ways_stand_beside_the_views_they_are_of() -> None:
    given = _given(1)
    for detector, clause, name in (("one-way", "network", "page"), ("one-manner", "manner", "way")):
        question = _question(detector, clause)
        views, manners = given.tables["views"], given.tables["manners"]
        everybody = views.set_column(
            views.schema.get_field_index("network"), "network", pa.array(column(views, "client"), pa.int32())
        )
        given.tables["views"] = everybody
        wanted = [2, 3]
        found = left_views(question, given, _left({JUDGED[1]: wanted}), BACK)
        day = column(views, "day")
        of = column(manners, "way") if name == "way" else column(everybody, "network")
        mine = pa.array((day >= JUDGED[1] - BACK) & (day <= JUDGED[1]) & np.isin(of, wanted))
        assert column(found.views, name).tolist() == column(manners.filter(mine), name).tolist()
        assert column(found.views, "time").tolist() == column(views.filter(mine), "time").tolist()


def test_where_nobody_came_there_are_no_rows() -> None:
    question, given = _question("hollow-session", "address"), _given(2)
    found = left_views(question, given, _left({JUDGED[1]: [77]}), BACK)
    assert found.views.num_rows == found.answers.num_rows == len(found.who) == 0
    assert sum(found.every.values()) > 0


def test_how_many_views_are_left_is_told_before_they_are_read() -> None:
    question, given = _question("persons-per-client", "unexplained-address"), _given(3)
    left = _left({JUDGED[0]: [2], JUDGED[1]: [2, 4]})
    told: list[int] = []

    def refuse(views: int) -> None:
        assert [name for name, _, _ in given.asked] == ["views"]  # of all of them whose they are
        raise MemoryError(views)

    many = left_views(question, given, left, BACK, told.append).views.num_rows
    assert told == [many]
    given.asked.clear()
    with pytest.raises(MemoryError, match=f"^{many}$"):
        left_views(question, given, left, BACK, refuse)


@pytest.mark.parametrize(
    ("views", "days", "back", "cut", "alone"),
    [
        (100, 300, 30, False, False),
        (101, 300, 30, True, False),
        (101, 16, 30, True, False),
        (101, 15, 30, False, True),  # those before weigh twice as much, however few days are asked about
        (400, 15, 30, False, True),
        (401, 15, 30, True, False),
        (401, 1, 30, False, True),
        (101, 2, 0, True, False),
        (101, 1, 0, False, True),
    ],
)
def test_days_are_cut_until_what_is_before_them_is_most_of_what_is_left(
    views: int, days: int, back: int, cut: bool, alone: bool
) -> None:
    fit = clauses._Fit(100, days, back)
    if cut:
        with pytest.raises(MemoryError):
            fit(views)
    else:
        fit(views)
    assert (fit.alone is clauses._ALONE) == alone


def test_two_that_do_not_fit_are_looked_at_one_after_the_other() -> None:
    first, second, small = (clauses._Fit(100, 1, 30) for _ in range(3))
    for fit, views in ((first, 101), (second, 102), (small, 100)):
        fit(views)
    with first.alone:
        with small.alone:
            assert not clauses._ALONE.acquire(blocking=False)
        assert second.alone is first.alone
    assert clauses._ALONE.acquire(blocking=False)
    clauses._ALONE.release()
