"""A context folder as rows that say nothing of anybody: keyed digests for identifiers, instants for times.

Whether the ledger knows an identifier is asked later, when its number is needed. So a row is the same before and after the ledger met
whom it names, and is not read again for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.context import load_context
from whosaw.actors.context_schema import RESOLVED, table_schemas
from whosaw.actors.context_values import only_said
from whosaw.store.segment_clients import networks_of

from .context_rows import HELD, Stated

__all__ = [
    "ALIKE",
    "CLAIMS",
    "DIGEST",
    "Digests",
    "Knows",
    "ReadContext",
    "Spellings",
    "Unmet",
    "digested_schema",
    "read_context",
]

DIGEST: Final = pa.binary(16)
ALIKE: Final = "alike"  # the kind of texts of which only matters whether two are the same


CLAIMS: Final = "claims"
"""Which person a principal claims to be: what the ledger knows by itself, and is met by rows as the context is."""
NETWORK: Final = "network"
_OF_LOGINS: Final = (pa.field(NETWORK, DIGEST),)
"""What stands beside a login: the network of its address, where the ledger knows that address."""


class Knows(Protocol):
    """Whether the ledger knows identifiers of a kind, by digests (null: none), under any of their spellings; beside each other."""

    def __call__(self, kind: str, digests: Sequence[pa.Array]) -> pa.Array: ...


class Digests(Protocol):
    """Keyed digests of texts of a kind of identifier (or `ALIKE`), 16 bytes each, beside each other: under each spelling by which the
    ledger may know them, the likeliest first. Null for what cannot be spelled so, but never under the first."""

    def __call__(self, kind: str, texts: pa.Array) -> Sequence[pa.Array]: ...


Spellings = pa.schema([("kind", pa.string()), ("digest", DIGEST), ("rank", pa.int32()), ("spelled", DIGEST)])
Unmet = pa.schema([("address", DIGEST), (NETWORK, DIGEST)])
"""Addresses that the ledger does not know, with the network of each: it stands in a login as soon as it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """The tables that were given, with the columns of `digested_schema`; `spellings`: further digests by which the ledger may know
    somebody; `unmet`: addresses that it does not know yet; `stated`: what holds of all of it."""

    tables: Mapping[str, pa.Table]
    spellings: pa.Table
    stated: Stated
    unmet: pa.Table = field(default_factory=Unmet.empty_table)
    notes: tuple[str, ...] = ()


def digested_schema(name: str) -> pa.Schema:
    """The columns of a table with digests; of `CLAIMS`, which no folder has, numbers."""
    if name == CLAIMS:
        return pa.schema([("principal", pa.int64()), ("person", pa.int64())])
    kinds = {each.name: each.kind for each in table_schemas()[name].columns}
    special = {"principals": pa.list_(DIGEST), ALIKE: DIGEST, **dict.fromkeys(RESOLVED, DIGEST)}
    columns = [
        pa.field(each.name, special.get(kinds[each.name], each.type)) for each in table_schemas()[name].stored
    ]
    return pa.schema([*columns, *(_OF_LOGINS if name == "logins" else ())])


def read_context(
    folder: Path | None,
    digests: Digests,
    *,
    zone: tzinfo | None = None,
    knows: Knows | None = None,
    none: Sequence[str] = (),
) -> ReadContext:
    """Read every table of `folder`; faults are those of `load_context`, all at once. What the ledger `knows` of whom rows name stands in
    them where rules go by it, so that a row is another one once the ledger met somebody."""
    codes = _Codes(digests, knows)
    context = load_context(folder, codes, zone=zone, same=codes.alike, none=none)
    tables = {name: codes.digested(name, table.rows) for name, table in context.tables.items()}
    # whether the ledger holds data of whom a login was for is told of all of them together: in its row it would make every day again that
    # meets it, once somebody is seen
    held = (
        {"logins": codes.with_held(tables["logins"], context.tables["logins"].rows)}
        if "logins" in tables
        else {}
    )
    stated = Stated.of(
        {**tables, **held},
        wall=context.wall,
        sessions_last=context.sessions_last,
        logins_from=context.logins_from,
        logins_until=context.logins_until,
        logins_late=context.logins_late,
        lacking=context.lacking,
        partial=context.partial,
    )
    return ReadContext(
        tables=tables, spellings=codes.spellings(), stated=stated, unmet=codes.unmet(), notes=context.notes
    )


