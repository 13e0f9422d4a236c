"""Segments that were read get their numbers: identifiers, clients and texts, the vault by number, and what their codes stand for.

All files are written first, and one transaction moves the journal to the new state. Whatever ends before it gave no number: the next
run gives the same ones to the same segments. Numbers are given here alone: the index has those that are given here, and is committed with
them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core import client
from whosaw.store import statements as sa
from whosaw.store.digest_words import Places, halves
from whosaw.store.files import ContentStore, Together
from whosaw.store.journal import Journal, tables
from whosaw.store.numbers.local_codes import LocalCodes
from whosaw.store.overlaps import LiveSegment
from whosaw.store.recent import Recent
from whosaw.store.side_by_side import in_order
from whosaw.store.vault import KINDS, Vault
from whosaw.store.workspace import Workspace

from .allot import Allotted, allot, scratch
from .groups import Digests, KindRuns, digests_of, distinct, numbers_file, numbers_of, raws, text_digests
from .history import History, load_history
from .known import Numbers, Run
from .sealed import SealedRows
from .segments import SEGMENT_NUMBERS
from .texts import with_texts

__all__ = ["RAW", "VAULTED", "Numbering", "number_segments", "numbered_on", "sealed_raws", "unnumbered"]

VAULTED = ("person", *client.VAULTED)
_AT_ONCE = 512  # files that reach the disk in one flush
_GROUP = 1 << 15  # codes of small segments that are looked at together
_TOGETHER = 1 << 23  # digests of several kinds that are held at once: 200 MB
_SOUGHT = (
    1 << 24
)  # digests of a kind that are known, at most, where some are looked up by themselves: they stand in the page cache
_CLIENT = "client"
_KEPT = 32 << 20  # bytes of texts of segments
RAW = pa.schema([("raw", pa.string())])
Ints = npt.NDArray[np.int32]
T = TypeVar("T")
R = TypeVar("R")


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
        self._pool: Executor  # while it runs
        self._kinds: list[KindRuns] = []  # by group
        self._many: dict[str, int] = {}  # by kind, identifiers of all segments
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
        with ThreadPoolExecutor(self._threads, thread_name_prefix="numbers") as pool:
            self._pool = pool
            found = self._find()
            many = {kind: self._many[kind] for kind in KINDS if kind not in found}
            for kind, digests, expected in _one_by_one(many, self._digests):
                made = self._give(kind, digests, expected, self._of_identity)
                self._fresh[kind] = made
                if kind in VAULTED:
                    self._seal(kind, made)
                self._take(kind, made)
            if _CLIENT not in found:
                made = self._give(_CLIENT, self._client_digests(), len(self._of_client), self._of_client)
                self._take(_CLIENT, made)
                made.close()
            many = dict.fromkeys(client.CLEAR, len(self._of_client))
            for name, digests, expected in _one_by_one(many, self._text_digests):
                self._texts(name, self._give(name, digests, expected, self._of_text[name]))
            return self._after.with_segments(self._write())

    def _each(self, work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
        """`work` of each thing, in order."""
        return in_order(self._pool, work, things, ahead=self._threads + 1)

    def _find(self) -> set[str]:
        """Look up what is known, group by group; returns the kinds of which all is, as where the index numbered it before. Of the others, and
        of those of which too many are known to look for them in no order, nothing is said."""
        known = self._before.known
        found = {kind for kind in (*KINDS, _CLIENT) if 0 < known[kind].rows <= _SOUGHT}

        def work(
            asked: tuple[range, AbstractSet[str]],
        ) -> tuple[KindRuns, dict[str, tuple[Numbers, Numbers]]]:
            group, sought = asked
            kinds = sought - {_CLIENT}
            rows = self._identities.rows_of(group, ["kind", "digest"] if kinds else ["kind"])
            codes = rows["kind"].to_numpy()
            made: dict[str, tuple[Numbers, Numbers]] = {}
            high, low = halves(rows["digest"] if kinds else pa.chunked_array([], pa.binary(16)))
            for kind in kinds:
                at = np.flatnonzero(codes == KINDS[kind])
                made[kind] = at, numbers_of(known[kind], high[at], low[at])
            if _CLIENT in sought:
                numbers = numbers_of(
                    known[_CLIENT], *halves(self._clients.rows_of(group, ["digest"])["digest"])
                )
                made[_CLIENT] = np.arange(len(numbers)), numbers
            return KindRuns.of(codes), made

        asked = ((group, frozenset(found)) for group in self._groups)
        for group, (kinds, made) in zip(self._groups, self._each(work, asked), strict=True):
            self._kinds.append(kinds)
            for kind, (at, numbers) in made.items():
                start, end = (self._clients if kind == _CLIENT else self._identities).ends(group)
                (self._of_client if kind == _CLIENT else self._of_identity)[start:end][at] = numbers
                found -= {kind} if (numbers < 0).any() else set()
        self._many = {kind: sum(each.many(code) for each in self._kinds) for kind, code in KINDS.items()}
        return found | {kind for kind, many in self._many.items() if not many}

    def _digests(self, kinds: Sequence[str]) -> Iterator[dict[str, Digests]]:
        """By group, of each of these kinds its digests with their places."""

        def work(group: range) -> dict[str, Digests]:
            rows = self._identities.rows_of(group, ["kind", "digest"])
            return digests_of(rows, self._identities.ends(group)[0], kinds)

        return self._each(work, self._groups)

    def _client_digests(self) -> Iterator[Digests]:
        def work(group: range) -> Digests:
            start, end = self._clients.ends(group)
            return (*halves(self._clients.rows_of(group, ["digest"])["digest"]), np.arange(start, end))

        return self._each(work, self._groups)

    def _give(self, kind: str, digests: Iterable[Digests], expected: int, into: Numbers) -> Allotted:
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
            kept = np.flatnonzero(~self._workspace.vault.erased.among(kind, fresh.run.digests))
            places = fresh.places[kept]
            order = np.argsort(places)
            found = pa.concat_arrays([pa.array([], pa.string()), *self._raws(places[order])])
            back = np.empty(len(order), np.int64)
            back[order] = np.arange(len(order))
            rows = {"number": pa.array(fresh.run.numbers[kept]), "raw": found.take(pa.array(back))}
            held.put(pa.table(rows), given=given, threads=self._threads)
            given += len(fresh.places)  # of an earlier range: they go with this one

    def _raws(self, places: Places) -> Iterator[pa.Array]:
        """Raw identifiers of places, which ascend, segment by segment."""
        segments, codes = self._identities.where(places)
        cuts = [0, *(np.flatnonzero(np.diff(segments)) + 1).tolist(), len(segments)] if len(segments) else []

        def work(cut: tuple[int, int]) -> pa.Array:
            segment, mine = int(segments[cut[0]]), codes[slice(*cut)]
            return raws(self._opened(segment, mine), mine, self._store.place(self._vaults[segment]))

        return self._each(work, itertools.pairwise(cuts))

    def _opened(self, segment: int, codes: Ints) -> pa.Table:
        """What a segment keeps sealed, at least of these codes, which ascend."""
        secrets = self._secrets.get(segment)
        if secrets is None:
            start, end = self._identities.ends(range(self._place_of[segment], self._place_of[segment] + 1))
            asked = range(end - start) if end - start <= _GROUP else codes.tolist()
            secrets = self._workspace.vault.open_blocks(self._store.read(self._vaults[segment]), asked)
            if end - start <= _GROUP:  # the next kind asks for the same blocks
                self._secrets.put(segment, secrets, secrets.nbytes)
        return secrets

    def _texts(self, name: str, made: Allotted) -> None:
        """Keep the texts of one column of clients, which got numbers."""
        files = self._before.texts.get(name, ())
        starts = np.array([self._clients.ends(group)[0] for group in self._groups], np.int64)
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

    def _text_digests(self, names: Sequence[str]) -> Iterator[dict[str, Digests]]:
        """By group, of each of these columns of clients the digests of its texts, each once, with places from its first client's on."""
        vault: Vault = self._workspace.vault

        def work(group: range) -> dict[str, Digests]:
            texts, start = self._distinct(group), self._clients.ends(group)[0]
            return {name: text_digests(vault, name, texts[name], start) for name in names}

        return self._each(work, self._groups)

    def _distinct(self, group: range) -> dict[str, pa.Array]:
        """The texts of each column of clients. Those of small groups are read once for all columns."""
        found = self._read.get(group)
        if found is None:
            found = distinct(self._clients.rows_of(group, client.CLEAR))
            self._read.put(group, found, sum(each.nbytes for each in found.values()))
        return found

    def _write(self) -> dict[int, str]:
        """Write the files of all groups; returns by segment the name of its file."""
        files: dict[int, str] = {}
        pairs = list(zip(self._groups, self._kinds, strict=True))
        for first in range(0, len(pairs), _AT_ONCE):
            together, some = Together(self._store), pairs[first : first + _AT_ONCE]
            try:
                for (group, _), data in zip(some, self._each(self._file, some), strict=True):
                    name = together.put(SEGMENT_NUMBERS, data)
                    files.update((self._segments[at].id, name) for at in group)
                together.land()
            finally:
                together.discard()
        return files

    def _file(self, of: tuple[range, KindRuns]) -> memoryview:
        """The bytes of the file of a group."""
        group, kinds = of
        start, end = self._clients.ends(group)
        return numbers_file(
            np.array([self._segments[at].id for at in group], np.int32),
            kinds.each,
            np.array(self._of_identity[slice(*self._identities.ends(group))]),
            np.array(self._of_client[start:end]),
            {name: np.array(numbers[start:end]) for name, numbers in self._of_text.items()},
            [self._clients.rows(at, client.COLUMNS) for at in group],
            np.diff(self._identities.starts[group.start : group.stop + 1]),
        )


def _one_by_one(
    many: Mapping[str, int], read: Callable[[Sequence[str]], Iterator[dict[str, Digests]]]
) -> Iterator[tuple[str, Iterator[Digests], int]]:
    """Kinds, of which there are so `many` digests at most, with their digests and how many are expected. As many kinds are read together as
    fit memory."""
    batches: list[list[str]] = []
    room = 0
    for kind in sorted(many, key=lambda each: many[each]):
        if not batches or many[kind] > room:
            batches.append([])
            room = _TOGETHER
        batches[-1].append(kind)
        room -= many[kind]
    for kinds in batches:
        if len(kinds) == 1:
            yield kinds[0], (each[kinds[0]] for each in read(kinds)), many[kinds[0]]
            continue
        held = list(read(kinds))
        for kind in kinds:
            expected = sum(len(each[kind][0]) for each in held)
            yield kind, (each.pop(kind) for each in held), expected


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
