"""Marks of all days in hand: which flags count which views and clients, once some were taken out of large entities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.marking.bits import COUNTS, HOLDS, OF_ENTITY, OF_THE_DAY
from whosaw.actors.marking.flagged import Flagged

__all__ = ["Client", "Kept", "Mark"]


@dataclass(frozen=True, slots=True)
class Client:
    """A client on one day, by the flags that count a view of it on that day and those of whose entity it is: what it is taken out of is told
    of all such clients alike."""

    day: frozenset[int]
    of_entity: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A set of flags, by position: `bits` of the views, and the client that made them."""

    bits: Mapping[int, int]
    client: Client


@dataclass
class Kept:
    """What is kept of all days, by kind of run, with the flags in the order of their turns. `clients`: by flag what those are alike in on a
    day of whom it holds or counts a view; of all others nothing can be taken out of it."""

    flags: Sequence[Flagged]
    runs: Mapping[str, pa.Table]
    marks: Mapping[bytes, Mark] = field(init=False)
    clients: Mapping[int, frozenset[Client]] = field(init=False)
    _taken: dict[Client, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        rows = self.runs["mark_flags"]
        keys = pa.array([flag.key for flag in self.flags], rows["flag"].type)
        place = pc.index_in(rows["flag"], keys)  # a mark of many days is the same one
        rows = pa.table({"mark": rows["mark"], "place": place, "bits": rows["bits"]}).filter(place.is_valid())
        alone = rows.group_by(rows.column_names, use_threads=False).aggregate([])
        found: dict[bytes, dict[int, int]] = defaultdict(dict)
        for mark, at, bits in zip(*(alone[name].to_pylist() for name in rows.column_names), strict=True):
            found[mark][at] = bits
        known: dict[Client, Client] = {}
        holders: dict[int, set[Client]] = defaultdict(set)
        marks = {}
        for mark, of_mark in found.items():
            alike = Client(
                frozenset(at for at, bits in of_mark.items() if bits & OF_THE_DAY),
                frozenset(at for at, bits in of_mark.items() if bits & OF_ENTITY),
            )
            client = known.setdefault(alike, alike)  # one of each, for most of them are of many marks
            held = {at: bits for at, bits in of_mark.items() if bits & HOLDS}
            marks[mark] = Mark(held, client)
            for at in held.keys() | client.day:
                holders[at].add(client)
        self.marks = marks
        self.clients = {at: frozenset(of) for at, of in holders.items()}

    @cached_property
    def told_clients(self) -> tuple[Sequence[Client], pa.Table]:
        """What clients of a day are alike in, and the rows of `marked_clients` that a flag counts a view of, with the place of that (`alike`)."""
        alike = list(dict.fromkeys(its.client for its in self.marks.values()))
        number = {client: at for at, client in enumerate(alike)}
        rows = self.runs["marked_clients"]
        own = pa.array([number[its.client] for its in self.marks.values()], pa.int32())
        place = pc.index_in(rows["mark"], pa.array(list(self.marks), rows["mark"].type))
        told = rows.append_column("alike", own.take(place.combine_chunks())).filter(place.is_valid())
        return alike, told

    def take_out(self, flag: int, client: Client) -> None:
        """Such clients are of that flag no longer."""
        self._taken[client].add(flag)

    def holding(self, mark: bytes) -> dict[int, int]:
        """The flags that hold views of this mark, with their bits."""
        known = self.marks.get(mark)
        if known is None:
            return {}
        taken = self._taken.get(known.client, ())
        return {at: bits for at, bits in known.bits.items() if at not in taken}

    def counting(self, mark: bytes) -> frozenset[int]:
        """The flags that count views of this mark."""
        return frozenset(at for at, bits in self.holding(mark).items() if bits & COUNTS)

    def of_day(self, mark: bytes) -> frozenset[int]:
        """The flags that clients of this mark belong to on their day."""
        known = self.marks.get(mark)
        return frozenset() if known is None else self.left(known.client)

    def left(self, client: Client) -> frozenset[int]:
        """The flags that count a view of such a client on its day, but for those it was taken out of."""
        return client.day - self._taken.get(client, frozenset())
