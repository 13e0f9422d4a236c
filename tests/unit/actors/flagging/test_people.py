"""Too many people: sums dismiss and confirm as a plain recount does, and the exact look finds what is flagged now."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.flagging.sides import flagged_now, key, over_days, shown
from tests.unit.actors.summing.crutch import DAY, Hand, by_number, in_hand, sums
from tests.unit.actors.summing.small import DETECTORS, EXPLANATIONS, TOLD, Small, small_ledgers
from tests.unit.actors.summing.test_sums import entity
from tests.wide import examples, some

from whosaw.actors import Clause, Detector, Window
from whosaw.actors.flagging.looking import Looked
from whosaw.actors.flagging.people_bounds import people_bounds
from whosaw.actors.flagging.people_look import people_look
from whosaw.actors.flagging.question import Question
from whosaw.actors.summing.groupings import Grouping
from whosaw.actors.summing.plan import Plan
from whosaw.core.finding import Actor, actor_digest

PEOPLE = DETECTORS["persons-per-client"]
HOUR = 3_600_000_000


def asked_anew(hand: Hand, detector: Detector) -> dict[str, Looked]:
    """By clause, what sums and the exact look come to."""
    made = sums(hand.views, hand.answers, hand.late, span=hand.span, plan=hand.plan, digests=by_number)
    found = {}
    for clause in detector.clauses:
        question = Question(detector=detector, clause=clause, plan=hand.plan)
        bounds = people_bounds(question, hand.span, made["entities"], made["present"])
        found[clause.id] = people_look(question, bounds, hand.views, hand.answers, shown)
    return found


@pytest.mark.parametrize("case", some(PEOPLE.cases, of=3), ids=lambda case: case.title)
def test_cases_are_flagged_as_they_are_now(case: Any) -> None:
    with in_hand(case.tables(), [PEOPLE], EXPLANATIONS) as hand:
        now, anew = flagged_now(hand, PEOPLE), over_days(asked_anew(hand, PEOPLE).values())
    assert {name: told[:2] for name, told in anew.items()} == {name: told[:2] for name, told in now.items()}
    # of a share of views the most may lie on a day on which the share is not reached, and which is no flag's
    shares = {window.micros for clause in PEOPLE.clauses if clause.least_share for window in clause.windows}
    for name, told in anew.items():
        assert told[2] <= now[name][2]
        assert told[2:] == now[name][2:] or (name[1] in shares and told[1] in (20, 50, 300))
    assert bool(now) == (case.expect == "finding")


def clauses() -> st.SearchStrategy[Clause]:
    lengths = st.lists(st.sampled_from(["1h", "1d", "7d", "30d"]), min_size=1, max_size=2, unique=True)
    windows = lengths.flatmap(
        lambda each: st.tuples(
            *(st.builds(Window, length=st.just(length), persons=st.integers(1, 6)) for length in each)
        )
    )
    return st.builds(
        lambda by, counted, of, share, lacks: replace(
            PEOPLE.clauses[0], id="c", group_by=by, counted=counted, windows=of, least_share=share, lacks=lacks
        ),
        st.sampled_from([("address",), ("network",), ("address", "agent"), ("token",)]),
        st.sampled_from(["any", "not-explained", "unexplained"]), windows, st.sampled_from([0.0, 0.0, 0.6]),
        st.sampled_from([(), ("principal",)]),
    )  # fmt: skip


def question_of(clause: Clause, explanations: tuple[str, ...]) -> Question:
    detector = replace(PEOPLE, clauses=(clause,), explanations=explanations, cases=())
    return Question(detector=detector, clause=clause, plan=Plan.of([detector], TOLD))


def entered(ledger: Small, question: Question) -> dict[tuple[int, int], list[tuple[int, int, int]]]:
    """By entity and day, a plain recount at each view that counts: window, instant and people, where the share is reached, at
    views of people who were not in the window before."""
    found: dict[tuple[int, int], list[tuple[int, int, int]]] = defaultdict(list)
    mine = defaultdict(list)
    for row in ledger.rows:
        its = entity(row, Grouping.of(question.clause))
        if its is not None and row["person"] is not None:
            counts = ledger.counts(row, question.rule.counted, question.rule.tried)
            mine[its].append((row["time"], row["person"], counts))
    for its, rows in mine.items():
        for time, person, counts in rows:
            if not counts:
                continue
            for at, (length, _) in enumerate(question.windows):
                since = time - length
                if any(since < when < time and who == person and ok for when, who, ok in rows):
                    continue
                inside = {who for when, who, ok in rows if since < when <= time and ok}
                share = question.clause.least_share
                if share:
                    start = since // (length // 60) * (length // 60)
                    held = [ok for when, _, ok in rows if start <= when <= time]
                    if sum(held) < share * len(held):
                        inside = set()
                found[its, time // DAY].append((at, time, len(inside)))
    return found


@settings(max_examples=examples(100), deadline=None)
@given(
    small_ledgers(days=34, most=30, late=False),
    clauses(),
    st.sampled_from([("own-session",), PEOPLE.explanations]),
)
def test_bounds_and_looks_against_a_plain_recount(
    ledger: Small, clause: Clause, explanations: tuple[str, ...]
) -> None:
    question = question_of(clause, explanations)
    views, answers = ledger.views(), ledger.answers()
    made = sums(views, answers, ledger.late_rows(), span=ledger.span, plan=question.plan, digests=by_number)
    bounds = people_bounds(question, ledger.span, made["entities"], made["present"])
    looked = people_look(question, bounds, views, answers, shown)
    expected = {}
    for (its, day), moments in entered(ledger, question).items():
        for at, (length, bar) in enumerate(question.windows):
            mine = [(time, people) for window, time, people in moments if window == at and people >= bar]
            if mine:
                expected[day, its, length] = min(mine)[0]
    got = {(row["day"], row["entity"], row["window"]): row["raised"] for row in looked.flags.to_pylist()}
    assert got == expected
    # everybody who was there was judged, and who is confirmed had as many people in that one day
    there = {
        (row["day"], its) for row in ledger.rows if (its := entity(row, Grouping.of(clause))) is not None
    }
    assert bounds.judged == len(there)
    for row in bounds.left.to_pylist():
        assert (row["day"], row["entity"]) in there
        if row["confirmed"]:
            people = {
                each["person"]
                for each in ledger.rows
                if each["day"] == row["day"] and entity(each, Grouping.of(clause)) == row["entity"]
                and each["person"] is not None and ledger.counts(each, question.rule.counted, question.rule.tried)
            }  # fmt: skip
            assert len(people) >= min(bar for length, bar in question.windows if length >= DAY)


def test_who_comes_again_each_day_is_dismissed_by_the_people_of_all_days() -> None:
    """Five people a day, always the same, are five people in thirty days, and no more than six with a day's one."""
    rows = [_seen(day, person) for day in range(30) for person in range(5)]
    ledger = Small(rows, [])
    window = (Window(length="30d", persons=40),)
    question = question_of(replace(PEOPLE.clauses[-1], windows=window), PEOPLE.explanations)
    made = sums(
        ledger.views(),
        ledger.answers(),
        ledger.late_rows(),
        span=ledger.span,
        plan=question.plan,
        digests=by_number,
    )
    bounds = people_bounds(question, ledger.span, made["entities"], made["present"])
    assert sum(made["entities"]["counted"].to_pylist()) == 150
    assert (bounds.judged, bounds.left.num_rows) == (30, 0)


