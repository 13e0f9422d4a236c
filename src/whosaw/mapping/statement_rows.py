"""How many persons one row of an SQL answer can show, so that a number of rows bounds the persons in it.

A row of one table is about one person (the map's `secondary` adds those beside it). That ends where one row
is made of many: `string_agg(name, ',')` puts a whole table into a single row. So only functions that are
known to look at one row alone are let through; for everything else no bound is known.
"""

from __future__ import annotations

from functools import lru_cache

from .statement_tokens import Token, is_name, select_tokens

__all__ = ["persons_per_row"]

_MERGES_ROWS = frozenset({
    "union", "except", "intersect", "distinct", "group", "having", "window", "over", "with", "lateral", "into",
    "select",
})  # fmt: skip
_OF_ONE_ROW = frozenset({
    "abs", "btrim", "cast", "ceil", "char", "char_length", "coalesce", "concat", "concat_ws", "date", "date_part",
    "date_trunc", "extract", "floor", "greatest", "initcap", "least", "left", "length", "lower", "lpad", "ltrim",
    "md5", "now", "nullif", "numeric", "overlay", "position", "regexp_replace", "replace", "right", "round", "rpad",
    "rtrim", "split_part", "strpos", "substr", "substring", "to_char", "to_date", "to_timestamp", "trim", "upper",
    "varchar",
    "count",  # a number shows nobody
})  # fmt: skip
# words after which a parenthesis holds an expression and no arguments
_BEFORE_EXPRESSION = frozenset({
    "all", "and", "any", "as", "between", "by", "case", "else", "from", "ilike", "in", "is", "join", "like", "limit",
    "not", "offset", "on", "or", "select", "some", "then", "using", "when", "where",
})  # fmt: skip
_AFTER_FROM = frozenset({"where", "order", "limit", "offset", "for", "fetch"})


@lru_cache(maxsize=4_096)
def persons_per_row(statement: str, table: str | None = None) -> int | None:
    """At most so many persons stand in one row of the answer: the number of tables that it joins.

    `table` is the relation that the log says was read. Where it is not named in the statement, a view or a
    function stood between, and what that does to rows is not known. None where no bound can be told.
    """
    tokens = select_tokens(statement)
    if tokens is None:
        return 1 if _is_table_command(statement, table) else None
    words = {value for kind, value in tokens[1:] if kind == "word"}
    if words & _MERGES_ROWS or any(_calls_unknown(tokens, at) for at in range(1, len(tokens))):
        return None
    if table is not None and not any(is_name(token) and token[1] == _last(table) for token in tokens):
        return None
    return _tables(tokens)


def _last(table: str) -> str:
    """The bare name of a qualified one."""
    return table.rpartition(".")[2].strip('"').lower()


def _is_table_command(statement: str, table: str | None) -> bool:
    """`TABLE members` is short for SELECT * FROM members."""
    words = statement.strip().removesuffix(";").split()
    plain = len(words) == 2 and words[0].lower() == "table"
    return plain and (table is None or _last(words[1]) == _last(table))


def _calls_unknown(tokens: list[Token], at: int) -> bool:
    """Whether the token at `at` opens the arguments of a function that is not known to keep to one row."""
    before = tokens[at - 1]
    if tokens[at] != ("sign", "(") or not is_name(before):
        return False
    qualified = at > 1 and tokens[at - 2] == ("sign", ".")  # schema.lower(...) can be anything
    return before[0] == "name" or qualified or before[1] not in _OF_ONE_ROW | _BEFORE_EXPRESSION


def _tables(tokens: list[Token]) -> int:
    """How many tables stand between FROM and what follows it; 1 where there is no FROM."""
    depth, inside, found = 0, False, 0
    for token in tokens:
        depth += (token == ("sign", "(")) - (token == ("sign", ")"))
        if token == ("word", "from") and depth == 0:
            inside, found = True, found + 1
        elif inside and token[0] == "word" and token[1] in _AFTER_FROM and depth == 0:
            inside = False
        elif inside:
            # `FROM (a JOIN b)`, `FROM (a, b)`: any comma counts, at the worst one of USING (x, y) too
            found += token in (("sign", ","), ("word", "join"))
    return max(found, 1)
