"""What the explanations say of single views, where the answers that the ledger holds for whole exposures do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from whosaw.actors import Context, Explanation
from whosaw.actors.explanation import answered, prepare
from whosaw.actors.run import drop_tables
from whosaw.scope.leaks import Agent
from whosaw.scope.record import CANNOT_TELL, UNEXPLAINED, told_table
from whosaw.store.sql import LASTING, Session

__all__ = ["Undecided", "undecided_answers"]

# Views of nobody by name, and those of exposures whose views have different answers.
_UNDECIDED = f"""
CREATE OR REPLACE TEMP TABLE undecided_views AS
SELECT v.* FROM {LASTING}.views AS v WHERE v.person IS NULL AND NOT v.duplicate
UNION ALL
SELECT v.* FROM {LASTING}.views AS v SEMI JOIN (
    SELECT person, client, route FROM answers
    WHERE (explained > 0)::INTEGER + (unexplained > 0)::INTEGER + (cannot_tell > 0)::INTEGER > 1
) AS a ON a.person = v.person AND a.client = v.client AND a.route = v.route
WHERE NOT v.duplicate
"""
# Lists are pages of people at work. Logins do not say whether they had a reason, and tickets, which do not say it either, must not make less
# certain what was certain without them.
_LISTS_UNTOLD = f"CASE WHEN person IS NULL AND answer = {UNEXPLAINED} THEN {CANNOT_TELL} ELSE answer END::UTINYINT AS answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """`told`: (content, line, person, answer). `desk`: for how many people each agent has no ticket."""

    told: pa.Table
    desk: tuple[Agent, ...] = ()


def undecided_answers(
    session: Session, context: Context, explanations: Mapping[str, Explanation]
) -> Undecided:
    """Without a record there is nothing to look views up in, and no row."""
    if not context.tables:
        return Undecided(told=told_table())
    believed = prepare(session, context)  # learns from all views; only then are the others put out of sight
    try:
        session.execute(_UNDECIDED)
        session.execute("CREATE OR REPLACE TEMP VIEW views AS SELECT * FROM undecided_views")
        sql, values = answered(list(explanations.values()))
        answer = "answer" if {"staff", "tickets"} <= set(context.tables) else _LISTS_UNTOLD
        return Undecided(
            told=told_table(session.query(f"SELECT content, line, person, {answer} FROM ({sql})", values)),
            desk=tuple(
                Agent(agent=each.agent, people=each.people, lacking=each.lacking)
                for each in believed.tickets.agents
            ),
        )
    finally:
        session.execute("DROP VIEW IF EXISTS temp.views")
        session.execute("DROP TABLE IF EXISTS undecided_views")
        drop_tables(session)
