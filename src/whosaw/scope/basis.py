"""What of closure hangs on no clue: the views that findings count, those that nothing explains, and the parties they make."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Findings by number, and the parties that the links make of them."""

    links: tuple[Link, ...]
    record: Record
    findings: tuple[str, ...]
    crowd: Crowd
    grown: Grown
    turns: Turns | None


def prepare(session: Session, links: Mapping[str, Link], record: Record) -> Basis:
    """Leaves its relations in the session, for `close_prepared`: once for any number of clues that are not seeds of their own."""
    findings, crowd = make_found(session)
    make_loose(session, record, crowd)
    make_tally(session)
    proven = crowd.clients_of([at for at, each in enumerate(findings) if record.proven.get(each, False)])
    session.register("scope_proven", pa.table({"client": pa.array(np.flatnonzero(proven).astype(np.int32))}))
    make_cast(session, crowd, proven)
    ordered = tuple(links[each] for each in sorted(links))
    for link in ordered:
        if link.habit is not None:
            make_habits(session, link.habit, crowd)
    proven_nodes = tuple(record.proven.get(each, False) for each in findings)
    turns = next(
        (
            Turns(link=each, clause=each.walk, record=record, crowd=crowd, proven=proven_nodes)
            for each in ordered
            if each.walk
        ),
        None,
    )
    grown = grow(session, ordered, len(findings), None, turns)
    return Basis(links=ordered, record=record, findings=findings, crowd=crowd, grown=grown, turns=turns)
