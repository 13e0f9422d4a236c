"""What a statement gave, whichever database was asked, and what goes wrong with one that is a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Protocol

__all__ = ["Cursor", "DatabaseFault", "LostConnection", "Result", "Row"]


class DatabaseFault(Exception):  # noqa: N818  # what sqlite3.Error is for SQLite
    """The server of the database refused, in words without values."""


class LostConnection(DatabaseFault):
    """The server is not there, or no longer. What was not committed is gone."""


class Row(tuple[Any, ...]):
    """A row whose values have the names of their columns."""

    __slots__ = ()
    names: ClassVar[tuple[str, ...]] = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[self.names.index(name)]
        except ValueError:
            raise AttributeError(f"no column {name}") from None


class Cursor(Protocol):
    """What the drivers of databases have in common."""

    @property
    def description(self) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def close(self) -> None: ...


class Told(Protocol):
    """What of a column a row needs: the name that it goes under, and whether it is true or false."""

    @property
    def name(self) -> str: ...

    @property
    def boolean(self) -> bool: ...


class Result:
    """What a statement gave. Rows come as they are asked for."""

    def __init__(self, cursor: Cursor, columns: Sequence[Told] = (), *, key: int | None = None) -> None:
        self._cursor, self._key = cursor, key
        names = tuple(each[0] for each in cursor.description or ())
        self._names = tuple(each.name for each in columns) or names
        self._flags = [at for at, each in enumerate(columns) if each.boolean]
        self._row: Callable[[Iterable[Any]], Row] = type(
            "Row", (Row,), {"names": self._names, "__slots__": ()}
        )

    def _tuples(self) -> Iterator[Sequence[Any]]:
        if not self._flags:
            yield from self._cursor
            return
        for found in self._cursor:
            row = list(found)
            for at in self._flags:
                row[at] = None if row[at] is None else bool(row[at])
            yield row

    def __iter__(self) -> Iterator[Row]:
        return map(self._row, self._tuples())

    def values(self) -> Iterator[Sequence[Any]]:
        """The rows without the names of their columns."""
        return self._tuples()

    def mappings(self) -> Iterator[dict[str, Any]]:
        names = self._names
        return (dict(zip(names, row, strict=True)) for row in self._tuples())

    def first(self) -> Row | None:
        found = next(iter(self), None)
        self._cursor.close()
        return found

    def scalar(self) -> Any:
        found = self.first()
        return None if found is None else found[0]

    def scalars(self) -> Iterator[Any]:
        return (row[0] for row in self._tuples())

    @property
    def key(self) -> int:
        """The number that a new row was given."""
        if self._key is None:
            raise RuntimeError("the database gave no key to a new row")
        return self._key
