"""What is still to be asked of whoever knows the case: only what decides something, each once, that first on which most duties hang."""

from __future__ import annotations

from collections.abc import Iterable

from whosaw.core.case_head import OpenPoint
from whosaw.core.duties import DutyAnswer
from whosaw.core.truth import Truth

from .facts import EVENTS
from .items import Law

__all__ = ["open_points"]


def open_points(answers: Iterable[DutyAnswer], law: Law) -> tuple[OpenPoint, ...]:
    """What the answers that cannot be told hang on. What would change nothing any more, because another part decides already, is not
    among it; nor is what only the count of people can tell."""
    hang: dict[str, dict[str, str]] = {}
    for answer in answers:
        if answer.governs and answer.owed.truth is Truth.OPEN:
            for need in answer.owed.needs:
                if key := _key(need, law):
                    hang.setdefault(key, {})[answer.duty.origin.id] = answer.duty.origin.act
    points = [
        OpenPoint(
            key=key,
            asks=law.questions.get(key) or EVENTS.get(key.removeprefix("event "), ""),
            laws=tuple(sorted(set(duties.values()))) if key in law.by_act else (),
            finding=key in law.findings,
            duties=tuple(sorted(duties)),
        )
        for key, duties in hang.items()
    ]
    return tuple(sorted(points, key=lambda each: (-len(each.duties), each.key)))


def _key(need: str, law: Law) -> str:
    """The key that a need names: a question, an event, or a key of the case file; nothing where it is the count that is open."""
    first, _, rest = need.partition(" ")
    if first == "event":
        return f"event {rest.partition(',')[0]}"
    return first if first in law.questions or first.startswith("organisation.") else ""
