"""A segment: what one chunk of a log became, as immutable tables without a raw identifier.

    events      line, time, client, person, route, view, unknown, extra, undecided, unsure, status, ok, duplicate,
                hash; where twins are declared request_key or page_key, which lines of one act share
    more        line, person                  further persons of a response that named several
    clients     digest, and what a client carries (`whosaw.core.client`)
    identities  kind, digest                  the row is the local code that the other tables use
    rejects     line, reason
    vault       kind, code, raw               encrypted; persons, and what of a client the vault keeps

`client`, `person`, `address` and so on are local codes (row numbers in `clients` and `identities`).
Of sessions and tokens keyed digests are kept and nothing else. `clients`, `identities` and `vault` go once what the codes stand for has
numbers (`store.numbers.spare`). A segment depends on its chunk, the format, the zone,
the map and the key, and on nothing else, so chunks may be read in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .codes import as_int32, encode
from .files import ContentStore, Together, parquet_bytes
from .keyed_digest import DIGEST_BYTES
from .repeats import find_repeats
from .segment_clients import Cut, Identities, Texts, clients_of
from .vault import Vault

__all__ = ["HourRow", "Mapped", "SegmentDraft", "SegmentTables", "build_segment"]

_HOUR = 3_600_000_000
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What a map said of events. `rows` stands beside them, row by row:

    route            index into the map's routes, -1 for none
    person           kind, U+001F, raw id; the first where an event names several; null where none is named. Then `more` may
                     still hold some that only a lax server reads in it
    view             a route fits, the request succeeded and its answer can have carried data
    subject_unknown  a route fits, but the event does not say whose data it was about
    extra_at_most    how many persons beyond the named ones the answer can have held; null: no bound is known
    unknown_why      why the subject is unknown; empty where it is known or no route fits; not kept in a segment
    undecided        a route fits, but the log does not say whether the request succeeded; never a view
    unsure           0, or why a view is only possible

    `more` holds the further persons of events that name several: row number and person, ascending.
    """

    rows: pa.Table
    more: pa.Table

    @classmethod
    def of_no_map(cls, count: int) -> Mapped:
        """What is said of `count` events without a map: no route, no person, no view."""
        no = pa.array(np.zeros(count, bool))
        rows = {
            "route": pa.array(np.full(count, -1), pa.int16()),
            "person": pa.nulls(count, pa.string()),
            "view": no,
            "subject_unknown": no,
            "extra_at_most": pa.nulls(count, pa.int32()),
            "undecided": no,
            "unsure": pa.array(np.zeros(count), pa.int8()),
        }
        more = {"row": pa.array([], pa.int64()), "person": pa.array([], pa.string())}
        return cls(rows=pa.table(rows), more=pa.table(more))

    def part(self, start: int, count: int) -> Mapped:
        """What was said of so many events from one on."""
        more = self.more
        if more.num_rows:
            at = more["row"].to_numpy()
            first, last = np.searchsorted(at, (start, start + count))
            more = more.slice(first, last - first)
            more = more.set_column(0, "row", pa.array(at[first:last] - start, pa.int64()))
        return Mapped(rows=self.rows.slice(start, count), more=more)


