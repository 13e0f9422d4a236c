"""Bounds on walks, planted people, surges and ways: none dismisses what an exact look at everybody flags, and looks come to what a plain
recount does."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.flagging.sides import shown
from tests.unit.actors.flagging.test_signed import BARS
from tests.unit.actors.summing.crutch import DAY, by_number, sums
from tests.unit.actors.summing.small import DETECTORS, TOLD, Small, small_ledgers
from tests.unit.actors.summing.test_sums import entity

from whosaw.actors import Clause, Detector, Window
from whosaw.actors.explaining.answers import rules_of
from whosaw.actors.flagging.bars import Bars
from whosaw.actors.flagging.bounds import Bounds
from whosaw.actors.flagging.looking import time_order
from whosaw.actors.flagging.planted import baits, planted_flags
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.surges import surge_bounds, surge_look, surge_rows, surges_left
from whosaw.actors.flagging.walk_clauses import walk_bounds, walk_look
from whosaw.actors.flagging.way_clauses import way_bounds, way_look
from whosaw.actors.signing.first_days import VALUES
from whosaw.actors.signing.places import NUMBERS, DayPlaces, placed
from whosaw.actors.signing.walking import Asked, walk
from whosaw.actors.summing import people_in_days
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.actors.surprise import Bar
from whosaw.actors.walks import Walk
from whosaw.build.step import Span
from whosaw.core import client

HOUR = DAY // 24
EXAMPLES = 300 if os.environ.get("WHOSAW_WIDE") else 12


def question_of(detector: Detector, clause: Clause) -> Question:
    detector = replace(detector, clauses=(clause,), cases=())
    return Question(detector=detector, clause=clause, plan=Plan.of([detector], TOLD))


def everybody(ledger: Small, clause: Clause) -> Bounds:
    there = {
        (row["day"], its) for row in ledger.rows if (its := entity(row, Grouping.of(clause))) is not None
    }
    day, its = (np.array([each[at] for each in sorted(there)], np.int64) for at in range(2))
    return Bounds.of(len(there), its, day, np.zeros(len(there), bool))


def in_places(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of numbers and the days on which they were met, with their places."""
    found = placed(pa.Table.from_pylist(rows, NUMBERS), by_number)
    known = pa.array([row["known"] for row in rows], pa.int32())
    return found.add_column(0, "day", known).append_column("known", known).cast(VALUES)


