"""From stored JSON back to the dataclass that it was made from.

`read_as` knows the names and forms that fields have in a document. It takes a field that an earlier release did not store when its
default says what that means, and passes over members that it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .counts import Count, count_of
from .document import is_told, name_of, reader_of
from .errors import WhosawError
from .instants import parse_instant

__all__ = ["read_as"]

T = TypeVar("T")  # Python 3.11 has no other spelling


def read_as(kind: type[T], told: object, place: str = "") -> T:
    """A stored JSON object as the dataclass that it was made from. Raises `ValueError` with the place of what is missing or is of another
    kind."""
    if not isinstance(told, Mapping):
        raise ValueError(f"{place or 'the document'} is no JSON object")  # noqa: TRY004  # it is a fault of what was stored
    hints, given = _hints(cast(Any, kind)), dict[str, object]()
    for each in fields(kind):  # type: ignore[arg-type]  # a type variable cannot say that it is one of dataclasses
        name = name_of(each)
        if not is_told(each) or not each.init:
            continue
        where = f"{place}.{name}" if place else name
        if name in told:
            read = reader_of(each)
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
