"""The reader of what cannot be read: every line is kept as a reject, so that nothing is lost or silently passed over."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from whosaw.core.errors import WhosawError

from .canonical import REJECTS
from .format_item import FormatItem
from .limits import beyond, too_rich
from .lines import line_starts, white_lines
from .parser import ChunkText, Parsed, Parser, empty_events

__all__ = ["NO_ZONE", "UNKNOWN", "ZoneGuard", "unknown_parser"]

UNKNOWN = FormatItem(id="unknown", title="No known format", kind="template", source="-")
NO_ZONE = "the time has no offset, and no zone was given"


class _Rejecting:
    id = UNKNOWN.id
    stateful = False
    documents = ()

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:  # noqa: ARG002  # the protocol's shape
        reason, starts = "no known format", line_starts(chunk.data)
        why = {}
        for row in np.flatnonzero(too_rich(np.diff(starts))).tolist():
            if (told := beyond(chunk.data[starts[row] : starts[row + 1]])) is not None:
                why[row + chunk.first_line] = f"{reason}: {told}"
        return _all_rejected(chunk, reason, why)


def _all_rejected(chunk: ChunkText, reason: str, why: Mapping[int, str] | None = None) -> Parsed:
    """Every line a reject but blank ones; `why` has the reasons of lines that have one of their own."""
    blank = white_lines(chunk.data, line_starts(chunk.data), b"\r\n")
    numbers = np.flatnonzero(~blank) + chunk.first_line
    reasons = (
        pa.array([why.get(number, reason) for number in numbers.tolist()], pa.string())
        if why
        else pa.repeat(pa.scalar(reason, pa.string()), len(numbers))
    )
    rejects = pa.table([pa.array(numbers, pa.int64()), reasons], schema=REJECTS)
    return Parsed(events=empty_events(), rejects=rejects, comments=int(blank.sum()))


def unknown_parser() -> Parser:
    """A parser that rejects every line that is not blank."""
    return _Rejecting()


class ZoneGuard:
    """A parser that keeps lines as rejects where their times need a zone that was not given, instead of refusing the file."""

    def __init__(self, inner: Parser | None, id_: str) -> None:
        self._inner, self._id = inner, id_

    @property
    def id(self) -> str:
        return self._id

    @property
    def stateful(self) -> bool:
        return self._inner is not None and self._inner.stateful

    @property
    def documents(self) -> tuple[str, ...]:
        return () if self._inner is None else self._inner.documents

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:
        """What the inner parser gives; rejects where it refuses for want of a zone."""
        if self._inner is None:
            return _all_rejected(chunk, NO_ZONE)
        try:
            return self._inner.parse(chunk, state)
        except WhosawError as fault:
            if fault.code != "time.no-zone":
                raise
            return _all_rejected(chunk, NO_ZONE)