def values_of(ledger: Small) -> pa.Table:
    """People have the numbers that they have here, every second one as another kind, from the day on which they are first seen."""
    first: dict[int, int] = {}
    for row in ledger.rows:
        if row["person"] is not None:
            first.setdefault(row["person"], row["day"])
    rows = [
        {"day": day, "person": person, "kind": "c", "value": 7 * (person // 2) + person % 2, "known": day}
        for person, day in sorted(first.items(), key=lambda each: each[1])
    ]
    return in_places(rows)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    small_ledgers(days=34, most=30, people=9, late=False),
    st.sampled_from([("address",), ("network",)]),
    st.sampled_from([HOUR, DAY]),
    st.sampled_from(["all", "signed"]),
    st.lists(st.tuples(st.sampled_from(["1d", "30d"]), st.integers(1, 3)), min_size=1, max_size=2, unique_by=lambda each: each[0]),
    st.data(),
)  # fmt: skip
def test_nobody_who_walks_is_dismissed(
    ledger: Small, by: tuple[str, ...], within: int, members: Any, windows: list[tuple[str, int]], data: st.DataObject
) -> None:  # fmt: skip
    like = DETECTORS["number-walk"]
    walks = Walk(recent=4, near=2, within=within, chain=2, chained_share=0.5)
    of = tuple(Window(length=length, persons=persons) for length, persons in windows)
    question = question_of(
        like, replace(like.clauses[0], id="c", group_by=by, walk=walks, members=members, windows=of)
    )
    span, views, answers, values = ledger.span, ledger.views(), ledger.answers(), values_of(ledger)
    bar = data.draw(BARS)
    bars = Bars(by_day={day: (bar,) * len(of) for day in range(span.first, span.last + 1)})
    ruled = answers.set_column(3, "rules", pa.array(rules_of(answers["answers"].to_numpy())))
    asked = [Asked(kind=question.kind, trait=by[0], walk=walks, rule=1)]
    steps = walk(views, ruled, values, span=span, asked=asked, digests=by_number)
    bounds = walk_bounds(question, span, bars, steps=steps)
    order = partial(time_order, digests=by_number)

    def look(left: Bounds) -> list[dict[str, Any]]:
        places = DayPlaces(values)
        found = walk_look(
            question, left, bars, views, answers, places=places, order=order, shown=shown
        ).flags.to_pylist()
        return [dict(row) for row in found]

    assert look(bounds) == look(everybody(ledger, question.clause))


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    small_ledgers(days=34, most=30, people=9, late=False),
    st.sampled_from([("address",), ("address", "agent"), ("principal",)]),
    st.dictionaries(st.integers(0, 9), st.one_of(st.none(), st.integers(20_000 * DAY, 20_034 * DAY)), max_size=4),
    st.sampled_from([1, 1, 2]),
)  # fmt: skip
def test_who_sees_planted_people_is_who_does_in_a_plain_recount(
    ledger: Small, by: tuple[str, ...], planted: dict[int, int | None], enough: int
) -> None:
    like = DETECTORS["canary-hit"]
    clause = replace(
        like.clauses[0], id="c", group_by=by, lacks=(), windows=(Window(length=None, persons=enough),)
    )
    question = question_of(like, clause)
    views, answers = ledger.views(), ledger.answers()
    told = pa.table(
        {"person": pa.array(planted, pa.int64()), "since": pa.array(planted.values(), pa.int64())}
    )
    rows = baits(views, told)
    flags, looked = planted_flags(
        question, rows, views, answers, shown, span=ledger.span, back=0 if enough == 1 else 400
    )
    seen: dict[int, dict[int, int]] = defaultdict(dict)
    expected: dict[tuple[int, int], int] = {}
    for row in sorted(ledger.rows, key=lambda row: row["time"]):
        its = entity(row, Grouping.of(clause))
        since = planted.get(row["person"], row["time"] + 1) if row["person"] is not None else row["time"] + 1
        if its is None or (since is not None and row["time"] < since):
            continue
        if not ledger.counts(row, question.rule.counted, question.rule.tried):
            continue
        seen[its].setdefault(row["person"], row["time"])
        if len(seen[its]) >= enough:
            expected.setdefault((row["day"], its), row["time"])
    assert {(row["day"], row["entity"]): row["raised"] for row in flags.to_pylist()} == expected
    for row in looked.to_pylist():
        assert row["views"] >= 1


