"""Syslog lines: a header with time, host and program, and a message that may be a line of another format.

RFC 3164 (`Nov 24 10:00:00 host program[1]: message`, no year, no offset), the same with an ISO 8601 time as
rsyslog and `journalctl -o short-iso` write it, and RFC 5424 (`<34>1 2025-11-24T10:00:00Z host program 1 - - message`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.ingest.lines import blank_lines, line_starts
from whosaw.ingest.parser import ChunkText, Parsed, Parser, Piece, rejects_table
from whosaw.ingest.times.read import Walls, read_walls, time_regex

from .slow_path import texts_of

__all__ = ["NOT_SYSLOG", "Headers", "SyslogWrapped", "joined_lines", "parsed_inside", "read_headers"]

NOT_SYSLOG = "there is no syslog header"
_HOST = r"(?P<host>[^ \r\n]+)"
_TAG = r"(?P<program>[^ :\[\]\r\n]+)(?:\[[^\] \r\n]*\])?:(?P<message>.*)"
_PRIORITY = r"\A(?s:(?:<\d{1,3}>)?"
_ISO = r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) "
_ANY_OLD = "(?P<time>" + time_regex("syslog") + ") "
_STRUCTURED = r"(?:-|(?:\[(?:[^\]\\\"]|\"(?:[^\"\\]|\\.)*\"|\\.)*\])+)"
# The shapes in the order in which they are tried, each on what the ones before did not fit. The message takes
# the line end along, which keeps the expressions simple enough to run in one pass.
_SHAPES = (
    _PRIORITY + r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) " + _HOST + " " + _TAG + r")\z",
    r"\A(?s:<\d{1,3}>\d{1,2} (?P<time>" + time_regex("iso") + "|-) " + _HOST + r" (?P<program>[^ \r\n]+) "
    r"[^ \r\n]+ [^ \r\n]+ " + _STRUCTURED + r"(?P<message>(?:[ \r\n].*)?))\z",
    # many logs start with such a time, so the name of a program has to follow
    _PRIORITY + _ISO + _HOST + " " + _TAG + r")\z",
    _PRIORITY + _ANY_OLD + _HOST + " " + _TAG + r")\z",
    # a message without the name of a program
    _PRIORITY + _ANY_OLD + _HOST + r"(?P<program>)(?P<message> .*))\z",
)
_PARTS = ("time", "host", "program", "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """Lines with a header (`rows`, positions), what stood in it, and the message after it."""

    rows: npt.NDArray[np.int64]
    time: pa.Array
    host: pa.Array
    program: pa.Array
    message: pa.Array

    def walls(self) -> Walls:
        """Wall clocks of the headers, with an offset where the header has one."""
        times = self.time.dictionary_encode()
        with_name = pc.match_substring_regex(times.dictionary, r"^[A-Za-z]")
        old = read_walls("syslog", pc.if_else(with_name, times.dictionary, "-"))
        new = read_walls("iso", pc.if_else(with_name, "-", times.dictionary))
        pick = with_name.to_numpy(zero_copy_only=False).astype(bool)
        both = Walls(
            micros=np.where(pick, old.micros, new.micros),
            ok=np.where(pick, old.ok, new.ok),
            offset=np.where(pick, old.offset, new.offset),
            has=np.where(pick, old.has, new.has),
        )
        return both.take(times.indices.to_numpy())


def read_headers(data: bytes, rows: npt.NDArray[np.int64]) -> Headers:
    """The headers of those of the lines `rows` that have one."""
    texts = texts_of(data, rows)
    found: list[pa.Array] = []
    places: list[npt.NDArray[np.int64]] = []
    for shape in _SHAPES:
        if not len(texts):
            break
        parts = pc.extract_regex(texts, shape)
        fits = parts.is_valid().to_numpy(zero_copy_only=False).astype(bool)
        if fits.any():
            mask = pa.array(fits)
            found.append(pa.StructArray.from_arrays([_part(parts, name, mask) for name in _PARTS], _PARTS))
            places.append(rows[fits])
            texts, rows = texts.filter(pc.invert(mask)), rows[~fits]
    if not found:
        return Headers(rows=rows[:0], **{name: pa.array([], pa.string()) for name in _PARTS})
    order = np.argsort(np.concatenate(places))
    whole = pa.concat_arrays(found).take(pa.array(order))
    columns = {name: whole.field(name) for name in _PARTS}
    message = pc.utf8_rtrim(columns["message"], "\r\n")
    # one space stands between header and message, in RFC 5424 maybe with a byte order mark, and before JSON maybe the cookie of CEE
    columns["message"] = pc.replace_substring_regex(message, "^ ?\ufeff?(?:@cee: ?)?", "")
    return Headers(rows=np.concatenate(places)[order], **columns)


def _part(parts: pa.Array, name: str, mask: pa.Array) -> pa.Array:
    return pc.fill_null(pc.struct_field(parts, name).filter(mask), "").cast(pa.string())


def joined_lines(texts: pa.Array) -> bytes:
    """The texts as lines."""
    if not len(texts):
        return b""
    lines = pc.binary_join_element_wise(texts, pa.scalar("\n"), pa.scalar(""))
    whole = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    return bytes(pc.binary_join(whole, "")[0].as_buffer())


class SyslogWrapped:
    """A parser for lines of another format inside syslog. The inner line's own time is the event's time."""

    def __init__(self, inner: Parser, id_: str) -> None:
        self._inner = inner
        self._id = id_

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        """As the format inside."""
        return self._inner.stateful

    @property
    def documents(self) -> tuple[str, ...]:
        """None: the unit is the line."""
        return ()

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """Strip the headers, parse the messages, and give the line numbers of the chunk back."""
        starts = line_starts(chunk.data)
        waiting = np.ones(len(starts) - 1, dtype=bool)
        waiting[[line - chunk.first_line for line in chunk.oversized_lines]] = False
        blank = blank_lines(chunk.data, starts) & waiting
        comments = int(blank.sum())
        rows = np.flatnonzero(waiting & ~blank)
        headers = read_headers(chunk.data, rows)
        rejects = [(chunk.first_line + at, NOT_SYSLOG) for at in np.setdiff1d(rows, headers.rows).tolist()]
        rejects += [(line, "the line is too long") for line in chunk.oversized_lines]
        numbers = headers.rows + chunk.first_line
        return parsed_inside(self._inner, numbers, headers.message, rejects, comments, state)


def parsed_inside(
    parser: Parser,
    numbers: npt.NDArray[np.int64],
    messages: pa.Array,
    rejects: list[tuple[int, str]],
    comments: int,
    state: str | None,
) -> Parsed:
    """What a parser makes of messages that stand in lines of these numbers, beside lines that are rejects or blank."""
    inner = parser.parse(Piece(data=joined_lines(messages), lines=len(numbers)), state)
    events = inner.events.set_column(
        inner.events.column_names.index("line"),
        "line",
        pa.array(numbers[inner.events["line"].to_numpy() - 1]),
    )
    told = zip(inner.rejects["line"].to_pylist(), inner.rejects["reason"].to_pylist(), strict=True)
    return Parsed(
        events=events,
        rejects=rejects_table([*rejects, *((int(numbers[line - 1]), reason) for line, reason in told)]),
        comments=comments + inner.comments,
        continued=inner.continued,
        state=inner.state,
    )
