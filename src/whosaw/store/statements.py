"""Statements to the journal's database, written in Python, and the connection that runs them.

What of SQL the journal needs and no more, so that a command that only reads need not load a toolkit for every database. Names are
quoted and values bound, always. The SQL is what SQLite and PostgreSQL share; what differs stands in `Connection` and in
`postgres.PostgresConnection`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Final, NoReturn, TypeAlias

from .rows import Cursor, DatabaseFault, LostConnection, Result, Row

__all__ = [
    "BigInteger", "Boolean", "Column", "Connection", "Cursor", "DatabaseFault", "Element", "Float", "From", "Insert", "Integer", "Kind",
    "LostConnection", "Result", "Row", "Select", "String", "Table", "Text", "Value", "Write", "and_", "func", "null", "or_", "select",
    "text",
]  # fmt: skip

Value: TypeAlias = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column."""

    sql: str

    def __call__(self, size: int) -> Kind:
        return Kind(f"{self.sql}({size})")


Integer: Final = Kind("INTEGER")
BigInteger: Final = Kind("BIGINT")
String: Final = Kind("VARCHAR")
Text: Final = Kind("TEXT")
Float: Final = Kind("FLOAT")
Boolean: Final = Kind("BOOLEAN")


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A piece of SQL that has a value: its text, the values bound in it, and the tables that it speaks of."""

    sql: str
    values: tuple[Value, ...] = ()
    tables: tuple[Table, ...] = ()
    name: str = ""  # under which a row has it
    boolean: bool = False  # SQLite keeps these as 0 and 1
    nullable: bool = False  # rows without it come first, or last in descending order: servers differ in what they do by themselves

    def __bool__(self) -> NoReturn:
        raise TypeError("a comparison of columns is true or false in the database alone")

    def _with(self, operator: str, other: object) -> Element:
        more = other if isinstance(other, Element) else bound(other)
        return Element(
            f"{self.sql} {operator} {more.sql}", (*self.values, *more.values), (*self.tables, *more.tables)
        )

    def __eq__(self, other: object) -> Element:  # type: ignore[override]  # an expression, as in every builder of SQL
        return self.is_(None) if other is None else self._with("=", other)

    def __ne__(self, other: object) -> Element:  # type: ignore[override]
        return self.is_not(None) if other is None else self._with("<>", other)

    __hash__ = object.__hash__

    def __lt__(self, other: object) -> Element:
        return self._with("<", other)

    def __le__(self, other: object) -> Element:
        return self._with("<=", other)

    def __gt__(self, other: object) -> Element:
        return self._with(">", other)

    def __ge__(self, other: object) -> Element:
        return self._with(">=", other)

    def __add__(self, other: object) -> Element:
        return self._with("+", other)

    def __and__(self, other: Element) -> Element:
        return and_(self, other)

    def __or__(self, other: Element) -> Element:
        return or_(self, other)

    def __invert__(self) -> Element:
        return replace(self, sql=f"NOT ({self.sql})", name="")

    def is_(self, _: None) -> Element:
        return replace(self, sql=f"{self.sql} IS NULL", name="", boolean=False)

    def is_not(self, _: None) -> Element:
        return replace(self, sql=f"{self.sql} IS NOT NULL", name="", boolean=False)

    def like(self, pattern: str) -> Element:
        return self._with("LIKE", pattern)

    def startswith(self, beginning: str) -> Element:
        told = beginning.replace("/", "//").replace("%", "/%").replace("_", "/_")
        found = self._with("LIKE", f"{told}%")
        return replace(found, sql=f"{found.sql} ESCAPE '/'")

    def in_(self, choice: Iterable[Value] | Select) -> Element:
        if isinstance(choice, Select):
            inner, values, _ = choice.compiled()
            return Element(f"{self.sql} IN ({inner})", (*self.values, *values), self.tables)
        chosen = tuple(choice)
        if not chosen:
            return Element("1 = 0", (), self.tables)
        marks = ", ".join("?" for _ in chosen)
        return Element(f"{self.sql} IN ({marks})", (*self.values, *chosen), self.tables)

    def label(self, name: str) -> Element:
        return replace(self, sql=f"{self.sql} AS {quoted(name)}", name=name)

    def desc(self) -> Element:
        return replace(self, sql=f"{self.sql} DESC", name="")


def quoted(name: str) -> str:
    """A name of a table or column, as SQL has it whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def bound(value: Any) -> Element:
    """A value that goes to the database beside the text."""
    return Element("?", (value,))


