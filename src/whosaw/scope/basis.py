"""What of closure hangs on no clue: the views that findings count, those that nothing explains, and the parties they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from whosaw.store.sql import Session

from .grouping import Grown, grow
from .held import make_found, make_loose, make_tally
from .link_item import Link
from .record import Record

__all__ = ["Basis", "prepare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Findings by number, and the parties that the links make of them."""

    links: tuple[Link, ...]
    record: Record
    findings: tuple[str, ...]
    grown: Grown


def prepare(session: Session, links: Mapping[str, Link], record: Record) -> Basis:
    """Leaves its relations in the session, for `close_prepared`: once for any number of clues that are not seeds of their own."""
    findings = make_found(session)
    make_loose(session, record)
    make_tally(session)
    _make_proven(session, findings, record)
    ordered = tuple(links[each] for each in sorted(links))
    grown = grow(session, ordered, len(findings), None)
    return Basis(links=ordered, record=record, findings=tuple(findings), grown=grown)


def _make_proven(session: Session, findings: Sequence[str], record: Record) -> None:
    """scope_proven: clients of findings whose every view a record proves."""
    proven = [node for node, finding in enumerate(findings) if record.proven.get(finding, False)]
    session.query(
        "CREATE OR REPLACE TEMP TABLE scope_proven AS SELECT DISTINCT client FROM scope_members SEMI JOIN proven USING (node)",
        proven=pa.table({"node": pa.array(proven, pa.int32())}),
    )
