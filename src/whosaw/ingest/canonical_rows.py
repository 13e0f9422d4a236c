"""Rows that the rules of a format gave, as canonical events and rejects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .addresses import address_and_port
from .canonical import CANONICAL
from .parser import empty_events, rejects_table
from .times.events import no_zone, read_times
from .times.local import FoldState

__all__ = ["BESIDE", "Batch", "CanonicalRows", "Zone"]


BESIDE = "it is no event of this format"
"""Reason of a row that is counted as a comment line is."""
_NO_OFFSET = "the time has no offset, and no zone was given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The zone for times without an offset. `own`: the format itself promises it, so nobody had to assume
    it."""

    zone: tzinfo | None
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalRows:
    """Events and rejects of a chunk, how many records beside them are no events, and where the clock stood in a repeated hour."""

    events: pa.Table
    rejects: pa.Table
    fold: FoldState | None = None
    beside: int = 0


@dataclass(slots=True, kw_only=True)
class Batch:
    """Collects the rows and rejects of one chunk in any order."""

    rows: list[pa.Table] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)

    def canonical(self, zone: Zone, fold: FoldState | None, *, format_id: str, first: bool) -> CanonicalRows:
        """Everything in line order. Refuses with `WhosawError` `time.no-zone` when in the first chunk of
        a content every time needs a zone and there is none; a single time that does is a reject."""
        refused = list(self.rejects)
        good = []
        for rows in self.rows:
            bad = pc.is_valid(rows["reason"])
            failed = rows.filter(bad)
            refused += zip(failed["n"].to_pylist(), failed["reason"].to_pylist(), strict=True)
            good.append(rows.filter(pc.invert(bad)) if failed.num_rows else rows)
        beside = sum(reason == BESIDE for _, reason in refused)
        refused = [each for each in refused if each[1] != BESIDE] if beside else refused
        rows = _in_order([one for one in good if one.num_rows and "time" in one.column_names])
        if rows is None:
            return CanonicalRows(
                events=empty_events(), rejects=rejects_table(refused), fold=fold, beside=beside
            )
        times, fold = read_times(rows["time"], zone.zone, own_zone=zone.own, fold=fold)
        if first and times.needs_zone.any() and not times.understood.any():
            raise no_zone(format_id)
        keep = times.understood
        if not keep.all():
            lines = rows["n"].to_numpy()
            refused += [(int(n), "the time is not understood") for n in lines[~keep & ~times.needs_zone]]
            refused += [(int(n), _NO_OFFSET) for n in lines[times.needs_zone]]
            rows = rows.filter(pa.array(keep))
        columns: dict[str, pa.Array | pa.ChunkedArray] = {
            "line": rows["n"].cast(pa.int64()),
            "time": pa.array(times.micros[keep], pa.timestamp("us", tz="UTC")),
        }
        if not times.no_offset.all():
            columns["offset"] = pa.array(times.offsets[keep], pa.int16(), mask=times.no_offset[keep])
        for name, kind in CANONICAL.items():
            if name in columns or name not in rows.column_names:
                continue
            column = rows[name]
            if column.null_count < len(column):
                columns[name] = _addresses(column) if name == "address" else column.cast(kind)
        return CanonicalRows(
            events=pa.table(columns), rejects=rejects_table(refused), fold=fold, beside=beside
        )


def _in_order(tables: list[pa.Table]) -> pa.Table | None:
    if not tables:
        return None
    rows = tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive")
    lines: npt.NDArray[np.int64] = rows["n"].to_numpy()
    if len(lines) > 1 and np.any(np.diff(lines) < 0):
        rows = rows.take(pa.array(np.argsort(lines, kind="stable")))
    return rows


def _addresses(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Addresses without a port, in one spelling. Each distinct text is looked at once."""
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    texts = coded.dictionary
    if not pc.any(pc.match_substring_regex(texts, r"[^0-9.]")).as_py():
        return coded
    plain = pa.array(
        [None if text is None else address_and_port(text) for text in texts.to_pylist()], pa.string()
    )
    return plain.take(coded.indices)
