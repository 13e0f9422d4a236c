"""Whose rows an SQL statement asked for, where that is plain to see.

Only one shape is trusted: a single SELECT over one table whose WHERE is a chain of AND, with exactly one
predicate `column = literal` or `column IN (literals)` on the named column. Anything else (OR, NOT, joins,
sub-selects, parameters, comments, several statements) gives None: then who was in the rows cannot be told.
"""

from __future__ import annotations

import re

__all__ = ["key_values"]

_TOKEN = re.compile(
    r"\s+|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)|\"(?P<quoted>[^\"]+)\"|`(?P<ticked>[^`]+)`"
    r"|(?P<text>'(?:[^'\\]|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|(?P<sign><=|>=|<>|!=|[(),.=<>*;])"
)
_FORBIDDEN = frozenset({
    "or", "not", "union", "except", "intersect", "join", "select", "with", "into", "having", "window",
    "fetch", "lateral", "returning", "xor"
})  # fmt: skip
_AFTER_WHERE = frozenset({"order", "limit", "offset", "group", "for"})
_MAX_STATEMENT = 20_000
_MAX_VALUES = 1_000
_Token = tuple[str, str]  # kind: name (any identifier), text, number or sign; and its value


def key_values(statement: str, column: str) -> tuple[str, ...] | None:
    """The literals that the named column is bound to, each once, in order; None when it cannot be told."""
    tokens = _tokens(statement)
    if tokens is None or not tokens or tokens[0] != ("word", "select"):
        return None
    words = [value for kind, value in tokens if kind == "word"]
    if words.count("from") != 1 or words.count("where") != 1 or _FORBIDDEN & set(words[1:]):
        return None
    start, end = tokens.index(("word", "from")), tokens.index(("word", "where"))
    if not start < end or ("sign", ",") in tokens[start:end] or ("sign", "(") in tokens[start:end]:
        return None
    condition = _condition(tokens[end + 1 :])
    found = [values for part in condition if (values := _predicate(part, column.lower())) is not None]
    mentions = sum(_mentions(part, column.lower()) for part in condition)
    if len(found) != 1 or mentions != 1 or len(found[0]) > _MAX_VALUES:
        return None
    return tuple(dict.fromkeys(found[0]))


def _tokens(statement: str) -> list[_Token] | None:
    if len(statement) > _MAX_STATEMENT:
        return None
    out: list[_Token] = []
    at = 0
    text = statement.strip().removesuffix(";")
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match[0] == ";":
            return None
        at = match.end()
        if match["word"]:
            out.append(("word", match["word"].lower()))
        elif name := match["quoted"] or match["ticked"]:
            out.append(("name", name.lower()))
        elif match["text"]:
            out.append(("text", match["text"][1:-1].replace("''", "'")))
        elif match["number"]:
            out.append(("number", match["number"]))
        elif match["sign"]:
            out.append(("sign", match["sign"]))
    return out


def _condition(tokens: list[_Token]) -> list[list[_Token]]:
    """The parts between top-level ANDs, up to ORDER BY, LIMIT and the like."""
    parts: list[list[_Token]] = [[]]
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


def _predicate(part: list[_Token], column: str) -> list[str] | None:
    rest = part
    # a qualified name: table.column or schema.table.column; the last name is the column
    while len(rest) > 2 and rest[0][0] in ("word", "name") and rest[1] == ("sign", "."):
        rest = rest[2:]
    if not rest or rest[0][0] not in ("word", "name") or rest[0][1] != column:
        return None
    match rest[1:]:
        case [("sign", "="), ("text" | "number", value)]:
            return [value]
        case [("word", "in"), ("sign", "("), *inner, ("sign", ")")]:
            values, commas = inner[::2], inner[1::2]
            plain = all(kind in ("text", "number") for kind, _ in values)
            if len(inner) % 2 and plain and all(comma == ("sign", ",") for comma in commas):
                return [value for _, value in values]
    return None


def _mentions(part: list[_Token], column: str) -> int:
    return sum(kind in ("word", "name") and value == column for kind, value in part)
