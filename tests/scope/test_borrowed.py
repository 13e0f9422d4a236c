"""Explained views of an actor who uses the logins of others: possible where they are like his own, and never held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from whosaw.core.errors import WhosawError
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.link_case_runs import case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record, logins_table
from whosaw.store.sql import Session

LINKS = load_links()
ELSEWHERE = 900  # an address from which nobody views anything


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def views(are: str, count: int, **values: str) -> CaseViews:
    return CaseViews(are=are, finding="f-1", count=count, values=values)


THIEF = {"token": "t-{n}", "address": "rented-{n}", "network": "rented", "agent": "tool", "key": "k"}
OWNERS = (
    views("explained", 30, token="t-{n}", address="home-{n}", network="homes", agent="browser", key="k"),
    views("explained", 200, token="h-{n}", address="house-{n}", network="homes", agent="browser", key="k"),
)
FOUND, MISSED = views("found", 30, **THIEF), views("explained", 2, **{**THIEF, "token": "m-{n}"})


def scope(
    session: Session,
    rows: Sequence[CaseViews],
    opened: dict[int, int | None],
    *,
    explained: bool = True,
    own: bool = True,
    clue: tuple[str, object] = ("finding", "f-1"),
) -> Closure:
    """The scope from a clue. `opened` gives for lines from where their token was issued: the line whose address that is, an
    address, or None for an unknown one. `explained`: counted views are explained, too; by `own` logins of the people seen, or those of people they live with."""
    relations = dict(case_relations(LinkCase(title="", held=0, possible=0, views=tuple(rows))))
    if explained:
        answers, ones = relations["answers"], pa.array([1] * relations["answers"].num_rows, pa.int64())
        counted = pc.is_in(answers["person"], relations["counted"]["line"].cast(pa.int32()))
        for name, value in (("explained", 1), ("unexplained", 0)):
            changed = pc.if_else(counted, pc.multiply(ones, value), answers[name])
            answers = answers.set_column(answers.schema.get_field_index(name), name, changed)
        relations["answers"] = answers
    for name, relation in relations.items():
        session.register(name, relation)
    clients = relations["clients"].to_pylist()
    logins = [
        {
            "token": clients[line - 1]["token"],
            "session": None,
            "subject": line if own else 1_000 + line,  # people have the numbers of their lines
            "address": place if place in (None, ELSEWHERE) else clients[place - 1]["address"],
        }
        for line, place in opened.items()
    ]
    record = Record(given=True, logins=logins_table(pa.Table.from_pylist(logins)), proven={"f-1": True})
    kind, asked = clue
    return close(session, [Clue(kind=kind, asked=asked, value=str(asked))], LINKS, record)  # type: ignore[arg-type]


def lines(session: Session, *, held: bool) -> list[int]:
    return sorted(
        session.query(f"SELECT line FROM scope_views WHERE {'held' if held else 'NOT held'}")[
            "line"
        ].to_pylist()
    )


# lines 1-30 are counted, 31 and 32 missed, 33-62 the owners', 63-262 of people whom he never met
ROWS = (FOUND, MISSED, *OWNERS)
AT_HOME: dict[int, int | None] = {line: line + 32 for line in range(1, 31)} | {
    line: line for line in range(33, 263)
}


def test_a_stolen_session_that_nobody_saw_in_other_hands_may_be_his(session: Session) -> None:
    told = scope(session, ROWS, {**AT_HOME, 31: 63, 32: None})
    assert lines(session, held=True) == list(range(1, 31))
    assert lines(session, held=False) == [31, 32]
    assert {(each.link, each.persons, each.views) for each in told.ambiguous} == {
        ("same-address", 1, 1),
        ("same-agent", 2, 2),
        ("same-network", 2, 2),
    }


def test_a_session_that_was_opened_where_it_is_used_is_its_owners(session: Session) -> None:
    scope(session, ROWS, {**AT_HOME, 31: 31, 32: 63})
    assert lines(session, held=False) == [32]


def test_who_opens_the_sessions_himself_may_have_opened_others(session: Session) -> None:
    # lines 33-232 are of people who logged in at home with programs of their own
    scope(session, (FOUND, MISSED, OWNERS[1]), {line: line for line in range(1, 233)})
    assert lines(session, held=False) == [31, 32]


def test_where_no_login_explains_what_he_did_it_explains_what_others_did(session: Session) -> None:
    scope(session, ROWS, {**AT_HOME, 31: 63, 32: None}, explained=False)
    assert lines(session, held=False) == []


def test_views_that_a_household_explains_say_nothing_of_whose_hands_a_login_was_in(session: Session) -> None:
    scope(session, ROWS, {**AT_HOME, 31: 63, 32: None}, own=False)
    assert lines(session, held=False) == []


def test_what_no_login_opened_is_explained_by_something_else(session: Session) -> None:
    scope(session, ROWS, AT_HOME)
    assert lines(session, held=False) == []


def test_where_nobody_knows_where_a_session_was_opened_both_hands_are_possible(session: Session) -> None:
    opened: dict[int, int | None] = dict.fromkeys(range(1, 63), ELSEWHERE)
    scope(session, (FOUND, MISSED, OWNERS[0]), opened)
    assert lines(session, held=True) == list(range(1, 31))
    assert lines(session, held=False) == list(range(31, 63))


def test_a_view_that_a_login_explains_and_that_may_be_his_leads_to_him(session: Session) -> None:
    opened = {**AT_HOME, 31: 63, 32: None}
    from_finding = scope(session, ROWS, opened)
    from_view = scope(session, ROWS, opened, clue=("line", (1, 31)))
    assert from_view.actor == from_finding.actor
    assert [each.leads for each in from_view.clues] == ["possible"]
    assert lines(session, held=False) == [31, 32]


def test_a_view_that_a_login_explains_and_that_is_not_his_leads_nowhere(session: Session) -> None:
    with pytest.raises(WhosawError) as fault:
        scope(session, ROWS, {**AT_HOME, 31: 63, 32: None}, clue=("line", (1, 40)))
    assert fault.value.code == "scope.nothing"
