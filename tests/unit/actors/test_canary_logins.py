"""Canaries that log in are a question about the table, and no breach each; one that somebody else sees is one."""

from __future__ import annotations

from tests.unit.actors.tables import row, tables

from whosaw.actors import Detected, load_detectors, load_explanations, run
from whosaw.actors.cases import CaseTables
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
OWN = row(10, person="bait{n}", token="t{n}", address="home{n}", agent="app", count=3)
LOGINS = [row(time=0, subject="bait{n}", token="t{n}", count=3), row(time=99_999, subject="else", token="u")]
CANARIES = [row(person="bait{n}", count=4)]


def told(made: CaseTables) -> Detected:
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        return run(session, made.context, DETECTORS, EXPLANATIONS)


def test_canaries_that_log_in_are_one_question_and_no_finding() -> None:
    found = told(tables(OWN, logins=LOGINS, canaries=CANARIES))
    assert found.findings == ()
    assert found.questions == (
        "3 canaries have logins on record: are they customers? 3 views in sessions of their own are in no finding",
    )


def test_a_canary_that_somebody_else_sees_is_a_finding_all_the_same() -> None:
    other = row(30, person="bait{n}", token="u", address="thief", agent="script", count=2)
    found = told(tables(OWN, other, logins=LOGINS, canaries=CANARIES))
    hits = [each for each in found.findings if each.detector == "canary-hit"]
    assert [each.accounts.lower for each in hits] == [2]
    assert len(found.questions) == 1


def test_one_is_asked_of_as_one() -> None:
    own = row(10, person="bait0", token="t0", address="home0", agent="app")
    found = told(tables(own, logins=[row(time=0, subject="bait0", token="t0")], canaries=CANARIES))
    assert found.questions == (
        "1 canary has a login on record: is it a customer? 1 view in a session of its own is in no finding",
    )


def test_nothing_is_asked_where_no_canary_logged_in() -> None:
    seen = row(10, person="bait0", token="u", address="thief", agent="script")
    found = told(tables(seen, logins=LOGINS[1:], canaries=CANARIES))
    assert [each.detector for each in found.findings] == ["canary-hit"]
    assert found.questions == ()
    assert told(tables(OWN)).questions == ()
