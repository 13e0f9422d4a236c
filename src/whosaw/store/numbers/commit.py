"""Segments that were read get their numbers: identifiers, clients and texts, the vault by number, and what their codes stand for.

All files are written first, and one transaction moves the journal to the new state. Whatever ends before it gave no number: the next
run gives the same ones to the same segments. Numbers are given here alone: the index has those that are given here, and is committed with
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from whosaw.core import client
from whosaw.core.errors import WhosawError
from whosaw.store import statements as sa
from whosaw.store.digest_words import Words, halves
from whosaw.store.files import ContentStore, Together
from whosaw.store.journal import Journal, tables
from whosaw.store.numbers.local_codes import LocalCodes
from whosaw.store.overlaps import LiveSegment
from whosaw.store.recent import Recent
from whosaw.store.vault import KINDS, Vault, as_column
from whosaw.store.workspace import Workspace

from .allot import Allotted, allot, in_order_of_digest, scratch
from .history import History, load_history
from .known import Known, Numbers, Run
from .sealed import SealedRows
from .segments import put_segment_numbers
from .texts import with_texts

__all__ = ["RAW", "VAULTED", "Numbering", "number_segments", "numbered_on", "sealed_raws", "unnumbered"]

VAULTED = ("person", *client.VAULTED)
_AT_ONCE = 512  # files that reach the disk in one flush
_GROUP = 1 << 15  # codes of small segments that are looked at together
_SOUGHT = (
    1 << 24
)  # digests of a kind that are known, at most, where some are looked up by themselves: they stand in the page cache
_CLIENT = "client"
_KEPT = 32 << 20  # bytes of texts of segments
RAW = pa.schema([("raw", pa.string())])
Ints = npt.NDArray[np.int32]


def sealed_raws(workspace: Workspace, kind: str) -> SealedRows:
    """The raw identifiers of a kind by number."""
    return SealedRows(workspace.root, workspace.vault, kind, RAW, space=workspace.files.space)


def unnumbered(journal: Journal, history: History) -> list[LiveSegment]:
    """The live segments whose codes have no numbers yet, in order."""
    segment = tables.segment
    rows = journal.rows(sa.select(segment).where(segment.c.live).order_by(segment.c.id))
    return [
        LiveSegment(
            id=row["id"],
            files=json.loads(row["files"]),
            map=row["map"],
            first_time=row["first_time"],
            last_time=row["last_time"],
            content=row["content"],
        )
        for row in rows
        if row["id"] not in history.numbered
    ]


def number_segments(workspace: Workspace, *, threads: int = 1) -> History:
    """Number every live segment that is not yet. Only for the one who holds the workspace for writing."""
    with workspace.numbering:
        before = load_history(workspace.journal, workspace.files)
        segments = unnumbered(workspace.journal, before)
        if not segments:
            return before
        after = numbered_on(workspace, before, segments, threads=threads)
        with workspace.journal.transaction() as connection:
            after.store(connection, before)
        return after


def numbered_on(
    workspace: Workspace, before: History, segments: Sequence[LiveSegment], *, threads: int = 1
) -> History:
    """The state with these segments numbered on top of another. All files are written, and nothing is committed."""
    numbering = Numbering(workspace, before, segments, threads=threads)
    try:
        return numbering.run()
    finally:
        numbering.close()


class Numbering:
    """Numbers for some segments, on top of a state. Writes files and blocks, and commits nothing.

    Small segments are looked at many at once, in groups of those that stand together: these share a file of numbers."""

    def __init__(
        self, workspace: Workspace, before: History, segments: Sequence[LiveSegment], *, threads: int = 1
    ) -> None:
        workspace.spill.mkdir(exist_ok=True)
        self._workspace, self._before, self._segments, self._threads = workspace, before, segments, threads
        self._store: ContentStore = workspace.files
        self._spill: Path = workspace.spill
        self._identities = LocalCodes(self._store, segments, "identities")
        self._clients = LocalCodes(self._store, segments, "clients")
        self._groups = _grouped(np.diff(self._identities.starts) + np.diff(self._clients.starts))
        # by place: of identifiers; of clients; of texts, of each kind those of a group from its first client's place on
        self._of_identity = self._room("identities", self._identities)
        self._of_client = self._room("clients", self._clients)
        self._of_text = {name: self._room(name, self._clients) for name in client.CLEAR}
        self._after = before
        self._fresh: dict[str, Allotted] = {}
        self._place_of = {each.id: at for at, each in enumerate(segments)}
        self._vaults = {each.id: each.files["vault"] for each in segments if "vault" in each.files}
        self._secrets: Recent[int, pa.Table] = Recent(_KEPT)
        self._read: Recent[range, dict[str, pa.Array]] = Recent(_KEPT)

    def _room(self, name: str, codes: LocalCodes) -> Numbers:
        return scratch(self._spill / f"numbers-of-{name}.rows", int(codes.starts[-1]))

    def fresh(self, kind: str) -> Iterator[tuple[Run, Ints, Ints]]:
        """Of a kind of identifiers, the digests that are new with their numbers, in ascending order of both; and of each the segment and
        the local code at which it stands first."""
        made = self._fresh.get(kind)
        for each in made.fresh() if made is not None else ():
            yield each.run, *self._identities.where(each.places)

    def close(self) -> None:
        """Remove what did not fit memory."""
        for made in self._fresh.values():
            made.close()

    def run(self) -> History:
        """The state with these segments numbered."""
        if not self._segments:
            return self._before
        found = self._find()
        for kind, code in KINDS.items():
            if kind not in found:
                made = self._give(
                    kind, self._identities.digests(code), self._identities.rows_of(code), self._of_identity
                )
                if kind in VAULTED:
                    self._seal(kind, made)
                self._fresh[kind] = made
                self._take(kind, made)
        if _CLIENT not in found:
            digests = self._clients.digests(None)
            made = self._give(_CLIENT, digests, len(self._of_client), self._of_client)
            self._take(_CLIENT, made)
            made.close()
        for name in client.CLEAR:
            self._texts(name)
        files: dict[int, str] = {}
        for first in range(0, len(self._groups), _AT_ONCE):
            together = Together(self._store)
            try:
                for group in self._groups[first : first + _AT_ONCE]:
                    name = self._write(together, group)
                    files.update((self._segments[at].id, name) for at in group)
                together.land()
            finally:
                together.discard()
        return self._after.with_segments(files)

    def _find(self) -> set[str]:
        """Look up what is known, group by group; returns the kinds of which all is, as where the index numbered it before. Of the others, and
        of those of which too many are known to look for them in no order, nothing is said."""
        known = self._before.known
        found = {kind for kind in (*KINDS, _CLIENT) if known[kind].rows <= _SOUGHT}
        for group in self._groups:
            if found - {_CLIENT}:
                first, end = (int(self._identities.starts[at]) for at in (group.start, group.stop))
                rows = self._rows(self._identities, group, ["kind", "digest"])
                kinds, digests = rows["kind"].to_numpy(), halves(rows["digest"])
                for kind in found - {_CLIENT}:
                    at = np.flatnonzero(kinds == KINDS[kind])
                    numbers = _numbers(known[kind], digests[0][at], digests[1][at])
                    self._of_identity[first:end][at] = numbers
                    found -= {kind} if (numbers < 0).any() else set()
            if _CLIENT in found:
                first, end = (int(self._clients.starts[at]) for at in (group.start, group.stop))
                numbers = _numbers(
                    known[_CLIENT], *halves(self._rows(self._clients, group, ["digest"])["digest"])
                )
                self._of_client[first:end] = numbers
                found -= {_CLIENT} if (numbers < 0).any() else set()
        return found

    def _give(
        self, kind: str, digests: Iterator[tuple[Words, Words, int]], expected: int, into: Numbers
    ) -> Allotted:
        known, free = self._before.known[kind], self._before.free[kind]
        return allot(
            known, free, digests, expected=expected, folder=self._spill, threads=self._threads, into=into
        )

    def _take(self, kind: str, made: Allotted) -> None:
        if made.rows:
            known = self._before.known[kind].grown((each.run for each in made.fresh()), made.rows)
            self._after = self._after.with_kind(kind, known, made.next)

    def _seal(self, kind: str, made: Allotted) -> None:
        """Put the raw identifiers of new numbers into the vault."""
        held, given = sealed_raws(self._workspace, kind), self._before.given(kind)
        for fresh in made.fresh():
            found = np.full(len(fresh.places), "", object)
            kept = ~self._workspace.vault.erased.among(kind, fresh.run.digests)
            segments, codes = self._identities.where(fresh.places)
            for segment in np.unique(segments[kept]).tolist():
                here = np.flatnonzero((segments == segment) & kept)
                here = here[np.argsort(codes[here])]
                found[here] = self._raws(segment, codes[here])
            rows = pa.table({"number": pa.array(fresh.run.numbers), "raw": pa.array(found, pa.string())})
            held.put(rows.filter(pa.array(kept)), given=given)
            given += len(fresh.places)  # of an earlier range: they go with this one

    def _raws(self, segment: int, codes: Ints) -> list[str]:
        """Raw identifiers of a segment's codes, which ascend."""
        name = self._vaults[segment]
        secrets = self._secrets.get(segment)
        if secrets is None:
            place = self._place_of[segment]
            many = int(self._identities.starts[place + 1] - self._identities.starts[place])
            asked = range(many) if many <= _GROUP else codes.tolist()
            secrets = self._workspace.vault.open_blocks(self._store.read(name), asked)
            if many <= _GROUP:  # the next kind asks for the same blocks
                self._secrets.put(segment, secrets, secrets.nbytes)
        held = secrets["code"].to_numpy()
        at = np.searchsorted(held, codes)
        if not np.array_equal(held[np.minimum(at, len(held) - 1)], codes):
            raise WhosawError(
                "store.damaged",
                f"{self._store.place(name)} lacks identifiers of its segment",
                hint="Restore it from a backup",
            )
        return list(secrets["raw"].take(pa.array(at)).to_pylist())

    def _texts(self, name: str) -> None:
        """Number the texts of one column of clients."""
        made = self._give(name, self._digests(name), len(self._of_client), self._of_text[name])
        files = self._before.texts.get(name, ())
        starts = np.array([self._clients.starts[group.start] for group in self._groups], np.int64)
        for fresh in made.fresh():
            found = np.full(len(fresh.places), "", object)
            at = np.searchsorted(starts, fresh.places, side="right") - 1
            for group in np.unique(at).tolist():
                here = np.flatnonzero(at == group)
                texts = self._distinct(self._groups[group])[name]
                found[here] = texts.take(pa.array(fresh.places[here] - starts[group])).to_pylist()
            if len(found):
                files = with_texts(
                    self._store, files, int(fresh.run.numbers[0]), pa.array(found, pa.string())
                )
        self._take(name, made)
        if made.rows:
            self._after = self._after.with_kind(
                name, self._after.known[name], self._after.free[name], tuple(files)
            )
        made.close()

    def _digests(self, name: str) -> Iterator[tuple[Words, Words, int]]:
        vault: Vault = self._workspace.vault
        for group in self._groups:
            texts = self._distinct(group)[name]
            if len(texts):
                start = int(self._clients.starts[group.start])
                yield (*halves(as_column(vault.digest_all(name, texts))), start)

    def _distinct(self, group: range) -> dict[str, pa.Array]:
        """By column of clients its texts, each once, in the order in which they come. Those of small groups are read once for all columns."""
        found = self._read.get(group)
        if found is None:
            rows = self._rows(self._clients, group, client.CLEAR)
            found = {each: _once(rows[each]) for each in client.CLEAR}
            self._read.put(group, found, sum(each.nbytes for each in found.values()))
        return found

    def _rows(self, codes: LocalCodes, group: range, columns: Sequence[str]) -> pa.Table:
        return pa.concat_tables([codes.rows(at, columns) for at in group])

    def _write(self, together: Together, group: range) -> str:
        """The file of a group."""
        first, start = (int(each.starts[group.start]) for each in (self._identities, self._clients))
        end, stop = (int(each.starts[group.stop]) for each in (self._identities, self._clients))
        mine = np.array(self._of_identity[first:end])
        many, clients = (
            np.diff(each.starts[group.start : group.stop + 1]) for each in (self._identities, self._clients)
        )
        before = np.repeat(
            np.cumsum(many) - many, clients
        )  # of each client, the identifiers of other segments
        rows = self._rows(self._clients, group, client.COLUMNS)
        traits: dict[str, Numbers] = {}
        for name in client.NUMBERED:
            code = rows[name].fill_null(-1).to_numpy()
            traits[name] = np.append(mine, -1)[np.where(code < 0, -1, code + before)]
        for name, texts in self._distinct(group).items():
            given = np.append(self._of_text[name][start : start + len(texts)], -1)
            traits[name] = given[pc.index_in(_texts(rows[name]), texts).fill_null(-1).to_numpy()]
        ids = np.array([self._segments[at].id for at in group], np.int32)
        return put_segment_numbers(
            together,
            np.concatenate([self._identities.kinds(at) for at in group]),
            mine,
            np.array(self._of_client[start:stop]),
            traits,
            (np.repeat(ids, many), np.repeat(ids, clients)),
        )


def _numbers(known: Known, high: Words, low: Words) -> Numbers:
    """The numbers of digests in any order; -1 of those that are not known."""
    order = in_order_of_digest(high, low)
    found = np.empty(len(order), np.int64)
    found[order] = known.find(high[order], low[order])
    return found


def _grouped(sizes: Numbers) -> list[range]:
    """Places of segments that go together, by how many codes each has."""
    found: list[range] = []
    first = codes = 0
    for at, many in enumerate(sizes.tolist()):
        if codes and codes + many > _GROUP:
            found.append(range(first, at))
            first, codes = at, 0
        codes += many
    return [*found, range(first, len(sizes))]


def _texts(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # no row at all
        return pa.array([], pa.string())
    return array.cast(pa.string())


def _once(column: pa.ChunkedArray) -> pa.Array:
    """The texts of a column, each once, in the order in which they come."""
    return pc.unique(_texts(column)).drop_null()
