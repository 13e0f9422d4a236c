"""What every parser of log lines promises, and the check that no line was lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from .canonical import CANONICAL, REJECTS, check_events

__all__ = [
    "ChunkText",
    "LineLostError",
    "Parsed",
    "Parser",
    "Piece",
    "empty_events",
    "rejects_table",
]


class ChunkText(Protocol):
    """The part of a chunk that a parser reads. `oversized_lines` are line numbers in the content, cut
    short."""

    @property
    def data(self) -> bytes: ...
    @property
    def first_line(self) -> int: ...
    @property
    def lines(self) -> int: ...
    @property
    def oversized_lines(self) -> Collection[int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text that stands alone, such as a sample or a test case, in the shape of a chunk. `broken` as in a chunk."""

    data: bytes
    first_line: int = 1
    lines: int
    oversized_lines: tuple[int, ...] = ()
    broken: Mapping[int, str] | None = None


class LineLostError(AssertionError):
    """A parser broke its promise. This is a fault of whosaw and never of the input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What became of one chunk.

    `events` and `rejects` ascend by line. `comments` counts blank and comment lines, `continued` counts the
    further lines of a record that spans several. `state` is text that the parser wants back with the next
    chunk of the same content (None at its start). `records` is the number of units where the unit is a
    record of a document and not a line."""

    events: pa.Table
    rejects: pa.Table
    comments: int = 0
    continued: int = 0
    state: str | None = None
    records: int | None = None

    def check(self, chunk: ChunkText) -> Parsed:
        """This object, after making sure that units = events + rejects + comments + continued."""
        units = chunk.lines if self.records is None else self.records
        told = self.events.num_rows + self.rejects.num_rows + self.comments + self.continued
        if told != units or min(self.comments, self.continued) < 0:
            raise LineLostError(
                f"{units} lines, but {self.events.num_rows} events + {self.rejects.num_rows} rejects"
                f" + {self.comments} comments + {self.continued} continued"
            )
        check_events(self.events)
        if self.rejects.schema != REJECTS:
            raise LineLostError("rejects have other columns than line and reason")
        events, rejects = _line_numbers(self.events), _line_numbers(self.rejects)
        for name, numbers in (("events", events), ("rejects", rejects)):
            if len(numbers) and (np.any(np.diff(numbers) <= 0) or numbers[0] < chunk.first_line):
                raise LineLostError(f"line numbers of {name} do not ascend from the first line on")
            if len(numbers) and numbers[-1] >= chunk.first_line + units:
                raise LineLostError(f"{name} name a line after the last one")
        if len(np.intersect1d(events, rejects, assume_unique=True)):
            raise LineLostError("a line is both an event and a reject")
        return self


def _line_numbers(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    numbers: np.ndarray[tuple[int], np.dtype[np.int64]] = table["line"].to_numpy()
    return numbers


class Parser(Protocol):
    """Turns chunks of one content into canonical events. Holds nothing between calls: what must be
    remembered is in `Parsed.state`, so any chunk can be parsed again from its bytes and that text.

    `stateful` says whether chunks must come in order, each with the state of the one before. `documents` are the kinds of
    document that the format may come in; none where the unit is always the line."""

    @property
    def id(self) -> str: ...
    @property
    def stateful(self) -> bool: ...
    @property
    def documents(self) -> tuple[str, ...]: ...

    def parse(self, chunk: ChunkText, state: str | None = None) -> Parsed: ...


def empty_events() -> pa.Table:
    """No events, with the two columns that every table of events has."""
    return pa.table({name: pa.array([], CANONICAL[name]) for name in ("line", "time")})


def rejects_table(rejects: list[tuple[int, str]]) -> pa.Table:
    """Rejects in line order. A reason names what is wrong and never quotes the line."""
    ordered = sorted(rejects)
    return pa.table(
        [
            pa.array([line for line, _ in ordered], pa.int64()),
            pa.array([why for _, why in ordered], pa.string()),
        ],
        schema=REJECTS,
    )
