"""The views that findings count, of some days, as the index says them: a line by its segment, and of clients those alone that it has rows of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.actors.summing.who import column
from whosaw.actors.telling.find import Party
from whosaw.actors.telling.kept import Kept
from whosaw.actors.telling.standing import held_by
from whosaw.build.state import Runs
from whosaw.core.finding import Finding, Place
from whosaw.store.distinct import distinct
from whosaw.store.ledger import LedgerReader
from whosaw.store.live_files import rows_of
from whosaw.store.numbers.history import load_history
from whosaw.store.person_sets import unpack_rows
from whosaw.store.repositories.segments import live_segments
from whosaw.store.workspace import Workspace

__all__ = ["CountedViews", "IndexClients", "Segments", "Used"]

Ints = npt.NDArray[np.int64]
Used = list[list[int]]
"""Segments that were met, each with the places of the first and the last line that was."""
_LINE_BITS: Final = 40  # of the place of a line: lines of one content are fewer
_COUNTED: Final = pa.schema([
    ("story", pa.int32()), ("client", pa.int64()), ("content", pa.int32()), ("line", pa.int64()), ("standing", pa.int8()),
    ("counted", pa.bool_()),
])  # fmt: skip


class Segments:
    """Which segment holds a line of a content."""

    def __init__(self, places: Ints, numbers: Ints) -> None:
        self._places, self._numbers = places, numbers

    @classmethod
    def of(cls, workspace: Workspace) -> Segments:
        """As the ledger counts them."""
        rows = sorted(
            ((each.content << _LINE_BITS) + each.first_line, each.id)
            for each in live_segments(workspace.journal)
        )
        places, numbers = np.array(rows, np.int64).reshape(-1, 2).T
        return cls(places, numbers)

    def placed(self, finding: Finding) -> Finding:
        """The finding with places as the index has them."""
        content = np.array([each.content for each in finding.places], np.int64)
        line = np.array([each.line for each in finding.places], np.int64)
        places = zip(self.at(place_of(content, line)).tolist(), line.tolist(), strict=True)
        return replace(finding, places=tuple(Place(content=at, line=each) for at, each in places))

    def at(self, places: Ints) -> Ints:
        """The segments of lines that were read."""
        found: Ints = self._numbers[np.searchsorted(self._places, places, side="right") - 1]
        return found

    def used(self, places: Ints) -> Used:
        """The segments of lines, in the order of their lines."""
        if not len(places):
            return []
        own = np.sort(places)
        at = self.at(own)
        changed = np.flatnonzero(at[1:] != at[:-1])
        starts, ends = np.append(0, changed + 1), np.append(changed, len(at) - 1)
        rows: Used = np.stack([at[starts], own[starts], own[ends]], axis=1).tolist()
        return rows

    def still(self, used: Used) -> bool:
        """Whether all lines that were met are of the same segments as they were."""
        if not len(self._places):
            return not used
        rows = np.array(used, np.int64).reshape(-1, 3)
        return all(np.array_equal(self.at(rows[:, each]), rows[:, 0]) for each in (1, 2))


def place_of(content: Ints, line: Ints) -> Ints:
    """Of lines, by which they are in order."""
    return (content << _LINE_BITS) + line


@dataclass(frozen=True)
class IndexClients:
    """Of which clients the index has a row."""

    reader: LedgerReader

    @cached_property
    def every(self) -> bool:
        """Whether it has one of every number that was given."""
        workspace = self.reader.workspace
        given = load_history(workspace.journal, workspace.files).given("client")
        return rows_of(workspace.journal, "clients") == given

    def lacking(self, clients: pa.ChunkedArray | pa.Array) -> pa.Array:
        """Those of these of whom it has none."""
        if self.every or not len(clients):
            return pa.array([], pa.int64())
        asked = pa.table({"client": pc.unique(clients)})
        found = self.reader.session.query("SELECT client FROM asked ANTI JOIN clients USING (client)", asked=asked)  # fmt: skip
        return found["client"].combine_chunks().cast(pa.int64())

    def lack_still(self, clients: Sequence[int]) -> bool:
        """Whether it has no row of any of these clients. One that it has stays."""
        return len(self.lacking(pa.array(clients, pa.int64()))) == len(clients)

    def instead(self, views: pa.Table) -> pa.Table:
        """Counted views with clients of whom the index has a row. One that steps joined of two sources, and that the index did not join in the
        same way, is the client of the line."""
        told = self.reader.session.query(
            "SELECT story, CASE WHEN c.client IS NULL THEN l.client ELSE t.client END AS client, content, line, standing, counted "
            "FROM told AS t LEFT JOIN (SELECT client FROM clients) AS c USING (client) "
            "LEFT JOIN (SELECT DISTINCT content, line, client FROM views) AS l USING (content, line) ",
            told=views,
        )
        return told.cast(_COUNTED)


@dataclass(frozen=True, slots=True)
class _Told:
    """The marks of which parties count views, in order; and of each, one mark behind the other from `starts` on, the parties, with the standing of
    these views where it may differ from view to view (-1: none). `digests` say the same of each mark."""

    marks: pa.Array
    starts: Ints
    stories: Ints
    standing: Ints
    digests: Sequence[bytes]

    @classmethod
    def of(cls, kept: Kept, parties: Sequence[Party]) -> _Told:
        held = [each for each in held_by(kept, [party.flags for party in parties]) if each.counted]
        held.sort(key=lambda each: (each.mark, each.party))
        marks = [each.mark for each in held]
        starts = [at for at, mark in enumerate(marks) if not at or marks[at - 1] != mark]
        mixed = [each.standing if parties[each.party].mixed else None for each in held]
        standing = [-1 if each is None else each for each in mixed]
        said = [
            f"{parties[each.party].finding.id} {parties[each.party].mixed} {own}".encode()
            for each, own in zip(held, standing, strict=True)
        ]
        return cls(
            marks=pa.array([marks[at] for at in starts], pa.binary(16)),
            starts=np.array([*starts, len(marks)], np.int64),
            stories=np.array([each.party for each in held], np.int64),
            standing=np.array(standing, np.int64),
            digests=[
                blake2b(b"\n".join((marks[at], *sorted(said[at:end]))), digest_size=16).digest()
                for at, end in pairwise([*starts, len(marks)])
            ],
        )


class CountedViews:
    """The counted views of all parties, with their standing where it may differ from view to view."""

    def __init__(self, kept: Kept, parties: Sequence[Party], runs: Runs, segments: Segments) -> None:
        self._told = _Told.of(kept, parties)
        self._runs, self._segments = runs, segments
        lines = kept.rows("lines")
        self._days = column(lines, "day")
        mark = pc.fill_null(pc.index_in(lines["mark"], self._told.marks), -1)
        self._lines = lines.drop_columns(["mark"]).append_column("told", mark.cast(pa.int64()))

    def key(self, days: Sequence[int]) -> str:
        """What the counted views of these days follow from, but for segments and for whom the index has a row of."""
        own = distinct(column(self._of(days), "told"))
        told = blake2b(digest_size=16)
        for each in own[own >= 0].tolist():
            told.update(self._told.digests[each])
        for kind in ("lines", "views"):
            for day in days:
                told.update(f"{day} {self._runs.digest(kind, day)}\n".encode())
        return told.hexdigest()

    def on(self, days: Sequence[int]) -> tuple[pa.Table, Used]:
        """Those of these days, and the segments of their lines."""
        rows, told = self._of(days), self._told
        there = sorted(set(column(rows, "day").tolist()))
        views = self._runs.rows("views", there, ["content", "line", "client"])
        lines = self._runs.rows("lines", there, ["positions"])
        mark = column(rows, "told")
        own = np.flatnonzero(mark >= 0)
        first = told.starts[mark[own]]
        row, which = _each_of(told.starts[mark[own] + 1] - first)
        entry, row = first[row] + which, own[row]  # each party that counts the views of a row
        positions, of = unpack_rows(lines["positions"])
        starts, ends = (np.searchsorted(of, np.arange(rows.num_rows), side) for side in ("left", "right"))
        by, which = _each_of((ends - starts)[row])
        begins = np.searchsorted(column(views, "day"), column(rows, "day"))
        at = begins[row[by]] + positions[starts[row[by]] + which]
        content, line, client = (column(views, name)[at] for name in ("content", "line", "client"))
        places, standing = place_of(content, line), told.standing[entry[by]]
        columns = {
            "story": told.stories[entry[by]],
            "client": client,
            "content": self._segments.at(places),
            "line": line,
            "standing": pa.array(standing, mask=standing < 0),
            "counted": np.ones(len(at), np.bool_),
        }
        return pa.table(columns).select(_COUNTED.names).cast(_COUNTED), self._segments.used(places)

    def _of(self, days: Sequence[int]) -> pa.Table:
        start, end = np.searchsorted(self._days, [days[0], days[-1] + 1]).tolist()
        return self._lines.slice(start, end - start)


def _each_of(many: Ints) -> tuple[Ints, Ints]:
    """Of things of which there are so many each: which one each is of, and its place among those of it."""
    of = np.repeat(np.arange(len(many)), many)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
