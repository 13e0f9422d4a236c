"""Documents that hold many events: where each event stands in the bytes, and the events one a line.

A document is a list (`[{…},{…}]`), objects one after the other that are written over many lines or without a line end
between them (`{…}{…}`), or an object that holds the list under a known name. Records are told apart by their brackets
alone, so that one that is no JSON takes no other with it, and a document of any length is read piece by piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from whosaw.core.errors import WhosawError
from whosaw.ingest.files.content import MAX_LINE_BYTES, Chunk
from whosaw.ingest.parser import ChunkText, Piece

__all__ = [
    "OBJECTS",
    "WHOLE",
    "Record",
    "as_records",
    "holds_records",
    "record_text",
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
_MOST_BEFORE = 12  # members before the list, such as the kind of the document, its id and how many there are
_SPACE = re.compile(rb"[ \t\r\n]*+")
_LIST = re.compile(rb"[ \t\r\n]*+\[[ \t\r\n]*+(?:\{|\]|\Z)")
# no text goes on over a line end, so that a quote too many spoils one record and not all that follow
_TOKEN = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|["{}\[\]]')
_SCALAR = re.compile(rb'[^\s,"{}\[\]]++')
_KEY = re.compile(rb'("[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")[ \t\r\n]*+:[ \t\r\n]*+(?=[^ \t\r\n])')
_OPENING = (b"{", b"[", b'"')
_WAIT, _WRONG = -1, -2
_QUOTE = 0x22
_TOP, _INSIDE, _HOLDER, _DEAD = "top", "list", "holder", "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it stands there, and why it cannot be one, if so."""

    text: bytes
    why: str = ""


def holds_records(head: bytes, names: tuple[str, ...]) -> bool:
    """Whether bytes that begin so are a document of one of these kinds: a name, `[]` or `{}`."""
    head = head.removeprefix(_BOM)
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
    start = _skip(head, 0)
    named = {b'"' + name.encode() + b'"' for name in names if name not in (WHOLE, OBJECTS)}
    return bool(named) and head.find(b"\n{", start) < 0 and _under(head, start, named) is True


def _under(data: bytes, at: int, named: set[bytes]) -> bool | None:
    """Whether the object at `at` holds a list under one of these names, behind a few other members; None where `data` ends before
    that can be told."""
    if data[at : at + 1] != b"{":
        return False
    start, at = at, _skip(data, at + 1)
    for _ in range(_MOST_BEFORE):
        key = _KEY.match(data, at)
        if key is None:
            break
        if key[1] in named:
            return data[key.end() : key.end() + 1] == b"["
        end = _end_of(data, key.end(), final=False)
        if end < 0 or end - start > _HEAD_BYTES:
            break
        at = _skip(data, end)
        if at < len(data) and data[at : at + 1] != b",":
            return False
        at = _skip(data, at + 1)
    return None if len(data) - start < _HEAD_BYTES and at >= len(data) else False


def _one_list(head: bytes) -> bool:
    """Whether the first line alone is a list, and lines of other things follow it: then it is a line like the others."""
    first, _, others = head.lstrip().partition(b"\n")
    others = others.strip()
    if others[:1] in (b"", b"[") or b"\n" not in others:
        return False
    return _end_of(first, 0, final=True) == len(first.rstrip())


def _objects(head: bytes) -> bool:
    """Whether the first object goes on over its line end, or something of another follows it on its line."""
    start = _skip(head, 0)
    if head[start : start + 1] != b"{":
        return False
    line_end = head.find(b"\n", start)
    first = head[start : line_end if line_end >= 0 else len(head)].strip()
    end = _end_of(first, 0, final=True)
    if end >= 0:
        rest = first[end:].lstrip(b", \t")
        return rest.startswith(b"{") or (not rest and end < len(first))
    # a line that broke off is followed by a whole one; in an object over many lines a name or a value follows
    at = _skip(head, line_end) if line_end >= 0 else len(head)
    second = head[at : at + 1]
    opens = first.endswith((b"[", b":"))
    return bool(second) and (second != b"{" or opens) and _end_of(head, start, final=False) >= 0


def records_of(document: bytes, names: tuple[str, ...] = ("Records", WHOLE)) -> list[Record]:
    """Record 1, 2, ... of a document as they stand there. One that breaks off at its end is the last."""
    scanner = _Scanner(names)
    return [*scanner.feed(document.removeprefix(_BOM)), *scanner.finish()]


def whole_document(chunk: ChunkText, names: tuple[str, ...]) -> Piece:
    """A document that is one chunk, as one record a line."""
    records = records_of(chunk.data, names)
    broken = _broken(records, 1)
    if chunk.oversized_lines:
        records.append(Record(text=b"", why=TOO_LONG))
        broken[len(records)] = TOO_LONG
    return Piece(data=_as_lines(records), lines=len(records), broken=broken)


