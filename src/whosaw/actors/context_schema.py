"""Which tables the context folder may hold, and under which names their columns may stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pyarrow as pa

from whosaw.core import client
from whosaw.core.errors import Fault, FaultsError
from whosaw.packs.items import item_files, shipped
from whosaw.packs.table import Table

__all__ = ["RESOLVED", "UNKNOWN", "Column", "Kind", "NoneOf", "TableSchema", "folded", "table_schemas"]

Kind = str  # one of KINDS
KINDS: Final[tuple[Kind, ...]] = (
    "time", "person", *client.NUMBERED, "text", "event", "private", "principals", "alike", "mark", "clock", "days",
)  # fmt: skip
UNKNOWN: Final = (
    -1
)  # an identifier is stated, and the ledger never met it; people and principals have numbers below that
RESOLVED: Final = frozenset(("person", *client.NUMBERED))


def folded(name: str) -> str:
    """A column name without case, spaces and punctuation: `Token-ID` and `token_id` are the same."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what its values are, and the folded names it is known by."""

    name: str
    kind: Kind
    required: bool
    end: bool  # a day without a time means the end of that day
    names: frozenset[str]

    @property
    def stored(self) -> pa.DataType | None:
        """Its type in the context relation; None when it is read but not kept."""
        if self.kind in ("event", "private"):
            return None
        if self.kind == "principals":
            return pa.list_(pa.int64())
        return pa.string() if self.kind == "text" else pa.int64()

    @property
    def sql_type(self) -> str:
        """The same for a statement that makes the relation."""
        return {"text": "VARCHAR", "principals": "BIGINT[]"}.get(self.kind, "BIGINT")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneOf:
    """What it means that there is none of a table, as people read it. `decides`: what asks it is answered as by a table without rows; else as if
    nobody had given it."""

    means: str
    decides: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """One table of the context folder."""

    name: str
    title: str
    files: frozenset[str]  # folded stems of files that hold it
    columns: tuple[Column, ...]
    needs_one_of: tuple[str, ...]
    words: Mapping[str, frozenset[str]]  # folded event words by meaning: issued, ended, failed
    none: NoneOf

    @property
    def stored(self) -> pa.Schema:
        return pa.schema(
            [(column.name, column.stored) for column in self.columns if column.stored is not None]
        )

    def with_words(self, more: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
        """The event words with those a user added."""
        meanings = sorted({*self.words, *more})
        return {
            m: self.words.get(m, frozenset()) | {folded(word) for word in more.get(m, ())} for m in meanings
        }


def _column(name: str, reader: Table) -> Column:
    kind = reader.text("kind", one_of=KINDS)
    column = Column(
        name=name,
        kind=next((known for known in KINDS if known == kind), "text"),
        required=reader.flag("required"),
        end=reader.flag("end"),
        names=frozenset(folded(each) for each in (name, *reader.texts("names"))),
    )
    reader.rest_unknown()
    return column


def _none(reader: Table) -> NoneOf:
    none = NoneOf(means=reader.text("means"), decides=reader.flag("decides"))
    reader.rest_unknown()
    return none


@cache
def table_schemas(folder: Path | None = None) -> Mapping[str, TableSchema]:
    """The tables by name, from `folder` or, when that is None, those shipped."""
    faults: list[Fault] = []
    schemas: dict[str, TableSchema] = {}
    for file in item_files([folder or shipped("context")], faults):
        reader = Table.of_item(file, faults)
        columns = reader.table("column", required=True)
        words = reader.table("words")
        schemas[reader.name] = TableSchema(
            name=reader.name,
            title=reader.text("title"),
            files=frozenset(folded(each) for each in reader.texts("files")),
            columns=tuple(_column(name, columns.table(name)) for name in columns.values),
            needs_one_of=reader.texts("needs_one_of", required=False),
            words={meaning: frozenset(map(folded, words.texts(meaning))) for meaning in words.values},
            none=_none(reader.table("none", required=True)),
        )
        reader.rest_unknown()
    if faults:
        raise FaultsError("context.schema-invalid", faults)
    return schemas
