"""From the slots of lines to canonical columns.

Times stay wall clocks here (columns WALL and OFFSET), because a clock without an offset can only be read in
line order, and lines come from two paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.ingest.addresses import address_and_port, plain_address
from whosaw.ingest.pgaudit import read_payload
from whosaw.ingest.text_columns import (
    as_dictionary,
    as_text,
    change,
    distinct,
    not_stated,
    pick,
    unescape,
    unescape_name,
)
from whosaw.ingest.times.read import Walls, read_offsets, read_walls

from .layout import Layout, RawRows
from .named_fields import fields_column
from .request_line import split_requests, split_target
from .tokens import PAIR_KEY, TEXT_KINDS, Slot

__all__ = ["OFFSET", "ROW", "WALL", "Misread", "columns_of"]

_PARENT, _PEER = "object_parent", "peer"
ROW, WALL, OFFSET = "row", "wall", "written_offset"
_DICTIONARIES = frozenset({"method", "protocol", "referer", "host", "action"}) | frozenset(
    client.with_(lambda each: not each.follows and not each.fleeting)
)
_WHOLE_NUMBER = r"^\d{1,18}$"
_MOST = {"status": 999, "bytes": 10**18, "rows": 10**18}
_TYPES = {"status": pa.int16(), "bytes": pa.int64(), "rows": pa.int64()}
_PER_UNIT = {"s": 1e6, "ms": 1e3, "us": 1.0}
_VALUE = re.compile(r' ("(?:[^"\\]|\\.)*"(?= |\Z)|[^ ]*)')
_PAIR = re.compile(rf' +({PAIR_KEY})=("(?:[^"\\]|\\.)*"|[^ "]*)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """Lines that fit the template but hold a value that cannot be what it should be."""

    rows: npt.NDArray[np.int64]
    reason: str


def columns_of(
    layout: Layout,
    raw: RawRows,
    pair_columns: Mapping[str, str],
    constants: Mapping[str, object],
    spellings: Mapping[str, Mapping[str, str]],
) -> tuple[pa.Table, list[Misread]]:
    """Canonical columns of the lines in `raw`, beside ROW, WALL and OFFSET, and the lines that were misread.

    `pair_columns` says which column a key of the key=value tail fills; other keys become fields.
    `constants` fill columns that the template does not hold; `spellings` give the canonical word for a word
    of a column."""
    misread: list[Misread] = []
    raw = _with_rest(raw) if layout.ending == "rest" else _with_tails(raw, pair_columns, misread)
    columns: dict[str, pa.Array] = {ROW: pa.array(raw.rows)}
    fields: dict[str, pa.Array] = {}
    good = np.ones(len(raw.rows), dtype=bool)

    def wrong(mask: npt.NDArray[np.bool_], reason: str) -> None:
        mask = mask & good
        if mask.any():
            misread.append(Misread(rows=raw.rows[mask], reason=reason))
            good[mask] = False

    for number, array in raw.values.items():
        slot = layout.slots[number]
        if slot.kind == "time":
            walls = _walls(slot, array, raw.zones.get(number))
            wrong(~walls.ok, "the time cannot be read")
            columns[WALL] = pa.array(walls.micros)
            columns[OFFSET] = pa.array(walls.offset, mask=~walls.has)
        elif slot.kind in _TYPES:
            numbers, bad = _numbers(slot.kind, array)
            wrong(bad, f"the {slot.kind} is not a number")
            columns[slot.kind] = numbers
        elif slot.kind == "duration":
            _put(columns, "duration_us", _duration(array, _PER_UNIT[slot.argument]))
        elif slot.kind == "audit":
            wrong(_audit(as_text(array), columns, fields), "the pgaudit entry is cut off or not one")
        elif slot.kind in ("field", "free", "port"):
            fields[slot.argument or slot.kind] = not_stated(change(array, "\\", unescape))
        else:
            wrong(_texts(slot, array, columns, fields), "a time stands where the address should")
    for key, written in raw.pairs.items():
        array = not_stated(change(written, "\\", unescape))
        if key in pair_columns:
            name = pair_columns[key]
            # what the tail says is more exact than the server's own user
            columns[name] = pc.coalesce(as_text(array), as_text(columns[name])) if name in columns else array
        else:
            fields[key] = array
    if fields or any(raw.others):
        columns["fields"] = fields_column(fields, len(raw.rows), [_unescaped(one) for one in raw.others])
    _finish(columns, constants, len(raw.rows))
    for name, words in spellings.items():
        if name in columns:
            columns[name] = _respelled(as_dictionary(columns[name]), words)
    table = pa.table(columns)
    return (table if good.all() else table.filter(pa.array(good))), misread


def _is_time(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Which texts are times: a wrapper that puts one before each line must not pass for the client."""
    seen, indices = distinct(array)
    found = pc.fill_null(pc.match_substring_regex(seen, r"^\d{4}-\d\d-\d\dT\d\d:"), fill_value=False)
    mask: npt.NDArray[np.bool_] = pick(found, indices).to_numpy(zero_copy_only=False).astype(bool)
    return mask


