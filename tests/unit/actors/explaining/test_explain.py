"""Explanations by day say of each view what the path of now says; a span says what its days say; late rows in any order end equal."""

from __future__ import annotations

from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.actors.explaining.crutch import answers_now, counted_now, days_of, facts_now, numbered
from tests.unit.actors.explaining.made import HOUR, made_logins, made_views
from tests.wide import examples, some

from whosaw.actors import load_detectors, load_explanations
from whosaw.actors.cases import Case
from whosaw.actors.explaining import explain as explaining
from whosaw.actors.explaining.answers import EXPLAINED_BY, RULES, answer_of, over, packed, rules_of
from whosaw.actors.explaining.context_rows import ContextRows, Stated, numbered_schema
from whosaw.actors.explaining.day_facts import DayFacts, LoginCover
from whosaw.actors.explaining.explain import EXPLAINED_VIEWS, explain
from whosaw.actors.explanation import prepare
from whosaw.actors.login_holes import Hole
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
# every case of an explanation, and of each detector the first with a context: the others ask the same again
CASES = [
    *((each, case) for each, item in EXPLANATIONS.items() for case in item.cases),
    *(
        (each, case)
        for each, item in load_detectors(EXPLANATIONS).items()
        for case in [case for case in item.cases if case.context][:1]
    ),
]


def own_session(views: pa.Table, rows: ContextRows, facts: dict[int, DayFacts]) -> list[int]:
    with Session() as session:
        told = explain(session, views, rows, facts, {"own-session": EXPLANATIONS["own-session"]})
    answers: list[int] = answer_of(told["answers"].to_numpy(), "own-session").tolist()
    return answers


def test_the_explanations_are_those_that_bits_are_kept_for() -> None:
    assert set(EXPLANATIONS) == set(EXPLAINED_BY)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{item}: {case.title}"[:90]) for item, case in some(CASES, of=9)]
)
def test_cases_of_items_are_answered_view_by_view_as_now(case: Case) -> None:
    made = case.tables()
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        believed = prepare(session, made.context)
        context = believed.context
        assert not context.logins_missing()
        now = answers_now(session, EXPLANATIONS)
        views = days_of(session)
        days = sorted(set(views["day"].to_pylist()))
        facts = facts_now(session, context, days, bool(believed.tickets.aside))
        rows = numbered(session, context)
        told = explain(session, views, rows, facts, EXPLANATIONS)
        narrowed = explain(
            session, views, rows, {day: each.on(day) for day, each in facts.items()}, EXPLANATIONS
        )
    assert told.schema == EXPLAINED_VIEWS
    assert narrowed.equals(told)
    answers = told["answers"].to_numpy()
    for name in EXPLAINED_BY:
        assert answer_of(answers, name).tolist() == now[name].to_pylist(), name
    for at, rule in enumerate(RULES):
        counts = (told["rules"].to_numpy() >> at) & 1
        assert (
            counts.astype(bool).tolist()
            == counted_now(now, [EXPLANATIONS[each] for each in rule.tries], rule.counted).tolist()
        )
    for day in days:
        own = views["day"].to_numpy() == day
        assert told["position"].to_numpy()[own].tolist() == list(range(own.sum()))


def test_a_view_whose_pass_may_have_been_issued_in_a_hole_cannot_be_told() -> None:
    """A day's hole: of whoever comes in it, and for as long after it as sessions last, it cannot be told whether nobody was issued the token."""
    at = {"before": 5, "inside": 30, "soon": 50, "later": 60}  # hours
    views = made_views([{"time": hour * HOUR, "person": 1, "token": 9} for hour in at.values()])
    rows = ContextRows.whole({"logins": made_logins([(0, 1, 1), (70 * HOUR, 1, 1)])})
    cover = LoginCover(since=0, until=100 * HOUR, missing=(Hole(24 * HOUR, 48 * HOUR),))
    facts = DayFacts(tokens=True, cover=cover, sessions_last=4 * HOUR)
    assert own_session(views, rows, dict.fromkeys(range(3), facts)) == [4, 3, 3, 4]
    whole = DayFacts(tokens=True, cover=LoginCover(since=0, until=100 * HOUR), sessions_last=4 * HOUR)
    assert own_session(views, rows, dict.fromkeys(range(3), whole)) == [4, 4, 4, 4]
    # each day is made under what makes a difference to it: the hole of the second day makes none to the first
    assert facts.on(0) == whole.on(0)
    assert facts.on(2).cover == LoginCover(
        since=44 * HOUR, until=72 * HOUR, missing=(Hole(24 * HOUR, 48 * HOUR),)
    )


