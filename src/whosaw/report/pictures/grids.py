"""Pictures on a grid, darker where there is more: hours of the week, and the order in which numbers were seen."""

from __future__ import annotations

from collections import defaultdict

from whosaw.report.markup import Markup, join, tag
from whosaw.report.wording import clock, many, number

from .canvas import (
    LINE,
    Links,
    Plot,
    TimeAxis,
    box,
    key,
    label,
    level,
    levels_of,
    marked,
    place,
    short_number,
    width_of,
)
from .data import DAYS, NumberOrder, OrderSlot, WeekHours

__all__ = ["plot_order", "plot_week"]

_PART = 5.0  # height of one part of the known numbers


def plot_week(data: WeekHours, width: float, links: Links) -> Plot:
    """Seven rows of 24 hours."""
    if not data.hours:
        return Plot(height=LINE, marks=label("No view to show.", 0, 12, class_="faint"))
    left = 36.0
    wide = (width - left) / 24
    high = min(30.0, max(17.0, wide))
    top = LINE
    most = max(each.views + each.possible for each in data.hours)
    marks = [
        label(f"{hour:02d}", left + hour * wide + wide / 2, 12, class_="faint", anchor="middle")
        for hour in range(0, 24, 3 if wide < 20 else 1 if wide > 30 else 2)
    ]
    for day, name in enumerate(DAYS):
        y = top + day * high
        marks.append(label(name, 0, y + high / 2 + 4, class_="faint"))
        marks.append(box(left, y, 24 * wide - 1, high - 1, "empty"))
    for each in data.hours:
        x, y, total = left + each.hour * wide, top + each.day * high, each.views + each.possible
        depth = level(total, most)
        cell = [box(x, y, wide - 1, high - 1, f"h{depth}")]
        if wide >= 30:
            cell.append(
                label(
                    short_number(total),
                    x + wide / 2 - 0.5,
                    y + high / 2 + 4,
                    class_=f"in{depth}",
                    anchor="middle",
                )
            )
        words = f"{DAYS[each.day]} {each.hour:02d}:00 to {each.hour + 1:02d}:00: {many(each.views, 'views')}"
        if each.possible:
            words += f", {number(each.possible)} more only possible"
        marks.append(marked(join(cell), each.name, words, links))
    bottom = top + 7 * high
    legend, tall = key(_depths(most, "views"), bottom + 8, width)
    return Plot(height=bottom + 8 + tall, marks=join([*marks, legend]))


def plot_order(data: NumberOrder, width: float, links: Links) -> Plot:
    """Time to the right, known numbers upwards. What is told is a place among them, never a number."""
    if not data.slots:
        return Plot(height=LINE, marks=label("No view to show.", 0, 12, class_="faint"))
    top, high = LINE + 4, data.parts * _PART
    left = width_of("100 %") + 8
    axis = TimeAxis(data.start, data.end, left, width - 2, data.zone)
    most = max(max(each.parts) for each in data.slots)
    marks = [label("Place among all known numbers", 0, 12, class_="faint")]
    for percent in (0, 25, 50, 75, 100):
        y = top + high - high * percent / 100
        marks.append(
            tag("line", x1=place(left), x2=place(width - 2), y1=place(y), y2=place(y), class_="grid")
        )
        marks.append(label(f"{percent} %", left - 6, y + 4, class_="faint", anchor="end"))
    marks.append(_cells(data, axis, top + high, most))
    for each in data.slots:
        x, end = axis.x(each.start), axis.x(each.end)
        words = f"{clock(each.start, data.zone)} to {clock(each.end, data.zone)}: {many(each.views, 'views')}"
        marks.append(marked(box(x, top, end - x, high, "through"), each.name, words, links))
    marks.append(axis.drawn(top + high))
    legend, tall = key(_depths(most, "views"), top + high + LINE + 10, width)
    return Plot(height=top + high + LINE + 10 + tall, marks=join([*marks, legend]))


def _cells(data: NumberOrder, axis: TimeAxis, bottom: float, most: int) -> Markup:
    """One path for each shade, so that a year of walks stays small."""
    paths: dict[int, list[str]] = defaultdict(list)
    for each in data.slots:
        x, wide = axis.x(each.start), max(axis.x(each.end) - axis.x(each.start), 1.0)
        for start, end, depth in _runs(each, most):
            y, tall = bottom - end * _PART, (end - start) * _PART
            paths[depth].append(f"M{place(x)} {place(y)}h{place(wide)}v{place(tall)}h-{place(wide)}z")
    return join(tag("path", d="".join(paths[depth]), class_=f"h{depth}") for depth in sorted(paths))


def _runs(slot: OrderSlot, most: int) -> list[tuple[int, int, int]]:
    """Parts in a row of one shade: from, to, shade. None where nothing was seen."""
    found: list[tuple[int, int, int]] = []
    for at, many_ in enumerate(slot.parts):
        depth = level(many_, most)
        if not depth:
            continue
        if found and found[-1][1] == at and found[-1][2] == depth:
            found[-1] = (found[-1][0], at + 1, depth)
        else:
            found.append((at, at + 1, depth))
    return found


def _depths(most: int, unit: str) -> list[tuple[str, str]]:
    entries = []
    for depth, start, end in levels_of(most):
        words = many(start, unit) if start == end else f"{number(start)} to {number(end)} {unit}"
        entries.append((f"h{depth}", words))
    return [
        (name, words if at == len(entries) - 1 else words.rsplit(" ", 1)[0])
        for at, (name, words) in enumerate(entries)
    ]
