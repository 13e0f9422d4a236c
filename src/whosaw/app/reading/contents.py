"""Reads contents into segments, all in one way: what bytes they are, a plan, chunks, segments, and commits in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from whosaw.ingest.event_file import holds_rows
from whosaw.ingest.files.content import CHUNK_BYTES, Chunk, Content
from whosaw.ingest.files.reader import ContentReader
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.parser import Parsed, Parser
from whosaw.ingest.remote_users import RemoteUsers, add_to_each, logs_remote_user
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.store.files import Together
from whosaw.store.workspace import Workspace

from .chunks import Ahead, parsed_chunks
from .commit import Commits
from .content import HEAD_BYTES, Opened, Opener, head_of, stamp_of
from .formats import in_units, naming, parser_of, reads_as_document
from .plan import NothingNew, Plan, Planner
from .queue import Queue
from .runner import Elsewhere, Runner
from .segments import PlanAnewError, ReadAnewError, SegmentMaker, StoredSegment, WrittenSegment
from .through import Ended, Through
from .together import (
    MOST,
    MOST_BYTES,
    Group,
    GroupHere,
    GroupWork,
    Heads,
    OneOfGroup,
    Small,
    look_small,
    read_small,
)

__all__ = ["ContentReport", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A content on its way: its plan, and its segments as workers make them. Nothing of it need be in the journal yet."""

    plan: Plan
    opened: Opened
    parser: Parser
    made: Ahead[StoredSegment]
    through: Through
    make: Callable[[Chunk, Parsed], StoredSegment]

    @property
    def under_way(self) -> int:
        return self.made.under_way

    @property
    def heads(self) -> tuple[bytes, ...]:
        return (self.plan.head,)

    def segments(self, idle: Callable[[int], None]) -> Iterator[WrittenSegment]:
        return self.through.segments(self.made.results(idle), self.make)

    @property
    def ended(self) -> Ended:
        return self.through.ended(self.opened.reader)

    def close(self) -> None:
        self.opened.__exit__()


@dataclass(frozen=True, slots=True, kw_only=True)
class _BegunElsewhere:
    """The same of a content that the runner has."""

    plan: Plan
    reading: Elsewhere
    users: RemoteUsers | None
    shared: SharedAddresses
    by_head: bool = False  # planned as was expected of it

    @property
    def under_way(self) -> int:
        return 0 if self.reading.done else 1

    @property
    def heads(self) -> tuple[bytes, ...]:
        return (self.plan.head,)

    def segments(self, idle: Callable[[int], None]) -> Iterator[WrittenSegment]:
        return self.reading.segments(lambda: idle(self.under_way))

    @property
    def ended(self) -> Ended:
        if self.users is not None:
            for each in self.reading.users:
                self.users.take(each)
        for told in self.reading.shared:
            self.shared.take(told)
        return self.reading.ended

    def close(self) -> None:
        """Nothing of it is open here."""


