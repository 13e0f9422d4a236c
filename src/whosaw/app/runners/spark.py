"""Spark as a runner: contents are read by executors, in jobs of one task each, and told of in rows.

The driver plans, checks each file that was written against its name, and commits in order; it holds the rows of two jobs. Which
executor read what, how often and in what order makes no difference: equal tasks write equal files.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from whosaw.app.reading.content import head_of
from whosaw.app.reading.plan import Plan
from whosaw.app.reading.runner import Elsewhere
from whosaw.app.reading.segments import PlanAnewError, ReadAnewError, WrittenSegment, judged
from whosaw.app.reading.through import Ended
from whosaw.app.reading.together import GroupWork, OneOfGroup
from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import Counts
from whosaw.ingest.files.content import CHUNK_BYTES, Content
from whosaw.ingest.files.ranges import Cut
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.parser import LineLostError
from whosaw.ingest.remote_users import RemoteUsers
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.ingest.times.far import joined
from whosaw.store.vault_elsewhere import proof_of
from whosaw.store.workspace import DIGESTS_UNDER, Workspace

from .jobs import AT_ONCE, Jobs, Rows
from .session import Cluster
from .task import PARTS, ContentTask, CutTask, RangeTask, Seen, Setup, Task, TogetherTask, run_tasks
from .told import counts_of, cut_of, ended_of, error_of, segment_of, times_in
from .versions import versions
from .written import check_written

__all__ = ["SparkRunner", "open_runner"]

_CUT_FROM = 4  # chunks of a content, beyond which it is cut
_RANGE = 2  # chunks of one task
_NAMED = 3  # contents in a note

Wanted = TypeVar("Wanted", bound="_Work")


def open_runner(
    cluster: Cluster,
    workspace: Workspace,
    settings: ScanSettings,
    *,
    key_file: Path | None = None,
    chunk_bytes: int = CHUNK_BYTES,
) -> SparkRunner | None:
    """The runner of a cluster; None for the threads of this process."""
    if cluster.session is None:
        return None
    setup = Setup(
        root=workspace.root.resolve(),
        key_file=None if key_file is None else key_file.resolve(),
        mark=workspace.journal.setting(DIGESTS_UNDER),
        proof=proof_of(workspace.vault),
        erased=workspace.vault.erased.digests(),
        settings=settings,
        chunk_bytes=chunk_bytes,
        versions=versions(),
    )
    return SparkRunner(cluster, setup, workspace)


class SparkRunner:
    """Reads contents on the executors of a cluster."""

    def __init__(self, cluster: Cluster, setup: Setup, workspace: Workspace) -> None:
        self._setup = setup.packed()
        self.files, self.vault = workspace.files, workspace.vault
        self._chunk_bytes = setup.chunk_bytes
        self._jobs = Jobs(cluster)
        self._waiting: list[_Work] = []
        self._whole: list[tuple[int, str]] = []

    @property
    def most(self) -> int:
        return AT_ONCE * self._jobs.tasks

    def takes(self, content: Content) -> bool:
        # a member of an archive stands behind all others in it
        return content.lasting and content.member is None

    def begin(self, plan: Plan, first: str | None, *, users: bool, cut: bool) -> Elsewhere:
        # what quotes a line goes sealed or not at all
        bare = replace(plan, content=_absolute(plan.content), row={}, head=b"", state=None, times=None)
        seen = Seen(chunk=first, head=None if first is not None else head_of(plan.head))
        left = (plan.content.size or 0) - plan.start
        if cut and left > _CUT_FROM * self._chunk_bytes:
            work = self.wait(_Work(self, CutTask(plan=bare, seen=seen), plan.item))
            return _CutContent(self, work, bare, plan.times, users=users)
        if left > _CUT_FROM * self._chunk_bytes:
            self._whole.append((left, plan.content.name))
        state = self.vault.hand_on(joined(plan.times, plan.state))
        return self.wait(
            _ContentWork(self, ContentTask(plan=bare, seen=seen, state=state, users=users), plan.item)
        )

    @property
    def notes(self) -> Sequence[str]:
        """Which huge contents kept one task busy from start to end, the largest first."""
        if not self._whole:
            return ()
        named = [f"{name} ({size / 1e6:,.1f} MB)" for size, name in sorted(self._whole, reverse=True)]
        others = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
        why = "since what is packed, or has records over lines, cannot be cut"
        better = "logs that are rotated by size or hour are read by more at once"
        return (f"{', '.join(named[:_NAMED])}{others}: read by one task from start to end, {why}; {better}",)

    def begin_together(
        self, contents: Sequence[tuple[Content, tuple[str, int]]], item: FormatItem, *, users: bool
    ) -> GroupWork:
        named = tuple((_absolute(content), head) for content, head in contents)
        return self.wait(_GroupWork(self, TogetherTask(contents=named, item=item, users=users), item))

    def wait(self, work: Wanted) -> Wanted:
        """Have something done with the next job."""
        self._waiting.append(work)
        if len(self._waiting) >= self._jobs.tasks:
            self.send()
        return work

    def send(self) -> None:
        """Make one job of the tasks that wait for one."""
        works, self._waiting = self._waiting, []
        if works:
            job = self._jobs.begin(partial(self._run, [each.task for each in works]))
            for number, work in enumerate(works):
                work.job, work.number = job, number

    def _run(self, tasks: list[Task]) -> dict[int, Rows]:
        return self._jobs.rows(partial(run_tasks, self._setup, tasks), len(tasks))

    def close(self) -> None:
        """Leave the cluster to those who make days, unless executors are still at work: then it ends, where it is of its own."""
        self._jobs.close(keep=True)
        self.files.clear_parts_of(PARTS)


class _Work:
    """Something that executors are asked for."""

    def __init__(self, runner: SparkRunner, task: Task, item: FormatItem) -> None:
        self.task, self.number = task, 0
        self.job: Future[dict[int, Rows]] | None = None
        self._runner, self._item = runner, item

    @property
    def done(self) -> bool:
        return self.job is not None and self.job.done()

    def rows(self, idle: Callable[[], None]) -> Iterator[dict[str, Any]]:
        """What was told of it. Raises what a reading here would have raised."""
        idle()
        if self.job is None:
            self._runner.send()
        assert self.job is not None
        for row in self.job.result().pop(self.number):
            if row["kind"] == "error":
                raise error_of(row)
            if row["kind"] == "lost":
                raise LineLostError(row["message"])
            if row["kind"] == "anew":
                raise ReadAnewError
            if row["kind"] == "other":
                raise PlanAnewError
            yield row

    def checked(self, row: dict[str, Any]) -> WrittenSegment:
        """The segment of a row, each of whose files is there and holds what its name says."""
        segment = segment_of(row)
        check_written(self._runner.files, segment.files.values())
        return segment

    def users_of(self, row: dict[str, Any]) -> list[RemoteUsers]:
        texts = [self._runner.vault.open_text(each) for each in row["users"]]
        return [RemoteUsers.of_text(each) for each in texts if each is not None]

    def shared_of(self, row: dict[str, Any]) -> list[SharedAddresses]:
        texts = [self._runner.vault.open_text(each) for each in row["shared"]]
        return [SharedAddresses.of_text(each) for each in texts if each is not None]


class _ContentWork(_Work):
    def segments(self, idle: Callable[[], None]) -> Iterator[WrittenSegment]:
        for row in self.rows(idle):
            if row["kind"] == "segment":
                yield self.checked(row)
            else:
                self._end = row

    @property
    def ended(self) -> Ended:
        return ended_of(self._end, self._item)

    @property
    def users(self) -> Sequence[RemoteUsers]:
        return self.users_of(self._end)

    @property
    def shared(self) -> Sequence[SharedAddresses]:
        return self.shared_of(self._end)


class _CutContent:
    """A huge content: cut by one task and read by others, some of which are under way ahead of its turn."""

    def __init__(
        self, runner: SparkRunner, cut: _Work, plan: Plan, times: str | None, *, users: bool
    ) -> None:
        self._runner, self._cut, self._plan, self._times = runner, cut, plan, times
        self._asked, self._users = users, list[RemoteUsers]()
        self._counts, self._shared = Counts(plan.item), SharedAddresses()
        self._end: dict[str, Any] = {}

    @property
    def done(self) -> bool:
        return self._cut.done

    def segments(self, idle: Callable[[], None]) -> Iterator[WrittenSegment]:
        *rows, self._end = self._cut.rows(idle)
        cuts = [cut_of(row) for row in rows]
        pieces = (((cut, row), times_in(row["times"])) for cut, row in self._read(cuts, idle))
        for (_, row), times in judged(pieces, self._times, self._again):
            self._counts.take(counts_of(row["counts"], self._plan.item))
            seen = sum(each.looked_at for each in self._users)
            self._users += [each.behind(seen) for each in self._cut.users_of(row)]
            for each in self._cut.shared_of(row):
                self._shared.take(each)
            yield replace(self._cut.checked(row), state=self._runner.vault.seal_text(joined(times, None)))

    def _read(self, cuts: list[Cut], idle: Callable[[], None]) -> Iterator[tuple[Cut, dict[str, Any]]]:
        """What was told of each chunk, in order."""
        parts = (cuts[at : at + _RANGE] for at in range(0, len(cuts), _RANGE))
        ahead: deque[tuple[list[Cut], _Work]] = deque()
        for part in parts:
            ahead.append((part, self._work([(cut, (), ()) for cut in part])))
            if len(ahead) >= self._runner.most:
                yield from self._next(ahead, idle)
        while ahead:
            yield from self._next(ahead, idle)

    def _next(
        self, ahead: deque[tuple[list[Cut], _Work]], idle: Callable[[], None]
    ) -> Iterator[tuple[Cut, dict[str, Any]]]:
        part, work = ahead.popleft()
        return zip(part, work.rows(idle), strict=True)

    def _work(self, cuts: Sequence[tuple[Cut, tuple[int, ...], tuple[int, ...]]]) -> _Work:
        task = RangeTask(plan=self._plan, cuts=tuple(cuts), users=self._asked)
        return self._runner.wait(_Work(self._runner, task, self._plan.item))

    def _again(
        self, told: tuple[Cut, dict[str, Any]], far: Sequence[int], never: Sequence[int]
    ) -> tuple[Cut, dict[str, Any]]:
        cut, _ = told
        (row,) = self._work([(cut, tuple(far), tuple(never))]).rows(lambda: None)
        return cut, row

    @property
    def ended(self) -> Ended:
        if self._counts.lines:
            self._counts.check(self._plan.content.name, self._end["lines"] - self._counts.first_line + 1)
        told = {name: self._end[name] for name in ("size", "digest", "fault")}
        return Ended(counts=self._counts, **told)

    @property
    def users(self) -> Sequence[RemoteUsers]:
        return self._users

    @property
    def shared(self) -> Sequence[SharedAddresses]:
        return [self._shared]


class _GroupWork(_Work):
    _made: Sequence[OneOfGroup | None] | None = None

    def each(self, idle: Callable[[], None]) -> Sequence[OneOfGroup | None]:
        if self._made is None:  # who reads one of them alone asks again for those behind it
            self._made = self._each(idle)
        return self._made

    def _each(self, idle: Callable[[], None]) -> Sequence[OneOfGroup | None]:
        try:
            return [None if row["kind"] == "alone" else self._one(row) for row in self.rows(idle)]
        except WhosawError as fault:
            if fault.code.startswith(("runner.", "vault.")):
                raise
            assert isinstance(self.task, TogetherTask)
            return [None] * len(self.task.contents)  # alone it is said of which content

    def _one(self, row: dict[str, Any]) -> OneOfGroup:
        users, shared = self.users_of(row), self.shared_of(row)
        return OneOfGroup(
            segment=self.checked(row),
            counts=counts_of(row["counts"], self._item),
            users=users[0] if users else None,
            shared=shared[0] if shared else None,
        )

    def land(self) -> None:
        """They have their names already."""

    def discard(self) -> None:
        """None is without a name."""


def _absolute(content: Content) -> Content:
    return content if content.path is None else replace(content, path=Path(os.path.abspath(content.path)))
