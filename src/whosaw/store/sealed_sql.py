"""A session for statements that strangers write: it reads what it was given, and nothing else. No file, no network, no setting.

DuckDB itself refuses access to files and networks, loads no extension, sees no variable of the program, has no folder to spill to, and
takes no other setting afterwards (https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview). What it reads comes from
Arrow, which opens the ledger's files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from duckdb.func import FunctionNullHandling, PythonUDFType

from whosaw.core.errors import WhosawError

from .files import ContentStore
from .journal import Journal
from .ledger import files_by_kind, schema_of
from .sql import quote_name
from .written_instants import written

__all__ = ["GivenFunction", "SealedSql", "ledger_relation"]

_SEALED: Final = (
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",
    "SET python_scan_all_frames = false",
    "SET allow_community_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
_ROWS: Final = 10_000
Relation: TypeAlias = "pa.Table | ds.Dataset"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFunction:
    """A function from numbers to texts that statements may call. `takes`: the type of the numbers in SQL."""

    name: str
    of: Callable[[Sequence[int | None]], Sequence[str | None]]
    takes: str = "INTEGER"


class SealedSql:
    """The given relations, views on them, and functions, for one statement after another. Times are shown in `zone`."""

    def __init__(
        self,
        relations: Mapping[str, Relation],
        views: Mapping[str, str],
        functions: Sequence[GivenFunction],
        *,
        zone: str = "UTC",
        threads: int = 1,
        memory_bytes: int = 1 << 30,
    ) -> None:
        self._connection = duckdb.connect(
            ":memory:", config={"threads": threads, "memory_limit": f"{memory_bytes // (1 << 20)}MiB"}
        )
        for name, relation in relations.items():
            self._connection.register(name, relation)
        for each in functions:
            self._connection.create_function(
                each.name,
                _arrow(each.of),
                [each.takes],
                "VARCHAR",
                type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL,
            )
        for name, statement in views.items():
            self._connection.execute(f"CREATE VIEW {quote_name(name)} AS {statement}")
        try:
            self._connection.execute(f"SET TimeZone = '{zone.replace(chr(39), '')}'")
        except duckdb.Error as fault:
            raise WhosawError(
                "zone.unknown", f"{zone!r} is not a zone of SQL", hint="Use a name such as Africa/Nairobi"
            ) from fault
        for statement in _SEALED:
            self._connection.execute(statement)

    def ask(self, statement: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """The columns of one SELECT and its rows, as they are asked for. Raises `WhosawError` for anything else, and for what
        DuckDB refuses."""
        with _clearly():
            parsed = self._connection.extract_statements(statement)
        if len(parsed) != 1 or parsed[0].type != duckdb.StatementType.SELECT:
            raise WhosawError(
                "sql.not-a-question",
                "this is not one SELECT",
                hint="The ledger is read only; ask with one statement that begins with SELECT, WITH, FROM or DESCRIBE",
            )
        with _clearly():
            reader = self._connection.sql(statement).to_arrow_reader(_ROWS)
            return reader.schema, self._batches(reader)

    def _batches(self, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        with _clearly():
            yield from reader

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def ledger_relation(journal: Journal, files: ContentStore, kind: str, columns: Sequence[str]) -> ds.Dataset:
    """These columns of one table of the ledger, read from its files as they are asked for. What older files do not have is null."""
    whole = schema_of(kind)
    whole = pa.unify_schemas([whole, written(kind, whole)])
    schema = pa.schema([whole.field(name) for name in columns])
    paths = files_by_kind(journal, files)[kind]
    if not paths:
        return ds.dataset(schema.empty_table())
    return ds.dataset([str(path) for path in paths], schema=schema, format="parquet")


class _clearly:  # noqa: N801 a statement, as `suppress` is
    """Turn what the engine says into one line."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(fault, duckdb.OutOfMemoryException):
            raise WhosawError(
                "sql.no-memory",
                "the answer did not fit the memory that a question may use",
                hint="Ask for fewer rows, or sum them up",
            ) from fault
        if isinstance(fault, duckdb.PermissionException):
            raise WhosawError(
                "sql.sealed",
                "a question may open no file and no network",
                hint="Ask the views of the ledger alone",
            ) from fault
        if isinstance(fault, duckdb.Error):
            first = str(fault).strip().partition("\n")[0].rstrip(".!")
            raise WhosawError(
                "sql.refused", first, hint="`whosaw sql` alone lists views and columns"
            ) from fault


def _arrow(
    function: Callable[[Sequence[int | None]], Sequence[str | None]],
) -> Callable[[pa.Array], pa.Array]:
    def whole(numbers: pa.Array) -> pa.Array:
        return pa.array(function(numbers.to_pylist()), pa.string())

    return whole
