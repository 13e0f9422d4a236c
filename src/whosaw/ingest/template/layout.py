"""Turns the tokens of a template into what the two paths need: columns for the splitter, expressions for
the rest; and the texts of the slots, which either path hands on.

The splitter cuts a line at spaces outside quotes. A template fits it where every column is literal text,
one slot, or a small mix of both, and quotes stand only around whole columns. All other templates use the
slow path alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.ingest.times.read import time_regex

from .tokens import ENDINGS, Slot, Token

__all__ = ["Column", "Layout", "RawRows", "layout_of"]

# slots whose values may hold spaces outside quotes, so that cutting at spaces tells nothing
_OPEN = frozenset({"free", "request", "audit"})
_BARE = {
    "status": r"\d{1,3}|-",
    "bytes": r"\d+|-1?",
    "rows": r"\d+|-",
    "duration": r"-?\d+(?:\.\d+)?|-",
    "address": r"[^ \t\r\n\"\[\]]+",
    "address_port": r"[^ \t\r\n\"]+",
    "port": r"\d{1,5}",
    "ident": r"-|[A-Za-z_][A-Za-z0-9_-]*",
}
# a host is no number, such as the day in the header of syslog
_HOST_NAME, _NAME = Slot(kind="host", argument="name"), r"-|[^ ]*[^ 0-9][^ ]*"


_APART = re.compile(r'[\s"]+')
_ESCAPED = r'(?:[^"\\]|\\.)*?'
# quotes that were not escaped are taken for part of a value where no space is beside them; `" "` ends a value
_LOOSE = _ESCAPED + r'|(?:[^"]*[^" ](?:"[^" ](?:[^"]*[^" ])?)*"[^" ][^"]*|[^"]*)'


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the splitter. `slots` are positions in the layout's slots.

    `literal` is text the column must equal; `pattern` is an expression with one group per slot; with
    neither, the whole column is the value of its one slot. `width` is 2 for a time that holds a space; then
    `pattern` is None and `prefix` and `suffix` stand around it. Groups are named `s` and the number of the
    slot."""

    slots: tuple[int, ...]
    literal: str | None = None
    pattern: str | None = None
    width: int = 1
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A template made ready. `columns` is None where the splitter cannot serve it. `strict` demands that
    quotes in quoted values are escaped, `lenient` does not. `ending` is one of ENDINGS where the line
    goes on after the last column, else empty."""

    slots: tuple[Slot, ...]
    columns: tuple[Column, ...] | None
    strict: str
    lenient: str
    ending: str
    closed: bool = False
    """Whether a line ends with a quote, which the splitter, taking quotes off, does not see."""
    words: tuple[bytes, ...] = ()
    """What stands in every line that either path reads."""
    time: bytes = b""
    """An expression that each such line fits somewhere: its time, and where that comes first, that it does; nothing where it has none."""


def layout_of(tokens: tuple[Token, ...]) -> Layout:
    """The layout. Raises `WhosawError` for a template without slots or with text after its ending."""
    slots = tuple(token for token in tokens if isinstance(token, Slot))
    if not slots:
        raise WhosawError("template.empty", "the template holds no value")
    endings = [at for at, token in enumerate(tokens) if isinstance(token, Slot) and token.kind in ENDINGS]
    if endings and endings != [len(tokens) - 1]:
        raise WhosawError(
            "template.ending", "{pairs}, {rest} and {tail} can only stand at the end of a template"
        )
    ending = slots[-1].kind if endings else ""
    return Layout(
        slots=slots,
        columns=_columns(tokens, ending),
        strict=_expression(tokens, strict=True),
        lenient=_expression(tokens, strict=False),
        ending=ending,
        closed=isinstance(tokens[-1], str) and tokens[-1].endswith('"'),
        words=_words(tokens),
        time=_time(tokens),
    )


def _time(tokens: tuple[Token, ...]) -> bytes:
    """Its expression; quotes about a value, which the splitter takes off, may stand there or not."""
    for at, token in enumerate(tokens):
        if isinstance(token, Slot) and token.kind == "time":
            time = f"(?s:{time_regex(token.argument)})"
            after = tokens[at + 1] if at + 1 < len(tokens) else ""
            if at == 0 and isinstance(after, str) and not _APART.match(after):
                time = rf"(?:\A|\n)(?:\xef\xbb\xbf)?[\s\"]*{time}\"?{re.escape(after[:1])}"
            elif at == 0:
                time = rf"(?:\A|\n)(?:\xef\xbb\xbf)?[\s\"]*{time}[\s\"]"
            return time.encode("latin-1")
    return b""


def _words(tokens: tuple[Token, ...]) -> tuple[bytes, ...]:
    """Literal text without quotes and blanks, about which the two paths differ."""
    texts = [word for token in tokens if isinstance(token, str) for word in _APART.split(token)]
    return tuple(dict.fromkeys(word.encode() for word in texts if word and "\\" not in word))


def _expression(tokens: tuple[Token, ...], *, strict: bool) -> str:
    """An RE2 expression for the whole line, line end included, with one group per slot in order."""
    parts = [r"\A(?s:"]
    number = 0
    for at, token in enumerate(tokens):
        if isinstance(token, str):
            text = token.rstrip(" ") if at == len(tokens) - 2 and _ends(tokens) else token
            parts.append(re.escape(text))
            continue
        before = tokens[at - 1] if at and isinstance(tokens[at - 1], str) else ""
        after = tokens[at + 1] if at + 1 < len(tokens) and isinstance(tokens[at + 1], str) else ""
        parts.append(f"(?P<s{number}>{_inside(token, str(before), str(after), strict)})")
        number += 1
    return "".join(parts) + r")\r?\n?\z"


def _ends(tokens: tuple[Token, ...]) -> bool:
    last = tokens[-1]
    return isinstance(last, Slot) and last.kind in ENDINGS


def _inside(token: Slot, before: str, after: str, strict: bool) -> str:
    quoted = before.endswith('"') and after.startswith('"')
    if token.kind in ENDINGS:
        return r"(?: .*?)?"
    if token.kind == "time":
        return time_regex(token.argument)
    if token == _HOST_NAME:
        return _NAME
    if token.kind in _BARE:
        return _BARE[token.kind]
    if quoted or token.kind == "request":
        return _ESCAPED if strict else _LOOSE
    if token.kind == "principal":
        # may hold spaces, but "- x" is two values
        return r"[^ \t\r\n]+" if strict else r"-|[^- \r\n](?:[^\r\n]*?[^ \r\n])?"
    if token.kind in ("free", "audit") or token.open:
        return r".*?"
    return r"[^ \t\r\n]*?"


def _columns(tokens: tuple[Token, ...], ending: str) -> tuple[Column, ...] | None:
    cut = _cut(tokens[:-1] if ending else tokens)
    if cut is None:
        return None
    columns: list[Column] = []
    position = 0
    for parts in cut:
        found = [part for part in parts if isinstance(part, Slot)]
        here = tuple(range(position, position + len(found)))
        position += len(found)
        column = _column(parts, here)
        if column is None:
            return None
        columns.append(column)
    if ending and columns and columns[-1].literal == "":
        columns.pop()  # the space before the ending
    return tuple(columns)


def _cut(tokens: tuple[Token, ...]) -> list[list[Token]] | None:
    """The tokens of each column, quotes left in; None where a quote does not stand at the edge of a
    column."""
    cut: list[list[Token]] = [[]]
    inside = False
    for token in tokens:
        if isinstance(token, Slot):
            cut[-1].append(token)
            continue
        for char in token:
            if char in "\r\n\t":
                return None
            if char == " " and not inside:
                cut.append([])
                continue
            if char == '"':
                if not inside and cut[-1]:
                    return None
                inside = not inside
            elif cut[-1] and cut[-1][-1] == '"' and len(cut[-1]) > 1 and not inside:
                return None  # text after a closing quote
            if char != '"' and cut[-1] and isinstance(cut[-1][-1], str) and cut[-1][-1] != '"':
                cut[-1][-1] += char
            else:
                cut[-1].append(char)
    return None if inside else cut


def _column(parts: list[Token], here: tuple[int, ...]) -> Column | None:
    quoted = len(parts) >= 2 and parts[0] == '"' and parts[-1] == '"'
    inner = parts[1:-1] if quoted else parts
    if any(isinstance(part, str) and '"' in part for part in inner):
        return None
    slots = [part for part in inner if isinstance(part, Slot)]
    if not slots:
        return Column(slots=(), literal="".join(str(part) for part in inner))
    if not quoted and any(part.kind in _OPEN or part.open for part in slots):
        return None
    times = [part for part in slots if part.kind == "time"]
    if times and not quoted:
        if times[0].argument == "clf" and len(slots) == 1:
            at = inner.index(times[0])
            prefix, suffix = ("".join(str(part) for part in side) for side in (inner[:at], inner[at + 1 :]))
            return Column(slots=here, width=2, prefix=prefix, suffix=suffix)
        if times[0].argument == "syslog" or " " in times[0].argument:
            return None
    if len(inner) == 1 and slots[0].kind != "ident" and slots[0] != _HOST_NAME:
        return Column(slots=here)
    pattern = ""
    for part in inner:
        pattern += (
            re.escape(part) if isinstance(part, str) else f"(?P<s{here[slots.index(part)]}>{_inner(part)})"
        )
    return Column(slots=here, pattern=rf"\A(?s:{pattern})\z")


def _inner(part: Slot) -> str:
    if part.kind == "time":
        return time_regex(part.argument)
    return _NAME if part == _HOST_NAME else _BARE.get(part.kind, ".*?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """For some lines, the text (or number) of every slot. `rows` are positions of lines, ascending. `values` has an array per slot number; a slot that is read
    over has none. `zones` has the offset text of a time that came in two columns. `pairs` has the columns
    of a key=value tail by key, `tails` its text where it is still to be taken apart. `others` are
    pairs of single lines: one mapping per line, or none at all."""

    rows: npt.NDArray[np.int64]
    values: dict[int, pa.Array]
    zones: dict[int, pa.Array] = field(default_factory=dict)
    pairs: dict[str, pa.Array] = field(default_factory=dict)
    tails: pa.Array | None = None
    others: list[dict[str, str]] = field(default_factory=list)
