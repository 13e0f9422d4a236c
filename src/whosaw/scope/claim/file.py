"""Reads a claim: a dump or sample of people's data that somebody published or sent, as columns of text.

Delimited text (comma, semicolon, tab, bar), JSON lines, a JSON array, or a list with one value a line; packed with gzip or not. A
claim comes from a stranger: rows that cannot be read are counted and told by line, and nothing of them is shown.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from whosaw.core.errors import WhosawError

__all__ = ["Claim", "Rows", "open_claim"]

_HEAD: Final = 64 * 1024  # bytes from which the form is told
_CHUNK: Final = 50_000  # rows
_JSON_BYTES: Final = 1 << 30  # a JSON array is read whole
_CELL: Final = 1 << 20  # characters of one cell; an unclosed quote would else swallow the rest of the file
_LINES_TOLD: Final = 20
_DELIMITERS: Final = (",", "\t", ";", "|")
_NOTHING: Final = frozenset(("", "-", "null", "none", "\\n", "nan", "n/a"))
_SQL: Final = re.compile(
    r"^\s*(INSERT\s+INTO|CREATE\s+TABLE|COPY\s+\S+.*FROM\s+stdin)", re.IGNORECASE | re.MULTILINE
)
_NUMBER: Final = re.compile(r"[+-]?\d[\d.,: /-]*")


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a claim. `values[i]` is row `i`, one text or None for each column."""

    values: list[tuple[str | None, ...]]


@dataclass(slots=True, kw_only=True)
class Claim:
    """A claim that can be read any number of times.

    After a whole pass `unread` counts the lines that could not be read, and `unclear` the cells that are not in the
    encoding; these are there as far as they can be read.
    """

    path: Path
    form: str  # delimited, JSON lines, JSON array, list
    columns: tuple[str, ...]
    header: str  # stated, guessed, none
    digest: str  # SHA-256 of the file as it is
    size: int
    delimiter: str | None = None
    unread: int = 0
    unread_lines: list[int] = field(default_factory=list)
    unclear: int = 0
    _records: Callable[[Claim], Iterator[tuple[str | None, ...]]]

    def chunks(self, rows: int = _CHUNK) -> Iterator[Rows]:
        """All rows from the start, some at a time."""
        self.unread, self.unread_lines, self.unclear = 0, [], 0
        held: list[tuple[str | None, ...]] = []
        for record in self._records(self):
            held.append(record if all(map(_plain, record)) else self._cleaned(record))
            if len(held) == rows:
                yield Rows(held)
                held = []
        if held:
            yield Rows(held)

    def miss(self, line: int, lines: int = 1) -> None:
        """Count lines that could not be read, from `line` on."""
        self.unread += lines
        if len(self.unread_lines) < _LINES_TOLD:
            self.unread_lines.append(line)

    def _cleaned(self, record: tuple[str | None, ...]) -> tuple[str | None, ...]:
        self.unclear += sum(not _plain(each) for each in record)
        return tuple(
            each if each is None else each.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            for each in record
        )


def open_claim(
    path: Path, *, header: bool | None = None, encoding: str | None = None, known_name: Callable[[str], bool]
) -> Claim:
    """Find the form of a claim and its columns.

    `header` says whether the first row names the columns; without it, it does where `known_name` knows one of its cells, or
    where it holds texts only and a column below it holds numbers only. Without `encoding` it is UTF-8, or UTF-16 with its mark.
    """
    digest, size = _digest(path)
    text = _opener(path, encoding)
    with _told(path), text() as handle:
        head = handle.read(_HEAD)
    if not head.strip():
        raise WhosawError("claim.empty", f"{path.name} is empty", hint="Is it the right file?")
    if "\0" in head:
        raise WhosawError(
            "claim.binary",
            f"{path.name} is not a text file",
            hint="Unpack it or save it as CSV; where it is text in another encoding, name that with --encoding",
        )
    if _SQL.search(head):
        raise WhosawError(
            "claim.sql",
            f"{path.name} is a dump in SQL",
            hint="Load it into an empty database and export the table with people in it as CSV",
        )
    common: dict[str, Any] = {"path": path, "digest": digest, "size": size}
    lead = head.lstrip()[:1]
    if lead == "[" or (lead == "{" and not _is_json(head.lstrip().partition("\n")[0])):
        return _json_document(text, common)
    if lead == "{":
        columns = _names(text)
        return Claim(
            **common, form="JSON lines", columns=columns, header="stated", _records=_json_lines(text, columns)
        )
    return _delimited(text, head, header, known_name, common)


