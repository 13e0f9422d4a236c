"""Where a clue leads: to findings, to what links joined to them, or, where nothing was found, to views of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core.client import COLUMNS
from whosaw.core.errors import WhosawError
from whosaw.store.sql import Session, quote_name

from .basis import Basis
from .borrowed import borrowed_views
from .clue import Clue
from .crowd import Crowd
from .grouping import groups_of, is_accepted
from .link_item import Link
from .record import UNEXPLAINED
from .sharing import group_table

__all__ = ["Seeds", "borrowed_of", "maybe_of", "nodes_of", "parties_of", "seeds_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Clients (client) of views that clues are about. `proven`: a record has no reason for at least one of these views."""

    clients: pa.Table
    proven: bool


def nodes_of(session: Session, clue: Clue, findings: Sequence[str], crowd: Crowd) -> set[int]:
    """Findings one of whose counted views the clue is about."""
    if clue.kind == "finding":
        if clue.asked not in findings:
            raise WhosawError(
                "scope.no-finding",
                f"the ledger holds no views of the finding {clue.value}",
                hint="`whosaw findings` lists them",
            )
        return {findings.index(str(clue.asked))}
    term, values = clue.term()
    asked = "clients AS c" if clue.kind in COLUMNS else "views AS v"
    but = "" if clue.kind in COLUMNS else "NOT v.duplicate AND "
    clients = session.query(f"SELECT DISTINCT client FROM {asked} WHERE {but}{term}", values)["client"]
    found = crowd.whole_nodes_of(clients.to_numpy().astype(np.int64))
    if session.query("SELECT 1 FROM scope_found_lines LIMIT 1").num_rows:
        rows = session.query(
            "SELECT DISTINCT l.node FROM scope_found_lines AS l JOIN views AS v USING (content, line) "
            f"JOIN clients AS c USING (client) WHERE NOT v.duplicate AND {term} ORDER BY 1",
            values,
        )
        found |= {int(each) for each in rows["node"].to_pylist()}
    return found


def parties_of(session: Session, clue: Clue) -> set[int]:
    """Parties that a link made views part of that the clue is about, and that no finding counts."""
    if clue.kind == "finding" or not session.query("SELECT 1 FROM scope_joined LIMIT 1").num_rows:
        return set()
    term, values = clue.term()
    rows = session.query(
        "SELECT DISTINCT p.party FROM scope_loose AS v JOIN scope_party AS p USING (client) JOIN clients AS c USING (client) "
        f"WHERE {term} ORDER BY 1",
        values,
    )
    return {int(each) for each in rows["party"].to_pylist()}


def seeds_of(session: Session, clues: Sequence[Clue]) -> Seeds:
    """What is left where no finding and no link counts any view that the clues are about: those that nothing explains."""
    parts = []
    for clue in clues:
        term, values = clue.term()
        parts.append(
            session.query(
                "SELECT v.client, bool_or(v.answer = ?) AS proven FROM scope_loose AS v JOIN clients AS c USING (client) "
                f"WHERE {term} GROUP BY v.client ORDER BY 1",
                [UNEXPLAINED, *values],
            )
        )
    seeds = pa.concat_tables(parts)
    rows = session.query(
        "SELECT client, bool_or(proven) AS proven FROM seeds GROUP BY client ORDER BY client", seeds=seeds
    )
    return Seeds(clients=rows.select(["client"]), proven=bool(pc.any(rows["proven"]).as_py()))


def borrowed_of(session: Session, clues: Sequence[Clue], party: int, basis: Basis) -> bool:
    """Whether a login explains views of the clues in such a way that they may be this party's all the same."""
    session.execute("CREATE OR REPLACE TEMP TABLE scope_possible (client INTEGER)")
    nodes = basis.grown.nodes(party)
    borrowed_views(session, basis.links, (party,), nodes, basis.record)
    for clue in clues:
        term, values = clue.term()
        if session.query(
            "SELECT 1 FROM scope_borrowed_lines AS l JOIN views AS v USING (content, line) JOIN clients AS c USING (client) "
            f"WHERE NOT v.duplicate AND {term} LIMIT 1",
            values,
        ).num_rows:
            return True
    return False


def maybe_of(session: Session, links: Sequence[Link], seeds: Seeds) -> set[int]:
    """Parties of which it cannot be told whether the seeds are theirs: they share something with them, and others do, too."""
    found: set[int] = set()
    for link in (each for each in links if each.joins != "findings" and each.possible):
        only_possible = link.joins == "nothing"
        groups = [each for each in groups_of(session, link) if is_accepted(link, each) == only_possible]
        if not groups:
            continue
        using = ", ".join(quote_name(each) for each in link.by)
        asked = group_table(session, link, groups)
        parties = pa.array([each["parties"] for each in groups], pa.list_(pa.int32()))
        rows = session.query(
            "SELECT DISTINCT unnest(g.parties) AS party FROM scope_outside AS t SEMI JOIN seed_clients USING (client) "
            f"JOIN open_groups AS g USING ({using})",
            open_groups=asked.append_column("parties", parties),
            seed_clients=seeds.clients,
        )
        found.update(int(each) for each in rows["party"].to_pylist())
    return found
