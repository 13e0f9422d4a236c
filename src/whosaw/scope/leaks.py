"""How many people an agent may have seen whose ticket is only missing: tickets get lost, and then most of a desk lacks some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from whosaw.core.scope_version import HonestAtMost
from whosaw.store.sql import Session

from .luck import at_most, mean_at_most

__all__ = ["Agent", "leaked", "usual_lack"]

_CHANCE: Final = 1e-6
_ODD: Final = 1e-3  # an agent who lacks more than chance gives so seldom says nothing of what is usual
_SEEN: Final = """
SELECT c.principal, s.person, count(*) AS views FROM scope_views AS s JOIN clients AS c USING (client)
SEMI JOIN desk_agents AS d ON d.principal = c.principal WHERE s.held GROUP BY c.principal, s.person
ORDER BY c.principal, views DESC, s.person
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Of how many people one agent, a principal of the ledger, saw the data, and for how many of them there is no ticket."""

    agent: int
    people: int
    lacking: int


def usual_lack(desk: Sequence[Agent]) -> float:
    """For what share of people agents lack a ticket, at most: 0 where the middle agent lacks none, 1 where nobody is there to tell."""
    if not desk:
        return 1.0
    ordered = sorted(desk, key=lambda each: (each.lacking / each.people, each.agent))
    half = ordered[: (len(ordered) + 1) // 2]
    if not half[-1].lacking:
        return 0.0
    rate = _rate(half, _ODD)
    return _rate([each for each in ordered if each.lacking <= at_most(rate * each.people, _ODD)], _CHANCE)


def _rate(agents: Sequence[Agent], chance: float) -> float:
    return min(
        1.0, mean_at_most(sum(each.lacking for each in agents), chance) / sum(each.people for each in agents)
    )


def leaked(session: Session, desk: Sequence[Agent], honest: HonestAtMost | None) -> HonestAtMost | None:
    """`honest` and whom agents among the held clients may have had a ticket for. What is usual is told by the rest of the desk."""
    if not any(each.lacking for each in desk):
        return honest
    agents = pa.table({"principal": pa.array([each.agent for each in desk], pa.int32())})
    seen: dict[int, list[int]] = {}
    for row in session.query(_SEEN, desk_agents=agents).to_pylist():
        seen.setdefault(row["principal"], []).append(row["views"])
    rate = usual_lack([each for each in desk if each.agent not in seen]) if seen else 0.0
    people = {each.agent: each.people for each in desk}
    views = persons = 0
    for agent, most in seen.items():
        lost = most[: at_most(rate * people[agent], _CHANCE)]
        views, persons = views + sum(lost), persons + len(lost)
    if not views:
        return honest
    before = honest or HonestAtMost(views=0, persons=0, chance=_CHANCE)
    return HonestAtMost(views=before.views + views, persons=before.persons + persons, chance=_CHANCE)
