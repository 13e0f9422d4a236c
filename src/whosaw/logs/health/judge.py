"""Holds every check against the facts, and against its own cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .cases import Case
from .facts import Facts
from .files import edited_after_intake, file_lost
from .gone_quiet import gone_quiet
from .items import Check
from .out_of_order import out_of_order
from .shrinking import shrinking
from .statement import Statement

__all__ = ["case_fault", "judge_health"]

_JUDGES: Final[Mapping[str, Callable[[Check, Facts], list[Statement]]]] = {
    "edited-after-intake": edited_after_intake,
    "file-lost": file_lost,
    "gone-quiet": gone_quiet,
    "out-of-order": out_of_order,
    "shrinking": shrinking,
}
_RANK: Final = {"high": 0, "medium": 1, None: 2}


def judge_health(checks: Mapping[str, Check], facts: Facts) -> list[Statement]:
    """Every statement, the gravest first, then by check, source and file. Those that cannot tell come last."""
    made = [said for check in checks.values() for said in _JUDGES[check.id](check, facts)]
    return sorted(made, key=lambda each: (_RANK[each.level], each.check, each.sources, each.file or ""))


def case_fault(check: Check, case: Case) -> str | None:
    """Why a case does not come out as it says; None when it does."""
    said = judge_health({check.id: check}, case.facts)
    noticed = [each for each in said if each.level is not None]
    came = "noticed" if noticed else "cannot tell" if said else "none"
    if came != case.expect:
        return f"{case.title}: expects {case.expect}, comes out as {came}"
    if case.expect == "none":
        return None
    first = (noticed or said)[0]
    wanted = {"level": case.level, "by": case.by, "since": case.since}
    found = {"level": first.level, "by": first.learnt and first.learnt.by, "since": first.since}
    for name, value in wanted.items():
        if value is not None and value != found[name]:
            return f"{case.title}: expects {name} {value}, gets {found[name]}"
    if case.says is not None and case.says not in first.sentence:
        return f"{case.title}: {case.says!r} is not in {first.sentence!r}"
    return None
