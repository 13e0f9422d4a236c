"""Counts of small hand-made scopes; every expected number is counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from tests.scope.hand_scopes import API, BOOK, CARDS, LIST, ROUTES, Ledger, bounds, facts, seen

from whosaw.core.document import object_of
from whosaw.core.scope_version import HonestAtMost
from whosaw.scope.counting.count import Counted
from whosaw.scope.counting.facts import LostLogs, RouteFact, UnreadSource


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    made = Ledger()
    yield made
    made.session.close()


def test_whole_logs_give_exact_numbers(ledger: Ledger) -> None:
    counted = ledger.count([seen(1, 5), seen(1, 6), seen(2, 6)], facts())
    assert bounds(counted) == [(3, 3), (2, 2), (2, 2)]
    assert counted.estimate is None
    assert sorted(counted.persons["held"]) == [1, 2]
    assert not counted.persons["possible"]


def test_a_response_that_named_two_is_one_view(ledger: Ledger) -> None:
    rows = [seen(1, line=9), seen(2, line=9), seen(3)]
    assert bounds(ledger.count(rows, facts())) == [(2, 2), (3, 3), (3, 3)]


def test_nothing_counted_is_zero_and_not_unknown(ledger: Ledger) -> None:
    counted = ledger.count([], facts())
    assert bounds(counted) == [(0, 0), (0, 0), (0, 0)]
    assert {each.answer for each in counted.categories_held} == {"not seen"}


def test_nothing_counted_in_logs_with_a_gap_is_unknown(ledger: Ledger) -> None:
    counted = ledger.count([], facts(lost_hours=(30,)))
    assert bounds(counted) == [(0, None), (0, None), (0, None)]
    assert "cannot tell" in {each.answer for each in counted.categories_held}


def test_possible_views_go_into_the_upper_bound_alone(ledger: Ledger) -> None:
    counted = ledger.count([seen(1), seen(1, held=False), seen(2, held=False)], facts())
    assert bounds(counted) == [(1, 3), (1, 2), (1, 2)]
    assert sorted(counted.persons["possible"]) == [2]


def test_honest_views_among_the_held_ones_come_off_the_lower_bound(ledger: Ledger) -> None:
    rows = [seen(each) for each in range(10)]
    counted = ledger.count(rows, facts(), honest_at_most=HonestAtMost(views=3, persons=2, chance=1e-6))
    assert bounds(counted) == [(7, 10), (8, 10), (8, 10)]
    assert [reason.code for reason in counted.counts[0].reasons] == ["honest-among-them"]


def test_further_people_on_a_page_are_persons_and_no_accounts(ledger: Ledger) -> None:
    counted = ledger.count([seen(1, route=BOOK), seen(1, route=BOOK), seen(2, route=BOOK)], facts())
    assert bounds(counted) == [(3, 3), (2, 2), (2, 12)]
    assert object_of(counted.secondary) == {
        "lower": 0,
        "upper": 10,
        "categories": ["contact.address"],
        "reasons": [{"code": "secondary-subjects-not-named", "adds_upper": 10}],
    }


def test_a_page_without_a_bound_takes_the_bound_of_persons_away(ledger: Ledger) -> None:
    routes = {
        **ROUTES,
        BOOK: RouteFact(number=BOOK, id="book", categories=("contact.address",), secondary_at_most=None),
    }
    counted = ledger.count([seen(1, route=BOOK, extra=None)], facts(routes=routes))
    assert bounds(counted) == [(1, 1), (1, 1), (1, None)]


def test_a_view_without_a_name_is_of_one_more_account_at_most(ledger: Ledger) -> None:
    assert bounds(ledger.count([seen(1), seen(None), seen(None)], facts())) == [(3, 3), (1, 3), (1, 3)]


def test_a_list_shows_as_many_as_it_can_hold(ledger: Ledger) -> None:
    rows = [seen(None, route=LIST, content=API, extra=100), seen(None, route=LIST, content=API, extra=50)]
    counted = ledger.count(rows, facts())
    assert bounds(counted) == [(2, 2), (0, 150), (0, 150)]
    assert counted.lists.views == 2
    assert counted.lists.persons_at_most == 150
    assert bounds(ledger.count([seen(None, route=LIST, content=API)], facts())) == [
        (1, 1),
        (0, None),
        (0, None),
    ]


def test_no_more_accounts_than_there_are(ledger: Ledger) -> None:
    counted = ledger.count([seen(1), seen(None, route=LIST, content=API)], facts(accounts=30))
    assert bounds(counted) == [
        (2, 2),
        (1, 30),
        (1, 180),
    ]  # what the list showed may have brought 5 others each


def test_a_line_left_out_as_a_copy_may_have_been_a_request(ledger: Ledger) -> None:
    counted = ledger.count([seen(1), seen(2)], facts(), repeats=1)
    assert bounds(counted) == [(2, 3), (2, 2), (2, 2)]


def test_a_reject_within_reach_may_hide_two_views(ledger: Ledger) -> None:
    counted = ledger.count([seen(1, 20), seen(2, 30)], facts(rejects={5: 40, 25: 3}))
    assert bounds(counted) == [(2, 8), (2, 8), (2, 8)]
    assert [each.code for each in counted.open] == ["rejects"]


@pytest.mark.parametrize(
    "lost",
    [
        {"lost": (LostLogs(source="web", what="web.log.3 is gone"),)},
        {"unread": (UnreadSource(source="web", name="web.log.3", why="broken off"),)},
    ],
)
def test_logs_that_somebody_took_leave_no_bound(ledger: Ledger, lost: dict[str, Any]) -> None:
    counted = ledger.count([seen(1, 5)], facts(accounts=40, **lost))
    assert bounds(counted) == [(1, None), (1, 40), (1, 240)]  # he may have read address books there
    assert len(counted.open) == 1


def test_what_is_lost_of_a_source_he_never_used_leaves_the_numbers_alone(ledger: Ledger) -> None:
    lost = (LostLogs(source="api", what="api.log.3 is gone"),)
    assert bounds(ledger.count([seen(1, 5)], facts(lost=lost))) == [(1, 1), (1, 1), (1, 1)]


def test_a_breakdown_tells_each_row_with_its_own_bounds(ledger: Ledger) -> None:
    rows = [
        seen(1, 5),
        seen(2, 30, part=1),
        seen(2, 31, route=BOOK, part=1),
        seen(3, 31, route=BOOK, part=1, held=False),
    ]
    named = pa.table({"person": pa.array([1, 2], pa.int32()), "name": ["KR", "JP"]})
    by = ledger.count(rows, facts(jurisdictions=named)).by
    told = {
        kind: {row.name: [(each.lower, each.upper) for each in row.counts] for row in rows}
        for kind, rows in by.items()
    }
    assert told["category"]["identity.name"] == [(2, 2), (2, 2), (2, 2)]
    assert told["category"]["contact.address"] == [(1, 2), (1, 2), (1, 12)]
    assert told["route"] == {"info": [(2, 2), (2, 2), (2, 2)], "book": [(1, 2), (1, 2), (1, 12)]}
    assert [(name, row[0]) for name, row in told["day"].items()] == [
        ("2025-03-03", (1, 1)),
        ("2025-03-04", (2, 3)),
    ]
    assert told["jurisdiction"]["KR"][:2] == [(1, 1), (1, 1)]
    assert told["jurisdiction"]["unknown"][:2] == [(0, 1), (0, 1)]
    assert told["part"]["1"][0] == (2, 3)


def test_groups_are_disjoint_and_add_up(ledger: Ledger) -> None:
    counted = ledger.count([seen(1), seen(2), seen(2, route=BOOK), seen(3, route=BOOK)], facts())
    assert [(each.categories, each.accounts) for each in counted.groups] == [
        (("contact.address",), 1),
        (("contact.address", "contact.email", "identity.name"), 1),
        (("contact.email", "identity.name"), 1),
    ]
    assert sorted(counted.persons["category:contact.address"]) == [2, 3]


def answers(counted: Counted) -> dict[str, str]:
    return {each.category: each.answer for each in counted.categories_held}


def test_a_category_was_not_seen_only_where_all_was_read(ledger: Ledger) -> None:
    rows = [seen(1, 20), seen(1, 40)]
    assert answers(ledger.count(rows, facts()))["financial.card"] == "not seen"
    assert answers(ledger.count(rows, facts()))["identity.name"] == "seen"
    assert answers(ledger.count(rows, facts(rejects={30: 1})))["financial.card"] == "cannot tell"
    assert answers(ledger.count(rows, facts(lost_hours=(30,))))["financial.card"] == "cannot tell"
    assert (
        answers(ledger.count([*rows, seen(4, 30, route=CARDS, held=False)], facts()))["financial.card"]
        == "cannot tell"
    )
    draft = {**ROUTES, CARDS: RouteFact(number=CARDS, id="cards", categories=("financial.card",), draft=True)}
    assert answers(ledger.count(rows, facts(routes=draft)))["financial.card"] == "cannot tell"


def test_a_route_that_no_line_fits_cannot_be_told(ledger: Ledger) -> None:
    routes = {**ROUTES, 9: RouteFact(number=9, id="export", categories=("government.id",))}
    counted = ledger.count([seen(1, 20)], facts(routes=routes))
    assert answers(counted)["government.id"] == "cannot tell"
    assert [each.code for each in counted.open] == ["route-never-met"]


def test_requests_to_pages_that_no_route_fits_are_open(ledger: Ledger) -> None:
    counted = ledger.count([seen(1, 20)], facts(), other=4)
    assert [each.code for each in counted.open] == ["unmapped-route"]
    assert "4 requests" in counted.open[0].what


def test_the_answer_holds_while_the_logs_he_stands_in_last(ledger: Ledger) -> None:
    held = ledger.count([seen(1, 20)], facts(hours=48)).holds
    told = object_of(held)
    assert (told["from"], told["until"]) == ("2025-03-03T00:00:00Z", "2025-03-04T23:59:59.999999Z")
    assert "web begins at" in held.before


def test_the_document_has_the_keys_that_counting_fills(ledger: Ledger) -> None:
    told = ledger.count([seen(1, 20)], facts(lost_hours=(30,)))
    assert list(object_of(told)) == [
        "counts", "estimate", "by", "groups", "secondary", "lists", "categories_held", "holds", "open",
    ]  # fmt: skip
    assert told.counts[0].unit == "views"
