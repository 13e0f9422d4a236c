"""Times as logs write them, zones, doubled and missing hours, and years that are not written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.instants import from_micros, to_micros
from whosaw.ingest.times.local import instants_of, with_years
from whosaw.ingest.times.read import ANY, TIME_KINDS, has_no_offset, read_walls, time_regex

MOMENTS = st.integers(31_536_000, 7_258_118_400).map(lambda second: from_micros(second * 1_000_000))


def read(kind: str, *texts: str) -> list[tuple[datetime, int | None] | None]:
    walls = read_walls(kind, pa.array(texts, pa.string()))
    return [
        (from_micros(int(micros)), int(offset) if has else None) if ok else None
        for micros, ok, offset, has in zip(walls.micros, walls.ok, walls.offset, walls.has, strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "text", "wall", "offset"),
    [
        ("clf", "24/Nov/2025:10:00:00 +0900", datetime(2025, 11, 24, 10, tzinfo=UTC), 540),
        ("clf", "24/nov/2025:10:00:00.25 -0330", datetime(2025, 11, 24, 10, 0, 0, 250_000, tzinfo=UTC), -210),
        ("clf", "24/Nov/2025:10:00:00", datetime(2025, 11, 24, 10, tzinfo=UTC), None),
        ("clf-local", "1/Jan/2015:12:48:57.127", datetime(2015, 1, 1, 12, 48, 57, 127_000, tzinfo=UTC), None),
        ("clf", "29/Feb/2024:23:59:60", datetime(2024, 3, 1, tzinfo=UTC), None),
        ("iso", "2025-11-24T10:00:00Z", datetime(2025, 11, 24, 10, tzinfo=UTC), 0),
        (
            "iso",
            "2025-11-24T10:00:00.123456789+09:00",
            datetime(2025, 11, 24, 10, 0, 0, 123_456, tzinfo=UTC),
            540,
        ),
        ("iso", "2025-11-24 10:00:00,5 +0100", datetime(2025, 11, 24, 10, 0, 0, 500_000, tzinfo=UTC), 60),
        ("iso", "2025-11-24 10:00:00 UTC", datetime(2025, 11, 24, 10, tzinfo=UTC), 0),
        ("iso", "2025-11-24 10:00:00 KST", datetime(2025, 11, 24, 10, tzinfo=UTC), None),
        ("epoch", "1763978400.25", datetime(2025, 11, 24, 10, 0, 0, 250_000, tzinfo=UTC), 0),
        # more digits than a float of 64 bits holds
        ("epoch", "4411372559.416549", datetime(2109, 10, 16, 13, 15, 59, 416_549, tzinfo=UTC), 0),
        ("epoch", "1763978400.2500004", datetime(2025, 11, 24, 10, 0, 0, 250_000, tzinfo=UTC), 0),
        ("epoch", "1763978400.1234565", datetime(2025, 11, 24, 10, 0, 0, 123_456, tzinfo=UTC), 0),
        ("epoch", "1763978400.999999500", datetime(2025, 11, 24, 10, 0, 1, tzinfo=UTC), 0),
        ("epoch-ms", "1763978400001", datetime(2025, 11, 24, 10, 0, 0, 1_000, tzinfo=UTC), 0),
        ("epoch-us", "1763978400000001", datetime(2025, 11, 24, 10, 0, 0, 1, tzinfo=UTC), 0),
        (ANY, "03-MAR-25 08.00.07.000012 AM", datetime(2025, 3, 3, 8, 0, 7, 12, tzinfo=UTC), None),
        (ANY, "3-Mar-2025 23:00:07 UTC", datetime(2025, 3, 3, 23, 0, 7, tzinfo=UTC), 0),
        (ANY, "25/Feb/26 10:17 PM", datetime(2026, 2, 25, 22, 17, tzinfo=UTC), None),
        (ANY, "25/Feb/26 12:01 AM", datetime(2026, 2, 25, 0, 1, tzinfo=UTC), None),
        (ANY, "25/Feb/26 12:01 PM", datetime(2026, 2, 25, 12, 1, tzinfo=UTC), None),
        ("syslog", "Nov  4 10:00:00", datetime(2000, 11, 4, 10, tzinfo=UTC), None),
        ("syslog", "Nov 24 2025 10:00:00", datetime(2025, 11, 24, 10, tzinfo=UTC), None),
        (
            "%Y-%m-%dT%H:%M:%S.%3fZ",
            "2025-11-24T10:00:00.123Z",
            datetime(2025, 11, 24, 10, 0, 0, 123_000, tzinfo=UTC),
            0,
        ),
        (ANY, "24.11.2025 10:00:00", datetime(2025, 11, 24, 10, tzinfo=UTC), None),
        (ANY, "4.1.2025 10:00:00,25 +01:00", datetime(2025, 1, 4, 10, 0, 0, 250_000, tzinfo=UTC), 60),
        (ANY, "24.11.2025 10:00", datetime(2025, 11, 24, 10, tzinfo=UTC), None),
        ("%d/%b/%Y %T", "24/Nov/2025 10:00:00", datetime(2025, 11, 24, 10, tzinfo=UTC), None),
    ],
)
def test_a_time_is_read_with_its_own_offset(kind: str, text: str, wall: datetime, offset: int | None) -> None:
    assert read(kind, text) == [(wall, offset)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ANY, "31.11.2025 10:00:00"),
        (ANY, "11.24.2025 10:00:00"),  # no month 24
        (ANY, "24.11.25 10:00:00"),  # a version, or a year of two digits
        ("clf", "31/Nov/2025:10:00:00"),
        ("clf", "29/Feb/2025:10:00:00"),
        ("clf", "24/Foo/2025:10:00:00"),
        ("clf", "24/Nov/2025:24:00:00"),
        ("clf", "24/Nov/2025 10:00:00"),
        ("clf", "24/Nov/2025:10:00:0a"),
        ("iso", "2025-13-24T10:00:00Z"),
        ("iso", "2025-11-24T10:00:00+25:00"),
        ("epoch", "12e5"),
        ("epoch", "-5"),
        ("epoch-ms", "1.5"),
        ("syslog", "Foo  4 10:00:00"),
        ("%Y", "x"),
        ("clf", ""),
    ],
)
def test_what_is_no_time_is_not_read(kind: str, text: str) -> None:
    assert read(kind, text) == [None]


@given(st.lists(MOMENTS, min_size=1, max_size=20))
@settings(max_examples=examples(50))
def test_all_at_once_reads_what_one_by_one_reads(moments: list[datetime]) -> None:
    texts = [f"{moment:%d/%b/%Y:%H:%M:%S}" for moment in moments]
    assert read("clf", *texts) == [(moment, None) for moment in moments]
    # one text of another width sends them all the other way
    assert read("clf", *texts, "1/Jan/2025:00:00:00.5")[:-1] == [(moment, None) for moment in moments]
    assert read("iso", *(f"{moment:%Y-%m-%dT%H:%M:%S}Z" for moment in moments)) == [
        (moment, 0) for moment in moments
    ]


@given(
    st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "replace")),
    st.sampled_from(["clf", "iso", "epoch", "syslog", "%H"]),
)
@settings(max_examples=examples(100))
def test_any_text_is_read_or_not_but_never_an_error(text: str, kind: str) -> None:
    assert len(read(kind, text)) == 1


def test_which_kinds_need_a_zone() -> None:
    needing = {
        kind
        for kind in ("clf", "clf-local", "iso", "epoch", "syslog", "%Y %T", "%Y %T%z", "%s")
        if has_no_offset(kind)
    }
    assert needing == {"clf-local", "syslog", "%Y %T"}


def instants(zone: str, *walls: datetime) -> list[datetime]:
    micros = np.array([to_micros(wall) for wall in walls], dtype=np.int64)
    return [from_micros(int(one)) for one in instants_of(micros, ZoneInfo(zone), None)[0]]


def test_the_hour_that_comes_twice_is_told_apart_by_line_order() -> None:
    day = datetime(2025, 10, 26, tzinfo=UTC)
    walls = [
        day.replace(hour=hour, minute=minute)
        for hour, minute in ((1, 50), (2, 10), (2, 50), (2, 10), (2, 50), (3, 10))
    ]
    found = instants("Europe/Berlin", *walls)
    start = datetime(2025, 10, 25, 23, 50, tzinfo=UTC)
    assert [(one - start) // timedelta(minutes=1) for one in found] == [0, 20, 60, 80, 120, 140]


def test_the_second_pass_is_remembered_across_blocks() -> None:
    day = datetime(2025, 10, 26, tzinfo=UTC)
    walls = [day.replace(hour=2, minute=minute) for minute in (10, 50, 10, 50)]
    micros = np.array([to_micros(wall) for wall in walls], dtype=np.int64)
    whole, _ = instants_of(micros, ZoneInfo("Europe/Berlin"), None)
    for cut in range(1, 4):
        first, state = instants_of(micros[:cut], ZoneInfo("Europe/Berlin"), None)
        second, _ = instants_of(micros[cut:], ZoneInfo("Europe/Berlin"), state)
        assert [*first, *second] == list(whole)


def test_the_hour_that_does_not_exist_has_the_offset_from_before() -> None:
    (found,) = instants("Europe/Berlin", datetime(2025, 3, 30, 2, 30, tzinfo=UTC))
    assert found == datetime(2025, 3, 30, 1, 30, tzinfo=UTC)


@given(MOMENTS)
@settings(max_examples=examples(50))
def test_a_wall_clock_of_a_zone_comes_back(moment: datetime) -> None:
    zone = ZoneInfo("Asia/Seoul")
    walls = moment.astimezone(zone)
    if walls.fold == 0:
        assert instants("Asia/Seoul", walls.replace(tzinfo=UTC)) == [moment]


def years(hint: datetime | int, *days: tuple[int, int]) -> list[int]:
    walls = np.array(
        [to_micros(datetime(2000, month, day, tzinfo=UTC)) for month, day in days], dtype=np.int64
    )
    found = [from_micros(int(one)) for one in with_years(walls, hint)]
    assert [(one.month, one.day) for one in found] == list(days)
    return [one.year for one in found]


def test_years_go_down_from_the_hint() -> None:
    assert years(2026, (11, 1), (12, 31), (1, 1), (2, 1)) == [2025, 2025, 2026, 2026]
    assert years(2025, (3, 1), (3, 2)) == [2025, 2025]


def test_no_line_is_later_than_the_last_change_of_the_file() -> None:
    changed = datetime(2026, 1, 5, tzinfo=UTC)
    assert years(changed, (12, 30), (12, 31)) == [2025, 2025]
    assert years(changed, (1, 4), (1, 6)) == [2026, 2026]
    assert years(changed, (1, 7)) == [2025]


def test_lines_out_of_order_around_new_year_keep_their_years() -> None:
    assert years(2026, (12, 31), (1, 1), (12, 31), (1, 1)) == [2025, 2026, 2025, 2026]


def test_29_february_is_in_a_leap_year() -> None:
    assert years(2025, (2, 29)) == [2024]


WRITTEN: dict[str, Callable[[datetime], str]] = {
    "clf": lambda at: f"{at:%d/%b/%Y:%H:%M:%S %z}",
    "clf-local": lambda at: f"{at:%d/%b/%Y:%H:%M:%S.%f}",
    "iso": lambda at: at.isoformat(),
    "epoch": lambda at: f"{to_micros(at) // 1_000_000}.{to_micros(at) % 1_000_000:06d}",
    "epoch-ms": lambda at: str(to_micros(at) // 1_000),
    "epoch-us": lambda at: str(to_micros(at)),
    "syslog": lambda at: f"{at:%b} {at.day:2d} {at:%Y %H:%M:%S.%f}",
    "%Y-%m-%dT%H:%M:%S.%f%z": lambda at: f"{at:%Y-%m-%dT%H:%M:%S.%f%z}",
}
FINENESS = {"clf": 1_000_000, "epoch-ms": 1_000}  # microseconds; what is finer is not written


@given(
    st.sampled_from(sorted(WRITTEN)),
    st.lists(st.tuples(st.integers(31_536_000_000_000, 7_258_118_400_000_000), st.integers(-18 * 60, 18 * 60)), min_size=1, max_size=12),
)  # fmt: skip
@settings(max_examples=examples(200), deadline=None)
def test_every_kind_reads_what_is_written_in_it(kind: str, moments: list[tuple[int, int]]) -> None:
    texts: list[str] = []
    expected: list[tuple[datetime, int | None]] = []
    for micros, minutes in moments:
        at = from_micros(micros).astimezone(timezone(timedelta(minutes=minutes)))
        texts.append(WRITTEN[kind](at))
        whole = micros - micros % FINENESS.get(kind, 1)
        if kind.startswith("epoch"):
            expected.append((from_micros(whole), 0))
        else:
            wall = from_micros(whole + minutes * 60_000_000)
            expected.append((wall, None if kind in ("clf-local", "syslog") else minutes))
    assert read(kind, *texts) == expected


@pytest.mark.parametrize("kind", sorted(TIME_KINDS))
@given(st.data())
@settings(max_examples=examples(60), deadline=None)
def test_how_a_text_is_read_does_not_hang_on_those_beside_it(kind: str, data: st.DataObject) -> None:
    near = st.from_regex(re.compile(time_regex(kind), re.ASCII), fullmatch=True)
    texts = data.draw(st.lists(st.one_of(near, st.text("0123456789-:/.TZ+ JanFeb", max_size=30)), max_size=8))
    assert read(kind, *texts) == [one for text in texts for one in read(kind, text)]


@given(MOMENTS, st.sampled_from(["clf", "iso", "epoch"]))
@settings(max_examples=examples(60), deadline=None)
def test_a_column_whose_kind_nobody_named_is_read_alike(moment: datetime, kind: str) -> None:
    text = WRITTEN[kind](moment)
    assert read(ANY, text) == read(kind, text)
