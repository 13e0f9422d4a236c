"""Runs the splitter for one layout and hands on the slots of the lines that fit."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.text_columns import as_text, distinct, pick

from .layout import Column, Layout, RawRows
from .splitter import Split, split_lines
from .tokens import PAIR_KEY, SELDOM_REPEATED

__all__ = ["cut_lines"]

Rows = npt.NDArray[np.int64]
_NUMBERS = {"status": pa.int16(), "bytes": pa.int64(), "rows": pa.int64()}
_REPEATING = pa.dictionary(pa.int32(), pa.string())
_WORTH_A_PASS = 64  # fewer lines of one width than this are left to the slow path
_MOST_PASSES = 12
_MOST_FURTHER = 64  # columns after the last; a line with more is looked at by itself
_LF, _CR, _QUOTE = 0x0A, 0x0D, 0x22
_KEY = re.compile(PAIR_KEY)


def cut_lines(layout: Layout, data: bytes, starts: Rows, rows: Rows) -> list[RawRows]:
    """The slots of those of the regular lines `rows` that fit; lines that do not are simply not in the
    result.

    Where a line may go on after the last column, lines of one width are cut together.
    """
    if layout.closed and layout.columns is not None:
        rows = _closed(data, starts, rows)
    if layout.columns is None or not len(rows):
        return []
    least = sum(column.width for column in layout.columns)
    most = least + (_MOST_FURTHER if layout.ending else 0)
    width = least if not layout.ending else _width(data[starts[rows[0]] : starts[rows[0] + 1]])
    done: list[RawRows] = []
    waiting = [(min(max(width, least), most), rows)]
    for _ in range(_MOST_PASSES):
        if not waiting:
            break
        width, rows = waiting.pop()
        split = _split(layout, data, starts, rows, width)
        if split.table.num_rows:
            raw = _raw(layout, split, width)
            done.append(raw)
            if layout.ending and len(raw.rows):
                # of the same width, but with other keys than the first line
                _wait(waiting, width, np.setdiff1d(split.rows, raw.rows, assume_unique=True))
        if layout.ending:
            for other, lines in split.wrong.items():
                if least <= other <= most:
                    _wait(waiting, other, np.array(lines, dtype=np.int64))
    return done


def _closed(data: bytes, starts: Rows, rows: Rows) -> Rows:
    """Those of the lines that end with a quote."""
    octets = np.frombuffer(data, dtype=np.uint8)
    last = starts[rows + 1] - 1
    for end in (_LF, _CR):
        last = np.where(octets[np.maximum(last, 0)] == end, last - 1, last)
    closed: Rows = rows[octets[np.maximum(last, 0)] == _QUOTE]
    return closed


def _wait(waiting: list[tuple[int, Rows]], width: int, rows: Rows) -> None:
    if len(rows) >= _WORTH_A_PASS:
        waiting.append((width, rows))


def _width(line: bytes) -> int:
    outside = b"".join(line.split(b'"')[0::2])
    return outside.count(b" ") + 1


def _names(layout: Layout, width: int) -> tuple[list[str], dict[str, pa.DataType]]:
    names: list[str] = []
    types: dict[str, pa.DataType] = {}
    for column in layout.columns or ():
        name = str(len(names))
        names.extend([str(len(names) + step) for step in range(column.width)])
        kinds = [layout.slots[number].kind for number in column.slots]
        if column.width == 2:
            types[name] = types[names[-1]] = _REPEATING
        elif column.literal is not None:
            types[name] = _REPEATING
        elif column.pattern is not None or kinds[0] not in ("skip", *_NUMBERS):
            unique = kinds[0] in SELDOM_REPEATED or (
                kinds[0] == "time" and layout.slots[column.slots[0]].argument != "clf"
            )
            types[name] = pa.string() if unique else _REPEATING
        elif kinds[0] in _NUMBERS:
            types[name] = _NUMBERS[kinds[0]]
    for at in range(len(names), width):
        names.append(str(at))
        if layout.ending != "tail":
            types[str(at)] = pa.string()
    return names, types


def _split(layout: Layout, data: bytes, starts: Rows, rows: Rows, width: int) -> Split:
    names, types = _names(layout, width)
    try:
        return split_lines(data, starts, rows, names, types)
    except pa.ArrowInvalid:  # a number column holds something else; it is looked at line by line later
        texts = {name: pa.string() if kind in _NUMBERS.values() else kind for name, kind in types.items()}
        return split_lines(data, starts, rows, names, texts)


def _raw(layout: Layout, split: Split, width: int) -> RawRows:
    values: dict[int, pa.Array] = {}
    zones: dict[int, pa.Array] = {}
    good: list[pa.Array] = []
    at = 0
    for column in layout.columns or ():
        name = str(at)
        at += column.width
        if name not in split.table.column_names:
            continue
        array = _one_chunk(split.table, name)
        if column.width == 2:
            second = _one_chunk(split.table, str(at - 1))
            values[column.slots[0]] = _without(array, column.prefix, "", good)
            zones[column.slots[0]] = _without(second, "", column.suffix, good)
        elif column.literal is not None:
            seen, indices = distinct(array)
            good.append(pick(pc.equal(seen, column.literal), indices))
        elif column.pattern is not None:
            _take_apart(layout, column, array, values, good)
        else:
            values[column.slots[0]] = array
    pairs: dict[str, pa.Array] = {}
    if layout.ending == "pairs":
        pairs = _pairs(split, at, width, good)
    elif layout.ending == "rest":
        columns = (as_text(_one_chunk(split.table, str(place))) for place in range(at, width))
        pairs = {f"tail_{number}": column for number, column in enumerate(columns, start=1)}
    raw = RawRows(rows=split.rows, values=values, zones=zones, pairs=pairs)
    keep = [one for one in good if not pc.all(one, min_count=0).as_py()]
    if not keep:
        return raw
    mask = keep[0]
    for one in keep[1:]:
        mask = pc.and_(mask, one)
    return RawRows(
        rows=raw.rows[mask.to_numpy(zero_copy_only=False).astype(bool)],
        values={number: array.filter(mask) for number, array in values.items()},
        zones={number: array.filter(mask) for number, array in zones.items()},
        pairs={key: array.filter(mask) for key, array in pairs.items()},
    )


def _one_chunk(table: pa.Table, name: str) -> pa.Array:
    column = table[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _without(array: pa.Array, prefix: str, suffix: str, good: list[pa.Array]) -> pa.Array:
    values, indices = distinct(array)
    good.append(pick(pc.and_(pc.starts_with(values, prefix), pc.ends_with(values, suffix)), indices))
    # a value without them is misfit anyway, so what is cut from it does not matter
    texts = pc.utf8_slice_codeunits(values, len(prefix), None if not suffix else -len(suffix))
    return texts if indices is None else pa.DictionaryArray.from_arrays(indices, texts)


def _take_apart(
    layout: Layout, column: Column, array: pa.Array, values: dict[int, pa.Array], good: list[pa.Array]
) -> None:
    seen, indices = distinct(array)
    found = pc.extract_regex(seen, column.pattern)
    fits = found.is_valid()
    good.append(pick(fits, indices))
    for number in column.slots:
        if layout.slots[number].kind not in ("skip", "ident"):
            part = pc.if_else(fits, pc.struct_field(found, f"s{number}"), pa.scalar(None, pa.string()))
            values[number] = pick(part, indices)


def _pairs(split: Split, first: int, width: int, good: list[pa.Array]) -> dict[str, pa.Array]:
    """The columns after the last as key=value; each column must have one and the same key in every line."""
    pairs: dict[str, pa.Array] = {}
    for at in range(first, width):
        array = as_text(_one_chunk(split.table, str(at)))
        key, mark, _ = array[0].as_py().partition("=")
        fits = pc.starts_with(array, key + "=")
        if not mark or not _KEY.fullmatch(key) or key in pairs:
            fits = pa.array(np.zeros(len(array), dtype=bool))
        good.append(fits)
        pairs[key] = pc.utf8_slice_codeunits(array, len(key) + 1)
    return pairs