def null() -> Element:
    """What is not there."""
    return Element("NULL")


def and_(*terms: Element) -> Element:
    """All of these."""
    return _joined(" AND ", terms)


def or_(*terms: Element) -> Element:
    """Any of these."""
    return _joined(" OR ", terms)


def _joined(word: str, terms: Sequence[Element]) -> Element:
    return Element(
        "(" + word.join(f"({term.sql})" for term in terms) + ")",
        tuple(value for term in terms for value in term.values),
        tuple(table for term in terms for table in term.tables),
    )


class func:  # noqa: N801  # a namespace, read like a module: func.max(column)
    """Aggregates."""

    @staticmethod
    def count() -> Element:
        return Element("count(*)", name="count")

    @staticmethod
    def max(column: Element) -> Element:
        return replace(column, sql=f"max({column.sql})", name="max")

    @staticmethod
    def min(column: Element) -> Element:
        return replace(column, sql=f"min({column.sql})", name="min")

    @staticmethod
    def sum(column: Element) -> Element:
        """Of whole numbers, which PostgreSQL would else make a decimal of."""
        return replace(column, sql=f"CAST(sum({column.sql}) AS BIGINT)", name="sum")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its table declares it."""

    name: str
    kind: Kind
    _: KW_ONLY
    primary_key: bool = False
    nullable: bool = True
    index: bool = False
    unique: bool = False
    default: Value = None  # of a row that does not say

    def ddl(self, kind: str) -> str:
        """The column as it is made, of the database's own `kind`."""
        must = " NOT NULL" if self.primary_key or not self.nullable else ""
        return f"{quoted(self.name)} {kind}{must}"


class Columns:
    """The columns of a table, by attribute or by name."""

    __slots__ = ("_by_name",)

    def __init__(self, by_name: Mapping[str, Element]) -> None:
        self._by_name = by_name

    def __getattr__(self, name: str) -> Element:
        try:
            return self._by_name[name]
        except KeyError:
            raise AttributeError(f"no column {name}") from None

    def __getitem__(self, name: str) -> Element:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Element]:
        return iter(self._by_name.values())


@dataclass(frozen=True, slots=True)
class From:
    """What rows are taken from: a table, or tables joined."""

    sql: str
    values: tuple[Value, ...]
    tables: tuple[Table, ...]

    def join(self, other: Table, on: Element) -> From:
        return self._joined("JOIN", other, on)

    def outerjoin(self, other: Table, on: Element) -> From:
        return self._joined("LEFT OUTER JOIN", other, on)

    def _joined(self, word: str, other: Table, on: Element) -> From:
        return From(
            f"{self.sql} {word} {other.source.sql} ON {on.sql}",
            (*self.values, *on.values),
            (*self.tables, other),
        )


class Table:
    """A table, or the same table under another name."""

    __slots__ = ("_as", "c", "columns", "name", "source")

    def __init__(self, name: str, *columns: Column, alias: str = "") -> None:
        self.name, self.columns, self._as = name, columns, alias or name
        shown = f"{quoted(name)} AS {quoted(alias)}" if alias else quoted(name)
        self.source = From(shown, (), (self,))
        self.c = Columns(
            {
                each.name: Element(
                    f"{quoted(self._as)}.{quoted(each.name)}",
                    tables=(self,),
                    name=each.name,
                    boolean=each.kind is Boolean,
                    nullable=each.nullable and not each.primary_key,
                )
                for each in columns
            }
        )

    @property
    def number(self) -> Column | None:
        """The column that numbers rows: the key, where it is one whole number."""
        keys = [each for each in self.columns if each.primary_key]
        return keys[0] if len(keys) == 1 and keys[0].kind is Integer else None

    def alias(self, name: str) -> Table:
        return Table(self.name, *self.columns, alias=name)

    def join(self, other: Table, on: Element) -> From:
        return self.source.join(other, on)

    def outerjoin(self, other: Table, on: Element) -> From:
        return self.source.outerjoin(other, on)

    def select(self) -> Select:
        return select(self)

    def insert(self) -> Insert:
        return Insert(table=self)

    def update(self) -> Write:
        return Write(table=self, verb="UPDATE")

    def delete(self) -> Write:
        return Write(table=self, verb="DELETE FROM")

    def create(self, connection: Connection) -> None:
        """Make the table, where it is not there yet, with its indexes."""
        if connection.has_table(self.name):
            return
        parts = [each.ddl(connection.kind(each.kind)) for each in self.columns]
        key = ", ".join(quoted(each.name) for each in self.columns if each.primary_key)
        parts += [f"PRIMARY KEY ({key})"] if key else []
        parts += [f"UNIQUE ({quoted(each.name)})" for each in self.columns if each.unique]
        connection.run(f"CREATE TABLE {quoted(self.name)} ({', '.join(parts)})")
        for each in self.columns:
            if each.index:
                index = quoted(f"ix_{self.name}_{each.name}")
                connection.run(f"CREATE INDEX {index} ON {quoted(self.name)} ({quoted(each.name)})")

    def drop(self, connection: Connection) -> None:
        connection.run(f"DROP TABLE {quoted(self.name)}")


