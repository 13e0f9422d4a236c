"""Pictures: the same bytes each time, small whatever is drawn, inside their frame, and told in words and numbers too."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from whosaw.core.counts import Count, Reason
from whosaw.core.errors import WhosawError
from whosaw.report.pictures.canvas import (
    TimeAxis,
    level,
    levels_of,
    nice_ticks,
    short_number,
    shortened,
    width_of,
)
from whosaw.report.pictures.data import (
    CategoriesByActor,
    CoverageOfSources,
    HourOfWeek,
    Networks,
    NumberOrder,
    OfActor,
    OfCategory,
    OfNetwork,
    OfSource,
    OfVersion,
    OfViewer,
    OrderSlot,
    OverTime,
    PersonTime,
    Picture,
    ScopeVersions,
    Stretch,
    TimeBin,
    WeekHours,
)
from whosaw.report.pictures.drawing import picture_png, picture_style, picture_svg
from whosaw.report.pictures.files import picture_bytes, told_numbers

SEOUL = timezone(timedelta(hours=9))
START = datetime(2025, 3, 2, 15, tzinfo=UTC)  # midnight of 3 March in Seoul
SVG = "{http://www.w3.org/2000/svg}"
LONG = "principal 홍***동, agent " + "ExampleBrowser " * 12


def head(title: str) -> dict[str, object]:
    return {
        "of": "f-1",
        "title": title,
        "says": f"{title}, in words.",
        "zone": SEOUL,
        "zone_name": "UTC+09:00",
        "opens": "whosaw picture f-1 --open ROW",
    }


def timeline(bins: int, step: timedelta, *, alert: datetime | None = None, views: int = 40) -> OverTime:
    return OverTime(
        **head("24 persons seen"),  # type: ignore[arg-type]
        bins=tuple(
            TimeBin(
                name=str(at), start=START + step * at, end=START + step * (at + 1), views=views, possible=at % 2,
                persons=at % 3, lines=("6d170a6b19c50000:7",),
            )
            for at in range(bins)
        ),
        start=START,
        end=START + step * max(bins, 1),
        step="day",
        alert=alert,
        persons_then=4 if alert else None,
    )  # fmt: skip


def week(cells: int, views: int = 3) -> WeekHours:
    hours = tuple(HourOfWeek(day=at // 24, hour=at % 24, views=views + at, possible=0) for at in range(cells))
    return WeekHours(**head("Most views at night"), hours=hours)  # type: ignore[arg-type]


def order(slots: int) -> NumberOrder:
    step = timedelta(hours=6)
    return NumberOrder(
        **head("A walk"),  # type: ignore[arg-type]
        slots=tuple(
            OrderSlot(
                name=str(at), start=START + step * at, end=START + step * (at + 1),
                parts=tuple((at * part) % 7 for part in range(40)),
            )
            for at in range(slots)
        ),
        start=START,
        end=START + step * max(1, slots),
        parts=40,
    )  # fmt: skip


def networks(rows: int) -> Networks:
    shown = tuple(
        OfNetwork(
            name=f"n{at}",
            label=LONG if at == 1 else f"n{at}",
            views=37_000_000 >> at,
            possible=at,
            addresses=3,
        )
        for at in range(rows)
    )
    rest = OfNetwork(
        name="rest", label="9,988 further networks", views=5, possible=0, addresses=1, networks=9_988
    )
    return Networks(**head("10,000 networks"), networks=(*shown, rest) if rows else ())  # type: ignore[arg-type]


def person(viewers: int) -> PersonTime:
    answers = ("explained", "unexplained", "cannot tell", "1 explained, 2 unexplained")
    return PersonTime(
        **head("p7 was seen"),  # type: ignore[arg-type]
        viewers=tuple(
            OfViewer(
                name=f"c{at}", label=LONG, answer=answers[at % 4], views=at + 1, possible=0, first=START, last=START,
                slots=tuple((slot, slot + 1) for slot in range(0, 60, 9)),
            )
            for at in range(viewers)
        ),
        start=START,
        end=START + timedelta(days=400),
        slots=60,
    )  # fmt: skip


def count(lower: int, upper: int | None, unit: str = "persons") -> Count:
    reasons = () if lower == upper else (Reason(code="subject-unknown", adds_upper=None),)
    return Count(unit=unit, lower=lower, upper=upper, reasons=reasons)  # type: ignore[arg-type]


def categories(actors: int) -> CategoriesByActor:
    kinds = tuple(
        OfCategory(key=f"k{at}", title=f"Category 범주 {at} of a long name", sensitivity=2) for at in range(9)
    )
    who = tuple((f"f-{at}", f"f-{at}: {LONG}") for at in range(actors))
    seen = tuple(
        OfActor(
            finding=name,
            label="",
            category=kind.key,
            persons=None if kind.key == "k3" else count(9, 9),
            views=9,
        )
        for name, _ in who
        for kind in kinds
    )
    return CategoriesByActor(**head("Who saw what"), actors=who, categories=kinds, seen=seen)  # type: ignore[arg-type]


def versions(many: int) -> ScopeVersions:
    told = tuple(
        OfVersion(
            version=at + 1, made=START, views=count(5, 5, "views"), accounts=count(4536, None, "accounts"),
            persons=count(4536, 33_673_817), final=False,
        )
        for at in range(many)
    )  # fmt: skip
    return ScopeVersions(**head("Case shop"), versions=told)  # type: ignore[arg-type]


def coverage(hours: int) -> CoverageOfSources:
    states = ("whole", "partial", "missing", "quiet")
    stretches = tuple(
        Stretch(start=START + timedelta(hours=at), end=START + timedelta(hours=at + 1), state=states[at % 4])
        for at in range(hours)
    )
    source = OfSource(
        source=f"web/{LONG}", events=9, rejects=0, whole=9, partial=9, missing=9, quiet=9, stretches=stretches
    )
    return CoverageOfSources(**head("Coverage"), sources=(source,) if hours else ())  # type: ignore[arg-type]


DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
AWKWARD: dict[str, Picture] = {
    "timeline": timeline(40, DAY, alert=START + timedelta(days=9.3)),
    "timeline of nothing": timeline(0, DAY),
    "timeline of one view": timeline(1, SECOND, alert=START, views=1),
    "timeline within a minute": timeline(60, SECOND, alert=START + 58 * SECOND),
    "timeline of 400 days": timeline(58, 7 * DAY, alert=START + timedelta(days=399), views=37_000_000),
    "week": week(168),
    "week of one view": week(1, 1),
    "week of nothing": week(0),
    "order": order(64),
    "order of nothing": order(0),
    "networks": networks(12),
    "networks of nothing": networks(0),
    "person": person(12),
    "person whom nobody saw": person(0),
    "categories": categories(8),
    "categories of nothing": categories(0),
    "versions": versions(5),
    "versions of nothing": versions(0),
    "coverage of 400 days": coverage(9_600),
    "coverage of nothing": coverage(0),
}
every = pytest.mark.parametrize("picture", AWKWARD.values(), ids=AWKWARD)


@every
@pytest.mark.parametrize("width", [900, 320])
def test_a_picture_is_small_whole_and_the_same_each_time(picture: Picture, width: int) -> None:
    svg = picture_svg(picture, width=width)
    assert picture_svg(picture, width=width) == svg
    assert len(svg) < 70_000
    root = ET.fromstring(svg)
    assert root.attrib["role"] == "img"
    told = {
        each.tag.removeprefix(SVG): each.text for each in root if each.tag in (f"{SVG}title", f"{SVG}desc")
    }
    assert told == {"title": picture.title, "desc": picture.says}
    assert "Times in UTC+09:00." in texts(svg)
    assert not re.search(r"<script|href=|url\(|@import|nan|inf\b", svg)


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


@every
@pytest.mark.parametrize("width", [900, 320])
def test_nothing_stands_out_of_the_frame(picture: Picture, width: int) -> None:
    inside = width - 40
    for each in ET.fromstring(picture_svg(picture, width=width)).iter():
        if each.tag == f"{SVG}rect" and each.attrib["width"] != "100%":
            x, wide = float(each.attrib["x"]), float(each.attrib["width"])
            assert x >= -1
            assert x + wide <= inside + 1
        if each.tag == f"{SVG}text":
            x, wide = float(each.attrib["x"]), width_of(each.text or "")
            start = {"middle": x - wide / 2, "end": x - wide}.get(each.attrib.get("text-anchor", ""), x)
            if each.attrib.get("class") != "title":
                assert start >= -6, each.text
                assert start + wide <= inside + 12, each.text


@every
def test_every_number_of_a_picture_stands_in_its_rows(picture: Picture) -> None:
    """What a mark says in words is what its row says, and every mark has a row."""
    numbers = picture.numbers()
    told = told_numbers(picture)
    assert [row["row"] for row in told["rows"]] == [row.name for row in numbers.rows]  # type: ignore[index, union-attr, call-overload]
    for row in numbers.rows:
        assert len(row.cells) == len(numbers.columns)


def test_light_and_dark_are_in_one_file_and_print_is_light() -> None:
    style = picture_style()
    assert "@media screen and (prefers-color-scheme: dark)" in style
    assert "@media print" in style
    light, dark = style.split("@media screen")
    for name in ("ground", "before", "after", "h1", "h5", "in3"):
        assert f".{name}" in light
        assert f".{name}" in dark


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_and_shades_only_grow(scheme: str) -> None:
    """Contrast by WCAG 2.2: 4.5 to 1 for text, 3 to 1 for marks; shades differ in lightness alone, so that they keep apart for every
    kind of colour sight."""
    light, dark = picture_style().split("@media screen and (prefers-color-scheme: dark)")
    colours: dict[str, str] = {}
    for part in (light,) if scheme == "light" else (light, dark):
        for names, body in re.findall(r"([^{}]+)\{([^{}]+)\}", part):
            found = re.search(r"fill: (#[0-9a-f]{6})", body)
            for name in names.split(","):
                if found:
                    colours[name.strip().split("*/")[-1].strip().removeprefix(".pic ").removeprefix(".")] = (
                        found[1]
                    )
    ground = colours["ground"]
    assert min(_contrast(ground, colours[each]) for each in ("text", "faint")) >= 4.5
    assert (
        min(
            _contrast(ground, colours[each])
            for each in ("before", "after", "unexplained", "untold", "missing")
        )
        >= 3
    )
    shades = [_luminance(colours[f"h{at}"]) for at in range(1, 6)]
    assert shades == sorted(shades, reverse=scheme == "light")
    for at in range(1, 6):
        ink = colours.get(f"in{at}", colours["text"])
        assert _contrast(ink, colours[f"h{at}"]) >= 4.5, at


def test_the_area_meets_what_had_been_seen_at_the_alert() -> None:
    """One bin of a day, alert at noon after 4 of 24 people: the left area ends at 4 of the axis, which goes to 40."""
    whole = replace(timeline(1, DAY, alert=START + DAY / 2), persons_then=4)
    data = replace(whole, bins=(replace(whole.bins[0], persons=24),))
    paths = [each.attrib for each in ET.fromstring(picture_svg(data)).iter(f"{SVG}path")]
    before = next(each["d"] for each in paths if each["class"] == "before")
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", before)]
    bottom, top = max(heights), min(heights)
    # axis 0 to 30, 170 pixels high
    assert bottom - top == pytest.approx(170 * 4 / 30, abs=0.2)


def test_png_is_twice_as_wide_and_has_korean_letters() -> None:
    made = picture_png(networks(2), width=320)
    assert made.startswith(b"\x89PNG")
    assert int.from_bytes(made[16:20], "big") == 640
    assert picture_png(networks(2), width=320) == made


def test_the_form_follows_the_name(tmp_path: Path) -> None:
    assert picture_bytes(week(3), "x.SVG").startswith(b"<svg")
    assert b'"row": "mon-00"' in picture_bytes(week(3), "x.json")
    with pytest.raises(WhosawError, match="ends in no form of a picture"):
        picture_bytes(week(3), "x.gif")


def test_axes_and_words() -> None:
    assert nice_ticks(24, 4) == [0, 10, 20, 30]
    assert nice_ticks(1, 4) == [0, 1]
    assert nice_ticks(0, 4) == [0, 1]
    assert [short_number(each) for each in (0, 999, 1_000, 1_299, 19_984, 37_551_120)] == [
        "0", "999", "1k", "1.2k", "19k", "37M",
    ]  # fmt: skip
    assert [level(each, 100) for each in (0, 1, 4, 5, 36, 37, 100)] == [0, 1, 1, 2, 3, 4, 5]
    assert levels_of(100) == [(1, 1, 4), (2, 5, 16), (3, 17, 36), (4, 37, 64), (5, 65, 100)]
    assert levels_of(1) == [(5, 1, 1)]
    assert width_of("한국") == 24
    assert width_of(shortened(LONG, 200)) <= 200
    assert shortened(LONG, 200).startswith("principal")


def test_ticks_lie_on_midnights_of_the_zone() -> None:
    axis = TimeAxis(START, START + timedelta(days=3), 0, 400, SEOUL)
    assert [words for _, words in axis._ticks()] == ["3 Mar", "4 Mar", "5 Mar", "6 Mar"]
