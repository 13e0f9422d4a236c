"""Results become JSON in one way: fields in order, instants in UTC, and nothing that has no form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import ClassVar

import pytest

from whosaw.core.counts import Count, Reason
from whosaw.core.document import document, object_of, told_as
from whosaw.core.masked import Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inner:
    at: datetime
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outer:
    name: str
    inner: _Inner
    hour: int = field(metadata=told_as("begins", lambda hour: f"hour {hour}"))
    names: frozenset[str] = frozenset()
    several: tuple[_Inner, ...] = ()
    ALSO: ClassVar[tuple[str, ...]] = ("length",)

    @property
    def length(self) -> int:
        return len(self.name)


def test_a_dataclass_is_an_object_of_its_fields_in_order_and_of_the_properties_it_names() -> None:
    seoul = timezone(timedelta(hours=9))
    one = _Inner(at=datetime(2025, 3, 1, 9, tzinfo=seoul), day=date(2025, 3, 2))
    told = document(_Outer(name="web", inner=one, hour=7, names=frozenset("ba"), several=(one,)))
    inner = {"at": "2025-03-01T00:00:00Z", "day": "2025-03-02"}
    assert told == {
        "name": "web", "inner": inner, "begins": "hour 7", "names": ["a", "b"], "several": [inner], "length": 3,
    }  # fmt: skip
    assert list(told) == ["name", "inner", "begins", "names", "several", "length"]


def test_counts_keep_the_form_that_is_published() -> None:
    count = Count(unit="views", lower=1, upper=None, reasons=(Reason(code="x", detail=(("n", "2"),)),))
    assert document({"views": count}) == {
        "views": {
            "unit": "views", "lower": 1, "upper": None, "exact": False, "reasons": [{"code": "x", "n": "2"}],
        }
    }  # fmt: skip


@pytest.mark.parametrize("value", [Masked("somebody@example.org"), b"bytes", object(), datetime])
def test_what_has_no_form_is_refused_and_not_told_by_accident(value: object) -> None:
    with pytest.raises(TypeError):
        document({"value": [value]})


@dataclass(frozen=True, slots=True, kw_only=True)
class _WhereAny:
    several: tuple[str, ...] = field(default=(), metadata=told_as(if_any=True))
    many: int = field(default=0, metadata=told_as("number", if_any=True))
    none: int = 0


def test_a_field_told_only_where_there_is_any_is_left_out_where_there_is_none() -> None:
    assert object_of(_WhereAny()) == {"none": 0}
    assert object_of(_WhereAny(several=("a",), many=2)) == {"several": ["a"], "number": 2, "none": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inside:
    first: int
    second: str = field(metadata=told_as("other"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    own: int
    inside: _Inside = field(metadata=told_as(among=True))
    formed: int = field(metadata=told_as(form=lambda number: {"twice": 2 * number}, among=True))


def test_the_fields_of_a_value_can_stand_among_those_of_its_holder() -> None:
    told = object_of(_Around(own=1, inside=_Inside(first=2, second="x"), formed=3))
    assert told == {"own": 1, "first": 2, "other": "x", "twice": 6}


def test_what_is_no_object_cannot_stand_among_others() -> None:
    wrong = _Around(own=1, inside=[1], formed=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="list"):
        object_of(wrong)


def test_what_becomes_no_object_is_refused_where_one_is_asked_for() -> None:
    with pytest.raises(TypeError, match="tuple"):
        object_of((1, 2))
