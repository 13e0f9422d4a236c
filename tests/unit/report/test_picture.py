"""The picture: what it says, that it says it in the same bytes, and that it stands alone."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whosaw.report.picture import DARK, LIGHT, NARROW, _by_day, _so_far, describe, picture_svg, title_of
from whosaw.report.view_model import DayCount, PersonsPerDay

BEFORE, AFTER = "before the first finding", "after the first finding"


def texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_same_data_same_bytes(days: PersonsPerDay) -> None:
    assert picture_svg(days) == picture_svg(days)
    assert picture_svg(days) != picture_svg(days, DARK)


def test_labels_say_what_is_seen_with_separators(days: PersonsPerDay) -> None:
    shown = texts(picture_svg(days))
    assert "4,004 persons seen; the first finding came after 24 persons" in shown
    assert any("First finding: 5 Mar 2025, 00:26" in text for text in shown)
    assert {"Persons seen so far", "New on the day", BEFORE, AFTER} <= set(shown)
    assert "4,000" in shown


def test_both_colours_are_used(days: PersonsPerDay) -> None:
    svg = picture_svg(days)
    assert svg.count(LIGHT.before) >= 2
    assert svg.count(LIGHT.after) >= 2


def test_nothing_is_fetched_and_no_script_runs(days: PersonsPerDay) -> None:
    svg = picture_svg(days)
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    rest = svg.replace(names, "")
    assert names in svg
    assert "http" not in rest
    assert "<script" not in rest
    assert "@import" not in rest


def test_without_a_finding_there_is_no_line_and_no_legend(days: PersonsPerDay) -> None:
    unseen = PersonsPerDay(days=(DayCount(day=date(2025, 3, 3), before=7, after=0),), first_finding=None)
    shown = texts(picture_svg(unseen))
    assert "7 persons seen; nothing raised a finding" in shown
    assert not any("First finding" in text for text in shown)
    assert AFTER not in shown


def test_no_days_is_a_picture_that_says_so(days: PersonsPerDay) -> None:
    assert "No person was seen" in texts(picture_svg(replace(days, days=())))


def test_no_line_of_the_narrow_picture_is_too_long_for_it(days: PersonsPerDay) -> None:
    told = [
        each.text or ""
        for each in ET.fromstring(picture_svg(days, LIGHT, NARROW)).iter()
        if each.tag.endswith(("text", "tspan"))
    ]
    assert max(map(len, told)) <= 36


def test_the_narrow_picture_is_narrow(days: PersonsPerDay) -> None:
    width = float(ET.fromstring(picture_svg(days, LIGHT, NARROW)).attrib["width"])
    assert width < 440


def test_the_days_before_are_labelled_as_their_bars_are_too_low(days: PersonsPerDay) -> None:
    labels = [text for text in texts(picture_svg(days)) if text == "4"]
    assert labels == ["4"]


@pytest.mark.parametrize(("before", "noun"), [(1, "1 person"), (2, "2 persons")])
def test_one_person_is_not_plural(before: int, noun: str) -> None:
    found = datetime(2025, 3, 3, 12, tzinfo=UTC)
    data = PersonsPerDay(days=(DayCount(day=date(2025, 3, 3), before=before, after=9),), first_finding=found)
    assert title_of(data).endswith(f"after {noun}")


def test_the_description_tells_the_picture_in_words(days: PersonsPerDay) -> None:
    words = describe(days)
    assert "from 2025-03-03 to 2025-03-06 (UTC+09:00)" in words
    assert "2,500 persons on 2025-03-06" in words
    assert words.endswith("First finding: 5 Mar 2025, 00:26.")


@st.composite
def some_days(draw: st.DrawFn) -> PersonsPerDay:
    zone = timezone(timedelta(minutes=draw(st.integers(-720, 840))))
    found = datetime(2025, 3, 10, draw(st.integers(0, 23)), 30, tzinfo=zone)
    gaps = draw(st.lists(st.integers(1, 5), min_size=1, max_size=8))
    at, days = date(2025, 3, 1), []
    for gap in gaps:
        at += timedelta(days=gap)
        persons = draw(st.integers(0, 50))
        early = persons if at < found.date() else (persons // 2 if at == found.date() else 0)
        days.append(DayCount(day=at, before=early, after=persons - early))
    return PersonsPerDay(days=tuple(days), first_finding=found, zone=zone)


@settings(max_examples=100, deadline=None)
@given(data=some_days())
def test_steps_rise_to_the_total_and_change_colour_at_the_finding(data: PersonsPerDay) -> None:
    rows = _so_far(data)
    assert rows[-1]["persons"] == data.total
    assert [row["persons"] for row in rows] == sorted(row["persons"] for row in rows)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert data.first_finding is not None
    found = data.first_finding.replace(tzinfo=None).isoformat()
    assert all(row["at"] <= found for row in rows[:-1] if row["when"] == BEFORE)
    assert all(row["at"] >= found for row in rows if row["when"] == AFTER)


@settings(max_examples=100, deadline=None)
@given(data=some_days())
def test_bars_add_up_to_the_total(data: PersonsPerDay) -> None:
    assert sum(row["persons"] for row in _by_day(data)) == data.total
    assert sum(row["persons"] for row in _by_day(data) if row["when"] == BEFORE) == data.before
