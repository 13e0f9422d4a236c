r"""Lines of containers: what a runtime writes around each line of a program, which may be a line of another format.

CRI (containerd, CRI-O): `2025-11-24T10:00:00.123456789Z stdout F <line>`; a line in pieces has P for each piece but its last.
Docker (json-file): `{"log":"<line>\n","stream":"stdout","time":"…"}`; a piece has no line end. Pieces are of one stream; those
of the other may stand between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .lines import blank_lines, line_starts
from .parser import ChunkText, Parsed, Parser
from .template.slow_path import texts_of
from .template.syslog_wrapper import parsed_inside
from .text_wrapper import with_header

__all__ = ["CRI_HEADER", "NO_HEADER", "ContainerWrapped", "Runtime", "lines_in", "runtime_of"]

Runtime = Literal["cri", "docker"]
NO_HEADER: Final = "there is no header of a container"
TOO_LONG: Final = "the pieces of the line are longer than a line may be"
CRI_HEADER: Final = r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (?P<stream>stdout|stderr) (?P<tag>[FP](?::[^ \n]*)?) "
_CRI = rf"\A(?s:{CRI_HEADER}(?P<message>.*))\z"
_PARTS = ("time", "stream", "tag", "message")
_MOST_BYTES = 1 << 24  # of one line in pieces
_HEADED = re.compile(r"<\d{1,3}>|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d|\d{4}-\d\d-\d\dT")  # of syslog
_CRI_TEXT = re.compile(CRI_HEADER)
_CRI_LINE = re.compile(CRI_HEADER.encode())
_DOCKER_LINE = re.compile(rb'\{"log":"')
_MOST = 0.5


def runtime_of(sample: bytes) -> Runtime | None:
    """The runtime that wrote most lines of a sample."""
    lines = [line for line in sample.split(b"\n") if line]
    for name, mark in (("cri", _CRI_LINE), ("docker", _DOCKER_LINE)):
        if sum(mark.match(line) is not None for line in lines) > _MOST * len(lines):
            return "cri" if name == "cri" else "docker"
    return None


def lines_in(sample: bytes, runtime: Runtime) -> bytes:
    """The lines of the program in a sample of whole lines, objects of JSON with the time of the container; those in pieces are left out."""
    texts = (line.decode("utf-8", "backslashreplace") for line in sample.split(b"\n") if line.strip())
    whole = (_docker(text) if runtime == "docker" else _cri(text) for text in texts)
    lines = (
        with_header(text, {"time": time}) for time, stream, ends, text in whole if stream is not None and ends
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _cri(text: str) -> tuple[str, str | None, bool, str]:
    found = _CRI_TEXT.match(text)
    if found is None:
        return "", None, False, ""
    return found["time"], found["stream"], found["tag"] == "F", text[found.end() :].rstrip("\r")


class ContainerWrapped:
    """A parser for lines of another format in the log of a container. The inner line's own time is the event's time. `as_json`: the
    format inside is JSON, which gets the time of the container as `@before.time`; `as_syslog`: its lines have a header of syslog, and those that have none
    get one with the time of the container."""

    stateful = True  # a line in pieces may go on in the next chunk
    documents = ()

    def __init__(
        self, inner: Parser, id_: str, runtime: Runtime, *, as_json: bool = False, as_syslog: bool = False
    ) -> None:
        self._inner, self._id, self._runtime = inner, id_, runtime
        self._as_json, self._as_syslog = as_json, as_syslog

    @property
    def id(self) -> str:
        return self._id

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """Strip the headers, join pieces, parse the lines, and give the numbers of the chunk's lines back. A line in pieces has
        the number of its last one; the others are continued."""
        known = json.loads(state) if state else {}
        pending: dict[str, str] = known.get("pieces", {})
        starts = line_starts(chunk.data)
        waiting = np.ones(len(starts) - 1, dtype=bool)
        waiting[[line - chunk.first_line for line in chunk.oversized_lines]] = False
        blank = blank_lines(chunk.data, starts) & waiting
        rows = np.flatnonzero(waiting & ~blank)
        rejects = [(line, "the line is too long") for line in chunk.oversized_lines]
        whole: list[int] = []
        messages: list[str] = []
        pieces = 0
        for row, time, stream, ends, text in self._read(chunk.data, rows):
            if stream is None:
                rejects.append((chunk.first_line + row, NO_HEADER))
                continue
            before = pending.pop(stream, "")
            if len(before) + len(text) > _MOST_BYTES:
                rejects.append((chunk.first_line + row, TOO_LONG))
            elif ends:
                whole.append(row)
                line = before + text
                messages.append(self._with_time(line, time))
            else:
                pending[stream] = before + text
                pieces += 1
        parsed = parsed_inside(
            self._inner,
            np.array(whole, np.int64) + chunk.first_line,
            pa.array(messages, pa.string()),
            rejects,
            int(blank.sum()),
            known.get("inner"),
        )
        kept = {"inner": parsed.state, "pieces": pending, "lines": len(pending)}
        return Parsed(
            events=parsed.events,
            rejects=parsed.rejects,
            comments=parsed.comments,
            continued=parsed.continued + pieces,
            state=json.dumps(kept, sort_keys=True) if parsed.state or pending else None,
        )

    def _with_time(self, line: str, time: str) -> str:
        if self._as_json:
            return with_header(line, {"time": time})
        if self._as_syslog and not _HEADED.match(line):
            return f"{time} container app: {line}"
        return line

    def _read(
        self, data: bytes, rows: npt.NDArray[np.int64]
    ) -> Iterator[tuple[int, str, str | None, bool, str]]:
        """For each of the lines its time, its stream (None: it has no header), whether it ends a line, and the text."""
        texts = texts_of(data, rows)
        if self._runtime == "docker":
            for row, text in zip(rows.tolist(), texts.to_pylist(), strict=True):
                yield (row, *_docker(text))
            return
        found = pc.extract_regex(texts, _CRI)
        columns = (found.field(name).to_pylist() for name in _PARTS)
        fits = found.is_valid().to_pylist()
        for row, fit, time, stream, tag, message in zip(rows.tolist(), fits, *columns, strict=True):
            told = (row, time, stream, tag[:1] == "F", message.rstrip("\r\n"))
            yield told if fit else (row, "", None, False, "")


def _docker(text: str) -> tuple[str, str | None, bool, str]:
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return "", None, False, ""
    if not isinstance(entry, dict) or not isinstance(log := entry.get("log"), str):
        return "", None, False, ""
    line = log.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")
    ends = line.endswith("\n")
    # one entry is one line, so that an end within it is a sign like others
    return (
        str(entry.get("time", "")),
        str(entry.get("stream", "")),
        ends,
        line.rstrip("\r\n").replace("\n", "\\n"),
    )
