"""What does not depend on a clue: the views that findings count, the unexplained views, and the actors they form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from whosaw.store.sql import Session

from .cast import make_cast
from .crowd import Crowd
from .grouping import Grown, grow
from .habits import make_habits
from .held import make_found, make_loose, make_tally
from .link_item import Link
from .record import Record
from .turns import Turns

__all__ = ["Basis", "prepare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Findings by number, and the parties that the links make of them. `proven`: a record proves each view of the finding;
    `signs`: the detectors that made it."""

    links: tuple[Link, ...]
    record: Record
    findings: tuple[str, ...]
    crowd: Crowd
    grown: Grown
    turns: Turns | None
    proven: tuple[bool, ...]
    signs: tuple[frozenset[str], ...]


def prepare(session: Session, links: Mapping[str, Link], record: Record) -> Basis:
    """Leaves its relations in the session, for `close_prepared`: once for any number of clues that are not seeds of their own."""
    findings, crowd = make_found(session)
    make_loose(session, record, crowd)
    make_tally(session)
    proven_nodes = _proven_nodes(session, record, findings)
    proven = crowd.clients_of([at for at, each in enumerate(proven_nodes) if each])
    proven[session.query("SELECT client FROM scope_proof_clients")["client"].to_numpy()] = True
    session.register("scope_proven", pa.table({"client": pa.array(np.flatnonzero(proven).astype(np.int32))}))
    make_cast(session, crowd, proven)
    ordered = tuple(links[each] for each in sorted(links))
    for link in ordered:
        if link.habit is not None:
            make_habits(session, link.habit, crowd)
    turns = next(
        (
            Turns(link=each, clause=each.walk, record=record, crowd=crowd, proven=proven_nodes)
            for each in ordered
            if each.walk
        ),
        None,
    )
    signs = tuple(record.signs.get(each, frozenset()) for each in findings)
    grown = grow(session, ordered, signs, None, turns)
    return Basis(
        links=ordered,
        record=record,
        findings=findings,
        crowd=crowd,
        grown=grown,
        turns=turns,
        proven=proven_nodes,
        signs=signs,
    )


def _proven_nodes(session: Session, record: Record, findings: Sequence[str]) -> tuple[bool, ...]:
    """By finding, whether a record proves each view of it, be it that one detector did what others did not."""
    rows = session.query(
        "SELECT node FROM (SELECT node, client FROM members JOIN scope_nodes USING (finding)) AS m "
        "LEFT JOIN (SELECT node, client, true AS proven FROM scope_proof_clients) AS p USING (node, client) "
        "SEMI JOIN scope_proof_clients AS any_of_it USING (node) GROUP BY node HAVING bool_and(coalesce(p.proven, false))"
    )
    whole = set(rows["node"].to_pylist())
    return tuple(record.proven.get(each, False) or at in whole for at, each in enumerate(findings))
