"""From results to JSON: the one way in which what a use case returns becomes the document that is published.

A dataclass becomes an object with its fields in order, an instant RFC 3339 in UTC, a set or a tuple a list. What differs from
the field is said beside the field: another name, another form of the value, or that it is left out.
`ALSO` names properties that are told as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from .instants import format_instant

__all__ = ["ALSO", "Json", "JsonObject", "document", "object_of", "told_as"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"
ALSO: Final = "ALSO"  # the class variable that names properties which stand in the document, too
_NAME: Final = "told as"
_FORM: Final = "in the form"
_IF_ANY: Final = "only if there is any"
_NEVER: Final = "never"
_AMONG: Final = "among"


def told_as(
    name: str | None = None,
    form: Callable[[Any], object] | None = None,
    *,
    if_any: bool = False,
    never: bool = False,
    among: bool = False,
) -> Mapping[str, object]:
    """Metadata of a field: the name that it has in the document, and the form that its value has there. `if_any`: it stands there
    only where it is neither None nor zero nor empty; `never`: it does not stand there at all; `among`: the fields of its value
    stand among those of the object that holds it."""
    return {_NAME: name, _FORM: form, _IF_ANY: if_any, _NEVER: never, _AMONG: among}


def object_of(value: object) -> JsonObject:
    """The JSON object of a result. Raises `TypeError` for what becomes anything else."""
    told = document(value)
    if not isinstance(told, dict):
        raise TypeError(f"{type(value).__name__} becomes no JSON object")
    return told


def document(value: object) -> Json:
    """The JSON of a result. Raises `TypeError` for what has none, so that nothing is told by accident."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    own = getattr(value, "as_json", None)
    if own is not None:
        return document(own())
    if is_dataclass(value) and not isinstance(value, type):
        return _object(value)
    if isinstance(value, Mapping):
        return {str(name): document(each) for name, each in value.items()}
    if isinstance(value, AbstractSet):
        return [document(each) for each in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [document(each) for each in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _object(value: Any) -> JsonObject:
    out: JsonObject = {}
    for each in fields(value):
        form = each.metadata.get(_FORM)
        own = getattr(value, each.name)
        if each.metadata.get(_NEVER) or (each.metadata.get(_IF_ANY) and not own):
            continue
        told = own if form is None else form(own)
        if each.metadata.get(_AMONG):
            out.update(object_of(told))
        else:
            out[each.metadata.get(_NAME) or each.name] = document(told)
    for name in getattr(type(value), ALSO, ()):
        out[name] = document(getattr(value, name))
    return out
