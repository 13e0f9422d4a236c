"""Raw identifiers by the numbers that the ledger has for them: out of the vault by number. Of what an index of an earlier release numbered,
and nobody has taken over yet, they stand in the vault blocks of segments."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.store import statements as sa
from whosaw.store.journal import tables
from whosaw.store.ledger import LedgerReader
from whosaw.store.vault import KINDS

from .commit import VAULTED, sealed_raws
from .history import given_of

__all__ = ["Identities"]

_ROWS = pa.schema([("kind", pa.int8()), ("number", pa.int32()), ("raw", pa.string())])
_AT_ONCE = 1 << 18  # numbers
_PLACES = "SELECT i.kind, number, segment, code FROM identities AS i"


class Identities:
    """Raw identifiers out of the vault. The caller journals each use."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader, self._workspace = reader, reader.workspace

    @cached_property
    def _given(self) -> Mapping[str, int]:
        """How many numbers of each kind there are for who goes through them all, more than once as well."""
        return given_of(self._workspace.journal)

    def raw(self, wanted: Mapping[str, Sequence[int]]) -> dict[str, dict[int, str]]:
        """Raw identifiers by kind and number. A session or token has none: only its digest was kept."""
        given = given_of(self._workspace.journal)
        parts, behind = [_ROWS.empty_table()], list[tuple[int, int]]()
        for kind in VAULTED:
            asked = np.unique(np.array(list(wanted.get(kind, ())), np.int64))
            known = asked < given.get(kind, 0)
            rows = sealed_raws(self._workspace, kind).get(asked[known & (asked >= 0)])
            parts.append(_of_kind(kind, rows))
            behind += [(KINDS[kind], number) for number in asked[~known].tolist()]
        if behind:
            asked_for = pa.table({
                "kind": pa.array([kind for kind, _ in behind], pa.int8()),
                "number": pa.array([number for _, number in behind], pa.int32()),
            })  # fmt: skip
            parts += self._of_segments(f"{_PLACES} SEMI JOIN asked USING (kind, number)", asked_for)
        found = {
            (row["kind"], row["number"]): row["raw"] for part in parts for row in part.to_pylist()
        }  # of few people
        return {
            kind: {number: found[KINDS[kind], number] for number in numbers if (KINDS[kind], number) in found}
            for kind, numbers in wanted.items()
        }

    def every(self, since: Mapping[str, int]) -> pa.Table:
        """All raw identifiers of some kinds, of each with the numbers from `since` on: kind, number, raw. In memory, as long as the caller
        keeps the table."""
        parts = (rows for kind, first in since.items() for rows in self.slices(kind, first, _AT_ONCE))
        return pa.concat_tables([_ROWS.empty_table(), *parts])

    def slices(self, kind: str, since: int, rows: int) -> Iterator[pa.Table]:
        """All raw identifiers of a kind with the numbers from `since` on, in order, at most so many at a time: kind, number, raw. Those that
        stand in vault blocks of segments are in memory at once."""
        given = self._given.get(kind, 0)
        held = sealed_raws(self._workspace, kind)
        for start in range(since, given, rows):
            yield _of_kind(kind, held.get(np.arange(start, min(start + rows, given))))
        asked = pa.table({
            "kind": pa.array([KINDS[kind]], pa.int8()),
            "since": pa.array([max(since, given)], pa.int64()),
        })  # fmt: skip
        behind = f"{_PLACES} JOIN asked AS a ON a.kind = i.kind AND i.number >= a.since"
        others = pa.concat_tables([_ROWS.empty_table(), *self._of_segments(behind, asked)]).sort_by("number")
        for start in range(0, others.num_rows, rows):
            yield others.slice(start, rows)

    def _of_segments(self, places: str, asked: pa.Table) -> Iterator[pa.Table]:
        """What stands in the vault blocks of segments, where this statement says."""
        rows = self._reader.session.query(f"{places} ORDER BY segment, code", asked=asked)
        segment = rows["segment"].combine_chunks().to_numpy()
        blocks = self._blocks(segment)
        borders = [0, *(np.flatnonzero(np.diff(segment)) + 1).tolist(), len(segment)]
        for start, stop in itertools.pairwise(borders):
            if start == stop:
                continue
            of = rows.slice(start, stop - start)
            kept, raw = self._secrets(blocks[int(segment[start])], of["code"].to_numpy())
            yield of.take(pa.array(kept)).select(["kind", "number"]).append_column("raw", raw).cast(_ROWS)

    def _blocks(self, segments: npt.NDArray[np.int32]) -> dict[int, str | None]:
        """By segment, of these and perhaps of others between them, its vault block; None where it has none."""
        if not len(segments):
            return {}
        segment = tables.segment.c
        rows = self._workspace.journal.rows(
            sa.select(segment.id, segment.files).where(
                segment.id >= int(segments.min()), segment.id <= int(segments.max())
            )
        )
        wanted = set(segments.tolist())
        return {row["id"]: json.loads(row["files"]).get("vault") for row in rows if row["id"] in wanted}

    def _secrets(
        self, name: str | None, asked: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.int64], pa.Array]:
        """Of one segment, whose vault block holds raw identifiers in the order of local codes: which of the codes
        asked for have one, by position, and their texts."""
        if name is None:
            return np.zeros(0, np.int64), pa.array([], pa.string())
        with self._workspace.files.mapped(name) as sealed:
            secrets = self._workspace.vault.open_blocks(sealed, asked.tolist()).combine_chunks()
        codes = secrets["code"].to_numpy()
        places = np.searchsorted(codes, asked)
        held = np.flatnonzero((places < len(codes)) & (codes[np.minimum(places, len(codes) - 1)] == asked))
        return held, secrets["raw"].take(pa.array(places[held])).combine_chunks()


def _of_kind(kind: str, rows: pa.Table) -> pa.Table:
    return pa.table(
        [pa.array(np.full(rows.num_rows, KINDS[kind], np.int8)), rows["number"], rows["raw"]], schema=_ROWS
    )
