"""What a manner says, and at which page a visit began."""

from __future__ import annotations

import pytest
from tests.unit.actors.tables import row, tables

from whosaw.actors import signs
from whosaw.actors.actor_views import make_actors
from whosaw.actors.cases import CaseTables
from whosaw.actors.explanation import prepare
from whosaw.actors.signs import VISIT, make_views
from whosaw.actors.statement import statement
from whosaw.store.sql import Session


def prepared(session: Session, made: CaseTables) -> None:
    for name, table in made.relations.items():
        session.register(name, table)
    prepare(session, made.context)
    make_views(session, made.context, [], [], manners=True)


def manners(made: CaseTables) -> set[tuple[int, str]]:
    with Session() as session:
        prepared(session, made)
        make_actors(session, "actors", ("manner",))
        rows = session.query(
            "SELECT DISTINCT a.actor, n.manner FROM actors AS a JOIN detect_clients AS c USING (client) JOIN detect_manner_numbers AS n ON n.number = c.manner"
        )
    return {(each["actor"], each["manner"]) for each in rows.to_pylist()}


SECOND = 1 / 60


def test_a_manner_is_the_order_of_pages_and_the_mean_pause_of_a_whole_visit() -> None:
    # the token's second page came through another address; 6 s in two pauses
    views = (
        row(0, person="c1", token="t", address="a", route="info"),
        row(5 * SECOND, person="c1", token="t", address="b", route="orders"),
        row(6 * SECOND, person="c1", token="t", address="a", route="info"),
    )
    assert manners(tables(*views)) == {(1, "info > orders, 1 s to 4 s apart")}


@pytest.mark.parametrize("together", [1, 2, 3, 100])  # views that are put together at once
def test_visits_are_alike_by_pages_order_and_pace(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "VISITED", together)
    views = (
        row(0, person="c1", token="one", route="info"), row(0, person="c2", address="x", route="info"),
        row(0, person="c3", token="fast", route="info"), row(SECOND / 2, person="c3", token="fast", route="orders"),
        row(0, person="c4", token="slow", route="info"), row(20 * SECOND, person="c4", token="slow", route="orders"),
        row(0, person="c5", session="back", route="orders"), row(4 * SECOND, person="c5", session="back", route="info"),
    )  # fmt: skip
    assert {text for _, text in manners(tables(*views))} == {
        "info",
        "info > orders, less than 1 s apart",
        "info > orders, 16 s to 64 s apart",
        "orders > info, 4 s to 16 s apart",
    }


def test_a_visit_begins_at_its_first_page_and_one_that_saw_two_people_begins_nowhere() -> None:
    views = (
        row(1, person="c1", token="t", route="orders"), row(0, person="c1", token="t", address="b", route="info"),
        row(0, person="c2", token="desk", route="info"), row(1, person="c3", token="desk", address="b", route="info"),
    )  # fmt: skip
    with Session() as session:
        prepared(session, tables(*views))
        session.execute(statement("entries").format(visit=VISIT))
        rows = session.query(
            "SELECT e.client, r.id, e.person FROM detect_entries AS e JOIN routes AS r ON r.route = e.page ORDER BY client"
        ).to_pylist()
    assert rows == [
        {"client": 1, "id": "info", "person": 1},
        {"client": 2, "id": "info", "person": 1},
    ]
