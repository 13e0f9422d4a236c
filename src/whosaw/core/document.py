"""From results to JSON: the one way in which what a use case returns becomes the document that is published, and the way back.

A dataclass becomes an object with its fields in order, an instant RFC 3339 in UTC, a set or a tuple a list. What differs from
the field is said beside the field: another name, another form of the value, or that it is left out.
`ALSO` names properties that are told as well. `read_as` reads what was stored: it knows the same names and forms, takes a field
that was not there yet when its default says what that means, and passes over members that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .counts import Count, count_of
from .errors import WhosawError
from .instants import format_instant, from_micros, parse_instant, to_micros

__all__ = ["ALSO", "Json", "JsonObject", "document", "object_of", "read_as", "told_as", "told_as_instant"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"
ALSO: Final = "ALSO"  # the class variable that names properties which stand in the document, too
_NAME: Final = "told as"
_FORM: Final = "in the form"
_READ: Final = "read from that form"
_IF_ANY: Final = "only if there is any"
_IF_KNOWN: Final = "only if it is known"
_NEVER: Final = "never"
T = TypeVar("T")  # Python 3.11 has no other spelling


def told_as(
    name: str | None = None,
    form: Callable[[Any], object] | None = None,
    *,
    read: Callable[[Any], object] | None = None,
    if_any: bool = False,
    if_known: bool = False,
    never: bool = False,
) -> Mapping[str, object]:
    """Metadata of a field: the name that it has in the document, the form that its value has there, and how it is `read` from that
    form. `if_any`: it stands there only where it is neither None nor zero nor empty; `if_known`: only where it is not None;
    `never`: it does not stand there at all."""
    return {_NAME: name, _FORM: form, _READ: read, _IF_ANY: if_any, _IF_KNOWN: if_known, _NEVER: never}


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
        if each.metadata.get(_IF_KNOWN) and own is None:
            continue
        out[_name(each)] = document(own if form is None else form(own))
    for name in getattr(type(value), ALSO, ()):
        out[name] = document(getattr(value, name))
    return out


def _name(told: Field[Any]) -> str:
    return str(told.metadata.get(_NAME) or told.name)


def read_as(kind: type[T], told: object, place: str = "") -> T:
    """A stored JSON object as the dataclass that it was made from. Raises `ValueError` with the place of what is missing or is of another
    kind."""
    if not isinstance(told, Mapping):
        raise ValueError(f"{place or 'the document'} is no JSON object")  # noqa: TRY004  # it is a fault of what was stored
    hints, given = _hints(cast(Any, kind)), dict[str, object]()
    for each in fields(kind):  # type: ignore[arg-type]  # a type variable cannot say that it is one of dataclasses
        name = _name(each)
        if each.metadata.get(_NEVER) or not each.init:
            continue
        where = f"{place}.{name}" if place else name
        if name in told:
            read = each.metadata.get(_READ)
            given[each.name] = (
                _value(hints[each.name], told[name], where)
                if read is None
                else _read(read, told[name], where)
            )
        elif each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{where} is missing")
    try:
        return kind(**given)
    except ValueError as fault:
        raise ValueError(f"{place or 'the document'}: {fault}") from fault


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(read: Callable[[Any], object], told: object, place: str) -> object:
    try:
        return read(told)
    except (ValueError, WhosawError) as fault:
        raise ValueError(f"{place}: {fault}") from fault


def _value(kind: Any, told: object, place: str) -> object:
    """`told` as a value of the type of a field."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if told is None and NoneType in inner:
            return None
        others = [each for each in inner if each is not NoneType]
        return _value(others[0], told, place) if len(others) == 1 else _one_of(others, told, place)
    if origin is Literal:
        if told in inner:
            return told
        raise ValueError(f"{place} is none of {', '.join(map(repr, inner))}")
    if origin is tuple and isinstance(told, list):
        wanted = [inner[0]] * len(told) if inner[1:] == (...,) else list(inner)
        if len(wanted) == len(told):
            return tuple(
                _value(each, value, f"{place}.{at}")
                for at, (each, value) in enumerate(zip(wanted, told, strict=True))
            )
    if origin is Mapping and isinstance(told, Mapping):
        return {str(name): _value(inner[1], each, f"{place}.{name}") for name, each in told.items()}
    if kind is Count and isinstance(told, Mapping):
        return _read(count_of, told, place)
    if isinstance(kind, type) and is_dataclass(kind):
        return read_as(kind, told, place)
    if kind is datetime and isinstance(told, str):
        return _read(parse_instant, told, place)
    if kind is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    if kind in (str, int, float, bool) and type(told) is kind:
        return told
    raise ValueError(f"{place} is {_SAID.get(kind, 'of another kind than it should be')}")


_SAID: Final = {str: "no text", int: "no whole number", float: "no number", bool: "neither true nor false"}


def _one_of(kinds: Sequence[Any], told: object, place: str) -> object:
    for each in kinds:
        try:
            return _value(each, told, place)
        except ValueError:
            continue
    raise ValueError(f"{place} is of another kind than it should be")
