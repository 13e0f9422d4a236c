"""When an actor can have been there at all, by the logins on record from his addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest
from tests.scope.hand_scopes import START, Ledger, bounds, facts, seen

from whosaw.scope.counting.count import Counted
from whosaw.scope.counting.facts import Logins

HOME, OFFICE, ELSEWHERE = 1, 2, 3  # addresses
DAYS = 24


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    made = Ledger()
    yield made
    made.session.close()


def evening(day: int, *, many: int = 10, hour: int = 20, **other: Any) -> list[dict[str, Any]]:
    """Views of new people in an hour of a day, those of the odd days from the office."""
    return [seen(100 * day + n, 24 * day + hour, **{"client": HOME + day % 2, **other}) for n in range(many)]


def counted(
    ledger: Ledger,
    rows: list[dict[str, Any]],
    logins: Sequence[tuple[int, int]],
    lost: Sequence[int],
    *,
    until: int = 24 * DAYS,
) -> Counted:
    """`logins` are pairs of address and hour."""
    table = pa.table(
        {
            "address": pa.array([address for address, _ in logins], pa.int64()),
            "hour": pa.array([START + hour for _, hour in logins], pa.int64()),
        }
    )
    told = Logins(rows=table, first=START - 240, last=START + until)
    return ledger.count(rows, facts(hours=24 * DAYS, lost_hours=tuple(lost), logins=told))


ROWS = [row for day in range(1, 23) if day != 12 for row in evening(day)]
# a login at eight on every one of these days
LOGINS = [(HOME + day % 2, 24 * day + 20) for day in range(1, 23)]


def upper_of_views(told: Counted) -> int | None:
    return bounds(told)[0][1]


def test_an_hour_after_a_login_may_hold_as_much_as_another(ledger: Ledger) -> None:
    # ten as after every other login, or more than after any: ten, the busiest hour's ten, and one
    assert upper_of_views(counted(ledger, ROWS, LOGINS, [24 * 12 + 20])) == len(ROWS) + 21


def test_an_hour_without_a_login_of_his_holds_nothing(ledger: Ledger) -> None:
    without = [each for each in LOGINS if each[1] // 24 != 12]
    told = counted(ledger, ROWS, without, [24 * 12 + 3, 24 * 12 + 20])
    assert upper_of_views(told) == len(ROWS)
    # the gaps are told all the same
    assert [each.what for each in told.open] == [
        "web has 2 more gaps, 2 hours together, in which no login of the actor was alive"
    ]


def test_logins_of_others_are_none_of_his(ledger: Ledger) -> None:
    others = [each for each in LOGINS if each[1] // 24 != 12] + [(ELSEWHERE, 24 * 12 + 20)]
    assert upper_of_views(counted(ledger, ROWS, others, [24 * 12 + 20])) == len(ROWS)


@pytest.mark.parametrize(
    ("rows", "logins"),
    [
        pytest.param(ROWS, LOGINS[:10], id="views long after any login"),
        pytest.param(
            ROWS[:150], [each for each in LOGINS[:15] if each[1] // 24 != 12], id="fewer than twenty logins"
        ),
        pytest.param(
            [*ROWS, *evening(23, client=ELSEWHERE)],
            [*(each for each in LOGINS if each[1] // 24 != 12), (ELSEWHERE, 24 * 23 + 20)],
            id="an address that came once",
        ),
        pytest.param(
            [*evening(0, hour=5), *ROWS],
            [each for each in LOGINS if each[1] // 24 != 12],
            id="views before any",
        ),
        pytest.param(ROWS, [], id="no logins of his"),
    ],
)
def test_where_logins_do_not_tell_the_hour_may_hold_something(
    ledger: Ledger, rows: list[dict[str, Any]], logins: list[tuple[int, int]]
) -> None:
    assert (upper_of_views(counted(ledger, rows, logins, [24 * 12 + 20])) or 0) > len(rows)


def test_after_logins_end_he_may_have_been_there(ledger: Ledger) -> None:
    rows = [row for row in ROWS if row["time"] // 3_600_000_000 - START < 24 * 22]
    lost = [24 * 22 + 20]
    logins = [each for each in LOGINS if each[1] // 24 != 22]
    assert upper_of_views(counted(ledger, rows, logins, lost)) == len(rows)
    assert (upper_of_views(counted(ledger, rows, logins, lost, until=24 * 22)) or 0) > len(rows)
