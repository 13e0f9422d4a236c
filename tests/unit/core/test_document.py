"""Results become JSON in one way: fields in order, instants in UTC, and nothing that has no form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import ClassVar, Literal

import pytest

from whosaw.core.counts import Count, Reason
from whosaw.core.document import document, object_of, read_as, told_as, told_as_instant
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


def test_what_becomes_no_object_is_refused_where_one_is_asked_for() -> None:
    with pytest.raises(TypeError, match="tuple"):
        object_of((1, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    kind: Literal["a", "b"]
    share: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    name: str
    at: datetime
    first: int | None = field(metadata=told_as_instant("from"))
    pair: tuple[str, int]
    leaves: tuple[_Leaf, ...]
    by: Mapping[str, tuple[_Leaf, ...]]
    count: Count
    either: str | _Leaf | None
    more: int | None = field(default=None, metadata=told_as(if_known=True))
    asked: bytes = field(default=b"", metadata=told_as(never=True))


_LEAF = _Leaf(kind="a", share=0.25)
_KEPT = _Kept(
    name="web",
    at=datetime(2025, 3, 1, tzinfo=UTC),
    first=1_740_787_200_500_000,
    pair=("x", 2),
    leaves=(_LEAF, _Leaf(kind="b")),
    by={"day": (_LEAF,), "none": ()},
    count=Count(unit="views", lower=1, upper=3, reasons=(Reason(code="x", adds_upper=2),)),
    either=_LEAF,
)


def test_what_was_stored_is_read_back_as_it_was() -> None:
    told = object_of(_KEPT)
    assert told["from"] == "2025-03-01T00:00:00.500000Z"
    assert "more" not in told
    assert object_of(replace(_KEPT, more=0))["more"] == 0
    assert read_as(_Kept, told) == _KEPT
    assert read_as(_Kept, {**told, "either": None, "from": None, "more": 0, "of another release": 1}) == (
        replace(_KEPT, either=None, first=None, more=0)
    )
    assert read_as(_Leaf, {"kind": "b", "share": 1}).share == 1.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": 7}, "name is no text"),
        ({"name": None}, "name is no text"),
        ({"at": "yesterday"}, "at: 'yesterday' is not a time"),
        ({"from": "2025-03-01"}, "from: "),
        ({"pair": ["x"]}, "pair is of another kind"),
        ({"pair": ["x", True]}, "pair.1 is no whole number"),
        ({"leaves": [{"kind": "a"}, {"kind": "c"}]}, "leaves.1.kind is none of 'a', 'b'"),
        ({"leaves": [{"share": 1}]}, "leaves.0.kind is missing"),
        ({"by": {"day": [[]]}}, "by.day.0 is no JSON object"),
        ({"count": {"unit": "views", "lower": 3, "upper": 1, "reasons": []}}, "count: bounds out of order"),
        ({"either": 7}, "either is of another kind"),
    ],
)
def test_what_is_wrong_in_a_stored_document_is_said_with_its_place(
    changed: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read_as(_Kept, {**object_of(_KEPT), **changed})
