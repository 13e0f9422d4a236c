"""Whose rows an SQL statement asked for, where that is plain to see.

Only one shape is trusted: a single SELECT over one table whose WHERE is a chain of AND, with exactly one
predicate on the named column: `column = value`, `column IN (values)` or `column = ANY ('{values}')`. A value
is a literal or a parameter whose value was logged, with or without a cast. Anything else (OR, NOT, joins,
sub-selects, ranges, comments, several statements) gives None: then who was in the rows cannot be told.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache

from .statement_tokens import Token, is_name, select_tokens

__all__ = ["key_values"]

_FORBIDDEN = frozenset({
    "or", "not", "union", "except", "intersect", "join", "select", "with", "into", "having", "window",
    "fetch", "lateral", "returning", "xor"
})  # fmt: skip
_AFTER_WHERE = frozenset({"order", "limit", "offset", "group", "for"})
_MAX_VALUES = 1_000
_SUPPRESSED = "<long param suppressed>"  # what pgaudit.log_parameter_max_size leaves of a value
_Operands = tuple[Token, ...]  # of kind text, number or parameter, or one of kind array or array-parameter


def key_values(statement: str, column: str, parameters: str | None = None) -> tuple[str, ...] | None:
    """The values that the named column is bound to, each once, in order; None when it cannot be told.

    `parameters` are the values of `$1`, `$2` and so on as pgaudit writes them: one line of CSV.
    """
    operands = _operands(statement, column.lower())
    if operands is None:
        return None
    given = _given(parameters) if any("parameter" in kind for kind, _ in operands) else ()
    values: list[str] = []
    for kind, written in operands:
        value = _given_value(given, int(written)) if "parameter" in kind else written
        if value is None:
            return None
        if not kind.startswith("array"):
            values.append(value)
            continue
        elements = _elements(value)
        if elements is None:
            return None
        values += elements
    return tuple(dict.fromkeys(values)) if len(values) <= _MAX_VALUES else None


@lru_cache(maxsize=4_096)  # an application sends few statements, each with very many parameters
def _operands(statement: str, column: str) -> _Operands | None:
    tokens = select_tokens(statement)
    if tokens is None:
        return None
    words = [value for kind, value in tokens if kind == "word"]
    if words.count("from") != 1 or words.count("where") != 1 or _FORBIDDEN & set(words[1:]):
        return None
    start, end = tokens.index(("word", "from")), tokens.index(("word", "where"))
    if not start < end or ("sign", ",") in tokens[start:end] or ("sign", "(") in tokens[start:end]:
        return None
    if ("sign", "||") in tokens[end:]:  # means OR in MySQL
        return None
    condition = _condition(tokens[end + 1 :])
    found = [operands for part in condition if (operands := _predicate(part, column)) is not None]
    mentions = sum(_mentions(part, column) for part in condition)
    if len(found) != 1 or mentions != 1 or len(found[0]) > _MAX_VALUES:
        return None
    return tuple(found[0])


def _condition(tokens: list[Token]) -> list[list[Token]]:
    """The parts between top-level ANDs, up to ORDER BY, LIMIT and the like."""
    parts: list[list[Token]] = [[]]
    depth = 0
    between = False
    for token in tokens:
        if depth == 0 and token[0] == "word" and token[1] in _AFTER_WHERE:
            break
        if token == ("word", "and") and depth == 0 and not between:
            parts.append([])
            continue
        between = token == ("word", "between") or (between and token != ("word", "and"))
        depth += (token == ("sign", "(")) - (token == ("sign", ")"))
        parts[-1].append(token)
    return parts


def _predicate(part: list[Token], column: str) -> list[Token] | None:
    rest = part
    # a qualified name: table.column or schema.table.column; the last name is the column
    while len(rest) > 2 and is_name(rest[0]) and rest[1] == ("sign", "."):
        rest = rest[2:]
    if not rest or not is_name(rest[0]) or rest[0][1] != column:
        return None
    match rest[1:]:
        case [("sign", "="), ("word", "any"), ("sign", "("), *inner, ("sign", ")")]:
            match _without_cast(inner):
                case [("text" | "parameter" as kind, value)]:
                    return [("array" if kind == "text" else "array-parameter", value)]
        case [("sign", "="), *value]:
            return _values(value, least=1, most=1)
        case [("word", "in"), ("sign", "("), *inner, ("sign", ")")]:
            return _values(inner, least=1, most=None)
    return None


def _values(tokens: list[Token], *, least: int, most: int | None) -> list[Token] | None:
    """Literals and parameters between commas, each with or without a cast; None for anything else."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token == ("sign", ","):
            groups.append([])
        else:
            groups[-1].append(token)
    if not least <= len(groups) <= (most or len(groups)):
        return None
    plain = [_without_cast(group) for group in groups]
    if not all(len(group) == 1 and group[0][0] in ("text", "number", "parameter") for group in plain):
        return None
    return [group[0] for group in plain]


def _without_cast(tokens: list[Token]) -> list[Token]:
    match tokens:
        case [value, ("sign", "::"), ("word" | "name", _)]:
            return [value]
        case [value, ("sign", "::"), ("word" | "name", _), ("sign", "["), ("sign", "]")]:
            return [value]
    return tokens


def _mentions(part: list[Token], column: str) -> int:
    return sum(is_name(token) and token[1] == column for token in part)


def _given(parameters: str | None) -> Sequence[str]:
    try:
        rows = list(csv.reader([parameters or ""], strict=True))
    except csv.Error:
        return ()
    return rows[0] if len(rows) == 1 else ()


def _given_value(given: Sequence[str], number: int) -> str | None:
    known = number <= len(given) and given[number - 1] != _SUPPRESSED
    return given[number - 1] if known else None


def _elements(array: str) -> list[str] | None:
    """The elements of a PostgreSQL array of one dimension; None for what is none. NULL equals nothing."""
    if not (array.startswith("{") and array.endswith("}")) or any(mark in array[1:-1] for mark in '{}\\"'):
        return None
    inner = array[1:-1]
    elements = [element.strip(" ") for element in inner.split(",")] if inner.strip(" ") else []
    if "" in elements:
        return None
    return [element for element in elements if element.upper() != "NULL"]