def as_records(chunks: Iterator[Chunk], names: tuple[str, ...]) -> Iterator[Chunk]:
    """The chunks of a document as chunks of one record a line: a record belongs to the chunk in which it ends.

    `first_line` and `lines` count records, and no chunk is told as one that a later read may go on from.
    """
    scanner, number, start = _Scanner(names), 1, None
    last: Chunk | None = None
    for chunk in chunks:
        data = chunk.data if last is not None else chunk.data.removeprefix(_BOM)
        start = chunk.offset if start is None else start
        records = scanner.feed(data)
        if chunk.oversized_lines:
            records += scanner.stop(TOO_LONG)
        last = chunk
        if records:
            yield _of_records(chunk, start, number, records)
            number, start = number + len(records), chunk.end
    if last is not None and start is not None and (records := scanner.finish()):
        yield _of_records(last, start, number, records)


def _of_records(chunk: Chunk, start: int, number: int, records: list[Record]) -> Chunk:
    return replace(
        chunk, data=_as_lines(records), offset=start, first_line=number, lines=len(records), terminated=False,
        oversized_lines=(), broken=_broken(records, number),
    )  # fmt: skip


def _as_lines(records: list[Record]) -> bytes:
    # a line end between values is space; one inside a text is no JSON, and a space there as well
    return b"".join(
        record.text.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n" if not record.why else b"\n"
        for record in records
    )


def _broken(records: list[Record], number: int) -> dict[int, str]:
    return {at: record.why for at, record in enumerate(records, start=number) if record.why}


def _skip(data: bytes, at: int) -> int:
    found = _SPACE.match(data, at)
    return found.end() if found else at


def _end_of(data: bytes, at: int, *, final: bool) -> int:
    """Where the value at `at` ends by its brackets and quotes; _WAIT where the bytes end before it does, _WRONG where a
    text in it has no end."""
    if data[at : at + 1] not in (b"{", b"[", b'"'):
        scalar = _SCALAR.match(data, at)
        return scalar.end() if scalar is not None and (final or scalar.end() < len(data)) else _WAIT
    depth = 0
    for found in _TOKEN.finditer(data, at):
        mark = data[found.start()]
        if mark == _QUOTE:
            if found.end() == found.start() + 1:
                return _WAIT if data.find(b"\n", found.end()) < 0 else _WRONG
        elif mark in b"{[":
            depth += 1
        else:
            depth -= 1
        if depth <= 0:
            return found.end()
    return _WAIT


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
        while self._state != _DEAD and (at := _skip(data, at)) < len(data):
            after = self._step(data, at, final=final)
            if after >= 0:
                at = after
            elif (
                not final
                and len(data) - at <= MAX_LINE_BYTES
                and (after == _WAIT or self._may_go_on(data, at))
            ):
                break
            else:
                at = self._after_fault(data, at)
        self._rest = data[at:] if self._state != _DEAD and not final else b""
        return self._found

    def _step(self, data: bytes, at: int, *, final: bool) -> int:
        """Take one value or mark, and say where it ends; or that it is not whole (_WAIT), or none (_WRONG)."""
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
                return _WRONG
            if self._quoted and (after := self._opened(data, at, final=final)) is not None:
                return after
        end = _end_of(data, at, final=final)
        if end >= 0:
            self._note_place(data, at)
            self._found.append(Record(text=data[at:end]))
        elif mark not in _OPENING and (self._state == _TOP or _SCALAR.match(data, at) is None):
            return _WRONG
        return end

    def _opened(self, data: bytes, at: int, *, final: bool) -> int | None:
        """Where the first member of the object that holds the list begins, or _WAIT; None where it is a record like others."""
        key = _KEY.match(data, _skip(data, at + 1))
        if key is None and not final and len(data) - at < _HEAD_BYTES:
            return _WAIT
        holds = key is not None and key[1] in self._quoted
        if not holds and not self._started:
            under = _under(data, at, self._quoted)
            if under is None and not final:
                return _WAIT
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
        key = _KEY.match(data, at)
        if key is None:
            return _WAIT if mark == b'"' else _WRONG
        if key[1] in self._quoted and data[key.end() : key.end() + 1] == b"[":
            self._state, self._under = _INSIDE, _HOLDER
            return key.end() + 1
        return _end_of(data, key.end(), final=final)

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


def record_text(document: bytes, number: int, names: tuple[str, ...]) -> bytes:
    """Record `number` (from 1 on) of a document whose records stand under one of `names`, as it stands there."""
    records = records_of(document, names)
    if not 1 <= number <= len(records):
        raise WhosawError(
            "line.no-such-line",
            f"there is no record {number:,}: the document holds {len(records):,}",
            hint="Take the locator as a report or `whosaw who` prints it",
        )
    return records[number - 1].text
