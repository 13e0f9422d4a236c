"""Tables and columns of a schema in SQL: `CREATE TABLE` of any dialect, read leniently, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .answer import Answer
from .json_fields import AnswerFields, Field

__all__ = ["answers_of_tables", "is_tables"]

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
_CREATE = re.compile(
    r"\bcreate\s+(?:(?:global|local)\s+)?(?:temp(?:orary)?\s+|unlogged\s+|foreign\s+)?table\s+(?:if\s+not\s+exists\s+)?"
    r"((?:[\"`\[]?[^\s\"`\[\]().;]+[\"`\]]?\.)*)([\"`\[]?)([^\s\"`\[\]().;]+)[\"`\]]?\s*\(",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"^\s*(?:[\"`\[]([^\"`\]]+)[\"`\]]|([^\s\"`\[\](),]+))\s+([^\s(,]+)")
_NO_COLUMN = frozenset({
    "primary", "foreign", "unique", "key", "index", "constraint", "check", "exclude", "fulltext", "spatial", "period", "like", "partition",
})  # fmt: skip
_BOOLEAN = frozenset({"boolean", "bool", "bit"})


def is_tables(text: str) -> bool:
    """Whether a text creates a table."""
    return _CREATE.search(_COMMENT.sub(" ", text)) is not None


def answers_of_tables(text: str) -> Iterator[Answer]:
    """Each table with its columns."""
    text = _COMMENT.sub(" ", text)
    for found in _CREATE.finditer(text):
        columns = AnswerFields(listed=True)
        for entry in _entries(text, found.end()):
            column = _COLUMN.match(entry)
            name = (column.group(1) or column.group(2)) if column else ""
            if column and (column.group(1) or name.lower() not in _NO_COLUMN):
                kind = "boolean" if column.group(3).lower() in _BOOLEAN else "string"
                columns.add((name,), Field(kind=kind))
        table = found.group(3)
        schema = found.group(1).strip(".").rpartition(".")[2].strip('"`[]')
        yield Answer(
            name=table, action="SELECT", object=f"{schema}.{table}" if schema else f"{{schema}}.{table}",
            fields=columns, source="SQL", frame=(table,), at=f"{table}.",
        )  # fmt: skip


def _entries(text: str, start: int) -> Iterator[str]:
    """What stands between commas of the brackets that open before `start`."""
    depth, begin, quote = 0, start, ""
    for at in range(start, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif sign == ")":
            yield text[begin:at]
            return
        elif sign == "," and not depth:
            yield text[begin:at]
            begin = at + 1
