"""What a day says of its events: no line vanishes, none is of two days, and midnight changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.wide import WIDE, examples

from whosaw.build.step import Span
from whosaw.store.days.acts import Twins, margin_of
from whosaw.store.days.events import DAY_MICROS, EVENTS, HOUR_MICROS, MORE, Events
from whosaw.store.days.exposures import (
    CANNOT_TELL,
    EXPLAINED,
    UNEXPLAINED,
    added_exposures,
    exposures_of,
)
from whosaw.store.days.views import DayRows, pairs_without_number, view
from whosaw.store.index.twin_rules import TwinRule
from whosaw.store.schemas import MAYBE_TWIN

SECOND = 1_000_000
PAGE = TwinRule(sources=("edge", "app"), by="page", within=2 * SECOND)
REQUEST = TwinRule(sources=("edge", "app"), by="request", within=300 * SECOND)
LONG = TwinRule(sources=("edge", "app"), by="request", within=20 * HOUR_MICROS)
FILES = {1: b"\x20" * 32, 2: b"\x10" * 32, 3: b"\x30" * 32}
PLAIN: dict[str, Any] = {
    "client": 7, "person": 5, "route": 1, "position": 1, "view": True, "extra": 0, "undecided": False, "unsure": 0,
    "status": 200, "duplicate": False, "act": None, "address": 70, "agent": None, "principal": None, "session": None,
    "token": None, "key": None, "tls": None, "network": None,
}  # fmt: skip


def event(content: int, line: int, time: int, **said: Any) -> dict[str, Any]:
    """A view of person 5 by client 7, but for what is said; its hash is that of no other line."""
    return {
        **PLAIN, "content": content, "line": line, "time": time, "day": time // DAY_MICROS, "hash": 1000 * content + line, **said,
    }  # fmt: skip


def events(rows: list[dict[str, Any]], more: list[tuple[int, int, int | None]] = ()) -> Events:  # type: ignore[assignment]
    further = [dict(zip(MORE.names, each, strict=True)) for each in more]
    return Events(
        rows=pa.Table.from_pylist(rows, EVENTS), more=pa.Table.from_pylist(further, MORE), files=FILES
    )


def within(whole: Events, span: Span, twins: Twins) -> Events:
    """What `events_of` reads for the span: nothing but its days, and of twin sources what lies within the margin."""
    margin = margin_of(twins.rules)
    rows = [
        row
        for row in whole.rows.to_pylist()
        if span.start - (more := margin if row["content"] in twins.sides else 0)
        <= row["time"]
        < span.end + more
    ]
    return Events(rows=pa.Table.from_pylist(rows, EVENTS), more=whole.more, files=whole.files)


def made(whole: Events, span: Span, twins: Twins) -> DayRows:
    seen = within(whole, span, twins)
    pairs = pairs_without_number(seen, span, twins)
    # any number will do that the same two clients always have
    numbers = [1_000_000 + 1_000 * row["outside"] + row["inside"] for row in pairs.to_pylist()]
    return view(seen, span, twins, pairs.append_column("client", pa.array(numbers, pa.int64())))


def rows(table: pa.Table) -> list[dict[str, Any]]:
    return table.to_pylist()


def places(table: pa.Table, content: str = "content", line: str = "line") -> list[tuple[int, int]]:
    return list(zip(table[content].to_pylist(), table[line].to_pylist(), strict=True))


def check_whole(whole: Events, twins: Twins) -> list[DayRows]:
    """Each line is in one day, and there one thing; all days at once say what each says alone."""
    days = sorted(set(whole.rows["day"].to_pylist()))
    by_day = [made(whole, Span(day, day), twins) for day in days]
    at_once = made(whole, Span(days[0], days[-1]), twins)
    for name in ("views", "repeats", "tries", "twins"):
        alone = [row for each in by_day for row in rows(getattr(each, name))]
        assert alone == rows(getattr(at_once, name)), name
    joined = at_once.twins.filter(at_once.twins["joined"])
    witnesses, seen, tried, repeats = (
        set(places(each)) for each in (joined, at_once.views, at_once.tries, at_once.repeats)
    )
    named = Counter((*witnesses, *seen, *tried, *repeats))
    assert set(named.values()) <= {1}, "a line is two things"
    for row in whole.rows.to_pylist():
        place = row["content"], row["line"]
        if row["duplicate"]:
            assert place in repeats
        elif place not in named:  # neither a view nor what is a try
            assert not row["view"]
            assert row["status"] != 401
    said = {(row["content"], row["line"]): row for row in whole.rows.to_pylist()}
    refused = {(row["content"], row["line"]) for row in rows(at_once.tries) if row["status"] == 401}
    for row in rows(joined):
        act, witness = (row["act_content"], row["act_line"]), (row["content"], row["line"])
        if not said[act]["view"] and 401 in (said[act]["status"], said[witness]["status"]):
            assert act in refused, "what one of two lines says was refused is no such try"
    for table in (at_once.views, at_once.tries):
        times = {(row["content"], row["line"]): row["time"] for row in whole.rows.to_pylist()}
        for row in rows(table):
            assert row["time"] == times[row["content"], row["line"]]
            assert row["day"] * DAY_MICROS <= row["time"] < (row["day"] + 1) * DAY_MICROS
    return by_day


NONE = Twins()
BY_PAGE, BY_REQUEST = (
    Twins(rules=[rule], sides={1: (0, 0), 2: (0, 1)}, categories={1: frozenset("a"), 2: frozenset("ab")})
    for rule in (PAGE, REQUEST)
)
MIDNIGHTS = [0, -DAY_MICROS, -3 * DAY_MICROS, 17_000 * DAY_MICROS]


def drawn(content: int, kind: str, **said: Any) -> dict[str, Any]:
    return {
        "content": content, "apart": 0, "hash": None, "person": None, "client": 7, "route": 1, "act": 2, "kind": kind, "more": None, **said,
    }  # fmt: skip


@settings(max_examples=examples(60), derandomize=not WIDE)
@example(BY_PAGE, 0, [drawn(1, "401"), drawn(2, "failed")])
@example(BY_PAGE, 0, [drawn(1, "401"), drawn(2, "failed", person=5)])
@example(BY_PAGE, 0, [drawn(1, "401"), drawn(2, "401")])
@given(
    st.sampled_from([NONE, BY_PAGE, BY_REQUEST]),
    st.sampled_from(MIDNIGHTS),
    st.lists(
        st.fixed_dictionaries({
            "content": st.integers(1, 3),
            "apart": st.sampled_from([-DAY_MICROS, -4 * SECOND, -2 * SECOND, -SECOND, -1, 0, 1, SECOND, 2 * SECOND, 3 * SECOND,
                                      DAY_MICROS - 1, DAY_MICROS]),
            "hash": st.one_of(st.none(), st.integers(1, 3)),
            "person": st.sampled_from([None, 5, 6]),
            "client": st.sampled_from([7, 8]),
            "route": st.sampled_from([1, 2]),
            "act": st.sampled_from([None, 1, 2]),
            "kind": st.sampled_from(["view", "view", "failed", "401", "undecided", "duplicate"]),
            "more": st.sampled_from([None, (6,), (None,), (5, 8)]),
        }),
        min_size=1, max_size=24,
    ),
)  # fmt: skip
def test_no_line_vanishes_or_is_of_two_days(twins: Twins, midnight: int, told: list[dict[str, Any]]) -> None:
    whole, more = [], []
    for line, each in enumerate(told):
        kind = each["kind"]
        said = {
            "view": kind in ("view", "duplicate"),
            "undecided": kind == "undecided",
            "duplicate": kind == "duplicate",
            "status": {"failed": 404, "401": 401}.get(kind, 200),
            "position": each["route"],
            **{name: each[name] for name in ("person", "client", "route", "act")},
            **({} if each["hash"] is None else {"hash": each["hash"]}),
        }
        whole.append(event(each["content"], line, midnight + each["apart"], **said))
        more.extend((each["content"], line, person) for person in each["more"] or ())
    check_whole(events(whole, more), twins)


@settings(max_examples=examples(30), derandomize=not WIDE)
@given(
    st.sampled_from([PAGE, REQUEST, LONG]),
    st.sampled_from(MIDNIGHTS),
    st.integers(1, 400),
    st.integers(1, 60),
    st.data(),
)
def test_a_group_that_goes_on_through_midnight_is_cut_alike_by_both_days(
    rule: TwinRule, midnight: int, before: int, after: int, data: st.DataObject
) -> None:
    """Lines of one key, each within reach of the next: for hours, and for days where the slack is as long."""
    step = rule.reach * 9 // 10
    whole, time = [], midnight - before * step
    for line in range(before + after):
        time += data.draw(st.integers(step // 2, step)) if line % 5 == 0 else step
        content = 1 if (line // 2 + line) % 2 else 2
        whole.append(event(content, line, time, act=9, client=content))
    check_whole(events(whole), Twins(rules=[rule], sides={1: (0, 0), 2: (0, 1)}))


def test_a_pair_beyond_midnight_is_one_view_of_the_day_of_its_act() -> None:
    twins = Twins(rules=[PAGE], sides={1: (0, 0), 2: (0, 1)})
    whole = events([
        event(1, 1, -SECOND, act=9, client=7, address=70, principal=None),
        event(2, 1, SECOND, act=9, client=8, address=71, principal=4),
    ])  # fmt: skip
    before, after = (made(whole, Span(day, day), twins) for day in (-1, 0))
    # the inner line stands for the act, where he is is told by the outer one
    assert rows(before.views) == rows(before.twins) == []
    (seen,) = rows(after.views)
    assert (seen["content"], seen["client"], seen["address"], seen["principal"]) == (2, 1_007_008, 70, 4)
    (pair,) = rows(after.twins)
    assert (pair["day"], pair["content"], pair["act_content"], pair["joined"]) == (0, 1, 2, True)


def test_a_client_of_whom_one_line_says_all_keeps_his_number() -> None:
    twins = Twins(rules=[PAGE], sides={1: (0, 0), 2: (0, 1)})
    whole = events(
        [
            event(1, 1, 0, act=9, client=7, address=70),
            event(2, 1, 1, act=9, client=8, address=70, principal=4),
        ]
    )
    assert pairs_without_number(whole, Span(0, 0), twins).num_rows == 0
    (seen,) = rows(view(whole, Span(0, 0), twins).views)
    assert (seen["client"], seen["principal"]) == (8, 4)


def test_pairs_of_clients_without_a_number_are_refused() -> None:
    twins = Twins(rules=[PAGE], sides={1: (0, 0), 2: (0, 1)})
    whole = events(
        [
            event(1, 1, 0, act=9, client=7, address=70),
            event(2, 1, 1, act=9, client=8, address=71, principal=4),
        ]
    )
    with pytest.raises(ValueError, match="have no number yet"):
        view(whole, Span(0, 0), twins)


def test_what_stands_at_a_cut_without_a_partner_may_be_one_act() -> None:
    """A page that is asked for every second from 22:00 to 02:00, as each source logs it half a second apart: where the group is cut
    between the two lines of one act, the one is a view that is only possible."""
    twins = Twins(rules=[PAGE], sides={1: (0, 0), 2: (0, 1)})
    whole, first = [], -2 * HOUR_MICROS
    for second in range(4 * 3600):
        whole.append(event(1, second, first + second * SECOND, act=9))
        # the largest pauses of the hour before midnight and of the hour after it lie inside of an act
        late = 700_000 if second in (2 * 3600 - 60, 2 * 3600 + 60) else 400_000
        whole.append(event(2, second, first + second * SECOND + late, act=9, status=201))
    by_day = check_whole(events(whole), twins)
    views = [row for each in by_day for row in rows(each.views)]
    sure = [row for row in views if not row["unsure"] & MAYBE_TWIN]
    # before the first cut 7,140 acts and the first line of the next, which is only possible; between the cuts 120 pairs; after the
    # second one the second line of an act and 7,139 acts: of 7,140 lines and 7,139 one is left over, at the end
    assert len(sure) == 7_140 + 120 + 7_140
    # where a line is left over it cannot be told of which, so that only the pairs between the cuts are surely one view each
    assert len(views) == 2 * 4 * 3600 - 120


@pytest.mark.parametrize(("first", "second"), [((1, 9), (2, 3)), ((2, 3), (1, 9)), ((2, 3), (2, 4))])
def test_the_copy_with_the_smallest_digest_and_line_counts(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    day = view(events([event(*first, 0, hash=3), event(*second, 0, hash=3)]), Span(0, 0))
    assert places(day.views) == [(2, 3)]  # 10… is before 20…, and line 3 before line 4
    (repeat,) = rows(day.repeats)
    assert (repeat["content"], repeat["line"]) in (first, second)
    assert (repeat["route"], repeat["hour"]) == (1, 0)


@pytest.mark.parametrize(
    "other", [{"time": 1}, {"status": 206}, {"person": 6}, {"position": 2, "route": 2}, {"hash": 4}]
)
def test_what_differs_in_more_than_its_place_is_no_copy(other: dict[str, Any]) -> None:
    two = {**event(2, 1, 0, hash=3), **other}
    assert view(events([event(1, 1, 0, hash=3), two]), Span(0, 0)).repeats.num_rows == 0


def test_lines_of_twin_sources_are_no_copies_of_each_other() -> None:
    twins = Twins(rules=[PAGE], sides={1: (0, 0), 2: (0, 1)})
    day = view(events([event(1, 1, 0, hash=3), event(2, 1, 0, hash=3)]), Span(0, 0), twins)
    assert (day.repeats.num_rows, day.views.num_rows) == (0, 2)


def test_hours_before_1970_are_counted_downwards() -> None:
    day = view(events([event(1, 1, -1, duplicate=True)]), Span(-1, -1))
    (repeat,) = rows(day.repeats)
    assert (repeat["day"], repeat["hour"]) == (-1, -1)


def test_a_response_that_names_several_has_a_row_for_each() -> None:
    whole = events(
        [event(1, 1, 0, extra=3, person=None), event(1, 2, 0, extra=3, person=5)],
        [(1, 1, 6), (1, 1, 6), (1, 1, 4), (1, 2, 6), (1, 9, 1)],
    )
    found = [(row["line"], row["person"], row["extra"]) for row in rows(view(whole, Span(0, 0)).views)]
    # whom nobody names stands last, and is one of the further ones of those beside him
    assert found == [(1, 4, 2), (2, 5, 3), (1, 6, 2), (2, 6, 3), (1, None, 3)]


def test_views_are_in_order_of_person_time_file_and_line() -> None:
    whole = events([
        event(1, 2, 5), event(2, 9, 5), event(1, 1, 5), event(3, 1, 4), event(3, 2, 5, person=4), event(3, 3, 0, person=None),
    ])  # fmt: skip
    assert places(view(whole, Span(0, 0)).views) == [(3, 2), (3, 1), (2, 9), (1, 1), (1, 2), (3, 3)]


def digests(numbers: pa.Array) -> pa.Array:
    """Digests whose order is not that of the numbers."""
    return pa.array([bytes([255 - number]) * 16 for number in numbers.to_pylist()], pa.binary(16))


def test_exposures_add_up_in_any_order() -> None:
    whole = events([
        event(1, 1, 0, client=7, extra=2), event(1, 2, 9, client=7, extra=None), event(1, 3, 5, client=8, unsure=1),
        event(1, 4, DAY_MICROS, client=7, extra=1), event(1, 5, 3, person=None),
    ])  # fmt: skip
    day, next_day = (view(whole, Span(each, each)).views for each in (0, 1))
    told = pa.array([EXPLAINED, UNEXPLAINED, CANNOT_TELL, EXPLAINED], pa.uint8())
    # in the order of views: 7 at 0, 8 at 5, 7 at 9, and nobody
    one = exposures_of(day, digests, pa.array([EXPLAINED, CANNOT_TELL, UNEXPLAINED, EXPLAINED]))
    other = exposures_of(next_day, digests, pa.array([EXPLAINED]))
    assert told.type == pa.uint8()
    common = {"person": 5, "route": 1}
    eight = {
        **common, "client": 8, "first": 5, "last": 5, "views": 1, "extra": 0, "unbounded": 0, "possible": 1,
        "explained": 0, "unexplained": 0, "cannot_tell": 1,
    }  # fmt: skip
    seven = {
        **common, "client": 7, "first": 0, "last": DAY_MICROS, "views": 3, "extra": 2, "unbounded": 1, "possible": 0,
        "explained": 2, "unexplained": 1, "cannot_tell": 0,
    }  # fmt: skip
    for parts in ([one, other], [other, one], [added_exposures([other], digests), one]):
        assert rows(added_exposures(parts, digests)) == [eight, seven]
    unasked = added_exposures([one, exposures_of(next_day, digests)], digests)
    assert unasked["explained"].to_pylist() == [None, None]
    assert unasked["views"].to_pylist() == [1, 3]
