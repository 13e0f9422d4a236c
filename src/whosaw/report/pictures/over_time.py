"""An actor over time: people seen so far, and views in each stretch, before and after the earliest alert."""

from __future__ import annotations

import itertools
from datetime import datetime

from whosaw.report.markup import Markup, join, tag
from whosaw.report.wording import clock, many, number

from .canvas import (
    GAP,
    LINE,
    Links,
    Plot,
    TimeAxis,
    box,
    key,
    label,
    marked,
    nice_ticks,
    place,
    short_number,
    width_of,
    wrapped,
)
from .data import OverTime, TimeBin

__all__ = ["plot_over_time"]

_UPPER, _LOWER = 170.0, 110.0
_EARLY = 12  # bars before the alert that get their number


def plot_over_time(data: OverTime, width: float, links: Links) -> Plot:
    """Two panels on one axis."""
    if not data.bins:
        return Plot(height=LINE, marks=label("No view to show.", 0, 12, class_="faint"))
    entries = [("before", "before the earliest alert"), ("after", "from then on")] if data.alert else []
    if any(each.possible for each in data.bins):
        entries.append(("possible", "views that are only possible"))
    legend, top = key(entries, 0, width)
    total = sum(each.persons for each in data.bins)
    busiest = max(each.views + each.possible for each in data.bins)
    upper, lower = nice_ticks(total, 4), nice_ticks(busiest, 3)
    left = max(width_of(short_number(each)) for each in (*upper, *lower)) + 10
    axis = TimeAxis(data.start, data.end, left, width - 2, data.zone)
    told = _label_lines(data, width)
    first = top + LINE + 4 + len(told) * 15
    second = first + _UPPER + 2 * LINE + GAP + LINE
    alert_x = axis.x(data.alert) if data.alert else None
    marks = [
        legend,
        label("Persons seen so far", 0, top + 13, class_="faint"),
        _grid(upper, left, width, first, _UPPER),
        _so_far(data, axis, first, upper[-1], alert_x),
        axis.drawn(first + _UPPER),
        label(f"Views in each {data.step}", 0, second - GAP - 3, class_="faint"),
        _grid(lower, left, width, second, _LOWER),
        *(_bar(each, axis, second, lower[-1], data.alert, links, data) for each in data.bins),
        _numbers(data, axis, second, lower[-1]),
        axis.drawn(second + _LOWER),
    ]
    if data.alert is not None and alert_x is not None:
        marks += [
            _rule(alert_x, first, first + _UPPER),
            _rule(alert_x, second, second + _LOWER),
            _told(told, alert_x, first - len(told) * 15 + 8, left, width),
        ]
    return Plot(height=second + _LOWER + LINE + 6, marks=join(marks))


def _grid(ticks: list[int], left: float, width: float, top: float, height: float) -> Markup:
    marks = []
    for each in ticks:
        y = place(top + height - height * each / ticks[-1])
        marks.append(tag("line", x1=place(left), x2=place(width - 2), y1=y, y2=y, class_="grid"))
        marks.append(label(short_number(each), left - 6, float(y) + 4, class_="faint", anchor="end"))
    return join(marks)


def _so_far(data: OverTime, axis: TimeAxis, top: float, most: int, alert: float | None) -> Markup:
    """The area of the total. Within a stretch it rises evenly; at the alert it is what had been seen by then."""
    points = [(axis.x(data.bins[0].start), 0.0)]
    total = 0
    for each in data.bins:
        points.append((axis.x(each.start), float(total)))
        inside = data.alert is not None and each.start <= data.alert < each.end
        if inside and data.persons_then is not None and total <= data.persons_then <= total + each.persons:
            assert data.alert is not None
            points.append((axis.x(data.alert), float(data.persons_then)))
        total += each.persons
        points.append((axis.x(each.end), float(total)))
    points.append((axis.right, float(total)))
    if alert is None:
        return _area(points, top, most, "before")
    return join(
        [
            _area(_left_of(points, alert), top, most, "before"),
            _area(_right_of(points, alert), top, most, "after"),
        ]
    )


