"""A whole context as it was kept: which files hold its rows, and what holds of all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.context_schema import table_schemas
from whosaw.actors.login_holes import HOURS, hours_of
from whosaw.core.canonical_json import canonical_json

from .context_rows import Stated
from .digested import CLAIMS, ReadContext, Spellings
from .keeping import KeptTable, Shelf, changes, kept

__all__ = ["RECORDED", "TABLES", "KeptContext", "keep_context", "recorded", "spellings"]

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
