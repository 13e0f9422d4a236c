"""The coverage of a source as reports and the command line show it."""

from __future__ import annotations

from datetime import timedelta

from whosaw.core.instants import from_micros
from whosaw.logs.coverage.hours import SourceCoverage
from whosaw.report.view_model import HourSpan, SourceView, State

__all__ = ["source_view"]

_HOUR = 3_600_000_000


def source_view(source: SourceCoverage) -> SourceView:
    """The coverage of a source as a report shows it: equal hours in a row as one span."""
    spans: list[HourSpan] = []
    for hour in source.hours:
        start = from_micros(hour.hour * _HOUR)
        state: State = (
            # a report speaks of what is lost; how many hours are quiet stands in the notes of the source
            "whole"
            if hour.state in ("whole", "quiet")
            else "partial"
            if hour.state == "partial"
            else "missing"
        )
        reason = "" if state == "whole" else hour.rule
        if spans and spans[-1].state == state and spans[-1].reason == reason:
            spans[-1] = HourSpan(
                start=spans[-1].start, end=start + timedelta(hours=1), state=state, reason=reason
            )
        else:
            spans.append(HourSpan(start=start, end=start + timedelta(hours=1), state=state, reason=reason))
    return SourceView(
        source=source.source,
        lines=source.lines,
        events=source.events,
        rejects=source.rejects,
        duplicates=source.duplicates,
        first=spans[0].start if spans else None,
        last=spans[-1].end if spans else None,
        spans=tuple(spans),
    )
