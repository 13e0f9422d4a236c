"""Reads one content into segments: finds what is new, its format, and commits chunk by chunk in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from whosaw.ingest.content import CHUNK_BYTES, Chunk, Content
from whosaw.ingest.delimited import unfinished_lines
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.lines import lines_of
from whosaw.ingest.opening import Cursors
from whosaw.ingest.parser import Parsed, Parser
from whosaw.ingest.reader import ContentReader
from whosaw.ingest.unknown import UNKNOWN
from whosaw.mapping.apply import Mapped as MappedEvents
from whosaw.mapping.apply import Mapper
from whosaw.store.manifest import add_content, add_segment, retire, start_content, update_content
from whosaw.store.segment import Mapped, SegmentDraft, build_segment
from whosaw.store.sql import Session
from whosaw.store.workspace import Workspace

from .formats import (
    as_document,
    chain,
    document_names,
    item_named,
    naming,
    parser_of,
    pick_format,
    reads_as_document,
)
from .plan import Candidate, candidates, head_of, place_of, restore, stamp_of, unchanged
from .progress import Progress
from .settings import ScanSettings, config_digest

__all__ = ["ContentReport", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentReport:
    """What happened to one content in this scan. Counts are of what was read now, not of what was known."""

    name: str
    source: str
    outcome: str  # read, grown, unchanged, copy, renamed, empty
    content: int | None = None
    format: str | None = None
    confidence: float | None = None
    lines: int = 0
    events: int = 0
    rejects: int = 0
    comments: int = 0
    continued: int = 0
    bytes: int = 0
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(slots=True)
class _Counts:
    lines: int = 0
    events: int = 0
    rejects: int = 0
    comments: int = 0
    continued: int = 0
    bytes: int = 0

    def add(self, chunk: Chunk, parsed: Parsed) -> None:
        self.lines += chunk.lines if parsed.records is None else parsed.records
        self.events += parsed.events.num_rows
        self.rejects += parsed.rejects.num_rows
        self.comments += parsed.comments
        self.continued += parsed.continued
        self.bytes += chunk.end - chunk.offset


class Reading:
    """Reads contents for one scan. `workers` chunks are parsed at once; commits are made by the calling thread."""

    def __init__(
        self,
        workspace: Workspace,
        settings: ScanSettings,
        scan: int,
        progress: Progress,
        *,
        workers: int = 2,
        chunk_bytes: int = CHUNK_BYTES,
    ) -> None:
        self._workspace, self._settings, self._scan, self._progress = workspace, settings, scan, progress
        self._mapper = Mapper(settings.map) if settings.map is not None else None
        self._local = threading.local()
        self._workers = workers
        self._chunk_bytes = chunk_bytes
        self._cursors = Cursors()
        self._of_source: dict[str, FormatItem] = {}
        self._of_folder: dict[str, FormatItem] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="chunk")
        self._sessions: list[Session] = []

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._cursors.close()
        for session in self._sessions:
            session.close()

    def read(self, content: Content) -> ContentReport:
        """Read what is new of `content`."""
        known = unchanged(self._workspace.journal, content)
        if known is not None and self._same_setup(known):
            return ContentReport(
                name=content.name,
                source=content.source,
                outcome="unchanged",
                content=known["id"],
                format=known["format"],
            )
        with naming(content), self._open(content) as reader:
            chunks = iter(reader)
            first = next(chunks, None)
            if first is None:
                return self._empty(content, reader)
            sample = first.data
            for candidate in candidates(self._workspace.journal, content, sample):
                report = self._continue(content, candidate, sample)
                if report is not None:
                    return report
            return self._new(content, reader, first, chunks)

    def _open(self, content: Content, start: int = 0, line: int = 1) -> ContentReader:
        return ContentReader(
            content, start=start, start_line=line, chunk_bytes=self._chunk_bytes, cursors=self._cursors
        )

    # -- what a content is

    def _same_setup(self, row: dict[str, Any]) -> bool:
        item = self._settings.forced or item_named(row["format"], self._settings)
        return item is not None and bool(
            row["config"] == config_digest(item, self._settings.zone_name, self._settings.map)
        )

    def _pick(self, content: Content, sample: bytes) -> tuple[FormatItem, float | None]:
        folder = content.name.rpartition("/")[0]
        known = self._of_source.get(content.source) or self._of_folder.get(folder)
        item, confidence = pick_format(content, sample, self._settings, known)
        self._of_source[content.source] = item
        if item.id != UNKNOWN.id and not item.table.get("generic") and item.table.get("header") != "syslog":
            self._of_folder[folder] = item
        return item, confidence

    def _empty(self, content: Content, reader: ContentReader) -> ContentReport:
        notes = (reader.fault,) if reader.fault else ("empty file",)
        row = self._row(content, UNKNOWN, None, b"")
        row.update(complete=True, digest=reader.digest, size=0, fault=reader.fault)
        with self._workspace.journal.transaction() as connection:
            number = add_content(connection, row)
        return ContentReport(
            name=content.name, source=content.source, outcome="empty", content=number, notes=notes
        )

    def _row(
        self, content: Content, item: FormatItem, confidence: float | None, sample: bytes
    ) -> dict[str, Any]:
        head, head_size = head_of(sample)
        return {
            "name": content.name,
            "source": content.source,
            "place": place_of(content),
            "stamp": "",
            "head": head,
            "head_size": head_size,
            "size": 0,
            "digest": head_of(b"")[0],
            "format": item.id,
            "confidence": confidence,
            "forced": self._settings.forced is not None,
            "config": config_digest(item, self._settings.zone_name, self._settings.map),
            "zone": self._settings.zone_name,
            "fault": None,
            "complete": False,
            "read_in": self._scan,
            "mtime": content.mtime_ns // 1000 if content.mtime_ns is not None else None,
        }

    def _new(
        self, content: Content, reader: ContentReader, first: Chunk, chunks: Iterator[Chunk]
    ) -> ContentReport:
        item, confidence = self._pick(content, first.data)
        row = self._row(content, item, confidence, first.data)
        with self._workspace.journal.transaction() as connection:
            number = start_content(connection, row)
        return self._run(content, number, item, confidence, reader, chain(first, chunks), None, "read", ())

    def _continue(self, content: Content, candidate: Candidate, sample: bytes) -> ContentReport | None:
        """Go on where `candidate` stopped, if this content really begins with what was read of it; else None."""
        if content.path is None:
            return None  # a stream cannot be read twice; what repeats is found as duplicates
        row = candidate.row
        with self._open(content, candidate.known) as checked:
            more = next(iter(checked), None)
            if checked.prefix_digest != candidate.digest:
                return None
            if more is None and self._same_setup(row):
                return self._nothing_new(content, candidate, checked)
            if more is not None and row["name"] != content.name and _still_there(row):
                return None  # a longer copy beside the original: its repeats are found as duplicates
        item, confidence = (
            self._settings.forced or item_named(row["format"], self._settings) or UNKNOWN,
            row["confidence"],
        )
        again = not self._same_setup(row) or item.id == UNKNOWN.id
        if again:
            item, confidence = self._pick(content, sample)
        gone = candidate.segments if again else candidate.tail
        with self._workspace.journal.transaction() as connection:
            retire(connection, [segment["id"] for segment in gone])
            update_content(
                connection,
                candidate.id,
                {**self._row(content, item, confidence, sample), "digest": candidate.digest},
            )
        start, line, state = (
            (0, 1, None)
            if again
            else (candidate.end, candidate.line, self._workspace.vault.open_text(candidate.state))
        )
        with self._open(content, start, line) as reader:
            notes = ("read again: the format, the zone or the map changed",) if again and more is None else ()
            return self._run(
                content,
                candidate.id,
                item,
                confidence,
                reader,
                iter(reader),
                state,
                "read" if again else "grown",
                notes,
            )

    def _nothing_new(self, content: Content, candidate: Candidate, reader: ContentReader) -> ContentReport:
        row = candidate.row
        outcome, notes = "unchanged", tuple[str, ...]()
        values: dict[str, Any] = {"stamp": stamp_of(content), "complete": True, "fault": reader.fault}
        if row["name"] == content.name:
            values["place"] = place_of(content)
        elif _still_there(row):
            outcome, notes = "copy", (f"the same bytes as {row['name']}, not counted twice",)
            values = {}
        else:
            outcome, notes = "renamed", (f"was {row['name']}",)
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

    # -- reading

    def _run(
        self,
        content: Content,
        number: int,
        item: FormatItem,
        confidence: float | None,
        reader: ContentReader,
        chunks: Iterator[Chunk],
        state: str | None,
        outcome: str,
        notes: tuple[str, ...],
    ) -> ContentReport:
        parser = parser_of(item, content, self._settings)
        first = next(chunks, None)
        chunks = iter(()) if first is None else chain(first, chunks)
        if first is not None and reads_as_document(first.data, document_names(parser)):
            chunks = as_document(chunks)
        counts = _Counts()
        for chunk, parsed, draft in self._work(parser, chunks, state):
            self._commit(number, chunk, parsed, draft)
            counts.add(chunk, parsed)
            state = parsed.state
            self._progress.advance(chunk.end - chunk.offset, chunk.lines)
        fault = reader.fault
        if item.kind == "delimited" and (open_lines := unfinished_lines(state)):
            unfinished = f"ends inside a record: its last {open_lines:,} lines gave no event"
            fault = f"{fault}; {unfinished}" if fault else unfinished
        values = {
            "size": reader.size,
            "digest": reader.digest,
            "fault": fault,
            "complete": True,
            "stamp": stamp_of(content),
        }
        with self._workspace.journal.transaction() as connection:
            update_content(connection, number, values)
        if fault:
            notes = (*notes, fault)
        if (
            counts.rejects
            and counts.rejects == counts.lines - counts.comments
            and self._settings.zone is None
            and item.id != UNKNOWN.id
        ):
            notes = (
                *notes,
                "every line was rejected; if its times have no offset, state their zone with --tz",
            )
        if item.id == UNKNOWN.id:
            notes = (*notes, "no known format: every line is a reject; name one with --format")
        return ContentReport(
            name=content.name,
            source=content.source,
            outcome=outcome,
            content=number,
            format=item.id,
            confidence=confidence,
            lines=counts.lines,
            events=counts.events,
            rejects=counts.rejects,
            comments=counts.comments,
            continued=counts.continued,
            bytes=counts.bytes,
            notes=notes,
        )

    def _work(
        self, parser: Parser, chunks: Iterator[Chunk], state: str | None
    ) -> Iterator[tuple[Chunk, Parsed, SegmentDraft]]:
        """Chunks with their segments in order, `workers` of them under way at once."""
        in_order = bool(getattr(parser, "stateful", True))
        waiting: deque[tuple[Chunk, Future[tuple[Parsed, SegmentDraft]]]] = deque()
        for chunk in chunks:
            if in_order:
                parsed = parser.parse(chunk, state).check(chunk)
                state = parsed.state
                waiting.append((chunk, self._pool.submit(self._segment, chunk, parsed)))
            else:
                waiting.append((chunk, self._pool.submit(self._parse_and_segment, parser, chunk)))
            if len(waiting) > self._workers:
                done, future = waiting.popleft()
                yield (done, *future.result())
        while waiting:
            done, future = waiting.popleft()
            yield (done, *future.result())

    def _session(self) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = Session(threads=1, memory_bytes=512 << 20)
            self._sessions.append(session)
        return session

    def _parse_and_segment(self, parser: Parser, chunk: Chunk) -> tuple[Parsed, SegmentDraft]:
        return self._segment(chunk, parser.parse(chunk, None).check(chunk))

    def _segment(self, chunk: Chunk, parsed: Parsed) -> tuple[Parsed, SegmentDraft]:
        session = self._session()
        events = parsed.events
        mapped = self._mapper.apply(events, session) if self._mapper is not None else None
        lines = lines_of(chunk.data) if parsed.records is None else pa.array([], pa.large_binary())
        draft = build_segment(
            events,
            parsed.rejects,
            lines,
            chunk.first_line,
            _mapped(mapped, events.num_rows),
            self._workspace.vault,
            session,
        )
        return parsed, draft

    def _commit(self, content: int, chunk: Chunk, parsed: Parsed, draft: SegmentDraft) -> None:
        files = draft.store(self._workspace.files)
        document = parsed.records is not None
        values = {
            "content": content,
            "start": chunk.offset,
            "end": chunk.end,
            "first_line": chunk.first_line,
            "lines": chunk.lines if parsed.records is None else parsed.records,
            "comments": parsed.comments,
            "continued": parsed.continued,
            "terminated": chunk.terminated and not document,
            "digest": chunk.prefix_digest,
            "map": self._settings.map.digest if self._settings.map else None,
            "state": self._workspace.vault.seal_text(parsed.state),
        }
        with self._workspace.journal.transaction() as connection:
            add_segment(connection, values, draft, files)
            update_content(connection, content, {"size": chunk.end, "digest": chunk.prefix_digest})


def _mapped(mapped: MappedEvents | None, count: int) -> Mapped:
    if mapped is None:  # no map: no route, no person, no view
        no = pa.array(np.zeros(count, bool))
        columns = {
            "view": no,
            "unknown": no,
            "undecided": no,
            "person": pa.nulls(count, pa.string()),
            "extra": pa.nulls(count, pa.int32()),
        }
        return Mapped(table=pa.table({"route": pa.array(np.full(count, -1), pa.int16()), **columns}))
    rows = mapped.rows
    return Mapped(
        table=pa.table(
            {
                "route": rows["route"],
                "view": rows["view"],
                "person": rows["person"],
                "unknown": rows["subject_unknown"],
                "extra": rows["extra_at_most"],
                "undecided": rows["undecided"],
            }
        ),
        more=mapped.more,
    )


def _still_there(row: dict[str, Any]) -> bool:
    """Whether the file that was read under its old name is there and still begins as it did: then this is a copy of it.

    A rotated log is not: under its old name stands the new log, which begins otherwise.
    """
    place = restore(row["place"])
    if place.path is None or not place.path.exists():
        return False
    with ContentReader(place, any_version=True) as reader:
        first = next(iter(reader), None)
    return first is not None and head_of(first.data, row["head_size"])[0] == row["head"]
