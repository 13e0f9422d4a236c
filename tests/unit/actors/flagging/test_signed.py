"""Remarkably many people who bear a sign: bounds dismiss nobody who is flagged, and with what is usual now the look finds what is
flagged now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.flagging.sides import flagged_now, known_of, over_days, signs_looked_at
from tests.unit.actors.summing.crutch import DAY, Hand, by_number, in_hand, sums
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS, TOLD, Small, small_ledgers
from tests.unit.actors.summing.test_sums import entity, who
from tests.wide import WIDE, examples

from whosaw.actors import Clause, Detector, Window
from whosaw.actors.actor_views import make_actors
from whosaw.actors.flagging.bars import NO_LUCK, Bars
from whosaw.actors.flagging.looking import Looked
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.sign_bounds import sign_bounds
from whosaw.actors.flags import show_views
from whosaw.actors.sign_flags import _bars
from whosaw.actors.statement import statement
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.actors.surprise import Bar, bar, learn_usual
from whosaw.core import client
from whosaw.store.sql import quote_name

SIGNED = [each for each in DETECTORS.values() if each.kind == "sign"]
CASES = [
    pytest.param(detector, case, id=f"{detector.id}: {case.title}")
    for detector in SIGNED
    for case in detector.cases[:: 1 if WIDE else 9]
]


def bars_now(hand: Hand, detector: Detector, clause: Clause) -> Bars:
    """The bars of today's whole ledger, on each day alike."""
    assert clause.sign is not None
    show_views(hand.session, detector, [hand.tried[each] for each in detector.explanations])
    actors = make_actors(hand.session, "detect_tried", clause.group_by, lacks=clause.lacks)
    usual = learn_usual(hand.session, clause.sign)
    asked = bool(clause.chance or clause.least_times or clause.never_among)
    silent = asked and not usual.people
    silent |= bool(clause.never_among) and (bool(usual.signed) or usual.people < clause.never_among)
    if silent:
        return Bars(by_day={})
    counted = {"any": "true", "unexplained": "answer = 2"}.get(clause.counted, "answer <> 1")
    names = {
        "acting": actors.acting, "actors": quote_name(actors.table), "sign": clause.sign.column, "counted": counted,
    }  # fmt: skip
    candidates = hand.session.query(statement("sign_candidates").format(**names), [1])
    of_all, alike = _bars(hand.session, clause, names, candidates, usual if asked else None)
    days = range(hand.span.first, hand.span.last + 1)
    count = len(clause.windows)
    return Bars(
        by_day=dict.fromkeys(days, (of_all,) * count),
        alike={day: {actor: its.usual for actor, its in alike.items()} for day in days},
        of_share=lambda _day, share: (next(its for its in alike.values() if its.usual == share),) * count,
    )


def asked_anew(hand: Hand, detector: Detector, made: dict[str, pa.Table]) -> list[Looked]:
    found = []
    for clause in detector.clauses:
        question = Question(detector=detector, clause=clause, plan=hand.plan)
        bars = bars_now(hand, detector, clause)
        bounds = sign_bounds(
            question, hand.span, bars,
            signed=made["signed"], entities=made["entities"], hours=made["signed_hours"],
        )  # fmt: skip
        found.append(
            signs_looked_at(
                question,
                bounds,
                bars,
                hand.views,
                hand.answers,
                known_of(hand.late, hand.views, hand.answers),
            )
        )
    return found


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_cases_are_flagged_as_they_are_now_by_what_is_usual_now(detector: Detector, case: Any) -> None:
    with in_hand(case.tables(), [detector], EXPLANATIONS) as hand:
        if not hand.asked:
            assert case.expect == "cannot tell"
            return
        made = sums(hand.views, hand.answers, hand.late, span=hand.span, plan=hand.plan, digests=by_number)
        now, anew = flagged_now(hand, detector), over_days(asked_anew(hand, detector, made))
    assert {name: told[:2] for name, told in anew.items()} == {name: told[:2] for name, told in now.items()}
    for name, told in anew.items():
        assert told[2] <= now[name][2]


def clauses() -> st.SearchStrategy[Clause]:
    lengths = st.lists(st.sampled_from(["1d", "7d", "30d"]), min_size=1, max_size=2, unique=True)
    windows = lengths.flatmap(
        lambda each: st.tuples(
            *(st.builds(Window, length=st.just(length), persons=st.integers(1, 3)) for length in each)
        )
    )
    like = DETECTORS["numbers-nobody-has"].clauses[0]
    return st.builds(
        lambda by, counted, of: replace(like, id="c", group_by=by, counted=counted, windows=of),
        st.sampled_from([("address",), ("network",), ("address", "agent"), ("token",), ("manner",)]),
        st.sampled_from(["any", "not-explained", "unexplained"]), windows,
    )  # fmt: skip


BARS = st.one_of(
    st.just(NO_LUCK),
    st.builds(
        Bar, usual=st.sampled_from([0.01, 0.2, 0.5]), least_share=st.sampled_from([0.0, 0.5]),
        least_times=st.sampled_from([0.0, 2.0]), nats=st.sampled_from([0.0, 0.5, 3.0]),
    ),
)  # fmt: skip


