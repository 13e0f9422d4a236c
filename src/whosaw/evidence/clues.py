"""Clues of a version as lines of the logs, so that somebody without the vault key can follow them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from whosaw.core import client
from whosaw.core.instants import format_instant, from_micros
from whosaw.store.ledger import LedgerReader
from whosaw.store.repositories.finding_ids import Names, load_names
from whosaw.store.repositories.segments import ReadSegment, live_segments
from whosaw.store.vault import KINDS

from .sealed import FollowedClue, SealedClue, SealedLine, VersionClues

__all__ = ["clues_part", "segments_of"]

_LINES = 20


def clues_part(reader: LedgerReader, clues: Mapping[int, Sequence[SealedClue]]) -> tuple[VersionClues, ...]:
    """For each version, by number, its clues, each with up to 20 lines of different files and times that it leads to.

    A line is said by the number of its content among the inputs, its number there, its time and its route.
    """
    segments = segments_of(reader)
    names = load_names(reader.workspace.journal)
    return tuple(
        VersionClues(
            version=version,
            clues=tuple(
                FollowedClue(clue=clue, lines=_lines(reader, _as_now(clue, names), segments)) for clue in own
            ),
        )
        for version, own in clues.items()
    )


def _as_now(clue: SealedClue, names: Names) -> SealedClue:
    """The clue; a finding that is part of another one by now leads where that does."""
    if clue.kind != "finding" or clue.value not in names.by_id:
        return clue
    return replace(clue, value=names.root(clue.value))


def segments_of(reader: LedgerReader) -> dict[int, ReadSegment]:
    """Every segment that the ledger counts, by its number."""
    return {each.id: each for each in live_segments(reader.workspace.journal)}


def _lines(
    reader: LedgerReader, clue: SealedClue, segments: Mapping[int, ReadSegment]
) -> tuple[SealedLine, ...]:
    terms, values = _where(reader, clue, segments)
    # lines that a finding counts come first: they lead to the actor even where honest people share an address with it
    rows = reader.session.query(
        "SELECT content, line, micros, route FROM (SELECT v.content, v.line, min(v.micros) AS micros, min(v.route) AS route, "
        "bool_or(c.line IS NOT NULL) AS found, row_number() OVER (PARTITION BY v.content ORDER BY bool_or(c.line IS NOT NULL) DESC, min(v.micros), v.line) AS nth "
        "FROM views v LEFT JOIN (SELECT DISTINCT content, line FROM counted) c USING (content, line) "
        f"WHERE NOT v.duplicate AND {terms} GROUP BY v.content, v.line) ORDER BY found DESC, nth, micros, content, line LIMIT {_LINES}",
        values,
    ).to_pylist()
    return tuple(
        SealedLine(
            content=segments[row["content"]].content,
            line=row["line"],
            time=format_instant(from_micros(row["micros"])),
            route=reader.routes[row["route"]]["id"],
        )
        for row in rows
        if row["content"] in segments
    )


def _where(
    reader: LedgerReader, clue: SealedClue, segments: Mapping[int, ReadSegment]
) -> tuple[str, list[Any]]:
    """Which views a clue speaks of, as an SQL condition on `v`."""
    kind, value = clue.kind, clue.value
    if kind == "finding":
        return "(v.content, v.line) IN (SELECT content, line FROM counted WHERE finding = ?)", [value]
    if kind == "line":
        digest, _, line = value.partition(":")
        found = sorted(number for number, row in segments.items() if row.digest.startswith(digest))
        return "v.content = ? AND v.line = ?", [found[0] if found else -1, int(line)]
    if kind in client.CLEAR:
        return f"v.client IN (SELECT client FROM clients WHERE {kind} = ?)", [value]
    if kind not in KINDS:
        return "FALSE", []
    number = reader.number_of_first(kind, value)
    if kind == "person":
        return "v.person = ?", [number]
    return f"v.client IN (SELECT client FROM clients WHERE {kind} = ?)", [number]
