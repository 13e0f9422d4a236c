"""Where most of a desk lacks some tickets, they get lost, and a view without one is not proven to have no reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from whosaw.scope.closed import Closure
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.leaks import Agent, usual_lack
from whosaw.scope.link_case_runs import case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record
from whosaw.store.sql import Session

LINKS = load_links()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def agent(number: int, people: int, lacking: int) -> Agent:
    return Agent(agent=number, people=people, lacking=lacking)


def scope(session: Session, desk: list[Agent]) -> Closure:
    """Of a finding of 19 people whom kim saw without a ticket, all proven; kim is the first principal."""
    rows = (
        CaseViews(are="found", finding="f-1", count=19, values={"principal": "kim", "network": "office"}),
        CaseViews(are="explained", finding="f-1", count=40, values={"principal": "lee", "network": "office"}),
    )
    for name, relation in case_relations(LinkCase(title="", held=0, possible=0, views=rows)).items():
        session.register(name, relation)
    record = Record(given=True, proven={"f-1": True}, desk=tuple(desk), by_tickets=frozenset({"f-1"}))
    return close(session, [Clue(kind="finding", asked="f-1", value="f-1")], LINKS, record)


def kim(session: Session) -> int:
    scope(session, [])
    return int(
        session.query("SELECT min(principal) AS n FROM clients JOIN scope_views USING (client) WHERE held")[
            "n"
        ][0].as_py()
    )


def test_a_desk_that_lacks_nothing_proves_each_view(session: Session) -> None:
    number = kim(session)
    told = scope(session, [agent(number, 59, 19), *(agent(1000 + n, 40, 0) for n in range(5))])
    assert (told.evidence, told.honest_at_most) == ("each view", None)


def test_where_the_middle_agent_lacks_tickets_some_of_his_may_be_lost_too(session: Session) -> None:
    """Twenty of 200 people: not more than 57 of 200 are usual (at one in a million), of his 59 people 17, and 40 by luck: all of his 19."""
    number = kim(session)
    told = scope(session, [agent(number, 59, 19), *(agent(1000 + n, 40, 4) for n in range(5))])
    assert told.evidence == "statistical"
    assert told.honest_at_most is not None
    assert (told.honest_at_most.views, told.honest_at_most.persons) == (19, 19)


def test_of_an_agent_alone_at_his_desk_nothing_is_known(session: Session) -> None:
    number = kim(session)
    told = scope(session, [agent(number, 59, 19)])
    assert told.honest_at_most is not None
    assert told.honest_at_most.views == 19


def test_another_snoop_teaches_nothing() -> None:
    desk = [agent(n, 100, 1) for n in range(9)]
    # nine of 900 people, at one in a million no more than 37
    assert 0.030 < usual_lack(desk) < 0.045
    assert usual_lack([*desk, agent(9, 100, 60)]) == usual_lack(desk)
    assert usual_lack([agent(0, 100, 0), agent(1, 100, 0), agent(2, 100, 60)]) == 0
    assert usual_lack([]) == 1
