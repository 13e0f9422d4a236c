"""Parsed chunks as segments whose files stand in the workspace, before the journal knows of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sigma.rules_in_force import rule_files
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.lines import line_starts, lines_of
from whosaw.ingest.parser import LineLostError, Parsed
from whosaw.ingest.times.far import FarTimes, Snapshot, times_of, without
from whosaw.mapping.apply import Mapper
from whosaw.mapping.caller import with_callers
from whosaw.mapping.reject_text import RejectTexts
from whosaw.mapping.twins import key_texts
from whosaw.store.segment import Mapped, SegmentDraft, build_segment
from whosaw.store.sql import Session
from whosaw.store.workspace import Workspace

from .settings import ScanSettings

__all__ = ["ReadAnewError", "SegmentMaker", "StoredSegment", "settled"]


class ReadAnewError(Exception):
    """What was read before is to be judged otherwise by what came since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment:
    """One chunk, what was parsed of it, and its segment with the names of its files by kind."""

    chunk: Chunk
    parsed: Parsed
    draft: SegmentDraft
    files: dict[str, str]
    times: str | None = None  # what is known of the times up to its end, for the reading that goes on there

    @property
    def reached(self) -> dict[str, Any]:
        """How far the content is read with it, as the manifest says it."""
        return {"size": self.chunk.end, "digest": self.chunk.prefix_digest}

    def row(self, content: int, *, map_digest: str | None, state: str | None) -> dict[str, Any]:
        """Its row in the manifest. `state` is what the parser carries on, sealed. Raises `LineLostError` where its tables do
        not hold every line of the chunk."""
        chunk, parsed = self.chunk, self.parsed
        document = parsed.records is not None
        lines = chunk.lines if parsed.records is None else parsed.records
        kept = self.draft.events + self.draft.rejects + parsed.comments + parsed.continued
        if kept != lines:
            raise LineLostError(
                f"a segment keeps {kept:,} of the {lines:,} lines from line {chunk.first_line:,} on"
            )
        return {
            "content": content,
            "start": chunk.offset,
            "end": chunk.end,
            "first_line": chunk.first_line,
            "lines": lines,
            "comments": parsed.comments,
            "continued": parsed.continued,
            "terminated": chunk.terminated and not document,
            "digest": chunk.prefix_digest,
            "map": map_digest,
            "state": state,
        }


class SegmentMaker:
    """Makes segments: maps events, numbers who they name, and writes the files. For several threads at once."""

    def __init__(self, workspace: Workspace, settings: ScanSettings) -> None:
        self._workspace, self._settings = workspace, settings
        self._mapper = Mapper(settings.map) if settings.map is not None else None
        self._reject_texts = RejectTexts(settings.map.routes) if settings.map is not None else None
        self._local = threading.local()
        self._sessions: list[Session] = []

    def close(self) -> None:
        for session in self._sessions:
            session.close()

    def make(self, chunk: Chunk, parsed: Parsed, *, format_name: str) -> StoredSegment:
        """The segment of one chunk."""
        session, data_map = self._session(), self._settings.map
        events = parsed.events
        mapped = (
            Mapped.of_no_map(events.num_rows) if self._mapper is None else self._mapper.apply(events, session)
        )
        if data_map is not None and (caller := data_map.caller) is not None:
            events = with_callers(events, caller, session)
        by_line = parsed.records is None and chunk.rows is None
        draft = build_segment(
            events,
            parsed.rejects,
            lines_of(chunk.data) if by_line else pa.array([], pa.large_binary()),
            chunk.first_line,
            mapped,
            self._workspace.vault,
            session,
            without=() if data_map is None or data_map.proven else ("principal",),
            harmless=self._harmless(chunk, parsed)
            if by_line and not format_name.startswith("docker:")
            else None,
            keys=key_texts(events, () if data_map is None else data_map.twins, session),
        )
        if (rules := self._settings.sigma) is not None:
            more = rule_files(rules, events, format_name, session, self._workspace)
            draft = replace(draft, files={**draft.files, **more})
        return StoredSegment(
            chunk=chunk, parsed=parsed, draft=draft, files=draft.store(self._workspace.files)
        )

    def _session(self) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = Session(threads=1, memory_bytes=512 << 20)
            self._sessions.append(session)
        return session

    def _harmless(self, chunk: Chunk, parsed: Parsed) -> npt.NDArray[np.int64] | None:
        """The rejects that surely hold no view; of lines that may belong to records of several it cannot be told."""
        if self._reject_texts is None or not parsed.rejects.num_rows or parsed.continued:
            return None
        told = parsed.rejects["line"].to_numpy()
        rejects = np.setdiff1d(told, np.array(chunk.oversized_lines, np.int64)) - chunk.first_line
        events = parsed.events["line"].to_numpy() - chunk.first_line
        found = self._reject_texts.harmless(chunk.data, line_starts(chunk.data), events, rejects)
        return found + chunk.first_line


def settled(
    made: Iterable[StoredSegment], known: str | None, make: Callable[[Chunk, Parsed], StoredSegment]
) -> Iterator[StoredSegment]:
    """The segments without events whose times are far from their neighbours: those are rejects, and their segment is made
    again. A segment waits until it is clear what comes behind it. Raises `ReadAnewError` where an earlier reading, whose
    times were `known`, judged otherwise."""
    far, held, first = FarTimes(known), deque[tuple[StoredSegment, Snapshot]](), 0
    for piece, stored in enumerate(made):
        held.append((stored, far.take(piece, times_of(stored.parsed))))
        if far.revised:
            raise ReadAnewError
        while held and (far.open_from is None or first < far.open_from):
            yield _without_far(*held.popleft(), far, first, make)
            first += 1
    far.end()
    if far.revised:
        raise ReadAnewError
    while held:
        yield _without_far(*held.popleft(), far, first, make)
        first += 1


def _without_far(
    stored: StoredSegment,
    behind: Snapshot,
    far: FarTimes,
    piece: int,
    make: Callable[[Chunk, Parsed], StoredSegment],
) -> StoredSegment:
    if piece in far.far or piece in far.never:
        parsed = without(stored.parsed, far.far.get(piece, ()), far.never.get(piece, ()))
        stored = make(stored.chunk, parsed.check(stored.chunk))
    return replace(stored, times=behind.text(far.far))
