"""The picture: persons newly seen per day by the actor, before and after the first finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from textwrap import wrap
from typing import Any

from .view_model import PersonsPerDay
from .wording import clock, many, number

__all__ = ["DARK", "LIGHT", "NARROW", "WIDE", "Colours", "describe", "picture_svg", "title_of"]

_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDE, NARROW = 640, 300
_BEFORE, _AFTER = "before the first finding", "after the first finding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Blue and orange keep apart for every kind of colour sight; both have 3:1 or more on their ground."""

    ground: str
    ink: str
    faint: str
    grid: str
    before: str
    after: str


LIGHT = Colours(
    ground="#ffffff", ink="#1b1f24", faint="#57606a", grid="#e4e7eb", before="#1f6fb4", after="#d1570f"
)
DARK = Colours(
    ground="#15181c", ink="#e8eaed", faint="#a3abb5", grid="#2b3036", before="#6cb2f0", after="#f28d3c"
)


def title_of(data: PersonsPerDay) -> str:
    """One sentence that says what is seen."""
    if not data.days:
        return "No person was seen"
    seen = f"{many(data.total, 'persons')} seen"
    if data.first_finding is None:
        return f"{seen}; nothing raised a finding"
    return f"{seen}; the first finding came after {many(data.before, 'persons')}"


def describe(data: PersonsPerDay) -> str:
    """The picture in words, for those who cannot see it."""
    if not data.days:
        return "No days to show."
    highest = max(data.days, key=lambda day: (day.before + day.after, -day.day.toordinal()))
    span = f"from {data.days[0].day.isoformat()} to {data.days[-1].day.isoformat()}"
    words = f"{title_of(data)}. Days with persons newly seen run {span} ({data.zone_name}). "
    words += (
        f"Most on one day: {many(highest.before + highest.after, 'persons')} on {highest.day.isoformat()}."
    )
    if data.first_finding is not None:
        words += f" First finding: {clock(data.first_finding, data.zone)}."
    return words


