"""Stored JSON becomes the value that it was made from, or one sentence says where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import pytest

from whosaw.core.counts import Count, Reason
from whosaw.core.document import object_of, told_as, told_as_instant
from whosaw.core.stored import read_as


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