def _respelled(array: pa.Array, words: Mapping[str, str]) -> pa.Array:
    values = [words.get(text, text) for text in array.dictionary.to_pylist()]
    return as_dictionary(pa.array(values, pa.string()).take(array.indices))


def _put(columns: dict[str, pa.Array], name: str, array: pa.Array) -> None:
    """Several durations of one line are parts of one."""
    columns[name] = pc.add(columns[name], array) if name in columns else array


def _unescaped(pairs: Mapping[str, str]) -> dict[str, str]:
    plain = {key: unescape(value) for key, value in pairs.items()}
    return {key: value for key, value in plain.items() if value not in ("", "-")}


def _finish(columns: dict[str, pa.Array], constants: Mapping[str, object], length: int) -> None:
    if (peer := columns.pop(_PEER, None)) is not None:
        columns["address"] = (
            pc.coalesce(as_text(columns["address"]), as_text(peer)) if "address" in columns else peer
        )
    if (parent := columns.pop(_PARENT, None)) is not None:
        # without an object the parent itself was acted on
        under = pc.binary_join_element_wise(parent, as_text(columns["object"]), pa.scalar("/"))
        columns["object"] = pc.coalesce(under, parent)
    if "status" in columns:
        status = columns["status"]
        columns["ok"] = pc.and_(pc.greater_equal(status, 200), pc.less(status, 300))
    for name, value in constants.items():
        columns[name] = pa.array([value] * length, pa.bool_() if isinstance(value, bool) else pa.string())
    for name, array in columns.items():
        if name in _DICTIONARIES:
            columns[name] = as_dictionary(array)
        elif pa.types.is_dictionary(array.type):
            columns[name] = as_text(array)


def _texts(
    slot: Slot, array: pa.Array, columns: dict[str, pa.Array], fields: dict[str, pa.Array]
) -> npt.NDArray[np.bool_]:
    """Fills the columns of a text; which rows hold a time where an address should stand comes back."""
    misread = _is_time(array) if slot.kind == "address" else np.zeros(len(array), dtype=bool)
    kind = slot.kind
    if not slot.raw:
        array = change(array, "\\", unescape_name if kind == "principal" else unescape)
    if kind in TEXT_KINDS:
        columns[kind] = not_stated(array)
    elif kind == "address":
        columns[kind] = not_stated(change(as_dictionary(array), ":", plain_address))
    elif kind == "address_port":
        columns["address"] = not_stated(change(as_dictionary(array), ":", address_and_port))
    elif kind == "peer":
        fields["peer"] = not_stated(as_dictionary(array))
        columns[_PEER] = change(fields["peer"], ":", address_and_port)
    elif kind == "forwarded":
        array = not_stated(as_dictionary(array))
        fields["x_forwarded_for"] = array
        columns["address"] = change(change(array, ",", _last_hop), ":", plain_address)
    elif kind == "request":
        parts = split_requests(as_text(array))
        columns["method"], columns["protocol"] = parts.method, parts.protocol
        columns["path"], columns["query"] = parts.path, parts.query
        if "host" not in columns and parts.host.null_count < len(parts.host):
            columns["host"] = parts.host
        if parts.other.null_count < len(parts.other):
            fields["request"] = parts.other
    elif kind == "uri":
        _uri(as_text(array), columns)
    elif kind == "object_parent":
        columns[_PARENT] = not_stated(as_text(array))
    elif kind == "path":
        columns["path"] = not_stated(array)
    elif kind == "query":
        bare = pc.replace_substring_regex(as_text(array), r"^\?", "")
        columns["query"] = not_stated(bare)
    return misread


def _audit(
    array: pa.Array, columns: dict[str, pa.Array], fields: dict[str, pa.Array]
) -> npt.NDArray[np.bool_]:
    """Fills the columns of pgaudit entries; which rows are none comes back."""
    entries = [read_payload(text) for text in array.to_pylist()]
    for name in ("action", "object", "statement"):
        columns[name] = pa.array([entry and getattr(entry, name) for entry in entries], pa.string())
    columns["rows"] = pa.array([entry.rows if entry else None for entry in entries], pa.int64())
    named = [dict(entry.fields) if entry else {} for entry in entries]
    for name in sorted({name for one in named for name in one}):
        fields[name] = pa.array([one.get(name) for one in named], pa.string())
    return np.array([entry is None for entry in entries], dtype=bool)


def _last_hop(text: str) -> str:
    return text.rpartition(",")[2].strip()


