"""Rows as text for other programs: CSV, tab-separated, or one JSON object a line. Nothing is cut, and nothing runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

__all__ = ["FORMS", "Cell", "Form", "Row", "delimited", "disarmed"]

Form = Literal["csv", "tsv", "jsonl"]
Cell: TypeAlias = "str | int | float | bool | Sequence[str] | None"
Row: TypeAlias = "Mapping[str, Cell]"
FORMS: Final[tuple[Form, ...]] = ("csv", "tsv", "jsonl")
_PIECE: Final = 1 << 16
# https://owasp.org/www-community/attacks/CSV_Injection; a tab or a line end in front is skipped by some spreadsheets
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# as PostgreSQL's text format writes them: a tab or a line end inside of a value would begin another one
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def disarmed(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet may take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) and len(text) > 1 else text


def delimited(
    columns: Sequence[str], rows: Iterable[Row], form: Form, *, line_end: str = "\n"
) -> Iterator[str]:
    """The rows as text, piece by piece: CSV (RFC 4180 quoting) and tab-separated begin with the names of the columns; a value that
    a row does not have is empty there, and null in JSON. A list is its values with a blank between them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=line_end)
    if form == "csv":
        writer.writerow(columns)
    elif form == "tsv":
        buffer.write("\t".join(columns) + line_end)
    for row in rows:
        values = [row.get(name) for name in columns]
        if form == "jsonl":
            told = dict(zip(columns, values, strict=True))
            buffer.write(json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
        elif form == "csv":
            writer.writerow([disarmed(_text(each)) if _is_text(each) else _text(each) for each in values])
        else:
            buffer.write("\t".join(_text(each).translate(_ESCAPED) for each in values) + line_end)
        if buffer.tell() > _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _is_text(value: Cell) -> bool:
    """Whether a value came from a text; a negative number is no formula."""
    return isinstance(value, str | list | tuple)


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(_text(each) for each in value)
    return str(value)
