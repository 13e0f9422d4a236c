"""What executors do: the same that a thread of a scan does, from the same bytes, into the same folder.

A task holds no key. An executor reads the key of the vault from where it is kept for it (`--key-file`, `WHOSAW_KEY_COMMAND` in its own
environment, or the workspace), and proves by a digest that it is the one of the workspace before it reads a line. A segment's files
are written beside the store and renamed, so that a second attempt, or two at once, leave the same bytes under the same names.
"""

from __future__ import annotations

import pickle
import traceback
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from whosaw.app.reading.chunks import parsed_chunks
from whosaw.app.reading.content import Opened, Opener, head_of
from whosaw.app.reading.formats import in_units, parser_of, picks, reads_as_document
from whosaw.app.reading.plan import Plan
from whosaw.app.reading.segments import PlanAnewError, ReadAnewError, SegmentMaker
from whosaw.app.reading.through import Through
from whosaw.app.reading.together import one_of_group, read_small
from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.content_report import Counts
from whosaw.ingest.files.content import Chunk, Content
from whosaw.ingest.files.ranges import Cut, OtherBytesError, chunk_of, cuts_of
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.parser import LineLostError
from whosaw.ingest.remote_users import RemoteUsers
from whosaw.ingest.shared_addresses import SharedAddresses
from whosaw.ingest.times.far import PieceTimes, parted, times_of, without
from whosaw.store.files import ContentStore, Together
from whosaw.store.vault_elsewhere import vault_elsewhere

from .spares import Spares
from .told import counts_told, cut_told, ended_told, error_told, line, segment_told, times_told
from .versions import check_versions, unpickled, versions

__all__ = [
    "PARTS",
    "WORKERS",
    "ContentTask",
    "CutTask",
    "RangeTask",
    "Seen",
    "Setup",
    "Task",
    "TogetherTask",
    "run_tasks",
]