Compiled: TypeAlias = tuple[str, tuple[Value, ...], tuple[Element, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A question for rows. Where nothing says from what, they come from every table that it speaks of."""

    columns: tuple[Element, ...]
    source: From | None = None
    terms: tuple[Element, ...] = ()
    groups: tuple[Element, ...] = ()
    order: tuple[Element, ...] = ()
    most: int | None = None
    once: bool = False

    def select_from(self, source: Table | From) -> Select:
        return replace(self, source=source.source if isinstance(source, Table) else source)

    def join(self, other: Table, on: Element) -> Select:
        """The first other table of the columns, joined with this one."""
        first = next(table for column in self.columns for table in column.tables if table is not other)
        return replace(self, source=(self.source or first.source).join(other, on))

    def where(self, *terms: Element) -> Select:
        return replace(self, terms=(*self.terms, *terms))

    def group_by(self, *columns: Element) -> Select:
        return replace(self, groups=(*self.groups, *columns))

    def order_by(self, *columns: Element) -> Select:
        return replace(self, order=(*self.order, *columns))

    def limit(self, most: int) -> Select:
        return replace(self, most=most)

    def distinct(self) -> Select:
        return replace(self, once=True)

    def compiled(self) -> Compiled:
        """Its text, the values bound in it, and its columns."""
        source = self.source or self._implied()
        words = [
            "SELECT DISTINCT" if self.once else "SELECT",
            ", ".join(each.sql for each in self.columns),
            f"FROM {source.sql}",
            _where(self.terms),
            f"GROUP BY {', '.join(each.sql for each in self.groups)}" if self.groups else "",
            f"ORDER BY {', '.join(map(_in_order, self.order))}" if self.order else "",
            f"LIMIT {self.most:d}" if self.most is not None else "",
        ]
        parts: list[Element | From] = [*self.columns, source, *self.terms, *self.groups, *self.order]
        values = tuple(value for part in parts for value in part.values)
        return " ".join(word for word in words if word), values, self.columns

    def _implied(self) -> From:
        named = [table for each in (*self.columns, *self.terms) for table in each.tables]
        tables = tuple(dict.fromkeys(named))
        return From(", ".join(table.source.sql for table in tables), (), tables)


def _in_order(each: Element) -> str:
    if not each.nullable:
        return each.sql
    return f"{each.sql} NULLS LAST" if each.sql.endswith(" DESC") else f"{each.sql} NULLS FIRST"


def select(*wanted: Table | Element) -> Select:
    """Rows of these columns, or of all columns of a table."""
    columns = [tuple(each.c) if isinstance(each, Table) else (each,) for each in wanted]
    return Select(columns=tuple(column for some in columns for column in some))


def _where(terms: Sequence[Element]) -> str:
    return f"WHERE {' AND '.join(f'({term.sql})' for term in terms)}" if terms else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """A new row, or as many as are given when it is run."""

    table: Table
    row: Mapping[str, Value] = field(default_factory=dict)

    def values(self, **row: Value) -> Insert:
        return replace(self, row=row)

    def compiled(self, names: Sequence[str]) -> str:
        columns, marks = ", ".join(map(quoted, names)), ", ".join("?" for _ in names)
        return f"INSERT INTO {quoted(self.table.name)} ({columns}) VALUES ({marks})"

    def whole(self, row: Mapping[str, Any]) -> dict[str, Value]:
        """The row with what the table puts where nothing is said."""
        unknown = set(row) - {each.name for each in self.table.columns}
        if unknown:
            raise KeyError(f"{self.table.name} has no column {', '.join(sorted(unknown))}")
        defaults = {each.name: each.default for each in self.table.columns if each.default is not None}
        return {**defaults, **row}


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A change of rows that are there, or their end."""

    table: Table
    verb: str
    terms: tuple[Element, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)

    def where(self, *terms: Element) -> Write:
        return replace(self, terms=(*self.terms, *terms))

    def values(self, **changes: Any) -> Write:
        return replace(self, changes={**self.changes, **changes})

    def compiled(self) -> Compiled:
        sets = {
            self.table.c[name].name: value if isinstance(value, Element) else bound(value)
            for name, value in self.changes.items()
        }
        words = [
            f"{self.verb} {quoted(self.table.name)}",
            "SET " + ", ".join(f"{quoted(name)} = {each.sql}" for name, each in sets.items()) if sets else "",
            _where(self.terms),
        ]
        values = tuple(value for each in (*sets.values(), *self.terms) for value in each.values)
        return " ".join(word for word in words if word), values, ()


@dataclass(frozen=True, slots=True)
class _Raw:
    sql: str


def text(sql: str) -> _Raw:
    """SQL as it stands; `:name` is bound to what is given when it is run."""
    return _Raw(sql)


class Connection:
    """One connection to a SQLite file; what differs with a server is what `PostgresConnection` does otherwise."""

    __slots__ = ("_driver",)

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    @classmethod
    def open(cls, address: str) -> Connection:
        """The SQLite file at a `file:` address. Nothing is begun by itself."""
        driver = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=_PATIENCE
        )
        return cls(driver)

    def execute(
        self,
        statement: Select | Insert | Write | _Raw,
        given: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
    ) -> Result:
        """Run a statement; several rows may be given to an `Insert`."""
        if isinstance(statement, _Raw):
            return Result(self._named(statement.sql, given if isinstance(given, Mapping) else {}))
        if isinstance(statement, Insert):
            return self._insert(statement, [given] if isinstance(given, Mapping) else given)
        sql, values, columns = statement.compiled()
        return Result(self._ask(sql, values), columns)

    def _insert(self, statement: Insert, given: Sequence[Mapping[str, Any]]) -> Result:
        rows = [statement.whole(each) for each in given] or [statement.whole(statement.row)]
        names = list(rows[0])
        values = [[row[name] for name in names] for row in rows]
        return self._add(statement.table, statement.compiled(names), names, values)

    def _add(self, _table: Table, sql: str, _names: Sequence[str], rows: Sequence[Sequence[Value]]) -> Result:
        if len(rows) == 1:
            cursor = self._driver.execute(sql, rows[0])
            return Result(cursor, key=cursor.lastrowid)
        return Result(self._driver.executemany(sql, rows))

    def _ask(self, sql: str, values: Sequence[Value]) -> Cursor:
        """Run a statement in which `?` stands for each value."""
        return self._driver.execute(sql, values)

    def _named(self, sql: str, values: Mapping[str, Any]) -> Cursor:
        """Run a statement in which `:name` stands for the value of that name."""
        return self._driver.execute(sql, values)

    def stream(self, statement: Select) -> Result:
        """Rows of which there may be more than memory holds. Nothing else is run on this connection until they are read."""
        return self.execute(statement)

    def run(self, sql: str) -> Result:
        """Run what is no statement of rows: a table is made, a setting of the database told."""
        return Result(self._driver.execute(sql))

    def kind(self, kind: Kind) -> str:
        """What the database calls a type."""
        return kind.sql

    def prepare(self, *, writable: bool) -> None:
        """What every new connection to the file is told."""
        if writable:
            for setting in _DURABLE:
                self._driver.execute(f"PRAGMA {setting}")

    def faults(self) -> list[str]:
        """What the database's own check of what it keeps finds, at most ten; nothing where it is sound."""
        found = [str(row[0]) for row in self._driver.execute("PRAGMA integrity_check(10)")]
        return [] if found == ["ok"] else found

    def tables(self) -> list[str]:
        """The names of all tables, in order."""
        found = self._driver.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [str(row[0]) for row in found]

    def has_table(self, name: str) -> bool:
        found = self._driver.execute(
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?", [name]
        )
        return found.fetchone() is not None

    def begin(self, *, write: bool) -> None:
        """A transaction that reads the last number and then writes the next one must hold the write lock from its start: SQLite's own
        default takes it at the first write, after another process may have used that number."""
        self._driver.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def commit(self) -> None:
        self._driver.execute("COMMIT")

    def rollback(self) -> None:
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")

    @property
    def usable(self) -> bool:
        """Whether anything can still be asked on it."""
        return True

    def close(self) -> None:
        self._driver.close()


_DURABLE: Final = ("journal_mode = WAL", "synchronous = FULL")
_PATIENCE: Final = 10.0  # seconds that another writer is waited for