def test_a_table_that_is_there_without_rows_is_another_thing_than_none() -> None:
    empty = numbered_schema("services").empty_table()
    stated = Stated.of({"services": empty})
    assert (stated.given, stated.said) == (frozenset({"services"}), frozenset())
    assert stated.lacks("services")
    assert Stated.of_text(stated.text) == stated
    views = made_views([{"time": HOUR, "person": 1, "principal": 1}])
    facts = {0: DayFacts()}
    with Session() as session:
        told = [
            explain(session, views, rows, facts, EXPLANATIONS)["answers"].to_numpy()
            for rows in (ContextRows(), ContextRows.whole({"services": empty}))
        ]
    assert [answer_of(each, "service-job").tolist() for each in told] == [
        [3],
        [0],
    ]  # cannot tell; does not apply


def test_a_day_without_facts_is_an_error_and_not_an_answer() -> None:
    views = made_views(
        [{"time": 5 * HOUR, "person": 1, "token": 9}, {"time": 30 * HOUR, "person": 1, "token": 9}]
    )
    with pytest.raises(ValueError, match="facts of a day are missing"):
        own_session(views, ContextRows(), {0: DayFacts()})


def test_an_answer_comes_back_from_its_bits_and_rules_follow_from_answers() -> None:
    codes = {name: np.array([at, 4 - at, 0], np.uint8) for at, name in enumerate(EXPLAINED_BY)}
    numbers = packed(codes, 3)
    for name, expected in codes.items():
        assert answer_of(numbers, name).tolist() == expected.tolist()
    # own-session says 0, 4, 0; service-job 2, 2, 0; staff-with-ticket 3, 1, 0
    assert over(numbers, ("own-session", "service-job", "staff-with-ticket")).tolist() == [3, 1, 2]
    named = [
        [rule.name for at, rule in enumerate(RULES) if bits >> at & 1] for bits in rules_of(numbers).tolist()
    ]
    # same-household says 1 and 3: it explains the first view under NH
    assert named == [
        ["A", "N3", "N1", "U1", "N2"],
        ["A", "N1", "U1", "NH"],
        ["A", "N3", "U3", "N1", "U1", "N2", "NH"],
    ]


PASSES, PEOPLE, HOURS = st.integers(1, 3), st.integers(1, 4), st.integers(0, 71)
VIEWS = st.lists(
    st.fixed_dictionaries({
        "time": HOURS.map(lambda hour: hour * HOUR), "person": st.none() | PEOPLE, "token": st.none() | PASSES,
        "session": st.none() | PASSES, "principal": st.none() | st.integers(1, 2), "key": st.none() | st.integers(1, 2), "route": st.integers(1, 2),
    }),
    max_size=12,
)  # fmt: skip
WORLD = {
    "logins": st.lists(st.fixed_dictionaries({"time": HOURS, "subject": PEOPLE, "token": st.none() | PASSES, "session": st.none() | PASSES, "ended": st.none() | HOURS}), max_size=8),
    "subjects": st.lists(st.fixed_dictionaries({"subject": PEOPLE, "home": st.integers(0, 2)}), max_size=5),
    "delegations": st.lists(st.fixed_dictionaries({"subject": PEOPLE, "delegate": PEOPLE, "until": st.none() | HOURS}), max_size=3),
    "services": st.lists(st.fixed_dictionaries({"principal": st.none() | st.integers(1, 2), "key": st.integers(-1, 2), "route": st.none() | st.integers(-1, 2)}), max_size=3),
    "staff": st.lists(st.fixed_dictionaries({"staff": st.integers(1, 2), "gone": st.none() | HOURS}), max_size=3),
    "tickets": st.lists(st.fixed_dictionaries({"agent": st.integers(1, 2), "subject": PEOPLE, "opened": HOURS, "closed": st.none() | HOURS}), max_size=6),
}  # fmt: skip
TIMES = ("time", "ended", "until", "gone", "opened", "closed")