def _uri(array: pa.Array, columns: dict[str, pa.Array]) -> None:
    targets = not_stated(array)
    parts = [(None, None, None) if text is None else split_target(text) for text in targets.to_pylist()]
    host, path, query = zip(*parts, strict=True) if parts else ((), (), ())
    columns["path"], columns["query"] = pa.array(path, pa.string()), pa.array(query, pa.string())
    if "host" not in columns and any(host):
        columns["host"] = pa.array(host, pa.string())


def _walls(slot: Slot, array: pa.Array, zones: pa.Array | None) -> Walls:
    values, indices = distinct(array)
    walls = read_walls(slot.argument, values)
    if indices is not None:
        walls = walls.take(indices.to_numpy())
    if zones is None:
        return walls
    minutes, told = read_offsets(zones.dictionary)
    at = zones.indices.to_numpy()
    return Walls(micros=walls.micros, ok=walls.ok & told[at], offset=minutes[at], has=told[at])


def _numbers(kind: str, array: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """The numbers, null for `-` and for -1 (what was not counted), and which texts are no number of this
    kind."""
    if pa.types.is_integer(array.type):
        bad = pc.fill_null(pc.or_(pc.less(array, -1), pc.greater(array, _MOST[kind])), fill_value=False)
        array = pc.if_else(pc.equal(array, -1), pa.scalar(None, array.type), array)
        return array, bad.to_numpy(zero_copy_only=False).astype(bool)
    array = not_stated(as_text(array))
    array = pc.if_else(pc.equal(array, "-1"), pa.scalar(None, pa.string()), array)
    fits = pc.fill_null(pc.match_substring_regex(array, _WHOLE_NUMBER), fill_value=True)
    numbers = pc.cast(pc.if_else(fits, array, pa.scalar(None, pa.string())), pa.int64())
    small = pc.fill_null(pc.less_equal(numbers, _MOST[kind]), fill_value=True)
    numbers = pc.cast(pc.if_else(small, numbers, pa.scalar(None, pa.int64())), _TYPES[kind])
    return numbers, ~(pc.and_(fits, small).to_numpy(zero_copy_only=False).astype(bool))


def _duration(array: pa.Array, factor: float) -> pa.Array:
    """Microseconds; null where the log says that there was none (`-`, or below zero as load balancers
    write)."""
    values, indices = distinct(array)
    fits = pc.fill_null(
        pc.match_substring_regex(values, r"^\d{1,9}(\.\d{1,9})?$|^\d{1,15}$"), fill_value=False
    )
    seconds = pc.cast(pc.if_else(fits, values, pa.scalar(None, pa.string())), pa.float64())
    return pick(pc.cast(pc.round(pc.multiply(seconds, factor)), pa.int64()), indices)


def _with_rest(raw: RawRows) -> RawRows:
    """The values that follow on the slow path, cut at spaces outside quotes as the fast path does."""
    if raw.tails is None:
        return raw
    others = []
    for tail in raw.tails.to_pylist():
        values = [
            value[1:-1] if value[:1] == '"' else value
            for value in _VALUE.findall((tail or "").rstrip("\r\n"))
        ]
        others.append({f"tail_{number}": value for number, value in enumerate(values, start=1)})
    return replace(raw, tails=None, others=others)


def _with_tails(raw: RawRows, pair_columns: Mapping[str, str], misread: list[Misread]) -> RawRows:
    """The key=value tails of the slow path taken apart."""
    if raw.tails is None:
        return raw
    found: dict[str, list[str | None]] = {key: [None] * len(raw.rows) for key in pair_columns}
    others: list[dict[str, str]] = [{} for _ in range(len(raw.rows))]
    good = np.ones(len(raw.rows), dtype=bool)
    for at, tail in enumerate(raw.tails.to_pylist()):
        text = (tail or "").rstrip(" ")
        end = 0
        while (match := _PAIR.match(text, end)) is not None:
            end = match.end()
            key, value = match[1], match[2]
            value = value[1:-1] if value.startswith('"') else value
            if key in found:
                found[key][at] = found[key][at] or value  # the first of a key counts
            else:
                others[at].setdefault(key, value)
        good[at] = end == len(text)
    pairs = {key: pa.array(column, pa.string()) for key, column in found.items() if any(column)}
    if not good.all():
        misread.append(Misread(rows=raw.rows[~good], reason="what follows the last field is not key=value"))
    keep = pa.array(good)
    return RawRows(
        rows=raw.rows[good],
        values={number: array.filter(keep) for number, array in raw.values.items()},
        zones={number: array.filter(keep) for number, array in raw.zones.items()},
        pairs={key: array.filter(keep) for key, array in pairs.items()},
        others=[one for one, fits in zip(others, good.tolist(), strict=True) if fits],
    )
