"""Documents that hold many events: where each event stands in the bytes, and the events one a line.

A document is a list (`[{…},{…}]`), objects one after the other that are written over many lines or without a line end
between them (`{…}{…}`), an object that holds the list under a known name, or objects, one a line, that hold lists of events
within them (`unfolding`). Records are told apart by their brackets alone, so that one that is no JSON takes no other with it, and
a document of any length is read piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

from whosaw.ingest.files.content import CHUNK_BYTES, MAX_LINE_BYTES, Chunk
from whosaw.ingest.limits import CHUNK_LINES
from whosaw.ingest.parser import ChunkText, Piece

from .json_spans import KEY, SCALAR, WAIT, WRONG, end_of, skip
from .unfolding import Path, is_path, may_unfold, paths_in, unfold

__all__ = [
    "OBJECTS",
    "WHOLE",
    "Record",
    "Scanner",
    "as_piece",
    "as_records",
    "chunks_of",
    "holds_records",
    "records_of",
    "whole_document",
]

WHOLE = "[]"
"""Name for a document that is itself the list."""
OBJECTS = "{}"
"""Name for a document of objects one after the other, which lines do not tell apart."""
TOO_LONG = "longer than a line may be"
_BOM = b"\xef\xbb\xbf"
_BREAKS_OFF = "a record is not JSON or breaks off"
_HEAD_BYTES = 4096
_LOOK_BYTES = 1 << 20  # of a first chunk or a sample, in which a list of events must begin
_MOST_BEFORE = 12  # members before the list, such as the kind of the document, its id and how many there are
_LIST = re.compile(rb"[ \t\r\n]*+\[[ \t\r\n]*+(?:\{|\]|\Z)")
_OPENING = (b"{", b"[", b'"')
_TOP, _INSIDE, _HOLDER, _DEAD = "top", "list", "holder", "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it stands there, and why it cannot be one, if so. Of an event out of a list, `around` is what stands before
    and behind it in its object, without the other events; `place` is the line of the document on which its object stands, where
    objects are lines."""

    text: bytes
    why: str = ""
    around: tuple[bytes, bytes] = (b"", b"")
    place: int | None = None

    @property
    def line(self) -> bytes:
        """The record as it is read: an event with what stands around it."""
        return self.around[0] + self.text + self.around[1]


def holds_records(head: bytes, names: tuple[str, ...]) -> bool:
    """Whether bytes that begin so are a document of one of these kinds: a name, `[]`, `{}`, or a path to lists of events."""
    head = head.removeprefix(_BOM)
    if (paths := paths_in(names)) and may_unfold(head[:_LOOK_BYTES], paths):
        return True
    return _one_document(head, _but_paths(names))


def _but_paths(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if not is_path(name))


def _one_document(head: bytes, names: tuple[str, ...]) -> bool:
    """Whether such bytes are a document of which the lines do not tell the records apart."""
    for name in names:
        if name == OBJECTS:
            if _objects(head):
                return True
        elif name == WHOLE:
            if _LIST.match(head, 0, _HEAD_BYTES) and not _one_list(head):
                return True
        elif re.match(rb'\s*\{\s*"' + re.escape(name.encode()) + rb'"\s*:\s*\[', head[:_HEAD_BYTES]):
            return True
    # where other lines begin as the first does, each is an event that may well hold a list
    start = skip(head, 0)
    named = {b'"' + name.encode() + b'"' for name in names if name not in (WHOLE, OBJECTS)}
    return bool(named) and head.find(b"\n{", start) < 0 and _under(head, start, named) is True


