"""Reads one file of the context folder into text columns, and knows on which line each row stands."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from whosaw.core.errors import Fault, Where

__all__ = ["ENDINGS", "MAX_FAULTS", "TextTable", "read_rows", "stem_and_ending"]

ENDINGS: Final = (".csv", ".tsv", ".jsonl", ".ndjson")
MAX_FAULTS: Final = 1_000  # of one file; how many more there are is said
_PIECE: Final = 1 << 24  # bytes
_NOTHING: Final = ("", "-", "null", "NULL", "None", "\\N")


@dataclass(slots=True)
class TextTable:
    """The columns of a file as text, null where empty; faults found while reading it."""

    file: str
    columns: dict[str, pa.Array]
    rows: int
    faults: list[Fault]
    _line_numbers: Callable[[], list[int]]
    _lines: list[int] = field(default_factory=list)

    def line_of(self, row: int) -> int | None:
        """The 1-based line on which row `row` (from 0) stands; None where the file was changed since it was read."""
        if not self._lines:
            self._lines = self._line_numbers()
        return self._lines[row] if row < len(self._lines) else None

    def fault(self, code: str, message: str, row: int | None = None, *, hint: str = "") -> Fault:
        line = None if row is None else self.line_of(row)
        return Fault(code=code, message=message, where=Where(file=self.file, line=line), hint=hint)


def stem_and_ending(name: str) -> tuple[str, str] | None:
    """(`logins`, `.csv`) of `logins.csv.gz`; None when it is no kind of file read here."""
    plain = name.removesuffix(".gz")
    for ending in ENDINGS:
        if plain.lower().endswith(ending):
            return plain[: -len(ending)], ending
    return None


def read_rows(path: Path, shown: str) -> TextTable:
    """Read `path` whole. What is wrong in it is in `faults`; rows that could not be read are left out."""

    def broken(message: str, line: int | None = None) -> TextTable:
        fault = Fault(code="context.unreadable", message=message, where=Where(file=shown, line=line))
        return TextTable(file=shown, columns={}, rows=0, faults=[fault], _line_numbers=list)

    try:
        data = _bytes_of(path)
    except (OSError, EOFError, zlib.error) as fault:
        return broken(f"cannot be read ({fault.__class__.__name__}: {fault})")
    if (broken_at := _not_utf8(data)) is not None:
        return broken("is not UTF-8", data[:broken_at].count(b"\n") + 1)
    named = stem_and_ending(path.name)
    if named is not None and named[1] in (".jsonl", ".ndjson"):
        return _read_json_lines(data, shown)
    return _read_delimited(
        data, shown, "\t" if named and named[1] == ".tsv" else ",", partial(_bytes_of, path)
    )


def _bytes_of(path: Path) -> bytes:
    """What stands in the file, unpacked, without a byte order mark."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.name.endswith(".gz") else data).removeprefix(b"\xef\xbb\xbf")


def _not_utf8(data: bytes) -> int | None:
    """Where the first byte stands that is not UTF-8. Read in pieces: as one text, a file takes up to four times its size."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data))
        except UnicodeDecodeError as fault:
            return start - held + fault.start
    return None


def _read_delimited(data: bytes, shown: str, delimiter: str, again: Callable[[], bytes]) -> TextTable:
    """`again` gives the same bytes once more: they may be gigabytes, and are only asked for where a line has a fault."""
    if not data.strip():
        fault = Fault(code="context.empty", message="is empty, not even a header", where=Where(file=shown))
        return TextTable(file=shown, columns={}, rows=0, faults=[fault], _line_numbers=list)
    before = len(data) - len(data.lstrip(b"\r\n"))
    ends = data.find(b"\n", before)
    begins = len(data) if ends < 0 else ends + 1
    head = data[before:begins].removesuffix(b"\n")
    if delimiter == "," and head.count(b";") > head.count(b","):
        delimiter = ";"  # how spreadsheets write CSV where the comma is the decimal sign
    header = [name.strip() for name in next(csv.reader([head.decode().rstrip("\r")], delimiter=delimiter))]
    first_line = data[:before].count(b"\n") + 2
    bad: dict[int, str] = {}
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        fault = Fault(
            code="context.columns", message=f"has more than one column {', '.join(twice)}",
            where=Where(file=shown, line=first_line - 1),
        )  # fmt: skip
        return TextTable(file=shown, columns={}, rows=0, faults=[fault], _line_numbers=list)

    def invalid(row: Any) -> str:
        bad[row.number] = f"has {row.actual_columns} fields, the header {row.expected_columns}"
        return "skip"

    if not _blank(data, begins):
        table = pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(data).slice(begins)),
            read_options=pa_csv.ReadOptions(column_names=header, use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=invalid),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=list(_NOTHING), strings_can_be_null=True, quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip
    else:
        table = pa.table({name: pa.array([], pa.string()) for name in header})

    size = len(data)

    def filled_lines() -> list[int]:
        try:
            now = again()
        except (OSError, EOFError, zlib.error):
            return []
        if len(now) != size:
            return []  # somebody is writing it: a line would be another one's
        lines = now[begins:].split(b"\n")
        return [first_line + at for at, line in enumerate(lines) if line.strip(b"\r")]

    def line_numbers() -> list[int]:
        # pyarrow counts rows from 1 and passes over empty lines, so its numbers are places among filled lines
        return [line for at, line in enumerate(filled_lines(), start=1) if at not in bad]

    places = filled_lines() if bad else []
    faults = [
        Fault(
            code="context.row",
            message=message,
            where=Where(file=shown, line=places[number - 1] if places else None),
        )
        for number, message in sorted(bad.items())
    ]
    rows, columns = table.num_rows, {}
    for name in header:  # one after another, so that never all are there twice
        if name:
            columns[name] = table[name].combine_chunks()
        table = table.drop_columns([name])
    return TextTable(file=shown, columns=columns, rows=rows, faults=faults, _line_numbers=line_numbers)


def _blank(data: bytes, begins: int) -> bool:
    """Whether there is nothing but space from a place on."""
    return not any(data[start : start + _PIECE].strip() for start in range(begins, len(data), _PIECE))


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            out.update(_flat(value, f"{name}."))
        elif value is None or value in _NOTHING:
            out[name] = None
        elif isinstance(value, list):
            out[name] = ";".join(str(each) for each in value)
        else:
            out[name] = str(value)
    return out


def _read_json_lines(data: bytes, shown: str) -> TextTable:
    records: list[dict[str, str | None]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            records.append(_flat(record))
            lines.append(number)
        else:
            where = Where(file=shown, line=number)
            faults.append(Fault(code="context.row", message="is not a JSON object", where=where))
    names: Sequence[str] = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: pa.array([record.get(name) for record in records], pa.string()) for name in names}
    return TextTable(
        file=shown, columns=columns, rows=len(records), faults=faults, _line_numbers=lambda: lines
    )
