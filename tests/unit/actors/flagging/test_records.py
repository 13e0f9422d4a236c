"""Lists whose people nobody names: sums of records dismiss nobody who is flagged, and the look finds what is flagged now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.flagging.sides import flagged_now, over_days, shown
from tests.unit.actors.summing.crutch import DAY, by_number, in_hand, sums
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS, TOLD, Small, small_ledgers
from tests.unit.actors.summing.test_sums import entity
from tests.wide import examples, some

from whosaw.actors import Detector, Window
from whosaw.actors.flagging.looking import Looked
from whosaw.actors.flagging.question import Question
from whosaw.actors.flagging.record_clauses import list_look, record_bounds, record_look
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.build.step import Span

CASES = [
    pytest.param(DETECTORS[detector], case, id=f"{detector}: {case.title}")
    for detector in ("bulk-records", "list-to-its-end")
    for case in some(DETECTORS[detector].cases, of=3)
]


def in_order(views: pa.Table) -> np.ndarray:
    rows = list(zip(*(views[name].to_pylist() for name in ("time", "content", "line")), strict=True))
    place = np.empty(len(rows), np.int64)
    place[sorted(range(len(rows)), key=rows.__getitem__)] = np.arange(len(rows))
    return place


def anew(question: Question, span: Span, views: pa.Table, answers: pa.Table, late: pa.Table) -> Looked:
    made = sums(views, answers, late, span=span, plan=question.plan, digests=by_number)
    bounds = record_bounds(question, span, made["entities"], made["present"])
    look = list_look if question.detector.kind == "list" else record_look
    return look(question, bounds, views, answers, order=in_order(views), shown=shown)


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_cases_are_flagged_as_they_are_now(detector: Detector, case: Any) -> None:
    with in_hand(case.tables(), [detector], EXPLANATIONS) as hand:
        if not hand.asked:
            assert case.expect == "cannot tell"
            return
        now = flagged_now(hand, detector)
        looked = [
            anew(
                Question(detector=detector, clause=clause, plan=hand.plan),
                hand.span, hand.views, hand.answers, hand.late,
            )
            for clause in detector.clauses
        ]  # fmt: skip
    assert over_days(looked) == now
    assert bool(now) == (case.expect == "finding")


@settings(max_examples=examples(60), deadline=None)
@given(
    small_ledgers(days=34, most=30, late=False),
    st.sampled_from([("principal",), ("address", "agent")]),
    st.sampled_from([("1d", 7), ("30d", 8), ("30d", 22)]),
    st.sampled_from(["not-explained", "any"]),
)
def test_sums_of_records_against_a_plain_recount(
    ledger: Small, by: tuple[str, ...], window: tuple[str, int], counted: Any
) -> None:
    like = DETECTORS["bulk-records"]
    clause = replace(
        like.clauses[0],
        group_by=by,
        lacks=(),
        counted=counted,
        windows=(Window(length=window[0], persons=window[1]),),
    )
    detector = replace(like, clauses=(clause,))
    question = Question(detector=detector, clause=clause, plan=Plan.of([detector], TOLD))
    looked = anew(question, ledger.span, ledger.views(), ledger.answers(), ledger.late_rows())
    mine = defaultdict(list)
    for row in ledger.rows:
        its = entity(row, Grouping.of(clause))
        if its is not None and row["person"] is None and ledger.counts(row, counted, question.rule.tried):
            mine[its].append((row["time"], row["line"], 1 if row["extra"] is None else row["extra"]))
    expected: dict[tuple[int, int], int] = {}
    ((length, bar),) = question.windows
    for its, rows in mine.items():
        rows.sort()
        for at, (time, *_) in enumerate(rows):
            held = sum(records for when, _, records in rows[: at + 1] if when > time - length)
            if held >= bar:
                expected[time // DAY, its] = min(expected.get((time // DAY, its), time), time)
    assert {(row["day"], row["entity"]): row["raised"] for row in looked.flags.to_pylist()} == expected


def test_as_many_records_as_a_day_may_hold_confirm() -> None:
    like = DETECTORS["bulk-records"]
    clause = replace(like.clauses[0], group_by=("address",), windows=(Window(length="1d", persons=7),))
    detector = replace(like, clauses=(clause,))
    question = Question(detector=detector, clause=clause, plan=Plan.of([detector], TOLD))
    rows = []
    for day, extra in ((0, 7), (1, 6), (9, 6)):
        when = 20_000 + day
        traits = dict.fromkeys(("agent", "principal", "session", "token", "key", "tls", "network", "way"))
        rows.append(
            {
                **traits, "address": 1, "day": when, "time": when * DAY + 5, "position": 0, "person": None, "content": 1,
                "line": 1, "client": 1, "route": 1, "extra": extra, "unsure": 0, "answers": [2] * len(EXPLANATIONS),
                "signs": [0] * len(TOLD.signs),
            }
        )  # fmt: skip
    ledger = Small(rows, [])
    made = sums(
        ledger.views(),
        ledger.answers(),
        ledger.late_rows(),
        span=ledger.span,
        plan=question.plan,
        digests=by_number,
    )
    bounds = record_bounds(question, ledger.span, made["entities"], made["present"])
    assert bounds.left.to_pylist() == [
        {"day": 20_000, "entity": 1, "confirmed": True},
        {"day": 20_001, "entity": 1, "confirmed": False},
    ]
    assert bounds.judged == 3
