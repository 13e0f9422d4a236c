"""Events that stand in more than one segment. The copy in the earliest-read segment counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store.files import ContentStore, open_parquet
from whosaw.store.numbers.segments import SegmentNumbers
from whosaw.store.overlaps import LiveSegment, overlaps
from whosaw.store.partitions import Partitions
from whosaw.store.schemas import DUPLICATES
from whosaw.store.sql import Session, quote_text

from .twin_rules import Side

__all__ = ["RepeatedLines", "cross_duplicates"]

_MET = np.dtype([("hash", np.uint64), ("segment", np.int32)])
Window = tuple[int, int, int]


def cross_duplicates(
    store: ContentStore,
    session: Session,
    spill: Path,
    take: Sequence[LiveSegment],
    live: Sequence[LiveSegment],
    sides: Mapping[int, Side],
    numbers: Callable[[LiveSegment], SegmentNumbers],
) -> tuple[pa.Table, dict[tuple[int, int], int]]:
    """Repeats in the segments `take` as rows of DUPLICATES, and how many there are by segment and hour. By `sides`, lines of
    twin sources are no repeats of each other, however equal they are. `numbers` say whom the codes of a segment stand for."""
    windows = overlaps(take, live)
    hashes = _met_hashes(store, spill, windows, live) if windows else np.zeros(0, np.uint64)
    if not len(hashes):
        return DUPLICATES.empty_table(), {}
    met = {segment for segment, _, _ in windows}
    chosen = [segment for segment in live if segment.id in met]
    session.register("met_hashes", pa.table({"hash": hashes}))
    session.register(
        "windows",
        pa.table(
            {
                "segment": pa.array([w[0] for w in windows], pa.int32()),
                "start": pa.array([w[1] for w in windows], pa.int64()),
                "finish": pa.array([w[2] for w in windows], pa.int64()),
            }
        ),
    )
    of_twins = [(each.id, sides[each.content]) for each in chosen if each.content in sides]
    session.register(
        "twin_sides",
        pa.table(
            {
                "segment": pa.array([segment for segment, _ in of_twins], pa.int32()),
                "side": pa.array([2 * rule + side for _, (rule, side) in of_twins], pa.int32()),
            }
        ),
    )
    session.register("taken", pa.table({"segment": pa.array([each.id for each in take], pa.int32())}))
    events = _files(store, session, "window_paths", "events", chosen)
    session.execute(
        "CREATE OR REPLACE TEMP TABLE candidates AS SELECT p.segment, f.line, f.time, f.hash, f.status, f.route, f.person "
        f"FROM read_parquet({events}, filename = true) f SEMI JOIN met_hashes m ON m.hash = f.hash JOIN window_paths p ON p.path = f.filename "
        "JOIN windows w ON w.segment = p.segment AND f.time BETWEEN w.start AND w.finish WHERE NOT f.duplicate"
    )
    session.register("window_people", _people(session, chosen, numbers))
    # The hash is 64 bits of the whole line. Time, status, route and person must agree too, so that no person can be
    # hidden behind a line that merely collides.
    session.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS SELECT segment, line, (time // 3600000000)::INTEGER AS hour FROM ("
        "SELECT c.segment, c.line, c.time, row_number() OVER (PARTITION BY c.hash, c.time, c.status, c.route, p.number, t.side ORDER BY c.segment, c.line) AS copy "
        "FROM candidates c LEFT JOIN window_people p ON p.segment = c.segment AND p.code = c.person "
        "LEFT JOIN twin_sides t ON t.segment = c.segment) "
        "WHERE copy > 1 AND segment IN (SELECT segment FROM taken)"
    )
    found = session.query("SELECT * FROM repeated ORDER BY segment, line").cast(DUPLICATES)
    counted = session.query("SELECT segment, hour, count(*) AS n FROM repeated GROUP BY ALL")
    return found, {(row["segment"], row["hour"]): row["n"] for row in counted.to_pylist()}


def _people(
    session: Session, segments: Sequence[LiveSegment], numbers: Callable[[LiveSegment], SegmentNumbers]
) -> pa.Table:
    """Whom the codes of candidates stand for: segment, code, number."""
    told = session.query(
        "SELECT DISTINCT segment, person AS code FROM candidates WHERE person IS NOT NULL ORDER BY ALL"
    )
    of_row, codes = told["segment"].to_numpy(), told["code"].to_numpy()
    found = np.zeros(len(codes), np.int64)
    for segment in segments:
        first, end = np.searchsorted(of_row, (segment.id, segment.id + 1))
        if first < end:
            found[first:end] = numbers(segment).identities[codes[first:end]]
    return told.append_column("number", pa.array(found))


def _files(
    store: ContentStore, session: Session, name: str, kind: str, segments: Sequence[LiveSegment]
) -> str:
    """A table `name` of (path, segment), and the list of the files of `kind` for SQL."""
    store.bring(segment.files[kind] for segment in segments)
    paths = [str(store.place(segment.files[kind])) for segment in segments]
    ids = pa.array([segment.id for segment in segments], pa.int32())
    session.register(name, pa.table({"path": pa.array(paths, pa.string()), "segment": ids}))
    return "[" + ", ".join(quote_text(path) for path in sorted(set(paths))) + "]"


def _met_hashes(
    store: ContentStore, spill: Path, windows: Sequence[Window], live: Sequence[LiveSegment]
) -> npt.NDArray[np.uint64]:
    """Hashes that events of more than one segment have within the windows: few, in most logs, of very many."""
    by_segment: dict[int, list[tuple[int, int]]] = {}
    for number, start, end in windows:
        by_segment.setdefault(number, []).append((start, end))
    chosen = [segment for segment in live if segment.id in by_segment]
    expected = sum(_rows(store.path(segment.files["events"])) for segment in chosen)
    rows = Partitions(spill, "hashes", _MET, expected)
    found: list[npt.NDArray[np.uint64]] = []
    try:
        for segment in chosen:
            for hashes in _hashes_within(store.path(segment.files["events"]), by_segment[segment.id]):
                made = np.empty(len(hashes), _MET)
                made["hash"], made["segment"] = hashes, segment.id
                rows.add(hashes, made)
        for part in rows.parts():
            hashes = np.ascontiguousarray(part["hash"])
            order = np.argsort(hashes)
            hashes, segments = hashes[order], part["segment"][order]
            again = np.flatnonzero((hashes[1:] == hashes[:-1]) & (segments[1:] != segments[:-1]))
            found.append(np.unique(hashes[again]))
    finally:
        rows.close()
    return np.concatenate(found)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _hashes_within(path: Path, spans: Sequence[tuple[int, int]]) -> Iterator[npt.NDArray[np.uint64]]:
    """Hashes of the events of a segment within any of the spans, which do not overlap."""
    with open_parquet(path) as file:
        at = file.schema_arrow.names.index("time")
        for group in range(file.metadata.num_row_groups):
            told = file.metadata.row_group(group).column(at).statistics
            if told is not None and told.has_min_max:
                first, last = told.min, told.max
                if not any(start <= last and end >= first for start, end in spans):
                    continue
            table = file.read_row_group(group, columns=["time", "hash"], use_threads=False)
            time = table["time"].to_numpy()
            inside = np.zeros(len(time), bool)
            for start, end in spans:
                inside |= (time >= start) & (time <= end)
            hashes: npt.NDArray[np.uint64] = table["hash"].to_numpy()[inside]
            yield hashes


class RepeatedLines:
    """Repeated lines by segment, ascending."""

    def __init__(self, repeated: pa.Table) -> None:
        self._segments = repeated["segment"].to_numpy()
        self._lines = repeated["line"].to_numpy()

    def of(self, segment: int) -> npt.NDArray[np.int64]:
        first, end = np.searchsorted(self._segments, (segment, segment + 1))
        found: npt.NDArray[np.int64] = self._lines[first:end]
        return found
