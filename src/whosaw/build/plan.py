"""What a runner is set up with, and what it did."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from whosaw.core.canonical_json import canonical_json
from whosaw.store.journal import Journal
from whosaw.store.recent import Recent
from whosaw.store.run_files import RANGE_ROWS

from .fact import Fact
from .inputs import Surroundings
from .keys import rounded
from .row_digest import RowDigests
from .state import Runs, registered
from .step import Step

__all__ = ["Makings", "Outcome", "Plan"]

_SHARE_OF_RUNS = 8  # the memory, divided by it, holds runs that were read


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What was done, in days by step: made, and of these such that came out as they were; gone; how often a piece was cut because
    it did not fit; and days by fact that were learnt."""

    made: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    same: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gone: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cut: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    learnt: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    runs: Runs | None = field(default=None, compare=False)
    """The runs there are, where a round made any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Makings:
    """Steps and facts, each behind all that it reads, and what they are made with, wherever that is. `program` changes with the code of
    any of them and with any field of items that one of them named."""

    around: Surroundings
    digests: RowDigests
    makers: Mapping[str, Step | Fact]
    code: Mapping[str, str]
    items: Mapping[str, Any]
    program: str
    keepers: Mapping[str, str]  # kind -> the step that keeps it
    edges: Mapping[str, frozenset[int]]  # by kind, of how many hours somebody reads the edges of a day
    threads: int
    memory_bytes: int
    range_rows: int

    @property
    def steps(self) -> list[Step]:
        return [each for each in self.makers.values() if isinstance(each, Step)]

    @classmethod
    def with_items(
        cls,
        around: Surroundings,
        digests: RowDigests,
        makers: Sequence[Step | Fact],
        *,
        code: Mapping[str, str],
        setup: Any = None,
        threads: int = 1,
        memory_bytes: int = 1 << 30,
        range_rows: int = RANGE_ROWS,
        **named: Any,
    ) -> Self:
        """`code` has the digest of the code of each step and fact; `setup` is what their `items` are taken from."""
        placed = registered(makers)
        items = {
            name: None if each.items is None else rounded(each.items(setup)) for name, each in placed.items()
        }
        placed = {name: _settled(each, items[name]) for name, each in placed.items()}
        steps = [each for each in placed.values() if isinstance(each, Step)]
        edges: dict[str, frozenset[int]] = {}
        for read in (each for step in steps for each in step.reads):
            if read.hours:
                edges[read.kind] = edges.get(read.kind, frozenset()) | {read.hours}
        told = canonical_json([{name: code[name] for name in placed}, items])
        return cls(
            **named,
            around=replace(around, runs=Recent(memory_bytes // _SHARE_OF_RUNS)),
            digests=digests,
            makers=placed,
            code=code,
            items=items,
            program=hashlib.sha256(told).hexdigest(),
            keepers={kind: step.name for step in steps for kind in step.keeps},
            edges=edges,
            threads=threads,
            memory_bytes=memory_bytes,
            range_rows=range_rows,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Makings):
    """The same where what is made is committed."""

    journal: Journal

    @classmethod
    def of(
        cls,
        journal: Journal,
        around: Surroundings,
        digests: RowDigests,
        makers: Sequence[Step | Fact],
        *,
        code: Mapping[str, str],
        setup: Any = None,
        threads: int = 1,
        memory_bytes: int = 1 << 30,
        range_rows: int = RANGE_ROWS,
    ) -> Plan:
        """As `with_items`."""
        return cls.with_items(
            around,
            digests,
            makers,
            code=code,
            setup=setup,
            threads=threads,
            memory_bytes=memory_bytes,
            range_rows=range_rows,
            journal=journal,
        )


def _settled(maker: Step | Fact, items: Any) -> Step | Fact:
    """The step with what these items decide: how many hours of its neighbours it reads, and whether it gives numbers."""
    if isinstance(maker, Fact):
        return maker
    reads = [
        each if each.hours_of is None else replace(each, hours=each.hours_of(items), hours_of=None)
        for each in maker.reads
    ]
    in_order = maker.in_order or bool(maker.in_order_of and maker.in_order_of(items))
    return replace(maker, reads=tuple(reads), in_order=in_order, in_order_of=None)
