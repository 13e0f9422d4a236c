"""Reads contents into segments, all in one way: what bytes they are, a plan, chunks, segments, and commits in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa

from whosaw.app.progress import Progress
from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import ContentReport, Counts, notes_on
from whosaw.ingest.files.content import CHUNK_BYTES, Content
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.meaning import Meaning
from whosaw.ingest.parser import Parser
from whosaw.ingest.remote_users import RemoteUsers, add_to_each, logs_remote_user
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.ingest.structured.delimited import unfinished_lines
from whosaw.store.files import Together
from whosaw.store.workspace import Workspace

from .chunks import Ahead, parsed_chunks
from .commit import Commits
from .content import HEAD_BYTES, Opened, Opener, stamp_of
from .formats import in_units, naming, parser_of, reads_as_document
from .plan import NothingNew, Plan, Planner
from .queue import Queue
from .segments import ReadAnewError, SegmentMaker, StoredSegment, settled
from .together import MOST, MOST_BYTES, Group, Heads, Small, read_small

__all__ = ["ContentReport", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A content on its way: its plan, and its segments as workers make them. Nothing of it need be in the journal yet."""

    plan: Plan
    opened: Opened
    parser: Parser
    made: Ahead[StoredSegment]

    @property
    def under_way(self) -> int:
        return self.made.under_way

    @property
    def heads(self) -> tuple[bytes, ...]:
        return (self.plan.head,)


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
        self._maker, self._files = SegmentMaker(workspace, settings), workspace.files
        self._commits = Commits(workspace, scan, settings.map.digest if settings.map else None)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="chunk")
        self._queue = Queue()
        self._ahead: deque[_Begun | Group] = deque()  # begun before their turn
        self._heads: tuple[bytes, ...] = ()  # how those begin that are read now
        self._new = False  # whether the last one was new: so may be the next
        # the map may say itself whether names are proven
        self._ask_proof = settings.map is None or not settings.map.proof_stated
        self.users: dict[str, RemoteUsers] = {}  # by source, where a web server wrote names down
        self.shared: dict[str, SharedAddresses] = {}  # by source
        self.formats: dict[str, str] = {}  # by source, that of its last content

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for begun in self._ahead:
            if isinstance(begun, Group):
                begun.files.discard()
            else:
                begun.opened.__exit__()
        self._opener.close()
        self._maker.close()

    def read_all(self, contents: Iterable[Content]) -> Iterator[ContentReport]:
        """Read what is new of each content, in order."""
        self._queue = Queue(contents)
        while self._queue.first(1) or self._ahead:
            if not self._ahead and self._new and (group := self._together()) is not None:
                self._ahead.append(group)
            begun = self._ahead.popleft() if self._ahead else None
            if isinstance(begun, Group):
                yield from self._finish_together(begun)
                continue
            content = begun.plan.content if begun else self._queue.popleft()
            self._progress.reading(content.name, content.size)
            report = self._finish(begun) if begun else self.read(content)
            self._new = report.outcome == "read"
            yield report
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
            content = opened.version_of(content)
            if (why := opened.unreadable) is not None:
                return self._empty(content, opened, why)
            plan = self._planner.plan(content, opened)
            if isinstance(plan, NothingNew):
                return self._commits.nothing_new(content, plan.candidate, plan.fault)
            self._heads = (plan.head,)
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
        while (
            self._queue.first(1) and under_way + sum(each.under_way for each in self._ahead) <= self._workers
        ):
            if (group := self._together()) is not None:
                self._ahead.append(group)
                continue
            begun = self._begin_ahead(self._queue.first(1)[0])
            if begun is None:
                return
            self._queue.popleft()
            self._ahead.append(begun)

    def _begin_ahead(self, content: Content) -> _Begun | None:
        """Begin a content that is new for sure and whose chunks stand alone; None for any other."""
        if not self._planner.may_be_new(content) or self._hangs_together(content):
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

    def _hangs_together(self, content: Content) -> bool:
        """Whether the chunks of a content, as it is expected to be, cannot be parsed before their turn: it would be planned twice."""
        item = self._planner.expected(content)
        try:
            return item is not None and parser_of(item, content, self._settings.of(content)).stateful
        except WhosawError:
            return False  # what is wrong is said when it is looked at

    def _alone(self, content: Content, opened: Opened) -> _Begun | None:
        if (
            opened.first is None
            or opened.unreadable is not None
            or self._under_way().alike(opened.sample[:HEAD_BYTES])
        ):
            return None
        plan = self._planner.plan_new(content, opened)
        if plan is None:
            return None
        begun = self._begin(plan, opened)
        if begun.parser.stateful or reads_as_document(opened.first.data, begun.parser.documents):
            return None
        begun.made.begin()
        return begun

    def _under_way(self) -> Heads:
        """How those begin that are not committed yet: one that begins alike may be the same bytes."""
        return Heads(chain(self._heads, (head for each in self._ahead for head in each.heads)))

    # -- small contents

    def _together(self) -> Group | None:
        """Begin small new contents of one format that come next; None where there are not two of them."""
        if not (first := self._queue.first(1)):
            return None
        item = self._planner.shared(first[0])
        if item is None or self._settings.sigma is not None:
            return None
        try:
            parser = parser_of(item, first[0], self._settings.of(first[0]))
        except WhosawError:
            return None  # what is wrong is said when its turn has come
        smalls = self._small_ones(item, parser)
        if len(smalls) < 2 or not self._planner.told_apart(
            smalls[0].content, item, [each.chunk.data for each in smalls]
        ):
            return None
        for _ in smalls:
            self._queue.popleft()
        files = Together(self._files)
        chunks = [each.chunk for each in smalls]
        made = self._pool.submit(self._maker.make_together, chunks, parser, item, files)
        return Group(item=item, smalls=tuple(smalls), made=made, files=files, stateful=parser.stateful)

    def _small_ones(self, item: FormatItem, parser: Parser) -> list[Small]:
        """The contents that come next, as long as they can be read together."""
        contents = self._queue.first(MOST)
        expected = [
            self._planner.shared(each) is item and self._planner.read_alike(contents[0], each)
            for each in contents
        ]
        del contents[expected.index(False) if False in expected else len(expected) :]
        smalls: list[Small] = []
        size, begun = 0, self._under_way()
        contents = contents[: self._planner.new_ones(contents)]
        self._opener.fetch_ahead(contents)
        for content in contents:
            try:
                small = read_small(content, self._opener, parser)
            except WhosawError:
                break
            if small is None or begun.alike(small.head):
                break
            smalls.append(small)
            begun.add(small.head)
            size += len(small.chunk.data)
            if size >= MOST_BYTES:
                break
        return smalls[: self._planner.begin_anew([each.chunk.data for each in smalls])]

    def _finish_together(self, group: Group) -> Iterator[ContentReport]:
        """Commit those that were read together, in order and up to the first that has to be read alone, and read that one."""
        self._heads, self._new = tuple(group.heads), True
        self._begin_more(group.under_way)
        try:
            made = group.made.result()
        except WhosawError:
            made = [None] * len(group.smalls)  # alone it is said of which content
        if group.stateful and not any(made):
            self._planner.apart(group.waiting[0].content, group.item)
        whole: list[tuple[Small, StoredSegment, Meaning]] = []
        for small, told in zip(group.waiting, made[group.first :], strict=True):
            if told is None or self._planner.shared(small.content) is not group.item:
                break
            whole.append((small, *told))
        if whole:
            group.files.land()
            yield from self._committed(group.item, whole)
        if len(whole) == len(group.waiting):
            return
        content = group.waiting[len(whole)].content
        if (left := group.behind(len(whole) + 1)).waiting:
            self._ahead.appendleft(left)
        self._progress.reading(content.name, content.size)
        yield self.read(content)
        self._progress.done(content.size)

    def _committed(
        self, item: FormatItem, whole: Sequence[tuple[Small, StoredSegment, Meaning]]
    ) -> Iterator[ContentReport]:
        """Commit contents that were read together, and say what became of each."""
        plans = [self._planner.plan_as(small.content, item, small.chunk.data) for small, _, _ in whole]
        new = [
            (plan.row, stored, _at_end(plan, stored.chunk.end, stored.chunk.prefix_digest, None))
            for plan, (_, stored, _) in zip(plans, whole, strict=True)
        ]
        numbers = self._commits.together(new)
        if self._ask_proof and logs_remote_user(item):
            parts = [stored.parsed.events for _, stored, _ in whole]
            starts = [0, *accumulate(part.num_rows for part in parts)]
            users = [self.users.setdefault(small.content.source, RemoteUsers()) for small, _, _ in whole]
            add_to_each(pa.concat_tables(parts).combine_chunks(), users, starts[:-1])
        self._shared_in(item, whole)
        for plan, number, (small, stored, says) in zip(plans, numbers, whole, strict=True):
            content, counts = small.content, Counts(item)
            counts.add(stored.chunk, stored.parsed, says)
            counts.check(content.name, small.chunk.lines)
            self._progress.reading(content.name, content.size)
            self._progress.advance(stored.chunk.end - stored.chunk.offset, stored.chunk.lines)
            yield self._report(plan, counts, number, None)
            self._progress.done(content.size)

    def _shared_in(self, item: FormatItem, whole: Sequence[tuple[Small, StoredSegment, Meaning]]) -> None:
        """Take in the addresses of contents that were read together, those of a source at once."""
        parts: dict[str, list[pa.Table]] = {}
        for small, stored, _ in whole:
            parts.setdefault(small.content.source, []).append(stored.parsed.events)
        for source, tables in parts.items():
            self._of_source(source, item).add(
                pa.concat_tables(tables, promote_options="default").unify_dictionaries()
            )

    def _of_source(self, source: str, item: FormatItem) -> SharedAddresses:
        self.formats[source] = item.id
        return self.shared.setdefault(source, SharedAddresses())

    def _finish(self, begun: _Begun) -> ContentReport:
        """Read on a content whose turn has come."""
        self._heads = (begun.plan.head,)
        with naming(begun.plan.content):
            try:
                return self._run(begun)
            finally:
                begun.opened.__exit__()

    # -- reading

    def _begin(self, plan: Plan, opened: Opened) -> _Begun:
        """The content of a plan, on its way through the workers."""
        parser = parser_of(plan.item, plan.content, self._settings.of(plan.content))
        chunks = opened.chunks() if opened.first is None else in_units(opened.chunks(), opened.first, parser)
        jobs = parsed_chunks(parser, chunks, plan.state, self._make_of(plan))
        made = Ahead(jobs, self._pool, self._workers)
        return _Begun(plan=plan, opened=opened, parser=parser, made=made)

    def _run(self, begun: _Begun) -> ContentReport:
        """Commit the segments of a content in order.

        The last one is journalled together with the end of the content: of many small files each is one transaction.
        """
        plan, counts = begun.plan, Counts(begun.plan.item)
        if self._ask_proof and plan.outcome != "grown" and logs_remote_user(plan.item):
            # of one that grew, what was refused before is not seen now
            counts.users = self.users.setdefault(plan.content.source, RemoteUsers())
        counts.shared = self._of_source(plan.content.source, plan.item)
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
        values = _at_end(plan, reader.size, reader.digest, fault)
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
            notes = (*notes, *notes_on(counts, zone_given=self._settings.of(plan.content).zone is not None))
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


def _at_end(plan: Plan, size: int, digest: str, fault: str | None) -> dict[str, Any]:
    """What the manifest says of a content whose end is reached."""
    stamp = stamp_of(plan.content)
    return {"size": size, "digest": digest, "fault": fault, "complete": True, "stamp": stamp}


def _fault(plan: Plan, fault: str | None, state: str | None) -> str | None:
    """What is wrong at the end of a content."""
    in_pieces = plan.item.kind == "delimited" or plan.item.wrapped in ("cri", "docker")
    if in_pieces and (open_lines := unfinished_lines(state)):
        unfinished = f"ends inside a record: its last {open_lines:,} lines gave no event"
        return f"{fault}; {unfinished}" if fault else unfinished
    return fault
