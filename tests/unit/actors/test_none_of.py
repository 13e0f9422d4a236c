"""That there is none of a table is an answer of its own: what it decides, and what it is never held against anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.actors.explaining.crutch import answers_now, days_of, facts_now, numbered
from tests.unit.actors.tables import row, tables
from tests.unit.actors.test_context import faults_of, resolve, write

from whosaw.actors import Context, load_context, load_detectors, load_explanations
from whosaw.actors.cases import Row
from whosaw.actors.context_schema import table_schemas
from whosaw.actors.explaining.answers import EXPLAINED_BY, answer_of
from whosaw.actors.explaining.explain import explain
from whosaw.actors.explanation import answered, prepare
from whosaw.actors.run import untold_of
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
DETECTORS = load_detectors(EXPLANATIONS)
DOES_NOT_APPLY, EXPLAINED, UNEXPLAINED, CANNOT_TELL = 0, 1, 2, 3
VIEWS = (row(0, person="c1", principal="kim"), row(1, person="c1", principal="job"), row(2, person="c1"))
STAFF = [row(staff="kim")]


def none_of(*names: str) -> Context:
    return load_context(None, resolve, none=names)


def answers(none: Sequence[str], **given: list[Row]) -> dict[str, list[int]]:
    """What each explanation says of the three views, and all of them together, by the path of now and by that of days."""
    made = tables(*VIEWS, events=(), **given)
    said = none_of(*none)
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        context = replace(made.context, tables={**made.context.tables, **said.tables}, lacking=said.lacking)
        believed = prepare(session, context)
        now = answers_now(session, EXPLANATIONS)
        sql, values = answered(list(EXPLANATIONS.values()))
        together = session.query(f"SELECT answer FROM ({sql}) ORDER BY time", values)["answer"].to_pylist()
        views = days_of(session)
        facts = facts_now(session, believed.context, sorted(set(views["day"].to_pylist())))
        told = explain(session, views, numbered(session, believed.context), facts, EXPLANATIONS)
    found = {name: now[name].to_pylist() for name in EXPLAINED_BY}
    assert {name: answer_of(told["answers"].to_numpy(), name).tolist() for name in EXPLAINED_BY} == found
    return {**found, "together": together}


def test_not_given_is_cannot_tell() -> None:
    told = answers(())
    assert told["service-job"] == told["staff-with-ticket"] == told["together"] == [CANNOT_TELL] * 3


def test_no_services_explain_nothing_and_nothing_waits_for_them() -> None:
    told = answers(("services",))
    assert told["service-job"] == [DOES_NOT_APPLY] * 3
    assert told["staff-with-ticket"] == [CANNOT_TELL] * 3


def test_no_staff_is_nobody_with_a_ticket_whoever_asks() -> None:
    told = answers(("staff",))
    assert told["staff-with-ticket"] == [DOES_NOT_APPLY] * 3
    assert EXPLANATIONS["staff-with-ticket"].why_not(none_of("staff")) == ""


def test_no_tickets_are_held_against_nobody() -> None:
    """Without a desk that writes tickets an agent has none; whether there was a reason to look is written nowhere."""
    told = answers(("tickets",), staff=STAFF)
    assert told["staff-with-ticket"] == [CANNOT_TELL, DOES_NOT_APPLY, CANNOT_TELL]
    assert told["together"] == [CANNOT_TELL] * 3
    assert EXPLANATIONS["staff-with-ticket"].why_not(
        replace(none_of("tickets"), tables={"staff": none_of("staff").tables["staff"]})
    )


NOT_GIVEN = {
    name: [CANNOT_TELL] * 3 for name in ("own-session", "service-job", "staff-with-ticket", "together")
}


@pytest.mark.parametrize(
    "name", ["logins", "keys", "shifts", "roles", "subjects", "delegations", "canaries", "tickets"]
)
def test_no_other_table_changes_an_answer(name: str) -> None:
    told = answers((name,))
    assert {each: told[each] for each in NOT_GIVEN} == NOT_GIVEN


def test_none_of_anything_makes_no_view_unexplained() -> None:
    told = answers(tuple(table_schemas()))
    assert told["own-session"] == told["together"] == [CANNOT_TELL] * 3


@pytest.mark.parametrize(
    ("none", "asked", "not_asked"),
    [
        ("services", {"bulk-records", "list-to-its-end"}, {"contract-ended"}),
        ("staff", set(), {"account-of-leaver", "key-of-leaver", "own-record", "public-figure", "colleague-record", "relative-record", "staff-without-reason"}),
        ("tickets", set(), {"staff-without-reason", "colleague-record", "public-figure", "relative-record"}),
        ("keys", set(), {"key-out-of-use", "key-of-leaver"}),
        ("canaries", set(), {"canary-hit"}),
        ("logins", set(), {"token-never-issued", "token-of-another", "token-out-of-time"}),
        ("subjects", set(), {"own-record", "public-figure", "colleague-record", "relative-record"}),
        ("shifts", set(), set()),
        ("roles", set(), set()),
        ("delegations", set(), set()),
    ],
)  # fmt: skip
def test_which_detectors_it_wakes_and_which_have_nothing_to_look_into(
    none: str, asked: set[str], not_asked: set[str]
) -> None:
    before = {name for name, each in DETECTORS.items() if untold_of(each, Context.none()) is None}
    told = {name: untold_of(each, none_of(none)) for name, each in DETECTORS.items()}
    assert {name for name, each in told.items() if each is None} - before == asked
    assert {name for name, each in told.items() if each is not None and each.lacking} == not_asked
    assert all(
        each.why == f"there are no {none}, it is said"
        for each in told.values()
        if each is not None and each.lacking
    )


def test_every_table_says_what_none_of_it_means() -> None:
    assert {name for name, each in table_schemas().items() if each.none.decides} == {"services", "staff"}
    assert all(each.none.means.endswith(".") for each in table_schemas().values())


def test_a_folder_says_it_and_must_not_hold_the_table(tmp_path: Path) -> None:
    write(tmp_path, context_toml='none = ["services", "canaries"]\n')
    context = load_context(tmp_path, resolve)
    assert context.lacking == {"services", "canaries"}
    assert (context.given("services"), context.given("canaries")) == (True, False)
    write(tmp_path, canaries_csv="person\nc1\n")
    (fault,) = faults_of(tmp_path)
    assert fault[2] == f"none: there is none of canaries, it says, and {tmp_path / 'canaries.csv'} is one"
