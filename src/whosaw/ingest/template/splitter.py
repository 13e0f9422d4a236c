"""The fast path: cuts lines at spaces outside quotes with the CSV reader of Arrow.

Only lines whose quotes stand where a column begins and ends are given to it: an even number, each opening
one after a space, each closing one before a space or the line end. Escaped quotes are rewritten first.
Quotes of such lines are balanced, so no line can swallow the next, and a column is exactly what stands
between its quotes. Lines with a bare CR, with NUL or with bytes that are not UTF-8 are held back as
well."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from whosaw.ingest.lines import is_utf8, line_starts, places_of

__all__ = ["Regular", "Split", "regular_lines", "split_lines"]

_LF, _CR, _SPACE, _QUOTE, _BACKSLASH = 0x0A, 0x0D, 0x20, 0x22, 0x5C
_BOM_HEAD = 0xEF
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_BLOCK = 2 << 20  # what the reader takes at a time; larger blocks fall out of the cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """Lines made ready for the splitter: `data` has the same lines as the original, and `lines` says which of
    them the splitter can be trusted with."""

    data: bytes
    starts: Rows
    lines: Mask


def regular_lines(data: bytes, starts: Rows) -> Regular:
    """Make lines ready. The splitter knows no escapes: written as nginx does it, an escaped quote is no
    quote."""
    octets = np.frombuffer(data, dtype=np.uint8)
    quotes = places_of(_QUOTE, octets)
    if len(quotes) and (octets[np.maximum(quotes - 1, 0)] == _BACKSLASH).any():
        data = data.replace(b"\\\\", b"\\x5C").replace(b'\\"', b"\\x22")
        starts = line_starts(data)
        octets = np.frombuffer(data, dtype=np.uint8)
        quotes = places_of(_QUOTE, octets)
    return Regular(data=data, starts=starts, lines=_trusted(data, octets, quotes, starts))


def _trusted(data: bytes, octets: npt.NDArray[np.uint8], quotes: Rows, starts: Rows) -> Mask:
    good = np.ones(len(starts) - 1, dtype=bool)
    if len(good):
        # Arrow takes a byte order mark off the front of what it is given, which may be any line
        good &= octets[starts[:-1]] != _BOM_HEAD
    if len(quotes):
        bounds = np.searchsorted(quotes, starts)
        odd = (np.diff(bounds) & 1).astype(bool)
        if odd.any():
            good &= ~odd
            quotes = quotes[np.repeat(~odd, np.diff(bounds))]
        _check_edges(octets, quotes, starts, good)
    if b"\r" in data:
        _spoil(good, starts, _bare_returns(octets))
    if b"\0" in data:
        _spoil(good, starts, np.flatnonzero(octets == 0))
    if not is_utf8(data):
        high = np.zeros(len(good), dtype=bool)
        high[np.searchsorted(starts, np.flatnonzero(octets >= 0x80), side="right") - 1] = True
        for at in np.flatnonzero(high & good).tolist():
            good[at] = is_utf8(data[starts[at] : starts[at + 1]])
    return good


def _check_edges(octets: npt.NDArray[np.uint8], quotes: Rows, starts: Rows, good: Mask) -> None:
    opening, closing = quotes[0::2], quotes[1::2]
    before = octets[np.maximum(opening - 1, 0)]
    fits = (before == _SPACE) | (before == _LF) | (opening == 0)
    if not fits.all():
        _spoil(good, starts, opening[~fits])
    after = octets[np.minimum(closing + 1, len(octets) - 1)]
    fits = (after == _SPACE) | (after == _LF) | (after == _CR) | (closing == len(octets) - 1)
    if not fits.all():
        _spoil(good, starts, closing[~fits])


def _bare_returns(octets: npt.NDArray[np.uint8]) -> Rows:
    returns = places_of(_CR, octets)
    bare: Rows = returns[octets[np.minimum(returns + 1, len(octets) - 1)] != _LF]
    return bare


def _spoil(good: Mask, starts: Rows, places: Rows) -> None:
    good[np.searchsorted(starts, places, side="right") - 1] = False


@dataclass(slots=True, kw_only=True)
class Split:
    """Columns of the lines in `rows` (positions of lines); `wrong` has the lines with another number of
    columns."""

    table: pa.Table
    rows: Rows
    wrong: dict[int, list[int]] = field(default_factory=dict)


def split_lines(
    data: bytes, starts: Rows, rows: Rows, names: list[str], types: dict[str, pa.DataType]
) -> Split:
    """Cut the lines in `rows`, all of them regular, into columns `names`, and read those named in `types`.

    `-` is null in columns that are numbers. Raises `pa.ArrowInvalid` when a number column holds something
    else."""
    whole = len(rows) == len(starts) - 1
    body: bytes | memoryview = data if whole else _gather(data, starts, rows)
    longest = int((starts[rows + 1] - starts[rows]).max(initial=0))
    wrong: dict[int, list[int]] = {}

    def set_aside(row: pyarrow.csv.InvalidRow) -> str:
        wrong.setdefault(row.actual_columns, []).append(row.number - 1)
        return "skip"

    table = pyarrow.csv.read_csv(
        pa.BufferReader(body),
        read_options=pyarrow.csv.ReadOptions(
            column_names=names, use_threads=False, block_size=max(_BLOCK, longest + 1)
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=" ",
            quote_char='"',
            double_quote=False,
            escape_char=False,
            newlines_in_values=False,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=["-"],
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
            check_utf8=False,  # told by regular_lines
        ),
    )
    table = table.unify_dictionaries().combine_chunks()
    missed = [number for numbers in wrong.values() for number in numbers]
    if table.num_rows + len(missed) != len(rows):
        raise AssertionError(f"{len(rows)} lines gave {table.num_rows} rows and {len(missed)} misfits")
    accepted = rows
    if missed:
        keep = np.ones(len(rows), dtype=bool)
        keep[missed] = False
        accepted = rows[keep]
        wrong = {width: rows[numbers].tolist() for width, numbers in wrong.items()}
    return Split(table=table, rows=accepted, wrong=wrong)


def _gather(data: bytes, starts: Rows, rows: Rows) -> bytes:
    """The lines in `rows` one after the other; runs of neighbours are copied in one piece."""
    if not len(rows):
        return b""
    breaks = np.flatnonzero(np.diff(rows) != 1)
    heads = rows[np.concatenate([[0], breaks + 1])]
    tails = rows[np.concatenate([breaks, [len(rows) - 1]])]
    view = memoryview(data)
    return b"".join(
        view[starts[head] : starts[tail + 1]]
        for head, tail in zip(heads.tolist(), tails.tolist(), strict=True)
    )
