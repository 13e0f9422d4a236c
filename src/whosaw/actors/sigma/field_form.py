"""What a field of a Sigma log source is made of, as SQL over canonical columns.

A form is the name of a column (`agent`), of a named field of the event (`fields.error`), or a text with such names in
braces, each perhaps cut with `|before:X` or `|after:X`. A list of forms means the first that is not null.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from whosaw.core import client
from whosaw.store.sql import quote_name, quote_text

__all__ = ["NUMBERS", "TEXTS", "FieldSql", "FormError", "any_of", "columns_in", "field_sql", "text_sql"]

TEXTS = (
    *client.SENT, "method", "host", "path", "query", "protocol", "referer", "request_id", "action", "object", "statement",
)  # fmt: skip
client.covers("actors.sigma.field_form", set(TEXTS) & set(client.NAMES), left=client.FOLLOWING)
NUMBERS = ("status", "bytes", "duration_us", "rows", "line")
_FIELD = re.compile(r"fields\.([A-Za-z0-9_.-]{1,64})")
_HOLE = re.compile(r"\{([^{}|]+)(?:\|(before|after):([^{}]+))?\}")


class FormError(ValueError):
    """A form that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSql:
    """One field: its text, its number, and the column of a client that holds just this."""

    text: str
    number: str
    column: str | None = None  # a canonical column that it is, unchanged


def text_sql(form: object) -> str:
    """An expression of type text; null where the event has no such value. Raises `FormError`."""
    if isinstance(form, list):
        return f"coalesce({', '.join(text_sql(each) for each in form)})"
    if not isinstance(form, str) or not form:
        raise FormError("a form is a text, or a list of texts")
    if "{" not in form:
        return _named(form)
    parts: list[str] = []
    at = 0
    for hole in _HOLE.finditer(form):
        if hole.start() > at:
            parts.append(quote_text(form[at : hole.start()]))
        parts.append(_cut(_named(hole[1]), hole[2], hole[3]))
        at = hole.end()
    if at < len(form):
        parts.append(quote_text(form[at:]))
    return "(" + " || ".join(parts) + ")"


def field_sql(form: object) -> FieldSql:
    """A field of a log source. A table `{value, divide}` scales a number; `{value, action}` asks for how the action begins;
    `{value, extension}` is what stands behind the last dot of a path; `{ok}` are two words, for what succeeded and what failed."""
    if isinstance(form, Mapping):
        return _table_sql(form)
    if isinstance(form, str) and form in NUMBERS:
        name = quote_name(form)
        return FieldSql(text=f"CAST({name} AS VARCHAR)", number=f"CAST({name} AS DOUBLE)", column=form)
    text = text_sql(form)
    column = form if isinstance(form, str) and form in TEXTS else None
    return FieldSql(text=text, number=_number(text), column=column)


def _table_sql(form: Mapping[str, object]) -> FieldSql:
    if "ok" in form:
        return _ok_sql(form)
    extra = set(form) - {"value", "divide", "action", "extension"}
    if extra or "value" not in form:
        raise FormError(
            f"a table holds value and divide, action or extension, not {', '.join(sorted(extra)) or 'neither'}"
        )
    inner = field_sql(form["value"])
    if form.get("extension") is True:
        text = f"nullif(regexp_extract({inner.text}, '[.]([^./]+)$', 1), '')"
        return FieldSql(text=text, number=_number(text))
    if "divide" in form:
        by = form["divide"]
        if not isinstance(by, int) or isinstance(by, bool) or by < 1:
            raise FormError("divide is a whole number above 0")
        number = f"({inner.number} / {by})"
        return FieldSql(text=f"CAST({number} AS VARCHAR)", number=number)
    begins = form.get("action")
    if not isinstance(begins, str):
        raise FormError("action is a text")
    text = f"CASE WHEN starts_with({quote_name('action')}, {quote_text(begins)}) THEN {inner.text} END"
    return FieldSql(text=text, number=_number(text))


def _ok_sql(form: Mapping[str, object]) -> FieldSql:
    words = form["ok"]
    if len(form) > 1 or not (isinstance(words, list) and [type(each) for each in words] == [str, str]):
        raise FormError("ok stands alone in its table, with the words for success and failure")
    ok = quote_name("ok")
    text = f"CASE WHEN {ok} THEN {quote_text(words[0])} WHEN NOT {ok} THEN {quote_text(words[1])} END"
    return FieldSql(text=text, number="CAST(NULL AS DOUBLE)")


def _number(text: str) -> str:
    """A text as a number; DuckDB takes 4_03 for one, too, and no log writes that."""
    return f"CASE WHEN NOT contains({text}, '_') THEN TRY_CAST({text} AS DOUBLE) END"


def columns_in(sql: str) -> tuple[str, ...]:
    """The canonical columns that an expression of a field is made of, sorted."""
    return tuple(sorted(set(re.findall(r'"([a-z_]+)"', sql)) & {*TEXTS, *NUMBERS, "ok", "fields"} - {"line"}))


def any_of(forms: Sequence[object]) -> str:
    """Several values as one text, with a space between them, in which a keyword is looked for."""
    parts = ", ".join(field_sql(each).text for each in forms)
    return f"concat_ws(' ', {parts})"


def _named(name: str) -> str:
    if name in TEXTS:
        return quote_name(name)
    if name in NUMBERS or name == "ok":
        return f"CAST({quote_name(name)} AS VARCHAR)"
    if (found := _FIELD.fullmatch(name)) is not None:
        path = quote_text(f'$."{found[1]}"')
        return f"json_extract_string({quote_name('fields')}, {path})"
    raise FormError(f"{name!r} is not a canonical column, nor fields.NAME")


def _cut(value: str, how: str | None, border: str | None) -> str:
    if how is None or border is None:
        return value
    at = f"instr({value}, {quote_text(border)})"
    if how == "before":
        return f"CASE WHEN {at} > 0 THEN left({value}, {at} - 1) ELSE {value} END"
    return f"CASE WHEN {at} > 0 THEN substring({value}, {at} + {len(border)}) END"
