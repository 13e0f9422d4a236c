"""Where a clue leads: to findings, to what links joined to them, or, where nothing was found, to views of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.store.sql import Session

from .clue import Clue

__all__ = ["nodes_of", "parties_of", "seeds_of"]


def nodes_of(session: Session, clue: Clue, findings: Sequence[str]) -> list[int]:
    """Findings one of whose counted views the clue is about."""
    if clue.kind == "finding":
        if clue.asked not in findings:
            raise WhosawError(
                "scope.no-finding",
                f"the ledger holds no views of the finding {clue.value}",
                hint="`whosaw findings` lists them",
            )
        return [findings.index(str(clue.asked))]
    term, values = clue.term()
    rows = session.query(
        f"SELECT DISTINCT v.node FROM scope_found AS v JOIN clients AS c USING (client) WHERE {term} ORDER BY 1",
        values,
    )
    return [int(each) for each in rows["node"].to_pylist()]


def parties_of(session: Session, clue: Clue) -> list[int]:
    """Parties that a link made views part of that the clue is about, and that no finding counts."""
    if clue.kind == "finding" or not session.query("SELECT 1 FROM scope_joined LIMIT 1").num_rows:
        return []
    term, values = clue.term()
    rows = session.query(
        "SELECT DISTINCT p.party FROM scope_loose AS v JOIN scope_party AS p USING (client) JOIN clients AS c USING (client) "
        f"WHERE {term} ORDER BY 1",
        values,
    )
    return [int(each) for each in rows["party"].to_pylist()]


def seeds_of(session: Session, clues: Sequence[Clue]) -> pa.Table:
    """Clients of the views that the clues are about and nothing explains, where no finding counts any of them."""
    parts = []
    for clue in clues:
        term, values = clue.term()
        parts.append(
            session.query(
                f"SELECT DISTINCT v.client FROM scope_loose AS v JOIN clients AS c USING (client) WHERE {term} ORDER BY 1",
                values,
            )
        )
    seeds = pa.concat_tables(parts)
    if not seeds.num_rows:
        raise WhosawError(
            "scope.nothing",
            "no view leads from these clues to anybody: the ledger has none, or each of them is explained",
            hint="Check the spelling against the log; `whosaw findings` lists what was found",
        )
    return session.query("SELECT DISTINCT client FROM seeds ORDER BY client", seeds=seeds)
