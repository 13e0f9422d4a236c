"""Clues of a version as lines of the logs, so that somebody without the vault key can follow them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from whosaw.core.instants import format_instant, from_micros
from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.vault import KINDS

from .finding_ids import Names, load_names

__all__ = ["clues_part", "segments_of"]

_LINES = 20
_PLAIN = ("agent", "key", "tls")


def clues_part(reader: LedgerReader, documents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each version its clues, each with up to 20 lines of different files and times that it leads to.

    A line is said by the number of its content among the inputs, its number there, its time and its route.
    """
    segments = segments_of(reader)
    names = load_names(reader.workspace.journal)
    return [
        {
            "version": document["version"],
            "clues": [
                {**clue, "lines": _lines(reader, _as_now(clue, names), segments)}
                for clue in document["clues"]
            ],
        }
        for document in documents
    ]


def _as_now(clue: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    """The clue; a finding that is part of another one by now leads where that does."""
    if clue["kind"] != "finding" or clue["value"] not in names.by_id:
        return clue
    return {**clue, "value": names.root(clue["value"])}


def segments_of(reader: LedgerReader) -> dict[int, dict[str, Any]]:
    """Content, first line, number of lines and digest of every live segment, by its number."""
    segment = tables.segment
    rows = reader.workspace.journal.rows(
        sa.select(
            segment.c.id, segment.c.content, segment.c.first_line, segment.c.lines, segment.c.digest
        ).where(segment.c.live)
    )
    return {row["id"]: row for row in rows}


def _lines(
    reader: LedgerReader, clue: Mapping[str, Any], segments: Mapping[int, dict[str, Any]]
) -> list[dict[str, Any]]:
    terms, values = _where(clue, segments)
    # lines that a finding counts come first: they lead to the actor even where honest people share an address with him
    rows = reader.session.query(
        "SELECT content, line, micros, route FROM (SELECT v.content, v.line, min(v.micros) AS micros, min(v.route) AS route, "
        "bool_or(c.line IS NOT NULL) AS found, row_number() OVER (PARTITION BY v.content ORDER BY bool_or(c.line IS NOT NULL) DESC, min(v.micros), v.line) AS nth "
        "FROM views v LEFT JOIN (SELECT DISTINCT content, line FROM counted) c USING (content, line) "
        f"WHERE NOT v.duplicate AND {terms} GROUP BY v.content, v.line) ORDER BY found DESC, nth, micros, content, line LIMIT {_LINES}",
        values,
    ).to_pylist()
    return [
        {
            "content": segments[row["content"]]["content"],
            "line": row["line"],
            "time": format_instant(from_micros(row["micros"])),
            "route": reader.routes[row["route"]]["id"],
        }
        for row in rows
        if row["content"] in segments
    ]


def _where(clue: Mapping[str, Any], segments: Mapping[int, dict[str, Any]]) -> tuple[str, list[Any]]:
    """Which views a clue speaks of, as an SQL condition on `v`."""
    kind, value = str(clue["kind"]), str(clue["value"])
    if kind == "finding":
        return "(v.content, v.line) IN (SELECT content, line FROM counted WHERE finding = ?)", [value]
    if kind == "line":
        digest, _, line = value.partition(":")
        found = sorted(number for number, row in segments.items() if row["digest"].startswith(digest))
        return "v.content = ? AND v.line = ?", [found[0] if found else -1, int(line)]
    if kind in _PLAIN:
        return f"v.client IN (SELECT client FROM clients WHERE {kind} = ?)", [value]
    asked = "SELECT number FROM identities WHERE kind = ? AND lower(hex(digest)) = ?"
    values = [KINDS.get(kind, -1), value.lower()]
    if kind == "person":
        return f"v.person IN ({asked})", values
    if kind in KINDS:
        return f"v.client IN (SELECT client FROM clients WHERE {kind} IN ({asked}))", values
    return "FALSE", []
