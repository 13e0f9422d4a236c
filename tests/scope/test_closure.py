"""From a clue to the actor, on ledgers of a few views: the same from every clue, nobody honest, nothing beyond what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pytest

from whosaw.core.errors import WhosawError
from whosaw.core.window_ends import BEGIN, NOTHING
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.link_case_runs import case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record
from whosaw.store.sql import Session

LINKS = load_links()
SECOND = 1_000_000


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def views(are: str, count: int, finding: str = "f-1", **values: str) -> CaseViews:
    return CaseViews(are=are, finding=finding, count=count, values=values)


def ledger(session: Session, *rows: CaseViews) -> Mapping[str, pa.Table]:
    """Put the views into the session; the n-th view (from 1) is line n, of person n and client n, in second n."""
    relations = case_relations(LinkCase(title="", held=0, possible=0, views=rows))
    for name, relation in relations.items():
        session.register(name, relation)
    return relations


def clue(kind: str, asked: Any) -> Clue:
    return Clue(kind=kind, asked=asked, value=str(asked))


def lines(session: Session, *, held: bool) -> list[int]:
    term = "held" if held else "NOT held"
    found: list[int] = session.query(f"SELECT line FROM scope_views WHERE {term} ORDER BY line")[
        "line"
    ].to_pylist()
    return found


def scope(session: Session, *clues: Clue, given: bool = True, every: bool = False, **more: Any) -> Closure:
    return close(session, clues, LINKS, Record(given=given, **more), every=every)


WAVES = (
    views("found", 30, token="t-{n}", network="rented", address="a", agent="one"),
    views("unexplained", 1, token="u-{n}", network="rented", address="b", agent="test"),
    views("found", 25, "f-2", token="v-{n}", network="rented", agent="two", address="c"),
    views("explained", 40, token="h-{n}", network="carrier", address="gate", agent="browser"),
)


@pytest.mark.parametrize(
    "given",
    [clue("finding", "f-1"), clue("finding", "f-2"), clue("person", 3), clue("person", 56), clue("line", (1, 20)),
     clue("agent", "one"), clue("agent", "two")],
    ids=lambda each: f"{each.kind} {each.asked}",
)  # fmt: skip
def test_every_clue_leads_to_the_same_actor(session: Session, given: Clue) -> None:
    ledger(session, *WAVES)
    told = scope(session, given)
    assert lines(session, held=True) == list(range(1, 57))
    assert lines(session, held=False) == []
    assert [part.clients for part in told.parts] == [30, 1, 25]
    assert {link.link: link.views for link in told.links}["same-finding"] == 55
    assert sum(link.views for link in told.links) == 56


def test_a_clue_of_what_a_link_joined_leads_to_the_same_document(session: Session) -> None:
    ledger(session, *WAVES)
    told = scope(session, clue("line", (1, 31)))
    assert lines(session, held=True) == list(range(1, 57))
    assert told.actor == scope(session, clue("finding", "f-2")).actor


def test_a_carrier_is_refused_and_shown(session: Session) -> None:
    ledger(
        session,
        views("found", 30, token="t-{n}", address="gate", network="carrier"),
        views("explained", 500, token="h-{n}", address="gate", network="carrier"),
        views("unexplained", 2, token="l-{n}", address="gate", network="carrier"),
    )
    told = scope(session, clue("finding", "f-1"), proven={"f-1": True})
    assert lines(session, held=True) == list(range(1, 31))
    assert lines(session, held=False) == [531, 532]
    assert {(link.link, link.persons, link.views) for link in told.refused} == {
        ("same-address", 500, 500),
        ("same-network", 500, 500),
    }
    assert {(link.link, link.persons, link.views) for link in told.ambiguous} == {
        ("same-address", 2, 2),
        ("same-network", 2, 2),
    }


CARRIER = {"address": "gate", "network": "carrier", "agent": "browser"}
BEHIND_IT = (
    views("found", 40, token="t-{n}", **CARRIER),
    views("found", 200, token="r-{n}", address="a", network="rented", agent="browser"),
)


def test_five_thousand_customers_of_a_carrier_are_not_pulled_in(session: Session) -> None:
    ledger(session, *BEHIND_IT, views("explained", 5_000, token="h-{n}", **CARRIER))
    told = scope(session, clue("finding", "f-1"), proven={"f-1": True})
    assert lines(session, held=True) == list(range(1, 241))
    assert lines(session, held=False) == []
    assert {(each.link, each.persons) for each in told.refused} >= {
        ("same-address", 5_000),
        ("same-network", 5_000),
    }


def test_customers_of_a_carrier_whose_logins_were_lost_are_possible_and_never_held(session: Session) -> None:
    ledger(
        session,
        *BEHIND_IT,
        views("explained", 4_985, token="h-{n}", **CARRIER),
        views("unexplained", 15, token="l-{n}", **CARRIER),
    )
    scope(session, clue("finding", "f-1"), proven={"f-1": True})
    assert lines(session, held=True) == list(range(1, 241))
    assert lines(session, held=False) == list(range(5_226, 5_241))


def test_without_logins_five_thousand_customers_of_a_carrier_are_possible_and_never_held(
    session: Session,
) -> None:
    ledger(session, *BEHIND_IT, views("cannot tell", 5_000, token="h-{n}", **CARRIER))
    told = scope(session, clue("finding", "f-1"), given=False)
    assert lines(session, held=True) == list(range(41, 241))  # the carrier's own are taken back to possible
    assert lines(session, held=False) == [*range(1, 41), *range(241, 5_241)]
    assert ("same-address", 5_000) in {(each.link, each.persons) for each in told.ambiguous}


def test_two_parties_are_not_taken_for_one_unless_that_is_asked(session: Session) -> None:
    ledger(
        session,
        views("found", 30, "f-1", token="t-{n}", key="k", address="a"),
        views("found", 30, "f-2", token="u-{n}", key="k", address="b"),
        views("explained", 900, token="h-{n}", key="k"),
    )
    with pytest.raises(WhosawError, match="2 actors that no link joins: f-1; f-2") as fault:
        scope(session, clue("key", "k"))
    assert fault.value.code == "scope.several"
    scope(session, clue("key", "k"), every=True)
    assert lines(session, held=True) == list(range(1, 61))


def test_a_clue_that_is_explained_leads_nowhere(session: Session) -> None:
    ledger(session, views("explained", 3, address="home"), views("found", 2, token="t"))
    with pytest.raises(WhosawError) as fault:
        scope(session, clue("person", 1))
    assert fault.value.code == "scope.nothing"


UNTIED = (
    views("cannot tell", 4, address="a", agent="browser"),
    views("cannot tell", 9, agent="browser-{n}", address="b"),
    views("cannot tell", 2, token="t"),
)


@pytest.mark.parametrize(
    "given", [clue("line", (1, 1)), clue("person", 15), clue("token", 3)], ids=lambda each: each.kind
)
def test_what_nothing_ties_to_anybody_has_one_answer_and_holds_nothing(session: Session, given: Clue) -> None:
    ledger(session, *UNTIED)
    told = scope(session, given, given=False)
    assert (lines(session, held=True), lines(session, held=False)) == ([], list(range(1, 16)))
    assert (told.evidence, told.clients, told.parts, told.honest_at_most) == ("none", 0, (), None)
    assert [(each.views, each.persons) for each in told.ambiguous] == [(15, 15)]
    assert [each.leads for each in told.clues] == ["cannot tell"]
    assert told.actor == scope(session, clue("line", (1, 9)), given=False).actor


def test_a_party_that_was_found_may_be_the_one_whom_nothing_ties_to_a_clue(session: Session) -> None:
    ledger(session, *UNTIED, views("found", 6, token="u", agent="walker", network="rented"))
    told = scope(session, clue("line", (1, 1)), given=False)
    assert (lines(session, held=True), lines(session, held=False)) == ([], list(range(1, 22)))
    assert told.links == ()


def test_a_clue_that_may_be_of_a_party_leads_to_it_and_says_so(session: Session) -> None:
    ledger(
        session,
        views("found", 30, token="t-{n}", agent="browser"),
        views("explained", 40, token="h-{n}", agent="browser"),
        views("cannot tell", 2, token="l-{n}", agent="browser"),
    )
    found, possible = scope(session, clue("finding", "f-1")), scope(session, clue("line", (1, 71)))
    assert found.actor == possible.actor
    assert [each.leads for each in (*found.clues, *possible.clues)] == ["actor", "possible"]
    assert (lines(session, held=True), lines(session, held=False)) == (list(range(1, 31)), [71, 72])


def test_a_clue_that_may_be_of_two_parties_is_not_decided(session: Session) -> None:
    ledger(
        session,
        views("found", 30, "f-1", token="t-{n}", agent="browser"),
        views("found", 30, "f-2", token="u-{n}", agent="browser"),
        views("explained", 40, token="h-{n}", agent="browser"),
        views("cannot tell", 2, token="l-{n}", agent="browser"),
    )
    with pytest.raises(WhosawError, match="may be of any of 2 actors that no link joins: f-1; f-2"):
        scope(session, clue("line", (1, 101)))


def test_what_a_record_has_no_reason_for_begins_an_actor_of_its_own(session: Session) -> None:
    ledger(
        session,
        views("found", 30, token="t-{n}", agent="browser"),
        views("explained", 40, token="h-{n}", agent="browser"),
        views("unexplained", 2, token="l", agent="browser"),
    )
    told = scope(session, clue("line", (1, 71)))
    assert (lines(session, held=True), [each.leads for each in told.clues]) == ([71, 72], ["itself"])


def test_of_a_clue_that_is_its_own_actor_each_view_that_cannot_be_told_may_be_honest(
    session: Session,
) -> None:
    """One client with two views that nothing explains and five of which it cannot be told: no more than the two are proven."""
    relations = dict(
        ledger(
            session,
            views("found", 30, token="t-{n}", network="rented", agent="browser"),
            views("explained", 40, token="h-{n}", network="carrier", agent="browser"),
            views("unexplained", 2, token="l", network="desk", agent="browser"),
            views("cannot tell", 5, token="l", network="desk", agent="browser"),
        )
    )
    for name in ("views", "answers"):
        table = relations[name]
        client = pa.array([min(each, 71) for each in table["client"].to_pylist()], pa.int32())
        session.register(name, table.set_column(table.schema.get_field_index("client"), "client", client))
    told = scope(session, clue("line", (1, 71)))
    assert [each.leads for each in told.clues] == ["itself"]
    held = lines(session, held=True)
    assert held == list(range(71, 78))
    assert told.honest_at_most is not None
    assert (told.honest_at_most.views, told.honest_at_most.persons) == (5, 5)


def test_held_views_where_honest_people_live_are_possible_if_the_record_has_gaps(session: Session) -> None:
    crowd = [
        views("explained", 400, token="h-{n}", network="carrier", agent="a"),
        views("unexplained", 8, token="l-{n}", network="carrier", agent="a"),
    ]
    ledger(
        session,
        *crowd,
        views("found", 2, token="x-{n}", network="carrier", agent="a"),
        views("found", 60, token="t-{n}", network="rented", agent="a"),
    )
    told = scope(session, clue("finding", "f-1"))
    assert lines(session, held=True) == list(range(411, 471))
    assert set(lines(session, held=False)) >= {409, 410}
    assert told.evidence == "statistical"
    scope(session, clue("finding", "f-1"), proven={"f-1": True})
    assert lines(session, held=True) == list(range(409, 471))


def test_who_walks_through_the_homes_of_others_is_seen_in_all_of_them_together(session: Session) -> None:
    """One of eleven clients in each of 60 homes. In no home is one client too many, but nobody lacks a login elsewhere: of 600 people luck
    leaves no more than 36 without one, at one in a million (a rate of 13.8 in 600 at most, and 36 where 14 are to be expected)."""
    rows = []
    for home in range(60):
        rows.append(views("explained", 10, token=f"h-{home}-{{n}}", network=f"home-{home}", agent="a"))
        rows.append(views("found", 1, token=f"t-{home}", network=f"home-{home}", agent="a"))
    ledger(session, *rows)
    told = scope(session, clue("finding", "f-1"))
    assert lines(session, held=True) == [11 * (home + 1) for home in range(60)]
    assert told.left == ()
    assert told.evidence == "statistical"
    assert told.honest_at_most is not None
    assert 14 <= told.honest_at_most.views <= 40


def test_the_window_says_where_the_logs_end(session: Session) -> None:
    ledger(session, views("found", 5, token="t"), views("explained", 3))
    day = 86_400 * SECOND
    told = scope(session, clue("finding", "f-1"), logs_from=SECOND, logs_until=5 * SECOND + 2 * day).window
    assert (told.first_view, told.last_view) == (SECOND, 5 * SECOND)
    assert (told.ends.before, told.ends.after) == (BEGIN, NOTHING)


def test_a_finding_that_counts_some_views_of_a_client_holds_no_others(session: Session) -> None:
    relations = ledger(session, views("found", 5, token="t-{n}"), views("explained", 3))
    views_ = relations["views"]
    client = pa.array([1] * views_.num_rows, pa.int32())
    session.register("views", views_.set_column(views_.schema.get_field_index("client"), "client", client))
    answers = relations["answers"]
    session.register(
        "answers", answers.set_column(answers.schema.get_field_index("client"), "client", client)
    )
    session.register("members", pa.table({"finding": ["f-1"], "client": pa.array([1], pa.int32())}))
    scope(session, clue("finding", "f-1"))
    assert lines(session, held=True) == [1, 2, 3, 4, 5]
    assert session.query("SELECT client, all_views FROM scope_clients").to_pylist() == [
        {"client": 1, "all_views": False}
    ]


def test_what_a_link_joins_to_proven_views_is_not_proven_with_them(session: Session) -> None:
    """Forty proven views, and one from their address of which the record cannot tell: it is held, and may be honest."""
    ledger(
        session, views("found", 40, address="a"), views("cannot tell", 1, address="a"), views("explained", 9)
    )
    told = scope(session, clue("finding", "f-1"), proven={"f-1": True})
    assert lines(session, held=True) == list(range(1, 42))
    assert told.evidence == "statistical"
    assert told.honest_at_most is not None
    assert (told.honest_at_most.views, told.honest_at_most.persons) == (1, 1)


@pytest.mark.parametrize("told_of", ["unexplained", "cannot_tell"])
def test_a_record_that_does_not_tell_of_the_counted_views_proves_none_of_them(
    session: Session, told_of: str
) -> None:
    """Ten views beside ninety that are explained. Where the record has looked for the ten and nobody else lacks an explanation, luck gives
    none of them; where it knows nothing of the ten, it says as much as no record."""
    relations = ledger(session, views("found", 10, network="m"), views("explained", 90, network="n"))
    if told_of == "cannot_tell":
        answers = relations["answers"].to_pydict()
        answers["unexplained"] = [0] * 100
        answers["cannot_tell"] = [1] * 10 + [0] * 90
        session.register("answers", pa.table(answers, schema=relations["answers"].schema))
    told = scope(session, clue("finding", "f-1"))
    assert told.evidence == ("each view" if told_of == "unexplained" else "statistical")
