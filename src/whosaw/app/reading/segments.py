"""Parsed chunks as segments whose files stand in the workspace, before the journal knows of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from whosaw.actors.sigma.rules_in_force import rule_files
from whosaw.app.settings import ScanSettings
from whosaw.core.errors import WhosawError
from whosaw.ingest.behind import without_behind
from whosaw.ingest.files.content import Chunk
from whosaw.ingest.format_choice import choose_format
from whosaw.ingest.format_item import FormatItem
from whosaw.ingest.lines import line_starts, lines_of
from whosaw.ingest.meaning import Meaning, meanings_of
from whosaw.ingest.parser import LineLostError, Parsed, Parser
from whosaw.ingest.times.far import FarTimes, PieceTimes, Snapshot, joined, times_of, without
from whosaw.mapping.apply import Mapper
from whosaw.mapping.caller import with_callers
from whosaw.mapping.reject_text import RejectTexts
from whosaw.mapping.twins import key_texts
from whosaw.store.files import ContentStore, Together
from whosaw.store.repeats import hash_events
from whosaw.store.segment import Mapped, SegmentDraft, SegmentTables, build_segment
from whosaw.store.sql import Session, thread_session
from whosaw.store.vault import Vault

__all__ = [
    "PlanAnewError",
    "ReadAnewError",
    "SegmentMaker",
    "StoredSegment",
    "WrittenSegment",
    "judged",
    "settled",
]


Made = TypeVar("Made")


class ReadAnewError(Exception):
    """What was read before is to be judged otherwise by what came since."""


class PlanAnewError(Exception):
    """A content that was planned by its first bytes is not what was expected of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSegment:
    """All that the journal is told of a segment whose files stand in the workspace: where its chunk lies, counts, and the names of its
    files by kind; no line and no event. `comments` and `continued` count lines (records, of a `document`) that are neither event nor
    reject. `state` is what the reading that goes on behind it must know, sealed."""

    start: int
    end: int
    first_line: int
    lines: int
    comments: int
    continued: int
    document: bool
    terminated: bool
    digest: str
    draft: SegmentDraft
    files: dict[str, str]
    state: str | None

    @property
    def reached(self) -> dict[str, Any]:
        """How far the content is read with it, as the manifest says it."""
        return {"size": self.end, "digest": self.digest}

    def row(self, content: int, *, map_digest: str | None) -> dict[str, Any]:
        """Its row in the manifest. Raises `LineLostError` where its tables do not hold every line of the chunk."""
        kept = self.draft.events + self.draft.rejects + self.comments + self.continued
        if kept != self.lines:
            raise LineLostError(
                f"a segment keeps {kept:,} of the {self.lines:,} lines from line {self.first_line:,} on"
            )
        return {
            "content": content,
            "start": self.start,
            "end": self.end,
            "first_line": self.first_line,
            "lines": self.lines,
            "comments": self.comments,
            "continued": self.continued,
            "terminated": self.terminated and not self.document,
            "digest": self.digest,
            "map": map_digest,
            "state": self.state,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSegment:
    """One chunk, what was parsed of it, and its segment with the names of its files by kind."""

    chunk: Chunk
    parsed: Parsed
    draft: SegmentDraft
    files: dict[str, str]
    times: str | None = None  # what is known of the times up to its end, for the reading that goes on there

    def written(self, vault: Vault) -> WrittenSegment:
        """What the journal is told of it."""
        chunk, parsed = self.chunk, self.parsed
        return WrittenSegment(
            start=chunk.offset,
            end=chunk.end,
            first_line=chunk.first_line,
            lines=chunk.lines if parsed.records is None else parsed.records,
            comments=parsed.comments,
            continued=parsed.continued,
            document=parsed.records is not None,
            terminated=chunk.terminated,
            digest=chunk.prefix_digest,
            draft=replace(self.draft, files={}),
            files=self.files,
            state=vault.seal_text(joined(self.times, parsed.state)),
        )


class SegmentMaker:
    """Makes segments: maps events, numbers who they name, and writes the files. For several threads at once."""

    def __init__(self, files: ContentStore, vault: Vault, settings: ScanSettings) -> None:
        self._files, self._vault, self._settings = files, vault, settings
        self._mapper = Mapper(settings.map) if settings.map is not None else None
        self._reject_texts = RejectTexts(settings.map.routes) if settings.map is not None else None
        self._unproven = () if settings.map is None or settings.map.proven else ("principal",)
        self._twins = () if settings.map is None else settings.map.twins

    def make(self, chunk: Chunk, parsed: Parsed, *, format_name: str) -> StoredSegment:
        """The segment of one chunk."""
        session = thread_session()
        events, mapped = self._mapped(parsed.events, session)
        by_line = parsed.records is None and chunk.rows is None
        lines = lines_of(chunk.data) if by_line else pa.array([], pa.large_binary())
        draft = build_segment(
            events,
            parsed.rejects,
            lines,
            chunk.first_line,
            mapped,
            self._vault,
            hash_events(events, lines, chunk.first_line, session),
            without=self._unproven,
            harmless=self._harmless(chunk, parsed)
            if by_line and not without_behind(format_name).startswith("docker:")
            else None,
            keys=key_texts(events, self._twins, session),
        )
        if (rules := self._settings.sigma) is not None:
            more = rule_files(
                rules, events, format_name, session, self._vault, guessed=self._guessed(format_name)
            )
            draft = replace(draft, files={**draft.files, **more})
        return StoredSegment(chunk=chunk, parsed=parsed, draft=draft, files=draft.store(self._files))

    def _guessed(self, format_name: str) -> bool:
        """Whether a format looks for columns that its log may not have: by common names, or by a header."""
        try:
            item = choose_format(format_name, self._settings.formats)
        except WhosawError:
            return False
        return item.generic or item.kind == "delimited" or bool(item.table.get("guessed"))

    def make_together(
        self, chunks: Sequence[Chunk], parser: Parser, item: FormatItem, files: Together
    ) -> list[tuple[StoredSegment, Meaning] | None]:
        """The segment of each content that is one chunk of whole lines, with what its events say; None where not every line of it
        was understood. Their text is parsed and mapped as one; each segment is the one that `make` makes."""
        text = b"".join(chunk.data for chunk in chunks)
        starts = np.cumsum([1, *(chunk.lines for chunk in chunks)])
        whole = replace(
            chunks[0], data=text, offset=0, end=len(text), lines=int(starts[-1] - 1), prefix_digest=""
        )
        parsed = parser.parse(whole).check(whole)
        if parsed.records is not None or parsed.continued or parsed.state != _at_start(parser, whole):
            return [None] * len(chunks)  # what belongs to which of them cannot be told
        session, lines = thread_session(), lines_of(text)
        events, mapped = self._mapped(parsed.events, session)
        times = times_of(parsed)
        at = np.searchsorted(events["line"].to_numpy(), starts)
        says = meanings_of(parsed.events, item, at.tolist())
        tables = SegmentTables(
            _plain(events),
            mapped,
            self._vault,
            hash_events(events, lines, 1, session),
            at,
            without=self._unproven,
            keys=key_texts(events, self._twins, session),
        )
        rejected = set(np.searchsorted(starts, parsed.rejects["line"].to_numpy(), side="right").tolist())
        nothing = parsed.rejects.slice(0, 0)
        made: list[tuple[StoredSegment, Meaning] | None] = []
        for number, chunk in enumerate(chunks):
            first, end = int(at[number]), int(at[number + 1])
            far = FarTimes()
            behind = far.take(0, times[first:end])
            far.end()
            own = says[number]
            if number + 1 in rejected or first == end or own.understood < end - first or far.far or far.never:
                made.append(None)
                continue
            before = int(starts[number]) - chunk.first_line
            draft = tables.draft(
                number,
                nothing,
                lines.slice(int(starts[number]) - 1, chunk.lines),
                chunk.first_line,
                lines_before=before,
            )
            of_it = Parsed(
                events=events.slice(first, end - first),
                rejects=nothing,
                comments=chunk.lines - (end - first),
                state=parsed.state,
            )
            stored = StoredSegment(
                chunk=chunk, parsed=of_it, draft=draft, files=draft.store(files), times=behind.text(far.far)
            )
            made.append((stored, own))
        return made

    def _mapped(self, events: pa.Table, session: Session) -> tuple[pa.Table, Mapped]:
        """The events with those who called, and what the map says of them."""
        data_map = self._settings.map
        mapped = (
            Mapped.of_no_map(events.num_rows) if self._mapper is None else self._mapper.apply(events, session)
        )
        if data_map is not None and (caller := data_map.caller) is not None:
            events = with_callers(events, caller, session)
        return events, mapped

    def _harmless(self, chunk: Chunk, parsed: Parsed) -> npt.NDArray[np.int64] | None:
        """The rejects that surely hold no view; of lines that may belong to records of several it cannot be told."""
        if self._reject_texts is None or not parsed.rejects.num_rows or parsed.continued:
            return None
        told = parsed.rejects["line"].to_numpy()
        rejects = np.setdiff1d(told, np.array(chunk.oversized_lines, np.int64)) - chunk.first_line
        events = parsed.events["line"].to_numpy() - chunk.first_line
        found = self._reject_texts.harmless(chunk.data, line_starts(chunk.data), events, rejects)
        return found + chunk.first_line


def _at_start(parser: Parser, chunk: Chunk) -> str | None:
    """What a parser carries on that has read no line. Who carries on the same behind a text, without a record that goes over
    lines, would have read each part of it alike alone."""
    nothing = replace(chunk, data=b"", end=0, lines=0)
    return parser.parse(nothing).state if parser.stateful else None


def _plain(events: pa.Table) -> pa.Table:
    """The events with texts for codes: a few rows of them need not carry all texts along."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in events.columns
    ]
    return pa.table(columns, names=events.column_names).combine_chunks()


def settled(
    made: Iterable[StoredSegment], known: str | None, make: Callable[[Chunk, Parsed], StoredSegment]
) -> Iterator[StoredSegment]:
    """The segments without events whose times are far from their neighbours: those are rejects, and their segment is made
    again. Raises `ReadAnewError` where an earlier reading, whose times were `known`, judged otherwise."""

    def again(stored: StoredSegment, far: Sequence[int], never: Sequence[int]) -> StoredSegment:
        parsed = without(stored.parsed, far, never)
        return make(stored.chunk, parsed.check(stored.chunk))

    pieces = ((stored, PieceTimes.of(times_of(stored.parsed))) for stored in made)
    for stored, times in judged(pieces, known, again):
        yield replace(stored, times=times)


def judged(
    pieces: Iterable[tuple[Made, PieceTimes]],
    known: str | None,
    again: Callable[[Made, Sequence[int], Sequence[int]], Made],
) -> Iterator[tuple[Made, str]]:
    """Pieces of a content with what is known of the times up to their ends; one with far times, or such that are none, is made `again`
    without these rows. A piece waits until it is clear what comes behind it. Raises `ReadAnewError` where an earlier reading, whose
    times were `known`, judged otherwise."""
    far, held, first = FarTimes(known), deque[tuple[Made, Snapshot]](), 0

    def told(made: Made, behind: Snapshot, piece: int) -> tuple[Made, str]:
        if piece in far.far or piece in far.never:
            made = again(made, far.far.get(piece, ()), far.never.get(piece, ()))
        return made, behind.text(far.far)

    for piece, (made, times) in enumerate(pieces):
        held.append((made, far.take_in(piece, times)))
        if far.revised:
            raise ReadAnewError
        while held and (far.open_from is None or first < far.open_from):
            yield told(*held.popleft(), first)
            first += 1
    far.end()
    if far.revised:
        raise ReadAnewError
    while held:
        yield told(*held.popleft(), first)
        first += 1
