"""What a count cannot know: lines that could not be read, and equal lines of one moment, which may be one act or several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import pyarrow as pa

from whosaw.core.counts import Count, Reason
from whosaw.core.finding import Finding
from whosaw.core.finding_title import recounted
from whosaw.core.instants import to_micros
from whosaw.store.journal import Journal
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.segments import harmless_rejects, hours_of_segments, live_segments

from .counting.rejects_bound import VIEWS_OF_A_REJECT

__all__ = ["Unread", "widened", "with_unread"]

_HOUR: Final = 3_600_000_000


@dataclass(slots=True)
class Unread:
    """Rejects that may hold a view, by source and hour (None: an hour that is not known), and the source of each segment."""

    hours: dict[str, dict[int | None, int]] = field(default_factory=dict)
    source_of: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, journal: Journal) -> Self:
        segments = live_segments(journal)
        source_of = {each.id: each.source for each in segments}
        hours: dict[str, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
        left = {each.id: each.rejects for each in segments if each.rejects}
        for row in hours_of_segments(journal, with_rejects=True):
            if row.segment in left:
                hours[source_of[row.segment]][row.hour] += row.rejects
                left[row.segment] -= row.rejects
        for number, rejects in left.items():
            hours[source_of[number]][None] += max(0, rejects)
        for told in harmless_rejects(journal):
            if told.segment in source_of:
                hours[source_of[told.segment]][told.hour] -= told.rejects
        return cls(hours={name: dict(held) for name, held in hours.items()}, source_of=source_of)

    def any(self) -> bool:
        """Whether there is any."""
        return any(many for held in self.hours.values() for many in held.values())

    def near(self, segments: Collection[int], first: int | None, last: int | None) -> int:
        """Rejects of the sources of these segments from an hour before `first` to an hour after `last` (microseconds; None: at any
        time), and all whose hour is not known."""
        names = {self.source_of[each] for each in segments if each in self.source_of}
        since = None if first is None else first // _HOUR - 1
        until = None if last is None else last // _HOUR + 1
        return sum(
            many
            for name in names
            for at, many in self.hours.get(name, {}).items()
            if at is None or ((since is None or at >= since) and (until is None or at <= until))
        )


def widened(counts: Sequence[Count], *, rejects: int, repeats: int) -> tuple[Count, ...]:
    """The counts with room for what unread lines may hold, and for equal lines that are several acts."""
    out = []
    for count in counts:
        more = rejects * VIEWS_OF_A_REJECT
        reasons = [Reason(code="rejects", adds_upper=more)] if more else []
        if repeats and count.unit == "views":
            reasons.append(Reason(code="repeated-lines", adds_upper=repeats))
            more += repeats
        upper = None if count.upper is None else count.upper + more
        out.append(Count(unit=count.unit, lower=count.lower, upper=upper, reasons=(*count.reasons, *reasons)))
    return tuple(out)


def with_unread(reader: LedgerReader, findings: Sequence[Finding], counted: pa.Table) -> list[Finding]:
    """Findings whose counts allow for lines near their views that could not be read, and for repeats of their lines; `counted`
    are their lines (finding, content, line)."""
    if not findings:
        return []
    unread = Unread.of(reader.workspace.journal)
    lines = counted.select(["finding", "content", "line"])
    segments: dict[str, set[int]] = defaultdict(set)
    found = reader.session.query("SELECT DISTINCT finding, content FROM lines", lines=lines)
    for row in found.to_pylist():
        segments[row["finding"]].add(row["content"])
    repeats = _repeats(reader, lines)
    out = []
    for finding in findings:
        first, last = to_micros(finding.first_view), to_micros(finding.last_view)
        rejects = unread.near(segments[finding.id], first, last)
        counts = widened(finding.counts, rejects=rejects, repeats=repeats.get(finding.id, 0))
        out.append(recounted(finding, counts))
    return out


def _repeats(reader: LedgerReader, lines: pa.Table) -> dict[str, int]:
    """By finding, the lines that were left out because an equal one of the same moment counts."""
    # the few repeats are looked up among the many views, not the other way round
    rows = reader.session.query(
        """
        WITH repeats AS (SELECT DISTINCT client, route, micros, content, line FROM views WHERE duplicate),
        met AS (
            SELECT DISTINCT l.finding, v.client, v.route, v.micros
            FROM views AS v SEMI JOIN repeats AS r ON r.client = v.client AND r.route = v.route AND r.micros = v.micros
            JOIN lines AS l ON l.content = v.content AND l.line = v.line
            WHERE NOT v.duplicate
        )
        SELECT finding, count(*) AS n FROM met JOIN repeats USING (client, route, micros) GROUP BY finding
        """,
        lines=lines,
    )
    return {row["finding"]: row["n"] for row in rows.to_pylist()}
