"""The reader of what cannot be read: every line is kept as a reject, so that nothing is lost or silently passed over."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.errors import WhosawError

from .canonical import REJECTS
from .format_item import FormatItem
from .lines import lines_of
from .parser import ChunkText, Parsed, Parser, empty_events

__all__ = ["NO_ZONE", "UNKNOWN", "ZoneGuard", "unknown_parser"]

UNKNOWN = FormatItem(id="unknown", title="No known format", kind="template", source="-")
NO_ZONE = "the time has no offset, and no zone was given"


class _Rejecting:
    id = UNKNOWN.id
    stateful = False

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed:  # noqa: ARG002  # the protocol's shape
        return _all_rejected(chunk, "no known format")


def _all_rejected(chunk: ChunkText, reason: str) -> Parsed:
    """Every line a reject but blank ones."""
    lines = lines_of(chunk.data)
    sizes = np.asarray(pc.binary_length(lines))
    short = np.flatnonzero(sizes <= 2)  # a line end alone, LF or CR LF, or one character and LF
    blank = np.zeros(len(lines), bool)
    blank[short] = [not lines[row].as_py().strip(b"\r\n") for row in short.tolist()]
    numbers = np.flatnonzero(~blank) + chunk.first_line
    rejects = pa.table(
        [pa.array(numbers, pa.int64()), pa.array([reason] * len(numbers), pa.string())], schema=REJECTS
    )
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
        return self._inner is not None and bool(getattr(self._inner, "stateful", True))

    @property
    def documents(self) -> tuple[str, ...]:
        names: tuple[str, ...] = getattr(self._inner, "documents", ())
        return names

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
