"""What a step is: a pure function from runs, facts and fields of items to runs.

A step gives the same rows whether it is asked for a span of days at once or for its days one by one, in any order. It reads
nothing that it does not name, so that what it made holds for as long as nothing of that has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from whosaw.store.sql import Session

__all__ = ["Inputs", "Read", "Span", "Step"]

_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days that lie together: `first` to `last`, both among them, as days (UTC) since 1970."""

    first: int
    last: int

    def wider(self, back: int, on: int) -> Span:
        """With so many days before it and after it."""
        return Span(self.first - back, self.last + on)

    @property
    def start(self) -> int:
        """Its first instant, in microseconds since 1970 UTC."""
        return self.first * _DAY

    @property
    def end(self) -> int:
        """The first instant after it."""
        return (self.last + 1) * _DAY

    def __contains__(self, day: object) -> bool:
        return isinstance(day, int) and self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A kind of run that a step reads, from how many days before a day to how many after it. `hours`: of these neighbours no more
    than so many hours next to the day, of 0 none; `hours_of` says so of the items of the step. A step is not asked about a day for
    the rows of a kind that does not `ask`: what it reads for something else alone. `sifted`: neighbours are taken day by day and few of their
    rows or columns are held, so that eight of them weigh as one row in hand."""

    kind: str
    back: int = 0
    on: int = 0
    hours: int | None = None
    hours_of: Callable[[Any], int] | None = None
    asks: bool = True
    sifted: bool = False


class Inputs(Protocol):
    """What a step is given for a span."""

    def rows(self, kind: str, columns: list[str] | None = None, near: Span | None = None) -> pa.Table:
        """Rows of a kind that the step reads, `day` first, in the order of days and in each in its total order; of days of `near` alone,
        for not all that is read has to be in hand at once."""

    def each(self, kind: str) -> pa.Table:
        """Rows of a kind that the step reads, each once, in any order and without days; rows with lists may be there more often."""

    def fact(self, name: str, day: int) -> Any:
        """The value of a fact as of a day; None where nothing is known."""

    def digests(self, kind: str, numbers: pa.Array) -> pa.Array:
        """Keyed digests (16 bytes) of numbers of a kind of identifier, for orders and ties; of the number of a `content` what its file
        is told apart by (32 bytes)."""

    def numbers(self, kind: str, values: pa.Array) -> pa.Array:
        """Numbers for life of texts that are kept in clear, or, of clients, of digests; given now where one has none yet. A step that
        asks for any is `in_order`, and asks once for each day."""

    def texts(self, kind: str, numbers: pa.Array) -> pa.Array:
        """The texts, kept in clear, that have these numbers."""

    @property
    def items(self) -> Any:
        """The fields of items that the step named."""

    @property
    def memory_bytes(self) -> int:
        """How many bytes it may take. Where what it reads comes to more, it raises `MemoryError`, and is asked for fewer days."""

    @property
    def session(self) -> Session:
        """A database of its own, with the memory that the step asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. `reads` names kinds with their neighbours, `facts` what it asks of the whole, `keeps` what it makes. `items` gives
    the fields of items that decide its rows (a document in JSON's types), `memory` how many bytes it needs for so many rows.

    A kind that it keeps itself it may read of the days before, and is given as it was made. `join` puts together what it made of
    two halves of the persons of one day, where it can be asked about half of them; else a day that does not fit is told of.
    `in_order`: it gives numbers for life, so its days are made in their order, that the same ones are given however many threads
    there are; `in_order_of` says so of its items."""

    name: str
    reads: tuple[Read, ...]
    keeps: tuple[str, ...]
    run: Callable[[Inputs, Span], Mapping[str, pa.Table]]
    facts: tuple[str, ...] = ()
    items: Callable[[Any], Any] | None = None
    memory: Callable[[int], int] = lambda rows: 400 * rows + (64 << 20)
    join: Callable[[Sequence[Mapping[str, pa.Table]]], Mapping[str, pa.Table]] | None = None
    in_order: bool = False
    in_order_of: Callable[[Any], bool] | None = None

    @property
    def chain(self) -> bool:
        """Whether its days are made in their order: it reads what it kept itself on the days before, or gives numbers."""
        return self.in_order or any(read.kind in self.keeps for read in self.reads)
