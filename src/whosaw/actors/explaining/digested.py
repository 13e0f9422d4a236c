"""A context folder as rows that say nothing of anybody: keyed digests for identifiers, instants for times.

Whether the ledger knows an identifier is asked later, when its number is needed. So a row is the same before and after the ledger met
whom it names, and is not read again for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.context import load_context
from whosaw.actors.context_schema import RESOLVED, table_schemas
from whosaw.actors.context_values import only_said

__all__ = ["ALIKE", "DIGEST", "Digests", "ReadContext", "Spellings", "digested_schema", "read_context"]

DIGEST: Final = pa.binary(16)
ALIKE: Final = "alike"  # the kind of texts of which only matters whether two are the same


class Digests(Protocol):
    """Keyed digests of texts of a kind of identifier (or `ALIKE`), 16 bytes each, beside each other: under each spelling by which the
    ledger may know them, the likeliest first. Null for what cannot be spelled so, but never under the first."""

    def __call__(self, kind: str, texts: pa.Array) -> Sequence[pa.Array]: ...


Spellings = pa.schema([("kind", pa.string()), ("digest", DIGEST), ("rank", pa.int32()), ("spelled", DIGEST)])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """The tables that were given, with the columns of `digested_schema`; `spellings`: further digests by which the ledger may know
    somebody; the rest as the user stated it."""

    tables: Mapping[str, pa.Table]
    spellings: pa.Table
    wall: tuple[tuple[int, int], ...] = ((0, 0),)
    sessions_last: int | None = None
    logins_from: int | None = None
    logins_until: int | None = None
    notes: tuple[str, ...] = ()


def digested_schema(name: str) -> pa.Schema:
    """The columns of a table with digests."""
    kinds = {each.name: each.kind for each in table_schemas()[name].columns}
    special = {"principals": pa.list_(DIGEST), ALIKE: DIGEST, **dict.fromkeys(RESOLVED, DIGEST)}
    return pa.schema(
        [
            pa.field(each.name, special.get(kinds[each.name], each.type))
            for each in table_schemas()[name].stored
        ]
    )


def read_context(folder: Path, digests: Digests, *, zone: tzinfo | None = None) -> ReadContext:
    """Read every table of `folder`; faults are those of `load_context`, all at once."""
    codes = _Codes(digests)
    context = load_context(folder, codes, zone=zone, same=codes.alike)
    return ReadContext(
        tables={name: codes.digested(name, table.rows) for name, table in context.tables.items()},
        spellings=codes.spellings(),
        wall=context.wall,
        sessions_last=context.sessions_last,
        logins_from=context.logins_from,
        logins_until=context.logins_until,
        notes=context.notes,
    )


class _Codes:
    """Numbers texts as they come, and keeps the digest of each instead of the text."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests
        self._known: dict[str, list[pa.Array]] = {}
        self._spelled: list[pa.Table] = []

    def __call__(self, kind: str, texts: pa.Array) -> pa.Array:
        before = sum(map(len, self._known.setdefault(kind, [])))
        own, *others = (each.cast(DIGEST) for each in self._digests(kind, texts.cast(pa.string())))
        self._known[kind].append(own)
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

    def alike(self, texts: pa.Array) -> pa.Array:
        distinct = texts.unique().drop_null()
        said = only_said(distinct)
        codes = self(ALIKE, pc.fill_null(said, ""))
        codes = pc.if_else(said.is_valid(), codes, pa.scalar(None, pa.int64()))
        return codes.take(pc.index_in(texts, value_set=distinct))

    def digested(self, name: str, rows: pa.Table) -> pa.Table:
        kinds = {each.name: each.kind for each in table_schemas()[name].columns}
        schema = digested_schema(name)
        return pa.table(
            [self._column(kinds[each], rows[each].combine_chunks()) for each in schema.names], schema=schema
        )

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
