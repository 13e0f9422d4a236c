"""What findings count, in files by span of days: clients, lines, and what is proven of them. Files of spans in which it follows from the same stay
as they are.

A client is a member of a finding once: in the first span in which it has a counted view. It has one standing as a whole where it has the same in all
spans; else its lines are told in each.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyroaring import BitMap

from whosaw.actors.summing.who import column
from whosaw.app.building.remembering import keep, keep_only, recalled_in_part
from whosaw.core.canonical_json import canonical_json
from whosaw.core.version import __version__
from whosaw.store.distinct import alike, distinct_rows, order_of
from whosaw.store.person_sets import bitmap
from whosaw.store.schemas import COUNTED, MEMBERS, PROOFS
from whosaw.store.workspace import Workspace

from .counted_views import CountedViews, IndexClients, Segments, Used
from .found import Files, put_rows
from .spans import DaySpan

__all__ = ["ToldBySpan"]

Ints = npt.NDArray[np.int64]
Clients = dict[tuple[str, int], BitMap]
"""By finding and standing (`NONE`: none, or not of each view the same), the clients all of whose counted views have it."""
NONE: Final = -1
_KEPT_AS: Final = "told of days "
_FORM: Final = 1  # raised when a change of code tells other things of the same views
_LINES: Final = pa.schema([COUNTED.field(name) for name in ("content", "line")])
_MEMBERS: Final = pa.schema([MEMBERS.field("client")])
_SINGLE: Final = pa.schema([PROOFS.field(name) for name in ("client", "content", "line", "standing")])
_CLIENTS: Final = pa.schema([("finding", pa.string()), ("standing", pa.int8()), ("clients", pa.binary())])


@dataclass(kw_only=True)
class _Piece:
    """What findings count in a span, under the ids that the run gives by itself: their clients, and by finding their lines (content, line) and
    those of clients with a standing (client, content, line, standing)."""

    name: str
    key: str
    used: Used | None  # None: it is not to be kept
    clients: Clients
    lines: Callable[[], Mapping[str, pa.Table]]
    single: Callable[[], Mapping[str, pa.Table]]
    known: dict[str, Any] = field(default_factory=dict)  # what was kept of it

    @property
    def findings(self) -> list[str]:
        return sorted({finding for finding, _ in self.clients})


@dataclass(frozen=True)
class ToldBySpan:
    """What findings count, of all days."""

    workspace: Workspace
    pieces: Sequence[_Piece]
    elsewhere: Mapping[tuple[str, int], BitMap]  # the clients that have another standing in any span

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        clients: IndexClients,
        segments: Segments,
        views: CountedViews,
        findings: Sequence[str],
        spans: Sequence[DaySpan],
    ) -> ToldBySpan:
        """`findings`: their ids, in the order of `views`."""
        keep_only(workspace, _KEPT_AS, [_KEPT_AS + span.name for span in spans])
        made = _Making(workspace, clients, segments, views, findings)
        pieces = [made.piece(span) for span in spans]
        every: dict[tuple[str, int], list[BitMap]] = defaultdict(list)
        for each in pieces:
            for key, its in each.clients.items():
                every[key].append(its)
        whole = {key: BitMap.union(*its) for key, its in every.items()}
        standings: dict[str, list[int]] = defaultdict(list)
        for finding, standing in whole:
            standings[finding].append(standing)
        elsewhere = {
            (finding, own): BitMap.union(*(whole[finding, each] for each in of if each != own))
            for finding, of in standings.items()
            if len(of) > 1
            for own in of
        }
        return cls(workspace, pieces, elsewhere)

    def counted(self) -> pa.Table:
        """The lines of all findings: finding, content, line."""
        return _with_findings([part for each in self.pieces for part in each.lines().items()], _LINES)

    def put(self, ids: Mapping[str, str]) -> dict[str, Files]:
        """Write by kind what is not written yet, under these ids."""
        found: dict[str, Files] = {"members": {}, "counted": {}, "proofs": {}}
        met: dict[str, BitMap] = defaultdict(BitMap)
        proven: dict[tuple[str, int], BitMap] = defaultdict(BitMap)
        for each in self.pieces:
            fresh = _Fresh.of(each, self.elsewhere, met, proven)
            named = {finding: ids[finding] for finding in each.findings}
            key = fresh.key(named)
            if each.known.get("put") != key:
                files = {kind: put_rows(self.workspace, kind, rows, named) for kind, rows in fresh.rows(each, named)}  # fmt: skip
                self._keep(each, {"key": each.key, "used": each.used, "put": key, "named": named, "files": files})  # fmt: skip
            for kind, its in each.known["files"].items():
                found[kind].update(its)
        return found

    def _keep(self, piece: _Piece, document: dict[str, Any]) -> None:
        name = _KEPT_AS + piece.name
        piece.known = document
        if piece.used is None:
            keep(self.workspace, name, {"key": ""}, None)
            return
        rows = [
            {"finding": finding, "standing": standing, "clients": its.serialize()}
            for (finding, standing), its in sorted(piece.clients.items(), key=lambda each: each[0])
        ]
        keep(self.workspace, name, document, pa.Table.from_pylist(rows, _CLIENTS))


@dataclass(frozen=True)
class _Fresh:
    """What a piece tells of clients that the pieces before it did not: members by finding, whom a finding proves alike as a whole, and whose
    lines are told by themselves."""

    members: Mapping[str, BitMap]
    whole: Mapping[tuple[str, int], BitMap]
    parted: Mapping[str, BitMap]

    @classmethod
    def of(
        cls,
        piece: _Piece,
        elsewhere: Mapping[tuple[str, int], BitMap],
        met: dict[str, BitMap],
        proven: dict[tuple[str, int], BitMap],
    ) -> _Fresh:
        """`met` and `proven` are of the pieces before it, and take up this one."""
        all_of: dict[str, BitMap] = defaultdict(BitMap)
        parted: dict[str, BitMap] = defaultdict(BitMap)
        whole: dict[tuple[str, int], BitMap] = {}
        for (finding, standing), its in sorted(piece.clients.items(), key=lambda each: each[0]):
            all_of[finding] |= its
            if standing == NONE:
                parted[finding] |= its
                continue
            others = elsewhere.get((finding, standing), BitMap())
            parted[finding] |= its & others
            whole[finding, standing] = its - others - proven[finding, standing]
            proven[finding, standing] |= whole[finding, standing]
        members = {finding: its - met[finding] for finding, its in all_of.items()}
        for finding, its in members.items():
            met[finding] |= its
        return cls(members, whole, parted)

    def key(self, named: Mapping[str, str]) -> str:
        """What of it decides the files of a piece, beside the views."""
        told = blake2b(canonical_json(dict(named)), digest_size=16)
        for sets in (self.members, self.whole, self.parted):
            for of, its in sorted(sets.items()):
                its.run_optimize()
                told.update(f"{of} {len(its)}\n".encode() + its.serialize())
        return told.hexdigest()

    def rows(self, piece: _Piece, named: Mapping[str, str]) -> Iterator[tuple[str, pa.Table]]:
        """By kind, the findings in the order of the ids that they have now."""
        order = sorted(named, key=lambda finding: (named[finding], finding))
        members = [(of, pa.table([_numbers(self.members[of])], schema=_MEMBERS)) for of in order]
        yield "members", _with_findings(members, _MEMBERS)
        lines = piece.lines()
        yield "counted", _with_findings([(of, lines[of]) for of in order], _LINES)
        yield "proofs", _with_findings(list(self._proofs(piece, order)), _SINGLE)

    def _proofs(self, piece: _Piece, order: Sequence[str]) -> Iterator[tuple[str, pa.Table]]:
        whole: dict[str, list[tuple[int, BitMap]]] = defaultdict(list)
        for (finding, standing), its in sorted(self.whole.items(), key=lambda each: each[0]):
            whole[finding].append((standing, its))
        single = piece.single() if any(self.parted.values()) else {}
        for finding in order:
            for standing, its in whole[finding]:
                clients = _numbers(its)
                none = [pa.nulls(len(clients), each.type) for each in list(_SINGLE)[1:3]]
                own = pa.array(np.full(len(clients), standing, np.int8))
                yield finding, pa.table([clients, *none, own], schema=_SINGLE)
            if finding in single and finding in self.parted:
                rows = single[finding]
                there = np.isin(column(rows, "client"), _numbers(self.parted[finding]).to_numpy())
                yield finding, rows.filter(pa.array(there))


class _Making:
    """Makes pieces, or takes them as they were kept."""

    def __init__(
        self,
        workspace: Workspace,
        clients: IndexClients,
        segments: Segments,
        views: CountedViews,
        findings: Sequence[str],
    ) -> None:
        self._workspace, self._clients, self._segments = workspace, clients, segments
        self._views, self._findings = views, findings

    def piece(self, span: DaySpan) -> _Piece:
        """Of a span."""
        key = f"{_FORM} {__version__} {self._views.key(span.days)}"
        return self._kept(span, key) or self._made(span, key)

    def _kept(self, span: DaySpan, key: str) -> _Piece | None:
        told = recalled_in_part(self._workspace, _KEPT_AS + span.name)
        if told is None:
            return None
        document, rows = json.loads(told[0]), told[1]
        if document["key"] != key or not self._segments.still(document["used"]):
            return None
        files = self._workspace.files
        if not all(files.path(name).is_file() for its in document["files"].values() for name in its):
            return None
        of = {now: finding for finding, now in document["named"].items()}
        return _Piece(
            name=span.name,
            key=key,
            used=document["used"],
            clients={
                (each["finding"], each["standing"]): BitMap.deserialize(each["clients"])
                for each in rows().to_pylist()
            },
            lines=lambda: self._read(document["files"]["counted"], of),
            single=lambda: self._single(self._told(span)[0]),
            known=document,
        )

    def _read(self, names: Files, of: Mapping[str, str]) -> Mapping[str, pa.Table]:
        """Lines by finding, as they were written."""
        found: dict[str, pa.Table] = {}
        for name in names:
            path = self._workspace.files.path(name)
            table = pq.read_table(path, use_threads=False, read_dictionary=["finding"]).combine_chunks()
            coded = table["finding"].combine_chunks()
            codes = coded.indices.to_numpy().astype(np.int64)
            starts = np.append(0, np.flatnonzero(codes[1:] != codes[:-1]) + 1)
            for start, end in pairwise([*starts.tolist(), len(codes)]):
                now = coded.dictionary[int(codes[start])].as_py()
                found[of[now]] = table.select(_LINES.names).slice(start, end - start).cast(_LINES)
        return found

    def _made(self, span: DaySpan, key: str) -> _Piece:
        views, used = self._told(span)
        lines, single = self._lines(views), self._single(views)
        return _Piece(
            name=span.name,
            key=key,
            used=used,
            clients=self._standing(views),
            lines=lambda: lines,
            single=lambda: single,
        )

    def _told(self, span: DaySpan) -> tuple[pa.Table, Used | None]:
        """The counted views of a span. Where the index has no row of a client it may come to say another one, so that is not kept."""
        views, used = self._views.on(span.days)
        if len(self._clients.lacking(views["client"])):
            return self._clients.instead(views), None
        return views, used

    def _standing(self, views: pa.Table) -> Clients:
        story, client, standing = (column(views, name) for name in ("story", "client", "standing"))
        of, first = alike(story, client)
        own = standing[first]
        own[of[standing != standing[first][of]]] = NONE
        clients: Clients = {}
        for (at, standing_), rows in _by(story[first], own):
            its = bitmap(np.sort(client[first[rows]]))
            its.run_optimize()
            clients[self._findings[at], standing_] = its
        return clients

    def _lines(self, views: pa.Table) -> Mapping[str, pa.Table]:
        story, content, line = distinct_rows(*(column(views, name) for name in ("story", "content", "line")))
        return {
            self._findings[at]: pa.table([pa.array(content[rows]), pa.array(line[rows])], names=_LINES.names).cast(_LINES)
            for (at,), rows in _by(story)
        }  # fmt: skip

    def _single(self, views: pa.Table) -> Mapping[str, pa.Table]:
        """The lines of views that have a standing, each once with the least."""
        standing = column(views, "standing")
        own = np.flatnonzero(standing >= 0)
        names = ("story", "client", "content", "line")
        *keys, least = distinct_rows(*(column(views, name)[own] for name in names), standing[own])
        first = np.ones(len(least), bool)
        first[1:] = np.any([each[1:] != each[:-1] for each in keys], axis=0)
        story, *columns = (each[first] for each in (*keys, least))
        return {
            self._findings[at]: pa.table([pa.array(each[rows]) for each in columns], names=_SINGLE.names).cast(_SINGLE)
            for (at,), rows in _by(story)
        }  # fmt: skip


def _by(*columns: Ints) -> Iterator[tuple[tuple[int, ...], Ints]]:
    """The rows that are alike in these columns, by what they hold there."""
    order = order_of(*columns)
    ordered = [each[order] for each in columns]
    changed = np.ones(len(order), bool)
    changed[1:] = np.any([each[1:] != each[:-1] for each in ordered], axis=0)
    starts = np.flatnonzero(changed)
    for start, end in pairwise([*starts.tolist(), len(order)]):
        yield tuple(int(each[start]) for each in ordered), order[start:end]


def _with_findings(parts: Sequence[tuple[str, pa.Table]], schema: pa.Schema) -> pa.Table:
    """Rows of findings, one behind the other, with the id of each."""
    ids = list(dict.fromkeys(finding for finding, _ in parts))
    place = {finding: at for at, finding in enumerate(ids)}
    codes = np.repeat(
        np.array([place[finding] for finding, _ in parts], np.int32), [rows.num_rows for _, rows in parts]
    )
    rows = pa.concat_tables([schema.empty_table(), *(rows for _, rows in parts)]).combine_chunks()
    names = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(ids, pa.string()))
    return rows.add_column(0, "finding", names)


def _numbers(clients: BitMap) -> pa.Array:
    return pa.array(np.asarray(clients.to_array(), np.uint32).astype(np.int32))
