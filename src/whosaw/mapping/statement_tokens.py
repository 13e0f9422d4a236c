"""An SQL statement as tokens, and the one SELECT that it runs."""

from __future__ import annotations

import re

__all__ = ["Token", "closing", "is_name", "select_tokens"]

_TOKEN = re.compile(
    r"\s+|(?P<word>[A-Za-z_][A-Za-z0-9_$]*)|\"(?P<quoted>[^\"]+)\"|`(?P<ticked>[^`]+)`"
    r"|(?P<text>'(?:[^'\\]|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])|\$(?P<parameter>[1-9]\d{0,4})(?![\w$])"
    # `--` and `/*` open comments, in which anything can hide; `#` and `!` do so in MySQL
    r"|(?P<sign>::|<=|>=|<>|!=|\|\||->>|->|[(),.=<>*;%~+\[\]]|-(?!-)|/(?!\*))"
)
_MAX_STATEMENT = 20_000
# these run the SELECT that follows; EXPLAIN is not one of them, for it shows no rows
_WRAPPERS = frozenset({"prepare", "declare", "create", "insert", "copy"})

Token = tuple[str, str]  # kind: word, name (quoted), text, number, parameter or sign; and its value


def select_tokens(statement: str) -> list[Token] | None:
    """The tokens of the SELECT that a statement is or wraps, from its `select` on.

    PREPARE, DECLARE CURSOR, COPY (...) TO, CREATE TABLE AS and INSERT ... SELECT are unwrapped, because an
    audit entry holds the whole statement, and for EXECUTE that of the PREPARE before it. None where there is
    no SELECT, or where something stands in the statement that is not understood: comments, escapes, a second
    statement. Words and names come in lower case; a number in its shortest spelling.
    """
    tokens = _tokens(statement)
    if not tokens or ("word", "select") not in tokens:
        return None
    start = tokens.index(("word", "select"))
    if start == 0:
        return tokens
    if tokens[0][0] != "word" or tokens[0][1] not in _WRAPPERS:
        return None
    if tokens[0][1] == "copy":
        if tokens[1] != ("sign", "(") or start != 2:
            return None
        return tokens[start : closing(tokens, 1)]
    return tokens[start:]


def closing(tokens: list[Token], opened: int) -> int:
    """Where the parenthesis that opens at `opened` closes; the end where it never does."""
    depth = 0
    for position in range(opened, len(tokens)):
        depth += (tokens[position] == ("sign", "(")) - (tokens[position] == ("sign", ")"))
        if depth == 0:
            return position
    return len(tokens)


def is_name(token: Token) -> bool:
    """Whether a token can be the name of a column or a table."""
    return token[0] in ("word", "name")


def _tokens(statement: str) -> list[Token] | None:
    if len(statement) > _MAX_STATEMENT:
        return None
    out: list[Token] = []
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
            out.append(("number", _shortest(match["number"])))
        elif match["parameter"]:
            out.append(("parameter", match["parameter"]))
        elif match["sign"]:
            out.append(("sign", match["sign"]))
    return out


def _shortest(number: str) -> str:
    """`007` and `7.0` are compared as 7, so they are that person."""
    whole, _, fraction = number.partition(".")
    sign = "-" if whole.startswith("-") else ""
    digits, fraction = whole.lstrip("-").lstrip("0") or "0", fraction.rstrip("0")
    short = f"{digits}.{fraction}" if fraction else digits
    return short if short == "0" else sign + short
