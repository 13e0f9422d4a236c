"""The texts that a line must hold before a rule can match it, out of the rule's condition."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import SigmaExpansion, SigmaString, SigmaType

from .narrowing import ANY_FIELD, Needed

__all__ = ["needed_texts"]

LEAST = 3  # characters; shorter texts stand in nearly every line
_COMMON_COST = 1_000_000

Condition = ConditionItem | ConditionFieldEqualsValueExpression | ConditionValueExpression | None


def needed_texts(condition: Condition, common: Iterable[str] = ()) -> Needed | None:
    """Texts of which every line that meets the condition holds one; None where none can be told.

    `common` are fields that hold a column whose value is much the same in all lines.
    """
    dull = frozenset(common)
    found = _needed(condition, dull)
    return None if found is None or any(field in dull for field, _ in found) else found


def _needed(condition: Condition, common: frozenset[str]) -> Needed | None:
    if isinstance(condition, ConditionOR):
        parts = [_needed(each, common) for each in condition.args]
        if not parts or any(part is None for part in parts):
            return None
        return frozenset[tuple[str, str]]().union(*(part for part in parts if part is not None))
    if isinstance(condition, ConditionNOT):
        return None
    if isinstance(condition, ConditionAND):
        found = [part for each in condition.args if (part := _needed(each, common)) is not None]
        return min(found, key=lambda part: _cost(part, common)) if found else None
    if isinstance(condition, ConditionFieldEqualsValueExpression):
        return _of_value(condition.field, condition.value)
    if isinstance(condition, ConditionValueExpression):
        return _of_value(ANY_FIELD, condition.value)
    return None


def _cost(part: Needed, common: frozenset[str]) -> tuple[int, int, list[tuple[str, str]]]:
    shortest = min(len(text) for _, text in part)
    dull = any(field in common for field, _ in part)
    return (_COMMON_COST if dull else 0, len(part) * 4 - shortest, sorted(part))


def _of_value(field: str, value: SigmaType) -> Needed | None:
    if isinstance(value, SigmaExpansion):
        parts = [_of_value(field, each) for each in value.values]
        if any(part is None for part in parts):
            return None
        return frozenset[tuple[str, str]]().union(*(part for part in parts if part is not None))
    if not isinstance(value, SigmaString):
        return None
    texts = [run for part in value.s if isinstance(part, str) for run in re.findall(r"[\x20-\x7e]+", part)]
    longest = max(texts, key=len, default="")
    return frozenset({(field, longest.lower())}) if len(longest) >= LEAST else None