@dataclass(frozen=True, slots=True)
class HourRow:
    """Coverage of one hour by one segment. Bit m of `minutes`: an event in minute m."""

    hour: int
    events: int
    rejects: int
    duplicates: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment that is not stored yet: its files as bytes and what the manifest says of it."""

    files: dict[str, bytes | memoryview]
    events: int
    rejects: int
    views: int
    duplicates: int
    first_time: int | None
    last_time: int | None
    back_step: int
    hours: tuple[HourRow, ...]
    harmless: tuple[tuple[int | None, int], ...] = ()  # by hour, rejects that surely hold no view
    route_events: dict[int, int] = field(default_factory=dict)

    def store(self, files: ContentStore | Together) -> dict[str, str]:
        """Write the files; returns kind -> name."""
        return {kind: files.put(kind, data) for kind, data in sorted(self.files.items())}


def build_segment(
    events: pa.Table,
    rejects: pa.Table,
    lines: pa.Array,
    first_line: int,
    mapped: Mapped,
    vault: Vault,
    hashes: npt.NDArray[np.uint64],
    *,
    without: Collection[str] = (),
    harmless: npt.NDArray[np.int64] | None = None,
    keys: Mapping[str, pa.Array] | None = None,
) -> SegmentDraft:
    """Turn parsed and mapped events into a segment. `lines` are the original lines of the chunk from
    `first_line` on (empty where the unit is a record of a document). `without` names columns
    that say nothing about a client, because anybody may write there what he likes. `hashes` are those of the events. `harmless` are the lines
    of rejects that surely hold no view. `keys` are texts by column, of which a keyed digest is kept."""
    made = SegmentTables(events, mapped, vault, hashes, without=without, keys=keys)
    return made.draft(0, rejects, lines, first_line, harmless=harmless)


class SegmentTables:
    """The tables of the segments of several contents, whose events stand one behind the other: worked out at once and cut where each
    content begins. Each is the segment that its events alone would be. The line numbers of `events` go through all of them."""

    def __init__(
        self,
        events: pa.Table,
        mapped: Mapped,
        vault: Vault,
        hashes: npt.NDArray[np.uint64],
        starts: npt.NDArray[np.int64] | None = None,
        *,
        without: Collection[str] = (),
        keys: Mapping[str, pa.Array] | None = None,
    ) -> None:
        """`starts`: the first event of each content, and the end of the last; None: all are of one."""
        count = events.num_rows
        self._events, self._vault, self._hashes = events, vault, hashes
        self._cut = Cut(np.array([0, count]) if starts is None else starts)
        identities = Identities(vault, self._cut)
        told = events.drop_columns([each for each in without if each in events.column_names])
        client, self._clients, self._client_starts = clients_of(told, identities)
        more = mapped.more["row"].to_numpy()
        person, further = identities.add(
            "person",
            [mapped.rows["person"], mapped.more["person"]],
            [self._cut.of_row, self._cut.of_row[more]],
        )
        self._view = _bools(mapped.rows["view"])
        self._micros = _ints(events["time"])
        self._line = _ints(events["line"])
        self._table = pa.table(
            {
                "line": pa.array(self._line, pa.int64()),
                "time": pa.array(self._micros, pa.int64()),
                "client": as_int32(client),
                "person": as_int32(person),
                "route": mapped.rows["route"].cast(pa.int16()),
                "view": pa.array(self._view),
                "unknown": mapped.rows["subject_unknown"],
                "extra": mapped.rows["extra_at_most"].cast(pa.int32()),
                "undecided": mapped.rows["undecided"],
                "unsure": mapped.rows["unsure"].cast(pa.int8()),
                "status": events["status"]
                if "status" in events.column_names
                else pa.nulls(count, pa.int16()),
                "ok": events["ok"] if "ok" in events.column_names else pa.nulls(count, pa.bool_()),
                "duplicate": pa.array(np.zeros(count, bool)),
                "hash": pa.array(hashes, pa.uint64()),
                **{name: _keyed(vault, name, texts) for name, texts in (keys or {}).items()},
            }
        ).combine_chunks()
        self._more_starts = np.searchsorted(more, self._cut.starts)
        self._more = pa.table({"line": pa.array(self._line[more], pa.int64()), "person": as_int32(further)})
        self._identities, self._identity_starts = identities.table()
        self._secrets, self._secret_starts = identities.secrets()

    def draft(
        self,
        part: int,
        rejects: pa.Table,
        lines: pa.Array,
        first_line: int,
        *,
        lines_before: int = 0,
        harmless: npt.NDArray[np.int64] | None = None,
    ) -> SegmentDraft:
        """The segment of the content in this place. `lines` are its own, from `first_line` on; `lines_before` of the text of all stand before
        them."""
        first, end = self._cut.range(part)
        micros, view = self._micros[first:end], self._view[first:end]
        line = self._line[first:end] - lines_before
        duplicate = find_repeats(
            self._events.slice(first, end - first), lines, first_line + lines_before, self._hashes[first:end]
        )
        table = self._table.slice(first, end - first)
        if lines_before:
            table = table.set_column(0, "line", pa.array(line, pa.int64()))
        if duplicate.any():
            table = table.set_column(table.column_names.index("duplicate"), "duplicate", pa.array(duplicate))
        files: dict[str, bytes | memoryview] = {
            "events": parquet_bytes(table),
            "clients": parquet_bytes(self._clients_of(part)),
            "identities": parquet_bytes(_rows(self._identities, self._identity_starts, part)),
        }
        if rejects.num_rows:
            files["rejects"] = parquet_bytes(rejects)
        if (more := _rows(self._more, self._more_starts, part)).num_rows:
            named = pa.array(_ints(more["line"]) - lines_before, pa.int64())
            files["more"] = parquet_bytes(more.set_column(0, "line", named) if lines_before else more)
        if (own := np.arange(*self._secret_starts[part : part + 2])).size:
            # rows of their own: of a slice, what stands behind it would be sealed along, as padding
            files["vault"] = self._vault.seal_blocks(self._secrets.take(pa.array(own)))
        reject_lines = _ints(rejects["line"]) if rejects.num_rows else np.zeros(0, np.int64)
        count = end - first
        return SegmentDraft(
            files=files,
            events=count,
            rejects=rejects.num_rows,
            views=int((view & ~duplicate).sum()),
            duplicates=int(duplicate.sum()),
            first_time=int(micros.min()) if count else None,
            last_time=int(micros.max()) if count else None,
            back_step=int((np.maximum.accumulate(micros) - micros).max()) if count else 0,
            hours=_hours(micros, line, duplicate, reject_lines),
            harmless=() if harmless is None else _by_hour(micros, line, harmless),
        )

    def _clients_of(self, part: int) -> pa.Table:
        """The clients of a content, each of their texts with the values that it has."""
        first, end = int(self._client_starts[part]), int(self._client_starts[part + 1])
        columns = {
            name: each.of(part, first, end) if isinstance(each, Texts) else each[first:end]
            for name, each in self._clients.items()
        }
        return pa.table(columns)


def _rows(table: pa.Table, starts: npt.NDArray[np.int64], part: int) -> pa.Table:
    return table.slice(int(starts[part]), int(starts[part + 1] - starts[part]))


def _ints(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(column.combine_chunks().cast(pa.int64())) if len(column) else np.zeros(0, np.int64)


def _bools(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    found = np.asarray(column.combine_chunks().cast(pa.int8())) if len(column) else np.zeros(0, np.int8)
    return found.astype(bool)


def _keyed(vault: Vault, name: str, texts: pa.Array) -> pa.Array:
    """The first 64 bits of the digest of each text; null for null."""
    codes, values = encode(texts)
    words = np.ascontiguousarray(vault.digest_all(name, values)).reshape(-1, DIGEST_BYTES)[:, :8].copy()
    found = np.append(words.view(">u8").reshape(-1).astype(np.uint64), np.uint64(0))[codes]
    return pa.array(found, pa.uint64(), mask=codes < 0)


def _hours(
    micros: npt.NDArray[np.int64],
    line: npt.NDArray[np.int64],
    duplicate: npt.NDArray[np.bool_],
    reject_lines: npt.NDArray[np.int64],
) -> tuple[HourRow, ...]:
    """Coverage rows. A reject has no time of its own: it counts to the hour of the event before it (or after)."""
    if not len(micros):
        return ()
    hour = micros // _HOUR
    hours, inverse = np.unique(hour, return_inverse=True)
    minute = (micros % _HOUR) // _MINUTE
    occupied = np.unique(inverse * 60 + minute)
    minutes = [0] * len(hours)
    for cell in occupied.tolist():
        minutes[cell // 60] |= 1 << (cell % 60)
    nearest = _nearest(line, reject_lines)
    rejects = (
        np.bincount(inverse[nearest], minlength=len(hours))
        if len(reject_lines)
        else np.zeros(len(hours), int)
    )
    events = np.bincount(inverse, minlength=len(hours))
    repeats = np.bincount(inverse[duplicate], minlength=len(hours))
    return tuple(
        HourRow(int(h), int(e), int(r), int(d), m)
        for h, e, r, d, m in zip(hours, events, rejects, repeats, minutes, strict=True)
    )


def _nearest(line: npt.NDArray[np.int64], reject_lines: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each reject the event before it, or the first one."""
    found: npt.NDArray[np.int64] = np.maximum(np.searchsorted(line, reject_lines) - 1, 0)
    return found


def _by_hour(
    micros: npt.NDArray[np.int64], line: npt.NDArray[np.int64], reject_lines: npt.NDArray[np.int64]
) -> tuple[tuple[int | None, int], ...]:
    """How many of these rejects count to each hour; to none where there is no event."""
    if not len(reject_lines):
        return ()
    if not len(micros):
        return ((None, len(reject_lines)),)
    hours, counts = np.unique(micros[_nearest(line, reject_lines)] // _HOUR, return_counts=True)
    return tuple(zip(hours.tolist(), counts.tolist(), strict=True))
