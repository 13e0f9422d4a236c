"""A number walk that is dealt out to several addresses: which of them are the actor's, and which only happen to be near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pytest

from whosaw.core.errors import WhosawError
from whosaw.scope.closed import Closure
from whosaw.scope.closure import close
from whosaw.scope.clue import Clue
from whosaw.scope.link_case_runs import case_order, case_relations
from whosaw.scope.link_cases import CaseViews, LinkCase
from whosaw.scope.link_item import load_links
from whosaw.scope.record import Record
from whosaw.store.sql import Session

LINKS = load_links()
TURNS = {"turns-in-one-walk": LINKS["turns-in-one-walk"]}
HOUR = 3600


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as opened:
        yield opened


def views(are: str, count: int, finding: str = "f-1", **values: Any) -> CaseViews:
    numbers = {name: values.pop(name) for name in ("number", "step", "deal", "at", "every") if name in values}
    return CaseViews(are=are, finding=finding, count=count, values=values, **numbers)


def scope(session: Session, rows: tuple[CaseViews, ...], *clues: Clue, given: bool = True, order: bool = True,
          links: Mapping[str, Any] = TURNS) -> Closure:  # fmt: skip
    """The n-th view (from 1) of the case is line n of client n."""
    case = LinkCase(title="", held=0, possible=0, views=rows)
    for name, relation in case_relations(case).items():
        session.register(name, relation)
    record = Record(given=given, order=(lambda: case_order(case)) if order else None)
    return close(session, clues, links, record)


def clue(kind: str, asked: Any) -> Clue:
    return Clue(kind=kind, asked=asked, value=str(asked))


def lines(session: Session, *, held: bool) -> list[int]:
    term = "held" if held else "NOT held"
    found: list[int] = session.query(f"SELECT line FROM scope_views WHERE {term} ORDER BY line")[
        "line"
    ].to_pylist()
    return found


# a number every 36 seconds for 40 hours; of every four one agent takes one: two agents were found, the others were not
def _agent(are: str, first: int, finding: str = "f-1", **values: Any) -> CaseViews:
    return views(are, 1000, finding, number=first, step=4, at=36 * first, every=144, deal=13,
                 address=f"{first}-{{d}}", **values)  # fmt: skip


WALK = (
    _agent("found", 0, agent="one"),
    _agent("found", 1, "f-2", agent="two"),
    _agent("cannot tell", 2, agent="three"),
    _agent("cannot tell", 3, agent="four"),
)
VISITORS = views(
    "cannot tell", 3000, number=1, step=1777, at=0, every=48, address="home-{n}", agent="browser"
)
# 150 of the same numbers, at hours that have nothing to do with where the walk is
OFFICE = views("cannot tell", 150, number=1990, step=-13, at=0, every=960, address="office", agent="browser")


@pytest.mark.parametrize(
    "given",
    [clue("finding", "f-1"), clue("finding", "f-2"), clue("agent", "three"), clue("line", (1, 3500)),
     clue("person", 2001)],
    ids=lambda each: f"{each.kind} {each.asked}",
)  # fmt: skip
def test_every_clue_inside_the_walk_leads_to_the_same_actor(session: Session, given: Clue) -> None:
    told = scope(session, (*WALK, VISITORS, OFFICE), given, given=False)
    assert lines(session, held=True) == list(range(1, 4001))
    assert [each.leads for each in told.clues] == ["actor"]
    assert {each.link: each.views for each in told.links} == {"same-finding": 2000, "turns-in-one-walk": 2000}


def test_without_numbers_nothing_is_tied_to_anything(session: Session) -> None:
    with pytest.raises(WhosawError, match="2 actors that no link joins"):
        scope(session, (*WALK, VISITORS), clue("finding", "f-1"), clue("finding", "f-2"),
              given=False, order=False)  # fmt: skip


def test_visitors_and_an_office_with_customers_of_the_same_numbers_stay_out(session: Session) -> None:
    scope(session, (*WALK, VISITORS, OFFICE), clue("finding", "f-1"), given=False)
    assert lines(session, held=False) == []


def test_a_carrier_through_which_turns_are_taken_is_refused_and_shown(session: Session) -> None:
    rows = (
        *WALK,
        views("unexplained", 40, number=20, step=100, at=0, every=HOUR, address="carrier"),
        views("explained", 5000, number=1, step=1777, at=0, every=28, address="carrier"),
    )
    told = scope(session, rows, clue("finding", "f-1"))
    assert lines(session, held=True) == list(range(1, 4001))
    assert lines(session, held=False) == list(range(4001, 4041))
    assert [(each.link, each.persons, each.views) for each in told.refused] == [
        ("turns-in-one-walk", 5000, 5000)
    ]
    assert [(each.link, each.views) for each in told.ambiguous] == [("turns-in-one-walk", 40)]


def test_a_walk_in_the_other_direction_that_meets_this_one_stays_another_party(session: Session) -> None:
    back = (
        views("found", 2000, "f-9", number=3999, step=-2, at=0, every=72, deal=7, address="back-{d}"),
        views("unexplained", 2000, number=3998, step=-2, at=36, every=72, deal=7, address="also-{d}"),
    )
    scope(session, (*WALK, *back, VISITORS), clue("finding", "f-1"))
    assert lines(session, held=True) == list(range(1, 4001))
    scope(session, (*WALK, *back, VISITORS), clue("finding", "f-9"))
    assert lines(session, held=True) == list(range(4001, 8001))


def test_explained_views_at_the_turn_never_join(session: Session) -> None:
    rows = (*WALK, views("explained", 40, number=20, step=100, at=0, every=HOUR, address="own"))
    scope(session, rows, clue("finding", "f-1"))
    assert lines(session, held=True) == list(range(1, 4001))
    assert lines(session, held=False) == []


def test_the_order_of_numbers_is_not_asked_for_where_no_address_may_take_turns(session: Session) -> None:
    rows = (
        views("found", 40, number=0, address="a"),
        views("unexplained", 40, number=100, address="home-{n}"),
    )
    case = LinkCase(title="", held=0, possible=0, views=rows)
    for name, relation in case_relations(case).items():
        session.register(name, relation)

    def order() -> pa.Table:
        raise AssertionError("asked for")

    close(session, [clue("finding", "f-1")], TURNS, Record(given=True, order=order))
    assert lines(session, held=True) == list(range(1, 41))


def test_where_nothing_was_found_a_clue_with_turns_of_its_own_begins_the_walk(session: Session) -> None:
    rows = (
        views("unexplained", 2000, number=0, step=2, at=0, every=72, deal=7, address="clue-{d}", agent="one"),
        views(
            "unexplained", 2000, number=1, step=2, at=36, every=72, deal=7, address="other-{d}", agent="two"
        ),
        views("explained", 3000, number=1, step=1777, at=0, every=48, address="home-{n}", agent="browser"),
    )
    told = scope(session, rows, clue("agent", "one"))
    assert [each.leads for each in told.clues] == ["itself"]
    assert lines(session, held=True) == list(range(1, 4001))


def test_few_views_that_are_left_of_an_address_known_to_take_turns_join(session: Session) -> None:
    pool: dict[str, Any] = {"deal": 100, "address": "pool-{d}"}
    rows = (
        views("found", 2000, "f-1", number=0, step=2, at=0, every=720, agent="one", **pool),
        views("found", 1000, "f-2", number=1, step=4, at=360, every=1440, agent="two", **pool),
        # three or four of each address: alone that may be chance
        views("cannot tell", 333, number=3, step=12, at=1080, every=4320, agent="rare", **pool),
        views("cannot tell", 3000, number=1, step=1777, at=0, every=480, address="home-{n}", agent="browser"),
    )
    scope(session, rows, clue("finding", "f-1"), given=False)
    assert lines(session, held=True) == list(range(1, 3334))
