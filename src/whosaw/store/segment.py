"""A segment: what one chunk of a log became, as immutable tables without a raw identifier.

    events      line, time, client, person, route, view, unknown, extra, undecided, unsure, status, ok, duplicate,
                hash; where twins are declared request_key or page_key, which lines of one act share
    more        line, person                  further persons of a response that named several
    clients     digest, and what a client carries (`whosaw.core.client`)
    identities  kind, digest                  the row is the local code that the other tables use
    rejects     line, reason
    vault       kind, code, raw               encrypted; persons, and what of a client the vault keeps

`client`, `person`, `address` and so on are local codes (row numbers in `clients` and `identities`).
Of sessions and tokens keyed digests are kept and nothing else. A segment depends on its chunk, the format, the zone,
the map and the key, and on nothing else, so chunks may be read in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from socket import AF_INET6, inet_ntop, inet_pton

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client as schema

from .codes import Codes, as_int32, encode, encode_together, tuples
from .files import ContentStore, Together, parquet_bytes
from .keyed_digest import DIGEST_BYTES, Bytes
from .repeats import find_repeats
from .vault import KINDS, Vault, as_column

__all__ = ["HourRow", "Mapped", "SegmentDraft", "build_segment", "networks_of", "remembering"]

_HOUR = 3_600_000_000
_MINUTE = 60_000_000
_VAULTED = ("person", *schema.VAULTED)
_DIGESTED = tuple(each for each in schema.NUMBERED if each in schema.SENT)
_FOLLOWING = {"network"}  # made here from the address
schema.covers("store.segment", _DIGESTED, schema.CLEAR, _FOLLOWING)


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
    count = events.num_rows
    micros = np.asarray(events["time"].combine_chunks().cast(pa.int64())) if count else np.zeros(0, np.int64)
    identities = _Identities(vault)
    told = events.drop_columns([each for each in without if each in events.column_names])
    client, clients = _clients(told, identities)
    person, more = identities.add("person", [mapped.rows["person"], mapped.more["person"]])
    duplicate = find_repeats(events, lines, first_line, hashes)
    view = (
        np.asarray(mapped.rows["view"].combine_chunks().cast(pa.int8())).astype(bool)
        if count
        else np.zeros(0, bool)
    )
    line = np.asarray(events["line"].combine_chunks()) if count else np.zeros(0, np.int64)
    table = pa.table(
        {
            "line": pa.array(line, pa.int64()),
            "time": pa.array(micros, pa.int64()),
            "client": as_int32(client),
            "person": as_int32(person),
            "route": mapped.rows["route"].cast(pa.int16()),
            "view": pa.array(view),
            "unknown": mapped.rows["subject_unknown"],
            "extra": mapped.rows["extra_at_most"].cast(pa.int32()),
            "undecided": mapped.rows["undecided"],
            "unsure": mapped.rows["unsure"].cast(pa.int8()),
            "status": events["status"] if "status" in events.column_names else pa.nulls(count, pa.int16()),
            "ok": events["ok"] if "ok" in events.column_names else pa.nulls(count, pa.bool_()),
            "duplicate": pa.array(duplicate),
            "hash": pa.array(hashes, pa.uint64()),
            **{name: _keyed(vault, name, texts) for name, texts in (keys or {}).items()},
        }
    )
    files: dict[str, bytes | memoryview] = {
        "events": parquet_bytes(table),
        "clients": parquet_bytes(clients),
        "identities": parquet_bytes(identities.table()),
    }
    if rejects.num_rows:
        files["rejects"] = parquet_bytes(rejects)
    if len(more):
        rows = np.asarray(mapped.more["row"].combine_chunks(), dtype=np.int64)
        files["more"] = parquet_bytes(pa.table({"line": pa.array(line[rows]), "person": as_int32(more)}))
    secrets = identities.secrets()
    if secrets.num_rows:
        files["vault"] = vault.seal_blocks(secrets)
    reject_lines = np.asarray(rejects["line"].combine_chunks()) if rejects.num_rows else np.zeros(0, np.int64)
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


def remembering(vault: Vault, events: pa.Table, mapped: Mapped) -> Vault:
    """The vault, with the digests of all that these events say already worked out: for segments of a few of them each."""
    known = vault.remembering()
    columns = {name: events[name] for name in (*_DIGESTED, *schema.CLEAR) if name in events.column_names}
    for name, column in columns.items():
        values = pc.unique(column.cast(pa.string())).drop_null()
        known.digest_all(name, values)
        if name == "address":
            known.digest_all("network", pc.unique(networks_of(values)).drop_null())
    for column in (mapped.rows["person"], mapped.more["person"]):
        known.digest_all("person", pc.unique(column.cast(pa.string())).drop_null())
    return known


class _Identities:
    """Collects distinct identifiers, kind by kind, and gives each a local code."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._kinds: list[npt.NDArray[np.int8]] = []
        self._digests: list[Bytes] = []
        self._raw: list[tuple[str, int, pa.Array]] = []
        self._size = 0

    def add(self, kind: str, columns: list[pa.ChunkedArray | pa.Array]) -> list[Codes]:
        """Local codes of the identifiers in several columns of one kind (-1 where null)."""
        parts, values = encode_together(columns)
        start = self.take(kind, values)
        return [np.where(codes < 0, -1, codes + start) for codes in parts]

    def take(self, kind: str, values: pa.Array) -> int:
        """Take in distinct identifiers of a kind; returns the code of the first, the others follow it."""
        start, self._size = self._size, self._size + len(values)
        self._kinds.append(np.full(len(values), KINDS[kind], dtype=np.int8))
        self._digests.append(self.vault.digest_all(kind, values))
        if kind in _VAULTED:
            self._raw.append((kind, start, values))
        return start

    def digests(self) -> Bytes:
        return np.concatenate(self._digests) if self._digests else np.zeros((0, DIGEST_BYTES), np.uint8)

    def table(self) -> pa.Table:
        kinds = np.concatenate(self._kinds) if self._kinds else np.zeros(0, np.int8)
        return pa.table({"kind": pa.array(kinds, pa.int8()), "digest": as_column(self.digests())})

    def secrets(self) -> pa.Table:
        """Raw identifiers by code, but for those that were erased."""
        rows = self._secrets()
        erased = np.zeros(rows.num_rows, np.bool_)
        kinds, digests = rows["kind"].to_numpy(), self.digests()[rows["code"].to_numpy()]
        for kind in _VAULTED:
            here = np.flatnonzero(kinds == KINDS[kind])
            erased[here] = self.vault.erased.among(kind, digests[here])
        return rows.filter(pa.array(~erased)) if erased.any() else rows

    def _secrets(self) -> pa.Table:
        kinds: list[pa.Array] = [
            pa.array(np.full(len(v), KINDS[k], np.int8)) for k, _, v in self._raw if len(v)
        ]
        codes = [
            pa.array(np.arange(start, start + len(v), dtype=np.int32)) for _, start, v in self._raw if len(v)
        ]
        raws = [v.cast(pa.string()) for _, _, v in self._raw if len(v)]
        if not raws:
            return pa.table(
                {
                    "kind": pa.array([], pa.int8()),
                    "code": pa.array([], pa.int32()),
                    "raw": pa.array([], pa.string()),
                }
            )
        return pa.table(
            {"kind": pa.concat_arrays(kinds), "code": pa.concat_arrays(codes), "raw": pa.concat_arrays(raws)}
        )


