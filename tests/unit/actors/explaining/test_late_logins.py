"""Logins that come late, in any order, accuse nobody in between and end as logins in time, where it is said how late they may come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.actors.explaining.made import DAY, HOUR, made_logins, made_views
from tests.wide import examples

from whosaw.actors import load_explanations
from whosaw.actors.explaining.answers import answer_of
from whosaw.actors.explaining.context_rows import ContextRows
from whosaw.actors.explaining.day_facts import DayFacts, LoginCover, login_cover
from whosaw.actors.explaining.explain import explain
from whosaw.actors.explanation import CANNOT_TELL, EXPLAINED
from whosaw.actors.login_holes import hours_of
from whosaw.store.sql import Session

OWN = {"own-session": load_explanations()["own-session"]}
LASTS = 2 * HOUR
LATE = DAY
Login = tuple[int, int, int]


def answers(session: Session, views: pa.Table, known: list[Login], late: int | None = LATE) -> list[int]:
    """What own-session says of each view once these logins are on record."""
    if not known:
        return [CANNOT_TELL] * views.num_rows
    times = np.array([time for time, _, _ in known], np.int64)
    days = sorted(set(views["day"].to_pylist()))
    cover = {day: login_cover(hours_of(times), day, late=late) for day in days}
    facts = {day: DayFacts(tokens=True, cover=cover[day], sessions_last=LASTS).on(day) for day in days}
    rows = ContextRows.whole({"logins": made_logins(known)})
    told: list[int] = answer_of(
        explain(session, views, rows, facts, OWN)["answers"].to_numpy(), "own-session"
    ).tolist()
    return told


def came(logins: list[Login], arrived: list[int]) -> list[list[Login]]:
    """What is on record after each arrival, in the order of arrivals and not of logins."""
    order = sorted(range(len(logins)), key=lambda at: (arrived[at], -at))
    return [[logins[at] for at in order[: many + 1]] for many in range(len(order))]


@settings(max_examples=examples(60))
@example([(0, 0), (30 * HOUR, DAY), (40 * HOUR, 0), (40 * HOUR, DAY - 1)], 1, [31 * HOUR])
@given(
    st.lists(
        st.tuples(st.integers(0, 4 * DAY), st.one_of(st.sampled_from([0, LATE]), st.integers(0, LATE))),
        min_size=1, max_size=12,
    ),
    st.integers(0, HOUR),
    st.lists(st.integers(0, 4 * DAY), max_size=4),
)  # fmt: skip
def test_of_whom_a_login_is_still_to_come_it_cannot_be_told(
    drawn: list[tuple[int, int]], used_after: int, forged: list[int]
) -> None:
    logins = [(time, 100 + at, 100 + at) for at, (time, _) in enumerate(drawn)]
    seen = [{"time": time + used_after, "person": who, "token": who} for time, who, _ in logins]
    nobodys = [{"time": time, "person": 1, "token": 1} for time in forged]
    views = made_views([*seen, *nobodys])
    issued = [who != 1 for who in views["person"].to_pylist()]
    with Session() as session:
        whole = answers(session, views, logins)
        before = None
        for known in came(logins, [time + late for time, late in drawn]):
            told = answers(session, views, known)
            for own, said in zip(issued, told, strict=True):
                assert not own or said in (EXPLAINED, CANNOT_TELL), (
                    "somebody is accused whose login is to come"
                )
            if before is not None:  # what was told once is told for good
                assert all(was == is_ for was, is_ in zip(before, told, strict=True) if was != CANNOT_TELL)
            before = told
        assert before == whole


def test_without_it_whoever_logs_in_between_is_accused() -> None:
    """Which is why it is to be said: rows alone do not show whether others are to come."""
    views = made_views([{"time": 31 * HOUR, "person": 100, "token": 100}])
    logins = [(0, 1, 1), (40 * HOUR, 2, 2)]
    with Session() as session:
        assert answers(session, views, logins, late=None) not in ([EXPLAINED], [CANNOT_TELL])
        assert answers(session, views, logins) == [CANNOT_TELL]


def test_logins_are_whole_until_so_long_before_the_last_one() -> None:
    hours = hours_of(np.array([0, 30 * HOUR + 7, 31 * HOUR]))
    assert login_cover(hours, 1, late=HOUR) == LoginCover(since=0, until=30 * HOUR)
    assert login_cover(hours, 1, late=HOUR, until=5) == LoginCover(since=0, until=5)