PARTS = "part-runner-"
"""How the folders begin in which executors write what has no name yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What all tasks of a scan share. `mark` and `proof` name and prove the key of digests, and tell nothing of it; `erased` are keyed
    digests, by kind. Paths are absolute: they name the same on every machine."""

    root: Path
    key_file: Path | None
    mark: str | None
    proof: bytes
    erased: Mapping[str, tuple[bytes, ...]]
    settings: ScanSettings
    chunk_bytes: int
    versions: dict[str, str]

    def packed(self) -> bytes:
        return zlib.compress(pickle.dumps(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What who planned a content saw of it, which an executor must see as well: the digest up to the end of its first chunk; or that of its
    first bytes, and how many these are: then the executor says whether it is of the format that was expected."""

    chunk: str | None = None
    head: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTask:
    """One content to read as planned. `state` is what an earlier reading left for this one, handed on by the vault."""

    plan: Plan
    seen: Seen
    state: bytes | None
    users: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TogetherTask:
    """What is expected to be small contents of one format, to read together; each with the digest of its first bytes, and how many these
    are."""

    contents: tuple[tuple[Content, tuple[str, int]], ...]
    item: FormatItem
    users: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CutTask:
    """One huge content to be cut: where each chunk lies, from where the plan begins."""

    plan: Plan
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeTask:
    """Some chunks of a content that was cut, each with rows of its events that are no events: far from their neighbours, or without a
    time."""

    plan: Plan
    cuts: tuple[tuple[Cut, tuple[int, ...], tuple[int, ...]], ...]
    users: bool


Task = ContentTask | TogetherTask | CutTask | RangeTask


def run_tasks(
    setup: bytes, tasks: Sequence[Task], batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """For each number in the column `id`, the task of that number: its rows (number, what is told of it)."""
    for batch in batches:
        for number in batch.column("id").to_pylist():
            for told in _masked(setup, tasks[number]):
                yield pa.RecordBatch.from_pydict(
                    {"id": pa.array([number], pa.int64()), "told": pa.array([told], pa.string())}
                )


def _masked(setup: bytes, task: Task) -> Iterator[str]:
    """What is told of a task. What a person can mend is told; what a second try may mend is raised, without a word of any line."""
    try:
        with WORKERS.taken(setup) as worker:
            yield from worker.told(task)
    except ReadAnewError:
        yield line("anew", {})
    except PlanAnewError:
        yield line("other", {})
    except LineLostError as fault:
        yield line("lost", {"message": str(fault)})
    except WhosawError as fault:
        yield line("error", error_told(fault))
    except Exception as fault:  # noqa: BLE001  # Spark tries again; what any library says may quote a line
        last = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        raise RuntimeError(f"whosaw: {type(fault).__name__} at {where}") from None


def _worker(setup: bytes) -> _Worker:
    """A worker for a scan: keys, settings and an engine."""
    read: Setup = unpickled(zlib.decompress(setup))
    check_versions(read.versions, versions())
    return _Worker(read)


class _Worker:
    """Reads contents on an executor."""

    def __init__(self, setup: Setup) -> None:
        pa.set_cpu_count(1)  # a task has one core
        self._settings = setup.settings
        self.vault = vault_elsewhere(
            setup.root, setup.key_file, mark=setup.mark, proof=setup.proof, erased=setup.erased
        )
        self._files = ContentStore.of(setup.root, parts=f"{PARTS}{uuid.uuid4().hex}")
        self._maker = SegmentMaker(self._files, self.vault, setup.settings)
        self._opener = Opener(setup.chunk_bytes)

    def close(self) -> None:
        self._opener.close()

    def told(self, task: Task) -> Iterator[str]:
        if isinstance(task, ContentTask):
            return self._content(task)
        if isinstance(task, TogetherTask):
            return self._together(task)
        return self._cut(task) if isinstance(task, CutTask) else self._ranges(task)

    def _content(self, task: ContentTask) -> Iterator[str]:
        times, state = parted(self.vault.handed(task.state))
        plan = replace(task.plan, times=times, state=state)
        users: list[RemoteUsers] = []
        with Opened(self._opener.open(plan.content, plan.start, plan.line)) as opened:
            first = self._first(opened, plan, task.seen)
            parser = parser_of(plan.item, plan.content, self._settings.of(plan.content))
            chunks = in_units(opened.chunks(), first, parser)
            make = partial(self._maker.make, format_name=plan.item.main_id)
            jobs = parsed_chunks(parser, chunks, plan.state, make)
            through = Through(plan, self.vault, _counts(plan.item, users=task.users))
            for segment in through.segments((job() for job in jobs), make):
                if (names := through.counts.users) is not None:
                    users.append(names.behind(sum(each.looked_at for each in users)))
                    through.counts.users = RemoteUsers()
                yield line("segment", segment_told(segment))
            told = {"users": self._sealed(users), "shared": self._shared(through.counts)}
            yield line("end", {**ended_told(through.ended(opened.reader)), **told})

    def _cut(self, task: CutTask) -> Iterator[str]:
        plan = task.plan
        with Opened(self._opener.open(plan.content, plan.start, plan.line)) as opened:
            first = self._first(opened, plan, task.seen)
            if task.seen.head is not None:
                parser = parser_of(plan.item, plan.content, self._settings.of(plan.content))
                if reads_as_document(first.data, parser.documents):
                    raise PlanAnewError
            for cut in cuts_of(opened.chunks()):
                yield line("cut", cut_told(cut))
            reader = opened.reader
            end = {"size": reader.size, "digest": reader.digest, "fault": reader.fault, "lines": reader.lines}
            yield line("end", end)

    def _first(self, opened: Opened, plan: Plan, seen: Seen) -> Chunk:
        """The first chunk. Raises `WhosawError` where it is not what was seen, and `PlanAnewError` where not all of what it was planned by was
        seen, and it would be planned otherwise."""
        first, content = opened.first, plan.content
        if seen.head is None:
            if first is None or first.prefix_digest != seen.chunk:
                raise _other_bytes(content)
            return first
        alike = first is not None and opened.unreadable is None and head_of(first.data) == seen.head
        if first is None or not alike or _shorter(content):
            raise PlanAnewError
        if not picks(content, opened.sample, self._settings.of(content), plan.item):
            raise PlanAnewError
        return first

    def _ranges(self, task: RangeTask) -> Iterator[str]:
        plan = task.plan
        parser = parser_of(plan.item, plan.content, self._settings.of(plan.content))
        for cut, far, never in task.cuts:
            try:
                chunk = chunk_of(plan.content, cut, self._opener.cursors)
            except OtherBytesError:
                raise _other_bytes(plan.content) from None
            parsed = parser.parse(chunk, None).check(chunk)
            if far or never:
                parsed = without(parsed, far, never).check(chunk)
            stored = self._maker.make(chunk, parsed, format_name=plan.item.main_id)
            counts = _counts(plan.item, users=task.users)
            counts.add(chunk, parsed)
            told = {
                "times": times_told(PieceTimes.of(times_of(parsed))),
                "counts": counts_told(counts, fields=chunk.offset == plan.start),
                "users": self._sealed([] if counts.users is None else [counts.users]),
                "shared": self._shared(counts),
            }
            yield line("segment", {**segment_told(stored.written(self.vault)), **told})

    def _together(self, task: TogetherTask) -> Iterator[str]:
        every = [content for content, _ in task.contents]
        chunks: dict[int, Chunk] = {}
        parser = parser_of(task.item, every[0], self._settings.of(every[0]))
        self._opener.fetch_ahead(every)
        for number, (content, head) in enumerate(task.contents):
            small = None if _shorter(content) else read_small(content, self._opener, parser)
            if small is not None and small.chunk is not None and head_of(small.head) == head:
                chunks[number] = small.chunk
        files = Together(self._files)
        try:
            of_all = self._maker.make_together([*chunks.values()], parser, task.item, files) if chunks else []
            files.land()
        finally:
            files.discard()
        made = dict(zip(chunks, of_all, strict=True))
        for number, content in enumerate(every):
            each = made.get(number)
            if each is None:
                yield line("alone", {})
                continue
            one = one_of_group(*each, content, task.item, self.vault)
            users, shared = RemoteUsers(), SharedAddresses()
            if one.parsed is not None:
                shared.add(one.parsed.events)
                if task.users:
                    users.add(one.parsed.events)
            told = {
                "counts": counts_told(one.counts),
                "users": self._sealed([users] if task.users else []),
                "shared": self._sealed([shared]),
            }
            yield line("one", {**segment_told(one.segment), **told})

    def _sealed(self, told: Sequence[RemoteUsers | SharedAddresses]) -> list[str | None]:
        return [self.vault.seal_text(each.text()) for each in told]

    def _shared(self, counts: Counts) -> list[str | None]:
        return self._sealed([] if counts.shared is None else [counts.shared])


WORKERS = Spares(_worker, _Worker.close)


def _counts(item: FormatItem, *, users: bool) -> Counts:
    return Counts(item, users=RemoteUsers() if users else None, shared=SharedAddresses())


def _shorter(content: Content) -> bool:
    """Whether a file has fewer bytes here than where it was listed, or is not here."""
    try:
        return content.path is not None and content.path.stat().st_size < (content.size or 0)
    except OSError:
        return True


def _other_bytes(content: Content) -> WhosawError:
    return WhosawError(
        "runner.other-bytes",
        f"{content.name}: an executor reads other bytes there than this machine",
        hint="Logs must lie where all machines see them under one path, or in an object store, and stay as they are meanwhile",
    )
