"""What explanations say of single views, and of first accesses."""

from __future__ import annotations

from tests.unit.actors.tables import row, tables

from whosaw.actors import load_explanations
from whosaw.actors.cases import CaseTables
from whosaw.actors.event_answers import first_accesses, view_answers
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
MADE = tables(
    row(1, person="c1", token="t1"), row(2, person="c1", token="t1"), row(3, person="c2", token="t1"),
    row(4, person="c2", token="x"), row(5, person="c1"), row(6, token="t1"),
    row(7, person="c1", principal="kim"),
    logins=[row(time=0, subject="c1", token="t1"), row(time=999, subject="c1", token="t1")],
    staff=[row(staff="kim")], tickets=[row(agent="kim", subject="c1", opened=0)],
)  # fmt: skip


def opened(session: Session, made: CaseTables) -> None:
    for name, table in made.relations.items():
        session.register(name, table)


def test_each_first_view_of_a_person_by_a_client_is_answered_once() -> None:
    with Session() as session:
        opened(session, MADE)
        told = {each.id: each for each in first_accesses(session, MADE.context, EXPLANATIONS)}
    # c1 by t1, c2 by t1, c2 by x, c1 by nobody in particular, c1 by kim
    own = told["own-session"]
    assert (own.explained, own.unexplained, own.cannot_tell, own.does_not_apply) == (1, 2, 1, 1)
    ticket = told["staff-with-ticket"]
    assert (ticket.explained, ticket.unexplained, ticket.cannot_tell, ticket.does_not_apply) == (1, 0, 4, 0)
    over = told[None]
    assert (over.explained, over.unexplained, over.cannot_tell, over.does_not_apply) == (2, 1, 2, 0)


def test_views_are_answered_in_the_order_asked_for_and_a_line_that_is_none_has_none() -> None:
    with Session() as session:
        opened(session, MADE)
        told = view_answers(session, MADE.context, EXPLANATIONS, [(1, 4), (1, 1), (1, 99)])
    assert [(each.line, each.answer) for each in told] == [(4, "unexplained"), (1, "explained")]
    own = told[0].tried[0]
    assert (own.explanation, own.answer, own.why_not) == ("own-session", "never issued", "")


def test_what_cannot_be_told_says_why() -> None:
    with Session() as session:
        opened(session, MADE)
        (view,) = view_answers(session, MADE.context, EXPLANATIONS, [(1, 5)])
    tried = {each.explanation: each for each in view.tried}
    assert tried["service-job"].why_not == "no services given"
    assert tried["own-session"].why_not == EXPLANATIONS["own-session"].gap
