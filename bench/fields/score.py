"""How often verdicts and rules agree: precision and recall, whole and in groups, with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from whosaw.mapping.drafts.judging import JudgedField

from .truth import Truth

__all__ = ["Pair", "interval", "scored"]

_Z = 1.959964  # of a 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A verdict and what the rules say; `told` is None where the field was not read, which is an answer of nothing."""

    truth: Truth
    told: JudgedField | None

    @property
    def said(self) -> bool:
        return self.told is not None and self.told.category is not None

    @property
    def right_category(self) -> bool:
        """Any listed category is right, and so is a parent of one."""
        key = self.told.category if self.told else None
        return key is not None and any(
            listed == key or listed.startswith(f"{key}.") for listed in self.truth.categories
        )

    @property
    def said_subject(self) -> bool:
        return self.told is not None and self.told.subject


def interval(hits: int, of: int) -> tuple[float, float] | None:
    """Wilson's interval of a share (Wilson 1927), None of nothing."""
    if not of:
        return None
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(hits: int, of: int) -> dict[str, Any]:
    told = interval(hits, of)
    return {
        "hits": hits,
        "of": of,
        "share": round(hits / of, 4) if of else None,
        "interval": [round(end, 4) for end in told] if told else None,
    }


def _rates(pairs: Sequence[Pair]) -> dict[str, Any]:
    personal = [pair for pair in pairs if pair.truth.personal]
    said = [pair for pair in pairs if pair.said]
    right = sum(pair.said for pair in personal)
    category = sum(pair.right_category for pair in personal)
    subjects = [pair for pair in pairs if pair.truth.subject]
    said_subject = [pair for pair in pairs if pair.said_subject]
    both = sum(pair.said_subject for pair in subjects)
    return {
        "fields": len(pairs),
        "read": sum(pair.told is not None for pair in pairs),
        "personal": {"precision": _share(right, len(said)), "recall": _share(right, len(personal))},
        "category": {"precision": _share(category, len(said)), "recall": _share(category, len(personal))},
        "subject": {"precision": _share(both, len(said_subject)), "recall": _share(both, len(subjects))},
    }


def scored(pairs: Sequence[Pair]) -> dict[str, Any]:
    """The document of results: all fields, those whose verdict is sure, and groups."""
    return {
        "all": _rates(pairs),
        "sure": _rates([pair for pair in pairs if pair.truth.sure]),
        "kind": _groups(pairs, lambda pair: pair.truth.kind),
        "language": _groups(pairs, lambda pair: pair.truth.language),
        "domain": _groups(pairs, lambda pair: pair.truth.domain),
        # how often a field that was said with this confidence is personal, and of that category
        "confidence": _groups(
            [pair for pair in pairs if pair.said],
            lambda pair: pair.told.verdict.confidence if pair.told else "",
        ),
    }


def _groups(pairs: Iterable[Pair], key: Callable[[Pair], str]) -> dict[str, Any]:
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(key(pair), []).append(pair)
    return {name: _rates(groups[name]) for name in sorted(groups)}
