"""Which flags become one story, whose views it holds, and what it says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.actors.tables import row, tables

from whosaw.actors import Clause, Detected, Detector, Window, load_detectors, load_explanations, run
from whosaw.actors.cases import CaseTables, Row
from whosaw.actors.signs import Sign
from whosaw.store.schemas import ASKED, COMPANY, CROWD, PROVEN
from whosaw.store.sql import Session

pytestmark = pytest.mark.usefixtures("told_anew_too")
EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
LOGINS = [row(time=0, subject="c0", token="t0"), row(time=99_999, subject="c0", token="t0")]
KNOWN = row(0, person="c0", token="t0", address="elsewhere")
NEVER = Sign(name="never-issued")


def clause(threshold: int, *group_by: str, **more: Any) -> Clause:
    made = Clause(
        id="-".join(group_by), why="because", group_by=group_by, counted="not-explained",
        windows=(Window(length="30d", persons=threshold),), confidence="medium", least_share=0.0, agent_matches=None,
        lacks=(),
    )  # fmt: skip
    return replace(made, **more)


def persons(*clauses: Clause) -> Detector:
    return replace(DETECTORS["persons-per-client"], clauses=clauses, cases=())


def never(*clauses: Clause) -> Detector:
    signed = tuple(replace(each, sign=NEVER, members="signed", counted="unexplained") for each in clauses)
    return replace(DETECTORS["token-never-issued"], clauses=signed, cases=())


def told(made: CaseTables, *detectors: Detector) -> Detected:
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        return run(session, made.context, {each.id: each for each in detectors}, EXPLANATIONS)


@pytest.mark.parametrize(("shared", "expected"), [(2, [12]), (1, [9, 4])])
def test_actors_are_one_party_when_half_the_views_of_the_smaller_one_are_the_other_s(
    shared: int, expected: list[int]
) -> None:
    views = (
        row(0, person="c{n}", address="a", agent="x", count=shared), row(50, person="d{n}", address="a", count=8),
        row(90, person="e{n}", agent="x", count=4 - shared),
    )  # fmt: skip
    found = told(tables(*views), persons(clause(4, "agent"), clause(8, "address"))).findings
    assert [finding.persons.lower for finding in found] == expected


@pytest.mark.parametrize(("elsewhere", "expected"), [(1, [90]), (2, [50, 48])])
def test_an_address_lies_in_a_flagged_crowd_when_nine_of_ten_of_its_clients_do(
    elsewhere: int, expected: list[int]
) -> None:
    # the address makes most of its views under the other key, so only its clients say that it belongs to the first
    views = (
        row(0, person="p{n}", token="p{n}", address="pool-{n}", key="k", count=40),
        row(50, person="q{n}", token="q{n}", address="a", key="k", count=10 - elsewhere),
        row(70, person="r{n}", token="r{n}", address="a", key="other", count=elsewhere),
        row(80, person="s{n}", token="r0", address="a", key="other", count=40),
    )  # fmt: skip
    found = told(
        tables(KNOWN, *views, logins=LOGINS), never(clause(40, "key"), clause(50, "address"))
    ).findings
    assert [finding.persons.lower for finding in found] == expected


def test_a_lost_row_at_an_honest_address_is_not_held_to_be_of_a_crowd() -> None:
    views = (
        row(0, person="v{n}", token="x{n}", address="pool-{n}", key="k", count=5),
        row(0, person="h{n}", token="h{n}", address="b", key="k", count=50),
        row(9, person="lost", token="lost", address="b", key="k"),
    )  # fmt: skip
    logins = [*LOGINS, row(time=0, subject="h{n}", token="h{n}", count=50)]
    made = tables(KNOWN, *views, logins=logins)
    (crowd,) = told(made, never(clause(3, "key", chance=0.001))).findings
    assert crowd.persons.lower == 5
    (every,) = told(made, never(clause(3, "key"))).findings  # where nothing is left to chance, all are held
    assert every.persons.lower == 6


def test_sessions_on_record_tell_of_nobody_at_home_where_a_thief_uses_them() -> None:
    # whoever they were issued to, three at each address went on in other hands; the user agent is one, so the thief is one
    thief = [
        row(
            60 + at,
            person=f"c{at}-{{n}}",
            session=f"s{at}-{{n}}",
            address=f"a{at}",
            agent="x",
            network="n",
            count=3,
        )
        for at in range(3)
    ]
    owners = [
        row(
            0,
            person=f"c{at}-{{n}}",
            session=f"s{at}-{{n}}",
            address="carrier",
            agent="app",
            network="m",
            count=3,
        )
        for at in range(3)
    ]
    others = row(0, person="h{n}", session="h{n}", address="carrier", agent="app", network="m", count=300)
    logins = [row(time=-9, subject=f"c{at}-{{n}}", session=f"s{at}-{{n}}", count=3) for at in range(3)]
    made = tables(
        *thief, *owners, others, logins=[*logins, row(time=-9, subject="h{n}", session="h{n}", count=300)]
    )
    (finding,) = told(made, DETECTORS["session-in-two-hands"], DETECTORS["token-never-issued"]).findings
    assert (finding.detector, finding.persons.lower) == ("session-in-two-hands", 9)


def test_forged_tokens_at_an_address_with_fewer_honest_people_are_of_the_crowd() -> None:
    views = (
        row(0, person="v{n}", token="x{n}", address="a", key="k", count=5),
        row(0, person="h{n}", token="h{n}", address="b", key="j", count=50),
        row(0, person="h{n}", token="h{n}", address="a", key="j", count=3),
    )  # fmt: skip
    logins = [*LOGINS, row(time=0, subject="h{n}", token="h{n}", count=50)]
    (crowd,) = told(tables(KNOWN, *views, logins=logins), never(clause(3, "key", chance=0.001))).findings
    assert crowd.persons.lower == 5


def refused(*rows: Row) -> tuple[Row, ...]:
    return tuple(replace(each, status=401) for each in rows)


def browsing_only(*others: Row, agent: str) -> CaseTables:
    """Sixty passwords opened, each through an address of its own; and a carrier with 300 customers, three of whom only read."""
    opened = row(600, person="v{n}", token="x{n}", address="pool-{n}", agent=agent, count=60)
    failed = refused(
        *(row(598 + at, address="pool-{n}", agent=agent, count=60) for at in (0, 1))
    )  # fmt: skip
    carrier = (
        row(0, person="c{n}", token="c{n}", address="carrier", agent="browser", count=300),
        row(0, person="h{n}", token="h{n}", address="carrier", agent="browser", count=3),
    )
    visits = row(0, token="c{n}", address="carrier", agent="browser", count=300)
    return tables(opened, *carrier, *others, events=(*failed, visits))


HOLLOW = replace(DETECTORS["hollow-session"], cases=())
TRIED = replace(DETECTORS["passwords-tried"], cases=())


def test_who_bears_a_sign_by_luck_is_left_out_where_another_detector_found_nearly_all_of_the_crowd() -> None:
    made = browsing_only(
        row(9, person="luck", token="luck", address="home", agent="browser"), agent="browser"
    )
    (alone,) = told(made, HOLLOW).findings
    assert alone.persons.lower == 64
    (both,) = told(made, HOLLOW, TRIED).findings
    assert both.persons.lower == 60
    assert {each.detector for each in both.crossings} == {"hollow-session", "passwords-tried"}


def test_whom_no_other_detector_found_stays_where_luck_would_not_give_so_many() -> None:
    more = row(9, person="more-{n}", token="more-{n}", address="more-{n}", agent="script", count=2)
    (both,) = told(browsing_only(more, agent="script"), HOLLOW, TRIED).findings
    assert both.persons.lower == 62


def test_who_meets_a_walk_by_luck_is_left_out_where_another_detector_found_nearly_all_of_it() -> None:
    made = tables(
        row(600, person="c{n}", token="x{n}", address="thief", agent="script", count=20),
        row(620, person="c20", token="luck", address="home", agent="script"),
        replace(row(0, person="c4{n}7", address="home-{n}", agent="script", count=40), mixed=True),
        replace(row(0, person="c{n}", address="carrier", agent="app", count=9_000), mixed=True),
    )
    walk = replace(DETECTORS["number-walk"], clauses=DETECTORS["number-walk"].clauses[1:2], cases=())
    assert [each.id for each in walk.clauses] == ["agent"]
    (alone,) = told(made, walk).findings
    (both,) = told(made, walk, persons(clause(15, "address", "agent", agent_matches="script"))).findings
    assert (alone.persons.lower, both.persons.lower) == (21, 20)


LEFT = [row(staff="kim", gone=0)]


def test_a_story_tries_what_its_own_detectors_try_whoever_else_found_something() -> None:
    leaver = replace(DETECTORS["account-of-leaver"], cases=())
    mine = row(10, person="c0", principal="kim", token="t0", address="a")
    others = row(10, person="v{n}", token="x{n}", address="b", count=3)
    made = tables(KNOWN, mine, others, logins=LOGINS, staff=LEFT)
    alone = told(made, leaver).findings
    beside = [
        each
        for each in told(made, leaver, persons(clause(3, "address"))).findings
        if each.detector == leaver.id
    ]
    assert beside == list(alone)
    assert alone[0].tried == ()
    assert alone[0].facts[-1] == "Nothing on record excuses that."


def test_an_explained_view_that_counts_all_the_same_is_said_to_be_one() -> None:
    leaver = replace(DETECTORS["account-of-leaver"], cases=())
    views = [row(10 + at, person=f"c{at}", principal="kim", token="t0", address="a") for at in range(4)]
    (finding,) = told(
        tables(KNOWN, *views, logins=LOGINS, staff=LEFT), leaver, persons(clause(3, "principal"))
    ).findings
    assert finding.persons.lower == 4
    assert finding.tried[0].explained == 1
    assert "1 view has an explanation on record and counts all the same." in finding.facts


def test_what_is_explained_is_no_story() -> None:
    jobs = [row(principal="nightly", address="a")]
    views = row(0, person="c{n}", principal="nightly", address="a", count=9)
    assert told(tables(views, services=jobs), persons(clause(3, "address"))).findings == ()


@pytest.mark.parametrize(("logins", "proven"), [([], [2]), (LOGINS, [2, 3])])
def test_a_canary_proves_who_read_it_and_of_others_there_only_those_known_to_have_no_reason(
    logins: list[Row], proven: list[int]
) -> None:
    """Three views with the token that read the canary, and two with another token at that carrier's address with that telephone. Without
    logins nobody can tell whether the two had a reason; with them it is known that nobody was given that token."""
    place: dict[str, Any] = {"address": "carrier", "agent": "telephone"}
    views = (
        KNOWN,
        row(10, person="trap", token="t1", **place), row(11, person="c{n}", token="t1", count=2, **place),
        row(20, person="d{n}", token="t2", count=2, **place),
    )  # fmt: skip
    canaries = [row(person="trap")]
    made = tables(*views, canaries=canaries, logins=logins) if logins else tables(*views, canaries=canaries)
    found = told(made, replace(DETECTORS["canary-hit"], cases=()))
    (finding,) = found.findings
    assert finding.views.lower == 5
    # clients in the order of their first views; a row without a line stands for all views of its client
    standing = dict(
        zip(found.proofs["client"].to_pylist(), found.proofs["standing"].to_pylist(), strict=True)
    )
    assert standing == {2: PROVEN, 3: COMPANY} | dict.fromkeys(proven, PROVEN)
    assert found.proofs["line"].null_count == found.proofs.num_rows


def test_lists_for_too_many_people_are_proven_and_not_what_else_the_user_looked_at() -> None:
    """Three lists of 500 are 1,500 people in a day; two pages of single people are counted with them, and may be work."""
    clerk: dict[str, Any] = {"principal": "clerk", "address": "office"}
    views = (row(10, extra=500, count=3, **clerk), row(20, person="c{n}", count=2, **clerk))
    found = told(
        tables(*views, services=[row(principal="billing")]), replace(DETECTORS["bulk-records"], cases=())
    )
    (finding,) = found.findings
    assert finding.views.lower == 5
    assert found.proofs["line"].to_pylist() == [1, 2, 3, 4, 5]
    assert found.proofs["standing"].to_pylist() == [PROVEN] * 3 + [COMPANY] * 2


@pytest.mark.parametrize(("logins", "standing"), [([], [CROWD] * 10), (LOGINS, [ASKED] * 10)])
def test_of_a_crowd_only_those_known_to_have_no_reason_count_for_themselves(
    logins: list[Row], standing: list[int]
) -> None:
    """All ten visits of one network begin at a page at which one in four begins elsewhere. Without logins nobody can tell which of the ten are
    of people who live there; with them it is known that nobody was given any of these tokens."""
    elsewhere = [
        row(0, person=f"{each}{route}{{n}}", token=f"{each}{route}{{n}}", address=f"{each}{{n}}", network=each, route=route, count=count)
        for each in ("one", "two", "three", "four", "five")
        for route, count in (("orders", 9), ("addresses", 3))
    ]  # fmt: skip
    hired = row(0, person="v{n}", token="x{n}", address="a{n}", network="hired", route="addresses", count=10)
    views = (KNOWN, *elsewhere, hired)
    made = tables(*views, logins=logins) if logins else tables(*views)
    found = told(made, replace(DETECTORS["one-way"], cases=()))
    (finding,) = found.findings
    assert finding.views.lower == 10
    assert found.proofs["standing"].to_pylist() == standing