@st.composite
def crowds(draw: st.DrawFn) -> Small:
    """Small ledgers whose views lie in one hour of the day, a week apart or less, so that pages have a season."""
    ledger = draw(small_ledgers(days=4, most=40, people=9, late=False))
    for row in ledger.rows:
        weeks = row["day"] - 20_000
        row["day"] = 20_000 + 7 * weeks
        row["time"] = row["day"] * DAY + 5 * HOUR + row["time"] % 3
    return ledger


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    crowds(), st.sampled_from([("address",), ("network",)]), st.integers(1, 4), st.sampled_from([1.0, 2.0])
)
def test_no_hour_that_surges_is_dismissed(
    ledger: Small, by: tuple[str, ...], least: int, times: float
) -> None:
    like = DETECTORS["page-surge"]
    windows = (Window(length="1h", persons=least),)
    clause = replace(like.clauses[0], id="c", group_by=by, windows=windows, least_times=times)
    question = question_of(like, clause)
    views, answers, late = ledger.views(), ledger.answers(), ledger.late_rows()
    made = sums(views, answers, late, span=ledger.span, plan=question.plan, digests=by_number)
    left = surge_rows(surge_bounds(question, ledger.span, made["pages"]))
    flags = surge_look(question, surges_left(left), views, answers, shown).flags
    people: dict[tuple[int, int], set[int]] = defaultdict(set)
    every: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    theirs: dict[tuple[int, int, int], dict[int, int]] = defaultdict(dict)
    for row in sorted(ledger.rows, key=lambda row: row["time"]):
        if row["person"] is None or row["route"] is None:
            continue
        every[row["route"]][row["day"]].add(row["person"])
        if ledger.counts(row, question.rule.counted, question.rule.tried):
            people[row["route"], row["day"]].add(row["person"])
            if (its := entity(row, Grouping.of(clause))) is not None:
                theirs[row["route"], row["day"], its].setdefault(row["person"], row["time"])
    seen = {day for of in every.values() for day in of}
    expected: dict[tuple[int, int], int] = {}
    for (route, day, its), first in theirs.items():
        weeks = [day - 7 * back for back in range(1, 5) if day - 7 * back in seen]
        if len(weeks) < 2:
            continue
        known = [of for of in every.values() if any(day - 29 <= each <= day for each in of)]
        grown = [
            (len(of[day]) + 1) / (max(len(of[each]) for each in weeks) + 1)
            for of in known
            if of is not every[route]
        ]
        growth = max(1.0, median(grown)) if grown else 1.0
        usual = max(max(len(people[route, each]) for each in weeks) * growth, 1.0)
        enough = max(least, int(np.ceil(times * usual)))
        others = len(people[route, day]) - len(first)
        if len(people[route, day]) >= enough and len(first) >= enough and others <= 2 * usual:
            at = sorted(first.values())[enough - 1]
            expected[day, its] = min(expected.get((day, its), at), at)
    assert {(row["day"], row["entity"]): row["raised"] for row in flags.to_pylist()} == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    small_ledgers(days=34, most=40, people=9, late=False),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from([1, 20, people_in_days._AT_ONCE]),
    st.data(),
)
def test_whose_visits_begin_alike_is_told_as_in_a_plain_recount(
    ledger: Small, least: int, share: float, together: int, data: st.DataObject
) -> None:
    """Networks are six, so that one can be unlike the others; luck asks nothing. Their people are in hand one network, some or all at once."""
    for row in ledger.rows:
        row["network"] = data.draw(st.integers(1, 6))
    like = DETECTORS["one-way"]
    clause = replace(
        like.clauses[0], id="c", windows=(Window(length="30d", persons=least),), least_share=share, least_times=1.0, chance=0.0
    )  # fmt: skip
    question = question_of(like, clause)
    begun = [data.draw(st.sampled_from([None, 3, 4])) for _ in ledger.rows]
    views = ledger.views().append_column("page", pa.array(begun, pa.int16()))
    answers = ledger.answers()
    made = sums(views, answers, ledger.late_rows(), span=ledger.span, plan=question.plan, digests=by_number)
    ids = {3: "b", 4: "a"}
    with patch.object(people_in_days, "_AT_ONCE", together):
        left = way_bounds(question, ledger.span, made["ways"])
        flags = way_look(question, left, made["ways"], views, answers, page_ids=ids, shown=shown).flags
    rows = [
        (row["day"], row["time"], row["network"], page, row["person"], ledger.counts(row, question.rule.counted, question.rule.tried))
        for row, page in zip(ledger.rows, begun, strict=True)
        if row["person"] is not None and page is not None
    ]  # fmt: skip
    expected: dict[tuple[int, int], tuple[int, int]] = {}
    for day in {each[0] for each in rows}:
        window = [each for each in rows if day - 30 <= each[0] <= day]
        whole = {net: {each[4] for each in window if each[2] == net} for net in range(1, 7)}
        whole = {net: people for net, people in whole.items() if len(people) >= least}
        if len(whole) < 5:
            continue
        for page in (4, 3):
            mine = {net: {each[4] for each in window if each[2] == net and each[3] == page} for net in whole}
            usual = max(
                median(len(mine[net]) / len(whole[net]) for net in whole),
                1 / (sum(map(len, whole.values())) + 2),
            )
            floor = max(share, usual)
            for net in whole:
                if len(mine[net]) < least or len(mine[net]) < floor * len(whole[net]):
                    continue
                for of_day, time, its, of_page, person, counts in sorted(rows):
                    if of_day != day or its != net or of_page != page or not counts:
                        continue
                    inside = [each for each in rows if each[2] == net and time - 30 * DAY < each[1] <= time]
                    new = not any(
                        each[4] == person and each[3] == page and each[5] and each[1] < time
                        for each in inside
                    )
                    signed = {each[4] for each in inside if each[3] == page and each[5]}
                    if (
                        new
                        and len(signed) >= least
                        and len(signed) >= floor * len({each[4] for each in inside})
                    ):
                        expected.setdefault((day, net), (time, page))
    assert {
        (row["day"], row["entity"]): (row["raised"], row["page"]) for row in flags.to_pylist()
    } == expected


