"""A whole context as it was kept: which files hold its rows, and what holds of all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.context_schema import table_schemas
from whosaw.actors.login_holes import HOURS, hours_of
from whosaw.core.canonical_json import canonical_json

from .context_rows import Stated
from .digested import CLAIMS, NETWORK, ReadContext, Spellings
from .keeping import MANY, Changes, KeptTable, Shelf, changes, kept, rows_kept
from .row_digests import LANES, row_digests

__all__ = ["RECORDED", "TABLES", "KeptContext", "keep_context", "met_since", "recorded", "spellings"]

TABLES: Final = (*sorted(table_schemas()), CLAIMS)
RECORDED: Final = pa.schema([("day", pa.int32()), ("of", pa.string()), *HOURS])
"""By day, in which hours logins were issued and tickets opened: of which table, and the columns of `login_holes.HOURS`."""
_TIMES: Final = (("logins", "time"), ("tickets", "opened"))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptContext:
    """`spellings` and `hours` are names of files; None: there is none of it."""

    tables: Mapping[str, KeptTable] = field(default_factory=dict)
    spellings: str | None = None
    hours: str | None = None
    stated: Stated = field(default_factory=Stated)

    @classmethod
    def of_text(cls, text: str) -> KeptContext:
        """From what `text` gave."""
        told = json.loads(text)
        tables = {name: KeptTable.of_json(each) for name, each in told["tables"].items()}
        stated = Stated.of_text(told["stated"])
        return cls(tables=tables, spellings=told["spellings"], hours=told["hours"], stated=stated)

    @property
    def text(self) -> str:
        """The same as JSON, one text for one thing."""
        tables = {name: each.as_json() for name, each in self.tables.items()}
        told = {
            "tables": tables,
            "spellings": self.spellings,
            "hours": self.hours,
            "stated": self.stated.text,
        }
        return canonical_json(told).decode()

    @property
    def files(self) -> frozenset[str]:
        """The files that it needs."""
        others = (each for each in (self.spellings, self.hours) if each is not None)
        return frozenset((*(file for each in self.tables.values() for file in each.files), *others))


def keep_context(
    shelf: Shelf, last: KeptContext, read: ReadContext | None, claims: pa.Table, key: bytes
) -> KeptContext:
    """What was read, kept after what was kept last: rows that stayed are not written again. `claims` are (principal, person). None: no
    context is given."""
    given = {} if read is None else dict(read.tables)
    given[CLAIMS] = claims
    tables = {}
    for name, rows in sorted(given.items()):
        before = last.tables.get(name, KeptTable())
        told, _ = changes(shelf, name, before, rows, key)
        tables[name], _ = kept(shelf, name, before, told)
    if read is None:
        return KeptContext(tables=tables)
    hours = recorded(read)
    return KeptContext(
        tables=tables,
        spellings=shelf.put(read.spellings) if read.spellings.num_rows else None,
        hours=shelf.put(hours) if hours.num_rows else None,
        stated=read.stated,
    )


def met_since(shelf: Shelf, last: KeptContext, met: pa.Table, claims: pa.Table, key: bytes) -> KeptContext:
    """What was kept of a context whose folder stayed as it was, once the ledger knows these addresses of it, too, each with its network:
    the same as if the folder was read again."""
    tables = dict(last.tables)
    before = tables.get(CLAIMS, KeptTable())
    tables[CLAIMS], _ = kept(shelf, CLAIMS, before, changes(shelf, CLAIMS, before, claims, key)[0])
    stated, logins = last.stated, tables.get("logins")
    told = None if logins is None else _with_networks(rows_kept(shelf, "logins", logins), met, key)
    if logins is not None and told is not None and told.any:
        tables["logins"], _ = kept(shelf, "logins", logins, told)
        stated = replace(stated, said=stated.said | {f"logins.{NETWORK}"})
    return replace(last, tables=tables, stated=stated)


def _with_networks(logins: pa.Table, met: pa.Table, key: bytes) -> Changes:
    """Logins without a network whose address is among these, and what takes their place."""
    places = pc.index_in(
        logins["address"].combine_chunks().cast(pa.binary()),
        met["address"].combine_chunks().cast(pa.binary()),
    )
    own = pc.and_(places.is_valid(), logins[NETWORK].combine_chunks().is_null())
    taken = logins.filter(own)
    networks = met[NETWORK].take(places.filter(own))
    rows = taken.drop_columns([*LANES, MANY])
    rows = rows.set_column(rows.schema.get_field_index(NETWORK), rows.schema.field(NETWORK), networks)
    high, low = row_digests("logins", rows, key)
    columns = [pa.array(high), pa.array(low), taken[MANY], *rows.columns]
    return Changes(added=pa.table(columns, schema=taken.schema), taken=taken)


def recorded(read: ReadContext) -> pa.Table:
    """The hours of what was read, in order."""
    parts = [RECORDED.empty_table()]
    for name, column in _TIMES:
        if name in read.tables:
            hours = hours_of(read.tables[name][column].drop_null().to_numpy())
            of = pa.array(np.full(hours.num_rows, name), pa.string())
            day = pc.cast(pc.floor(pc.divide(pc.cast(hours["hour"], pa.float64()), 24.0)), pa.int32())
            parts.append(pa.table([day, of, *hours.columns], schema=RECORDED))
    return pa.concat_tables(parts).sort_by([("day", "ascending"), ("of", "ascending"), ("hour", "ascending")])


def spellings(shelf: Shelf, context: KeptContext) -> pa.Table:
    """The further digests by which the ledger may know somebody."""
    return (
        Spellings.empty_table() if context.spellings is None else shelf.get(context.spellings).cast(Spellings)
    )
