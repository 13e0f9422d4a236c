"""Views that are shown to the people whom they are of later, because an investigation comes first: whose they are."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from whosaw.core.counts import UNSURE_IDENTIFIER, UNSURE_SPELLING, UNSURE_TWIN, Count, Reason
from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.scope.unread import Unread, widened
from whosaw.store.repositories.findings import stored_finding
from whosaw.store.repositories.own import WithheldRow, withheld
from whosaw.store.schemas import MAYBE_TWIN, UNSURE_SPELLED

from .questions import Ledger

__all__ = ["count_shown", "standing", "withheld_clients"]


def standing(rows: list[WithheldRow], now: datetime) -> list[WithheldRow]:
    """Those that neither ended nor were ended."""
    return [each for each in rows if each.ended is None and to_micros(now) < each.ends]


def withheld_clients(ledger: Ledger, *, now: datetime) -> frozenset[int]:
    """The clients whose views are withheld now: those that an actor had when somebody said so, and those that its finding has since."""
    journal, found = ledger.workspace.journal, set[int]()
    for each in standing(withheld(journal), now):
        found.update(each.clients)
        if each.actor.startswith("f-"):
            try:
                found.update(ledger.counted_clients(stored_finding(journal, each.actor).id))
            except WhosawError as gone:
                if gone.code not in ("finding.unknown", "finding.ended"):
                    raise
    return frozenset(found)


def count_shown(ledger: Ledger, person: int | None, hidden: frozenset[int]) -> Count:
    """How many views of a person there are of clients that are not hidden: what these did leaves no trace in the bounds. None: of somebody
    whom the ledger never met."""
    session = ledger.reader.session
    asked = [-1 if person is None else person]
    clients = pa.table({"client": pa.array(sorted(hidden), pa.int32())})
    shown = "person = ? AND client NOT IN (SELECT client FROM hidden)"
    (row,) = session.query(
        f"SELECT count(*) AS views, count(*) FILTER (doubt & {UNSURE_SPELLED} <> 0) AS spelled, "
        f"count(*) FILTER (doubt & {UNSURE_SPELLED} = 0 AND doubt & {MAYBE_TWIN} <> 0) AS twins, count(*) FILTER (doubt <> 0) AS possible "
        f"FROM (SELECT coalesce(unsure, 0) AS doubt FROM views WHERE NOT duplicate AND {shown})",
        asked,
        hidden=clients,
    ).to_pylist()
    repeats = session.query(
        f"SELECT count(DISTINCT (content, line)) AS n FROM views WHERE duplicate AND {shown}",
        asked,
        hidden=clients,
    )["n"][0].as_py()
    unread = Unread.of(ledger.workspace.journal)
    holding = (
        session.query("SELECT DISTINCT content FROM views")["content"].to_pylist() if unread.any() else []
    )
    told = (
        (UNSURE_SPELLING, row["spelled"]),
        (UNSURE_IDENTIFIER, row["possible"] - row["spelled"] - row["twins"]),
        (UNSURE_TWIN, row["twins"]),
    )
    reasons = tuple(Reason(code=code, adds_upper=many) for code, many in told if many)
    count = Count(unit="views", lower=row["views"] - row["possible"], upper=row["views"], reasons=reasons)
    return widened([count], rejects=unread.near(holding, None, None), repeats=repeats)[0]