def made_rows(world: dict[str, list[dict[str, int | None]]]) -> ContextRows:
    """Times of a world are hours."""
    tables = {}
    for name, rows in world.items():
        scaled = [
            {key: value * HOUR if key in TIMES and value is not None else value for key, value in row.items()}
            for row in rows
        ]
        tables[name] = pa.Table.from_pylist(scaled, schema=numbered_schema(name))
    return ContextRows.whole(tables)


@given(VIEWS, st.fixed_dictionaries({}, optional=WORLD), st.randoms(use_true_random=False))
@settings(max_examples=examples(30), deadline=None)
def test_a_span_says_what_its_days_say_and_late_rows_in_any_order_end_equal(
    events: list[dict[str, int | None]], world: dict[str, list[dict[str, int | None]]], chance: Random
) -> None:
    views = made_views(events)
    facts = {
        day: DayFacts(
            tokens=True,
            sessions=True,
            cover=LoginCover(since=HOUR, until=60 * HOUR),
            sessions_last=6 * HOUR,
            login_shifts=(day - 1,),
        )
        for day in range(3)
    }
    mixed = {name: chance.sample(rows, len(rows)) for name, rows in world.items()}
    with Session() as session:
        whole = explain(session, views, made_rows(world), facts, EXPLANATIONS)
        assert explain(session, views, made_rows(mixed), facts, EXPLANATIONS).equals(whole)
        days = views["day"].to_numpy()
        parts = [
            explain(
                session,
                views.filter(pa.array(days == day)),
                made_rows(mixed),
                {day: facts[day].on(day)},
                EXPLANATIONS,
            )
            for day in chance.sample(range(3), 3)
        ]
    assert pa.concat_tables(parts).sort_by([("day", "ascending"), ("position", "ascending")]).equals(whole)


@pytest.mark.parametrize(
    "stated",
    [
        Stated(),
        Stated(given=frozenset({"services"})),
        Stated(given=frozenset({"logins", "staff", "tickets"})),
        Stated(lacking=frozenset({"staff"})),
    ],
    ids=["nothing", "jobs", "staff", "no staff"],
)
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_of_views_that_no_table_names_each_rule_says_what_its_statement_says(
    stated: Stated, known: bool, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = made_views([
        {"time": HOUR * at, "address": at % 3, "key": at % 2, "person": person, "token": token, "session": session, "principal": principal}
        for at, (person, token, session, principal) in enumerate(
            (person, token, session, principal)
            for person in (1, None) for token in (5, None) for session in (6, None) for principal in (7, 8, None)
        )
    ])  # fmt: skip
    some = [
        ("logins", {"token": 5, "subject": 2, "time": 0}), ("logins", {"session": 6, "subject": 1, "time": 0}),
        ("staff", {"staff": 7}), ("services", {"principal": 8}), ("services", {"address": 2}), ("services", {"key": 1}),
    ]  # fmt: skip
    tables = {
        name: pa.Table.from_pylist([row for of, row in some if of == name], numbered_schema(name))
        for name in ("logins", "staff", "services")
    }
    rows = ContextRows(tables=tables if named else {}, stated=stated)
    facts = {day: DayFacts(tokens=known) for day in set(views["day"].to_pylist())}
    told, many = [], views.num_rows
    for asks_always in (False, True):
        if asks_always:
            monkeypatch.setattr(
                explaining, "_of_others", lambda *_: (np.zeros(many, np.uint8), np.ones(many, bool))
            )
        with Session() as session:
            told.append(explain(session, views, rows, facts, EXPLANATIONS))
    assert told[0].equals(told[1])


def test_a_day_without_facts_is_refused_without_rows_as_with_them() -> None:
    views = made_views([{"time": 0, "person": 1, "token": 1}])
    with Session() as session, pytest.raises(ValueError, match="facts of a day are missing"):
        explain(session, views, ContextRows(), {}, EXPLANATIONS)
