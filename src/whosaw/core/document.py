"""From results to JSON: the one way in which what a use case returns becomes the document that is published.

A dataclass becomes an object with its fields in order, an instant RFC 3339 in UTC, a set or a tuple a list. What differs from
the field is said beside the field: another name, another form of the value, or that it is left out.
`ALSO` names properties that are told as well. `core/stored.py` is the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import Field, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TypeAlias, cast

from .instants import format_instant, from_micros, parse_instant, to_micros

__all__ = [
    "ALSO",
    "Json",
    "JsonObject",
    "document",
    "is_told",
    "name_of",
    "object_of",
    "reader_of",
    "told_as",
    "told_as_instant",
]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"
ALSO: Final = "ALSO"  # the class variable that names properties which stand in the document, too
_PLAIN: Final = frozenset((str, int, float, bool, type(None)))  # what is a document as it stands
_NAME: Final = "told as"
_FORM: Final = "in the form"
_READ: Final = "read from that form"
_IF_ANY: Final = "only if there is any"
_IF_KNOWN: Final = "only if it is known"
_NEVER: Final = "never"
_AMONG: Final = "among"


def told_as(
    name: str | None = None,
    form: Callable[[Any], object] | None = None,
    *,
    read: Callable[[Any], object] | None = None,
    if_any: bool = False,
    if_known: bool = False,
    never: bool = False,
    among: bool = False,
) -> Mapping[str, object]:
    """Metadata of a field: the name that it has in the document, the form that its value has there, and how it is `read` from that
    form. `if_any`: it stands there only where it is neither None nor zero nor empty; `if_known`: only where it is not None;
    `never`: it does not stand there at all; `among`: the fields of its value stand among those of the object that holds it."""
    return {
        _NAME: name,
        _FORM: form,
        _READ: read,
        _IF_ANY: if_any,
        _IF_KNOWN: if_known,
        _NEVER: never,
        _AMONG: among,
    }


def told_as_instant(name: str | None = None, *, if_known: bool = False) -> Mapping[str, object]:
    """Metadata of a field of microseconds since 1970 UTC, or None, that is told as an instant."""
    return told_as(name, _instant, read=_micros, if_known=if_known)


def _instant(micros: int | None) -> str | None:
    return None if micros is None else format_instant(from_micros(micros))


def _micros(text: object) -> int | None:
    return None if text is None else to_micros(parse_instant(str(text)))


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
    if type(value) in (tuple, list):
        several: Any = value
        return [each if type(each) in _PLAIN else document(each) for each in several]
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


class _Told(NamedTuple):
    """How a field stands in a document."""

    field: str
    name: str
    form: Callable[[Any], object] | None
    if_any: bool
    if_known: bool
    among: bool


_FIELDS: Final[dict[type, tuple[_Told, ...]]] = {}  # by class, asked once of each


def _fields_of(kind: Any) -> tuple[_Told, ...]:
    """The fields of a class that stand in its document, in order."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(_told_fields(kind))
    return _FIELDS[kind]


def _told_fields(kind: Any) -> Iterator[_Told]:
    for each in fields(kind):
        if is_told(each):
            yield _Told(
                field=each.name,
                name=name_of(each),
                form=each.metadata.get(_FORM),
                if_any=bool(each.metadata.get(_IF_ANY)),
                if_known=bool(each.metadata.get(_IF_KNOWN)),
                among=bool(each.metadata.get(_AMONG)),
            )


def _object(value: Any) -> JsonObject:
    out: JsonObject = {}
    for field, name, form, if_any, if_known, among in _fields_of(type(value)):
        own = getattr(value, field)
        if (if_any and not own) or (if_known and own is None):
            continue
        told = own if form is None else form(own)
        if among:
            out.update(object_of(told))
        else:
            out[name] = cast(Json, told) if type(told) in _PLAIN else document(told)
    for name in getattr(type(value), ALSO, ()):
        out[name] = document(getattr(value, name))
    return out


def is_told(told: Field[Any]) -> bool:
    """Whether a field ever stands in a document."""
    return not told.metadata.get(_NEVER)


def name_of(told: Field[Any]) -> str:
    """The name of a field in a document."""
    return str(told.metadata.get(_NAME) or told.name)


def reader_of(told: Field[Any]) -> Callable[[Any], object] | None:
    """How a field is read from the form that it has in a document, where that is said beside it."""
    read: Callable[[Any], object] | None = told.metadata.get(_READ)
    return read
