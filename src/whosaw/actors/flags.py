"""Finds the actors that a detector would raise: first cheaply which could, then exactly whether and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whosaw.store.sql import Session

from .actor_views import Flag, Memory, make_actors
from .detectors import Clause, Detector
from .explanation import Explanation, answer_over
from .list_flags import list_flags
from .person_flags import canary_flags, person_flags
from .record_flags import record_flags
from .sign_flags import sign_flags
from .surge_flags import surge_flags
from .walk_flags import walk_flags
from .way_flags import way_flags

__all__ = ["Flag", "Memory", "clause_flags", "flags", "show_views"]

_FIND: Final = {
    "canary": canary_flags,
    "persons": person_flags,
    "sign": sign_flags,
    "walk": walk_flags,
    "records": record_flags,
    "list": list_flags,
    "surge": surge_flags,
    "way": way_flags,
}
_OF_PEOPLE: Final = frozenset({"persons", "sign", "walk", "way", "surge"})  # each view is of one at most


def flags(
    session: Session,
    detector: Detector,
    explanations: Sequence[Explanation],
    memory: Memory,
) -> list[Flag]:
    """Every actor that reaches a threshold of any clause, in order of clause and actor number.

    `memory` keeps between detectors what several of them ask.
    """
    show_views(session, detector, explanations)
    return [flag for clause in detector.clauses for flag in clause_flags(session, detector, clause, memory)]


def show_views(session: Session, detector: Detector, explanations: Sequence[Explanation]) -> None:
    """Leave `detect_views` behind: the views that the detector looks at, with the answer over what it tries."""
    named = "true" if detector.kind in ("sign", "records", "list") else "person IS NOT NULL"
    session.execute(
        "CREATE OR REPLACE TEMP VIEW detect_views AS "
        f"SELECT *, {answer_over(explanations)} AS answer FROM detect_all WHERE {named}"
    )


def clause_flags(session: Session, detector: Detector, clause: Clause, memory: Memory) -> list[Flag]:
    """Every actor that reaches a threshold of the clause, in order of actor number, among the views shown last."""
    if memory.views is None:
        memory.views = session.query("SELECT count(*) AS n FROM detect_all")["n"][0].as_py()
    if detector.kind in _OF_PEOPLE and memory.views < min(window.persons for window in clause.windows):
        return []
    key = (clause.group_by, clause.agent_matches, clause.lacks)
    if key not in memory.actors:
        memory.actors[key] = make_actors(
            session,
            f"detect_actors_{len(memory.actors)}",
            clause.group_by,
            lacks=clause.lacks,
            agent_matches=clause.agent_matches,
        )
    return _FIND[detector.kind](session, detector, clause, memory.actors[key], memory)