def picture_svg(data: PersonsPerDay, colours: Colours = LIGHT, width: int = WIDE) -> str:
    """The picture as SVG text, its panels so many pixels wide. The same data give the same text."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_chart(data, colours, width), vl_version="6.1", show_warnings=False)
    return svg


def _so_far(data: PersonsPerDay) -> list[dict[str, Any]]:
    """Steps of the total: at the start of each day, what it holds by the end of that day.

    Moments are on the clock of the data's zone; the picture's axis knows no zones.
    """
    rows: list[dict[str, Any]] = []
    total = 0
    found = data.first_finding.astimezone(data.zone).replace(tzinfo=None) if data.first_finding else None
    for day in data.days:
        start = datetime.combine(day.day, time())
        total += day.before
        if found is None or start <= found:
            rows.append({"at": start.isoformat(), "persons": total, "when": _BEFORE})
        if found is not None and start <= found < start + timedelta(days=1):
            rows.append({"at": found.isoformat(), "persons": total, "when": _BEFORE})
        total += day.after
        if day.after or (found is not None and start > found):
            after = max(start, found) if found else start
            rows.append({"at": after.isoformat(), "persons": total, "when": _AFTER})
    if rows:
        end = datetime.combine(data.days[-1].day + timedelta(days=1), time())
        rows.append({**rows[-1], "at": end.isoformat()})
    return rows


def _by_day(data: PersonsPerDay) -> list[dict[str, Any]]:
    rows = []
    for day in data.days:
        for persons, when in ((day.before, _BEFORE), (day.after, _AFTER)):
            if persons:
                rows.append({"at": day.day.isoformat(), "persons": persons, "when": when})
    return rows


def _early(data: PersonsPerDay, found: datetime) -> list[dict[str, Any]]:
    """Labels for days before the first finding, whose bars are often too low to be seen; not for many."""
    found_on = found.astimezone(data.zone).date()
    rows = [
        {"at": day.day.isoformat(), "persons": day.before, "label": number(day.before)}
        for day in data.days
        if day.before and day.day < found_on
    ]
    return rows if len(rows) <= 12 else []


def _chart(data: PersonsPerDay, colours: Colours, width: int) -> dict[str, Any]:
    import altair as alt

    scale = alt.Scale(domain=[_BEFORE, _AFTER], range=[colours.before, colours.after])
    legend = alt.Legend(
        orient="top",
        title=None,
        direction="horizontal" if width >= WIDE else "vertical",
        symbolType="square",
        offset=8,
        columnPadding=32,  # a reader without these fonts gets wider letters than the picture was measured with
    )
    colour = alt.Color("when:N", scale=scale, legend=legend if data.first_finding else None)
    axis = alt.Axis(format="%-d %b", title=None, grid=False, labelOverlap=True, tickCount=max(3, width // 80))
    x = alt.X("at:T", axis=axis)
    upper = alt.Chart(alt.InlineData(values=_so_far(data))).mark_area(interpolate="step-after", opacity=1)
    upper = upper.encode(x=x, y=_persons("Persons seen so far", 5, highest=data.total), color=colour)
    lower = alt.Chart(alt.InlineData(values=_by_day(data))).mark_bar(binSpacing=1)
    lower = lower.encode(
        x=alt.X("at:T", timeUnit="yearmonthdate", axis=axis), y=_persons("New on the day", 3), color=colour
    )
    found = data.first_finding if data.days else None
    if found is not None and (early := _early(data, found)):
        few = alt.Chart(alt.InlineData(values=early)).encode(
            x=alt.X("at:T", timeUnit="yearmonthdate", bandPosition=0.5), y="persons:Q", text="label:N"
        )
        lower = lower + few.mark_text(dy=-8, color=colours.before, fontSize=12, fontWeight="bold")
    layers = [upper, lower]
    if found is not None:
        lines = 3 if width < WIDE else 2
        layers = [upper + _rule(data, found, colours, lines), lower + _rule(data, found, colours, 0)]
    panels = [
        layer.properties(width=width, height=height) for layer, height in zip(layers, (210, 110), strict=True)
    ]
    subtitle = f"Each person counts once, on the day of the first view. Days in {data.zone_name}."
    narrow = width < WIDE
    title = alt.TitleParams(
        wrap(title_of(data), 24) if narrow else title_of(data),
        subtitle=wrap(subtitle, 36) if narrow else subtitle,
        anchor="start",
        frame="group",
        offset=14,
        subtitlePadding=6,
    )
    chart = alt.vconcat(*panels, spacing=22, title=title, description=describe(data))
    spec: dict[str, Any] = _styled(chart.resolve_scale(x="shared"), colours).to_dict()
    return spec


def _persons(title: str, ticks: int, highest: int | None = None) -> Any:
    """The axis of persons; with `highest`, with room above it for the label of the first finding."""
    import altair as alt

    axis = alt.Axis(title=title, format=",d", tickCount=ticks, tickMinStep=1, domain=False, ticks=False)
    room: dict[str, Any] = (
        {}
        if highest is None
        else {"scale": alt.Scale(domainMin=0, domainMax=max(1, highest * 1.22), nice=False)}
    )
    return alt.Y("persons:Q", axis=axis, stack="zero" if ticks == 3 else None, **room)


def _rule(data: PersonsPerDay, found: datetime, colours: Colours, lines: int) -> Any:
    """A line at the first finding, its label on the side where there is more room; no label for 0 lines."""
    import altair as alt

    first, last = data.days[0].day, data.days[-1].day + timedelta(days=1)
    local = found.astimezone(data.zone)
    middle = (
        datetime.combine(first, time())
        + (datetime.combine(last, time()) - datetime.combine(first, time())) / 2
    )
    left = local.replace(tzinfo=None) > middle
    when = clock(found, data.zone)
    label = ["First finding:", when] if lines > 2 else [f"First finding: {when}"]
    label.append(f"after {many(data.before, 'persons')}")
    values = alt.InlineData(values=[{"at": local.replace(tzinfo=None).isoformat()}])
    base = alt.Chart(values).encode(x=alt.X("at:T"))
    rule = base.mark_rule(color=colours.ink, strokeWidth=1.5, strokeDash=[5, 3])
    if not lines:
        return rule
    text = base.mark_text(
        text=label,
        align="right" if left else "left",
        baseline="top",
        dx=-8 if left else 8,
        y=2,
        color=colours.ink,
        fontSize=12.5,
        fontWeight="bold",
        lineHeight=16,
    )
    return rule + text


def _styled(chart: Any, colours: Colours) -> Any:
    return (
        chart.configure(background=colours.ground, font=_FONT, padding=16)
        .configure_view(stroke=None)
        .configure_title(color=colours.ink, subtitleColor=colours.faint, fontSize=17, subtitleFontSize=12.5)
        .configure_axis(
            labelColor=colours.faint,
            titleColor=colours.faint,
            gridColor=colours.grid,
            domainColor=colours.faint,
            tickColor=colours.faint,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=10,
        )
        .configure_legend(labelColor=colours.ink, labelFontSize=12.5, symbolSize=140)
    )
