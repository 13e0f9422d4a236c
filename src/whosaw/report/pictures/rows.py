"""Pictures in rows: networks, who saw a person, categories by actor, versions of a scope, coverage of sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from whosaw.core.counts import Count
from whosaw.report.markup import Markup, join, tag
from whosaw.report.wording import bare_count, clock, many, number

from .canvas import (
    GAP,
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
    nice_ticks,
    place,
    short_number,
    shortened,
    width_of,
    wrapped,
)
from .data import (
    CategoriesByActor,
    CoverageOfSources,
    Networks,
    OfActor,
    OfViewer,
    PersonTime,
    ScopeVersions,
    Stretch,
    Telling,
    ToldRow,
    WaveRow,
)

__all__ = [
    "plot_categories",
    "plot_coverage",
    "plot_networks",
    "plot_person",
    "plot_telling",
    "plot_versions",
]

_NONE = "No view to show."
# what is missing stands above all, for it is what somebody looks for
_STATES = {"whole": (9.0, 21.0), "partial": (17.0, 13.0), "missing": (2.0, 28.0), "quiet": (24.0, 6.0)}
_WORST = {"quiet": 0, "whole": 1, "partial": 2, "missing": 3}


def _nothing(words: str) -> Plot:
    return Plot(height=LINE, marks=label(words, 0, 12, class_="faint"))


def plot_networks(data: Networks, width: float, links: Links) -> Plot:
    """A bar for each, its label above it and its number at its end."""
    if not data.networks:
        return _nothing(_NONE)
    most = max(each.views + each.possible for each in data.networks)
    room = max(width_of(number(each.views)) for each in data.networks) + 14
    marks, y = [], 0.0
    for each in data.networks:
        whole = (width - room) * each.views / most
        more = (width - room) * each.possible / most
        words = f"{each.label}: {many(each.views, 'views')} from {many(each.addresses, 'addresses')}"
        bar = [
            box(
                0,
                y + 17,
                max(whole, 1.0 if each.views else 0.0),
                14,
                "other" if each.networks != 1 else "before",
            )
        ]
        if each.possible:
            bar.append(box(whole, y + 17, max(more, 1.0), 14, "possible"))
        marks.append(label(shortened(each.label, width - 4), 0, y + 12))
        marks.append(marked(join(bar), each.name, words, links))
        marks.append(label(number(each.views), max(whole + more, 1.0) + 6, y + 28, class_="faint"))
        y += 38
    return Plot(height=y, marks=join(marks))


def plot_person(data: PersonTime, width: float, links: Links) -> Plot:
    """A track for each client, a mark where it saw the person; its form says how that is explained."""
    if not data.viewers:
        return _nothing("No line shows this person.")
    entries = [("explained", "explained"), ("unexplained", "unexplained"), ("untold", "cannot tell")]
    legend, top = key(entries, 0, width, round_=5.5)
    axis = TimeAxis(data.start, data.end, 6, width - 8, data.zone)
    slot = (data.end - data.start) / max(1, data.slots)
    most = max(seen for each in data.viewers for _, seen in each.slots)
    marks, y = [legend], top
    for each in data.viewers:
        told = f"{many(each.views + each.possible, 'views')}, {each.answer}"
        room = width - width_of(told) - 16
        if room < 120:
            marks.append(label(shortened(each.label, width), 0, y + 12))
            y += LINE
            marks.append(label(shortened(told, width), 0, y + 12, class_="faint"))
        else:
            marks.append(label(shortened(each.label, room), 0, y + 12))
            marks.append(label(told, width, y + 12, class_="faint", anchor="end"))
        middle = y + 28
        marks.append(
            tag("line", x1="6", x2=place(width - 8), y1=place(middle), y2=place(middle), class_="grid")
        )
        marks.append(
            marked(
                _seen(each, axis, data.start, slot, middle, most), each.name, f"{each.label}: {told}", links
            )
        )
        y += 46
    marks.append(axis.drawn(y))
    return Plot(height=y + LINE + 6, marks=join(marks))


def _seen(each: OfViewer, axis: TimeAxis, start: datetime, slot: timedelta, y: float, most: int) -> Markup:
    class_ = {"explained": "explained", "unexplained": "unexplained"}.get(each.answer, "untold")
    if "unexplained" in each.answer:
        class_ = "unexplained"
    marks = []
    for at, seen in each.slots:
        x = axis.x(start + slot * (at + 0.5))
        size = 4 + 5 * (seen / most) ** 0.5
        if class_ == "explained":
            marks.append(tag("circle", cx=place(x), cy=place(y), r=place(size), class_=class_))
        elif class_ == "untold":
            marks.append(box(x - size * 0.85, y - size * 0.85, size * 1.7, size * 1.7, class_))
        else:
            path = f"M{place(x)} {place(y - size)}L{place(x + size)} {place(y)}L{place(x)} {place(y + size)}L{place(x - size)} {place(y)}Z"
            marks.append(tag("path", d=path, class_=class_))
    return join(marks)


def plot_categories(data: CategoriesByActor, width: float, links: Links) -> Plot:
    """Categories down, actors across by number; below, who they are."""
    if not data.seen:
        return _nothing(_NONE)
    left = min(width * 0.42, max(width_of(each.title) for each in data.categories) + 14)
    wide = min(110.0, (width - left) / max(1, len(data.actors)))
    most = max((each.persons.lower for each in data.seen if each.persons), default=0)
    cells = {(each.finding, each.category): each for each in data.seen}
    marks = [
        label(str(at + 1), left + at * wide + wide / 2, 12, class_="strong", anchor="middle")
        for at in range(len(data.actors))
    ]
    y = LINE + 3
    for row in data.categories:
        marks.append(label(shortened(row.title, left - 10), 0, y + 17))
        for at, (finding, _) in enumerate(data.actors):
            marks.append(box(left + at * wide, y, wide - 1.5, 24.5, "empty"))
            if (cell := cells.get((finding, row.key))) is not None:
                marks.append(_cell(cell, left + at * wide, y, wide, most, f"{row.title}, {finding}", links))
        y += 26
    y += 6
    for at, (_, words) in enumerate(data.actors):
        for line in wrapped(f"{at + 1}  {words}", width):
            marks.append(label(line, 0, y + 12, class_="faint"))
            y += LINE
    legend, tall = key(
        [
            (f"h{depth}", f"{number(start)} to {number(end)}" if end > start else number(start))
            for depth, start, end in levels_of(most)
        ],
        y + 6,
        width,
    )
    return Plot(height=y + 6 + tall, marks=join([*marks, legend]))


def _cell(cell: OfActor, x: float, y: float, wide: float, most: int, what: str, links: Links) -> Markup:
    persons = cell.persons.lower if cell.persons else 0
    depth = level(persons, most)
    parts = [box(x, y, wide - 1.5, 24.5, f"h{depth}" if depth else "untold-cell")]
    text = short_number(persons) if depth else "?"
    if width_of(text) <= wide - 4:
        parts.append(label(text, x + wide / 2 - 0.75, y + 17, class_=f"in{depth}", anchor="middle"))
    told = f"{bare_count(cell.persons)} persons" if cell.persons else "whose cannot be told"
    return marked(
        join(parts), f"{cell.finding}-{cell.category}", f"{what}: {told}, {many(cell.views, 'views')}", links
    )


def plot_versions(data: ScopeVersions, width: float, links: Links) -> Plot:
    """For each unit a panel: a bar from the lower to the upper bound of each version."""
    if not data.versions:
        return _nothing("This case has no version.")
    marks: list[Markup] = []
    y = 0.0
    for unit in ("persons", "accounts", "views"):
        counts = [getattr(each, unit) for each in data.versions]
        most = max(max(each.lower, each.upper or 0) for each in counts)
        ticks = nice_ticks(most, max(2, int(width / 150)))
        left, right = 34.0, width - (36.0 if any(each.upper is None for each in counts) else 12.0)

        def x(value: int, left: float = left, right: float = right, top: int = ticks[-1]) -> float:
            return left + (right - left) * value / top

        marks.append(label(unit.capitalize(), 0, y + 13, class_="strong"))
        top = y + LINE + GAP
        bottom = top + 34 * len(counts)
        for each in ticks:
            at = place(x(each))
            marks.append(tag("line", x1=at, x2=at, y1=place(top), y2=place(bottom), class_="grid"))
            marks.append(label(short_number(each), x(each), bottom + 14, class_="faint", anchor="middle"))
        for row, (version, count) in enumerate(zip(data.versions, counts, strict=True)):
            line = top + 34 * row
            marks.append(label(f"v{version.version}", 0, line + 25, class_="faint"))
            marks.append(_range(count, x, line, right, width))
            words = f"Version {version.version}, {clock(version.made, data.zone)}: {bare_count(count)} {unit}"
            marks.append(marked(box(0, line, width, 34, "through"), str(version.version), words, links))
        y = bottom + LINE + 14
    entries = [("sure", "at least"), ("range", "between the bounds")]
    legend, tall = key(entries, y, width)
    return Plot(height=y + tall, marks=join([*marks, legend]))


def _range(count: Count, place_of: Callable[[int], float], y: float, right: float, width: float) -> Markup:
    start = place_of(0)
    low = place_of(count.lower)
    marks = [box(start, y + 17, max(low - start, 1.5), 11, "sure")]
    end = low
    if count.upper is None:
        end = right
        marks.append(box(low, y + 17, max(0.5, right - low), 11, "range"))
        marks.append(tag("path", d=f"M{place(right)} {place(y + 14)}l10 8.5l-10 8.5Z", class_="range"))
    elif count.upper > count.lower:
        end = place_of(count.upper)
        marks.append(box(low, y + 17, end - low, 11, "range"))
    words = bare_count(count)
    at = min(max(low, start), width - width_of(words) - 4)
    marks.append(label(words, max(start, at if end == low else min(start, at)), y + 13))
    return join(marks)


def plot_coverage(data: CoverageOfSources, width: float, links: Links) -> Plot:
    """A strip for each source: told apart by height as well as colour; each place shows the worst of its hours."""
    ends = [(each.start, each.end) for source in data.sources for each in source.stretches]
    if not ends:
        return _nothing("No hour is covered by any source.")
    start, end = min(each for each, _ in ends), max(each for _, each in ends)
    axis = TimeAxis(start, end, 0, width, data.zone)
    marks, y = [], 0.0
    for source in data.sources:
        told = f"{number(source.whole)} whole, {number(source.partial)} partial, {number(source.missing)} missing"
        if source.quiet:
            told += f", {number(source.quiet)} quiet"
        if width_of(source.source) + width_of(told) + 24 > width:
            marks.append(label(shortened(source.source, width), 0, y + 12))
            y += LINE
            marks.append(label(shortened(told, width), 0, y + 12, class_="faint"))
        else:
            marks.append(label(source.source, 0, y + 12))
            marks.append(label(told, width, y + 12, class_="faint", anchor="end"))
        y += LINE
        strip = [box(0, y, width, 34, "empty")]
        for x, wide, state in _strip(source.stretches, axis):
            offset, high = _STATES[state]
            strip.append(box(x, y + offset, wide, high, state))
        marks.append(marked(join(strip), source.source, f"{source.source}, hours: {told}", links))
        y += 34 + GAP
    marks.append(axis.drawn(y))
    entries = [
        ("whole", "whole: lines throughout the hour"),
        ("quiet", "quiet: no traffic is usual then"),
        ("partial", "partial: part of the hour is known"),
        ("missing", "missing: nothing can be said"),
    ]
    used = {stretch.state for source in data.sources for stretch in source.stretches}
    legend, tall = key([each for each in entries if each[0] in used], y + LINE + 10, width)
    return Plot(height=y + LINE + 10 + tall, marks=join([*marks, legend]))


_TOLD = (
    ("before", "sent"), ("possible", "waiting"), ("after", "failed"), ("untold", "unknown"), ("untold-cell", "excluded"),
)  # fmt: skip


_OF_WAVES = (("before", "tried"), ("possible", "let go, not tried"), ("untold-cell", "not let go"))


def plot_telling(data: Telling, width: float, links: Links) -> Plot:
    """A bar for each row, as long as it has recipients, in the five parts that add up to them; what it stands for and how many above it. Then
    one for each wave, in what was tried and what was not."""
    if not data.rows:
        return _nothing("No recipients are frozen.")
    most = max(each.people for each in data.rows)
    legend, y = key(_TOLD, 0, width)
    marks: list[Markup] = [legend]
    y += 6
    for each in data.rows:
        parts = [(class_, words, getattr(each, words)) for class_, words in _TOLD]
        y = _told_bar(marks, y, each, parts, most, width, links)
    if data.waves:
        legend, tall = key(_OF_WAVES, y + GAP, width)
        marks.append(legend)
        y += GAP + tall + 6
    for wave in data.waves:
        left = wave.people - wave.begun
        parts = [("before", "tried", wave.begun), ("possible", "let go, not tried", left * wave.released)]
        parts.append(("untold-cell", "not let go", left * (not wave.released)))
        y = _told_bar(marks, y, wave, parts, most, width, links)
    return Plot(height=y, marks=join(marks))


def _told_bar(
    marks: list[Markup],
    y: float,
    row: ToldRow | WaveRow,
    parts: Sequence[tuple[str, str, int]],
    most: int,
    width: float,
    links: Links,
) -> float:
    """One bar with what it says above it; returns where the next one begins."""
    told = ", ".join(f"{number(people)} {words}" for _, words, people in parts if people) or "nobody"
    for line in wrapped(f"{row.label}: {number(row.people)}, of whom {told}", width):
        marks.append(label(line, 0, y + 12))
        y += LINE
    x, bar = 0.0, []
    for class_, _, people in parts:
        if people:
            wide = max(width * people / most, 1.0)
            bar.append(box(x, y, min(wide, width - x), 14, class_))
            x += wide
    marks.append(marked(join(bar or [box(0, y, 1, 14, "empty")]), row.name, f"{row.label}: {told}", links))
    return y + 14 + GAP


def _strip(stretches: Sequence[Stretch], axis: TimeAxis) -> list[tuple[float, float, str]]:
    """Stretches at places of a pixel, each with the worst state that falls on it, equal neighbours as one."""
    states: dict[int, str] = {}
    for each in stretches:
        first = int(axis.x(each.start))
        last = max(first + 1, int(axis.x(each.end)))
        for at in range(first, last):
            if at not in states or _WORST[each.state] > _WORST[states[at]]:
                states[at] = each.state
    found: list[tuple[float, float, str]] = []
    for at in sorted(states):
        if found and found[-1][0] + found[-1][1] == at and found[-1][2] == states[at]:
            found[-1] = (found[-1][0], found[-1][1] + 1, found[-1][2])
        else:
            found.append((float(at), 1.0, states[at]))
    return found
