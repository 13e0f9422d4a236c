"""A table of tickets that most of the desk contradicts proves nothing; one in a wrong zone is a question about the table."""

from __future__ import annotations

import pyarrow.compute as pc
import pytest
from tests.unit.actors.tables import row, tables

from whosaw.actors import Detected, load_detectors, load_explanations, run
from whosaw.actors.belief import LOGIN_SLACK, TICKET_SLACK, Agent, middle_share
from whosaw.actors.cases import CaseTables, Row
from whosaw.actors.event_answers import view_answers
from whosaw.store.schemas import PROVEN
from whosaw.store.sql import Session

EXPLANATIONS = load_explanations()
DETECTORS = {"staff-without-reason": load_detectors(EXPLANATIONS)["staff-without-reason"]}
DESK, CUSTOMERS, HOUR = 5, 20, 60
STAFF = [row(staff="kim{n}", count=DESK)]


def told(made: CaseTables) -> Detected:
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        return run(session, made.context, DETECTORS, EXPLANATIONS)


def at(agent: int, customer: int) -> float:
    """When an agent looks at a customer: each once, a day apart."""
    return 1440 * (customer + 1) + 10 * agent


def looks(agents: range, customers: range, word: str = "c") -> list[Row]:
    return [
        row(at(agent, each), person=f"{word}{agent}-{each}", principal=f"kim{agent}", address="office")
        for agent in agents
        for each in customers
    ]


def written(agents: range, customers: range, *, late: float = 0) -> list[Row]:
    """A ticket for each look, open from ten minutes before until two hours after it; all times `late` minutes too late."""
    return [
        row(
            agent=f"kim{agent}",
            subject=f"c{agent}-{each}",
            opened=at(agent, each) - 10 + late,
            closed=at(agent, each) + 120 + late,
        )
        for agent in agents
        for each in customers
    ]


def test_the_slack_is_that_of_the_explanation() -> None:
    assert EXPLANATIONS["staff-with-ticket"].clock_slack == TICKET_SLACK
    assert EXPLANATIONS["own-session"].clock_slack == LOGIN_SLACK


def test_a_desk_with_reasons_and_one_agent_without() -> None:
    desk = looks(range(DESK), range(CUSTOMERS)) + looks(range(1), range(CUSTOMERS), "x")
    found = told(tables(*desk, staff=STAFF, tickets=written(range(DESK), range(CUSTOMERS))))
    assert [each.accounts.lower for each in found.findings] == [CUSTOMERS]
    assert found.questions == ()


@pytest.mark.parametrize("early", [0, 3])
def test_of_what_an_agent_without_reasons_saw_only_that_is_proven_of_which_the_tickets_tell(
    early: int,
) -> None:
    """The first ticket is opened at minute 1430; whether there was one for the looks at minutes 0 to 2 nobody can tell."""
    views = looks(range(DESK), range(CUSTOMERS)) + looks(range(1), range(CUSTOMERS), "x")
    views += [row(each, person=f"y{each}", principal="kim0", address="office") for each in range(early)]
    found = told(tables(*views, staff=STAFF, tickets=written(range(DESK), range(CUSTOMERS))))
    assert [each.accounts.lower for each in found.findings] == [CUSTOMERS + early]
    proven = found.proofs.filter(pc.equal(found.proofs["standing"], PROVEN))["line"].to_pylist()
    assert (proven == [None]) if not early else (len(set(proven)) == CUSTOMERS and None not in proven)


def test_tickets_in_a_wrong_zone_accuse_nobody_and_are_a_question() -> None:
    """Nine hours late, each ticket is opened after its look: nobody at the desk has a reason for anything."""
    tickets = written(range(DESK), range(CUSTOMERS), late=9 * HOUR)
    found = told(tables(*looks(range(DESK), range(CUSTOMERS)), staff=STAFF, tickets=tickets))
    assert found.findings == ()
    # the first look of the first agent is earlier than the first ticket by more than the slack, as are those of all others on that day
    seen = DESK * (CUSTOMERS - 1)
    (question,) = found.questions
    assert question.startswith(
        f"tickets: {seen} views of staff have a ticket only where all tickets are 9 hours earlier: is the zone"
    )


