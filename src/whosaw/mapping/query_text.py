"""The parameters of a query, read as a form reader does: `&` between, `+` and `%` decoded, repeats kept."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

__all__ = ["decoded", "lax_values", "query_values"]


_BETWEEN = re.compile(r"[&;?]")
_LIST = re.compile(r"\[[^\]]*\]\Z")


def decoded(text: str) -> str:
    """`+` and `%` decoded; a text that does not decode to UTF-8 stays as it was sent."""
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        return text


def query_values(query: str, name: str) -> list[str]:
    """Every value of the parameter `name`, decoded, in order. A name without `=` has the empty value."""
    values = []
    for pair in query.split("&"):
        raw_name, _, raw_value = pair.partition("=")
        if raw_name == name or (("%" in raw_name or "+" in raw_name) and decoded(raw_name) == name):
            values.append(decoded(raw_value))
    return values


def lax_values(query: str, name: str) -> list[str]:
    """Every value that some server takes for the parameter: its name in any case, with blanks around it, as a list (`a[]`),
    between `&`, `;` or `?`."""
    values = []
    for pair in _BETWEEN.split(query):
        raw_name, _, raw_value = pair.partition("=")
        if _LIST.sub("", decoded(raw_name).strip().casefold()).strip() == name.casefold():
            values.append(decoded(raw_value))
    return values
