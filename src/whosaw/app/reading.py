"""Reads one content into segments: finds what is new, its format, and commits chunk by chunk in order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.core.errors import WhosawError
from whosaw.ingest.content import CHUNK_BYTES, Chunk, Content
from whosaw.ingest.delimited import unfinished_lines
from whosaw.ingest.event_file import RowReader, holds_rows
from whosaw.ingest.event_rows import EVENTS
from whosaw.ingest.far_times import FarTimes, Snapshot
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.lines import line_starts, lines_of
from whosaw.ingest.opening import Cursors
from whosaw.ingest.parser import Parsed, Parser
from whosaw.ingest.reader import ContentReader
from whosaw.ingest.remote_users import RemoteUsers, logs_remote_user
from whosaw.ingest.unknown import UNKNOWN
from whosaw.mapping.apply import Mapper
from whosaw.mapping.caller import with_callers
from whosaw.mapping.reject_text import RejectTexts
from whosaw.mapping.twin_keys import key_texts
from whosaw.store.manifest import (
    add_content,
    add_segment,
    content_segments,
    find_contents,
    retire,
    start_content,
    update_content,
)
from whosaw.store.segment import Mapped, build_segment
from whosaw.store.sql import Session
from whosaw.store.workspace import Workspace

from .content_report import ContentReport, Counts, notes_on
from .far_events import joined, parted, times_of, without
from .formats import (
    chain,
    in_units,
    item_named,
    naming,
    parser_of,
    pick_format,
    reads_as_document,
)
from .known_content import nothing_new
from .plan import HEAD_BYTES, Candidate, candidates, head_of, place_of, stamp_of, still_there, unchanged
from .progress import Progress
from .settings import ScanSettings, config_digest
from .sigma import rule_files
from .stored_segment import StoredSegment

__all__ = ["ContentReport", "Reading"]

_PACKED_ROWS = b"PAR1\x15"  # the magic of Parquet and the field that every first page header begins with


class _ReadAnewError(Exception):
    """What was read before is to be judged otherwise by what came since."""


Waiting = deque[Future[StoredSegment]]


@dataclass(slots=True, kw_only=True)
class _Begun:
    """A new content whose first chunks are under way before its turn has come. Nothing of it is in the journal yet."""

    content: Content
    head: bytes
    reader: ContentReader | RowReader
    chunks: Iterator[Chunk]
    waiting: Waiting
    parser: Parser
    item: FormatItem
    confidence: float | None
    row: dict[str, Any]


class Reading:
    """Reads contents for one scan. `workers` chunks are parsed at once, of one content or of the next ones; commits are made
    by the calling thread, content by content and chunk by chunk in order."""

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
        self._reject_texts = RejectTexts(settings.map.routes) if settings.map is not None else None
        self._local = threading.local()
        self._workers = workers
        self._chunk_bytes = chunk_bytes
        self._cursors = Cursors()
        self._of_source: dict[str, FormatItem] = {}
        self._of_folder: dict[str, FormatItem] = {}
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="chunk")
        self._sessions: list[Session] = []
        self._queue: deque[Content] = deque()
        self._begun: deque[_Begun] = deque()
        self._head = b""  # how the content begins that is read now
        self.users: dict[str, RemoteUsers] = {}  # by source, where a web server wrote names down

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for begun in self._begun:
            begun.reader.__exit__(None, None, None)
        self._cursors.close()
        for session in self._sessions:
            session.close()

    def read_all(self, contents: Iterable[Content]) -> Iterator[ContentReport]:
        """Read what is new of each content, in order."""
        self._queue.extend(contents)
        while self._queue or self._begun:
            content = self._begun[0].content if self._begun else self._queue.popleft()
            self._progress.reading(content.name, content.size)
            yield self._finish(self._begun.popleft()) if self._begun else self.read(content)
            self._progress.done(content.size)

    def _begin_more(self, under_way: int) -> None:
        """Begin contents to come, so that no worker waits for the end of this one. One that cannot be begun safely waits for
        its turn, and so do those behind it."""
        while self._queue and under_way + sum(len(begun.waiting) for begun in self._begun) <= self._workers:
            begun = self._begin(self._queue[0])
            if begun is None:
                return
            self._queue.popleft()
            self._begun.append(begun)

    def _begin(self, content: Content) -> _Begun | None:
        """Begin a content that is new for sure and whose chunks stand alone; None for any other."""
        if content.path is None or content.member is not None or find_contents(
            self._workspace.journal, content.name
        ):  # fmt: skip
            return None
        reader = self._open(content)
        begun: _Begun | None = None
        try:
            reader.__enter__()
            chunks = iter(reader)
            first = next(chunks, None)
            if first is not None:
                begun = self._try_to_begin(content, reader, first, chunks)
        except WhosawError:
            begun = None  # what is wrong is said when its turn has come
        finally:
            if begun is None:
                reader.__exit__(None, None, None)
        return begun

    def _try_to_begin(
        self, content: Content, reader: ContentReader | RowReader, first: Chunk, chunks: Iterator[Chunk]
    ) -> _Begun | None:
        sample = first.data if isinstance(reader, ContentReader) else reader.head
        if isinstance(reader, ContentReader) and sample.startswith(_PACKED_ROWS):
            return None
        head = sample[:HEAD_BYTES]
        for known in (self._head, *(other.head for other in self._begun)):
            if head.startswith(known) or known.startswith(head):
                return None  # perhaps the same bytes as one that is not committed yet
        if candidates(self._workspace.journal, content, sample):
            return None
        item, confidence = self._pick(content, sample)
        parser = parser_of(item, content, self._settings)
        if parser.stateful or reads_as_document(first.data, parser.documents):
            return None
        begun = _Begun(
            content=content,
            head=head,
            reader=reader,
            chunks=chunks,
            waiting=deque(),
            parser=parser,
            item=item,
            confidence=confidence,
            row=self._row(content, item, confidence, sample),
        )
        begun.waiting.append(self._pool.submit(self._parse_and_segment, parser, first, item.main_id))
        return begun

    def _finish(self, begun: _Begun) -> ContentReport:
        """Read on a content whose turn has come."""
        self._head = begun.head
        with naming(begun.content):
            try:
                return self._run(
                    begun.content, begun.row, begun.item, begun.confidence, begun.reader, begun.chunks, None, "read", (), begun
                )  # fmt: skip
            finally:
                begun.reader.__exit__(None, None, None)

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
                time_only=known["confidence"] == 0,
                refused=self._refused(known["id"]),
            )
        with naming(content), self._open(content) as reader:
            chunks = iter(reader)
            first = next(chunks, None)
            if first is None:
                return self._empty(content, reader)
            sample = first.data if isinstance(reader, ContentReader) else reader.head
            if isinstance(reader, ContentReader) and sample.startswith(_PACKED_ROWS):
                return self._empty(
                    content, reader, "Parquet inside a packing or a stream; unpack it and scan the file"
                )
            for candidate in candidates(self._workspace.journal, content, sample):
                report = self._continue(content, candidate, sample)
                if report is not None:
                    return report
            return self._new(content, reader, sample, first, chunks)

    def _open(self, content: Content, start: int = 0, line: int = 1) -> ContentReader | RowReader:
        if holds_rows(content):
            return RowReader(content, start_line=line, chunk_bytes=self._chunk_bytes)
        return ContentReader(
            content, start=start, start_line=line, chunk_bytes=self._chunk_bytes, cursors=self._cursors
        )

    # -- what a content is

    def _same_setup(self, row: dict[str, Any]) -> bool:
        item = self._settings.forced or item_named(row["format"], self._settings)
        if row["format"] == EVENTS.id:
            item = EVENTS
        return item is not None and bool(
            row["config"]
            == config_digest(item, self._settings.zone_name, self._settings.map, self._settings.sigma)
        )

    def _pick(self, content: Content, sample: bytes) -> tuple[FormatItem, float | None]:
        if holds_rows(content):
            return EVENTS, None
        folder = content.name.rpartition("/")[0]
        known = self._of_source.get(content.source) or self._of_folder.get(folder)
        item, confidence = pick_format(content, sample, self._settings, known)
        self._of_source[content.source] = item
        if item.id != UNKNOWN.id and not item.generic and item.table.get("header") != "syslog":
            self._of_folder[folder] = item
        return item, confidence

    def _empty(
        self, content: Content, reader: ContentReader | RowReader, problem: str | None = None
    ) -> ContentReport:
        fault = problem or reader.fault
        notes = (fault or ("no rows" if isinstance(reader, RowReader) else "empty file"),)
        row = self._row(content, UNKNOWN, None, b"")
        row.update(complete=True, digest=reader.digest, size=0, fault=fault)
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
            "config": config_digest(item, self._settings.zone_name, self._settings.map, self._settings.sigma),
            "zone": self._settings.zone_name,
            "fault": None,
            "complete": False,
            "read_in": self._scan,
            "mtime": content.mtime_ns // 1000 if content.mtime_ns is not None else None,
        }

    def _new(
        self,
        content: Content,
        reader: ContentReader | RowReader,
        sample: bytes,
        first: Chunk,
        chunks: Iterator[Chunk],
    ) -> ContentReport:
        item, confidence = self._pick(content, sample)
        row = self._row(content, item, confidence, sample)
        self._head = sample[:HEAD_BYTES]
        return self._run(content, row, item, confidence, reader, chain(first, chunks), None, "read", ())

    def _continue(self, content: Content, candidate: Candidate, sample: bytes) -> ContentReport | None:
        """Go on where `candidate` stopped, if this content really begins with what was read of it; else None."""
        if content.path is None:
            return None  # a stream cannot be read twice; what repeats is found as duplicates
        row = candidate.row
        with self._open(content, candidate.known, candidate.line if holds_rows(content) else 1) as checked:
            more = next(iter(checked), None)
            if checked.prefix_digest != candidate.digest:
                return None
            if more is None and self._same_setup(row):
                return nothing_new(self._workspace, self._scan, content, candidate, checked.fault)
            if more is not None and row["name"] != content.name and still_there(row):
                return None  # a longer copy beside the original: its repeats are found as duplicates
        item, confidence = (
            (EVENTS if holds_rows(content) else None)
            or self._settings.forced
            or item_named(row["format"], self._settings)
            or UNKNOWN,
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
        start, line, times, state = (
            (0, 1, None, None)
            if again
            else (candidate.end, candidate.line, *parted(self._workspace.vault.open_text(candidate.state)))
        )
        notes = (
            ("read again: the format, the zone, the map or the Sigma rules changed",)
            if again and more is None
            else ()
        )
        outcome = "read" if again else "grown"
        try:
            with self._open(content, start, line) as reader:
                return self._run(
                    content, candidate.id, item, confidence, reader, iter(reader), state, outcome, notes, times=times
                )  # fmt: skip
        except _ReadAnewError:
            live = content_segments(self._workspace.journal, candidate.id)
            with self._workspace.journal.transaction() as connection:
                retire(connection, [segment["id"] for segment in live])
            with self._open(content) as reader:
                return self._run(
                    content, candidate.id, item, confidence, reader, iter(reader), None, "read", notes
                )  # fmt: skip

    def _refused(self, number: int) -> bool:
        """Whether every line that was ever read of a content was rejected."""
        segments = content_segments(self._workspace.journal, number)
        return any(each["rejects"] for each in segments) and not any(each["events"] for each in segments)

    # -- reading

    def _run(
        self,
        content: Content,
        known: int | dict[str, Any],
        item: FormatItem,
        confidence: float | None,
        reader: ContentReader | RowReader,
        chunks: Iterator[Chunk],
        state: str | None,
        outcome: str,
        notes: tuple[str, ...],
        begun: _Begun | None = None,
        times: str | None = None,
    ) -> ContentReport:
        """Read `chunks` into the content `known`: its number, or the row of one that is not in the journal yet.

        The last chunk is journalled together with the end of the content: of many small files each is one transaction.
        """
        parser = begun.parser if begun is not None else parser_of(item, content, self._settings)
        if begun is None:
            first = next(chunks, None)
            chunks = iter(()) if first is None else in_units(chain(first, chunks), first, parser)
        counts = Counts(item)
        if outcome != "grown" and logs_remote_user(
            item
        ):  # of one that grew, what was refused before is not seen now
            counts.users = self.users.setdefault(content.source, RemoteUsers())
        last: StoredSegment | None = None
        work = self._work(parser, chunks, state, begun.waiting if begun else deque(), item.main_id)
        for stored in self._settled(work, times, item.main_id):
            if last is not None:
                known = self._commit(known, last, last.reached)
            last = stored
            counts.add(stored.chunk, stored.parsed)
            state = stored.parsed.state
        fault = reader.fault
        if (item.kind == "delimited" or item.wrapped in ("cri", "docker")) and (
            open_lines := unfinished_lines(state)
        ):
            unfinished = f"ends inside a record: its last {open_lines:,} lines gave no event"
            fault = f"{fault}; {unfinished}" if fault else unfinished
        values = {
            "size": reader.size,
            "digest": reader.digest,
            "fault": fault,
            "complete": True,
            "stamp": stamp_of(content),
        }
        if counts.lines:
            counts.check(content.name, reader.lines - counts.first_line + 1)
        number = self._commit(known, last, values)
        if fault:
            notes = (*notes, fault)
        grown = outcome == "grown" and counts.refused and not self._refused(number)
        if not grown:
            notes = (*notes, *notes_on(counts, zone_given=self._settings.zone is not None))
        return ContentReport(
            name=content.name,
            source=content.source,
            outcome=outcome,
            content=number,
            format=item.id,
            confidence=0.0 if counts.refused and not grown and confidence is not None else confidence,
            lines=counts.lines,
            events=counts.events,
            rejects=counts.rejects,
            comments=counts.comments,
            continued=counts.continued,
            bytes=counts.bytes,
            says=counts.says,
            time_only=counts.says.time_only,
            refused=counts.refused and not grown,
            fields=counts.fields,
            notes=notes,
        )

    def _work(
        self, parser: Parser, chunks: Iterator[Chunk], state: str | None, waiting: Waiting, format_name: str
    ) -> Iterator[StoredSegment]:
        """Chunks as segments in order, `workers` of them under way at once; those that wait come first."""
        in_order = parser.stateful
        for chunk in chunks:
            if in_order:
                parsed = parser.parse(chunk, state).check(chunk)
                state = parsed.state
                waiting.append(self._pool.submit(self._segment, chunk, parsed, format_name))
            else:
                waiting.append(self._pool.submit(self._parse_and_segment, parser, chunk, format_name))
            if len(waiting) > self._workers:
                yield waiting.popleft().result()
        while waiting:
            self._begin_more(len(waiting))
            yield waiting.popleft().result()

    def _settled(
        self, work: Iterator[StoredSegment], known: str | None, format_name: str
    ) -> Iterator[StoredSegment]:
        """The segments without events whose times are far from their neighbours: those are rejects. A segment waits until it is
        clear what comes behind it."""
        far, held, first = FarTimes(known), deque[tuple[StoredSegment, Snapshot]](), 0
        for piece, stored in enumerate(work):
            self._progress.advance(stored.chunk.end - stored.chunk.offset, stored.chunk.lines)
            held.append((stored, far.take(piece, times_of(stored.parsed))))
            if far.revised:
                raise _ReadAnewError
            while held and (far.open_from is None or first < far.open_from):
                yield self._without_far(*held.popleft(), far, first, format_name)
                first += 1
        far.end()
        if far.revised:
            raise _ReadAnewError
        while held:
            yield self._without_far(*held.popleft(), far, first, format_name)
            first += 1

    def _without_far(
        self, stored: StoredSegment, behind: Snapshot, far: FarTimes, piece: int, format_name: str
    ) -> StoredSegment:
        if piece in far.far or piece in far.never:
            parsed = without(stored.parsed, far.far.get(piece, ()), far.never.get(piece, ()))
            stored = self._segment(stored.chunk, parsed.check(stored.chunk), format_name)
        return replace(stored, times=behind.text(far.far))

    def _session(self) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = Session(threads=1, memory_bytes=512 << 20)
            self._sessions.append(session)
        return session

    def _parse_and_segment(self, parser: Parser, chunk: Chunk, format_name: str) -> StoredSegment:
        return self._segment(chunk, parser.parse(chunk, None).check(chunk), format_name)

    def _segment(self, chunk: Chunk, parsed: Parsed, format_name: str) -> StoredSegment:
        session = self._session()
        events = parsed.events
        mapped = (
            Mapped.of_no_map(events.num_rows) if self._mapper is None else self._mapper.apply(events, session)
        )
        if self._settings.map is not None and (caller := self._settings.map.caller) is not None:
            events = with_callers(events, caller, session)
        twins = () if self._settings.map is None else self._settings.map.twins
        by_line = parsed.records is None and chunk.rows is None
        lines = lines_of(chunk.data) if by_line else pa.array([], pa.large_binary())
        draft = build_segment(
            events,
            parsed.rejects,
            lines,
            chunk.first_line,
            mapped,
            self._workspace.vault,
            session,
            without=() if self._settings.map is None or self._settings.map.proven else ("principal",),
            harmless=self._harmless(chunk, parsed)
            if by_line and not format_name.startswith("docker:")
            else None,
            keys=key_texts(events, twins, session),
        )
        if (rules := self._settings.sigma) is not None:
            more = rule_files(rules, events, format_name, session, self._workspace)
            draft = replace(draft, files={**draft.files, **more})
        files = draft.store(self._workspace.files)
        return StoredSegment(chunk=chunk, parsed=parsed, draft=draft, files=files)

    def _harmless(self, chunk: Chunk, parsed: Parsed) -> npt.NDArray[np.int64] | None:
        """The rejects that surely hold no view; of lines that may belong to records of several it cannot be told."""
        if self._reject_texts is None or not parsed.rejects.num_rows or parsed.continued:
            return None
        told = parsed.rejects["line"].to_numpy()
        rejects = np.setdiff1d(told, np.array(chunk.oversized_lines, np.int64)) - chunk.first_line
        events = parsed.events["line"].to_numpy() - chunk.first_line
        found = self._reject_texts.harmless(chunk.data, line_starts(chunk.data), events, rejects)
        return found + chunk.first_line

    def _commit(
        self, known: int | dict[str, Any], stored: StoredSegment | None, values: dict[str, Any]
    ) -> int:
        """Journal a segment (if any) and what is now known of its content; returns the content's number."""
        with self._workspace.journal.transaction() as connection:
            number = known if isinstance(known, int) else start_content(connection, known)
            if stored is not None:
                row = stored.row(
                    number,
                    map_digest=self._settings.map.digest if self._settings.map else None,
                    state=self._workspace.vault.seal_text(joined(stored.times, stored.parsed.state)),
                )
                add_segment(connection, row, stored.draft, stored.files)
            update_content(connection, number, values)
        return number