class Reading:
    """Reads contents for one scan. `workers` chunks are parsed at once, of one content or of the next ones; what a `runner` takes is
    read elsewhere. Commits are made by the calling thread, content by content and chunk by chunk in order."""

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
        runner: Runner | None = None,
    ) -> None:
        self._settings, self._progress, self._workers = settings, progress, workers
        self._runner, self._vault = runner, workspace.vault
        self._opener = opener or Opener(chunk_bytes)
        self._planner = Planner(workspace, settings, scan, self._opener)
        self._maker = SegmentMaker(workspace.files, workspace.vault, settings)
        self._files = workspace.files
        self._commits = Commits(workspace, scan, settings.map.digest if settings.map else None)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="chunk")
        self._queue = Queue()
        self._ahead: deque[_Begun | _BegunElsewhere | Group] = deque()  # begun before their turn
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
                begun.work.discard()
            else:
                begun.close()
        self._opener.close()

    def read_all(self, contents: Iterable[Content]) -> Iterator[ContentReport]:
        """Read what is new of each content, in order."""
        self._queue = Queue(contents)
        self._planner.known.forget()
        while self._queue.first(1) or self._ahead:
            if not self._ahead and self._new and (group := self._together()) is not None:
                self._ahead.append(group)
            begun = self._ahead.popleft() if self._ahead else None
            if begun is None:
                self._planner.known.expect(self._queue)
            else:
                self._planner.known.forget()
            if isinstance(begun, Group):
                yield from self._finish_together(begun)
                continue
            content = begun.plan.content if begun else self._queue.popleft()
            self._progress.reading(content.name, content.size)
            report = self._finish(begun) if begun else self._unchanged(content)
            if report is None and (moved := self._planner.renamed([content, *self._queue.first(MOST)])):
                yield from self._renamed(moved)
                continue
            report = report or self._read(content)
            self._new = report.outcome == "read"
            yield report
            self._progress.done(content.size)

    def read(self, content: Content) -> ContentReport:
        """Read what is new of `content`."""
        return self._unchanged(content) or self._read(content)

    def _unchanged(self, content: Content) -> ContentReport | None:
        known = self._planner.unchanged(content)
        if known is None:
            return None
        return ContentReport(
            name=content.name,
            source=content.source,
            outcome="unchanged",
            content=known.id,
            format=known.format,
            time_only=known.confidence == 0,
            refused=self._planner.known.refused(known),
        )

    def _renamed(self, moved: Sequence[tuple[Content, dict[str, Any]]]) -> Iterator[ContentReport]:
        """Commit contents that are known and come next, the first of which is out of the queue, under their new names: rotation renames
        all logs of a folder at once."""
        for _ in moved[1:]:
            self._queue.popleft()
        for (content, _), report in zip(moved, self._commits.renamed(moved), strict=True):
            self._progress.reading(content.name, content.size)
            yield report
            self._progress.done(content.size)

    def _read(self, content: Content) -> ContentReport:
        self._planner.known.forget()  # of what follows anything may be committed
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
        """Begin contents to come, so that no worker waits for the end of this one; what is done and waits for its turn takes memory, so
        that no more is begun where that is as much again. One that cannot be begun safely waits for its turn, and so do those behind it."""
        most = self._workers if self._runner is None else max(self._workers, self._runner.most)
        while (
            self._queue.first(1)
            and len(self._ahead) <= 2 * most
            and under_way + sum(each.under_way for each in self._ahead) <= most
        ):
            if (group := self._together()) is not None:
                self._ahead.append(group)
                continue
            begun = self._begin_ahead(self._queue.first(1)[0])
            if begun is None:
                return
            self._queue.popleft()
            self._ahead.append(begun)

    def _begin_ahead(self, content: Content) -> _Begun | _BegunElsewhere | None:
        """Begin a content that is new for sure and whose chunks stand alone, or that is read elsewhere; None for any other."""
        if not self._planner.may_be_new(content) or (
            not self._elsewhere(content) and self._hangs_together(content)
        ):
            return None
        try:
            if (planned := self._by_head(content)) is not None:
                return planned
        except WhosawError:
            return None  # what is wrong is said when its turn has come
        opened = Opened(self._opener.open(content))
        begun: _Begun | _BegunElsewhere | None = None
        try:
            opened.__enter__()
        except WhosawError:
            return None  # what is wrong is said when its turn has come
        try:
            begun = self._alone(content, opened)
        except WhosawError:
            begun = None  # the same
        finally:
            if not isinstance(begun, _Begun):
                opened.__exit__()
        return begun

    def _elsewhere(self, content: Content) -> bool:
        return self._runner is not None and self._runner.takes(content)

    def _by_head(self, content: Content) -> _BegunElsewhere | None:
        """Begin a content that is read elsewhere without reading more of it here than its first bytes; None where that cannot be."""
        if not self._elsewhere(content) or self._planner.expected(content) is None or holds_rows(content):
            return None
        look = self._opener.look(content)
        if look is None or not look.head or self._under_way().alike(look.head):
            return None
        plan = self._planner.plan_by_head(look.content, look.head)
        return None if plan is None else self._begin_elsewhere(plan, None, in_ranges=look.in_ranges)

    def _hangs_together(self, content: Content) -> bool:
        """Whether the chunks of a content, as it is expected to be, cannot be parsed before their turn: it would be planned twice."""
        item = self._planner.expected(content)
        try:
            return item is not None and parser_of(item, content, self._settings.of(content)).stateful
        except WhosawError:
            return False  # what is wrong is said when it is looked at

    def _alone(self, content: Content, opened: Opened) -> _Begun | _BegunElsewhere | None:
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
        if isinstance(begun, _BegunElsewhere):
            return begun
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
            smalls[0].content, item, [each.chunk.data for each in smalls if each.chunk is not None]
        ):
            return None
        for _ in smalls:
            self._queue.popleft()
        work = self._work_on(smalls, parser, item)
        bare = tuple(each.bare for each in smalls)
        return Group(item=item, smalls=bare, work=work, stateful=parser.stateful)

    def _work_on(self, smalls: list[Small], parser: Parser, item: FormatItem) -> GroupWork:
        contents = [each.content for each in smalls]
        if self._runner is not None and all(map(self._runner.takes, contents)):
            named = [(each.content, head_of(each.head)) for each in smalls]
            return self._runner.begin_together(named, item, users=self._ask_proof and logs_remote_user(item))
        files = Together(self._files)
        chunks = [each.chunk for each in smalls if each.chunk is not None]
        made = self._pool.submit(self._maker.make_together, chunks, parser, item, files)
        return GroupHere(contents=contents, item=item, made=made, files=files, vault=self._vault)

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
        whole = not all(map(self._elsewhere, contents)) or not contents
        whole = whole or self._planner.asks_all(contents[0], item)
        take = read_small if whole else look_small
        for content in contents:
            try:
                small = take(content, self._opener, parser)
            except WhosawError:
                break
            if small is None or begun.alike(small.head):
                break
            smalls.append(small)
            begun.add(small.head)
            size += small.size
            if size >= MOST_BYTES:
                break
        return smalls[: self._planner.begin_anew([each.head for each in smalls])]

    def _finish_together(self, group: Group) -> Iterator[ContentReport]:
        """Commit those that were read together, in order and up to the first that has to be read alone, and read that one."""
        self._heads, self._new = tuple(group.heads), True
        made = group.work.each(lambda: self._begin_more(group.under_way))
        if group.stateful and not any(made):
            self._planner.apart(group.waiting[0].content, group.item)
        whole: list[tuple[Small, OneOfGroup]] = []
        for small, told in zip(group.waiting, made[group.first :], strict=True):
            if told is None or self._planner.shared(small.content) is not group.item:
                break
            whole.append((small, told))
        if whole:
            group.work.land()
            yield from self._committed(group.item, whole)
        if len(whole) == len(group.waiting):
            return
        content = group.waiting[len(whole)].content
        if (left := group.behind(len(whole) + 1)).waiting:
            self._ahead.appendleft(left)
        else:
            group.work.discard()  # where none was as expected, nothing of it got its name
        self._progress.reading(content.name, content.size)
        yield self.read(content)
        self._progress.done(content.size)

    def _committed(
        self, item: FormatItem, whole: Sequence[tuple[Small, OneOfGroup]]
    ) -> Iterator[ContentReport]:
        """Commit contents that were read together, and say what became of each."""
        plans = [self._planner.plan_as(small.content, item, small.head) for small, _ in whole]
        new = [
            (plan.row, one.segment, _at_end(plan, one.segment.end, one.segment.digest, None))
            for plan, (_, one) in zip(plans, whole, strict=True)
        ]
        numbers = self._commits.together(new)
        if self._ask_proof and logs_remote_user(item):
            self._add_users(whole)
        self._shared_in(item, whole)
        for plan, number, (small, one) in zip(plans, numbers, whole, strict=True):
            self._progress.reading(small.content.name, small.content.size)
            self._progress.advance(one.segment.end - one.segment.start, one.segment.lines)
            yield self._report(plan, one.counts, number, None)
            self._progress.done(small.content.size)

    def _add_users(self, whole: Sequence[tuple[Small, OneOfGroup]]) -> None:
        users = [self.users.setdefault(small.content.source, RemoteUsers()) for small, _ in whole]
        parts = [one.parsed.events for _, one in whole if one.parsed is not None]
        if parts:
            starts = [0, *accumulate(part.num_rows for part in parts)]
            add_to_each(pa.concat_tables(parts).combine_chunks(), users, starts[:-1])
        for known, (_, one) in zip(users, whole, strict=True):
            if one.users is not None:
                known.take(one.users)

    def _shared_in(self, item: FormatItem, whole: Sequence[tuple[Small, OneOfGroup]]) -> None:
        """Take in the addresses of contents that were read together, those of a source at once."""
        parts: dict[str, list[pa.Table]] = {}
        for small, one in whole:
            shared = self._of_source(small.content.source, item)
            if one.shared is not None:
                shared.take(one.shared)
            if one.parsed is not None:
                events = one.parsed.events
                asked = events.select([each for each in SharedAddresses.ASKED if each in events.column_names])
                parts.setdefault(small.content.source, []).append(asked)
        for source, tables in parts.items():
            joined = pa.concat_tables(tables, promote_options="default") if len(tables) > 1 else tables[0]
            self.shared[source].add(joined.unify_dictionaries())

    def _of_source(self, source: str, item: FormatItem) -> SharedAddresses:
        self.formats[source] = item.id
        return self.shared.setdefault(source, SharedAddresses())

    def _finish(self, begun: _Begun | _BegunElsewhere) -> ContentReport:
        """Read on a content whose turn has come."""
        self._heads = (begun.plan.head,)
        content, item = begun.plan.content, begun.plan.item
        with naming(content):
            try:
                by_head = isinstance(begun, _BegunElsewhere) and begun.by_head
                if not by_head or self._planner.expected(content) is item:
                    return self._run(begun)
            except PlanAnewError:
                pass
            finally:
                begun.close()
        return self.read(content)

    # -- reading

    def _begin(self, plan: Plan, opened: Opened) -> _Begun | _BegunElsewhere:
        """The content of a plan, on its way through the workers or to the runner."""
        if opened.first is not None and self._elsewhere(plan.content):
            in_ranges = isinstance(opened.reader, ContentReader) and opened.reader.in_ranges
            return self._begin_elsewhere(plan, opened.first, in_ranges=in_ranges)
        users, shared = self._users_of(plan), self._of_source(plan.content.source, plan.item)
        parser = parser_of(plan.item, plan.content, self._settings.of(plan.content))
        chunks = opened.chunks() if opened.first is None else in_units(opened.chunks(), opened.first, parser)
        make = partial(self._maker.make, format_name=plan.item.main_id)
        jobs = parsed_chunks(parser, chunks, plan.state, make)
        return _Begun(
            plan=plan,
            opened=opened,
            parser=parser,
            made=Ahead(jobs, self._pool, self._workers),
            through=Through(plan, self._vault, Counts(plan.item, users=users, shared=shared)),
            make=make,
        )

    def _begin_elsewhere(self, plan: Plan, first: Chunk | None, *, in_ranges: bool) -> _BegunElsewhere:
        """The content of a plan on its way to the runner. Without its `first` chunk it is planned by its first bytes."""
        assert self._runner is not None
        users = self._users_of(plan)
        parser = parser_of(plan.item, plan.content, self._settings.of(plan.content))
        cut = in_ranges and not parser.stateful
        cut = cut and (first is None or not reads_as_document(first.data, parser.documents))
        digest = None if first is None else first.prefix_digest
        return _BegunElsewhere(
            plan=plan,
            reading=self._runner.begin(plan, digest, users=users is not None, cut=cut),
            users=users,
            shared=self._of_source(plan.content.source, plan.item),
            by_head=first is None,
        )

    def _users_of(self, plan: Plan) -> RemoteUsers | None:
        # of one that grew, what was refused before is not seen now
        asked = self._ask_proof and plan.outcome != "grown" and logs_remote_user(plan.item)
        return self.users.setdefault(plan.content.source, RemoteUsers()) if asked else None

    def _run(self, begun: _Begun | _BegunElsewhere) -> ContentReport:
        """Commit the segments of a content in order.

        The last one is journalled together with the end of the content: of many small files each is one transaction.
        """
        plan = begun.plan
        known = plan.row if plan.known is None else plan.known
        last: WrittenSegment | None = None
        for segment in begun.segments(self._begin_more):
            self._progress.advance(segment.end - segment.start, segment.lines)
            if last is not None:
                known = self._commits.segment(known, last, last.reached)
            last = segment
        ended = begun.ended
        values = _at_end(plan, ended.size, ended.digest, ended.fault)
        number = self._commits.segment(known, last, values)
        return self._report(plan, ended.counts, number, ended.fault)

    # -- what is said of it

    def _report(self, plan: Plan, counts: Counts, number: int, fault: str | None) -> ContentReport:
        notes = (*plan.notes, fault) if fault else plan.notes
        grown = plan.outcome == "grown" and counts.refused and not self._commits.rejected(number)
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


def _at_end(plan: Plan, size: int, digest: str, fault: str | None) -> dict[str, Any]:
    """What the manifest says of a content whose end is reached."""
    stamp = stamp_of(plan.content)
    return {"size": size, "digest": digest, "fault": fault, "complete": True, "stamp": stamp}
