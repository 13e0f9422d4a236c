"""Coverage as a picture: a strip for each source, hour by hour, told apart by height as well as colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from .markup import Markup, join, tag
from .view_model import HourSpan, SourceView
from .wording import clock, many

__all__ = ["coverage_strips", "gaps_of"]

_WIDTH, _HEIGHT = 1000.0, 34.0


def coverage_strips(sources: Sequence[SourceView], zone: tzinfo) -> Markup:
    """All strips on one time axis, so that a gap in one source can be compared with the others."""
    spans = [span for source in sources for span in source.spans]
    if not spans:
        return tag("p", "No hour is covered by any source.", class_="none")
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    if end == start:
        end = start + timedelta(hours=1)
    rows = [_strip(source, start, end, zone) for source in sources]
    return tag("div", *rows, _axis(start, end, zone), _key(), class_="strips")


def gaps_of(source: SourceView) -> tuple[HourSpan, ...]:
    """What is not whole, in order of time."""
    return tuple(
        sorted((span for span in source.spans if span.state != "whole"), key=lambda span: span.start)
    )


def _share(moment: datetime, start: datetime, end: datetime) -> float:
    return (moment - start).total_seconds() / (end - start).total_seconds()


def _strip(source: SourceView, start: datetime, end: datetime, zone: tzinfo) -> Markup:
    words = ", ".join(
        f"{many(source.hours(state), 'hours')} {state}" for state in ("whole", "partial", "missing")
    )
    marks = []
    for span in source.spans:
        x = _share(span.start, start, end) * _WIDTH
        # an hour must stay visible in a strip of a year
        width = max((_share(span.end, start, end) - _share(span.start, start, end)) * _WIDTH, 1.2)
        marks.append(_mark(span, x, width, zone))
    drawing = tag(
        "svg",
        *marks,
        viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}",
        preserveAspectRatio="none",
        role="img",
        aria_label=f"Coverage of {source.source}: {words}",
        class_="strip",
    )
    caption = tag("figcaption", tag("code", source.source), " ", tag("span", words, class_="faint"))
    return tag("figure", caption, drawing)


def _mark(span: HourSpan, x: float, width: float, zone: tzinfo) -> Markup:
    words = f"{span.state}: {clock(span.start, zone)} to {clock(span.end, zone)}" + (
        f" ({span.reason})" if span.reason else ""
    )
    heights = {"whole": (4.0, 26.0), "partial": (17.0, 13.0), "missing": (27.0, 3.0)}
    y, height = heights[span.state]
    return tag(
        "rect",
        tag("title", words),
        x=f"{x:.2f}",
        y=f"{y:g}",
        width=f"{width:.2f}",
        height=f"{height:g}",
        class_=span.state,
    )


def _axis(start: datetime, end: datetime, zone: tzinfo) -> Markup:
    middle = start + (end - start) / 2
    return tag(
        "div",
        *(tag("span", clock(at, zone)) for at in (start, middle, end)),
        class_="axis",
        aria_hidden="true",
    )


def _key() -> Markup:
    entries = (
        ("whole", "whole: lines throughout the hour"),
        ("partial", "partial: part of the hour is known"),
        ("missing", "missing: nothing can be said"),
        ("outside", "outside the first and last line of the source"),
    )
    return tag(
        "ul",
        *(
            tag("li", tag("span", class_=f"swatch {state}", aria_hidden="true"), join([words]))
            for state, words in entries
        ),
        class_="key",
    )
