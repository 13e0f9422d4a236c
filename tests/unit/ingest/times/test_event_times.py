"""Times of any shape, all rows at once."""

from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wide import examples

from whosaw.core.instants import from_micros, parse_zone, to_micros
from whosaw.ingest.times.events import read_times

AT = datetime(2025, 11, 24, 1, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "micros", "offset"),
    [
        ("2025-11-24T01:02:03Z", 0, 0),
        ("2025-11-24 01:02:03 UTC", 0, 0),
        ("2025-11-24T10:02:03+09:00", 0, 540),
        ("2025-11-24T10:02:03+0900", 0, 540),
        ("2025-11-23 19:02:03-06", 0, -360),
        ("2025-11-24T06:47:03.5+05:45", 500_000, 345),
        ("2025/11/24 01:02:03.25 Z", 250_000, 0),
        ("2025-11-24T01:02:03,123456789Z", 123_456, 0),
        ("[24/Nov/2025:10:02:03 +0900]", 0, 540),
        ("24/NOV/2025:01:02:03.5 +0000", 500_000, 0),
        ("1763946123", 0, 0),
        ("1763946123.", 0, 0),
        ("1763946123.123456789", 123_456, 0),
        ("1763946123250", 250_000, 0),
        ("1763946123250.5", 250_500, 0),
        ("1763946123250001", 250_001, 0),
        ("1763946123250001999", 250_001, 0),
    ],
)
def test_shapes_that_are_understood(text: str, micros: int, offset: int) -> None:
    times, _ = read_times(pa.array([text]), None)
    assert times.understood.all()
    assert from_micros(int(times.micros[0])) == AT + timedelta(microseconds=micros)
    assert (int(times.offsets[0]), bool(times.no_offset[0])) == (offset, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2025-02-29T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-11-24T24:00:00Z",
        "2025-11-24T01:60:00Z",
        "2025-11-24T01:02:61Z",
        "2025-11-24T01:02:03+25:00",
        "2025-11-24",
        "24/Foo/2025:01:02:03 +0000",
        "0000-01-01T00:00:00Z",
        "99999999999999999999",
        "9" * 19,
        "1e9",
        "x" * 100,
    ],
)
def test_texts_that_are_no_time(text: str) -> None:
    times, _ = read_times(pa.array([text, "2025-11-24T01:02:03Z"]), None)
    assert times.understood.tolist() == [False, True]


def test_a_leap_second_is_the_first_moment_of_the_next_minute() -> None:
    times, _ = read_times(pa.array(["2016-12-31T23:59:60Z"]), None)
    assert from_micros(int(times.micros[0])) == datetime(2017, 1, 1, tzinfo=UTC)


def test_a_zone_that_is_only_a_name_must_be_told() -> None:
    texts = pa.array(["2025-11-24 10:02:03 KST", "2025-11-24T01:02:03Z"])
    times, _ = read_times(texts, None)
    assert (times.understood.tolist(), times.needs_zone.tolist()) == ([False, True], [True, False])
    times, _ = read_times(texts, parse_zone("Asia/Seoul"))
    assert [from_micros(micros) for micros in times.micros.tolist()] == [AT, AT]
    assert times.no_offset.tolist() == [True, False]


def test_a_null_is_not_understood_and_needs_no_zone() -> None:
    times, _ = read_times(pa.array([None, "2025-11-24T01:02:03Z"], pa.string()), None)
    assert times.understood.tolist() == [False, True]


def test_no_rows_at_all() -> None:
    times, _ = read_times(pa.chunked_array([], pa.string()), None)
    assert len(times.micros) == 0


def test_a_slice_reads_its_own_rows() -> None:
    texts = pa.array(["no", "2025-11-24T01:02:03Z", "2025-11-24T01:02:04Z"])
    times, _ = read_times(texts.slice(1), None)
    assert times.micros.tolist() == [to_micros(AT), to_micros(AT) + 1_000_000]


def test_ever_new_shapes_are_all_understood() -> None:
    texts = [
        f"2025-11-24T01:02:03.{'1' * (n % 9 + 1)}{zone}"
        for n, zone in enumerate(["Z", "z", " Z", "+01", "-02:30", "+0200"] * 40)
    ]
    times, _ = read_times(pa.array(texts), None)
    assert times.understood.all()


EARLY, LATE = to_micros(datetime(1, 1, 3, tzinfo=UTC)), to_micros(datetime(9999, 12, 29, tzinfo=UTC))
MOMENTS = st.integers(EARLY, LATE).map(from_micros)
MINUTES = st.integers(-18 * 60, 18 * 60)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.tuples(MOMENTS, MINUTES, st.sampled_from("T ")), min_size=1, max_size=6))
def test_every_instant_comes_back(moments: list[tuple[datetime, int, str]]) -> None:
    aware = [moment.replace(tzinfo=timezone(timedelta(minutes=minutes))) for moment, minutes, _ in moments]
    texts = [one.isoformat(sep) for one, (_, _, sep) in zip(aware, moments, strict=True)]
    times, _ = read_times(pa.array(texts), None)
    assert times.understood.all()
    assert times.micros.tolist() == [to_micros(one) for one in aware]
    assert times.offsets.tolist() == [minutes for _, minutes, _ in moments]


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_text_is_read_or_not_but_never_fails(texts: list[str]) -> None:
    times, _ = read_times(pa.array(texts, pa.string()), UTC)
    assert len(times.micros) == len(texts)
