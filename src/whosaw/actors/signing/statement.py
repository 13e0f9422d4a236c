"""The fixed SQL statements of this package, each in a file of its own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from whosaw.store.client_sql import with_columns

__all__ = ["statement"]


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql`, with the columns of a client where it asks for them."""
    return with_columns((files("whosaw.actors.signing") / "sql" / f"{name}.sql").read_text("utf-8"))