def test_who_took_equal_strides_only_by_the_places_of_a_later_day_takes_no_steps() -> None:
    """Between the first two people two numbers are known on the first day, between the second two three; on the next day a third one
    comes between the first two. By then both strides are four places, but what is a step is told as of the day on which somebody came: of the
    three that the bar asks for there is one."""
    values = {
        1: 0,
        2: 30,
        3: 60,
        4: 100,
        5: 101,
    }  # whom the entity sees: three on the first day, two neighbours on the next
    others = {11: 10, 12: 20, 13: 40, 14: 45, 15: 50, 17: 70, 18: 80}
    known = [
        {"day": 20_000, "person": who, "kind": "c", "value": value, "known": 20_000}
        for who, value in {**values, **others}.items()
    ]
    known.append({"day": 20_001, "person": 16, "kind": "c", "value": 25, "known": 20_001})
    rows = [_row(hour, who) for hour, who in ((0, 1), (1, 2), (2, 3), (40, 4), (41, 5))]
    ledger = Small(rows, [])
    asked = DETECTORS["number-walk"]
    clause = replace(
        asked.clauses[0],
        id="c",
        walk=Walk(recent=4, near=1, within=DAY, chain=2),
        windows=(Window(length="30d", persons=3),),
    )
    question = question_of(asked, clause)
    views, answers, table = ledger.views(), ledger.answers(), in_places(known)
    bar = Bar(usual=0.01, least_share=0.0, least_times=0.0, nats=0.0)
    bars = Bars(by_day=dict.fromkeys((20_000, 20_001), (bar,)))
    ruled = answers.set_column(3, "rules", pa.array(rules_of(answers["answers"].to_numpy())))
    steps = walk(
        views, ruled, table, span=Span(20_000, 20_001), asked=[Asked(kind=0, trait="address", walk=clause.walk, rule=1)],
        digests=by_number,
    )  # fmt: skip
    assert [(row["day"], row["fresh"], row["steps"]) for row in steps.to_pylist()] == [
        (20_000, 3, 0), (20_001, 2, 1),
    ]  # fmt: skip
    bounds = walk_bounds(question, Span(20_000, 20_001), bars, steps=steps)
    assert bounds.left.num_rows == 0
    everybody_left = Bounds.of(2, np.array([1, 1]), np.array([20_000, 20_001]), np.zeros(2, bool))
    for least, flagged in ((3, []), (1, [(20_001, 1)])):
        of_so_many = replace(clause, windows=(Window(length="30d", persons=least),))
        found = walk_look(
            question_of(asked, of_so_many), everybody_left, bars, views, answers,
            places=DayPlaces(table), order=partial(time_order, digests=by_number), shown=shown,
        )  # fmt: skip
        assert [(row["day"], row["most"]) for row in found.flags.to_pylist()] == flagged


def _row(hour: int, person: int) -> dict[str, Any]:
    day = 20_000 + hour // 24
    return {
        **dict.fromkeys(client.NAMES), "way": None, "extra": None, "address": 1, "day": day, "time": 20_000 * DAY + hour * HOUR, "person": person,
        "position": person if day == 20_000 else person - 4, "content": 1, "line": hour, "client": 1, "route": 1, "unsure": 0,
        "answers": [2] * 4, "signs": [0] * len(TOLD.signs),
    }  # fmt: skip
