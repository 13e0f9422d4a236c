"""Views that are shown to the people whom they are of later, because an investigation comes first: whose they are."""

from __future__ import annotations

from datetime import datetime

from whosaw.core.errors import WhosawError
from whosaw.core.instants import to_micros
from whosaw.store.repositories.findings import stored_finding
from whosaw.store.repositories.own import WithheldRow, withheld

from .questions import Ledger

__all__ = ["standing", "withheld_clients"]


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
