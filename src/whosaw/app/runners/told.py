"""What an executor tells of what it wrote, as lines of JSON: counts, digests and names of files; whatever may quote a line is sealed."""

from __future__ import annotations

import json
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from whosaw.app.reading.segments import WrittenSegment
from whosaw.app.reading.through import Ended
from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import Counts
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.files.ranges import Cut
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.meaning import Meaning
from whosaw.ingest.seen_fields import SeenFields
from whosaw.ingest.times.far import PieceTimes, Stretch
from whosaw.store.segment import HourRow, SegmentDraft

__all__ = [
    "counts_of",
    "counts_told",
    "cut_of",
    "cut_told",
    "each_told",
    "ended_of",
    "ended_told",
    "error_of",
    "error_told",
    "line",
    "masked",
    "segment_of",
    "segment_told",
    "times_in",
    "times_told",
]

_PLAIN = (
    "start", "end", "first_line", "lines", "comments", "continued", "document", "terminated", "digest", "files", "state",
)  # fmt: skip
_DRAFT = ("events", "rejects", "views", "duplicates", "first_time", "last_time", "back_step")
_CHUNK = ("offset", "end", "first_line", "lines", "terminated", "oversized_lines", "prefix_digest")
_COUNTED = ("first_line", "records", "lines", "events", "rejects", "comments", "continued", "bytes")
_NAME = re.compile(r"[0-9a-f]{64}\.[a-z_]+\Z")


def each_told(batches: Iterator[pa.RecordBatch], told: Callable[[int], str]) -> Iterator[pa.RecordBatch]:
    """For each number in the column `id`, a row (number, what is told of it)."""
    for batch in batches:
        for number in batch.column("id").to_pylist():
            yield pa.RecordBatch.from_pydict(
                {"id": pa.array([number], pa.int64()), "told": pa.array([told(number)], pa.string())}
            )


def masked(work: Callable[[], str], where: str) -> str:
    """What some work tells, or what a person can mend. What a second try may mend is raised, without a word of any row."""
    try:
        return work()
    except WhosawError as fault:
        return line("error", error_told(fault))
    except Exception as fault:  # noqa: BLE001  # Spark tries again; what any library says may quote a row
        last = traceback.extract_tb(fault.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        raise RuntimeError(f"whosaw: {type(fault).__name__} at {place} in {where}") from None


def line(kind: str, body: Mapping[str, Any]) -> str:
    """One thing that is told."""
    return json.dumps({"kind": kind, **body}, separators=(",", ":"))


def segment_told(segment: WrittenSegment) -> dict[str, Any]:
    """A segment: where its chunk lies, counts, coverage by hour, and the names of its files."""
    draft = segment.draft
    return {
        **{name: getattr(segment, name) for name in _PLAIN},
        **{name: getattr(draft, name) for name in _DRAFT},
        "hours": [
            [each.hour, each.events, each.rejects, each.duplicates, each.minutes] for each in draft.hours
        ],
        "harmless": [list(each) for each in draft.harmless],
        "route_events": list(draft.route_events.items()),
    }


def segment_of(told: Mapping[str, Any]) -> WrittenSegment:
    """The segment that was told of. A name of a file that is none raises `WhosawError`."""
    if not all(_NAME.match(name) for name in told["files"].values()):
        raise WhosawError("runner.names", "an executor told of a file whose name is no digest")
    draft = SegmentDraft(
        files={},
        **{name: told[name] for name in _DRAFT},
        hours=tuple(HourRow(*each) for each in told["hours"]),
        harmless=tuple((hour, many) for hour, many in told["harmless"]),
        route_events=dict(told["route_events"]),
    )
    return WrittenSegment(draft=draft, **{name: told[name] for name in _PLAIN})


def counts_told(counts: Counts, *, fields: bool = False) -> dict[str, Any]:
    """What was counted: counts, reasons, and (where nothing was understood, or always, with `fields`) names of fields; no value of any."""
    names = fields or counts.refused or counts.says.time_only
    return {
        **{name: getattr(counts, name) for name in _COUNTED},
        "says": asdict(counts.says),
        "reasons": list(counts.reasons.items()),
        "found": asdict(counts.seen) if names else None,
    }


def counts_of(told: Mapping[str, Any], item: FormatItem) -> Counts:
    """The counts that were told."""
    found = told["found"] or {"kind": "", "names": (), "times": ()}
    return Counts(
        item=item,
        **{name: told[name] for name in _COUNTED},
        says=Meaning(**told["says"]),
        reasons=Counter(dict(told["reasons"])),
        found=SeenFields(kind=found["kind"], names=tuple(found["names"]), times=tuple(found["times"])),
    )


def ended_told(ended: Ended) -> dict[str, Any]:
    """A content at its end."""
    return {
        "counts": counts_told(ended.counts),
        "size": ended.size,
        "digest": ended.digest,
        "fault": ended.fault,
    }


def ended_of(told: Mapping[str, Any], item: FormatItem) -> Ended:
    """The content that was told of."""
    return Ended(
        counts=counts_of(told["counts"], item),
        size=told["size"],
        digest=told["digest"],
        fault=told["fault"],
    )


def error_told(fault: WhosawError) -> dict[str, Any]:
    """What went wrong, in words without personal data."""
    return {"code": fault.code, "message": fault.message, "hint": fault.hint}


def error_of(told: Mapping[str, Any]) -> WhosawError:
    """The error that was told of."""
    return WhosawError(told["code"], told["message"], hint=told["hint"])


def cut_told(cut: Cut) -> dict[str, Any]:
    """Where a chunk lies."""
    return {**{name: getattr(cut.chunk, name) for name in _CHUNK}, "sum": cut.sum}


def cut_of(told: Mapping[str, Any]) -> Cut:
    """The chunk that was told of, without its bytes."""
    values = {name: told[name] for name in _CHUNK}
    values["oversized_lines"] = tuple(values["oversized_lines"])
    return Cut(chunk=Chunk(data=b"", **values), sum=told["sum"])


def times_told(times: PieceTimes) -> list[Any]:
    """What is to be known of the times of a chunk."""
    return [[[each.first, each.last, each.count, each.rows] for each in times.stretches], times.never]


def times_in(told: Sequence[Any]) -> PieceTimes:
    """The times that were told of."""
    stretches, never = told
    return PieceTimes(
        tuple(Stretch(first, last, count, tuple(rows)) for first, last, count, rows in stretches),
        tuple(never),
    )