# -- the file


def _digest(path: Path) -> tuple[str, int]:
    with _told(path), open(path, "rb") as handle:
        digest = hashlib.file_digest(handle, "sha256")
        return digest.hexdigest(), handle.tell()


def _opener(path: Path, encoding: str | None) -> Callable[[], IO[str]]:
    """Opens the file as text, unpacked. Bytes that are none in its encoding come out as lone surrogates."""

    def binary() -> IO[bytes]:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rb") if packed else open(path, "rb")  # type: ignore[return-value]  # GzipFile reads bytes

    with _told(path), binary() as start:
        mark = start.read(4)
    found = encoding or ("utf-16" if mark[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    try:
        "".encode(found)
    except LookupError as fault:
        raise WhosawError(
            "claim.encoding", f"{found!r} is no encoding", hint="Such as cp949, euc-kr, latin-1"
        ) from fault
    return lambda: io.TextIOWrapper(binary(), encoding=found, errors="surrogateescape", newline="")


class _told:  # noqa: N801  # read as a clause: with _told(path)
    """Turns a file that cannot be read into an error that says so."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, fault: BaseException | None, trace: object) -> None:
        if isinstance(fault, (OSError, EOFError, zlib.error, UnicodeError)):
            reason = getattr(fault, "strerror", None) or type(fault).__name__
            raise WhosawError(
                "claim.unreadable",
                f"{self._path.name} cannot be read ({reason})",
                hint="Check that the file is there and whole",
            ) from fault


# -- values


def _cell(value: object) -> str | None:
    """A value as text; None for none. Objects and lists stay JSON."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = text.strip()
    return None if text.lower() in _NOTHING else text


def _flat(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict) and depth < 8:
            out.update(_flat(value, f"{prefix}{key}.", depth + 1))
        else:
            out[f"{prefix}{key}"] = _cell(value)
    return out


def _plain(text: str | None) -> bool:
    """Whether all bytes of a cell were in the encoding."""
    return text is None or text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


# -- JSON


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _json_document(text: Callable[[], IO[str]], common: dict[str, Any]) -> Claim:
    if common["size"] > _JSON_BYTES:
        raise WhosawError(
            "claim.too-large",
            f"{common['path'].name} is one JSON document of {common['size']:,} bytes",
            hint="Write it as JSON lines, one record a line",
        )
    with _told(common["path"]), text() as handle:
        try:
            document = json.load(handle)
        except (ValueError, RecursionError) as fault:
            line = getattr(fault, "lineno", None)
            raise WhosawError(
                "claim.unreadable",
                f"{common['path'].name} is no whole JSON document" + (f" (line {line})" if line else ""),
                hint="Is it cut off? As JSON lines it can be read as far as it goes",
            ) from fault
    if isinstance(document, dict):
        lists = [value for value in document.values() if isinstance(value, list)]
        document = lists[0] if len(lists) == 1 else [document]
    records = [_flat(each) if isinstance(each, dict) else {"value": _cell(each)} for each in document]
    columns = tuple(dict.fromkeys(name for record in records for name in record)) or ("value",)

    def rows(_claim: Claim) -> Iterator[tuple[str | None, ...]]:
        return (tuple(record.get(name) for name in columns) for record in records)

    return Claim(**common, form="JSON array", columns=columns, header="stated", _records=rows)


def _lines(text: Callable[[], IO[str]]) -> Iterator[tuple[int, str]]:
    with text() as handle:
        for number, line in enumerate(handle, start=1):
            if line.strip():
                yield number, line


def _record(line: str) -> dict[str, str | None] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    return _flat(value) if isinstance(value, dict) else None


def _names(text: Callable[[], IO[str]]) -> tuple[str, ...]:
    """The names of every line, since a later one may have more: a whole pass."""
    names: dict[str, None] = {}
    for _, line in _lines(text):
        names.update(dict.fromkeys(_record(line) or ()))
    return tuple(names)


def _json_lines(
    text: Callable[[], IO[str]], columns: tuple[str, ...]
) -> Callable[[Claim], Iterator[tuple[str | None, ...]]]:
    def rows(claim: Claim) -> Iterator[tuple[str | None, ...]]:
        for number, line in _lines(text):
            record = _record(line)
            if record is None:
                claim.miss(number)
            else:
                yield tuple(record.get(name) for name in columns)

    return rows


# -- delimited text and lists


def _delimited(
    text: Callable[[], IO[str]],
    head: str,
    header: bool | None,
    known_name: Callable[[str], bool],
    common: dict[str, Any],
) -> Claim:
    whole = head if len(head) < _HEAD else head.rpartition("\n")[0]
    delimiter = _delimiter(whole)
    sample = list(_split(io.StringIO(whole, newline=""), delimiter, _pass_over))[:200]
    first = sample[0][1]
    how = "stated"
    if header is None:
        header = _looks_like_header([row for _, row in sample], known_name)
        how = "guessed"
    named = [name.strip() for name in first] if header else [f"column {n}" for n in range(1, len(first) + 1)]
    columns = tuple(_distinct(named))

    def rows(claim: Claim) -> Iterator[tuple[str | None, ...]]:
        with text() as handle:
            skip = header
            for lines, row in _split(handle, delimiter, claim.miss):
                if skip:
                    skip = False
                elif len(row) != len(columns):
                    claim.miss(*lines)
                else:
                    yield tuple(map(_cell, row))

    form = "list" if len(columns) == 1 else "delimited"
    return Claim(
        **common, form=form, columns=columns, header=how if header else "none",
        delimiter=delimiter if form == "delimited" else None, _records=rows,
    )  # fmt: skip


def _delimiter(text: str) -> str:
    """The one that cuts most lines into the same number of cells; a comma where none does."""
    lines = [line for line in text.splitlines() if line.strip()][:200]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        counts = [len(row) for _, row in _split(io.StringIO("\n".join(lines)), delimiter, _pass_over)]
        usual = max(set(counts), key=counts.count, default=1)
        fitting = counts.count(usual) * (usual - 1) if counts.count(usual) * 2 > len(counts) else 0
        if fitting > most:
            best, most = delimiter, fitting
    return best


def _split(
    handle: Iterable[str], delimiter: str, missed: Callable[[int, int], None]
) -> Iterator[tuple[tuple[int, int], list[str]]]:
    """First line, number of lines and cells of every row that is not blank. What breaks the rules of quoting is told the same way."""
    before = csv.field_size_limit(_CELL)
    try:
        reader = csv.reader(handle, delimiter=delimiter, skipinitialspace=True)
        while True:
            start = reader.line_num
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                missed(start + 1, reader.line_num - start)
                continue
            if any(cell.strip() for cell in row):
                yield (start + 1, reader.line_num - start), row
    finally:
        csv.field_size_limit(before)


def _pass_over(_line: int, _lines: int) -> None:
    """The form is told from the rows that can be read."""


def _distinct(names: list[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        plain = name or f"column {place}"
        seen[plain] = seen.get(plain, 0) + 1
        yield plain if seen[plain] == 1 else f"{plain} ({seen[plain]})"


def _looks_like_header(rows: list[list[str]], known_name: Callable[[str], bool]) -> bool:
    first, below = rows[0], rows[1:]
    if any("@" in cell or _NUMBER.fullmatch(cell.strip()) for cell in first):
        return False
    if any(known_name(cell.strip()) for cell in first if cell.strip()):
        return True
    columns = zip(*(row for row in below if len(row) == len(first)), strict=False)
    return any(all(_NUMBER.fullmatch(cell.strip()) for cell in column if cell.strip()) for column in columns)
