"""Reads contents into segments, all in one way: what bytes they are, a plan, chunks, segments, and commits in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import ContentReport, Counts, notes_on
from whosaw.ingest.files.content import CHUNK_BYTES, Content
from whosaw.ingest.parser import Parser
from whosaw.ingest.remote_users import RemoteUsers, logs_remote_user
from whosaw.ingest.structured.delimited import unfinished_lines
from whosaw.store.workspace import Workspace

from .chunks import Ahead, parsed_chunks
from .commit import Commits
from .content import HEAD_BYTES, Opened, Opener, stamp_of
from .formats import in_units, naming, parser_of, reads_as_document
from .plan import NothingNew, Plan, Planner
from .progress import Progress
from .segments import ReadAnewError, SegmentMaker, StoredSegment, settled
from .settings import ScanSettings

__all__ = ["ContentReport", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A content on its way: its plan, and its segments as workers make them. Nothing of it need be in the journal yet."""

    plan: Plan
    opened: Opened
    parser: Parser
    made: Ahead[StoredSegment]


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
        opener: Opener | None = None,
    ) -> None:
        self._settings, self._progress, self._workers = settings, progress, workers
        self._opener = opener or Opener(chunk_bytes)
        self._planner = Planner(workspace, settings, scan, self._opener)
        self._maker = SegmentMaker(workspace, settings)
        self._commits = Commits(workspace, scan, settings.map.digest if settings.map else None)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="chunk")
        self._queue: deque[Content] = deque()
        self._ahead: deque[_Begun] = deque()  # begun before their turn
        self._head = b""  # how the content begins that is read now
        self.users: dict[str, RemoteUsers] = {}  # by source, where a web server wrote names down

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for begun in self._ahead:
            begun.opened.__exit__()
        self._opener.close()
        self._maker.close()

    def read_all(self, contents: Iterable[Content]) -> Iterator[ContentReport]:
        """Read what is new of each content, in order."""
        self._queue.extend(contents)
        while self._queue or self._ahead:
            content = self._ahead[0].plan.content if self._ahead else self._queue.popleft()
            self._progress.reading(content.name, content.size)
            yield self._finish(self._ahead.popleft()) if self._ahead else self.read(content)
            self._progress.done(content.size)

    def read(self, content: Content) -> ContentReport:
        """Read what is new of `content`."""
        if (known := self._planner.unchanged(content)) is not None:
            return ContentReport(
                name=content.name,
                source=content.source,
                outcome="unchanged",
                content=known["id"],
                format=known["format"],
                time_only=known["confidence"] == 0,
                refused=self._refused(known["id"]),
            )
        with naming(content), Opened(self._opener.open(content)) as opened:
            if (why := opened.unreadable) is not None:
                return self._empty(content, opened, why)
            plan = self._planner.plan(content, opened)
            if isinstance(plan, NothingNew):
                return self._commits.nothing_new(content, plan.candidate, plan.fault)
            self._head = plan.head
            self._commits.begin(plan)
            if plan.known is None:  # from its start, which is open; a stream cannot be opened twice
                return self._run(self._begin(plan, opened))
            try:
                return self._reopened(plan)
            except ReadAnewError:
                plan = plan.anew(tuple(each["id"] for each in self._commits.live(plan.known)))
                self._commits.begin(plan, row=False)
                return self._reopened(plan)

    def _reopened(self, plan: Plan) -> ContentReport:
        with Opened(self._opener.open(plan.content, plan.start, plan.line)) as opened:
            return self._run(self._begin(plan, opened))

    # -- contents whose turn has not come

    def _begin_more(self, under_way: int) -> None:
        """Begin contents to come, so that no worker waits for the end of this one. One that cannot be begun safely waits for
        its turn, and so do those behind it."""
        while self._queue and under_way + sum(each.made.under_way for each in self._ahead) <= self._workers:
            begun = self._begin_ahead(self._queue[0])
            if begun is None:
                return
            self._queue.popleft()
            self._ahead.append(begun)

    def _begin_ahead(self, content: Content) -> _Begun | None:
        """Begin a content that is new for sure and whose chunks stand alone; None for any other."""
        if not self._planner.may_be_new(content):
            return None
        opened = Opened(self._opener.open(content))
        begun: _Begun | None = None
        try:
            opened.__enter__()
        except WhosawError:
            return None  # what is wrong is said when its turn has come
        try:
            begun = self._alone(content, opened)
        except WhosawError:
            begun = None  # the same
        finally:
            if begun is None:
                opened.__exit__()
        return begun

    def _alone(self, content: Content, opened: Opened) -> _Begun | None:
        if opened.first is None or opened.unreadable is not None or self._begins_alike(opened.sample):
            return None
        plan = self._planner.plan_new(content, opened)
        if plan is None:
            return None
        begun = self._begin(plan, opened)
        if begun.parser.stateful or reads_as_document(opened.first.data, begun.parser.documents):
            return None
        begun.made.begin()
        return begun

    def _begins_alike(self, sample: bytes) -> bool:
        """Whether these may be the same bytes as one that is not committed yet."""
        head = sample[:HEAD_BYTES]
        return any(
            head.startswith(known) or known.startswith(head)
            for known in (self._head, *(each.plan.head for each in self._ahead))
        )

    def _finish(self, begun: _Begun) -> ContentReport:
        """Read on a content whose turn has come."""
        self._head = begun.plan.head
        with naming(begun.plan.content):
            try:
                return self._run(begun)
            finally:
                begun.opened.__exit__()

    # -- reading

    def _begin(self, plan: Plan, opened: Opened) -> _Begun:
        """The content of a plan, on its way through the workers."""
        parser = parser_of(plan.item, plan.content, self._settings)
        chunks = opened.chunks() if opened.first is None else in_units(opened.chunks(), opened.first, parser)
        jobs = parsed_chunks(parser, chunks, plan.state, self._make_of(plan))
        made = Ahead(jobs, self._pool, self._workers)
        return _Begun(plan=plan, opened=opened, parser=parser, made=made)

    def _run(self, begun: _Begun) -> ContentReport:
        """Commit the segments of a content in order.

        The last one is journalled together with the end of the content: of many small files each is one transaction.
        """
        plan, counts = begun.plan, Counts(begun.plan.item)
        if plan.outcome != "grown" and logs_remote_user(plan.item):
            # of one that grew, what was refused before is not seen now
            counts.users = self.users.setdefault(plan.content.source, RemoteUsers())
        known = plan.row if plan.known is None else plan.known
        last: StoredSegment | None = None
        state = plan.state
        made = self._told(begun.made.results(self._begin_more))
        for stored in settled(made, plan.times, self._make_of(plan)):
            if last is not None:
                known = self._commits.segment(known, last, last.reached)
            last = stored
            counts.add(stored.chunk, stored.parsed)
            state = stored.parsed.state
        reader = begun.opened.reader
        fault = _fault(plan, reader.fault, state)
        if counts.lines:
            counts.check(plan.content.name, reader.lines - counts.first_line + 1)
        values = {
            "size": reader.size,
            "digest": reader.digest,
            "fault": fault,
            "complete": True,
            "stamp": stamp_of(plan.content),
        }
        return self._report(plan, counts, self._commits.segment(known, last, values), fault)

    def _make_of(self, plan: Plan) -> partial[StoredSegment]:
        return partial(self._maker.make, format_name=plan.item.main_id)

    def _told(self, made: Iterator[StoredSegment]) -> Iterator[StoredSegment]:
        for stored in made:
            self._progress.advance(stored.chunk.end - stored.chunk.offset, stored.chunk.lines)
            yield stored

    # -- what is said of it

    def _report(self, plan: Plan, counts: Counts, number: int, fault: str | None) -> ContentReport:
        notes = (*plan.notes, fault) if fault else plan.notes
        grown = plan.outcome == "grown" and counts.refused and not self._refused(number)
        if not grown:
            notes = (*notes, *notes_on(counts, zone_given=self._settings.zone is not None))
        return ContentReport(
            name=plan.content.name,
            source=plan.content.source,
            outcome=plan.outcome,
            content=number,
            format=plan.item.id,
            confidence=0.0
            if counts.refused and not grown and plan.confidence is not None
            else plan.confidence,
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

    def _empty(self, content: Content, opened: Opened, why: str) -> ContentReport:
        reader = opened.reader
        row = self._planner.empty_row(content)
        row.update(
            complete=True, digest=reader.digest, size=0, fault=reader.fault if opened.first is None else why
        )
        return ContentReport(
            name=content.name,
            source=content.source,
            outcome="empty",
            content=self._commits.empty(row),
            notes=(why,),
        )

    def _refused(self, number: int) -> bool:
        """Whether every line that was ever read of a content was rejected."""
        segments = self._commits.live(number)
        return any(each["rejects"] for each in segments) and not any(each["events"] for each in segments)


def _fault(plan: Plan, fault: str | None, state: str | None) -> str | None:
    """What is wrong at the end of a content."""
    in_pieces = plan.item.kind == "delimited" or plan.item.wrapped in ("cri", "docker")
    if in_pieces and (open_lines := unfinished_lines(state)):
        unfinished = f"ends inside a record: its last {open_lines:,} lines gave no event"
        return f"{fault}; {unfinished}" if fault else unfinished
    return fault