def _under(data: bytes, at: int, named: set[bytes]) -> bool | None:
    """Whether the object at `at` holds a list under one of these names, behind a few other members; None where `data` ends before
    that can be told."""
    if data[at : at + 1] != b"{":
        return False
    start, at = at, skip(data, at + 1)
    for _ in range(_MOST_BEFORE):
        key = KEY.match(data, at)
        if key is None:
            break
        if key[1] in named:
            return data[key.end() : key.end() + 1] == b"["
        end = end_of(data, key.end(), final=False)
        if end < 0 or end - start > _HEAD_BYTES:
            break
        at = skip(data, end)
        if at < len(data) and data[at : at + 1] != b",":
            return False
        at = skip(data, at + 1)
    return None if len(data) - start < _HEAD_BYTES and at >= len(data) else False


def _one_list(head: bytes) -> bool:
    """Whether the first line alone is a list, and lines of other things follow it: then it is a line like the others."""
    first, _, others = head.lstrip().partition(b"\n")
    others = others.strip()
    if others[:1] in (b"", b"[") or b"\n" not in others:
        return False
    return end_of(first, 0, final=True) == len(first.rstrip())


def _objects(head: bytes) -> bool:
    """Whether the first object goes on over its line end, or something of another follows it on its line."""
    start = skip(head, 0)
    if head[start : start + 1] != b"{":
        return False
    line_end = head.find(b"\n", start)
    first = head[start : line_end if line_end >= 0 else len(head)].strip()
    end = end_of(first, 0, final=True)
    if end >= 0:
        rest = first[end:].lstrip(b", \t")
        return rest.startswith(b"{") or (not rest and end < len(first))
    # a line that broke off is followed by a whole one; in an object over many lines a name or a value follows
    at = skip(head, line_end) if line_end >= 0 else len(head)
    second = head[at : at + 1]
    opens = first.endswith((b"[", b":"))
    return bool(second) and (second != b"{" or opens) and end_of(head, start, final=False) >= 0


def records_of(document: bytes, names: tuple[str, ...] = ("Records", WHOLE)) -> list[Record]:
    """Record 1, 2, ... of a document as they stand there. One that breaks off at its end is the last."""
    document = document.removeprefix(_BOM)
    paths, plain = paths_in(names), _but_paths(names)
    if paths and not _one_document(document, plain):
        return list(_unfolded(_lines(document, 1, frozenset()), paths))
    scanner = _Scanner(plain)
    return list(_unfolded([*scanner.feed(document), *scanner.finish()], paths))