def test_as_many_people_as_a_day_may_show_confirm_and_one_fewer_does_not() -> None:
    ledger = Small(
        [_seen(0, person) for person in range(5)] + [_seen(1, 5 + person) for person in range(4)], []
    )
    question = question_of(
        replace(PEOPLE.clauses[-1], windows=(Window(length="1d", persons=5),)), PEOPLE.explanations
    )
    made = sums(
        ledger.views(),
        ledger.answers(),
        ledger.late_rows(),
        span=ledger.span,
        plan=question.plan,
        digests=by_number,
    )
    bounds = people_bounds(question, ledger.span, made["entities"], made["present"])
    assert [row["confirmed"] for row in bounds.left.to_pylist()] == [True, False]
    looked = people_look(question, bounds, ledger.views(), ledger.answers(), shown)
    assert (looked.views, looked.of_views, looked.share) == (9, 9, 1.0)
    assert looked.flags["day"].to_pylist() == [ledger.span.first, ledger.span.first + 1]


def _seen(day: int, person: int) -> dict[str, Any]:
    made = dict.fromkeys(("agent", "principal", "session", "token", "key", "tls", "network", "way", "extra"))
    when = 20_000 + day
    return {
        **made, "address": 3, "day": when, "position": person, "time": when * DAY + (10 - day) % 24 * HOUR + person, "person": person,
        "content": 1, "line": 1, "client": 1, "route": 1, "unsure": 0, "answers": [2] * len(EXPLANATIONS), "signs": [0] * len(TOLD.signs),
    }  # fmt: skip


def test_a_flag_is_known_by_what_its_finding_will_be_known_by() -> None:
    clause = PEOPLE.clauses[0]
    actor = Actor(by=("address",), values=(7,), digest=actor_digest(("address",), ["7"]))
    told = f"{PEOPLE.id}\x1f{clause.id}\x1faddress\x1f{actor.digest}"
    assert key(PEOPLE, clause, {"address": 7}).hex() == hashlib.sha256(told.encode()).hexdigest()[:32]