def _keyed(vault: Vault, name: str, texts: pa.Array) -> pa.Array:
    """The first 64 bits of the digest of each text; null for null."""
    codes, values = encode(texts)
    words = np.ascontiguousarray(vault.digest_all(name, values)).reshape(-1, DIGEST_BYTES)[:, :8].copy()
    found = np.append(words.view(">u8").reshape(-1).astype(np.uint64), np.uint64(0))[codes]
    return pa.array(found, pa.uint64(), mask=codes < 0)


def networks_of(addresses: pa.Array) -> pa.Array:
    """The /24 or /48 that an address stands in; null where it is no IP address."""
    texts = addresses.cast(pa.string())
    four = pc.match_substring_regex(texts, r"^\d{1,3}(\.\d{1,3}){3}$")
    out = pc.if_else(
        four, pc.replace_substring_regex(texts, r"\.\d+$", ".0/24"), pa.scalar(None, pa.string())
    )
    six = np.flatnonzero(np.asarray(pc.match_substring(texts, ":").cast(pa.int8())))
    if not len(six):
        return out
    values = out.to_pylist()
    for row in six.tolist():
        try:
            packed = inet_pton(AF_INET6, texts[row].as_py().partition("%")[0])
        except (OSError, ValueError):
            continue  # no IP address: its network stays null
        values[row] = f"{inet_ntop(AF_INET6, packed[:6] + bytes(10))}/48"
    return pa.array(values, pa.string())


def _clients(events: pa.Table, identities: _Identities) -> tuple[Codes, pa.Table]:
    """The distinct clients (with the principal they claim) and the code of each event's client."""
    address, address_values = _coded(events, "address")
    network_of, network_values = encode(networks_of(address_values))
    local: dict[str, Codes] = {}
    (local["address"],) = _spread(identities, "address", address, address_values)
    (network_of,) = _spread(identities, "network", network_of, network_values)
    for kind in _DIGESTED:
        if kind != "address":
            (local[kind],) = _spread(identities, kind, *_coded(events, kind))
    plain = {name: _coded(events, name) for name in schema.CLEAR}
    columns = [local[kind] for kind in _DIGESTED] + [plain[name][0] for name in plain]
    client, first = tuples(columns)
    local["network"] = np.append(network_of, -1)[address[first]]
    out: dict[str, pa.Array] = {}
    digests = identities.vault.first(identities.digests())
    joined = np.zeros((len(first), 2), np.uint64)
    for kind in schema.NUMBERED:
        codes = local[kind] if kind == "network" else local[kind][first]
        out[kind] = as_int32(codes)
        if kind != "network":  # it follows from the address
            _join(joined, digests, codes)
    for name, (codes, values) in plain.items():
        rows = codes[first]
        out[name] = pa.DictionaryArray.from_arrays(as_int32(rows), values)
        _join(joined, identities.vault.digest_all(name, values), rows)
    digest = identities.vault.digest_rows("client", joined.view(np.uint8))
    return client, pa.table({"digest": as_column(digest), **out})


def _join(joined: npt.NDArray[np.uint64], digests: Bytes, codes: Codes) -> None:
    """Take the digest of a part of each client into its own. Digests of different kinds are made with different keys, so that
    which part it came from need not be told apart; a part that is absent adds nothing."""
    if len(digests):
        whole = np.append(
            np.ascontiguousarray(digests).reshape(-1).view(np.complex128), 0
        )  # 16 bytes at once
        joined ^= whole[codes].view(np.uint64).reshape(-1, 2)


def _coded(events: pa.Table, name: str) -> tuple[Codes, pa.Array]:
    """`encode` of a text column; all -1 where the format has none."""
    if name in events.column_names:
        return encode(events[name])
    return np.full(events.num_rows, -1, dtype=np.int64), pa.array([], pa.string())


def _spread(identities: _Identities, kind: str, codes: Codes, values: pa.Array) -> list[Codes]:
    """Register distinct values and spread their identity codes over the rows."""
    start = identities.take(kind, values)
    return [np.where(codes < 0, -1, codes + start)]


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
