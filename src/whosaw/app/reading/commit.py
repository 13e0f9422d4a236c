"""What the journal is told of contents and their segments, each in one transaction with their coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whosaw.ingest.content_report import ContentReport
from whosaw.ingest.files.content import Content
from whosaw.store.journal import Connection
from whosaw.store.repositories.manifest import (
    add_content,
    add_segment,
    all_rejected,
    content_segments,
    retire,
    start_content,
    update_content,
)
from whosaw.store.workspace import Workspace

from .content import Candidate, place_of, stamp_of, still_there
from .plan import Plan
from .segments import WrittenSegment

__all__ = ["Commits"]


class Commits:
    """Commits of one scan."""

    def __init__(self, workspace: Workspace, scan: int, map_digest: str | None) -> None:
        self._workspace, self._scan, self._map_digest = workspace, scan, map_digest

    def live(self, number: int) -> list[dict[str, Any]]:
        """The segments that a content has now."""
        return content_segments(self._workspace.journal, number)

    def rejected(self, number: int) -> bool:
        """Whether every line that a content has now is rejected."""
        return bool(all_rejected(self._workspace.journal, [number]))

    def begin(self, plan: Plan, *, row: bool = True) -> None:
        """Before a content that is known is read on or again: take out what is read again, and (with `row`) say how."""
        if plan.known is None:
            return
        with self._workspace.journal.transaction() as connection:
            retire(connection, list(plan.gone))
            if row:
                update_content(connection, plan.known, plan.row)

    def segment(
        self, known: int | dict[str, Any], stored: WrittenSegment | None, values: dict[str, Any]
    ) -> int:
        """A segment (if any) and what is now known of its content: its number, or the row of one that is not in the manifest
        yet. Returns the number."""
        with self._workspace.journal.transaction() as connection:
            return self._segment(connection, known, stored, values)

    def together(self, new: Sequence[tuple[dict[str, Any], WrittenSegment, dict[str, Any]]]) -> list[int]:
        """Contents of one segment each whose names the manifest does not have, all in one transaction: the row of each, its segment, and
        what is known of it then. Returns their numbers."""
        with self._workspace.journal.transaction() as connection:
            return [
                self._added(connection, add_content(connection, {**row, **values}), stored)
                for row, stored, values in new
            ]

    def _segment(
        self,
        connection: Connection,
        known: int | dict[str, Any],
        stored: WrittenSegment | None,
        values: dict[str, Any],
    ) -> int:
        number = known if isinstance(known, int) else start_content(connection, known)
        if stored is not None:
            self._added(connection, number, stored)
        update_content(connection, number, values)
        return number

    def _added(self, connection: Connection, content: int, stored: WrittenSegment) -> int:
        """The number of the content, now with this segment."""
        add_segment(connection, stored.row(content, map_digest=self._map_digest), stored.draft, stored.files)
        return content

    def empty(self, row: dict[str, Any]) -> int:
        """A content of which nothing was read. Returns its number."""
        with self._workspace.journal.transaction() as connection:
            return add_content(connection, row)

    def renamed(self, moved: Sequence[tuple[Content, dict[str, Any]]]) -> list[ContentReport]:
        """Contents that are known and lie under new names, each with its row, all in one transaction."""
        with self._workspace.journal.transaction() as connection:
            for content, row in moved:
                update_content(connection, row["id"], {"name": content.name, "place": place_of(content)})
        rejected = all_rejected(self._workspace.journal, [row["id"] for _, row in moved])
        return [
            ContentReport(
                name=content.name,
                source=content.source,
                outcome="renamed",
                content=row["id"],
                format=row["format"],
                time_only=row["confidence"] == 0,
                refused=row["id"] in rejected,
                notes=_moved(row),
            )
            for content, row in moved
        ]

    def nothing_new(self, content: Content, candidate: Candidate, fault: str | None) -> ContentReport:
        """A content that was read already: under its old name, a new one, or as a copy beside it."""
        row = candidate.row
        outcome, notes = "unchanged", tuple[str, ...]()
        values: dict[str, Any] = {"stamp": stamp_of(content), "complete": True, "fault": fault}
        if row["name"] == content.name:
            values["place"] = place_of(content)
        elif still_there(row):
            outcome, notes = "copy", (f"the same bytes as {row['name']}, not counted twice",)
            values = {}
        else:
            outcome, notes = "renamed", _moved(row)
            values.update(name=content.name, place=place_of(content))
        with self._workspace.journal.transaction() as connection:
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
                copy.update(replaced_by=None, note=f"copy of content {candidate.id}", read_in=self._scan)
                add_content(connection, copy)
        return ContentReport(
            name=content.name,
            source=content.source,
            outcome=outcome,
            content=candidate.id,
            format=row["format"],
            notes=notes,
        )


def _moved(row: dict[str, Any]) -> tuple[str, ...]:
    return (f"the same file as {row['name']}, read before",)