def _lines(data: bytes, first: int, oversized: Collection[int]) -> Iterator[Record]:
    """Each line as a record; one that is too long as one that says so."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=first):
        yield (
            Record(text=b"", why=TOO_LONG, place=number)
            if number in oversized
            else Record(text=line.removesuffix(b"\r"), place=number)
        )


def _unfolded(records: Iterable[Record], paths: Sequence[Path]) -> Iterator[Record]:
    """The events of records that hold lists of them, in the place of these. One that holds no event is a blank line."""
    for record in records:
        events = unfold(record.text, paths) if paths and record.text else None
        if events is None:
            yield record
        elif not events:
            yield Record(text=b"", place=record.place)
        else:
            for each in events:
                yield Record(text=each.text, why=each.why, around=(each.head, each.tail), place=record.place)


def whole_document(chunk: ChunkText, names: tuple[str, ...]) -> Piece:
    """A document that is one chunk, as one record a line."""
    return as_piece(chunk, records_of(chunk.data, names))


def as_piece(chunk: ChunkText, records: list[Record]) -> Piece:
    """The records of a document that is one chunk, one a line."""
    broken = _broken(records, 1)
    if chunk.oversized_lines:
        records.append(Record(text=b"", why=TOO_LONG))
        broken[len(records)] = TOO_LONG
    return Piece(data=_as_lines(records), lines=len(records), broken=broken)


class Scanner(Protocol):
    """Takes the bytes of a document in pieces and gives the records that end in each."""

    def feed(self, data: bytes) -> list[Record]: ...
    def finish(self) -> list[Record]: ...
    def stop(self, why: str) -> list[Record]: ...


def as_records(chunks: Iterator[Chunk], names: tuple[str, ...]) -> Iterator[Chunk]:
    """The chunks of a document as chunks of one record a line: a record belongs to the chunk in which it ends.

    `first_line` and `lines` count records, and no chunk is told as one that a later read may go on from.
    """
    paths, plain = paths_in(names), _but_paths(names)
    first = next(chunks, None)
    if first is None:
        return
    document = not paths or _one_document(first.data.removeprefix(_BOM), plain)
    yield from chunks_of(chain([first], chunks), _Scanner(plain) if document else None, paths)


def chunks_of(chunks: Iterator[Chunk], scanner: Scanner | None, paths: Sequence[Path]) -> Iterator[Chunk]:
    """The same with a scanner, or line by line without one; lists of events at `paths` are taken apart."""
    number, start = 1, None
    last: Chunk | None = None
    for chunk in chunks:
        data = chunk.data if last is not None else chunk.data.removeprefix(_BOM)
        start = chunk.offset if start is None else start
        last = chunk
        for records in _in_pieces(_read(scanner, chunk, data), paths):
            yield _of_records(chunk, start, number, records)
            number, start = number + len(records), chunk.end
    if last is not None and start is not None and scanner is not None:
        for records in _in_pieces(scanner.finish(), paths):
            yield _of_records(last, start, number, records)
            number, start = number + len(records), last.end


def _read(scanner: Scanner | None, chunk: Chunk, data: bytes) -> Iterable[Record]:
    """The records that end in a chunk: those of a scanner, or its lines."""
    if scanner is None:
        return _lines(data, chunk.first_line, chunk.oversized_lines)
    records = scanner.feed(data)
    return records + scanner.stop(TOO_LONG) if chunk.oversized_lines else records


def _in_pieces(records: Iterable[Record], paths: Sequence[Path]) -> Iterator[list[Record]]:
    """Records that are worked on at once: those of a chunk, or, where they are events with much around them, some of them."""
    piece: list[Record] = []
    size = 0
    for record in _unfolded(records, paths):
        piece.append(record)
        size += len(record.around[0]) + len(record.text) + len(record.around[1])
        if paths and (size > CHUNK_BYTES or len(piece) >= CHUNK_LINES):
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _of_records(chunk: Chunk, start: int, number: int, records: list[Record]) -> Chunk:
    return replace(
        chunk, data=_as_lines(records), offset=start, first_line=number, lines=len(records), terminated=False,
        oversized_lines=(), broken=_broken(records, number),
    )  # fmt: skip


def _as_lines(records: list[Record]) -> bytes:
    # a line end between values is space; one inside a text is no JSON, and a space there as well
    return b"".join(
        record.line.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n" if not record.why else b"\n"
        for record in records
    )


def _broken(records: list[Record], number: int) -> dict[int, str]:
    return {at: record.why for at, record in enumerate(records, start=number) if record.why}


class _Scanner:
    """Takes the bytes of a document in pieces and gives the records that end in each."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._quoted = {b'"' + name.encode() + b'"' for name in names if name not in (WHOLE, OBJECTS)}
        self._state, self._under = _TOP, _TOP
        self._rest = b""
        self._next: bytes | None = (
            None  # how a line begins on which a record does; None where records share lines
        )
        self._seen = self._started = False
        self._found: list[Record] = []

    def feed(self, data: bytes) -> list[Record]:
        """The records that end in `data`."""
        return self._run(self._rest + data if self._rest else data, final=False)

    def finish(self) -> list[Record]:
        """What is left at the end: records that break off, or nothing."""
        found = self._run(self._rest, final=True)
        if self._state in (_INSIDE, _HOLDER) and not (found and found[-1].why):
            found.append(Record(text=b"", why="the document breaks off"))
        return found

    def stop(self, why: str) -> list[Record]:
        """Nothing that follows is read."""
        self._state, self._rest = _DEAD, b""
        return [Record(text=b"", why=why)]

    def _run(self, data: bytes, *, final: bool) -> list[Record]:
        self._found = []
        at = 0
        while self._state != _DEAD and (at := skip(data, at)) < len(data):
            after = self._step(data, at, final=final)
            if after >= 0:
                at = after
            elif (
                not final
                and len(data) - at <= MAX_LINE_BYTES
                and (after == WAIT or self._may_go_on(data, at))
            ):
                break
            else:
                at = self._after_fault(data, at)
        self._rest = data[at:] if self._state != _DEAD and not final else b""
        return self._found

    def _step(self, data: bytes, at: int, *, final: bool) -> int:
        """Take one value or mark, and say where it ends; or that it is not whole (WAIT), or none (WRONG)."""
        mark = data[at : at + 1]
        if mark == b"," and self._seen:
            return at + 1
        if self._state == _HOLDER:
            return self._member(data, at, mark, final=final)
        if self._state == _INSIDE and mark == b"]":
            self._state = self._under
            return at + 1
        if self._state == _TOP:
            if mark == b"[" and WHOLE in self._names:
                self._state, self._under, self._seen = _INSIDE, _TOP, True
                return at + 1
            if mark != b"{":
                return WRONG
            if self._quoted and (after := self._opened(data, at, final=final)) is not None:
                return after
        end = end_of(data, at, final=final)
        if end >= 0:
            self._note_place(data, at)
            self._found.append(Record(text=data[at:end]))
        elif mark not in _OPENING and (self._state == _TOP or SCALAR.match(data, at) is None):
            return WRONG
        return end

    def _opened(self, data: bytes, at: int, *, final: bool) -> int | None:
        """Where the first member of the object that holds the list begins, or WAIT; None where it is a record like others."""
        key = KEY.match(data, skip(data, at + 1))
        if key is None and not final and len(data) - at < _HEAD_BYTES:
            return WAIT
        holds = key is not None and key[1] in self._quoted
        if not holds and not self._started:
            under = _under(data, at, self._quoted)
            if under is None and not final:
                return WAIT
            holds = bool(under) and data.find(b"\n{", at) < 0
        if not holds:
            return None
        self._state, self._seen = _HOLDER, True
        return at + 1

    def _member(self, data: bytes, at: int, mark: bytes, *, final: bool) -> int:
        """A name of the object that holds the list, and its value; records where that is the list."""
        if mark == b"}":
            self._state = _TOP
            return at + 1
        key = KEY.match(data, at)
        if key is None:
            return WAIT if mark == b'"' else WRONG
        if key[1] in self._quoted and data[key.end() : key.end() + 1] == b"[":
            self._state, self._under = _INSIDE, _HOLDER
            return key.end() + 1
        return end_of(data, key.end(), final=final)

    def _note_place(self, data: bytes, at: int) -> None:
        """Before the first record: whether it begins a line, and with which indent."""
        if not self._started:
            before = data[data.rfind(b"\n", 0, at) + 1 : at]
            self._next = b"\n" + before + b"{" if not before.strip(b" \t") else None
        self._seen = self._started = True

    def _may_go_on(self, data: bytes, at: int) -> bool:
        """Whether a line on which the next record begins may be in what follows `data`."""
        return self._next is not None and self._state in (_TOP, _INSIDE) and data.find(self._next, at + 1) < 0

    def _after_fault(self, data: bytes, at: int) -> int:
        """A record that is none, and where to go on: at the next line that begins as the first record did."""
        found = -1
        if self._next is not None and self._state in (_TOP, _INSIDE):
            found = data.find(self._next, at + 1)
        end = found if found >= 0 else len(data)
        why = _BREAKS_OFF if data[at : at + 1] in _OPENING or self._state != _TOP else "not a JSON object"
        self._found.append(Record(text=data[at:end].rstrip(), why=why))
        if found < 0:
            self._state = _DEAD
            return len(data)
        return found + 1