def test_who_has_no_ticket_at_any_hour_is_found_though_the_zone_is_wrong() -> None:
    tickets = written(range(DESK), range(CUSTOMERS), late=9 * HOUR)
    desk = looks(range(DESK), range(CUSTOMERS)) + looks(range(1), range(CUSTOMERS), "x")
    found = told(tables(*desk, staff=STAFF, tickets=tickets))
    (finding,) = found.findings
    # of the looks of the first day it cannot be told, for tickets begin later
    assert finding.accounts.lower >= CUSTOMERS - 1
    assert finding.actor.by == ("principal",)


def test_tickets_of_another_desk_are_set_aside() -> None:
    """Two of three agents have none for half of the people they saw."""
    tickets = written(range(1), range(CUSTOMERS)) + written(range(1, 3), range(0, CUSTOMERS, 2))
    found = told(tables(*looks(range(3), range(CUSTOMERS)), staff=STAFF, tickets=tickets))
    assert found.findings == ()
    (untold,) = found.untold
    assert untold.why.startswith("tickets are not believed: 2 of 3 agents have none for more than a third")


def test_the_middle_agent_is_the_lower_of_two() -> None:
    desk = [Agent(agent=n, people=10, lacking=lacking) for n, lacking in enumerate((9, 1, 0, 2))]
    assert middle_share(desk) == 0.1
    assert middle_share(desk[:3]) == 0.1
    assert middle_share([]) == 0


def own(count: int, *, late: float) -> CaseTables:
    """People who look at their own page a minute after they logged in, for an hour; logins are on record `late` minutes too late."""
    pages = [row(5000 + 90 * n, person=f"c{n}", token=f"t{n}", address=f"home{n}") for n in range(count)]
    logins = [
        row(time=4999 + 90 * n + late, subject=f"c{n}", token=f"t{n}", ended=5059 + 90 * n + late)
        for n in range(count)
    ]
    return tables(*pages, logins=[row(time=0, subject="early", token="e"), *logins])


def answers(made: CaseTables, count: int) -> list[str]:
    """What own-session says of each view."""
    with Session() as session:
        for name, table in made.relations.items():
            session.register(name, table)
        shown = view_answers(session, made.context, EXPLANATIONS, [(1, line) for line in range(1, count + 1)])
    return [tried.answer for each in shown for tried in each.tried if tried.explanation == "own-session"]


def test_own_sessions_explain_own_pages() -> None:
    assert answers(own(8, late=0), 8) == ["explained"] * 8


def test_logins_in_a_wrong_zone_make_nobody_a_thief() -> None:
    """Nine hours late, every session was issued after its page was read."""
    assert answers(own(12, late=9 * HOUR), 12) == ["cannot tell"] * 12
    (question,) = told(own(12, late=9 * HOUR)).questions
    assert question.startswith(
        "logins: 12 views of people with tokens or sessions of their own lie in the time of these only where all"
    )
    assert "9 hours earlier" in question


def test_few_sessions_out_of_time_say_nothing_of_a_whole_table() -> None:
    assert answers(own(9, late=9 * HOUR), 9) == ["unexplained"] * 9


def test_a_token_that_was_issued_later_is_unexplained_where_other_logins_are_in_order() -> None:
    right = own(8, late=0)
    stolen = row(4000, person="c0", token="t0", address="thief")
    pages = [row(5000 + 90 * n, person=f"c{n}", token=f"t{n}", address=f"home{n}") for n in range(8)]
    logins = [row(time=4999 + 90 * n, subject=f"c{n}", token=f"t{n}", ended=5059 + 90 * n) for n in range(8)]
    early = row(time=0, subject="early", token="e")
    made = tables(*pages, stolen, logins=[early, *logins])
    assert answers(made, 9) == [*answers(right, 8), "unexplained"]
