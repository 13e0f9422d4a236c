"""The fixed SQL statements of this package, each in a file of its own."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["explaining_statement"]


@cache
def explaining_statement(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (files("whosaw.actors.explaining") / "sql" / f"{name}.sql").read_text("utf-8")