def _area(points: list[tuple[float, float]], top: float, most: int, class_: str) -> Markup:
    if len(points) < 2:
        return join([])
    bottom = top + _UPPER
    line = " ".join(f"{place(x)} {place(bottom - _UPPER * value / most)}" for x, value in points)
    return tag(
        "path",
        d=f"M{place(points[0][0])} {place(bottom)}L{line} {place(points[-1][0])} {place(bottom)}Z",
        class_=class_,
    )


def _at(points: list[tuple[float, float]], x: float) -> float:
    value = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 <= x <= x1 and x1 > x0:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
        if x1 <= x:
            value = y1
    return value


def _left_of(points: list[tuple[float, float]], x: float) -> list[tuple[float, float]]:
    kept = [each for each in points if each[0] <= x]
    return [*kept, (x, _at(points, x))] if kept else []


def _right_of(points: list[tuple[float, float]], x: float) -> list[tuple[float, float]]:
    return [(x, _at(points, x)), *(each for each in points if each[0] > x)]


def _bar(
    each: TimeBin, axis: TimeAxis, top: float, most: int, alert: datetime | None, links: Links, data: OverTime
) -> Markup:
    """Views of one stretch; what is only possible stands above them, in a lighter shade. A stretch in which the alert falls is parted there."""
    x, end = axis.x(each.start), axis.x(each.end)
    wide = max(end - x - (1 if end - x > 3 else 0), 1.0)
    high, more = (_LOWER * value / most for value in (each.views, each.possible))
    if each.views:
        high = max(high, 1.0)
    bottom = top + _LOWER
    parts: list[Markup] = []
    before = alert is None or each.end <= alert
    if alert is not None and each.start < alert < each.end and wide > 2:
        cut = axis.x(alert) - x
        parts += [
            box(x, bottom - high, cut, high, "before"),
            box(x + cut, bottom - high, max(0.5, wide - cut), high, "after"),
        ]
    elif each.views:
        parts.append(box(x, bottom - high, wide, high, "before" if before else "after"))
    if each.possible:
        parts.append(box(x, bottom - high - max(more, 1.0), wide, max(more, 1.0), "possible"))
    words = f"{clock(each.start, data.zone)} to {clock(each.end, data.zone)}: {many(each.views, 'views')}, {many(each.persons, 'new persons')}"
    return marked(join(parts), each.name, words, links)


def _numbers(data: OverTime, axis: TimeAxis, top: float, most: int) -> Markup:
    """Numbers above bars before the alert, which are often too low to be seen; not for many."""
    if data.alert is None:
        return join([])
    early = [each for each in data.bins if each.end <= data.alert]
    room = min((axis.x(each.end) - axis.x(each.start) for each in early), default=0.0)
    if len(early) > _EARLY or any(width_of(number(each.views)) > room for each in early):
        return join([])
    return join(
        label(
            number(each.views),
            (axis.x(each.start) + axis.x(each.end)) / 2,
            top + _LOWER - _LOWER * each.views / most - 5,
            class_="early",
            anchor="middle",
        )
        for each in early
    )


def _rule(x: float, top: float, bottom: float) -> Markup:
    return tag("line", x1=place(x), x2=place(x), y1=place(top), y2=place(bottom), class_="rule")


def _label_lines(data: OverTime, width: float) -> list[str]:
    if data.alert is None:
        return []
    words = [f"Earliest alert: {clock(data.alert, data.zone)}"]
    if data.persons_then is not None:
        words.append(f"after {many(data.persons_then, 'persons')}")
    return [line for each in words for line in wrapped(each, width - 60)]


def _told(lines: list[str], x: float, y: float, left: float, width: float) -> Markup:
    """The label beside the line of the alert, on the side where there is more room."""
    to_left = x > (left + width) / 2
    wide = max(width_of(each) * 1.08 for each in lines)
    if to_left and x - 8 - wide < 0:
        to_left = False
    if not to_left and x + 8 + wide > width:
        x = width - wide - 8
    return join(
        label(
            each, x - 8 if to_left else x + 8, y + at * 15, class_="strong", anchor="end" if to_left else None
        )
        for at, each in enumerate(lines)
    )
