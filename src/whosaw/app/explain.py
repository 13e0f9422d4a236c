"""Explains: what every explanation says of one line or of the lines of a finding, and of all first accesses."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from whosaw.actors import Context, load_context
from whosaw.actors.ended import place_of
from whosaw.actors.event_answers import first_accesses, view_answers
from whosaw.core.document import object_of
from whosaw.core.errors import WhosawError
from whosaw.core.instants import format_instant, from_micros
from whosaw.mapping.resolver import Resolver
from whosaw.store.findings import stored_finding

from .detection import load_detection
from .questions import Ledger, open_ledger, shown_client

__all__ = ["explain"]


def explain(
    root: Path,
    what: str | None,
    *,
    context: Path | None,
    zone: tzinfo | None,
    now: datetime,
    key_file: Path | None = None,
) -> dict[str, Any]:
    """The views of a locator, or of a finding's lines, with every explanation's answer; without either, how many first
    accesses each explanation covers. Without `context` it is the folder of the last scan; where there was none, nothing
    can be told of any view, and it says so."""
    ledger = open_ledger(root, now=now, key_file=key_file)
    try:
        setup = load_detection()
        folder = context or _of_last_scan(ledger)
        given = load_context(folder, Resolver(ledger.reader), zone=zone) if folder else Context.none()
        notes = (
            list(given.notes) if folder else ["no --context was given, so no explanation can be looked up"]
        )
        if what is None:
            counted = first_accesses(ledger.reader.session, given, setup.explanations)
            return {"first_accesses": [each.as_json() for each in counted], "notes": notes}
        finding = (
            stored_finding(ledger.workspace.journal, what, ended=True) if what.startswith("f-") else None
        )
        locators = finding["locators"] if finding else [what]
        places = [_place(ledger, locator) for locator in locators]
        rows = view_answers(ledger.reader.session, given, setup.explanations, places)
        return {"what": what, "finding": finding, "views": _shown(ledger, rows), "notes": notes}
    finally:
        ledger.close()


def _of_last_scan(ledger: Ledger) -> Path | None:
    """The context folder that the last scan was given, if any; refused where it is gone."""
    known = ledger.workspace.journal.setting("context")
    if known is not None and not Path(known).is_dir():
        raise WhosawError(
            "context.gone",
            f"the context folder {known} of the last scan is gone",
            hint="Name one with --context",
        )
    return Path(known) if known is not None else None


def _place(ledger: Ledger, locator: str) -> tuple[int, int]:
    """The segment and the line that a locator names."""
    place = place_of(ledger.workspace.journal, locator)
    if place is None:
        raise WhosawError(
            "explain.unknown",
            f"{locator!r} is neither a locator of this ledger nor a finding",
            hint="Locators are printed by `whosaw who`, `whosaw what` and `whosaw findings --explain ID`",
        )
    return place


def _shown(ledger: Ledger, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    clients = {
        row["client"]: row for row in ledger.reader.client_rows(sorted({row["client"] for row in rows}))
    }
    persons = sorted({row["person"] for row in rows if row["person"] is not None})
    shown = ledger.show(persons, list(clients.values()))
    locators = ledger.reader.locators([(row["content"], row["line"]) for row in rows])
    return [
        {
            "locator": str(locator),
            "time": format_instant(from_micros(row["time"])),
            "person": None
            if row["person"] is None
            else {"number": f"p{row['person']}", "shown": shown.persons.get(row["person"], "***")},
            "actor": object_of(shown_client(clients[row["client"]], shown)),
            "route": ledger.reader.routes[row["route"]]["id"],
            "answer": row["answer"],
            "tried": row["tried"],
        }
        for row, locator in zip(rows, locators, strict=True)
    ]
