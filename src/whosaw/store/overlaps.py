"""Live segments in time: where two of them can hold the same event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["LiveSegment", "overlaps"]


@dataclass(frozen=True, slots=True)
class LiveSegment:
    """A segment of the manifest: its files by kind, the digest of its map, its first and last instant, how many
    views it has at most, and how many events."""

    id: int
    files: dict[str, str]
    map: str | None
    first_time: int | None
    last_time: int | None
    content: int
    views: int = 0
    events: int = 0


def overlaps(take: Sequence[LiveSegment], live: Sequence[LiveSegment]) -> list[tuple[int, int, int]]:
    """(segment, start, end), microseconds: for each segment the spans in which a taken one and another meet."""
    timed = sorted(
        (s for s in live if s.first_time is not None and s.last_time is not None),
        key=lambda s: (s.first_time, s.id),
    )
    taken = {segment.id for segment in take}
    windows: dict[int, list[tuple[int, int]]] = {}
    open_now: list[LiveSegment] = []
    for segment in timed:
        first, last = segment.first_time or 0, segment.last_time or 0
        open_now = [other for other in open_now if (other.last_time or 0) >= first]
        for other in open_now:
            if segment.id in taken or other.id in taken:
                span = (first, min(last, other.last_time or 0))
                windows.setdefault(segment.id, []).append(span)
                windows.setdefault(other.id, []).append(span)
        open_now.append(segment)
    out: list[tuple[int, int, int]] = []
    for segment_id, spans in sorted(windows.items()):
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        out.extend((segment_id, start, end) for start, end in merged)
    return out
