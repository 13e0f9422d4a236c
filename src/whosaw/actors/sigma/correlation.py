"""A Sigma correlation, ready to run over the matches of the rules it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Correlation", "CorrelationKind", "GroupField"]

CorrelationKind = Literal["event_count", "value_count", "temporal", "temporal_ordered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupField:
    """A field of a correlation: a column of the client, or the place among the values that each rule keeps of a match."""

    name: str
    column: str | None
    places: tuple[tuple[int, int], ...] = ()  # rule number, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """`least` is how many events, values or rules there must be within `seconds`; `rules` are rule numbers, in their order."""

    key: str
    title: str
    file: str
    line: int
    level: str
    technique: str
    kind: CorrelationKind
    rules: tuple[int, ...]
    seconds: int
    timespan: str
    least: int
    group_by: tuple[GroupField, ...]
    value: GroupField | None