def recount(ledger: Small, question: Question, bars: Bars) -> dict[tuple[int, int, int], int]:
    """By day, entity and window: the first instant at which somebody who bears the sign and was not in the window comes in, and those who
    bear it are remarkably many of all who can be told."""
    sign = TOLD.signs.index(question.plan.pairs[question.pair].sign)
    rule = question.rule
    mine = defaultdict(list)
    for row in ledger.rows:
        its = entity(row, Grouping.of(question.clause))
        if its is not None and row["signs"][sign] != 2:
            bears = row["signs"][sign] == 1 and ledger.counts(row, rule.counted, rule.tried)
            mine[its].append((row["time"], who(ledger, row), bears))
    for number, of, known in ledger.late:
        row = ledger.rows[number]
        its = entity(row, Grouping.of(question.clause))
        if its is not None and of == sign and ledger.counts(row, rule.counted, rule.tried):
            mine[its].append((known, who(ledger, row), True))
    found: dict[tuple[int, int, int], int] = {}
    for its, rows in mine.items():
        for time, person, bears in sorted(rows):
            needed = bars.by_day.get(time // DAY)
            if not bears or needed is None:
                continue
            for at, (length, least) in enumerate(question.windows):
                if any(time - length < when < time and one == person and ok for when, one, ok in rows):
                    continue
                inside = [(one, ok) for when, one, ok in rows if time - length < when <= time]
                signed, people = len({one for one, ok in inside if ok}), len({one for one, _ in inside})
                if signed >= least and needed[at].passed(np.array([signed]), np.array([people]))[0]:
                    name = (time // DAY, its, length)
                    found[name] = min(found.get(name, time), time)
    return found


@settings(max_examples=examples(100), deadline=None)
@given(small_ledgers(days=34, most=30), clauses(), st.data())
def test_bounds_and_looks_against_a_plain_recount(ledger: Small, clause: Clause, data: st.DataObject) -> None:
    detector = replace(DETECTORS["numbers-nobody-has"], clauses=(clause,), cases=())
    question = Question(detector=detector, clause=clause, plan=Plan.of([detector], TOLD))
    span = ledger.span
    of_all = data.draw(st.tuples(*(BARS for _ in clause.windows)))
    silent = data.draw(st.sets(st.integers(span.first, span.last), max_size=3))
    bars = Bars(by_day={day: of_all for day in range(span.first, span.last + 1) if day not in silent})
    views, answers, late = ledger.views(), ledger.answers(), ledger.late_rows()
    made = sums(views, answers, late, span=span, plan=question.plan, digests=by_number)
    bounds = sign_bounds(
        question,
        span,
        bars,
        signed=made["signed"],
        entities=made["entities"],
        hours=made["signed_hours"],
    )
    then = known_of(late, views, answers)
    looked = signs_looked_at(question, bounds, bars, views, answers, then)
    expected = recount(ledger, question, bars)
    got = {(row["day"], row["entity"], row["window"]): row["raised"] for row in looked.flags.to_pylist()}
    assert got == expected
    for row in bounds.left.to_pylist():
        if row["confirmed"]:
            # who is confirmed is flagged on that day, or came over the bar before and stayed there
            assert any(its == row["entity"] and day <= row["day"] for day, its, _ in expected) or silent


def test_what_is_usual_among_many_is_dismissed_by_unions_and_not_by_sums() -> None:
    """Ten of a hundred bear it, the same on each of thirty days: sums say three hundred of a hundred, unions ten of a hundred."""
    sign = TOLD.signs.index("guessed")
    rows = []
    for day in range(30):
        for person in range(100):
            signs = [0] * len(TOLD.signs)
            signs[sign] = int(person >= 90)
            traits = dict.fromkeys(client.NAMES)
            when = 20_000 + day
            rows.append(
                {
                    **traits, "address": 1, "way": None, "extra": None, "day": when, "position": person, "person": person,
                    "time": when * DAY + person, "content": 1, "line": 1, "client": 1, "route": 1, "unsure": 0,
                    "answers": [2] * len(EXPLANATIONS), "signs": signs,
                }
            )  # fmt: skip
    ledger = Small(rows, [])
    clause = replace(
        DETECTORS["numbers-nobody-has"].clauses[0],
        group_by=("address",),
        windows=(Window(length="30d", persons=3),),
    )
    detector = replace(DETECTORS["numbers-nobody-has"], clauses=(clause,), cases=())
    question = Question(detector=detector, clause=clause, plan=Plan.of([detector], TOLD))
    needed = bar(0.1, least_share=0.0, least_times=0.0, chance=0.001, actors=10)
    bars = Bars(by_day=dict.fromkeys(range(ledger.span.first, ledger.span.last + 1), (needed,)))
    made = sums(
        ledger.views(),
        ledger.answers(),
        ledger.late_rows(),
        span=ledger.span,
        plan=question.plan,
        digests=by_number,
    )
    bounds = sign_bounds(
        question,
        ledger.span,
        bars,
        signed=made["signed"],
        entities=made["entities"],
        hours=made["signed_hours"],
    )
    assert (bounds.judged, bounds.left["day"].to_pylist()) == (
        30,
        [20_000],
    )  # of the first day nothing is whole
    looked = signs_looked_at(
        question,
        bounds,
        bars,
        ledger.views(),
        ledger.answers(),
        known_of(ledger.late_rows(), ledger.views(), ledger.answers()),
    )
    assert (int(looked.views), looked.flags.num_rows) == (100, 0)
