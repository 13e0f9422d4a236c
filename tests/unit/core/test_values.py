"""Counts, masks, instants and JSON keep what they promise."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whosaw.core.canonical_json import canonical_json
from whosaw.core.counts import Count, Reason
from whosaw.core.errors import Fault, FaultsError, Where, WhosawError
from whosaw.core.instants import (
    Span,
    clock_text,
    format_instant,
    from_micros,
    hour_of,
    parse_instant,
    parse_zone,
    to_micros,
)
from whosaw.core.masked import Masked

INSTANTS = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))])
)


def test_count_with_equal_bounds_is_exact() -> None:
    assert Count(unit="persons", lower=3, upper=3).as_json() == {
        "unit": "persons",
        "lower": 3,
        "upper": 3,
        "exact": True,
        "reasons": [],
    }


def test_count_whose_bounds_differ_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="need a reason"):
        Count(unit="persons", lower=1, upper=2)
    told = Count(
        unit="persons", lower=1, upper=2, reasons=(Reason(code="secondary-subjects-not-named", adds_upper=1),)
    )
    assert not told.exact
    assert told.as_json()["reasons"] == [{"code": "secondary-subjects-not-named", "adds_upper": 1}]


def test_count_without_upper_bound_says_at_least() -> None:
    told = Count(unit="persons", lower=7, upper=None, reasons=(Reason(code="subject-unknown"),))
    assert str(told) == "at least 7 persons"
    assert not told.exact


def test_count_refuses_bounds_out_of_order() -> None:
    with pytest.raises(ValueError, match="out of order"):
        Count(unit="views", lower=2, upper=1, reasons=(Reason(code="x"),))


@given(st.text(min_size=5, max_size=40))
def test_masked_value_never_shows_its_inside(raw: str) -> None:
    masked = Masked(raw)
    for shown in (str(masked), repr(masked), f"{masked}", f"{masked:>50}"):
        assert raw[1:-1] not in shown or raw[1:-1] in "***Masked( )"
    assert masked.reveal() == raw
    assert masked == Masked(raw)
    assert hash(masked) == hash(Masked(raw))


def test_masked_value_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Masked("customer-1"))


@given(INSTANTS)
def test_instant_survives_text_and_number(instant: datetime) -> None:
    assert parse_instant(format_instant(instant)) == instant
    assert from_micros(to_micros(instant)) == instant


def test_instant_without_offset_is_refused() -> None:
    with pytest.raises(WhosawError) as caught:
        parse_instant("2025-11-17T16:00:00")
    assert caught.value.code == "instant.no-zone"


def test_disputed_awareness_is_53_6_hours_before_the_report() -> None:
    aware, reported = parse_instant("2025-11-17T16:00:00+09:00"), parse_instant("2025-11-19T21:35:00+09:00")
    assert round((reported - aware) / timedelta(hours=1), 1) == 53.6


def test_seconds_are_shown_where_there_are_any() -> None:
    noon = datetime(2025, 11, 17, 12, tzinfo=UTC)
    assert clock_text(noon) == "2025-11-17 12:00"
    assert clock_text(noon + timedelta(seconds=5)) == "2025-11-17 12:00:05"


def test_hours_round_down_before_1970_too() -> None:
    assert hour_of(-1) == -1
    assert hour_of(0) == 0
    assert hour_of(3_600_000_000) == 1


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+09:00", 540), ("-0330", -210), ("UTC+3:00", None), ("UTC", 0), ("Asia/Seoul", 540)],
)
def test_zone_is_a_name_or_an_offset(text: str, minutes: int | None) -> None:
    if minutes is None:
        with pytest.raises(WhosawError, match="not a time zone"):
            parse_zone(text)
        return
    offset = datetime(2025, 6, 1, tzinfo=parse_zone(text)).utcoffset()
    assert offset == timedelta(minutes=minutes)


def test_span_is_half_open() -> None:
    start = datetime(2025, 4, 14, tzinfo=UTC)
    span = Span(start=start, end=start + timedelta(days=208))
    assert start in span
    assert span.end not in span
    assert span.length == timedelta(days=208)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_canonical_json_is_one_spelling(value: object) -> None:
    data = canonical_json(value)
    again = json.loads(data.decode("utf-8", "surrogatepass"))
    assert canonical_json(again) == data


def test_faults_are_told_in_place_order_all_at_once() -> None:
    faults = [
        Fault(code="a", message="second", where=Where(file="m.toml", line=9)),
        Fault(code="a", message="first", where=Where(file="m.toml", line=2, item="my-info"), hint="Do this"),
    ]
    told = str(FaultsError("map.invalid", faults))
    assert told.splitlines() == [
        "m.toml:2 [my-info]: first. Do this",
        "m.toml:9: second",
        "2 faults found, nothing was written",
    ]
