"""Recall of faults, false alarms and texts that pass whole, by language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .corpus import ELEMENTS, KINDS, Judged

__all__ = ["Scored", "summed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A judged notice with the points that the check reports as faults. Points that are open count on neither side."""

    judged: Judged
    reported: frozenset[str]
    passed: bool

    @property
    def missed(self) -> frozenset[str]:
        return self.judged.wrong - self.reported

    @property
    def alarms(self) -> frozenset[str]:
        return self.judged.holding & self.reported


def summed(scored: Sequence[Scored]) -> dict[str, dict[str, Any]]:
    """The numbers of all texts and of each language, with those of each point that is ever wrong or falsely reported."""
    languages = sorted({each.judged.language for each in scored})
    return {
        name: _numbers([each for each in scored if name in ("all", each.judged.language)])
        for name in ("all", *languages)
    }


def _numbers(scored: Sequence[Scored]) -> dict[str, Any]:
    wrong = Counter(point for each in scored for point in each.judged.wrong)
    missed = Counter(point for each in scored for point in each.missed)
    alarms = Counter(point for each in scored for point in each.alarms)
    good = [each for each in scored if each.judged.passes]
    return {
        "texts": len(scored),
        "recall": _share(wrong.total() - missed.total(), wrong.total()),
        "alarms": _share(alarms.total(), sum(len(each.judged.holding) for each in scored)),
        "pass_whole": _share(sum(each.passed for each in good), len(good)),
        "by_point": {
            point: {"wrong": wrong[point], "found": wrong[point] - missed[point], "false": alarms[point]}
            for point in (*ELEMENTS, *KINDS)
            if wrong[point] or alarms[point]
        },
    }


def _share(found: int, of: int) -> dict[str, int | float | None]:
    return {"found": found, "of": of, "share": round(found / of, 4) if of else None}
