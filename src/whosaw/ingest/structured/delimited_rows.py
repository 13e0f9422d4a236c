"""Splits records into fields: all of one width at once, the odd ones one by one."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from whosaw.ingest.lines import is_utf8, line_text

from .quoting import split_record

__all__ = ["Rows", "read_rows"]

_BROKEN = "not a record of delimited fields"
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Records: where each stands in `data` (or, for one that spans lines, its text), and its line number."""

    data: bytes
    starts: Ints
    ends: Ints
    lines: Ints
    texts: dict[int, bytes]
    quoted: bool

    def text(self, place: int) -> bytes:
        """One record with its line end."""
        return self.texts.get(place) or self.data[self.starts[place] : self.ends[place]]

    def take(self, places: Ints) -> Rows:
        """Those at `places`, in that order."""
        texts = {new: self.texts[old] for new, old in enumerate(places.tolist()) if old in self.texts}
        return replace(
            self, starts=self.starts[places], ends=self.ends[places], lines=self.lines[places], texts=texts
        )

    def block(self) -> bytes:
        """All records one after the other. Bytes that are not UTF-8 are shown as escapes."""
        if not self.texts and len(self.lines) and np.array_equal(self.starts[1:], self.ends[:-1]):
            joined = self.data[self.starts[0] : self.ends[-1]]
        else:
            pieces = (self.text(place) for place in range(len(self.lines)))
            joined = b"".join(piece if piece.endswith(b"\n") else piece + b"\n" for piece in pieces)
        return joined if is_utf8(joined) else joined.decode("utf-8", "backslashreplace").encode()


def read_rows(
    rows: Rows, delimiter: str, width: int, widths: tuple[int, ...]
) -> tuple[list[pa.Table], list[tuple[int, str]]]:
    """Tables with `n` (the line) and `c0`, `c1`, ... for each width that may be, and the rejects."""
    by_width, broken = _by_width(rows, delimiter), list[int]()
    tables = []
    if rows.quoted:
        whole, by_width, broken = _by_width_quoted(rows, delimiter, width)
        if whole is not None:
            tables.append(whole)
    rejects = [(int(rows.lines[place]), _BROKEN) for place in broken]
    for found, places in sorted(by_width.items()):
        if found != width and found not in widths:
            why = f"{found} fields where the header has {width}"
            rejects += [(int(rows.lines[place]), why) for place in places]
            continue
        table, bad = _table(rows if len(places) == len(rows.lines) else rows.take(places), delimiter, found)
        rejects += [(line, _BROKEN) for line in bad]
        tables.append(table)
    return tables, rejects


def _by_width(rows: Rows, delimiter: str) -> dict[int, Ints]:
    if rows.quoted:
        return {}
    marks = np.flatnonzero(np.frombuffer(rows.data, dtype=np.uint8) == ord(delimiter))
    counts = np.searchsorted(marks, rows.ends) - np.searchsorted(marks, rows.starts) + 1
    return {int(found): np.flatnonzero(counts == found) for found in np.unique(counts)}


def _by_width_quoted(
    rows: Rows, delimiter: str, width: int
) -> tuple[pa.Table | None, dict[int, Ints], list[int]]:
    """Records with quotes: those of the full width as a table, and the places of the others by width. If the
    reader does not see the same records as the lines say, each is split alone."""
    odd: list[tuple[int, int]] = []

    def note(row: csv.InvalidRow) -> str:
        odd.append((row.number - 1, row.actual_columns))
        return "skip"

    found: dict[int, list[int]] = defaultdict(list)
    broken: list[int] = []
    # A last record of empty fields would be swallowed by a quote that is still open before it.
    end = b",".join([b'""'] * width).replace(b",", delimiter.encode()) + b"\n"
    table = _read(rows.block() + end, delimiter, width, quoted=True, handler=note)
    if table is not None and table.num_rows + len(odd) == len(rows.lines) + 1:
        table = table.slice(0, table.num_rows - 1)
        full = np.ones(len(rows.lines), dtype=np.bool_)
        full[[place for place, _ in odd]] = False
        table = table.add_column(0, "n", pa.array(rows.lines[full], pa.int64()))
        for place, actual in odd:
            found[actual].append(place)
    else:
        table = None
        for place in range(len(rows.lines)):
            fields = split_record(line_text(rows.text(place)), delimiter, quoted=True)
            if fields is None:
                broken.append(place)
            else:
                found[len(fields)].append(place)
    return table, {actual: np.array(where, dtype=np.int64) for actual, where in found.items()}, broken


def _table(rows: Rows, delimiter: str, width: int) -> tuple[pa.Table, list[int]]:
    table = _read(rows.block(), delimiter, width, quoted=rows.quoted, handler=None)
    if table is not None and table.num_rows == len(rows.lines):
        return table.add_column(0, "n", pa.array(rows.lines, pa.int64())), []
    columns: list[list[str]] = [[] for _ in range(width)]
    lines, bad = [], []
    for place, line in enumerate(rows.lines.tolist()):
        fields = split_record(line_text(rows.text(place)), delimiter, quoted=rows.quoted)
        if fields is None or len(fields) != width:
            bad.append(line)
            continue
        lines.append(line)
        for column, value in zip(columns, fields, strict=True):
            column.append(value)
    arrays = [pa.array(lines, pa.int64()), *(pa.array(column, pa.string()) for column in columns)]
    return pa.table(arrays, ["n", *(f"c{place}" for place in range(width))]), bad


def _read(block: bytes, delimiter: str, width: int, *, quoted: bool, handler: object) -> pa.Table | None:
    if quoted and block.count(b"\r") != block.count(b"\r\n"):
        return None  # the reader takes a bare CR for a line end
    names = [f"c{place}" for place in range(width)]
    try:
        return csv.read_csv(
            io.BytesIO(block),
            read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                invalid_row_handler=handler,
                ignore_empty_lines=False,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # the caller splits the records one by one
        return None