class _Codes:
    """Numbers texts as they come, and keeps the digest of each instead of the text."""

    def __init__(self, digests: Digests, knows: Knows | None) -> None:
        self._digests, self._knows = digests, knows
        self._known: dict[str, list[pa.Array]] = {}
        self._held: list[pa.Array] = []
        self._networks: list[pa.Array] = []
        self._unmet = [Unmet.empty_table()]
        self._spelled: list[pa.Table] = []

    def __call__(self, kind: str, texts: pa.Array) -> pa.Array:
        before = sum(map(len, self._known.setdefault(kind, [])))
        own, *others = (each.cast(DIGEST) for each in self._digests(kind, texts.cast(pa.string())))
        self._known[kind].append(own)
        if kind == "person":
            self._held.append(self._known_to_the_ledger(kind, [own, *others]))
        if kind == "address":
            self._networks.append(self._networks_of(texts.cast(pa.string()), own))
        for rank, other in enumerate(others, start=1):
            differs = pc.equal(
                pc.not_equal(own.cast(pa.binary()), other.cast(pa.binary())), pa.scalar(value=True)
            )
            found = [own.filter(differs), other.filter(differs)]
            count = len(found[0])
            self._spelled.append(
                pa.table(
                    [
                        pa.array([kind] * count, pa.string()),
                        found[0],
                        pa.array([rank] * count, pa.int32()),
                        found[1],
                    ],
                    schema=Spellings,
                )
            )
        return pa.array(np.arange(before, before + len(texts)))

    def _known_to_the_ledger(self, kind: str, digests: Sequence[pa.Array]) -> pa.Array:
        return pa.nulls(len(digests[0]), pa.bool_()) if self._knows is None else self._knows(kind, digests)

    def _networks_of(self, addresses: pa.Array, digests: pa.Array) -> pa.Array:
        texts = networks_of(addresses)
        (told,) = self._digests("network", pc.fill_null(texts, ""))
        known = pc.fill_null(self._known_to_the_ledger("address", [digests]), fill_value=False)
        unmet = pc.and_not(texts.is_valid(), known)
        self._unmet.append(pa.table([digests.filter(unmet), told.cast(DIGEST).filter(unmet)], schema=Unmet))
        known = pc.and_(texts.is_valid(), known)
        return pc.if_else(known, told.cast(DIGEST), pa.scalar(None, DIGEST))

    def unmet(self) -> pa.Table:
        """Each address once, in order."""
        return pa.concat_tables(self._unmet).group_by(Unmet.names).aggregate([]).sort_by("address")

    def alike(self, texts: pa.Array) -> pa.Array:
        distinct = texts.unique().drop_null()
        said = only_said(distinct)
        codes = self(ALIKE, pc.fill_null(said, ""))
        codes = pc.if_else(said.is_valid(), codes, pa.scalar(None, pa.int64()))
        return codes.take(pc.index_in(texts, value_set=distinct))

    def digested(self, name: str, rows: pa.Table) -> pa.Table:
        kinds = {each.name: each.kind for each in table_schemas()[name].columns}
        schema = digested_schema(name)
        columns = [self._column(kinds[each], rows[each].combine_chunks()) for each in rows.schema.names]
        if name == "logins":
            networks = pa.concat_arrays([pa.nulls(0, DIGEST), *self._networks])
            columns.append(networks.take(rows["address"].combine_chunks()))
        return pa.table(columns, schema=schema)

    def with_held(self, logins: pa.Table, rows: pa.Table) -> pa.Table:
        """Digested logins with whether the ledger holds data of whom each was for."""
        held = pa.concat_arrays([pa.nulls(0, pa.bool_()), *self._held])
        return logins.append_column(HELD, held.take(rows["subject"].combine_chunks()))

    def _column(self, kind: str, codes: pa.Array) -> pa.Array:
        if kind == "principals":
            told = self._column("principal", codes.flatten())
            lengths = pc.fill_null(pc.list_value_length(codes), 0).to_numpy()
            offsets = pa.array(np.append(0, np.cumsum(lengths)).astype(np.int32))
            return pa.ListArray.from_arrays(offsets, told, mask=codes.is_null())
        if kind not in RESOLVED and kind != ALIKE:
            return codes
        known = self._known.get(kind)
        return pa.concat_arrays(known).take(codes) if known else pa.nulls(len(codes), DIGEST)

    def spellings(self) -> pa.Table:
        """Each once, whichever table and row came first."""
        if not self._spelled:
            return Spellings.empty_table()
        every = pa.concat_tables(self._spelled).group_by(Spellings.names).aggregate([])
        return every.select(Spellings.names).sort_by(
            [(name, "ascending") for name in ("kind", "rank", "digest", "spelled")]
        )
