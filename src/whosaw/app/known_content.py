"""A content that was read before, met again."""

from __future__ import annotations

from typing import Any

from whosaw.ingest.content import Content
from whosaw.ingest.content_report import ContentReport
from whosaw.store.manifest import add_content, update_content
from whosaw.store.workspace import Workspace

from .plan import Candidate, place_of, stamp_of, still_there

__all__ = ["nothing_new"]


def nothing_new(
    workspace: Workspace, scan: int, content: Content, candidate: Candidate, fault: str | None
) -> ContentReport:
    """Note that a content is one that was read already: under its old name, a new one, or as a copy beside it."""
    row = candidate.row
    outcome, notes = "unchanged", tuple[str, ...]()
    values: dict[str, Any] = {"stamp": stamp_of(content), "complete": True, "fault": fault}
    if row["name"] == content.name:
        values["place"] = place_of(content)
    elif still_there(row):
        outcome, notes = "copy", (f"the same bytes as {row['name']}, not counted twice",)
        values = {}
    else:
        outcome, notes = "renamed", (f"was {row['name']}",)
        values.update(name=content.name, place=place_of(content))
    with workspace.journal.transaction() as connection:
        if values:
            update_content(connection, candidate.id, values)
        if outcome == "copy":
            copy = {
                **row,
                "name": content.name,
                "source": content.source,
                "place": place_of(content),
                "stamp": stamp_of(content),
            }
            copy.pop("id")
            copy.update(replaced_by=None, note=f"copy of content {candidate.id}", read_in=scan)
            add_content(connection, copy)
    return ContentReport(
        name=content.name,
        source=content.source,
        outcome=outcome,
        content=candidate.id,
        format=row["format"],
        notes=notes,
    )
