"""Finds the columns of a context file, whatever they are called."""

from __future__ import annotations

from collections.abc import Mapping

from .context_file import TextTable
from .context_schema import Column, TableSchema, folded

__all__ = ["find_columns"]


def find_columns(
    text: TextTable, schema: TableSchema, stated: Mapping[str, str], notes: list[str]
) -> dict[str, str]:
    """Name in the file by name of column. What is missing or ambiguous is added to the faults of `text`."""
    found: dict[str, str] = {}
    if text.faults and not text.columns:
        return found
    taken: set[str] = set()
    for column in schema.columns:
        name = _one(text, column, stated.get(column.name), taken)
        if name is not None:
            found[column.name] = name
            taken.add(name)
        elif column.required:
            hint = f"It has {', '.join(text.columns) or 'no columns'}; name the right one in context.toml"
            text.faults.append(text.fault("context.columns", f"has no column {column.name}", hint=hint))
    if schema.needs_one_of and not any(name in found for name in schema.needs_one_of):
        wanted = " or ".join(schema.needs_one_of)
        text.faults.append(text.fault("context.columns", f"has no column {wanted}"))
    ignored = [name for name in text.columns if name not in taken]
    if ignored:
        notes.append(f"{text.file}: columns not used: {', '.join(ignored)}")
    return found


def _one(text: TextTable, column: Column, stated: str | None, taken: set[str]) -> str | None:
    if stated is not None:
        if stated in text.columns:
            return stated
        text.faults.append(
            text.fault("context.columns", f"has no column {stated!r}, which context.toml names")
        )
        return None
    free = [name for name in text.columns if name not in taken]
    exact = [name for name in free if folded(name) == folded(column.name)]
    fitting = exact or [name for name in free if _folded_last(name) in column.names]
    if len(fitting) > 1:
        hint = "Say which one in context.toml"
        message = f"{' and '.join(fitting)} could each be {column.name}"
        text.faults.append(text.fault("context.columns", message, hint=hint))
    return fitting[0] if fitting else None


def _folded_last(name: str) -> str:
    # the last part of a dotted name says what it is: user.id is left whole, event.timestamp is a timestamp
    whole = folded(name)
    last = folded(name.rpartition(".")[2])
    return whole if "." not in name or last == "id" else last
