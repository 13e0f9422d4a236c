"""A score, counted by hand: ten lines, a breach that read three members, and one of the staff who read one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from whosaw.core.canonical_json import canonical_json
from whosaw.core.counts import Count, Reason, Unit
from whosaw.core.document import document, object_of
from whosaw.replay.score.input import HONEST_LINE, Found, Party, Said, Truth
from whosaw.replay.score.measure import bounds, score
from whosaw.replay.score.result import Bounds, Score, Share

BREACH, NOSY = 0, 1
NOON = 1_741_003_200_000  # 2025-03-03T12:00:00Z
INFO, BOOK, LIST = 0, 1, 2
ROUTES = {INFO: ("identity.name",), BOOK: ("contact.address", "identity.name"), LIST: ("commerce.orders",)}
# ledger numbers of members 0 to 4; the ledger never met the last one
NUMBERS = np.asarray([70, 71, 72, 73, -1], np.int32)
LINES = [HONEST_LINE, BREACH, BREACH, BREACH, BREACH, HONEST_LINE, NOSY, NOSY, HONEST_LINE, HONEST_LINE]
View = tuple[int, int, int | None, int]


def truth(**changes: Any) -> Truth:
    """Members 0, 1 and 2 were read by the breach at noon and each second after it, member 3 by the staff."""
    rows = [
        (BREACH, 0, "identity.name", NOON),
        (BREACH, 1, "identity.name", NOON + 1_000),
        (BREACH, 1, "contact.address", NOON + 2_000),
        (BREACH, 2, "identity.name", NOON + 3_000),
        (NOSY, 3, "identity.name", NOON + 60_000),
    ]
    usual: dict[str, Any] = {
        "parties": (
            Party(id="walk", kind="breach", views=4, persons=5),
            Party(id="curious", kind="nosy", views=2, persons=1),
        ),
        "members": pa.array(["1000", "1001", "1002", "1003", "1004"]),
        "exposures": exposures(rows),
        "lines": np.asarray(LINES, np.int16),
        "days": 4,
        "customers": 500,
        "customers_per_day": 100.0,
    }
    return Truth(**{**usual, **changes})


def exposures(rows: Sequence[tuple[int, int, str, int]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    kinds = (pa.int16(), pa.int32(), pa.string(), pa.int64())
    names = ("party", "member", "category", "first")
    return pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)})


def found(views: Sequence[View], *findings: int, groups: Any = None, notes: tuple[str, ...] = ()) -> Found:
    """`findings` are the times at which each was raised; group and finding are the same unless told."""
    columns = list(zip(*views, strict=True)) if views else [()] * 4
    kinds = (pa.int32(), pa.int64(), pa.int32(), pa.int16())
    names = ("group", "view", "person", "route")
    return Found(
        findings=tuple(
            Said(id=f"f-{at}", detector="persons-per-client", raised_ms=raised)
            for at, raised in enumerate(findings)
        ),
        groups=groups if groups is not None else tuple((at,) for at in range(len(findings))),
        views=pa.table({n: pa.array(c, k) for n, c, k in zip(names, columns, kinds, strict=True)}),
        routes=ROUTES,
        numbers=NUMBERS,
        notes=notes,
    )


# lines 1 to 4: three members by their information page, and the address book of member 1 with two others at most
WHOLE: list[View] = [(0, 1, 70, INFO), (0, 2, 71, INFO), (0, 3, 71, BOOK), (0, 4, 72, INFO)]


def shares(told: Score, what: str) -> tuple[tuple[int, int], ...]:
    quality = getattr(told, what)
    return tuple(
        (each.right, each.of) for each in (quality.recall, quality.precision, quality.precision_with_false)
    )


def test_a_breach_found_whole_is_whole_in_every_unit() -> None:
    told = score(found(WHOLE, NOON + 1_000), truth())
    assert told.answer == "found"
    assert shares(told, "persons") == ((3, 3), (3, 3), (3, 3))
    assert shares(told, "views") == ((4, 4), (4, 4), (4, 4))
    # the book shows name and address of member 1; by truth the name was seen, so four pairs are four pairs
    assert shares(told, "categories") == ((4, 4), (4, 4), (4, 4))


def test_persons_before_the_first_finding_include_those_of_its_own_moment() -> None:
    told = score(found(WHOLE, NOON + 1_000), truth())
    assert told.first is not None
    assert (told.first.persons_before, told.first.after_seconds) == (2, 1)
    assert object_of(told.first)["raised_at"] == "2025-03-03T12:00:01Z"


def test_the_earliest_true_finding_is_the_first_even_when_a_false_one_came_before() -> None:
    views: list[View] = [*WHOLE, (1, 0, 80, INFO)]
    told = score(found(views, NOON + 3_000, NOON - 5_000), truth())
    assert [each.answer for each in told.findings.listed] == ["true", "false"]
    assert told.first is not None
    assert (told.first.id, told.first.persons_before) == ("f-0", 3)


def seen(lower: int, upper: int | None = None, *, unit: Unit = "accounts") -> Count:
    reasons = () if upper == lower else (Reason(code="gap"),)
    return Count(unit=unit, lower=lower, upper=upper, reasons=reasons)


def counted(*accounts: int | None, **changes: Any) -> tuple[Bounds, ...]:
    """Beside the truth: views and persons as they were, and accounts between two numbers."""
    lower, upper = accounts
    assert lower is not None
    counts = (seen(4, 4, unit="views"), seen(lower, upper), seen(5, 5, unit="persons"))
    return bounds(truth(**changes), counts)


def test_bounds_stand_beside_the_truth_in_each_unit() -> None:
    told = counted(2, 4)
    assert [(each.count.unit, each.truth, each.hold, each.width) for each in told] == [
        ("views", 4, True, 1.0),
        ("accounts", 3, True, 2.0),
        ("persons", 5, True, 1.0),
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "hold"), [(3, 3, True), (4, 5, False), (1, 2, False), (4, None, False)]
)
def test_bounds_hold_where_the_truth_lies_within_them(lower: int, upper: int | None, hold: bool) -> None:
    assert counted(lower, upper)[1].hold is hold


def test_without_an_upper_bound_or_with_a_lower_one_of_nothing_there_is_no_width() -> None:
    assert [(counted(*each)[1].hold, counted(*each)[1].width) for each in ((1, None), (0, 4))] == [
        (True, None),
        (True, None),
    ]


def test_persons_of_two_parties_that_may_have_read_one_book_cannot_be_told() -> None:
    two = (
        Party(id="walk", kind="breach", views=4, persons=5),
        Party(id="other", kind="breach", views=2, persons=1),
    )
    views, accounts, persons = counted(4, 4, parties=two)
    assert (views.truth, accounts.truth, persons.truth, persons.hold) == (6, 4, None, None)


def test_a_missed_member_lowers_recall_alone() -> None:
    told = score(found(WHOLE[:3], NOON), truth())
    assert shares(told, "persons") == ((2, 3), (2, 2), (2, 2))


def test_a_list_that_names_nobody_names_nobody() -> None:
    views: list[View] = [(0, 1, None, LIST), (0, 2, None, LIST)]
    told = score(found(views, NOON), truth())
    assert shares(told, "persons")[:2] == ((0, 3), (0, 0))


def test_honest_views_within_a_true_finding_lower_precision() -> None:
    views: list[View] = [*WHOLE, (0, 5, 80, INFO)]
    told = score(found(views, NOON), truth())
    assert shares(told, "persons") == ((3, 3), (3, 4), (3, 4))
    assert shares(told, "views") == ((4, 4), (4, 5), (4, 5))


@pytest.mark.parametrize(("honest", "answer"), [(2, "true"), (3, "false")])
def test_half_of_the_views_make_a_finding_true(honest: int, answer: str) -> None:
    views: list[View] = [(0, 1, 70, INFO), (0, 2, 71, INFO)]
    views += [(0, line, 80, INFO) for line in (5, 8, 9)[:honest]]
    told = score(found(views, NOON), truth())
    assert [each.answer for each in told.findings.listed] == [answer]


def test_a_false_finding_counts_by_day_and_by_a_million_customers_of_a_day() -> None:
    views: list[View] = [*WHOLE, (1, 0, 80, INFO), (1, 5, 81, INFO)]
    told = score(found(views, NOON, NOON), truth())
    assert (told.findings.number("true"), told.findings.number("false")) == (1, 1)
    assert told.findings.false_per_day == 0.25
    assert told.findings.false_per_day_and_million_customers == 2_500.0
    assert shares(told, "persons") == ((3, 3), (3, 3), (3, 5))


def test_staff_who_look_without_a_reason_are_found_on_their_own_and_are_never_false() -> None:
    views: list[View] = [*WHOLE, (1, 6, 73, INFO), (1, 7, 73, INFO)]
    told = score(found(views, NOON, NOON + 60_000), truth())
    assert [(each.answer, each.party) for each in told.findings.listed] == [
        ("true", "walk"),
        ("nosy", "curious"),
    ]
    assert (told.findings.number("false"), told.findings.false_per_day) == (0, 0.0)
    assert shares(told, "persons") == ((3, 3), (3, 3), (3, 3))
    assert [(each.id, each.kind, each.persons.right, each.persons.of) for each in told.parties] == [
        ("walk", "breach", 3, 3),
        ("curious", "nosy", 1, 1),
    ]


def test_no_finding_is_not_found_and_no_number_is_made_up() -> None:
    told = score(found([], notes=("canary-hit: cannot tell: no canaries given",)), truth())
    assert (told.answer, told.first, told.bounds) == ("not found", None, ())
    assert told.persons.recall == Share(right=0, of=3)
    assert told.persons.recall.share == 0.0
    assert told.persons.precision.share is None
    assert told.notes == ("canary-hit: cannot tell: no canaries given",)


def test_a_breach_that_read_nobody_leaves_nothing_to_find() -> None:
    quiet = truth(
        parties=(Party(id="walk", kind="breach", views=0, persons=0),),
        exposures=exposures([]),
        lines=np.full(10, HONEST_LINE, np.int16),
    )
    told = score(found([]), quiet)
    assert told.answer == "nothing to find"
    assert told.persons.recall.share is None


def test_lines_that_the_truth_does_not_have_are_not_held_against_a_finding() -> None:
    views: list[View] = [(0, 1, 70, INFO), (0, -1, 71, INFO), (0, -2, 72, INFO), (0, 5, 80, INFO)]
    told = score(found(views, NOON), truth())
    assert [(each.answer, each.unplaced) for each in told.findings.listed] == [("cannot tell", 2)]
    assert told.findings.false_per_day == 0.0


def test_a_response_that_names_two_persons_is_one_view() -> None:
    views: list[View] = [(0, 1, 70, INFO), (0, 1, 71, INFO)]
    told = score(found(views, NOON), truth())
    assert told.findings.listed[0].views == 1
    assert shares(told, "persons")[0] == (2, 3)


def test_a_client_in_two_findings_is_counted_once_in_what_they_found() -> None:
    told = score(found(WHOLE, NOON, NOON + 2_000, groups=((0, 1),)), truth())
    assert [each.views for each in told.findings.listed] == [4, 4]
    assert shares(told, "views")[0] == (4, 4)


def test_all_customers_stand_in_where_the_daily_ones_are_not_told() -> None:
    told = score(found([(0, 0, 80, INFO)], NOON), truth(customers_per_day=None))
    assert told.findings.false_per_day_and_million_customers == 0.25 * 1_000_000 / 500
    assert "all customers are taken" in told.notes[0]


def test_a_member_whom_the_ledger_never_met_is_missed_not_forgotten() -> None:
    more = exposures([(BREACH, 4, "identity.name", NOON)])
    told = score(found([(0, 1, 70, INFO)], NOON), truth(exposures=more))
    assert shares(told, "persons")[:2] == ((0, 1), (0, 1))


def test_the_order_of_rows_changes_nothing() -> None:
    views: list[View] = [*WHOLE, (1, 0, 80, INFO), (1, 6, 73, INFO)]
    one, other = (score(found(each, NOON, NOON), truth()) for each in (views, views[::-1]))
    assert canonical_json(document(one)) == canonical_json(document(other))
    json.loads(canonical_json(document(one)))
