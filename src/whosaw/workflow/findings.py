"""Findings as the last scan left them."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from whosaw.core.errors import WhosawError
from whosaw.store.journal import Journal, tables

__all__ = ["stored_finding", "stored_findings", "stored_usual"]


def stored_findings(journal: Journal) -> list[dict[str, Any]]:
    """All findings, the one with the most persons at risk first."""
    rows = journal.rows(sa.select(tables.finding.c.body).order_by(tables.finding.c.position))
    return [json.loads(row["body"]) for row in rows]


def stored_usual(journal: Journal) -> list[dict[str, Any]]:
    """What the last run of the detectors took for usual: by clause how many people bore its sign, of how many, and from when."""
    known = journal.setting("detected")
    usual: list[dict[str, Any]] = json.loads(known).get("usual", []) if known is not None else []
    return usual


def stored_finding(journal: Journal, name: str) -> dict[str, Any]:
    """One finding by its id or the beginning of it."""
    found = [each for each in stored_findings(journal) if each["id"].startswith(name)]
    if len(found) != 1:
        what = "no finding" if not found else f"{len(found)} findings"
        raise WhosawError(
            "finding.unknown",
            f"{what} with an id that begins with {name!r}",
            hint="`whosaw findings` lists them",
        )
    return found[0]
