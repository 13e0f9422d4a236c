"""Log health: from the journal and the files still in place to statements about sources, and what is usual of each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from whosaw.core.canonical_json import canonical_json
from whosaw.core.version import __version__
from whosaw.store.repositories.segments import Counted, ReadSegment
from whosaw.store.workspace import Workspace

from .facts import Facts, FileFacts, HourFacts, SegmentFacts, SourceFacts
from .gone_quiet import usual_of
from .items import Check, load_checks
from .judge import judge_health
from .statement import Statement

__all__ = ["health_of", "keep_usual"]

_SLACK = 300_000_000  # microseconds by which an event may be later than its file was written
_SETTING = "usual-of-sources"
_LEARNT_FROM = "usual-of-sources-from"


def health_of(
    workspace: Workspace,
    files: tuple[FileFacts, ...],
    *,
    source: str | None = None,
    counted: Counted | None = None,
) -> list[Statement]:
    """What can be said about the sources now, or about one of them (which is still compared with the others). `files` are the
    files of all contents, and what is known of them; `counted` the segments, where the caller has them."""
    checks = load_checks()
    said = judge_health(checks, _facts(workspace, checks, files, counted or Counted(workspace.journal)))
    return said if source is None else [each for each in said if source in each.sources]


def keep_usual(workspace: Workspace, counted: Counted) -> None:
    """Keep in the journal what is usual of each source, with the hours it was learnt from. It is never read back to judge:
    the same hours always give it again, and where nothing was read since nothing is learnt."""
    journal, check = workspace.journal, load_checks()["gone-quiet"]
    sources = [[each.id, each.source] for each in counted.segments]
    # which of them came twice hangs on the map, too
    told = [__version__, dict(check.thresholds), journal.setting("map"), sources]
    learnt_from = hashlib.sha256(canonical_json(told)).hexdigest()
    if journal.setting(_LEARNT_FROM) == learnt_from:
        return
    learnt = {each.name: usual_of(check, each).as_json() for each in _sources(counted, {}) if each.hours}
    with journal.transaction() as connection:
        journal.set_setting(connection, _SETTING, canonical_json(learnt).decode())
        journal.set_setting(connection, _LEARNT_FROM, learnt_from)


def _facts(
    workspace: Workspace, checks: Mapping[str, Check], files: tuple[FileFacts, ...], counted: Counted
) -> Facts:
    least = checks["out-of-order"].thresholds["least_step_seconds"] * 1_000_000
    late = {each.id: _late(workspace, each, least) for each in counted.segments if each.back_step >= least}
    return Facts(sources=_sources(counted, late), files=files)


def _late(workspace: Workspace, segment: ReadSegment, least: int) -> int:
    """Events of a segment, in the order of its lines, that come after one which is later by `least` microseconds."""
    import pyarrow.parquet as pq

    times = pq.read_table(workspace.files.path(segment.file_names["events"]), columns=["time"])["time"]
    micros = np.asarray(times.combine_chunks().cast(pa.int64()))
    return int((np.maximum.accumulate(micros) - micros >= least).sum())


def _sources(counted: Counted, late: Mapping[int, int]) -> tuple[SourceFacts, ...]:
    by_source: dict[str, list[tuple[ReadSegment, int, int]]] = defaultdict(list)
    of_segment: dict[int, str] = {}
    for each in counted.segments:
        if each.first_time is not None and each.last_time is not None:
            by_source[each.source].append((each, each.first_time, each.last_time))
            of_segment[each.id] = each.source
    hours = _hours(counted, of_segment)
    return tuple(
        SourceFacts(
            name=name,
            first=min(first for _, first, _ in found),
            last=max(last for _, _, last in found),
            clock=max((last for each, _, last in found if not _ahead(each, last)), default=None),
            hours=hours.get(name, {}),
            segments=tuple(
                SegmentFacts(
                    content=each.name,
                    first=first,
                    last=last,
                    events=each.events,
                    back_step=each.back_step,
                    late=late.get(each.id, 0),
                )
                for each, first, last in found
            ),
        )
        for name, found in sorted(by_source.items())
    )


def _ahead(segment: ReadSegment, last: int) -> bool:
    return segment.mtime is not None and last - segment.mtime > _SLACK


def _hours(counted: Counted, sources: Mapping[int, str]) -> Mapping[str, Mapping[int, HourFacts]]:
    """Hours of each source, with the events that were read once only."""
    found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for of, hour, events, _, duplicates, cross, minutes in counted.hours:
        name = sources.get(of)
        if name is None or not events:
            continue
        before = found[name].get(hour, (0, 0))
        found[name][hour] = before[0] + max(0, events - duplicates - cross), before[1] | minutes
    return {
        name: {hour: HourFacts(events=events, minutes=minutes) for hour, (events, minutes) in of.items()}
        for name, of in found.items()
    }
